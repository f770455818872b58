package bench

import (
	"database/sql"
	"slices"
	"strings"
	"testing"
)

// tinySite is a bank with some deposits in it, over HTTP.
func tinySite(t *testing.T, writesPerCommit int) (*run, *site) {
	t.Helper()
	r := &run{ctx: t.Context(), options: Options{Scale: Tiny, Dir: t.TempDir()}}
	s, err := openSite(r.ctx, r.file("bank"), ledgerSize{learners: 5}, writesPerCommit)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.close(); err != nil {
			t.Error(err)
		}
	})
	if _, err := s.crowd(r.ctx, s.writing, 100); err != nil {
		t.Fatal(err)
	}
	return r, s
}

// wantFaults runs an audit and looks for what it has to find.
func wantFaults(t *testing.T, s *site, want ...string) {
	t.Helper()
	var row Row
	s.audit(t.Context(), &row)
	for _, fault := range want {
		if !slices.ContainsFunc(row.Faults, func(f string) bool { return strings.Contains(f, fault) }) {
			t.Errorf("no %q in %q", fault, row.Faults)
		}
	}
	if len(want) == 0 && len(row.Faults) > 0 {
		t.Errorf("faults %q", row.Faults)
	}
}

// A sound bank has no faults; one that lost what it acknowledged has, and so has
// one whose log is not that of its entries.
func TestAuditFindsWhatIsWrong(t *testing.T) {
	_, s := tinySite(t, together)
	wantFaults(t, s)
	s.acked = append(s.acked, 999)
	wantFaults(t, s, "deposit 999 was acknowledged", "verify: 101 entries of 102")
	s.acked = s.acked[:len(s.acked)-1]
	was := s.first[0].answer
	s.first[0].answer += " "
	wantFaults(t, s, "sent again: status 201, true")
	s.first[0].answer = was
	db, err := sql.Open("sqlite3", "file:"+s.at.path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	if _, err := db.Exec(`DROP TRIGGER IF EXISTS entry_update; UPDATE entry SET leaf = zeroblob(32) WHERE number = 7`); err != nil {
		t.Fatal(err)
	}
	wantFaults(t, s, "entry 7 has another leaf", "verify: ")
}

// A bank that takes one write to a transaction does so whoever asks at once.
func TestOneWritePerCommit(t *testing.T) {
	_, s := tinySite(t, oneByOne)
	if load := s.bank.Load(); load.Commits < 100 || load.Commits > load.Writes+2 || load.Writes > load.Commits {
		t.Errorf("%+v", load)
	}
}

// The peer that writes nothing does all else.
func TestSilentEndpoint(t *testing.T) {
	r, s := tinySite(t, together)
	before := s.bank.Load()
	if _, err := s.crowd(r.ctx, s.silent, 100); err != nil {
		t.Fatal(err)
	}
	var row Row
	s.checkSilence(r, &row)
	if after := s.bank.Load(); after != before || len(row.Faults) > 0 {
		t.Errorf("%+v, then %+v, faults %q", before, after, row.Faults)
	}
	s.silent.address = s.writing.address
	if s.checkSilence(r, &row); len(row.Faults) == 0 {
		t.Error("the real handler passes for silent")
	}
}
