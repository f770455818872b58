package bank_test

import (
	"slices"
	"strings"
	"testing"

	"creditbank/internal/bank"
	"creditbank/internal/calendar"
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
	return countsOn(t, b, "2026-06-30")
}

// countsOn says what it is worth when it was completed on a day.
func countsOn(t testing.TB, b *bank.Bank, day string) string {
	t.Helper()
	plan, err := b.Plan(ctx, bank.CheckInput{To: transfer.ProgrammeKey{Institution: "B", Code: "P"}, AsOf: "2028-01-01",
		Records: []bank.CheckRecord{{Institution: "A", Course: "a1", Grade: "80", CompletedOn: day}}})
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

// published is a rule that went the whole way.
func published(t testing.TB, b *bank.Bank, pairs ...string) bank.Evaluation {
	t.Helper()
	e := drafted(t, b, sendRegistrar, pairs...)
	judged(t, b, sendRegistrar, e.ID)
	return acted(t, b, anna, e.ID, bank.EvaluationAct{Action: "approve"})
}

// A published rule is suspended, resumed and ended by two people, and is never edited.
func TestPublishedRuleIsHalted(t *testing.T) {
	onBoth(t, func(t *testing.T, b *bank.Bank) {
		small(t, b)
		id := published(t, b).ID
		acted(t, b, receiveDecider, id, bank.EvaluationAct{Action: "suspend", Text: "the course was changed"})
		if got := counts(t, b); got != "3" {
			t.Errorf("while it is only asked it counts %s", got)
		}
		acted(t, b, berta, id, bank.EvaluationAct{Action: "decline", Text: "not by much"})
		acted(t, b, anna, id, bank.EvaluationAct{Action: "suspend", Text: "it was"})
		_, err := tried(b, anna, id, bank.EvaluationAct{Action: "confirm"})
		wantKey(t, err, bank.Denied, "error.own_proposal")
		if got := acted(t, b, berta, id, bank.EvaluationAct{Action: "confirm"}); got.State != bank.EvaluationSuspended || !got.Suspended {
			t.Errorf("confirmed it is %s", got.State)
		}
		if got := counts(t, b); got != "0" {
			t.Errorf("suspended it counts %s", got)
		}
		wantHistory(t, b, id, func(r bank.RuleInfo) bool { return r.Suspended && r.Latest && !r.InForce(20000) })
		acted(t, b, sendRegistrar, id, bank.EvaluationAct{Action: "resume", Text: "looked at"})
		acted(t, b, sendRegistrar, id, bank.EvaluationAct{Action: "take_back"})
		acted(t, b, sendRegistrar, id, bank.EvaluationAct{Action: "resume", Text: "looked at"})
		if got := acted(t, b, anna, id, bank.EvaluationAct{Action: "confirm"}); got.State != bank.EvaluationPublished || counts(t, b) != "3" {
			t.Errorf("resumed it is %s and counts %s", got.State, counts(t, b))
		}
		acted(t, b, anna, id, bank.EvaluationAct{Action: "end", Text: "no longer taught", LastDay: "2026-12-31"})
		if got := acted(t, b, berta, id, bank.EvaluationAct{Action: "confirm"}); got.State != bank.EvaluationEnded || got.EndsOn.String() != "2026-12-31" {
			t.Errorf("ended it is %s on %s", got.State, got.EndsOn)
		}
		if on, after := countsOn(t, b, "2026-12-31"), countsOn(t, b, "2027-01-01"); on != "3" || after != "0" {
			t.Errorf("on its last day it counts %s, then %s", on, after)
		}
		wantHistory(t, b, id, func(r bank.RuleInfo) bool { return r.EffectiveTo.String() == "2026-12-31" && r.To == calendar.None })
	})
}

// wantHistory looks at the public history of a rule of one version.
func wantHistory(t testing.TB, b *bank.Bank, id string, is func(bank.RuleInfo) bool) {
	t.Helper()
	s, err := b.Snapshot(ctx)
	if err != nil {
		t.Fatal(err)
	}
	versions, err := s.Equivalence(strings.TrimSuffix(id, "@1"))
	if err != nil || len(versions) != 1 || !is(versions[0]) {
		t.Errorf("the history is %+v, %v", versions, err)
	}
}

// A later version ends the one before on the day before it begins; results of before keep the old rule.
func TestLaterVersion(t *testing.T) {
	onBoth(t, func(t *testing.T, b *bank.Bank) {
		small(t, b)
		first := published(t, b)
		_, _, err := b.SaveEvaluation(ctx, sendRegistrar, bank.EvaluationDraft{Rows: cellsOf("equivalence", first.Code)})
		wantKey(t, err, bank.Conflict, "error.evaluation_same")
		_, _, err = b.SaveEvaluation(ctx, sendRegistrar, bank.EvaluationDraft{Rows: cellsOf("equivalence", first.Code, "target_credits", "1")})
		wantRefused(t, err, bank.Invalid, "rows[0].valid_from: required")
		second := published(t, b, "equivalence", first.Code, "target_credits", "1", "valid_from", "2027-01-01")
		if second.Version != 2 {
			t.Errorf("it is version %d", second.Version)
		}
		if old, later := countsOn(t, b, "2026-12-31"), countsOn(t, b, "2027-01-01"); old != "3" || later != "1" {
			t.Errorf("before it counts %s, then %s", old, later)
		}
		before, err := b.Evaluation(ctx, carl, first.ID)
		if err != nil || before.State != bank.EvaluationSuperseded || before.History[len(before.History)-1].Subject != second.ID {
			t.Errorf("the one before is %s, %v", before.State, err)
		}
	})
}
