package bank_test

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"sync"
	"testing"
	"time"

	"creditbank/internal/bank"
)

// awaited is a job once it no longer runs.
func awaited(t *testing.T, b *bank.Bank, actor bank.Actor, id string) bank.Job {
	t.Helper()
	for {
		j, err := b.Job(ctx, actor, id)
		if err != nil {
			t.Fatal(err)
		}
		if j.State != bank.JobRunning {
			return j
		}
		time.Sleep(2 * time.Millisecond)
	}
}

// begun starts a job.
func begun(t *testing.T, b *bank.Bank, actor bank.Actor, run func(context.Context, bank.JobTest) (any, error)) string {
	t.Helper()
	id, err := b.StartJob(ctx, actor, "test", "thing", run)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// counting is work of so many steps that waits at the first until it is let go, or
// until it is to end.
func counting(steps int64, started, goOn chan struct{}) func(context.Context, bank.JobTest) (any, error) {
	return func(ctx context.Context, j bank.JobTest) (any, error) {
		j.Total(steps)
		for i := range steps {
			if err := j.Add(1); err != nil {
				return nil, err
			}
			if i == 0 {
				close(started)
				select {
				case <-goOn:
				case <-ctx.Done():
				}
			}
		}
		return map[string]int64{"steps": steps}, nil
	}
}

// Whoever asks is told how far a job is, and afterwards what it came to.
func TestJobTellsHowFarItIs(t *testing.T) {
	onBoth(t, func(t *testing.T, b *bank.Bank) {
		started, goOn := make(chan struct{}), make(chan struct{})
		request, leave := context.WithCancel(ctx)
		id, err := b.StartJob(request, rosa, "test", "thing", counting(5, started, goOn))
		if err != nil {
			t.Fatal(err)
		}
		leave() // the page was closed
		<-started
		j, err := b.Job(ctx, rosa, id)
		if err != nil || j.State != bank.JobRunning || j.Done != 1 || j.Total != 5 || !j.MayCancel || j.Kind != "test" || j.Object != "thing" || j.By != rosa.Name {
			t.Errorf("on the way it is %+v, %v", j, err)
		}
		close(goOn)
		j = awaited(t, b, rosa, id)
		if j.State != bank.JobDone || j.Done != 5 || string(j.Result) != `{"steps":5}` || j.Ended.IsZero() || j.MayCancel || j.Refusal != nil {
			t.Errorf("afterwards it is %+v", j)
		}
		if err := b.CancelJob(ctx, rosa, id); err != nil {
			t.Errorf("one that has ended: %v", err)
		}
	})
}

// A job is for who started it, for the colleagues at the school, and for those who answer for the bank.
func TestJobIsForWhoStartedIt(t *testing.T) {
	onBoth(t, func(t *testing.T, b *bank.Bank) {
		started, goOn := make(chan struct{}), make(chan struct{})
		id := begun(t, b, rosa, counting(2, started, goOn))
		<-started
		stranger := bank.Actor{Name: "u:stranger", Roles: bank.IsRegistrar, Institution: "B"}
		colleague := bank.Actor{Name: "u:colleague", Roles: bank.IsExpert, Institution: rosa.Institution}
		for _, who := range []bank.Actor{stranger, bank.Visitor, pupil} {
			_, err := b.Job(ctx, who, id)
			wantKey(t, err, bank.NotFound, "error.not_found.job")
			wantKey(t, b.CancelJob(ctx, who, id), bank.NotFound, "error.not_found.job")
		}
		for _, who := range []bank.Actor{colleague, anna, carl} {
			if j, err := b.Job(ctx, who, id); err != nil || j.MayCancel == who.Is(bank.IsAuditor) {
				t.Errorf("%s gets %+v, %v", who.Name, j, err)
			}
		}
		wantKey(t, b.CancelJob(ctx, carl, id), bank.Denied, "error.role")
		if err := b.CancelJob(ctx, colleague, id); err != nil {
			t.Error(err)
		}
		if j := awaited(t, b, anna, id); j.State != bank.JobCancelled || j.Result != nil || j.Done != 2 {
			t.Errorf("cancelled it is %+v", j)
		}
		_, err := b.Job(ctx, anna, "nothing")
		wantKey(t, err, bank.NotFound, "error.not_found.job")
	})
}

// A refusal is told as one, a fault and a panic to whoever runs the bank.
func TestJobThatFails(t *testing.T) {
	onBoth(t, func(t *testing.T, b *bank.Bank) {
		var mu sync.Mutex
		var faults []string
		b.Fault = func(what string, err error) {
			mu.Lock()
			defer mu.Unlock()
			faults = append(faults, err.Error())
		}
		id := begun(t, b, rosa, func(context.Context, bank.JobTest) (any, error) {
			return nil, &bank.Error{Code: bank.Invalid, Key: "error.invalid_fields", Args: map[string]any{"Count": 1, "Share": 0.5},
				Fields: []bank.FieldError{{Field: "id_number", Value: "somebody's", Code: "required"}}}
		})
		j := awaited(t, b, rosa, id)
		if j.State != bank.JobFailed || j.Refusal == nil || j.Refusal.Code != bank.Invalid || j.Refusal.Args["Count"] != 1 || len(j.Refusal.Fields) != 1 || j.Refusal.Fields[0].Value != "" {
			t.Errorf("a refusal is %+v, %+v", j, j.Refusal)
		}
		for _, run := range []func(context.Context, bank.JobTest) (any, error){
			func(context.Context, bank.JobTest) (any, error) { return nil, errors.New("broken") },
			func(context.Context, bank.JobTest) (any, error) { panic("broken") },
			func(context.Context, bank.JobTest) (any, error) { return make(chan int), nil },
		} {
			if j := awaited(t, b, rosa, begun(t, b, rosa, run)); j.State != bank.JobFailed || j.Refusal != nil || j.Result != nil {
				t.Errorf("a fault is %+v", j)
			}
		}
		if err := b.Close(); err != nil { // waits until the last was told
			t.Fatal(err)
		}
		if len(faults) != 3 {
			t.Errorf("told of %q", faults)
		}
	})
}

// What runs when the bank closes is told to end, and what it came to stands there
// when the bank opens again; a job whose process died is found out by its lease.
func TestJobIsInterrupted(t *testing.T) {
	onBothWithKey(t, func(t *testing.T, b *bank.Bank, dsn, _ string) {
		started := make(chan struct{})
		closed := begun(t, b, rosa, counting(5, started, nil))
		<-started
		raw := rawOf(t, dsn)
		if err := b.Close(); err != nil {
			t.Fatal(err)
		}
		_, err := b.StartJob(ctx, rosa, "test", "", nil)
		wantKey(t, err, bank.Unavailable, "error.closing")
		b = open(t, dsn)
		j, err := b.Job(ctx, rosa, closed)
		if err != nil || j.State != bank.JobInterrupted || j.Ended.IsZero() {
			t.Errorf("after the end it is %+v, %v", j, err)
		}
		lost := lostJob(t, b, raw)
		if j, err := b.Job(ctx, rosa, lost); err != nil || j.State != bank.JobRunning {
			t.Errorf("in another process it is %+v, %v", j, err)
		}
		now := b.Now()
		b.Now = func() time.Time { return now.Add(3 * time.Minute) }
		if j, err := b.Job(ctx, rosa, lost); err != nil || j.State != bank.JobInterrupted || j.MayCancel || j.Ended.IsZero() {
			t.Errorf("without its process it is %+v, %v", j, err)
		}
	})
}

// lostJob is a job of a process that is no more: a row that nobody changes.
func lostJob(t *testing.T, b *bank.Bank, raw *sql.DB) string {
	t.Helper()
	id := begun(t, b, rosa, func(context.Context, bank.JobTest) (any, error) { return 1, nil })
	awaited(t, b, rosa, id)
	if _, err := raw.Exec(`UPDATE job SET state = 'running', ended_at = NULL, result = '' WHERE id = '` + id + `'`); err != nil {
		t.Fatal(err)
	}
	for { // until this process has forgotten it
		if j, err := b.Job(ctx, rosa, id); err != nil || j.Done == 0 && j.Result == nil {
			return id
		}
	}
}

// One process ends a job of another.
func TestJobIsCancelledFromAnotherProcess(t *testing.T) {
	onBothWithKey(t, func(t *testing.T, b *bank.Bank, dsn, _ string) {
		started := make(chan struct{})
		id := begun(t, b, rosa, counting(5, started, nil))
		<-started
		other := open(t, dsn)
		if err := other.CancelJob(ctx, anna, id); err != nil {
			t.Fatal(err)
		}
		if j := awaited(t, other, anna, id); j.State != bank.JobCancelled {
			t.Errorf("it is %+v", j)
		}
	})
}

// Jobs that ended long ago are removed, but for those on which a decision rests.
func TestJobIsNotKeptForEver(t *testing.T) {
	onBothRaw(t, func(t *testing.T, b *bank.Bank, raw *sql.DB) {
		done := func(context.Context, bank.JobTest) (any, error) { return json.RawMessage(`1`), nil }
		old, kept := begun(t, b, rosa, done), begun(t, b, rosa, done)
		awaited(t, b, rosa, old)
		awaited(t, b, rosa, kept)
		if _, err := raw.Exec(`UPDATE job SET kept = TRUE WHERE id = '` + kept + `'`); err != nil {
			t.Fatal(err)
		}
		now := b.Now()
		b.Now = func() time.Time { return now.AddDate(0, 0, 31) }
		fresh := begun(t, b, rosa, done)
		awaited(t, b, rosa, fresh)
		removed, err := b.Sweep(ctx)
		if err != nil || removed["job"] != 1 {
			t.Errorf("removed %v, %v", removed, err)
		}
		_, err = b.Job(ctx, rosa, old)
		wantKey(t, err, bank.NotFound, "error.not_found.job")
		for _, id := range []string{kept, fresh} {
			if _, err := b.Job(ctx, rosa, id); err != nil {
				t.Error(err)
			}
		}
	})
}
