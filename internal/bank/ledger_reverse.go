package bank

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"creditbank/internal/ledger"
)

// Reverse (冲正) undoes entries: the same bookings with their two accounts swapped,
// the last first, in one batch. An issuer's correction is the reversal of its
// deposit, after which the result may be deposited again. A reversed merge gives
// the first account back its own life.
//
// It promises Invalid for an empty or too long list, an entry named twice and a
// missing reason; NotFound for an entry that is not there; Conflict, naming the
// elements, for the reversal of a reversal, a second reversal, half of a conversion,
// a record that has moved on since, and one that an application took (what was built
// on it is handled by the revocation of the result); and the codes of [Bank.write].
func (b *Bank) Reverse(ctx context.Context, actor Actor, numbers []int64, why Why) (Receipt, error) {
	if err := checkNumbers(numbers, why); err != nil {
		return Receipt{}, err
	}
	return b.book(ctx, actor, "reverse", why, numbers, func(j *journal, _ *Receipt) error {
		entries, err := j.entriesNamed(numbers)
		if err != nil {
			return err
		}
		name := func(e *Entry) (string, string) {
			i := slices.Index(numbers, e.Number)
			return fmt.Sprintf("entries[%d]", i), strconv.FormatInt(e.Number, 10)
		}
		if err := j.unbuilt(entries, name); err != nil {
			return err
		}
		return j.reverse(entries, name)
	})
}

// historiesOf reads the histories of the results that entries are about.
func (j *journal) historiesOf(entries []Entry) (map[RecordRef]*history, error) {
	refs := make([]RecordRef, len(entries))
	for i := range entries {
		refs[i] = entries[i].Record
	}
	return j.histories(refs)
}

// unbuilt promises Conflict for entries about results that an application took.
func (j *journal) unbuilt(entries []Entry, name func(*Entry) (field, value string)) error {
	histories, err := j.historiesOf(entries)
	if err != nil {
		return err
	}
	built, err := j.builtOn(histories)
	if err != nil {
		return err
	}
	var wrong elements
	for i := range entries {
		if by := built[entries[i].Record]; by != "" {
			field, value := name(&entries[i])
			wrong.add(Conflict, field, value, "in_application", map[string]any{"Application": by})
		}
	}
	return wrong.refusal()
}

func checkNumbers(numbers []int64, why Why) error {
	if err := checkCount("entries", len(numbers)); err != nil {
		return err
	}
	var wrong elements
	for i, n := range numbers {
		if slices.Contains(numbers[:i], n) {
			wrong.add(Invalid, fmt.Sprintf("entries[%d]", i), strconv.FormatInt(n, 10), "twice_listed", nil)
		}
	}
	if why.Reason == "" {
		wrong.add(Invalid, "reason", "", "required", nil)
	}
	return wrong.refusal()
}

// entriesNamed reads entries, the last first. It promises NotFound, naming the elements.
func (t *tx) entriesNamed(numbers []int64) ([]Entry, error) {
	marks, args := make([]string, len(numbers)), make([]any, len(numbers))
	for i, n := range numbers {
		marks[i], args[i] = fmt.Sprintf("$%d", i+1), n
	}
	var found []Entry
	err := t.each(func(rows *sql.Rows) error {
		e, err := scanEntry(rows)
		found = append(found, e)
		return err
	}, `SELECT `+entryColumns+` FROM entry e WHERE e.number IN (`+strings.Join(marks, ",")+`) ORDER BY e.number DESC`, args...)
	if err != nil {
		return nil, err
	}
	var wrong elements
	for i, n := range numbers {
		if !slices.ContainsFunc(found, func(e Entry) bool { return e.Number == n }) {
			wrong.add(NotFound, fmt.Sprintf("entries[%d]", i), strconv.FormatInt(n, 10), "unknown_entry", nil)
		}
	}
	return found, wrong.refusal()
}

// reverse books the reversals of entries, which come the last first. name is how
// the caller knows an entry.
func (j *journal) reverse(entries []Entry, name func(*Entry) (field, value string)) error {
	histories, err := j.historiesOf(entries)
	if err != nil {
		return err
	}
	var wrong elements
	for i := range entries {
		e := &entries[i]
		field, value := name(e)
		h := histories[e.Record]
		if e.Kind == ledger.Reverse {
			wrong.add(Conflict, field, value, string(ledger.ReversesAgain), nil)
			continue
		}
		err := j.post(h, &Entry{Kind: ledger.Reverse, Debit: e.Credit, Credit: e.Debit, Amount: e.Amount, Record: e.Record, Reverses: e.Number})
		if err := wrong.judge(err, field, value, h); err != nil {
			return err
		}
	}
	if err := wrong.refusal(); err != nil {
		return err
	}
	for i := range entries {
		if err := j.unfinished(&entries[i], histories[entries[i].Record], name); err != nil {
			return err
		}
	}
	if err := j.keepStandings(histories); err != nil {
		return err
	}
	return j.unmerge(entries)
}

// unfinished promises Conflict when a reversal leaves a record in conversion.
func (j *journal) unfinished(e *Entry, h *history, name func(*Entry) (field, value string)) error {
	if h.Rest() == nil {
		return nil
	}
	var wrong elements
	field, value := name(e)
	wrong.add(Conflict, field, value, "reverse_both", nil)
	return wrong.refusal()
}

// unmerge lets records of reversed merges go back, and their first account be itself again.
func (j *journal) unmerge(entries []Entry) error {
	for i := range entries {
		e := &entries[i]
		if e.Kind != ledger.Merge {
			continue
		}
		if err := j.giveRecord(e.Record, e.Debit.Owner); err != nil {
			return err
		}
		if err := j.exec(`DELETE FROM learner_merge WHERE account = $1`, e.Debit.Owner); err != nil {
			return err
		}
		for _, table := range []string{"application", "prior_learning"} {
			if err := j.exec(`UPDATE `+table+` SET learner = account WHERE account = $1`, e.Debit.Owner); err != nil {
				return err
			}
		}
	}
	return nil
}

// giveRecord makes a record another account's. A use from before the bank opened
// that was reversed is forgotten.
func (t *tx) giveRecord(ref RecordRef, account string) error {
	if err := t.exec(`DELETE FROM record_use WHERE institution = $1 AND reference = $2`, ref.Institution, ref.Reference); err != nil {
		return err
	}
	if err := t.exec(`DELETE FROM regional_result WHERE institution = $1 AND reference = $2 AND credits IS NOT NULL`, ref.Institution, ref.Reference); err != nil {
		return err
	}
	for _, table := range []string{"record", "regional_result"} {
		if err := t.exec(`UPDATE `+table+` SET learner = $1 WHERE institution = $2 AND reference = $3`, account, ref.Institution, ref.Reference); err != nil {
			return err
		}
	}
	return nil
}
