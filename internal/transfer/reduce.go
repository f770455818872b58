package transfer

import (
	"maps"
	"slices"

	"creditbank/internal/credit"
)

// facts are those of a map that some of its rules and programmes rest on, as they
// were compiled: enough to compile them again without the rest of the country.
func (m *Map) facts(rules, programmes []int32) Facts {
	f := factFinder{m: m, courses: map[int32]bool{}}
	for _, n := range programmes {
		f.addProgramme(n)
	}
	for _, n := range rules {
		f.addRule(n)
	}
	f.addCourses()
	for at := range m.institutions[:len(m.institutions)-1] {
		if row := &m.institutions[at]; row.known != 0 {
			f.Institutions = append(f.Institutions, Institution{Code: m.texts.At(row.code), Kind: m.texts.At(row.kind), Rate: row.rate, Step: row.step})
		}
	}
	for _, place := range slices.SortedFunc(maps.Keys(m.policies), comparePlaces) {
		f.Policies = append(f.Policies, m.policies[place]...)
	}
	for _, place := range slices.SortedFunc(maps.Keys(m.caps), comparePlaces) {
		f.Caps = append(f.Caps, m.caps[place]...)
	}
	return f.Facts
}

type factFinder struct {
	Facts
	m       *Map
	courses map[int32]bool
}

func (f *factFinder) addProgramme(n int32) {
	p := f.m.programme(n)
	fact := Programme{ProgrammeKey: p.ProgrammeKey, Required: p.Required}
	for _, g := range p.groups {
		fact.Groups = append(fact.Groups, Group{Code: f.m.texts.At(g.code), Min: g.min})
	}
	for i := range p.plan {
		place := &p.plan[i]
		f.courses[place.course] = true
		entry := PlanCourse{Course: f.m.courseCodes.At(uint32(place.course)), NeverExempt: place.place.never()}
		if g := p.groupOf(place); g >= 0 {
			entry.Group = fact.Groups[g].Code
		}
		fact.Plan = append(fact.Plan, entry)
	}
	f.Programmes = append(f.Programmes, fact)
}

func (f *factFinder) addRule(n int32) {
	var r rule
	f.m.readRule(n, &r)
	for _, s := range r.sources {
		f.courses[s.course] = true
	}
	for _, t := range r.targets {
		if t.course >= 0 {
			f.courses[t.course] = true
		}
	}
	f.Rules = append(f.Rules, r.told())
}

func (f *factFinder) addCourses() {
	courses := make([]int32, 0, len(f.courses))
	for course := range f.courses {
		courses = append(courses, course)
	}
	slices.Sort(courses)
	for _, course := range courses {
		key := f.m.courseKey(course)
		for _, v := range f.m.versionsOf(course) {
			f.Courses = append(f.Courses, Course{CourseKey: key, Credits: v.amount(), Hours: credit.Hours(v.hours), Level: int(v.level), From: v.from, To: v.to})
		}
	}
}
