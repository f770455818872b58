package web

import (
	"slices"

	"creditbank/internal/bank"
	"creditbank/internal/transfer"
)

// FindingSentence is a finding of lint as one sentence: what is wrong with the rules
// that it names. Courses and programmes are called by their names and codes; without a
// map by their codes alone.
func FindingSentence(say Speaker, s *bank.Snapshot, f transfer.Finding) string {
	args := map[string]any{"Course": "", "Programme": f.Programme.Institution + ":" + f.Programme.Code, "Field": f.Field,
		"Low": score(f.Low), "High": score(f.High), "From": Date(say, f.From), "To": Date(say, f.To), "Stated": f.Stated, "Actual": f.Actual,
		"FromLevel": f.FromLevel, "ToLevel": f.ToLevel}
	if f.Course.Code != "" {
		args["Course"] = f.Course.Institution + ":" + f.Course.Code
	}
	if s != nil {
		nameFinding(say, newNames(s, latest), f, args)
	}
	if f.Cap != nil {
		args["Cap"], args["Limit"], args["Adds"] = say.Say("cap."+string(f.Cap.Kind), nil), f.Cap.Limit, f.Cap.Adds
	}
	if f.Class == transfer.LintFault {
		args["Why"] = say.Say("lint.why."+f.Code, nil)
	}
	return say.Say("lint."+string(f.Class), args)
}

// nameFinding calls what a finding speaks of as people do.
func nameFinding(say Speaker, n *names, f transfer.Finding, args map[string]any) {
	if f.Course.Code != "" {
		c := n.course(f.Course)
		args["Course"] = say.Say("finding_name", map[string]any{"Name": say.Name(c.Current.Name, c.Current.NameEn), "Code": f.Course.Code})
	}
	if p, known := n.snapshot.ProgrammeHead(f.Programme); known {
		args["Programme"] = say.Say("finding_name", map[string]any{"Name": say.Name(p.Name, p.NameEn), "Code": f.Programme.Code})
	}
}

// findingView is a finding on a page: its sentence, and the rules it names, each with
// its address.
type findingView struct {
	Class transfer.Class
	Text  string
	Rules []findingRule
}

// findingRule is a rule that a finding names. One that is not published yet has no address.
type findingRule struct {
	transfer.RuleRef
	URL string
}

// findingViews words findings for a page.
func findingViews(say Speaker, s *bank.Snapshot, found []transfer.Finding) []findingView {
	var views []findingView
	for _, f := range found {
		v := findingView{Class: f.Class, Text: FindingSentence(say, s, f)}
		for _, ref := range f.Rules {
			r := findingRule{RuleRef: ref}
			if isPublished(s, ref) {
				r.URL = ruleAddress(ref)
			}
			v.Rules = append(v.Rules, r)
		}
		views = append(views, v)
	}
	return views
}

// isPublished says whether a map has a version of an equivalence.
func isPublished(s *bank.Snapshot, ref transfer.RuleRef) bool {
	versions, err := s.Equivalence(ref.Code)
	return err == nil && slices.ContainsFunc(versions, func(v bank.RuleInfo) bool { return v.RuleRef == ref })
}
