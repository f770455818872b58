package transfer

import (
	"cmp"
	"maps"
	"slices"
)

// Change is something that might be done to a map, to see what would follow.
type Change struct {
	Rules    []Rule    // published; one with the code and version of another takes its place
	Ended    []RuleRef // served no more
	Courses  []Course  // further versions, also of courses that the map does not know
	Policies []Policy  // in force besides those that are
	Caps     []Cap
}

// Variant is a map before and after a change, cut down to the programmes that
// the change can concern.
type Variant struct {
	before, after *Map
	triggers      map[CourseKey]bool // who has none of these courses sees no difference; nil: everyone may
	faults        []Fault
}

// With works out what a change comes to. The map itself stays as it is.
func (m *Map) With(c Change) *Variant {
	institutions, triggers := m.concerned(&c)
	rules, programmes := m.within(institutions)
	before := m.facts(rules, programmes)
	m.addSources(&before, &c)
	v := &Variant{before: Compile(before), after: Compile(c.apply(before)), triggers: triggers}
	known := map[Fault]bool{}
	for _, f := range v.before.Faults() {
		known[f] = true
	}
	for _, f := range v.after.Faults() {
		if !known[f] {
			v.faults = append(v.faults, f)
		}
	}
	return v
}

// Faults lists what the change brings that can never be served.
func (v *Variant) Faults() []Fault { return v.faults }

// After is the changed map for the programmes that the change can concern. It
// knows no others.
func (v *Variant) After() *Map { return v.after }

// Programmes lists those that the change can concern.
func (v *Variant) Programmes() []ProgrammeKey {
	keys := make([]ProgrammeKey, v.after.programmeCount())
	for n := range keys {
		keys[n] = v.after.programmeKey(int32(n))
	}
	return keys
}

// apply gives the facts as they would be.
func (c *Change) apply(f Facts) Facts {
	gone := map[RuleRef]bool{}
	for _, ref := range c.Ended {
		gone[ref] = true
	}
	for i := range c.Rules {
		gone[c.Rules[i].RuleRef] = true
	}
	f.Rules = slices.DeleteFunc(slices.Clone(f.Rules), func(r Rule) bool { return gone[r.RuleRef] })
	f.Rules = append(f.Rules, c.Rules...)
	f.Courses = slices.Concat(f.Courses, c.Courses)
	f.Policies = slices.Concat(f.Policies, c.Policies)
	f.Caps = slices.Concat(f.Caps, c.Caps)
	return f
}

// concerned finds the institutions in whose programmes the change can make a
// difference, and the courses without which it makes none.
func (m *Map) concerned(c *Change) (institutions map[int32]bool, triggers map[CourseKey]bool) {
	w := wake{m: m, institutions: map[int32]bool{}, triggers: map[CourseKey]bool{}}
	for i := range c.Rules {
		w.rule(&c.Rules[i])
	}
	for n := range m.rules {
		if len(c.Ended)+len(c.Rules) > 0 && c.names(m.ref(int32(n))) {
			r := m.RuleAt(int32(n))
			w.rule(&r)
		}
	}
	for _, v := range c.Courses {
		w.course(v.CourseKey)
	}
	for _, p := range c.Policies {
		w.place(p.Place)
	}
	for _, p := range c.Caps {
		w.place(p.Place)
	}
	return w.institutions, w.triggers
}

func (c *Change) names(ref RuleRef) bool {
	return slices.Contains(c.Ended, ref) || slices.ContainsFunc(c.Rules, func(r Rule) bool { return r.RuleRef == ref })
}

// wake follows what a change can reach.
type wake struct {
	m            *Map
	institutions map[int32]bool
	triggers     map[CourseKey]bool // nil: any
}

// rule notes a rule that comes or goes. One into a standard unit reaches whoever
// asks for a unit of the bank.
func (w *wake) rule(r *Rule) {
	at, known := w.m.institutionAt[r.Institution]
	if !known {
		return
	}
	w.institutions[at] = true
	if w.m.institutionKind(at) == KindBank {
		w.askers(at)
	}
	for _, s := range r.Sources {
		w.trigger(s.CourseKey)
	}
}

// trigger notes a course that a changed rule asks for, and for a standard unit
// those that lead to it.
func (w *wake) trigger(key CourseKey) {
	if w.triggers == nil {
		return
	}
	w.triggers[key] = true
	if at, known := w.m.institutionAt[key.Institution]; known && w.m.institutionKind(at) == KindBank {
		w.triggers = nil
	}
}

// askers notes the institutions with a rule that asks for a course of another.
func (w *wake) askers(at int32) {
	for course := w.m.institutions[at].courses; course < w.m.institutions[at+1].courses; course++ {
		w.m.eachRule(int32(course), func(n int32) { w.institutions[w.m.scopes[w.m.rules[n].scope].at] = true })
	}
}

// course notes a course with another version: it makes a difference to whoever has it,
// or has what a rule that awards it asks for.
func (w *wake) course(key CourseKey) {
	w.trigger(key)
	if at, known := w.m.institutionAt[key.Institution]; known {
		w.institutions[at] = true
		if w.m.institutionKind(at) == KindBank {
			w.askers(at)
		}
		w.sources(at, key.Code)
	}
	if course, known := w.m.courseAt(key); known {
		w.m.eachRule(course, func(n int32) {
			at := w.m.scopes[w.m.rules[n].scope].at
			w.institutions[at] = true
			if w.m.institutionKind(at) == KindBank {
				w.askers(at)
			}
		})
	}
}

// sources notes what the rules of an institution ask for: all of them, or those that
// award a course or exempt from it.
func (w *wake) sources(at int32, course string) {
	for n := range w.m.rules {
		if w.triggers == nil {
			return
		}
		if w.m.scopes[w.m.rules[n].scope].at != at {
			continue
		}
		r := w.m.RuleAt(int32(n))
		if course != "" && !slices.ContainsFunc(r.Targets, func(t Target) bool { return t.Course == course }) {
			continue
		}
		for _, s := range r.Sources {
			w.trigger(s.CourseKey)
		}
	}
}

// place notes where a policy or a cap would hold: it makes a difference to whoever
// has a course that a rule there asks for.
func (w *wake) place(p Place) {
	if p.Scope == ScopeBank {
		w.triggers = nil
		for at := range w.m.institutions[:len(w.m.institutions)-1] {
			w.institutions[int32(at)] = true
		}
		return
	}
	at, known := w.m.institutionAt[p.Institution]
	if !known {
		return
	}
	w.institutions[at] = true
	w.sources(at, "")
}

// within lists the rules that award at institutions or lead to standard units,
// and the programmes there.
func (m *Map) within(institutions map[int32]bool) (rules, programmes []int32) {
	for n := range m.rules {
		at := m.scopes[m.rules[n].scope].at
		if institutions[at] || (m.units && m.institutionKind(at) == KindBank) {
			rules = append(rules, int32(n))
		}
	}
	for _, at := range slices.Sorted(maps.Keys(institutions)) {
		programmes = append(programmes, m.offeredBy(at)...)
	}
	return rules, programmes
}

// addSources adds the courses that the rules of the change name and that the
// facts do not hold yet.
func (m *Map) addSources(f *Facts, c *Change) {
	held := map[CourseKey]bool{}
	for i := range f.Courses {
		held[f.Courses[i].CourseKey] = true
	}
	add := factFinder{m: m, courses: map[int32]bool{}}
	name := func(key CourseKey) {
		if course, known := m.courseAt(key); known && !held[key] {
			add.courses[course] = true
		}
	}
	for _, r := range c.Rules {
		for _, s := range r.Sources {
			name(s.CourseKey)
		}
		for _, t := range r.Targets {
			name(CourseKey{r.Institution, t.Course})
		}
	}
	for _, v := range c.Courses {
		name(v.CourseKey)
	}
	add.addCourses()
	f.Courses = append(f.Courses, add.Courses...)
}

func comparePlaces(a, b Place) int {
	return cmp.Or(cmp.Compare(a.Scope, b.Scope), cmp.Compare(a.Institution, b.Institution), cmp.Compare(a.Programme, b.Programme))
}
