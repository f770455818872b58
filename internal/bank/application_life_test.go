package bank_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"creditbank/internal/bank"
)

// wantReplayed runs every decision about an application again.
func wantReplayed(t testing.TB, b *bank.Bank, a bank.Application) {
	t.Helper()
	for _, p := range a.Decisions {
		r, err := b.ReplayDecision(ctx, operator, p.ID)
		if err != nil || len(r.Differences) > 0 || r.Decision.ID != p.ID {
			t.Errorf("decision %d: %+v, %v", p.Number, r.Differences, err)
		}
	}
}

// A refusal is appealed; another person overturns it, and it is booked. What was given
// in part is reversed and converted anew; at the second level the bank decides.
func TestAppealIsBooked(t *testing.T) {
	onBoth(t, func(t *testing.T, b *bank.Bank) {
		applying(t, b)
		earns(t, b, "L1", 1, 2, 3, 4, 5, 7, 8)
		a := applied(t, b, asks1, toA)
		decided(t, b, decider, a)
		a = seen(t, b, asks1, a.ID)
		_, err := b.AppealApplication(ctx, asks1, a.ID, bank.NewAppeal{Stamp: a.Stamp, Items: []int{0, 3, 4, 4}})
		wantRefused(t, err, bank.Invalid, "text: required")
		_, err = b.AppealApplication(ctx, asks1, a.ID, bank.NewAppeal{Stamp: a.Stamp, Items: []int{0, 3, 4, 4}, Text: "请再看"})
		wantRefused(t, err, bank.Invalid, "items[0]: not_to_appeal", "items[1]: not_to_appeal", "items[3]: not_to_appeal")
		a, err = b.AppealApplication(ctx, asks1, a.ID, bank.NewAppeal{Stamp: a.Stamp, Items: []int{4, 2}, Text: "内容相同"})
		if err != nil || a.State != bank.ApplicationAppealed || a.Appeals[0].Text != "内容相同" || a.Appeals[0].Level != bank.AppealToSchool {
			t.Fatalf("%+v, %v", a, err)
		}
		wantPlaces(t, b, "L1", "s1=applied 4", "s2=applied 2.5", "s3=applied 1", "s4=held 3", "s5=held 3", "s7=applied 2", "s8=applied 2")
		wantSound(t, b)
		again := bank.NewDecision{Stamp: a.Stamp, Items: []bank.ItemDecision{{Item: 2, Outcome: bank.ItemFull},
			{Item: 4, Outcome: bank.ItemRefused, Reasons: []string{"HOURS"}, Text: "学时也不足", Remedy: "补足学时"}}}
		for _, c := range []struct {
			who bank.Actor
			key string
		}{{decider, "error.appeal_same_person"}, {clerk, "error.role"}, {admin, "error.role"}, {asks1, "error.role"}} {
			_, err := b.DecideAppeal(ctx, c.who, a.ID, again)
			wantKey(t, err, bank.Denied, c.key)
		}
		if p, err := b.DecideAppeal(ctx, decider2, a.ID, again); err != nil || p.Level != bank.AppealToSchool || p.Kind != bank.DecisionAppeal {
			t.Fatal(p, err)
		}
		a = seen(t, b, asks1, a.ID)
		if states(a) != "full 4, alternative 2.5, full 4, conditional 0, refused 0, full 4" || a.Appeals[0].State != bank.AppealDecided {
			t.Error(states(a))
		}
		wantPlaces(t, b, "L1", "s1=applied 4", "s2=applied 2.5", "s3=applied 4", "s4=held 3", "s5=available 3", "s7=applied 2", "s8=applied 2")
		a, err = b.AppealApplication(ctx, asks1, a.ID, bank.NewAppeal{Stamp: a.Stamp, Items: []int{4}, Text: "仍不服"})
		if err != nil || a.Appeals[1].Level != bank.AppealToBank {
			t.Fatal(a, err)
		}
		full := bank.NewDecision{Stamp: a.Stamp, Items: []bank.ItemDecision{{Item: 4, Outcome: bank.ItemFull}}, Text: "支持申诉"}
		_, err = b.DecideAppeal(ctx, decider2, a.ID, full)
		wantKey(t, err, bank.Denied, "error.role")
		if _, err := b.DecideAppeal(ctx, admin, a.ID, full); err != nil {
			t.Fatal(err)
		}
		a = seen(t, b, asks1, a.ID)
		if states(a) != "full 4, alternative 2.5, full 4, conditional 0, full 4, full 4" || a.Items[4].MayAppeal || len(a.Decisions) != 3 {
			t.Error(states(a))
		}
		wantReplayed(t, b, a)
		if r := wantSound(t, b); r.Decisions != 3 {
			t.Errorf("%d decisions were run again", r.Decisions)
		}
	})
}

// A learner takes an appeal back, and cannot appeal after the last day.
func TestAppealEnds(t *testing.T) {
	onBoth(t, func(t *testing.T, b *bank.Bank) {
		applying(t, b)
		earns(t, b, "L1", 1)
		a := applied(t, b, asks1, toA)
		if a.Due.String() != "2026-12-11" || a.Final.String() != "2027-03-22" {
			t.Errorf("due %v, final %v", a.Due, a.Final)
		}
		refuse(t, b, a)
		a = seen(t, b, asks1, a.ID)
		a, err := b.AppealApplication(ctx, asks1, a.ID, bank.NewAppeal{Stamp: a.Stamp, Items: []int{0}, Text: "不服"})
		if err != nil {
			t.Fatal(err)
		}
		wantPlaces(t, b, "L1", "s1=held 3")
		if err := b.WithdrawAppeal(ctx, asks1, a.ID, a.Stamp); err != nil {
			t.Fatal(err)
		}
		wantPlaces(t, b, "L1", "s1=available 3")
		a = seen(t, b, asks1, a.ID)
		if !a.Items[0].MayAppeal || a.Items[0].Appeals != 0 {
			t.Errorf("%+v", a.Items[0])
		}
		at(b, time.Date(2027, 3, 22, 16, 0, 0, 0, time.UTC)) // the day after, in Beijing
		_, err = b.AppealApplication(ctx, asks1, a.ID, bank.NewAppeal{Stamp: a.Stamp, Items: []int{0}, Text: "不服"})
		wantRefused(t, err, bank.Invalid, "items[0]: not_to_appeal")
		wantSound(t, b)
	})
}

// at sets the bank's clock.
func at(b *bank.Bank, now time.Time) { b.Now = func() time.Time { return now } }

// refuse refuses all items of an application.
func refuse(t testing.TB, b *bank.Bank, a bank.Application) {
	t.Helper()
	d := bank.NewDecision{Stamp: a.Stamp}
	for _, i := range a.Items {
		d.Items = append(d.Items, bank.ItemDecision{Item: i.Number, Outcome: bank.ItemRefused, Reasons: []string{"CONTENT"}, Text: "内容不同", Remedy: "补修"})
	}
	if _, err := b.DecideApplication(ctx, decider, a.ID, d); err != nil {
		t.Fatal(err)
	}
}

// accept gives all items of an application in full.
func accept(t testing.TB, b *bank.Bank, a bank.Application) bank.Application {
	t.Helper()
	d := bank.NewDecision{Stamp: a.Stamp}
	for _, i := range a.Items {
		d.Items = append(d.Items, bank.ItemDecision{Item: i.Number, Outcome: bank.ItemFull})
	}
	if _, err := b.DecideApplication(ctx, decider, a.ID, d); err != nil {
		t.Fatal(err)
	}
	return seen(t, b, decider, a.ID)
}

// A condition that is met in time is converted; at midnight in Beijing after the last
// day one that is not is refused, and its results are free.
func TestConditionTurnsByItself(t *testing.T) {
	onBoth(t, func(t *testing.T, b *bank.Bank) {
		applying(t, b)
		earns(t, b, "L1", 1, 2)
		a := applied(t, b, asks1, toA)
		hang := bank.ItemDecision{Outcome: bank.ItemConditional, Condition: "补交成绩单", Until: "2026-12-01"}
		second := hang
		second.Item = 1
		if _, err := b.DecideApplication(ctx, decider, a.ID, bank.NewDecision{Stamp: a.Stamp, Items: []bank.ItemDecision{hang, second}}); err != nil {
			t.Fatal(err)
		}
		at(b, time.Date(2026, 12, 1, 15, 59, 59, 0, time.UTC)) // the last second of the last day
		if err := b.RunDue(ctx); err != nil {
			t.Fatal(err)
		}
		a = seen(t, b, decider, a.ID)
		if states(a) != "conditional 0, conditional 0" || !slices.Contains(a.May, "meet") {
			t.Fatal(states(a), a.May)
		}
		if _, err := b.MeetCondition(ctx, clerk, a.ID, 0, a.Stamp, ""); bank.CodeOf(err) != bank.Denied {
			t.Error(err)
		}
		if _, err := b.MeetCondition(ctx, decider, a.ID, 0, a.Stamp, "已收到"); err != nil {
			t.Fatal(err)
		}
		at(b, time.Date(2026, 12, 1, 16, 0, 0, 0, time.UTC))
		a = seen(t, b, decider, a.ID)
		_, err := b.MeetCondition(ctx, decider, a.ID, 1, a.Stamp, "")
		wantRefused(t, err, bank.Invalid, "item: no_condition")
		for range 2 {
			if err := b.RunDue(ctx); err != nil {
				t.Fatal(err)
			}
		}
		a = seen(t, b, asks1, a.ID)
		if states(a) != "full 4, refused 0" || len(a.Decisions) != 3 || !a.Decisions[2].Automatic {
			t.Errorf("%s, %+v", states(a), a.Decisions)
		}
		if i := a.Items[1]; i.Text != "补交成绩单" || i.Remedy == "" || !slices.Equal(i.Reasons, []string{"EVIDENCE_MISSING"}) || !i.MayAppeal {
			t.Errorf("%+v", i)
		}
		wantPlaces(t, b, "L1", "s1=applied 4", "s2=available 3")
		wantReplayed(t, b, a)
		wantSound(t, b)
	})
}

// What published rules cover passes in bulk, or by itself after the days that the
// school has chosen; what came with a word to the school does not.
func TestCoveredPass(t *testing.T) {
	onBoth(t, func(t *testing.T, b *bank.Bank) {
		applying(t, b)
		earns(t, b, "L1", 1)
		earns(t, b, "L2", 1)
		a := applied(t, b, asks1, toA)
		word, err := b.Apply(ctx, asks2, bank.NewApplication{To: toA, Declared: true, Note: "请看"})
		if err != nil {
			t.Fatal(err)
		}
		list, err := b.PassApplications(ctx, decider, []bank.ApplicationRef{{ID: word.ID, Stamp: word.Stamp}, {ID: a.ID, Stamp: "old"}, {ID: "none"}})
		if err != nil {
			t.Fatal(err)
		}
		wantKey(t, list[0].Err, bank.Conflict, "error.application_uncovered")
		wantKey(t, list[1].Err, bank.Conflict, "error.application_stale")
		wantKey(t, list[2].Err, bank.NotFound, "error.not_found.application")
		wantRefused(t, b.SetPassAfter(ctx, decider, 15), bank.Invalid, "days: pass_days")
		wantKey(t, b.SetPassAfter(ctx, clerk, 3), bank.Denied, "error.role")
		if err := b.SetPassAfter(ctx, decider, 3); err != nil {
			t.Fatal(err)
		}
		pass := func(day int) string {
			at(b, time.Date(2026, 11, day, 3, 0, 0, 0, time.UTC))
			if err := b.RunDue(ctx); err != nil {
				t.Fatal(err)
			}
			return states(seen(t, b, asks1, a.ID)) + "; " + states(seen(t, b, asks2, word.ID))
		}
		if got := pass(24) + "; " + pass(25); got != "open 0; open 0; full 4; open 0" {
			t.Error(got)
		}
		if a = seen(t, b, asks1, a.ID); !a.Decisions[0].Automatic {
			t.Errorf("%+v", a.Decisions)
		}
		earns(t, b, "L1", 2)
		a = applied(t, b, asks1, toA)
		if list, err = b.PassApplications(ctx, decider, []bank.ApplicationRef{{ID: a.ID, Stamp: a.Stamp}}); err != nil || list[0].Err != nil || list[0].Decision == "" {
			t.Errorf("%+v, %v", list, err)
		}
		wantSound(t, b)
	})
}

// What was built on a result that its issuer revokes is put to the school that took it:
// it may stay, or everything is reversed, a diploma too.
func TestRevocationOfAUsedResult(t *testing.T) {
	second := bank.Actor{Name: "u:issuer2", Login: "issuer2", Roles: bank.IsDecider, Institution: sends}
	onBoth(t, func(t *testing.T, b *bank.Bank) {
		applying(t, b)
		earns(t, b, "L1", 1, 7, 8)
		a := accept(t, b, applied(t, b, asks1, toA))
		if _, err := b.RedeemApplication(ctx, decider, a.ID, a.Stamp); err != nil {
			t.Fatal(err)
		}
		wantPlaces(t, b, "L1", "s1=redeemed 4", "s7=redeemed 2", "s8=redeemed 2")
		wantSound(t, b)
		revoke := func() string {
			t.Helper()
			id, err := b.Propose(ctx, issuer, bank.Proposal{Kind: "reverse", Args: map[string]string{"institution": sends, "reference": "L1-s7"}, Reason: "grade was wrong"})
			if err != nil {
				t.Fatal(err)
			}
			p, err := b.Proposal(ctx, second, id)
			if err != nil {
				t.Fatal(err)
			}
			if err := b.DecideProposal(ctx, second, id, bank.Decision{Approve: true, Version: p.Version}); err != nil {
				t.Fatal(err)
			}
			return id
		}
		revoke()
		wantPlaces(t, b, "L1", "s1=redeemed 4", "s7=redeemed 2", "s8=redeemed 2")
		page, err := b.Applications(ctx, decider, bank.ApplicationFilter{Revoked: true}, bank.Window{})
		if err != nil || page.Total != 1 {
			t.Fatal(page, err)
		}
		_, err = b.Propose(ctx, issuer, bank.Proposal{Kind: "reverse", Args: map[string]string{"institution": sends, "reference": "L1-s7"}, Reason: "once more"})
		wantRefused(t, err, bank.Invalid, "reference: revocation_waits")
		a = seen(t, b, decider, a.ID)
		c := a.Consequences[0]
		if c.Item != 1 || c.Result.Reference != "L1-s7" || !slices.Contains(a.May, "consequence") {
			t.Fatalf("%+v %v", c, a.May)
		}
		wantRefused(t, b.DecideConsequence(ctx, decider, a.ID, c.ID, bank.ConsequenceDecision{Stamp: a.Stamp, Reverse: true}), bank.Invalid, "text: required", "remedy: required")
		wantKey(t, b.DecideConsequence(ctx, issuer, a.ID, c.ID, bank.ConsequenceDecision{Stamp: a.Stamp, Text: "x"}), bank.Denied, "error.role")
		if err := b.DecideConsequence(ctx, decider, a.ID, c.ID, bank.ConsequenceDecision{Stamp: a.Stamp, Text: "不影响"}); err != nil {
			t.Fatal(err)
		}
		wantPlaces(t, b, "L1", "s1=redeemed 4", "s7=redeemed 2", "s8=redeemed 2")
		revoke()
		a = seen(t, b, decider, a.ID)
		slices.SortFunc(a.Consequences, func(x, y bank.Consequence) int { return strings.Compare(x.State, y.State) }) // they came at one moment
		if a.Consequences[0].State != bank.ConsequenceKept || a.Consequences[0].Text != "不影响" {
			t.Errorf("%+v", a.Consequences[0])
		}
		if err := b.DecideConsequence(ctx, decider, a.ID, a.Consequences[1].ID, bank.ConsequenceDecision{Stamp: a.Stamp, Reverse: true, Text: "成绩已撤销", Remedy: "重修"}); err != nil {
			t.Fatal(err)
		}
		wantPlaces(t, b, "L1", "s1=redeemed 4", "s7= 0", "s8=available 3")
		a = seen(t, b, asks1, a.ID)
		if states(a) != "full 4, refused 0" || a.Decisions[1].Kind != bank.DecisionCorrection {
			t.Error(states(a))
		}
		wantReplayed(t, b, a)
		wantSound(t, b)
	})
}

// Applications follow a merge of two accounts, and the erasure leaves nothing that
// people wrote.
func TestApplicationsOfMergedAndErased(t *testing.T) {
	onBothWithDSN(t, func(t *testing.T, b *bank.Bank, dsn string) {
		applying(t, b)
		earns(t, b, "L1", 1, 2)
		a := applied(t, b, asks1, toA)
		if _, err := b.DecideApplication(ctx, decider, a.ID, bank.NewDecision{Stamp: a.Stamp, Text: "很高兴认识你", Items: []bank.ItemDecision{{Item: 0, Outcome: bank.ItemFull},
			{Item: 1, Outcome: bank.ItemRefused, Reasons: []string{"CONTENT"}, Text: "内容不同", Remedy: "补修"}}}); err != nil {
			t.Fatal(err)
		}
		if _, err := b.Merge(ctx, operator, "L1", "L2", bank.Why{Reason: "one person"}); err != nil {
			t.Fatal(err)
		}
		if _, err := b.Application(ctx, asks1, a.ID); bank.CodeOf(err) != bank.NotFound {
			t.Error(err)
		}
		a = seen(t, b, asks2, a.ID)
		a, err := b.AppealApplication(ctx, asks2, a.ID, bank.NewAppeal{Stamp: a.Stamp, Items: []int{1}, Text: "我不服这个结论"})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := b.DecideAppeal(ctx, decider2, a.ID, bank.NewDecision{Stamp: a.Stamp, Items: []bank.ItemDecision{{Item: 1, Outcome: bank.ItemFull}}}); err != nil {
			t.Fatal(err)
		}
		wantSound(t, b)
		earns(t, b, "L2", 3)
		open, err := b.Apply(ctx, asks2, bank.NewApplication{To: toA, Declared: true, Note: "请多关照呀"})
		if err != nil {
			t.Fatal(err)
		}
		if err := b.EraseLearner(ctx, operator, "L2", "asked for by the learner"); err != nil {
			t.Fatal(err)
		}
		if got := seen(t, b, decider, open.ID); got.State != bank.ApplicationWithdrawn || got.Note != "" || got.Name != "" {
			t.Errorf("%+v", got)
		}
		got := seen(t, b, decider, a.ID)
		if got.Decisions[0].Text != "" || got.Items[1].Text != "" || got.Appeals[0].Text != "" {
			t.Errorf("%+v", got)
		}
		wantReplayed(t, b, got)
		wantSound(t, b)
	})
}

// onBothWithDSN runs a test on both databases, and says where the bank is.
func onBothWithDSN(t *testing.T, test func(t *testing.T, b *bank.Bank, dsn string)) {
	onBothWithKey(t, func(t *testing.T, b *bank.Bank, dsn, _ string) {
		at(b, time.Date(2026, 11, 22, 3, 0, 0, 0, time.UTC))
		test(t, b, dsn)
	})
}

// Whoever changes a decision, or what it was decided on, or takes it away, is found out.
func TestDecisionsAreVerified(t *testing.T) {
	onBothWithDSN(t, func(t *testing.T, b *bank.Bank, dsn string) {
		applying(t, b)
		earns(t, b, "L1", 1, 2)
		a := accept(t, b, applied(t, b, asks1, toA))
		wantSound(t, b)
		raw := rawOf(t, dsn)
		for _, c := range []struct{ change, back, want string }{
			{`UPDATE decision SET content = replace(content, '"full"', '"partial"')`, `UPDATE decision SET content = replace(content, '"partial"', '"full"')`, "decision_differs"},
			{`UPDATE application SET frozen = replace(frozen, '"score":"80"', '"score":"60"')`, `UPDATE application SET frozen = replace(frozen, '"score":"60"', '"score":"80"')`, "decision_differs"},
			{`UPDATE application_item SET state = 'refused' WHERE item = 0`, `UPDATE application_item SET state = 'full' WHERE item = 0`, "item_differs"},
			{`UPDATE application_record SET worth = 100 WHERE item = 0`, `UPDATE application_record SET worth = 400 WHERE item = 0`, "item_differs"},
		} {
			if _, err := raw.Exec(c.change); err != nil {
				t.Fatal(err)
			}
			report, err := b.Verify(ctx, bank.VerifyInput{})
			got := ""
			if report.Finding != nil {
				got = string(report.Finding.Code)
			}
			if err != nil || got != c.want {
				t.Errorf("%s: found %q, %v, want %q", c.change, got, err, c.want)
			}
			if strings.Contains(c.change, "frozen") {
				if r, err := b.ReplayDecision(ctx, operator, a.Decisions[0].ID); err != nil || len(r.Differences) == 0 || r.Differences[0].Path != "frozen" {
					t.Errorf("replay: %+v, %v", r.Differences, err)
				}
			}
			if _, err := raw.Exec(c.back); err != nil {
				t.Fatal(err)
			}
		}
		wantSound(t, b)
	})
}

// No operation on the ledger pulls away what an application holds or has used: only
// what is decided about it moves the results.
func TestLedgerLeavesApplicationsAlone(t *testing.T) {
	onBoth(t, func(t *testing.T, b *bank.Bank) {
		applying(t, b)
		earns(t, b, "L1", 1, 2, 3)
		a := applied(t, b, asks1, toA)
		held := []bank.RecordRef{{Institution: sends, Reference: "L1-s1"}, {Institution: sends, Reference: "L1-s2"}}
		why := bank.Why{Reason: "mistake"}
		_, err := b.Release(ctx, operator, "L1", held, why)
		wantRefused(t, err, bank.Conflict, "records[0].reference: in_application", "records[1].reference: in_application")
		_, err = b.Convert(ctx, operator, "L1", toB, []bank.Conversion{{RecordRef: held[0], Worth: 100}}, why)
		wantRefused(t, err, bank.Conflict, "records[0].reference: in_application")
		last := func(reference string) int64 {
			list, err := b.Standings(ctx, "L1")
			if err != nil {
				t.Fatal(err)
			}
			return list[slices.IndexFunc(list, func(s bank.Standing) bool { return s.Reference == reference })].Last
		}
		_, err = b.Reverse(ctx, operator, []int64{last("L1-s1")}, why)
		wantRefused(t, err, bank.Conflict, "entries[0]: in_application")
		hang := bank.ItemDecision{Item: 1, Outcome: bank.ItemConditional, Condition: "补交", Until: "2026-12-31"}
		refused := bank.ItemDecision{Item: 2, Outcome: bank.ItemRefused, Reasons: []string{"CONTENT"}, Text: "内容不同", Remedy: "补修"}
		if _, err := b.DecideApplication(ctx, decider, a.ID, bank.NewDecision{Stamp: a.Stamp, Items: []bank.ItemDecision{{Outcome: bank.ItemFull}, hang, refused}}); err != nil {
			t.Fatal(err)
		}
		_, err = b.Release(ctx, operator, "L1", held[1:], why)
		wantRefused(t, err, bank.Conflict, "records[0].reference: in_application")
		_, err = b.Redeem(ctx, operator, "L1", toA, held[:1], why)
		wantRefused(t, err, bank.Conflict, "records[0].reference: in_application")
		of := last("L1-s1")
		_, err = b.Reverse(ctx, operator, []int64{of, of - 1}, why)
		wantRefused(t, err, bank.Conflict, "entries[0]: in_application", "entries[1]: in_application")
		free := []bank.RecordRef{{Institution: sends, Reference: "L1-s3"}} // the application gave it back
		done(t)(b.Hold(ctx, operator, "L1", free, why))
		done(t)(b.Release(ctx, operator, "L1", free, why))
		wantPlaces(t, b, "L1", "s1=applied 4", "s2=held 3", "s3=available 3")
		wantReplayed(t, b, seen(t, b, asks1, a.ID))
		wantSound(t, b)
	})
}
