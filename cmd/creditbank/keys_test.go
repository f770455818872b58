package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Keys change and a learner is erased on the command line; the bank goes on.
func TestPersonalDataOnTheCommandLine(t *testing.T) {
	folder := t.TempDir()
	path := filepath.Join(folder, "bank.db")
	db := "sqlite:" + path
	file := write(t, filepath.Join(folder, "learners.csv"), "account,name,phone\nL1,学员一,000-5550-1234\nL2,学员二,\n")
	must(t, "--db", db, "import", "learners", file)
	first := must(t, "--db", db, "keys", "list")
	if out := must(t, "--db", db, "--lang", "en", "keys", "rotate"); !strings.HasPrefix(out, "2 texts") {
		t.Errorf("%s", out)
	}
	if second := must(t, "--db", db, "keys", "list"); strings.Count(second, "\n") != 1 || second == first {
		t.Errorf("before %s, after %s", first, second)
	}
	must(t, "--db", db, "keys", "rewrap")
	kept, err := filepath.Glob(path + "-personal-key*")
	if err != nil || len(kept) != 2 {
		t.Errorf("%v, %v", kept, err)
	}
	must(t, "--db", db, "keys", "rewrap", "--to", filepath.Join(folder, "elsewhere"))
	if status, _, stderr := command(t, "--db", db, "--lang", "en", "keys", "list"); status != exitRefused || !strings.Contains(stderr, "not the one") {
		t.Errorf("with the old master key: %d %s", status, stderr)
	}
	t.Setenv("CREDITBANK_PERSONAL_KEY_FILE", filepath.Join(folder, "elsewhere"))
	if status, _, stderr := command(t, "--db", db, "--lang", "en", "learner", "erase", "L1", "--reason", "asked by 学员一"); status != exitRefused || !strings.Contains(stderr, "audit log") {
		t.Errorf("a reason with the name: %d %s", status, stderr)
	}
	must(t, "--db", db, "learner", "erase", "L1", "--reason", "asked for by the person")
	if out := must(t, "--db", db, "export", "learners"); strings.Contains(out, "学员一") || !strings.Contains(out, "学员二") {
		t.Errorf("%s", out)
	}
	for _, name := range []string{path, path + "-wal"} {
		if data, err := os.ReadFile(name); err == nil && strings.Contains(string(data), "000-5550-1234") {
			t.Errorf("the phone is in %s", name)
		}
	}
	if status, stdout, stderr := command(t, "--db", db, "--lang", "en", "import", "learners", file); status != exitRefused || !strings.Contains(stdout+stderr, "erased") {
		t.Errorf("imported again: %d %s%s", status, stdout, stderr)
	}
}
