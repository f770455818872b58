package web

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"creditbank/internal/bank"
	"creditbank/internal/testbed"
)

// settled waits until the work on a file is over.
func settled(t *testing.T, p *testbed.Page, base string) {
	t.Helper()
	for range 100 {
		var path string
		var busy bool
		p.Eval(`location.pathname`, &path)
		p.Eval(`document.querySelector("progress") !== null`, &busy)
		if !busy {
			return
		}
		time.Sleep(100 * time.Millisecond)
		p.Open(base + path)
	}
	t.Fatal("the work does not end")
}

// A registrar brings a faulty roster: what is wrong is told by how it is mended, is
// mended in place, the roster is taken in, and undone.
func TestImportInABrowser(t *testing.T) {
	const rows = "001,示例一,男,39539,\n002,阿卜杜•热合曼,x,2008-01-01,1.10105E+17\n003,示例三,女,2008-02-30,\nTotal,,,,\n"
	heads := map[string]string{"zh-CN": "某校 2026 级名单\n学号,学生姓名,性别,出生日期,全国学籍号\n", "en": "Class of 2026\nstudent id,name,gender,birth_date,school_number\n"}
	for _, view := range views {
		roster := filepath.Join(t.TempDir(), "roster.csv")
		if err := os.WriteFile(roster, []byte(heads[view.tag]+rows), 0o600); err != nil {
			t.Fatal(err)
		}
		s, base := doors(t)
		s.schoolLearners()
		rosa := s.staff("rosa", registrar)
		p := viewer(t, view.width, view.tag, view.dark)
		look := func(name string) {
			t.Helper()
			looked(t, p, "import-"+name, view.tag, view.width)
		}
		rosa.takes(p, base)
		p.Open(base + "/imports")
		look("empty")
		p.Follow(`form[action="/imports"] .main`)
		look("no-file")
		p.Upload("#file", roster)
		p.Follow(`form[action="/imports"] .main`)
		settled(t, p, base)
		expect(t, p, "main", "39539")
		expect(t, p, ".card-note", map[string]string{"zh-CN": "学习者", "en": "learners"}[view.tag])
		look("faults")
		for _, kind := range []string{"records", "learners"} {
			p.Eval(`document.querySelector('form[action$="/kind"]').closest("details").open = true; document.getElementById("kind").value = "`+kind+`"; null`, nil)
			p.Follow(`form[action$="/kind"] .button`)
			settled(t, p, base)
			look("read-as-" + kind)
		}
		for _, trouble := range []string{"date_serial", "total_row"} {
			p.Follow(`button[value="` + trouble + `"]`)
			settled(t, p, base)
		}
		p.Eval(`document.querySelector('[name="cell:4:gender"]').value = "女"; null`, nil)
		p.Follow(`form:has([name="cell:4:gender"]) .button`)
		settled(t, p, base)
		p.Eval(`document.querySelector('[name="blank:4:school_number"]').checked = true; null`, nil)
		p.Follow(`form:has([name="cell:4:school_number"]) .button`)
		settled(t, p, base)
		p.Eval(`document.querySelector('[name="cell:5:birth_date"]').value = "2008-02-28"; null`, nil)
		p.Follow(`form:has([name="cell:5:birth_date"]) .button`)
		settled(t, p, base)
		look("good")
		p.Follow(`form[action$="/commit"] .main`)
		settled(t, p, base)
		look("taken")
		if l, err := s.bank.ViewLearner(t.Context(), operator, "002"); err != nil || l.Institution != yunfan {
			t.Errorf("%+v %v", l, err)
		}
		p.Follow(`form[action$="/undo"] .button`)
		look("undone")
		if _, err := s.bank.ViewLearner(t.Context(), operator, "002"); bank.CodeOf(err) != bank.NotFound {
			t.Errorf("after undoing: %v", err)
		}
		p.Open(base + "/imports")
		look("history")
		for _, address := range p.Requests() {
			if !strings.HasPrefix(address, base) {
				t.Errorf("a request went to %s", address)
			}
		}
	}
}
