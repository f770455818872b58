package bank

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"
)

// maxGroup is how many writes share a transaction at most. While one group is
// booked the callers of the one before send their next, if there is another processor:
// larger groups let writer and callers wait for each other in turn (of 64 callers
// on two processors 64 gave 11,000 deposits a second, 32 gave 15,000), smaller ones
// flush more often (16: 13,500). PostgreSQL would keep up to 64 subtransactions at hand.
const maxGroup = 32

// group is the writes that share one transaction.
//
// The first needs no savepoint: while nothing is kept, a rollback takes back
// nothing but itself. So a single write on an idle bank is begin, do, commit.
type group struct {
	queue *queue
	t     *writing // nil: none has begun
	ran   []*job   // in t; answered when t has ended, for a refusal too may rest on what is not committed yet
	kept  int      // how many of ran have something in t
	point savepoint
}

// savepoint is what stands between a write and those before it.
type savepoint int

const (
	none  savepoint = iota
	fresh           // it is set, and nothing has happened since
	spent           // a write that is kept came after it
)

// run gives a write its turn in the transaction, and begins one if there is none.
func (g *group) run(j *job) {
	if !j.take() || !g.ready(j) {
		return
	}
	ctx := j.ctx
	if !j.alone {
		ctx = context.WithoutCancel(ctx) // the drivers end the whole transaction with a statement that is interrupted
	}
	j.give(g.tx(ctx, j.actor, g.queue.now(j)))
	g.ran = append(g.ran, j)
	if j.err == nil {
		g.keep(1)
	} else {
		g.takeBack()
	}
}

// book books deposits together, and gives a turn of its own to each that wants more
// than that. Whatever fails on the way, a panic too, fails again in the turn of
// the one whose fault it is.
func (g *group) book(deposits []*job) {
	deposits = slices.DeleteFunc(deposits, func(j *job) bool { return !j.take() })
	if len(deposits) == 0 || !g.ready(deposits...) {
		return
	}
	t := g.tx(context.Background(), Actor{}, time.Time{}) // each deposit has its own
	own, err := t.bookTogether(deposits, g.queue.now)
	if err != nil {
		own = deposits
		g.takeBack()
	} else if booked := len(deposits) - len(own); booked > 0 {
		for _, j := range deposits {
			if !slices.Contains(own, j) {
				j.err = nil
				g.ran = append(g.ran, j)
			}
		}
		g.keep(booked)
	}
	for _, j := range own {
		g.run(j)
	}
}

// tx is the transaction as a write sees it.
func (g *group) tx(ctx context.Context, actor Actor, now time.Time) *tx {
	return &tx{Tx: g.t.Tx, conn: g.t.conn, ctx: ctx, db: g.queue.db, actor: actor, now: now}
}

// ready makes the transaction such that what is written next harms nothing that is
// kept; or it answers the writes that wanted it and all that wait.
func (g *group) ready(wanted ...*job) bool {
	if err := g.guard(); err != nil {
		g.again() // one of those before broke it, and is told so when it runs on its own
	}
	if g.t != nil {
		return true
	}
	t, err := g.queue.db.begin()
	if err != nil {
		for _, j := range wanted {
			j.answer <- err
		}
		g.queue.turnAway(err)
		return false
	}
	g.t = t
	return true
}

// guard sets a savepoint when something is kept that the next write could harm.
func (g *group) guard() error {
	statement := "SAVEPOINT one"
	switch {
	case g.kept == 0 || g.point == fresh:
		return nil
	case g.point == spent:
		statement = "RELEASE SAVEPOINT one; SAVEPOINT one" // one round trip
	}
	_, err := g.t.Exec(statement)
	g.point = fresh
	return err
}

// keep keeps what so many writes did.
func (g *group) keep(writes int) {
	g.kept += writes
	if g.point == fresh {
		g.point = spent
	}
}

// takeBack takes back what was done since ready.
func (g *group) takeBack() {
	g.queue.db.tree.doubt()
	if g.kept == 0 {
		g.close()
		return
	}
	if _, err := g.t.Exec("ROLLBACK TO SAVEPOINT one"); err != nil {
		g.again()
	}
}

// close ends a transaction in which nothing is kept.
func (g *group) close() {
	// It may have ended itself, as SQLite does on a full disk: then there is nothing to take back.
	_ = g.t.Rollback()
	ran := g.ran
	g.forget()
	for _, j := range ran {
		j.tell(nil)
	}
}

func (g *group) forget() { g.t, g.ran, g.kept, g.point = nil, nil, 0, none }

// end commits and answers.
func (g *group) end() {
	switch {
	case g.t == nil:
		return
	case g.kept == 0:
		g.close()
		return
	}
	commit, large := g.t.Commit, g.ran[0].alone
	if large && g.queue.db.carrier != nil {
		commit = g.t.commitLarge
	}
	err := commit()
	switch {
	case err == nil:
		g.queue.db.tree.kept(g.t.Tx)
		g.queue.commits.Add(1)
		g.queue.writes.Add(int64(g.kept))
	case refusedCommit(err) && len(g.ran) > 1:
		g.again()
		return
	case refusedCommit(err):
		err = fmt.Errorf("commit: %w", err)
	default:
		err = &Error{Code: Unavailable, Key: "error.outcome_unknown", cause: fmt.Errorf("commit: %w", err)}
	}
	for _, j := range g.ran {
		j.tell(err)
	}
	g.forget()
	g.queue.db.carrier.committed(large)
	g.queue.db.carrier.finish(g.queue.db.writer)
}

// again runs the writes of a transaction that is lost once more, each in one of its
// own, where it meets no fault but its own; not those whose caller left in a panic.
func (g *group) again() {
	_ = g.t.Rollback() // see close
	ran := g.ran
	g.forget()
	for _, j := range ran {
		if errors.Is(j.err, errGone) {
			continue
		}
		own := &group{queue: g.queue}
		own.run(j)
		own.end()
	}
}
