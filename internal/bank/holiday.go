package bank

import (
	"context"
	"database/sql"
	"iter"
	"slices"
	"strings"
	"time"

	"creditbank/internal/calendar"
)

// Holiday says of a day that it is not what its weekday says: off (节假日), or worked
// though it lies on a weekend (调休), as the State Council arranges for every year.
type Holiday struct {
	Kind string // one of [HolidayKinds]
	Name string
}

// Kinds of a holiday.
const (
	DayOff  = "off"
	DayWork = "work"
)

// HolidayKinds lists what a day of the calendar may be.
func HolidayKinds() []string { return []string{DayOff, DayWork} }

var holidayFile = kind{
	name:    "holidays",
	columns: []Column{{"day", "日期", true}, {"kind", "类型", true}, {"name", "名称", true}},
	take: func(r *importRun) error {
		err := takeEach(r, entity[calendar.Day, Holiday]{
			read: readHoliday, stored: (*tx).holidays,
			insert: into("holiday", []string{"day", "kind", "name"}, func(k keyed[calendar.Day, Holiday]) []any {
				return []any{k.key, k.value.Kind, k.value.Name}
			}),
			update: func(t *tx, k keyed[calendar.Day, Holiday]) error { return t.setHoliday(k.key, k.value) },
		})
		if err != nil || r.report.New+r.report.Updated == 0 {
			return err
		}
		return r.moveClocks()
	},
	give: giveRows(selectHolidays+` ORDER BY day`, func(rows *sql.Rows) ([]string, error) {
		d, h, err := scanHoliday(rows)
		return []string{d.String(), h.Kind, h.Name}, err
	}),
}

const selectHolidays = `SELECT day, kind, name FROM holiday`

func scanHoliday(rows *sql.Rows) (d calendar.Day, h Holiday, err error) {
	err = rows.Scan(&d, &h.Kind, &h.Name)
	return d, h, err
}

func (t *tx) holidays() (map[calendar.Day]Holiday, error) {
	return readMap(t, selectHolidays, scanHoliday)
}

func readHoliday(c *cells) (calendar.Day, Holiday) {
	d, h := c.day("day", true), Holiday{Kind: holidayWords()[c.raw("kind")], Name: c.needed("name", nameLength)}
	if h.Kind == "" {
		h.Kind = c.raw("kind")
		if h.Kind != "" && !slices.Contains(HolidayKinds(), h.Kind) {
			c.fault("kind", h.Kind, "choice", map[string]any{"Choices": strings.Join(HolidayKinds(), ", "), "Names": strings.Join(sortedKeys(holidayWords()), "、")})
		}
	}
	switch {
	case h.Kind == "":
		c.fault("kind", "", "required", nil)
	case h.Kind == DayWork && d != calendar.None && worked(d):
		c.fault("kind", h.Kind, "holiday_weekday", nil)
	}
	c.oneLine("name")
	return d, h
}

// holidayWords are the words for kinds of days with which people paste them.
func holidayWords() map[string]string { return map[string]string{"休": DayOff, "班": DayWork} }

// worked says whether a day is worked by its weekday: to say so again is a slip,
// mostly of the date.
func worked(d calendar.Day) bool {
	weekday := d.Weekday()
	return weekday != time.Saturday && weekday != time.Sunday
}

// setHoliday writes a day, whether it is there or not.
func (t *tx) setHoliday(d calendar.Day, h Holiday) error {
	return t.exec(`INSERT INTO holiday (day, kind, name) VALUES ($1, $2, $3) ON CONFLICT (day) DO UPDATE SET kind = $2, name = $3`, d, h.Kind, h.Name)
}

// shifts reads the days that are not what their weekday says.
func (read reading) shifts() (calendar.Shifts, error) {
	s := calendar.Shifts{}
	return s, read(func(rows *sql.Rows) error {
		d, h, err := scanHoliday(rows)
		s[d] = h.Kind == DayWork
		return err
	}, selectHolidays)
}

// CalendarDay is a day of the calendar that is not what its weekday says.
type CalendarDay struct {
	Day calendar.Day
	Holiday
}

// Calendar lists the days of some years that are not what their weekday says, in
// their order. Everybody may know them.
func (b *Bank) Calendar(ctx context.Context, first, last int) (days []CalendarDay, err error) {
	err = b.db.each(ctx, func(rows *sql.Rows) error {
		d, h, err := scanHoliday(rows)
		days = append(days, CalendarDay{d, h})
		return err
	}, selectHolidays+` WHERE day >= $1 AND day < $2 ORDER BY day`, calendar.Date(first, time.January, 1), calendar.Date(last+1, time.January, 1))
	return days, err
}

// SetHoliday says of a day that it is off or worked; with an empty Kind, that it is
// what its weekday says. Once more changes nothing. Periods that run get longer by
// it, never shorter. It promises Denied, and Invalid naming day, kind or name.
func (b *Bank) SetHoliday(ctx context.Context, actor Actor, day string, h Holiday) error {
	if err := actor.need(IsAdministrator | IsOperator); err != nil {
		return err
	}
	c := &cells{run: &importRun{at: map[string]int{"day": 0, "kind": 1, "name": 2}}, row: Row{Cells: []string{day, h.Kind, h.Name}}}
	d := c.day("day", true)
	if h.Kind != "" {
		c.faults = nil
		d, h = readHoliday(c)
	}
	if len(c.faults) > 0 {
		return invalidFields(fieldErrors(c.faults))
	}
	return b.write(ctx, actor, func(t *tx) error {
		kept, err := t.holidays()
		if was, is := kept[d]; err != nil || is == (h.Kind != "") && (!is || was == h) {
			return err
		}
		if h.Kind == "" {
			err = t.exec(`DELETE FROM holiday WHERE day = $1`, d)
		} else {
			err = t.setHoliday(d, h)
		}
		if err != nil {
			return err
		}
		if err := t.moveClocks(); err != nil {
			return err
		}
		return t.audit("calendar.set", d.String(), strings.TrimSpace(h.Kind+" "+h.Name))
	})
}

// fieldErrors are the faults of a row as those of the fields of a form.
func fieldErrors(faults []RowError) []FieldError {
	fields := make([]FieldError, len(faults))
	for i, f := range faults {
		fields[i] = FieldError{Field: f.Column, Value: f.Value, Code: f.Code, Args: f.Args}
	}
	return fields
}

// TakeHolidays takes a whole table of days in, as a file of holidays is: all rows or
// none. It promises Denied, and what [Bank.Import] does.
func (b *Bank) TakeHolidays(ctx context.Context, actor Actor, header []string, rows iter.Seq2[Row, error]) (ImportReport, error) {
	if err := actor.need(IsAdministrator | IsOperator); err != nil {
		return ImportReport{}, err
	}
	return b.Import(ctx, actor, Import{Kind: holidayFile.name, Header: header, Rows: rows})
}
