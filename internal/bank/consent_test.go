package bank_test

import (
	"context"
	"testing"

	"creditbank/internal/bank"
)

// agreed gives the consent to the account, and its number.
func agreed(t *testing.T, b *bank.Bank, actor bank.Actor, guardian string) string {
	t.Helper()
	if err := b.GiveConsent(context.Background(), actor, true, guardian); err != nil {
		t.Fatal(err)
	}
	list, err := b.Consents(context.Background(), actor)
	if err != nil || len(list) == 0 || list[0].Kind != bank.ConsentAccount || list[0].Version != 1 || !list[0].Withdrawn.IsZero() {
		t.Fatalf("%+v, %v", list, err)
	}
	return list[0].ID
}

// Whoever takes back the consent to the account keeps the ways out and back in, and
// nothing else; what others were let see is closed too.
func TestWithdrawnConsentClosesTheAccount(t *testing.T) {
	onBothOwned(t, func(t *testing.T, b *bank.Bank) {
		ctx := context.Background()
		id := agreed(t, b, learnerO1, "a guardian whom nobody asked for")
		_, secret := shared(t, b, learnerO1, bank.NewShare{})
		shared(t, b, learnerO1, bank.NewShare{Institution: "C"})
		for _, other := range []string{id, "nothing", ""} {
			wantCode(t, "withdrawal of "+other+" by another", b.WithdrawConsent(ctx, learnerO2, other), bank.NotFound)
		}
		for _, actor := range []bank.Actor{bank.Visitor, registrarOf("A"), administrator} {
			wantCode(t, actor.Name, b.WithdrawConsent(ctx, actor, id), bank.Denied)
			wantCode(t, actor.Name, b.GiveConsent(ctx, actor, true, ""), bank.Denied)
		}
		for range 2 {
			if err := b.WithdrawConsent(ctx, learnerO1, id); err != nil {
				t.Fatal(err)
			}
		}
		for what, closed := range closedPages(b, learnerO1) {
			wantCode(t, what, closed(), bank.Denied)
		}
		if _, err := b.OpenShare(ctx, "", secret); bank.CodeOf(err) != bank.NotFound {
			t.Errorf("the link: %v", err)
		}
		if got := seenBy(t, b, registrarOf("C"), "O1"); got != "nothing" {
			t.Errorf("the school with leave sees %s", got)
		}
		if got := seenBy(t, b, registrarOf("A"), "O1"); got != "R1 R2" {
			t.Errorf("the learner's own school sees %s", got)
		}
		if _, err := b.MyRecord(ctx, learnerO2, bank.Window{}); err != nil {
			t.Errorf("another learner: %v", err)
		}
		agreed(t, b, learnerO1, "")
		list, err := b.Consents(ctx, learnerO1)
		if err != nil || len(list) != 2 || list[0].Guardian != "" || list[1].Guardian != "" {
			t.Errorf("%+v, %v", list, err)
		}
		if _, err := b.OpenShare(ctx, "", secret); bank.CodeOf(err) != bank.NotFound {
			t.Errorf("the link came back: %v", err)
		}
		if _, err := b.MyRecord(ctx, learnerO1, bank.Window{}); err != nil {
			t.Errorf("after agreeing again: %v", err)
		}
	})
}

// closedPages is what a learner without consent may not.
func closedPages(b *bank.Bank, actor bank.Actor) map[string]func() error {
	ctx := context.Background()
	return map[string]func() error{
		"record":      func() error { _, err := b.MyRecord(ctx, actor, bank.Window{}); return err },
		"shares":      func() error { _, err := b.Shares(ctx, actor); return err },
		"share":       func() error { _, _, err := b.AddShare(ctx, actor, bank.NewShare{}); return err },
		"withdraw":    func() error { return b.WithdrawShare(ctx, actor, "x") },
		"corrections": func() error { _, err := b.MyCorrections(ctx, actor); return err },
		"correction": func() error {
			_, err := b.RequestCorrection(ctx, actor, bank.NewCorrection{Field: "name", Value: "x", Why: "x"})
			return err
		},
		"take back": func() error { return b.WithdrawCorrection(ctx, actor, "x") },
	}
}

// For a child a guardian agrees, and only then the record may be shared.
func TestGuardianAgreesForAChild(t *testing.T) {
	onBothOwned(t, func(t *testing.T, b *bank.Bank) {
		ctx := context.Background()
		wantCode(t, "without a word", b.GiveConsent(ctx, childK1, false, "Zhang Da"), bank.Invalid)
		wantCode(t, "without a guardian", b.GiveConsent(ctx, childK1, true, " "), bank.Invalid)
		needs, err := b.NeedsGuardian(ctx, childK1)
		if grown, err := b.NeedsGuardian(ctx, learnerO1); err != nil || grown {
			t.Errorf("a grown-up needs a guardian: %v, %v", grown, err)
		}
		if err != nil || !needs {
			t.Errorf("a child needs no guardian: %v", err)
		}
		id := agreed(t, b, childK1, "Zhang Da")
		if list, err := b.Consents(ctx, childK1); err != nil || list[0].Guardian != "Zhang Da" {
			t.Errorf("%+v, %v", list, err)
		}
		shared(t, b, childK1, bank.NewShare{})
		if err := b.WithdrawConsent(ctx, childK1, id); err != nil {
			t.Fatal(err)
		}
		_, _, err = b.AddShare(ctx, childK1, bank.NewShare{})
		wantCode(t, "after the guardian took it back", err, bank.Denied)
	})
}
