package bank_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"creditbank/internal/bank"
)

// told is what a deposit was answered.
type told struct {
	bank.Receipt
	err error
}

// deposits lets deposits wait one behind the other and books them at once.
func deposits(t *testing.T, b *bank.Bank, all ...func() (bank.Receipt, error)) []told {
	t.Helper()
	release := hold(t, b)
	answers := make([]told, len(all))
	writes := make([]func() error, len(all))
	for i, do := range all {
		writes[i] = func() error {
			answers[i].Receipt, answers[i].err = do()
			return nil
		}
	}
	done := queued(t, b, writes...)
	release()
	done()
	return answers
}

func depositOf(b *bank.Bank, account, key string, references ...string) func() (bank.Receipt, error) {
	var list []bank.DepositRecord
	for _, reference := range references {
		list = append(list, result(reference))
	}
	return func() (bank.Receipt, error) {
		return b.Deposit(ctx, operator, account, list, bank.Why{Reason: "together", Key: key})
	}
}

// shape is what became of a deposit, without its numbers.
func (a told) shape() string {
	if a.err != nil {
		return string(bank.CodeOf(a.err))
	}
	var words []string
	for _, r := range a.Records {
		words = append(words, r.State)
	}
	if a.Replayed {
		words = append(words, "replayed")
	}
	return strings.Join(words, " ")
}

// Deposits that wait are booked in one transaction, each as it would be alone:
// those that are refused, sent again, or name what another has just booked too, and
// a write of another kind between them.
func TestDepositsTogether(t *testing.T) {
	onBothWithKey(t, func(t *testing.T, b *bank.Bank, _, _ string) {
		if _, err := b.Merge(ctx, operator, "L3", learnB, bank.Why{Reason: "one person"}); err != nil {
			t.Fatal(err)
		}
		before := b.Load()
		answers := deposits(t, b,
			depositOf(b, learnA, "k1", "T-1"),
			depositOf(b, learnA, "k2", "T-2", "T-3"),
			depositOf(b, learnA, "", "T-1"),    // the first has it
			depositOf(b, learnB, "", "T-2"),    // another account has it
			depositOf(b, learnA, "k1", "T-1"),  // the first, sent again
			depositOf(b, learnA, "k1", "T-4"),  // another with its key
			depositOf(b, nowhere, "k3", "T-5"), // nobody
			depositOf(b, "L3", "k4", "T-6"),    // merged
			func() (bank.Receipt, error) { return bank.Receipt{}, b.Write(ctx, line("between")) },
			depositOf(b, learnB, "k3", "T-5", "T-7"), // with the key of one that was refused
			depositOf(b, learnB, "", "T-8"),
		)
		for i, want := range []string{"new", "new new", "unchanged", "conflict", "new replayed", "conflict", "not_found", "conflict", "", "new new", "new"} {
			if got := answers[i].shape(); got != want {
				t.Errorf("deposit %d: %q, want %q (%v)", i, got, want, answers[i].err)
			}
		}
		wantNotes(t, b, "between")
		for _, pair := range [][2]int{{0, 2}, {0, 4}} {
			if one, other := answers[pair[0]].Records[0], answers[pair[1]].Records[0]; one.Entry != other.Entry || one.Amount != other.Amount {
				t.Errorf("the same result is %+v and %+v", one, other)
			}
		}
		if first := answers[0].Batch; answers[1].Batch != first+1 || answers[9].Batch < first+3 || len(answers[1].Entries) != 2 || answers[1].Entries[1].Batch != first+1 {
			t.Errorf("the batches are %d, %d and %d", first, answers[1].Batch, answers[9].Batch)
		}
		if load := b.Load(); load.Commits-before.Commits != 1 || load.Writes-before.Writes != 8 {
			t.Errorf("%+v, then %+v", before, load)
		}
		verified(t, b)
		if again, err := depositOf(b, learnA, "k2", "T-2", "T-3")(); err != nil || !again.Replayed || fmt.Sprint(again.Entries, again.Records, again.Batch) !=
			fmt.Sprint(answers[1].Entries, answers[1].Records, answers[1].Batch) {
			t.Errorf("sent again it is %+v, was %+v, %v", again, answers[1].Receipt, err)
		}
	})
}

// verified lets the bank verify its ledger.
func verified(t *testing.T, b *bank.Bank) {
	t.Helper()
	report, err := b.Verify(ctx, bank.VerifyInput{})
	if err != nil || report.Finding != nil {
		t.Errorf("verify: %v %v", report.Finding, err)
	}
}

// One that the database refuses, at its statement or at the commit, is told so; its
// neighbours are booked.
func TestRefusedDepositHarmsNobody(t *testing.T) {
	for name, rule := range map[string]func(bank.Tx) error{
		"at the statement": func(t bank.Tx) error {
			if t.OnPostgres() {
				return t.Statement(`ALTER TABLE record ADD CHECK (reference <> 'B-2')`)
			}
			return t.Statement(`CREATE TRIGGER no_b2 BEFORE INSERT ON record WHEN NEW.reference = 'B-2' BEGIN SELECT RAISE(ABORT, 'refused'); END`)
		},
		"at the commit": func(t bank.Tx) error {
			const table = `CREATE TABLE must (reference TEXT REFERENCES region (code) DEFERRABLE INITIALLY DEFERRED);`
			if t.OnPostgres() {
				return t.Statement(table + `CREATE FUNCTION no_b2() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO must VALUES (NEW.reference); RETURN NEW; END $$;
					CREATE TRIGGER no_b2 BEFORE INSERT ON record FOR EACH ROW WHEN (NEW.reference = 'B-2') EXECUTE FUNCTION no_b2()`)
			}
			return t.Statement(table + `CREATE TRIGGER no_b2 BEFORE INSERT ON record WHEN NEW.reference = 'B-2' BEGIN INSERT INTO must VALUES (NEW.reference); END`)
		},
	} {
		t.Run(name, func(t *testing.T) {
			onBothWithKey(t, func(t *testing.T, b *bank.Bank, _, _ string) {
				if err := b.Write(ctx, rule); err != nil {
					t.Fatal(err)
				}
				answers := deposits(t, b, depositOf(b, learnA, "k1", "B-1"), depositOf(b, learnA, "k2", "B-2"), depositOf(b, learnB, "k3", "B-3"))
				if answers[0].shape() != "new" || answers[2].shape() != "new" || answers[1].err == nil || bank.CodeOf(answers[1].err) != "" {
					t.Errorf("%+v", answers)
				}
				verified(t, b)
				if got := b.Answers(t); got != 2 {
					t.Errorf("%d answers are kept, want 2", got)
				}
			})
		})
	}
}

// Who leaves before its turn is not served, also among others that are.
func TestWhoLeavesAmongDeposits(t *testing.T) {
	onBothWithKey(t, func(t *testing.T, b *bank.Bank, _, _ string) {
		leaving, leave := context.WithCancel(ctx)
		release := hold(t, b)
		answers := queued(t, b,
			func() error { _, err := depositOf(b, learnA, "k1", "G-1")(); return err },
			func() error {
				_, err := b.Deposit(leaving, operator, learnA, []bank.DepositRecord{result("G-2")}, bank.Why{Key: "k2"})
				return err
			},
			func() error { _, err := depositOf(b, learnA, "k3", "G-3")(); return err },
		)
		leave()
		release()
		if told := answers(); told[0] != nil || !errors.Is(told[1], context.Canceled) || told[2] != nil {
			t.Errorf("got %v", told)
		}
		if got := b.Answers(t); got != 2 {
			t.Errorf("%d answers are kept, want 2", got)
		}
	})
}
