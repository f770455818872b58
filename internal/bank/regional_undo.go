package bank

import (
	"maps"
	"slices"

	"creditbank/internal/ledger"
)

// undoRegional takes back what a file of a regional credit bank brought: uses and
// deposits are reversed in the ledger, and what was said of results is what it was. It
// promises Conflict (error.undo_changed, error.undo_depends).
func undoRegional(t *tx, upload string, text []byte) error {
	var log regionalUndo
	if err := readUndo(text, &log); err != nil {
		return err
	}
	soft, err := storedSoft(t.each, t.unseal)
	if err != nil {
		return err
	}
	for _, said := range log.Said {
		now, there := soft[said.Key]
		if !there || !maps.Equal(now, said.New) {
			return &Error{Code: Conflict, Key: "error.undo_changed"}
		}
		if err := t.unsay(said); err != nil {
			return err
		}
	}
	why := Why{Cause: Cause{Kind: "import", ID: upload}, Reason: "undone"}
	err = t.eachBooking(why, slices.SortedFunc(maps.Keys(log.Used), compareRecords), func(j *journal, k recordKey) error {
		return j.unuse(k.ref(), log.Used[k].Institution, log.Used[k].Code)
	})
	if err != nil {
		return err
	}
	return t.eachBooking(why, log.Deposited, func(j *journal, k recordKey) error { return j.revoke(k.ref()) })
}

// eachBooking books something about results, each in a batch of its own.
func (t *tx) eachBooking(why Why, keys []recordKey, do func(*journal, recordKey) error) error {
	for _, key := range keys {
		err := t.bookOne(why, &Receipt{}, func(j *journal, _ *Receipt) error { return do(j, key) })
		if CodeOf(err) == Conflict {
			return &Error{Code: Conflict, Key: "error.undo_depends", cause: err}
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// unsay makes what is kept of a result what it was.
func (t *tx) unsay(said regionalSaid) error {
	k := said.Key
	if said.Brought {
		return t.exec(`DELETE FROM regional_result WHERE institution = $1 AND reference = $2 AND used_institution = $3 AND used_course = $4`,
			k.Result.Institution, k.Result.Reference, k.Used.Institution, k.Used.Code)
	}
	sealed, err := t.sealSoft(k, said.Old)
	if err != nil {
		return err
	}
	return t.exec(`UPDATE regional_result SET sealed = $1 WHERE institution = $2 AND reference = $3 AND used_institution = $4 AND used_course = $5`,
		sealed, k.Result.Institution, k.Result.Reference, k.Used.Institution, k.Used.Code)
}

// unuse makes a result that was booked as used available again. It promises Conflict
// for one that stands elsewhere meanwhile.
func (j *journal) unuse(ref RecordRef, institution, programme string) error {
	histories, err := j.histories([]RecordRef{ref})
	if err != nil {
		return err
	}
	h := histories[ref]
	owner := h.Stand().Account.Owner
	if h.Stand().Account != ledger.RedeemedAt(owner, institution, programme) {
		return &Error{Code: Conflict, Key: "error.undo_depends"}
	}
	if err = j.undo(h, ref, ledger.Redeem); err == nil {
		err = j.unconvert(h, ref)
	}
	if err == nil {
		err = j.move(h, ledger.Release, ref, ledger.HeldOf(owner), ledger.AvailableOf(owner))
	}
	if err != nil {
		return err
	}
	if err := j.keepStandings(histories); err != nil {
		return err
	}
	return j.exec(`DELETE FROM record_use WHERE institution = $1 AND reference = $2`, ref.Institution, ref.Reference)
}
