package ledger

import (
	"cmp"
	"iter"
	"maps"
	"slices"

	"creditbank/internal/credit"
)

// Books are the balances and the place of every record after entries fed in
// order, from the first: the meaning of a ledger, by replay. Their memory
// grows with the records; over a large ledger Trail and Tally hold the same
// rules over entries in another order and keep one record, one learner, at a time.
type Books struct {
	trails   map[Record]*Trail
	balances map[Account]credit.Amount
	reversed map[int64]bool
	open     int // how many records are in conversion
	batch    int64
	next     int64
}

// NewBooks are the books before the first entry.
func NewBooks() *Books {
	return &Books{trails: map[Record]*Trail{}, balances: map[Account]credit.Amount{}, reversed: map[int64]bool{}}
}

// Post takes the next entry, or refuses it with a *Fault that names its number,
// the code and the field, and stays as it was: the codes of Check and of
// Trail.Post, NotInOrder when it is not the next number, NotBatch when its
// batch is neither the one before nor begun by it.
func (b *Books) Post(e *Entry) error {
	if err := e.Check(); err != nil {
		return err
	}
	if e.Number != b.next {
		return fault(e.Number, NotInOrder, "number")
	}
	if err := b.turn(e); err != nil {
		return err
	}
	trail := b.trails[e.Record]
	if trail == nil {
		trail = &Trail{}
	}
	before := trail.at.Place
	if err := trail.Post(e); err != nil {
		return err
	}
	b.trails[e.Record] = trail
	b.book(e)
	b.conversions(trail, before)
	return nil
}

// turn begins a batch or goes on with it.
func (b *Books) turn(e *Entry) error {
	if e.Batch == e.Number {
		if err := b.Rest(); err != nil {
			return err
		}
	} else if e.Batch != b.batch {
		return fault(e.Number, NotBatch, "batch")
	}
	return nil
}

func (b *Books) book(e *Entry) {
	b.balances[e.Debit] -= e.Amount
	b.balances[e.Credit] += e.Amount
	if e.Kind == Reverse {
		b.reversed[e.Reverses] = true
	}
	b.batch, b.next = e.Batch, e.Number+1
}

func (b *Books) conversions(t *Trail, before Place) {
	if before == Conversion {
		b.open--
	}
	if t.at.Place == Conversion {
		b.open++
	}
}

// Rest says whether the ledger may end here: Unfinished, with the number of
// the first entry that took a record into conversion where it still is.
func (b *Books) Rest() error {
	if b.open == 0 {
		return nil
	}
	var first *Fault
	for _, t := range b.trails {
		if err := t.Rest(); err != nil {
			if f := err.(*Fault); first == nil || f.Number < first.Number { // Rest promises it
				first = f
			}
		}
	}
	return first
}

// Size is how many entries the books have taken.
func (b *Books) Size() int64 { return b.next }

// Balance is the sum of the entries of an account, in hundredths of a credit.
func (b *Books) Balance(a Account) credit.Amount { return b.balances[a] }

// Balances are all accounts that were ever booked on and their balances, in no order.
func (b *Books) Balances() iter.Seq2[Account, credit.Amount] { return maps.All(b.balances) }

// Stand tells where a record stands.
func (b *Books) Stand(r Record) Stand {
	if t := b.trails[r]; t != nil {
		return t.Stand()
	}
	return Stand{}
}

// Reversed says whether an entry has been undone.
func (b *Books) Reversed(number int64) bool { return b.reversed[number] }

// Trial is the sum of all balances: zero, or the books are not balanced.
func (b *Books) Trial() credit.Amount { return sum(b.balances) }

// Loss is the balance of the conversion account: what conversions have lost
// (more than zero) or gained (less), over all programmes and learners.
func (b *Books) Loss() credit.Amount { return b.balances[InConversion()] }

func sum(balances map[Account]credit.Amount) (all credit.Amount) {
	for _, balance := range balances {
		all += balance
	}
	return all
}

// CompareBalances holds the balances that the bank keeps against those of the
// entries. An account that one side lacks has there a balance of zero. The
// error is a *Fault, BalanceWrong, with the first account in the order of
// their forms that differs.
func CompareBalances(kept, booked map[Account]credit.Amount) error {
	accounts := slices.Collect(maps.Keys(booked))
	for a := range kept {
		if _, there := booked[a]; !there {
			accounts = append(accounts, a)
		}
	}
	accounts = slices.DeleteFunc(accounts, func(a Account) bool { return kept[a] == booked[a] })
	if len(accounts) == 0 {
		return nil
	}
	a := slices.MinFunc(accounts, func(a, b Account) int { return cmp.Compare(a.String(), b.String()) })
	return &Fault{None, BalanceWrong, a.String(), kept[a].String(), booked[a].String()}
}
