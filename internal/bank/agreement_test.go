package bank_test

import (
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"creditbank/internal/bank"
	"creditbank/internal/calendar"
)

func deciderOf(institution string) bank.Actor {
	return bank.Actor{Name: "u:decider-" + institution, Login: "decider-" + institution, Roles: bank.IsDecider, Institution: institution}
}

const ruleHeader = "equivalence,source_institution,source_course,target_institution,target_course,target_credits,valid_from,valid_to\n"

// pact is a small bank with two rules from A to B and learners of A and C.
func pact(t *testing.T, b *bank.Bank) {
	t.Helper()
	small(t, b)
	text(t, b, "institutions", "code,name,kind\nC,School C,overseas\n")
	text(t, b, "equivalences", ruleHeader+"E1,A,a1,B,b1,,2026-01-01,\nE2,A,a2,B,b2,1.5,2026-01-01,\nEC,A,a1,B,b2,1,2026-01-01,\n")
	text(t, b, "learners", "account,name,institution,entered_on\nIN,Kept,A,2026-11-01\nEARLY,Before,A,2026-08-31\nLATE,After,A,2029-09-01\nOTHER,Elsewhere,C,2026-11-01\n")
	text(t, b, "records", "learner,reference,institution,course,grade,completed_on\nIN,R1,A,a1,80,2026-11-10\nEARLY,R2,A,a1,80,2026-11-10\nLATE,R3,A,a1,80,2026-11-10\nOTHER,R4,A,a1,80,2026-11-10\n")
}

func draftedPact(t *testing.T, b *bank.Bank, rules ...string) bank.Agreement {
	t.Helper()
	id, err := b.SaveAgreement(ctx, registrarOf("A"), bank.AgreementDraft{Name: "A与B互认协议", Text: "第一条", From: "2026-09-01", To: "2029-08-31", Parties: []string{"B"}, Rules: rules})
	if err != nil {
		t.Fatal(err)
	}
	return pactOf(t, b, registrarOf("A"), id)
}

func pactOf(t *testing.T, b *bank.Bank, actor bank.Actor, id string) bank.Agreement {
	t.Helper()
	a, err := b.Agreement(ctx, actor, id)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// signed is an agreement of A and B that both have signed.
func signedPact(t *testing.T, b *bank.Bank, rules ...string) bank.Agreement {
	t.Helper()
	a := draftedPact(t, b, rules...)
	return signAll(t, b, a)
}

func signAll(t *testing.T, b *bank.Bank, a bank.Agreement) bank.Agreement {
	t.Helper()
	if err := b.OfferAgreement(ctx, registrarOf("A"), a.ID, a.Stamp); err != nil {
		t.Fatal(err)
	}
	hash := pactOf(t, b, registrarOf("A"), a.ID).Hash
	for _, school := range []string{"B", "A"} {
		if err := b.SignAgreement(ctx, deciderOf(school), a.ID, hash); err != nil {
			t.Fatalf("%s signs: %v", school, err)
		}
	}
	return pactOf(t, b, bank.Visitor, a.ID)
}

// worth is what a learner's result is worth at B, by the rules that award it.
func worth(t *testing.T, b *bank.Bank, account string) string {
	t.Helper()
	a, err := b.PlanLearner(ctx, operator, account, bank.CheckInput{To: programmeP})
	if err != nil {
		t.Fatal(err)
	}
	var rules []string
	for _, item := range a.Items {
		rule := bank.EvaluationID(item.Rule)
		if by := a.Promised[item.Rule]; by != "" {
			rule += " by promise"
		}
		rules = append(rules, rule)
	}
	slices.Sort(rules)
	ranking, err := b.RankLearner(ctx, operator, account, bank.CheckInput{})
	if err != nil || len(ranking.Items) != 1 || ranking.Items[0].Transferable != a.Transferable {
		t.Errorf("the ranking says %+v, %v; the plan %s", ranking.Items, err, a.Transferable)
	}
	return strings.TrimSpace(a.Transferable.String() + " " + strings.Join(rules, ", "))
}

// The promise holds after a rule was replaced and after it was ended, for those who
// entered the sending school within the years; for nobody else.
func TestAgreementKeepsItsPromise(t *testing.T) {
	onBoth(t, func(t *testing.T, b *bank.Bank) {
		pact(t, b)
		a := signedPact(t, b, "E1@1")
		if a.State != bank.AgreementSigned || a.Frozen.IsZero() {
			t.Fatalf("%+v", a)
		}
		all := func(what, kept, others string) {
			t.Helper()
			for account, want := range map[string]string{"IN": kept, "EARLY": others, "LATE": others, "OTHER": others} {
				if got := worth(t, b, account); got != want {
					t.Errorf("%s: %s gets %q, want %q", what, account, got, want)
				}
			}
		}
		all("signed", "3 E1@1", "3 E1@1")
		text(t, b, "equivalences", ruleHeader+"E1,A,a1,B,b1,0.5,2026-01-01,\nEC,A,a1,B,b2,0,2026-01-01,\n") // the day of completion is the later version's
		all("replaced", "3 E1@1 by promise", "0.5 E1@2")
		text(t, b, "equivalences", ruleHeader+"E1,A,a1,B,b1,0.5,2026-01-01,2026-10-31\n")
		all("ended", "3 E1@1 by promise", "0")
		c, err := b.Freeze(ctx, operator, "IN", bank.CheckInput{To: programmeP})
		if err != nil || len(c.Answer.Items) != 1 {
			t.Errorf("frozen: %+v, %v", c.Answer.Items, err)
		}
		if _, err := b.Merge(ctx, operator, "IN", "EARLY", bank.Why{Reason: "one person"}); err != nil {
			t.Fatal(err)
		}
		if got := worth(t, b, "EARLY"); got != "3 E1@1 by promise" {
			t.Errorf("after the merge: %s", got)
		}
	})
}

// A rule that is suspended is promised to nobody while it is.
func TestSuspendedRuleIsNoPromise(t *testing.T) {
	onBothRaw(t, func(t *testing.T, b *bank.Bank, raw *sql.DB) {
		pact(t, b)
		signedPact(t, b, "E1@1")
		text(t, b, "equivalences", ruleHeader+"E1,A,a1,B,b1,0.5,2026-01-01,\nEC,A,a1,B,b2,0,2026-01-01,\n")
		if got := worth(t, b, "IN"); got != "3 E1@1 by promise" {
			t.Errorf("replaced, it is worth %s", got)
		}
		if _, err := raw.Exec(`UPDATE evaluation SET state = 'suspended' WHERE equivalence = 'E1' AND version = 1`); err != nil {
			t.Fatal(err)
		}
		if got := worth(t, b, "IN"); got != "0.5 E1@2" {
			t.Errorf("suspended, it is worth %s", got)
		}
	})
}

// An amendment is a proposal that all sign again. Who entered before it was signed
// keeps the rules of before.
func TestAmendmentReplacesForThoseWhoComeLater(t *testing.T) {
	onBoth(t, func(t *testing.T, b *bank.Bank) {
		pact(t, b)
		text(t, b, "learners", "account,name,institution,entered_on\nNEW,Later,A,2026-12-01\n")
		text(t, b, "records", "learner,reference,institution,course,grade,completed_on\nNEW,R9,A,a1,80,2026-11-10\n")
		first := signedPact(t, b, "E1@1")
		id, err := b.AmendAgreement(ctx, deciderOf("B"), first.ID, first.Stamp)
		if err != nil || id != first.Code+"@2" {
			t.Fatalf("%s, %v", id, err)
		}
		_, err = b.AmendAgreement(ctx, deciderOf("A"), first.ID, first.Stamp)
		wantCode(t, "a second amendment at once", err, bank.Conflict)
		second := pactOf(t, b, deciderOf("B"), id)
		if _, err := b.SaveAgreement(ctx, deciderOf("B"), bank.AgreementDraft{ID: id, Stamp: second.Stamp, Name: "修订", From: "2026-09-01", To: "2029-08-31", Parties: []string{"A"}, Rules: []string{"E2@1"}}); err != nil {
			t.Fatal(err)
		}
		second = pactOf(t, b, deciderOf("B"), id)
		if err := b.OfferAgreement(ctx, deciderOf("B"), id, second.Stamp); err != nil {
			t.Fatal(err)
		}
		hash := pactOf(t, b, deciderOf("B"), id).Hash
		if got := pactOf(t, b, bank.Visitor, first.Code); got.Version != 1 || got.State != bank.AgreementSigned {
			t.Errorf("before all have signed, %+v holds", got)
		}
		for _, school := range []string{"A", "B"} {
			if err := b.SignAgreement(ctx, deciderOf(school), id, hash); err != nil {
				t.Fatal(err)
			}
		}
		if got := pactOf(t, b, bank.Visitor, first.Code); got.Version != 2 || got.State != bank.AgreementSigned {
			t.Errorf("%+v holds", got)
		}
		if old := pactOf(t, b, bank.Visitor, first.ID); old.State != bank.AgreementReplaced || old.Hash != first.Hash {
			t.Errorf("the first version: %+v", old)
		}
		text(t, b, "equivalences", ruleHeader+"E1,A,a1,B,b1,0.5,2026-01-01,\nEC,A,a1,B,b2,0,2026-01-01,\n")
		for account, want := range map[string]string{"IN": "3 E1@1 by promise", "NEW": "0.5 E1@2"} {
			if got := worth(t, b, account); got != want {
				t.Errorf("%s gets %q, want %q", account, got, want)
			}
		}
	})
}

// What is signed is the content with this hash, and nothing else; who has not read
// the last content does not sign; the hash is that of the text.
func TestWhatIsSigned(t *testing.T) {
	onBoth(t, func(t *testing.T, b *bank.Bank) {
		pact(t, b)
		a := draftedPact(t, b, "E1@1", "E2@1")
		for what, actor := range map[string]bank.Actor{"a visitor": bank.Visitor, "the other school": deciderOf("B"), "a third": deciderOf("C"), "a learner": {Learner: "IN", Roles: bank.IsLearner}} {
			_, err := b.Agreement(ctx, actor, a.ID)
			wantCode(t, "a draft, to "+what, err, bank.NotFound)
		}
		wantCode(t, "an offer of an older draft", b.OfferAgreement(ctx, registrarOf("A"), a.ID, "0"), bank.Conflict)
		if err := b.OfferAgreement(ctx, registrarOf("A"), a.ID, a.Stamp); err != nil {
			t.Fatal(err)
		}
		open := pactOf(t, b, deciderOf("B"), a.ID)
		sum := sha256.Sum256(open.Text)
		if open.Hash != hex.EncodeToString(sum[:]) || !strings.Contains(string(open.Text), `"equivalence":"E2"`) {
			t.Errorf("%s of %s", open.Hash, open.Text)
		}
		rule := open.Content.Rules[1]
		if rule.Sources[0].Credits.String() != "2" || rule.Targets[0].Credits.String() != "1.5" || rule.Targets[0].Name != "Optics" {
			t.Errorf("studied and recognised: %+v", rule)
		}
		for what, c := range map[string]struct {
			err  error
			code bank.Code
		}{
			"a registrar signs":        {b.SignAgreement(ctx, registrarOf("B"), a.ID, open.Hash), bank.Conflict},
			"a third school signs":     {b.SignAgreement(ctx, deciderOf("C"), a.ID, open.Hash), bank.NotFound},
			"another hash is signed":   {b.SignAgreement(ctx, deciderOf("B"), a.ID, strings.Repeat("0", 64)), bank.Conflict},
			"another school withdraws": {b.CloseAgreement(ctx, deciderOf("B"), a.ID, open.Stamp, false), bank.Conflict},
			"the writer declines":      {b.CloseAgreement(ctx, deciderOf("A"), a.ID, open.Stamp, true), bank.Conflict},
		} {
			wantCode(t, what, c.err, c.code)
		}
		if err := b.SignAgreement(ctx, deciderOf("B"), a.ID, open.Hash); err != nil {
			t.Fatal(err)
		}
		wantCode(t, "it is signed twice", b.SignAgreement(ctx, deciderOf("B"), a.ID, open.Hash), bank.Conflict)
		_, err := b.Agreement(ctx, bank.Visitor, a.ID)
		wantCode(t, "half signed, to a visitor", err, bank.NotFound)
		if _, err := b.SaveAgreement(ctx, registrarOf("A"), bank.AgreementDraft{ID: a.ID, Stamp: pactOf(t, b, registrarOf("A"), a.ID).Stamp, Name: "other", From: "2026-09-01", To: "2027-08-31", Parties: []string{"B"}, Rules: []string{"E1@1"}}); err != nil {
			t.Fatal(err)
		}
		if again := pactOf(t, b, registrarOf("A"), a.ID); again.State != bank.AgreementDrafted || !again.Parties[1].Signed.IsZero() || len(again.Content.Rules) != 1 {
			t.Errorf("after an edit %+v", again)
		}
		// A rule that ended meanwhile is not signed.
		now := pactOf(t, b, registrarOf("A"), a.ID)
		text(t, b, "equivalences", ruleHeader+"E1,A,a1,B,b1,,2026-01-01,2026-10-31\n")
		wantCode(t, "a rule that was replaced is offered", b.OfferAgreement(ctx, registrarOf("A"), a.ID, now.Stamp), bank.Invalid)
	})
}

func TestAgreementsAreChecked(t *testing.T) {
	onBoth(t, func(t *testing.T, b *bank.Bank) {
		pact(t, b)
		good := bank.AgreementDraft{Name: "x", From: "2026-09-01", To: "2027-08-31", Parties: []string{"B"}, Rules: []string{"E1@1"}}
		for field, change := range map[string]func(*bank.AgreementDraft){
			"name": func(d *bank.AgreementDraft) { d.Name = " " }, "from": func(d *bank.AgreementDraft) { d.From = "" }, "to": func(d *bank.AgreementDraft) { d.To = "2026-08-31" },
			"parties": func(d *bank.AgreementDraft) { d.Parties = []string{"nobody"} }, "rules": func(d *bank.AgreementDraft) { d.Rules = []string{"E9@1"} },
			"text": func(d *bank.AgreementDraft) { d.Text = strings.Repeat("条", 5001) },
		} {
			in := good
			change(&in)
			_, err := b.SaveAgreement(ctx, registrarOf("A"), in)
			if fields := fieldsOf(err); !slices.Equal(fields, []string{field}) {
				t.Errorf("%s: %v", field, err)
			}
		}
		in := good
		in.Parties = []string{"C"}
		_, err := b.SaveAgreement(ctx, registrarOf("A"), in)
		if !slices.Equal(fieldsOf(err), []string{"rules"}) {
			t.Errorf("a rule of others: %v", err)
		}
		for _, actor := range []bank.Actor{bank.Visitor, administrator, {Roles: bank.IsExpert, Institution: "A"}, {Learner: "IN", Roles: bank.IsLearner}} {
			_, err := b.SaveAgreement(ctx, actor, good)
			wantCode(t, actor.Name, err, bank.Denied)
		}
		rules, err := b.AgreementCandidates(ctx, []string{"A", "B"})
		if err != nil || len(rules) != 3 {
			t.Errorf("%d may be signed, %v", len(rules), err)
		}
	})
}

// The database refuses to change what was signed by all.
func TestSignedAgreementStays(t *testing.T) {
	onBothRaw(t, func(t *testing.T, b *bank.Bank, raw *sql.DB) {
		pact(t, b)
		signedPact(t, b, "E1@1")
		for _, statement := range []string{
			`UPDATE agreement SET content = '{}'`, `UPDATE agreement SET entered_to = entered_to - 1`, `DELETE FROM agreement_rule`, `DELETE FROM agreement_party`, `DELETE FROM agreement`,
			`UPDATE agreement_party SET institution = 'C' WHERE institution = 'B'`, `UPDATE agreement_rule SET equivalence = 'E2'`,
			`INSERT INTO agreement_rule (agreement, version, equivalence, rule_version) SELECT id, version, 'E2', 1 FROM agreement`,
			`INSERT INTO agreement_party (agreement, version, institution) SELECT id, version, 'C' FROM agreement`,
			`UPDATE agreement SET state = 'withdrawn', frozen_at = NULL`,
		} {
			if _, err := raw.Exec(statement); err == nil {
				t.Errorf("%s was let through", statement)
			}
		}
	})
}

// Two sign at once: both signatures count, and it is frozen once.
func TestSignedByTwoAtOnce(t *testing.T) {
	onBoth(t, func(t *testing.T, b *bank.Bank) {
		pact(t, b)
		a := draftedPact(t, b, "E1@1")
		if err := b.OfferAgreement(ctx, registrarOf("A"), a.ID, a.Stamp); err != nil {
			t.Fatal(err)
		}
		hash, done := pactOf(t, b, registrarOf("A"), a.ID).Hash, make(chan error, 2)
		for _, school := range []string{"A", "B"} {
			go func() { done <- b.SignAgreement(ctx, deciderOf(school), a.ID, hash) }()
		}
		for range 2 {
			if err := <-done; err != nil {
				t.Error(err)
			}
		}
		if got := pactOf(t, b, bank.Visitor, a.ID); got.State != bank.AgreementSigned || calendar.Of(got.Frozen) != b.Today() || got.Frozen.Before(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)) {
			t.Errorf("%+v", got)
		}
	})
}

// fieldsOf names the fields that a refusal speaks of.
func fieldsOf(err error) (fields []string) {
	var refused *bank.Error
	if errors.As(err, &refused) {
		for _, f := range refused.Fields {
			fields = append(fields, f.Field)
		}
	}
	return fields
}
