package bank

import (
	"strconv"

	"creditbank/internal/ledger"
)

// importCause is the import under way: the number of the line of the audit log
// that it will write.
func (t *tx) importCause() (Cause, error) {
	var seq int64
	err := t.GetContext(t.ctx, &seq, `SELECT coalesce(max(seq), 0) + 1 FROM audit`)
	return Cause{Kind: "import", ID: strconv.FormatInt(seq, 10)}, err
}

// importJournal books what the import under way brings.
func (t *tx) importJournal() (*journal, error) {
	cause, err := t.importCause()
	if err != nil {
		return nil, err
	}
	return t.journal(Why{Cause: cause})
}

// importDeposits writes new results and books each in a batch of its own; again
// names those whose deposit was reversed.
func (t *tx) importDeposits(added []keyed[recordKey, Record], again []RecordRef) error {
	j, err := t.importJournal()
	if err != nil {
		return err
	}
	worth, err := t.values()
	if err != nil {
		return err
	}
	for len(added) > 0 {
		n := min(len(added), journalRows)
		if err := j.importChunk(added[:n], again, worth); err != nil {
			return err
		}
		added = added[n:]
	}
	return j.write()
}

func (j *journal) importChunk(added []keyed[recordKey, Record], again []RecordRef, worth *values) error {
	list := make([]deposited, len(added))
	for i, k := range added {
		amount, err := worth.of(k.key, k.value)
		if err != nil {
			return err
		}
		list[i] = deposited{k, amount}
	}
	return j.depositNew(list, again, true)
}

// importUses books results as used before the bank opened.
func (t *tx) importUses(added []keyed[recordKey, recordUse]) error {
	j, err := t.importJournal()
	if err != nil {
		return err
	}
	for len(added) > 0 {
		n := min(len(added), journalRows)
		if err := j.useChunk(added[:n]); err != nil {
			return err
		}
		added = added[n:]
	}
	return j.write()
}

func (j *journal) useChunk(added []keyed[recordKey, recordUse]) error {
	refs := make([]RecordRef, len(added))
	for i, k := range added {
		refs[i] = k.key.ref()
	}
	histories, err := j.histories(refs)
	if err != nil {
		return err
	}
	for i, k := range added {
		if err := j.use(histories[refs[i]], refs[i], k.value); err != nil {
			return err
		}
	}
	return j.keepStandings(histories)
}

// use books the whole way of a record to the programme that had used it, with no
// loss: what it gave there is not known.
func (j *journal) use(h *history, ref RecordRef, v recordUse) error {
	j.why.Reason = "used_on " + v.On.String()
	amount := h.Stand().Amount
	applied := ledger.AppliedAt(v.Learner, v.Institution, v.Programme)
	if err := j.move(h, ledger.Hold, ref, ledger.AvailableOf(v.Learner), ledger.HeldOf(v.Learner)); err != nil {
		return err
	}
	if err := j.convert(h, ref, applied, amount); err != nil {
		return err
	}
	if err := j.move(h, ledger.Redeem, ref, applied, ledger.RedeemedAt(v.Learner, v.Institution, v.Programme)); err != nil {
		return err
	}
	return j.close()
}
