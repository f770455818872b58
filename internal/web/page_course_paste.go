package web

import (
	"encoding/csv"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"creditbank/internal/bank"
)

// pastePage takes courses as they were copied out of a spreadsheet.
type pastePage struct {
	courseDesk
	Columns []string // of the rows, in this order where they have no heading
	Rows    []pasteRow
	Shown   []string // the columns that the preview shows
	Good    int
	Bad     int
	Touched int    // of the good ones, those that touch something
	Mark    string // what the preview says: whoever saves has seen it
	Saved   int    // that were just saved
	Limit   int
}

// pasteRow is a row with what saving it comes to.
type pasteRow struct {
	N      int
	Cells  []pasteCell
	Made   string // empty: something is wrong
	Saved  bank.CourseSaved
	Faults []string // that stand at no cell of the preview
}

// pasteCell is a cell of a row.
type pasteCell struct{ Column, Value, Fault string }

// pasteColumns are what is pasted, in the order of the file of courses.
func pasteColumns() []string {
	return slices.DeleteFunc(bank.CourseColumns(), func(name string) bool {
		return name == "institution" || name == "equipment" || name == "assessment"
	})
}

// pasteCourses shows the page, and takes what is pasted.
func (s *Server) pasteCourses(c echo.Context) error {
	d, _, err := s.courseDesk(c)
	if err != nil {
		return err
	}
	if d.At.Code == "" {
		return echo.ErrNotFound
	}
	p := pastePage{courseDesk: d, Columns: pasteColumns(), Limit: bank.MaxCourseRows}
	p.Form = form{Values: map[string][]string{"rows": {cleanLines(c.FormValue("rows"))}}}
	if c.Request().Method == http.MethodPost {
		return s.takePaste(c, p)
	}
	return s.render(c, http.StatusOK, "school_courses_paste", p)
}

// takePaste shows what saving would come to, or saves what is good as it was shown.
// What is not good stays in the form.
func (s *Server) takePaste(c echo.Context, p pastePage) error {
	ctx, actor, say := c.Request().Context(), actorOf(c), s.speaker(c)
	table, faults := readPaste(p.Form.Get("rows"))
	if len(faults) > 0 {
		return s.refuse(c, invalid(faults...), &p.Form, "school_courses_paste", &p, "rows")
	}
	trials, err := s.bank.TryCourses(ctx, actor, p.At.Code, table.forms)
	if err != nil {
		return s.refuse(c, err, &p.Form, "school_courses_paste", &p, "rows")
	}
	p.preview(say, table, trials)
	if c.FormValue("save") == "" || c.FormValue("seen") != p.Mark || p.Good == 0 {
		return s.render(c, http.StatusOK, "school_courses_paste", p)
	}
	var good []bank.CourseEdit
	var left []string
	for i, t := range trials {
		if len(t.Faults) == 0 {
			good = append(good, t.Edit)
		} else {
			left = append(left, table.lines[i])
		}
	}
	if _, err := s.bank.SaveCourses(ctx, actor, good, bank.AnyStamp); err != nil {
		return err
	}
	if len(left) == 0 {
		return after(c, p.List, "courses_saved")
	}
	return s.pasteLeft(c, p, table, left, len(good))
}

// pasteLeft shows the rows that were not saved, to be mended.
func (s *Server) pasteLeft(c echo.Context, p pastePage, table pasted, left []string, saved int) error {
	text := strings.Join(append(slices.Clone(table.heading), left...), "\n")
	p = pastePage{courseDesk: p.courseDesk, Columns: p.Columns, Limit: p.Limit, Saved: saved}
	p.Form = form{Values: map[string][]string{"rows": {text}}}
	rest, _ := readPaste(text)
	trials, err := s.bank.TryCourses(c.Request().Context(), actorOf(c), p.At.Code, rest.forms)
	if err != nil {
		return err
	}
	p.preview(s.speaker(c), rest, trials)
	return s.render(c, http.StatusOK, "school_courses_paste", p)
}

// preview words what saving comes to, row by row and cell by cell.
func (p *pastePage) preview(say Speaker, table pasted, trials []bank.CourseTrial) {
	p.Shown = table.columns
	for i, t := range trials {
		row := pasteRow{N: i + 1, Saved: t.Saved, Made: t.Saved.Made}
		for _, column := range table.columns {
			row.Cells = append(row.Cells, pasteCell{Column: column, Value: table.forms[i].Values[column]})
		}
		for _, f := range t.Faults {
			row.fault(f.Field, FieldMessage(say, f.Value, f.Code, f.Args))
		}
		if len(t.Faults) > 0 {
			row.Made = ""
			p.Bad++
		} else {
			p.Good++
			p.Mark += fmt.Sprint(i, t.Saved.Made, touchMark(t.Saved.Touch), " ")
			if !t.Saved.Touch.Nothing() {
				p.Touched++
			}
		}
		p.Rows = append(p.Rows, row)
	}
}

func (r *pasteRow) fault(column, message string) {
	for i := range r.Cells {
		if r.Cells[i].Column == column {
			r.Cells[i].Fault = message
			return
		}
	}
	r.Faults = append(r.Faults, message)
}

// pasted is a pasted table.
type pasted struct {
	columns []string
	heading []string // the line of the heading, if there is one
	lines   []string // of the rows
	forms   []bank.CourseForm
}

// readPaste reads rows that are separated by tabs, as spreadsheets copy them, or by
// commas. A first row with the names of columns says which they are.
func readPaste(text string) (p pasted, faults []bank.FieldError) {
	separator := ','
	if strings.Contains(text, "\t") {
		separator = '\t'
	}
	r := csv.NewReader(strings.NewReader(text))
	r.Comma, r.LazyQuotes, r.FieldsPerRecord = separator, true, -1
	records, err := r.ReadAll()
	records = slices.DeleteFunc(records, func(record []string) bool { return strings.TrimSpace(strings.Join(record, "")) == "" })
	if err != nil {
		return p, []bank.FieldError{{Field: "rows", Code: "quotes"}}
	}
	if len(records) == 0 {
		return p, []bank.FieldError{{Field: "rows", Code: "required"}}
	}
	p.columns = pasteColumns()
	if columns, is := bank.CourseHeading(records[0]); is {
		p.heading, p.columns, records = []string{written(separator, records[0])}, columns, records[1:]
	}
	if at := slices.Index(p.columns, ""); at >= 0 {
		return p, []bank.FieldError{{Field: "rows", Value: shortened(p.heading[0]), Code: "unknown_column", Args: map[string]any{"Known": strings.Join(pasteColumns(), ", ")}}}
	}
	for _, record := range records {
		f := bank.CourseForm{Values: map[string]string{}}
		for i, cell := range record[:min(len(record), len(p.columns))] {
			f.Values[p.columns[i]] = strings.TrimSpace(cell)
		}
		p.forms, p.lines = append(p.forms, f), append(p.lines, written(separator, record))
	}
	return p, nil
}

// written is a row as it would be pasted.
func written(separator rune, record []string) string {
	var out strings.Builder
	w := csv.NewWriter(&out)
	w.Comma = separator
	_ = w.Write(record) // into memory
	w.Flush()
	return strings.TrimSuffix(out.String(), "\n")
}
