package web

import (
	"context"

	"creditbank/internal/bank"
	"creditbank/internal/credit"
	"creditbank/internal/transfer"
)

// trialView is what an example of results would be worth with a rule that is being
// written, beside what it is worth now.
type trialView struct {
	Programme bank.ProgrammeInfo
	Now, Then credit.Amount // transferable
	Applied   credit.Amount // with the rule
	Awards    []planAward   // by the rule itself
	Takes     bool          // the rule is in the best plan
	Records   []trialRecord // what becomes of each result with the rule
	Fault     string        // the example could not be tried
}

// trialRecord is one result of the example.
type trialRecord struct {
	Course bank.CourseInfo
	Grade  string
	State  transfer.State
	Why    string
}

// trialGrade is the grade that the example begins with.
const trialGrade = "80"

// trial tries a rule on the example of its form: one result in each source.
func (s *Server) trial(ctx context.Context, f *ruleForm, ref transfer.RuleRef, e bank.Equivalence, n *names, say Speaker) (*trialView, error) {
	v := &trialView{}
	to, known := f.trialProgramme(e, n.snapshot)
	if !known {
		v.Fault = say.Say("trial.no_programme", nil)
		return v, nil
	}
	in := bank.CheckInput{To: to}
	for _, source := range e.Sources {
		r := resultOf(source.CourseKey, &formRow{Grade: f.trialGradeOf(source.CourseKey), Date: f.Get("trial_date")}, newFinder(n.snapshot, n.today))
		in.Records = append(in.Records, r)
	}
	v.Programme, _ = n.snapshot.ProgrammeHead(to)
	tried, err := s.bank.TryRule(ctx, ref, e, in)
	if bank.CodeOf(err) == bank.Invalid {
		v.Fault = s.problem(err, say).Title
		if p := s.problem(err, say); len(p.Errors) > 0 {
			v.Fault = p.Errors[0].Message
		}
		return v, nil
	}
	if err != nil {
		return nil, err
	}
	v.fill(tried, ref, in, n, say)
	return v, nil
}

// fill tells what came out of a trial.
func (v *trialView) fill(tried bank.RuleTrial, ref transfer.RuleRef, in bank.CheckInput, n *names, say Speaker) {
	v.Now, v.Then, v.Applied = tried.Now.Transferable, tried.Then.Transferable, tried.Then.Applied
	q := checkQuery{Records: in.Records}
	for _, item := range tried.Then.Items {
		if item.Rule == ref {
			v.Takes = true
			v.Awards = append(v.Awards, newPlanItem(item, tried.Then, q, n, say).Awards...)
		}
	}
	for i, r := range tried.Then.Answer.Records {
		row := trialRecord{Course: n.course(tried.Then.Records[i].CourseKey), Grade: in.Records[i].Grade, State: r.State}
		if len(r.Reasons) > 0 && r.State != transfer.Matched {
			row.Why = ReasonSentence(say, n.snapshot, in.To, r.Reasons[0])
		}
		v.Records = append(v.Records, row)
	}
}

// trialGradeOf is the grade that the form gives a course in the example.
func (f *ruleForm) trialGradeOf(k transfer.CourseKey) string {
	for _, row := range f.Sources {
		if row.Key == courseToken(k) && row.Grade != "" {
			return row.Grade
		}
	}
	return trialGrade
}

// trialProgramme is the programme of the example: the one that is chosen, else that of
// the rule, else the first of the school that has one of the targets in its plan.
func (f *ruleForm) trialProgramme(e bank.Equivalence, s *bank.Snapshot) (transfer.ProgrammeKey, bool) {
	all := programmesOf(s, e.Institution)
	for _, wanted := range []string{f.Get("trial_programme"), e.Programme} {
		for _, p := range all {
			if p.Code == wanted {
				return p.ProgrammeKey, true
			}
		}
	}
	for _, p := range all {
		if awards(s, p.ProgrammeKey, e.Targets) {
			return p.ProgrammeKey, true
		}
	}
	if len(all) == 0 {
		return transfer.ProgrammeKey{}, false
	}
	return all[0].ProgrammeKey, true
}

// awards says whether one of some targets stands in the plan of a programme.
func awards(s *bank.Snapshot, k transfer.ProgrammeKey, targets []transfer.Target) bool {
	info, err := s.Programme(k, latest)
	if err != nil {
		return false
	}
	for _, g := range info.Groups {
		for _, t := range targets {
			if t.Course == "" && t.Group == g.Code {
				return true
			}
			for _, c := range g.Courses {
				if t.Course == c.Course.Code {
					return true
				}
			}
		}
	}
	return false
}
