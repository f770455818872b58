package transfer_test

import (
	"fmt"
	"strings"
	"testing"

	"creditbank/internal/calendar"
	"creditbank/internal/credit"
	"creditbank/internal/transfer"
)

// What is told, case by case.
func TestHelpCases(t *testing.T) {
	grade := func(s *sketch) { s.rule("E1", "S:A>=75", "T1"); s.record("S:A 68 2026-01-15") }
	bank := transfer.Place{Scope: transfer.ScopeBank}
	for _, c := range []struct {
		name string
		draw func(*sketch)
		want string
	}{
		{"a grade", grade, "grade S:A 75/68 E1 +4/+4 =4/4"},
		{"a grade that the policy asks for", func(s *sketch) {
			s.rule("E1", "S:A", "T1")
			s.record("S:A 68 2026-01-15")
			s.policy(transfer.Policy{Place: bank, MinGrade: 7000, Validity: -1, MaxRise: -1})
		}, "grade S:A 70/68 E1 +4/+4 =4/4"},
		{"a grade that was not given", func(s *sketch) {
			s.rule("E1", "S:A>=75", "T1")
			s.record("S:A - 2026-01-15")
		}, "grade S:A 75/- E1 +4/+4 =4/4"},
		{"no pass", func(s *sketch) {
			s.rule("E1", "S:A", "T1")
			s.record("S:A 45 2026-01-15")
		}, "grade S:A 60/45 E1 +4/+4 =4/4"},
		{"a higher step of the ladder", func(s *sketch) {
			s.rule("E1", "S:A>=60<=79", "T1=2")
			s.rule("E2", "S:A>=80", "T1")
			s.record("S:A 68 2026-01-15")
		}, "grade S:A 80/68 E2 +2/+2 =4/4"},
		{"a missing course", func(s *sketch) {
			s.rule("E1", "S:A S:B>=75", "T1")
			s.record("S:A 68 2026-01-15")
		}, "course S:B 75 E1 +4/+4 =4/4"},
		{"a missing course in any grade", func(s *sketch) {
			s.rule("E1", "S:A S:B", "T1")
			s.record("S:A 68 2026-01-15")
		}, "course S:B - E1 +4/+4 =4/4"},
		{"two missing courses", func(s *sketch) {
			s.rule("E1", "S:A S:B S:C>=80", "T1")
			s.record("S:A 68 2026-01-15")
		}, "courses S:B -, S:C 80 E1 +4/+4 =4/4"},
		{"a grade and a course", func(s *sketch) {
			s.rule("E1", "S:A>=75 S:B", "T1")
			s.record("S:A 68 2026-01-15")
		}, "courses S:A 75/68, S:B - E1 +4/+4 =4/4"},
		{"three are too many", func(s *sketch) {
			s.rule("E1", "S:A S:B S:C S:D", "T1")
			s.record("S:A 68 2026-01-15")
		}, ""},
		{"expired", func(s *sketch) {
			s.rule("E1", "S:A", "T1").Validity = 2
			s.record("S:A 68 2020-01-15")
		}, "refresh S:A -/68 E1 +4/+4 =4/4"},
		{"too late for the window", func(s *sketch) {
			s.rule("E1", "S:A>=75", "T1").To = s.day("2026-02-01")
			s.record("S:A 68 2026-01-15")
		}, ""},
		{"through a standard unit", func(s *sketch) {
			s.rule("F1", "S:A S:B", "U:U1")
			s.rule("E1", "U:U1>=70", "T1")
			s.record("S:A 80 2026-01-15")
		}, "course S:B 70 E1 F1 +4/+4 =4/4"},
		{"a result that is taken helps in a larger set", func(s *sketch) {
			s.rule("E1", "S:A", "T1=2")
			s.rule("E2", "S:A S:B", "T1")
			s.record("S:A 80 2026-01-15")
		}, "course S:B - E2 +2/+2 =4/4"},
		{"a cap stands in the way", func(s *sketch) { grade(s); s.cap(transfer.CapTotal, "", 300) }, ""},
		{"what is used is not asked for again", func(s *sketch) {
			s.rule("E1", "S:A>=75 S:B", "T1")
			s.record("S:B 80 2026-01-15")
			s.record("S:A 68 2026-01-15").Used = "H:P2"
		}, ""},
		{"a refusal opens nothing", func(s *sketch) { grade(s); s.facts.Rules[0].Outcome = transfer.Refused }, ""},
		{"the most first, then the smaller change", func(s *sketch) {
			s.rule("E1", "S:A>=75", "T1=2")
			s.rule("E2", "S:B>=70", "T2=2")
			s.rule("E3", "S:C S:D", "T3=3")
			for _, r := range []string{"S:A 68 2026-01-15", "S:B 66 2026-01-15", "S:C 68 2026-01-15"} {
				s.record(r)
			}
		}, "course S:D - E3 +3/+3 =3/3; grade S:B 70/66 E2 +2/+2 =2/2; grade S:A 75/68 E1 +2/+2 =2/2"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := draw(t)
			c.draw(s)
			list, _ := transfer.Compile(s.facts).Help(s.facts.Programmes[0].ProgrammeKey, s.records, s.asOf)
			var told []string
			for i := range list {
				told = append(told, tellHelp(&list[i]))
			}
			if got := strings.Join(told, "; "); got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
		})
	}
}

// tellHelp says: kind, changes, rule and way, gain, new totals.
func tellHelp(h *transfer.Help) string {
	var changes []string
	for _, c := range h.Changes {
		text := c.Institution + ":" + c.Code + " " + tellScore(c.Needed)
		if c.Record >= 0 {
			text += "/" + tellScore(c.Had)
		}
		changes = append(changes, text)
	}
	rules := h.Rule.Code
	for _, v := range h.Via {
		rules += " " + v.Code
	}
	return fmt.Sprintf("%s %s %s +%s/+%s =%s/%s", h.Kind, strings.Join(changes, ", "), rules, h.MoreApplied, h.MoreTransferable, h.Applied, h.Transferable)
}

func tellScore(s credit.Score) string {
	if s == transfer.NoScore {
		return "-"
	}
	return s.String()
}

// Of many changes the smallest are tried, and five told; an unknown programme has none.
func TestHelpIsBounded(t *testing.T) {
	s := draw(t)
	for i := range 60 {
		code := fmt.Sprintf("N%02d", i)
		s.facts.Courses = append(s.facts.Courses, transfer.Course{CourseKey: transfer.CourseKey{Institution: sender, Code: code},
			Credits: 400, From: calendar.None, To: calendar.None})
		s.rule("E"+code, "S:"+code+">=75", "T1")
		s.record(fmt.Sprintf("S:%s %d.5 2026-01-15", code, 60+i%15))
	}
	m := transfer.Compile(s.facts)
	list, known := m.Help(s.facts.Programmes[0].ProgrammeKey, s.records, s.asOf)
	if !known || len(list) != 5 || list[0].Changes[0].Had != 7450 {
		t.Errorf("got %v %d %+v", known, len(list), list)
	}
	if all, _ := m.Helps(s.facts.Programmes[0].ProgrammeKey, s.records, s.asOf); len(all) != 40 {
		t.Errorf("tried %d", len(all))
	}
	if list, known := m.Help(transfer.ProgrammeKey{Institution: home, Code: "none"}, s.records, s.asOf); known || list != nil {
		t.Errorf("an unknown programme: %v %v", list, known)
	}
}
