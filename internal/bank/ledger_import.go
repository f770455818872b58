package bank

import (
	"iter"
	"slices"
	"strconv"
	"sync"

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
// names those whose deposit was reversed. While some are written the next are booked.
func (t *tx) importDeposits(added []keyed[recordKey, Record], again []RecordRef) error {
	j, worth, err := t.importBooking()
	if err != nil {
		return err
	}
	if worth, err = worth.prepared(added); err != nil {
		return err
	}
	list := make([]deposited, len(added))
	for i, at := range byLearner(added) {
		list[i].keyed = added[at]
	}
	worth.value(list)
	histories, err := t.makeRoom(list, again)
	if err != nil {
		return err
	}
	for rows := range ahead(j.bookApart(list, histories)) {
		if err := rows.insert(t); err != nil {
			return err
		}
	}
	t.db.tree.after = j.tree
	return nil
}

// importBooking is what an import books results with.
func (t *tx) importBooking() (*journal, *values, error) {
	j, err := t.importJournal()
	if err != nil {
		return nil, nil, err
	}
	worth, err := t.values()
	return j, worth, err
}

// bookedRows are some results that were booked, as rows to be written.
type bookedRows struct {
	records *insertion
	journalRows
	rooms *sync.Pool // where they leave their room
	err   error      // why they could not be booked
}

// bookedAhead is how many results are booked while those before are written.
const bookedAhead = 2000

// bookApart books results, each in a batch of its own, and gives their rows, some at
// a time. It asks nothing of the database.
func (j *journal) bookApart(list []deposited, histories map[RecordRef]*history) iter.Seq[bookedRows] {
	return func(yield func(bookedRows) bool) {
		for some := range slices.Chunk(list, bookedAhead) {
			if !yield(j.bookSome(some, histories)) {
				return
			}
		}
	}
}

func (j *journal) bookSome(some []deposited, histories map[RecordRef]*history) bookedRows {
	records, err := j.postAll(some, histories, true)
	return bookedRows{records, j.take(), &j.rooms, err}
}

func (b *bookedRows) insert(t *tx) error {
	if b.err != nil {
		return b.err
	}
	if err := t.insertRows(b.records); err != nil {
		return err
	}
	if err := b.journalRows.insert(t); err != nil {
		return err
	}
	b.records.leave(b.rooms)
	b.entries.leave(b.rooms)
	return nil
}

// importUses books results as used before the bank opened.
func (t *tx) importUses(added []keyed[recordKey, recordUse]) error {
	j, err := t.importJournal()
	if err != nil {
		return err
	}
	for len(added) > 0 {
		n := min(len(added), journalWaits)
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
