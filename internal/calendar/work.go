package calendar

import "time"

// Shifts are the days that are not what their weekday says: true for one that is
// worked though it lies on a weekend (调休), false for one that is off though it
// does not (节假日). Without any, weeks are plain: Monday to Friday are worked.
type Shifts map[Day]bool

// Weekday is the day of the week.
func (d Day) Weekday() time.Weekday {
	const first = int(time.Thursday) // 1970-01-01
	return time.Weekday(((int(d)+first)%7 + 7) % 7)
}

// Workday says whether a day is worked.
func (s Shifts) Workday(d Day) bool {
	if worked, shifted := s[d]; shifted {
		return worked
	}
	weekday := d.Weekday()
	return weekday != time.Saturday && weekday != time.Sunday
}

// After is the n-th working day after d, which is itself not counted (Civil Code of
// the PRC, art. 201). A period of n working days that begins on d ends with it, at
// midnight. For n below 1 it is d.
func (s Shifts) After(d Day, n int) Day {
	for n > 0 {
		d++
		if s.Workday(d) {
			n--
		}
	}
	return d
}

// On is d when it is worked, else the next day that is: a period that would end on a
// holiday ends on the day after it (Civil Code of the PRC, art. 203).
func (s Shifts) On(d Day) Day {
	for !s.Workday(d) {
		d++
	}
	return d
}

// Between counts the working days after from until to, which is counted; below 0
// when to comes first. So Between(d, After(d, n)) is n.
func (s Shifts) Between(from, to Day) int {
	if to < from {
		return -s.Between(to, from)
	}
	n := 0
	for d := from + 1; d <= to; d++ {
		if s.Workday(d) {
			n++
		}
	}
	return n
}

// AddMonths is the same day n months later, or the last day of that month when it
// lacks the day (Civil Code of the PRC, art. 202). None stays None.
func (d Day) AddMonths(n int) Day {
	if d == None {
		return None
	}
	year, month, day := d.Date()
	last := Date(year, month+time.Month(n)+1, 0)
	return min(Date(year, month+time.Month(n), 1)+Day(day-1), last)
}
