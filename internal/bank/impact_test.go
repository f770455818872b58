package bank_test

import (
	"encoding/csv"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"creditbank/internal/bank"
	"creditbank/internal/calendar"
	"creditbank/internal/credit"
	"creditbank/internal/transfer"
)

// The institutions of a random bank: two that send, two that receive.
const (
	sendA, sendB = "3650990001", "3650990002"
	receiveC     = "4150000001"
	receiveD     = "4150000002"
)

// dicedBank is a bank whose map, learners and results are drawn.
type dicedBank struct {
	*rand.Rand
	t        *testing.T
	b        *bank.Bank
	learners int
	rules    int
	goals    map[string]transfer.ProgrammeKey
}

// dice fills a bank from a seed.
func dice(t *testing.T, b *bank.Bank, seed uint64) *dicedBank {
	t.Helper()
	d := &dicedBank{Rand: rand.New(rand.NewPCG(seed, 5)), t: t, b: b, learners: 14, goals: map[string]transfer.ProgrammeKey{}}
	text(t, b, "institutions", "code,name,kind,hours_per_credit,credit_step\n"+
		sendA+",甲,secondary_vocational,18,0.5\n"+sendB+",乙,secondary_vocational,16,0.5\n"+receiveC+",丙,higher_vocational,16,0.5\n"+receiveD+",丁,higher_vocational,16,0.5\n")
	var courses, programmes, groups, plans, learners, records fileRows
	for _, school := range []string{sendA, sendB, receiveC, receiveD} {
		for i := range 8 {
			courses.add(school, fmt.Sprint("c", i), "课", fmt.Sprint(1+d.IntN(5)), "64")
		}
	}
	for _, school := range []string{receiveC, receiveD} {
		for _, code := range []string{"p0", "p1"} {
			programmes.add(school, code, "专业", "30")
			for g := range 2 {
				groups.add(school, code, fmt.Sprint("g", g), "组", fmt.Sprint(4+d.IntN(6)))
			}
			for i := range 8 {
				if d.IntN(4) > 0 {
					plans.add(school, code, fmt.Sprint("g", d.IntN(2)), fmt.Sprint("c", i), "1", map[bool]string{true: "1"}[d.IntN(9) == 0])
				}
			}
		}
	}
	for i := range d.learners {
		own := [][2]string{{receiveC, "p0"}, {receiveC, "p1"}, {receiveD, "p0"}, {sendA, ""}, {"", ""}}[d.IntN(5)]
		learners.add(fmt.Sprint("D", i), "学员", own[0], own[1])
		for n, school := range []string{sendA, sendB, receiveC} {
			for c := range 8 {
				if d.IntN(3) == 0 {
					records.add(fmt.Sprint("D", i), fmt.Sprint("r", i, "-", n, "-", c), school, fmt.Sprint("c", c), fmt.Sprint(50+d.IntN(50)), "percent", "2025-06-25")
				}
			}
		}
	}
	for _, f := range []struct {
		kind, head string
		rows       fileRows
	}{
		{"courses", "institution,code,name,credits,hours", courses}, {"programmes", "institution,code,name,required_credits", programmes},
		{"groups", "institution,programme,code,name,min_credits", groups}, {"plans", "institution,programme,group,course,required,never_exempt", plans},
		{"learners", "account,name,institution,programme", learners},
		{"records", "learner,reference,institution,course,grade,scale,completed_on", records},
	} {
		text(t, b, f.kind, f.head+"\n"+string(f.rows))
	}
	d.publish(d.draftRules(14))
	for i := 0; i < d.learners; i += 4 {
		learner := bank.Actor{Name: "u:x", Login: "x", Roles: bank.IsLearner, Learner: fmt.Sprint("D", i)}
		d.goals[learner.Learner] = transfer.ProgrammeKey{Institution: receiveD, Code: "p1"}
		if err := b.SetGoal(ctx, learner, d.goals[learner.Learner]); err != nil {
			t.Fatal(err)
		}
	}
	return d
}

// fileRows are lines of a file.
type fileRows string

func (r *fileRows) add(cells ...string) {
	var line strings.Builder
	w := csv.NewWriter(&line)
	_ = w.Write(cells)
	w.Flush()
	*r += fileRows(line.String())
}

const ruleHead = "equivalence,source_institution,source_course,min_grade,target_institution,target_course,target_credits,valid_from\n"

// draftRules are so many drawn rules with new codes, from one or two courses to one.
func (d *dicedBank) draftRules(n int) string {
	var all fileRows
	for range n {
		d.rules++
		all += d.rule(fmt.Sprint("E", d.rules))
	}
	return ruleHead + string(all)
}

func (d *dicedBank) rule(code string) (all fileRows) {
	to, target := []string{receiveC, receiveD}[d.IntN(2)], fmt.Sprint("c", d.IntN(8))
	credits := []string{"", "", "2", "3.5"}[d.IntN(4)]
	for range 1 + d.IntN(2) {
		all.add(code, []string{sendA, sendB}[d.IntN(2)], fmt.Sprint("c", d.IntN(8)), []string{"", "", "70"}[d.IntN(3)], to, target, credits, "")
	}
	return all
}

// imported takes rules as drafts, or publishes them; it says which versions there are then.
func (d *dicedBank) imported(rules string, publish bool) {
	d.t.Helper()
	tab := parseTable(d.t, []byte(rules))
	r, err := d.b.Import(ctx, operator, bank.Import{Kind: "equivalences", Header: tab.header, Rows: tab.all(), Publish: publish, Partial: true})
	if err != nil {
		d.t.Fatal(err)
	}
	if r.New+r.Updated+r.Unchanged == 0 {
		d.t.Fatalf("nothing was taken: %+v", r)
	}
}

func (d *dicedBank) publish(rules string) { d.imported(rules, true) }

// standing is what a learner gets in a programme.
type standing struct{ applied, transferable credit.Amount }

// standings are what all learners get in all programmes, by the plan of each.
func (d *dicedBank) standings() map[string]map[transfer.ProgrammeKey]standing {
	d.t.Helper()
	all := map[string]map[transfer.ProgrammeKey]standing{}
	for i := range d.learners {
		account := fmt.Sprint("D", i)
		all[account] = map[transfer.ProgrammeKey]standing{}
		for _, school := range []string{receiveC, receiveD} {
			for _, code := range []string{"p0", "p1"} {
				to := transfer.ProgrammeKey{Institution: school, Code: code}
				a, err := d.b.PlanLearner(ctx, operator, account, bank.CheckInput{To: to})
				if err != nil {
					d.t.Fatal(err)
				}
				all[account][to] = standing{a.Applied, a.Transferable}
			}
		}
	}
	return all
}

// difference is what a preview should have said, from what learners got before and get now.
func (d *dicedBank) difference(before, after map[string]map[transfer.ProgrammeKey]standing) bank.Impact {
	var in bank.Impact
	by := map[transfer.ProgrammeKey]bank.Tally{}
	add := func(t *bank.Tally, b, a standing) (gains bool) {
		gains = a.applied > b.applied || a.applied == b.applied && a.transferable > b.transferable
		if gains {
			t.Gaining++
		} else {
			t.Losing++
		}
		t.Gained += max(a.applied-b.applied, 0)
		t.Lost += max(b.applied-a.applied, 0)
		t.More += max(a.transferable-b.transferable, 0)
		t.Fewer += max(b.transferable-a.transferable, 0)
		return gains
	}
	for account := range before {
		l, err := d.b.ViewLearner(ctx, operator, account)
		if err != nil {
			d.t.Fatal(err)
		}
		gains, loses := 0, 0
		own, chosen := d.goals[account]
		if !chosen {
			own = transfer.ProgrammeKey{Institution: l.Institution, Code: l.Programme}
		}
		for to, b := range before[account] {
			a := after[account][to]
			if a == b {
				continue
			}
			t := by[to]
			if add(&t, b, a) {
				gains = 1
			} else {
				loses = 1
			}
			by[to] = t
			if to == own {
				add(&in.Own, b, a)
			}
		}
		in.Gaining += gains
		in.Losing += loses
	}
	for to, t := range by {
		in.Most = append(in.Most, bank.ProgrammeImpact{ProgrammeKey: to, Tally: t})
	}
	return in
}

// previewed is what a preview says.
func previewed(t *testing.T, b *bank.Bank, actor bank.Actor, trial bank.ImpactTrial) bank.Impact {
	t.Helper()
	job, err := b.StartImpact(ctx, actor, trial)
	if err != nil {
		t.Fatal(err)
	}
	if j := awaited(t, b, actor, job); j.State != bank.JobDone {
		t.Fatalf("the preview is %+v, %v", j, j.Refusal)
	}
	in, err := b.Impact(ctx, actor, job)
	if err != nil {
		t.Fatal(err)
	}
	return in
}

// holds compares a preview with what learners then got.
func (d *dicedBank) holds(what string, got, want bank.Impact) {
	d.t.Helper()
	tallies := func(list []bank.ProgrammeImpact) map[transfer.ProgrammeKey]bank.Tally {
		all := map[transfer.ProgrammeKey]bank.Tally{}
		for _, p := range list {
			all[p.ProgrammeKey] = p.Tally
		}
		return all
	}
	if got.Gaining != want.Gaining || got.Losing != want.Losing || got.Own != want.Own || !maps.Equal(tallies(got.Most), tallies(want.Most)) || got.Moved != len(want.Most) {
		d.t.Errorf("%s: the preview said %+v, learners got %+v", what, got, want)
	}
	count := 0
	for _, g := range got.Groups() {
		count += g.Count
	}
	if len(got.Sample) > 0 && count == 0 || count != got.Main.Gaining+got.Main.Losing || count < max(got.Gaining, got.Losing) {
		d.t.Errorf("%s: %d learners in the groups %v of %+v", what, count, got.Groups(), got)
	}
}

// The numbers of a preview are those that learners then get: rules that come, versions
// that take the place of others, caps and policies, on drawn banks.
func TestImpactIsWhatLearnersThenGet(t *testing.T) {
	onBoth(t, func(t *testing.T, b *bank.Bank) {
		moved := 0
		d := dice(t, b, 1)
		for round := range 4 {
			drafts := d.draftRules(2)
			if round%2 == 1 { // other content of known codes: new versions
				drafts = ruleHead + string(d.rule("E1")+d.rule("E2")+d.rule("E3"))
			}
			before := d.standings()
			d.imported(drafts, false)
			var trial bank.ImpactTrial
			for _, code := range codesOf(drafts) {
				trial.Publish = append(trial.Publish, transfer.RuleRef{Code: code, Version: d.versions(code)})
			}
			in := previewed(t, b, operator, trial)
			d.publish(drafts)
			d.holds(drafts, in, d.difference(before, d.standings()))
			moved += in.Gaining + in.Losing

			policy := []map[string]string{
				{"file": "caps", "scope": "institution", "institution": receiveC, "cap": "total", "credits": "3"},
				{"file": "policies", "scope": "bank", "min_grade": "65"},
				{"file": "caps", "scope": "programme", "institution": receiveD, "programme": "p0", "cap": "source_institution", "key": sendA, "share": "0.1"},
				{"file": "policies", "scope": "institution", "institution": receiveC, "min_grade": "80"},
			}[round]
			policy["valid_from"] = "2026-11-22"
			before = d.standings()
			in = previewed(t, b, operator, bank.ImpactTrial{Policy: policy})
			id, err := b.Propose(ctx, anna, bank.Proposal{Kind: "policy", Args: policy, Reason: "yearly review", Preview: in.Job})
			if err != nil {
				t.Fatal(err)
			}
			if err := approved(t, b, berta, id); err != nil {
				t.Fatal(err)
			}
			d.holds(fmt.Sprint(policy), in, d.difference(before, d.standings()))
			moved += in.Gaining + in.Losing
		}
		if moved < 10 {
			t.Errorf("only %d learners moved: that proves little", moved)
		}
	})
}

func codesOf(rules string) []string {
	var codes []string
	for _, line := range strings.Split(strings.TrimSpace(rules), "\n")[1:] {
		code, _, _ := strings.Cut(line, ",")
		codes = append(codes, code)
	}
	return slices.Compact(codes)
}

// versions is how many versions of a rule there are, a draft among them.
func (d *dicedBank) versions(code string) int {
	d.t.Helper()
	s := snapshotOf(d.t, d.b)
	list, _ := s.Equivalence(code)
	return len(list) + 1
}

// A preview that is cancelled leaves nothing; whoever has no part in the rules sees nothing.
func TestImpactIsForWhomItConcerns(t *testing.T) {
	onBoth(t, func(t *testing.T, b *bank.Bank) {
		d := dice(t, b, 2)
		d.imported(ruleHead+"X,"+sendA+",c1,,"+receiveC+",c2,5,\n", false)
		trial := bank.ImpactTrial{Publish: []transfer.RuleRef{{Code: "X", Version: 1}}}
		staff := func(institution string, roles bank.Roles) bank.Actor {
			return bank.Actor{Name: "u:" + institution + fmt.Sprint(roles), Roles: roles, Institution: institution}
		}
		in := previewed(t, b, staff(receiveC, bank.IsDecider), trial)
		for _, who := range []bank.Actor{staff(sendA, bank.IsRegistrar), staff(receiveC, bank.IsExpert), anna, carl} {
			got, err := b.Impact(ctx, who, in.Job)
			if err != nil || got.Main != in.Main || len(got.Sample)+got.Others != in.Main.Gaining+in.Main.Losing {
				t.Errorf("%s: %+v, %v", who.Name, got, err)
			}
			for _, l := range got.Sample {
				if !strings.HasPrefix(l.Account, "*") {
					t.Errorf("%s sees %s", who.Name, l.Account)
				}
			}
		}
		for _, who := range []bank.Actor{staff(sendB, bank.IsRegistrar), pupil, bank.Visitor} {
			_, err := b.Impact(ctx, who, in.Job)
			wantKey(t, err, bank.NotFound, "error.not_found.impact")
			_, err = b.StartImpact(ctx, who, trial)
			wantKey(t, err, bank.Denied, "error.role")
		}
		for field, trial := range map[string]bank.ImpactTrial{
			"publish: required": {}, "publish: unknown_rule": {Publish: []transfer.RuleRef{{Code: "X", Version: 2}}},
			"end: unknown_rule": {End: []transfer.RuleRef{{Code: "X", Version: 1}}}, "suspend: unknown_rule": {Suspend: []transfer.RuleRef{{Code: "X", Version: 1}}},
			"valid_from: past": {Policy: map[string]string{"file": "policies", "scope": "bank", "valid_from": "2020-01-01"}},
		} {
			_, err := b.StartImpact(ctx, anna, trial)
			wantRefused(t, err, bank.Invalid, field)
		}
		_, err := b.Impact(ctx, anna, "nothing")
		wantKey(t, err, bank.NotFound, "error.not_found.impact")
	})
}

// A learner of the sample is looked at with both answers; the learner is told of it.
func TestImpactLooksAtALearner(t *testing.T) {
	onBoth(t, func(t *testing.T, b *bank.Bank) {
		d := dice(t, b, 3)
		rule := ruleHead + "X," + sendA + ",c1,," + receiveC + ",c2,5,\nY," + sendB + ",c1,," + receiveC + ",c3,5,\n"
		d.imported(rule, false)
		in := previewed(t, b, anna, bank.ImpactTrial{Publish: []transfer.RuleRef{{Code: "X", Version: 1}, {Code: "Y", Version: 1}}})
		if len(in.Sample) == 0 {
			t.Fatalf("nobody moves: %+v", in)
		}
		for i, l := range in.Sample {
			look, err := b.LookAtImpact(ctx, anna, in.Job, l.N)
			if err != nil || l.N != i+1 {
				t.Fatal(l.N, err)
			}
			if look.Before.Applied != l.Before.Applied || look.After.Applied != l.After.Applied || look.After.Transferable != l.After.Transferable {
				t.Errorf("the sample says %+v, the answers %s and %s", l, look.Before.Applied, look.After.Applied)
			}
			looks, err := b.Looks(ctx, operator, look.Whole, bank.Window{})
			if err != nil || len(looks.Items) == 0 || looks.Items[0].What != "impact" {
				t.Errorf("the looks at %s are %+v, %v", look.Whole, looks.Items, err)
			}
		}
		_, err := b.LookAtImpact(ctx, anna, in.Job, 99)
		wantKey(t, err, bank.NotFound, "error.not_found.learner")
		look, err := b.LookAtImpact(ctx, anna, in.Job, 1)
		done(t)(bank.Receipt{}, err)
		d.publish(rule)
		if after, err := b.LookAtImpact(ctx, anna, in.Job, 1); err != nil || after.Before.Applied != look.After.Applied || after.After.Applied != look.After.Applied {
			t.Errorf("once it is published the answers are %+v, %v", after, err)
		}
		if now, err := b.Impact(ctx, anna, in.Job); err != nil || !now.Stale || in.Stale {
			t.Errorf("the map has changed: %t, before %t, %v", now.Stale, in.Stale, err)
		}
		if err := b.EraseLearner(ctx, operator, look.Whole, "asked by letter"); err != nil {
			t.Fatal(err)
		}
		if now, err := b.Impact(ctx, anna, in.Job); err != nil || len(now.Sample) != len(in.Sample)-1 {
			t.Errorf("an erased learner stays in the sample: %v, %v", now.Sample, err)
		}
	})
}

// A preview can be cancelled while it looks through the learners.
func TestImpactIsCancelled(t *testing.T) {
	onBoth(t, func(t *testing.T, b *bank.Bank) {
		dice(t, b, 4)
		trial := bank.ImpactTrial{Policy: map[string]string{"file": "policies", "scope": "bank", "valid_from": "2026-11-22", "min_grade": "90"}}
		job, err := b.StartImpact(ctx, anna, trial)
		if err != nil {
			t.Fatal(err)
		}
		if err := b.CancelJob(ctx, anna, job); err != nil {
			t.Fatal(err)
		}
		if j := awaited(t, b, anna, job); j.State == bank.JobCancelled {
			_, err := b.Impact(ctx, anna, job)
			wantKey(t, err, bank.NotFound, "error.not_found.impact")
		} else if j.State != bank.JobDone {
			t.Errorf("it is %+v", j)
		}
		_, err = b.Propose(ctx, anna, bank.Proposal{Kind: "policy", Reason: "yearly review", Args: trial.Policy, Preview: "nothing"})
		wantRefused(t, err, bank.Invalid, "preview: unknown_job")
		other := previewed(t, b, anna, bank.ImpactTrial{Policy: map[string]string{"file": "policies", "scope": "bank", "valid_from": "2026-11-23", "min_grade": "90"}})
		_, err = b.Propose(ctx, anna, bank.Proposal{Kind: "policy", Reason: "yearly review", Args: trial.Policy, Preview: other.Job})
		wantRefused(t, err, bank.Invalid, "preview: other_preview")
	})
}

// A version that is suspended, resumed or ended by two people moves learners as the
// preview said; one that ends serves what was completed before.
func TestImpactOfAnEnd(t *testing.T) {
	onBoth(t, func(t *testing.T, b *bank.Bank) {
		d := dice(t, b, 5)
		moved := 0
		for n := range 4 {
			ref := transfer.RuleRef{Code: fmt.Sprint("E", n+1), Version: 1}
			trial, act := bank.ImpactTrial{Suspend: []transfer.RuleRef{ref}}, bank.EvaluationAct{Action: "suspend"}
			if n%2 == 1 {
				day, err := calendar.Parse([]string{"2026-11-22", "2026-12-31"}[n/2])
				if err != nil {
					t.Fatal(err)
				}
				trial, act = bank.ImpactTrial{End: []transfer.RuleRef{ref}, LastDay: day}, bank.EvaluationAct{Action: "end", LastDay: day.String()}
			}
			before := d.standings()
			in := previewed(t, b, anna, trial)
			act.Text, act.Reasons = "the course is over", []string{"CONTENT"}
			d.acts(anna, ref, act)
			d.acts(berta, ref, bank.EvaluationAct{Action: "confirm", Preview: in.Job})
			d.holds(fmt.Sprintf("%+v", trial), in, d.difference(before, d.standings()))
			if e, err := b.Evaluation(ctx, anna, bank.EvaluationID(ref)); err != nil || e.Preview != in.Job {
				t.Errorf("the decision keeps %q, not %q: %v", e.Preview, in.Job, err)
			}
			moved += in.Gaining + in.Losing
		}
		if moved == 0 {
			t.Error("nobody moved: that proves nothing")
		}
	})
}

// acts does something with a version as it is now.
func (d *dicedBank) acts(actor bank.Actor, ref transfer.RuleRef, a bank.EvaluationAct) {
	d.t.Helper()
	e, err := d.b.Evaluation(ctx, actor, bank.EvaluationID(ref))
	if err == nil {
		a.Stamp = e.Stamp
		_, err = d.b.ActOnEvaluation(ctx, actor, e.ID, a)
	}
	if err != nil {
		d.t.Fatalf("%s %s: %v", a.Action, bank.EvaluationID(ref), err)
	}
}

// A further version of a course moves learners as the preview said.
func TestImpactOfACourse(t *testing.T) {
	onBoth(t, func(t *testing.T, b *bank.Bank) {
		d := dice(t, b, 6)
		moved := 0
		for i := range 4 {
			edit := bank.CourseEdit{CourseKey: transfer.CourseKey{Institution: receiveC, Code: fmt.Sprint("c", i)},
				CourseVersion: bank.CourseVersion{Name: "课", Credits: credit.Amount(50 * (1 + i)), Hours: 640000, PracticeHours: -1, From: b.Today(), To: calendar.None, Outline: "long"}}
			detail, err := b.CourseDetail(ctx, edit.CourseKey, b.Today())
			if err != nil {
				t.Fatal(err)
			}
			before := d.standings()
			in := previewed(t, b, operator, bank.ImpactTrial{Course: &edit, Stamp: detail.Stamp})
			if in.Trial.Version == nil || in.Trial.Version.Credits != edit.Credits {
				t.Errorf("the preview keeps %+v", in.Trial)
			}
			if _, err := b.SaveCourse(ctx, operator, edit, detail.Stamp); err != nil {
				t.Fatal(err)
			}
			d.holds(fmt.Sprintf("%+v", edit), in, d.difference(before, d.standings()))
			moved += in.Gaining + in.Losing
		}
		if moved == 0 {
			t.Error("nobody moved: that proves nothing")
		}
		_, err := b.StartImpact(ctx, anna, bank.ImpactTrial{Course: &bank.CourseEdit{CourseKey: transfer.CourseKey{Institution: receiveC, Code: "c1"}}})
		if bank.CodeOf(err) == "" {
			t.Errorf("a course that cannot be: %v", err)
		}
	})
}
