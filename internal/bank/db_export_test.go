package bank

import (
	"context"
	"database/sql"
	"testing"
	"time"
)

// Tx lets the tests write as methods of Bank do.
type Tx struct{ *tx }

// ErrRollback is how a write takes itself back without failing.
var ErrRollback = errRollback

// MaxWaiting is how many writes may wait.
const MaxWaiting = maxWaiting

func (b *Bank) Write(ctx context.Context, do func(Tx) error) error {
	return b.write(ctx, Actor{Name: "probe"}, func(t *tx) error { return do(Tx{t}) })
}

func (b *Bank) WriteAlone(ctx context.Context, do func(Tx) error) error {
	return b.writeAlone(ctx, Actor{Name: "probe"}, func(t *tx) error { return do(Tx{t}) })
}

func (b *Bank) Once(ctx context.Context, actor string, r Request, do func(Tx) ([]byte, error)) ([]byte, bool, error) {
	return b.once(ctx, Actor{Name: actor}, r, nil, func(t *tx) ([]byte, error) { return do(Tx{t}) })
}

// Note writes a line that [Bank.Notes] finds.
func (t Tx) Note(object string) error { return t.audit("probe", object, "") }

// Statement runs one that need not be good.
func (t Tx) Statement(query string) error { return t.exec(query) }

// OnPostgres says which database it is.
func (t Tx) OnPostgres() bool { return t.db.postgres }

// At is the moment of the write.
func (t Tx) At() time.Time { return t.now }

// Notes are the lines that are kept, in their order.
func (b *Bank) Notes(t testing.TB) (notes []string) {
	t.Helper()
	err := b.db.each(context.Background(), func(rows *sql.Rows) error {
		var note string
		err := rows.Scan(&note)
		notes = append(notes, note)
		return err
	}, `SELECT object FROM audit WHERE action = 'probe' ORDER BY seq`)
	if err != nil {
		t.Fatal(err)
	}
	return notes
}

// Answers is how many answers to keyed requests are kept.
func (b *Bank) Answers(t testing.TB) (n int) {
	t.Helper()
	if err := b.db.reader.Get(&n, `SELECT count(*) FROM idempotency`); err != nil {
		t.Fatal(err)
	}
	return n
}

// KeepLog lets nobody carry SQLite's log into the file any more, so that all commits stay in it.
func (b *Bank) KeepLog() {
	b.db.carrier.stop()
	<-b.db.carrier.stopped
}

// Impatient makes writes wait for those of another process a short while only.
func (b *Bank) Impatient(t *testing.T) {
	t.Helper()
	b.db.patience = 300 * time.Millisecond
	if b.db.postgres {
		return
	}
	if _, err := b.db.writer.Exec("PRAGMA busy_timeout = 300"); err != nil {
		t.Fatal(err)
	}
}
