package bank

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"

	"creditbank/internal/calendar"
)

// MeetCondition says that the condition of an item is met: it is converted as the plan
// says. It is for those who may decide about the application (see
// [Bank.DecideApplication]), up to the end of the last day. It promises NotFound; Denied;
// Invalid, naming item or text; Conflict: error.application_stale, error.application_state.
func (b *Bank) MeetCondition(ctx context.Context, actor Actor, id string, item int, stamp, text string) (PostedDecision, error) {
	if _, err := b.judged(ctx, actor, id); err != nil {
		return PostedDecision{}, err
	}
	text = strings.TrimSpace(text)
	if code := textFault(text, applicationText); text != "" && code != "" {
		return PostedDecision{}, invalidField("text", "", code, map[string]any{"Limit": applicationText})
	}
	posted := ""
	err := b.write(ctx, actor, func(t *tx) error {
		a, err := t.applicationIn(id, stamp, ApplicationDecided, ApplicationAppealed)
		if err != nil {
			return err
		}
		if item < 0 || item >= len(a.Items) || a.Items[item].State != ItemConditional || a.Items[item].Until < calendar.Of(t.now) {
			return invalidField("item", fmt.Sprint(item), "no_condition", nil)
		}
		i := a.Items[item]
		p, err := t.postDecision(&a, PostedDecision{Kind: DecisionCondition,
			Items: []DecidedItem{{Item: item, Outcome: ItemFull, Credits: i.Credits, Awards: i.Awards, Until: calendar.None, Text: text}}})
		posted = p.ID
		return err
	})
	if err != nil {
		return PostedDecision{}, err
	}
	return b.decisionNamed(ctx, posted)
}

// endConditions refuses what hung on a condition that was not met in time: its results
// are free again. The condition itself is the text of the refusal and what would repair it.
func endConditions(ctx context.Context, b *Bank) error {
	type over struct {
		application string
		item        int
	}
	var list []over
	err := b.db.each(ctx, func(rows *sql.Rows) error {
		var o over
		err := rows.Scan(&o.application, &o.item)
		list = append(list, o)
		return err
	}, `SELECT application, item FROM application_item WHERE state = 'conditional' AND until_on < $1 ORDER BY until_on, application, item`, b.Today())
	failed := []error{err}
	for _, o := range list { // one that fails keeps the others from nothing
		failed = append(failed, b.write(ctx, Operator("clock"), func(t *tx) error { return t.endCondition(o.application, o.item) }))
	}
	return errors.Join(failed...)
}

func (t *tx) endCondition(id string, item int) error {
	if _, err := t.sealing(); err != nil { // while rows are read, nothing else is
		return err
	}
	a, err := readApplication(t.each, t.unseal, id)
	if err != nil || a.Items[item].State != ItemConditional || a.Items[item].Until >= calendar.Of(t.now) {
		return err // somebody else was faster
	}
	condition := ""
	err = t.each(func(rows *sql.Rows) error {
		p, err := scanDecision(rows, t.unseal)
		for _, i := range p.Items {
			if i.Item == item {
				condition = i.Condition
			}
		}
		return err
	}, selectDecisions+` WHERE id = $1`, a.Items[item].Decision)
	if err != nil {
		return err
	}
	_, err = t.postDecision(&a, PostedDecision{Kind: DecisionCondition, Automatic: true, Items: []DecidedItem{{Item: item, Outcome: ItemRefused,
		Reasons: []string{"EVIDENCE_MISSING"}, Until: calendar.None, Text: condition, Remedy: condition, Condition: condition}}})
	return err
}
