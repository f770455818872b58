package bank

import (
	"bytes"
	"database/sql"
	"fmt"
	"strings"

	"creditbank/internal/ledger"
)

// entryColumns are those of an entry; its texts may be asked for as one (see [wordsOf]).
const (
	entryColumns = entryNumbers + `, ` + entryTexts
	entryNumbers = `e.number, e.batch, e.amount, e.digest, e.reverses, e.at`
	entryTexts   = `e.kind, e.debit, e.credit, e.institution, e.reference, e.reason, e.actor, e.cause_kind, e.cause_id`
)

// storedEntry is an entry as its row has it, before anything in it is believed. Its words
// are taken before the next row is read.
type storedEntry struct {
	Entry
	kind          string
	debit, credit storedAccount
	digest        sql.RawBytes
}

// storedAccount is an account as it is written, and as it was read last: rows that follow
// each other often have the same.
type storedAccount struct {
	form, known string
	account     Account // of known
}

func (s *storedAccount) read() (account Account, err error) {
	if s.form == s.known && s.known != "" {
		return s.account, nil
	}
	if account, err = ledger.ParseAccount(s.form); err == nil {
		s.known, s.account = s.form, account
	}
	return account, err
}

// fields are where a row with entryColumns is read to; take follows.
func (s *storedEntry) fields() []any {
	numbers, texts := s.cells()
	return texts.each(numbers)
}

// cells are where a row with entryNumbers is read to, and the words of its entryTexts.
func (s *storedEntry) cells() ([]any, *words) {
	e := &s.Entry
	return []any{numberOr(&e.Number, 0), numberOr(&e.Batch, 0), numberOr(&e.Amount, 0), &s.digest, numberOr(&e.Reverses, 0), numberOr(&e.At, 0)},
		&words{at: []*string{&s.kind, &s.debit.form, &s.credit.form, &e.Record.Institution, &e.Record.Reference, &e.Reason, &e.Actor, &e.Cause.Kind, &e.Cause.ID}}
}

// take reads the words. What has another form is left at its zero value, which
// no entry has, and is the error too.
func (s *storedEntry) take() (err error) {
	wrong := func(found error) {
		if err == nil {
			err = found
		}
	}
	if s.Kind, err = ledger.ParseKind(s.kind); err != nil {
		s.Kind = 0
	}
	s.Digest = hashOf(s.digest)
	var found error
	if s.Debit, found = s.debit.read(); found != nil {
		wrong(found)
	}
	if s.Credit, found = s.credit.read(); found != nil {
		wrong(found)
	}
	return err
}

func scanEntry(rows *sql.Rows) (Entry, error) {
	var s storedEntry
	if err := rows.Scan(s.fields()...); err != nil {
		return Entry{}, err
	}
	if err := s.take(); err != nil {
		return Entry{}, fmt.Errorf("entry %d: %w", s.Number, err)
	}
	return s.Entry, nil
}

// ownersOf are the learner whose entry it is and, of a merge, the other.
func ownersOf(e *Entry) (learner, joined string) {
	switch {
	case e.Debit.Owner == "":
		return e.Credit.Owner, ""
	case e.Credit.Owner == e.Debit.Owner:
		return e.Debit.Owner, ""
	}
	return e.Debit.Owner, e.Credit.Owner
}

var entryTable = []string{"number", "batch", "kind", "debit", "credit", "amount", "institution", "reference", "digest", "reverses", "reason",
	"actor", "at", "cause_kind", "cause_id", "learner", "joined", "leaf"}

// newEntries are rows of entries, in the order of their numbers.
func newEntries(rows int) *insertion {
	in := newInsertion("entry", entryTable, rows)
	in.serial = true
	return in
}

// entry takes an entry as a row with the columns of entryTable.
func (in *insertion) entry(e *Entry, leaf ledger.Hash) {
	learner, joined := ownersOf(e)
	in.number(e.Number)
	in.number(e.Batch)
	in.text(e.Kind.String())
	in.text(e.Debit.String())
	in.text(e.Credit.String())
	in.number(int64(e.Amount))
	in.text(e.Record.Institution)
	in.text(e.Record.Reference)
	if e.Digest == (ledger.Hash{}) {
		in.null()
	} else {
		in.bytes(bytes.Clone(e.Digest[:])) // the entry may make room for another before its row is written
	}
	if e.Kind == ledger.Reverse {
		in.number(e.Reverses)
	} else {
		in.null()
	}
	in.text(e.Reason)
	in.text(e.Actor)
	in.number(e.At)
	in.text(e.Cause.Kind)
	in.text(e.Cause.ID)
	in.text(learner)
	in.textOrNull(joined)
	in.bytes(leaf[:])
}

// history is the way of one record so far.
type history struct {
	ledger.Trail
	entries []Entry
}

// clear makes it the way of a record that was never deposited, in the same memory.
func (h *history) clear() {
	h.Trail.Clear()
	h.entries = h.entries[:0]
}

// last is the newest entry; nil for a record that was never deposited.
func (h *history) last() *Entry {
	if len(h.entries) == 0 {
		return nil
	}
	return &h.entries[len(h.entries)-1]
}

// histories reads the ways of records, a few hundred at a time.
func (t *tx) histories(named []RecordRef) (map[RecordRef]*history, error) {
	all := make(map[RecordRef]*history, len(named))
	refs := make([]RecordRef, 0, len(named))
	for _, ref := range named {
		if all[ref] == nil {
			all[ref] = &history{}
			refs = append(refs, ref)
		}
	}
	for len(refs) > 0 {
		n := min(len(refs), insertChunk)
		list, args := refList(refs[:n])
		err := t.each(func(rows *sql.Rows) error {
			e, err := scanEntry(rows)
			if err != nil {
				return err
			}
			h := all[e.Record]
			h.entries = append(h.entries, e)
			return h.Post(&e)
		}, `SELECT `+entryColumns+` FROM (VALUES `+list+`) AS v JOIN entry e ON e.institution = v.column1 AND e.reference = v.column2
			ORDER BY e.institution, e.reference, e.number`, args...)
		if err != nil {
			return nil, err
		}
		refs = refs[n:]
	}
	return all, nil
}

// refList is a VALUES list of records, with columns column1 and column2 in both databases.
func refList(refs []RecordRef) (string, []any) {
	var list strings.Builder
	args := make([]any, 0, 2*len(refs))
	for i, ref := range refs {
		if i > 0 {
			list.WriteByte(',')
		}
		fmt.Fprintf(&list, "($%d,$%d)", 2*i+1, 2*i+2)
		args = append(args, ref.Institution, ref.Reference)
	}
	return list.String(), args
}

// standingColumns are those of a list of records with where they stand.
var standingColumns = append([]string{"institution", "reference"}, bookedColumns[:len(bookedColumns)-1]...)

// keepStandings writes where records stand.
func (t *tx) keepStandings(all map[RecordRef]*history) error {
	refs := make([]RecordRef, 0, len(all))
	for ref := range all {
		refs = append(refs, ref)
	}
	for len(refs) > 0 {
		n := min(len(refs), insertChunk)
		var list strings.Builder
		named := newInsertion("", standingColumns, n)
		for i, ref := range refs[:n] {
			if i > 0 {
				list.WriteByte(',')
			}
			first := len(named.values)
			fmt.Fprintf(&list, "($%d,$%d,$%d,$%d,$%d,CAST($%d AS BIGINT),CAST($%d AS BIGINT),CAST($%d AS BIGINT))",
				first+1, first+2, first+3, first+4, first+5, first+6, first+7, first+8)
			named.text(ref.Institution)
			named.text(ref.Reference)
			named.standing(all[ref])
		}
		if err := t.exec(`UPDATE record SET standing = v.column3, standing_institution = v.column4, standing_programme = v.column5,
			deposited = v.column6, worth = v.column7, last_entry = v.column8
			FROM (VALUES `+list.String()+`) AS v WHERE record.institution = v.column1 AND record.reference = v.column2`, named.values...); err != nil {
			return err
		}
		refs = refs[n:]
	}
	return nil
}

// bookedColumns are those of record that are written with the entries.
var bookedColumns = []string{"standing", "standing_institution", "standing_programme", "deposited", "worth", "last_entry", "salt"}

// standing takes the bookedColumns without the salt.
func (in *insertion) standing(h *history) {
	s := h.Stand()
	deposited, last := int64(0), int64(-1)
	for i := range h.entries {
		if h.entries[i].Kind == ledger.Deposit {
			deposited = int64(h.entries[i].Amount)
		}
	}
	if e := h.last(); e != nil {
		last = e.Number
	}
	if s.Account.Place == 0 {
		deposited = 0
	}
	// A place that is no learner's, issuer or conversion, never is where a record stands at the end of a batch.
	in.text(s.Account.Place.String())
	in.textOrNull(s.Account.Institution)
	in.textOrNull(s.Account.Programme)
	in.number(deposited)
	in.number(int64(s.Amount))
	in.numberOr(last, -1)
}
