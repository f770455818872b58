package web

import (
	"archive/zip"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"creditbank/internal/bank"
)

// rosterFile writes an archive of a school with one student and one final result, as in
// OneRoster 1.2; the student is called so in the result.
func rosterFile(t *testing.T, student string) string {
	t.Helper()
	rows := map[string]string{
		"orgs": "A,,,Yunfan,school," + yunfan + ",", "academicSessions": "T,,,2025,schoolYear,2025-09-01,2026-08-31,,2026", "courses": "C,,,T,数控车削,SK01,,A,,,4,64",
		"classes": "K,,,1 班,,C,,scheduled,,A,T,,,", "users": "u,,,true,u,,小明,王,,2025010001" + strings.Repeat(",", 13) + "\nt,,,true,t,,老师,李,,T1" + strings.Repeat(",", 13),
		"roles": "r,,,u,primary,student,,,A,", "enrollments": "e,,,K,A,u,student,,,", "categories": "final,,,总评,", "lineItems": "i,,,总评,,,2026-07-10,K,final,T,0,100,A",
		"results": "x,,,i," + student + ",fully graded,80,2026-07-05,,,,,,,",
	}
	path := filepath.Join(t.TempDir(), "roster.zip")
	file, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	z, modes := zip.NewWriter(file), "propertyName,value\noneroster.version,1.2\n"
	add := func(name, content string) {
		w, err := z.Create(name)
		if err == nil {
			_, err = w.Write([]byte(content))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, f := range bank.RosterFiles() {
		add(f.File(), strings.Join(f.All(), ",")+"\n"+rows[f.Name]+"\n")
		modes += "file." + f.Name + ",bulk\n"
	}
	add("manifest.csv", modes)
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	if err := file.Close(); err != nil {
		t.Fatal(err)
	}
	return path
}

// A registrar brings the archive of the school's system: what is wrong names the part,
// the right one is taken in as one batch, and undone.
func TestRosterInABrowser(t *testing.T) {
	for _, view := range views {
		s, base := doors(t)
		rosa := s.staff("rosa", registrar)
		p := viewer(t, view.width, view.tag, view.dark)
		look := func(name string) {
			t.Helper()
			looked(t, p, "roster-"+name, view.tag, view.width)
		}
		bring := func(path string) {
			p.Open(base + "/imports")
			p.Upload("#file", path)
			p.Follow(`form[action="/imports"] .main`)
			settled(t, p, base)
		}
		rosa.takes(p, base)
		broken := filepath.Join(t.TempDir(), "broken.zip")
		if err := os.WriteFile(broken, []byte("PK\x03\x04 and no more"), 0o600); err != nil {
			t.Fatal(err)
		}
		bring(broken)
		expect(t, p, "#file-wrong", "")
		look("broken")
		bring(rosterFile(t, "t"))
		expect(t, p, ".fault-group", "results.csv")
		expect(t, p, ".fault-group", "studentSourcedId")
		look("faults")
		bring(rosterFile(t, "u"))
		look("good")
		p.Follow(`form[action$="/commit"] .main`)
		settled(t, p, base)
		look("taken")
		if l, err := s.bank.ViewLearner(t.Context(), operator, yunfan+"-2025010001"); err != nil || l.Name != "王小明" {
			t.Errorf("%+v %v", l, err)
		}
		p.Follow(`form[action$="/undo"] .button`)
		look("undone")
	}
}
