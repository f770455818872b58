package transfer

import (
	"maps"
	"slices"

	"creditbank/internal/calendar"
)

// LintRule looks at a rule as if it were published in this map: what [Map.Lint]
// would find of it, and of the certificates that it asks for. Versions of its code
// that it follows end as publishing would end them. What blocks says that the rule
// could never serve, or that it and another say two things of one result; the rest
// is for a person to weigh.
//
// The work is in proportion to the rules on the courses that the rule names, not
// to those of the map. Of circles it follows the shortest way back.
func (m *Map) LintRule(r Rule, asOf calendar.Day) (blocking, warnings []Finding) {
	near := m.around(&r, asOf)
	small := Compile(near)
	for _, f := range small.Lint(asOf) {
		switch {
		case len(f.Rules) == 0 && !r.asksFor(f.Course), len(f.Rules) > 0 && !slices.Contains(f.Rules, r.RuleRef):
		case f.blocks(&r, near.Rules):
			blocking = append(blocking, f)
		default:
			warnings = append(warnings, f)
		}
	}
	return blocking, warnings
}

func (r *Rule) asksFor(course CourseKey) bool {
	return slices.ContainsFunc(r.Sources, func(s Source) bool { return s.CourseKey == course })
}

// blocks says whether a finding is a reason not to publish a rule. Two rules with
// other targets may be a choice between courses that are listed twice: whoever
// gives them different priorities says so.
func (f *Finding) blocks(r *Rule, near []Rule) bool {
	switch f.Class {
	case LintFault, LintDuplicate, LintContradiction, LintOverCap:
		return true
	case LintAmbiguous, LintBandOverlap:
		return !slices.ContainsFunc(near, func(o Rule) bool { return slices.Contains(f.Rules, o.RuleRef) && o.Priority != r.Priority })
	case LintDominated:
		return f.Rules[0] == r.RuleRef
	case LintNeverExempt:
		return r.Programme != ""
	case LintOutsideCourse:
		return !overlap(r.From, r.To, f.From, f.To)
	}
	return false
}

// around are the facts that the findings of a rule depend on, with the rule.
func (m *Map) around(r *Rule, asOf calendar.Day) Facts {
	rules := map[int32]bool{}
	at, known := m.institutionAt[r.Institution]
	if !known {
		at = -1
	}
	for _, s := range r.Sources {
		if course, known := m.courseAt(s.CourseKey); known {
			m.eachRule(course, func(n int32) {
				if m.scopes[m.rules[n].scope].at == at {
					rules[n] = true
				}
			})
		}
	}
	m.addUnitFeeders(rules, r)
	m.addWayBack(rules, r, asOf)
	var programmes []int32
	if known {
		programmes = m.offeredBy(at)
	}
	facts := m.facts(slices.Sorted(maps.Keys(rules)), programmes)
	m.addSources(&facts, &Change{Rules: []Rule{*r}})
	facts.Rules = append(slices.Collect(r.follows(facts.Rules)), *r)
	return facts
}

// follows gives the rules as they are once r is published: of versions before it
// those that it does not replace, with the end that it puts to them.
func (r *Rule) follows(rules []Rule) func(yield func(Rule) bool) {
	return func(yield func(Rule) bool) {
		for _, o := range rules {
			if o.Code == r.Code {
				if o.Version >= r.Version || r.From == calendar.None || (o.From != calendar.None && r.From <= o.From) {
					continue
				}
				o.To = earlier(o.To, r.From-1)
			}
			if !yield(o) {
				return
			}
		}
	}
}

// addUnitFeeders adds the rules from standard unit to standard unit for a rule
// that is one: they may not lead round.
func (m *Map) addUnitFeeders(rules map[int32]bool, r *Rule) {
	unit := func(institution string) bool {
		at, known := m.institutionAt[institution]
		return known && m.institutionKind(at) == KindBank
	}
	if !unit(r.Institution) || !slices.ContainsFunc(r.Sources, func(s Source) bool { return unit(s.Institution) }) {
		return
	}
	for _, n := range m.feeders {
		if slices.ContainsFunc(m.sourcesOf(&m.rules[n]), func(s sourceRow) bool { return m.institutionKind(m.courses[s.course].at) == KindBank }) {
			rules[n] = true
		}
	}
}

// addWayBack adds the rules on the shortest way of rules from course to course
// that leads from the target of a rule back to its source.
func (m *Map) addWayBack(rules map[int32]bool, r *Rule, asOf calendar.Day) {
	if len(r.Sources) != 1 || len(r.Targets) != 1 || r.Targets[0].Course == "" {
		return
	}
	start, there := m.courseAt(CourseKey{r.Institution, r.Targets[0].Course})
	end, known := m.courseAt(r.Sources[0].CourseKey)
	if !there || !known || start == end {
		return
	}
	came := m.walkHops(start, end, asOf)
	if _, found := came[end]; !found {
		return
	}
	for at := end; at != start; at = came[at] {
		m.eachHop(came[at], asOf, func(n, to int32) {
			if to == at {
				rules[n] = true
			}
		})
	}
}

// walkHops says of each course on ways from start where the way comes from, until
// it reaches end, breadth first.
func (m *Map) walkHops(start, end int32, asOf calendar.Day) map[int32]int32 {
	came := map[int32]int32{start: start}
	layer := []int32{start}
	for range longestCycle - 1 {
		var next []int32
		for _, at := range layer {
			m.eachHop(at, asOf, func(_, to int32) {
				if _, seen := came[to]; !seen {
					came[to] = at
					next = append(next, to)
				}
			})
		}
		if _, found := came[end]; found || len(came) > visitsPerHop {
			return came
		}
		layer = next
	}
	return came
}

// eachHop gives the rules from one course to one course that hold on the day and
// begin at a course, each with where it leads.
func (m *Map) eachHop(course int32, asOf calendar.Day, give func(n, to int32)) {
	for n := m.rulesOf(course).from; n < m.rulesOf(course).to; n++ {
		row := &m.rules[n]
		terms := &m.terms[row.terms]
		if row.source < 0 || row.target < 0 || terms.outcome != outcomeCredit || !inWindow(asOf, terms.from, terms.to) || m.forms[row.form].exemption != 0 {
			continue
		}
		give(int32(n), row.target)
	}
}
