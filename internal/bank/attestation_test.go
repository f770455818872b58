package bank_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"creditbank/internal/bank"
)

// Who issues results beyond courses, and where placements are.
const (
	assesses = "52000000FATTETT13X"
	works    = "91000000FMAKER014N"
)

var (
	assessor  = bank.Actor{Name: "u:assessor", Login: "assessor", Roles: bank.IsRegistrar, Institution: assesses}
	assessor2 = bank.Actor{Name: "u:assessor2", Login: "assessor2", Roles: bank.IsRegistrar, Institution: assesses}
	master    = bank.Actor{Name: "u:master", Login: "master", Roles: bank.IsExpert, Institution: works}
	teacher   = bank.Actor{Name: "u:teacher", Login: "teacher", Roles: bank.IsExpert, Institution: sends}
	head      = bank.Actor{Name: "u:head", Login: "head", Roles: bank.IsDecider, Institution: sends}
	asksFree  = bank.Actor{Name: "u:free", Login: "free", Roles: bank.IsLearner, Learner: "L9"}
)

// attesting fills a bank in which learners have results beyond courses.
func attesting(t testing.TB, b *bank.Bank) *bank.Bank {
	t.Helper()
	for _, f := range [][2]string{
		{"institutions", "code,name,kind,hours_per_credit,credit_step\n" + sends + ",Sends,secondary_vocational,16,0.5\n" + takes + ",Takes,higher_vocational,16,0.5\n" +
			assesses + ",Assesses,assessment_body,16,0.5\n" + works + ",Works,enterprise,16,0.5\n"},
		{"courses", "institution,code,name,credits,hours,level\n" + assesses + ",X1,Web,4,64,5\n" + assesses + ",WH,General,6,96,4\n" + assesses + ",ZN,Skills,6,96,4\n" +
			works + ",WK,Practice,6,180,4\n" + works + ",TY,Taster,0.5,8,3\n" + takes + ",t1,Target,4,64,5\n"},
		{"programmes", "institution,code,name,required_credits\n" + takes + ",A,First,60\n"},
		{"groups", "institution,programme,code,name,min_credits\n" + takes + ",A,core,Core,40\n"},
		{"plans", "institution,programme,group,course,required,never_exempt\n" + takes + ",A,core,t1,true,false\n"},
		{"equivalences", "equivalence,source_institution,source_course,target_institution,target_course,valid_from\nE1," + assesses + ",X1," + takes + ",t1,2020-01-01\n"},
		{"exams", "exam,name,valid_from,institution,course,maximum\nDK,Counterpart,2022-01-01," + assesses + ",WH,300\nDK,Counterpart,2022-01-01," + assesses + ",ZN,450\n" +
			"DK,Counterpart,2026-01-01," + assesses + ",WH,320\nDK,Counterpart,2026-01-01," + assesses + ",ZN,430\n"},
		{"learners", "account,name,institution,birth_date\nL1,Li," + sends + ",2008-01-01\nL2,Wang," + sends + ",2011-01-01\nL9,Zhang,,\n"},
	} {
		if r := text2(t, b, f[0], f[1]); r.Refused > 0 || !r.Written {
			t.Fatalf("%s: %+v", f[0], r)
		}
	}
	for _, x := range []bank.Actor{teacher, master} {
		if _, err := b.AddLogin(ctx, operator, bank.NewLogin{Name: x.Login, Password: "long enough 42 words", Grants: []bank.RoleGrant{{Role: bank.IsExpert, Institution: x.Institution}}}); err != nil {
			t.Fatal(err)
		}
	}
	return b
}

// expertOf is the actor of an expert's login, which has a number of its own.
func expertOf(t testing.TB, b *bank.Bank, actor bank.Actor) bank.Actor {
	t.Helper()
	l, err := b.LoginNamed(ctx, operator, actor.Login)
	if err != nil {
		t.Fatal(err)
	}
	actor.Login, actor.Name = l.ID, "u:"+l.ID
	return actor
}

// certificate is what is typed about one.
func certificate(reference string) bank.NewAttestation {
	return bank.NewAttestation{Kind: "vocational_certificate", Institution: assesses, Course: "X1", Reference: reference, Level: "5", Hours: "64", CompletedOn: "2026-05-20",
		ValidTo: "2027-02-28", Title: "Web 中级", Declared: true, Files: []bank.NewAttachment{{Name: "photo.pdf", Content: pdf(100)}}}
}

func gaveIn(t testing.TB, b *bank.Bank, who bank.Actor, in bank.NewAttestation) bank.Attestation {
	t.Helper()
	id, err := b.HandIn(ctx, who, in)
	if err != nil {
		t.Fatal(err)
	}
	return attested(t, b, who, id)
}

func attested(t testing.TB, b *bank.Bank, who bank.Actor, id string) bank.Attestation {
	t.Helper()
	a, err := b.Attestation(ctx, who, id)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func attest(t testing.TB, b *bank.Bank, who bank.Actor, a bank.Attestation, act bank.AttestationAct) bank.Attestation {
	t.Helper()
	act.Stamp = a.Stamp
	a, err := b.ActOnAttestation(ctx, who, a.ID, act)
	if err != nil {
		t.Fatalf("%s: %v", act.Action, err)
	}
	return a
}

// standsAt are the results of an account: reference=place amount.
func standsAt(t testing.TB, b *bank.Bank, account string) string {
	t.Helper()
	list, err := b.Standings(ctx, account)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, s := range list {
		got = append(got, fmt.Sprintf("%s=%s %s", s.Reference, s.Place, s.Amount))
	}
	slices.Sort(got)
	return strings.Join(got, ", ")
}

// applied says what a plan for the programme takes of the account.
func appliedAt(t testing.TB, b *bank.Bank, who bank.Actor) string {
	t.Helper()
	p, err := b.PlanLearner(ctx, who, who.Learner, bank.CheckInput{To: toA})
	if err != nil {
		t.Fatal(err)
	}
	return p.Answer.Applied.String()
}

// A certificate is confirmed by its issuer: it is a result that counts, until midnight
// after its last day; a renewal brings it back.
func TestCertificateOfItsIssuer(t *testing.T) {
	onBoth(t, func(t *testing.T, b *bank.Bank) {
		attesting(t, b)
		a := gaveIn(t, b, asks1, certificate("C-1"))
		if a.State != bank.AttestationOpen || a.Way != bank.WayIssuer || a.Due.String() != "2026-12-11" || len(a.Files) != 1 || !slices.Equal(a.May, []string{"by_evidence", "withdraw"}) {
			t.Fatalf("%+v", a)
		}
		_, err := b.HandIn(ctx, asks1, certificate("C-1"))
		wantKey(t, err, bank.Conflict, "error.attestation_again")
		verify := bank.AttestationAct{Action: "verify", Stamp: a.Stamp}
		for _, c := range []struct {
			who  bank.Actor
			code bank.Code
			key  string
		}{{asks1, bank.Denied, "error.role"}, {issuer, bank.NotFound, "error.not_found.attestation"}, {admin, bank.Denied, "error.role"}} {
			_, err := b.ActOnAttestation(ctx, c.who, a.ID, verify)
			wantKey(t, err, c.code, c.key)
		}
		_, err = b.ActOnAttestation(ctx, assessor, a.ID, bank.AttestationAct{Action: "verify", Stamp: "old"})
		wantKey(t, err, bank.Conflict, "error.attestation_stale")
		a = attest(t, b, assessor, a, verify)
		if a.State != bank.AttestationVerified || len(a.Records) != 1 || a.Due.String() != "" || a.DecidedBy != assessor.Name {
			t.Fatalf("%+v", a)
		}
		if got := standsAt(t, b, "L1"); got != "C-1=available 4" || appliedAt(t, b, asks1) != "4" {
			t.Errorf("%s, applied %s", got, appliedAt(t, b, asks1))
		}
		wantSound(t, b)
		_, err = b.HandIn(ctx, asks1, certificate("C-1"))
		wantKey(t, err, bank.Conflict, "error.attestation_known")

		last := time.Date(2027, 2, 28, 15, 59, 0, 0, time.UTC) // 23:59 in Beijing
		b.Now = func() time.Time { return last }
		run(t, b)
		if appliedAt(t, b, asks1) != "4" {
			t.Error("it ended before its last day was over")
		}
		b.Now = func() time.Time { return last.Add(time.Minute) }
		if appliedAt(t, b, asks1) != "0" {
			t.Error("at midnight it still counts")
		}
		run(t, b)
		if got := standsAt(t, b, "L1"); got != "C-1=expired 4" {
			t.Error(got)
		}
		renewal := certificate("C-1")
		renewal.Renews, renewal.CompletedOn, renewal.ValidTo = true, "2027-02-20", "2028-02-29" // a leap day
		again := gaveIn(t, b, asks1, renewal)
		attest(t, b, assessor2, again, bank.AttestationAct{Action: "verify"})
		if got := standsAt(t, b, "L1"); got != "C-1=available 4" || appliedAt(t, b, asks1) != "4" {
			t.Error(got)
		}
		b.Now = func() time.Time { return time.Date(2028, 2, 29, 15, 0, 0, 0, time.UTC) }
		run(t, b)
		if got := standsAt(t, b, "L1"); got != "C-1=available 4" {
			t.Error("on the leap day:", got)
		}
		b.Now = func() time.Time { return time.Date(2028, 2, 29, 16, 0, 0, 0, time.UTC) }
		run(t, b)
		if got := standsAt(t, b, "L1"); got != "C-1=expired 4" {
			t.Error("after the leap day:", got)
		}
		wantSound(t, b)
		kinds := heard(t, b, asks1)
		for _, kind := range []string{"attestation_verified", "result_ending", "result_expired"} {
			if !slices.Contains(kinds, kind) {
				t.Errorf("not told of %s: %q", kind, kinds)
			}
		}
	})
}

func run(t testing.TB, b *bank.Bank) {
	t.Helper()
	if err := b.RunDue(ctx); err != nil {
		t.Fatal(err)
	}
}

// heard are the kinds of an actor's messages.
func heard(t testing.TB, b *bank.Bank, who bank.Actor) (kinds []string) {
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

// Papers are looked at by an expert, and another person decides.
func TestCertificateByEvidence(t *testing.T) {
	onBoth(t, func(t *testing.T, b *bank.Bank) {
		attesting(t, b)
		expert := expertOf(t, b, teacher)
		in := certificate("C-2")
		in.Way, in.Files = bank.WayEvidence, nil
		_, err := b.HandIn(ctx, asks1, in)
		wantRefused(t, err, bank.Invalid, "files: required")
		in.Files = certificate("").Files
		a := gaveIn(t, b, asks1, in)
		_, err = b.ActOnAttestation(ctx, head, a.ID, bank.AttestationAct{Action: "verify", Stamp: a.Stamp})
		wantKey(t, err, bank.Conflict, "error.attestation_state")
		experts, err := b.AttestationExperts(ctx, issuer, a.ID)
		if err != nil || len(experts) != 1 || experts[0].Login != expert.Login {
			t.Fatal(experts, err)
		}
		_, err = b.ActOnAttestation(ctx, issuer, a.ID, bank.AttestationAct{Action: "assign", Stamp: a.Stamp, Expert: "nobody"})
		wantRefused(t, err, bank.Invalid, "expert: unknown_expert")
		a = attest(t, b, issuer, a, bank.AttestationAct{Action: "assign", Expert: expert.Login})
		if _, err := b.Attestation(ctx, master, a.ID); bank.CodeOf(err) != bank.NotFound {
			t.Error("another expert sees it:", err)
		}
		_, err = b.ActOnAttestation(ctx, expert, a.ID, bank.AttestationAct{Action: "opine", Stamp: a.Stamp, Opinion: "perhaps"})
		wantRefused(t, err, bank.Invalid, "opinion: choice", "text: required")
		a = attest(t, b, expert, a, bank.AttestationAct{Action: "opine", Opinion: "oppose", Text: "照片不清"})
		both := expert
		both.Roles |= bank.IsDecider
		_, err = b.ActOnAttestation(ctx, both, a.ID, bank.AttestationAct{Action: "verify", Stamp: a.Stamp, Text: "x"})
		wantKey(t, err, bank.Denied, "error.attestation_own")
		_, err = b.ActOnAttestation(ctx, head, a.ID, bank.AttestationAct{Action: "verify", Stamp: a.Stamp})
		wantRefused(t, err, bank.Invalid, "text: required") // against the opinion, without a word
		_, err = b.ActOnAttestation(ctx, head, a.ID, bank.AttestationAct{Action: "refuse", Stamp: a.Stamp, Reason: "SO"})
		wantRefused(t, err, bank.Invalid, "reason: choice", "text: required", "remedy: required")
		a = attest(t, b, head, a, bank.AttestationAct{Action: "refuse", Reason: "EVIDENCE_MISSING", Text: "看不清", Remedy: "请重拍"})
		if a = attested(t, b, asks1, a.ID); a.State != bank.AttestationRefused || a.Remedy != "请重拍" || a.Answer != "看不清" || a.OpinionText != "照片不清" || len(a.May) != 0 {
			t.Errorf("%+v", a)
		}
		if got := standsAt(t, b, "L1"); got != "" {
			t.Error(got)
		}
		a = gaveIn(t, b, asks1, in) // once more, with the same number
		a = attest(t, b, issuer, a, bank.AttestationAct{Action: "assign", Expert: expert.Login})
		a = attest(t, b, expert, a, bank.AttestationAct{Action: "opine", Opinion: "support", Text: "清楚"})
		attest(t, b, head, a, bank.AttestationAct{Action: "verify"})
		if got := standsAt(t, b, "L1"); got != "C-2=available 4" {
			t.Error(got)
		}
		wantSound(t, b)
	})
}

// An issuer who does not answer is passed by; what is the bank's to decide, of learners
// of no school, is the administrators'.
func TestAttestationOfTheBank(t *testing.T) {
	onBoth(t, func(t *testing.T, b *bank.Bank) {
		attesting(t, b)
		in := certificate("C-3")
		a := gaveIn(t, b, asksFree, in)
		a = attest(t, b, asksFree, a, bank.AttestationAct{Action: "by_evidence"})
		if a.Handler != "" || a.Way != bank.WayEvidence {
			t.Fatalf("%+v", a)
		}
		if _, err := b.ActOnAttestation(ctx, assessor, a.ID, bank.AttestationAct{Action: "verify", Stamp: a.Stamp}); bank.CodeOf(err) != bank.Denied {
			t.Error("the issuer still decides:", err)
		}
		experts, err := b.AttestationExperts(ctx, admin, a.ID)
		if err != nil || len(experts) != 2 {
			t.Fatal(experts, err)
		}
		a = attest(t, b, admin, a, bank.AttestationAct{Action: "assign", Expert: experts[0].Login})
		a = attest(t, b, asksFree, a, bank.AttestationAct{Action: "withdraw"})
		if a.State != bank.AttestationWithdrawn || a.Due.String() != "" {
			t.Errorf("%+v", a)
		}
		in.Kind, in.Institution, in.Course = "placement", works, "WK"
		_, err = b.HandIn(ctx, asksFree, in)
		wantKey(t, err, bank.Conflict, "error.attestation_school")
	})
}

// What is typed is held against the kind: each fault names its field, and nothing is written.
func TestAttestationFaults(t *testing.T) {
	onBoth(t, func(t *testing.T, b *bank.Bank) {
		attesting(t, b)
		for _, c := range []struct {
			name   string
			change func(*bank.NewAttestation)
			want   []string
		}{
			{"empty", func(in *bank.NewAttestation) { *in = bank.NewAttestation{Kind: "qualification"} },
				[]string{"level: required", "hours: required", "completed_on: required", "valid_to: validity", "declared: required", "institution: no_issuer"}},
			{"kind", func(in *bank.NewAttestation) { in.Kind = "x" }, []string{"kind: choice", "institution: no_issuer"}},
			{"way", func(in *bank.NewAttestation) { in.Way = "log" }, []string{"way: choice"}},
			{"numbers", func(in *bank.NewAttestation) {
				in.Level, in.Hours, in.CompletedOn, in.ValidTo = "11", "many", "2026-13-01", "soon"
			},
				[]string{"level: level", "hours: hours", "completed_on: date", "valid_to: date"}},
			{"to come", func(in *bank.NewAttestation) { in.CompletedOn = "2026-11-23" }, []string{"completed_on: future"}},
			{"over", func(in *bank.NewAttestation) { in.ValidTo = "2026-11-21" }, []string{"valid_to: over"}},
			{"before", func(in *bank.NewAttestation) { in.ValidTo = "2026-05-19" }, []string{"valid_to: before_completion"}},
			{"both", func(in *bank.NewAttestation) { in.Endless = true }, []string{"valid_to: validity_both"}},
			{"number of a person", func(in *bank.NewAttestation) { in.Reference = "No. 000000200809010016" }, []string{"reference: personal_number"}},
			{"course", func(in *bank.NewAttestation) { in.Course = "X9" }, []string{"course: unknown_course"}},
			{"grade", func(in *bank.NewAttestation) { in.Grade, in.Scale = "50", "percent" }, []string{"grade: not_passed"}},
			{"file", func(in *bank.NewAttestation) { in.Files[0].Content = []byte("\x00") }, []string{"files[0]: file_type"}},
			{"nothing to renew", func(in *bank.NewAttestation) { in.Renews = true }, []string{"reference: unknown_record"}},
			{"a contest renews nothing", func(in *bank.NewAttestation) { in.Kind, in.Renews = "contest", true }, []string{"renews: not_renewed"}},
			{"long day", func(in *bank.NewAttestation) { in.Kind, in.Institution, in.Course = "taster", works, "TY" }, []string{"hours: hours_of_day"}},
			{"too young", func(in *bank.NewAttestation) {
				in.Account, in.Kind, in.Institution, in.Course = "L2", "placement", works, "WK"
			}, []string{"kind: too_young"}},
			{"no part", func(in *bank.NewAttestation) { in.Kind, in.Course = "exam", "XX" }, []string{"course: unknown_exam"}},
			{"parts", func(in *bank.NewAttestation) {
				in.Kind, in.Course, in.Points = "exam", "DK", map[string]string{"WH": "320.5", "YY": "1"}
			},
				[]string{"points.WH: over_maximum", "points.ZN: required", "points.YY: unknown_part"}},
		} {
			in, who := certificate("C-4"), asks1
			c.change(&in)
			if in.Account != "" {
				who = issuer
			}
			_, err := b.HandIn(ctx, who, in)
			t.Run(c.name, func(t *testing.T) { wantRefused(t, err, bank.Invalid, c.want...) })
		}
		page, err := b.Attestations(ctx, admin, bank.AttestationFilter{State: "all"}, bank.Window{})
		if err != nil || page.Total != 0 {
			t.Error(page, err)
		}
		other := certificate("C-4")
		other.Account = "L1"
		_, err = b.HandIn(ctx, clerk, other) // of another school
		wantKey(t, err, bank.NotFound, "error.not_found.learner")
		_, err = b.HandIn(ctx, asksFree, other)
		wantKey(t, err, bank.Denied, "error.role")
	})
}

// An exam has its parts with the maxima of its year; each becomes a result. Files of
// results are held against the same maxima.
func TestExamOfTwoParts(t *testing.T) {
	onBoth(t, func(t *testing.T, b *bank.Bank) {
		attesting(t, b)
		in := bank.NewAttestation{Kind: "exam", Institution: assesses, Course: "DK", Reference: "K-1", CompletedOn: "2025-04-20", Endless: true, Declared: true,
			Points: map[string]string{"WH": "255.5", "ZN": "430"}}
		over := in
		over.CompletedOn = "2026-04-20"
		over.Points = map[string]string{"WH": "310", "ZN": "431"} // 320 and 430 in 2026; 300 and 450 in 2025
		_, err := b.HandIn(ctx, asks1, over)
		wantRefused(t, err, bank.Invalid, "points.ZN: over_maximum")
		a := gaveIn(t, b, asks1, in)
		a = attest(t, b, assessor, a, bank.AttestationAct{Action: "verify"})
		if len(a.Records) != 2 || a.Title != "Counterpart" {
			t.Errorf("%+v", a)
		}
		if got := standsAt(t, b, "L1"); got != "K-1-WH=available 6, K-1-ZN=available 6" {
			t.Error(got)
		}
		file := "learner,reference,kind,institution,course,grade,scale,completed_on\n"
		r := text2(t, b, "records", file+"L1,R1,exam,"+assesses+",ZN,440,raw,2026-04-20\n")
		if len(r.Errors) != 1 || r.Errors[0].Code != "over_maximum" || r.Errors[0].Column != "grade" {
			t.Errorf("%+v", r)
		}
		if r := text2(t, b, "records", file+"L1,R1,exam,"+assesses+",ZN,440,raw,2025-04-20\n"); r.Refused > 0 {
			t.Errorf("%+v", r)
		}
		_, err = b.Deposit(ctx, operator, "L1", []bank.DepositRecord{{Reference: "R2", Kind: "exam", Institution: assesses, Course: "WH", Grade: "301", Scale: "raw", CompletedOn: "2025-04-20"}}, bank.Why{})
		wantRefused(t, err, bank.Invalid, "records[0].grade: over_maximum")
		if r := text2(t, b, "exams", "exam,name,valid_from,institution,course,maximum\nDK,Counterpart,2022-01-01,"+assesses+",WH,310\n"); len(r.Errors) != 1 || r.Errors[0].Code != "lasting" {
			t.Errorf("a version was changed: %+v", r)
		}
		wantSound(t, b)
	})
}

// A placement is logged day by day, confirmed by two mentors, marked by both, and its
// confirmed hours make the credits that the school decides about.
func TestPlacement(t *testing.T) {
	onBoth(t, func(t *testing.T, b *bank.Bank) {
		attesting(t, b)
		in := bank.NewAttestation{Kind: "apprenticeship", Institution: works, Course: "WK", Level: "4", Endless: true, Declared: true}
		a := gaveIn(t, b, asks1, in)
		if a.State != bank.AttestationLogging || a.Handler != sends || a.Due.String() != "" {
			t.Fatalf("%+v", a)
		}
		day := func(day, hours string) bank.AttestationAct {
			return bank.AttestationAct{Action: "log", Day: day, Hours: hours, Text: "装配", Stamp: bank.AnyStamp}
		}
		for _, d := range []string{"2026-11-02", "2026-11-03", "2026-11-04", "2026-11-05", "2026-11-06", "2026-11-09"} {
			a = attest(t, b, asks1, a, day(d, "8"))
		}
		for _, c := range []struct {
			act  bank.AttestationAct
			want string
		}{{day("2026-11-10", "8.5"), "hours: hours_of_day"}, {day("2026-11-07", "1"), "hours: hours_of_week"}, {day("2026-11-23", "8"), "day: future"},
			{day("", "8"), "day: required"}, {bank.AttestationAct{Action: "log", Day: "2026-11-10", Hours: "4", Stamp: bank.AnyStamp}, "text: required"}} {
			_, err := b.ActOnAttestation(ctx, asks1, a.ID, c.act)
			wantRefused(t, err, bank.Invalid, c.want)
		}
		second := gaveIn(t, b, asks1, bank.NewAttestation{Kind: "placement", Institution: works, Course: "TY", Level: "4", Endless: true, Declared: true})
		_, err := b.ActOnAttestation(ctx, asks1, second.ID, day("2026-11-09", "1"))
		wantRefused(t, err, bank.Invalid, "hours: hours_of_day") // nobody works twice eight hours
		a = attest(t, b, asks1, attested(t, b, asks1, a.ID), day("2026-11-09", "0"))
		if len(a.Days) != 5 {
			t.Fatalf("%+v", a.Days)
		}
		_, err = b.ActOnAttestation(ctx, asks1, a.ID, bank.AttestationAct{Action: "confirm", Stamp: a.Stamp})
		wantKey(t, err, bank.Denied, "error.role")
		a = attest(t, b, master, a, bank.AttestationAct{Action: "confirm"})
		_, err = b.ActOnAttestation(ctx, asks1, a.ID, day("2026-11-02", "1"))
		wantRefused(t, err, bank.Invalid, "day: day_confirmed")
		a = attest(t, b, teacher, a, bank.AttestationAct{Action: "confirm", Days: []string{"2026-11-02", "2026-11-03", "2026-11-04", "2026-11-05"}})
		if a.ConfirmedHours().String() != "32" {
			t.Error(a.ConfirmedHours())
		}
		submit := bank.AttestationAct{Action: "submit", Stamp: bank.AnyStamp}
		_, err = b.ActOnAttestation(ctx, asks1, a.ID, submit)
		wantKey(t, err, bank.Conflict, "error.placement_unmarked")
		a = attest(t, b, master, a, bank.AttestationAct{Action: "mark", Grade: "excellent", Text: "很好"})
		a = attest(t, b, teacher, a, bank.AttestationAct{Action: "mark", Grade: "fail", Text: "缺勤"})
		_, err = b.ActOnAttestation(ctx, asks1, a.ID, submit)
		wantKey(t, err, bank.Conflict, "error.placement_failed")
		a = attest(t, b, teacher, a, bank.AttestationAct{Action: "mark", Grade: "good", Text: "补上了"})
		a = attest(t, b, asks1, a, submit)
		if a.State != bank.AttestationOpen || a.Hours.String() != "32" || a.Credits.String() != "1" || a.Grade != "良好" || a.Completed.String() != "2026-11-05" || a.Due.String() == "" {
			t.Fatalf("%+v", a)
		}
		both := teacher
		both.Roles |= bank.IsDecider
		_, err = b.ActOnAttestation(ctx, both, a.ID, bank.AttestationAct{Action: "verify", Stamp: a.Stamp})
		wantKey(t, err, bank.Denied, "error.attestation_own")
		_, err = b.ActOnAttestation(ctx, head, a.ID, bank.AttestationAct{Action: "verify", Stamp: a.Stamp, Credits: "1.5"})
		wantRefused(t, err, bank.Invalid, "credits: not_more")
		_, err = b.ActOnAttestation(ctx, head, a.ID, bank.AttestationAct{Action: "verify", Stamp: a.Stamp, Credits: "0.5"})
		wantRefused(t, err, bank.Invalid, "text: required")
		a = attest(t, b, head, a, bank.AttestationAct{Action: "verify", Credits: "0.5", Text: "半个学分"})
		if got := standsAt(t, b, "L1"); got != a.Reference+"=available 0.5" {
			t.Error(got)
		}
		wantSound(t, b)
	})
}

// What was handed in follows a merge, goes along with the learner, and what is personal
// of it goes with the erasure.
func TestAttestationLife(t *testing.T) {
	onBoth(t, func(t *testing.T, b *bank.Bank) {
		attesting(t, b)
		open := gaveIn(t, b, asks1, certificate("C-5"))
		attest(t, b, assessor, gaveIn(t, b, asks1, certificate("C-6")), bank.AttestationAct{Action: "verify"})
		gaveIn(t, b, asksFree, certificate("C-5")) // the same, under both accounts
		if _, err := b.Merge(ctx, operator, "L1", "L9", bank.Why{Reason: "one person"}); err != nil {
			t.Fatal(err)
		}
		mine, err := b.MyAttestations(ctx, asksFree)
		if err != nil || len(mine) != 3 {
			t.Fatal(len(mine), err)
		}
		if a := attested(t, b, asksFree, open.ID); a.State != bank.AttestationWithdrawn {
			t.Error(a.State)
		}
		login, err := b.AddLogin(ctx, operator, bank.NewLogin{Name: "free", Password: "long enough 42 words", Learner: "L9"})
		if err != nil {
			t.Fatal(err)
		}
		who := asksFree
		who.Login = login
		about, err := b.AboutMe(ctx, who)
		if err != nil || len(about.Attestations) != 3 || about.Attestations[0].Title != "Web 中级" {
			t.Errorf("%+v, %v", about.Attestations, err)
		}
		if err := b.EraseLearner(ctx, operator, "L9", "asked for it"); err != nil {
			t.Fatal(err)
		}
		page, err := b.Attestations(ctx, admin, bank.AttestationFilter{State: "all"}, bank.Window{})
		if err != nil || page.Total != 3 {
			t.Fatal(page.Total, err)
		}
		for _, a := range page.Items {
			if a.Title != "" || a.Name != "" || a.State == bank.AttestationOpen {
				t.Errorf("%+v", a)
			}
		}
		wantSound(t, b)
	})
}
