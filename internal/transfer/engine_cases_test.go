package transfer_test

import (
	"fmt"
	"strings"
	"testing"

	"creditbank/internal/calendar"
	"creditbank/internal/transfer"
)

// told is an answer in one line: "4/4 E1[0]>T1=4; 0 matched; 1 better_elsewhere E2".
func told(a transfer.Answer) string {
	text := fmt.Sprintf("%s/%s", a.Applied, a.Transferable)
	for _, it := range a.Items {
		text += fmt.Sprint(" ", it.Rule.Code)
		for _, v := range it.Via {
			text += "+" + v.Code
		}
		text += strings.ReplaceAll(fmt.Sprint(it.Records), " ", ",")
		for _, w := range it.Awards {
			text += fmt.Sprintf(">%s", w.Course)
			if w.Exemption {
				text += "~"
			}
			text += fmt.Sprintf("=%s", w.Credits)
		}
	}
	for i, r := range a.Records {
		text += fmt.Sprintf("; %d", i)
		for _, reason := range r.Reasons {
			text += " " + toldReason(reason)
		}
	}
	return text
}

func toldReason(r transfer.Reason) string {
	switch {
	case r.Outcome != "" && r.Code != transfer.RefusedCode && r.Code != transfer.PendingCode:
		outcome := r.Outcome
		r.Outcome = ""
		return fmt.Sprintf("(%s: %s)", outcome, toldReason(r))
	case r.Attempt:
		return fmt.Sprintf("%s %s by an attempt", r.Code, r.Other.Code)
	}
	switch r.Code {
	case transfer.GradeBelow, transfer.GradeAbove:
		return fmt.Sprintf("%s %s/%s", r.Code, r.Got, r.Needed)
	case transfer.IncompleteSet:
		return fmt.Sprintf("%s %s", r.Code, toldMissing(r.Missing))
	case transfer.LevelGate:
		return fmt.Sprintf("%s %d>%d bridge %d", r.Code, r.FromLevel, r.ToLevel, r.Bridge)
	case transfer.Expired:
		return fmt.Sprintf("%s %s", r.Code, r.Until)
	case transfer.OutsideWindow:
		return fmt.Sprintf("%s %s..%s", r.Code, r.From, r.To)
	case transfer.BetterElsewhere:
		return fmt.Sprintf("%s %s", r.Code, r.Other.Code)
	case transfer.CapReached:
		return fmt.Sprintf("%s %s %s+%s/%s", r.Code, r.Cap.Key, r.Cap.Taken, r.Cap.Adds, r.Cap.Limit)
	case transfer.AlreadyUsed:
		return fmt.Sprintf("%s %s", r.Code, r.By)
	case transfer.NeverExempt, transfer.NoGain:
		return strings.TrimSpace(fmt.Sprintf("%s %s", r.Code, r.Course))
	case transfer.RefusedCode:
		return fmt.Sprintf("%s %v %s", r.Code, r.Codes, r.Note)
	case transfer.PendingCode:
		return fmt.Sprintf("%s %s %s", r.Code, r.Since, r.Holder)
	case transfer.EarnedCode:
		return fmt.Sprintf("%s %s", r.Code, r.Group)
	}
	return string(r.Code)
}

func toldMissing(missing []transfer.MissingSource) string {
	var list []string
	for _, m := range missing {
		text := m.Institution + ":" + m.Code
		if m.Why != nil {
			text += "=" + toldReason(*m.Why)
		}
		list = append(list, text)
	}
	return "[" + strings.Join(list, " ") + "]"
}

type drawing struct {
	name string
	draw func(s *sketch)
	want string
}

func checkDrawings(t *testing.T, list []drawing) {
	t.Helper()
	for _, c := range list {
		t.Run(c.name, func(t *testing.T) {
			s := draw(t)
			c.draw(s)
			if got := told(s.plan()); got != c.want {
				t.Errorf("\n got %s\nwant %s", got, c.want)
			}
		})
	}
}

// Each reason in a world that has it.
func TestReasons(t *testing.T) {
	checkDrawings(t, []drawing{
		{"matched", func(s *sketch) { s.rule("E1", "S:A", "T1"); s.record("S:A 80 2026-01-15") }, "4/4 E1[0]>T1=4; 0 matched"},
		{"earned", func(s *sketch) { s.rule("E1", "S:A", "T1"); s.record("H:T3 80 2026-01-15") }, "0/0; 0 earned more"},
		{"no_rule", func(s *sketch) { s.rule("E1", "S:A", "T1"); s.record("S:B 80 2026-01-15") }, "0/0; 0 no_rule"},
		{"no_rule of this school", func(s *sketch) { s.rule("E1", "S:A", "U:U1"); s.record("S:A 80 2026-01-15") }, "0/0; 0 no_rule"},
		{"no_rule of this programme", func(s *sketch) { s.rule("E1", "S:A", "T1").Programme = "P2"; s.record("S:A 80 2026-01-15") }, "0/0; 0 no_rule"},
		{"unknown course", func(s *sketch) { s.rule("E1", "S:A", "T1"); s.record("S:ZZ 80 2026-01-15") }, "0/0; 0 no_rule"},
		{"pending", func(s *sketch) {
			r := s.rule("E1", "S:A", "T1")
			r.Outcome, r.Since = transfer.Pending, s.day("2026-03-01")
			s.record("S:A 80 2026-01-15")
		}, "0/0; 0 pending 2026-03-01 H"},
		{"refused", func(s *sketch) {
			r := s.rule("E1", "S:A", "")
			r.Outcome, r.Reasons, r.Note = transfer.Refused, []string{"LEVEL", "HOURS"}, "课时不足"
			s.record("S:A 80 2026-01-15")
		}, "0/0; 0 refused [LEVEL HOURS] 课时不足"},
		{"incomplete_set", func(s *sketch) { s.rule("E1", "S:A S:B S:C", "T1"); s.record("S:B 80 2026-01-15") },
			"0/0; 0 incomplete_set [S:A S:C]"},
		{"grade_below", func(s *sketch) { s.rule("E1", "S:A>=75", "T1"); s.record("S:A 68 2026-01-15") }, "0/0; 0 grade_below 68/75"},
		{"grade_below of the policy", func(s *sketch) {
			s.policy(transfer.Policy{Place: transfer.Place{Scope: transfer.ScopeBank}, MinGrade: 7000, Validity: -1, MaxRise: -1})
			s.rule("E1", "S:A", "T1")
			s.record("S:A 68 2026-01-15")
		}, "0/0; 0 grade_below 68/70"},
		{"grade_below and the other of the set", func(s *sketch) {
			s.rule("E1", "S:A>=75 S:B", "T1")
			s.record("S:A 68 2026-01-15")
			s.record("S:B 90 2026-01-15")
		}, "0/0; 0 grade_below 68/75; 1 incomplete_set [S:A=grade_below 68/75]"},
		{"no grade meets no band", func(s *sketch) { s.rule("E1", "S:A>=60", "T1"); s.record("S:A - 2026-01-15") }, "0/0; 0 grade_below -0.01/60"},
		{"no grade passes", func(s *sketch) { s.rule("E1", "S:A", "T1"); s.record("S:A - 2026-01-15") }, "4/4 E1[0]>T1=4; 0 matched"},
		{"grade_above", func(s *sketch) { s.rule("E1", "S:A<=80", "T1"); s.record("S:A 80.01 2026-01-15") }, "0/0; 0 grade_above 80.01/80"},
		{"both ends of a band", func(s *sketch) { s.rule("E1", "S:A>=80<=80", "T1"); s.record("S:A 80 2026-01-15") }, "4/4 E1[0]>T1=4; 0 matched"},
		{"level_gate", func(s *sketch) {
			s.levels("S:A", 3, "H:T1", 5)
			s.rule("E1", "S:A", "T1")
			s.record("S:A 80 2026-01-15")
		},
			"0/0; 0 level_gate 3>5 bridge 4"},
		{"level_gate with its bridge", func(s *sketch) {
			s.levels("S:A", 3, "H:T1", 5)
			s.rule("E1", "S:A S:B", "T1")
			s.record("S:A 80 2026-01-15")
			s.record("S:B 80 2026-01-15").Level = 4
		}, "4/4 E1[0,1]>T1=4; 0 matched; 1 matched"},
		{"level not known", func(s *sketch) {
			s.levels("S:B", 3, "H:T1", 5)
			s.rule("E1", "S:A", "T1")
			s.record("S:A 80 2026-01-15")
		}, "4/4 E1[0]>T1=4; 0 matched"},
		{"expired", func(s *sketch) { s.rule("E1", "S:A", "T1").Validity = 2; s.record("S:A 80 2024-08-31") }, "0/0; 0 expired 2026-08-31"},
		{"valid to the day", func(s *sketch) { s.rule("E1", "S:A", "T1").Validity = 2; s.record("S:A 80 2024-09-01") }, "4/4 E1[0]>T1=4; 0 matched"},
		{"outside_window", func(s *sketch) {
			s.rule("E1", "S:A", "T1").To = s.day("2025-12-31")
			s.record("S:A 80 2026-01-01")
		}, "0/0; 0 outside_window ..2025-12-31"},
		{"an ended rule serves its time", func(s *sketch) {
			r := s.rule("E1", "S:A", "T1")
			r.From, r.To = s.day("2025-01-01"), s.day("2025-12-31")
			s.record("S:A 80 2025-12-31")
		}, "4/4 E1[0]>T1=4; 0 matched"},
		{"already_used", func(s *sketch) { s.rule("E1", "S:A", "T1"); s.record("S:A 80 2026-01-15").Used = "2025-17" }, "0/0; 0 already_used 2025-17"},
		{"better_elsewhere", func(s *sketch) {
			s.rule("E1", "S:A", "T1=3")
			s.rule("E2", "S:B", "T1")
			s.record("S:A 80 2026-01-15")
			s.record("S:B 80 2026-01-15")
		}, "4/4 E2[1]>T1=4; 0 better_elsewhere E2; 1 matched"},
		{"better_elsewhere, another attempt", func(s *sketch) {
			s.rule("E1", "S:A", "T1")
			s.record("S:A 80 2026-01-15")
			s.record("S:A 90 2025-01-15")
		}, "4/4 E1[1]>T1=4; 0 better_elsewhere E1 by an attempt; 1 matched"},
		{"of equal attempts the later", func(s *sketch) {
			s.rule("E1", "S:A", "T1")
			s.record("S:A 80 2026-01-15")
			s.record("S:A 80 2026-01-16")
		}, "4/4 E1[1]>T1=4; 0 better_elsewhere E1 by an attempt; 1 matched"},
		{"better_elsewhere, the same rule in another way", func(s *sketch) {
			s.rule("E1", "S:A", "U:U1")
			s.rule("E2", "S:B", "U:U1")
			s.rule("E3", "U:U1", "T1")
			s.record("S:A 80 2026-01-15")
			s.record("S:B 80 2026-01-15")
		}, "4/4 E3+E1[0]>T1=4; 0 matched; 1 better_elsewhere E3"},
		{"cap", func(s *sketch) {
			s.cap(transfer.CapTotal, "", 700)
			s.rule("E1", "S:A", "T1")
			s.rule("E2", "S:B", "T3=3.5")
			s.record("S:A 80 2026-01-15")
			s.record("S:B 80 2026-01-15")
		}, "4/4 E1[0]>T1=4; 0 matched; 1 cap  4+3.5/7"},
		{"cap on its own", func(s *sketch) {
			s.cap(transfer.CapSourceInstitution, sender, 300)
			s.rule("E1", "S:A X:W", "T1")
			s.record("S:A 80 2026-01-15")
			s.record("X:W 80 2026-01-15")
		}, "0/0; 0 cap S 0+4/3; 1 cap S 0+4/3"},
		{"never_exempt", func(s *sketch) { s.rule("E1", "S:A", "THESIS"); s.record("S:A 80 2026-01-15") }, "0/0; 0 never_exempt THESIS"},
		{"not_passed", func(s *sketch) { s.rule("E1", "S:A", "T1"); s.record("S:A 59 2026-01-15") }, "0/0; 0 not_passed"},
		{"no_gain, nothing awarded", func(s *sketch) { s.rule("E1", "S:A", "T1=0"); s.record("S:A 80 2026-01-15") }, "0/0; 0 no_gain"},
		{"no_gain, held already", func(s *sketch) {
			s.rule("E1", "S:A", "T1 T2")
			s.record("S:A 80 2026-01-15")
			s.record("H:T1 60 2026-06-15")
		}, "0/0; 0 no_gain T1; 1 earned core"},
		{"no_gain, earned by a better result", func(s *sketch) { s.record("H:T1 80 2026-01-15"); s.record("H:T1 90 2026-01-15") },
			"0/0; 0 no_gain T1; 1 earned core"},
		{"several reasons, the nearest first", func(s *sketch) {
			s.rule("E1", "S:A", "T1").To = s.day("2025-12-31")
			s.rule("E2", "S:A S:B", "T2")
			s.rule("E3", "S:A>=90", "T3")
			s.record("S:A 80 2026-01-15")
		}, "0/0; 0 incomplete_set [S:B] grade_below 80/90 outside_window ..2025-12-31"},
	})
}

// The clauses of the definition that concern the plan as a whole.
func TestClauses(t *testing.T) {
	checkDrawings(t, []drawing{
		{"what a group does not need is transferable, not applied", func(s *sketch) {
			s.rule("E1", "S:A", "T1")
			s.rule("E2", "S:B", "T2")
			s.record("S:A 80 2026-01-15")
			s.record("S:B 80 2026-01-15")
		}, "6/8 E1[0]>T1=4 E2[1]>T2=4; 0 matched; 1 matched"},
		{"a course in no group is transferable, not applied", func(s *sketch) { s.rule("E1", "S:A", "T5"); s.record("S:A 80 2026-01-15") },
			"0/4 E1[0]>T5=4; 0 matched"},
		{"applied goes before transferable", func(s *sketch) {
			s.rule("E1", "S:A", "T5=9")
			s.rule("E2", "S:A", "T1=0.5")
			s.record("S:A 80 2026-01-15")
		}, "0.5/0.5 E2[0]>T1=0.5; 0 matched"},
		{"an exemption gives no credit and uses up its course", func(s *sketch) {
			s.rule("E1", "S:A", "T1~exempt")
			s.rule("E2", "S:B", "T1=0")
			s.record("S:A 80 2026-01-15")
			s.record("S:B 80 2026-01-15")
		}, "0/0 E1[0]>T1~=0; 0 matched; 1 better_elsewhere E1"},
		{"credits go before an exemption", func(s *sketch) {
			s.rule("E1", "S:A", "T1~exempt")
			s.rule("E2", "S:B", "T1")
			s.record("S:A 80 2026-01-15")
			s.record("S:B 80 2026-01-15")
		}, "4/4 E2[1]>T1=4; 0 better_elsewhere E2; 1 matched"},
		{"fewest records", func(s *sketch) {
			s.rule("E1", "S:A S:B", "T1")
			s.rule("E2", "S:A", "T1")
			s.record("S:A 80 2026-01-15")
			s.record("S:B 80 2026-01-15")
		}, "4/4 E2[0]>T1=4; 0 matched; 1 better_elsewhere E2"},
		{"priority decides between equals", func(s *sketch) {
			s.rule("E1", "S:A", "T1")
			s.rule("E2", "S:A", "T2").Priority = 1
			s.record("S:A 80 2026-01-15")
		}, "4/4 E2[0]>T2=4; 0 matched"},
		{"then the code", func(s *sketch) {
			s.rule("E2", "S:A", "T2")
			s.rule("E1", "S:A", "T1")
			s.record("S:A 80 2026-01-15")
		}, "4/4 E1[0]>T1=4; 0 matched"},
		{"the sources' hours, rounded down", func(s *sketch) {
			s.rule("E1", "S:A S:B", "T1~hours")
			s.record("S:A 80 2026-01-15").Hours = 400_000
			s.record("S:B 80 2026-01-15").Credits = 250
		}, "4.5/4.5 E1[0,1]>T1=4.5; 0 matched; 1 matched"},
		{"unassigned credit", func(s *sketch) { s.rule("E1", "S:A", "#more=3"); s.record("S:A 80 2026-01-15") }, "3/3 E1[0]>=3; 0 matched"},
		{"unassigned credit in a group that is not there", func(s *sketch) { s.rule("E1", "S:A", "#sport=3"); s.record("S:A 80 2026-01-15") },
			"0/3 E1[0]>=3; 0 matched"},
		{"residency as a cap", func(s *sketch) {
			s.facts.Caps = []transfer.Cap{{Place: transfer.Place{Scope: transfer.ScopeInstitution, Institution: home}, Kind: transfer.CapTotal, Credits: -1, Share: 3000}}
			s.rule("E1", "S:A", "T1")
			s.rule("E2", "S:B", "T3=2")
			s.rule("E3", "S:C", "T3=2.5")
			s.record("S:A 80 2026-01-15")
			s.record("S:B 80 2026-01-15")
			s.record("S:C 80 2026-01-15")
		}, "6/6 E1[0]>T1=4 E2[1]>T3=2; 0 matched; 1 matched; 2 better_elsewhere E2"},
		{"a home result outside the plan is a source", func(s *sketch) { s.rule("E1", "H:T5", "T1"); s.record("H:T5 80 2026-01-15") },
			"4/4 E1[0]>T1=4; 0 matched"},
		{"earned though used", func(s *sketch) { s.record("H:T1 80 2026-01-15").Used = "2025-17" }, "0/0; 0 earned core"},
		{"a home result in the plan is no source", func(s *sketch) {
			s.rule("E1", "H:T1", "T3")
			s.record("H:T1 80 2026-01-15")
		}, "0/0; 0 earned core"},
		{"no chain", func(s *sketch) {
			s.rule("E1", "S:A", "T5")
			s.rule("E2", "H:T5", "T1")
			s.record("S:A 80 2026-01-15")
		}, "0/4 E1[0]>T5=4; 0 matched"},
		{"one chain through a unit", func(s *sketch) {
			s.rule("E1", "S:A", "U:U1")
			s.rule("E2", "U:U1", "T1")
			s.record("S:A 80 2026-01-15")
		}, "4/4 E2+E1[0]>T1=4; 0 matched"},
		{"but one", func(s *sketch) {
			s.rule("E1", "S:A", "U:U1")
			s.rule("E2", "U:U1", "U:U2")
			s.rule("E3", "U:U2", "T1")
			s.record("S:A 80 2026-01-15")
		}, "0/0; 0 no_rule"},
		{"a unit of one's own chains once", func(s *sketch) {
			s.rule("E2", "U:U1", "U:U2")
			s.rule("E3", "U:U2", "T1")
			s.record("U:U1 80 2026-01-15")
		}, "4/4 E3+E2[0]>T1=4; 0 matched"},
		{"bands of both rules", func(s *sketch) {
			s.rule("E1", "S:A<=90", "U:U1")
			s.rule("E2", "U:U1>=80", "T1")
			s.record("S:A 75 2026-01-15")
			s.record("S:A 85 2026-01-15")
			s.record("S:A 95 2026-01-15")
		}, "4/4 E2+E1[1]>T1=4; 0 better_elsewhere E2 by an attempt; 1 matched; 2 better_elsewhere E2 by an attempt"},
		{"one rule serves two units with its sources once", func(s *sketch) {
			s.rule("E1", "S:A", "U:U1 U:U2")
			s.rule("E2", "U:U1 U:U2", "T1")
			s.record("S:A 80 2026-01-15")
		}, "4/4 E2+E1[0]>T1=4; 0 matched"},
		{"two rules do not share a course", func(s *sketch) {
			s.rule("E1", "S:A", "U:U1")
			s.rule("E2", "S:A", "U:U2")
			s.rule("E3", "U:U1 U:U2", "T1")
			s.record("S:A 80 2026-01-15")
		}, "0/0; 0 incomplete_set [U:U2] incomplete_set [U:U1]"},
	})
}

// The shapes of public rule sets, as engine.md numbers them.
func TestRealShapes(t *testing.T) {
	checkDrawings(t, []drawing{
		{"1 the completion date picks the version", func(s *sketch) {
			first := s.rule("E1", "S:A", "T1=3")
			first.To = s.day("2023-08-31")
			second := s.rule("E1", "S:A", "#more=2")
			second.Version, second.From, second.To = 2, s.day("2023-09-01"), s.day("2024-08-31")
			third := s.rule("E1", "S:A", "")
			third.Version, third.From, third.Outcome, third.Reasons = 3, s.day("2024-09-01"), transfer.Refused, []string{"CONTENT"}
			s.record("S:A 80 2024-01-15")
		}, "2/2 E1[0]>=2; 0 matched"},
		{"2 not transferable is a decision", func(s *sketch) {
			r := s.rule("E1", "S:A", "")
			r.Outcome, r.Reasons = transfer.Refused, []string{"SUBJECT"}
			p := s.rule("E2", "S:B", "")
			p.Outcome, p.Since = transfer.Pending, s.day("2026-08-01")
			s.record("S:A 80 2026-01-15")
			s.record("S:B 80 2026-01-15")
			s.record("S:C 80 2026-01-15")
		}, "0/0; 0 refused [SUBJECT] ; 1 pending 2026-08-01 H; 2 no_rule"},
		{"3 none, fewer and more credits", func(s *sketch) {
			s.rule("E1", "S:A", "T1=0")
			s.rule("E2", "S:B", "T2=3")
			s.rule("E3", "S:C", "T3=5")
			s.record("S:A 80 2026-01-15")
			s.record("S:B 80 2026-01-15")
			s.record("S:C 80 2026-01-15")
		}, "7/8 E2[1]>T2=3 E3[2]>T3=5; 0 no_gain; 1 matched; 2 matched"},
		{"4 a set beside a rule for one of it", func(s *sketch) {
			s.rule("E1", "S:A S:B", "T1 T3")
			s.rule("E2", "S:A", "T1")
			s.record("S:A 80 2026-01-15")
			s.record("S:B 80 2026-01-15")
		}, "8/8 E1[0,1]>T1=4>T3=4; 0 matched; 1 matched"},
		{"5 one source, several targets", func(s *sketch) {
			s.rule("E1", "S:A", "T1=2")
			s.rule("E2", "S:A", "T3=3")
			s.record("S:A 80 2026-01-15")
		}, "3/3 E2[0]>T3=3; 0 matched"},
		{"6 a ladder", func(s *sketch) {
			s.rule("E3", "S:A>=3", "T1")
			s.rule("E4", "S:A>=4", "T1 T2")
			s.rule("E5", "S:A>=5", "T1 T2 T3")
			s.record("S:A 4 2026-01-15").Passed = true
		}, "6/8 E4[0]>T1=4>T2=4; 0 matched"},
		{"7 a circle", func(s *sketch) {
			s.rule("E1", "H:T5", "T1")
			s.rule("E2", "H:T1", "T5")
			s.record("H:T5 80 2026-01-15")
		}, "4/4 E1[0]>T1=4; 0 matched"},
		{"8 codes are text", func(s *sketch) {
			for _, code := range []string{"0101", "101", "O101", "A+ b/.-*", "Ａ1", "A1a", "A1A"} {
				s.facts.Courses = append(s.facts.Courses, transfer.Course{CourseKey: transfer.CourseKey{Institution: sender, Code: code}, From: calendar.None, To: calendar.None})
			}
			s.rule("E1", "S:0101", "T1")
			s.rule("E2", "S:A1a", "T2=1")
			s.record("S:0101 80 2026-01-15")
			s.record("S:101 80 2026-01-15")
			s.record("S:O101 80 2026-01-15")
			s.record("S:A1A 80 2026-01-15")
		}, "4/4 E1[0]>T1=4; 0 matched; 1 no_rule; 2 no_rule; 3 no_rule"},
		{"9 the same rule twice", func(s *sketch) {
			s.rule("E1", "S:A", "T1")
			s.rule("E2", "S:A", "T1")
			s.record("S:A 80 2026-01-15")
		}, "4/4 E1[0]>T1=4; 0 matched"},
		{"10 ambiguity is served by the optimum", func(s *sketch) {
			s.rule("E1", "S:A", "T5")
			s.rule("E2", "S:A", "T3")
			s.record("S:A 80 2026-01-15")
		}, "4/4 E2[0]>T3=4; 0 matched"},
	})
}

// Terms are inherited field by field, and a cap is lifted by a row without a limit.
func TestTermsAreInherited(t *testing.T) {
	s := draw(t)
	at := transfer.Place{Scope: transfer.ScopeInstitution, Institution: home}
	s.policy(transfer.Policy{Place: transfer.Place{Scope: transfer.ScopeBank}, MinGrade: 7000, Validity: 2, MaxRise: -1})
	s.policy(transfer.Policy{Place: at, MinGrade: transfer.NoScore, Validity: 5, MaxRise: -1})
	s.cap(transfer.CapTotal, "", 100)
	s.facts.Caps = append(s.facts.Caps, transfer.Cap{Place: at, Kind: transfer.CapTotal, Credits: -1, Share: -1})
	s.rule("E1", "S:A", "T1")
	s.rule("E2", "S:B", "T2")
	s.record("S:A 80 2023-01-15")
	s.record("S:B 65 2026-01-15")
	if got, want := told(s.plan()), "4/4 E1[0]>T1=4; 0 matched; 1 grade_below 65/70"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// Facts that cannot be served are left out, each with its field.
func TestFaults(t *testing.T) {
	s := draw(t)
	s.rule("E1", "S:NONE", "T1")
	s.rule("E2", "S:A", "NONE")
	s.rule("E3", "", "T1")
	s.rule("E4", "S:A", "")
	r := s.rule("E5", "S:A", "T1")
	r.From, r.To = s.day("2026-01-01"), s.day("2025-01-01")
	s.rule("E6", "S:A>=80<=70", "T1")
	s.rule("E7", "S:A S:A", "T1")
	s.rule("E8", "S:A", "T1 T1")
	s.rule("E9", "S:A", "T1~hours T2~hours")
	want := []transfer.Fault{
		{Rule: transfer.RuleRef{Code: "E1", Version: 1}, Field: "source_course", Code: "unknown"},
		{Rule: transfer.RuleRef{Code: "E2", Version: 1}, Field: "target_course", Code: "unknown"},
		{Rule: transfer.RuleRef{Code: "E3", Version: 1}, Field: "source_course", Code: "required"},
		{Rule: transfer.RuleRef{Code: "E4", Version: 1}, Field: "target_course", Code: "required"},
		{Rule: transfer.RuleRef{Code: "E5", Version: 1}, Field: "valid_to", Code: "window"},
		{Rule: transfer.RuleRef{Code: "E6", Version: 1}, Field: "max_grade", Code: "band"},
		{Rule: transfer.RuleRef{Code: "E7", Version: 1}, Field: "source_course", Code: "twice"},
		{Rule: transfer.RuleRef{Code: "E8", Version: 1}, Field: "target_course", Code: "twice"},
		{Rule: transfer.RuleRef{Code: "E9", Version: 1}, Field: "credit_mode", Code: "twice"},
	}
	m := transfer.Compile(s.facts)
	if got := fmt.Sprint(m.Faults()); got != fmt.Sprint(want) || m.Size() != 0 {
		t.Errorf("got %s, size %d", got, m.Size())
	}
}

func TestUnknownProgramme(t *testing.T) {
	s := draw(t)
	if _, known := transfer.Compile(s.facts).Plan(transfer.ProgrammeKey{Institution: home, Code: "NONE"}, nil, s.asOf); known {
		t.Error("a programme that is not there has an answer")
	}
}

// More ways through units than are tried: the answer says so, and its bound holds.
func TestTooManyWays(t *testing.T) {
	s := draw(t)
	var units []string
	for n := range 5 {
		unit := fmt.Sprint("U:V", n)
		units = append(units, unit)
		s.facts.Courses = append(s.facts.Courses, transfer.Course{CourseKey: courseKey(unit), From: calendar.None, To: calendar.None})
		for k := range 6 {
			course := fmt.Sprintf("S:V%d%d", n, k)
			s.facts.Courses = append(s.facts.Courses, transfer.Course{CourseKey: courseKey(course), From: calendar.None, To: calendar.None})
			s.rule(fmt.Sprintf("F%d%d", n, k), course, unit)
			s.record(course + " 80 2026-01-15")
		}
	}
	s.rule("E1", strings.Join(units, " "), "T1")
	a, _ := transfer.Compile(s.facts).Plan(s.facts.Programmes[0].ProgrammeKey, s.records, s.asOf)
	if a.Optimal || a.BoundApplied < 400 || a.BoundTotal < 400 {
		t.Errorf("optimal %v, bounds %s and %s; want false, and 4 or more", a.Optimal, a.BoundApplied, a.BoundTotal)
	}
}
