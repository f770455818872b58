package bank_test

import (
	"path/filepath"
	"strings"
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

// A result comes by file with its last day, goes out with it, and ends like one that was
// attested. What comes again without the day keeps it; with another day it contradicts.
func TestValidityComesByFile(t *testing.T) {
	const header = "learner,reference,kind,institution,course,level,hours,completed_on,valid_to\n"
	const first = header + "L1,F1,certificate," + assesses + ",X1,5,64,2026-05-20,2026-12-31\nL1,F2,certificate," + assesses + ",WH,4,96,2020-05-20,2023-05-19\nL1,F3,contest," + assesses + ",ZN,4,96,2026-05-20,\n"
	onBoth(t, func(t *testing.T, b *bank.Bank) {
		attesting(t, b)
		for _, f := range []struct{ name, csv, want string }{
			{"first", first, "new"},
			{"again", first, "unchanged"},
			{"again without the day", header + "L1,F1,certificate," + assesses + ",X1,5,64,2026-05-20,\n", "unchanged"},
			{"again without the column", "learner,reference,kind,institution,course,level,hours,completed_on\nL1,F1,certificate," + assesses + ",X1,5,64,2026-05-20\n", "unchanged"},
			{"another day", header + "L1,F1,certificate," + assesses + ",X1,5,64,2026-05-20,2027-12-31\n", "lasting"},
			{"before it was obtained", header + "L1,F4,certificate," + assesses + ",X1,5,64,2026-05-20,2026-05-19\n", "valid_to before_completion"},
			{"no day", header + "L1,F4,certificate," + assesses + ",X1,5,64,2026-05-20,for good\n", "valid_to date"},
		} {
			if got := becameOf(text2(t, b, "records", f.csv)); got != f.want {
				t.Errorf("%s: %s, want %s", f.name, got, f.want)
			}
		}
		out := export(t, b, "records")
		if !strings.Contains(out, "2026-05-20,2026-12-31") || !strings.Contains(out, "2020-05-20,2023-05-19") {
			t.Errorf("the days do not go out:\n%s", out)
		}
		other := attesting(t, open(t, "sqlite:"+filepath.Join(t.TempDir(), "other.db")))
		if text(t, other, "records", out); export(t, other, "records") != out {
			t.Errorf("they come in again as\n%s", export(t, other, "records"))
		}
		run(t, b)
		if got := standsAt(t, b, "L1"); got != "F1=available 4, F2=expired 6, F3=available 6" {
			t.Error(got)
		}
		at(b, time.Date(2026, 12, 31, 16, 0, 0, 0, time.UTC))
		run(t, b)
		if got := standsAt(t, b, "L1"); got != "F1=expired 4, F2=expired 6, F3=available 6" {
			t.Error(got)
		}
		wantSound(t, b)
	})
}

// A result that its issuer takes back and deposits anew holds as long as before, unless
// the issuer says otherwise.
func TestCorrectionKeepsValidity(t *testing.T) {
	onBoth(t, func(t *testing.T, b *bank.Bank) {
		attesting(t, b)
		says := bank.DepositRecord{Reference: "F1", Kind: "certificate", Institution: assesses, Course: "X1", Level: "5", Hours: "64", CompletedOn: "2026-05-20", ValidTo: "2027-05-19"}
		for _, c := range []struct{ level, says, want string }{{"5", "2027-05-19", "2027-05-19"}, {"4", "", "2027-05-19"}, {"5", "2028-05-19", "2028-05-19"}} {
			says.Level, says.ValidTo = c.level, c.says
			r := done(t)(b.Deposit(ctx, operator, "L1", []bank.DepositRecord{says}, bank.Why{}))
			if list, err := b.Standings(ctx, "L1"); err != nil || len(list) != 1 || list[0].Valid.String() != c.want {
				t.Errorf("deposited as %q it holds to %v, want %s, %v", c.says, list, c.want, err)
			}
			done(t)(b.Reverse(ctx, operator, []int64{r.Batch}, bank.Why{Reason: "issuer_correction"}))
		}
	})
}

// becameOf says what became of a file all of whose rows fared alike.
func becameOf(r bank.ImportReport) string {
	switch {
	case len(r.Errors) > 0:
		return strings.TrimSpace(r.Errors[0].Column + " " + r.Errors[0].Code)
	case r.New == r.Rows:
		return "new"
	case r.Unchanged == r.Rows:
		return "unchanged"
	}
	return "mixed"
}
