package main

import (
	"path/filepath"
	"strings"
	"testing"
)

// Ranges without an end, and without a beginning, are sentences too.
func TestLintWordsOpenEnds(t *testing.T) {
	folder := t.TempDir()
	db := "sqlite:" + filepath.Join(folder, "bank.db")
	town(t, db)
	must(t, "--db", db, "import", "courses", write(t, filepath.Join(folder, "c.csv"),
		"institution,code,name,credits,valid_from,valid_to\nB,b2,Geometry,3,,\nA,a3,Music,2,2021-09-01,\nA,a4,Art,2,,2098-08-31\n"))
	must(t, "--db", db, "import", "equivalences", "--publish", write(t, filepath.Join(folder, "e.csv"),
		"equivalence,source_institution,source_course,min_grade,max_grade,target_institution,target_course,valid_from,valid_to\n"+
			"E2,A,a1,80,,B,b2,,\nE3,A,a3,,,B,b2,2020-09-01,\nE4,A,a4,,,B,b2,,2099-08-31\nE5,A,a2,,60,B,b2,,\nE6,A,a2,,70,B,b1,,\n"))
	for language, want := range map[string][]string{
		"en":    {"both take scores of 80 and above", "both take scores up to 60", "A:a3 is given only from 1 Sep 2021 on", "A:a4 is given only until 31 Aug 2098"},
		"zh-CN": {"成绩 80 及以上两条都适用", "成绩 60 及以下两条都适用", "A:a3 只从2021年9月1日起开设", "A:a4 只开设到2098年8月31日"},
	} {
		_, out, _ := command(t, "--lang", language, "--db", db, "lint")
		for _, sentence := range want {
			if !strings.Contains(out, sentence) {
				t.Errorf("%s: no %q in\n%s", language, sentence, out)
			}
		}
		if strings.Contains(out, "-0.01") || strings.Contains(out, "…") {
			t.Errorf("%s: an open end is written as one:\n%s", language, out)
		}
	}
}
