package bank_test

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"creditbank/internal/bank"
)

// deposit is a keyed write of one line, answered with it.
func deposit(b *bank.Bank, actor, key, body string) (answer string, replayed bool, err error) {
	given, replayed, err := b.Once(ctx, actor, bank.Request{Key: key, Operation: "deposit", Body: []byte(body)}, func(t bank.Tx) ([]byte, error) {
		return []byte("answer to " + body), t.Note(body)
	})
	return string(given), replayed, err
}

func TestSameKeyGivesTheFirstAnswer(t *testing.T) {
	onBoth(t, func(t *testing.T, b *bank.Bank) {
		for i, replays := range []bool{false, true, true} {
			answer, replayed, err := deposit(b, "school", "k1", "a")
			if answer != "answer to a" || replayed != replays || err != nil {
				t.Errorf("call %d: got %q, %v, %v", i, answer, replayed, err)
			}
		}
		for name, call := range map[string]func() (string, bool, error){
			"another actor": func() (string, bool, error) { return deposit(b, "other school", "k1", "a") },
			"another key":   func() (string, bool, error) { return deposit(b, "school", "k2", "a") },
			"no key":        func() (string, bool, error) { return deposit(b, "school", "", "a") },
			"again no key":  func() (string, bool, error) { return deposit(b, "school", "", "a") },
		} {
			if answer, replayed, err := call(); answer != "answer to a" || replayed || err != nil {
				t.Errorf("%s: got %q, %v, %v", name, answer, replayed, err)
			}
		}
		if got := len(b.Notes(t)); got != 5 {
			t.Errorf("%d lines are kept, want 5", got)
		}
	})
}

// An answer of nothing is one too.
func TestEmptyAnswerIsReplayed(t *testing.T) {
	onBoth(t, func(t *testing.T, b *bank.Bank) {
		for _, replays := range []bool{false, true} {
			answer, replayed, err := b.Once(ctx, "school", bank.Request{Key: "k", Operation: "submit"}, func(t bank.Tx) ([]byte, error) {
				return nil, t.Note("a")
			})
			if len(answer) != 0 || replayed != replays || err != nil {
				t.Errorf("got %q, %v, %v", answer, replayed, err)
			}
		}
		wantNotes(t, b, "a")
	})
}

func TestSameKeyForSomethingElseIsAConflict(t *testing.T) {
	onBoth(t, func(t *testing.T, b *bank.Bank) {
		if _, _, err := deposit(b, "school", "k", "a"); err != nil {
			t.Fatal(err)
		}
		for _, r := range []bank.Request{
			{Key: "k", Operation: "deposit", Body: []byte("b")},
			{Key: "k", Operation: "deposita", Body: nil}, // the same bytes one behind the other
			{Key: "k", Operation: "decide", Body: []byte("a")},
		} {
			answer, replayed, err := b.Once(ctx, "school", r, func(t bank.Tx) ([]byte, error) { return nil, t.Note("never") })
			var refusal *bank.Error
			if !errors.As(err, &refusal) || refusal.Code != bank.Conflict || refusal.Key != "error.idempotency" || answer != nil || replayed {
				t.Errorf("%+v: got %q, %v, %v", r, answer, replayed, err)
			}
		}
		wantNotes(t, b, "a")
	})
}

// Thirty-two at once with one key: one runs, all have its answer.
func TestSameKeyAtOnce(t *testing.T) {
	onBoth(t, func(t *testing.T, b *bank.Bank) {
		var wait sync.WaitGroup
		var replays atomic.Int64
		for range 32 {
			wait.Go(func() {
				answer, replayed, err := deposit(b, "school", "k", "a")
				if answer != "answer to a" || err != nil {
					t.Errorf("got %q, %v", answer, err)
				}
				if replayed {
					replays.Add(1)
				}
			})
		}
		wait.Wait()
		if replays.Load() != 31 {
			t.Errorf("%d are replays, want 31", replays.Load())
		}
		wantNotes(t, b, "a")
	})
}

// What was refused, or rolled back, or left in a panic, keeps no answer: mended, it
// runs under the same key, even with another body.
func TestRefusedRequestsMayBeMended(t *testing.T) {
	onBoth(t, func(t *testing.T, b *bank.Bank) {
		refuse := func(t bank.Tx) error { return &bank.Error{Code: bank.Insufficient, Key: "x"} }
		for name, bad := range map[string]func(bank.Tx) error{"refused": refuse, "rolled-back": func(bank.Tx) error { return bank.ErrRollback }, "panic": func(bank.Tx) error { panic("x") }} {
			func() {
				defer func() { _ = recover() }()
				_, replayed, err := b.Once(ctx, "school", bank.Request{Key: name, Operation: "deposit", Body: []byte("bad")},
					func(t bank.Tx) ([]byte, error) { return []byte("x"), errors.Join(t.Note("bad"), bad(t)) })
				if replayed || name == "refused" && bank.CodeOf(err) != bank.Insufficient {
					t.Errorf("%s: got %v, %v", name, replayed, err)
				}
			}()
			if answer, replayed, err := deposit(b, "school", name, "mended"); answer != "answer to mended" || replayed || err != nil {
				t.Errorf("%s: got %q, %v, %v", name, answer, replayed, err)
			}
		}
		wantNotes(t, b, "mended", "mended", "mended")
	})
}

func TestFormOfKeys(t *testing.T) {
	b := open(t, "sqlite:"+filepath.Join(t.TempDir(), "bank.db"))
	for key, good := range map[string]bool{
		"a": true, "!~": true, "\"8e03978e-40d5-43dd-bc93-6894a57f9324\"": true, strings.Repeat("k", 255): true,
		strings.Repeat("k", 256): false, "with blank": false, "tab\t": false, "键": false, "\x00": false, "\x7f": false, " ": false,
	} {
		_, _, err := deposit(b, "school", key, "a")
		if good != (err == nil) || !good && bank.CodeOf(err) != bank.Invalid {
			t.Errorf("%q: got %v", key, err)
		}
	}
}

// An answer is there for a week, also for another process; later ones forget it in passing.
func TestAnswersAreForgottenInPassing(t *testing.T) {
	onBoth(t, func(t *testing.T, b *bank.Bank) {
		start := b.Now()
		for i := range 100 {
			if _, _, err := deposit(b, "school", fmt.Sprint("old", i), "a"); err != nil {
				t.Fatal(err)
			}
		}
		b.Now = func() time.Time { return start.Add(7*24*time.Hour - time.Minute) }
		for i := range 100 {
			if _, _, err := deposit(b, "school", fmt.Sprint("young", i), "a"); err != nil {
				t.Fatal(err)
			}
		}
		if _, replayed, err := deposit(b, "school", "old0", "a"); !replayed || err != nil || b.Answers(t) != 200 {
			t.Errorf("within the week: %v, %v, %d answers", replayed, err, b.Answers(t))
		}
		b.Now = func() time.Time { return start.Add(7*24*time.Hour + time.Minute) }
		for i := range 100 {
			if _, _, err := deposit(b, "school", fmt.Sprint("new", i), "a"); err != nil {
				t.Fatal(err)
			}
		}
		if got := b.Answers(t); got != 200 {
			t.Errorf("%d answers are kept, want the 200 young ones", got)
		}
		if _, replayed, err := deposit(b, "school", "old0", "b"); replayed || err != nil {
			t.Errorf("after the week: %v, %v", replayed, err)
		}
	})
}

// The answer is kept with what it speaks of, for whoever opens the bank next.
func TestAnswersOutliveTheProcess(t *testing.T) {
	path := "sqlite:" + filepath.Join(t.TempDir(), "bank.db")
	first := open(t, path)
	if _, _, err := deposit(first, "school", "k", "a"); err != nil {
		t.Fatal(err)
	}
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	if answer, replayed, err := deposit(open(t, path), "school", "k", "a"); answer != "answer to a" || !replayed || err != nil {
		t.Errorf("got %q, %v, %v", answer, replayed, err)
	}
}
