package transfer

import (
	"encoding/binary"
	"slices"

	"creditbank/internal/credit"
)

// rule is a rule as one question works with it: its numbers. What it says in
// words is read from the tables by whoever tells it.
type rule struct {
	m       *Map
	n       int32
	at      int32 // institution
	scope   int32 // programme, -1 all, or nowhere
	terms   *termsRow
	sources []sourceRow
	targets []targetRow
	source  [1]sourceRow // memory of sources and targets, where there is one of each
	target  [1]targetRow
}

// readRule reads a rule from the tables into r.
func (m *Map) readRule(n int32, r *rule) {
	row := &m.rules[n]
	scope := &m.scopes[row.scope]
	*r = rule{m: m, n: n, at: scope.at, scope: scope.programme, terms: &m.terms[row.terms]}
	if row.source < 0 {
		r.sources, r.targets = m.sourcesOf(row), m.targetsOf(row)
		return
	}
	r.source[0] = sourceRow{row.source, uint32(row.band)}
	r.sources = r.source[:]
	if row.form != noForm {
		r.target[0] = targetRow{row.target, uint32(row.form)}
		r.targets = r.target[:]
	}
}

func (r *rule) outcome() Outcome { return outcomes[r.terms.outcome] }

func (r *rule) ref() RuleRef { return r.m.ref(r.n) }

func (m *Map) ref(n int32) RuleRef {
	return RuleRef{m.ruleCodes.At(uint32(n)), int(m.terms[m.rules[n].terms].version)}
}

// form is how the i-th target is credited.
func (r *rule) form(i int) *formRow { return &r.m.forms[r.targets[i].form] }

// told is the rule in words.
func (r *rule) told() Rule {
	m := r.m
	t := Rule{RuleRef: r.ref(), Institution: m.institutionCode(r.at), Programme: m.texts.At(m.scopes[m.rules[r.n].scope].programmeCode),
		From: r.terms.from, To: r.terms.to, Since: r.terms.since, Validity: int(r.terms.validity), Priority: int(r.terms.priority),
		Outcome: r.outcome(), Reasons: splitTexts(m.texts.At(r.terms.reasons)), Note: m.note(r.n),
		Sources: make([]Source, len(r.sources)), Targets: make([]Target, len(r.targets)),
	}
	for i, s := range r.sources {
		band := m.bands[s.band]
		t.Sources[i] = Source{CourseKey: m.courseKey(s.course), Min: credit.Score(band.min), Max: credit.Score(band.max)}
	}
	for i, target := range r.targets {
		form := r.form(i)
		t.Targets[i] = Target{Course: m.courseCode(target.course), Group: m.texts.At(form.group), Mode: modes[form.mode], Credits: credit.Amount(form.credits),
			Exemption: form.exemption != 0}
	}
	return t
}

// courseCode is the code of a course, empty for none.
func (m *Map) courseCode(course int32) string {
	if course < 0 {
		return ""
	}
	return m.courseCodes.At(uint32(course))
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

// firstSource is the first course that a rule asks for.
func (m *Map) firstSource(n int32) int32 {
	if course := m.rules[n].source; course >= 0 {
		return course
	}
	return m.sources[m.several[^m.rules[n].source].sources].course
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
