// Package bank is the credit bank: its nouns, one method for each thing a person
// can ask, one transaction a method, and its SQL.
package bank

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"creditbank/internal/calendar"
)

// Bank is an open credit bank. It is safe for any number of callers.
type Bank struct {
	// Now is the clock; tests stop it.
	Now func() time.Time

	db      *database
	current atomic.Pointer[Snapshot]
	loading sync.Mutex
	checked atomic.Int64 // when the map's number was last read, in nanoseconds
}

// Actor is who asks: the operator of the command line, or nobody in particular.
type Actor struct {
	Name string
}

// Visitor is anyone, without a login.
var Visitor = Actor{Name: "visitor"}

// Open opens the bank at "sqlite:PATH" or "postgres://…" and brings the schema
// up to date. It refuses (Conflict) a schema newer than it knows.
func Open(ctx context.Context, dsn string) (*Bank, error) {
	b, err := connect(ctx, dsn)
	if err != nil {
		return nil, err
	}
	if err := b.migrate(ctx); err != nil {
		_ = b.Close()
		return nil, err
	}
	return b, nil
}

func connect(ctx context.Context, dsn string) (*Bank, error) {
	db, err := openDatabase(ctx, dsn)
	if err != nil {
		return nil, err
	}
	return &Bank{Now: time.Now, db: db}, nil
}

// Close lets go of the database.
func (b *Bank) Close() error { return b.db.close() }

// Ready says whether the database answers.
func (b *Bank) Ready(ctx context.Context) error { return b.db.reader.PingContext(ctx) }

// Today is the bank's day.
func (b *Bank) Today() calendar.Day { return calendar.Of(b.Now()) }
