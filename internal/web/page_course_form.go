package web

import (
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"creditbank/internal/bank"
)

// outcomeRow is a row of learning outcomes in a form.
type outcomeRow struct {
	N    int
	Form form
}

// outcomeFields are what such a row has; in the form each stands with its number behind it.
func outcomeFields() []string { return []string{"competence", "level", "text"} }

// longFields are the texts of a course that have several lines.
func longFields() []string { return []string{"outline", "equipment", "assessment"} }

// lineFields are the texts of one line, in the order of the page.
func lineFields() []string {
	return slices.DeleteFunc(bank.CourseColumns(), func(name string) bool {
		return name == "institution" || slices.Contains(longFields(), name)
	})
}

const (
	moreOutcomes = 3
	mostOutcomes = 60 // what the bank takes
)

// readCourseFields reads what was sent of a course.
func readCourseFields(c echo.Context) form {
	f := readFields(c, append(lineFields(), "stamp", "seen", "rows")...)
	f.showCode()
	for _, name := range longFields() {
		f.Values.Set(name, cleanText(strings.ReplaceAll(c.FormValue(name), "\r\n", "\n")))
	}
	for i := range outcomeCount(f) {
		for _, name := range outcomeFields() {
			field := fieldAt(name, i)
			f.Values.Set(field, clean(c.FormValue(field)))
		}
	}
	if values, err := c.FormParams(); err == nil {
		f.Values["file"] = values["file"]
	}
	return f
}

// showCode lets a page show the code of a course or programme again, which is no secret.
func (f *form) showCode() {
	f.Again = []string{"code"}
	f.Values.Set("code", clean(f.Get("code")))
}

func fieldAt(name string, i int) string { return name + "-" + strconv.Itoa(i) }

func outcomeCount(f form) int {
	rows, err := strconv.Atoi(f.Get("rows"))
	if err != nil {
		return 0
	}
	return min(max(rows, 0), mostOutcomes)
}

// courseForm is what was sent, as the bank reads it.
func courseForm(f form, institution, code string) bank.CourseForm {
	out := bank.CourseForm{Values: map[string]string{}, Files: f.Values["file"]}
	for _, name := range bank.CourseColumns() {
		out.Values[name] = f.Get(name)
	}
	out.Values["institution"] = institution
	if code != "" {
		out.Values["code"] = code
	}
	for i := range outcomeCount(f) {
		row := map[string]string{}
		for _, name := range outcomeFields() {
			row[name] = f.Get(fieldAt(name, i))
		}
		out.Outcomes = append(out.Outcomes, row)
	}
	return out
}

// formOfCourse shows a version for editing.
func formOfCourse(in bank.CourseForm, stamp string) form {
	f := form{Values: url.Values{"file": in.Files, "stamp": {stamp}, "rows": {strconv.Itoa(min(len(in.Outcomes)+moreOutcomes, mostOutcomes))}}}
	for name, value := range in.Values {
		f.Values.Set(name, value)
	}
	for i, row := range in.Outcomes {
		for name, value := range row {
			f.Values.Set(fieldAt(name, i), value)
		}
	}
	return f
}

// outcomeRows are the rows of the form.
func outcomeRows(f form) []outcomeRow {
	rows := make([]outcomeRow, outcomeCount(f))
	for i := range rows {
		rows[i] = outcomeRow{i, f}
	}
	return rows
}

// One is the number of the row as people count.
func (r outcomeRow) One() int { return r.N + 1 }

// Name is the name of a field of the row.
func (r outcomeRow) Name(field string) string { return fieldAt(field, r.N) }

// courseFields are all fields of the form in the order of the page, for its faults.
func courseFields(f form) []string {
	fields := append(lineFields(), longFields()...)
	for i := range outcomeCount(f) {
		for _, name := range outcomeFields() {
			fields = append(fields, fieldAt(name, i))
		}
	}
	return append(fields, "outcomes", "files")
}

// namedAsTyped names the fields of a refusal as the form calls them.
func namedAsTyped(err error) error {
	return fieldsNamed(err, func(field string) string {
		var row int
		var part string
		if n, _ := fmt.Sscanf(field, "outcomes[%d].%s", &row, &part); n == 2 {
			return fieldAt(part, row)
		}
		return field
	})
}

// touchMark says in short what a change touches: whoever saves has seen it.
func touchMark(t bank.Touch) string {
	mark := fmt.Sprintf("%d-%d", len(t.Programmes), t.Learners)
	for _, r := range t.Rules {
		mark += fmt.Sprintf("-%s@%d", r.RuleRef.Code, r.Version)
	}
	return mark
}
