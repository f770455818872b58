package bank

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
	"time"
)

// maxWaiting is how many writes may wait for the writer; one more is turned away.
const maxWaiting = 1024

// queue gives the one writing transaction to the writes that wait, in the order in
// which they came.
type queue struct {
	db      *database
	group   int // how many writes share a transaction at most
	waiting chan *job
	done    chan struct{}

	mu     sync.RWMutex // of closed
	closed bool

	last   time.Time // the moment of the last write; the writer's alone
	opened time.Time
	begun  atomic.Int64 // when the transaction under way began, in nanoseconds since opened

	writes, commits, refused atomic.Int64
}

// Load is how much the writer has done since the bank was opened. Writes divided by
// Commits is how many writes shared a flush of the disk.
type Load struct {
	Writes  int64 // kept and acknowledged
	Commits int64 // transactions they took
	Refused int64 // turned away since too many waited
	Waiting int   // at this moment
}

// Load is for whoever watches the bank. It costs nothing.
func (b *Bank) Load() Load {
	q := b.db.queue
	return Load{Writes: q.writes.Load(), Commits: q.commits.Load(), Refused: q.refused.Load(), Waiting: len(q.waiting)}
}

// newQueue starts the writer; close stops it.
func newQueue(d *database) *queue {
	q := &queue{db: d, group: maxGroup, waiting: make(chan *job, maxWaiting), done: make(chan struct{}), opened: time.Now()}
	go q.serve()
	return q
}

// close takes no more writes, and comes back when those that wait are answered.
func (q *queue) close() {
	q.mu.Lock()
	if !q.closed {
		q.closed = true
		close(q.waiting)
	}
	q.mu.Unlock()
	<-q.done
}

// serve is the writer.
func (q *queue) serve() {
	defer close(q.done)
	for j := range q.waiting {
		// Whoever is about to write, as those are who were just answered, comes along.
		// On an idle machine this takes no time.
		runtime.Gosched()
		for j != nil {
			j = q.serveGroup(j)
		}
	}
}

// serveGroup runs the first and all that wait behind it, and those that come
// meanwhile, as far as they may share a transaction. It gives the one that may not.
func (q *queue) serveGroup(first *job) (next *job) {
	q.begun.Store(int64(time.Since(q.opened)))
	g := &group{queue: q}
	defer g.end()
	for j := first; j != nil; {
		switch {
		case len(g.ran) >= q.group, j.alone && len(g.ran) > 0:
			return j
		case j.alone:
			g.run(j)
			return nil
		case j.deposit != nil:
			var together []*job
			together, j = q.deposits(j, q.group-len(g.ran))
			g.book(together)
		default:
			g.run(j)
			j = nil
		}
		if j == nil && len(g.ran) < q.group {
			if j = q.poll(); j == nil {
				runtime.Gosched()
				j = q.poll()
			}
		}
	}
	return nil
}

// deposits are the first and those that wait behind it without another write
// between them, so many at most; next is the one that is none.
func (q *queue) deposits(first *job, most int) (together []*job, next *job) {
	together = append(make([]*job, 0, most), first)
	for len(together) < most {
		switch j := q.poll(); {
		case j == nil:
			return together, nil
		case j.deposit == nil:
			return together, j
		default:
			together = append(together, j)
		}
	}
	return together, nil
}

// poll is the next that waits, or nil.
func (q *queue) poll() *job {
	select {
	case j := <-q.waiting:
		return j // nil when the queue is closed and empty
	default:
		return nil
	}
}

// turnAway answers all that wait: the database cannot be written at all, and each
// of them would only find out after the same patience.
func (q *queue) turnAway(err error) {
	for range len(q.waiting) {
		if j := q.poll(); j != nil {
			j.answer <- err
		}
	}
}

// enter takes a place in the queue. It promises TooMany and Unavailable as
// [Bank.write] does.
func (q *queue) enter(j *job) error {
	q.mu.RLock()
	defer q.mu.RUnlock()
	if q.closed {
		return &Error{Code: Unavailable, Key: "error.closing"}
	}
	select {
	case q.waiting <- j:
		return nil
	default:
		q.refused.Add(1)
		return &Error{Code: TooMany, Key: "error.queue_full", Args: map[string]any{"Seconds": q.hint()}}
	}
}

// hint is in how many seconds to ask again: as long as the transaction under way
// has taken so far, between a second and a minute.
func (q *queue) hint() int {
	taken := time.Since(q.opened) - time.Duration(q.begun.Load())
	return int(min(max(taken, time.Second), time.Minute) / time.Second)
}

// now is the moment of a write by its clock, but never before that of an earlier
// one: a clock that is set back stands still until it has caught up.
func (q *queue) now(j *job) time.Time {
	at := j.clock()
	if j.timeless {
		return at
	}
	// By the wall: time.Time alone would compare the readings of the monotonic clock.
	if at.UnixNano() < q.last.UnixNano() && !q.last.IsZero() {
		return q.last
	}
	q.last = at
	return at
}

// job is one write on its way.
type job struct {
	ctx      context.Context
	actor    Actor
	clock    func() time.Time
	do       func(*tx) error
	deposit  *booking // a deposit that may be booked together with others, in place of do
	alone    bool     // shares its transaction with nobody
	timeless bool     // its moment binds no later one

	held   atomic.Int32 // by whom: waiting, taken or left
	turn   chan *tx     // the caller's, to run do with
	result chan error   // what do came to
	answer chan error   // what the caller is told

	err error // what the write came to; the writer's alone
}

// Who holds a write.
const (
	waiting = iota
	taken   // the writer: the caller waits until it is answered
	left    // nobody: the caller has left, and it is never done
)

func newJob(ctx context.Context, actor Actor, clock func() time.Time, do func(*tx) error) *job {
	return &job{ctx: ctx, actor: actor, clock: clock, do: do,
		turn: make(chan *tx, 1), result: make(chan error, 1), answer: make(chan error, 1)}
}

// write waits for its turn, takes it and waits for the answer.
func (q *queue) write(j *job) error {
	if err := q.enter(j); err != nil {
		return err
	}
	gone := j.ctx.Done()
	for {
		select {
		case t := <-j.turn:
			j.run(t)
		case <-gone:
			if j.held.CompareAndSwap(waiting, left) {
				return fmt.Errorf("withdrawn before it began: %w", j.ctx.Err())
			}
			gone = nil // it has begun: the answer alone tells what happened
		case err := <-j.answer:
			return err
		}
	}
}

// errGone is what a caller came to who left in a panic.
var errGone = errors.New("the caller has left")

// run tells the writer what do came to, also when do never comes back.
func (j *job) run(t *tx) {
	err := errGone
	defer func() { j.result <- err }()
	err = j.do(t)
}

// take makes the write the writer's, unless the caller has left or is about to.
func (j *job) take() bool {
	return j.held.Load() == taken || j.ctx.Err() == nil && j.held.CompareAndSwap(waiting, taken)
}

// give gives the caller its turn and waits until it has used it.
func (j *job) give(t *tx) {
	j.turn <- t
	j.err = <-j.result
}

// tell answers the caller; err is what became of the whole transaction.
func (j *job) tell(err error) {
	if err == nil && !errors.Is(j.err, errRollback) {
		err = j.err
	}
	j.answer <- err
}
