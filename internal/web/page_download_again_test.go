package web

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"creditbank/internal/bank"
	"creditbank/internal/intake"
)

// A list whose columns are those of a kind of file goes in again without a change, in
// either format and with the names of either language, whatever stands in it.
func TestListsGoInAgain(t *testing.T) {
	onBothDatabases(t, func(t *testing.T, s *site) {
		fill(t, s.bank, "courses", "institution,code,name,credits,category,outline,valid_from,valid_to\n"+
			yunfan+",=1+1,\"'@SUM(A1);\"\"名\"\"\",2.5,-x,\"行一\n行二\",2020-09-01,2023-08-31\n"+yunfan+",=1+1,𠮷课,3,,,2023-09-01,\n")
		fill(t, s.bank, "holidays", "day,kind,name\n2026-10-01,off,=国庆\n2026-10-10,work,调休\n")
		fill(t, s.bank, "records", "learner,reference,institution,course,grade,completed_on,term\nL1,=R9,"+yunfan+",M,88,2026-06-25,+1\n")
		rosa, anna, own := s.staff("rosa", registrar), s.staff("anna", administrator), s.signedInLearner("L1", "own.learner")
		for _, list := range []struct {
			in         *guest
			page, kind string
		}{
			{rosa, "/school/courses?list=courses", "courses"}, {rosa, "/institutions/" + yunfan + "?list=courses", "courses"}, {rosa, "/school/programmes?list=programmes", "programmes"},
			{rosa, "/institutions/" + yuntu + "?list=programmes", "programmes"}, {s.guest(), "/programmes/" + yuntu + ":510203?list=plans", "plans"}, {s.guest(), "/map?list=equivalences", "equivalences"},
			{s.guest(), "/courses/" + yunfan + ":M?list=takes", "equivalences"}, {s.guest(), pairAddress(yunfan, yuntu) + "?list=there", "equivalences"},
			{own, "/my?list=records", "records"}, {anna, "/admin/learners/L1?list=records", "records"}, {anna, "/admin/calendar?list=holidays", "holidays"},
		} {
			for format, tag := range map[string]string{"csv": "zh-CN", "xlsx": "en"} {
				answer := list.in.ask("GET", list.page+"&format="+format, nil, "Accept-Language", tag)
				file, err := intake.Open(bytes.NewReader(answer.Body.Bytes()), list.kind, "")
				if err != nil {
					t.Errorf("%s as %s: %d %v", list.page, format, answer.Code, err)
					continue
				}
				r, err := s.bank.Import(context.Background(), operator, bank.Import{Kind: list.kind, Header: file.Header(), Rows: file.Rows(), Publish: true})
				if err != nil || r.Rows == 0 || r.Unchanged != r.Rows || r.Written {
					t.Errorf("%s as %s: %d rows, %d unchanged, %+v %v", list.page, format, r.Rows, r.Unchanged, r.Errors, err)
				}
				_ = file.Close()
			}
		}
	})
}

// Who takes a learner's list along is noted as who looked, and what is masked on the page
// is masked in the file.
func TestFilesOfLearnersAreNoted(t *testing.T) {
	s := newSite(t)
	fill(t, s.bank, "learners", "account,name,id_type,id_number,institution\nLN,王样本,other,X1234567890,"+yunfan+"\n")
	fill(t, s.bank, "records", "learner,reference,institution,course,grade,completed_on\nLN,RN,"+yunfan+",M,88,2026-06-25\n")
	rosa, rita := s.staff("rosa", registrar), s.staff("rita", registrar)
	looks := func() int {
		page, err := s.bank.Looks(t.Context(), operator, "LN", bank.Window{})
		if err != nil {
			t.Fatal(err)
		}
		return page.Total
	}
	rosa.get("/school/learners/LN")
	shown := looks()
	rita.get("/school/learners/LN?list=records&format=csv") // a second look of one person is noted once
	if taken := looks() - shown; shown == 0 || taken != shown {
		t.Errorf("%d looks are noted of the page, %d of the file", shown, taken)
	}
	rows := tableOf(t, rosa.get("/school/learners?format=csv").Body.Bytes())
	if len(rows) != 2 || rows[1][0] != "LN" || bytes.Contains([]byte(rows[1][2]), []byte("X1234567890")) {
		t.Errorf("the file of learners is %v", rows)
	}
	var many strings.Builder
	for i := range bank.FileLimit + 100 { // more than is read at once
		fmt.Fprintf(&many, "M%05d,同名,%s\n", i, yunfan)
	}
	fill(t, s.bank, "learners", "account,name,institution\n"+many.String())
	rows = tableOf(t, rosa.get("/school/learners?format=csv").Body.Bytes())
	accounts := map[string]bool{}
	for _, row := range rows[1:] {
		accounts[row[0]] = true
	}
	if len(rows) != bank.FileLimit+102 || len(accounts) != bank.FileLimit+101 {
		t.Errorf("%d rows of %d learners", len(rows), len(accounts))
	}
}

// Rows go from who reads to who sends in their order and once; whoever reads hears that
// nobody sends any more, and a panic of theirs is that of the request.
func TestRowsWaitToBeSent(t *testing.T) {
	reads := func(put func(*spool) error) *spool {
		s := newSpool(&pageAnswer{header: http.Header{"X-Page": {"1"}}})
		go func() {
			var err error
			defer func() { s.end(err, recover()) }()
			err = put(s)
		}()
		return s
	}
	many := func(s *spool) (err error) {
		for i := 0; i < 3*spoolRows+1 && err == nil; i++ {
			err = s.put("list", []string{strconv.Itoa(i), ""})
		}
		return err
	}
	got := 0
	err := reads(many).each(func(header http.Header, name string, cells []string) error {
		if name != "list" || header.Get("X-Page") != "1" || len(cells) != 2 || cells[0] != strconv.Itoa(got) {
			t.Fatalf("row %d is %v of %s", got, cells, name)
		}
		got++
		return nil
	})
	if err != nil || got != 3*spoolRows+1 {
		t.Errorf("%d rows, %v", got, err)
	}
	gone, told := errors.New("gone"), make(chan error, 1)
	endless := reads(func(s *spool) (err error) {
		for err == nil {
			err = s.put("list", []string{"x"})
		}
		told <- err
		return err
	})
	if err := endless.each(func(http.Header, string, []string) error { return gone }); err != gone || <-told == nil {
		t.Errorf("a reader who is gone: %v", err)
	}
	defer func() {
		if recover() != "broken" {
			t.Error("the panic is lost")
		}
	}()
	_ = reads(func(*spool) error { panic("broken") }).each(func(http.Header, string, []string) error { return nil })
}
