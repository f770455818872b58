package bank_test

import (
	"testing"

	"creditbank/internal/bank"
	"creditbank/internal/calendar"
)

// A token says who made it and when it was last used, which costs one write a day.
func TestTokenSaysWhoAndWhen(t *testing.T) {
	onBothWithKey(t, func(t *testing.T, b *bank.Bank, _, _ string) {
		for _, who := range []bank.Actor{rosa, dora, pupil, carl, bank.Visitor} {
			if _, _, err := b.AddToken(ctx, who, bank.NewToken{Name: "x", Institution: school}); bank.CodeOf(err) != bank.Denied {
				t.Errorf("%s makes a token: %v", who.Name, err)
			}
			if err := b.RevokeToken(ctx, who, "x"); bank.CodeOf(err) != bank.Denied {
				t.Errorf("%s revokes a token: %v", who.Name, err)
			}
		}
		made, secret, err := b.AddToken(ctx, anna, bank.NewToken{Name: "sis", Institution: school})
		if err != nil {
			t.Fatal(err)
		}
		wantUsed := func(want calendar.Day) {
			t.Helper()
			list, err := b.Tokens(ctx, carl)
			if err != nil || len(list) != 1 || list[0].MadeBy != "u:anna" || list[0].Used != want {
				t.Errorf("tokens %+v, %v; want used on %v", list, err, want)
			}
		}
		wantUsed(calendar.None)
		before := b.Load().Writes
		for range 3 {
			if _, err := b.Authenticate(ctx, secret); err != nil {
				t.Fatal(err)
			}
			if err := b.RevokeToken(ctx, operator, "nothing"); bank.CodeOf(err) != bank.NotFound { // the token is asked for again
				t.Fatal(err)
			}
		}
		wantUsed(b.Today())
		if got := b.Load().Writes - before; got != 1 {
			t.Errorf("three uses took %d writes", got)
		}
		if _, err := b.Tokens(ctx, rosa); bank.CodeOf(err) != bank.Denied {
			t.Errorf("a registrar lists %v", err)
		}
		if made.MadeBy != "u:anna" {
			t.Errorf("made by %s", made.MadeBy)
		}
	})
}
