package bank_test

import (
	"slices"
	"testing"
	"time"

	"creditbank/internal/bank"
)

// Of results that came with a last day by file the learner hears before it, once, with
// how many end on one day; a result that holds longer is told of in its own time.
func TestEndOfFiledResultIsTold(t *testing.T) {
	onBoth(t, func(t *testing.T, b *bank.Bank) {
		applying(t, b)
		r := text2(t, b, "records", "learner,reference,institution,course,grade,completed_on,valid_to\n"+
			"L1,a,"+sends+",s1,80,2026-06-20,2027-03-01\nL1,b,"+sends+",s2,80,2026-06-20,2027-03-01\nL1,c,"+sends+",s3,80,2026-06-20,2027-04-01\nL2,d,"+sends+",s1,80,2026-06-20,\n")
		if r.Refused > 0 {
			t.Fatalf("%+v", r)
		}
		told := func() (days []string) {
			page, err := b.Messages(ctx, asks1, bank.Window{})
			if err != nil {
				t.Fatal(err)
			}
			for _, m := range page.Items {
				if m.Kind == "records_ending" {
					days = append(days, m.Args["Count"]+" "+m.Args["Day"])
				}
			}
			slices.Sort(days)
			return days
		}
		for _, c := range []struct {
			day  time.Time
			want []string
		}{
			{time.Date(2026, 12, 30, 15, 59, 0, 0, time.UTC), nil}, // 61 days before, in Beijing
			{time.Date(2026, 12, 30, 16, 0, 0, 0, time.UTC), []string{"2 2027-03-01"}},
			{time.Date(2027, 1, 20, 3, 0, 0, 0, time.UTC), []string{"2 2027-03-01"}},
			{time.Date(2027, 3, 5, 3, 0, 0, 0, time.UTC), []string{"1 2027-04-01", "2 2027-03-01"}},
		} {
			at(b, c.day)
			run(t, b)
			run(t, b)
			if got := told(); !slices.Equal(got, c.want) {
				t.Errorf("on %v told of %q, want %q", c.day, got, c.want)
			}
		}
		if kinds := heard(t, b, asks2); len(kinds) > 0 {
			t.Errorf("whose result holds for good hears %q", kinds)
		}
		wantSound(t, b)
	})
}
