package web

import (
	"bytes"
	"fmt"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"creditbank/internal/bank"
	"creditbank/internal/sheet"
)

// The good rows of a faulty roster are taken in; the bad ones come back as a workbook
// with the reasons, are mended there, and go up alone. Both languages read the same.
func TestBadRowsGoUpAgain(t *testing.T) {
	heads := map[string]string{"zh-CN": "学号,学生姓名,性别\n", "en": "student id,name,gender\n"}
	for tag, reason := range map[string]string{"zh-CN": "不在可选范围内：男、女、其他", "en": "is none of: male, female, other"} {
		roster := filepath.Join(t.TempDir(), "roster.csv")
		if err := os.WriteFile(roster, []byte(heads[tag]+"011,示例一,男\n012,示例二,甲\n013,示例三,女\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		s, base := doors(t)
		s.schoolLearners()
		rosa := s.staff("rosa", registrar)
		p := viewer(t, 390, tag, false)
		rosa.takes(p, base)
		bring := func(path string) {
			t.Helper()
			p.Open(base + "/imports")
			p.Upload("#file", path)
			p.Follow(`form[action="/imports"] .main`)
			settled(t, p, base)
		}
		bring(roster)
		expect(t, p, "main", reason)
		var link string
		p.Eval(`document.querySelector('a[href$="/refused.xlsx"]').getAttribute("href")`, &link)
		p.Follow(`form[action$="/commit"] .button`) // the good ones
		settled(t, p, base)
		answer := rosa.ask("GET", link, nil, "Accept-Language", tag)
		mended := filepath.Join(t.TempDir(), "mended.xlsx")
		if err := os.WriteFile(mended, mend(t, answer, "甲", "男"), 0o600); err != nil {
			t.Fatal(err)
		}
		bring(mended)
		p.Follow(`form[action$="/commit"] .main`)
		settled(t, p, base)
		for _, account := range []string{"011", "012", "013"} {
			if l, err := s.bank.ViewLearner(t.Context(), operator, account); err != nil || l.Institution != yunfan {
				t.Errorf("%s: %s is %+v %v", tag, account, l, err)
			}
		}
		untold := looksWrong(p.Text("main"))
		if untold != "" {
			t.Errorf("%s: the page says %s", tag, untold)
		}
	}
}

// looksWrong finds a key that has no sentence.
func looksWrong(text string) string {
	if at := strings.Index(text, "import."); at >= 0 {
		return text[at:min(len(text), at+30)]
	}
	return ""
}

// mend reads refused rows, wants one of them with its reason, and writes it with one cell
// put right and the rest as it came.
func mend(t *testing.T, answer *httptest.ResponseRecorder, wrong, right string) []byte {
	t.Helper()
	rows := tableOf(t, answer.Body.Bytes())
	if len(rows) != 2 || !slices.Contains(rows[1], wrong) {
		t.Fatalf("%d: the refused rows are %v", answer.Code, rows)
	}
	rows[1][slices.Index(rows[1], wrong)] = right
	var file bytes.Buffer
	w, err := sheet.NewWorkbookWriter(&file)
	for _, row := range rows {
		if err == nil {
			err = w.Write(row)
		}
	}
	if err == nil {
		err = w.Flush()
	}
	if err != nil {
		t.Fatal(err)
	}
	return file.Bytes()
}

// Work on a file is cancelled on its page: nothing of it is written, the page says so,
// and the file can be tried again.
func TestImportIsCancelled(t *testing.T) {
	s := newSite(t)
	rosa := s.staff("rosa", registrar)
	var rows strings.Builder
	rows.WriteString("account,name\n")
	for i := range 60_000 {
		fmt.Fprintf(&rows, "Q%05d,示例\n", i)
	}
	w := rosa.sendsFile("/imports", map[string]string{"kind": "learners"}, "file", "roster.csv", []byte(rows.String()))
	page := w.Header().Get("Location")
	if w.Code != 303 {
		t.Fatalf("%d %s", w.Code, insideMain(w.Body.String()))
	}
	if body := insideMain(rosa.get(page).Body.String()); !strings.Contains(body, page+"/cancel") {
		t.Fatalf("there is nothing to cancel: %s", body)
	}
	wants(t, rosa.post(page+"/cancel"), 303, page)
	body := ""
	for range 200 {
		if body = mainOf(rosa.get(page).Body.String()); strings.Contains(body, "已取消") {
			break
		}
		time.Sleep(50 * time.Millisecond)
	}
	if !strings.Contains(body, "已取消") {
		t.Fatalf("the page says %s", body)
	}
	if _, err := s.bank.ViewLearner(t.Context(), operator, "Q00000"); bank.CodeOf(err) != bank.NotFound {
		t.Errorf("after cancelling: %v", err)
	}
}
