package ledger_test

import (
	"errors"
	"testing"

	"creditbank/internal/credit"
	"creditbank/internal/ledger"
)

func replay(entries []ledger.Entry) (*ledger.Books, error) {
	books := ledger.NewBooks()
	for i := range entries {
		if err := books.Post(&entries[i]); err != nil {
			return books, err
		}
	}
	return books, books.Rest()
}

func TestReplayOfEveryKind(t *testing.T) {
	books, err := replay(everyKind(0))
	if err != nil {
		t.Fatal(err)
	}
	a, b := learner(1), learner(2)
	redeemed := ledger.RedeemedAt(a, "4150000002", "510203")
	for account, want := range map[ledger.Account]credit.Amount{
		ledger.IssuerOf(school): -650, ledger.AvailableOf(a): 0, ledger.HeldOf(a): 0, ledger.AvailableOf(b): 250,
		ledger.AppliedAt(a, "4150000002", "510203"): 0, redeemed: 350, ledger.InConversion(): 50, ledger.ExpiredOf(a): 0,
	} {
		if got := books.Balance(account); got != want {
			t.Errorf("%s has %d, want %d", account, got, want)
		}
	}
	for n, want := range map[int]ledger.Stand{
		1: {Account: redeemed, Amount: 350}, 2: {Account: ledger.AvailableOf(a)}, 3: {Account: ledger.AvailableOf(b), Amount: 250}, 4: {},
	} {
		if got := books.Stand(result(n)); got != want {
			t.Errorf("record %d stands at %v, want %v", n, got, want)
		}
	}
	if books.Trial() != 0 || books.Loss() != 50 || !books.Reversed(8) || books.Reversed(9) || books.Size() != 12 {
		t.Errorf("trial %d, loss %d, reversed %t %t, size %d", books.Trial(), books.Loss(), books.Reversed(8), books.Reversed(9), books.Size())
	}
}

// impossible are ledgers whose last entry, or the one named, cannot be booked.
var impossible = []struct {
	name   string
	write  func(*journal)
	code   ledger.Code
	number int64
	field  string
}{
	{"never deposited", func(j *journal) {
		j.begin(ledger.Hold, ledger.AvailableOf("a"), ledger.HeldOf("a"), 4, result(1), false)
	}, ledger.Absent, 0, "record"},
	{"deposited twice", func(j *journal) { j.deposit("a", 4, 1); j.deposit("a", 4, 1) }, ledger.Standing, 1, "record"},
	{"deposited for two learners", func(j *journal) { j.deposit("a", 4, 1); j.deposit("b", 4, 1) }, ledger.Standing, 1, "record"},
	{"held twice", func(j *journal) { j.deposit("a", 4, 1); j.hold("a", 4, 1); j.hold("a", 4, 1) }, ledger.Elsewhere, 2, "debit"},
	{"another's", func(j *journal) { j.deposit("a", 4, 1); j.hold("b", 4, 1) }, ledger.Elsewhere, 1, "debit"},
	{"more than there is", func(j *journal) { j.deposit("a", 4, 1); j.hold("a", 5, 1) }, ledger.Overdraft, 1, "amount"},
	{"a part", func(j *journal) { j.deposit("a", 4, 1); j.hold("a", 3, 1) }, ledger.Part, 1, "amount"},
	{"released unheld", func(j *journal) {
		j.deposit("a", 4, 1)
		j.begin(ledger.Release, ledger.HeldOf("a"), ledger.AvailableOf("a"), 4, result(1), false)
	}, ledger.Elsewhere, 1, "debit"},
	{"left in conversion", func(j *journal) { j.converting("a"); j.deposit("b", 4, 2) }, ledger.Unfinished, 2, "credit"},
	{"left in conversion at the end", func(j *journal) { j.converting("a") }, ledger.Unfinished, 2, "credit"},
	{"out of conversion later", func(j *journal) {
		j.converting("a")
		j.begin(ledger.Convert, ledger.InConversion(), ledger.AppliedAt("a", school, "1"), 4, result(1), false)
	}, ledger.Unfinished, 2, "credit"},
	{"out of conversion to another", func(j *journal) {
		j.converting("a")
		j.begin(ledger.Convert, ledger.InConversion(), ledger.AppliedAt("b", school, "1"), 4, result(1), true)
	}, ledger.OtherOwner, 3, "credit"},
	{"out of conversion unentered", func(j *journal) {
		j.deposit("a", 4, 1)
		j.begin(ledger.Convert, ledger.InConversion(), ledger.AppliedAt("a", school, "1"), 4, result(1), false)
	}, ledger.Elsewhere, 1, "debit"},
	{"redeemed elsewhere", func(j *journal) {
		j.converting("a")
		j.begin(ledger.Convert, ledger.InConversion(), ledger.AppliedAt("a", school, "1"), 4, result(1), true)
		j.begin(ledger.Redeem, ledger.AppliedAt("a", school, "2"), ledger.RedeemedAt("a", school, "2"), 4, result(1), false)
	}, ledger.Elsewhere, 4, "debit"},
	{"reversed twice", func(j *journal) { j.deposit("a", 4, 1); j.back(0, false); j.back(0, false) }, ledger.ReversedTwice, 2, "reverses"},
	{"a reversal reversed", func(j *journal) { j.deposit("a", 4, 1); j.hold("a", 4, 1); j.back(1, false); j.back(2, false) }, ledger.ReversesAgain, 3, "reverses"},
	{"reverses another record", func(j *journal) { j.deposit("a", 4, 1); j.deposit("a", 4, 2); j.back(1, false).Reverses = 0 }, ledger.NoSuchEntry, 2, "reverses"},
	{"reverses with another amount", func(j *journal) { j.deposit("a", 4, 1); j.back(0, false).Amount = 3 }, ledger.NotSwapped, 1, "reverses"},
	{"reverses another entry of the record", func(j *journal) { j.deposit("a", 4, 1); j.hold("a", 4, 1); j.back(1, false).Reverses = 0 }, ledger.NotSwapped, 2, "reverses"},
	{"reverses what was moved on", func(j *journal) { j.deposit("a", 4, 1); j.hold("a", 4, 1); j.back(0, false) }, ledger.Elsewhere, 2, "debit"},
	{"reverses the first of two holds", func(j *journal) {
		j.deposit("a", 4, 1)
		j.hold("a", 4, 1)
		j.begin(ledger.Release, ledger.HeldOf("a"), ledger.AvailableOf("a"), 4, result(1), false)
		j.hold("a", 4, 1)
		j.back(1, false)
	}, ledger.Superseded, 4, "reverses"},
	{"a number left out", func(j *journal) { j.deposit("a", 4, 1); j.deposit("a", 4, 2).Number = 2 }, ledger.NotInOrder, 2, "number"},
	{"a batch taken up again", func(j *journal) { j.deposit("a", 4, 1); j.deposit("a", 4, 2); j.deposit("a", 4, 3).Batch = 0 }, ledger.NotBatch, 2, "batch"},
	{"against the rules of one entry", func(j *journal) { j.deposit("a", 4, 1).Actor = "" }, ledger.Missing, 0, "actor"},
}

func (j *journal) deposit(owner string, amount credit.Amount, n int) *ledger.Entry {
	return j.begin(ledger.Deposit, ledger.IssuerOf(school), ledger.AvailableOf(owner), amount, result(n), false)
}

func (j *journal) hold(owner string, amount credit.Amount, n int) *ledger.Entry {
	return j.begin(ledger.Hold, ledger.AvailableOf(owner), ledger.HeldOf(owner), amount, result(n), false)
}

// converting deposits and holds record 1 and takes it into conversion: entries 0 to 2.
func (j *journal) converting(owner string) {
	j.deposit(owner, 4, 1)
	j.hold(owner, 4, 1)
	j.begin(ledger.Convert, ledger.HeldOf(owner), ledger.InConversion(), 4, result(1), false)
}

func TestImpossibleEntries(t *testing.T) {
	for _, c := range impossible {
		t.Run(c.name, func(t *testing.T) {
			j := &journal{}
			c.write(j)
			_, err := replay(j.entries)
			wantFault(t, err, c.code, c.number, c.field)
		})
	}
}

// A whole conversion is undone backwards, and a corrected deposit may follow
// in the same batch.
func TestUndoingAConversion(t *testing.T) {
	j := &journal{entries: everyKind(0)[:7]}
	j.back(6, false)
	j.back(5, false)
	j.back(4, true)
	j.back(3, false)
	j.back(0, false)
	j.begin(ledger.Deposit, ledger.IssuerOf(school), ledger.AvailableOf(learner(2)), 300, result(1), true)
	books, err := replay(j.entries)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := books.Stand(result(1)), (ledger.Stand{Account: ledger.AvailableOf(learner(2)), Amount: 300}); got != want || books.Loss() != 0 {
		t.Errorf("stands at %v with a loss of %d, want %v without", got, books.Loss(), want)
	}
}

func TestTallyRefuses(t *testing.T) {
	j := &journal{}
	j.deposit("a", 4, 1)
	j.hold("a", 5, 1)
	tally := ledger.NewTally()
	tally.Begin("a")
	if err := tally.Post(&j.entries[0]); err != nil {
		t.Fatal(err)
	}
	wantFault(t, tally.Post(&j.entries[0]), ledger.NotInOrder, 0, "number")
	wantFault(t, tally.Post(&j.entries[1]), ledger.Overdraft, 1, "amount")
	wantFault(t, tally.Compare(map[ledger.Account]credit.Amount{ledger.AvailableOf("a"): 3}), ledger.BalanceWrong, ledger.None, "available:a")
	wantFault(t, tally.Compare(nil), ledger.BalanceWrong, ledger.None, "available:a")
	tally.Begin("b")
	wantFault(t, tally.Post(&j.entries[0]), ledger.OtherOwner, 0, "debit")
}

// The pass by record finds what the replay finds, but for the order of the
// whole ledger and of its batches, which the numbers and the first pass hold.
func TestImpossibleEntriesByRecord(t *testing.T) {
	for _, c := range impossible {
		if c.code == ledger.NotInOrder || c.code == ledger.NotBatch || c.code == ledger.Missing {
			continue
		}
		j := &journal{}
		c.write(j)
		err := byRecord(j.entries)
		if !errors.Is(err, c.code) {
			t.Errorf("%s: got %v, want %s", c.name, err, c.code)
		}
	}
}

func TestTwoConversionsAtOnce(t *testing.T) {
	j := &journal{}
	for n := 1; n <= 2; n++ {
		j.deposit("a", 4, n)
		j.hold("a", 4, n)
	}
	j.begin(ledger.Convert, ledger.HeldOf("a"), ledger.InConversion(), 4, result(1), false)
	j.begin(ledger.Convert, ledger.HeldOf("a"), ledger.InConversion(), 4, result(2), true)
	_, err := replay(j.entries)
	wantFault(t, err, ledger.Unfinished, 4, "credit")
	j.begin(ledger.Convert, ledger.InConversion(), ledger.AppliedAt("a", school, "1"), 4, result(1), true)
	_, err = replay(j.entries)
	wantFault(t, err, ledger.Unfinished, 5, "credit")
	j.begin(ledger.Convert, ledger.InConversion(), ledger.AppliedAt("a", school, "1"), 0, result(2), true)
	if books, err := replay(j.entries); err != nil || books.Loss() != 4 {
		t.Errorf("got %v with a loss of %d, want 4", err, books.Loss())
	}
}

func TestCompareBalances(t *testing.T) {
	a, b := ledger.AvailableOf("a"), ledger.AvailableOf("b")
	kept := map[ledger.Account]credit.Amount{b: 5, a: 7, ledger.HeldOf("a"): 0}
	if err := ledger.CompareBalances(kept, map[ledger.Account]credit.Amount{a: 7, b: 5, ledger.HeldOf("b"): 0}); err != nil {
		t.Error(err)
	}
	err := ledger.CompareBalances(kept, nil)
	wantFault(t, err, ledger.BalanceWrong, ledger.None, "available:a")
	if got, want := err.Error(), `ledger: available:a: balance_differs (got "0.07", want "0")`; got != want {
		t.Errorf("says %s, want %s", got, want)
	}
}

// Entries of one record that come in the wrong order are refused by the pass by record.
func TestTrailKeepsOrder(t *testing.T) {
	j := &journal{}
	j.deposit("a", 4, 1)
	j.hold("a", 4, 1)
	j.entries[1].Number = 0
	wantFault(t, byRecord(j.entries), ledger.NotInOrder, 0, "number")
}
