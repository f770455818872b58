package bank

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"creditbank/internal/ledger"
	"creditbank/internal/transfer"
)

// booking is one operation on the ledger on its way: do makes one batch in a
// journal, in one transaction with what it was decided on.
type booking struct {
	why     Why
	request Request
	do      func(*journal, *Receipt) error
	receipt Receipt // what it came to

	account  string      // of a deposit
	deposits []deposited // set: it may be booked together with other deposits, see [tx.bookTogether]
}

// book is one operation on the ledger. body is all that the answer depends on
// beside why.
//
// It promises Invalid for a reason or cause of another form, and the codes of
// [Bank.once] and [Bank.write]; a refusal of the ledger that do does not explain
// is a fault of ours.
func (b *Bank) book(ctx context.Context, actor Actor, operation string, why Why, body any, do func(*journal, *Receipt) error) (Receipt, error) {
	return b.bookAs(ctx, actor, operation, body, &booking{why: why, do: do})
}

func (b *Bank) bookAs(ctx context.Context, actor Actor, operation string, body any, k *booking) (Receipt, error) {
	if err := k.why.check(); err != nil {
		return Receipt{}, err
	}
	var err error
	if k.request, err = k.why.request(operation, body); err != nil {
		return Receipt{}, err
	}
	answer, replayed, err := b.once(ctx, actor, k.request, k, func(t *tx) ([]byte, error) {
		k.receipt = Receipt{Batch: -1}
		if err := t.bookOne(k.why, &k.receipt, k.do); err != nil || k.why.Key == "" {
			return nil, err
		}
		return json.Marshal(k.receipt)
	})
	if err != nil {
		return Receipt{}, err
	}
	if replayed {
		k.receipt = Receipt{Replayed: true}
		err = json.Unmarshal(answer, &k.receipt)
	}
	return k.receipt, err
}

// bookOne makes, closes and writes the one batch of an operation.
func (t *tx) bookOne(why Why, receipt *Receipt, do func(*journal, *Receipt) error) error {
	j, err := t.journal(why)
	if err != nil {
		return err
	}
	j.keep = true
	if err := do(j, receipt); err != nil {
		return err
	}
	if len(j.batch) == 0 {
		return nil
	}
	if err := j.closeInto(receipt); err != nil {
		var wrong elements
		if err := wrong.judge(err, "records", "", nil); err != nil {
			return err
		}
		return wrong.refusal()
	}
	if err := j.write(); err != nil {
		return err
	}
	return t.noteBooking(why, receipt.Entries)
}

// noteBooking notes what a person booked, once for each learner it is about. What a
// school's system books stands in the ledger under the number of its token, and is
// not said twice.
func (t *tx) noteBooking(why Why, booked []Entry) error {
	if t.actor.Is(IsSystem) {
		return nil
	}
	noted := map[string]bool{"": true}
	for _, e := range booked {
		for _, owner := range [...]string{e.Debit.Owner, e.Credit.Owner} {
			if noted[owner] {
				continue
			}
			noted[owner] = true
			n := note{Action: "book", Object: "entry " + strconv.FormatInt(booked[0].Number, 10), Subject: owner,
				Detail: fmt.Sprintf("%v entries=%d", booked[0].Kind, len(booked)), Purpose: why.Reason}
			if err := t.note(n); err != nil {
				return err
			}
		}
	}
	return nil
}

// closeInto closes the one batch of an operation.
func (j *journal) closeInto(receipt *Receipt) error {
	receipt.Batch, j.booked = j.batch[0].Number, nil
	err := j.close()
	receipt.Entries = j.booked
	return err
}

// check holds the texts against what an entry can carry, before anything is read.
func (w Why) check() error {
	var wrong elements
	text := func(field, value string) {
		switch {
		case !utf8.ValidString(value):
			wrong.add(Invalid, field, "", "utf8", nil)
		case utf8.RuneCountInString(value) > ledger.MaxText:
			wrong.add(Invalid, field, "", "too_long", map[string]any{"Limit": ledger.MaxText})
		case hasControl(value):
			wrong.add(Invalid, field, "", "control_character", nil)
		}
	}
	text("reason", w.Reason)
	text("cause.id", w.Cause.ID)
	switch {
	case (w.Cause.Kind == "") != (w.Cause.ID == ""):
		wrong.add(Invalid, "cause", "", "required", nil)
	case strings.Trim(w.Cause.Kind, "abcdefghijklmnopqrstuvwxyz_") != "" || len(w.Cause.Kind) > ledger.MaxText:
		wrong.add(Invalid, "cause.kind", w.Cause.Kind, "word", nil)
	}
	return wrong.refusal()
}

// request is what a repeated request is known by.
func (w Why) request(operation string, body any) (Request, error) {
	r := Request{Key: w.Key, Operation: operation}
	if w.Key == "" {
		return r, nil
	}
	var err error
	r.Body, err = json.Marshal([]any{w.Reason, w.Cause, body})
	return r, err
}

// knownLearner promises NotFound for an account that is none, and gives the
// account that it was merged into, if it was.
func (t *tx) knownLearner(account string) (mergedInto string, err error) {
	all, err := t.knownLearners([]any{account})
	mergedInto, known := all[account]
	if err == nil && !known {
		err = notFound("learner", account)
	}
	return mergedInto, err
}

// knownLearners gives those of some accounts that there are, each with the account
// that it was merged into, if it was.
func (t *tx) knownLearners(accounts []any) (mergedInto map[string]string, err error) {
	mergedInto = map[string]string{}
	return mergedInto, t.lookup(accounts, 1, func(rows *sql.Rows) error {
		var account, into string
		err := rows.Scan(&account, &into)
		mergedInto[account] = into
		return err
	}, `SELECT l.account, coalesce(m.into_account, '')`, `JOIN learner l ON l.account = v.column1 LEFT JOIN learner_merge m ON m.account = l.account`)
}

// knownProgramme promises NotFound for a programme that is none.
func (t *tx) knownProgramme(k transfer.ProgrammeKey) error {
	var known int
	if err := t.GetContext(t.ctx, &known, t.db.bind(`SELECT count(*) FROM programme WHERE institution = $1 AND code = $2`), k.Institution, k.Code); err != nil {
		return err
	}
	if known == 0 {
		return notFound("programme", k.Institution+":"+k.Code)
	}
	return nil
}

// checkCount promises Invalid for no elements or too many.
func checkCount(field string, n int) error {
	if n == 0 {
		return invalidField(field, "", "required", nil)
	}
	if n > MaxBatch {
		return invalidField(field, "", "too_many", map[string]any{"Limit": MaxBatch, "Got": n})
	}
	return nil
}

// eachRecord calls do for every record of a list, with its way so far, and keeps
// where it stands after it. It promises Invalid for a list that is empty, too long
// or names a record twice, NotFound for a record that the account does not have, and
// Conflict for what an application holds or has used, and for what the ledger refuses;
// each with the element.
func (j *journal) eachRecord(account string, refs []RecordRef, do func(i int, h *history) error) error {
	if err := checkCount("records", len(refs)); err != nil {
		return err
	}
	histories, err := j.histories(refs)
	if err != nil {
		return err
	}
	built, err := j.builtOn(histories)
	if err != nil {
		return err
	}
	var wrong elements
	seen := make(map[RecordRef]bool, len(refs))
	for i, ref := range refs {
		h, field := histories[ref], recordField(i, "reference")
		switch {
		case seen[ref]:
			wrong.add(Invalid, field, ref.Reference, "twice_listed", nil)
		case h.last() == nil || !h.of(account):
			wrong.add(NotFound, field, ref.Reference, "unknown_record", nil)
		case built[ref] != "":
			wrong.add(Conflict, field, ref.Reference, "in_application", map[string]any{"Application": built[ref]})
		default:
			if err := wrong.judge(do(i, h), field, ref.Reference, h); err != nil {
				return err
			}
		}
		seen[ref] = true
	}
	if err := wrong.refusal(); err != nil {
		return err
	}
	return j.keepStandings(histories)
}

// builtOn are the applications that hold or have used results, and the recognitions of
// prior learning that results were booked for. An operation on the
// ledger leaves these where they stand: only what is decided about the application
// moves them, or its answer would rest on nothing.
func (j *journal) builtOn(histories map[RecordRef]*history) (map[RecordRef]string, error) {
	built := map[RecordRef]string{}
	for ref, h := range histories {
		switch h.Stand().Account.Place {
		case ledger.Held, ledger.Applied, ledger.Redeemed:
			by, err := holders(j.each, ref)
			if err != nil {
				return nil, err
			}
			if len(by) > 0 {
				built[ref] = by[0].application
				continue
			}
			if built[ref], err = priorOf(j.each, ref); err != nil {
				return nil, err
			}
		}
	}
	return built, nil
}

// of says whether the record is an account's, or was when its deposit was reversed.
func (h *history) of(account string) bool {
	if at := h.Stand().Account; at.Place != 0 {
		return at.Owner == account
	}
	return h.last().Debit.Owner == account
}
