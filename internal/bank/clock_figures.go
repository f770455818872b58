package bank

import (
	"context"
	"database/sql"
	"slices"

	"creditbank/internal/calendar"
)

// OnTime is how a school, or the bank itself, keeps its periods: of those that began
// in the last year, how many it ended and when.
type OnTime struct {
	Institution string // empty: the bank
	Done        int    // ended
	InTime      int    // of them, in time
	Median      int    // working days that they took; -1: none was ended
	Open        int    // running
	Overdue     int    // of them, over
}

// Share is the share of what is due by now that was done in time, in per cent; -1
// when nothing was due.
func (o OnTime) Share() int {
	if o.Done+o.Overdue == 0 {
		return -1
	}
	return 100 * o.InTime / (o.Done + o.Overdue)
}

// deadlinesPublic is the setting by which the bank shows the figures to everybody.
const deadlinesPublic = "deadlines_public"

// PublicDeadlines says whether the bank shows the figures to everybody.
func (b *Bank) PublicDeadlines(ctx context.Context) (public bool, err error) {
	return public, b.db.each(ctx, func(rows *sql.Rows) error {
		var value string
		err := rows.Scan(&value)
		public = value == "1"
		return err
	}, `SELECT value FROM setting WHERE name = $1`, deadlinesPublic)
}

// SetPublicDeadlines lets the figures be seen by everybody, or no more; once more
// changes nothing. It promises Denied.
func (b *Bank) SetPublicDeadlines(ctx context.Context, actor Actor, public bool) error {
	if err := actor.need(IsAdministrator | IsOperator); err != nil {
		return err
	}
	value := map[bool]string{true: "1", false: "0"}[public]
	return b.write(ctx, actor, func(t *tx) error {
		same := false
		err := t.each(func(*sql.Rows) error { same = true; return nil }, `SELECT 1 FROM setting WHERE name = $1 AND value = $2`, deadlinesPublic, value)
		if err != nil || same {
			return err
		}
		if err := t.exec(`INSERT INTO setting (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = $2`, deadlinesPublic, value); err != nil {
			return err
		}
		return t.audit("setting.set", deadlinesPublic, value)
	})
}

// OnTimeFigures are the figures of the bank and of all schools that had anything to
// do in the last year, by their codes. Those who answer for the bank see them always,
// others when the bank shows them; it promises Denied.
func (b *Bank) OnTimeFigures(ctx context.Context, actor Actor) ([]OnTime, error) {
	if !actor.seesAll() {
		public, err := b.PublicDeadlines(ctx)
		if err != nil {
			return nil, err
		}
		if !public {
			return nil, &Error{Code: Denied, Key: "error.role"}
		}
	}
	read := b.reading(ctx)
	shifts, err := read.shifts()
	if err != nil {
		return nil, err
	}
	today := b.Today()
	list, err := read.clocks(` WHERE started_at >= $1 ORDER BY institution`, micros(today.AddYears(-1).Begin()))
	if err != nil {
		return nil, err
	}
	figures, took := map[string]*OnTime{}, map[string][]int{}
	for _, c := range list {
		f := figures[c.Institution]
		if f == nil {
			f = &OnTime{Institution: c.Institution}
			figures[c.Institution] = f
		}
		if days, ended := f.count(c, shifts, today); ended {
			took[c.Institution] = append(took[c.Institution], days)
		}
	}
	sorted := []OnTime{}
	for _, institution := range sortedKeys(figures) {
		f := figures[institution]
		f.Median = median(took[institution])
		sorted = append(sorted, *f)
	}
	return sorted, nil
}

// count takes a period into the figures, and gives the working days that it took.
func (f *OnTime) count(c Clock, shifts calendar.Shifts, today calendar.Day) (days int, ended bool) {
	late := c.Late(today)
	if c.Stopped.IsZero() {
		f.Open++
		if late {
			f.Overdue++
		}
		return 0, false
	}
	f.Done++
	if !late {
		f.InTime++
	}
	return shifts.Between(calendar.Of(c.Started), calendar.Of(c.Stopped)), true
}

// median is the middle of some numbers, the lower one of two; -1 of none.
func median(numbers []int) int {
	if len(numbers) == 0 {
		return -1
	}
	slices.Sort(numbers)
	return numbers[(len(numbers)-1)/2]
}

// OverdueClocks lists the periods that run and are over, the oldest first. It promises
// Denied to all but those who answer for the bank.
func (b *Bank) OverdueClocks(ctx context.Context, actor Actor, w Window) (page Page[Clock], err error) {
	if !actor.seesAll() {
		return page, &Error{Code: Denied, Key: "error.role"}
	}
	start, limit, err := w.part()
	if err != nil {
		return page, err
	}
	today := b.Today()
	if err := b.db.reader.GetContext(ctx, &page.Total, b.db.bind(`SELECT count(*) FROM clock WHERE stopped_at IS NULL AND due < $1`), today); err != nil {
		return page, err
	}
	page.Items, err = b.reading(ctx).clocks(` WHERE stopped_at IS NULL AND due < $1 ORDER BY due, id LIMIT $2 OFFSET $3`, today, limit, start)
	return page, err
}

// Page is the address at which those who answer for the bank see what the period is for.
func (c Clock) Page() string {
	k, _ := clockKindNamed(c.Kind)
	return pageOf(k.pageAt(""), c.Object)
}
