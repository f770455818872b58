package bank_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"creditbank/internal/bank"
	"creditbank/internal/testbed"
)

var ctx = context.Background()

// line is a write of one line.
func line(object string) func(bank.Tx) error {
	return func(t bank.Tx) error { return t.Note(object) }
}

// hold keeps the writer busy with a write of its own until it is released.
func hold(t *testing.T, b *bank.Bank) (release func()) {
	t.Helper()
	in, out, told := make(chan bool), make(chan bool), make(chan error, 1)
	var once sync.Once // it may run again
	go func() {
		told <- b.Write(ctx, func(bank.Tx) error { once.Do(func() { close(in) }); <-out; return nil })
	}()
	<-in
	return func() {
		t.Helper()
		close(out)
		if err := <-told; err != nil {
			t.Errorf("the write that held the others: %v", err)
		}
	}
}

// queued starts writes one behind the other, each of which waits before the next
// starts; the errors are there when all are answered.
func queued(t *testing.T, b *bank.Bank, writes ...func() error) (answers func() []error) {
	t.Helper()
	var wait sync.WaitGroup
	told := make([]error, len(writes))
	for i, write := range writes {
		waiting := b.Load().Waiting
		wait.Go(func() { told[i] = write() })
		until(t, func() bool { return b.Load().Waiting == waiting+1 })
	}
	return func() []error { wait.Wait(); return told }
}

func until(t *testing.T, true func() bool) {
	t.Helper()
	for range 10000 {
		if true() {
			return
		}
		time.Sleep(time.Millisecond)
	}
	t.Fatal("it never came true")
}

func wantNotes(t *testing.T, b *bank.Bank, want ...string) {
	t.Helper()
	if got := b.Notes(t); !slices.Equal(got, want) {
		t.Errorf("kept are %q, want %q", got, want)
	}
}

var errOnPurpose = errors.New("on purpose")

// Sixty-four at once: what was acknowledged is there, what failed left nothing, and
// the disk was asked far less often.
func TestWritesAtOnce(t *testing.T) {
	onBoth(t, func(t *testing.T, b *bank.Bank) {
		const callers, rounds = 64, 10
		before := b.Load()
		release := hold(t, b)
		var wait sync.WaitGroup
		kept := make([][]string, callers)
		for i := range callers {
			wait.Go(func() {
				for n := range rounds {
					name, fails := fmt.Sprintf("%d-%d", i, n), n%5 == i%5
					err := b.Write(ctx, func(t bank.Tx) error {
						if err := t.Note(name); err != nil || !fails {
							return err
						}
						return errOnPurpose
					})
					switch {
					case err == nil && !fails:
						kept[i] = append(kept[i], name)
					case !fails || !errors.Is(err, errOnPurpose):
						t.Errorf("%s: got %v", name, err)
					}
				}
			})
		}
		until(t, func() bool { return b.Load().Waiting == callers })
		release()
		wait.Wait()
		got, want := b.Notes(t), slices.Concat(kept...)
		slices.Sort(got)
		slices.Sort(want)
		if !slices.Equal(got, want) {
			t.Errorf("%d are kept, %d were acknowledged", len(got), len(want))
		}
		after := b.Load()
		if writes := after.Writes - before.Writes; writes != int64(len(want)+1) {
			t.Errorf("%d writes were counted, want %d", writes, len(want)+1)
		}
		if commits := after.Commits - before.Commits; commits > int64(len(want)/8) {
			t.Errorf("%d commits for %d writes", commits, len(want))
		}
	})
}

func TestWhoLeavesBeforeItsTurnIsNotServed(t *testing.T) {
	onBoth(t, func(t *testing.T, b *bank.Bank) {
		release := hold(t, b)
		leaving, leave := context.WithCancel(ctx)
		answers := queued(t, b,
			func() error { return b.Write(ctx, line("stays")) },
			func() error { return b.Write(leaving, line("leaves")) },
			func() error { return b.WriteAlone(leaving, line("leaves too")) },
		)
		leave()
		release()
		told := answers()
		if told[0] != nil || !errors.Is(told[1], context.Canceled) || !errors.Is(told[2], context.Canceled) {
			t.Errorf("got %v", told)
		}
		wantNotes(t, b, "stays")
	})
}

// Who leaves while its write runs hears the truth: it was kept.
func TestWhoLeavesInItsTurnIsAnswered(t *testing.T) {
	onBoth(t, func(t *testing.T, b *bank.Bank) {
		leaving, leave := context.WithCancel(ctx)
		err := b.Write(leaving, func(t bank.Tx) error { leave(); return t.Note("kept") })
		if err != nil {
			t.Errorf("got %v", err)
		}
		leaving, leave = context.WithCancel(ctx)
		err = b.WriteAlone(leaving, func(t bank.Tx) error { leave(); return t.Note("ended") })
		if !errors.Is(err, context.Canceled) {
			t.Errorf("a long write was not ended: %v", err)
		}
		if err := b.Write(ctx, line("goes on")); err != nil {
			t.Error(err)
		}
		wantNotes(t, b, "kept", "goes on")
	})
}

// Close answers all that wait, takes nothing more and leaves nothing running.
func TestCloseDrains(t *testing.T) {
	run := func(t *testing.T, dsn string) {
		b := open(t, dsn)
		release := hold(t, b)
		var writes []func() error
		var want []string
		for i := range 20 {
			want = append(want, fmt.Sprint(i))
			write := b.Write
			if i%5 == 4 {
				write = b.WriteAlone // another transaction
			}
			writes = append(writes, func() error { return write(ctx, line(fmt.Sprint(i))) })
		}
		answers := queued(t, b, writes...)
		closed := make(chan error)
		go func() { closed <- b.Close() }()
		until(t, func() bool { return bank.CodeOf(b.Write(withdrawn(), line("late"))) == bank.Unavailable })
		release()
		if err := errors.Join(append(answers(), <-closed)...); err != nil {
			t.Error(err)
		}
		if err := b.Close(); err != nil {
			t.Errorf("closed twice: %v", err)
		}
		wantNotes(t, open(t, dsn), want...)
	}
	before := writers()
	t.Run("sqlite", func(t *testing.T) { run(t, "sqlite:"+filepath.Join(t.TempDir(), "bank.db")) })
	t.Run("postgres", func(t *testing.T) { run(t, testbed.Postgres(t)) })
	if after := writers(); after > before {
		t.Errorf("%d writers run, %d did before", after, before)
	}
}

// withdrawn is the context of somebody who has left already.
func withdrawn() context.Context {
	gone, leave := context.WithCancel(ctx)
	leave()
	return gone
}

// writers counts the goroutines that serve a queue.
func writers() int {
	stacks := make([]byte, 1<<20)
	return strings.Count(string(stacks[:runtime.Stack(stacks, true)]), "bank.(*queue).serve(")
}

// Two processes on one database: the numbers of the audit log, each one more than
// the highest there is, have neither gaps nor doubles.
func TestTwoBanksOnOneDatabase(t *testing.T) {
	run := func(t *testing.T, dsn string) {
		banks := []*bank.Bank{open(t, dsn), open(t, dsn)}
		var wait sync.WaitGroup
		for i := range 32 {
			wait.Go(func() {
				for n := range 5 {
					if err := banks[i%2].Write(ctx, line(fmt.Sprint(i, n))); err != nil {
						t.Error(err)
					}
				}
			})
		}
		wait.Wait()
		if got := len(banks[0].Notes(t)); got != 160 {
			t.Errorf("%d are kept, want 160", got)
		}
	}
	t.Run("sqlite", func(t *testing.T) { run(t, "sqlite:"+filepath.Join(t.TempDir(), "bank.db")) })
	t.Run("postgres", func(t *testing.T) { run(t, testbed.Postgres(t)) })
}

// Beyond what may wait, a write is turned away at once and told when to come back.
func TestTooManyAreTurnedAway(t *testing.T) {
	onBoth(t, func(t *testing.T, b *bank.Bank) {
		release := hold(t, b)
		var wait sync.WaitGroup
		for i := range bank.MaxWaiting {
			wait.Go(func() {
				if err := b.Write(ctx, line(fmt.Sprint(i))); err != nil {
					t.Error(err)
				}
			})
		}
		until(t, func() bool { return b.Load().Waiting == bank.MaxWaiting })
		err := b.Write(ctx, line("one too many"))
		var refusal *bank.Error
		if !errors.As(err, &refusal) || refusal.Code != bank.TooMany {
			t.Fatalf("got %v, want TooMany", err)
		}
		if seconds, ok := refusal.Args["Seconds"].(int); !ok || seconds < 1 || seconds > 60 {
			t.Errorf("come back in %v seconds", refusal.Args["Seconds"])
		}
		release()
		wait.Wait()
		if got, load := len(b.Notes(t)), b.Load(); got != bank.MaxWaiting || load.Refused != 1 || load.Waiting != 0 {
			t.Errorf("%d are kept; %+v", got, load)
		}
	})
}

// A clock that is set back stands still in what is written.
func TestTimeNeverGoesBack(t *testing.T) {
	b := open(t, "sqlite:"+filepath.Join(t.TempDir(), "bank.db"))
	start := b.Now()
	for _, step := range []struct{ clock, want time.Duration }{{0, 0}, {time.Hour, time.Hour}, {-time.Hour, time.Hour}, {2 * time.Hour, 2 * time.Hour}} {
		b.Now = func() time.Time { return start.Add(step.clock) }
		var got time.Time
		if err := b.Write(ctx, func(t bank.Tx) error { got = t.At(); return nil }); err != nil {
			t.Fatal(err)
		}
		if !got.Equal(start.Add(step.want)) {
			t.Errorf("at %v it is %v, want %v", step.clock, got.Sub(start), step.want)
		}
	}
}

// Nobody but its owner may read the file of a bank, its log included.
func TestFileIsItsOwners(t *testing.T) {
	path := filepath.Join(t.TempDir(), "bank.db")
	open(t, "sqlite:"+path)
	for _, name := range []string{path, path + "-wal", path + "-ledger-key", path + "-personal-key"} {
		info, err := os.Stat(name)
		if err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v %v", filepath.Base(name), info, err)
		}
	}
}
