package bank

import (
	"sync"

	"creditbank/internal/credit"
	"creditbank/internal/ledger"
)

// journal is where one write makes its entries, in batches that are booked
// whole or not at all.
type journal struct {
	*tx
	tree  *ledger.Tree
	why   Why
	next  int64      // number of the next entry
	batch []Entry    // under way
	rows  *insertion // the entries of batches that are closed, not written yet
	since int64      // size of the tree at the last write
	first history    // of the record that is deposited for the first time
	draft Entry      // room for its entry
	salts []byte     // that are not used yet
	rooms sync.Pool  // of *[]any: room of rows that are written

	booked []Entry // all closed batches, when they are kept for a receipt
	keep   bool
}

// journal begins at the end of the ledger.
func (t *tx) journal(why Why) (*journal, error) {
	tree, err := t.logTree()
	if err != nil {
		return nil, err
	}
	return &journal{tx: t, tree: tree, why: why, next: tree.Size(), since: tree.Size(), rows: newEntries(1)}, nil
}

// post adds an entry to the batch under way, if the record's way so far allows it.
// The error is a *ledger.Fault.
func (j *journal) post(h *history, e *Entry) error {
	e.Number, e.Batch = j.next, j.next-int64(len(j.batch))
	e.Actor, e.At, e.Cause = j.actor.Name, micros(j.now), j.why.Cause
	if e.Reason == "" {
		e.Reason = j.why.Reason
	}
	if err := e.Check(); err != nil {
		return err
	}
	if err := h.Post(e); err != nil {
		return err
	}
	h.entries = append(h.entries, *e)
	j.batch = append(j.batch, *e)
	j.next++
	return nil
}

// move books what stands in an account for a record to another account.
func (j *journal) move(h *history, kind ledger.Kind, ref RecordRef, from, to Account) error {
	return j.post(h, &Entry{Kind: kind, Debit: from, Credit: to, Amount: h.Stand().Amount, Record: ref})
}

// deposit books a result in for the first time, or again after a reversal.
func (j *journal) deposit(h *history, d *deposited) (salt []byte, err error) {
	salt = j.newSalt()
	ref := d.key.ref()
	j.draft = Entry{Kind: ledger.Deposit, Debit: ledger.IssuerOf(ref.Institution), Credit: ledger.AvailableOf(d.value.Learner), Amount: d.amount,
		Record: ref, Digest: digestOf(salt, &d.value)}
	return salt, j.post(h, &j.draft)
}

// depositRow is deposit of a result whose row is not written yet: it comes to the others.
// A record without a history, nil, was never deposited.
func (j *journal) depositRow(rows *insertion, h *history, d *deposited) error {
	if h == nil {
		h = &j.first
		h.clear()
	}
	salt, err := j.deposit(h, d)
	if err != nil {
		return err
	}
	rows.record(&d.keyed)
	rows.standing(h)
	rows.bytes(salt)
	return nil
}

// convert books both lines of a conversion.
func (j *journal) convert(h *history, ref RecordRef, to Account, worth credit.Amount) error {
	err := j.post(h, &Entry{Kind: ledger.Convert, Debit: ledger.HeldOf(to.Owner), Credit: ledger.InConversion(), Amount: h.Stand().Amount, Record: ref})
	if err != nil {
		return err
	}
	return j.post(h, &Entry{Kind: ledger.Convert, Debit: ledger.InConversion(), Credit: to, Amount: worth, Record: ref})
}

// drop forgets the batch under way.
func (j *journal) drop() {
	j.next -= int64(len(j.batch))
	j.batch = j.batch[:0]
}

// journalWaits is how many rows wait before they are written.
const journalWaits = 1000

// close ends the batch under way. The error may be a *ledger.Fault.
func (j *journal) close() error {
	if err := j.seal(); err != nil {
		return err
	}
	if j.rows.rows() >= journalWaits {
		return j.write()
	}
	return nil
}

// seal is close without writing anything.
func (j *journal) seal() error {
	if err := ledger.CheckBatch(j.batch); err != nil {
		return err
	}
	for i := range j.batch {
		e := &j.batch[i]
		leaf := e.Leaf()
		j.tree.Append(leaf)
		j.rows.entry(e, leaf)
	}
	if j.keep {
		j.booked = append(j.booked, j.batch...)
	}
	j.batch = j.batch[:0]
	return nil
}

// journalRows are closed batches, and the log over them, as rows to be written.
type journalRows struct{ entries, nodes *insertion }

// take gives the closed batches that were not written yet.
func (j *journal) take() journalRows {
	rows := journalRows{j.rows, nodeRows(j.tree, j.since)}
	j.rows, j.since = newEntries(0).withRoom(&j.rooms, j.rows.rows()), j.tree.Size()
	return rows
}

func (r *journalRows) insert(t *tx) error {
	if err := t.insertRows(r.entries); err != nil {
		return err
	}
	return t.insertRows(r.nodes)
}

// write writes the closed batches and the log over them.
func (j *journal) write() error {
	if j.rows.rows() == 0 {
		return nil
	}
	rows := j.take()
	if err := rows.insert(j.tx); err != nil {
		return err
	}
	j.db.tree.after = j.tree
	return nil
}
