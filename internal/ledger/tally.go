package ledger

import (
	"maps"

	"creditbank/internal/credit"
)

// Tally adds up the ledger learner by learner, for balances over a ledger of
// any size: it keeps the accounts of the learner at hand and of the
// institutions. Feed it, for each learner, the entries in which the learner owns an account,
// in order of their numbers; a merge belongs to two learners and is fed for both.
type Tally struct {
	owner    string
	last     int64
	balances map[Account]credit.Amount // of the learner at hand
	issued   map[Account]credit.Amount // of the bank's own accounts: issuers and conversion
	learners credit.Amount             // sum of the balances of learners that are done
	entries  int64
}

// NewTally is a tally before the first learner.
func NewTally() *Tally {
	return &Tally{balances: map[Account]credit.Amount{}, issued: map[Account]credit.Amount{}}
}

// Begin starts a learner. Learners come once each, in any order.
func (t *Tally) Begin(owner string) {
	t.learners += sum(t.balances)
	clear(t.balances)
	t.owner, t.last = owner, None
}

// Post takes the learner's next entry. The error is a *Fault: NotInOrder,
// OtherOwner when the learner owns neither account, Overdraft when a balance
// would fall below zero.
func (t *Tally) Post(e *Entry) error {
	from, to := e.Debit.Owner == t.owner, e.Credit.Owner == t.owner
	switch {
	case e.Number <= t.last:
		return fault(e.Number, NotInOrder, "number")
	case !from && !to:
		return fault(e.Number, OtherOwner, "debit")
	case from && t.balances[e.Debit] < e.Amount:
		return &Fault{e.Number, Overdraft, "amount", e.Amount.String(), t.balances[e.Debit].String()}
	}
	t.last = e.Number
	t.side(e.Debit, from, -e.Amount)
	t.side(e.Credit, to, e.Amount)
	if from || e.Debit.Owner == "" {
		t.entries++ // a merge counts once, where it comes from
	}
	return nil
}

// side books one side of an entry: the learner's or the bank's own. That of
// the other learner of a merge is booked when that learner is fed.
func (t *Tally) side(a Account, own bool, amount credit.Amount) {
	switch {
	case own:
		t.balances[a] += amount
	case a.Owner == "":
		t.issued[a] += amount
	}
}

// Compare holds the balances that the bank keeps for the learner at hand
// against the entries; the error is that of CompareBalances.
func (t *Tally) Compare(kept map[Account]credit.Amount) error {
	return CompareBalances(kept, t.balances)
}

// Issued are the balances of the bank's own accounts, issuers and conversion.
// They are the caller's to keep.
func (t *Tally) Issued() map[Account]credit.Amount { return maps.Clone(t.issued) }

// Entries is how many entries were fed, each merge once: the size of the
// ledger, or a learner was left out.
func (t *Tally) Entries() int64 { return t.entries }

// Trial is the sum of all balances so far: zero when every learner is done, or
// a merge was fed for one of its learners only.
func (t *Tally) Trial() credit.Amount { return t.learners + sum(t.balances) + sum(t.issued) }
