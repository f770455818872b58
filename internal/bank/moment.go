package bank

import (
	"context"
	"database/sql"
	"errors"

	"github.com/jmoiron/sqlx"
)

// moment is one state of the bank, as long as somebody reads in it.
type moment struct {
	tx  *sqlx.Tx
	all *Snapshot
}

// momentKey is where a context keeps its moment.
type momentKey struct{}

func momentOf(ctx context.Context) *moment {
	m, _ := ctx.Value(momentKey{}).(*moment)
	return m
}

// AtOneMoment has do read the bank as it is at one moment, however long that takes and
// whatever is written meanwhile: with the context that do is given. What do writes is
// not held back, and not seen by it. One connection is held; do must not wait for others.
func (b *Bank) AtOneMoment(ctx context.Context, do func(ctx context.Context) error) error {
	t, err := b.db.reader.BeginTxx(ctx, &sql.TxOptions{Isolation: b.db.snapshotIsolation(), ReadOnly: true})
	if err != nil {
		return err
	}
	m := &moment{tx: t}
	if m.all, err = b.Snapshot(ctx); err == nil {
		err = do(context.WithValue(ctx, momentKey{}, m))
	}
	if ended := t.Rollback(); !errors.Is(ended, sql.ErrTxDone) { // when the context has ended, so has it
		err = errors.Join(err, ended)
	}
	return err
}

// from is what reads outside of a write: at the moment of the context, where it has one.
func (d *database) from(ctx context.Context) interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
} {
	if m := momentOf(ctx); m != nil {
		return m.tx
	}
	return d.reader
}
