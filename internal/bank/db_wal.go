package bank

import (
	"context"
	"database/sql/driver"
	"fmt"
	"sync/atomic"

	"github.com/jmoiron/sqlx"
)

// SQLite writes into a log beside its file, whose pages somebody has to carry into the
// file now and then. When the writer does that on its way, as SQLite has it by default,
// all who wait for it wait for some thousand pages to be written and flushed: one
// deposit in a hundred was answered after 20 ms in place of 5. So the carrier does
// it beside the writer, which goes on meanwhile, and leaves to the writer the few pages
// that came since: only when all are in the file does the log begin anew.
//
// What is acknowledged is in the log and flushed, so that nothing depends on the
// carrier: when it fails, as on a full disk, the log stays and grows.
type carrier struct {
	db      *sqlx.DB // one connection
	wake    chan struct{}
	stop    func()
	stopped chan struct{}
	commits int         // since it was woken; the writer's
	nearly  atomic.Bool // all but a few pages are in the file
}

const (
	// The log is looked after each so many commits: of 32 deposits each they write
	// about 3000 pages.
	carryEvery = 64
	// In pages of 4 KiB: so long a log begins anew, since a page that was written often
	// meanwhile is carried once; and so many may be left to the writer.
	longLog  = 4000
	fewPages = 400
	// How often the carrier tries to catch up with the writer before it leaves the rest to it.
	carryRounds = 4
	// When the carrier has failed for long, the writer carries on its way after all, but
	// not where it has just written very much.
	tooLongLog = "40000"
)

// commitLarge is Commit of so much that carrying it into the file of SQLite would take
// long (see [carrier]): it is answered once it is flushed in the log.
func (w *writing) commitLarge() error {
	background := context.Background()
	if _, err := w.ExecContext(background, "PRAGMA wal_autocheckpoint = 0"); err != nil {
		return w.Commit()
	}
	err := w.Tx.Commit()
	if _, failed := w.conn.ExecContext(background, "PRAGMA wal_autocheckpoint = "+tooLongLog); failed != nil {
		discard(w.conn)
	}
	_ = w.conn.Close() // see Commit
	return err
}

// discard makes that a connection is not used again, of which nobody knows what it was told.
func discard(conn *sqlx.Conn) {
	_ = conn.Raw(func(any) error { return driver.ErrBadConn }) // what it gives back
}

// startCarrier opens a connection of its own to the file.
func startCarrier(ctx context.Context, source string) (*carrier, error) {
	db, err := sqlx.ConnectContext(ctx, "sqlite3", source)
	if err != nil {
		return nil, fmt.Errorf("open for carrying the log: %w", err)
	}
	keepOpen(db, 1)
	serving, stop := context.WithCancel(context.Background())
	c := &carrier{db: db, wake: make(chan struct{}, 1), stop: stop, stopped: make(chan struct{})}
	go c.serve(serving)
	return c, nil
}

// committed tells the carrier of a commit; of a large one it looks at once.
// There is no carrier on PostgreSQL.
func (c *carrier) committed(large bool) {
	if c == nil {
		return
	}
	if c.commits++; c.commits < carryEvery && !large {
		return
	}
	c.commits = 0
	select {
	case c.wake <- struct{}{}:
	default: // it is at work, and looks again
	}
}

func (c *carrier) serve(ctx context.Context) {
	defer close(c.stopped)
	for {
		select {
		case <-c.wake:
			c.catchUp()
		case <-ctx.Done():
			return
		}
	}
}

// catchUp carries until little is left. A failure leaves the log as it is, see [carrier].
func (c *carrier) catchUp() {
	for range carryRounds {
		length, left, err := carry(c.db)
		if err != nil || length < longLog {
			return
		}
		if left < fewPages {
			c.nearly.Store(left > 0)
			return
		}
	}
}

// finish carries what is left by the writer's own connection, outside of any
// transaction, when it is little.
func (c *carrier) finish(writer *sqlx.DB) {
	if c != nil && c.nearly.CompareAndSwap(true, false) {
		_, _, _ = carry(writer) // see above
	}
}

// carry carries what no reader keeps from it, without waiting for anybody. It gives
// how many pages the log has and how many of them are not in the file.
func carry(db *sqlx.DB) (length, left int, err error) {
	var busy, carried int
	err = db.QueryRow("PRAGMA wal_checkpoint(PASSIVE)").Scan(&busy, &length, &carried)
	return length, length - carried, err
}

// close waits for what is under way.
func (c *carrier) close() error {
	if c == nil {
		return nil
	}
	c.stop()
	<-c.stopped
	return c.db.Close()
}
