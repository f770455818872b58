package bank_test

import (
	"slices"
	"testing"
	"time"

	"creditbank/internal/bank"
	"creditbank/internal/transfer"
)

// readied are rules that wait for the bank, one for each course of A.
func readied(t testing.TB, b *bank.Bank, courses ...string) []bank.EvaluationRef {
	t.Helper()
	var refs []bank.EvaluationRef
	for _, course := range courses {
		e := judged(t, b, sendRegistrar, drafted(t, b, sendRegistrar, "source_course", course).ID)
		refs = append(refs, bank.EvaluationRef{ID: e.ID, Stamp: e.Stamp})
	}
	return refs
}

// Many are approved at once: tried first, all or nothing, or each for itself with its
// own result; a stale one is told apart.
func TestBatchApproval(t *testing.T) {
	onBoth(t, func(t *testing.T, b *bank.Bank) {
		small(t, b)
		refs := readied(t, b, "a1", "a2")
		try, err := b.ApproveEvaluations(ctx, anna, bank.Batch{Items: refs, Whole: true, Try: true})
		if err != nil || try.Approved != 2 || try.Written || len(try.Results[0].Sources) != 1 || counts(t, b) != "0" {
			t.Errorf("tried it is %+v, %v", try, err)
		}
		acted(t, b, receiveDecider, refs[1].ID, bank.EvaluationAct{Action: "opine", Opinion: "abstain"})
		whole, err := b.ApproveEvaluations(ctx, anna, bank.Batch{Items: refs, Whole: true})
		if err != nil || whole.Approved != 0 || whole.Written || whole.Results[0].Refused != nil || !slices.Equal(changedIn(whole.Results[1].Refused), []string{"opinions"}) || counts(t, b) != "0" {
			t.Errorf("as a whole it is %+v, %v", whole, err)
		}
		each, err := b.ApproveEvaluations(ctx, anna, bank.Batch{Items: refs})
		if err != nil || each.Approved != 1 || !each.Written || each.Results[1].Refused == nil || counts(t, b) != "3" {
			t.Errorf("each for itself it is %+v, %v", each, err)
		}
		now, err := b.Evaluation(ctx, anna, refs[1].ID)
		if err != nil {
			t.Fatal(err)
		}
		last, err := b.ApproveEvaluations(ctx, anna, bank.Batch{Items: []bank.EvaluationRef{{ID: now.ID, Stamp: now.Stamp}}, Whole: true})
		if err != nil || last.Approved != 1 || !last.Written {
			t.Errorf("looked at anew it is %+v, %v", last, err)
		}
		_, err = b.ApproveEvaluations(ctx, receiveDecider, bank.Batch{Items: refs})
		wantKey(t, err, bank.Denied, "error.role")
	})
}

// Cases that are alike stand beside a case, refused ones with their reasons, the newest first.
func TestPrecedents(t *testing.T) {
	onBoth(t, func(t *testing.T, b *bank.Bank) {
		small(t, b)
		if r := text(t, b, "courses", "institution,code,name,credits\nA,a3,ＭＡＴＨＳ,4\nA,a4,Music,4\n"); r.New != 2 {
			t.Fatalf("%+v", r)
		}
		refused := judged(t, b, sendRegistrar, drafted(t, b, sendRegistrar).ID)
		acted(t, b, anna, refused.ID, bank.EvaluationAct{Action: "refuse", Reasons: []string{"HOURS", "CONTENT"}, Text: "a third is missing"})
		next := b.Now().AddDate(0, 0, 1)
		b.Now = func() time.Time { return next }
		second := judged(t, b, sendRegistrar, drafted(t, b, sendRegistrar, "source_course", "a3", "target_course", "b2").ID)
		acted(t, b, anna, second.ID, bank.EvaluationAct{Action: "approve"})
		stranger := judged(t, b, sendRegistrar, drafted(t, b, sendRegistrar, "source_course", "a4", "target_course", "b2").ID)
		acted(t, b, anna, stranger.ID, bank.EvaluationAct{Action: "approve"})
		again := drafted(t, b, sendRegistrar, "target_credits", "2")
		if again.Code == refused.Code {
			t.Errorf("another content is %s as well", again.Code)
		}
		list, err := b.Precedents(ctx, sendRegistrar, again.ID)
		if err != nil || len(list) != 2 {
			t.Fatalf("%d cases: %+v, %v", len(list), list, err)
		}
		if c := list[0]; c.ID != second.ID || !slices.Equal(c.Alike, []string{"source_name"}) {
			t.Errorf("the newest is %+v", c)
		}
		if c := list[1]; c.ID != refused.ID || c.State != bank.EvaluationRefused || !slices.Equal(c.Refusal, []string{"CONTENT", "HOURS"}) || c.Answer != "a third is missing" ||
			!slices.Equal(c.Alike, []string{"source", "target"}) {
			t.Errorf("the refused one is %+v", c)
		}
		if _, err := b.Precedents(ctx, receiveDecider, again.ID); bank.CodeOf(err) != bank.NotFound {
			t.Errorf("the other school asks about a draft: %v", err)
		}
	})
}

// A learner asks, the school proposes from it, and the decision answers everybody who asked.
func TestRequestsOfLearners(t *testing.T) {
	onBoth(t, func(t *testing.T, b *bank.Bank) {
		small(t, b)
		if r := text(t, b, "learners", "account,name\nL1,Li\nL2,Wang\n"); r.New != 2 {
			t.Fatalf("%+v", r)
		}
		learner := func(account string) bank.Actor {
			return bank.Actor{Name: "u:" + account, Login: account, Roles: bank.IsLearner, Learner: account}
		}
		ask := bank.EvaluationRequest{Source: transfer.CourseKey{Institution: "A", Code: "a1"}, To: transfer.ProgrammeKey{Institution: "B", Code: "P"}, Text: "I had 90"}
		first, err := b.RequestEvaluation(ctx, learner("L1"), ask)
		if err != nil {
			t.Fatal(err)
		}
		_, err = b.RequestEvaluation(ctx, learner("L1"), ask)
		wantKey(t, err, bank.Conflict, "error.request_again")
		bad := ask
		bad.Source.Code, bad.To.Code = "zz", "zz"
		_, err = b.RequestEvaluation(ctx, learner("L1"), bad)
		wantRefused(t, err, bank.Invalid, "source: unknown_course", "to: unknown_programme")
		second, err := b.RequestEvaluation(ctx, learner("L2"), ask)
		if err != nil {
			t.Fatal(err)
		}
		seen := func(actor bank.Actor) []bank.EvaluationRequest {
			page, err := b.EvaluationRequests(ctx, actor, "", bank.Window{})
			if err != nil {
				t.Fatal(err)
			}
			return page.Items
		}
		if list := seen(receiveRegistrar); len(list) != 2 || list[0].AskedBy != 2 || list[0].Text != "I had 90" {
			t.Errorf("the school sees %+v", list)
		}
		if list := seen(learner("L2")); len(list) != 1 || list[0].ID != second {
			t.Errorf("the learner sees %+v", list)
		}
		if list := seen(person("xenia", bank.IsRegistrar, "C")); len(list) != 0 {
			t.Errorf("another school sees %+v", list)
		}
		e, _, err := b.SaveEvaluation(ctx, receiveRegistrar, bank.EvaluationDraft{Rows: cellsOf(), Why: "learners ask", Origin: "request:" + first})
		if err != nil {
			t.Fatal(err)
		}
		if list := seen(learner("L1")); list[0].State != "linked" || list[0].Evaluation != e.ID {
			t.Errorf("taken up it is %+v", list[0])
		}
		judged(t, b, receiveRegistrar, e.ID)
		acted(t, b, anna, e.ID, bank.EvaluationAct{Action: "approve"})
		for _, account := range []string{"L1", "L2"} {
			told, err := b.Messages(ctx, learner(account), bank.Window{})
			if list := seen(learner(account)); list[0].State != "answered" || err != nil || len(told.Items) != 1 || told.Items[0].Kind != "request_answered" {
				t.Errorf("%s has %+v and is told %+v, %v", account, list, told.Items, err)
			}
		}
	})
}
