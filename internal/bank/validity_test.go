package bank_test

import (
	"testing"
	"time"

	"creditbank/internal/bank"
)

// A result counts through the whole last day of its validity by the clock of Beijing, and
// not a second longer; the years of one of a leap day end on the last day of February. What
// was asked for in time is decided on the day it was asked.
func TestValidityEndsAtMidnight(t *testing.T) {
	onBoth(t, func(t *testing.T, b *bank.Bank) {
		applying(t, b)
		text2(t, b, "policies", "scope,institution,valid_from,validity_years\ninstitution,"+takes+",2020-01-01,3\n")
		at(b, time.Date(2027, 2, 1, 3, 0, 0, 0, time.UTC))
		list := []bank.DepositRecord{{Reference: "leap", Institution: sends, Course: "s1", Grade: "80", CompletedOn: "2024-02-29"},
			{Reference: "day", Institution: sends, Course: "s2", Grade: "80", CompletedOn: "2024-02-28"}, {Reference: "next", Institution: sends, Course: "s3", Grade: "80", CompletedOn: "2024-03-01"}}
		done(t)(b.Deposit(ctx, operator, "L1", list, bank.Why{}))
		done(t)(b.Deposit(ctx, operator, "L2", []bank.DepositRecord{{Reference: "other", Institution: sends, Course: "s1", Grade: "80", CompletedOn: "2024-02-29"}}, bank.Why{}))
		var a bank.Application
		for _, c := range []struct {
			now  time.Time
			want string
		}{
			{time.Date(2027, 2, 28, 15, 59, 59, 0, time.UTC), "12"}, // 23:59:59 of the last day in Beijing
			{time.Date(2027, 2, 28, 16, 0, 0, 0, time.UTC), "4"},
			{time.Date(2027, 3, 1, 15, 59, 59, 0, time.UTC), "4"},
			{time.Date(2027, 3, 1, 16, 0, 0, 0, time.UTC), "0"},
		} {
			at(b, c.now)
			p, err := b.PlanLearner(ctx, asks1, "L1", bank.CheckInput{To: toA})
			if err != nil || p.Transferable.String() != c.want {
				t.Errorf("at %v %v is transferable, want %s, %v", c.now, p.Transferable, c.want, err)
			}
			if a.ID == "" {
				a = applied(t, b, asks2, toA)
			}
		}
		if a = accept(t, b, a); states(a) != "full 4" || a.AsOf.String() != "2027-02-28" {
			t.Errorf("%s as of %v", states(a), a.AsOf)
		}
		wantReplayed(t, b, a)
		wantSound(t, b)
	})
}

// The answer to an application is due 15 working days after it came in, over a holiday
// and worked weekends; the last day to appeal is four months after it, in a leap year too.
func TestAnswerIsDueOverHolidays(t *testing.T) {
	onBoth(t, func(t *testing.T, b *bank.Bank) {
		applying(t, b)
		text2(t, b, "holidays", "day,kind,name\n2027-10-01,off,National Day\n2027-10-04,off,National Day\n2027-10-05,off,National Day\n2027-10-06,off,National Day\n2027-10-07,off,National Day\n2027-10-09,work,National Day\n")
		at(b, time.Date(2027, 9, 29, 15, 59, 59, 0, time.UTC))
		earns(t, b, "L1", 1)
		earns(t, b, "L2", 1)
		a := applied(t, b, asks1, toA)
		at(b, time.Date(2027, 10, 29, 3, 0, 0, 0, time.UTC))
		later := applied(t, b, asks2, toA)
		if got := a.Due.String() + " " + later.Final.String(); got != "2027-10-26 2028-02-29" {
			t.Errorf("due, and the last day to appeal: %s", got)
		}
	})
}
