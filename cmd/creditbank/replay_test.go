package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"creditbank/internal/bank"
	"creditbank/internal/transfer"
)

// A frozen answer comes out the same without the bank, and one that was tampered
// with is told.
func TestFreezeAndReplay(t *testing.T) {
	folder := t.TempDir()
	db := "sqlite:" + filepath.Join(folder, "bank.db")
	town(t, db)
	records := write(t, filepath.Join(folder, "records.csv"), "institution,course,grade\nA,a1,90\nA,a2,70\n")
	frozen := filepath.Join(folder, "case.json")
	status, _, stderr := command(t, "--db", db, "check", "--records", records, "--to", "B:P", "--as-of", "2026-09-01", "--freeze", frozen)
	if status != exitDone || !strings.Contains(stderr, frozen) {
		t.Fatalf("status %d: %s", status, stderr)
	}
	if out := must(t, "--db", "sqlite:/nowhere/at/all.db", "replay", frozen); out != "The same answer: B:P, as of 1 Sep 2026, 3 applied, 3 transferable.\n" {
		t.Errorf("got %s", out)
	}
	if out := must(t, "--json", "replay", frozen); !strings.Contains(out, `"same": true`) || !strings.Contains(out, `"differences": []`) {
		t.Errorf("got %s", out)
	}
	text, err := os.ReadFile(frozen)
	if err != nil {
		t.Fatal(err)
	}
	write(t, frozen, strings.Replace(string(text), `"applied": "3"`, `"applied": "4"`, 1))
	status, stdout, _ := command(t, "replay", frozen)
	if status != exitRefused || stdout != "Another answer: B:P, as of 1 Sep 2026, one difference.\n  applied: was \"4\", is \"3\"\n" {
		t.Errorf("status %d: %s", status, stdout)
	}
	if status, stdout, _ := command(t, "--json", "replay", frozen); status != exitRefused || !strings.Contains(stdout, `"path": "applied"`) {
		t.Errorf("status %d: %s", status, stdout)
	}
}

// What would help stands below the plan; what cannot be replayed is refused.
func TestHelpAndReplayRefusals(t *testing.T) {
	folder := t.TempDir()
	db := "sqlite:" + filepath.Join(folder, "bank.db")
	town(t, db)
	records := write(t, filepath.Join(folder, "records.csv"), "institution,course,grade\nA,a1,68\n")
	if out := must(t, "--db", db, "check", "--records", records, "--to", "B:P"); !strings.Contains(out, "What would add credits:\n  +3 credits: reach 75 points in Maths (68 so far)\n") {
		t.Errorf("got %s", out)
	}
	for _, c := range []struct {
		args []string
		want int
		says string
	}{
		{[]string{"replay", filepath.Join(folder, "none.json")}, exitRefused, "none.json"},
		{[]string{"replay", records}, exitRefused, "was not written by check --freeze"},
		{[]string{"replay"}, exitUsage, "file"},
		{[]string{"--db", db, "check", "--records", records, "--freeze", "x"}, exitUsage, "This goes with --to only."},
		{[]string{"--db", db, "check", "--records", records, "--to", "B:none", "--freeze", filepath.Join(folder, "x.json")}, exitRefused, "B:none"},
	} {
		if status, _, stderr := command(t, c.args...); status != c.want || !strings.Contains(stderr, c.says) {
			t.Errorf("%v: status %d: %s", c.args, status, stderr)
		}
	}
	if _, err := os.Stat(filepath.Join(folder, "x.json")); err == nil {
		t.Error("a file was left behind")
	}
}

// A decision that was posted is run again by its number, and verified with the ledger.
func TestReplayADecision(t *testing.T) {
	db := "sqlite:" + filepath.Join(t.TempDir(), "bank.db")
	town(t, db)
	folder := t.TempDir()
	must(t, "--db", db, "import", "learners", write(t, filepath.Join(folder, "learners.csv"), "account,name\nL1,Li\n"))
	must(t, "--db", db, "import", "records", write(t, filepath.Join(folder, "records.csv"), "learner,reference,institution,course,grade,completed_on\nL1,R1,A,a1,90,2025-07-01\n"))
	id := decidedIn(t, db)
	if out := must(t, "--db", db, "replay", id); !strings.Contains(out, "The same answer: B:P") || !strings.Contains(out, "3 applied") {
		t.Errorf("got %s", out)
	}
	if out := must(t, "--db", db, "--json", "ledger", "verify"); !strings.Contains(out, `"decisions": 1`) {
		t.Errorf("got %s", out)
	}
	if status, _, stderr := command(t, "--db", db, "replay", strings.Repeat("0", 40)); status != exitRefused || !strings.Contains(stderr, "no such decision") {
		t.Errorf("status %d: %s", status, stderr)
	}
}

// decidedIn applies for the learner of a bank, decides in full, and gives the number.
func decidedIn(t *testing.T, db string) string {
	t.Helper()
	b, err := bank.Open(t.Context(), db)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = b.Close() }()
	learner := bank.Actor{Name: "u:x", Roles: bank.IsLearner, Learner: "L1"}
	a, err := b.Apply(t.Context(), learner, bank.NewApplication{To: transfer.ProgrammeKey{Institution: "B", Code: "P"}, Declared: true})
	if err != nil {
		t.Fatal(err)
	}
	decider := bank.Actor{Name: "u:y", Roles: bank.IsDecider, Institution: "B"}
	p, err := b.DecideApplication(t.Context(), decider, a.ID, bank.NewDecision{Stamp: a.Stamp, Items: []bank.ItemDecision{{Item: 0, Outcome: bank.ItemFull}}})
	if err != nil {
		t.Fatal(err)
	}
	return p.ID
}
