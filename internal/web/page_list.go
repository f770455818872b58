package web

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"creditbank/internal/bank"
)

// takeList takes the form of the first page. What is right goes to an address
// that can be kept and shared; what is not comes back with everything typed.
func (s *Server) takeList(c echo.Context) error { return s.takeResults(c, false) }

// takeExpected takes the results that a learner hopes for.
func (s *Server) takeExpected(c echo.Context) error { return s.takeResults(c, true) }

func (s *Server) takeResults(c echo.Context, own bool) error {
	values, err := c.FormParams()
	if err != nil {
		return unreadable(err)
	}
	n, err := s.names(c)
	if err != nil {
		return err
	}
	if values.Has("language") {
		s.keepLanguage(c, values.Get("language"))
	}
	form, find, say := readForm(values), newFinder(n.snapshot, n.today), s.speaker(c)
	form.Own = own
	form.aim(n.snapshot)
	form.expand(find, say)
	if values.Has("more") {
		return s.showForm(c, http.StatusOK, form, moreRows)
	}
	form.pick(values.Get("pick"), find, say)
	var records []bank.CheckRecord
	if !own || form.Count > 0 { // who hopes for nothing asks about the record as it is
		if records, err = s.readList(c.Request().Context(), &form, find, say); err != nil {
			return err
		}
	}
	if len(form.Faults) > 0 {
		return s.showForm(c, http.StatusUnprocessableEntity, form, 1)
	}
	path := checkQuery{own: own}.rankPage()
	if form.To != "" {
		path = checkQuery{own: own}.planPage()
	}
	return c.Redirect(http.StatusSeeOther, address(path, checkValues(records, form.AsOf), paramTo, form.To))
}

// unreadable is the refusal of a body that is no form.
func unreadable(err error) error {
	var large *http.MaxBytesError
	if errors.As(err, &large) {
		return echo.ErrStatusRequestEntityTooLarge
	}
	return echo.ErrBadRequest
}

// expand turns a pasted list into rows, unless there is too much for a page.
func (f *checkForm) expand(find *finder, say Speaker) {
	if len(f.Rows) > maxLines {
		f.tooMany("course-0", len(f.Rows), say)
		return
	}
	raws := courseLines(f.Paste)
	if count := len(raws) + len(f.Rows); count > maxLines+headingLines {
		f.tooMany("list-text", count, say)
		return
	}
	lines := find.readLines(raws, find.school(f.School))
	if count := len(lines) + len(f.Rows); count > maxLines {
		f.tooMany("list-text", count, say)
		return
	}
	for _, l := range lines {
		f.add(formRow{School: l.School, Course: l.Course, Grade: l.Grade, Date: l.Date})
		if len(l.Doubt) > 0 {
			f.fault(len(f.Rows)-1, "grade", say.Say("check.fault.which_grade", map[string]any{"Value": l.Course, "Grades": strings.Join(l.Doubt, " / ")}))
		}
	}
	f.Paste = ""
}

func (f *checkForm) tooMany(field string, got int, say Speaker) {
	f.TooMany = true
	f.Faults = append(f.Faults, formFault{Field: field, Message: say.Say("check.fault.too_many", map[string]any{"Limit": maxLines, "Got": got})})
}

// readList makes results of the rows. What is wrong stands in the form's faults.
func (s *Server) readList(ctx context.Context, form *checkForm, find *finder, say Speaker) ([]bank.CheckRecord, error) {
	if form.TooMany {
		return nil, nil
	}
	if len(form.Rows) == 0 {
		form.pad(0)
		form.fault(0, "course", say.Say("check.fault.empty", nil))
		return nil, nil
	}
	records := form.resolve(find, say)
	return records, s.tryList(ctx, form, records, say)
}

// tryList lets the bank read the results whose course is known, so that a
// person hears of all mistakes at once.
func (s *Server) tryList(ctx context.Context, form *checkForm, records []bank.CheckRecord, say Speaker) error {
	var known []bank.CheckRecord
	var rows []int
	for i, r := range records {
		if r.Course != "" {
			known, rows = append(known, r), append(rows, i)
		}
	}
	if len(known) == 0 {
		form.sortFaults()
		return nil
	}
	_, err := s.bank.ReadRecords(ctx, bank.CheckInput{Records: known, AsOf: form.AsOf})
	return form.takeFaults(err, rows, say)
}

// allRows says that the i-th result is that of the i-th row.
func allRows(n int) []int {
	rows := make([]int, n)
	for i := range rows {
		rows[i] = i
	}
	return rows
}

// takeFaults puts what the bank refuses beside the fields that it speaks of;
// rows are those of the results it was asked about. An error that speaks of
// none is handed on.
func (f *checkForm) takeFaults(err error, rows []int, say Speaker) error {
	var refusal *bank.Error
	defer f.sortFaults()
	if err == nil || !errors.As(err, &refusal) || refusal.Code != bank.Invalid || len(refusal.Fields) == 0 {
		return err
	}
	for _, fault := range refusal.Fields {
		message := FieldMessage(say, fault.Value, fault.Code, fault.Args)
		var result int
		var field string
		if n, _ := fmt.Sscanf(fault.Field, "records[%d].%s", &result, &field); n == 2 && result < len(rows) {
			f.fault(rows[result], rowField(field), message)
		} else if fault.Field == paramAsOf {
			f.Faults = append(f.Faults, formFault{Field: paramAsOf, Message: message})
		} else {
			return err
		}
	}
	return nil
}

// sortFaults puts the faults in the order of the page.
func (f *checkForm) sortFaults() {
	place := func(field string) int {
		for i, r := range f.Rows {
			if strings.HasSuffix(field, "-"+r.N) {
				return i
			}
		}
		return -1
	}
	slices.SortStableFunc(f.Faults, func(a, b formFault) int { return place(a.Field) - place(b.Field) })
}

// rowField is the field of a row in which a person mends what is wrong.
func rowField(field string) string {
	switch field {
	case "institution":
		return "school"
	case "grade", "scale":
		return "grade"
	case "completed_on":
		return "date"
	}
	return "course"
}

// showForm shows the page of the form with the form as it was filled in.
func (s *Server) showForm(c echo.Context, status int, form checkForm, blank int) error {
	form.pad(blank)
	view, err := s.homeView(c)
	if err != nil {
		return err
	}
	form.Schools = view.schools
	view.Form = form
	if form.Own {
		return s.render(c, status, "my_options", optionsView{Form: form})
	}
	return s.render(c, status, "home", view)
}
