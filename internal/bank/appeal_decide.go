package bank

import (
	"context"
	"database/sql"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"creditbank/internal/credit"
	"creditbank/internal/transfer"
)

// DecideAppeal decides about the items of the open appeal of an application, and books
// what changes: what was converted otherwise is reversed, and converted anew. The first
// level is for a decider of the school, the second for an administrator of the bank, and
// neither for anyone who decided about the application before. It promises the codes of
// [Bank.DecideApplication]; Denied (error.appeal_same_person, error.application_own).
func (b *Bank) DecideAppeal(ctx context.Context, actor Actor, id string, in NewDecision) (PostedDecision, error) {
	a, err := b.Application(ctx, actor, id)
	if err != nil {
		return PostedDecision{}, err
	}
	body, err := json.Marshal([]any{id, in.Items, in.Text})
	if err != nil {
		return PostedDecision{}, err
	}
	refused := a.mayDecideAppeal(actor, a.stake(actor, ""))
	var items []DecidedItem
	appeal := a.openAppeal()
	if refused == nil {
		items, refused = b.readDecision(ctx, &a, in, appeal.Items)
	}
	answer, _, err := b.once(ctx, actor, Request{Key: in.Key, Operation: "decide_appeal", Body: body}, nil, func(t *tx) ([]byte, error) {
		if refused != nil {
			return nil, refused
		}
		a, err := t.applicationIn(id, in.Stamp, ApplicationAppealed)
		if err != nil {
			return nil, err
		}
		p, err := t.postDecision(&a, PostedDecision{Kind: DecisionAppeal, Level: appeal.Level, Items: items, Text: strings.TrimSpace(in.Text), appeal: appeal.ID})
		return []byte(p.ID), err
	})
	if err != nil {
		return PostedDecision{}, err
	}
	return b.decisionNamed(ctx, string(answer))
}

// openAppeal is the one that waits for an answer; without an ID there is none.
func (a *Application) openAppeal() Appeal {
	at := slices.IndexFunc(a.Appeals, func(p Appeal) bool { return p.State == AppealOpen })
	if at < 0 {
		return Appeal{}
	}
	return a.Appeals[at]
}

// mayDecideAppeal says whether the actor may answer the open appeal. It promises
// Denied, and Conflict (error.application_state) when there is none.
func (a *Application) mayDecideAppeal(actor Actor, as stake) error {
	before := slices.ContainsFunc(a.Decisions, func(p PostedDecision) bool { return p.By == actor.Name })
	switch level := a.openAppeal().Level; {
	case level == AppealToSchool && as != judgesIt, level == AppealToBank && !actor.Is(IsAdministrator), actor.Is(IsSystem):
		return &Error{Code: Denied, Key: "error.role"}
	case actor.Learner != "" && actor.Learner == a.Learner:
		return &Error{Code: Denied, Key: "error.application_own"}
	case level == 0:
		return &Error{Code: Conflict, Key: "error.application_state", Args: map[string]any{"State": a.State}}
	case before:
		return &Error{Code: Denied, Key: "error.appeal_same_person"}
	}
	return nil
}

// ItemPrecedent is a decision about another learner's item by the same equivalence,
// whatever its version; nobody is named.
type ItemPrecedent struct {
	Item        int // of the application that is looked at
	Rule        transfer.RuleRef
	Institution string // that decided; empty: the bank
	Outcome     string
	Credits     credit.Amount
	Reasons     []string
	Kind        string // of the decision
	Made        time.Time
}

// mostPrecedents is how many are shown of each item.
const mostPrecedents = 10

// ApplicationPrecedents are decisions about items like those of the application, the
// newest first. They are for those who handle or watch it. It promises the codes of
// [Bank.Application], and Denied.
func (b *Bank) ApplicationPrecedents(ctx context.Context, actor Actor, id string) (list []ItemPrecedent, err error) {
	a, err := b.Application(ctx, actor, id)
	if err != nil {
		return nil, err
	}
	if as := a.stake(actor, ""); as != judgesIt && as != handles && as != watches {
		return nil, &Error{Code: Denied, Key: "error.role"}
	}
	for _, i := range a.Items {
		err := b.db.each(ctx, func(rows *sql.Rows) error {
			p := ItemPrecedent{Item: i.Number}
			item, content := 0, ""
			if err := rows.Scan(&item, &p.Rule.Code, &p.Rule.Version, &content); err != nil {
				return err
			}
			err := p.take(content, item)
			list = append(list, p)
			return err
		}, `SELECT x.item, x.equivalence, x.version, d.content FROM application_item x JOIN decision d ON d.id = x.decision
			WHERE x.equivalence = $1 AND x.application <> $2 ORDER BY d.made_at DESC, d.id LIMIT $3`, i.Rule.Code, id, mostPrecedents)
		if err != nil {
			return nil, err
		}
	}
	return list, nil
}

// take reads what a decision says of an item.
func (p *ItemPrecedent) take(content string, item int) error {
	var c decisionContent
	if err := json.Unmarshal([]byte(content), &c); err != nil {
		return err
	}
	p.Institution, p.Kind, p.Made = c.Institution, c.Kind, fromMicros(c.Made)
	for _, i := range c.Items {
		if i.Item == item {
			p.Outcome, p.Credits, p.Reasons = i.Outcome, i.Credits, i.Reasons
		}
	}
	return nil
}
