package bank_test

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"creditbank/internal/bank"
	"creditbank/internal/testbed"
)

// onBothOwned runs a test on both databases, on a bank with three schools and the
// learners O1 and O2 of school A, each with a result of A and one of B, and K1, a
// child of A with a result of A.
func onBothOwned(t *testing.T, test func(t *testing.T, b *bank.Bank)) {
	run := func(t *testing.T, dsn string) {
		b, err := openWith(t, dsn, bank.Options{PersonalKeyFile: filepath.Join(t.TempDir(), "key")})
		if err != nil {
			t.Fatal(err)
		}
		b.Now = func() time.Time { return time.Date(2026, 11, 22, 3, 0, 0, 0, time.UTC) }
		owned(t, b)
		test(t, b)
	}
	t.Run("sqlite", func(t *testing.T) { run(t, "sqlite:"+filepath.Join(t.TempDir(), "bank.db")) })
	t.Run("postgres", func(t *testing.T) { run(t, testbed.Postgres(t)) })
}

func owned(t *testing.T, b *bank.Bank) {
	t.Helper()
	small(t, b)
	text(t, b, "institutions", "code,name,kind\nC,School C,overseas\n")
	text(t, b, "learners", "account,name,id_type,id_number,birth_date,institution,phone\n"+
		"O1,Li Yi,other,X-0001,2005-03-04,A,000-1\nO2,Wang Er,other,X-0002,2005-03-04,A,000-2\nK1,Zhang San,other,X-0003,2015-03-04,A,\n")
	text(t, b, "records", "learner,reference,institution,course,grade,completed_on\n"+
		"O1,R1,A,a1,81,2024-06-25\nO1,R2,B,b1,82,2025-06-25\nO2,R3,A,a1,83,2024-06-25\nO2,R4,B,b1,84,2025-06-25\nK1,R5,A,a1,85,2026-06-25\n")
}

// The people of the tests.
var (
	learnerO1 = bank.Actor{Name: "u:o1", Roles: bank.IsLearner, Login: "o1", Learner: "O1", Origin: "192.0.2.0/24"}
	learnerO2 = bank.Actor{Name: "u:o2", Roles: bank.IsLearner, Login: "o2", Learner: "O2", Origin: "192.0.2.0/24"}
	childK1   = bank.Actor{Name: "u:k1", Roles: bank.IsLearner, Login: "k1", Learner: "K1", Origin: "192.0.2.0/24"}
)

func registrarOf(institution string) bank.Actor {
	return bank.Actor{Name: "u:registrar-" + institution, Roles: bank.IsRegistrar, Login: "registrar-" + institution, Institution: institution}
}

func shared(t *testing.T, b *bank.Bank, actor bank.Actor, in bank.NewShare) (bank.Share, string) {
	t.Helper()
	in.Agreed = true
	s, secret, err := b.AddShare(context.Background(), actor, in)
	if err != nil {
		t.Fatal(err)
	}
	return s, secret
}

// seenBy are the references of what a school sees of an account.
func seenBy(t *testing.T, b *bank.Bank, actor bank.Actor, account string) string {
	t.Helper()
	page, err := b.ViewResults(context.Background(), actor, account, bank.Window{})
	if bank.CodeOf(err) == bank.NotFound {
		return "nothing"
	}
	if err != nil {
		t.Fatal(err)
	}
	var list []string
	for _, r := range page.Items {
		list = append(list, r.Reference)
	}
	return strings.Join(list, " ")
}

// wantCode holds an error against its code.
func wantCode(t *testing.T, what string, err error, want bank.Code) {
	t.Helper()
	if bank.CodeOf(err) != want {
		t.Errorf("%s: %v, want %q", what, err, want)
	}
}

func TestSchoolSeesWhatItHasLeaveFor(t *testing.T) {
	onBothOwned(t, func(t *testing.T, b *bank.Bank) {
		ctx := context.Background()
		registrar := registrarOf("C")
		system := bank.Actor{Name: "api:c", Roles: bank.IsSystem, Institution: "C", Scopes: bank.MayRead}
		if got := seenBy(t, b, registrar, "O1"); got != "nothing" {
			t.Errorf("without leave a school sees %s", got)
		}
		part, _ := shared(t, b, learnerO1, bank.NewShare{Institution: "C", Issuers: []string{"B", "B", " "}})
		for _, actor := range []bank.Actor{registrar, system} {
			if got := seenBy(t, b, actor, "O1"); got != "R2" {
				t.Errorf("%s sees %s, want R2", actor.Name, got)
			}
		}
		view, err := b.ViewAccount(ctx, registrar, "O1")
		if err != nil || !view.Partial || view.Records != 1 {
			t.Errorf("the account of a part: %+v, %v", view, err)
		}
		entries, err := b.ViewStatement(ctx, registrar, "O1", bank.Window{})
		if err != nil || len(entries.Items) != 1 || entries.Items[0].Record.Reference != "R2" {
			t.Errorf("entries of a part: %+v, %v", entries, err)
		}
		whole, _ := shared(t, b, learnerO1, bank.NewShare{Institution: "C"})
		if got := seenBy(t, b, registrar, "O1"); got != "R1 R2" {
			t.Errorf("with the whole it sees %s", got)
		}
		for _, s := range []bank.Share{whole, part} {
			if err := b.WithdrawShare(ctx, learnerO1, s.ID); err != nil {
				t.Fatal(err)
			}
		}
		if got := seenBy(t, b, registrar, "O1"); got != "nothing" {
			t.Errorf("after both are withdrawn it sees %s", got)
		}
		shared(t, b, learnerO1, bank.NewShare{Institution: "C", Until: "2026-11-30"})
		for day, want := range map[int]string{30: "R1 R2", 31: "nothing"} {
			b.Now = func() time.Time { return time.Date(2026, 11, day, 3, 0, 0, 0, time.UTC) }
			if got := seenBy(t, b, registrar, "O1"); got != want {
				t.Errorf("on day %d it sees %s, want %s", day, got, want)
			}
		}
	})
}

// A leave is one learner's: it shows nothing of another, and its number means
// nothing to anybody else.
func TestLeaveOfOneLearnerIsNotAnothers(t *testing.T) {
	onBothOwned(t, func(t *testing.T, b *bank.Bank) {
		ctx := context.Background()
		mine, secret := shared(t, b, learnerO1, bank.NewShare{Institution: "C"})
		link, linkSecret := shared(t, b, learnerO1, bank.NewShare{Note: "for a job"})
		if secret != "" || len(linkSecret) != 43 {
			t.Errorf("secrets %q and %q", secret, linkSecret)
		}
		if got := seenBy(t, b, registrarOf("C"), "O2"); got != "nothing" {
			t.Errorf("leave for O1 shows of O2 %s", got)
		}
		for _, id := range []string{mine.ID, link.ID, "nothing", "", "' OR 1=1"} {
			wantCode(t, "withdrawal of "+id+" by another", b.WithdrawShare(ctx, learnerO2, id), bank.NotFound)
		}
		for _, actor := range []bank.Actor{bank.Visitor, registrarOf("A"), bank.Operator("operator"), {Name: "u:x", Roles: bank.IsLearner}} {
			wantCode(t, actor.Name, b.WithdrawShare(ctx, actor, mine.ID), bank.Denied)
			_, _, err := b.AddShare(ctx, actor, bank.NewShare{})
			wantCode(t, actor.Name, err, bank.Denied)
			_, err = b.Shares(ctx, actor)
			wantCode(t, actor.Name, err, bank.Denied)
		}
		list, err := b.Shares(ctx, learnerO1)
		if err != nil || len(list) != 2 || !list[0].Runs(b.Today()) || !list[1].Runs(b.Today()) {
			t.Fatalf("%+v, %v", list, err)
		}
		at := slices.IndexFunc(list, func(s bank.Share) bool { return s.ID == link.ID })
		if list[at].Note != "for a job" || list[at].Until.String() != "2026-12-22" {
			t.Errorf("the link is %+v", list[at])
		}
		if list, err := b.Shares(ctx, learnerO2); err != nil || len(list) != 0 {
			t.Errorf("another sees %+v, %v", list, err)
		}
	})
}

func TestWrongLeaveIsRefused(t *testing.T) {
	onBothOwned(t, func(t *testing.T, b *bank.Bank) {
		for field, in := range map[string]bank.NewShare{
			"institution": {Institution: "Z"}, "institution ": {Institution: "A"}, "issuers": {Issuers: []string{"C"}}, "until": {Until: "2026-11-22"},
			"until ": {Until: "2027-11-23"}, "until  ": {Until: "tomorrow"}, "note": {Note: strings.Repeat("长", 81)}, "note ": {Note: "a\nb"}, "agreed": {},
		} {
			in.Agreed = strings.TrimSpace(field) != "agreed"
			_, _, err := b.AddShare(context.Background(), learnerO1, in)
			wantCode(t, field, err, bank.Invalid)
			if err == nil || !strings.Contains(err.Error(), "; "+strings.TrimSpace(field)+": ") {
				t.Errorf("%+v: %v, want the field named", in, err)
			}
		}
		shared(t, b, learnerO1, bank.NewShare{Until: "2027-11-22", Note: strings.Repeat("长", 80)})
		for range 49 {
			shared(t, b, learnerO1, bank.NewShare{})
		}
		_, _, err := b.AddShare(context.Background(), learnerO1, bank.NewShare{Agreed: true})
		wantCode(t, "the 51st", err, bank.Conflict)
	})
}

// A link shows what was chosen, counts who opens it, and is gone at once when it is
// withdrawn. Ended, withdrawn and invented ones are the same.
func TestLinkShowsUntilItIsWithdrawn(t *testing.T) {
	onBothOwned(t, func(t *testing.T, b *bank.Bank) {
		ctx := context.Background()
		link, secret := shared(t, b, learnerO1, bank.NewShare{Issuers: []string{"B"}})
		other, otherSecret := shared(t, b, learnerO1, bank.NewShare{Until: "2026-11-30"})
		for _, origin := range []string{"192.0.2.0/24", "192.0.2.0/24", "2001:db8::/48"} {
			shown, err := b.OpenShare(ctx, origin, secret)
			if err != nil || shown.Name != "Li Yi" || len(shown.Results) != 1 || shown.Results[0].Reference != "R2" || shown.Records != 1 {
				t.Fatalf("%+v, %v", shown, err)
			}
		}
		list, err := b.Shares(ctx, learnerO1)
		if err != nil {
			t.Fatal(err)
		}
		openings := list[slices.IndexFunc(list, func(s bank.Share) bool { return s.ID == link.ID })].Openings
		times := map[string]int{}
		for _, o := range openings {
			times[o.Network] = o.Times
		}
		if len(openings) != 2 || times["192.0.2.0/24"] != 2 || times["2001:db8::/48"] != 1 {
			t.Errorf("openings %+v", openings)
		}
		if err := b.WithdrawShare(ctx, learnerO1, link.ID); err != nil {
			t.Fatal(err)
		}
		gone := map[string]string{"withdrawn": secret, "invented": strings.Repeat("x", 43), "empty": "", "its number": link.ID, "broken": "\xff\x00"}
		if _, err := b.OpenShare(ctx, "", otherSecret); err != nil {
			t.Errorf("another link: %v", err)
		}
		b.Now = func() time.Time { return time.Date(2026, 12, 1, 3, 0, 0, 0, time.UTC) }
		gone["ended"] = otherSecret
		first := ""
		for what, secret := range gone {
			shown, err := b.OpenShare(ctx, "192.0.2.0/24", secret)
			wantCode(t, what, err, bank.NotFound)
			if said := fmt.Sprint(err); first == "" {
				first = said
			} else if said != first || shown.Name != "" {
				t.Errorf("%s: %v and %+v, the others %s", what, err, shown, first)
			}
		}
		if err := b.WithdrawShare(ctx, learnerO1, other.ID); err != nil {
			t.Errorf("one that has ended: %v", err)
		}
	})
}

// Under fourteen nobody shares without a guardian.
func TestChildSharesWithGuardianOnly(t *testing.T) {
	onBothOwned(t, func(t *testing.T, b *bank.Bank) {
		_, _, err := b.AddShare(context.Background(), childK1, bank.NewShare{})
		wantCode(t, "a child", err, bank.Denied)
		b.Now = func() time.Time { return time.Date(2029, 3, 4, 3, 0, 0, 0, time.UTC) }
		shared(t, b, childK1, bank.NewShare{})
	})
}
