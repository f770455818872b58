package bank_test

import (
	"testing"

	"creditbank/internal/bank"
	"creditbank/internal/calendar"
	"creditbank/internal/transfer"
)

// A rule that is not published is tried on results beside what they are worth now; a
// later version ends the one before. Nothing is written.
func TestTryRule(t *testing.T) {
	onBoth(t, func(t *testing.T, b *bank.Bank) {
		small(t, b)
		text(t, b, "equivalences", "equivalence,source_institution,source_course,target_institution,target_course,target_credits,valid_from\nE1,A,a1,B,b1,1,2020-09-01\n")
		rule := bank.Equivalence{Institution: "B", From: calendar.None, To: calendar.None, Outcome: transfer.Credit,
			Sources: []transfer.Source{{CourseKey: transfer.CourseKey{Institution: "A", Code: "a2"}, Min: 7500, Max: transfer.NoScore}},
			Targets: []transfer.Target{{Course: "b2", Mode: transfer.Fixed, Credits: 300}}}
		ask := func(ref transfer.RuleRef, e bank.Equivalence, course, grade string) (now, then string) {
			t.Helper()
			tried, err := b.TryRule(t.Context(), ref, e, bank.CheckInput{To: transfer.ProgrammeKey{Institution: "B", Code: "P"},
				Records: []bank.CheckRecord{{Institution: "A", Course: course, Grade: grade, CompletedOn: "2026-06-25"}}})
			if err != nil {
				t.Fatal(err)
			}
			return tried.Now.Transferable.String(), tried.Then.Transferable.String()
		}
		if now, then := ask(transfer.RuleRef{Code: "E2", Version: 1}, rule, "a2", "80"); now != "0" || then != "3" {
			t.Errorf("80 points: %s, then %s", now, then)
		}
		if now, then := ask(transfer.RuleRef{Code: "E2", Version: 1}, rule, "a2", "70"); now != "0" || then != "0" {
			t.Errorf("70 points: %s, then %s", now, then)
		}
		later := rule
		later.From, later.Sources = calendar.Date(2026, 1, 1), []transfer.Source{{CourseKey: transfer.CourseKey{Institution: "A", Code: "a1"}, Min: transfer.NoScore, Max: transfer.NoScore}}
		if now, then := ask(transfer.RuleRef{Code: "E1", Version: 2}, later, "a1", "70"); now != "1" || then != "3" {
			t.Errorf("a later version: %s, then %s", now, then)
		}
		if _, err := b.TryRule(t.Context(), transfer.RuleRef{Code: "E2"}, rule, bank.CheckInput{Records: []bank.CheckRecord{{Institution: "A", Course: "a2"}}}); bank.CodeOf(err) != bank.NotFound {
			t.Errorf("no programme: %v", err)
		}
	})
}
