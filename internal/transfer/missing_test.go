package transfer_test

import (
	"testing"

	"creditbank/internal/transfer"
)

// What a set lacks: no result, or the nearest one and what stands against it.
func TestMissingSources(t *testing.T) {
	set := func(s *sketch) { s.rule("E1", "S:A>=75 S:B", "T1"); s.record("S:B 90 2026-01-15") }
	bank := transfer.Place{Scope: transfer.ScopeBank}
	checkDrawings(t, []drawing{
		{"not passed", func(s *sketch) { set(s); s.record("S:A 40 2026-01-15") },
			"0/0; 0 incomplete_set [S:A=not_passed]; 1 not_passed"},
		{"already used", func(s *sketch) { set(s); s.record("S:A 80 2026-01-15").Used = "H:P2" },
			"0/0; 0 incomplete_set [S:A=already_used H:P2]; 1 already_used H:P2"},
		{"a free result says more than a used one", func(s *sketch) {
			set(s)
			s.record("S:A 80 2026-01-15").Used = "H:P2"
			s.record("S:A 70 2026-01-15")
		}, "0/0; 0 incomplete_set [S:A=grade_below 70/75]; 1 already_used H:P2; 2 grade_below 70/75"},
		{"the best of those below", func(s *sketch) {
			set(s)
			s.record("S:A 65 2026-01-15")
			s.record("S:A 70 2026-01-15")
		}, "0/0; 0 incomplete_set [S:A=grade_below 70/75]; 1 grade_below 65/75; 2 grade_below 70/75"},
		{"expired", func(s *sketch) {
			set(s)
			s.policy(transfer.Policy{Place: bank, MinGrade: transfer.NoScore, Validity: 2, MaxRise: -1})
			s.record("S:A 80 2024-01-15")
		}, "0/0; 0 incomplete_set [S:A=expired 2026-01-15]; 1 expired 2026-01-15"},
		{"outside the window", func(s *sketch) {
			set(s)
			s.facts.Rules[0].From = s.day("2025-09-01")
			s.record("S:A 80 2024-01-15")
		}, "0/0; 0 incomplete_set [S:A=outside_window 2025-09-01..]; 1 outside_window 2025-09-01.."},
		{"above", func(s *sketch) {
			s.rule("E1", "S:A<=75 S:B", "T1")
			s.record("S:A 90 2026-01-15")
			s.record("S:B 90 2026-01-15")
		}, "0/0; 0 grade_above 90/75; 1 incomplete_set [S:A=grade_above 90/75]"},
		{"earned at home", func(s *sketch) {
			s.rule("E1", "H:T3 S:B", "T1")
			s.record("S:B 90 2026-01-15")
			s.record("H:T3 80 2026-01-15")
		}, "0/0; 0 incomplete_set [H:T3=earned more]; 1 earned more"},
	})
}

// Refusals and pending evaluations that a record does not fit: they are about its
// course, and yet decide nothing of it.
func TestEvaluationsThatDoNotFit(t *testing.T) {
	refused := func(s *sketch, code, sources string) *transfer.Rule {
		r := s.rule(code, sources, "")
		r.Outcome, r.Reasons = transfer.Refused, []string{"LEVEL"}
		return r
	}
	checkDrawings(t, []drawing{
		{"outside its window", func(s *sketch) {
			refused(s, "E1", "S:A").From = s.day("2026-02-01")
			s.record("S:A 80 2026-01-15")
		}, "0/0; 0 (refused: outside_window 2026-02-01..)"},
		{"its set is not complete", func(s *sketch) {
			r := s.rule("E1", "S:A S:B", "T1")
			r.Outcome, r.Since = transfer.Pending, s.day("2026-08-01")
			s.record("S:A 80 2026-01-15")
		}, "0/0; 0 (pending: incomplete_set [S:B])"},
		{"outside its band", func(s *sketch) {
			refused(s, "E1", "S:A<=75")
			s.record("S:A 80 2026-01-15")
		}, "0/0; 0 (refused: grade_above 80/75)"},
		{"after everything else", func(s *sketch) {
			refused(s, "E1", "S:A S:B")
			s.rule("E2", "S:A", "T1").To = s.day("2025-01-01")
			s.record("S:A 80 2026-01-15")
		}, "0/0; 0 outside_window ..2025-01-01 (refused: incomplete_set [S:B])"},
	})
	s := draw(t)
	refused(s, "E1", "S:A").From = s.day("2026-02-01")
	s.record("S:A 80 2026-01-15")
	if got := s.plan().Records[0].State; got != transfer.NotEvaluated {
		t.Errorf("got state %s, want %s", got, transfer.NotEvaluated)
	}
}

// A grade in words goes along with its score, and decides nothing.
func TestGradesAreSaidAsReported(t *testing.T) {
	s := draw(t)
	s.rule("E1", "S:A>=75", "T1")
	s.rule("E2", "S:B", "T2")
	s.record("S:A 65 2026-01-15").Grade = "及格"
	s.record("S:B 0 2026-01-15").Grade = "不及格"
	for i, want := range []string{"及格", "不及格"} {
		if got := s.plan().Records[i].Reasons[0].GotGrade; got != want {
			t.Errorf("record %d: got %q, want %q", i, got, want)
		}
	}
}

// What a set lacks can be mended by taking or retaking the course, or not at all.
func TestMissingSourcesThatCanBeTaken(t *testing.T) {
	for code, want := range map[transfer.Code]bool{"": true, transfer.GradeBelow: true, transfer.NotPassed: true, transfer.GradeAbove: false,
		transfer.Expired: false, transfer.OutsideWindow: false, transfer.AlreadyUsed: false, transfer.EarnedCode: false, transfer.NoGain: false} {
		m := transfer.MissingSource{Why: &transfer.Reason{Code: code}}
		if code == "" {
			m.Why = nil
		}
		if got := m.Retakable(); got != want {
			t.Errorf("%q: got %v, want %v", code, got, want)
		}
	}
}
