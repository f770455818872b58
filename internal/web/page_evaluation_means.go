package web

import (
	"slices"
	"strings"
	"unicode"

	"creditbank/internal/bank"
	"creditbank/internal/calendar"
	"creditbank/internal/transfer"
)

// draftView is a rule that is not published with the names of what it speaks of.
func draftView(ref transfer.RuleRef, e bank.Equivalence, n *names) ruleView {
	e.Targets = coursesFirst(e.Targets)
	return newRuleView(bank.RuleInfo{RuleRef: ref, Equivalence: e, EffectiveTo: e.To}, n)
}

// coursesFirst are targets in the order in which people speak of them: courses, then
// what is given besides.
func coursesFirst(targets []transfer.Target) []transfer.Target {
	return slices.SortedStableFunc(slices.Values(targets), func(a, b transfer.Target) int {
		switch {
		case (a.Course == "") == (b.Course == ""):
			return 0
		case a.Course != "":
			return -1
		}
		return 1
	})
}

// meaning says in a sentence or two what a rule does: who gets what for which courses,
// when, and for how long.
func meaning(say Speaker, v ruleView) string {
	m := meaner{say, v}
	args := map[string]any{"Sources": m.sources(), "School": say.Name(v.Receiver.Name, v.Receiver.NameEn), "Gives": m.gives(), "Targets": m.targets(),
		"Reasons": m.reasons(), "Programme": ""}
	if v.RuleInfo.Programme != "" {
		args["Programme"] = say.Name(v.Programme.Name, v.Programme.NameEn)
	}
	told := []string{say.Say("means."+string(v.Outcome), args)}
	if v.From != calendar.None || v.EffectiveTo != calendar.None {
		told = append(told, m.window())
	}
	if v.Validity > 0 && v.Outcome == transfer.Credit {
		told = append(told, say.Say("means.validity", map[string]any{"Years": v.Validity}))
	}
	if say.Chinese() {
		return strings.Join(told, "")
	}
	return strings.Join(told, " ")
}

// meaner words the parts of a rule.
type meaner struct {
	say Speaker
	ruleView
}

// and joins things of which all are meant.
func (m meaner) and(things []string) string {
	n := narrator{say: m.say}
	switch len(things) {
	case 0:
		return "–"
	case 1:
		return things[0]
	}
	last := len(things) - 1
	return m.say.Say("means.and", map[string]any{"First": n.list(things[:last]), "Last": things[last]})
}

func (m meaner) sources() string {
	var list []string
	for _, source := range m.Sources {
		c := source.Course
		args := map[string]any{"School": m.say.Name(c.InstitutionName, c.InstitutionNameEn), "Course": m.say.Name(c.Current.Name, c.Current.NameEn), "Band": m.band(source)}
		list = append(list, m.say.Say("means.source", args))
	}
	return m.and(list)
}

// names are the names of the sources alone.
func (m meaner) names() string {
	var list []string
	for _, source := range m.Sources {
		list = append(list, m.say.Say("means.target", map[string]any{"Name": m.say.Name(source.Course.Current.Name, source.Course.Current.NameEn)}))
	}
	return m.and(list)
}

func (m meaner) band(s ruleSource) string {
	args := map[string]any{"Min": s.Min, "Max": s.Max}
	switch {
	case s.Min != "" && s.Max != "":
		return m.say.Say("rule.band", args)
	case s.Min != "":
		return m.say.Say("rule.band_min", args)
	case s.Max != "":
		return m.say.Say("rule.band_max", args)
	}
	return ""
}

func (m meaner) gives() string {
	var list []string
	for _, t := range m.Targets {
		args := map[string]any{"Course": m.target(t), "Credits": t.Credits}
		key := "means.gives_course"
		switch {
		case t.Exemption:
			key = "means.gives_exemption"
		case t.Credits == "" && t.Course == "":
			key = "means.gives_group_hours"
		case t.Credits == "":
			key = "means.gives_hours"
		case t.Course == "":
			key = "means.gives_group"
		}
		list = append(list, m.say.Say(key, args))
	}
	return narrator{say: m.say}.joined(list)
}

// joined joins what is given: several things, each with a verb of its own.
func (n narrator) joined(things []string) string {
	if n.say.Chinese() {
		return strings.Join(things, "，")
	}
	return strings.Join(things, ", ")
}

// target is the name of what is given. A group has a Chinese name alone; elsewhere its
// code says more to a reader.
func (m meaner) target(t ruleTarget) string {
	if t.Course != "" {
		return m.say.Name(t.CourseInfo.Current.Name, t.CourseInfo.Current.NameEn)
	}
	if !m.say.Chinese() && strings.ContainsFunc(t.GroupName, func(r rune) bool { return unicode.Is(unicode.Han, r) }) {
		return t.Group
	}
	return t.GroupName
}

func (m meaner) targets() string {
	var list []string
	for _, t := range m.Targets {
		list = append(list, m.say.Say("means.target", map[string]any{"Name": m.target(t)}))
	}
	return m.and(list)
}

func (m meaner) reasons() string {
	n := narrator{say: m.say}
	return n.refusals(m.Reasons)
}

func (m meaner) window() string {
	args := map[string]any{"From": Date(m.say, m.From), "To": Date(m.say, m.EffectiveTo)}
	switch {
	case m.From != calendar.None && m.EffectiveTo != calendar.None:
		return m.say.Say("means.window", args)
	case m.From != calendar.None:
		return m.say.Say("means.window_from", args)
	}
	return m.say.Say("means.window_to", args)
}
