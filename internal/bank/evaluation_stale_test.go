package bank_test

import (
	"errors"
	"slices"
	"sync"
	"testing"

	"creditbank/internal/bank"
)

// changedIn are the names of what a refusal says has changed.
func changedIn(err error) (names []string) {
	var refusal *bank.Error
	if errors.As(err, &refusal) && refusal.Key == "error.evaluation_stale" && refusal.Code == bank.Conflict {
		for _, f := range refusal.Fields {
			names = append(names, f.Field)
		}
	}
	return names
}

// Of two who decide at once one wins, and the other is told what changed; many opinions
// at once are all kept or told.
func TestTwoDecideAtOnce(t *testing.T) {
	onBoth(t, func(t *testing.T, b *bank.Bank) {
		small(t, b)
		e := judged(t, b, sendRegistrar, drafted(t, b, sendRegistrar).ID)
		acts := []bank.EvaluationAct{{Action: "approve"}, {Action: "refuse", Reasons: []string{"CONTENT"}, Text: "half of it is missing"}, {Action: "ask_more", Text: "the outline"},
			{Action: "approve"}}
		errs := make([]error, len(acts))
		var wait sync.WaitGroup
		for i, a := range acts {
			wait.Go(func() {
				a.Stamp = e.Stamp
				_, errs[i] = b.ActOnEvaluation(ctx, []bank.Actor{anna, berta, receiveDecider, person("bodo", bank.IsAdministrator, "")}[i], e.ID, a)
			})
		}
		wait.Wait()
		won := 0
		for i, err := range errs {
			if err == nil {
				won++
				continue
			}
			if changed := changedIn(err); !slices.Contains(changed, "state") {
				t.Errorf("%s lost with %v", acts[i].Action, err)
			}
		}
		after, err := b.Evaluation(ctx, carl, e.ID)
		if err != nil || won != 1 || len(after.History) != len(e.History)+1 {
			t.Errorf("%d won, and the history went from %d to %d: %v", won, len(e.History), len(after.History), err)
		}
	})
}

// A decision says what changed since: an opinion, the content, a course, a file.
func TestStaleDecisionNamesTheChange(t *testing.T) {
	onBoth(t, func(t *testing.T, b *bank.Bank) {
		small(t, b)
		id := judged(t, b, sendRegistrar, drafted(t, b, sendRegistrar).ID).ID
		for _, c := range []struct {
			name string
			do   func()
			want []string
		}{
			{"another opinion", func() {
				acted(t, b, receiveDecider, id, bank.EvaluationAct{Action: "opine", Opinion: "oppose", Reasons: []string{"LEVEL"}, Text: "it is below ours"})
			}, []string{"opinions"}},
			{"another course", func() { text(t, b, "courses", "institution,code,name,credits\nA,a1,Maths,5\n") }, []string{"courses"}},
			{"a file", func() {
				acted(t, b, receiveDecider, id, bank.EvaluationAct{Action: "opine", Opinion: "oppose", Reasons: []string{"LEVEL"}, Text: "it is below ours",
					Files: []bank.NewAttachment{{Name: "outline.txt", Content: []byte("what we teach")}}})
			}, []string{"files"}},
		} {
			before, err := b.Evaluation(ctx, anna, id)
			if err != nil {
				t.Fatal(err)
			}
			c.do()
			_, err = b.ActOnEvaluation(ctx, anna, id, bank.EvaluationAct{Action: "approve", Text: "all the same", Stamp: before.Stamp})
			if got := changedIn(err); !slices.Equal(got, c.want) {
				t.Errorf("%s: told of %q by %v", c.name, got, err)
			}
		}
		_, err := tried(b, anna, id, bank.EvaluationAct{Action: "approve"})
		wantRefused(t, err, bank.Invalid, "text: required")
		if got := acted(t, b, anna, id, bank.EvaluationAct{Action: "approve", Text: "all the same"}); got.State != bank.EvaluationPublished {
			t.Errorf("it is %s", got.State)
		}
	})
}

// Sent back and answered with another content, a rule is looked at anew; with the same
// content the opinions hold.
func TestOpinionsHoldForOneContent(t *testing.T) {
	onBoth(t, func(t *testing.T, b *bank.Bank) {
		small(t, b)
		id := judged(t, b, sendRegistrar, drafted(t, b, sendRegistrar).ID).ID
		acted(t, b, berta, id, bank.EvaluationAct{Action: "ask_more", Text: "which edition of the outline?"})
		if got := acted(t, b, sendRegistrar, id, bank.EvaluationAct{Action: "answer", Text: "the second"}); got.State != bank.EvaluationReady {
			t.Errorf("with the same content it is %s", got.State)
		}
		sent := acted(t, b, berta, id, bank.EvaluationAct{Action: "ask_more", Text: "too many credits"})
		if _, _, err := b.SaveEvaluation(ctx, sendRegistrar, bank.EvaluationDraft{ID: id, Stamp: sent.Stamp, Rows: cellsOf("target_credits", "2"), Why: "fewer credits"}); err != nil {
			t.Fatal(err)
		}
		got := acted(t, b, sendRegistrar, id, bank.EvaluationAct{Action: "answer", Text: "two are enough"})
		if got.State != bank.EvaluationSubmitted || got.Round != 2 || !got.Opinions[0].Over || !got.Opinions[1].Over {
			t.Errorf("with another content it is %s with %+v", got.State, got.Opinions)
		}
		acted(t, b, sendDecider, id, bank.EvaluationAct{Action: "opine", Opinion: "support"})
		acted(t, b, receiveDecider, id, bank.EvaluationAct{Action: "opine", Opinion: "support"})
		acted(t, b, anna, id, bank.EvaluationAct{Action: "approve"})
		if got := counts(t, b); got != "2" {
			t.Errorf("it counts %s", got)
		}
	})
}
