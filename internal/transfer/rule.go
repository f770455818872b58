package transfer

import (
	"encoding/binary"
	"slices"

	"creditbank/internal/credit"
)

// rule is a Rule with its courses as numbers, as one question works with it.
type rule struct {
	Rule
	n       int32
	at      int32   // institution
	scope   int32   // programme, -1 all, or nowhere
	sources []int32 // by source: its course
	targets []int32 // by target: its course, -1 unassigned credit
}

// rule reads a rule from the tables.
func (m *Map) rule(n int32) *rule {
	row := &m.rules[n]
	scope, terms := &m.scopes[row.scope], &m.terms[row.terms]
	r := &rule{n: n, at: scope.at, scope: scope.programme, Rule: Rule{
		RuleRef:     RuleRef{m.ruleCodes.At(uint32(n)), int(terms.version)},
		Institution: m.institutionCode(scope.at), Programme: m.texts.At(scope.programmeCode),
		From: terms.from, To: terms.to, Since: terms.since, Validity: int(terms.validity), Priority: int(terms.priority),
		Outcome: outcomes[terms.outcome], Reasons: splitTexts(m.texts.At(terms.reasons)), Note: m.note(n),
	}}
	sources, targets := m.sourcesOf(row), m.targetsOf(row)
	courses := make([]int32, 0, len(sources)+len(targets))
	r.sources, r.targets = courses[:0:len(sources)], courses[len(sources):len(sources)]
	r.Sources, r.Targets = make([]Source, 0, len(sources)), make([]Target, 0, len(targets))
	for _, s := range sources {
		r.addSource(m, s)
	}
	for _, t := range targets {
		r.addTarget(m, t)
	}
	return r
}

var outcomes = [...]Outcome{outcomeCredit: Credit, outcomeRefused: Refused, outcomePending: Pending}

var modes = [...]Mode{Catalogue, Fixed, FromHours}

// sourcesOf gives the sources of a rule, in the order of their courses.
func (m *Map) sourcesOf(row *ruleRow) []sourceRow {
	if row.source >= 0 {
		return []sourceRow{{row.source, uint32(row.band)}}
	}
	k := ^row.source
	return m.sources[m.several[k].sources:m.several[k+1].sources]
}

func (m *Map) targetsOf(row *ruleRow) []targetRow {
	switch {
	case row.source < 0:
		k := ^row.source
		return m.targets[m.several[k].targets:m.several[k+1].targets]
	case row.form == noForm:
		return nil
	}
	return []targetRow{{row.target, uint32(row.form)}}
}

func (r *rule) addSource(m *Map, s sourceRow) {
	band := m.bands[s.band]
	r.sources = append(r.sources, s.course)
	r.Sources = append(r.Sources, Source{CourseKey: m.courseKey(s.course), Min: credit.Score(band.min), Max: credit.Score(band.max)})
}

func (r *rule) addTarget(m *Map, t targetRow) {
	form := m.forms[t.form]
	target := Target{Group: m.texts.At(form.group), Mode: modes[form.mode], Credits: credit.Amount(form.credits), Exemption: form.exemption != 0}
	if t.course >= 0 {
		target.Course = m.courseCodes.At(uint32(t.course))
	}
	r.targets = append(r.targets, t.course)
	r.Targets = append(r.Targets, target)
}

func (m *Map) note(n int32) string {
	if at, noted := slices.BinarySearch(m.notedRules, n); noted {
		return m.notes.At(uint32(at))
	}
	return ""
}

// joinTexts makes one text of several, each behind its length.
func joinTexts(texts []string) string {
	var joined []byte
	for _, t := range texts {
		joined = append(binary.AppendUvarint(joined, uint64(len(t))), t...)
	}
	return string(joined)
}

func splitTexts(joined string) []string {
	var texts []string
	for b := []byte(joined); len(b) > 0; {
		n, used := binary.Uvarint(b)
		texts = append(texts, string(b[used:used+int(n)]))
		b = b[used+int(n):]
	}
	return texts
}
