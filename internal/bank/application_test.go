package bank_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"creditbank/internal/bank"
	"creditbank/internal/calendar"
	"creditbank/internal/transfer"
)

// The bank of the applications: S sends, T takes; A and B are programmes of T.
const (
	sends = "4150000011"
	takes = "4150000029"
)

var (
	toA = transfer.ProgrammeKey{Institution: takes, Code: "A"}
	toB = transfer.ProgrammeKey{Institution: takes, Code: "B"}

	asks1    = bank.Actor{Name: "u:asks1", Login: "asks1", Roles: bank.IsLearner, Learner: "L1"}
	asks2    = bank.Actor{Name: "u:asks2", Login: "asks2", Roles: bank.IsLearner, Learner: "L2"}
	decider  = bank.Actor{Name: "u:decider", Login: "decider", Roles: bank.IsDecider, Institution: takes}
	decider2 = bank.Actor{Name: "u:decider2", Login: "decider2", Roles: bank.IsDecider, Institution: takes}
	clerk    = bank.Actor{Name: "u:clerk", Login: "clerk", Roles: bank.IsRegistrar, Institution: takes}
	issuer   = bank.Actor{Name: "u:issuer", Login: "issuer", Roles: bank.IsRegistrar, Institution: sends}
	admin    = bank.Actor{Name: "u:admin", Login: "admin", Roles: bank.IsAdministrator}
	stranger = bank.Actor{Name: "u:stranger", Login: "stranger", Roles: bank.IsRegistrar | bank.IsDecider, Institution: "4150000037"}
)

// applying fills a bank in which learners have results that T takes.
func applying(t testing.TB, b *bank.Bank) *bank.Bank {
	t.Helper()
	for _, f := range [][2]string{
		{"institutions", "code,name,kind,hours_per_credit,credit_step\n" + sends + ",Sends,secondary_vocational,16,0.5\n" + takes + ",Takes,higher_vocational,16,0.5\n4150000037,Other,higher_vocational,16,0.5\n"},
		{"courses", "institution,code,name,credits\n" + each("%[1]s,s%[2]d,Course,3\n", sends, 8) + each("%[1]s,t%[2]d,Target,4\n", takes, 8) + takes + ",final,Thesis,6\n"},
		{"programmes", "institution,code,name,required_credits\n" + takes + ",A,First,60\n" + takes + ",B,Second,60\n"},
		{"groups", "institution,programme,code,name,min_credits\n" + takes + ",A,core,Core,40\n" + takes + ",A,free,Free,10\n" + takes + ",B,core,Core,40\n"},
		{"plans", "institution,programme,group,course,required,never_exempt\n" + each("%[1]s,A,core,t%[2]d,true,false\n", takes, 8) + each("%[1]s,B,core,t%[2]d,true,false\n", takes, 8) + takes + ",A,core,final,true,true\n"},
		{"equivalences", "equivalence,source_institution,source_course,target_institution,target_course,valid_from\n" + rules()},
		{"learners", "account,name,institution\nL1,Li," + sends + "\nL2,Wang," + sends + "\nL3,Zhang," + sends + "\n"},
	} {
		if r := text2(t, b, f[0], f[1]); r.Refused > 0 || !r.Written {
			t.Fatalf("%s: %+v", f[0], r)
		}
	}
	return b
}

// rules: s1…s6 give t1…t6; s7 and s8 together give t7; s1 may give t8 as well, worth the same as t1.
func rules() string {
	var text strings.Builder
	for n := 1; n <= 6; n++ {
		fmt.Fprintf(&text, "E%d,%s,s%d,%s,t%d,2020-01-01\n", n, sends, n, takes, n)
	}
	fmt.Fprintf(&text, "E7,%s,s7,%s,t7,2020-01-01\nE7,%s,s8,,,2020-01-01\n", sends, takes, sends)
	fmt.Fprintf(&text, "E8,%s,s1,%s,t8,2020-01-01\n", sends, takes)
	return text.String()
}

func each(form, institution string, n int) string {
	text := ""
	for i := 1; i <= n; i++ {
		text += fmt.Sprintf(form, institution, i)
	}
	return text
}

// text2 imports a file and publishes its rules.
func text2(t testing.TB, b *bank.Bank, kind, csv string) bank.ImportReport {
	t.Helper()
	lines := strings.Split(strings.TrimSpace(csv), "\n")
	in := bank.Import{Kind: kind, Publish: true, Header: strings.Split(lines[0], ","), Rows: func(yield func(bank.Row, error) bool) {
		for i, line := range lines[1:] {
			if !yield(bank.Row{Number: i + 2, Line: i + 2, Cells: strings.Split(line, ",")}, nil) {
				return
			}
		}
	}}
	r, err := b.Import(ctx, operator, in)
	if err != nil {
		t.Fatalf("import %s: %v", kind, err)
	}
	return r
}

// earns deposits results of S in courses s1… for a learner: their references are
// account-course.
func earns(t testing.TB, b *bank.Bank, account string, courses ...int) {
	t.Helper()
	var list []bank.DepositRecord
	for _, n := range courses {
		list = append(list, bank.DepositRecord{Reference: fmt.Sprintf("%s-s%d", account, n), Institution: sends, Course: fmt.Sprintf("s%d", n), Grade: "80", CompletedOn: "2025-07-01"})
	}
	done(t)(b.Deposit(ctx, operator, account, list, bank.Why{}))
}

// applied hands in an application of a learner for the whole plan.
func applied(t testing.TB, b *bank.Bank, who bank.Actor, to transfer.ProgrammeKey) bank.Application {
	t.Helper()
	a, err := b.Apply(ctx, who, bank.NewApplication{To: to, Declared: true})
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// seen is the application as somebody sees it.
func seen(t testing.TB, b *bank.Bank, who bank.Actor, id string) bank.Application {
	t.Helper()
	a, err := b.Application(ctx, who, id)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// states are those of the items, in their order.
func states(a bank.Application) string {
	var list []string
	for _, i := range a.Items {
		list = append(list, i.State+" "+i.Given.String())
	}
	return strings.Join(list, ", ")
}

// wantPlaces holds where results of S stand: course=place.
func wantPlaces(t testing.TB, b *bank.Bank, account string, want ...string) {
	t.Helper()
	list, err := b.Standings(ctx, account)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, s := range list {
		got = append(got, fmt.Sprintf("%s=%s %s", strings.TrimPrefix(s.Reference, account+"-"), s.Place, s.Amount))
	}
	slices.Sort(got)
	if !slices.Equal(got, want) {
		t.Errorf("stand %q, want %q", got, want)
	}
}

// A draft is kept, is its learner's alone, holds nothing, and is submitted as it was.
func TestApplicationDraft(t *testing.T) {
	onBoth(t, func(t *testing.T, b *bank.Bank) {
		applying(t, b)
		earns(t, b, "L1", 1, 2, 3)
		offer, err := b.OfferApplication(ctx, asks1, "", toA)
		if err != nil || len(offer.Items) != 3 {
			t.Fatalf("%+v, %v", offer.Items, err)
		}
		var ties []string
		for _, i := range offer.Items {
			for _, o := range i.Instead {
				ties = append(ties, i.Key+">"+o.Key)
			}
		}
		if !slices.Equal(ties, []string{"E1@1>E8@1"}) {
			t.Errorf("ties %q", ties)
		}
		a, err := b.SaveApplication(ctx, asks1, bank.NewApplication{To: toA, Items: []string{"E8@1", "E2@1"}, Note: " 请看一看 "})
		if err != nil {
			t.Fatal(err)
		}
		if a.State != bank.ApplicationDraft || len(a.Items) != 2 || a.Note != "请看一看" || a.Planned.String() != "8" || !slices.Contains(a.May, "submit") {
			t.Errorf("%+v", a)
		}
		wantPlaces(t, b, "L1", "s1=available 3", "s2=available 3", "s3=available 3")
		for _, other := range []bank.Actor{asks2, decider, clerk, issuer, admin, stranger, bank.Visitor} {
			if _, err := b.Application(ctx, other, a.ID); bank.CodeOf(err) != bank.NotFound {
				t.Errorf("%s sees a draft: %v", other.Name, err)
			}
		}
		_, err = b.SaveApplication(ctx, asks1, bank.NewApplication{To: toA})
		wantKey(t, err, bank.Conflict, "error.application_running")
		_, err = b.SaveApplication(ctx, asks1, bank.NewApplication{ID: a.ID, Stamp: a.Stamp, Items: []string{"E8@1", "E1@1"}})
		wantRefused(t, err, bank.Invalid, "items: not_together")
		_, err = b.SaveApplication(ctx, asks1, bank.NewApplication{ID: a.ID, Stamp: a.Stamp, Items: []string{"E9@1"}})
		wantRefused(t, err, bank.Invalid, "items[0]: not_offered")
		second, err := b.SaveApplication(ctx, asks1, bank.NewApplication{ID: a.ID, Stamp: a.Stamp, Items: []string{"E8@1", "E3@1"}})
		if err != nil || second.Stamp == a.Stamp {
			t.Fatal(second, err)
		}
		_, err = b.SubmitApplication(ctx, asks1, a.ID, a.Stamp, true)
		wantKey(t, err, bank.Conflict, "error.application_stale")
		_, err = b.SubmitApplication(ctx, asks1, a.ID, second.Stamp, false)
		wantRefused(t, err, bank.Invalid, "declared: required")
		a, err = b.SubmitApplication(ctx, asks1, a.ID, second.Stamp, true)
		if err != nil || a.State != bank.ApplicationSubmitted || a.Covered != true && a.Note == "" {
			t.Fatal(a, err)
		}
		wantPlaces(t, b, "L1", "s1=held 3", "s2=available 3", "s3=held 3")
		// For another programme what is held is not offered.
		if offer, err = b.OfferApplication(ctx, asks1, "", toB); err != nil || len(offer.Items) != 1 || offer.Items[0].Key != "E2@1" {
			t.Errorf("%+v, %v", offer.Items, err)
		}
		if err := b.WithdrawApplication(ctx, asks1, a.ID, a.Stamp); err != nil {
			t.Fatal(err)
		}
		wantPlaces(t, b, "L1", "s1=available 3", "s2=available 3", "s3=available 3")
		wantKey(t, b.WithdrawApplication(ctx, asks1, a.ID, a.Stamp), bank.Conflict, "error.application_state")
		wantSound(t, b)
	})
}

// A draft that the map or the results have moved away from is not submitted as it is.
func TestApplicationMoved(t *testing.T) {
	onBoth(t, func(t *testing.T, b *bank.Bank) {
		applying(t, b)
		earns(t, b, "L1", 1, 2)
		a, err := b.SaveApplication(ctx, asks1, bank.NewApplication{To: toA})
		if err != nil {
			t.Fatal(err)
		}
		text2(t, b, "equivalences", "equivalence,source_institution,source_course,target_institution,target_course,target_credits,credit_mode,valid_from\nE2,"+sends+",s2,"+takes+",t2,2,fixed,2020-01-01\n")
		_, err = b.SubmitApplication(ctx, asks1, a.ID, a.Stamp, true)
		wantKey(t, err, bank.Conflict, "error.application_moved")
		wantPlaces(t, b, "L1", "s1=available 3", "s2=available 3")
		a, err = b.SaveApplication(ctx, asks1, bank.NewApplication{ID: a.ID, Stamp: a.Stamp})
		if err != nil {
			t.Fatal(err)
		}
		if a, err = b.SubmitApplication(ctx, asks1, a.ID, a.Stamp, true); err != nil || a.Planned.String() != "6" {
			t.Fatal(a.Planned, err)
		}
		wantSound(t, b)
	})
}

// Every rung of the ladder, booked in one batch and explained.
func TestDecideEveryRung(t *testing.T) {
	onBoth(t, func(t *testing.T, b *bank.Bank) {
		applying(t, b)
		earns(t, b, "L1", 1, 2, 3, 4, 5, 7, 8)
		a := applied(t, b, asks1, toA)
		if states(a) != "open 0, open 0, open 0, open 0, open 0, open 0" {
			t.Fatal(states(a))
		}
		var keys []string
		for _, i := range a.Items {
			keys = append(keys, i.Key)
		}
		if strings.Join(keys, " ") != "E1@1 E2@1 E3@1 E4@1 E5@1 E7@1" {
			t.Fatal(keys)
		}
		_, err := b.DecideApplication(ctx, decider, a.ID, bank.NewDecision{Stamp: a.Stamp, Items: []bank.ItemDecision{
			{Item: 0, Outcome: bank.ItemFull}, {Item: 1, Outcome: bank.ItemAlternative}, {Item: 2, Outcome: bank.ItemPartial, Credits: "4"},
			{Item: 3, Outcome: bank.ItemConditional, Until: "2026-11-22"}, {Item: 4, Outcome: bank.ItemRefused, Reasons: []string{"BAD"}}, {Item: 9, Outcome: bank.ItemFull},
		}})
		wantRefused(t, err, bank.Invalid, "items[1].text: required", "items[1].awards: required", "items[2].text: required", "items[2].reasons: required", "items[2].credits: not_fewer",
			"items[3].condition: required", "items[3].until: condition_day", "items[4].reasons[0]: choice", "items[4].text: required", "items[4].remedy: required", "items[5].item: not_to_decide", "items: undecided")
		wantPlaces(t, b, "L1", "s1=held 3", "s2=held 3", "s3=held 3", "s4=held 3", "s5=held 3", "s7=held 3", "s8=held 3")
		p := decided(t, b, decider, a)
		if p.Kind != bank.DecisionFirst || p.Number != 1 || p.By != decider.Name || len(p.Items) != 6 {
			t.Errorf("%+v", p)
		}
		a = seen(t, b, asks1, a.ID)
		if states(a) != "full 4, alternative 2.5, partial 1, conditional 0, refused 0, full 4" || a.State != bank.ApplicationDecided || a.Given.String() != "11.5" {
			t.Error(states(a), a.State, a.Given)
		}
		if i := a.Items[4]; i.Text != "教学内容不同" || i.Remedy != "补修实训" || !slices.Equal(i.Reasons, []string{"CONTENT"}) || !i.MayAppeal || a.Items[0].MayAppeal {
			t.Errorf("%+v", i)
		}
		if i := a.Items[3]; i.Condition != "通过补考" || i.Until != calendar.Date(2026, 12, 31) {
			t.Errorf("%+v", i)
		}
		wantPlaces(t, b, "L1", "s1=applied 4", "s2=applied 2.5", "s3=applied 1", "s4=held 3", "s5=available 3", "s7=applied 2", "s8=applied 2")
		if e, err := b.LedgerEntry(ctx, operator, wantSound(t, b).Entries-1); err != nil || e.Cause.Kind != "decision" || e.Cause.ID != p.ID {
			t.Errorf("%+v, %v", e, err)
		}
		// What was given is not offered again; what was refused is.
		offer, err := b.OfferApplication(ctx, asks1, "", toA)
		if err != nil || len(offer.Items) != 1 || offer.Items[0].Key != "E5@1" || offer.Answer.Earned.String() != "15.5" {
			t.Errorf("%+v, earned %v, %v", offer.Items, offer.Answer.Earned, err)
		}
		_, err = b.DecideApplication(ctx, decider, a.ID, bank.NewDecision{Stamp: a.Stamp})
		wantKey(t, err, bank.Conflict, "error.application_state")
	})
}

// decided decides each rung about an application of six items.
func decided(t testing.TB, b *bank.Bank, who bank.Actor, a bank.Application) bank.PostedDecision {
	t.Helper()
	p, err := b.DecideApplication(ctx, who, a.ID, bank.NewDecision{Stamp: a.Stamp, Text: "欢迎", Items: []bank.ItemDecision{
		{Item: 0, Outcome: bank.ItemFull},
		{Item: 1, Outcome: bank.ItemAlternative, Text: "另一门课程", Awards: []bank.AwardInput{{Group: "free", Credits: "2.5"}}},
		{Item: 2, Outcome: bank.ItemPartial, Credits: "1", Text: "学时不足", Reasons: []string{"HOURS"}},
		{Item: 3, Outcome: bank.ItemConditional, Condition: "通过补考", Until: "2026-12-31"},
		{Item: 4, Outcome: bank.ItemRefused, Reasons: []string{"CONTENT"}, Text: "教学内容不同", Remedy: "补修实训"},
		{Item: 5, Outcome: bank.ItemFull},
	}})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// Who may what with an application; what is not for an actor is not there.
func TestApplicationRoles(t *testing.T) {
	onBoth(t, func(t *testing.T, b *bank.Bank) {
		applying(t, b)
		earns(t, b, "L1", 1, 2)
		a := applied(t, b, asks1, toA)
		full := bank.NewDecision{Stamp: a.Stamp, Items: []bank.ItemDecision{{Item: 0, Outcome: bank.ItemFull}, {Item: 1, Outcome: bank.ItemFull}}}
		for _, c := range []struct {
			who  bank.Actor
			want bank.Code
		}{
			{asks1, bank.Denied}, {asks2, bank.NotFound}, {clerk, bank.Denied}, {issuer, bank.Denied}, {admin, bank.Denied}, {stranger, bank.NotFound}, {bank.Visitor, bank.NotFound},
			{bank.Actor{Name: "u:both", Roles: bank.IsDecider, Institution: takes, Learner: "L1"}, bank.Denied},
			{bank.Actor{Name: "api:x", Roles: bank.IsSystem, Scopes: bank.MayRead, Institution: takes}, bank.NotFound},
		} {
			if _, err := b.DecideApplication(ctx, c.who, a.ID, full); bank.CodeOf(err) != c.want {
				t.Errorf("%s: %v, want %s", c.who.Name, err, c.want)
			}
		}
		if part := seen(t, b, issuer, a.ID); !part.Partial || part.Name != "" || part.Note != "" || len(part.Items) != 2 {
			t.Errorf("%+v", part)
		}
		if whole := seen(t, b, clerk, a.ID); whole.Name != "Li" || !slices.Equal(whole.May, []string{"assign"}) {
			t.Errorf("%+v", whole)
		}
		page, err := b.Applications(ctx, clerk, bank.ApplicationFilter{State: "waiting", Assignee: "-"}, bank.Window{})
		if err != nil || page.Total != 1 || page.Items[0].Name != "Li" {
			t.Errorf("%+v, %v", page, err)
		}
		if page, err = b.Applications(ctx, issuer, bank.ApplicationFilter{Sent: true}, bank.Window{}); err != nil || page.Total != 1 || !page.Items[0].Partial {
			t.Errorf("%+v, %v", page, err)
		}
		if page, err = b.Applications(ctx, stranger, bank.ApplicationFilter{}, bank.Window{}); err != nil || page.Total != 0 {
			t.Errorf("%+v, %v", page, err)
		}
		system := bank.Actor{Name: "api:x", Roles: bank.IsSystem, Scopes: bank.MayApply, Institution: takes}
		if _, err := b.DecideApplication(ctx, system, a.ID, full); err != nil {
			t.Error(err)
		}
		if mine, err := b.MyApplications(ctx, asks1); err != nil || len(mine) != 1 || mine[0].Given.String() != "8" {
			t.Errorf("%+v, %v", mine, err)
		}
	})
}

// What was given before fills the caps of the programme; papers ask for a look; what is
// given to somebody is theirs to decide.
func TestApplyAgain(t *testing.T) {
	onBoth(t, func(t *testing.T, b *bank.Bank) {
		w := newTown(t, applying(t, b))
		text2(t, b, "caps", "scope,institution,programme,valid_from,cap,credits\nprogramme,"+takes+",A,2020-01-01,total,8\n")
		earns(t, b, "L1", 1)
		accept(t, b, applied(t, b, asks1, toA))
		earns(t, b, "L1", 2, 3)
		offer, err := b.OfferApplication(ctx, asks1, "", toA)
		if err != nil || len(offer.Items) != 1 || offer.Answer.Earned.String() != "4" || len(offer.References) != 3 || len(offer.Records) != 4 {
			t.Fatalf("%+v earned %v, %v", offer.Items, offer.Answer.Earned, err)
		}
		a := applied(t, b, asks1, toA)
		pdf := []bank.NewAttachment{{Name: "成绩单.pdf", Content: []byte("%PDF-1.4\n%%EOF\n")}}
		if a, err = b.AttachToApplication(ctx, asks1, a.ID, a.Stamp, pdf); err != nil || a.Covered || len(a.Files) != 1 {
			t.Fatalf("%+v, %v", a, err)
		}
		if _, content, err := b.Attachment(ctx, decider, a.Files[0].ID); err != nil || len(content) == 0 {
			t.Error(err)
		}
		for _, other := range []bank.Actor{asks2, issuer, stranger} {
			if _, _, err := b.Attachment(ctx, other, a.Files[0].ID); bank.CodeOf(err) != bank.NotFound {
				t.Errorf("%s: %v", other.Name, err)
			}
		}
		login := w.staff("judge", bank.RoleGrant{Role: bank.IsDecider, Institution: takes})
		wantRefused(t, b.AssignApplication(ctx, clerk, a.ID, a.Stamp, w.staff("clerk", bank.RoleGrant{Role: bank.IsRegistrar, Institution: takes})), bank.Invalid, "login: no_decider")
		if err := b.AssignApplication(ctx, clerk, a.ID, a.Stamp, login); err != nil {
			t.Fatal(err)
		}
		page, err := b.Applications(ctx, clerk, bank.ApplicationFilter{Assignee: login}, bank.Window{})
		if err != nil || page.Total != 1 || page.Items[0].Assignee != login {
			t.Errorf("%+v, %v", page, err)
		}
		a = accept(t, b, seen(t, b, asks1, a.ID))
		wantReplayed(t, b, a)
		wantSound(t, b)
	})
}
