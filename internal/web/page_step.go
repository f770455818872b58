package web

import (
	"slices"

	"creditbank/internal/bank"
	"creditbank/internal/credit"
	"creditbank/internal/transfer"
)

// planStep is what a person can do next about a result.
type planStep struct {
	Text string
	Link string // words of a link; empty: none
	URL  string
}

// steps are what can be done about the nearest reason against a result.
func (v *planPage) steps(i int, r transfer.Reason, q checkQuery, n *names, say Speaker) []planStep {
	args := map[string]any{"Institution": say.Name(v.Institution.Name, v.Institution.NameEn),
		"Needed": r.Needed.String(), "Level": r.Bridge, "Holder": schoolName(n, say, r.Holder), "Code": r.Rule.Code}
	if r.Missed() {
		// What was decided elsewhere says nothing of this result: it can be evaluated.
		return []planStep{v.asking(i, planStep{Text: say.Say("step.no_rule", args)}, say)}
	}
	step := planStep{Text: say.Say("step."+string(r.Code), args)}
	switch r.Code {
	case transfer.NoRule:
		step = v.asking(i, step, say)
	case transfer.MatchedCode, transfer.EarnedCode, transfer.BetterElsewhere, transfer.NoGain, transfer.AlreadyUsed, transfer.GradeAbove:
		return nil
	case transfer.GradeBelow:
		better := []hope{{v.Records[i].CourseKey, r.Needed}}
		step.Link, step.URL = say.Say("step.what_if_grade", args), v.whatIf(q, better)
	case transfer.IncompleteSet:
		if slices.ContainsFunc(r.Missing, func(m transfer.MissingSource) bool { return !m.Retakable() }) {
			return nil
		}
		step.Link, step.URL = say.Say("step.what_if_set", args), v.whatIf(q, v.lacking(r))
	case transfer.LevelGate:
		if r.Bridge == 0 {
			step.Text = say.Say("step.level_gate_closed", args)
		}
	}
	return []planStep{step}
}

// asking leads a step to where a learner asks for the result to be judged. Whoever is
// not signed in does so first.
func (v *planPage) asking(i int, step planStep, say Speaker) planStep {
	step.Link = say.Say("step.ask", nil)
	step.URL = address("/my/requests", nil, "from", courseToken(v.Records[i].CourseKey), "to", v.ProgrammeID)
	return step
}

// hope is a grade that a person may yet get.
type hope struct {
	transfer.CourseKey
	Grade credit.Score
}

// lacking are the courses that a set lacks, with the lowest grades that it takes.
func (v *planPage) lacking(r transfer.Reason) []hope {
	// Only published rules come into an answer, so this one is there.
	versions, _ := v.Snapshot.Equivalence(r.Rule.Code)
	at := slices.IndexFunc(versions, func(version bank.RuleInfo) bool { return version.Version == r.Rule.Version })
	var list []hope
	for _, missing := range r.Missing {
		h := hope{missing.CourseKey, transfer.NoScore}
		switch {
		case missing.Why != nil && missing.Why.Code == transfer.GradeBelow:
			h.Grade = missing.Why.Needed
		case at >= 0:
			h.Grade = lowest(versions[at].Equivalence.Sources, missing.CourseKey)
		}
		list = append(list, h)
	}
	return list
}

// lowest is the lowest grade in which a rule takes a course.
func lowest(sources []transfer.Source, k transfer.CourseKey) credit.Score {
	if at := slices.IndexFunc(sources, func(s transfer.Source) bool { return s.CourseKey == k }); at >= 0 {
		return sources[at].Min
	}
	return transfer.NoScore
}

// whatIf asks the same again with better grades: in the results there are, and
// in courses that are not among them yet.
func (v *planPage) whatIf(q checkQuery, better []hope) string {
	records := q.typed()
	for _, h := range better {
		at := slices.IndexFunc(records, func(r bank.CheckRecord) bool { return r.Institution == h.Institution && r.Course == h.Code })
		if at < 0 {
			at = len(records)
			records = append(records, bank.CheckRecord{Institution: h.Institution, Course: h.Code})
		}
		records[at].Grade, records[at].Scale = gradeOf(h.Grade)
	}
	return address(q.planPage(), checkValues(records, q.AsOf), paramTo, v.ProgrammeID)
}

// gradeOf writes a score as a grade and the scale that it is one of.
func gradeOf(score credit.Score) (grade, scale string) {
	const percentTop credit.Score = 10000
	switch {
	case score == transfer.NoScore:
		return "", ""
	case score > percentTop:
		return score.String(), credit.Raw
	}
	return score.String(), credit.Percent
}
