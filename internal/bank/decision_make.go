package bank

import (
	"context"
	"database/sql"
	"encoding/json"
	"strconv"
	"strings"

	"creditbank/internal/calendar"
)

// DecideApplication decides about a submitted application, each of its items, and books
// it in one batch: what is in favour is converted, what is refused is free again, and
// what hangs on a condition stays held. It is for a decider of the receiving school, or
// its system with the scope apply; nobody decides about an own application.
//
// It promises NotFound; Denied; Invalid, naming the fields (items[0].remedy); Conflict:
// error.application_stale, error.application_state, and what the ledger refuses.
func (b *Bank) DecideApplication(ctx context.Context, actor Actor, id string, in NewDecision) (PostedDecision, error) {
	a, err := b.judged(ctx, actor, id)
	if err != nil {
		return PostedDecision{}, err
	}
	body, err := json.Marshal([]any{id, in.Items, in.Text})
	if err != nil {
		return PostedDecision{}, err
	}
	var open []int
	for _, i := range a.Items {
		open = append(open, i.Number)
	}
	items, refused := b.readDecision(ctx, &a, in, open)
	answer, _, err := b.once(ctx, actor, Request{Key: in.Key, Operation: "decide", Body: body}, nil, func(t *tx) ([]byte, error) {
		a, err := t.applicationIn(id, in.Stamp, ApplicationSubmitted)
		if err != nil {
			return nil, err
		}
		if refused != nil {
			return nil, refused
		}
		p, err := t.postDecision(&a, PostedDecision{Kind: DecisionFirst, Items: items, Text: strings.TrimSpace(in.Text)})
		return []byte(p.ID), err
	})
	if err != nil {
		return PostedDecision{}, err
	}
	return b.decisionNamed(ctx, string(answer))
}

// judged is an application about which the actor may decide. It promises NotFound for
// one that is not for them to know of, and Denied.
func (b *Bank) judged(ctx context.Context, actor Actor, id string) (Application, error) {
	a, err := b.Application(ctx, actor, id)
	switch {
	case err != nil:
		return a, err
	case actor.Learner != "" && actor.Learner == a.Learner:
		return a, &Error{Code: Denied, Key: "error.application_own"}
	case a.stake(actor, "") != judgesIt:
		return a, &Error{Code: Denied, Key: "error.role"}
	}
	return a, nil
}

// readDecision reads a decision about items. It promises Invalid.
func (b *Bank) readDecision(ctx context.Context, a *Application, in NewDecision, open []int) ([]DecidedItem, error) {
	s, err := b.Snapshot(ctx)
	if err != nil {
		return nil, err
	}
	frozen, _, err := frozenOf(b.reading(ctx), a.ID)
	if err != nil {
		return nil, err
	}
	return readDecision(&decisionReader{a: a, frozen: &frozen, current: s, today: b.Today()}, in, open)
}

const selectDecisions = `SELECT id, application, content, texts FROM decision`

// scanDecision reads a decision from what it is a digest of, and the texts.
func scanDecision(rows *sql.Rows, unseal unsealing) (p PostedDecision, err error) {
	var content string
	var sealed []byte
	if err := rows.Scan(&p.ID, &p.Application, &content, &sealed); err != nil {
		return p, err
	}
	var c decisionContent
	if err := json.Unmarshal([]byte(content), &c); err != nil {
		return p, err
	}
	p.take(&c)
	if len(sealed) == 0 {
		return p, nil
	}
	plain, err := unseal("decision.texts", p.ID, sealed)
	if err != nil {
		return p, err
	}
	var texts decisionTexts
	if err := json.Unmarshal(plain, &texts); err != nil {
		return p, err
	}
	p.Text = texts.Text
	for n := range p.Items {
		i := &p.Items[n]
		text := texts.Items[strconv.Itoa(i.Item)]
		i.Text, i.Remedy, i.Condition = text.Text, text.Remedy, text.Condition
	}
	return p, nil
}

func (p *PostedDecision) take(c *decisionContent) {
	p.Number, p.Kind, p.Level, p.Automatic, p.By, p.Institution, p.Made = c.Number, c.Kind, c.Level, c.Automatic, c.By, c.Institution, fromMicros(c.Made)
	for _, i := range c.Items {
		until, err := calendar.Parse(i.Until)
		if err != nil {
			until = calendar.None // none was given
		}
		p.Items = append(p.Items, DecidedItem{Item: i.Item, Outcome: i.Outcome, Credits: i.Credits, Awards: i.Awards.awards(), Reasons: i.Reasons,
			Until: until, records: i.Records})
	}
}

// decisionNamed reads a decision. It promises NotFound.
func (b *Bank) decisionNamed(ctx context.Context, id string) (p PostedDecision, err error) {
	err = b.db.each(ctx, func(rows *sql.Rows) (err error) {
		p, err = scanDecision(rows, b.unseal)
		return err
	}, selectDecisions+` WHERE id = $1`, id)
	if err == nil && p.ID == "" {
		err = notFound("decision", id)
	}
	return p, err
}

// readDecisions adds the decisions, and to each item what the last one says of it.
func (b *Bank) readDecisions(ctx context.Context, a *Application) error {
	err := b.db.each(ctx, func(rows *sql.Rows) error {
		p, err := scanDecision(rows, b.unseal)
		a.Decisions = append(a.Decisions, p)
		return err
	}, selectDecisions+` WHERE application = $1 ORDER BY number`, a.ID)
	for _, p := range a.Decisions {
		for _, d := range p.Items {
			i := &a.Items[d.Item]
			i.Reasons, i.Text, i.Remedy = d.Reasons, d.Text, d.Remedy
			if d.Condition != "" {
				i.Condition = d.Condition
			}
		}
	}
	return err
}
