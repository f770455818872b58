package bank_test

import (
	"slices"
	"testing"

	"creditbank/internal/bank"
)

// checker decides about what the school that issues results proposes.
var checker = bank.Actor{Name: "u:checker", Login: "checker", Roles: bank.IsDecider, Institution: sends}

// corrects proposes that a result of S said something else, and a second person approves.
func corrects(t *testing.T, b *bank.Bank, reference string, change func(*bank.DepositRecord)) {
	t.Helper()
	in, err := b.IssuedResult(ctx, issuer, reference)
	if err != nil {
		t.Fatal(err)
	}
	says := in.Says()
	change(&says)
	id, err := b.Propose(ctx, issuer, bank.Proposal{Kind: "reverse", Args: map[string]string{"reference": reference}, Reason: "typed wrongly", Instead: &says})
	if err != nil {
		t.Fatal(err)
	}
	p, err := b.Proposal(ctx, checker, id)
	if err != nil || !slices.Contains(p.Facts, bank.Fact{Name: "instead_grade", Value: says.Grade}) {
		t.Fatalf("%+v, %v", p.Facts, err)
	}
	if in, err = b.IssuedResult(ctx, issuer, reference); err != nil || !in.Waits {
		t.Errorf("a revocation that was proposed is not told: %v", err)
	}
	if err := b.DecideProposal(ctx, checker, id, bank.Decision{Approve: true, Version: p.Version}); err != nil {
		t.Fatal(err)
	}
}

// messagesOf are the kinds of messages to a learner.
func messagesOf(t *testing.T, b *bank.Bank, who bank.Actor) (kinds []string) {
	t.Helper()
	page, err := b.Messages(ctx, who, bank.Window{})
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range page.Items {
		kinds = append(kinds, m.Kind)
	}
	return kinds
}

// A result that nothing was built on is reversed and deposited as it should have been,
// in one step; the learner is told.
func TestResultPutRight(t *testing.T) {
	onBoth(t, func(t *testing.T, b *bank.Bank) {
		applying(t, b)
		earns(t, b, "L1", 1, 2)
		in, err := b.IssuedResult(ctx, issuer, "L1-s1")
		if err != nil || len(in.Built) != 0 || in.Place != "available" || in.Grade != "80" {
			t.Fatalf("%+v, %v", in, err)
		}
		same := in.Says()
		for _, c := range []struct {
			change func(*bank.DepositRecord)
			want   string
		}{
			{func(*bank.DepositRecord) {}, "grade: same_result"}, {func(r *bank.DepositRecord) { r.Grade = "120" }, "grade: grade"},
			{func(r *bank.DepositRecord) { r.Course = "none" }, "course: unknown_course"}, {func(r *bank.DepositRecord) { r.CompletedOn = "2030-01-01" }, "completed_on: future"},
		} {
			says := same
			c.change(&says)
			_, err := b.Propose(ctx, issuer, bank.Proposal{Kind: "reverse", Args: map[string]string{"reference": "L1-s1"}, Reason: "typed wrongly", Instead: &says})
			wantRefused(t, err, bank.Invalid, c.want)
		}
		for _, who := range []bank.Actor{clerk, stranger} {
			if _, err := b.IssuedResult(ctx, who, "L1-s1"); bank.CodeOf(err) != bank.NotFound {
				t.Errorf("%s sees it: %v", who.Name, err)
			}
		}
		corrects(t, b, "L1-s1", func(r *bank.DepositRecord) { r.Grade, r.Credits = "95", "2" })
		wantPlaces(t, b, "L1", "s1=available 2", "s2=available 3")
		if in, err = b.IssuedResult(ctx, issuer, "L1-s1"); err != nil || in.Grade != "95" || in.Waits {
			t.Errorf("%+v, %v", in, err)
		}
		if got := messagesOf(t, b, asks1); !slices.Equal(got, []string{"result_corrected"}) {
			t.Errorf("told %q", got)
		}
		login, err := b.AddLogin(ctx, operator, bank.NewLogin{Name: "asks1", Password: goodPassword, Learner: "L1"})
		if err != nil {
			t.Fatal(err)
		}
		self := bank.Actor{Name: "u:" + login, Login: login, Roles: bank.IsLearner, Learner: "L1"}
		if about, err := b.AboutMe(ctx, self); err != nil || len(about.Replacements) != 1 || about.Replacements[0].Says.Grade != "95" {
			t.Errorf("%+v, %v", about.Replacements, err)
		}
		wantSound(t, b)
	})
}

// What was built on a wrong result is named before, and put to the school that took it:
// when that takes its credits back, the right result is there to be used again.
func TestUsedResultPutRight(t *testing.T) {
	onBoth(t, func(t *testing.T, b *bank.Bank) {
		applying(t, b)
		earns(t, b, "L1", 1, 2)
		a := accept(t, b, applied(t, b, asks1, toA))
		in, err := b.IssuedResult(ctx, issuer, "L1-s1")
		if err != nil || len(in.Built) != 1 || in.Built[0].Application != a.ID || in.Built[0].To != toA || in.Built[0].Given.String() != "4" || in.Built[0].State != bank.ItemFull {
			t.Fatalf("%+v, %v", in.Built, err)
		}
		corrects(t, b, "L1-s1", func(r *bank.DepositRecord) { r.Grade = "61" })
		wantPlaces(t, b, "L1", "s1=applied 4", "s2=applied 4")
		a = seen(t, b, decider, a.ID)
		done := bank.ConsequenceDecision{Stamp: a.Stamp, Reverse: true, Text: "成绩已更正", Remedy: "请以更正后的成绩重新申请"}
		if err := b.DecideConsequence(ctx, decider, a.ID, a.Consequences[0].ID, done); err != nil {
			t.Fatal(err)
		}
		wantPlaces(t, b, "L1", "s1=available 3", "s2=applied 4")
		if in, err = b.IssuedResult(ctx, issuer, "L1-s1"); err != nil || in.Grade != "61" || len(in.Built) != 0 {
			t.Errorf("%+v, %v", in, err)
		}
		again := accept(t, b, applied(t, b, asks1, toA))
		wantReplayed(t, b, seen(t, b, asks1, a.ID))
		wantReplayed(t, b, again)
		wantSound(t, b)
	})
}

// What a deposit would come to is told before, and is what it comes to.
func TestTryDeposit(t *testing.T) {
	onBoth(t, func(t *testing.T, b *bank.Bank) {
		applying(t, b)
		one := bank.DepositRecord{Reference: "R1", Institution: sends, Course: "s1", Grade: "80", CompletedOn: "2025-07-01"}
		means, err := b.TryDeposit(ctx, issuer, "L1", one)
		if err != nil || means.State != bank.DepositNew || means.Amount.String() != "3" || !means.Passed || means.Rules != 2 || !means.In || means.Course.Name != "Course" {
			t.Fatalf("%+v, %v", means, err)
		}
		wantPlaces(t, b, "L1")
		done(t)(b.Deposit(ctx, issuer, "L1", []bank.DepositRecord{one}, bank.Why{}))
		if means, err = b.TryDeposit(ctx, issuer, "L1", one); err != nil || means.State != bank.DepositUnchanged {
			t.Errorf("%+v, %v", means, err)
		}
		other := one
		other.Grade = "90"
		_, err = b.TryDeposit(ctx, issuer, "L1", other)
		wantRefused(t, err, bank.Conflict, "records[0].reference: lasting")
		_, err = b.TryDeposit(ctx, issuer, "L2", one)
		wantRefused(t, err, bank.Conflict, "records[0].reference: lasting")
		other.Grade, other.Reference = "30", "R2"
		if means, err = b.TryDeposit(ctx, issuer, "L1", other); err != nil || means.Passed || means.Amount != 0 {
			t.Errorf("%+v, %v", means, err)
		}
		if _, err := b.TryDeposit(ctx, issuer, "nobody", one); bank.CodeOf(err) != bank.NotFound {
			t.Error(err)
		}
		_, err = b.TryDeposit(ctx, clerk, "L1", one)
		wantKey(t, err, bank.Denied, "error.other_issuer")
	})
}
