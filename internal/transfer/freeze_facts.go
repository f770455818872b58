package transfer

import (
	"cmp"
	"maps"
	"slices"
)

// facts are those that the answer for a programme depends on, in an order of
// their own: to compile them alone and ask again gives the same answer.
func (l *learner) facts(programme int32) Facts {
	p := l.m.programme(programme)
	f := factFinder{m: l.m, courses: map[int32]bool{}}
	f.addProgramme(programme)
	for _, c := range l.courses {
		f.courses[c.course] = true
	}
	for _, n := range l.concerned(p) {
		f.addRule(n)
	}
	f.addCourses()
	f.addInstitutions(p.at)
	f.Caps = l.m.capsOf(p.ProgrammeKey, l.asOf)
	for _, place := range places(p.ProgrammeKey) {
		if policy, ok := latestPolicy(l.m.policies[place], l.asOf); ok {
			f.Policies = append(f.Policies, policy)
		}
	}
	slices.SortFunc(f.Rules, func(a, b Rule) int { return compareRefs(a.RuleRef, b.RuleRef) })
	return f.Facts
}

// concerned are the rules of the programme that a record has to do with,
// directly or through a standard unit, and the rules into those units.
func (l *learner) concerned(p *programme) []int32 {
	rules := map[int32]bool{}
	for _, n := range l.touched(p.at) {
		r := l.rule(n)
		if r.scope != -1 && r.scope != p.n {
			continue
		}
		rules[n] = true
		for _, s := range r.sources {
			for _, feeder := range l.feedersOf(s.course) {
				rules[feeder] = true
			}
		}
	}
	return slices.Sorted(maps.Keys(rules))
}

// addInstitutions adds those of the courses, and the one that is asked about.
func (f *factFinder) addInstitutions(asked int32) {
	named := map[int32]bool{asked: true}
	for course := range f.courses {
		named[f.m.courses[course].at] = true
	}
	for at := range named {
		if row := &f.m.institutions[at]; row.known != 0 {
			f.Institutions = append(f.Institutions, Institution{Code: f.m.institutionCode(at), Kind: f.m.institutionKind(at), Rate: row.rate, Step: row.step})
		}
	}
	slices.SortFunc(f.Institutions, func(a, b Institution) int { return cmp.Compare(a.Code, b.Code) })
}
