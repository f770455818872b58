package transfer

import (
	"creditbank/internal/calendar"
	"creditbank/internal/packed"
)

// Choice narrows the rules of a map. A rule is chosen when all that is given
// holds of it; what is empty holds of every rule.
type Choice struct {
	SourceInstitution string // one of the sources is a course of it,
	SourceCourse      string // and has this code
	TargetInstitution string
	TargetCourse      string // code of one of the targets
	Programme         string // code of a programme for which the rule holds
	Outcome           Outcome
	On                calendar.Day // of completion: the effective window holds it; calendar.None: any
	About             packed.Set   // courses, of which one is a source or a target; nil: any
}

// Choose gives the numbers of the chosen rules.
func (m *Map) Choose(c Choice) packed.Set {
	s := selection{Map: m, Choice: c, scopes: m.chosenScopes(c), terms: m.chosenTerms(c)}
	if c.TargetCourse != "" {
		s.awarded = m.coursesNamed(c.TargetInstitution, c.TargetCourse)
	}
	chosen := packed.NewSet(int32(len(m.rules)))
	take := func(n int32) {
		if s.holds(n) {
			chosen.Add(n)
		}
	}
	if c.SourceInstitution == "" && c.SourceCourse == "" {
		for n := range int32(len(m.rules)) {
			take(n)
		}
		return chosen
	}
	for course := range m.coursesNamed(c.SourceInstitution, c.SourceCourse).All() {
		m.eachRule(course, take)
	}
	return chosen
}

// selection is a choice among the rows of a map.
type selection struct {
	*Map
	Choice
	scopes, terms []bool     // by row: it is chosen
	awarded       packed.Set // courses of which a target must be one; nil: any
}

// holds says whether a rule is chosen, whatever its sources.
func (s *selection) holds(n int32) bool {
	row := &s.rules[n]
	if !s.scopes[row.scope] || !s.terms[row.terms] {
		return false
	}
	if s.awarded != nil && !s.gives(row, s.awarded) {
		return false
	}
	return s.About == nil || s.asks(row, s.About) || s.gives(row, s.About)
}

func (s *selection) gives(row *ruleRow, courses packed.Set) bool {
	if row.source >= 0 {
		return row.target >= 0 && courses.Has(row.target)
	}
	for _, t := range s.targetsOf(row) {
		if t.course >= 0 && courses.Has(t.course) {
			return true
		}
	}
	return false
}

func (s *selection) asks(row *ruleRow, courses packed.Set) bool {
	if row.source >= 0 {
		return courses.Has(row.source)
	}
	for _, source := range s.sourcesOf(row) {
		if courses.Has(source.course) {
			return true
		}
	}
	return false
}

// chosenScopes says of each row of scopes whether the choice lets it through.
func (m *Map) chosenScopes(c Choice) []bool {
	at, known := m.institutionAt[c.TargetInstitution]
	chosen := make([]bool, len(m.scopes))
	for i := range m.scopes {
		scope := &m.scopes[i]
		chosen[i] = (c.TargetInstitution == "" || known && scope.at == at) &&
			(c.Programme == "" || scope.programme == -1 || m.texts.At(scope.programmeCode) == c.Programme)
	}
	return chosen
}

// chosenTerms says of each row of terms whether the choice lets it through.
func (m *Map) chosenTerms(c Choice) []bool {
	chosen := make([]bool, len(m.terms))
	for i := range m.terms {
		t := &m.terms[i]
		inForce := (t.from == calendar.None || t.from <= c.On) && (t.to == calendar.None || c.On <= t.to)
		chosen[i] = (c.Outcome == "" || outcomes[t.outcome] == c.Outcome) && (c.On == calendar.None || inForce)
	}
	return chosen
}

// coursesNamed are the courses of an institution (empty: any) with a code (empty: any).
func (m *Map) coursesNamed(institution, code string) packed.Set {
	named := packed.NewSet(m.courseCount())
	at, known := m.institutionAt[institution]
	switch {
	case institution != "" && !known:
	case institution == "":
		for n, text := range m.courseCodes.All() {
			if text == code {
				named.Add(int32(n))
			}
		}
	case code == "":
		named.AddRange(m.CoursesOf(at))
	default:
		if n, known := m.courseAt(CourseKey{institution, code}); known {
			named.Add(n)
		}
	}
	return named
}
