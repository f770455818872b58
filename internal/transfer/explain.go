package transfer

import (
	"cmp"
	"slices"

	"creditbank/internal/credit"
)

// explain gives every record a state and every satisfied rule outside the plan
// a reason.
func (q *question) explain(a *Answer, d deliberation, plan []*item) {
	e := explainer{question: q, plan: plan, reasons: make([][]Reason, len(q.records))}
	for _, b := range d.barred {
		e.leaveOut(a, b.trial, b.reason)
	}
	for _, it := range slices.Concat(d.items, d.idle) {
		if !slices.Contains(plan, it) {
			e.leaveOut(a, it.trial, e.whyNot(it))
		}
	}
	for _, it := range plan {
		for _, record := range q.spare(it.trial) {
			e.note(record, it.trial, Reason{Code: BetterElsewhere, Other: it.trial.rule.ref(), Attempt: true})
		}
	}
	for _, t := range slices.Concat(d.others, d.shared) {
		e.unsatisfied(t)
	}
	slices.SortFunc(a.Items, func(x, y Item) int { return slices.Compare(x.Records, y.Records) })
	slices.SortFunc(a.NotChosen, func(x, y NotChosen) int {
		return cmp.Or(compareRefs(x.Rule, y.Rule), slices.CompareFunc(x.Via, y.Via, compareRefs))
	})
	a.Records = make([]RecordAnswer, len(q.records))
	for i := range q.records {
		a.Records[q.given[i]] = e.record(i)
	}
}

type explainer struct {
	*question
	plan    []*item
	reasons [][]Reason // by record
}

func (e *explainer) note(record int, t *trial, r Reason) {
	r.Rule, r.Via = t.rule.ref(), t.refs()
	if outcome := t.rule.outcome(); outcome != Credit {
		r.Outcome = outcome
	}
	e.reasons[record] = append(e.reasons[record], r)
}

// leaveOut records one reason for a satisfied rule that the plan does without.
func (e *explainer) leaveOut(a *Answer, t *trial, r Reason) {
	r.Rule, r.Via = t.rule.ref(), t.refs()
	if !e.chosen(t.rule) {
		a.NotChosen = append(a.NotChosen, NotChosen{Rule: r.Rule, Via: r.Via, Reason: r})
	}
	for _, record := range e.concerned(t) {
		e.note(record, t, r)
	}
}

// chosen says whether the plan holds the rule, in whatever way it is served.
func (e *explainer) chosen(r *rule) bool {
	return slices.ContainsFunc(e.plan, func(it *item) bool { return it.trial.rule.n == r.n })
}

// whyNot says why an item that could stand in a plan is not in this one: a
// chosen one takes its record or target, a cap is full, or it would add nothing.
func (e *explainer) whyNot(it *item) Reason {
	for _, chosen := range e.plan {
		if it.conflicts(chosen) {
			return Reason{Code: BetterElsewhere, Other: chosen.trial.rule.ref()}
		}
	}
	for _, u := range it.uses {
		taken := e.taken(u.cap)
		if taken+u.amount > e.terms.caps[u.cap].Limit {
			return *e.capReason(u, taken)
		}
	}
	return Reason{Code: NoGain}
}

// taken is what the plan takes of a cap.
func (e *explainer) taken(limit int) credit.Amount {
	var sum credit.Amount
	for _, it := range e.plan {
		for _, u := range it.uses {
			if u.cap == limit {
				sum += u.amount
			}
		}
	}
	return sum
}

// unsatisfied notes what a rule that is not satisfied, refused or pending means
// for the records it concerns.
func (e *explainer) unsatisfied(t *trial) {
	if t.rule.outcome() != Credit && t.met() {
		e.evaluated(t)
		return
	}
	for i := range t.needs {
		if t.bound[i] < 0 {
			e.failures(t, &t.needs[i])
		}
	}
	reason := Reason{Code: IncompleteSet, Missing: e.missing(t)}
	if t.gate != nil {
		reason = *t.gate
	}
	for _, record := range e.concerned(t) {
		e.note(record, t, reason)
	}
}

// failures notes of every record that could meet a need why it does not.
func (e *explainer) failures(t *trial, n *need) {
	c := e.recordsOf(n.course)
	for r := c.from; r < c.to; r++ {
		if e.free(r) {
			e.note(r, t, e.failure(n, &e.records[r]))
		}
	}
}

func (e *explainer) missing(t *trial) []MissingSource {
	var missing []MissingSource
	for i, n := range t.needs {
		if t.bound[i] < 0 {
			missing = append(missing, MissingSource{e.m.courseKey(n.course), e.nearest(n)})
		}
	}
	return missing
}

// nearest is what stands against the learner's nearest result in a course that
// a set lacks: of results that are free before the others, then in the order of
// Codes, then against the best.
func (e *explainer) nearest(n need) *Reason {
	var nearest *Reason
	far := 0
	c := e.recordsOf(n.course)
	for r := c.from; r < c.to; r++ {
		reason := e.against(n, r)
		distance := nearness(reason.Code)
		if !e.free(r) {
			distance += len(Codes())
		}
		if nearest == nil || distance < far {
			nearest, far = &reason, distance
		}
	}
	return nearest
}

// against is what stands against a record that does not meet a need.
func (e *explainer) against(n need, r int) Reason {
	if e.free(r) {
		return e.failure(&n, &e.records[r])
	}
	return e.unfree(r)
}

// unfree is why a record is no source for this programme.
func (e *explainer) unfree(i int) Reason {
	r := &e.records[i]
	switch {
	case e.earned[i] != nil:
		return Reason{Code: EarnedCode, Group: e.groupCode(e.programme.groupOf(e.earned[i])), Course: r.Code}
	case r.Used != "":
		return Reason{Code: AlreadyUsed, By: r.Used}
	case !r.Passed:
		return Reason{Code: NotPassed, Got: r.Score, GotGrade: r.Grade}
	}
	return Reason{Code: NoGain, Course: r.Code}
}

// evaluated notes a refusal or a pending evaluation whose whole set is there.
func (e *explainer) evaluated(t *trial) {
	told := t.rule.told()
	r := Reason{Code: PendingCode, Since: told.Since, Holder: told.Institution}
	if told.Outcome == Refused {
		r = Reason{Code: RefusedCode, Codes: told.Reasons, Note: told.Note}
	}
	for _, record := range e.concerned(t) {
		e.note(record, t, r)
	}
}

// record settles the state of one record.
func (e *explainer) record(i int) RecordAnswer {
	for _, it := range e.plan {
		if slices.Contains(it.records, i) {
			ref := it.trial.rule.ref()
			return RecordAnswer{State: Matched, Rule: ref, Reasons: []Reason{{Code: MatchedCode, Rule: ref, Via: it.trial.refs()}}}
		}
	}
	reasons := e.reasons[i]
	switch {
	case !e.free(i):
		reasons = []Reason{e.unfree(i)}
	case len(reasons) == 0:
		reasons = []Reason{{Code: NoRule}}
	}
	sortReasons(reasons)
	return RecordAnswer{State: reasons[0].state(), Group: reasons[0].Group, Reasons: reasons}
}

func sortReasons(reasons []Reason) {
	slices.SortStableFunc(reasons, func(a, b Reason) int {
		return cmp.Or(compareBools(a.Missed(), b.Missed()), cmp.Compare(nearness(a.Code), nearness(b.Code)), compareRefs(a.Rule, b.Rule),
			slices.CompareFunc(a.Via, b.Via, compareRefs))
	})
}
