package transfer

import "creditbank/internal/calendar"

// each makes one list of another.
func each[A, B any](list []A, make func(A) B) []B {
	out := []B{}
	for _, x := range list {
		out = append(out, make(x))
	}
	return out
}

// stated is a value that may be left out: nil for none.
func stated[T comparable](value, none T) *T {
	if value == none {
		return nil
	}
	return &value
}

// frozen is a case in its form.
func frozen(c *Case) frozenCase {
	f := &c.Facts
	out := frozenCase{Format: CaseFormat, AsOf: c.AsOf, Programme: frozenProgramme{Institution: c.To.Institution, Code: c.To.Code},
		Institutions: each(f.Institutions, func(in Institution) frozenInstitution { return frozenInstitution(in) }),
		Courses:      each(f.Courses, freezeCourse), Rules: each(f.Rules, freezeRule), Policies: each(f.Policies, freezePolicy),
		Caps: each(f.Caps, freezeCap), Records: each(c.Records, freezeRecord), Answer: frozenAnswer(&c.Answer)}
	for _, p := range f.Programmes {
		if p.ProgrammeKey == c.To {
			out.Programme.Required = p.Required
			out.Programme.Groups = each(p.Groups, func(g Group) frozenGroup { return frozenGroup(g) })
			out.Programme.Plan = each(p.Plan, func(x PlanCourse) frozenPlanCourse { return frozenPlanCourse(x) })
		}
	}
	return out
}

func freezeCourse(c Course) frozenCourse {
	return frozenCourse{c.Institution, c.Code, c.Credits, stated(c.Hours, 0), c.Level, stated(c.From, calendar.None), stated(c.To, calendar.None)}
}

func freezeRule(r Rule) frozenRule {
	return frozenRule{Code: r.Code, Version: r.Version, Institution: r.Institution, Programme: r.Programme,
		Sources: each(r.Sources, func(s Source) frozenSource {
			return frozenSource{s.Institution, s.Code, stated(s.Min, NoScore), stated(s.Max, NoScore)}
		}),
		Targets: each(r.Targets, func(t Target) frozenTarget { return frozenTarget(t) }),
		From:    stated(r.From, calendar.None), To: stated(r.To, calendar.None), Validity: r.Validity, Priority: r.Priority,
		Outcome: r.Outcome, Reasons: r.Reasons, Note: r.Note, Since: stated(r.Since, calendar.None)}
}

func freezePolicy(p Policy) frozenPolicy {
	return frozenPolicy{frozenPlace(p.Place), p.From, stated(p.MinGrade, NoScore), stated(p.Validity, -1), stated(p.MaxRise, -1)}
}

func freezeCap(c Cap) frozenCap {
	return frozenCap{frozenPlace(c.Place), c.From, c.Kind, c.Key, stated(c.Credits, -1), stated(c.Share, -1)}
}

func freezeRecord(r Record) frozenRecord {
	return frozenRecord{Institution: r.Institution, Course: r.Code, Kind: r.Kind, Score: stated(r.Score, NoScore), Passed: r.Passed,
		Credits: stated(r.Credits, 0), Hours: stated(r.Hours, 0), Level: r.Level, Completed: r.Completed, Grade: r.Grade, Used: r.Used}
}

// frozenAnswer is an answer in its form.
func frozenAnswer(a *Answer) frozenResult {
	return frozenResult{Required: a.Required, Earned: a.Earned, Applied: a.Applied, Transferable: a.Transferable, Missing: a.Missing,
		Optimal: a.Optimal, BoundApplied: a.BoundApplied, BoundTotal: a.BoundTotal,
		Groups:  each(a.Groups, func(g GroupAnswer) frozenGroupAnswer { return frozenGroupAnswer(g) }),
		Items:   each(a.Items, freezeItem),
		Records: each(a.Records, freezeRecordAnswer),
		NotChosen: each(a.NotChosen, func(n NotChosen) frozenNotChosen {
			return frozenNotChosen{frozenRef(n.Rule), freezeRefs(n.Via), freezeReason(n.Reason)}
		})}
}

func freezeItem(i Item) frozenItem {
	return frozenItem{frozenRef(i.Rule), freezeRefs(i.Via), i.Records, i.Credits, each(i.Awards, func(a Award) frozenAward { return frozenAward(a) })}
}

func freezeRecordAnswer(r RecordAnswer) frozenRecordAnswer {
	return frozenRecordAnswer{r.State, freezeRef(r.Rule), r.Group, each(r.Reasons, freezeReason)}
}

func freezeRefs(refs []RuleRef) []frozenRef {
	return each(refs, func(r RuleRef) frozenRef { return frozenRef(r) })
}

func freezeRef(r RuleRef) *frozenRef { return stated(frozenRef(r), frozenRef{}) }

func freezeReason(r Reason) frozenReason {
	none := noneOf(r.Code)
	out := frozenReason{Code: r.Code, Rule: freezeRef(r.Rule), Via: freezeRefs(r.Via), Outcome: r.Outcome, Other: freezeRef(r.Other), Attempt: r.Attempt,
		Needed: stated(r.Needed, none.score), Got: stated(r.Got, none.score), GotGrade: r.GotGrade, Missing: each(r.Missing, freezeMissing),
		Completed: stated(r.Completed, none.day), From: stated(r.From, none.day), To: stated(r.To, none.day), Until: stated(r.Until, none.day),
		Course: r.Course, Group: r.Group, FromLevel: r.FromLevel, ToLevel: r.ToLevel, Bridge: r.Bridge, Codes: r.Codes, Note: r.Note,
		Since: stated(r.Since, none.day), Holder: r.Holder, By: r.By}
	if r.Cap != nil {
		c := frozenCapStand(*r.Cap)
		out.Cap = &c
	}
	return out
}

func freezeMissing(m MissingSource) frozenMissing {
	out := frozenMissing{Institution: m.Institution, Course: m.Code}
	if m.Why != nil {
		why := freezeReason(*m.Why)
		out.Why = &why
	}
	return out
}
