package bank

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"creditbank/internal/credit"
)

// CourseForm is a version of a course as somebody typed it.
type CourseForm struct {
	Values   map[string]string   // by [CourseColumns]
	Outcomes []map[string]string // by competence, level and text; rows that are blank are left out
	Files    []string            // numbers of attachments of the course
}

// maxOutcomes is how many learning outcomes a version has at most.
const maxOutcomes = 60

// formColumns are what is typed of a version beside the columns of the file of courses.
func formColumns() []Column {
	return append(courseFileColumns(), Column{Name: "equipment"}, Column{Name: "assessment"})
}

// CourseColumns names what is typed of a version, in the order of the file of courses.
func CourseColumns() []string {
	var names []string
	for _, column := range formColumns() {
		names = append(names, column.Name)
	}
	return names
}

func outcomeColumns() []Column {
	return []Column{{Name: "competence"}, {Name: "level"}, {Name: "text"}}
}

// ReadCourse reads what was typed by the rules of the file of courses. It promises
// Invalid, naming each column that is wrong, and outcomes[N].COLUMN.
func (b *Bank) ReadCourse(ctx context.Context, f CourseForm) (CourseEdit, error) {
	e, faults, err := readCourseForm(b.reading(ctx), f)
	if err == nil && len(faults) > 0 {
		err = invalidFields(faults)
	}
	return e, err
}

func readCourseForm(read reading, f CourseForm) (CourseEdit, []FieldError, error) {
	known, err := knownInstitution(read, f.Values["institution"])
	if err != nil {
		return CourseEdit{}, nil, err
	}
	c := typedCells(formColumns(), f.Values, known)
	key, version := readCourse(c)
	e := CourseEdit{CourseKey: key.CourseKey, CourseVersion: version, Equipment: c.text("equipment", noteLength),
		Assessment: c.text("assessment", noteLength), Files: slices.Clone(f.Files)}
	faults := c.fields("")
	slices.Sort(e.Files)
	e.Files = slices.Compact(e.Files)
	for i, row := range f.Outcomes {
		o := typedCells(outcomeColumns(), row, nil)
		if !slices.ContainsFunc(o.row.Cells, func(s string) bool { return s != "" }) {
			continue
		}
		e.Outcomes = append(e.Outcomes, Outcome{Competence: o.needed("competence", nameLength), Level: o.number("level", 0, 1, 10), Text: o.text("text", noteLength)})
		faults = append(faults, o.fields(fmt.Sprintf("outcomes[%d].", i))...)
	}
	if len(e.Outcomes) > maxOutcomes {
		faults = append(faults, FieldError{Field: "outcomes", Code: "outcomes_many", Args: map[string]any{"Limit": maxOutcomes}})
	}
	return e, faults, nil
}

// Form is the version as somebody would type it.
func (e *CourseEdit) Form() CourseForm {
	f := CourseForm{Values: map[string]string{"equipment": e.Equipment, "assessment": e.Assessment}, Files: e.Files}
	columns := courseFileColumns()
	for i, cell := range e.CourseVersion.cells(e.Institution, e.Code) {
		f.Values[columns[i].Name] = cell
	}
	for _, o := range e.Outcomes {
		f.Outcomes = append(f.Outcomes, map[string]string{"competence": o.Competence, "level": shownNumber(o.Level, 0), "text": o.Text})
	}
	return f
}

// cells is a version as a row of the file of courses.
func (v *CourseVersion) cells(institution, code string) []string {
	return []string{institution, code, v.Name, v.NameEn, v.Credits.String(),
		shown(v.Hours, -1, credit.Hours.String), shown(v.PracticeHours, -1, credit.Hours.String),
		v.Category, shownNumber(v.Level, 0), v.From.String(), v.To.String(), v.Outline}
}

// FieldChange is what a field of a course said before and says now; of long texts,
// outcomes and files both are empty.
type FieldChange struct {
	Field string `json:"field"`
	Old   string `json:"old,omitempty"`
	New   string `json:"new,omitempty"`
	Added bool   `json:"added,omitempty"` // nothing stood there before, and nobody can have relied on it
}

// changedFields lists how one version differs from another, in the order of the form.
func changedFields(old, now *CourseEdit) []FieldChange {
	before, after := old.Form().Values, now.Form().Values
	for _, of := range []struct {
		values map[string]string
		edit   *CourseEdit
	}{{before, old}, {after, now}} {
		of.values["outcomes"] = outcomesText(of.edit.Outcomes)
		of.values["files"] = rowKey(of.edit.Files...)
	}
	var list []FieldChange
	for _, name := range append(CourseColumns(), "outcomes", "files") {
		if name == "institution" || name == "code" || name == "valid_from" || before[name] == after[name] {
			continue
		}
		change := FieldChange{Field: name, Old: before[name], New: after[name], Added: before[name] == "" && addedFreely(name)}
		if name == "files" {
			change.Added = !slices.ContainsFunc(old.Files, func(id string) bool { return !slices.Contains(now.Files, id) })
		}
		if isLong(name) {
			change.Old, change.New = "", ""
		}
		list = append(list, change)
	}
	return list
}

// isLong is for fields whose text no list shows.
func isLong(field string) bool {
	return slices.Contains([]string{"outline", "equipment", "assessment", "outcomes", "files"}, field)
}

// addedFreely is for fields that nothing is computed from: where one was blank, it may
// be filled in without changing what anybody relied on.
func addedFreely(field string) bool {
	return isLong(field) || field == "name_en" || field == "category" || field == "practice_hours"
}

// weighs says whether a change is one that those look at who relied on the course: not
// when it only adds, and not the name in English or the school's own category.
func weighs(changes []FieldChange) bool {
	return slices.ContainsFunc(changes, func(c FieldChange) bool {
		return !c.Added && c.Field != "name_en" && c.Field != "category"
	})
}

// onlyCompletes says whether changes may be made in a version that is relied on: they
// add what was not said, or say when it ends.
func onlyCompletes(changes []FieldChange) bool {
	return !slices.ContainsFunc(changes, func(c FieldChange) bool { return !c.Added && c.Field != "valid_to" })
}

// stampText is a count of changes as a stamp.
func stampText(n int) string { return strconv.Itoa(n) }

// CourseHeading reads a row as the heading of a table of courses, in either language;
// what is no column is empty. It says whether the row is one: most of it names columns.
func CourseHeading(row []string) (columns []string, is bool) {
	known := 0
	for _, cell := range row {
		i := slices.IndexFunc(courseFileColumns(), func(c Column) bool { return c.Name == strings.TrimSpace(cell) || c.Zh == strings.TrimSpace(cell) })
		name := ""
		if i >= 0 {
			name = courseFileColumns()[i].Name
			known++
		}
		columns = append(columns, name)
	}
	return columns, known*2 > len(row)
}
