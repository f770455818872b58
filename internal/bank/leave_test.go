package bank_test

import (
	"testing"

	"creditbank/internal/bank"
)

// Who leaves a school, for none, for another, and back, keeps all results, what they were
// used for and what runs: only who may see the person changes.
func TestLeavingASchoolKeepsAllCredits(t *testing.T) {
	onBoth(t, func(t *testing.T, b *bank.Bank) {
		applying(t, b)
		earns(t, b, "L1", 1, 2, 3)
		a := applied(t, b, asks1, toA)
		if _, err := b.DecideApplication(ctx, decider, a.ID, bank.NewDecision{Stamp: a.Stamp, Items: []bank.ItemDecision{{Outcome: bank.ItemFull},
			{Item: 1, Outcome: bank.ItemConditional, Condition: "补交成绩单", Until: "2026-12-31"}, {Item: 2, Outcome: bank.ItemRefused, Reasons: []string{"CONTENT"}, Text: "内容不同", Remedy: "补修"}}}); err != nil {
			t.Fatal(err)
		}
		const places, other = "s1=applied 4", "4150000037"
		for _, c := range []struct {
			row         string
			sees, lacks bank.Actor
		}{
			{"L1,Li,,\n", admin, stranger},                         // left
			{"L1,Li," + other + ",2026-10-01\n", stranger, clerk},  // came to another school
			{"L1,Li,,\n", admin, stranger},                         // left it
			{"L1,Li," + sends + ",2026-11-01\n", issuer, stranger}, // came back
		} {
			if r := text2(t, b, "learners", "account,name,institution,entered_on\n"+c.row); r.Updated != 1 {
				t.Fatalf("%s: %+v", c.row, r)
			}
			wantPlaces(t, b, "L1", places, "s2=held 3", "s3=available 3")
			if got := states(seen(t, b, asks1, a.ID)); got != "full 4, conditional 0, refused 0" {
				t.Errorf("%s: %s", c.row, got)
			}
			if _, err := b.ViewLearner(ctx, c.sees, "L1"); err != nil {
				t.Errorf("%s: %s does not see the person: %v", c.row, c.sees.Name, err)
			}
			if _, err := b.ViewLearner(ctx, c.lacks, "L1"); bank.CodeOf(err) != bank.NotFound {
				t.Errorf("%s: %s sees the person: %v", c.row, c.lacks.Name, err)
			}
			// The school that issued the results sees them, and may put them right.
			if page, err := b.ViewResults(ctx, issuer, "L1", bank.Window{}); err != nil || page.Total != 3 {
				t.Errorf("%s: the issuer sees %d, %v", c.row, page.Total, err)
			}
		}
		// What ran goes on.
		if _, err := b.MeetCondition(ctx, decider, a.ID, 1, seen(t, b, decider, a.ID).Stamp, ""); err != nil {
			t.Fatal(err)
		}
		earns(t, b, "L1", 4)
		wantPlaces(t, b, "L1", places, "s2=applied 4", "s3=available 3", "s4=available 3")
		if again := applied(t, b, asks1, toA); len(again.Items) != 2 {
			t.Errorf("%+v", again.Items)
		}
		wantSound(t, b)
	})
}
