package bank

import (
	"encoding/binary"
	"fmt"
	"slices"
	"strings"

	"creditbank/internal/credit"
	"creditbank/internal/ledger"
)

// way is the record at hand on its way.
type way struct {
	trail   ledger.Trail
	under   bool  // there is one
	begins  bool  // with the entry at hand
	at      Entry // the last
	deposit Entry // the last of its kind
	kept    keptRecord
	scales  scales
}

func (w *way) follow(e *Entry, kept keptRecord) error {
	w.under, w.at, w.kept = true, *e, kept
	if e.Kind == ledger.Deposit {
		w.deposit = *e
	}
	return w.trail.Follow(e)
}

// end holds the record at its end against what is kept.
func (w *way) end() error {
	if !w.under {
		return nil
	}
	if err := w.trail.Rest(); err != nil {
		return err
	}
	if err := w.standing(); err != nil {
		return err
	}
	if w.kept.place == "" || w.deposit.Digest == (ledger.Hash{}) {
		return nil // its deposit is reversed, or nothing was said of it
	}
	if err := w.content(); err != nil {
		return err
	}
	return w.mark()
}

// standing holds where the bank keeps that the record stands against its entries.
func (w *way) standing() error {
	s := w.trail.Stand()
	want := keptStanding{learner: w.kept.learner, place: s.Account.Place.String(), institution: s.Account.Institution,
		programme: s.Account.Programme, amount: s.Amount, last: w.at.Number}
	if s.Account.Place != 0 {
		want.learner, want.deposited = s.Account.Owner, w.deposit.Amount
	}
	if w.kept.keptStanding == want {
		return nil
	}
	return &ledger.Fault{Number: w.at.Number, Code: ledger.BalanceWrong, Field: "record", Got: w.kept.String(), Want: want.String()}
}

// content holds what the record says against the digest of its deposit. Without
// the salt anything could stand there, so its loss is a finding.
func (w *way) content() error {
	if w.kept.salt == nil {
		return &ledger.Fault{Number: w.deposit.Number, Code: ledger.Missing, Field: "salt"}
	}
	if got := digestOf(w.kept.salt, &w.kept.content); got != w.deposit.Digest {
		return &ledger.Fault{Number: w.deposit.Number, Code: ledger.BytesDiffer, Field: "digest", Got: got.String(), Want: w.deposit.Digest.String()}
	}
	return nil
}

// mark holds the score and the pass that the bank reckons with against the grade.
func (w *way) mark() error {
	c := &w.kept.content
	got, due := credit.Mark{Score: c.Score, Passed: c.Passed}, w.due(c)
	if slices.Contains(due, got) {
		return nil
	}
	fault := &ledger.Fault{Number: w.deposit.Number, Code: ledger.BytesDiffer, Field: "score", Got: shownMark(got)}
	if len(due) > 0 {
		fault.Want = shownMark(due[len(due)-1])
	}
	return fault
}

// due are the marks that the grade may have been given: by every version of its
// scale from before its day, since a version may have come after the deposit.
func (w *way) due(c *Record) (marks []credit.Mark) {
	if c.Grade == "" {
		return []credit.Mark{{Score: -1, Passed: true}}
	}
	for _, d := range w.scales {
		if d.Code != c.Scale || d.from > c.Completed {
			continue
		}
		if mark, err := d.Mark(c.Grade); err == nil {
			marks = append(marks, mark)
		}
	}
	return marks
}

// shownMark is how a finding shows a score and whether it is a pass.
func shownMark(m credit.Mark) string {
	outcome := "failed"
	if m.Passed {
		outcome = "passed"
	}
	return strings.TrimSpace(shown(m.Score, -1, credit.Score.String) + " " + outcome)
}

// keptRecord is what the bank keeps of a record beside its entries.
type keptRecord struct {
	keptStanding
	salt    []byte
	content Record
}

// keptStanding is where it keeps that the record stands.
type keptStanding struct {
	learner, place, institution, programme string
	deposited, amount                      credit.Amount
	last                                   int64
}

// String is how a finding shows it.
func (k keptStanding) String() string {
	if k.last < 0 {
		return "-"
	}
	at := k.learner + " " + k.place
	if k.programme != "" {
		at += " " + k.institution + ":" + k.programme
	}
	return fmt.Sprintf("%s, %v of %v, entry %d", at, k.amount, k.deposited, k.last)
}

// booked says whether entries have to be about the record.
func (k *keptRecord) booked() bool { return k.last >= 0 || k.place != "" }

// element is what is kept of a record for a [ledger.Multiset]: the same as that of a
// deposit, if nothing else is about the record and all is as the deposit says.
func (k *keptRecord) element(to []byte, of RecordRef) []byte {
	var digest ledger.Hash
	if k.salt != nil {
		digest = digestOf(k.salt, &k.content)
	}
	return k.keptStanding.element(to, of, digest)
}

// depositElement is what a deposit says of its record.
func depositElement(to []byte, e *Entry) []byte {
	stands := keptStanding{learner: e.Credit.Owner, place: e.Credit.Place.String(), deposited: e.Amount, amount: e.Amount, last: e.Number}
	return stands.element(to, e.Record, e.Digest)
}

func (k *keptStanding) element(to []byte, of RecordRef, digest ledger.Hash) []byte {
	for _, text := range [...]string{of.Institution, of.Reference, k.learner, k.place, k.institution, k.programme} {
		to = append(binary.AppendUvarint(to, uint64(len(text))), text...)
	}
	for _, number := range [...]int64{int64(k.deposited), int64(k.amount), k.last} {
		to = binary.AppendVarint(to, number)
	}
	return append(to, digest[:]...)
}

// keptColumns are those of what is kept of a record; its texts may be asked for as one
// (see [wordsOf]) where there is a record.
const (
	keptColumns = keptNumbers + `, ` + keptTexts
	keptNumbers = `r.deposited, r.worth, r.last_entry, r.salt, r.score, coalesce(r.passed, FALSE), r.credits, r.hours, r.level, r.completed_on`
	keptTexts   = `r.learner, r.standing, coalesce(r.standing_institution, ''), coalesce(r.standing_programme, ''), r.kind, r.course, r.title, r.grade, r.scale, r.term`
)

// cells are where a row with keptNumbers is read to, and the words of its keptTexts.
func (k *keptRecord) cells() ([]any, *words) {
	c := &k.content
	return []any{numberOr(&k.deposited, -1), numberOr(&k.amount, -1), numberOr(&k.last, -1), &k.salt, numberOr(&c.Score, -1), &c.Passed,
			numberOr(&c.Credits, -1), numberOr(&c.Hours, -1), numberOr(&c.Level, 0), numberOr(&c.Completed, 0)},
		&words{at: []*string{&k.learner, &k.place, &k.institution, &k.programme, &c.Kind, &c.Course, &c.Title, &c.Grade, &c.Scale, &c.Term}}
}

// fields are where a row with keptColumns is read to.
func (k *keptRecord) fields() []any {
	numbers, texts := k.cells()
	return texts.each(numbers)
}
