package bank

import (
	"database/sql"
	"slices"
	"strings"

	"creditbank/internal/calendar"
	"creditbank/internal/transfer"
)

// Touch is what a change of a course touches.
type Touch struct {
	Rules      []TouchedRule           // in force at some time at which the version is
	Programmes []transfer.ProgrammeKey // with the course in their plan
	Learners   int                     // who have a result in the course
}

// TouchedRule is a published rule that takes or awards a course.
type TouchedRule struct {
	transfer.RuleRef
	Institution string // which awards: the receiving one
	Source      bool   // it takes the course
	Target      bool   // it awards the course
}

// Nothing says whether nothing is touched.
func (t Touch) Nothing() bool { return len(t.Rules)+len(t.Programmes)+t.Learners == 0 }

// courseChange is a change of a course that was there before.
type courseChange struct {
	key      transfer.CourseKey
	kind     string // SavedVersion or SavedEdit
	from, to calendar.Day
	fields   []FieldChange
}

// lastPublished is the condition that no later version of a rule e is published.
const lastPublished = `e.state = 'published' AND NOT EXISTS (SELECT 1 FROM equivalence n WHERE n.code = e.code AND n.version > e.version AND n.state = 'published')`

// touches says of each change what it touches.
func (read reading) touches(list []courseChange) ([]Touch, error) {
	at, args := map[transfer.CourseKey][]int{}, []any{}
	for i, c := range list {
		if at[c.key] == nil {
			args = append(args, c.key.Institution, c.key.Code)
		}
		at[c.key] = append(at[c.key], i)
	}
	all := make([]Touch, len(list))
	each := func(k transfer.CourseKey, do func(*courseChange, *Touch)) {
		for _, i := range at[k] {
			do(&list[i], &all[i])
		}
	}
	if err := read.touchedRules(args, each); err != nil {
		return nil, err
	}
	if err := read.touchedProgrammes(args, each); err != nil {
		return nil, err
	}
	return all, read.touchedLearners(list, each)
}

// eachTouch does something with the changes of a course.
type eachTouch func(k transfer.CourseKey, do func(*courseChange, *Touch))

func (read reading) touchedRules(args []any, each eachTouch) error {
	for _, side := range []string{"source", "target"} {
		err := read.lookup(args, 2, func(rows *sql.Rows) error {
			var k transfer.CourseKey
			var r TouchedRule
			var from, to calendar.Day
			err := rows.Scan(&k.Institution, &k.Code, &r.RuleRef.Code, &r.Version, &r.Institution, &from, &to)
			r.Source, r.Target = side == "source", side == "target"
			each(k, func(c *courseChange, t *Touch) {
				if from <= lastDay(c.to) && lastDay(to) >= c.from {
					t.addRule(r)
				}
			})
			return err
		}, `SELECT p.institution, p.course, e.code, e.version, e.institution, coalesce(e.valid_from, -2147483648), coalesce(e.valid_to, -2147483648)`,
			`JOIN equivalence_`+side+` p ON p.institution = v.column1 AND p.course = v.column2
			JOIN equivalence e ON e.code = p.equivalence AND e.version = p.version WHERE `+lastPublished)
		if err != nil {
			return err
		}
	}
	return nil
}

// addRule takes a rule that takes or awards the course, or both.
func (t *Touch) addRule(r TouchedRule) {
	i := slices.IndexFunc(t.Rules, func(other TouchedRule) bool { return other.RuleRef == r.RuleRef })
	if i < 0 {
		t.Rules = append(t.Rules, r)
		slices.SortFunc(t.Rules, func(a, b TouchedRule) int { return strings.Compare(a.RuleRef.Code, b.RuleRef.Code) })
		return
	}
	t.Rules[i].Source, t.Rules[i].Target = t.Rules[i].Source || r.Source, t.Rules[i].Target || r.Target
}

func (read reading) touchedProgrammes(args []any, each eachTouch) error {
	return read.lookup(args, 2, func(rows *sql.Rows) error {
		var k transfer.CourseKey
		p := transfer.ProgrammeKey{}
		err := rows.Scan(&k.Institution, &k.Code, &p.Code)
		p.Institution = k.Institution
		each(k, func(_ *courseChange, t *Touch) {
			if !slices.Contains(t.Programmes, p) {
				t.Programmes = append(t.Programmes, p)
			}
		})
		return err
	}, `SELECT p.institution, p.course, p.programme`, `JOIN plan_course p ON p.institution = v.column1 AND p.course = v.column2`)
}

// touchedLearners counts who have results: of one course by itself, of many in one
// walk through the results of their institution.
func (read reading) touchedLearners(list []courseChange, each eachTouch) error {
	courses := map[string][]string{}
	for _, c := range list {
		courses[c.key.Institution] = append(courses[c.key.Institution], c.key.Code)
	}
	for institution, codes := range courses {
		only := ""
		if len(codes) == 1 {
			only = codes[0]
		}
		err := read(func(rows *sql.Rows) error {
			k := transfer.CourseKey{Institution: institution}
			var learners int
			err := rows.Scan(&k.Code, &learners)
			each(k, func(_ *courseChange, t *Touch) { t.Learners = learners })
			return err
		}, `SELECT course, count(DISTINCT learner) FROM record WHERE institution = $1 AND ($2 = '' OR course = $2) GROUP BY course`, institution, only)
		if err != nil {
			return err
		}
	}
	return nil
}

// Reliance is what relies on a version of a course, so that it is not edited.
type Reliance struct {
	Rules   int          // published, and in force at some time at which the version is
	Results int          // completed while it is in force
	Last    calendar.Day // the last of those; None: none
}

// Any says whether anything relies on the version.
func (r Reliance) Any() bool { return r.Rules+r.Results > 0 }

// reliance says what relies on a course between two days.
func (read reading) reliance(k transfer.CourseKey, from, to calendar.Day) (r Reliance, err error) {
	r.Last = calendar.None
	err = read(func(rows *sql.Rows) error { return rows.Scan(&r.Results, &r.Last) },
		`SELECT count(*), coalesce(max(completed_on), -2147483648) FROM record WHERE institution = $1 AND course = $2 AND completed_on >= $3 AND completed_on <= $4`,
		k.Institution, k.Code, from, lastDay(to))
	if err != nil {
		return r, err
	}
	// The few versions that name the course come first: left to itself the database would look through all that are published.
	return r, read(func(rows *sql.Rows) error { return rows.Scan(&r.Rules) }, `SELECT count(*) FROM (
			SELECT equivalence, version FROM equivalence_source WHERE institution = $1 AND course = $2
			UNION SELECT equivalence, version FROM equivalence_target WHERE institution = $1 AND course = $2) p
		CROSS JOIN equivalence e WHERE e.code = p.equivalence AND e.version = p.version AND e.state = 'published'
		AND coalesce(e.valid_from, -2147483648) <= $4 AND coalesce(e.valid_to, 2147483647) >= $3`,
		k.Institution, k.Code, from, lastDay(to))
}
