package bank

import (
	"context"
	"database/sql"
	"net/url"
	"time"

	"creditbank/internal/calendar"
)

// Clock is a period in which somebody has to do something. It ends at midnight,
// Beijing time, of the day Due.
type Clock struct {
	Kind        string // one of [ClockKinds]
	Object      string // number of the thing
	Institution string // who has to act; empty: the bank itself
	Started     time.Time
	Due         calendar.Day // last day
	Stopped     time.Time    // zero while it runs
	Reminded    bool
	Escalated   bool

	id, learner string
	reminded    int
}

// Late says whether it ran over, as seen on a day.
func (c Clock) Late(today calendar.Day) bool {
	if !c.Stopped.IsZero() {
		today = calendar.Of(c.Stopped)
	}
	return today > c.Due
}

// clockKind is a thing that has to be done in time: how long there is, in working
// days or in months, and who has to.
type clockKind struct {
	name     string
	workdays int
	months   int    // ends on the same day of a later month, or the next day that is worked
	by       Roles  // at the institution of the clock
	page     string // where they do it: the number of the thing follows, escaped, when it ends in /
	bank     string // where those who answer for the bank see it; empty: page
	mine     string // where the learner whose matter it is follows it; empty: nowhere
}

// clockTable lists the periods. Those of applications, prior learning and appeals are product.md's
// ninth part: 15 working days for a school, 10 for the bank, four months in all.
func clockTable() []clockKind {
	const evaluations, school, admin, mine = "/evaluations/", "/school/applications/", "/admin/applications/", "/my/applications/"
	const prior, minePrior = "/school/prior/", "/my/prior/"
	const attestations, results = attestationPage, myAttestationPage
	return []clockKind{
		{name: "evaluation.sending", workdays: 15, by: IsRegistrar | IsDecider, page: evaluations},
		{name: "evaluation.receiving", workdays: 15, by: IsRegistrar | IsDecider, page: evaluations},
		{name: "evaluation.expert", workdays: 15, by: IsExpert, page: evaluations},
		{name: "evaluation.bank", workdays: 10, by: IsAdministrator, page: evaluations},
		{name: "application.school", workdays: 15, by: IsRegistrar | IsDecider, page: school, bank: admin, mine: mine},
		{name: "application.whole", months: 4, by: IsAdministrator, page: school, bank: admin, mine: mine},
		{name: "appeal.school", workdays: 15, by: IsDecider, page: school, bank: admin, mine: mine},
		{name: "appeal.bank", workdays: 10, by: IsAdministrator, page: school, bank: admin, mine: mine},
		{name: clockPriorSchool, workdays: 15, by: IsRegistrar | IsDecider, page: prior, mine: minePrior},
		{name: clockPriorWhole, months: 4, by: IsAdministrator, page: prior, mine: minePrior},
		{name: clockPriorAppeal, workdays: 15, by: IsRegistrar | IsDecider, page: prior, mine: minePrior},
		{name: clockPriorBank, workdays: 10, by: IsAdministrator, page: prior, mine: minePrior},
		{name: "attestation.issuer", workdays: 15, by: IsRegistrar | IsDecider, page: attestations, mine: results},
		{name: "attestation.school", workdays: 15, by: IsRegistrar | IsDecider, page: attestations, mine: results},
		{name: "attestation.bank", workdays: 15, by: IsAdministrator, page: attestations, mine: results},
		{name: "request.school", workdays: 15, by: IsRegistrar | IsDecider, page: "/evaluations/requests", mine: "/my/requests"},
	}
}

// ClockKinds lists the periods; each has a sentence in the languages, clock.KIND.
func ClockKinds() []string {
	var names []string
	for _, k := range clockTable() {
		names = append(names, k.name)
	}
	return names
}

func clockKindNamed(name string) (clockKind, bool) {
	for _, k := range clockTable() {
		if k.name == name {
			return k, true
		}
	}
	return clockKind{}, false
}

// pageAt is where the people of an institution, "": of the bank, do it.
func (k clockKind) pageAt(institution string) string {
	if institution == "" && k.bank != "" {
		return k.bank
	}
	return k.page
}

// end is the last day of a period that begins on a day, which is itself not counted
// (Civil Code of the PRC, art. 201 to 203).
func (k clockKind) end(s calendar.Shifts, begin calendar.Day) calendar.Day {
	if k.months > 0 {
		return s.On(begin.AddMonths(k.months))
	}
	return s.After(begin, k.workdays)
}

// pageOf is the address of a thing behind a beginning of one.
func pageOf(page, object string) string {
	if page == "" || page[len(page)-1] != '/' {
		return page
	}
	return page + url.PathEscape(object)
}

// startClock starts a period for one thing: kind is one of [ClockKinds], institution
// who has to act, empty: the bank; learner whose matter it is, empty: nobody's. Where
// one runs already for the same institution it begins anew; if it ran over, it stays in
// the figures as late.
func (t *tx) startClock(kind, object, institution, learner string) (due calendar.Day, err error) {
	k, known := clockKindNamed(kind)
	if !known {
		return calendar.None, notFound("clock", kind)
	}
	shifts, err := reading(t.each).shifts()
	if err != nil {
		return calendar.None, err
	}
	today := calendar.Of(t.now)
	due = k.end(shifts, today)
	if err := t.exec(`DELETE FROM clock WHERE kind = $1 AND object = $2 AND coalesce(institution, '') = $3 AND stopped_at IS NULL AND due >= $4`, kind, object, institution, today); err != nil {
		return due, err
	}
	if err := t.stopClockOf(kind, object, institution); err != nil {
		return due, err
	}
	return due, t.exec(`INSERT INTO clock (id, kind, object, institution, learner, started_at, due, reminded) VALUES ($1, $2, $3, $4, $5, $6, $7, 0)`,
		newNumber(), kind, object, textOrNil(institution), textOrNil(learner), micros(t.now), due)
}

// stopClock ends a period: what it was for is done, in time or late, or is not to be
// done any more. When none runs, nothing happens.
func (t *tx) stopClock(kind, object string) error {
	return t.exec(`UPDATE clock SET stopped_at = $1 WHERE kind = $2 AND object = $3 AND stopped_at IS NULL`, micros(t.now), kind, object)
}

// stopClockOf is stopClock for one of several who have to act.
func (t *tx) stopClockOf(kind, object, institution string) error {
	return t.exec(`UPDATE clock SET stopped_at = $1 WHERE kind = $2 AND object = $3 AND coalesce(institution, '') = $4 AND stopped_at IS NULL`,
		micros(t.now), kind, object, institution)
}

// resumeClock goes on with the period that was stopped last, to the day on which it
// ends. When there was none, nothing happens.
func (t *tx) resumeClock(kind, object string) error {
	return t.exec(`UPDATE clock SET stopped_at = NULL WHERE id = (SELECT id FROM clock WHERE kind = $1 AND object = $2 ORDER BY started_at DESC, id DESC LIMIT 1)
		AND NOT EXISTS (SELECT 1 FROM clock WHERE kind = $1 AND object = $2 AND stopped_at IS NULL)`, kind, object)
}

// selectClocks gives the learner's account that counts, after a merge.
const selectClocks = `SELECT id, kind, object, coalesce(institution, ''), coalesce(into_account, learner, ''), started_at, due, reminded, escalated_at IS NOT NULL, coalesce(stopped_at, 0)
	FROM clock LEFT JOIN learner_merge ON account = learner`

func scanClock(rows *sql.Rows) (c Clock, err error) {
	var started, stopped int64
	err = rows.Scan(&c.id, &c.Kind, &c.Object, &c.Institution, &c.learner, &started, &c.Due, &c.reminded, &c.Escalated, &stopped)
	c.Started, c.Stopped, c.Reminded = fromMicros(started), fromMicros(stopped), c.reminded > 0
	return c, err
}

func (read reading) clocks(condition string, args ...any) (list []Clock, err error) {
	err = read(func(rows *sql.Rows) error {
		c, err := scanClock(rows)
		list = append(list, c)
		return err
	}, selectClocks+condition, args...)
	return list, err
}

// Clocks lists the periods of one thing, those that ran too, the oldest first. Of a
// learner's matter the learner, the schools that have to act in it and those who
// answer for the whole bank see them; of any other, all staff. To others it gives none.
func (b *Bank) Clocks(ctx context.Context, actor Actor, object string) ([]Clock, error) {
	list, err := b.reading(ctx).clocks(` WHERE object = $1 ORDER BY started_at, kind, id`, object)
	if err != nil {
		return nil, err
	}
	var seen []Clock
	for _, c := range list {
		own := actor.Learner != "" && c.learner == actor.Learner
		concerned := actor.Institution != "" && c.Institution == actor.Institution
		if own || actor.seesAll() || concerned || c.learner == "" && actor.Is(StaffRoles()) {
			seen = append(seen, c)
		}
	}
	return seen, nil
}
