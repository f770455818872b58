package bank

import (
	"context"
	"database/sql"
	"fmt"
	"strconv"
	"strings"
	"time"

	"creditbank/internal/calendar"
)

// ApplicationFilter says which applications of an inbox are shown; the zero value is all.
type ApplicationFilter struct {
	State       string // one of [ApplicationStates] but draft; "waiting": submitted or appealed
	Programme   string // code
	Institution string // the receiving school; for those who see all
	Assignee    string // login; "-": nobody
	Learner     string // account
	OlderThan   int    // days since it was submitted
	Overdue     bool   // what was due before today
	Conditional bool   // a condition runs
	Revoked     bool   // a result that it uses is revoked, and nobody has decided what that comes to
	Appealed    int    // an appeal of this level waits
	Sent        bool   // in the place of the inbox: where the actor's school issued a result that is used; what is seen is partial
}

// Applications is the inbox of the receiving school for its registrars, deciders and
// systems, and everything for those who answer for the whole bank: what waits first, by
// the day on which it is due. It promises Denied, and Invalid for a foreign cursor.
func (b *Bank) Applications(ctx context.Context, actor Actor, f ApplicationFilter, w Window) (Page[Application], error) {
	page := Page[Application]{}
	start, limit, err := w.part()
	if err != nil {
		return page, err
	}
	q, err := f.query(actor, b.Today(), b.Now())
	if err != nil {
		return page, err
	}
	if err := b.db.each(ctx, func(rows *sql.Rows) error { return rows.Scan(&page.Total) }, `SELECT count(*) FROM application a WHERE `+q.where(), q.args...); err != nil {
		return page, err
	}
	n := len(q.args)
	order := fmt.Sprintf(` ORDER BY CASE WHEN a.state IN ('submitted', 'appealed') THEN 0 ELSE 1 END, coalesce(`+dueOf+`, 2147483647), a.submitted_at, a.id LIMIT $%d OFFSET $%d`, n+1, n+2)
	page.Items, err = readApplications(b.reading(ctx), b.unseal, q.where()+order, append(q.args, limit, start)...)
	if err != nil {
		return page, err
	}
	if start+limit < page.Total {
		page.Next = strconv.Itoa(start + limit)
	}
	return page, b.nameApplications(ctx, actor, page.Items, f.Sent && !actor.seesAll())
}

// nameApplications notes the looks of a list, and says whose they are, or only that the
// actor's school issued a result of them.
func (b *Bank) nameApplications(ctx context.Context, actor Actor, list []Application, partial bool) error {
	for i := range list {
		a := &list[i]
		if err := b.look(ctx, actor, a.Learner, "application", ""); err != nil {
			return err
		}
		if partial {
			*a = a.partly(actor.Institution)
			continue
		}
		person, err := b.person(ctx, a.Learner)
		if err != nil && CodeOf(err) != NotFound { // an erased learner has no name
			return err
		}
		a.Name = person.Name
	}
	return nil
}

// applicationQuery is a condition on applications a on its way.
type applicationQuery struct {
	conditions []string
	args       []any
}

// add takes a condition whose $ stand for the values.
func (q *applicationQuery) add(condition string, values ...any) {
	for _, v := range values {
		q.args = append(q.args, v)
		condition = strings.Replace(condition, "$?", "$"+strconv.Itoa(len(q.args)), 1)
	}
	q.conditions = append(q.conditions, condition)
}

func (q *applicationQuery) where() string { return strings.Join(q.conditions, " AND ") }

// query promises Denied.
func (f ApplicationFilter) query(actor Actor, today calendar.Day, now time.Time) (*applicationQuery, error) {
	q := &applicationQuery{}
	q.add(`a.submitted_at IS NOT NULL`)
	ofSchool := actor.Institution != "" && actor.Is(IsRegistrar|IsDecider|IsSystem)
	switch {
	case actor.Is(IsSystem) && actor.Scopes&MayApply == 0:
		return nil, actor.allow(MayApply)
	case ofSchool && f.Sent:
		q.add(`EXISTS (SELECT 1 FROM application_record r WHERE r.application = a.id AND r.institution = $?)`, actor.Institution)
	case ofSchool:
		q.add(`a.institution = $?`, actor.Institution)
	case !actor.seesAll():
		return nil, &Error{Code: Denied, Key: "error.role"}
	}
	f.narrow(q, today, now)
	return q, nil
}

// day is the length of one.
const day = 24 * time.Hour

func (f ApplicationFilter) narrow(q *applicationQuery, today calendar.Day, now time.Time) {
	for _, equal := range []struct{ column, value string }{{"institution", f.Institution}, {"programme", f.Programme}, {"learner", f.Learner}} {
		if equal.value != "" {
			q.add(`a.`+equal.column+` = $?`, equal.value)
		}
	}
	switch f.State {
	case "":
	case "waiting":
		q.add(`a.state IN ('submitted', 'appealed')`)
	default:
		q.add(`a.state = $?`, f.State)
	}
	switch f.Assignee {
	case "":
	case "-":
		q.add(`a.assignee IS NULL`)
	default:
		q.add(`a.assignee = $?`, f.Assignee)
	}
	if f.OlderThan > 0 {
		q.add(`a.submitted_at < $?`, micros(now.Add(-time.Duration(f.OlderThan)*day)))
	}
	if f.Overdue {
		q.add(dueOf+` < $?`, today)
	}
	if f.Conditional {
		q.add(`EXISTS (SELECT 1 FROM application_item i WHERE i.application = a.id AND i.state = 'conditional')`)
	}
	if f.Revoked {
		q.add(`EXISTS (SELECT 1 FROM consequence c WHERE c.application = a.id AND c.state = 'open')`)
	}
	if f.Appealed > 0 {
		q.add(`EXISTS (SELECT 1 FROM appeal p WHERE p.application = a.id AND p.state = 'open' AND p.level = $?)`, f.Appealed)
	}
}

// MyApplications lists the learner's own, drafts too, what changed last first. It
// promises Denied.
func (b *Bank) MyApplications(ctx context.Context, actor Actor) ([]Application, error) {
	account, err := b.own(ctx, actor)
	if err != nil {
		return nil, err
	}
	return readApplications(b.reading(ctx), b.unseal, `a.learner = $1 ORDER BY a.changed_at DESC, a.id`, account)
}

// AssignApplication gives what waits to a person of the receiving school who may decide
// there, or to nobody (login empty). It is for the school's registrars and deciders. It
// promises NotFound; Denied; Invalid, naming login; Conflict (error.application_stale,
// error.application_state).
func (b *Bank) AssignApplication(ctx context.Context, actor Actor, id, stamp, login string) error {
	a, err := b.Application(ctx, actor, id)
	if err != nil {
		return err
	}
	if as := a.stake(actor, ""); as != judgesIt && as != handles || actor.Is(IsSystem) {
		return &Error{Code: Denied, Key: "error.role"}
	}
	return b.write(ctx, actor, func(t *tx) error {
		a, err := t.applicationIn(id, stamp, ApplicationSubmitted, ApplicationAppealed)
		if err != nil {
			return err
		}
		if login != "" {
			if err := t.decidesAt(login, a.To.Institution); err != nil {
				return err
			}
		}
		err = t.exec(`UPDATE application SET assignee = $1, stamp = $2, changed_at = $3 WHERE id = $4`, textOrNil(login), newStamp(), micros(t.now), id)
		if err != nil {
			return err
		}
		if login != "" && login != t.actor.Login {
			if err := t.tellAbout(&a, recipient{Login: login}, "application_assigned", "/school/applications/"); err != nil {
				return err
			}
		}
		return t.noteApplication("application.assign", id, a.Learner, login)
	})
}

// decidesAt promises Invalid for a login that is no decider of a school.
func (t *tx) decidesAt(login, institution string) error {
	h, err := reading(t.each).holder(login)
	if err != nil && CodeOf(err) != Unauthenticated {
		return err
	}
	for _, g := range h.grants {
		if g.Role == IsDecider && g.Institution == institution {
			return nil
		}
	}
	return invalidField("login", "", "no_decider", nil)
}
