package transfer

import (
	"cmp"
	"slices"

	"creditbank/internal/calendar"
)

// learner is a set of records prepared for any number of programmes.
type learner struct {
	m        *Map
	asOf     calendar.Day
	records  []Record          // in an order of their own, whatever order they came in
	given    []int             // by record: its index as it was given
	byCourse map[int32][]int   // course number → records of that course, best first
	feeders  map[int32][]int32 // standard unit → rules into it that a record touches
}

func (m *Map) learner(records []Record, asOf calendar.Day) *learner {
	l := &learner{m: m, asOf: asOf, records: make([]Record, len(records)), given: make([]int, len(records)),
		byCourse: map[int32][]int{}, feeders: map[int32][]int32{}}
	for i := range l.given {
		l.given[i] = i
	}
	slices.SortStableFunc(l.given, func(a, b int) int { return compareRecords(&records[a], &records[b]) })
	for i, given := range l.given {
		l.records[i] = records[given]
		if course, known := m.courses[l.records[i].CourseKey]; known {
			l.byCourse[course] = append(l.byCourse[course], i)
		}
	}
	l.addFeeders()
	return l
}

// compareRecords orders results by course, those of one course by the better
// score, then the later date, then whatever else tells them apart, so that the
// order of rows decides nothing.
func compareRecords(a, b *Record) int {
	return cmp.Or(
		compareCourses(a.CourseKey, b.CourseKey),
		cmp.Compare(b.Score, a.Score),
		cmp.Compare(b.Completed, a.Completed),
		cmp.Compare(b.Kind, a.Kind),
		cmp.Compare(b.Hours, a.Hours),
		cmp.Compare(b.Credits, a.Credits),
		cmp.Compare(b.Level, a.Level),
		cmp.Compare(b.Used, a.Used),
		compareBools(b.Passed, a.Passed),
		cmp.Compare(b.Grade, a.Grade),
	)
}

func compareCourses(a, b CourseKey) int {
	return cmp.Or(cmp.Compare(a.Institution, b.Institution), cmp.Compare(a.Code, b.Code))
}

func compareBools(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return 1
	}
	return -1
}

// addFeeders finds, for the learner's courses, the rules into standard units.
// A feeder is served by records alone, never by another feeder: equivalences chain once.
func (l *learner) addFeeders() {
	seen := map[int32]bool{}
	for course := range l.byCourse {
		for _, n := range l.m.bySource[course] {
			r := &l.m.rules[n]
			if seen[n] || r.Outcome != Credit || l.m.institutions[r.Institution].Kind != KindBank || r.Programme != "" {
				continue
			}
			seen[n] = true
			for _, t := range r.Targets {
				if t.Course == "" || t.Exemption {
					continue
				}
				unit := l.m.courses[CourseKey{r.Institution, t.Course}]
				l.feeders[unit] = append(l.feeders[unit], n)
			}
		}
	}
	for _, list := range l.feeders {
		slices.Sort(list)
	}
}

// touched lists the rules of one institution that any of the learner's records,
// directly or through a standard unit, has to do with; in map order.
func (l *learner) touched() map[string][]int32 {
	seen := map[int32]bool{}
	byInstitution := map[string][]int32{}
	collect := func(course int32) {
		for _, n := range l.m.bySource[course] {
			if !seen[n] {
				seen[n] = true
				at := l.m.rules[n].Institution
				byInstitution[at] = append(byInstitution[at], n)
			}
		}
	}
	for course := range l.byCourse {
		collect(course)
	}
	for unit := range l.feeders {
		collect(unit)
	}
	for _, list := range byInstitution {
		slices.Sort(list)
	}
	return byInstitution
}
