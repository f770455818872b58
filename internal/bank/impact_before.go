package bank

import (
	"context"
	"database/sql"
	"encoding/json"
	"slices"

	"creditbank/internal/credit"
	"creditbank/internal/transfer"
)

// ImpactBefore is what was asked and decided under the rules that a trial is about. None of
// it is moved by the trial: a decision that was posted stays, and what waits is decided by
// the rules as they were when it was handed in.
type ImpactBefore struct {
	Recognised int   `json:"recognised"` // applications of which something rests on them
	Credits    int64 `json:"credits"`    // that were given so, in hundredths
	Waiting    int   `json:"waiting"`    // applications that were handed in and ask for something by them
}

// Sum are the credits; of a country they are beyond what an amount of one learner may be.
func (i ImpactBefore) Sum() credit.Amount { return credit.Amount(i.Credits) }

// countBefore reads what was decided under the rules of a trial: those that it names, those
// of a course of which it makes another version, or those of whoever a policy is for.
func (b *Bank) countBefore(ctx context.Context, p *plannedTrial) (ImpactBefore, error) {
	c := beforeCount{items: map[beforeItem]bool{}, recognised: map[string]bool{}, waiting: map[string]bool{}}
	read := b.reading(ctx)
	if len(p.Policy) > 0 {
		err := c.read(read, func([]transfer.RuleRef) bool { return true }, `($1 = '' OR a.institution = $1) AND ($2 = '' OR a.programme = $2)`, p.Policy["institution"], p.Policy["programme"])
		return c.sum(), err
	}
	codes, err := p.codes(read)
	if err != nil {
		return ImpactBefore{}, err
	}
	about := func(refs []transfer.RuleRef) bool {
		return slices.ContainsFunc(refs, func(r transfer.RuleRef) bool { return codes[r.Code] })
	}
	for _, code := range sortedKeys(codes) {
		if err := c.read(read, about, `i.equivalence = $1`, code); err != nil {
			return ImpactBefore{}, err
		}
	}
	err = c.read(read, about, `length(i.via) > 4`) // through a standard unit, which is told as JSON: more than null
	return c.sum(), err
}

// codes are the rules of a trial, whatever version of them.
func (p *plannedTrial) codes(read reading) (map[string]bool, error) {
	codes := map[string]bool{}
	for _, ref := range slices.Concat(p.Publish, p.Suspend, p.End) {
		codes[ref.Code] = true
	}
	if p.Version == nil {
		return codes, nil
	}
	return codes, read(func(rows *sql.Rows) error {
		var code string
		err := rows.Scan(&code)
		codes[code] = true
		return err
	}, `SELECT equivalence FROM equivalence_source WHERE institution = $1 AND course = $2
		UNION SELECT equivalence FROM equivalence_target WHERE institution = $1 AND course = $2`, p.Version.Institution, p.Version.Code)
}

// beforeItem names an item of an application.
type beforeItem struct {
	application string
	item        int
}

// beforeCount counts items, each once, and whose they are.
type beforeCount struct {
	items               map[beforeItem]bool
	recognised, waiting map[string]bool
	credits             int64
}

// read counts the items that a condition finds and that are about the rules.
func (c *beforeCount) read(read reading, about func([]transfer.RuleRef) bool, where string, args ...any) error {
	return read(func(rows *sql.Rows) error {
		var at beforeItem
		var rule transfer.RuleRef
		var via, state string
		var given int64
		if err := rows.Scan(&at.application, &at.item, &rule.Code, &via, &state, &given); err != nil {
			return err
		}
		var refs []transfer.RuleRef
		if err := json.Unmarshal([]byte(via), &refs); err != nil {
			return err
		}
		if !c.items[at] && about(append(refs, rule)) {
			c.items[at] = true
			c.add(at.application, state, given)
		}
		return nil
	}, `SELECT i.application, i.item, i.equivalence, i.via, i.state, i.given FROM application_item i JOIN application a ON a.id = i.application
		WHERE a.state IN ('submitted', 'decided', 'appealed') AND i.state <> 'refused' AND `+where, args...)
}

func (c *beforeCount) add(application, state string, given int64) {
	if state == ItemOpen {
		c.waiting[application] = true
		return
	}
	c.recognised[application] = true
	c.credits += given
}

func (c *beforeCount) sum() ImpactBefore {
	return ImpactBefore{Recognised: len(c.recognised), Credits: c.credits, Waiting: len(c.waiting)}
}
