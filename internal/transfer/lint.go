package transfer

import (
	"cmp"
	"slices"

	"creditbank/internal/calendar"
	"creditbank/internal/credit"
)

// Class is a kind of finding.
type Class string

// The classes of findings, with the detail of Finding that each carries.
const (
	LintFault         Class = "fault"                // Rules[0], Field, Code: left out of the map
	LintDuplicate     Class = "duplicate"            // two rules that say the same
	LintAmbiguous     Class = "ambiguous"            // two rules, same sources at the same time, other targets
	LintContradiction Class = "contradiction"        // a rule that gives credit, and one that refuses the same sources at the same time
	LintBandOverlap   Class = "band_overlap"         // two rules of a ladder, Low, High: the scores both take
	LintBandGap       Class = "band_gap"             // two rules of a ladder, Low, High: the scores none takes
	LintInactive      Class = "course_inactive"      // Rules[0], Course: no version in force
	LintRecredited    Class = "course_recredited"    // Rules[0], Course, Stated, Actual
	LintAboveSource   Class = "credits_above_source" // Rules[0], Stated: awarded, Actual: of the sources
	LintLevelRise     Class = "level_rise"           // Rules[0], Course, FromLevel, ToLevel
	LintOutsideCourse Class = "window_outside"       // Rules[0], Course, From, To: when the course is given
	LintDominated     Class = "dominated"            // Rules[0] never serves where Rules[1] does
	LintOverCap       Class = "over_cap"             // Rules[0], Cap
	LintCycle         Class = "cycle"                // Rules in their order around, Course: where it begins
	LintNeverExempt   Class = "never_exempt"         // Rules[0], Course, Programme
	LintCertificate   Class = "certificate"          // Course, Field: level, hours; or Rules[0], Field: validity
	LintMirror        Class = "mirror"               // two rules there and back, Stated, Actual: credits one comes back as
)

// Finding is something in the map that a person should look at. Which fields are
// set depends on the class; scores not given are NoScore, days calendar.None.
type Finding struct {
	Class     Class
	Rules     []RuleRef // the rule to mend first
	Course    CourseKey
	Programme ProgrammeKey
	Field     string
	Code      string
	Low, High credit.Score
	From, To  calendar.Day
	Stated    credit.Amount
	Actual    credit.Amount
	FromLevel int
	ToLevel   int
	Cap       *CapDetail
}

// toldRule is a rule in words, with its courses as numbers.
type toldRule struct {
	Rule
	n       int32
	at      int32   // institution
	scope   int32   // programme, -1 all, or nowhere
	sources []int32 // by source: its course
	targets []int32 // by target: its course, -1 unassigned credit
}

func (m *Map) toldRule(n int32) *toldRule {
	var r rule
	m.readRule(n, &r)
	t := &toldRule{Rule: r.told(), n: n, at: r.at, scope: r.scope}
	for _, s := range r.sources {
		t.sources = append(t.sources, s.course)
	}
	for _, target := range r.targets {
		t.targets = append(t.targets, target.course)
	}
	return t
}

// neighbours bounds how many rules on the same course a rule is compared with, so
// that the work stays in proportion to the number of rules.
const neighbours = 256

// perRule bounds how many others a rule is reported with: of a hundred rules that
// all contradict each other nobody reads every pair.
const perRule = 8

// Lint looks over the whole map as it stands on a day. The order of the findings
// depends on the facts alone.
func (m *Map) Lint(asOf calendar.Day) []Finding {
	l := &linter{m: m, asOf: asOf, policies: map[ProgrammeKey]terms{}, rules: make([]*toldRule, len(m.rules))}
	for n := range m.rules {
		l.rules[n] = m.toldRule(int32(n))
	}
	for _, f := range m.Faults() {
		l.found = append(l.found, faultFinding(f))
	}
	l.pairs()
	l.mirrors()
	l.eachRule()
	l.certificates()
	l.cycles()
	slices.SortStableFunc(l.found, compareFindings)
	return l.found
}

func faultFinding(f Fault) Finding {
	finding := Finding{Class: LintFault, Course: f.Course, Field: f.Field, Code: f.Code}
	if f.Rule != (RuleRef{}) {
		finding.Rules = []RuleRef{f.Rule}
	}
	return finding
}

func compareFindings(a, b Finding) int {
	return cmp.Or(slices.CompareFunc(a.Rules, b.Rules, compareRefs), cmp.Compare(a.Class, b.Class), compareCourses(a.Course, b.Course),
		compareProgrammes(a.Programme, b.Programme), cmp.Compare(a.Field, b.Field), cmp.Compare(a.Low, b.Low))
}

type linter struct {
	m        *Map
	asOf     calendar.Day
	rules    []*toldRule // all of the map
	found    []Finding
	policies map[ProgrammeKey]terms
}

// report adds a finding; days and scores that it leaves out are not given.
func (l *linter) report(f Finding, rules ...*toldRule) {
	for _, r := range rules {
		f.Rules = append(f.Rules, r.RuleRef)
	}
	l.found = append(l.found, f)
}

// grants says whether a rule gives credit to what is completed on some day.
func (r *toldRule) grants() bool { return r.Outcome == Credit }

// openOn says whether the window of a rule holds a day.
func (r *toldRule) openOn(day calendar.Day) bool { return inWindow(day, r.From, r.To) }

func inWindow(day, from, to calendar.Day) bool {
	return from <= day && (to == calendar.None || day <= to)
}

// overlap says whether two windows share a day; calendar.None is an open end.
func overlap(aFrom, aTo, bFrom, bTo calendar.Day) bool {
	return (aTo == calendar.None || bFrom <= aTo) && (bTo == calendar.None || aFrom <= bTo)
}

// within says whether a window lies wholly in another.
func within(aFrom, aTo, bFrom, bTo calendar.Day) bool {
	return bFrom <= aFrom && (bTo == calendar.None || (aTo != calendar.None && aTo <= bTo))
}

// level is a course's level on the day, 0 unknown.
func (l *linter) level(course int32) int { return int(l.m.courseOn(course, l.asOf).level) }

// credits are a course's credits, or its hours in credits of its institution; 0 unknown.
func (l *linter) credits(course int32) credit.Amount {
	c := l.m.courseOn(course, l.asOf)
	if c.credits > 0 {
		return c.amount()
	}
	at := &l.m.institutions[l.m.courses[course].at]
	return at.rate.Credits(credit.Hours(c.hours), at.step)
}

// awarded is what the i-th target gives on a plain result of the sources' courses.
func (l *linter) awarded(r *toldRule, i int) credit.Amount {
	t := &r.Targets[i]
	switch {
	case t.Exemption:
		return 0
	case t.Mode == FromHours:
		var hours credit.Hours
		for _, course := range r.sources {
			hours += l.hours(course)
		}
		at := &l.m.institutions[r.at]
		return at.rate.Credits(hours, at.step)
	case t.Mode == Catalogue && r.targets[i] >= 0:
		return l.m.courseOn(r.targets[i], l.asOf).amount()
	}
	return t.Credits
}

func (l *linter) hours(course int32) credit.Hours {
	c := l.m.courseOn(course, l.asOf)
	if c.hours > 0 {
		return credit.Hours(c.hours)
	}
	return l.m.rate(l.m.courses[course].at).Hours(c.amount())
}

func (l *linter) allAwarded(r *toldRule) credit.Amount {
	var sum credit.Amount
	for i := range r.Targets {
		sum += l.awarded(r, i)
	}
	return sum
}

// policy is the policy for the programmes that a rule is meant for.
func (l *linter) policy(r *toldRule) terms {
	key := ProgrammeKey{r.Institution, r.Programme}
	t, known := l.policies[key]
	if !known {
		t = l.m.policyOf(key, l.asOf)
		l.policies[key] = t
	}
	return t
}
