package bank

import (
	"slices"

	"creditbank/internal/transfer"
)

// again is one programme before a learner who was given something in it: a map that
// knows it alone, and the results with what was given behind them.
type again struct {
	transfer.Case // as it would be without what was given
	on            *transfer.Map
	records       []transfer.Record
}

// again asks about a programme in which the learner was given something; nil: nothing
// was, or the programme is not known.
func (q *question) again(to transfer.ProgrammeKey) *again {
	given := q.given[to]
	if len(given) == 0 {
		return nil
	}
	c, known := q.mapOf(to).Freeze(to, q.records, q.asOf)
	if !known {
		return nil
	}
	facts, records := withGiven(c, given)
	return &again{c, transfer.Compile(facts), records}
}

// plan is the answer about what the learner has not been given yet, and what would
// help. What was given is no result that the answer could speak of.
func (a *again) plan(given []givenAward) (transfer.Answer, []transfer.Help) {
	answer, _ := a.on.Plan(a.To, a.records, a.AsOf)
	answer.Records = answer.Records[:len(a.Records)]
	for i := range answer.Records {
		a.explain(&answer.Records[i], a.Records[i].CourseKey, given)
	}
	help, _ := a.on.Help(a.To, a.records, a.AsOf)
	return answer, help
}

// explain says of a result for which no rule is left that its rule gives what the
// learner has.
func (a *again) explain(r *transfer.RecordAnswer, course transfer.CourseKey, given []givenAward) {
	if len(r.Reasons) != 1 || r.Reasons[0].Code != transfer.NoRule {
		return
	}
	for i := range a.Facts.Rules {
		rule := &a.Facts.Rules[i]
		has := givesAgain(rule, a.To, given)
		if has != "" && slices.ContainsFunc(rule.Sources, func(s transfer.Source) bool { return s.CourseKey == course }) {
			*r = transfer.RecordAnswer{State: transfer.NotUsed, Reasons: []transfer.Reason{{Code: transfer.NoGain, Rule: rule.RuleRef, Course: has}}}
			return
		}
	}
}

// rankAgain ranks the programmes in which the learner was given something, and that a
// filter lets through, without what they have.
func (q *question) rankAgain(keep func(transfer.ProgrammeKey) bool) (r transfer.Ranking) {
	for to := range q.given {
		if keep != nil && !keep(to) {
			continue
		}
		a := q.again(to)
		if a == nil {
			continue
		}
		one := a.on.Rank(transfer.Ask{Records: a.records, AsOf: q.asOf, Keep: func(k transfer.ProgrammeKey) bool { return k == to }})
		r.Programmes, r.Solved, r.Standings = r.Programmes+one.Programmes, r.Solved+one.Solved, append(r.Standings, one.Standings...)
	}
	return r
}
