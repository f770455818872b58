package bank_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"creditbank/internal/bank"
)

// person is somebody who is logged in.
func person(name string, roles bank.Roles, institution string) bank.Actor {
	return bank.Actor{Name: "u:" + name, Login: name, Roles: roles, Institution: institution}
}

var (
	anna    = person("anna", bank.IsAdministrator, "")
	berta   = person("berta", bank.IsAdministrator, "")
	carl    = person("carl", bank.IsAuditor, "")
	rosa    = person("rosa", bank.IsRegistrar, school)
	dora    = person("dora", bank.IsDecider, school)
	foreign = person("frank", bank.IsRegistrar|bank.IsDecider, "4150000002")
	pupil   = bank.Actor{Name: "u:pupil", Login: "pupil", Roles: bank.IsLearner, Learner: learnA}
)

func proposed(t testing.TB, b *bank.Bank, actor bank.Actor, kind string, args map[string]string) string {
	t.Helper()
	id, err := b.Propose(ctx, actor, bank.Proposal{Kind: kind, Args: args, Reason: "found in the yearly review"})
	if err != nil {
		t.Fatalf("propose %s %v: %v", kind, args, err)
	}
	return id
}

// proposalOf is a proposal as an actor sees it now.
func proposalOf(t testing.TB, b *bank.Bank, actor bank.Actor, id string) bank.Proposal {
	t.Helper()
	p, err := b.Proposal(ctx, actor, id)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// approved decides on what the actor has just seen.
func approved(t testing.TB, b *bank.Bank, actor bank.Actor, id string) error {
	t.Helper()
	return b.DecideProposal(ctx, actor, id, bank.Decision{Approve: true, Version: proposalOf(t, b, anna, id).Version})
}

func wantKey(t testing.TB, err error, code bank.Code, key string) {
	t.Helper()
	var refusal *bank.Error
	if !errors.As(err, &refusal) || refusal.Code != code || refusal.Key != key {
		t.Errorf("got %v, want %s %s", err, code, key)
	}
}

// Two administrators merge two accounts; neither could alone.
func TestProposalOfAMerge(t *testing.T) {
	onBothWithKey(t, func(t *testing.T, b *bank.Bank, _, _ string) {
		deposited(t, b, learnA, "R1", "R2")
		id := proposed(t, b, anna, "merge", map[string]string{"from": learnA, "into": learnB})
		p := proposalOf(t, b, berta, id)
		if !p.MayDecide || p.MayWithdraw || p.About != learnA || p.By != "u:anna" || !slices.Contains(p.Facts, bank.Fact{Name: "from_available", Value: "8"}) {
			t.Errorf("another sees %+v", p)
		}
		if own := proposalOf(t, b, anna, id); own.MayDecide || !own.MayWithdraw {
			t.Errorf("the proposer sees %+v", own)
		}
		wantKey(t, approved(t, b, anna, id), bank.Denied, "error.own_proposal")
		mine := bank.Actor{Name: "u:both", Roles: bank.IsAdministrator | bank.IsLearner, Learner: learnB}
		wantKey(t, approved(t, b, mine, id), bank.Denied, "error.about_you")
		wantKey(t, approved(t, b, carl, id), bank.Denied, "error.role")
		wantState(t, b, learnB, "0/0/0 of 0")
		if err := approved(t, b, berta, id); err != nil {
			t.Fatal(err)
		}
		wantState(t, b, learnB, "8/0/0 of 2")
		wantKey(t, approved(t, b, berta, id), bank.Conflict, "error.proposal_closed")
		if p := proposalOf(t, b, carl, id); p.State != bank.ProposalApproved || p.DecidedBy != "u:berta" || p.MayDecide {
			t.Errorf("afterwards it is %+v", p)
		}
		wantSound(t, b)
	})
}

// Nonsense is refused when it is proposed, naming the field.
func TestProposalsAreChecked(t *testing.T) {
	onBothWithKey(t, func(t *testing.T, b *bank.Bank, _, _ string) {
		deposited(t, b, learnA, "R1")
		done(t)(b.Hold(ctx, operator, learnA, refs("R1"), bank.Why{}))
		deposited(t, b, learnA, "R2")
		policy := func(pairs ...string) map[string]string {
			args := map[string]string{"file": "policies", "scope": "bank", "valid_from": "2099-09-01", "min_grade": "60"}
			for i := 0; i < len(pairs); i += 2 {
				args[pairs[i]] = pairs[i+1]
			}
			return args
		}
		for _, c := range []struct {
			actor  bank.Actor
			kind   string
			args   map[string]string
			code   bank.Code
			fields []string
		}{
			{anna, "decree", nil, bank.Invalid, []string{"kind: choice"}},
			{anna, "merge", nil, bank.Invalid, []string{"from: required", "into: required"}},
			{anna, "merge", map[string]string{"from": learnA, "into": learnA}, bank.Invalid, []string{"into: same_account"}},
			{anna, "merge", map[string]string{"from": nowhere, "into": learnA}, bank.Invalid, []string{"from: unknown_learner"}},
			{anna, "merge", map[string]string{"from": learnA, "into": learnB, "by": "u:berta"}, bank.Invalid, []string{"by: unknown_field"}},
			{rosa, "merge", map[string]string{"from": learnA, "into": learnB}, bank.Denied, nil},
			{pupil, "reverse", map[string]string{"reference": "R2"}, bank.Denied, nil},
			{rosa, "reverse", map[string]string{"reference": "R9"}, bank.Invalid, []string{"reference: unknown_result"}},
			{rosa, "reverse", map[string]string{"reference": "R1"}, bank.Invalid, []string{"reference: stands_held"}},
			{foreign, "reverse", map[string]string{"institution": school, "reference": "R2"}, bank.Invalid, []string{"reference: unknown_result"}},
			{anna, "reverse", map[string]string{"reference": "R2"}, bank.Invalid, []string{"institution: required"}},
			{anna, "policy", policy("file", "records"), bank.Invalid, []string{"file: choice"}},
			{anna, "policy", policy("scope", "institution"), bank.Invalid, []string{"institution: required"}},
			{anna, "policy", policy("valid_from", "2026-01-01"), bank.Invalid, []string{"valid_from: past"}},
			{anna, "policy", policy("min_grade", "high"), bank.Invalid, []string{"min_grade: score"}},
			{anna, "policy", policy("share", "0.5"), bank.Invalid, []string{"share: scope"}},
			{rosa, "policy", policy(), bank.Denied, nil},
		} {
			_, err := b.Propose(ctx, c.actor, bank.Proposal{Kind: c.kind, Args: c.args, Reason: "found in the yearly review"})
			wantRefused(t, err, c.code, c.fields...)
		}
		_, err := b.Propose(ctx, anna, bank.Proposal{Kind: "merge", Args: map[string]string{"from": learnA, "into": learnB}, Reason: "same as 000000200001010016"})
		wantRefused(t, err, bank.Invalid, "reason: personal_number")
		proposed(t, b, anna, "policy", policy())
		_, err = b.Propose(ctx, berta, bank.Proposal{Kind: "policy", Args: policy(), Reason: "again"})
		wantKey(t, err, bank.Conflict, "error.proposal_again")
	})
}

// A school's registrar proposes to revoke a result, its decider decides; another
// school knows nothing of it.
func TestProposalOfARevocation(t *testing.T) {
	onBothWithKey(t, func(t *testing.T, b *bank.Bank, _, _ string) {
		deposited(t, b, learnA, "R1", "R2", "R3", "R4")
		done(t)(b.Hold(ctx, operator, learnA, refs("R2"), bank.Why{}))
		done(t)(b.Release(ctx, operator, learnA, refs("R2"), bank.Why{}))
		done(t)(b.Expire(ctx, operator, learnA, refs("R3"), bank.Why{}))
		for _, reference := range []string{"R1", "R2", "R3"} {
			id := proposed(t, b, rosa, "reverse", map[string]string{"reference": reference})
			if _, err := b.Proposal(ctx, foreign, id); bank.CodeOf(err) != bank.NotFound {
				t.Errorf("another school reads %v", err)
			}
			if err := b.DecideProposal(ctx, foreign, id, bank.Decision{Approve: true}); bank.CodeOf(err) != bank.NotFound {
				t.Errorf("another school decides %v", err)
			}
			if err := b.WithdrawProposal(ctx, foreign, id); bank.CodeOf(err) != bank.NotFound {
				t.Errorf("another school withdraws %v", err)
			}
			wantKey(t, approved(t, b, rosa, id), bank.Denied, "error.role")
			wantKey(t, b.WithdrawProposal(ctx, dora, id), bank.Denied, "error.others_proposal")
			if err := approved(t, b, dora, id); err != nil {
				t.Fatalf("%s: %v", reference, err)
			}
		}
		wantState(t, b, learnA, "4/0/0 of 1")
		id := proposed(t, b, rosa, "reverse", map[string]string{"reference": "R4"})
		done(t)(b.Hold(ctx, operator, learnA, refs("R4"), bank.Why{}))
		wantRefused(t, approved(t, b, dora, id), bank.Conflict, "reference: stands_held")
		if p := proposalOf(t, b, dora, id); p.State != bank.ProposalOpen {
			t.Errorf("what cannot be done is %s, not open", p.State)
		}
		list, err := b.Proposals(ctx, dora, bank.Window{})
		if err != nil || list.Total != 4 || list.Items[0].ID != id {
			t.Errorf("the school has %+v, %v", list, err)
		}
		if list, err := b.Proposals(ctx, foreign, bank.Window{}); err != nil || list.Total != 0 {
			t.Errorf("another school has %+v, %v", list, err)
		}
		wantSound(t, b)
	})
}

// A decision on what is no longer so is refused, and says what changed.
func TestProposalGrowsStale(t *testing.T) {
	onBothWithKey(t, func(t *testing.T, b *bank.Bank, _, _ string) {
		id := proposed(t, b, anna, "merge", map[string]string{"from": learnA, "into": learnB})
		before := proposalOf(t, b, berta, id).Version
		deposited(t, b, learnA, "R1")
		err := b.DecideProposal(ctx, berta, id, bank.Decision{Approve: true, Version: before})
		wantKey(t, err, bank.Conflict, "error.proposal_stale")
		wantRefused(t, err, bank.Conflict, "from_results: changed", "from_available: changed")
		if err := approved(t, b, berta, id); err != nil {
			t.Error(err)
		}
	})
}

// A policy comes into force by two people, and the engine's map knows it at once.
func TestProposalOfAPolicy(t *testing.T) {
	onBothWithKey(t, func(t *testing.T, b *bank.Bank, _, _ string) {
		now := time.Now().AddDate(0, 0, 1) // after all that was written
		b.Now = func() time.Time { return now }
		args := map[string]string{"file": "policies", "scope": "institution", "institution": school, "valid_from": now.AddDate(0, 0, 9).Format(time.DateOnly), "min_grade": "70"}
		id := proposed(t, b, anna, "policy", args)
		before, err := b.Snapshot(ctx)
		if err != nil {
			t.Fatal(err)
		}
		if err := approved(t, b, berta, id); err != nil {
			t.Fatal(err)
		}
		if after, err := b.Snapshot(ctx); err != nil || after.Version == before.Version {
			t.Errorf("the map is still %d, %v", before.Version, err)
		}
		if got, want := export(t, b, "policies"), "institution,"+school+",,"+args["valid_from"]+",70,,"; !strings.Contains(got, want) {
			t.Errorf("policies are\n%s, not %s", got, want)
		}
		late := proposed(t, b, anna, "policy", map[string]string{"file": "caps", "scope": "bank", "valid_from": args["valid_from"], "cap": "total", "share": "0.5"})
		now = now.AddDate(0, 0, 20)
		wantRefused(t, approved(t, b, berta, late), bank.Conflict, "valid_from: past")
		if err := b.DecideProposal(ctx, berta, late, bank.Decision{}); bank.CodeOf(err) != bank.Invalid {
			t.Errorf("refused without a word: %v", err)
		}
		if err := b.DecideProposal(ctx, berta, late, bank.Decision{Reason: "too late"}); err != nil {
			t.Error(err)
		}
		if p := proposalOf(t, b, anna, late); p.State != bank.ProposalRefused || p.Answer != "too late" {
			t.Errorf("refused, it is %+v", p)
		}
	})
}

// What nobody decides ends after thirty days, and is proposed anew.
func TestProposalEnds(t *testing.T) {
	onBothWithKey(t, func(t *testing.T, b *bank.Bank, _, _ string) {
		now := time.Now().AddDate(0, 0, 1) // after all that was written
		b.Now = func() time.Time { return now }
		args := map[string]string{"from": learnA, "into": learnB}
		id := proposed(t, b, anna, "merge", args)
		now = now.AddDate(0, 0, 30)
		if p := proposalOf(t, b, berta, id); p.State != bank.ProposalEnded || p.MayDecide {
			t.Errorf("after thirty days it is %+v", p)
		}
		wantKey(t, b.DecideProposal(ctx, berta, id, bank.Decision{Approve: true}), bank.Conflict, "error.proposal_closed")
		again := proposed(t, b, anna, "merge", args)
		if err := b.WithdrawProposal(ctx, anna, again); err != nil {
			t.Error(err)
		}
		wantKey(t, approved(t, b, berta, again), bank.Conflict, "error.proposal_closed")
	})
}
