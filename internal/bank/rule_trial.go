package bank

import (
	"context"

	"creditbank/internal/calendar"
	"creditbank/internal/transfer"
)

// RuleTrial is what some results are worth in a programme now, and what they would be
// worth if a rule were published.
type RuleTrial struct {
	Now, Then PlanAnswer
}

// TryRule answers what typed results would be worth in a programme if a version of an
// equivalence were published. Nothing is written. It promises Invalid, naming the
// fields, and NotFound for the programme.
func (b *Bank) TryRule(ctx context.Context, ref transfer.RuleRef, e Equivalence, in CheckInput) (RuleTrial, error) {
	q, err := b.question(ctx, in)
	if err != nil {
		return RuleTrial{}, err
	}
	var trial RuleTrial
	if trial.Now, err = q.plan(in.To); err != nil {
		return RuleTrial{}, err
	}
	trial.Then = PlanAnswer{Snapshot: q.snapshot, Records: q.records}
	after := q.snapshot.Map.With(q.snapshot.publishing(ref, e, q.asOf)).After()
	answer, known := after.Plan(in.To, q.records, q.asOf)
	if !known { // a programme that the rule cannot concern
		answer = trial.Now.Answer
	}
	trial.Then.Answer = answer
	return trial, nil
}

// publishing is the change that publishing a version makes: it is there, and ends the
// earlier ones of its code on the day before it begins.
func (s *Snapshot) publishing(ref transfer.RuleRef, e Equivalence, day calendar.Day) transfer.Change {
	c := transfer.Change{Rules: []transfer.Rule{e.rule(ref, day)}}
	versions, _ := s.Equivalence(ref.Code) // none: it is the first
	for _, v := range versions {
		switch {
		case v.Superseded || v.RuleRef == ref:
		case e.From == calendar.None || v.From != calendar.None && e.From <= v.From:
			c.Ended = append(c.Ended, v.RuleRef)
		case v.EffectiveTo == calendar.None || e.From <= v.EffectiveTo:
			earlier := v.Equivalence.rule(v.RuleRef, v.Published)
			earlier.To = e.From - 1
			c.Rules = append(c.Rules, earlier)
		}
	}
	return c
}

// rule is the content as the engine takes it.
func (e *Equivalence) rule(ref transfer.RuleRef, since calendar.Day) transfer.Rule {
	return transfer.Rule{RuleRef: ref, Institution: e.Institution, Programme: e.Programme, Sources: e.Sources, Targets: e.Targets, From: e.From, To: e.To,
		Validity: e.Validity, Priority: e.Priority, Outcome: e.Outcome, Reasons: e.Reasons, Note: e.Note, Since: since}
}
