package bank_test

import (
	"context"
	"fmt"
	"testing"

	"creditbank/internal/bank"
	"creditbank/internal/calendar"
	"creditbank/internal/transfer"
)

// The demo city is there to show everything: among its learners and programmes
// every state and every reason appears.
func TestSeedsShowEveryStateAndReason(t *testing.T) {
	onBoth(t, func(t *testing.T, b *bank.Bank) {
		seeded(t, b)
		snapshot, err := b.Snapshot(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		if faults := snapshot.Map.Faults(); len(faults) > 0 {
			t.Errorf("rules that cannot be served: %+v", faults)
		}
		programmes, err := snapshot.Programmes(bank.Filter{}, bank.Window{Limit: bank.MaxLimit})
		if err != nil {
			t.Fatal(err)
		}
		states, codes := map[transfer.State]bool{}, map[transfer.Code]bool{}
		for n := 1; n <= 25; n++ {
			for _, p := range programmes.Items {
				a, err := b.PlanLearner(context.Background(), operator, fmt.Sprintf("L%06d", n), bank.CheckInput{To: p.ProgrammeKey})
				if err != nil {
					t.Fatal(err)
				}
				note(t, a, states, codes)
			}
		}
		for _, c := range transfer.Codes() {
			if !codes[c] {
				t.Errorf("no learner shows the reason %s", c)
			}
		}
		if len(states) != 8 {
			t.Errorf("%d states are shown, want all 8: %v", len(states), states)
		}
	})
}

func note(t *testing.T, a bank.PlanAnswer, states map[transfer.State]bool, codes map[transfer.Code]bool) {
	t.Helper()
	for i, r := range a.Answer.Records {
		states[r.State] = true
		if len(r.Reasons) == 0 {
			t.Errorf("record %d of %v has no reason", i, a.Programme)
		}
		for _, reason := range r.Reasons {
			codes[reason.Code] = true
		}
	}
}

// The city has what a city of its kind needs to have.
func TestSeedsAreACity(t *testing.T) {
	b := open(t, "sqlite:"+t.TempDir()+"/bank.db")
	seeded(t, b)
	snapshot, err := b.Snapshot(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	kinds := map[string]int{}
	institutions, err := snapshot.Institutions(bank.Filter{}, bank.Window{Limit: bank.MaxLimit})
	if err != nil {
		t.Fatal(err)
	}
	for _, in := range institutions.Items {
		kinds[in.Kind]++
	}
	for kind, want := range map[string]int{"secondary_vocational": 3, "general_secondary": 2, "comprehensive_secondary": 1, "higher_vocational": 3,
		"vocational_undergraduate": 1, "general_undergraduate": 2, "enterprise": 1, "assessment_body": 1, "bank": 1} {
		if kinds[kind] != want {
			t.Errorf("%d of kind %s, want %d", kinds[kind], kind, want)
		}
	}
	courses, err := snapshot.Courses(bank.Filter{}, bank.Window{Limit: 1}, b.Today())
	if err != nil || courses.Total < 600 {
		t.Errorf("%d courses (%v), want 600 or more", courses.Total, err)
	}
	rules, err := snapshot.Equivalences(bank.RuleFilter{On: calendar.None}, bank.Window{Limit: 1})
	if err != nil || rules.Total < 500 {
		t.Errorf("%d equivalences (%v), want 500 or more", rules.Total, err)
	}
	programmes, err := snapshot.Programmes(bank.Filter{}, bank.Window{Limit: bank.MaxLimit})
	if err != nil || programmes.Total < 30 {
		t.Errorf("%d programmes (%v), want 30 or more", programmes.Total, err)
	}
	for _, p := range programmes.Items {
		if p.CatalogueCode != "" && snapshot.CatalogueName(p.CatalogueCode) == "" {
			t.Errorf("the catalogue does not list %s", p.CatalogueCode)
		}
	}
}
