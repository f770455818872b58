// Package calendar counts the bank's days: dates without a time of day, as a
// grade, a rule's window and a validity need them.
package calendar

import (
	"errors"
	"math"
	"time"
)

// Day is a date, counted in days since 1970-01-01. The zero value is that day;
// a date that was not given is None. The bank stores the plain number, and
// None as NULL.
type Day int32

// None stands where no day was given: an open end of a window, a validity
// without limit. It sorts before every real day, so an open end is asked for
// by name and not by comparison.
const None Day = math.MinInt32

// ErrDay says that a text is not a date of the form 2006-01-02 in the years
// 1900 to 2199.
var ErrDay = errors.New("calendar: not a date of the form 2006-01-02")

const (
	layout         = "2006-01-02"
	firstYear      = 1900
	lastYear       = 2199
	secondsPerDay  = 24 * 60 * 60
	bankOffset     = 8 * 60 * 60 // China keeps one time zone, UTC+8, without summer time.
	leapDayInMonth = 29
)

// Parse reads a date written 2006-01-02 and nothing else. A date that does not
// exist or lies outside the years 1900 to 2199 is ErrDay, and so is "".
func Parse(s string) (Day, error) {
	t, err := time.Parse(layout, s)
	if err != nil || len(s) != len(layout) || t.Year() < firstYear || t.Year() > lastYear {
		return None, ErrDay
	}
	return fromUTC(t), nil
}

// Of is the bank's day at an instant: the date at UTC+8, wherever the program runs.
func Of(t time.Time) Day {
	seconds := t.Unix() + bankOffset
	days := seconds / secondsPerDay
	if seconds%secondsPerDay < 0 {
		days--
	}
	return Day(days)
}

// Clock is the time of day at an instant as 15:04, on the bank's clock.
func Clock(t time.Time) string {
	return t.UTC().Add(bankOffset * time.Second).Format("15:04")
}

// Date is the day of a year, month and day of the month; values outside their
// ranges carry over as in time.Date.
func Date(y int, m time.Month, d int) Day {
	return fromUTC(time.Date(y, m, d, 0, 0, 0, 0, time.UTC))
}

// fromUTC counts the days of a midnight at UTC, which divides without rest.
func fromUTC(t time.Time) Day { return Day(t.Unix() / secondsPerDay) }

// Begin is the instant at which the bank's day begins.
func (d Day) Begin() time.Time { return d.utc().Add(-bankOffset * time.Second) }

func (d Day) utc() time.Time { return time.Unix(int64(d)*secondsPerDay, 0).UTC() }

// String is the date as 2006-01-02, and "" for None.
func (d Day) String() string {
	if d == None {
		return ""
	}
	year, month, day := d.Date()
	if year < 0 || year > 9999 {
		return d.utc().Format(layout)
	}
	digit := func(of, worth int) byte { return '0' + byte(of/worth%10) }
	return string([]byte{digit(year, 1000), digit(year, 100), digit(year, 10), digit(year, 1), '-', digit(int(month), 10), digit(int(month), 1), '-', digit(day, 10), digit(day, 1)})
}

// Date gives the year, month and day of the month. None has none: ask for it first.
func (d Day) Date() (int, time.Month, int) { return d.utc().Date() }

// AddYears is the same day of the same month n years later, or the last day of
// that month when the year lacks the day: 29 February becomes 28 February
// (Civil Code of the PRC, art. 202). None stays None.
func (d Day) AddYears(n int) Day {
	if d == None {
		return None
	}
	year, month, day := d.Date()
	if month == time.February && day == leapDayInMonth && !leap(year+n) {
		day--
	}
	return Date(year+n, month, day)
}

func leap(year int) bool { return year%4 == 0 && (year%100 != 0 || year%400 == 0) }

// MarshalText writes what String does: None is the empty text.
func (d Day) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText reads what Parse does, and the empty text as None. The error is ErrDay.
func (d *Day) UnmarshalText(text []byte) error {
	if len(text) == 0 {
		*d = None
		return nil
	}
	parsed, err := Parse(string(text))
	if err != nil {
		return err
	}
	*d = parsed
	return nil
}
