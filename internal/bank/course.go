package bank

import (
	"cmp"
	"database/sql"
	"fmt"

	"creditbank/internal/calendar"
	"creditbank/internal/credit"
	"creditbank/internal/transfer"
)

// CourseVersion is one dated version of a course.
type CourseVersion struct {
	Name          string
	NameEn        string
	Credits       credit.Amount
	Hours         credit.Hours // -1: not given
	PracticeHours credit.Hours // -1: not given
	Category      string
	Level         int          // 1..10, 0: not given
	From, To      calendar.Day // calendar.None: open
	Outline       string
}

// versionKey names a version of a course by its first day.
type versionKey struct {
	transfer.CourseKey
	From calendar.Day
}

func courseFileColumns() []Column {
	return []Column{
		{"institution", "机构代码", true}, {"code", "课程代码", true}, {"name", "课程名称", true}, {"name_en", "英文名称", false},
		{"credits", "学分", true}, {"hours", "学时", false}, {"practice_hours", "实践学时", false}, {"category", "课程类别", false},
		{"level", "资历等级", false}, {"valid_from", "生效日期", false}, {"valid_to", "失效日期", false}, {"outline", "课程大纲", false},
	}
}

var courseFile = kind{
	name:    "courses",
	columns: courseFileColumns(),
	take: func(r *importRun) error {
		if _, err := r.refs(); err != nil {
			return err
		}
		return r.takeCourses()
	},
	give: giveRows(selectCourses+` ORDER BY institution, course, valid_from IS NOT NULL, valid_from`, func(rows *sql.Rows) ([]string, error) {
		k, v, err := scanCourse(rows)
		return v.cells(k.Institution, k.Code), err
	}),
	mapped: true,
}

const selectCourses = `SELECT institution, course, coalesce(valid_from, -2147483648), coalesce(valid_to, -2147483648), name, name_en,
	credits, coalesce(hours, -1), coalesce(practice_hours, -1), category, coalesce(level, 0), outline FROM course_version`

func scanCourse(rows *sql.Rows) (versionKey, CourseVersion, error) {
	var k versionKey
	var v CourseVersion
	err := rows.Scan(&k.Institution, &k.Code, &v.From, &v.To, &v.Name, &v.NameEn, &v.Credits, &v.Hours, &v.PracticeHours,
		&v.Category, &v.Level, &v.Outline)
	k.From = v.From
	return k, v, err
}

func storedCourses(t *tx) (map[versionKey]CourseVersion, error) {
	return readMap(t, selectCourses, scanCourse)
}

func readCourse(c *cells) (versionKey, CourseVersion) {
	var k versionKey
	k.Institution, k.Code = c.institution("institution", true), c.needed("code", courseLength)
	v := CourseVersion{
		Name: c.needed("name", nameLength), NameEn: c.text("name_en", nameLength), Credits: c.amount("credits", 0, true),
		Hours: c.hours("hours"), PracticeHours: c.hours("practice_hours"), Category: c.text("category", codeLength),
		Level: c.number("level", 0, 1, 10), Outline: c.text("outline", outlineLength),
	}
	v.From, v.To = c.window()
	if v.Hours >= 0 && v.PracticeHours > v.Hours {
		c.fault("practice_hours", c.raw("practice_hours"), "practice_hours", nil)
	}
	k.From = v.From
	return k, v
}

var courseColumns = []string{"institution", "course", "seq", "valid_from", "valid_to", "name", "name_en", "credits", "hours",
	"practice_hours", "category", "level", "outline"}

// insertCourses adds new courses and new versions of known ones. The number of
// a version follows its first day within the file.
func (r *importRun) insertCourses(t *tx, added []keyed[versionKey, CourseVersion]) error {
	next, err := t.lastVersions()
	if err != nil {
		return err
	}
	sortKeyed(added, func(a, b versionKey) int {
		return cmp.Or(cmp.Compare(a.Institution, b.Institution), cmp.Compare(a.Code, b.Code), cmp.Compare(a.From, b.From))
	})
	var courses, versions [][]any
	for _, k := range added {
		key, v := k.key.CourseKey, k.value
		if next[key] == 0 {
			courses = append(courses, []any{key.Institution, key.Code})
		}
		next[key]++
		versions = append(versions, versionRow(key, next[key], v))
	}
	if err := t.insert("course", []string{"institution", "code"}, courses); err != nil {
		return err
	}
	return t.insert("course_version", courseColumns, versions)
}

// versionRow is a version in the order of courseColumns.
func versionRow(k transfer.CourseKey, seq int, v CourseVersion) []any {
	return []any{k.Institution, k.Code, seq, dayOrNil(v.From), dayOrNil(v.To), v.Name, v.NameEn, v.Credits,
		orNil(v.Hours, -1), orNil(v.PracticeHours, -1), v.Category, orNil(v.Level, 0), v.Outline}
}

func (t *tx) lastVersions() (map[transfer.CourseKey]int, error) {
	last := map[transfer.CourseKey]int{}
	err := t.each(func(rows *sql.Rows) error {
		var key transfer.CourseKey
		var seq int
		err := rows.Scan(&key.Institution, &key.Code, &seq)
		last[key] = seq
		return err
	}, `SELECT institution, course, max(seq) FROM course_version GROUP BY institution, course`)
	return last, err
}

func updateCourse(t *tx, k keyed[versionKey, CourseVersion]) error {
	v := k.value
	err := t.exec(`UPDATE course_version SET valid_to = $1, name = $2, name_en = $3, credits = $4, hours = $5, practice_hours = $6,
		category = $7, level = $8, outline = $9 WHERE institution = $10 AND course = $11 AND coalesce(valid_from, -2147483648) = $12`,
		dayOrNil(v.To), v.Name, v.NameEn, v.Credits, orNil(v.Hours, -1), orNil(v.PracticeHours, -1), v.Category,
		orNil(v.Level, 0), v.Outline, k.key.Institution, k.key.Code, k.key.From)
	if err != nil {
		return fmt.Errorf("course %s:%s: %w", k.key.Institution, k.key.Code, err)
	}
	return nil
}
