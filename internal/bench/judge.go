package bench

import (
	"fmt"
	"math"

	"creditbank/internal/calendar"
	"creditbank/internal/credit"
	"creditbank/internal/transfer"
	"creditbank/internal/transfer/oracle"
)

// checkPlan holds a plan against the checker that is written from the definition
// of a plan alone: every item, every cap, and both numbers.
func checkPlan(f transfer.Facts, records []transfer.Record, a transfer.Answer) error {
	w := worldOf(f, records, a.Programme)
	if len(w.Programmes) != 1 {
		return fmt.Errorf("there is no such programme")
	}
	var plan []oracle.Chosen
	for _, it := range a.Items {
		c := oracle.Chosen{Rule: it.Rule.Code, Version: it.Rule.Version, Records: it.Records, Credits: int64(it.Credits)}
		for _, v := range it.Via {
			c.Via = append(c.Via, fmt.Sprintf("%s/%d", v.Code, v.Version))
		}
		plan = append(plan, c)
	}
	results := resultsOf(records)
	if err := oracle.Check(w, 0, results, int(a.AsOf), plan); err != nil {
		return err
	}
	applied, transferable, _ := oracle.Worth(w, 0, results, int(a.AsOf), plan)
	if credit.Amount(applied) != a.Applied || credit.Amount(transferable) != a.Transferable {
		return fmt.Errorf("the plan is worth %s and %s, not %s and %s", credit.Amount(applied), credit.Amount(transferable), a.Applied, a.Transferable)
	}
	return nil
}

// worldOf says the part of the facts that a question about one programme is about
// in the checker's words: its institution and the bank of standard units, their
// rules, and the courses of both and of the records.
func worldOf(f transfer.Facts, records []transfer.Record, to transfer.ProgrammeKey) oracle.World {
	var w oracle.World
	about := map[string]bool{to.Institution: true}
	for _, in := range f.Institutions {
		about[in.Code] = about[in.Code] || in.Kind == transfer.KindBank
		w.Institutions = append(w.Institutions, oracle.Institution{Code: in.Code, Kind: in.Kind, Rate: int64(in.Rate), Step: int64(in.Step)})
	}
	taken := map[transfer.CourseKey]bool{}
	for i := range records {
		taken[records[i].CourseKey] = true
	}
	for _, c := range f.Courses {
		if about[c.Institution] || taken[c.CourseKey] {
			w.Courses = append(w.Courses, oracle.Course{Institution: c.Institution, Code: c.Code, From: open(c.From), To: open(c.To),
				Credits: int64(c.Credits), Hours: int64(c.Hours), Level: c.Level})
		}
	}
	for i := range f.Programmes {
		if f.Programmes[i].ProgrammeKey == to {
			w.Programmes = append(w.Programmes, programmeOf(&f.Programmes[i]))
		}
	}
	for i := range f.Rules {
		if about[f.Rules[i].Institution] {
			w.Rules = append(w.Rules, ruleOf(&f.Rules[i]))
		}
	}
	addTerms(&w, f)
	return w
}

func addTerms(w *oracle.World, f transfer.Facts) {
	for _, p := range f.Policies {
		w.Policies = append(w.Policies, oracle.Policy{Scope: string(p.Scope), Institution: p.Institution, Programme: p.Programme,
			From: int(p.From), MinGrade: int64(p.MinGrade), Validity: p.Validity, MaxRise: p.MaxRise})
	}
	for _, c := range f.Caps {
		w.Caps = append(w.Caps, oracle.Cap{Scope: string(c.Scope), Institution: c.Institution, Programme: c.Programme,
			From: int(c.From), Cap: string(c.Kind), Key: c.Key, Credits: int64(c.Credits), Share: int64(c.Share)})
	}
}

func open(d calendar.Day) int {
	if d == calendar.None {
		return math.MinInt32
	}
	return int(d)
}

func programmeOf(p *transfer.Programme) oracle.Programme {
	o := oracle.Programme{Institution: p.Institution, Code: p.Code, Required: int64(p.Required)}
	for _, g := range p.Groups {
		o.Groups = append(o.Groups, oracle.Group{Code: g.Code, Min: int64(g.Min)})
	}
	for _, c := range p.Plan {
		o.Plan = append(o.Plan, oracle.PlanCourse{Group: c.Group, Course: c.Course, NeverExempt: c.NeverExempt})
	}
	return o
}

func ruleOf(r *transfer.Rule) oracle.Rule {
	o := oracle.Rule{Code: r.Code, Version: r.Version, Institution: r.Institution, From: open(r.From), To: open(r.To),
		Validity: r.Validity, Programme: r.Programme, Priority: r.Priority, Outcome: string(r.Outcome)}
	for _, s := range r.Sources {
		o.Sources = append(o.Sources, oracle.Source{Institution: s.Institution, Course: s.Code, Min: int64(s.Min), Max: int64(s.Max)})
	}
	for _, t := range r.Targets {
		o.Targets = append(o.Targets, oracle.Target{Course: t.Course, Group: t.Group, Mode: string(t.Mode), Credits: int64(t.Credits), Exemption: t.Exemption})
	}
	return o
}

func resultsOf(records []transfer.Record) []oracle.Record {
	list := make([]oracle.Record, len(records))
	for i, r := range records {
		list[i] = oracle.Record{Institution: r.Institution, Course: r.Code, Kind: r.Kind, Graded: r.Score != transfer.NoScore,
			Score: int64(max(r.Score, 0)), Passed: r.Passed, Credits: int64(r.Credits), Hours: int64(r.Hours), Level: r.Level,
			Day: int(r.Completed), Used: r.Used != ""}
	}
	return list
}
