package bank_test

import (
	"testing"
	"time"

	"creditbank/internal/bank"
)

// The map is held against the learners there are: a pair without rules weighs as much
// as it has learners, an evaluated course weighs nothing, and nobody goes down.
func TestCoverage(t *testing.T) {
	onBoth(t, func(t *testing.T, b *bank.Bank) {
		hinted(t, b)
		text(t, b, "programmes", "institution,code,name,catalogue_code,required_credits\n"+secondaryO+",P,机械,660101,100\n")
		text(t, b, "learners", "account,name,institution,programme\nL1,甲,"+secondaryS+",P\nL2,乙,"+secondaryS+",P\nL3,丙,"+collegeH+",P\n")
		admin := bank.Actor{Name: "u:admin", Roles: bank.IsAdministrator}
		ask := func(actor bank.Actor, f bank.CoverageFilter) bank.Coverage {
			c, err := b.Coverage(t.Context(), actor, f, 50)
			if err != nil {
				t.Fatal(err)
			}
			return c
		}
		c := ask(admin, bank.CoverageFilter{})
		if c.Total != 2 || len(c.Classes) != 1 || c.Classes[0] != 6 || c.Pairs[0].From != secondaryS || c.Pairs[0].Unserved != 2 || c.Pairs[0].Cells[0] != (bank.CoverageCell{Learners: 2, Courses: 3}) {
			t.Fatalf("%+v", c)
		}
		text(t, b, "learners", "account,name,institution,programme\nL4,丁,"+secondaryS+",P\n")
		for want := 2; want <= 3; want++ { // learners are counted again after a minute
			if c = ask(admin, bank.CoverageFilter{}); c.Pairs[0].Unserved != want {
				t.Errorf("%d are not served, want %d", c.Pairs[0].Unserved, want)
			}
			later := b.Now().Add(time.Minute)
			b.Now = func() time.Time { return later }
		}
		text(t, b, "equivalences", "equivalence,source_institution,source_course,target_institution,target_course,outcome,reasons\n"+
			"R1,"+secondaryS+",S3,"+collegeH+",H3,refused,LEVEL\nR2,"+secondaryS+",S1,"+collegeH+",H1,,\nR3,"+secondaryS+",S1,"+collegeH+",H4,,\nR4,"+secondaryS+",S4,"+collegeH+",H4,,\n")
		c = ask(registrarOf(collegeH), bank.CoverageFilter{})
		if len(c.Pairs) != 1 || c.Pairs[0].To != collegeH || c.Pairs[0].Unserved != 0 || c.Pairs[0].Cells[0].Share() != 100 {
			t.Errorf("of the college: %+v", c)
		}
		if c = ask(admin, bank.CoverageFilter{NoRules: true}); c.Total != 1 || c.Pairs[0].To != secondaryO {
			t.Errorf("without rules: %+v", c)
		}
		_, err := b.Coverage(t.Context(), bank.Visitor, bank.CoverageFilter{}, 1)
		wantCode(t, "a visitor", err, bank.Denied)
	})
}

// Rules are due to be looked at again three years after they were published.
func TestAgedRules(t *testing.T) {
	onBoth(t, func(t *testing.T, b *bank.Bank) {
		hinted(t, b)
		text(t, b, "equivalences", "equivalence,source_institution,source_course,target_institution,target_course\nR1,"+secondaryS+",S3,"+collegeH+",H3\n")
		count := func(actor bank.Actor) int {
			_, total, err := b.AgedRules(t.Context(), actor, 10)
			if err != nil {
				t.Fatal(err)
			}
			return total
		}
		if n := count(registrarOf(collegeH)); n != 0 {
			t.Errorf("%d on the day of publication", n)
		}
		b.Now = func() time.Time { return time.Date(2029, 11, 23, 3, 0, 0, 0, time.UTC) }
		if own, other := count(registrarOf(collegeH)), count(registrarOf(secondaryS)); own != 1 || other != 0 {
			t.Errorf("after three years %d own, %d of the sender", own, other)
		}
	})
}
