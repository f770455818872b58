package bank

import (
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/json"
	"strings"

	"creditbank/internal/credit"
	"creditbank/internal/transfer"
)

// NewApplication is what a learner asks for, as far as it is written down.
type NewApplication struct {
	ID, Stamp string                // of a draft that is changed; empty: a new one
	Learner   string                // account; empty: the actor's own
	To        transfer.ProgrammeKey // of a new one
	Items     []string              // keys of [OfferItem]; nil: the whole plan
	Note      string                // to the school; may be empty
	Declared  bool                  // by [Bank.Apply]: all of it is true
	Files     []NewAttachment       // evidence, added to what is there
	Key       string                // Idempotency-Key of [Bank.Apply]
}

// applicationText is how long a text about an application is at most, in characters.
const applicationText = 1000

// SaveApplication keeps a draft, which only the learner sees, as of the map and the
// results of now. A learner may have one for each of several programmes. It is for the
// learner, and systems of the learner's school with the scope apply.
//
// It promises Denied; NotFound for the account, the programme and the draft; Invalid,
// naming items, note or files; Conflict: error.application_running (Args "ID") while
// there is another for the programme, error.application_stale when the draft was changed
// meanwhile, error.application_state when it is no draft any more, and
// error.attachment_many.
func (b *Bank) SaveApplication(ctx context.Context, actor Actor, in NewApplication) (Application, error) {
	d, err := b.draft(ctx, actor, in)
	if err != nil {
		return Application{}, err
	}
	err = b.write(ctx, actor, func(t *tx) error { return t.saveDraft(&d) })
	if err != nil {
		return Application{}, err
	}
	return b.Application(ctx, actor, d.id)
}

// draft is an application on its way into the bank.
type draft struct {
	id, stamp string
	account   string
	note      string
	files     []checkedAttachment
	offer     ApplicationOffer
	items     []transfer.Item
	chosen    *transfer.Case
	fresh     bool
}

// draft reads what was typed, and freezes what is asked for.
func (b *Bank) draft(ctx context.Context, actor Actor, in NewApplication) (draft, error) {
	d := draft{id: in.ID, stamp: in.Stamp, note: strings.TrimSpace(in.Note), fresh: in.ID == ""}
	var faults []FieldError
	if code := textFault(d.note, applicationText); code != "" && code != "required" {
		faults = append(faults, FieldError{Field: "note", Code: code, Args: map[string]any{"Limit": applicationText}})
	}
	var fileFaults []FieldError
	d.files, fileFaults = checkAttachments(in.Files)
	if faults = append(faults, fileFaults...); len(faults) > 0 {
		return d, invalidFields(faults)
	}
	to := in.To
	if d.fresh {
		d.id = newNumber()
	} else {
		a, err := b.applicationOf(ctx, actor, in.ID)
		if err != nil {
			return d, err
		}
		in.Learner, to = a.Learner, a.To
	}
	return d, b.fill(ctx, actor, &d, in, to)
}

// checkAttachments holds files that were handed in against what the bank takes.
func checkAttachments(in []NewAttachment) (files []checkedAttachment, faults []FieldError) {
	for _, file := range in {
		checked, fault := checkAttachment("files", file)
		if fault != nil {
			faults = append(faults, *fault)
			continue
		}
		files = append(files, checked)
	}
	return files, faults
}

// fill asks what is offered, and takes from it what is asked for.
func (b *Bank) fill(ctx context.Context, actor Actor, d *draft, in NewApplication, to transfer.ProgrammeKey) (err error) {
	if d.account, err = b.applicant(ctx, actor, in.Learner); err != nil {
		return err
	}
	if d.offer, err = b.offer(ctx, d.account, to); err != nil {
		return err
	}
	keys := in.Items
	if keys == nil {
		keys = d.offer.keys()
	}
	d.items, d.chosen, err = d.offer.choose(keys)
	return err
}

// applicant is the account for which the actor asks: the own, or one of the school of a
// system with the scope apply. It promises Denied and NotFound.
func (b *Bank) applicant(ctx context.Context, actor Actor, account string) (string, error) {
	if !actor.Is(IsSystem) {
		own, err := b.own(ctx, actor)
		if err == nil && account != "" && account != own {
			err = notFound("learner", account)
		}
		return own, err
	}
	if err := actor.allow(MayApply); err != nil {
		return "", err
	}
	known := false
	err := b.db.each(ctx, func(*sql.Rows) error { known = true; return nil },
		`SELECT 1 FROM learner l LEFT JOIN learner_merge m ON m.account = l.account WHERE l.account = $1 AND l.institution = $2 AND m.account IS NULL`, account, actor.Institution)
	if err == nil && !known {
		err = notFound("learner", account)
	}
	return account, err
}

// runningApplication is the draft or submitted application of a learner for a programme,
// with an empty ID when there is none.
func (b *Bank) runningApplication(ctx context.Context, account string, to transfer.ProgrammeKey) (Application, error) {
	list, err := readApplications(b.reading(ctx), b.unseal, `a.learner = $1 AND a.institution = $2 AND a.programme = $3 AND a.state IN ('draft', 'submitted')`,
		account, to.Institution, to.Code)
	if err != nil || len(list) == 0 {
		return Application{}, err
	}
	return list[0], nil
}

// saveDraft writes a draft. It promises Conflict.
func (t *tx) saveDraft(d *draft) error {
	sealed, err := t.sealText("application.note", d.id, d.note)
	if err != nil {
		return err
	}
	stamp := newStamp()
	if d.fresh {
		if err := t.noneRunning(d.account, d.offer.To); err != nil {
			return err
		}
		err = t.exec(`INSERT INTO application (id, learner, account, institution, programme, state, stamp, note, map_version, as_of, covered, made_by, made_at, changed_at)
			VALUES ($1, $2, $2, $3, $4, 'draft', $5, $6, $7, $8, FALSE, $9, $10, $10)`,
			d.id, d.account, d.offer.To.Institution, d.offer.To.Code, stamp, sealed, d.offer.Snapshot.Version, d.offer.AsOf, t.actor.Name, micros(t.now))
	} else {
		if _, err := t.applicationIn(d.id, d.stamp, ApplicationDraft); err != nil {
			return err
		}
		err = t.exec(`UPDATE application SET stamp = $1, note = $2, map_version = $3, as_of = $4, changed_at = $5 WHERE id = $6`,
			stamp, sealed, d.offer.Snapshot.Version, d.offer.AsOf, micros(t.now), d.id)
	}
	if err != nil {
		return err
	}
	if err := t.saveItems(d); err != nil {
		return err
	}
	for _, file := range d.files {
		if _, err := t.attach("application", d.id, d.account, file); err != nil {
			return err
		}
	}
	d.stamp = stamp
	return t.noteApplication("application.save", d.id, d.account, "")
}

// newStamp draws the mark of one state of an application.
func newStamp() string { return rand.Text() }

// noneRunning promises Conflict while the programme is asked for already.
func (t *tx) noneRunning(account string, to transfer.ProgrammeKey) error {
	var running string
	err := t.each(func(rows *sql.Rows) error { return rows.Scan(&running) },
		`SELECT id FROM application WHERE learner = $1 AND institution = $2 AND programme = $3 AND state IN ('draft', 'submitted')`, account, to.Institution, to.Code)
	if err == nil && running != "" {
		err = &Error{Code: Conflict, Key: "error.application_running", Args: map[string]any{"ID": running}}
	}
	return err
}

// saveItems writes the items of a draft in the place of those that it had.
func (t *tx) saveItems(d *draft) error {
	for _, statement := range []string{`DELETE FROM application_record WHERE application = $1`, `DELETE FROM application_item WHERE application = $1`} {
		if err := t.exec(statement, d.id); err != nil {
			return err
		}
	}
	var items, records [][]any
	for i, item := range d.items {
		awards, err := written(item.Awards)
		if err != nil {
			return err
		}
		via, err := json.Marshal(item.Via)
		if err != nil {
			return err
		}
		items = append(items, []any{d.id, i, item.Rule.Code, item.Rule.Version, string(via), item.Credits, awards, ItemOpen, credit.Amount(0), "[]", 0})
		for _, ref := range d.offer.refsOf(item) {
			records = append(records, []any{d.id, i, ref.Institution, ref.Reference})
		}
	}
	err := t.insert("application_item", []string{"application", "item", "equivalence", "version", "via", "credits", "awards", "state", "given", "given_awards", "appeals"}, items)
	if err == nil {
		err = t.insert("application_record", []string{"application", "item", "institution", "reference"}, records)
	}
	return err
}

// noteApplication notes what somebody did with an application.
func (t *tx) noteApplication(action, id, learner, detail string) error {
	return t.note(note{Action: action, Object: id, Subject: learner, Detail: detail})
}

// DiscardApplication throws a draft away. It promises NotFound, and Conflict as
// [Bank.SaveApplication] does.
func (b *Bank) DiscardApplication(ctx context.Context, actor Actor, id, stamp string) error {
	if _, err := b.applicationOf(ctx, actor, id); err != nil {
		return err
	}
	return b.write(ctx, actor, func(t *tx) error {
		a, err := t.applicationIn(id, stamp, ApplicationDraft)
		if err != nil {
			return err
		}
		return t.discard(&a)
	})
}

// discard removes a draft with its files.
func (t *tx) discard(a *Application) error {
	if err := t.exec(`DELETE FROM attachment WHERE kind = 'application' AND object = $1`, a.ID); err != nil {
		return err
	}
	if err := t.exec(`DELETE FROM application WHERE id = $1`, a.ID); err != nil {
		return err
	}
	return t.noteApplication("application.discard", a.ID, a.Learner, "")
}

// AttachToApplication adds evidence to a draft, or to what is submitted and not decided:
// somebody of the school then looks at it. It promises NotFound; Invalid, naming files;
// Conflict: error.application_stale, error.application_state, error.attachment_many.
func (b *Bank) AttachToApplication(ctx context.Context, actor Actor, id, stamp string, in []NewAttachment) (Application, error) {
	a, err := b.applicationOf(ctx, actor, id)
	if err != nil {
		return a, err
	}
	files, faults := checkAttachments(in)
	if len(faults) > 0 {
		return a, invalidFields(faults)
	}
	err = b.write(ctx, actor, func(t *tx) error {
		a, err := t.applicationIn(id, stamp, ApplicationDraft, ApplicationSubmitted)
		if err != nil {
			return err
		}
		for _, file := range files {
			if _, err := t.attach("application", id, a.Learner, file); err != nil {
				return err
			}
		}
		return t.exec(`UPDATE application SET covered = FALSE, stamp = $1, changed_at = $2 WHERE id = $3`, newStamp(), micros(t.now), id)
	})
	if err != nil {
		return a, err
	}
	return b.Application(ctx, actor, id)
}
