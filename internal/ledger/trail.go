package ledger

import (
	"strconv"

	"creditbank/internal/credit"
)

// Trail is the way of one record through the accounts: the rules that decide
// whether a next entry about it is possible, before it is booked and again
// when the ledger is verified. The zero value is a record that was never
// deposited. Its memory grows with the entries of that record alone.
type Trail struct {
	record Record
	at     Account       // where the record stands; an issuer's account or none: nowhere
	owner  string        // learner who has it, while it is in conversion too
	value  credit.Amount // what was deposited
	worth  credit.Amount // what it is worth in the programme it is applied to
	steps  []step
}

// step is what a later reversal must know of an entry.
type step struct {
	number, batch int64
	kind          Kind
	debit, credit Account
	amount        credit.Amount
	undone        bool
}

// Stand is where a record stands and with how much.
type Stand struct {
	Account Account       // place None when the record is not deposited, or its deposit is reversed
	Amount  credit.Amount // hundredths of a credit
}

// Stand tells where the record stands after the entries so far.
func (t *Trail) Stand() Stand {
	if !t.deposited() {
		return Stand{}
	}
	return Stand{t.at, t.amount()}
}

func (t *Trail) deposited() bool { return t.at.Place > Issuer }

func (t *Trail) amount() credit.Amount {
	if t.at.Place == Applied || t.at.Place == Redeemed {
		return t.worth
	}
	return t.value
}

// Post takes the next entry of the record, or refuses it with a *Fault and
// stays as it was: Absent, Standing, Elsewhere, Overdraft, Part, OtherOwner,
// Unfinished, NotInOrder, and for reversals NoSuchEntry, ReversedTwice,
// ReversesAgain, NotSwapped, Superseded. The entry has passed Check.
func (t *Trail) Post(e *Entry) error {
	if code, field := t.refuse(e); code != "" {
		return t.complain(e, code, field)
	}
	if e.Kind == Reverse {
		t.steps[t.find(e.Reverses)].undone = true
	}
	t.move(e)
	t.steps = append(t.steps, step{e.Number, e.Batch, e.Kind, e.Debit, e.Credit, e.Amount, false})
	return nil
}

// Clear makes it the trail of a record that was never deposited, in the same memory.
func (t *Trail) Clear() { *t = Trail{steps: t.steps[:0]} }

// Follow is Post over entries ordered by record and then by number, one record
// after another: each other record begins a trail of its own. Only the record
// at hand is kept. Rest ends the last one.
func (t *Trail) Follow(e *Entry) error {
	if e.Record != t.record {
		if err := t.Rest(); err != nil {
			return err
		}
		t.Clear()
	}
	return t.Post(e)
}

// Rest says whether a batch may end here: Unfinished, with the number of the
// entry that took the record there, when it is left in conversion.
func (t *Trail) Rest() error {
	if t.at.Place != Conversion {
		return nil
	}
	return fault(t.steps[len(t.steps)-1].number, Unfinished, "credit")
}

// complain names the entry that is at fault: for a record left in conversion
// that is the one before.
func (t *Trail) complain(e *Entry, code Code, field string) *Fault {
	if code == Unfinished {
		return t.Rest().(*Fault)
	}
	f := fault(e.Number, code, field)
	switch code {
	case Elsewhere, Standing:
		f.Got, f.Want = e.Debit.String(), t.at.String()
	case Overdraft, Part:
		f.Got, f.Want = e.Amount.String(), t.amount().String()
	case NoSuchEntry, ReversedTwice, ReversesAgain, NotSwapped, Superseded:
		f.Got = strconv.FormatInt(e.Reverses, 10)
	}
	return f
}

func (t *Trail) refuse(e *Entry) (Code, string) {
	if n := len(t.steps); n > 0 {
		switch last := &t.steps[n-1]; {
		case e.Record != t.record || e.Number <= last.number:
			return NotInOrder, "number"
		case t.at.Place == Conversion && last.batch != e.Batch:
			return Unfinished, "credit"
		}
	}
	if e.Kind == Deposit {
		if t.deposited() {
			return Standing, "record"
		}
		return "", ""
	}
	if e.Kind == Reverse {
		if code := t.refuseReversal(e); code != "" {
			return code, "reverses"
		}
	}
	return t.refuseMove(e)
}

// refuseMove holds the move against where the record stands.
func (t *Trail) refuseMove(e *Entry) (Code, string) {
	switch {
	case !t.deposited():
		return Absent, "record"
	case e.Debit != t.at:
		return Elsewhere, "debit"
	case t.at.Place == Conversion && e.Credit.Owner != t.owner:
		return OtherOwner, "credit"
	case t.at.Place == Conversion && e.Kind == Convert:
		return "", "" // what comes out of a conversion is for the conversion to say
	case e.Amount > t.amount():
		return Overdraft, "amount"
	case e.Amount < t.amount():
		return Part, "amount"
	}
	return "", ""
}

func (t *Trail) refuseReversal(e *Entry) Code {
	i := t.find(e.Reverses)
	if i < 0 {
		return NoSuchEntry
	}
	switch was := &t.steps[i]; {
	case was.kind == Reverse:
		return ReversesAgain
	case was.undone:
		return ReversedTwice
	case was.debit != e.Credit || was.credit != e.Debit || was.amount != e.Amount:
		return NotSwapped
	case t.again(i):
		return Superseded
	}
	return ""
}

// again says whether a later entry books the same again, so that not the i-th
// but that one brought the record where it stands.
func (t *Trail) again(i int) bool {
	was := &t.steps[i]
	for j := range t.steps[i+1:] {
		if s := &t.steps[i+1+j]; !s.undone && s.kind == was.kind && s.debit == was.debit && s.credit == was.credit {
			return true
		}
	}
	return false
}

// find is the position of an entry in the trail, or -1.
func (t *Trail) find(number int64) int {
	for i := range t.steps {
		if t.steps[i].number == number {
			return i
		}
	}
	return -1
}

func (t *Trail) move(e *Entry) {
	t.record, t.at = e.Record, e.Credit
	if e.Credit.Owner != "" {
		t.owner = e.Credit.Owner
	}
	switch {
	case e.Kind == Deposit:
		t.value = e.Amount
	case e.Kind == Convert && e.Credit.Place == Applied:
		t.worth = e.Amount
	}
}
