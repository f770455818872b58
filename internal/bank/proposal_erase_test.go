package bank_test

import (
	"testing"

	"creditbank/internal/bank"
)

// A learner asks to be erased, and an administrator who is somebody else decides.
func TestProposalOfAnErasure(t *testing.T) {
	onBothWithKey(t, func(t *testing.T, b *bank.Bank, _, _ string) {
		deposited(t, b, learnA, "R1")
		id := proposed(t, b, pupil, "erase", map[string]string{"account": learnB})
		p := proposalOf(t, b, anna, id)
		if p.About != learnA || p.Args["account"] != learnA || !p.MayDecide {
			t.Errorf("a learner proposes about %+v", p)
		}
		both := pupil
		both.Roles |= bank.IsAdministrator
		wantKey(t, approved(t, b, both, id), bank.Denied, "error.own_proposal")
		both.Name = "u:other"
		wantKey(t, approved(t, b, both, id), bank.Denied, "error.about_you")
		_, err := b.Propose(ctx, anna, bank.Proposal{Kind: "erase", Args: map[string]string{"account": nowhere}, Reason: "asked by letter"})
		wantRefused(t, err, bank.Invalid, "account: unknown_learner")
		_, err = b.Propose(ctx, rosa, bank.Proposal{Kind: "erase", Args: map[string]string{"account": learnA}, Reason: "asked by letter"})
		wantKey(t, err, bank.Denied, "error.role")
		if err := approved(t, b, anna, id); err != nil {
			t.Fatal(err)
		}
		if _, err := b.ViewLearner(ctx, operator, learnA); bank.CodeOf(err) != bank.NotFound {
			t.Errorf("afterwards the learner is %v", err)
		}
		wantState(t, b, learnA, "4/0/0 of 1")
		wantSound(t, b)
		_, err = b.Propose(ctx, anna, bank.Proposal{Kind: "erase", Args: map[string]string{"account": learnA}, Reason: "asked once more"})
		wantRefused(t, err, bank.Invalid, "account: unknown_learner")
	})
}
