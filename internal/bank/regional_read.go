package bank

import (
	"database/sql"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"creditbank/internal/calendar"
	"creditbank/internal/transfer"
)

// regionalRow is one row as it is read.
type regionalRow struct {
	cells   *cells
	learner regionalLearner
	key     recordKey // of a result that is there; else with the reference that it would have
	value   Record
	month   string
	course  string            // the course as the row names it: by name, or by code
	use     *regionalUse      // nil: a result at the own school
	soft    map[string]string // what it says in the columns that it has
}

// regionalReader reads rows of files of a regional credit bank.
type regionalReader struct {
	world  *regionalWorld
	people *regionalPeople
	scales scales
	named  map[string][]string             // institutions by what they are called
	taught map[transfer.CourseKey][]string // courses by institution and what they are called
}

func (r *importRun) regionalReader(kind string) (*regionalReader, error) {
	world, err := readRegionalWorld(r.each, kind)
	if err != nil {
		return nil, err
	}
	people, err := r.regionalPeople()
	if err != nil {
		return nil, err
	}
	marks, err := storedMarks(r.tx)
	if err != nil {
		return nil, err
	}
	rr := &regionalReader{world, people, newScales(marks), map[string][]string{}, map[transfer.CourseKey][]string{}}
	for _, in := range world.institutions {
		for _, name := range []string{in.Code, in.Name, in.NameEn} {
			addOnce(rr.named, normalName(name), in.Code)
		}
	}
	for k, versions := range world.courses {
		for _, v := range versions {
			addOnce(rr.taught, transfer.CourseKey{Institution: k.Institution, Code: normalName(v.Name)}, k.Code)
		}
	}
	return rr, nil
}

func addOnce[K comparable](lists map[K][]string, key K, value string) {
	if !slices.Contains(lists[key], value) {
		lists[key] = append(lists[key], value)
	}
}

// read reads a row as far as it goes without the results there are.
func (rr *regionalReader) read(c *cells) (*regionalRow, error) {
	row := &regionalRow{cells: c, soft: map[string]string{}}
	var err error
	if row.learner, err = rr.people.find(c); err != nil {
		return nil, err
	}
	own := rr.world.kind == RegionalCourses
	row.value = Record{Learner: row.learner.account, Kind: transfer.KindCourse, Grade: c.text("grade", codeLength), Score: -1, Passed: true,
		Credits: c.amount("credits", -1, false), Hours: c.hours("hours"), Completed: rr.month(c, "earned")}
	row.month = monthOf(row.value.Completed)
	if own {
		row.key.Institution, row.course = row.learner.Institution, c.needed("course_name", nameLength)
		if row.learner.account != "" && row.key.Institution == "" {
			c.fault("student_number", "", "no_school", nil)
		}
	} else {
		row.key.Institution, row.course = rr.institution(c, "source_institution"), c.needed("source_course", nameLength)
		row.use = rr.use(c, row)
	}
	if rr.world.kind == RegionalCertificates {
		row.certificate(c)
	}
	rr.grade(c, &row.value)
	for _, column := range regionalSoft(rr.world.kind) {
		rr.softCell(c, row, column)
	}
	rr.code(c, "source_kind")
	return row, nil
}

// certificate makes the result a certificate, or what else its type says. Credits and
// hours of 0 stand for none.
func (row *regionalRow) certificate(c *cells) {
	v := &row.value
	v.Kind = "certificate"
	for _, kind := range RecordKinds() {
		if isCertificate(kind) && choiceName(kind) == c.raw("certificate_type") {
			v.Kind = kind
		}
	}
	if v.Credits == 0 {
		v.Credits = -1
	}
	if v.Hours == 0 {
		v.Hours = -1
	}
	if level, err := strconv.Atoi(c.raw("certificate_level")); err == nil && level >= 1 && level <= 10 {
		v.Level = level
	}
}

// institution reads a cell that must name an institution of the bank, by its name or code.
func (rr *regionalReader) institution(c *cells, column string) string {
	name := c.needed(column, nameLength)
	if name == "" {
		return ""
	}
	switch found := rr.named[normalName(name)]; len(found) {
	case 0:
		c.fault(column, name, "unknown_issuer", nil)
	case 1:
		return found[0]
	default:
		c.fault(column, name, "several_issuers", map[string]any{"Codes": strings.Join(slices.Sorted(slices.Values(found)), ", ")})
	}
	return ""
}

// use reads where the result was converted to.
func (rr *regionalReader) use(c *cells, row *regionalRow) *regionalUse {
	u := &regionalUse{booked: true, credits: c.amount("target_credits", 0, true), on: rr.month(c, "converted")}
	school := c.needed("school_code", codeLength)
	if school == "" {
		return u
	}
	institution, known := rr.world.codes.schoolNamed(school, rr.world.institutions)
	if !known {
		c.fault("school_code", school, "unknown_institution", nil)
		return u
	}
	u.to = transfer.ProgrammeKey{Institution: institution, Code: rr.programme(c, institution, row)}
	if u.course = c.needed("target_course", courseLength); u.course == "" {
		return u
	}
	if _, known := rr.world.courses[transfer.CourseKey{Institution: institution, Code: u.course}]; !known {
		c.fault("target_course", u.course, "unknown_course", map[string]any{"Institution": institution})
	}
	if u.on != calendar.None && row.value.Completed != calendar.None && u.on < row.value.Completed {
		c.fault("converted", c.raw("converted"), "converted_early", nil)
	}
	return u
}

// programme is the programme of a school that a row names, or the learner's own there.
func (rr *regionalReader) programme(c *cells, institution string, row *regionalRow) string {
	own := row.learner.ProgrammeKey
	name := c.raw("target_programme")
	if own.Institution == institution && own.Code != "" && (name == "" || name == own.Code || normalName(name) == normalName(rr.world.programmes[own].Name)) {
		return own.Code
	}
	var found []string
	for k, p := range rr.world.programmes {
		if k.Institution == institution && name != "" && (k.Code == name || normalName(p.Name) == normalName(name)) {
			found = append(found, k.Code)
		}
	}
	switch {
	case len(found) == 1:
		return found[0]
	case row.learner.account == "":
	case name == "":
		c.fault("target_programme", "", "required", nil)
	case len(found) == 0:
		c.fault("target_programme", name, "unknown_programme_name", map[string]any{"Institution": institution})
	default:
		c.fault("target_programme", name, "several_programmes", map[string]any{"Codes": strings.Join(slices.Sorted(slices.Values(found)), ", ")})
	}
	return ""
}

// grade refuses grades that are no pass, as no such file holds one, and values others.
func (rr *regionalReader) grade(c *cells, v *Record) {
	switch {
	case v.Grade == "" && graded(v.Kind):
		c.fault("grade", "", "required", nil)
	case v.Grade == "" || v.Completed == calendar.None:
	case noRow(v) == "exempt":
		c.fault("grade", v.Grade, "grade_exempt", nil)
	default:
		mark, scale, fault := rr.scales.mark("", v.Grade, v.Completed)
		switch {
		case fault != "":
			c.fault("grade", v.Grade, "grade_of_none", nil)
		case !mark.Passed:
			c.fault("grade", v.Grade, "grade_failed", nil)
		}
		v.Score, v.Passed, v.Scale = mark.Score, mark.Passed, scale
	}
}

// courseOf is the course that a row means of the issuer's. Where several have the name,
// credits and hours tell them apart, or that one is in the plan of the learner's programme.
func (r *regionalRun) courseOf(row *regionalRow) (string, error) {
	c, column, in := row.cells, row.courseColumn(), row.key.Institution
	if _, known := r.world.courses[transfer.CourseKey{Institution: in, Code: row.course}]; known {
		return row.course, nil
	}
	found := slices.Sorted(slices.Values(r.taught[transfer.CourseKey{Institution: in, Code: normalName(row.course)}]))
	meant := found
	if len(found) > 1 {
		planned, err := r.planned(transfer.ProgrammeKey{Institution: in, Code: row.learner.Code})
		if err != nil {
			return "", err
		}
		for _, fits := range []func(code string) bool{
			func(code string) bool { return planned[code] },
			func(code string) bool { return r.version(row, code).Credits == row.value.Credits },
			func(code string) bool { return r.version(row, code).Hours == row.value.Hours },
		} {
			if fewer := slices.DeleteFunc(slices.Clone(meant), func(code string) bool { return !fits(code) }); len(fewer) > 0 {
				meant = fewer
			}
		}
	}
	switch len(meant) {
	case 0:
		c.fault(column, row.course, "unknown_course_name", map[string]any{"Institution": in})
	case 1:
		return meant[0], nil
	default:
		c.fault(column, row.course, "several_courses", map[string]any{"Codes": strings.Join(found, ", ")})
	}
	return "", nil
}

// version is what a course was when the row's result was earned.
func (r *regionalRun) version(row *regionalRow, code string) CourseVersion {
	v, _ := versionOn(r.world.courses[transfer.CourseKey{Institution: row.key.Institution, Code: code}], row.value.Completed)
	return v
}

// planned are the courses in the plan of a programme.
func (r *regionalRun) planned(k transfer.ProgrammeKey) (map[string]bool, error) {
	return readMap(r.tx, `SELECT course FROM plan_course WHERE institution = $1 AND programme = $2`, func(rows *sql.Rows) (course string, planned bool, err error) {
		err = rows.Scan(&course)
		return course, true, err
	}, k.Institution, k.Code)
}

func (row *regionalRow) courseColumn() string {
	if row.use == nil {
		return "course_name"
	}
	return "source_course"
}

// softCell reads a cell of which the bank keeps what it cannot say itself.
func (rr *regionalReader) softCell(c *cells, row *regionalRow, column string) {
	if _, has := c.run.at[column]; !has {
		return
	}
	switch {
	case regionalList(column) != "":
		row.soft[column] = rr.code(c, column)
	case column == "class_year":
		text := c.raw(column)
		if text != "" && !classYear.MatchString(text) {
			c.fault(column, text, "class_year", nil)
		}
		row.soft[column] = strings.TrimSuffix(text, "届")
	case column == "note":
		row.soft[column] = c.text(column, noteLength)
		c.hush("note")
	default:
		row.soft[column] = c.text(column, nameLength)
	}
}

// classYear is a year of leaving: 2026, 2026届.
var classYear = regexp.MustCompile(`^(19|20)[0-9]{2}届?$`)

// code reads a cell with a code, of either set, or its name, and gives the word.
func (rr *regionalReader) code(c *cells, column string) string {
	text := c.short(column, codeLength)
	if text == "" {
		return ""
	}
	words, known := rr.world.codes.list(rr.world.kind, regionalList(column))
	text, there := c.listed(column, text, known)
	if !there {
		c.fault(column, text, "regional_code", map[string]any{"Codes": strings.Join(rr.world.codes.shown(rr.world.kind, regionalList(column)), "、")})
	}
	return words[text]
}

// monthForm is a month as these files write it, and as hands do.
var monthForm = regexp.MustCompile(`^((?:19|20)[0-9]{2})(?:[-/]|年)?(0?[1-9]|1[0-2])月?$`)

// month reads a month: its first day stands for it, or the day where the cell has one.
func (rr *regionalReader) month(c *cells, column string) calendar.Day {
	text := c.raw(column)
	if text == "" {
		c.fault(column, "", "required", nil)
		return calendar.None
	}
	day, known := c.row.countedDay(text)
	if m := monthForm.FindStringSubmatch(text); !known && m != nil {
		text = m[1] + "-" + strings.Repeat("0", 2-len(m[2])) + m[2] + "-01"
	}
	if !known {
		var err error
		if day, err = calendar.Parse(text); err != nil {
			c.fault(column, text, "month", nil)
			return calendar.None
		}
	}
	if monthOf(day) > monthOf(calendar.Of(c.run.now)) {
		c.fault(column, text, "future", nil)
		return calendar.None
	}
	return min(day, calendar.Of(c.run.now))
}

// differs is the first column in which a row says something else of a result than the
// bank; empty: none. What the row leaves blank it does not say.
func (row *regionalRow) differs(r *regionalResult) string {
	switch given := row.value; {
	case given.Grade != r.value.Grade:
		return "grade"
	case given.Credits >= 0 && given.Credits != r.credits:
		return "credits"
	case given.Hours >= 0 && given.Hours != r.hours:
		return "hours"
	}
	return ""
}
