package bank

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"creditbank/internal/calendar"
	"creditbank/internal/ledger"
	"creditbank/internal/transfer"
)

// errMoved says that the map or the results changed between the freezing and the write.
var errMoved = errors.New("the map or the results have moved")

// mostMoves is how often what moved meanwhile is frozen anew.
const mostMoves = 3

// SubmitApplication hands a draft in, once more as of the map and the results of now:
// the plan is frozen, its results are held, and the receiving school has it. declared
// is the learner's word that all of it is true.
//
// It promises NotFound; Invalid, naming declared; Conflict as [Bank.SaveApplication]
// does, and (error.application_moved), naming the items, when what the draft asks for
// is not offered any more as it was: the learner looks at it again, and saves it.
func (b *Bank) SubmitApplication(ctx context.Context, actor Actor, id, stamp string, declared bool) (Application, error) {
	a, err := b.applicationOf(ctx, actor, id)
	if err != nil {
		return a, err
	}
	if !declared {
		return a, invalidField("declared", "", "required", nil)
	}
	err = b.frozenWrite(ctx, actor, func() (draft, error) {
		if a, err = b.applicationOf(ctx, actor, id); err != nil {
			return draft{}, err
		}
		return b.draftAgain(ctx, a)
	}, func(t *tx, d *draft) error {
		if _, err := t.applicationIn(id, stamp, ApplicationDraft); err != nil {
			return err
		}
		return t.submit(d)
	})
	if err != nil {
		return a, err
	}
	return b.Application(ctx, actor, id)
}

// Apply saves and submits at once, for programs: Items are chosen of the offer, or the
// whole plan is asked for. A repeated request with the same Key gives the same
// application. It promises the codes of [Bank.SaveApplication] and [Bank.SubmitApplication].
func (b *Bank) Apply(ctx context.Context, actor Actor, in NewApplication) (Application, error) {
	if !in.Declared {
		return Application{}, invalidField("declared", "", "required", nil)
	}
	in.ID = ""
	body, err := json.Marshal(withFiles([]any{in.Learner, in.To, in.Items, in.Note}, in.Files))
	if err != nil {
		return Application{}, err
	}
	var answer []byte
	for range mostMoves {
		var d draft
		d, err = b.draft(ctx, actor, in)
		if err != nil && in.Key == "" {
			return Application{}, err
		}
		refused := err // a repeated request is answered all the same
		answer, _, err = b.once(ctx, actor, Request{Key: in.Key, Operation: "apply", Body: body}, nil, func(t *tx) ([]byte, error) {
			if refused != nil {
				return nil, refused
			}
			if err := t.unmoved(&d); err != nil {
				return nil, err
			}
			if err := t.saveDraft(&d); err != nil {
				return nil, err
			}
			return []byte(d.id), t.submit(&d)
		})
		if !errors.Is(err, errMoved) {
			break
		}
		b.forget()
	}
	if err != nil {
		return Application{}, moved(err)
	}
	return b.Application(ctx, actor, string(answer))
}

// frozenWrite freezes and writes, again while something moves in between.
func (b *Bank) frozenWrite(ctx context.Context, actor Actor, freeze func() (draft, error), do func(*tx, *draft) error) error {
	var err error
	for range mostMoves {
		var d draft
		if d, err = freeze(); err != nil {
			return err
		}
		err = b.write(ctx, actor, func(t *tx) error {
			if err := t.unmoved(&d); err != nil {
				return err
			}
			return do(t, &d)
		})
		if !errors.Is(err, errMoved) {
			return err
		}
		b.forget()
	}
	return moved(err)
}

// moved is what people are told of what moves all the time.
func moved(err error) error {
	if errors.Is(err, errMoved) {
		return &Error{Code: Conflict, Key: "error.application_moved"}
	}
	return err
}

// unmoved holds the moment of the write against that of the freezing.
func (t *tx) unmoved(d *draft) error {
	_, stamp, err := readStamp(t.ctx, t)
	if err != nil {
		return err
	}
	records, references, err := recordsOf(t.each, d.account, calendar.Of(t.now))
	if err != nil {
		return err
	}
	n := len(references)
	if stamp != d.offer.Snapshot.Stamp || !slices.Equal(references, d.offer.References) || !slices.Equal(records, d.offer.Records[:n]) {
		return errMoved
	}
	return nil
}

// draftAgain freezes what a draft asks for once more. It promises Conflict, naming the
// items that are not as they were.
func (b *Bank) draftAgain(ctx context.Context, a Application) (d draft, err error) {
	d = draft{id: a.ID, stamp: a.Stamp, account: a.Learner, note: a.Note}
	if d.offer, err = b.offer(ctx, a.Learner, a.To); err != nil {
		return d, err
	}
	keys := make([]string, len(a.Items))
	for i, item := range a.Items {
		keys[i] = item.Key
	}
	d.items, d.chosen, err = d.offer.choose(keys)
	if err != nil && CodeOf(err) != Invalid {
		return d, err
	}
	if changed := d.changed(a); len(changed) > 0 {
		return d, &Error{Code: Conflict, Key: "error.application_moved", Fields: changed}
	}
	return d, err
}

// changed names the items of a draft that are not offered as they were.
func (d *draft) changed(a Application) (changed []FieldError) {
	for i, was := range a.Items {
		at := slices.IndexFunc(d.items, func(item transfer.Item) bool { return itemKey(item.Rule, item.Via) == was.Key })
		field := fmt.Sprintf("items[%d]", i)
		switch {
		case at < 0:
			changed = append(changed, FieldError{Field: field, Value: was.Key, Code: "not_offered"})
		case d.items[at].Credits != was.Credits || !slices.Equal(d.items[at].Awards, was.Awards) || !slices.Equal(d.offer.refsOf(d.items[at]), was.Records):
			changed = append(changed, FieldError{Field: field, Value: was.Key, Code: "item_changed"})
		}
	}
	return changed
}

// submit freezes a draft that was saved, and holds its results.
func (t *tx) submit(d *draft) error {
	frozen, err := json.Marshal(d.offer.Case)
	if err != nil {
		return err
	}
	var chosen any
	if d.chosen != nil {
		text, err := json.Marshal(d.chosen)
		if err != nil {
			return err
		}
		chosen = string(text)
	}
	refs, err := json.Marshal(d.offer.allRefs())
	if err != nil {
		return err
	}
	if err := t.saveItems(d); err != nil {
		return err
	}
	// Who handed in papers or wrote to the school asks for a look.
	err = t.exec(`UPDATE application SET state = 'submitted', stamp = $1, map_version = $2, as_of = $3, frozen = $4, chosen = $5, changed_at = $6, submitted_at = $6, refs = $7,
		covered = note IS NULL AND NOT EXISTS (SELECT 1 FROM attachment f WHERE f.kind = 'application' AND f.object = application.id) WHERE id = $8`,
		newStamp(), d.offer.Snapshot.Version, d.offer.AsOf, string(frozen), chosen, micros(t.now), string(refs), d.id)
	if err != nil {
		return err
	}
	var held []RecordRef
	for _, item := range d.items {
		held = append(held, d.offer.refsOf(item)...)
	}
	if err := t.holdFor(d.id, d.account, held); err != nil {
		return err
	}
	a := Application{ID: d.id, Learner: d.account, To: d.offer.To}
	if err := t.beginClocks(&a); err != nil {
		return err
	}
	if err := t.tellSchool(&a, "application_in", IsRegistrar|IsDecider); err != nil {
		return err
	}
	return t.noteApplication("application.submit", d.id, d.account, fmt.Sprintf("items=%d", len(d.items)))
}

// holdFor holds results for an application.
func (t *tx) holdFor(id, account string, refs []RecordRef) error {
	why := Why{Reason: "application", Cause: Cause{Kind: "application", ID: id}}
	return t.bookOne(why, &Receipt{}, func(j *journal, _ *Receipt) error {
		return j.eachRecord(account, refs, func(i int, h *history) error {
			return j.move(h, ledger.Hold, refs[i], ledger.AvailableOf(account), ledger.HeldOf(account))
		})
	})
}

// WithdrawApplication takes back what is submitted and not decided: its results are the
// learner's to use again. It promises NotFound, and Conflict (error.application_stale,
// error.application_state).
func (b *Bank) WithdrawApplication(ctx context.Context, actor Actor, id, stamp string) error {
	if _, err := b.applicationOf(ctx, actor, id); err != nil {
		return err
	}
	return b.write(ctx, actor, func(t *tx) error {
		a, err := t.applicationIn(id, stamp, ApplicationSubmitted)
		if err != nil {
			return err
		}
		return t.withdraw(&a)
	})
}

func (t *tx) withdraw(a *Application) error {
	why := Why{Reason: "withdrawn", Cause: Cause{Kind: "application", ID: a.ID}}
	err := t.bookOne(why, &Receipt{}, func(j *journal, _ *Receipt) error { return j.settle(a.To, a.all(ledger.Available)) })
	if err != nil {
		return err
	}
	err = t.exec(`UPDATE application SET state = 'withdrawn', stamp = $1, changed_at = $2 WHERE id = $3`, newStamp(), micros(t.now), a.ID)
	if err != nil {
		return err
	}
	if err := t.endClocks(a.ID); err != nil {
		return err
	}
	if err := t.tellSchool(a, "application_withdrawn", IsRegistrar|IsDecider); err != nil {
		return err
	}
	return t.noteApplication("application.withdraw", a.ID, a.Learner, "")
}
