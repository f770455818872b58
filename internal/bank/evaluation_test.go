package bank_test

import (
	"slices"
	"testing"

	"creditbank/internal/bank"
	"creditbank/internal/transfer"
)

// Who judges in the tests: the bank of [small] with the schools A, which sends, and B.
var (
	sendRegistrar    = person("sana", bank.IsRegistrar, "A")
	sendDecider      = person("sado", bank.IsDecider, "A")
	receiveRegistrar = person("rena", bank.IsRegistrar, "B")
	receiveDecider   = person("rado", bank.IsDecider, "B")
)

// cellsOf is a draft of one row.
func cellsOf(pairs ...string) []map[string]string {
	row := map[string]string{"source_institution": "A", "source_course": "a1", "target_institution": "B", "target_course": "b1"}
	for i := 0; i < len(pairs); i += 2 {
		row[pairs[i]] = pairs[i+1]
	}
	return []map[string]string{row}
}

// drafted drafts what a1 of A counts for at B.
func drafted(t testing.TB, b *bank.Bank, actor bank.Actor, pairs ...string) bank.Evaluation {
	t.Helper()
	e, _, err := b.SaveEvaluation(ctx, actor, bank.EvaluationDraft{Rows: cellsOf(pairs...), Why: "the outlines agree"})
	if err != nil {
		t.Fatalf("draft: %v", err)
	}
	return e
}

// acted does something with an evaluation as it is now.
func acted(t testing.TB, b *bank.Bank, actor bank.Actor, id string, a bank.EvaluationAct) bank.Evaluation {
	t.Helper()
	e, err := tried(b, actor, id, a)
	if err != nil {
		t.Fatalf("%s %s by %s: %v", a.Action, id, actor.Name, err)
	}
	return e
}

func tried(b *bank.Bank, actor bank.Actor, id string, a bank.EvaluationAct) (bank.Evaluation, error) {
	now, err := b.Evaluation(ctx, bank.Actor{Name: "u:carl", Roles: bank.IsAuditor}, id)
	if err != nil {
		return now, err
	}
	a.Stamp = now.Stamp
	return b.ActOnEvaluation(ctx, actor, id, a)
}

// judged brings a draft to where the bank decides.
func judged(t testing.TB, b *bank.Bank, by bank.Actor, id string) bank.Evaluation {
	t.Helper()
	acted(t, b, by, id, bank.EvaluationAct{Action: "submit"})
	acted(t, b, sendDecider, id, bank.EvaluationAct{Action: "opine", Opinion: "support"})
	return acted(t, b, receiveDecider, id, bank.EvaluationAct{Action: "opine", Opinion: "support"})
}

// counts says what a1 of A is worth at B now, to anybody.
func counts(t testing.TB, b *bank.Bank) string {
	t.Helper()
	plan, err := b.Plan(ctx, bank.CheckInput{To: transfer.ProgrammeKey{Institution: "B", Code: "P"}, AsOf: "2026-11-22",
		Records: []bank.CheckRecord{{Institution: "A", Course: "a1", Grade: "80", CompletedOn: "2026-06-30"}}})
	if err != nil {
		t.Fatal(err)
	}
	return plan.Transferable.String()
}

// A proposal goes its way through both schools to the bank, and the check of a
// visitor knows it at once.
func TestEvaluationBecomesARule(t *testing.T) {
	onBoth(t, func(t *testing.T, b *bank.Bank) {
		small(t, b)
		e := drafted(t, b, sendRegistrar)
		if e.State != bank.EvaluationDrafted || !slices.Equal(e.May, []string{"save", "submit", "withdraw"}) {
			t.Fatalf("drafted it is %+v", e)
		}
		if _, err := b.Evaluation(ctx, receiveDecider, e.ID); bank.CodeOf(err) != bank.NotFound {
			t.Errorf("a draft is seen by the other school: %v", err)
		}
		if got := judged(t, b, sendRegistrar, e.ID); got.State != bank.EvaluationReady {
			t.Fatalf("with both opinions it is %s", got.State)
		}
		if got := counts(t, b); got != "0" {
			t.Errorf("before it is approved it counts %s", got)
		}
		if got := acted(t, b, anna, e.ID, bank.EvaluationAct{Action: "approve"}); got.State != bank.EvaluationPublished {
			t.Errorf("approved it is %s", got.State)
		}
		if got := counts(t, b); got != "3" {
			t.Errorf("approved it counts %s", got)
		}
		for _, f := range []bank.EvaluationFilter{{State: "published"}, {Q: "Maths"}, {Institution: "A"}} {
			list, err := b.Evaluations(ctx, receiveRegistrar, f, bank.Window{})
			if err != nil || list.Total != 1 || len(list.Items) != 1 {
				t.Errorf("the list of %+v has %+v, %v", f, list, err)
			}
		}
	})
}
