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

// rowsOf is a table of a form: rows of fields whose names have their number behind them.
type rowsOf struct {
	name   string            // as the bank names it
	count  string            // the field that says how many rows there are
	fields map[string]string // by the bank's columns: what the field is called before its number
	order  []string          // the bank's columns in the order of the page
	more   int               // blank rows that are added at a time
	most   int
}

// programmeTables are the tables of the form of a programme.
func programmeTables() []rowsOf {
	return []rowsOf{
		{"groups", "group-rows", map[string]string{"code": "gcode", "name": "gname", "min_credits": "gmin"}, bank.GroupColumns(), 2, 60},
		{"plan", "plan-rows", map[string]string{"group": "pgroup", "course": "pcourse", "required": "prequired", "never_exempt": "pnever"}, bank.PlanColumns(), 5, 400},
	}
}

func (r rowsOf) rows(f form) int {
	n, err := strconv.Atoi(f.Get(r.count))
	if err != nil {
		return 0
	}
	return min(max(n, 0), r.most)
}

func (r rowsOf) field(column string, i int) string { return fieldAt(r.fields[column], i) }

// read takes the rows out of what was sent.
func (r rowsOf) read(c echo.Context, f *form) {
	for i := range r.rows(*f) {
		for _, column := range r.order {
			f.Values.Set(r.field(column, i), clean(c.FormValue(r.field(column, i))))
		}
	}
}

// typed are the rows as the bank reads them.
func (r rowsOf) typed(f form) []map[string]string {
	list := make([]map[string]string, r.rows(f))
	for i := range list {
		list[i] = map[string]string{}
		for _, column := range r.order {
			list[i][column] = f.Get(r.field(column, i))
		}
	}
	return list
}

// show puts rows into a form, with blank ones behind.
func (r rowsOf) show(f *form, rows []map[string]string) {
	for i, row := range rows {
		for column, value := range row {
			f.Values.Set(r.field(column, i), value)
		}
	}
	f.Values.Set(r.count, strconv.Itoa(min(len(rows)+r.more, r.most)))
}

// names are the fields of all rows in the order of the page.
func (r rowsOf) names(f form) []string {
	var list []string
	for i := range r.rows(f) {
		for _, column := range r.order {
			list = append(list, r.field(column, i))
		}
	}
	return append(list, r.name)
}

// programmeLines are the fields of one line, in the order of the page.
func programmeLines() []string { return bank.ProgrammeColumns() }

// readProgrammeFields reads what was sent of a programme; rows pasted from a
// spreadsheet come behind the others.
func readProgrammeFields(c echo.Context) form {
	f := readFields(c, append(programmeLines(), "stamp", "seen", "find", "group-rows", "plan-rows")...)
	f.showCode()
	for _, table := range programmeTables() {
		table.read(c, &f)
	}
	if pasted := pastedPlan(cleanLines(c.FormValue("paste"))); len(pasted) > 0 {
		table := programmeTables()[1]
		kept := slices.DeleteFunc(table.typed(f), func(row map[string]string) bool { return row["group"]+row["course"] == "" })
		table.show(&f, slices.Concat(kept, pasted))
	}
	return f
}

// pastedPlan reads rows of group, course, required and never_exempt.
func pastedPlan(text string) []map[string]string {
	var rows []map[string]string
	for _, line := range strings.Split(text, "\n") {
		cells := strings.FieldsFunc(line, func(r rune) bool { return r == '\t' })
		if !strings.Contains(line, "\t") {
			cells = strings.FieldsFunc(line, func(r rune) bool { return r == ',' || r == '，' })
		}
		row := map[string]string{}
		for i, column := range bank.PlanColumns() {
			if i < len(cells) {
				row[column] = strings.TrimSpace(cells[i])
			}
		}
		if row["group"] != "" {
			rows = append(rows, row)
		}
	}
	return rows
}

// programmeForm is what was sent, as the bank reads it.
func programmeForm(f form, institution, code string) bank.ProgrammeForm {
	out := bank.ProgrammeForm{Values: map[string]string{}}
	for _, name := range programmeLines() {
		out.Values[name] = f.Get(name)
	}
	out.Values["institution"] = institution
	if code != "" {
		out.Values["code"] = code
	}
	out.Groups, out.Plan = programmeTables()[0].typed(f), programmeTables()[1].typed(f)
	return out
}

// formOfProgramme shows a programme for editing.
func formOfProgramme(in bank.ProgrammeForm, stamp string) form {
	f := form{Values: url.Values{"stamp": {stamp}}}
	for name, value := range in.Values {
		f.Values.Set(name, value)
	}
	programmeTables()[0].show(&f, in.Groups)
	programmeTables()[1].show(&f, in.Plan)
	return f
}

// programmeFields are all fields of the form in the order of the page, for its faults.
func programmeFields(f form) []string {
	fields := programmeLines()
	for _, table := range programmeTables() {
		fields = append(fields, table.names(f)...)
	}
	return fields
}

// namedInTables names the fields of a refusal as the form calls them.
func namedInTables(err error) error {
	return fieldsNamed(err, func(field string) string {
		for _, table := range programmeTables() {
			var row int
			var column string
			if n, _ := fmt.Sscanf(field, table.name+"[%d].%s", &row, &column); n == 2 && table.fields[column] != "" {
				return table.field(column, row)
			}
		}
		return field
	})
}
