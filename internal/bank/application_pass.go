package bank

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"creditbank/internal/calendar"
)

// ApplicationRef names an application as it was shown.
type ApplicationRef struct{ ID, Stamp string }

// PassOutcome is what became of one application of a list: passed when Err is nil.
type PassOutcome struct {
	ID       string
	Decision string
	Err      error
}

// PassApplications decides in full about applications that published rules cover alone
// ([Application.Covered]), each by itself, with what became of each. It is for those who
// may decide about them. The outcomes' errors are those of [Bank.DecideApplication], and
// Conflict (error.application_uncovered) for one that needs a look. It promises Invalid,
// naming applications, for none or too many.
func (b *Bank) PassApplications(ctx context.Context, actor Actor, list []ApplicationRef) ([]PassOutcome, error) {
	if err := checkCount("applications", len(list)); err != nil {
		return nil, err
	}
	outcomes := make([]PassOutcome, len(list))
	for i, ref := range list {
		outcomes[i] = PassOutcome{ID: ref.ID}
		if _, err := b.judged(ctx, actor, ref.ID); err != nil {
			outcomes[i].Err = err
			continue
		}
		outcomes[i].Err = b.write(ctx, actor, func(t *tx) error {
			a, err := t.applicationIn(ref.ID, ref.Stamp, ApplicationSubmitted)
			if err != nil {
				return err
			}
			outcomes[i].Decision, err = t.pass(&a, false)
			return err
		})
	}
	return outcomes, nil
}

// pass decides in full about a covered application. It promises Conflict.
func (t *tx) pass(a *Application, automatic bool) (decision string, err error) {
	if !a.Covered {
		return "", &Error{Code: Conflict, Key: "error.application_uncovered"}
	}
	p := PostedDecision{Kind: DecisionFirst, Automatic: automatic}
	for _, i := range a.Items {
		p.Items = append(p.Items, DecidedItem{Item: i.Number, Outcome: ItemFull, Credits: i.Credits, Awards: i.Awards, Until: calendar.None})
	}
	p, err = t.postDecision(a, p)
	return p.ID, err
}

// mostPassDays is the longest time after which applications pass by themselves: within
// that in which the school has to answer.
const mostPassDays = 14

// PassAfter is after how many days applications to a school pass by themselves that
// published rules cover alone; 0: never.
func (b *Bank) PassAfter(ctx context.Context, institution string) (days int, err error) {
	err = b.db.each(ctx, func(rows *sql.Rows) error { return rows.Scan(&days) }, `SELECT days FROM application_pass WHERE institution = $1`, institution)
	return days, err
}

// SetPassAfter changes that for the actor's school; 0: never. It is for its deciders,
// and promises Denied, and Invalid naming days.
func (b *Bank) SetPassAfter(ctx context.Context, actor Actor, days int) error {
	if !actor.Is(IsDecider) || actor.Institution == "" {
		return &Error{Code: Denied, Key: "error.role"}
	}
	if days < 0 || days > mostPassDays {
		return invalidField("days", fmt.Sprint(days), "pass_days", map[string]any{"Limit": mostPassDays})
	}
	return b.write(ctx, actor, func(t *tx) error {
		if err := t.exec(`DELETE FROM application_pass WHERE institution = $1`, actor.Institution); err != nil {
			return err
		}
		if days > 0 {
			err := t.exec(`INSERT INTO application_pass (institution, days, set_by, set_at) VALUES ($1, $2, $3, $4)`, actor.Institution, days, actor.Name, micros(t.now))
			if err != nil {
				return err
			}
		}
		return t.audit("application.pass_after", actor.Institution, fmt.Sprintf("days=%d", days))
	})
}

// passCovered lets applications pass whose time has come.
func passCovered(ctx context.Context, b *Bank) error {
	var ids []string
	err := b.db.each(ctx, func(rows *sql.Rows) error {
		var id string
		err := rows.Scan(&id)
		ids = append(ids, id)
		return err
	}, `SELECT a.id FROM application a JOIN application_pass p ON p.institution = a.institution
		WHERE a.state = 'submitted' AND a.covered AND a.submitted_at + p.days * CAST($2 AS BIGINT) <= CAST($1 AS BIGINT) ORDER BY a.submitted_at, a.id`, micros(b.Now()), day.Microseconds())
	failed := []error{err}
	for _, id := range ids { // one that fails keeps the others from nothing
		failed = append(failed, b.write(ctx, Operator("clock"), func(t *tx) error { return t.passNow(id) }))
	}
	return errors.Join(failed...)
}

func (t *tx) passNow(id string) error {
	if _, err := t.sealing(); err != nil { // while rows are read, nothing else is
		return err
	}
	a, err := readApplication(t.each, t.unseal, id)
	if err != nil || a.State != ApplicationSubmitted || !a.Covered {
		return err // somebody else was faster
	}
	decision, err := t.pass(&a, true)
	if err != nil {
		return err
	}
	return t.noteApplication("application.pass", id, a.Learner, "decision="+decision)
}
