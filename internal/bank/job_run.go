package bank

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"
)

// progress is how far a job is. Its methods are safe for any number of callers.
type progress struct {
	id          string // of the job
	ctx         context.Context
	stop        context.CancelCauseFunc
	done, whole atomic.Int64
}

// Why a job is ended from outside.
var (
	errJobCancelled = errors.New("somebody cancelled the job")
	errJobClosing   = errors.New("the bank closes")
)

// total says how much there is to do.
func (p *progress) total(n int64) { p.whole.Store(n) }

// add says that so much more is done. It gives an error once the job is to end,
// which run hands back as it is.
func (p *progress) add(n int64) error {
	p.done.Add(n)
	return context.Cause(p.ctx)
}

// jobs are those that run in this process.
type jobs struct {
	mu     sync.Mutex
	closed bool
	by     map[string]*progress
	all    sync.WaitGroup
}

// enter makes room for a job. It promises Unavailable after close.
func (s *jobs) enter(ctx context.Context, id string) (*progress, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil, &Error{Code: Unavailable, Key: "error.closing"}
	}
	p := &progress{id: id}
	p.ctx, p.stop = context.WithCancelCause(context.WithoutCancel(ctx))
	if s.by == nil {
		s.by = map[string]*progress{}
	}
	s.by[id] = p
	s.all.Add(1)
	return p, nil
}

func (s *jobs) leave(id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.by[id].stop(nil)
	delete(s.by, id)
	s.all.Done()
}

// running is the progress of a job that runs in this process, else nil.
func (s *jobs) running(id string) *progress {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.by[id]
}

// close ends all that run, and waits until they have said so.
func (s *jobs) close() {
	s.mu.Lock()
	s.closed = true
	for _, p := range s.by {
		p.stop(errJobClosing)
	}
	s.mu.Unlock()
	s.all.Wait()
}

// runJob does the work of a job, and keeps what it came to.
func (b *Bank) runJob(actor Actor, id string, p *progress, run func(context.Context, *progress) (any, error)) {
	defer b.jobs.leave(id)
	ctx, quiet := context.WithCancel(context.Background())
	told := make(chan struct{})
	go func() {
		defer close(told)
		b.tellJob(ctx, actor, id, p)
	}()
	result, err := p.guard(run)
	quiet()
	<-told
	fault := b.endJob(actor, id, p, result, err)
	if fault != nil && b.Fault != nil {
		b.Fault("job "+id, fault)
	}
}

// guard makes a fault of a panic: the job ends, and nobody else with it.
func (p *progress) guard(run func(context.Context, *progress) (any, error)) (result any, err error) {
	defer func() {
		if broken := recover(); broken != nil {
			err = fmt.Errorf("panic: %v", broken)
		}
	}()
	return run(p.ctx, p)
}

// How often the database is told how far a job is, and that it lives though nothing moved.
const (
	jobTell  = 500 * time.Millisecond
	jobAlive = jobLease / 4
)

// tellJob keeps the row of a job as it is until ctx ends, and ends the job when it
// was cancelled in another process.
func (b *Bank) tellJob(ctx context.Context, actor Actor, id string, p *progress) {
	tick := time.NewTicker(jobTell)
	defer tick.Stop()
	var told, whole int64
	at := time.Now() // the machine's: how long nothing was told
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		done, total := p.done.Load(), p.whole.Load()
		if done == told && total == whole && time.Since(at) < jobAlive {
			b.heedCancel(ctx, id, p)
			continue
		}
		// One that cannot be written now is written with the next, or the lease runs out.
		if b.write(ctx, actor, func(t *tx) error { return t.tellJob(id, done, total) }) == nil {
			told, whole, at = done, total, time.Now()
		}
		b.heedCancel(ctx, id, p)
	}
}

func (t *tx) tellJob(id string, done, total int64) error {
	return t.exec(`UPDATE job SET done = $1, total = $2, updated_at = $3, leased_until = $4 WHERE id = $5 AND state = 'running'`,
		done, total, micros(t.now), micros(t.now.Add(jobLease)), id)
}

// heedCancel asks whether another process was told to end the job.
func (b *Bank) heedCancel(ctx context.Context, id string, p *progress) {
	var cancelled bool
	err := b.db.each(ctx, func(rows *sql.Rows) error { return rows.Scan(&cancelled) }, `SELECT cancelled FROM job WHERE id = $1`, id)
	if err == nil && cancelled {
		p.stop(errJobCancelled)
	}
}

// endJob keeps what a job came to, and gives what of it is a fault of ours.
func (b *Bank) endJob(actor Actor, id string, p *progress, result any, err error) (fault error) {
	state, kept, refusal := JobDone, "", ""
	var refused *Error
	switch cause := context.Cause(p.ctx); {
	case err == nil:
		kept, err = jobText(result)
		if err != nil {
			state, fault = JobFailed, err
		}
	case errors.Is(cause, errJobCancelled):
		state = JobCancelled
	case errors.Is(cause, errJobClosing):
		state = JobInterrupted
	case errors.As(err, &refused):
		state = JobFailed
		refusal, fault = jobText(withoutValues(refused))
	default:
		state, fault = JobFailed, err
	}
	done, total := p.done.Load(), p.whole.Load()
	err = b.write(context.Background(), actor, func(t *tx) error {
		return t.exec(`UPDATE job SET state = $1, done = $2, total = $3, updated_at = $4, ended_at = $4, result = $5, refusal = $6 WHERE id = $7 AND state = 'running'`,
			state, done, total, micros(t.now), kept, refusal, id)
	})
	return errors.Join(fault, err)
}

func jobText(v any) (string, error) {
	text, err := json.Marshal(v)
	if err != nil {
		return "", fmt.Errorf("what a job came to: %w", err)
	}
	return string(text), nil
}

// withoutValues is a refusal without what somebody had written into the fields.
func withoutValues(e *Error) Error {
	kept := Error{Code: e.Code, Key: e.Key, Args: e.Args}
	for _, f := range e.Fields {
		f.Value = ""
		kept.Fields = append(kept.Fields, f)
	}
	return kept
}

// readRefusal reads a refusal that was kept, its numbers as numbers; nil of "".
func readRefusal(text string) (*Error, error) {
	if text == "" {
		return nil, nil
	}
	e := &Error{}
	decoder := json.NewDecoder(bytes.NewReader([]byte(text)))
	decoder.UseNumber()
	if err := decoder.Decode(e); err != nil {
		return nil, fmt.Errorf("the refusal of a job: %w", err)
	}
	wholeNumbers(e.Args)
	for i := range e.Fields {
		wholeNumbers(e.Fields[i].Args)
	}
	return e, nil
}

func wholeNumbers(args map[string]any) {
	for name, v := range args {
		if number, is := v.(json.Number); is {
			args[name] = number.String()
			if n, err := number.Int64(); err == nil {
				args[name] = int(n)
			}
		}
	}
}
