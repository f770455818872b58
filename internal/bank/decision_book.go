package bank

import (
	"database/sql"
	"math/big"

	"creditbank/internal/credit"
	"creditbank/internal/ledger"
	"creditbank/internal/transfer"
)

// settling is where the results of an item are to stand.
type settling struct {
	refs   []RecordRef
	place  ledger.Place    // Available, Held or Applied
	worths []credit.Amount // of applied ones, each its own
	undo   bool            // what was redeemed is taken back, too
}

// all are the results of all items, to stand in one place.
func (a *Application) all(place ledger.Place) []settling {
	var list []settling
	for _, i := range a.Items {
		list = append(list, settling{refs: i.Records, place: place})
	}
	return list
}

// settle books results to where a decision wants them, from wherever an application
// took them. What is applied already with another worth, or is not to be, is reversed
// first. It promises Conflict, naming the results, for those that were taken on
// meanwhile, such as for a diploma.
func (j *journal) settle(to transfer.ProgrammeKey, list []settling) error {
	var refs []RecordRef
	for _, s := range list {
		refs = append(refs, s.refs...)
	}
	histories, err := j.histories(refs)
	if err != nil {
		return err
	}
	merged, err := j.aliases()
	if err != nil {
		return err
	}
	var wrong elements
	for _, s := range list {
		for i, ref := range s.refs {
			h := histories[ref]
			err := j.settleOne(h, ref, to, s, i)
			if err == nil && s.place == ledger.Available {
				err = j.followMerge(h, ref, merged)
			}
			if err := wrong.judge(err, "records", ref.Reference, h); err != nil {
				return err
			}
		}
	}
	if err := wrong.refusal(); err != nil {
		return err
	}
	return j.keepStandings(histories)
}

// settleOne books one result. The error may be a *ledger.Fault.
func (j *journal) settleOne(h *history, ref RecordRef, to transfer.ProgrammeKey, s settling, i int) error {
	at := h.Stand()
	owner := at.Account.Owner
	if s.undo && at.Account == ledger.RedeemedAt(owner, to.Institution, to.Code) {
		if err := j.undo(h, ref, ledger.Redeem); err != nil {
			return err
		}
		at = h.Stand()
	}
	applied := ledger.AppliedAt(owner, to.Institution, to.Code)
	if at.Account == applied {
		if s.place == ledger.Applied && s.worths[i] == at.Amount {
			return nil
		}
		if err := j.unconvert(h, ref); err != nil {
			return err
		}
		at = h.Stand()
	}
	switch {
	case s.place == ledger.Applied:
		return j.convert(h, ref, applied, s.worths[i])
	case s.place == at.Account.Place:
		return nil
	case s.place == ledger.Held:
		return j.move(h, ledger.Hold, ref, ledger.AvailableOf(owner), ledger.HeldOf(owner))
	}
	return j.move(h, ledger.Release, ref, ledger.HeldOf(owner), ledger.AvailableOf(owner))
}

// unconvert reverses the conversion of a result: both its lines, the last first.
func (j *journal) unconvert(h *history, ref RecordRef) error {
	if err := j.undo(h, ref, ledger.Convert); err != nil {
		return err
	}
	return j.undo(h, ref, ledger.Convert)
}

// undo reverses the last entry of a kind that is not reversed.
func (j *journal) undo(h *history, ref RecordRef, kind ledger.Kind) error {
	e := h.lastLive(kind)
	return j.post(h, &Entry{Kind: ledger.Reverse, Debit: e.Credit, Credit: e.Debit, Amount: e.Amount, Record: ref, Reverses: e.Number})
}

// lastLive is the last entry of a kind that is not reversed; the zero entry: there is none.
func (h *history) lastLive(kind ledger.Kind) (last Entry) {
	undone := map[int64]bool{}
	for i := len(h.entries) - 1; i >= 0; i-- {
		switch e := h.entries[i]; {
		case e.Kind == ledger.Reverse:
			undone[e.Reverses] = true
		case e.Kind == kind && !undone[e.Number]:
			return e
		}
	}
	return last
}

// followMerge takes a result that became available again in an account that was merged
// meanwhile to the account that it was merged into.
func (j *journal) followMerge(h *history, ref RecordRef, merged aliases) error {
	at := h.Stand().Account
	into := merged.of(at.Owner)
	if at.Place != ledger.Available || into == at.Owner {
		return nil
	}
	if err := j.move(h, ledger.Merge, ref, at, ledger.AvailableOf(into)); err != nil {
		return err
	}
	return j.giveRecord(ref, into)
}

// worths shares what an item is worth out among its results, in proportion to what
// was deposited for each; hundredths that are left over go to the first.
func (t *tx) worths(refs []RecordRef, sum credit.Amount) ([]credit.Amount, error) {
	deposited := make([]credit.Amount, len(refs))
	var whole credit.Amount
	for i, ref := range refs {
		err := t.each(func(rows *sql.Rows) error { return rows.Scan(&deposited[i]) },
			`SELECT deposited FROM record WHERE institution = $1 AND reference = $2`, ref.Institution, ref.Reference)
		if err != nil {
			return nil, err
		}
		whole += deposited[i]
	}
	shares, rest := make([]credit.Amount, len(refs)), sum
	for i := range refs {
		if whole > 0 {
			product := new(big.Int).Mul(big.NewInt(int64(sum)), big.NewInt(int64(deposited[i])))
			shares[i] = credit.Amount(product.Quo(product, big.NewInt(int64(whole))).Int64())
		}
		rest -= shares[i]
	}
	shares[0] += rest
	return shares, nil
}
