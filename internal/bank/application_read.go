package bank

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"slices"

	"creditbank/internal/calendar"
	"creditbank/internal/transfer"
)

// dueOf is by when an application a must be answered: of the school, or of whoever looks again.
const dueOf = `(SELECT min(c.due) FROM clock c WHERE c.object = a.id AND c.stopped_at IS NULL AND c.kind <> 'application.whole')`

const selectApplications = `SELECT a.id, a.stamp, a.learner, a.institution, a.programme, a.state, a.note, a.covered, a.map_version, a.as_of,
	a.made_at, a.changed_at, coalesce(a.submitted_at, 0), coalesce(a.decided_at, 0), ` + dueOf + `,
	(SELECT max(c.due) FROM clock c WHERE c.object = a.id AND c.kind = 'application.whole'), coalesce(a.assignee, ''), coalesce(a.redeemed_at, 0),
	coalesce((SELECT sum(i.credits) FROM application_item i WHERE i.application = a.id), 0),
	coalesce((SELECT sum(i.given) FROM application_item i WHERE i.application = a.id), 0) FROM application a`

func scanApplication(rows *sql.Rows, unseal unsealing) (a Application, err error) {
	var note []byte
	var made, changed, submitted, decided, redeemed int64
	var due, final sql.NullInt32
	err = rows.Scan(&a.ID, &a.Stamp, &a.Learner, &a.To.Institution, &a.To.Code, &a.State, &note, &a.Covered, &a.MapVersion, &a.AsOf,
		&made, &changed, &submitted, &decided, &due, &final, &a.Assignee, &redeemed, &a.Planned, &a.Given)
	if err != nil {
		return a, err
	}
	a.Made, a.Changed, a.Submitted, a.Decided = fromMicros(made), fromMicros(changed), fromMicros(submitted), fromMicros(decided)
	a.Redeemed, a.Due, a.Final = fromMicros(redeemed), dayOr(due), dayOr(final)
	if len(note) > 0 {
		plain, err := unseal("application.note", a.ID, note)
		if err != nil {
			return a, err
		}
		a.Note = string(plain)
	}
	return a, nil
}

// dayOr is a day that may be missing.
func dayOr(day sql.NullInt32) calendar.Day {
	if !day.Valid {
		return calendar.None
	}
	return calendar.Day(day.Int32)
}

// readApplications reads applications without what belongs to them.
func readApplications(read reading, unseal unsealing, where string, args ...any) (list []Application, err error) {
	err = read(func(rows *sql.Rows) error {
		a, err := scanApplication(rows, unseal)
		list = append(list, a)
		return err
	}, selectApplications+` WHERE `+where, args...)
	return list, err
}

// readApplication reads an application with its items. It promises NotFound.
func readApplication(read reading, unseal unsealing, id string) (Application, error) {
	list, err := readApplications(read, unseal, `a.id = $1`, id)
	if err == nil && len(list) == 0 {
		err = notFound("application", id)
	}
	if err != nil {
		return Application{}, err
	}
	a := list[0]
	return a, a.readItems(read)
}

func (a *Application) readItems(read reading) error {
	err := read(func(rows *sql.Rows) error {
		var i ApplicationItem
		var via, awards, given string
		var until sql.NullInt32
		err := rows.Scan(&i.Number, &i.Rule.Code, &i.Rule.Version, &via, &i.Credits, &awards, &i.State, &i.Given, &given, &i.Decision, &until, &i.Appeals)
		if err != nil {
			return err
		}
		i.Until = dayOr(until)
		if err := json.Unmarshal([]byte(via), &i.Via); err != nil {
			return err
		}
		if i.Awards, err = readAwards(awards); err != nil {
			return err
		}
		if i.GivenAs, err = readAwards(given); err != nil {
			return err
		}
		i.Key = itemKey(i.Rule, i.Via)
		a.Items = append(a.Items, i)
		return nil
	}, `SELECT item, equivalence, version, via, credits, awards, state, given, given_awards, coalesce(decision, ''), until_on, appeals
		FROM application_item WHERE application = $1 ORDER BY item`, a.ID)
	if err != nil {
		return err
	}
	return read(func(rows *sql.Rows) error {
		var at int
		var ref RecordRef
		if err := rows.Scan(&at, &ref.Institution, &ref.Reference); err != nil {
			return err
		}
		if at < 0 || at >= len(a.Items) {
			return fmt.Errorf("application %s has no item %d", a.ID, at)
		}
		a.Items[at].Records = append(a.Items[at].Records, ref)
		return nil
	}, `SELECT r.item, r.institution, r.reference FROM application_record r JOIN record c ON c.institution = r.institution AND c.reference = r.reference
		WHERE r.application = $1 ORDER BY r.item, c.completed_on, r.institution, r.reference`, a.ID)
}

// applicationIn reads an application in a write that changes it. It promises NotFound,
// and Conflict: error.application_state (Args "State") when it is in none of the states,
// error.application_stale, naming what changed, when the actor has not seen it as it is.
func (t *tx) applicationIn(id, stamp string, states ...string) (Application, error) {
	if _, err := t.sealing(); err != nil { // while rows are read, nothing else is
		return Application{}, err
	}
	a, err := readApplication(t.each, t.unseal, id)
	switch {
	case err != nil:
		return a, err
	case !slices.Contains(states, a.State):
		return a, &Error{Code: Conflict, Key: "error.application_state", Args: map[string]any{"State": a.State}}
	case a.Stamp != stamp:
		changed := []FieldError{{Field: "state", Value: a.State, Code: "changed"}}
		return a, &Error{Code: Conflict, Key: "error.application_stale", Fields: changed, Args: map[string]any{"State": a.State}}
	}
	return a, nil
}

// stake is what an actor has to do with an application.
type stake uint8

const (
	noStake  stake = iota
	issues         // issued a result that it uses
	watches        // answers for the whole bank
	handles        // of the receiving school
	applies        // asks for it
	judgesIt       // a person of the receiving school, or its system, who may decide
)

// stake says what the actor has to do with the application. Drafts are their learner's alone.
func (a *Application) stake(actor Actor, school string) stake {
	ofSchool := actor.Institution != "" && actor.Institution == a.To.Institution
	scoped := actor.Is(IsSystem) && actor.Scopes&MayApply != 0
	switch {
	case actor.Is(IsLearner) && actor.Learner != "" && actor.Learner == a.Learner, scoped && school != "" && actor.Institution == school:
		return applies
	case a.State == ApplicationDraft || a.Submitted.IsZero():
		return noStake
	case ofSchool && (actor.Is(IsDecider) || scoped):
		return judgesIt
	case ofSchool && actor.Is(IsRegistrar):
		return handles
	case actor.seesAll():
		return watches
	case actor.Is(IsRegistrar|IsDecider|IsSystem) && a.uses(actor.Institution):
		return issues
	}
	return noStake
}

// uses says whether the application takes results of an institution.
func (a *Application) uses(institution string) bool {
	return institution != "" && slices.ContainsFunc(a.Items, func(i ApplicationItem) bool {
		return slices.ContainsFunc(i.Records, func(r RecordRef) bool { return r.Institution == institution })
	})
}

// schoolOf is the school of a learner, empty for one who has none.
func schoolOf(read reading, account string) (school string, err error) {
	err = read(func(rows *sql.Rows) error { return rows.Scan(&school) }, `SELECT coalesce(institution, '') FROM learner WHERE account = $1`, account)
	return school, err
}

// applicationOf reads an application for whoever asks for it. It promises Denied (the
// consent was taken back) and NotFound, also for another's.
func (b *Bank) applicationOf(ctx context.Context, actor Actor, id string) (Application, error) {
	a, err := readApplication(b.reading(ctx), b.unseal, id)
	if err != nil {
		return a, err
	}
	school, err := schoolOf(b.reading(ctx), a.Learner)
	if err == nil && a.stake(actor, school) != applies {
		err = notFound("application", id)
	}
	if err == nil && actor.Is(IsLearner) {
		_, err = b.own(ctx, actor)
	}
	return a, err
}

// Application is one application with all that the actor may see of it: the learner and
// the receiving school everything, also those who answer for the whole bank; the school
// that issued a result used here, what became of its own (Partial). Staff's look is
// noted. It promises NotFound, also for what is not for the actor to know of, and Denied.
func (b *Bank) Application(ctx context.Context, actor Actor, id string) (Application, error) {
	a, err := readApplication(b.reading(ctx), b.unseal, id)
	if err != nil {
		return a, err
	}
	school, err := schoolOf(b.reading(ctx), a.Learner)
	if err != nil {
		return a, err
	}
	as := a.stake(actor, school)
	switch {
	case as == noStake:
		return Application{}, notFound("application", id)
	case as == issues:
		return a.partly(actor.Institution), b.look(ctx, actor, a.Learner, "application", "")
	}
	if err := b.look(ctx, actor, a.Learner, "application", ""); err != nil {
		return Application{}, err
	}
	return a, b.complete(ctx, actor, as, &a)
}

// partly is what the issuer of a result sees.
func (a *Application) partly(institution string) Application {
	some := *a
	some.Note, some.Partial, some.Planned, some.Given = "", true, 0, 0
	some.Items = nil
	for _, i := range a.Items {
		if !slices.ContainsFunc(i.Records, func(r RecordRef) bool { return r.Institution == institution }) {
			continue
		}
		i.Records = slices.DeleteFunc(slices.Clone(i.Records), func(r RecordRef) bool { return r.Institution != institution })
		some.Items = append(some.Items, i)
	}
	return some
}

// complete adds what belongs to an application, and what the actor may do.
func (b *Bank) complete(ctx context.Context, actor Actor, as stake, a *Application) error {
	person, err := b.person(ctx, a.Learner)
	switch {
	case err == nil:
		a.Name = person.Name
	case CodeOf(err) != NotFound: // an erased learner has no name
		return err
	}
	if a.Files, err = b.Attachments(ctx, "application", a.ID); err != nil {
		return err
	}
	for _, read := range []func(context.Context, *Application) error{b.readDecisions, b.readAppeals, b.readConsequences} {
		if err := read(ctx, a); err != nil {
			return err
		}
	}
	a.allow(actor, as, b.Today())
	return nil
}

// ApplicationCase is the plan as it was frozen with an application, with the engine's
// trace: what each result came to, and what was not chosen. The references are those of
// the first of its results; those behind stand for what was given before. It promises the
// codes of [Bank.Application], and NotFound for a draft, which is offered anew instead.
func (b *Bank) ApplicationCase(ctx context.Context, actor Actor, id string) (transfer.Case, []RecordRef, error) {
	a, err := b.Application(ctx, actor, id)
	if err == nil && (a.Partial || a.Submitted.IsZero()) {
		err = notFound("application", id)
	}
	if err != nil {
		return transfer.Case{}, nil, err
	}
	c, _, err := frozenOf(b.reading(ctx), id)
	if err != nil {
		return c, nil, err
	}
	var refs []RecordRef
	err = b.db.each(ctx, func(rows *sql.Rows) error {
		var text string
		if err := rows.Scan(&text); err != nil {
			return err
		}
		return json.Unmarshal([]byte(text), &refs)
	}, `SELECT refs FROM application WHERE id = $1`, id)
	return c, refs, err
}

// frozenOf reads what an application was frozen with: the whole plan, and what was
// chosen of it, nil when that is all.
func frozenOf(read reading, id string) (c transfer.Case, chosen *transfer.Case, err error) {
	var frozen, part string
	err = read(func(rows *sql.Rows) error { return rows.Scan(&frozen, &part) }, `SELECT coalesce(frozen, ''), coalesce(chosen, '') FROM application WHERE id = $1`, id)
	if err != nil {
		return c, nil, err
	}
	if err = json.Unmarshal([]byte(frozen), &c); err != nil || part == "" {
		return c, nil, err
	}
	chosen = &transfer.Case{}
	return c, chosen, json.Unmarshal([]byte(part), chosen)
}

// seesApplicationFile lets those see a paper who see the whole application. It promises NotFound.
func (b *Bank) seesApplicationFile(ctx context.Context, actor Actor, object, _ string) error {
	a, err := b.Application(ctx, actor, object)
	if err == nil && a.Partial {
		err = notFound("attachment", object)
	}
	return err
}
