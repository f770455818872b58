package transfer_test

import (
	"slices"
	"testing"

	"creditbank/internal/calendar"
	"creditbank/internal/credit"
	"creditbank/internal/transfer"
)

// Numbers that no fact can have are left out and named; the rest is served.
func TestNumbersOutOfRangeAreFaults(t *testing.T) {
	for name, c := range map[string]struct {
		spoil func(s *sketch)
		want  transfer.Fault
	}{
		"negative credits":   {func(s *sketch) { s.facts.Courses[0].Credits = -1 }, transfer.Fault{Course: courseKey("H:T1"), Field: "credits", Code: "range"}},
		"huge credits":       {func(s *sketch) { s.facts.Courses[0].Credits = credit.MaxAmount + 1 }, transfer.Fault{Course: courseKey("H:T1"), Field: "credits", Code: "range"}},
		"huge hours":         {func(s *sketch) { s.facts.Courses[0].Hours = credit.MaxHours + 1 }, transfer.Fault{Course: courseKey("H:T1"), Field: "hours", Code: "range"}},
		"level of eleven":    {func(s *sketch) { s.facts.Courses[0].Level = 11 }, transfer.Fault{Course: courseKey("H:T1"), Field: "level", Code: "range"}},
		"negative target":    {func(s *sketch) { s.facts.Rules[0].Targets[0].Credits = -1 }, ruleFault("target_credits", "range")},
		"huge target":        {func(s *sketch) { s.facts.Rules[0].Targets[0].Credits = credit.MaxAmount + 1 }, ruleFault("target_credits", "range")},
		"unknown mode":       {func(s *sketch) { s.facts.Rules[0].Targets[0].Mode = "half" }, ruleFault("credit_mode", "unknown")},
		"negative validity":  {func(s *sketch) { s.facts.Rules[0].Validity = -1 }, ruleFault("validity_years", "range")},
		"endless validity":   {func(s *sketch) { s.facts.Rules[0].Validity = 1 << 40 }, ruleFault("validity_years", "range")},
		"huge priority":      {func(s *sketch) { s.facts.Rules[0].Priority = 1 << 40 }, ruleFault("priority", "range")},
		"grade above scores": {func(s *sketch) { s.facts.Rules[0].Sources[0].Min = credit.MaxScore + 1 }, ruleFault("min_grade", "range")},
		"grade below scores": {func(s *sketch) { s.facts.Rules[0].Sources[0].Max = -5 }, ruleFault("max_grade", "range")},
	} {
		s := draw(t)
		s.rule("E1", "S:A", "T2")
		s.rule("E2", "S:B", "T3")
		c.spoil(s)
		m := transfer.Compile(s.facts)
		if got := m.Faults(); !slices.Equal(got, []transfer.Fault{c.want}) {
			t.Errorf("%s: got %v, want %v", name, got, c.want)
		}
		s.records = []transfer.Record{{CourseKey: courseKey("S:B"), Kind: transfer.KindCourse, Score: 8000, Passed: true, Completed: s.asOf - 10}}
		if a, _ := m.Plan(s.facts.Programmes[0].ProgrammeKey, s.records, s.asOf); a.Applied != 400 {
			t.Errorf("%s: the sound rule gives %s", name, a.Applied)
		}
	}
}

func ruleFault(field, code string) transfer.Fault {
	return transfer.Fault{Rule: transfer.RuleRef{Code: "E1", Version: 1}, Field: field, Code: code}
}

// A standard unit never stands for itself: rules that lead from unit to unit and
// back are refused, all of the circle; one that leads nowhere else stays.
func TestCircleOfUnitsIsRefused(t *testing.T) {
	s := draw(t)
	unit := func(code, from, to string) {
		s.facts.Rules = append(s.facts.Rules, transfer.Rule{RuleRef: transfer.RuleRef{Code: code, Version: 1}, Institution: bank, Outcome: transfer.Credit,
			From: calendar.None, To: calendar.None, Sources: []transfer.Source{{CourseKey: courseKey(from), Min: transfer.NoScore, Max: transfer.NoScore}},
			Targets: []transfer.Target{{Course: to, Mode: transfer.Catalogue}}})
	}
	unit("E1", "U:U1", "U2")
	unit("E2", "U:U2", "U1")
	unit("E3", "S:A", "U1")
	m := transfer.Compile(s.facts)
	want := []transfer.Fault{
		{Rule: transfer.RuleRef{Code: "E1", Version: 1}, Field: "source_course", Code: "unit_circle"},
		{Rule: transfer.RuleRef{Code: "E2", Version: 1}, Field: "source_course", Code: "unit_circle"},
	}
	if got := m.Faults(); !slices.Equal(got, want) || m.Size() != 1 {
		t.Errorf("got %v, size %d", got, m.Size())
	}
	s.facts.Rules = s.facts.Rules[:1]
	if got := transfer.Compile(s.facts).Faults(); len(got) != 0 {
		t.Errorf("without a way back: %v", got)
	}
}
