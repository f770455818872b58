package bank_test

import (
	"fmt"
	"testing"

	"creditbank/internal/bank"
	"creditbank/internal/credit"
	"creditbank/internal/transfer"
)

// What was given before counts as earned wherever a learner asks what the record is
// worth: the plan, the ranking, the frozen question and the offer say the same.
func TestGivenBeforeCountsAsEarned(t *testing.T) {
	onBoth(t, func(t *testing.T, b *bank.Bank) {
		applying(t, b)
		text2(t, b, "caps", "scope,institution,programme,valid_from,cap,credits\nprogramme,"+takes+",A,2020-01-01,total,16\n")
		earns(t, b, "L1", 2, 3, 7)
		accept(t, b, applied(t, b, asks1, toA))
		earns(t, b, "L1", 4, 5, 6, 8)
		again := []bank.DepositRecord{{Reference: "L1-s2-again", Institution: sends, Course: "s2", Grade: "90", CompletedOn: "2026-07-01"}}
		done(t)(b.Deposit(ctx, operator, "L1", again, bank.Why{}))
		agree(t, b, toA, "earned 8, applied 8, transferable 8")
		agree(t, b, toB, "earned 0, applied 20, transferable 20")
		p, err := b.PlanLearner(ctx, asks1, "L1", bank.CheckInput{To: toA})
		if err != nil || len(p.Answer.Records) != len(p.Records) || len(p.Records) != 8 {
			t.Fatalf("%d answers for %d results, %v", len(p.Answer.Records), len(p.Records), err)
		}
		for i, r := range p.Answer.Records {
			if p.References[i] == "L1-s2-again" && (r.State != transfer.NotUsed || r.Reasons[0].Code != transfer.NoGain || r.Reasons[0].Course != "t2" || r.Reasons[0].Rule.Code != "E2") {
				t.Errorf("what gives only what was given: %+v", r)
			}
		}
		hoped := bank.CheckInput{To: toA, Records: []bank.CheckRecord{{Institution: sends, Course: "s7", Grade: "80"}}}
		if p, err := b.PlanLearner(ctx, asks1, "L1", hoped); err != nil || p.Transferable.String() != "8" || len(p.Answer.Records) != 9 {
			t.Errorf("with what is hoped for %v, %v", p.Transferable, err)
		}
	})
}

// agree wants the same numbers of one programme whichever way the learner asks.
func agree(t *testing.T, b *bank.Bank, to transfer.ProgrammeKey, want string) {
	t.Helper()
	say := func(earned, applied, transferable credit.Amount) string {
		return fmt.Sprintf("earned %v, applied %v, transferable %v", earned, applied, transferable)
	}
	p, err := b.PlanLearner(ctx, asks1, "L1", bank.CheckInput{To: to})
	if got := say(p.Earned, p.Applied, p.Transferable); err != nil || got != want {
		t.Errorf("plan of %s: %s, want %s, %v", to.Code, got, want, err)
	}
	frozen, err := b.Freeze(ctx, operator, "L1", bank.CheckInput{To: to})
	if got := say(frozen.Answer.Earned, frozen.Answer.Applied, frozen.Answer.Transferable); err != nil || got != want {
		t.Errorf("frozen %s: %s, %v", to.Code, got, err)
	}
	if _, differences := frozen.Replay(); len(differences) > 0 {
		t.Errorf("frozen %s: %+v", to.Code, differences)
	}
	offer, err := b.OfferApplication(ctx, asks1, "", to)
	if got := say(offer.Answer.Earned, offer.Answer.Applied, offer.Answer.Transferable); err != nil || got != want {
		t.Errorf("offer of %s: %s, %v", to.Code, got, err)
	}
	ranking, err := b.RankLearner(ctx, asks1, "L1", bank.CheckInput{})
	if err != nil || len(ranking.Items) != 2 || ranking.Total != 2 {
		t.Fatalf("%+v, %v", ranking.Page, err)
	}
	for _, s := range ranking.Items {
		if s.Programme == to && say(p.Earned, s.Applied, s.Transferable) != want {
			t.Errorf("ranking of %s: %+v", to.Code, s)
		}
	}
}
