package main

import (
	"database/sql"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	_ "github.com/mattn/go-sqlite3"

	"creditbank/internal/testbed"
)

// books fills a bank with a learner and some results.
func books(t *testing.T, db string) {
	t.Helper()
	town(t, db)
	folder := t.TempDir()
	must(t, "--db", db, "import", "learners", write(t, filepath.Join(folder, "l.csv"), "account,name,institution\nL1,Learner One,A\n"))
	rows := "learner,reference,institution,course,grade,completed_on\n"
	for _, reference := range []string{"r0", "r1", "r2", "r3", "r4"} {
		rows += "L1," + reference + ",A,a1,80,2024-06-25\n"
	}
	must(t, "--db", db, "import", "records", write(t, filepath.Join(folder, "r.csv"), rows))
}

// report is what verify says with --json.
type report struct {
	Holds       bool
	Entries     int64
	Checkpoints int64
	Finding     *struct {
		Entry                *int64
		Code, Field, Message string
	}
}

func verify(t *testing.T, args ...string) (int, report) {
	t.Helper()
	status, stdout, stderr := command(t, append([]string{"--json"}, args...)...)
	var r report
	if err := json.Unmarshal([]byte(stdout), &r); err != nil {
		t.Fatalf("%v: %s%s", err, stdout, stderr)
	}
	return status, r
}

// outside runs the verifier of the documentation.
func outside(t *testing.T, files ...string) string {
	t.Helper()
	said, err := exec.Command("go", append([]string{"run", "../../docs/verify"}, files...)...).CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, said)
	}
	return string(said)
}

func TestLedgerOnTheCommandLine(t *testing.T) {
	t.Run("sqlite", func(t *testing.T) { ledgerOn(t, "sqlite:"+filepath.Join(t.TempDir(), "bank.db")) })
	t.Run("postgres", func(t *testing.T) {
		t.Setenv("CREDITBANK_LEDGER_KEY_FILE", filepath.Join(t.TempDir(), "key"))
		db := testbed.Postgres(t)
		t.Setenv("CREDITBANK_PERSONAL_KEY", testbed.PersonalKey(db))
		ledgerOn(t, db)
	})
}

func ledgerOn(t *testing.T, db string) {
	folder := t.TempDir()
	file := func(name string) string { return filepath.Join(folder, name) }
	books(t, db)
	must(t, "--db", db, "ledger", "checkpoint", "--out", file("older"))
	write(t, file("keys"), must(t, "--db", db, "ledger", "keys"))
	must(t, "--db", db, "ledger", "prove", "3", "--out", file("proof"))
	if said := outside(t, file("keys"), file("proof")); !strings.Contains(said, "record A:r3") {
		t.Errorf("the proof says %s", said)
	}
	if out := must(t, "--db", db, "ledger", "verify", "--checkpoint", file("older"), "--keys", file("keys")); !strings.Contains(out, "5 entries") || !strings.Contains(out, "extends") {
		t.Errorf("verify says %s", out)
	}
	rotated := must(t, "--db", db, "ledger", "rotate-key")
	write(t, file("more"), "learner,reference,institution,course,grade,completed_on\nL1,r5,A,a1,80,2024-06-25\n")
	must(t, "--db", db, "import", "records", file("more"))
	if signed := must(t, "--db", db, "ledger", "checkpoint"); !strings.Contains(signed, "\n6\n") || strings.Contains(rotated, "PRIVATE") {
		t.Errorf("the new checkpoint is %s after %s", signed, rotated)
	}
	if status, r := verify(t, "--db", db, "ledger", "verify", "--checkpoint", file("older")); status != exitDone || !r.Holds || r.Entries != 6 {
		t.Errorf("%d %+v", status, r)
	}
	for _, c := range []struct {
		want int
		args []string
	}{
		{exitRefused, []string{"ledger", "prove", "99"}},
		{exitUsage, []string{"ledger", "prove", "x"}},
		{exitUsage, []string{"ledger"}},
		{exitRefused, []string{"ledger", "verify", "--checkpoint", file("none")}},
		{exitRefused, []string{"ledger", "verify", "--checkpoint", file("keys")}},
		{exitRefused, []string{"ledger", "verify", "--keys", file("older")}},
		{exitRefused, []string{"ledger", "checkpoint", "--out", "/does/not/exist"}},
	} {
		if status, stdout, stderr := command(t, append([]string{"--db", db}, c.args...)...); status != c.want {
			t.Errorf("%v: status %d, want %d\n%s%s", c.args, status, c.want, stdout, stderr)
		}
	}
}

// Whoever edits the database by hand is found out, and the entry named.
func TestVerifyNamesATamperedEntry(t *testing.T) {
	path := filepath.Join(t.TempDir(), "bank.db")
	books(t, "sqlite:"+path)
	must(t, "--db", "sqlite:"+path, "ledger", "checkpoint")
	tamper(t, path, `UPDATE entry SET amount = amount + 100 WHERE number = 2`)
	status, r := verify(t, "--db", "sqlite:"+path, "ledger", "verify")
	if status != exitRefused || r.Holds || r.Finding == nil || r.Finding.Entry == nil || *r.Finding.Entry != 2 || strings.Contains(r.Finding.Message, "finding.") {
		t.Errorf("%d %+v", status, r.Finding)
	}
	status, stdout, stderr := command(t, "--db", "sqlite:"+path, "ledger", "verify")
	if status != exitRefused || stdout != "" || !strings.Contains(stderr, "entry 2") {
		t.Errorf("%d %s%s", status, stdout, stderr)
	}
}

// What the bank keeps of a result beside the entries is found in words of its own.
func TestVerifyNamesATamperedResult(t *testing.T) {
	for change, want := range map[string]string{
		"grade = '99'":              "its grade, credits or another field was changed",
		"grade = '99', salt = NULL": "salt of the result was removed",
		"score = 9900":              "not that of its grade",
		"standing = 'held'":         "something else than its entries say",
	} {
		path := filepath.Join(t.TempDir(), "bank.db")
		books(t, "sqlite:"+path)
		tamper(t, path, `UPDATE record SET `+change+` WHERE reference = 'r2'`)
		status, stdout, stderr := command(t, "--lang", "en", "--db", "sqlite:"+path, "ledger", "verify")
		if status != exitRefused || stdout != "" || !strings.Contains(stderr, want) {
			t.Errorf("%s: %d %s%s, want %q", change, status, stdout, stderr, want)
		}
	}
}

// A backup that was tampered with takes nobody's place, and it is said in words what is wrong with it.
func TestRestoreNamesATamperedEntry(t *testing.T) {
	path, copied := filepath.Join(t.TempDir(), "bank.db"), filepath.Join(t.TempDir(), "copy.db")
	books(t, "sqlite:"+path)
	must(t, "--db", "sqlite:"+path, "backup", copied)
	tamper(t, copied, `UPDATE entry SET amount = amount + 100 WHERE number = 2`)
	status, stdout, stderr := command(t, "--lang", "en", "--db", "sqlite:"+path, "restore", copied)
	if status != exitRefused || stdout != "" || !strings.Contains(stderr, "entry 2") || !strings.Contains(stderr, "it was changed") {
		t.Errorf("%d %s%s", status, stdout, stderr)
	}
}

// A slip in the path of the database makes no bank.
func TestNoBankIsMadeToBeLookedAt(t *testing.T) {
	folder := t.TempDir()
	for _, args := range [][]string{{"ledger", "verify"}, {"ledger", "keys"}, {"lint"}, {"export", "courses"}, {"token", "list"}, {"backup", filepath.Join(folder, "copy")}} {
		status, stdout, _ := command(t, append([]string{"--db", "sqlite:" + filepath.Join(folder, "slip.db")}, args...)...)
		if status != exitRefused || stdout != "" {
			t.Errorf("%v: %d %s", args, status, stdout)
		}
	}
	if left, err := os.ReadDir(folder); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v %v", left, err)
	}
}

// A tail that was cut off after a checkpoint was kept outside is missed.
func TestVerifyMissesATailThatWasKept(t *testing.T) {
	path := filepath.Join(t.TempDir(), "bank.db")
	db, kept := "sqlite:"+path, filepath.Join(t.TempDir(), "kept")
	books(t, db)
	copied := filepath.Join(t.TempDir(), "copy.db")
	must(t, "--db", db, "backup", copied)
	write(t, kept+".csv", "learner,reference,institution,course,grade,completed_on\nL1,r9,A,a1,80,2024-06-25\n")
	must(t, "--db", db, "import", "records", kept+".csv")
	must(t, "--db", db, "ledger", "checkpoint", "--out", kept)
	must(t, "--db", db, "restore", copied)
	if status, r := verify(t, "--db", db, "ledger", "verify"); status != exitDone || !r.Holds {
		t.Errorf("the older bank by itself: %d %+v", status, r.Finding)
	}
	if status, r := verify(t, "--db", db, "ledger", "verify", "--checkpoint", kept); status != exitRefused || r.Holds {
		t.Errorf("against what was kept: %d %+v", status, r)
	}
}

// tamper does what the triggers forbid.
func tamper(t *testing.T, path string, statements ...string) {
	t.Helper()
	db, err := sql.Open("sqlite3", "file:"+path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	var triggers []string
	rows, err := db.Query(`SELECT name FROM sqlite_master WHERE type = 'trigger'`)
	if err != nil {
		t.Fatal(err)
	}
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			t.Fatal(err)
		}
		triggers = append(triggers, "DROP TRIGGER "+name)
	}
	if err := rows.Close(); err != nil || len(triggers) == 0 {
		t.Fatal("no triggers", err)
	}
	for _, statement := range append(triggers, statements...) {
		if _, err := db.Exec(statement); err != nil {
			t.Fatalf("%s: %v", statement, err)
		}
	}
}

func TestTokensOnTheCommandLine(t *testing.T) {
	db := "sqlite:" + filepath.Join(t.TempDir(), "bank.db")
	town(t, db)
	var made listedToken
	if err := json.Unmarshal([]byte(must(t, "--db", db, "--json", "token", "add", "学籍系统", "--institution", "A", "--scope", "read")), &made); err != nil {
		t.Fatal(err)
	}
	status, secret, stderr := command(t, "--db", db, "token", "add", "other", "--institution", "A", "--scope", "deposit,read", "--expires", "2099-01-01")
	if status != exitDone || !strings.HasPrefix(secret, "creditbank_") || strings.Count(secret, "\n") != 1 || !strings.Contains(stderr, "2099-01-01") {
		t.Errorf("%d %q %q", status, secret, stderr)
	}
	must(t, "--db", db, "token", "revoke", made.ID)
	list := must(t, "--db", db, "token", "list")
	if strings.Count(list, "\n") != 2 || !strings.Contains(list, "学籍系统  read  ") || !strings.Contains(list, "revoked") || strings.Contains(list, made.Secret) || made.Secret == "" {
		t.Errorf("the list is\n%s", list)
	}
	for want, args := range map[string][]string{
		"institution": {"token", "add", "x", "--institution", "nobody"}, "scope": {"token", "add", "x", "--institution", "A", "--scope", "all"},
		"There is no token": {"token", "revoke", "nothing"}, "expires": {"token", "add", "x", "--institution", "A", "--expires", "2001-01-01"},
	} {
		if status, _, stderr := command(t, append([]string{"--db", db}, args...)...); status != exitRefused || !strings.Contains(stderr, want) {
			t.Errorf("%v: %d %s", args, status, stderr)
		}
	}
}
