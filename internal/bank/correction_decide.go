package bank

import (
	"context"
	"database/sql"
	"fmt"
	"strconv"
	"strings"
)

// correctors are the roles that decide about corrections.
const correctors = IsRegistrar | IsDecider | IsAdministrator | IsOperator

// correctionScope is which corrections c, of learners l, are an actor's to see and
// decide: a school's people those about results that it issued and about the persons
// of its own learners; the bank's administrators those about persons of no school.
// $1 and $2 are what correctorOf gives.
const correctionScope = `(coalesce(c.institution, l.institution) = $1 OR $2 AND coalesce(c.institution, l.institution) IS NULL)`

// correctorOf gives the school for which the actor decides, if any, and whether they
// decide for learners of none.
func correctorOf(actor Actor) []any {
	school := ""
	if actor.Is(IsRegistrar | IsDecider) {
		school = actor.Institution
	}
	return []any{school, actor.Is(IsAdministrator | IsOperator)}
}

// Corrections lists what learners ask the actor's school, or the bank for learners
// who have none, to put right: open ones first, those that wait longest before
// others. It promises Denied, and Invalid for a foreign cursor.
func (b *Bank) Corrections(ctx context.Context, actor Actor, w Window) (Page[Correction], error) {
	page := Page[Correction]{}
	if err := actor.need(correctors); err != nil {
		return page, err
	}
	start, limit, err := w.part()
	if err != nil {
		return page, err
	}
	scope := correctorOf(actor)
	if err := b.db.each(ctx, func(rows *sql.Rows) error { return rows.Scan(&page.Total) },
		`SELECT count(*) FROM correction c JOIN learner l ON l.account = c.learner WHERE `+correctionScope, scope...); err != nil {
		return page, err
	}
	page.Items, err = b.readCorrections(ctx, ` WHERE `+correctionScope+`
		ORDER BY CASE c.state WHEN 'open' THEN 0 ELSE 1 END, CASE c.state WHEN 'open' THEN c.made_at ELSE -c.made_at END, c.id LIMIT $3 OFFSET $4`,
		append(scope, limit, start)...)
	if err != nil {
		return page, err
	}
	if start+limit < page.Total {
		page.Next = strconv.Itoa(start + limit)
	}
	for _, c := range page.Items {
		if err := b.look(ctx, actor, c.Account, "correction", ""); err != nil {
			return page, err
		}
	}
	return page, nil
}

// DecideCorrection accepts a correction or refuses it, with a word to the learner,
// which a refusal needs. What is accepted about a person is changed at once; a result
// is corrected by its issuer, by reversing its deposit and depositing it anew. It
// promises Denied, also for one's own; NotFound for what is not the actor's to decide;
// Invalid, naming answer, or value when the person cannot be so; Conflict
// (error.correction_closed).
func (b *Bank) DecideCorrection(ctx context.Context, actor Actor, id string, accept bool, answer string) error {
	if err := actor.need(correctors); err != nil {
		return err
	}
	answer = strings.TrimSpace(answer)
	if code := textFault(answer, correctionText); code != "" && !(accept && code == "required") {
		return invalidField("answer", "", code, map[string]any{"Limit": correctionText})
	}
	return b.write(ctx, actor, func(t *tx) error {
		c, err := t.correction(correctionScope+` AND c.id = $3`, append(correctorOf(actor), id)...)
		if err != nil {
			return err
		}
		return t.decideCorrection(c, accept, answer)
	})
}

func (t *tx) decideCorrection(c Correction, accept bool, answer string) error {
	state := CorrectionRefused
	switch {
	case c.Account == t.actor.Learner:
		return &Error{Code: Denied, Key: "error.correction_own"}
	case accept:
		state = CorrectionAccepted
	}
	if err := t.closeCorrection(c, state, answer); err != nil || !accept || c.Field == "" {
		return err
	}
	return t.changePerson(c.Account, c.Field, c.Value)
}

const selectCorrections = `SELECT c.id, c.learner, c.field, coalesce(c.institution, ''), coalesce(c.reference, ''), c.value, c.why, c.state, c.made_at,
	coalesce(c.decided_at, 0), coalesce(c.decided_by, ''), c.answer FROM correction c JOIN learner l ON l.account = c.learner`

// scanCorrection reads a row, and opens what is sealed.
func scanCorrection(rows *sql.Rows, open func(kind, row string, sealed []byte) ([]byte, error)) (Correction, error) {
	var c Correction
	var value, why, answer []byte
	var made, decided int64
	err := rows.Scan(&c.ID, &c.Account, &c.Field, &c.Result.Institution, &c.Result.Reference, &value, &why, &c.State, &made, &decided, &c.DecidedBy, &answer)
	if err != nil {
		return c, err
	}
	c.Made, c.Decided = fromMicros(made), fromMicros(decided)
	for _, text := range []struct {
		kind   string
		sealed []byte
		to     *string
	}{{"correction.value", value, &c.Value}, {"correction.why", why, &c.Why}, {"correction.answer", answer, &c.Answer}} {
		if len(text.sealed) == 0 {
			continue
		}
		plain, err := open(text.kind, c.ID, text.sealed)
		if err != nil {
			return c, err
		}
		*text.to = string(plain)
	}
	return c, nil
}

func (b *Bank) readCorrections(ctx context.Context, rest string, args ...any) ([]Correction, error) {
	list := []Correction{}
	err := b.db.each(ctx, func(rows *sql.Rows) error {
		c, err := scanCorrection(rows, b.unseal)
		list = append(list, c)
		return err
	}, selectCorrections+rest, args...)
	if err != nil {
		return nil, err
	}
	for i := range list {
		person, err := b.person(ctx, list[i].Account)
		if err != nil {
			return nil, err
		}
		list[i].Name = person.Name
	}
	return list, nil
}

// correction reads one request; the last of args is its number. It promises NotFound.
func (t *tx) correction(where string, args ...any) (Correction, error) {
	var c Correction
	if _, err := t.sealing(); err != nil { // while rows are read, nothing else is
		return c, err
	}
	err := t.each(func(rows *sql.Rows) error {
		var err error
		c, err = scanCorrection(rows, t.unseal)
		return err
	}, selectCorrections+` WHERE `+where, args...)
	if err == nil && c.ID == "" {
		err = notFound("correction", fmt.Sprint(args[len(args)-1]))
	}
	return c, err
}
