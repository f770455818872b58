package transfer

import (
	"sort"

	"creditbank/internal/calendar"
	"creditbank/internal/credit"
)

// The directory is for those who list what is in a map rather than ask what
// results are worth. Everything has a number, from 0 on: institutions by code,
// courses and their versions by institution, code and first day, programmes by
// code and institution with their groups and plans in the same order, rules by
// what they ask for. A number is good for this map alone.

// InstitutionCount is the number of institutions.
func (m *Map) InstitutionCount() int { return len(m.institutions) - 1 }

// InstitutionAt is the institution of a number.
func (m *Map) InstitutionAt(n int32) Institution {
	row := &m.institutions[n]
	return Institution{Code: m.texts.At(row.code), Kind: m.texts.At(row.kind), Rate: row.rate, Step: row.step}
}

// InstitutionNumber is the number of an institution; false when there is none.
func (m *Map) InstitutionNumber(code string) (int32, bool) {
	n, known := m.institutionAt[code]
	return n, known
}

// CoursesOf says that the courses of an institution are those from one number to below another.
func (m *Map) CoursesOf(institution int32) (from, to int32) {
	return int32(m.institutions[institution].courses), int32(m.institutions[institution+1].courses)
}

// ProgrammesOf are the programmes of an institution, by code. Nobody may change them.
func (m *Map) ProgrammesOf(institution int32) []int32 { return m.offeredBy(institution) }

// ByInstitution are all programmes in the order of institution and code. Nobody may change them.
func (m *Map) ByInstitution() []int32 { return m.offered }

// CourseCount is the number of courses.
func (m *Map) CourseCount() int { return int(m.courseCount()) }

// CourseAt names the course of a number.
func (m *Map) CourseAt(n int32) CourseKey { return m.courseKey(n) }

// CourseNumber is the number of a course; false when there is none.
func (m *Map) CourseNumber(key CourseKey) (int32, bool) { return m.courseAt(key) }

// CourseInstitution is the institution of a course.
func (m *Map) CourseInstitution(n int32) int32 { return m.courses[n].at }

// CourseVersions says that the versions of a course are those from one number to
// below another, the oldest first.
func (m *Map) CourseVersions(n int32) (from, to int32) {
	return int32(m.courses[n].versions), int32(m.courses[n+1].versions)
}

// VersionAt is the version of a course that has a number; it does not say of which course.
func (m *Map) VersionAt(n int32) Course {
	v := &m.versions[n]
	return Course{Credits: credit.Amount(v.credits), Hours: credit.Hours(v.hours), Level: int(v.level), From: v.from, To: v.to}
}

// ProgrammeCount is the number of programmes.
func (m *Map) ProgrammeCount() int { return int(m.programmeCount()) }

// ProgrammeAt names the programme of a number.
func (m *Map) ProgrammeAt(n int32) ProgrammeKey { return m.programmeKey(n) }

// ProgrammeNumber is the number of a programme; false when there is none.
func (m *Map) ProgrammeNumber(key ProgrammeKey) (int32, bool) { return m.programmeAt(key) }

// ProgrammeInstitution is the institution of a programme.
func (m *Map) ProgrammeInstitution(n int32) int32 { return m.programmes[n].at }

// Required are the credits that a programme requires.
func (m *Map) Required(n int32) credit.Amount { return m.programmes[n].required }

// GroupsOf says that the groups of a programme are those from one number to below another.
func (m *Map) GroupsOf(programme int32) (from, to int32) {
	return int32(m.programmes[programme].groups), int32(m.programmes[programme+1].groups)
}

// GroupAt is the group of a number.
func (m *Map) GroupAt(n int32) Group {
	return Group{Code: m.texts.At(m.groups[n].code), Min: m.groups[n].min}
}

// PlanOf says that the courses in the plan of a programme are those from one
// number to below another, by course.
func (m *Map) PlanOf(programme int32) (from, to int32) {
	return int32(m.programmes[programme].plan), int32(m.programmes[programme+1].plan)
}

// PlanAt is the place in a plan that has a number: a course, the group that it
// stands in (below 0: none that the programme has), and whether it may never be exempted.
func (m *Map) PlanAt(n int32) (course, group int32, never bool) {
	row := m.plan[n]
	return row.course, row.place.group(), row.place.never()
}

// RuleAt is the rule of a number: its sources by institution and code, its
// courses before its unassigned credit.
func (m *Map) RuleAt(n int32) Rule {
	var r rule
	m.readRule(n, &r)
	return r.told()
}

// RefAt is the code and version of a rule.
func (m *Map) RefAt(n int32) RuleRef {
	return RuleRef{m.ruleCodes.At(uint32(n)), int(m.terms[m.rules[n].terms].version)}
}

// ByCode are the numbers of all rules in the order of code and version. Nobody may change them.
func (m *Map) ByCode() []int32 { return m.byCode }

// VersionsOf says that the rules of a code are those from one place in ByCode to below another.
func (m *Map) VersionsOf(code string) (from, to int) {
	from = sort.Search(len(m.byCode), func(i int) bool { return m.ruleCodes.At(uint32(m.byCode[i])) >= code })
	for to = from; to < len(m.byCode) && m.ruleCodes.At(uint32(m.byCode[to])) == code; {
		to++
	}
	return from, to
}

// CompareRefs is the order of rules: by code, then version.
func CompareRefs(a, b RuleRef) int { return compareRefs(a, b) }

// CompareCourses is the order of courses: by institution, then code.
func CompareCourses(a, b CourseKey) int { return compareCourses(a, b) }

// RuleCourses are the courses that a rule asks for and those that it awards or
// exempts from; credit in a group names none.
func (m *Map) RuleCourses(n int32) (sources, targets []int32) {
	row := &m.rules[n]
	for _, s := range m.sourcesOf(row) {
		sources = append(sources, s.course)
	}
	for _, t := range m.targetsOf(row) {
		if t.course >= 0 {
			targets = append(targets, t.course)
		}
	}
	return sources, targets
}

// RuleGrants says whether a rule gives credit to what is completed on a day.
func (m *Map) RuleGrants(n int32, day calendar.Day) bool {
	terms := &m.terms[m.rules[n].terms]
	return terms.outcome == outcomeCredit && inWindow(day, terms.from, terms.to)
}

// RuleInstitution is the institution whose rule it is: it awards the targets.
func (m *Map) RuleInstitution(n int32) int32 { return m.scopes[m.rules[n].scope].at }

// RuleSince is the day on which a rule was published; calendar.None: not known.
func (m *Map) RuleSince(n int32) calendar.Day { return m.terms[m.rules[n].terms].since }
