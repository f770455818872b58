package bank

import (
	"database/sql"
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
	d, h := c.day("day", true), Holiday{Kind: c.choice("kind", append([]string{""}, HolidayKinds()...)...), Name: c.needed("name", nameLength)}
	switch {
	case h.Kind == "":
		c.fault("kind", "", "required", nil)
	case h.Kind == DayWork && d != calendar.None && worked(d):
		c.fault("kind", h.Kind, "holiday_weekday", nil)
	}
	c.oneLine("name")
	return d, h
}

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
