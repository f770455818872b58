package transfer

import (
	"cmp"
	"slices"

	"creditbank/internal/calendar"
)

// learner is a set of records prepared for any number of programmes.
type learner struct {
	m          *Map
	asOf       calendar.Day
	day        *day
	records    []Record              // in an order of their own, whatever order they came in
	given      []int                 // by record: its index as it was given
	courses    []results             // the courses that the map knows, ascending
	feeders    []feeders             // the standard units that a record leads to, ascending
	programmes map[int32]*considered // those asked about before
	stocks     map[int32][]*stock    // by institution
	*memory
	sorted *touchedRules // what touched lists, once it was sorted out for all institutions
}

// results are the learner's records of one course, best first.
type results struct {
	course   int32
	from, to int // in records
}

// feeders are the rules into one standard unit that a record touches, ascending.
type feeders struct {
	unit  int32
	rules []int32
}

func (m *Map) learner(records []Record, asOf calendar.Day) *learner {
	l := &learner{m: m, memory: &memory{}, asOf: asOf, day: m.onDay(asOf), records: make([]Record, len(records)), given: make([]int, len(records)), programmes: map[int32]*considered{}, stocks: map[int32][]*stock{}}
	for i := range l.given {
		l.given[i] = i
	}
	slices.SortStableFunc(l.given, func(a, b int) int { return compareRecords(&records[a], &records[b]) })
	for i, given := range l.given {
		l.records[i] = records[given]
	}
	l.addCourses()
	l.addFeeders()
	return l
}

// addCourses finds the records of each course, which lie together.
func (l *learner) addCourses() {
	for from, to := 0, 0; from < len(l.records); from = to {
		key := l.records[from].CourseKey
		for to = from + 1; to < len(l.records) && l.records[to].CourseKey == key; {
			to++
		}
		if course, known := l.m.courseAt(key); known {
			l.courses = append(l.courses, results{course, from, to})
		}
	}
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

// recordsOf are the learner's records of a course, best first. It is asked for so often that it
// searches without calling a function at every step.
func (l *learner) recordsOf(course int32) results {
	from, to := 0, len(l.courses)
	for from < to {
		if middle := int(uint(from+to) / 2); l.courses[middle].course < course {
			from = middle + 1
		} else {
			to = middle
		}
	}
	if from == len(l.courses) || l.courses[from].course != course {
		return results{course: course}
	}
	return l.courses[from]
}

func (l *learner) has(course int32) bool { return l.recordsOf(course).to > 0 }

// feedersOf are the rules into a standard unit that a record touches.
func (l *learner) feedersOf(unit int32) []int32 {
	i, found := slices.BinarySearchFunc(l.feeders, unit, func(f feeders, unit int32) int { return cmp.Compare(f.unit, unit) })
	if !found {
		return nil
	}
	return l.feeders[i].rules
}

// rule reads a rule.
func (l *learner) rule(n int32) *rule {
	r := l.memory.rules.one()
	l.m.readRule(n, r)
	return r
}

// addFeeders finds, for the learner's courses, the rules into standard units.
// A feeder is served by records alone, never by another feeder: equivalences chain once.
func (l *learner) addFeeders() {
	byUnit := map[int32][]int32{}
	for _, c := range l.courses {
		for _, n := range l.m.feeding[c.course] {
			for _, t := range l.m.targetsOf(&l.m.rules[n]) {
				if t.course >= 0 && l.m.forms[t.form].exemption == 0 {
					byUnit[t.course] = append(byUnit[t.course], n)
				}
			}
		}
	}
	for unit, rules := range byUnit {
		slices.Sort(rules)
		l.feeders = append(l.feeders, feeders{unit, slices.Compact(rules)})
	}
	slices.SortFunc(l.feeders, func(a, b feeders) int { return cmp.Compare(a.unit, b.unit) })
}

// eachTouched calls do for every rule that asks for one of the courses, which are ascending. A rule that is met at
// its first source is not met again at another one: so nearly all come in their order, and few twice.
func (m *Map) eachTouched(courses []int32, do func(n int32)) {
	for _, course := range courses {
		s := m.rulesOf(course)
		for n := s.from; n < s.to; n++ {
			do(int32(n))
		}
	}
	for _, course := range courses {
		for _, n := range m.alsoOf(course) {
			if _, met := slices.BinarySearch(courses, m.firstSource(n)); !met {
				do(n)
			}
		}
	}
}

// eachRule calls do for every rule that asks for a course.
func (m *Map) eachRule(course int32, do func(n int32)) {
	s := m.rulesOf(course)
	for n := s.from; n < s.to; n++ {
		do(int32(n))
	}
	for _, n := range m.alsoOf(course) {
		do(n)
	}
}

// asked are the courses, and the standard units behind them, for which a rule
// could ask: ascending, each once.
func (l *learner) asked() []int32 {
	courses := make([]int32, 0, len(l.courses)+len(l.feeders))
	for _, c := range l.courses {
		courses = append(courses, c.course)
	}
	for _, f := range l.feeders {
		courses = append(courses, f.unit)
	}
	slices.Sort(courses)
	return slices.Compact(courses)
}

// touched lists the rules of an institution that any of the learner's records,
// directly or through a standard unit, has to do with; ascending.
func (l *learner) touched(institution int32) []int32 {
	var rules []int32
	if l.sorted != nil {
		rules = l.sorted.of(institution)
	} else {
		l.m.eachTouched(l.asked(), func(n int32) {
			if l.m.scopes[l.m.rules[n].scope].at == institution {
				rules = append(rules, n)
			}
		})
	}
	slices.Sort(rules)
	return slices.Compact(rules)
}

// touchedRules are the touched rules of all institutions, each a chain.
type touchedRules struct {
	first []int32 // by institution: ^ of its first link, 0 none
	links []touchedRule
}

type touchedRule struct{ rule, next int32 } // next: ^ of a link, 0 none

// sortTouched sorts the touched rules out by institution, for one who asks about
// many of them.
func (l *learner) sortTouched() {
	if l.sorted != nil {
		return
	}
	asked, most := l.asked(), 0
	for _, course := range asked {
		s := l.m.rulesOf(course)
		most += int(s.to-s.from) + len(l.m.alsoOf(course))
	}
	t := &touchedRules{first: make([]int32, len(l.m.institutions)), links: make([]touchedRule, 0, most)}
	l.m.eachTouched(asked, func(n int32) {
		at := l.m.scopes[l.m.rules[n].scope].at
		t.links = append(t.links, touchedRule{n, t.first[at]})
		t.first[at] = ^int32(len(t.links) - 1)
	})
	l.sorted = t
}

// of lists the rules of an institution.
func (t *touchedRules) of(institution int32) []int32 {
	var rules []int32
	for at := t.first[institution]; at != 0; at = t.links[^at].next {
		rules = append(rules, t.links[^at].rule)
	}
	return rules
}
