package web

import (
	"iter"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"creditbank/internal/bank"
	"creditbank/internal/calendar"
)

// calendarPage shows two years of the bank's calendar.
type calendarPage struct {
	desk
	Years    []calendarYear
	Before   int // the year before those shown
	After    int
	Kinds    []string
	Pasted   string // as it was sent, when it was refused
	Weekdays []time.Weekday
}

// calendarYear is a year, month by month.
type calendarYear struct {
	Year    int
	Months  []calendarMonth
	Entered bool // somebody has said which of its days are off
	Workday int  // how many of its days are worked
}

// calendarMonth is a month in weeks that begin on Monday.
type calendarMonth struct {
	First calendar.Day
	Weeks [][]calendarCell
}

// calendarCell is a day; one of another month is none.
type calendarCell struct {
	Day    calendar.Day
	Number int // of the day in the month; 0: none
	Kind   string
	Name   string
	Work   bool
}

const minYear, maxYear = 2000, 2100 // that the page shows

// firstYear is the first of the two years that an address asks for.
func (s *Server) firstYear(c echo.Context) int {
	year, _, _ := s.bank.Today().Date()
	if asked, err := strconv.Atoi(c.QueryParam("year")); err == nil && asked >= minYear && asked < maxYear {
		return asked
	}
	return year
}

// calendar shows the page.
func (s *Server) calendar(c echo.Context) error {
	return s.showCalendar(c, http.StatusOK, form{}, "")
}

func (s *Server) showCalendar(c echo.Context, status int, f form, pasted string) error {
	d, err := s.desk(c, "/admin/calendar")
	if err != nil {
		return err
	}
	first := s.firstYear(c)
	p := calendarPage{desk: d, Before: first - 1, After: first + 1, Kinds: append(bank.HolidayKinds(), "plain"), Pasted: pasted}
	p.Form = f
	for i := range 7 {
		p.Weekdays = append(p.Weekdays, time.Weekday((i+1)%7))
	}
	days, err := s.bank.Calendar(c.Request().Context(), first, first+1)
	if err != nil {
		return err
	}
	for year := first; year <= first+1; year++ {
		p.Years = append(p.Years, newCalendarYear(year, days))
	}
	return s.render(c, status, "admin_calendar", p)
}

func newCalendarYear(year int, days []bank.CalendarDay) calendarYear {
	y, named, shifts := calendarYear{Year: year}, map[calendar.Day]bank.Holiday{}, calendar.Shifts{}
	for _, d := range days {
		named[d.Day], shifts[d.Day] = d.Holiday, d.Kind == bank.DayWork
		if of, _, _ := d.Day.Date(); of == year {
			y.Entered = true
		}
	}
	for month := time.January; month <= time.December; month++ {
		first, next := calendar.Date(year, month, 1), calendar.Date(year, month+1, 1)
		cells := make([]calendarCell, (int(first.Weekday())+6)%7)
		for d := first; d < next; d++ {
			cells = append(cells, calendarCell{Day: d, Number: int(d-first) + 1, Kind: named[d].Kind, Name: named[d].Name, Work: shifts.Workday(d)})
		}
		y.Workday += shifts.Between(first-1, next-1)
		m := calendarMonth{First: first}
		for len(cells) > 0 {
			n := min(7, len(cells))
			m.Weeks = append(m.Weeks, append(cells[:n:n], make([]calendarCell, 7-n)...))
			cells = cells[n:]
		}
		y.Months = append(y.Months, m)
	}
	return y
}

// setHoliday says of a day that it is off, worked, or what its weekday says.
func (s *Server) setHoliday(c echo.Context) error {
	fields := []string{"day", "kind", "name"}
	f := readFields(c, fields...)
	h := bank.Holiday{Kind: f.Get("kind"), Name: f.Get("name")}
	if h.Kind == "plain" {
		h = bank.Holiday{}
	}
	if err := s.bank.SetHoliday(c.Request().Context(), actorOf(c), f.Get("day"), h); err != nil {
		return s.again(c, err, fields, func(status int, f form) error { return s.showCalendar(c, status, f, "") })
	}
	return after(c, "/admin/calendar", "calendar")
}

// maxPasted is how many lines of days are taken at once: two centuries of holidays.
const maxPasted = 10_000

// pasteHolidays takes the days of a pasted table, all or none.
func (s *Server) pasteHolidays(c echo.Context) error {
	text := c.FormValue("days")
	report, err := s.bank.TakeHolidays(c.Request().Context(), actorOf(c), []string{"day", "kind", "name"}, pastedRows(text))
	if err != nil {
		return err
	}
	var f form
	say := s.speaker(c)
	for _, e := range report.Errors {
		f.Faults = append(f.Faults, formFault{Field: "days", Message: say.Say("calendar.line", map[string]any{"Line": e.Line, "Fault": FieldMessage(say, e.Value, e.Code, e.Args)})})
	}
	if report.Rows == 0 {
		f.fault("days", FieldMessage(say, "", "required", nil))
	}
	if len(f.Faults) > 0 {
		return s.showCalendar(c, http.StatusUnprocessableEntity, f, text)
	}
	return after(c, "/admin/calendar", "calendar")
}

// pastedRows are the lines of a pasted table of days: day, kind, name, with tabs,
// commas or blanks between them. A line with the names of the columns is left out.
func pastedRows(text string) iter.Seq2[bank.Row, error] {
	return func(yield func(bank.Row, error) bool) {
		for i, line := range strings.Split(cleanLines(text), "\n") {
			cells := pastedCells(strings.TrimSpace(line))
			if i >= maxPasted || cells[0] == "" && len(cells) == 1 || cells[0] == "day" || cells[0] == "日期" {
				continue
			}
			if !yield(bank.Row{Number: i + 1, Line: i + 1, Cells: cells}, nil) {
				return
			}
		}
	}
}

func pastedCells(line string) []string {
	for _, separator := range []string{"\t", ",", "，", " "} {
		if strings.Contains(line, separator) {
			cells := strings.SplitN(line, separator, 3)
			for i := range cells {
				cells[i] = clean(cells[i])
			}
			return cells
		}
	}
	return []string{line}
}
