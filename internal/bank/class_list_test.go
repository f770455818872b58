package bank_test

import (
	"fmt"
	"slices"
	"testing"

	"creditbank/internal/bank"
)

// A school lists its learners by programme and year of entry, and finds those who are
// without something; of other schools it learns nothing.
func TestClassList(t *testing.T) {
	onBoth(t, func(t *testing.T, b *bank.Bank) {
		applying(t, b)
		text2(t, b, "learners", "account,name,school_number,institution,programme,entered_on\nR1,Zhao,,"+takes+",A,2025-09-01\nR2,Qian,,"+takes+",A,2026-09-01\nR3,Sun,,"+takes+",B,2026-02-28\nR4,Li,,"+takes+",,\n")
		done(t)(b.Deposit(ctx, operator, "R2", []bank.DepositRecord{{Reference: "t", Institution: takes, Course: "t1", Grade: "80", CompletedOn: "2026-10-01"},
			{Reference: "s", Institution: sends, Course: "s1", Grade: "80", CompletedOn: "2026-10-01"}}, bank.Why{}))
		done(t)(b.Hold(ctx, operator, "R2", []bank.RecordRef{{Institution: sends, Reference: "s"}}, bank.Why{}))
		if _, err := b.AddLogin(ctx, operator, bank.NewLogin{Name: "sun", Password: goodPassword, Learner: "R3"}); err != nil {
			t.Fatal(err)
		}
		for _, c := range []struct {
			q    bank.ClassQuery
			want string
		}{
			{bank.ClassQuery{}, "R1 0 0 [login number results], R2 2 4 [login number], R3 0 0 [number results], R4 0 0 [login programme entered_on number results]"},
			{bank.ClassQuery{Programme: "A", Entered: 2026}, "R2 2 4 [login number]"},
			{bank.ClassQuery{Programme: "-"}, "R4 0 0 [login programme entered_on number results]"},
			{bank.ClassQuery{Entered: 2026, Lacks: "results"}, "R3 0 0 [number results]"},
			{bank.ClassQuery{Lacks: "login", LearnerQuery: bank.LearnerQuery{Name: "Z"}}, "R1 0 0 [login number results]"},
			{bank.ClassQuery{LearnerQuery: bank.LearnerQuery{Account: "L1"}}, ""},
		} {
			page, err := b.ClassList(ctx, clerk, c.q, bank.Window{})
			got := ""
			for i, r := range page.Items {
				got += fmt.Sprintf("%s%s %d %s %v", []string{"", ", "}[min(i, 1)], r.Account, r.Results, r.Available, r.Lacks)
			}
			if err != nil || got != c.want || page.Total != len(page.Items) {
				t.Errorf("%+v: %s, want %s, %v", c.q, got, c.want, err)
			}
		}
		_, err := b.ClassList(ctx, clerk, bank.ClassQuery{Lacks: "x"}, bank.Window{})
		wantRefused(t, err, bank.Invalid, "lacks: choice")
		_, err = b.ClassList(ctx, admin, bank.ClassQuery{}, bank.Window{})
		wantKey(t, err, bank.Denied, "error.role")
		classes, err := b.SchoolClasses(ctx, clerk)
		if want := []bank.SchoolClass{{"A", 2026, 1}, {"B", 2026, 1}, {"A", 2025, 1}, {"", 0, 1}}; err != nil || !slices.Equal(classes, want) {
			t.Errorf("%+v, %v", classes, err)
		}
		gaps, err := b.LearnerGaps(ctx, clerk, bank.ClassQuery{Entered: 2026})
		if err != nil || gaps["login"] != 1 || gaps["results"] != 1 || gaps["programme"] != 0 || gaps["number"] != 2 {
			t.Errorf("%v, %v", gaps, err)
		}
	})
}
