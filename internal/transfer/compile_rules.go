package transfer

import (
	"cmp"
	"math"
	"slices"

	"creditbank/internal/calendar"
	"creditbank/internal/credit"
)

// Fault names a stored fact that cannot be served: a rule, or the version of a
// course. It is left out of the map and reported.
type Fault struct {
	Rule   RuleRef   // empty: it is about the course
	Course CourseKey // empty: it is about the rule
	Field  string
	Code   string
}

// Faults lists the facts that were left out, courses first, then in the order of rule codes.
func (m *Map) Faults() []Fault {
	faults := make([]Fault, len(m.faults))
	for i, f := range m.faults {
		faults[i] = Fault{Rule: RuleRef{m.texts.At(f.code), int(f.version)}, Course: CourseKey{m.texts.At(f.institution), m.texts.At(f.course)},
			Field: m.texts.At(f.field), Code: m.texts.At(f.what)}
	}
	return faults
}

func (c *compiler) keepFaults() {
	slices.SortStableFunc(c.faults, func(a, b Fault) int {
		return cmp.Or(compareRefs(a.Rule, b.Rule), compareCourses(a.Course, b.Course), cmp.Compare(a.Field, b.Field), cmp.Compare(a.Code, b.Code))
	})
	for _, f := range c.faults {
		c.m.faults = append(c.m.faults, faultRow{code: c.texts.Number(f.Rule.Code), version: int32(f.Rule.Version), institution: c.texts.Number(f.Course.Institution),
			course: c.texts.Number(f.Course.Code), field: c.texts.Number(f.Field), what: c.texts.Number(f.Code)})
	}
}

// numbered is a rule on its way into the tables.
type numbered struct {
	*Rule
	sources []int32 // ascending
}

// addRules numbers the rules by first source, code and version, so that those
// that ask for a course lie together.
func (c *compiler) addRules(rules []Rule) {
	served := c.breakUnitCircles(c.served(byCode(rules)))
	m := c.m
	m.byCode = make([]int32, len(served))
	sorted := make([]numbered, len(served))
	for n, i := range byFirstSource(served, len(m.courses)) {
		sorted[n] = served[i]
		m.byCode[i] = int32(n)
	}
	c.packRules(sorted)
	c.indexRules()
	c.keepFaults()
}

// byCode lists the rules by code and version, as they mostly come.
func byCode(rules []Rule) []*Rule {
	list := make([]*Rule, len(rules))
	for i := range rules {
		list[i] = &rules[i]
	}
	compare := func(a, b *Rule) int { return compareRefs(a.RuleRef, b.RuleRef) }
	if !slices.IsSortedFunc(list, compare) {
		slices.SortStableFunc(list, compare)
	}
	return list
}

// served are the rules without those that can never be served, and of none that
// is there twice: nobody can say which one holds.
func (c *compiler) served(rules []*Rule) []numbered {
	served := make([]numbered, 0, len(rules))
	pool := make([]int32, 0, len(rules)+len(rules)/8)
	for i, r := range rules {
		field, code := c.faultOf(r)
		if i > 0 && rules[i-1].RuleRef == r.RuleRef || i+1 < len(rules) && rules[i+1].RuleRef == r.RuleRef {
			field, code = "equivalence", "twice"
		}
		if code != "" {
			c.faults = append(c.faults, Fault{Rule: r.RuleRef, Field: field, Code: code})
			continue
		}
		from := len(pool)
		for _, s := range r.Sources {
			pool = append(pool, c.courseAt[s.CourseKey])
		}
		served = append(served, numbered{Rule: r, sources: pool[from:len(pool):len(pool)]})
		slices.Sort(served[len(served)-1].sources)
	}
	return served
}

// byFirstSource lists rules, which come by code, by their first source and code.
func byFirstSource(rules []numbered, courses int) []int32 {
	next := make([]int32, courses+1)
	for i := range rules {
		next[rules[i].sources[0]+1]++
	}
	for course := range courses {
		next[course+1] += next[course]
	}
	order := make([]int32, len(rules))
	for i := range rules {
		first := rules[i].sources[0]
		order[next[first]] = int32(i)
		next[first]++
	}
	return order
}

func (c *compiler) packRules(rules []numbered) {
	m := c.m
	m.rules = make([]ruleRow, 0, len(rules))
	for i := range rules {
		m.ruleCodes.Append(rules[i].Code)
		if rules[i].Note != "" {
			m.notedRules = append(m.notedRules, int32(i))
			m.notes.Append(rules[i].Note)
		}
		m.rules = append(m.rules, c.pack(&rules[i]))
		if r := &rules[i]; r.Outcome == Credit && r.Programme == "" && c.isUnit(c.institutionAt[r.Institution]) {
			m.feeders = append(m.feeders, int32(i))
		}
	}
	m.several = append(m.several, severalRow{uint32(len(m.sources)), uint32(len(m.targets))})
	m.scopes, m.terms, m.bands, m.forms = c.scopes.rows, c.terms.rows, c.bands.rows, c.forms.rows
}

// pack makes the row of a rule, and for one with several sources or targets their rows.
func (c *compiler) pack(r *numbered) ruleRow {
	row := ruleRow{scope: c.scopeOf(r.Rule), terms: c.termsOf(r.Rule)}
	sources, targets := c.sourcesOf(r), c.targetsOf(r.Rule)
	if len(sources) == 1 && len(targets) <= 1 && sources[0].band < math.MaxUint16 {
		row.source, row.band, row.target, row.form = sources[0].course, uint16(sources[0].band), -1, noForm
		if len(targets) == 0 {
			return row
		}
		if targets[0].form < noForm {
			row.target, row.form = targets[0].course, uint16(targets[0].form)
			return row
		}
	}
	row.source, row.target, row.band, row.form = ^int32(len(c.m.several)), -1, 0, noForm
	c.m.several = append(c.m.several, severalRow{uint32(len(c.m.sources)), uint32(len(c.m.targets))})
	c.m.sources = append(c.m.sources, sources...)
	c.m.targets = append(c.m.targets, targets...)
	return row
}

func (c *compiler) scopeOf(r *Rule) uint32 {
	row := scopeRow{at: c.institutionAt[r.Institution], programme: -1, programmeCode: c.texts.Number(r.Programme)}
	if r.Programme != "" {
		row.programme = c.programme(ProgrammeKey{r.Institution, r.Programme})
	}
	return c.scopes.number(row)
}

func (c *compiler) programme(key ProgrammeKey) int32 {
	m := c.m
	n, found := slices.BinarySearchFunc(m.programmes[:m.programmeCount()], key, func(p programmeRow, key ProgrammeKey) int {
		return compareProgrammes(ProgrammeKey{c.texts.Texts.At(m.institutions[p.at].code), c.texts.Texts.At(p.code)}, key)
	})
	if !found {
		return nowhere
	}
	return int32(n)
}

func (c *compiler) termsOf(r *Rule) uint32 {
	row := termsRow{from: r.From, to: r.To, since: r.Since, validity: int32(r.Validity), priority: int32(r.Priority), version: int32(r.Version),
		reasons: c.texts.Number(joinTexts(r.Reasons)), outcome: outcomePending}
	switch r.Outcome {
	case Credit:
		row.outcome = outcomeCredit
	case Refused:
		row.outcome = outcomeRefused
	}
	return c.terms.number(row)
}

// sourcesOf gives the sources in the order of their courses: the order of a
// rule's rows decides nothing.
func (c *compiler) sourcesOf(r *numbered) []sourceRow {
	rows := make([]sourceRow, len(r.Sources))
	if len(rows) == 1 {
		rows[0] = sourceRow{r.sources[0], c.bands.number(bandRow{int32(r.Sources[0].Min), int32(r.Sources[0].Max)})}
		return rows
	}
	for i, s := range r.Sources {
		rows[i] = sourceRow{c.courseAt[s.CourseKey], c.bands.number(bandRow{int32(s.Min), int32(s.Max)})}
	}
	slices.SortFunc(rows, func(a, b sourceRow) int { return cmp.Compare(a.course, b.course) })
	return rows
}

func (c *compiler) targetsOf(r *Rule) []targetRow {
	targets := r.Targets
	if !slices.IsSortedFunc(targets, compareTargets) {
		targets = slices.SortedFunc(slices.Values(targets), compareTargets)
	}
	rows := make([]targetRow, len(targets))
	for i, t := range targets {
		form := formRow{credits: int32(t.Credits), group: c.texts.Number(t.Group), mode: modeNumber(t.Mode)}
		if t.Exemption {
			form.exemption = 1
		}
		rows[i] = targetRow{-1, c.forms.number(form)}
		if t.Course != "" {
			rows[i].course = c.courseAt[CourseKey{r.Institution, t.Course}]
		}
	}
	return rows
}

func modeNumber(mode Mode) uint16 { return uint16(max(0, slices.Index(modes[:], mode))) }

// compareTargets puts courses before unassigned credit, by their codes.
func compareTargets(a, b Target) int {
	return cmp.Or(compareBools(a.Course == "", b.Course == ""), cmp.Compare(a.Course, b.Course), cmp.Compare(a.Group, b.Group),
		cmp.Compare(a.Mode, b.Mode), cmp.Compare(a.Credits, b.Credits), compareBools(a.Exemption, b.Exemption))
}

// indexRules says of each course which rules ask for it first, and which besides.
func (c *compiler) indexRules() {
	m := c.m
	also := make([][]int32, len(m.courses))
	next := 0
	for n := range m.rules {
		sources := m.sourcesOf(&m.rules[n])
		for ; next <= int(sources[0].course); next++ {
			m.courses[next].rules = uint32(n)
		}
		for _, s := range sources[1:] {
			also[s.course] = append(also[s.course], int32(n))
		}
	}
	for ; next < len(m.courses); next++ {
		m.courses[next].rules = uint32(len(m.rules))
	}
	for i := range m.courses {
		m.courses[i].also = uint32(len(m.also))
		m.also = append(m.also, also[i]...)
	}
}

// faultOf names the field for which a rule can never be served, and why.
func (c *compiler) faultOf(r *Rule) (field, code string) {
	switch {
	case len(r.Sources) == 0:
		return "source_course", "required"
	case r.From != calendar.None && r.To != calendar.None && r.To < r.From:
		return "valid_to", "window"
	case r.Validity < 0 || r.Validity > maxValidity:
		return "validity_years", "range"
	case int(int32(r.Priority)) != r.Priority:
		return "priority", "range"
	case !fits(r.Version):
		return "version", "range"
	}
	if field, code := c.faultOfSources(r); code != "" {
		return field, code
	}
	if r.Outcome == Credit && len(r.Targets) == 0 {
		return "target_course", "required"
	}
	return c.faultOfTargets(r)
}

// maxValidity is more years than a result can be valid: no date lies so far off.
const maxValidity = 300

func (c *compiler) faultOfSources(r *Rule) (field, code string) {
	for i, s := range r.Sources {
		if _, known := c.courseAt[s.CourseKey]; !known {
			return "source_course", "unknown"
		}
		if s.Min != NoScore && s.Max != NoScore && s.Max < s.Min {
			return "max_grade", "band"
		}
		if s.Min < NoScore || s.Min > credit.MaxScore {
			return "min_grade", "range"
		}
		if s.Max < NoScore || s.Max > credit.MaxScore {
			return "max_grade", "range"
		}
		for _, other := range r.Sources[:i] {
			if other.CourseKey == s.CourseKey {
				return "source_course", "twice"
			}
		}
	}
	return "", ""
}

func (c *compiler) faultOfTargets(r *Rule) (field, code string) {
	at, known := c.institutionAt[r.Institution]
	if !known || c.m.institutions[at].known == 0 {
		return "target_institution", "unknown"
	}
	for i, t := range r.Targets {
		if t.Course != "" {
			if _, known := c.courseAt[CourseKey{r.Institution, t.Course}]; !known {
				return "target_course", "unknown"
			}
		}
		if t.Credits < 0 || t.Credits > credit.MaxAmount {
			return "target_credits", "range"
		}
		if !slices.Contains(modes[:], t.Mode) && !t.Exemption {
			return "credit_mode", "unknown"
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
