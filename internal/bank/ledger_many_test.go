package bank_test

import (
	"errors"
	"fmt"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"

	"creditbank/internal/bank"
	"creditbank/internal/testbed"
)

// Of twenty at once that want five results, five get them, whatever they want them
// for, and with two processes' worth of banks on one database.
func TestTwentyAtOnce(t *testing.T) {
	const five = 5
	spend := func(t *testing.T, banks ...*bank.Bank) {
		var names []string
		var worth []bank.Conversion
		for i := range five {
			names = append(names, fmt.Sprintf("R%d", i))
			worth = append(worth, bank.Conversion{RecordRef: ref(names[i]), Worth: 400})
		}
		deposited(t, banks[0], learnA, names...)
		why := bank.Why{Reason: "at once"}
		rounds := []struct {
			name string
			do   func(b *bank.Bank, i int) error
			want string
		}{
			{"hold", func(b *bank.Bank, i int) error {
				_, err := b.Hold(ctx, operator, learnA, refs(names[i]), why)
				return err
			}, "0/20/0 of 5"},
			{"convert", func(b *bank.Bank, i int) error {
				_, err := b.Convert(ctx, operator, learnA, there, worth[i:i+1], why)
				return err
			}, "0/0/0 of 5 P 20/0"},
			{"redeem", func(b *bank.Bank, i int) error {
				_, err := b.Redeem(ctx, operator, learnA, there, refs(names[i]), why)
				return err
			}, "0/0/0 of 5 P 0/20"},
		}
		for _, round := range rounds {
			var through atomic.Int64
			var wait sync.WaitGroup
			for i := range 20 {
				wait.Go(func() {
					switch err := round.do(banks[i%len(banks)], i/2%five); {
					case err == nil:
						through.Add(1)
					case bank.CodeOf(err) != bank.Conflict:
						t.Errorf("%s: %v", round.name, err)
					}
				})
			}
			wait.Wait()
			if n := through.Load(); n != five {
				t.Errorf("%s: %d got through, want %d", round.name, n, five)
			}
			wantState(t, banks[0], learnA, round.want)
		}
		for _, b := range banks {
			if report := wantSound(t, b); report.Entries != 4*five+five {
				t.Errorf("%d entries", report.Entries)
			}
		}
	}
	onBothWithKey(t, func(t *testing.T, b *bank.Bank, _, _ string) { spend(t, b) })
	t.Run("two on PostgreSQL", func(t *testing.T) {
		dsn, key := testbed.Postgres(t), filepath.Join(t.TempDir(), "key")
		spend(t, little(t, opened(t, dsn, key)), opened(t, dsn, key))
	})
	t.Run("two on SQLite", func(t *testing.T) {
		dsn, key := "sqlite:"+filepath.Join(t.TempDir(), "bank.db"), filepath.Join(t.TempDir(), "key")
		spend(t, little(t, opened(t, dsn, key)), opened(t, dsn, key))
	})
}

// Two banks on one database, each with its own end of the log in memory, make one log.
func TestTwoBanksMakeOneLog(t *testing.T) {
	onBothWithKey(t, func(t *testing.T, one *bank.Bank, dsn, key string) {
		two := opened(t, dsn, key)
		var wait sync.WaitGroup
		for i := range 8 {
			wait.Go(func() {
				b := []*bank.Bank{one, two}[i%2]
				for n := range 40 {
					name := fmt.Sprintf("%d-%d", i, n)
					if _, err := b.Deposit(ctx, operator, learnA, []bank.DepositRecord{result(name)}, bank.Why{}); err != nil {
						t.Error(err)
					}
					if n%4 == 0 { // some that are taken back beside them
						_, err := b.Hold(ctx, operator, learnA, refs(name, "none"), bank.Why{})
						wantRefused(t, err, bank.NotFound, "records[1].reference: unknown_record")
					}
				}
			})
		}
		wait.Wait()
		if report := wantSound(t, one); report.Entries != 320 {
			t.Errorf("%d entries, want 320", report.Entries)
		}
		wantState(t, two, learnA, "1280/0/0 of 320")
	})
}

// What was booked and taken back, in one part or several, beside what is kept in the
// same transaction, leaves nothing in the log.
func TestTakenBack(t *testing.T) {
	onBothWithKey(t, func(t *testing.T, b *bank.Bank, _, _ string) {
		var wait sync.WaitGroup
		for i := range 24 {
			wait.Go(func() {
				for n := range 15 {
					name := fmt.Sprintf("%d-%d", i, n)
					if i%3 == 0 {
						if _, err := b.Deposit(ctx, operator, learnA, []bank.DepositRecord{result(name)}, bank.Why{}); err != nil {
							t.Error(err)
						}
						continue
					}
					if err := b.BookAndFail(ctx, learnB, school, "C1", []string{name, name + "+"}[:i%3]...); !errors.Is(err, bank.ErrTakenBack) {
						t.Error(err)
					}
				}
			})
		}
		wait.Wait()
		if report := wantSound(t, b); report.Entries != 120 {
			t.Errorf("%d entries, want 120", report.Entries)
		}
		wantState(t, b, learnB, "0/0/0 of 0")
	})
}

// A bank that took something back in a transaction which it kept goes on from what is
// there, also when another put as much in its place meanwhile.
func TestAnotherInPlaceOfWhatWasTakenBack(t *testing.T) {
	onBothWithKey(t, func(t *testing.T, one *bank.Bank, dsn, key string) {
		two := opened(t, dsn, key)
		deposit := func(b *bank.Bank, name string) error {
			_, err := b.Deposit(ctx, operator, learnA, []bank.DepositRecord{result(name)}, bank.Why{})
			return err
		}
		release := hold(t, one)
		answers := queued(t, one, func() error { return deposit(one, "kept") }, func() error { return one.BookAndFail(ctx, learnB, school, "C1", "gone") })
		release()
		if told := answers(); told[0] != nil || !errors.Is(told[1], bank.ErrTakenBack) {
			t.Fatal(told)
		}
		if err := errors.Join(deposit(two, "in its place"), deposit(one, "next")); err != nil {
			t.Fatal(err)
		}
		checkpointOf(t, one) // signs the end of the log that it has in memory
		if report := wantSound(t, one); report.Entries != 3 {
			t.Errorf("%d entries, want 3", report.Entries)
		}
	})
}
