package bank_test

import (
	"testing"

	"creditbank/internal/bank"
	"creditbank/internal/calendar"
	"creditbank/internal/transfer"
)

// A draft is held against what is published; its own earlier version is none of
// its rivals.
func TestLintDraft(t *testing.T) {
	onBoth(t, func(t *testing.T, b *bank.Bank) {
		small(t, b)
		text(t, b, "equivalences", "equivalence,source_institution,source_course,target_institution,target_course\nE1,A,a1,B,b1\n")
		draft := bank.Equivalence{Institution: "B", From: calendar.None, To: calendar.None, Outcome: transfer.Credit,
			Sources: []transfer.Source{{CourseKey: transfer.CourseKey{Institution: "A", Code: "a1"}, Min: transfer.NoScore, Max: transfer.NoScore}},
			Targets: []transfer.Target{{Course: "b2", Mode: transfer.Catalogue}}}
		blocking, warnings := b.LintDraft(t, transfer.RuleRef{Code: "E2", Version: 1}, draft)
		if len(blocking) != 1 || blocking[0].Class != transfer.LintAmbiguous || blocking[0].Rules[0].Code != "E1" || len(warnings) != 0 {
			t.Errorf("another rule: blocks %+v, warns %+v", blocking, warnings)
		}
		if blocking, warnings = b.LintDraft(t, transfer.RuleRef{Code: "E1", Version: 2}, draft); len(blocking)+len(warnings) != 0 {
			t.Errorf("the next version: blocks %+v, warns %+v", blocking, warnings)
		}
	})
}
