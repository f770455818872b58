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
	for j := first; j != nil; j = q.poll() {
		if j.alone && len(g.ran) > 0 {
			return j
		}
		g.run(j)
		if j.alone || len(g.ran) >= q.group {
			return nil
		}
	}
	return nil
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
	alone    bool // shares its transaction with nobody
	timeless bool // its moment binds no later one

	turn   chan *tx   // not buffered: either it is taken or the caller has left
	result chan error // what do came to
	answer chan error // what the caller is told

	// The writer's alone.
	started bool
	err     error // what do came to
}

func newJob(ctx context.Context, actor Actor, clock func() time.Time, do func(*tx) error) *job {
	return &job{ctx: ctx, actor: actor, clock: clock, do: do,
		turn: make(chan *tx), result: make(chan error, 1), answer: make(chan error, 1)}
}

// write waits for its turn, takes it and waits for the answer.
func (q *queue) write(j *job) error {
	if err := q.enter(j); err != nil {
		return err
	}
	left := j.ctx.Done()
	for {
		select {
		case t := <-j.turn:
			left = nil // from here on the answer alone tells what happened
			j.run(t)
		case <-left:
			return fmt.Errorf("withdrawn before it began: %w", j.ctx.Err())
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

// offer gives the caller its turn and waits until it has used it. It says whether
// the caller took it. A caller that has started once is there until it is answered.
func (j *job) offer(t *tx) bool {
	left := j.ctx.Done()
	if j.started {
		left = nil
	}
	select {
	case j.turn <- t:
	case <-left:
		return false
	}
	j.started = true
	j.err = <-j.result
	return true
}

// withdrawn says that the caller has left, or is about to, before its turn.
func (j *job) withdrawn() bool { return !j.started && j.ctx.Err() != nil }

// tell answers the caller; err is what became of the whole transaction.
func (j *job) tell(err error) {
	if err == nil && !errors.Is(j.err, errRollback) {
		err = j.err
	}
	j.answer <- err
}
