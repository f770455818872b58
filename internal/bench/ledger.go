package bench

import (
	"context"
	"path/filepath"
	"runtime"

	"creditbank/internal/web"
)

// Ledger measures deposits and the verification of the ledger against their
// goals. The error is of the machine or the program; what was missed or wrong
// stands in the report.
func Ledger(ctx context.Context, o Options) (Report, error) {
	room := web.Room() // as `serve` has
	defer runtime.KeepAlive(room)
	return measure(ctx, o, "ledger", (*run).ledgerSteps)
}

// ledgerSize is what a scale comes to for the ledger.
type ledgerSize struct {
	learners int
	deposits int // of 64 callers in a turn
	single   int // of the same in a turn where each is a transaction of its own
	commits  int // rows of the plain table in a turn
	idle     int // deposits on an idle bank in a turn, and as many flushes
	entries  int // that are verified
	pairs    int
}

func (s Scale) ledgerSize() ledgerSize {
	switch s {
	case Full:
		return ledgerSize{learners: 20_000, deposits: 20_000, single: 5_000, commits: 4_000, idle: 400, entries: 1_000_000, pairs: 5}
	case CI:
		return ledgerSize{learners: 1_000, deposits: 5_000, single: 1_500, commits: 1_500, idle: 150, entries: 20_000, pairs: 5}
	}
	return ledgerSize{learners: 20, deposits: 192, single: 96, commits: 20, idle: 6, entries: 400, pairs: 2}
}

// callers is how many ask at once.
const callers = 64

// ledgerSteps are the measurements of the ledger, in their order.
func (r *run) ledgerSteps() []step {
	size := r.options.Scale.ledgerSize()
	return []step{
		{"D1 to D5: deposits on SQLite", func() error { return r.onSQLite(size) }},
		{"D6: deposits on PostgreSQL", func() error { return r.onPostgres(size) }},
		{"D7: verification", func() error { return r.verification(size) }},
	}
}

// file is the database of a bank in the folder of the run.
func (r *run) file(name string) store {
	path := filepath.Join(r.options.Dir, name+".db")
	return store{driver: "sqlite3", source: "file:" + path + "?mode=ro", bank: "sqlite:" + path, path: path}
}

// onSQLite measures one bank whose writes share flushes beside one whose writes
// do not, a table of plain rows and the disk itself.
func (r *run) onSQLite(size ledgerSize) (err error) {
	grouped, err := openSite(r.ctx, r.file("grouped"), size, together)
	if err != nil {
		return err
	}
	defer func() { err = firstOf(err, grouped.close()) }()
	single, err := openSite(r.ctx, r.file("single"), size, oneByOne)
	if err != nil {
		return err
	}
	defer func() { err = firstOf(err, single.close()) }()
	for _, do := range []func() error{
		func() error { return r.besideNothing(size, grouped) },
		func() error { return r.besideSingle(size, "D2", "64 callers over HTTP", nil, grouped, single) },
		func() error { return r.besideRows(size, grouped) },
		func() error { return r.besideFlush(size, grouped) },
	} {
		if err := do(); err != nil {
			return err
		}
	}
	return nil
}

// firstOf is the first of two errors that is one.
func firstOf(one, other error) error {
	if one != nil {
		return one
	}
	return other
}
