package web

import (
	"strconv"

	"creditbank/internal/bank"
	"creditbank/internal/calendar"
	"creditbank/internal/credit"
	"creditbank/internal/transfer"
)

// ruleView is one version of an equivalence with the names of what it speaks of.
type ruleView struct {
	bank.RuleInfo
	URL       string
	Sources   []ruleSource
	Targets   []ruleTarget
	Receiver  bank.InstitutionInfo
	Programme bank.ProgrammeInfo // of a rule for one programme
	InForce   bool
	Future    bool // not yet in force
}

// ruleSource is a course that a rule asks for.
type ruleSource struct {
	Course   bank.CourseInfo
	URL      string
	Min, Max string // grade band; empty: none
	Unit     bool   // a unit of the bank rather than a course of a school
}

// ruleTarget is what a rule gives. Credits is empty where they follow from the
// sources' hours.
type ruleTarget struct {
	transfer.Target
	CourseInfo bank.CourseInfo
	URL        string
	GroupName  string
	Credits    string
	Unit       bool // a unit of the bank rather than a course of a school
}

func newRuleView(r bank.RuleInfo, n *names) ruleView {
	v := ruleView{RuleInfo: r, URL: equivalenceAddress(r.Code), Receiver: n.institution(r.Institution), InForce: r.InForce(n.today),
		Future: !r.Superseded && !r.Suspended && r.From != calendar.None && r.From > n.today}
	for _, source := range r.Equivalence.Sources {
		v.Sources = append(v.Sources, ruleSource{n.course(source.CourseKey), courseAddress(source.CourseKey), scoreText(source.Min), scoreText(source.Max),
			n.institution(source.Institution).Kind == transfer.KindBank})
	}
	for _, target := range r.Equivalence.Targets {
		v.Targets = append(v.Targets, newRuleTarget(r, target, n))
	}
	if r.Equivalence.Programme != "" {
		v.Programme, _ = n.snapshot.ProgrammeHead(transfer.ProgrammeKey{Institution: r.Institution, Code: r.Equivalence.Programme})
	}
	return v
}

func newRuleTarget(r bank.RuleInfo, target transfer.Target, n *names) ruleTarget {
	v := ruleTarget{Target: target, Credits: target.Credits.String(), Unit: n.institution(r.Institution).Kind == transfer.KindBank}
	if target.Course == "" {
		v.GroupName = n.snapshot.GroupName(transfer.ProgrammeKey{Institution: r.Institution, Code: r.Equivalence.Programme}, target.Group)
		return v
	}
	key := transfer.CourseKey{Institution: r.Institution, Code: target.Course}
	v.CourseInfo, v.URL = n.course(key), courseAddress(key)
	switch {
	case target.Exemption:
		v.Credits = "0"
	case target.Mode == transfer.Catalogue:
		v.Credits = v.CourseInfo.Current.Credits.String()
	case target.Mode == transfer.FromHours:
		v.Credits = ""
	}
	return v
}

func ruleViews(rules []bank.RuleInfo, n *names) []ruleView {
	var views []ruleView
	for _, r := range rules {
		views = append(views, newRuleView(r, n))
	}
	return views
}

// scoreText is a bound of a grade band, empty when there is none.
func scoreText(s credit.Score) string {
	if s == transfer.NoScore {
		return ""
	}
	return s.String()
}

func versionText(version int) string {
	if version == 0 {
		return ""
	}
	return strconv.Itoa(version)
}
