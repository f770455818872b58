package calendar_test

import (
	"math/rand/v2"
	"testing"
	"time"

	"creditbank/internal/calendar"
)

// spring2026 are the days around the Spring Festival of 2026 as the State Council arranged them.
func spring2026(t *testing.T) calendar.Shifts {
	s := calendar.Shifts{day(t, "2026-02-14"): true, day(t, "2026-02-28"): true}
	for d := day(t, "2026-02-15"); d <= day(t, "2026-02-23"); d++ {
		s[d] = false
	}
	return s
}

func TestWorkingDaysOverHolidays(t *testing.T) {
	s := spring2026(t)
	for _, c := range []struct {
		from string
		n    int
		want string
	}{
		{"2026-02-13", 1, "2026-02-14"},  // a Saturday that is worked
		{"2026-02-13", 2, "2026-02-24"},  // over the nine days
		{"2026-02-14", 1, "2026-02-24"},  // from the worked Saturday
		{"2026-02-18", 1, "2026-02-24"},  // from within
		{"2026-02-26", 2, "2026-02-28"},  // Friday, and the worked Saturday
		{"2026-02-27", 2, "2026-03-02"},  // the Sunday is off
		{"2026-02-09", 15, "2026-03-06"}, // 15 working days hold nine that are off and two that are worked
		{"2026-03-02", 0, "2026-03-02"},
		{"2028-02-25", 2, "2028-02-29"}, // Friday, over a weekend, to the leap day
		{"2028-02-28", 2, "2028-03-01"},
	} {
		if got := s.After(day(t, c.from), c.n); got.String() != c.want {
			t.Errorf("%d working days after %s end on %s, want %s", c.n, c.from, got, c.want)
		}
	}
	for d, want := range map[string]string{"2026-02-15": "2026-02-24", "2026-02-14": "2026-02-14", "2026-03-07": "2026-03-09"} {
		if got := s.On(day(t, d)); got.String() != want {
			t.Errorf("from %s on the first working day is %s, want %s", d, got, want)
		}
	}
}

func TestWeekdayIsTheWorlds(t *testing.T) {
	for d := day(t, "1900-01-01"); d <= day(t, "2199-12-31"); d++ {
		if want := time.Date(1970, 1, 1+int(d), 0, 0, 0, 0, time.UTC).Weekday(); d.Weekday() != want {
			t.Fatalf("%s is a %s, want %s", d, d.Weekday(), want)
		}
	}
}

// Whatever is shifted: After and Between undo each other, more days end later, and a
// period ends on a working day.
func TestWorkingDaysProperties(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for range 300 {
		begin, shifts := calendar.Day(random.IntN(80000)), calendar.Shifts{}
		for range random.IntN(40) {
			shifts[begin+calendar.Day(random.IntN(120))] = random.IntN(2) == 0
		}
		from := begin + calendar.Day(random.IntN(60))
		last := from
		for n := range 30 {
			end := shifts.After(from, n)
			if n > 0 && (!shifts.Workday(end) || end <= last) {
				t.Fatalf("%d working days after %s end on %s, %d on %s", n-1, from, last, n, end)
			}
			if got := shifts.Between(from, end); got != n || shifts.Between(end, from) != -n {
				t.Fatalf("between %s and %s are %d working days, want %d", from, end, got, n)
			}
			middle := from + (end-from)/2
			if shifts.Between(from, middle)+shifts.Between(middle, end) != n {
				t.Fatalf("the working days from %s over %s to %s do not add up", from, middle, end)
			}
			if on := shifts.On(end + 1); on != shifts.After(end, 1) {
				t.Fatalf("after %s the next working day is %s and %s", end, on, shifts.After(end, 1))
			}
			last = end
		}
	}
}

func TestAddMonths(t *testing.T) {
	for _, c := range []struct {
		from string
		n    int
		want string
	}{
		{"2026-11-22", 4, "2027-03-22"}, {"2025-10-31", 4, "2026-02-28"}, {"2027-10-31", 4, "2028-02-29"},
		{"2027-10-29", 4, "2028-02-29"}, {"2028-02-29", 12, "2029-02-28"}, {"2026-12-31", 2, "2027-02-28"}, {"2026-03-31", 1, "2026-04-30"},
		{"2026-03-31", -1, "2026-02-28"}, {"2026-01-15", 0, "2026-01-15"},
	} {
		if got := day(t, c.from).AddMonths(c.n); got.String() != c.want {
			t.Errorf("%d months after %s is %s, want %s", c.n, c.from, got, c.want)
		}
	}
	if calendar.None.AddMonths(3) != calendar.None {
		t.Error("None does not stay None")
	}
}
