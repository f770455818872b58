package transfer_test

import (
	"strings"
	"testing"

	"creditbank/internal/calendar"
	"creditbank/internal/credit"
	"creditbank/internal/transfer"
)

// sketch is a small world drawn by hand. Every course has 4 credits, and 18 hours
// make a credit everywhere. The programme H:P1 asks for 20: group core needs 6
// and holds T1, T2 and the thesis, group more needs 4 and holds T3 and T4; T5 is
// a course outside its plan.
type sketch struct {
	t *testing.T
	world
}

func draw(t *testing.T) *sketch {
	s := &sketch{t: t}
	s.asOf = s.day("2026-09-01")
	for code, kind := range map[string]string{home: "higher_vocational", sender: "secondary_vocational", factory: "enterprise",
		examiner: "assessment_body", bank: transfer.KindBank} {
		s.facts.Institutions = append(s.facts.Institutions, transfer.Institution{Code: code, Kind: kind, Rate: 1800, Step: 50})
	}
	for _, key := range strings.Fields("H:T1 H:T2 H:T3 H:T4 H:T5 H:THESIS S:A S:B S:C S:D X:W Z:C1 U:U1 U:U2") {
		s.facts.Courses = append(s.facts.Courses, transfer.Course{CourseKey: courseKey(key), Credits: 400, From: calendar.None, To: calendar.None})
	}
	s.facts.Programmes = []transfer.Programme{{
		ProgrammeKey: transfer.ProgrammeKey{Institution: home, Code: "P1"}, Required: 2000,
		Groups: []transfer.Group{{Code: "core", Min: 600}, {Code: "more", Min: 400}},
		Plan: []transfer.PlanCourse{{Course: "T1", Group: "core"}, {Course: "T2", Group: "core"},
			{Course: "THESIS", Group: "core", NeverExempt: true}, {Course: "T3", Group: "more"}, {Course: "T4", Group: "more"}},
	}}
	return s
}

func courseKey(text string) transfer.CourseKey {
	at, code, _ := strings.Cut(text, ":")
	return transfer.CourseKey{Institution: at, Code: code}
}

func (s *sketch) day(text string) calendar.Day {
	s.t.Helper()
	d, err := calendar.Parse(text)
	if err != nil {
		s.t.Fatal(err)
	}
	return d
}

func (s *sketch) score(text string) credit.Score {
	s.t.Helper()
	n, err := credit.ParseScore(text)
	if err != nil {
		s.t.Fatal(err)
	}
	return n
}

func (s *sketch) amount(text string) credit.Amount {
	s.t.Helper()
	n, err := credit.ParseAmount(text)
	if err != nil {
		s.t.Fatal(err)
	}
	return n
}

// rule adds a rule to H: sources "S:A>=75<=90 S:B", targets "T1", "T1=2.5" with
// fixed credits, "T1~hours" with the sources' hours, "T1~exempt", "#more=3"
// unassigned. A target at the bank is written "U:U1".
func (s *sketch) rule(code, sources, targets string) *transfer.Rule {
	r := transfer.Rule{RuleRef: transfer.RuleRef{Code: code, Version: 1}, Institution: home, Outcome: transfer.Credit,
		From: calendar.None, To: calendar.None}
	for _, text := range strings.Fields(sources) {
		text, most, capped := strings.Cut(text, "<=")
		text, least, floored := strings.Cut(text, ">=")
		source := transfer.Source{CourseKey: courseKey(text), Min: transfer.NoScore, Max: transfer.NoScore}
		if capped {
			source.Max = s.score(most)
		}
		if floored {
			source.Min = s.score(least)
		}
		r.Sources = append(r.Sources, source)
	}
	for _, text := range strings.Fields(targets) {
		r.Targets = append(r.Targets, s.target(&r, text))
	}
	s.facts.Rules = append(s.facts.Rules, r)
	return &s.facts.Rules[len(s.facts.Rules)-1]
}

func (s *sketch) target(r *transfer.Rule, text string) transfer.Target {
	if at, code, elsewhere := strings.Cut(text, ":"); elsewhere {
		r.Institution, text = at, code
	}
	text, credits, fixed := strings.Cut(text, "=")
	text, mark, _ := strings.Cut(text, "~")
	t := transfer.Target{Course: text, Mode: transfer.Catalogue, Exemption: mark == "exempt"}
	if mark == "hours" {
		t.Mode = transfer.FromHours
	}
	if fixed {
		t.Mode, t.Credits = transfer.Fixed, s.amount(credits)
	}
	if group, unassigned := strings.CutPrefix(text, "#"); unassigned {
		t.Course, t.Group = "", group
	}
	return t
}

// record adds a result: "S:A 85 2026-01-15", "-" for no grade. Below 60 it is no pass.
func (s *sketch) record(text string) *transfer.Record {
	f := strings.Fields(text)
	r := transfer.Record{CourseKey: courseKey(f[0]), Kind: transfer.KindCourse, Score: transfer.NoScore, Passed: true, Completed: s.day(f[2])}
	if f[1] != "-" {
		r.Score = s.score(f[1])
		r.Passed = r.Score >= 6000
	}
	s.records = append(s.records, r)
	return &s.records[len(s.records)-1]
}

func (s *sketch) policy(p transfer.Policy) {
	s.facts.Policies = append(s.facts.Policies, p)
}

func (s *sketch) cap(kind transfer.CapKind, key string, credits credit.Amount) {
	s.facts.Caps = append(s.facts.Caps, transfer.Cap{Place: transfer.Place{Scope: transfer.ScopeBank}, Kind: kind, Key: key, Credits: credits, Share: -1})
}

func (s *sketch) course(key string) *transfer.Course {
	for i := range s.facts.Courses {
		if s.facts.Courses[i].CourseKey == courseKey(key) {
			return &s.facts.Courses[i]
		}
	}
	s.t.Fatalf("no course %s", key)
	return nil
}

// plan answers for H:P1, and holds the answer against the oracle and the witness.
func (s *sketch) plan() transfer.Answer {
	s.t.Helper()
	m := transfer.Compile(s.facts)
	if faults := m.Faults(); len(faults) > 0 {
		s.t.Fatalf("faults %v", faults)
	}
	for _, problem := range s.judge(m, 0) {
		s.t.Error(problem)
	}
	a, _ := m.Plan(s.facts.Programmes[0].ProgrammeKey, s.records, s.asOf)
	return a
}
