package main

import (
	"path/filepath"
	"strings"
	"testing"
)

// A file of a regional credit bank goes out, as text and as a workbook, and in; its
// codes are changed from the command line.
func TestRegionalFiles(t *testing.T) {
	folder := t.TempDir()
	db := "sqlite:" + filepath.Join(folder, "bank.db")
	town(t, db)
	for _, f := range [][2]string{
		{"learners", "account,name,institution,programme\nL1,Example One,B,P\n"},
		{"records", "learner,reference,institution,course,grade,credits,completed_on\nL1,r1,B,b1,80,3,2024-06-25\nL1,r2,B,b1,50,3,2024-01-25\n"},
	} {
		must(t, "--db", db, "import", f[0], write(t, filepath.Join(folder, f[0]+".csv"), f[1]))
	}
	must(t, "--db", db, "regional", "set", "code.long.graduation.studying", "Z9")
	if list := must(t, "--db", db, "regional", "list"); !strings.Contains(list, "code.long.graduation.studying = Z9") || !strings.Contains(list, "set.creditbank-courses = long") {
		t.Errorf("%s", list)
	}
	status, out, said := command(t, "--db", db, "export", "creditbank-courses", "--institution", "B")
	if want := "Example One,,Engineering,Algebra,,,3,,80,202406,,Z9,,,L1\r\n"; status != exitDone || !strings.HasSuffix(strings.ReplaceAll(out, "\r\n", "\n"), strings.ReplaceAll(want, "\r\n", "\n")) {
		t.Errorf("%d %q", status, out)
	}
	if !strings.Contains(said, "not passed: 1") {
		t.Errorf("it is not said what was left out: %q", said)
	}
	book := filepath.Join(folder, "courses.xlsx")
	must(t, "--db", db, "export", "creditbank-courses", "--format", "xlsx", "--out", book)
	if again := must(t, "--db", db, "import", "creditbank-courses", book); !strings.Contains(again, "1 rows = 0 new + 1 unchanged") {
		t.Errorf("%s", again)
	}
	for _, args := range [][]string{{"export", "records", "--institution", "B"}, {"export", "creditbank-courses", "--institution", "C"}, {"regional", "set", "code.long.level.doctor", "1"}} {
		if status, _, said := command(t, append([]string{"--db", db}, args...)...); status == exitDone || said == "" {
			t.Errorf("%v: %d", args, status)
		}
	}
}
