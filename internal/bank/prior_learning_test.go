package bank_test

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"creditbank/internal/bank"
	"creditbank/internal/ledger"
	"creditbank/internal/transfer"
)

// jury are people who can be asked to judge: two of T, one of S.
type jury struct{ assessor, second, outside bank.Actor }

// learning fills a bank in which courses t1, t2 and final of T have two outcomes each,
// and people of T and of S can be asked to judge.
func learning(t testing.TB, b *bank.Bank) jury {
	t.Helper()
	applying(t, b)
	for _, code := range []string{"t1", "t2", "t3", "t4", "t5", "t6", "final"} {
		detail, err := b.CourseDetail(ctx, transfer.CourseKey{Institution: takes, Code: code}, b.Today())
		if err != nil {
			t.Fatal(err)
		}
		detail.Outcomes = []bank.Outcome{{Competence: "Wiring", Level: 4, Text: "wires a cabinet"}, {Competence: "Safety", Text: "works safely"}}
		if _, err := b.SaveCourse(ctx, clerk, detail.CourseEdit, detail.Stamp); err != nil {
			t.Fatal(err)
		}
	}
	person := func(name string, role bank.Roles, institution string) bank.Actor {
		id, err := b.AddLogin(ctx, operator, bank.NewLogin{Name: name, Password: goodPassword, Grants: []bank.RoleGrant{{Role: role, Institution: institution}}})
		if err != nil {
			t.Fatal(err)
		}
		return bank.Actor{Name: "u:" + id, Login: id, Roles: role, Institution: institution}
	}
	return jury{person("first.assessor", bank.IsExpert, takes), person("second.assessor", bank.IsRegistrar, takes), person("outside.assessor", bank.IsExpert, sends)}
}

// portfolio is what a learner writes to both outcomes.
func portfolio(course string) bank.NewPriorLearning {
	return bank.NewPriorLearning{To: toA, Course: course, Outcomes: []bank.NewPriorOutcome{
		{Can: "I wire cabinets", How: "five years at a workshop", Files: []bank.NewAttachment{{Name: "photo.txt", Content: []byte("a photo of a cabinet")}}},
		{Can: "I lock out", How: "a course of the trade"}}}
}

// handedIn is a portfolio of a learner that was submitted.
func handedIn(t testing.TB, b *bank.Bank, who bank.Actor, course string) bank.PriorLearning {
	t.Helper()
	p, err := b.SavePriorLearning(ctx, who, portfolio(course))
	if err == nil {
		p, err = b.SubmitPriorLearning(ctx, who, p.ID, p.Stamp, true)
	}
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// priorSeen is the recognition as somebody sees it.
func priorSeen(t testing.TB, b *bank.Bank, who bank.Actor, id string) bank.PriorLearning {
	t.Helper()
	p, err := b.PriorLearning(ctx, who, id)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// judgedBy lets somebody be asked, and judge.
func judgedBy(t testing.TB, b *bank.Bank, asks, judges bank.Actor, id string, percents ...string) {
	t.Helper()
	if err := b.AssignPriorLearning(ctx, asks, id, priorSeen(t, b, asks, id).Stamp, judges.Login); err != nil {
		t.Fatal(err)
	}
	err := b.JudgePriorLearning(ctx, judges, id, bank.NewPriorJudgement{Stamp: priorSeen(t, b, judges, id).Stamp, Percents: percents, Notes: []string{"seen", "less than half"},
		SeenBy: "interview", SeenOn: "2026-11-20"})
	if err != nil {
		t.Fatal(err)
	}
}

func grants(b *bank.Bank, who bank.Actor, id string) error {
	p, err := b.PriorLearning(ctx, who, id)
	if err == nil {
		_, err = b.DecidePriorLearning(ctx, who, id, bank.NewPriorDecision{Stamp: p.Stamp, Outcome: bank.PriorGranted})
	}
	return err
}

func refuses(b *bank.Bank, who bank.Actor, id string) error {
	p, err := b.PriorLearning(ctx, who, id)
	if err == nil {
		_, err = b.DecidePriorLearning(ctx, who, id, bank.NewPriorDecision{Stamp: p.Stamp, Outcome: bank.PriorRefused, Reasons: []string{"PRACTICE"},
			Text: "not enough", Remedy: "show outcome 2 at a workplace"})
	}
	return err
}

// A portfolio is kept, handed in, judged outcome by outcome and granted by somebody
// else; the whole course is booked, once, earned at the programme, and stays there.
func TestPriorLearningGranted(t *testing.T) {
	onBoth(t, func(t *testing.T, b *bank.Bank) {
		w := learning(t, b)
		p, err := b.SavePriorLearning(ctx, asks1, bank.NewPriorLearning{To: toA, Course: "t1", Outcomes: []bank.NewPriorOutcome{{Can: "I wire"}}})
		if err != nil || len(p.Outcomes) != 2 || p.Outcomes[0].Can != "I wire" || p.Credits.String() != "4" || !slices.Equal(p.May, []string{"edit", "submit", "discard"}) {
			t.Fatalf("%+v, %v", p, err)
		}
		for _, other := range []bank.Actor{asks2, decider, clerk, w.assessor, admin, stranger, bank.Visitor} {
			if _, err := b.PriorLearning(ctx, other, p.ID); bank.CodeOf(err) != bank.NotFound {
				t.Errorf("%s sees a draft: %v", other.Name, err)
			}
		}
		_, err = b.SubmitPriorLearning(ctx, asks1, p.ID, p.Stamp, false)
		wantRefused(t, err, bank.Invalid, "outcomes[0].how: required", "outcomes[1].can: required", "outcomes[1].how: required", "declared: required")
		in := portfolio("")
		in.ID, in.Stamp = p.ID, "stale"
		_, err = b.SavePriorLearning(ctx, asks1, in)
		wantKey(t, err, bank.Conflict, "error.prior_stale")
		in.Stamp = p.Stamp
		if p, err = b.SavePriorLearning(ctx, asks1, in); err != nil || len(p.Outcomes[0].Files) != 1 {
			t.Fatal(p, err)
		}
		if p, err = b.SubmitPriorLearning(ctx, asks1, p.ID, p.Stamp, true); err != nil || p.State != bank.PriorSubmitted || p.Due.String() != "2026-12-11" || p.Final.String() != "2027-03-22" {
			t.Fatal(p.State, p.Due, p.Final, err)
		}
		file := p.Outcomes[0].Files[0].ID
		for who, want := range map[*bank.Actor]bank.Code{&clerk: "", &decider: "", &stranger: bank.NotFound, &asks2: bank.NotFound, &w.assessor: bank.NotFound, &issuer: bank.NotFound} {
			if _, _, err := b.Attachment(ctx, *who, file); bank.CodeOf(err) != want {
				t.Errorf("%s opens the file: %v", who.Name, err)
			}
		}
		priorRoles(t, b, w, p.ID)
		list, err := b.Standings(ctx, "L1")
		if err != nil || len(list) != 1 || list[0].Place != "applied" || list[0].Amount.String() != "4" {
			t.Errorf("%+v, %v", list, err)
		}
		plan, err := b.PlanLearner(ctx, asks1, "L1", bank.CheckInput{To: toA})
		if err != nil || plan.Answer.Earned.String() != "4" {
			t.Errorf("%v, %v", plan.Answer.Earned, err)
		}
		// The course is earned: no application is offered it, and it is not recognised again.
		earns(t, b, "L1", 1)
		if offer, err := b.OfferApplication(ctx, asks1, "", toA); err != nil || slices.ContainsFunc(offer.Items, func(i bank.OfferItem) bool { return i.Key == "E1@1" }) {
			t.Errorf("%+v, %v", offer.Items, err)
		}
		_, err = b.SavePriorLearning(ctx, asks1, portfolio("t1"))
		wantKey(t, err, bank.Conflict, "error.prior.has")
		if r := wantSound(t, b); r.Decisions != 1 {
			t.Errorf("%d decisions", r.Decisions)
		}
	})
}

// priorRoles walks a recognition to its grant, and lets everybody try what is not theirs.
func priorRoles(t *testing.T, b *bank.Bank, w jury, id string) {
	t.Helper()
	stamp := priorSeen(t, b, clerk, id).Stamp
	wantRefused(t, b.AssignPriorLearning(ctx, clerk, id, stamp, w.outside.Login), bank.Invalid, "login: unknown_expert")
	wantCoded(t, b.AssignPriorLearning(ctx, admin, id, stamp, w.assessor.Login), bank.Denied)
	wantCoded(t, b.AssignPriorLearning(ctx, asks1, id, stamp, w.assessor.Login), bank.Denied)
	if err := b.AssignPriorLearning(ctx, clerk, id, stamp, w.assessor.Login); err != nil {
		t.Fatal(err)
	}
	stamp = priorSeen(t, b, w.assessor, id).Stamp
	good := bank.NewPriorJudgement{Stamp: stamp, Percents: []string{"100", "50"}}
	for _, who := range []bank.Actor{clerk, decider, w.second, asks1, admin} {
		wantCoded(t, b.JudgePriorLearning(ctx, who, id, good), bank.Denied)
	}
	wantRefused(t, b.JudgePriorLearning(ctx, w.assessor, id, bank.NewPriorJudgement{Stamp: stamp, Percents: []string{"101"}, SeenBy: "test", SeenOn: "2026-11-23"}),
		bank.Invalid, "percents[0]: percent_range", "percents[1]: required", "seen_on: future")
	wantKey(t, grants(b, decider, id), bank.Conflict, "error.prior_state")
	if err := b.JudgePriorLearning(ctx, w.assessor, id, good); err != nil {
		t.Fatal(err)
	}
	for _, who := range []bank.Actor{clerk, w.assessor, admin} {
		wantCoded(t, grants(b, who, id), bank.Denied)
	}
	both := bank.Actor{Name: w.assessor.Name, Login: w.assessor.Login, Roles: bank.IsExpert | bank.IsDecider, Institution: takes}
	wantKey(t, grants(b, both, id), bank.Denied, "error.prior_same_person")
	own := bank.Actor{Name: "u:own", Login: "own", Roles: bank.IsLearner | bank.IsDecider, Institution: takes, Learner: "L1"}
	wantKey(t, grants(b, own, id), bank.Denied, "error.prior_own")
	if err := grants(b, decider, id); err != nil {
		t.Fatal(err)
	}
	p := priorSeen(t, b, asks1, id)
	if p.State != bank.PriorGranted || len(p.May) != 0 || len(p.Judgements[0].Lacking()) != 0 {
		t.Errorf("%+v", p)
	}
}

func wantCoded(t testing.TB, err error, want bank.Code) {
	t.Helper()
	if bank.CodeOf(err) != want {
		t.Errorf("%v, want %s", err, want)
	}
}

// Half of each outcome, not of all together: 49 of one can only be refused, whatever the
// others; then other people look, the school's and the bank's.
func TestPriorLearningHalfOfEachAndAppeals(t *testing.T) {
	onBoth(t, func(t *testing.T, b *bank.Bank) {
		w := learning(t, b)
		p := handedIn(t, b, asks1, "t1")
		judgedBy(t, b, clerk, w.assessor, p.ID, "100", "49")
		wantRefused(t, grants(b, decider, p.ID), bank.Invalid, "outcome: below_half")
		stamp := priorSeen(t, b, decider, p.ID).Stamp
		_, err := b.DecidePriorLearning(ctx, decider, p.ID, bank.NewPriorDecision{Stamp: stamp, Outcome: bank.PriorRefused})
		wantRefused(t, err, bank.Invalid, "text: required", "remedy: required", "reasons: required")
		if err := refuses(b, decider, p.ID); err != nil {
			t.Fatal(err)
		}
		p = priorSeen(t, b, asks1, p.ID)
		if d := p.Decisions[0]; !slices.Equal(d.Lacking, []int{2}) || d.Remedy != "show outcome 2 at a workplace" || !slices.Equal(p.May, []string{"appeal"}) {
			t.Errorf("%+v %v", d, p.May)
		}
		wantSound(t, b)
		// The school again: another w.assessor, another decider.
		if p, err = b.AppealPriorLearning(ctx, asks1, p.ID, p.Stamp, "you did not see the video"); err != nil || p.Round != bank.PriorAppealSchool {
			t.Fatal(p, err)
		}
		wantRefused(t, b.AssignPriorLearning(ctx, clerk, p.ID, p.Stamp, w.assessor.Login), bank.Invalid, "login: unknown_expert")
		judgedBy(t, b, clerk, w.second, p.ID, "60", "40")
		wantKey(t, refuses(b, decider, p.ID), bank.Denied, "error.prior_same_person")
		if err := refuses(b, decider2, p.ID); err != nil {
			t.Fatal(err)
		}
		// The bank, with an expert of another school.
		p = priorSeen(t, b, asks1, p.ID)
		if p, err = b.AppealPriorLearning(ctx, asks1, p.ID, p.Stamp, "again"); err != nil || p.Round != bank.PriorAppealBank {
			t.Fatal(p, err)
		}
		wantCoded(t, b.AssignPriorLearning(ctx, clerk, p.ID, p.Stamp, w.outside.Login), bank.Denied)
		judgedBy(t, b, admin, w.outside, p.ID, "50", "50")
		wantCoded(t, grants(b, decider, p.ID), bank.Denied)
		if err := grants(b, admin, p.ID); err != nil {
			t.Fatal(err)
		}
		p = priorSeen(t, b, asks1, p.ID)
		if p.State != bank.PriorGranted || len(p.Decisions) != 3 || p.Decisions[2].Institution != "" || len(p.Appeals) != 2 || p.Appeals[0].Text != "you did not see the video" {
			t.Errorf("%+v", p)
		}
		_, err = b.AppealPriorLearning(ctx, asks1, p.ID, p.Stamp, "again")
		wantKey(t, err, bank.Conflict, "error.prior_state")
		wantSound(t, b)
	})
}

// What is never exempt, failed, had, asked for in an application, without outcomes or
// under way cannot be recognised, and the list says why.
func TestPriorLearningReasons(t *testing.T) {
	onBoth(t, func(t *testing.T, b *bank.Bank) {
		learning(t, b)
		done(t)(b.Deposit(ctx, operator, "L1", []bank.DepositRecord{
			{Reference: "f1", Institution: takes, Course: "t1", Grade: "40", CompletedOn: "2025-07-01"},
			{Reference: "p2", Institution: takes, Course: "t2", Grade: "90", CompletedOn: "2025-07-01"}}, bank.Why{}))
		earns(t, b, "L1", 3)
		applied(t, b, asks1, toA)
		if _, err := b.SavePriorLearning(ctx, asks1, portfolio("t4")); err != nil {
			t.Fatal(err)
		}
		list, err := b.PriorCourses(ctx, asks1, toA)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, c := range list {
			got = append(got, c.Code+" "+c.Reason)
		}
		slices.Sort(got)
		want := []string{"final never_exempt", "t1 failed", "t2 has", "t3 asked", "t4 running", "t5 ", "t6 ", "t7 no_outcomes", "t8 no_outcomes"}
		if !slices.Equal(got, want) {
			t.Errorf("%q, want %q", got, want)
		}
		for course, reason := range map[string]string{"t1": "failed", "t2": "has", "t3": "asked", "t4": "running", "t7": "no_outcomes", "final": "never_exempt"} {
			_, err := b.SavePriorLearning(ctx, asks1, portfolio(course))
			wantKey(t, err, bank.Conflict, "error.prior."+reason)
		}
		_, err = b.SavePriorLearning(ctx, asks1, portfolio("none"))
		wantCoded(t, err, bank.NotFound)
		_, err = b.Deposit(ctx, operator, "L1", []bank.DepositRecord{{Reference: "x", Institution: takes, Course: "t5", Kind: bank.KindPriorLearning, CompletedOn: "2025-07-01"}}, bank.Why{})
		wantRefused(t, err, bank.Invalid, "records[0].kind: prior_learning")
	})
}

// Its own cap: 3 tenths of 60 where no policy says another, which four courses of 4
// credits reach; and a cap of a policy, which is told to applications as well.
func TestPriorLearningCap(t *testing.T) {
	onBoth(t, func(t *testing.T, b *bank.Bank) {
		w := learning(t, b)
		last := handedIn(t, b, asks1, "t5").ID
		judgedBy(t, b, clerk, w.assessor, last, "80", "80")
		for n := 1; n <= 4; n++ {
			p := handedIn(t, b, asks1, fmt.Sprintf("t%d", n))
			judgedBy(t, b, clerk, w.assessor, p.ID, "80", "80")
			if err := grants(b, decider, p.ID); err != nil {
				t.Fatal(n, err)
			}
		}
		wantKey(t, grants(b, decider, last), bank.Conflict, "error.prior.cap")
		_, err := b.SavePriorLearning(ctx, asks1, portfolio("t6"))
		wantKey(t, err, bank.Conflict, "error.prior.cap")
		if r := text2(t, b, "caps", "scope,institution,programme,valid_from,cap,key,credits\ninstitution,"+takes+",,2020-01-01,source_kind,prior_learning,20\n"); !r.Written {
			t.Fatalf("%+v", r)
		}
		if err := grants(b, decider, last); err != nil {
			t.Error(err)
		}
		// The cap on all together counts it too: 20 of 24 are taken, one application of 4 fits.
		text2(t, b, "caps", "scope,institution,programme,valid_from,cap,key,credits\ninstitution,"+takes+",,2020-01-01,total,,24\n")
		earns(t, b, "L1", 6, 7, 8)
		if offer, err := b.OfferApplication(ctx, asks1, "", toA); err != nil || len(offer.Items) != 1 {
			t.Errorf("%+v, %v", offer.Items, err)
		}
		wantSound(t, b)
	})
}

// Ten grant at once: one does, and the course is booked once.
func TestPriorLearningOnce(t *testing.T) {
	onBoth(t, func(t *testing.T, b *bank.Bank) {
		w := learning(t, b)
		p := handedIn(t, b, asks1, "t1")
		judgedBy(t, b, clerk, w.assessor, p.ID, "80", "50")
		stamp := priorSeen(t, b, decider, p.ID).Stamp
		errs := make([]error, 10)
		var wait sync.WaitGroup
		for i := range errs {
			wait.Go(func() {
				_, errs[i] = b.DecidePriorLearning(ctx, decider, p.ID, bank.NewPriorDecision{Stamp: stamp, Outcome: bank.PriorGranted})
			})
		}
		wait.Wait()
		granted := 0
		for _, err := range errs {
			switch bank.CodeOf(err) {
			case "":
				granted++
			case bank.Conflict, bank.Denied:
			default:
				t.Error(err)
			}
		}
		list, err := b.Standings(ctx, "L1")
		if granted != 1 || err != nil || len(list) != 1 {
			t.Errorf("%d granted, %+v, %v", granted, list, err)
		}
		wantSound(t, b)
	})
}

// A course that an application was given meanwhile is not given twice.
func TestPriorLearningAndApplication(t *testing.T) {
	onBoth(t, func(t *testing.T, b *bank.Bank) {
		w := learning(t, b)
		p := handedIn(t, b, asks1, "t3")
		judgedBy(t, b, clerk, w.assessor, p.ID, "80", "50")
		earns(t, b, "L1", 3)
		applied(t, b, asks1, toA)
		wantKey(t, grants(b, decider, p.ID), bank.Conflict, "error.prior.asked")
	})
}

// What was granted is revoked by two people, is redeemed for good, and what is verified
// finds a row that was changed.
func TestPriorLearningRevokedRedeemedVerified(t *testing.T) {
	onBothWithDSN(t, func(t *testing.T, b *bank.Bank, dsn string) {
		w := learning(t, b)
		for _, course := range []string{"t1", "t2"} {
			p := handedIn(t, b, asks1, course)
			judgedBy(t, b, clerk, w.assessor, p.ID, "80", "50")
			if err := grants(b, decider, p.ID); err != nil {
				t.Fatal(err)
			}
		}
		mine, err := b.MyPriorLearning(ctx, asks1)
		if err != nil || len(mine) != 2 {
			t.Fatal(mine, err)
		}
		first, second := mine[1], mine[0]
		proposal, err := b.Propose(ctx, clerk, bank.Proposal{Kind: "reverse", Args: map[string]string{"institution": takes, "reference": "PL-" + first.ID}, Reason: "the papers were not theirs"})
		if err != nil {
			t.Fatal(err)
		}
		if err := b.DecideProposal(ctx, decider, proposal, bank.Decision{Approve: true, Version: proposalOf(t, b, decider, proposal).Version}); err != nil {
			t.Fatal(err)
		}
		if p := priorSeen(t, b, asks1, first.ID); p.State != bank.PriorRevoked {
			t.Errorf("%+v", p)
		}
		if err := b.RedeemPriorLearning(ctx, decider, second.ID, priorSeen(t, b, decider, second.ID).Stamp); err != nil {
			t.Fatal(err)
		}
		if p := priorSeen(t, b, decider, second.ID); slices.Contains(p.May, "redeem") {
			t.Error("redeemed twice")
		}
		wantSound(t, b)
		raw := rawOf(t, dsn)
		for _, c := range []struct {
			change, back string
			want         ledger.Code
		}{
			{`UPDATE prior_learning SET state = 'refused' WHERE state = 'granted'`, `UPDATE prior_learning SET state = 'granted' WHERE state = 'refused'`, ledger.ItemDiffers},
			{`UPDATE prior_decision SET content = replace(content, '[80,50]', '[80,90]')`, `UPDATE prior_decision SET content = replace(content, '[80,90]', '[80,50]')`, ledger.DecisionDiffers},
			{`UPDATE prior_decision SET frozen = replace(frozen, '"credits":"4"', '"credits":"3"')`, `UPDATE prior_decision SET frozen = replace(frozen, '"credits":"3"', '"credits":"4"')`, ledger.DecisionDiffers},
		} {
			execute(t, raw, c.change)
			wantFinding(t, b, bank.VerifyInput{}, c.want, bank.NoEntry)
			execute(t, raw, c.back)
			wantSound(t, b)
		}
	})
}

// The texts go with the person, what is under way ends; what two accounts have goes
// together; what the learner takes along holds all that was written.
func TestPriorLearningLife(t *testing.T) {
	onBoth(t, func(t *testing.T, b *bank.Bank) {
		w := learning(t, b)
		p := handedIn(t, b, asks1, "t1")
		handedIn(t, b, asks2, "t1")
		login, err := b.AddLogin(ctx, operator, bank.NewLogin{Name: "li.learner", Password: goodPassword, Learner: "L1"})
		if err != nil {
			t.Fatal(err)
		}
		about, err := b.AboutMe(ctx, bank.Actor{Name: "u:" + login, Login: login, Roles: bank.IsLearner, Learner: "L1"})
		if err != nil || len(about.Priors) != 1 || about.Priors[0].Outcomes[0].How != "five years at a workshop" || len(about.Files) != 1 {
			t.Errorf("%+v, %v", about.Priors, err)
		}
		if _, err := b.Merge(ctx, operator, "L1", "L2", bank.Why{Reason: "one person"}); err != nil {
			t.Fatal(err)
		}
		mine, err := b.MyPriorLearning(ctx, asks2)
		if err != nil || len(mine) != 2 {
			t.Fatal(mine, err)
		}
		if p, err = b.PriorLearning(ctx, asks2, p.ID); err != nil || p.State != bank.PriorWithdrawn {
			t.Errorf("%+v, %v", p, err)
		}
		judgedBy(t, b, clerk, w.assessor, mine[slices.IndexFunc(mine, func(x bank.PriorLearning) bool { return x.ID != p.ID })].ID, "50", "50")
		if err := b.EraseLearner(ctx, operator, "L2", "the learner asked for it"); err != nil {
			t.Fatal(err)
		}
		page, err := b.PriorLearnings(ctx, clerk, bank.PriorFilter{}, bank.Window{})
		if err != nil || len(page.Items) != 2 {
			t.Fatal(page, err)
		}
		for _, p := range page.Items {
			p = priorSeen(t, b, clerk, p.ID)
			if p.State != bank.PriorWithdrawn || p.Outcomes[0].Can != "" || len(p.Outcomes[0].Files) != 0 || strings.Join(priorNotes(p), "") != "" {
				t.Errorf("%+v", p)
			}
		}
		wantSound(t, b)
	})
}

func priorNotes(p bank.PriorLearning) (notes []string) {
	for _, j := range p.Judgements {
		notes = append(notes, j.Notes...)
	}
	return notes
}

// A draft whose course has other outcomes by now has them too, with what was written to
// those that stayed and their files.
func TestPriorLearningMoved(t *testing.T) {
	onBoth(t, func(t *testing.T, b *bank.Bank) {
		learning(t, b)
		p, err := b.SavePriorLearning(ctx, asks1, portfolio("t1"))
		if err != nil {
			t.Fatal(err)
		}
		detail, err := b.CourseDetail(ctx, transfer.CourseKey{Institution: takes, Code: "t1"}, b.Today())
		if err != nil {
			t.Fatal(err)
		}
		detail.From = b.Today()
		detail.Outcomes = []bank.Outcome{{Competence: "Tools", Text: "chooses tools"}, detail.Outcomes[0]}
		if _, err := b.SaveCourse(ctx, clerk, detail.CourseEdit, detail.Stamp); err != nil {
			t.Fatal(err)
		}
		_, err = b.SubmitPriorLearning(ctx, asks1, p.ID, p.Stamp, true)
		wantKey(t, err, bank.Conflict, "error.prior_moved")
		p = priorSeen(t, b, asks1, p.ID)
		if p.State != bank.PriorDraft || p.Outcomes[0].Can != "" || p.Outcomes[1].Can != "I wire cabinets" || len(p.Outcomes[1].Files) != 1 || len(p.Outcomes[0].Files) != 0 {
			t.Errorf("%+v", p.Outcomes)
		}
	})
}
