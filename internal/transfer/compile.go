package transfer

import (
	"cmp"
	"math"
	"slices"

	"creditbank/internal/credit"
	"creditbank/internal/packed"
)

// Compile builds the map. Facts that cannot be served are left out and listed by Faults.
func Compile(f Facts) *Map {
	c := compiler{
		m: &Map{}, texts: packed.NewIndex(), institutionAt: map[string]int32{},
		scopes: newTable[scopeRow](), terms: newTable[termsRow](), bands: newTable[bandRow](), forms: newTable[formRow](),
	}
	c.addInstitutions(&f)
	c.addCourses(f.Courses)
	c.addProgrammes(f.Programmes)
	c.addRules(f.Rules)
	c.addPolicies(f.Policies, f.Caps)
	c.m.texts = c.texts.Texts
	c.m.open()
	return c.m
}

// open makes what is looked up by text from the tables.
func (m *Map) open() {
	m.institutionAt = make(map[string]int32, len(m.institutions))
	for i := range m.institutions[:len(m.institutions)-1] {
		m.institutionAt[m.institutionCode(int32(i))] = int32(i)
		m.units = m.units || m.institutionKind(int32(i)) == KindBank
	}
	m.feeding = map[int32][]int32{}
	for _, n := range m.feeders {
		for _, source := range m.sourcesOf(&m.rules[n]) {
			m.feeding[source.course] = append(m.feeding[source.course], n)
		}
	}
	m.openPolicies()
}

// compiler fills the tables of a map.
type compiler struct {
	m             *Map
	texts         *packed.Index
	institutionAt map[string]int32
	courseAt      map[CourseKey]int32
	scopes        *table[scopeRow]
	terms         *table[termsRow]
	bands         *table[bandRow]
	forms         *table[formRow]
	faults        []Fault
}

// table is a list of different rows.
type table[T comparable] struct {
	rows []T
	at   map[T]uint32
}

func newTable[T comparable]() *table[T] { return &table[T]{at: map[T]uint32{}} }

func (t *table[T]) number(row T) uint32 {
	n, known := t.at[row]
	if !known {
		n = uint32(len(t.rows))
		t.at[row] = n
		t.rows = append(t.rows, row)
	}
	return n
}

// addInstitutions numbers every institution that something names, by code.
func (c *compiler) addInstitutions(f *Facts) {
	described := map[string]Institution{}
	for _, in := range f.Institutions {
		described[in.Code] = in
	}
	named := map[string]bool{}
	for code := range described {
		named[code] = true
	}
	for i := range f.Courses {
		named[f.Courses[i].Institution] = true
	}
	for i := range f.Programmes {
		named[f.Programmes[i].Institution] = true
	}
	codes := make([]string, 0, len(named))
	for code := range named {
		codes = append(codes, code)
	}
	slices.Sort(codes)
	for n, code := range codes {
		in, known := described[code]
		row := institutionRow{rate: in.Rate, step: in.Step, code: c.texts.Number(code), kind: c.texts.Number(in.Kind)}
		if known {
			row.known = 1
		}
		c.institutionAt[code] = int32(n)
		c.m.institutions = append(c.m.institutions, row)
	}
	c.m.institutions = append(c.m.institutions, institutionRow{})
}

// addCourses numbers the courses by institution and code and keeps their versions by first day.
func (c *compiler) addCourses(courses []Course) {
	sorted := make([]*Course, 0, len(courses))
	for i := range courses {
		if field := c.faultOfCourse(&courses[i]); field != "" {
			c.faults = append(c.faults, Fault{Course: courses[i].CourseKey, Field: field, Code: "range"})
			continue
		}
		sorted = append(sorted, &courses[i])
	}
	slices.SortFunc(sorted, func(a, b *Course) int { return cmp.Or(compareCourses(a.CourseKey, b.CourseKey), compareVersions(a, b)) })
	m := c.m
	c.courseAt = make(map[CourseKey]int32, len(sorted))
	for i, v := range sorted {
		if i == 0 || v.CourseKey != sorted[i-1].CourseKey {
			c.courseAt[v.CourseKey] = int32(len(m.courses))
			m.courses = append(m.courses, courseRow{at: c.institutionAt[v.Institution], versions: uint32(len(m.versions))})
			m.courseCodes.Append(v.Code)
		}
		m.versions = append(m.versions, versionRow{credits: int32(v.Credits), hours: int32(v.Hours), from: v.From, to: v.To, level: int32(v.Level)})
	}
	m.courses = append(m.courses, courseRow{at: int32(len(m.institutions) - 1), versions: uint32(len(m.versions))})
	for n, i := len(m.courses)-1, len(m.institutions)-1; i >= 0; i-- {
		for n > 0 && m.courses[n-1].at >= int32(i) {
			n--
		}
		m.institutions[i].courses = uint32(n)
	}
}

// compareVersions orders the versions of a course by their first day. That two
// begin on one day is a fault of the data; it must not make the order of rows count.
func compareVersions(a, b *Course) int {
	return cmp.Or(cmp.Compare(a.From, b.From), cmp.Compare(b.To, a.To), cmp.Compare(a.Credits, b.Credits),
		cmp.Compare(a.Hours, b.Hours), cmp.Compare(a.Level, b.Level))
}

func compareProgrammes(a, b ProgrammeKey) int {
	return cmp.Or(cmp.Compare(a.Code, b.Code), cmp.Compare(a.Institution, b.Institution))
}

func compareRefs(a, b RuleRef) int {
	return cmp.Or(cmp.Compare(a.Code, b.Code), cmp.Compare(a.Version, b.Version))
}

// addProgrammes numbers the programmes by code and institution. Of two with one
// key the last given counts.
func (c *compiler) addProgrammes(programmes []Programme) {
	last := make(map[ProgrammeKey]*Programme, len(programmes))
	for i := range programmes {
		last[programmes[i].ProgrammeKey] = &programmes[i]
	}
	sorted := make([]*Programme, 0, len(last))
	for _, p := range last {
		sorted = append(sorted, p)
	}
	slices.SortFunc(sorted, func(a, b *Programme) int { return compareProgrammes(a.ProgrammeKey, b.ProgrammeKey) })
	m := c.m
	for _, p := range sorted {
		row := programmeRow{required: p.Required, code: c.texts.Number(p.Code), at: c.institutionAt[p.Institution],
			groups: uint32(len(m.groups)), plan: uint32(len(m.plan))}
		groupAt := c.addGroups(p)
		c.addPlan(p, groupAt)
		m.programmes = append(m.programmes, row)
	}
	m.programmes = append(m.programmes, programmeRow{at: -1, groups: uint32(len(m.groups)), plan: uint32(len(m.plan))})
	c.indexOffers()
	c.indexPlaces()
}

func (c *compiler) addGroups(p *Programme) map[string]int32 {
	groupAt := make(map[string]int32, len(p.Groups))
	for _, g := range p.Groups {
		groupAt[g.Code] = int32(len(c.m.groups))
		c.m.groups = append(c.m.groups, groupRow{min: g.Min, code: c.texts.Number(g.Code), programme: int32(len(c.m.programmes))})
	}
	return groupAt
}

// addPlan keeps the plan by course. A course that the map does not know cannot be
// awarded or earned; of two places of one course the last given counts.
func (c *compiler) addPlan(p *Programme, groupAt map[string]int32) {
	places := make(map[int32]planRow, len(p.Plan))
	for _, entry := range p.Plan {
		course, known := c.courseAt[CourseKey{p.Institution, entry.Course}]
		if !known {
			continue
		}
		group, known := groupAt[entry.Group]
		if !known {
			group = -1
		}
		places[course] = planRow{course, newPlace(group, entry.NeverExempt)}
	}
	from := len(c.m.plan)
	for _, row := range places {
		c.m.plan = append(c.m.plan, row)
	}
	slices.SortFunc(c.m.plan[from:], func(a, b planRow) int { return cmp.Compare(a.course, b.course) })
}

// indexOffers lists the programmes of each institution.
func (c *compiler) indexOffers() {
	m := c.m
	of := make([][]int32, len(m.institutions))
	for n := range m.programmeCount() {
		of[m.programmes[n].at] = append(of[m.programmes[n].at], n)
	}
	for i := range m.institutions {
		m.institutions[i].offered = uint32(len(m.offered))
		m.offered = append(m.offered, of[i]...)
	}
}

// indexPlaces lists the places in plans of each course.
func (c *compiler) indexPlaces() {
	m := c.m
	counts := make([]uint32, len(m.courses)+1)
	for _, p := range m.plan {
		if p.place >= 0 {
			counts[p.course+1]++
		}
	}
	for i := range m.courses {
		counts[i+1] += counts[i]
		m.courses[i].places = counts[i]
	}
	m.places = make([]placeRow, counts[len(m.courses)])
	next := slices.Clone(counts)
	for _, p := range m.plan {
		if p.place >= 0 {
			m.places[next[p.course]] = p.place
			next[p.course]++
		}
	}
}

// addPolicies keeps the policies and caps as rows.
func (c *compiler) addPolicies(policies []Policy, caps []Cap) {
	for _, p := range policies {
		c.m.policyRows = append(c.m.policyRows, policyRow{minGrade: int64(p.MinGrade), validity: int64(p.Validity), maxRise: int64(p.MaxRise),
			scope: c.texts.Number(string(p.Scope)), institution: c.texts.Number(p.Institution), programme: c.texts.Number(p.Programme), from: p.From})
	}
	for _, p := range caps {
		c.m.capRows = append(c.m.capRows, capRow{credits: int64(p.Credits), share: int64(p.Share), scope: c.texts.Number(string(p.Scope)),
			institution: c.texts.Number(p.Institution), programme: c.texts.Number(p.Programme),
			kind: c.texts.Number(string(p.Kind)), key: c.texts.Number(p.Key), from: p.From})
	}
}

// openPolicies makes the lists of policies and caps by place, each in an order of its own.
func (m *Map) openPolicies() {
	m.policies, m.caps = map[Place][]Policy{}, map[Place][]Cap{}
	m.scoped, m.capped = map[int32]bool{}, map[int32]bool{}
	for _, r := range m.policyRows {
		place := m.place(r.scope, r.institution, r.programme)
		m.policies[place] = append(m.policies[place], Policy{Place: place, From: r.from, MinGrade: credit.Score(r.minGrade), Validity: int(r.validity), MaxRise: int(r.maxRise)})
		m.mark(m.scoped, place)
	}
	for _, list := range m.policies {
		slices.SortFunc(list, func(a, b Policy) int {
			return cmp.Or(cmp.Compare(a.From, b.From), cmp.Compare(a.MinGrade, b.MinGrade),
				cmp.Compare(a.Validity, b.Validity), cmp.Compare(a.MaxRise, b.MaxRise))
		})
	}
	for _, r := range m.capRows {
		place := m.place(r.scope, r.institution, r.programme)
		m.caps[place] = append(m.caps[place], Cap{Place: place, From: r.from, Kind: CapKind(m.texts.At(r.kind)), Key: m.texts.At(r.key),
			Credits: credit.Amount(r.credits), Share: credit.Share(r.share)})
		m.mark(m.capped, place)
	}
	for _, list := range m.caps {
		slices.SortFunc(list, func(a, b Cap) int {
			return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Key, b.Key), cmp.Compare(a.From, b.From),
				cmp.Compare(a.Credits, b.Credits), cmp.Compare(a.Share, b.Share))
		})
	}
}

// mark notes the institution of a place that is a programme.
func (m *Map) mark(institutions map[int32]bool, place Place) {
	if at, known := m.institutionAt[place.Institution]; known && place.Scope == ScopeProgramme {
		institutions[at] = true
	}
}

func (m *Map) place(scope, institution, programme uint32) Place {
	return Place{Scope: Scope(m.texts.At(scope)), Institution: m.texts.At(institution), Programme: m.texts.At(programme)}
}

// fits says whether a number is one that the tables hold and that is not below 0.
func fits[T ~int | ~int64 | ~int32](n T) bool { return n >= 0 && int64(n) <= math.MaxInt32 }

func (c *compiler) faultOfCourse(v *Course) (field string) {
	switch {
	case v.Credits < 0 || v.Credits > credit.MaxAmount:
		return "credits"
	case v.Hours < 0 || v.Hours > credit.MaxHours:
		return "hours"
	case v.Level < 0 || v.Level > 10:
		return "level"
	}
	return ""
}
