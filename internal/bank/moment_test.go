package bank_test

import (
	"context"
	"slices"
	"testing"

	"creditbank/internal/bank"
)

// What is read at one moment is the bank as it was, part by part, whatever is written
// meanwhile: nothing is left out, nothing comes twice, of the database and of the map.
func TestAtOneMoment(t *testing.T) {
	onBoth(t, func(t *testing.T, b *bank.Bank) {
		small(t, b)
		text(t, b, "learners", "account,name,institution\nL2,二,A\nL4,四,A\nL6,六,A\n")
		var accounts, courses []string
		err := b.AtOneMoment(ctx, func(ctx context.Context) error {
			before, err := b.Snapshot(ctx)
			if err != nil {
				return err
			}
			for cursor, first := "", true; first || cursor != ""; first = false {
				page, err := b.FindLearners(ctx, registrarOfA, bank.LearnerQuery{}, bank.Window{Cursor: cursor, Limit: 1})
				if err != nil {
					return err
				}
				for _, l := range page.Items {
					accounts = append(accounts, l.Account)
				}
				if cursor = page.Next; first {
					text(t, b, "learners", "account,name,institution\nL1,一,A\nL4,四,B\nL7,七,A\n")
					text(t, b, "courses", "institution,code,name,credits\nA,new,New,1\n")
				}
			}
			after, err := b.Snapshot(ctx)
			if err == nil && after != before {
				t.Error("the map is another")
			}
			return err
		})
		if err != nil || !slices.Equal(accounts, []string{"L2", "L4", "L6"}) {
			t.Errorf("%v %v", accounts, err)
		}
		s, err := b.Snapshot(ctx)
		if err != nil {
			t.Fatal(err)
		}
		found, err := s.Courses(bank.Filter{Institution: "A"}, bank.Window{}, b.Today())
		for _, c := range found.Items {
			courses = append(courses, c.Code)
		}
		if err != nil || !slices.Contains(courses, "new") {
			t.Errorf("%v %v", courses, err)
		}
	})
}
