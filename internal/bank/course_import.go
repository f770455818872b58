package bank

import (
	"database/sql"
	"errors"

	"creditbank/internal/calendar"
	"creditbank/internal/transfer"
)

// takeCourses imports courses. What it changes in courses that were there before
// stands in the report of changes, as if somebody had typed it. A version that is relied
// on is only completed, but for the operator, who also puts right what was always wrong.
func (r *importRun) takeCourses() error {
	var before map[versionKey]CourseVersion
	var edited []keyed[versionKey, CourseVersion]
	var failed error
	relied := reliedCourses{read: r.each, institution: r.scope}
	err := takeEach(r, entity[versionKey, CourseVersion]{
		read: func(c *cells) (versionKey, CourseVersion) {
			k, v := readCourse(c)
			if r.scope != "" && len(c.faults) == 0 && failed == nil {
				failed = relied.hold(c, before, k, v)
			}
			return k, v
		},
		stored: func(t *tx) (stored map[versionKey]CourseVersion, err error) {
			before, err = storedCourses(t)
			return before, err
		},
		update: func(t *tx, k keyed[versionKey, CourseVersion]) error {
			edited = append(edited, k)
			return updateCourse(t, k)
		},
		insert: func(t *tx, added []keyed[versionKey, CourseVersion]) error {
			if failed != nil {
				return nil // and nothing is kept
			}
			if err := r.insertCourses(t, added); err != nil {
				return err
			}
			_, err := t.noteCourseChanges(append(changesSince(before, edited, SavedEdit), changesSince(before, added, SavedVersion)...))
			return err
		},
	})
	return errors.Join(err, failed)
}

// reliedCourses says which courses of an institution rules and results rely on. It
// reads them once for a whole file: of results, the first and the last day of each course.
type reliedCourses struct {
	read        reading
	institution string
	known       bool
	results     map[string]completedBetween
	rules       map[string][]ruleWindow
}

type completedBetween struct {
	count       int
	first, last calendar.Day
}

type ruleWindow struct{ from, to calendar.Day }

// hold names a row at valid_from that would change a version on which something relies.
func (r *reliedCourses) hold(c *cells, stored map[versionKey]CourseVersion, k versionKey, now CourseVersion) error {
	old, exists := stored[k]
	if !exists || old == now {
		return nil
	}
	before, after := CourseEdit{CourseKey: k.CourseKey, CourseVersion: old}, CourseEdit{CourseKey: k.CourseKey, CourseVersion: now}
	if onlyCompletes(changedFields(&before, &after)) {
		return nil
	}
	if err := r.load(); err != nil {
		return err
	}
	relied := Reliance{}
	if done := r.results[k.Code]; done.count > 0 && done.last >= old.From && done.first <= old.last() {
		relied.Results = done.count
	}
	for _, w := range r.rules[k.Code] {
		if w.from <= old.last() && lastDay(w.to) >= old.From {
			relied.Rules++
		}
	}
	if relied.Any() {
		c.fault("valid_from", c.raw("valid_from"), "course_relied", map[string]any{"Rules": relied.Rules, "Results": relied.Results})
	}
	return nil
}

func (r *reliedCourses) load() error {
	if r.known {
		return nil
	}
	r.known, r.results, r.rules = true, map[string]completedBetween{}, map[string][]ruleWindow{}
	err := r.read(func(rows *sql.Rows) error {
		var k transfer.CourseKey
		var done completedBetween
		err := rows.Scan(&k.Code, &done.count, &done.first, &done.last)
		r.results[k.Code] = done
		return err
	}, `SELECT course, count(*), min(completed_on), max(completed_on) FROM record WHERE institution = $1 GROUP BY course`, r.institution)
	if err != nil {
		return err
	}
	return r.read(func(rows *sql.Rows) error {
		var course, rule string
		var w ruleWindow
		err := rows.Scan(&course, &rule, &w.from, &w.to)
		r.rules[course] = append(r.rules[course], w)
		return err
	}, `SELECT p.course, p.equivalence, coalesce(e.valid_from, -2147483648), coalesce(e.valid_to, -2147483648)
		FROM (SELECT equivalence, version, institution, course FROM equivalence_source UNION
			SELECT equivalence, version, institution, course FROM equivalence_target WHERE course IS NOT NULL) AS p
		JOIN equivalence e ON e.code = p.equivalence AND e.version = p.version WHERE p.institution = $1 AND e.state = 'published'`, r.institution)
}
