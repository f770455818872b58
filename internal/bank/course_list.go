package bank

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"

	"creditbank/internal/calendar"
	"creditbank/internal/transfer"
)

// What a course is today, to narrow a list by.
const (
	CourseCurrent = "current" // a version is in force
	CourseComing  = "coming"  // all versions begin later
	CourseEnded   = "ended"   // the last version has ended
)

// CourseStates lists them.
func CourseStates() []string { return []string{CourseCurrent, CourseComing, CourseEnded} }

// CourseSorts lists what the courses of a school can be sorted by; with a minus before
// it, from the other end.
func CourseSorts() []string {
	return []string{"code", "name", "credits", "hours", "level", "category", "valid_from"}
}

// CourseQuery says which courses of an institution are listed; empty fields do not narrow.
type CourseQuery struct {
	Institution string
	Q           string // words of a name, pinyin initials or a code
	State       string // one of CourseStates
	Category    string
	Sort        string // one of CourseSorts; empty: the best first, or by code
}

// CourseList lists the courses of an institution. It promises Invalid for a foreign cursor.
func (s *Snapshot) CourseList(q CourseQuery, w Window, today calendar.Day) (Page[CourseInfo], error) {
	found := s.courseNumbers(q, today)
	return cut(found, w, func(n int32) CourseInfo { return s.courseHead(n, today) })
}

func (s *Snapshot) courseNumbers(q CourseQuery, today calendar.Day) []int32 {
	at, known := s.Map.InstitutionNumber(q.Institution)
	if !known {
		return nil
	}
	from, to := s.Map.CoursesOf(at)
	found := s.index[findCourses].find(q.Q, func(n int32) bool {
		return n >= from && n < to && (q.State == "" || s.courseState(n, today) == q.State) && (q.Category == "" || s.category(s.currentVersion(n, today)) == q.Category)
	})
	s.sortCourses(found, q.Sort, today)
	return found
}

// currentVersion is the number of the version in force on a day, else of the first.
func (s *Snapshot) currentVersion(course int32, on calendar.Day) int32 {
	from, to := s.Map.CourseVersions(course)
	current := from
	for n := from; n < to; n++ {
		if first := s.Map.VersionAt(n).From; first == calendar.None || first <= on {
			current = n
		}
	}
	return current
}

func (s *Snapshot) category(version int32) string { return s.texts.At(s.versions[version].category) }

func (s *Snapshot) courseState(course int32, today calendar.Day) string {
	v := s.Map.VersionAt(s.currentVersion(course, today))
	switch {
	case v.From != calendar.None && v.From > today:
		return CourseComing
	case v.To != calendar.None && v.To < today:
		return CourseEnded
	}
	return CourseCurrent
}

// courseKey is what a course is sorted by: a number, or a text; then its place.
type courseKey struct {
	number        int64
	text          string
	course, place int32
}

// sortCourses sorts by the version in force; courses that are equal in it stay as they are.
func (s *Snapshot) sortCourses(list []int32, sort string, today calendar.Day) {
	field, descends := strings.CutPrefix(sort, "-")
	if !slices.Contains(CourseSorts(), field) {
		return
	}
	keys := make([]courseKey, len(list))
	for i, n := range list {
		keys[i] = s.sortKey(n, field, today)
		keys[i].place = int32(i)
	}
	slices.SortFunc(keys, func(a, b courseKey) int {
		order := cmp.Compare(a.number, b.number)
		if order == 0 {
			order = strings.Compare(a.text, b.text)
		}
		if descends {
			order = -order
		}
		if order == 0 {
			order = cmp.Compare(a.place, b.place)
		}
		return order
	})
	for i, k := range keys {
		list[i] = k.course
	}
}

func (s *Snapshot) sortKey(course int32, field string, today calendar.Day) courseKey {
	n := s.currentVersion(course, today)
	v, name := s.Map.VersionAt(n), &s.versions[n]
	key := courseKey{course: course}
	switch field {
	case "code":
		key.text = s.Map.CourseAt(course).Code
	case "name":
		key.text = s.texts.At(name.name)
	case "credits":
		key.number = int64(v.Credits)
	case "hours":
		key.number = int64(name.hours)
	case "level":
		key.number = int64(v.Level)
	case "category":
		key.text = s.category(n)
	case "valid_from":
		key.number = int64(v.From)
	}
	return key
}

// CourseCategories are the categories that an institution gives its courses, in order.
func (s *Snapshot) CourseCategories(institution string) []string {
	at, known := s.Map.InstitutionNumber(institution)
	if !known {
		return nil
	}
	used := map[string]bool{}
	from, to := s.Map.CoursesOf(at)
	for n := from; n < to; n++ {
		first, last := s.Map.CourseVersions(n)
		for v := first; v < last; v++ {
			used[s.category(v)] = true
		}
	}
	delete(used, "")
	return sortedKeys(used)
}

// CourseRows are all versions of some courses as rows of the file of courses, in the
// order of the courses.
func (b *Bank) CourseRows(ctx context.Context, courses []transfer.CourseKey) ([][]string, error) {
	if len(courses) == 0 {
		return nil, nil
	}
	parts, args := make([]string, len(courses)), make([]any, 0, 2*len(courses))
	for i, k := range courses {
		parts[i] = fmt.Sprintf(`institution = $%d AND course = $%d`, 2*i+1, 2*i+2)
		args = append(args, k.Institution, k.Code)
	}
	found := map[transfer.CourseKey][][]string{}
	err := b.db.each(ctx, func(rows *sql.Rows) error {
		k, v, err := scanCourse(rows)
		found[k.CourseKey] = append(found[k.CourseKey], v.cells(k.Institution, k.Code))
		return err
	}, selectCourses+` WHERE `+strings.Join(parts, " OR ")+` ORDER BY institution, course, valid_from IS NOT NULL, valid_from`, args...)
	var list [][]string
	for _, k := range courses {
		list = append(list, found[k]...)
	}
	return list, err
}
