package transfer

import (
	"creditbank/internal/calendar"
	"creditbank/internal/credit"
)

// nones are the values that stand for none in a reason.
type nones struct {
	score credit.Score
	day   calendar.Day
}

// noneOf says which they are: a reason with grades may be about a result without
// one, and a reason with days about an open end; in all others the fields are not set.
func noneOf(c Code) nones {
	switch c {
	case GradeBelow, GradeAbove, NotPassed:
		return nones{score: NoScore}
	case OutsideWindow, PendingCode:
		return nones{day: calendar.None}
	}
	return nones{}
}

// orNone is a value that may be left out.
func orNone[T any](value *T, none T) T {
	if value == nil {
		return none
	}
	return *value
}

// thaw is the case that was written.
func (f *frozenCase) thaw() Case {
	p := Programme{ProgrammeKey: ProgrammeKey{f.Programme.Institution, f.Programme.Code}, Required: f.Programme.Required,
		Groups: each(f.Programme.Groups, func(g frozenGroup) Group { return Group(g) }),
		Plan:   each(f.Programme.Plan, func(x frozenPlanCourse) PlanCourse { return PlanCourse(x) })}
	c := Case{To: p.ProgrammeKey, AsOf: f.AsOf, Records: each(f.Records, thawRecord), Answer: f.Answer.thaw()}
	c.Facts = Facts{Programmes: []Programme{p},
		Institutions: each(f.Institutions, func(in frozenInstitution) Institution { return Institution(in) }),
		Courses:      each(f.Courses, thawCourse), Rules: each(f.Rules, thawRule), Policies: each(f.Policies, thawPolicy), Caps: each(f.Caps, thawCap)}
	c.Answer.AsOf, c.Answer.Programme = c.AsOf, c.To
	return c
}

func thawCourse(c frozenCourse) Course {
	return Course{CourseKey{c.Institution, c.Code}, c.Credits, orNone(c.Hours, 0), c.Level, orNone(c.From, calendar.None), orNone(c.To, calendar.None)}
}

func thawRule(r frozenRule) Rule {
	return Rule{RuleRef: RuleRef{r.Code, r.Version}, Institution: r.Institution, Programme: r.Programme,
		Sources: each(r.Sources, func(s frozenSource) Source {
			return Source{CourseKey{s.Institution, s.Course}, orNone(s.Min, NoScore), orNone(s.Max, NoScore)}
		}),
		Targets: each(r.Targets, func(t frozenTarget) Target { return Target(t) }),
		From:    orNone(r.From, calendar.None), To: orNone(r.To, calendar.None), Validity: r.Validity, Priority: r.Priority,
		Outcome: r.Outcome, Reasons: r.Reasons, Note: r.Note, Since: orNone(r.Since, calendar.None)}
}

func thawPolicy(p frozenPolicy) Policy {
	return Policy{Place(p.frozenPlace), p.From, orNone(p.MinGrade, NoScore), orNone(p.Validity, -1), orNone(p.MaxRise, -1)}
}

func thawCap(c frozenCap) Cap {
	return Cap{Place(c.frozenPlace), c.From, c.Kind, c.Key, orNone(c.Credits, -1), orNone(c.Share, -1)}
}

func thawRecord(r frozenRecord) Record {
	return Record{CourseKey: CourseKey{r.Institution, r.Course}, Kind: r.Kind, Score: orNone(r.Score, NoScore), Passed: r.Passed,
		Credits: orNone(r.Credits, 0), Hours: orNone(r.Hours, 0), Level: r.Level, Completed: r.Completed, Grade: r.Grade, Used: r.Used}
}

func (f *frozenResult) thaw() Answer {
	return Answer{Required: f.Required, Earned: f.Earned, Applied: f.Applied, Transferable: f.Transferable, Missing: f.Missing,
		Optimal: f.Optimal, BoundApplied: f.BoundApplied, BoundTotal: f.BoundTotal,
		Groups:  each(f.Groups, func(g frozenGroupAnswer) GroupAnswer { return GroupAnswer(g) }),
		Items:   each(f.Items, thawItem),
		Records: each(f.Records, thawRecordAnswer),
		NotChosen: each(f.NotChosen, func(n frozenNotChosen) NotChosen {
			return NotChosen{RuleRef(n.frozenRef), thawRefs(n.Via), thawReason(n.Reason)}
		})}
}

func thawItem(i frozenItem) Item {
	return Item{RuleRef(i.frozenRef), thawRefs(i.Via), i.Records, i.Credits, each(i.Awards, func(a frozenAward) Award { return Award(a) })}
}

func thawRecordAnswer(r frozenRecordAnswer) RecordAnswer {
	return RecordAnswer{r.State, RuleRef(orNone(r.Rule, frozenRef{})), r.Group, each(r.Reasons, thawReason)}
}

func thawRefs(refs []frozenRef) []RuleRef {
	return each(refs, func(r frozenRef) RuleRef { return RuleRef(r) })
}

func thawReason(r frozenReason) Reason {
	none := noneOf(r.Code)
	out := Reason{Code: r.Code, Rule: RuleRef(orNone(r.Rule, frozenRef{})), Via: thawRefs(r.Via), Outcome: r.Outcome,
		Other: RuleRef(orNone(r.Other, frozenRef{})), Attempt: r.Attempt,
		Needed: orNone(r.Needed, none.score), Got: orNone(r.Got, none.score), GotGrade: r.GotGrade, Missing: each(r.Missing, thawMissing),
		Completed: orNone(r.Completed, none.day), From: orNone(r.From, none.day), To: orNone(r.To, none.day), Until: orNone(r.Until, none.day),
		Course: r.Course, Group: r.Group, FromLevel: r.FromLevel, ToLevel: r.ToLevel, Bridge: r.Bridge, Codes: r.Codes, Note: r.Note,
		Since: orNone(r.Since, none.day), Holder: r.Holder, By: r.By}
	if r.Cap != nil {
		c := CapDetail(*r.Cap)
		out.Cap = &c
	}
	return out
}

func thawMissing(m frozenMissing) MissingSource {
	out := MissingSource{CourseKey: CourseKey{m.Institution, m.Course}}
	if m.Why != nil {
		why := thawReason(*m.Why)
		out.Why = &why
	}
	return out
}
