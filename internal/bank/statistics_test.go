package bank_test

import (
	"fmt"
	"testing"
	"time"

	"creditbank/internal/bank"
)

// The figures are those that the results and decisions come to, for the whole bank and for
// each school; the loss is that of the ledger.
func TestStatistics(t *testing.T) {
	onBoth(t, func(t *testing.T, b *bank.Bank) {
		applying(t, b)
		empty, err := b.BankStatistics(ctx, admin)
		if err != nil || empty.Results != 0 || empty.Learners != 3 || len(empty.Flows)+len(empty.Times)+len(empty.Origins) != 0 {
			t.Errorf("of an empty bank: %+v, %v", empty, err)
		}
		earns(t, b, "L1", 1, 2, 3, 4, 5, 7, 8)
		earns(t, b, "L2", 1)
		a := applied(t, b, asks1, toA)
		now := b.Now()
		b.Now = func() time.Time { return now.Add(48 * time.Hour) }
		decided(t, b, decider, a)
		applied(t, b, asks2, toB)

		all, err := b.BankStatistics(ctx, admin)
		if err != nil {
			t.Fatal(err)
		}
		loss, err := b.CreditLoss(ctx)
		if err != nil || all.Loss() != loss || loss == 0 {
			t.Errorf("the loss is %v, that of the ledger %v, %v", all.Loss(), loss, err)
		}
		// s1, s2, s3, s7 and s8 are applied, s4 and L2's s1 are held, s5 is available: each 3 credits.
		if got := fmt.Sprint(all.Learners, all.Converted, all.Results, all.Deposited, all.Unused, all.Held, all.Used, all.Worth); got != "3 1 8 24 3 6 15 11.5" {
			t.Error(got)
		}
		if got := fmt.Sprintf("%+v", all.Flows); got != "[{From:secondary_vocational To:higher_vocational Results:5 Deposited:15 Worth:11.5}]" {
			t.Error(got)
		}
		if got := fmt.Sprintf("%+v", all.Idle); got != "[{Kind:secondary_vocational Results:1 Credits:3}]" {
			t.Error(got)
		}
		// Two of the seven results stand in one item.
		if len(all.Origins) != 1 || all.Origins[0].Who != sends || all.Origins[0].Total != 7 || all.Origins[0].Counts[bank.ItemRefused] != 1 || all.Origins[0].Accepted() != 8571 {
			t.Errorf("%+v", all.Origins)
		}
		if len(all.Deciders) != 1 || all.Deciders[0].Who != takes || all.Deciders[0].Total != 6 {
			t.Errorf("%+v", all.Deciders)
		}
		if got := fmt.Sprintf("%+v", all.Times); got != "[{Institution:"+takes+" Decided:1 Median:2 Slow:2 Waiting:1}]" {
			t.Error(got)
		}

		own, err := b.SchoolStatistics(ctx, decider)
		if err != nil || own.Results != 0 || own.Learners != 0 || len(own.Flows) != 1 || own.Deciders[0].Who != decider.Name {
			t.Errorf("of the school that takes: %+v, %v", own, err)
		}
		sent, err := b.SchoolStatistics(ctx, issuer)
		if err != nil || sent.Results != 8 || sent.Learners != 3 || len(sent.Origins) != 0 || sent.Worth.String() != "11.5" {
			t.Errorf("of the school that sends: %+v, %v", sent, err)
		}
		none, err := b.SchoolStatistics(ctx, stranger)
		if err != nil || none.Results+none.Learners+len(none.Flows)+len(none.Times) != 0 {
			t.Errorf("of a school apart: %+v, %v", none, err)
		}
		for _, actor := range []bank.Actor{asks1, decider, {}} {
			if _, err := b.BankStatistics(ctx, actor); bank.CodeOf(err) != bank.Denied {
				t.Errorf("%s reads those of the bank: %v", actor.Name, err)
			}
		}
	})
}

// What is handed in to be verified is counted by kind and by what became of it, at the
// school that decides and at the bank; the time runs from handing in to the decision.
func TestStatisticsOfVerification(t *testing.T) {
	onBoth(t, func(t *testing.T, b *bank.Bank) {
		attesting(t, b)
		now := b.Now()
		after := func(days int) { at(b, now.Add(time.Duration(days)*24*time.Hour)) }
		today := 0
		for i, do := range []bank.AttestationAct{{Action: "verify"}, {Action: "refuse", Reason: "EVIDENCE_MISSING", Text: "x", Remedy: "y"}, {Action: "verify"}, {Action: "withdraw"}, {}} {
			after(today)
			a, who := gaveIn(t, b, asks1, certificate(fmt.Sprint("C-", i))), assessor
			if do.Action == "withdraw" {
				who = asks1
			}
			if today += 1 + 2*i; do.Action != "" {
				after(today)
			}
			if do.Action != "" {
				attest(t, b, who, a, do)
			}
		}
		of := func(s bank.Statistics, err error) string {
			if err != nil {
				t.Error(err)
			}
			text := ""
			for _, v := range s.Verified {
				text += fmt.Sprintf("%s %d: %d accepted, %d refused, %d withdrawn, %d wait, %d, %v to %v days; ", v.Kind, v.HandedIn, v.Accepted, v.Refused, v.Withdrawn, v.Waiting(), v.AcceptedShare(), v.Median, v.Slow)
			}
			return text
		}
		const want = "vocational_certificate 5: 2 accepted, 1 refused, 1 withdrawn, 1 wait, 6666, 3 to 3 days; "
		if got := of(b.BankStatistics(ctx, admin)); got != want {
			t.Error(got)
		}
		if got := of(b.SchoolStatistics(ctx, assessor)); got != want {
			t.Error("who decides: " + got)
		}
		if got := of(b.SchoolStatistics(ctx, issuer)); got != "" {
			t.Error("another school: " + got)
		}
		after(400)
		if got := of(b.BankStatistics(ctx, admin)); got != "" {
			t.Error("a year later: " + got)
		}
	})
	onBoth(t, func(t *testing.T, b *bank.Bank) {
		w := learning(t, b)
		p := handedIn(t, b, asks1, "t1")
		handedIn(t, b, asks2, "t1")
		at(b, b.Now().Add(48*time.Hour))
		judgedBy(t, b, clerk, w.assessor, p.ID, "80", "60")
		if err := grants(b, decider, p.ID); err != nil {
			t.Fatal(err)
		}
		s, err := b.SchoolStatistics(ctx, decider)
		if got := fmt.Sprintf("%+v", s.Verified); err != nil || got != "[{Kind:prior_learning HandedIn:2 Accepted:1 Refused:0 Withdrawn:0 Median:2 Slow:2 decided:[]}]" {
			t.Error(got, err)
		}
		if other, err := b.SchoolStatistics(ctx, issuer); err != nil || len(other.Verified) != 0 {
			t.Errorf("another school: %+v, %v", other.Verified, err)
		}
	})
}
