package transfer

import (
	"cmp"
	"slices"

	"creditbank/internal/calendar"
	"creditbank/internal/credit"
)

// Map is a compiled set of facts: immutable, safe for any number of readers.
type Map struct {
	institutions  map[string]Institution
	courses       map[CourseKey]int32
	versions      [][]Course // by course number, by first day
	programmes    []programme
	programmeAt   map[ProgrammeKey]int
	byInstitution map[string][]int
	rules         []rule
	bySource      [][]int32 // by course number: the rules that ask for it
	policies      map[Place][]Policy
	caps          map[Place][]Cap
	faults        []Fault
}

// rule is a Rule with its sources as course numbers.
type rule struct {
	*Rule
	sources []int32
}

// programme is a Programme with its plan indexed.
type programme struct {
	Programme
	groupAt map[string]int
	planAt  map[string]int // course code → index in Plan
}

// Fault names a stored fact that cannot be served. It is left out of the map and reported.
type Fault struct {
	Rule  RuleRef
	Field string
	Code  string
}

// Compile builds the map. Facts that cannot be served are left out and listed by Faults.
func Compile(f Facts) *Map {
	m := &Map{
		institutions:  make(map[string]Institution, len(f.Institutions)),
		courses:       make(map[CourseKey]int32, len(f.Courses)),
		programmeAt:   make(map[ProgrammeKey]int, len(f.Programmes)),
		byInstitution: make(map[string][]int),
		policies:      make(map[Place][]Policy),
		caps:          make(map[Place][]Cap),
	}
	for _, in := range f.Institutions {
		m.institutions[in.Code] = in
	}
	m.addCourses(f.Courses)
	m.addProgrammes(f.Programmes)
	m.addRules(f.Rules)
	m.addPolicies(f.Policies, f.Caps)
	return m
}

// Faults lists the facts that were left out, in the order of rule codes.
func (m *Map) Faults() []Fault { return m.faults }

// Size is the number of rules that are served.
func (m *Map) Size() int { return len(m.rules) }

func (m *Map) addCourses(courses []Course) {
	for _, c := range courses {
		n, known := m.courses[c.CourseKey]
		if !known {
			n = int32(len(m.versions))
			m.courses[c.CourseKey] = n
			m.versions = append(m.versions, nil)
		}
		m.versions[n] = append(m.versions[n], c)
	}
	for _, v := range m.versions {
		slices.SortFunc(v, compareVersions)
	}
	m.bySource = make([][]int32, len(m.versions))
}

// compareVersions orders the versions of a course by their first day. That two
// begin on one day is a fault of the data; it must not make the order of rows count.
func compareVersions(a, b Course) int {
	return cmp.Or(cmp.Compare(a.From, b.From), cmp.Compare(b.To, a.To), cmp.Compare(a.Credits, b.Credits),
		cmp.Compare(a.Hours, b.Hours), cmp.Compare(a.Level, b.Level))
}

func (m *Map) addProgrammes(programmes []Programme) {
	sorted := slices.Clone(programmes)
	slices.SortFunc(sorted, func(a, b Programme) int { return compareProgrammes(a.ProgrammeKey, b.ProgrammeKey) })
	for _, p := range sorted {
		compiled := programme{Programme: p, groupAt: make(map[string]int, len(p.Groups)), planAt: make(map[string]int, len(p.Plan))}
		for i, g := range p.Groups {
			compiled.groupAt[g.Code] = i
		}
		for i, c := range p.Plan {
			compiled.planAt[c.Course] = i
		}
		m.programmeAt[p.ProgrammeKey] = len(m.programmes)
		m.byInstitution[p.Institution] = append(m.byInstitution[p.Institution], len(m.programmes))
		m.programmes = append(m.programmes, compiled)
	}
}

func compareProgrammes(a, b ProgrammeKey) int {
	return cmp.Or(cmp.Compare(a.Code, b.Code), cmp.Compare(a.Institution, b.Institution))
}

func compareRefs(a, b RuleRef) int {
	return cmp.Or(cmp.Compare(a.Code, b.Code), cmp.Compare(a.Version, b.Version))
}

func (m *Map) addRules(rules []Rule) {
	sorted := slices.Clone(rules)
	slices.SortFunc(sorted, func(a, b Rule) int { return compareRefs(a.RuleRef, b.RuleRef) })
	for i := range sorted {
		r := &sorted[i]
		field, code := m.faultOf(r)
		if again(sorted, i) {
			field, code = "equivalence", "twice"
		}
		if code != "" {
			m.faults = append(m.faults, Fault{r.RuleRef, field, code})
			continue
		}
		r.settleOrder()
		n := int32(len(m.rules))
		compiled := rule{Rule: r}
		for _, s := range r.Sources {
			course := m.courses[s.CourseKey]
			compiled.sources = append(compiled.sources, course)
			m.bySource[course] = append(m.bySource[course], n)
		}
		m.rules = append(m.rules, compiled)
	}
}

// settleOrder puts sources and targets into an order of their own, so that the
// order of a rule's rows decides nothing. The caller's slices stay as they are.
func (r *Rule) settleOrder() {
	bySource := func(a, b Source) int { return compareCourses(a.CourseKey, b.CourseKey) }
	if !slices.IsSortedFunc(r.Sources, bySource) {
		r.Sources = slices.SortedFunc(slices.Values(r.Sources), bySource)
	}
	if !slices.IsSortedFunc(r.Targets, compareTargets) {
		r.Targets = slices.SortedFunc(slices.Values(r.Targets), compareTargets)
	}
}

// compareTargets puts courses before unassigned credit, by their codes.
func compareTargets(a, b Target) int {
	return cmp.Or(compareBools(a.Course == "", b.Course == ""), cmp.Compare(a.Course, b.Course), cmp.Compare(a.Group, b.Group),
		cmp.Compare(a.Mode, b.Mode), cmp.Compare(a.Credits, b.Credits), compareBools(a.Exemption, b.Exemption))
}

// again says whether the i-th of the sorted rules shares its code and version
// with another. Neither is served then: which to prefer would be a guess.
func again(sorted []Rule, i int) bool {
	ref := sorted[i].RuleRef
	return (i > 0 && sorted[i-1].RuleRef == ref) || (i+1 < len(sorted) && sorted[i+1].RuleRef == ref)
}

// faultOf names the field for which a rule can never be served, and why.
func (m *Map) faultOf(r *Rule) (field, code string) {
	if len(r.Sources) == 0 {
		return "source_course", "required"
	}
	if r.From != calendar.None && r.To != calendar.None && r.To < r.From {
		return "valid_to", "window"
	}
	if field, code := m.faultOfSources(r); code != "" {
		return field, code
	}
	if r.Outcome == Credit && len(r.Targets) == 0 {
		return "target_course", "required"
	}
	return m.faultOfTargets(r)
}

func (m *Map) faultOfSources(r *Rule) (field, code string) {
	for i, s := range r.Sources {
		if _, known := m.courses[s.CourseKey]; !known {
			return "source_course", "unknown"
		}
		if s.Min != NoScore && s.Max != NoScore && s.Max < s.Min {
			return "max_grade", "band"
		}
		for _, other := range r.Sources[:i] {
			if other.CourseKey == s.CourseKey {
				return "source_course", "twice"
			}
		}
	}
	return "", ""
}

func (m *Map) faultOfTargets(r *Rule) (field, code string) {
	if _, known := m.institutions[r.Institution]; !known {
		return "target_institution", "unknown"
	}
	for i, t := range r.Targets {
		if t.Course != "" {
			if _, known := m.courses[CourseKey{r.Institution, t.Course}]; !known {
				return "target_course", "unknown"
			}
		}
		if t.Credits < 0 || t.Credits > credit.MaxAmount {
			return "target_credits", "range"
		}
		for _, other := range r.Targets[:i] {
			if other.Course != "" && other.Course == t.Course {
				return "target_course", "twice"
			}
			if t.fromHours() && other.fromHours() {
				return "credit_mode", "twice"
			}
		}
	}
	return "", ""
}

// fromHours says whether the target takes the hours of all sources: they can be
// converted into one target only.
func (t *Target) fromHours() bool { return t.Mode == FromHours && !t.Exemption }

func (m *Map) addPolicies(policies []Policy, caps []Cap) {
	for _, p := range policies {
		m.policies[p.Place] = append(m.policies[p.Place], p)
	}
	for _, list := range m.policies {
		slices.SortFunc(list, func(a, b Policy) int {
			return cmp.Or(cmp.Compare(a.From, b.From), cmp.Compare(a.MinGrade, b.MinGrade),
				cmp.Compare(a.Validity, b.Validity), cmp.Compare(a.MaxRise, b.MaxRise))
		})
	}
	for _, c := range caps {
		m.caps[c.Place] = append(m.caps[c.Place], c)
	}
	for _, list := range m.caps {
		slices.SortFunc(list, func(a, b Cap) int {
			return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Key, b.Key), cmp.Compare(a.From, b.From),
				cmp.Compare(a.Credits, b.Credits), cmp.Compare(a.Share, b.Share))
		})
	}
}

// courseOn is the version of a course in force on a day: the latest whose window
// holds it, else the latest that had begun, else the first there will be.
func (m *Map) courseOn(n int32, day calendar.Day) *Course {
	versions := m.versions[n]
	chosen, inForce := &versions[0], false
	for i := range versions {
		v := &versions[i]
		if v.From > day {
			break
		}
		holds := v.To == calendar.None || day <= v.To
		if holds || !inForce {
			chosen, inForce = v, holds
		}
	}
	return chosen
}
