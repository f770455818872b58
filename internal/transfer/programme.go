package transfer

import (
	"slices"

	"creditbank/internal/credit"
)

// question is one learner before one programme on one day.
type question struct {
	*learner
	programme *programme
	terms     terms
	home      []bool          // by record: a result in a course of the programme's own plan
	earned    map[int]int     // record → index in the plan that it fills
	held      map[string]bool // courses of the institution that the learner has passed there
	filled    []credit.Amount // by group: earned credits
	total     credit.Amount   // earned credits together
}

func (l *learner) before(p *programme) *question {
	q := &question{
		learner: l, programme: p, terms: l.m.termsOf(p, l.asOf),
		home: make([]bool, len(l.records)), earned: map[int]int{}, held: map[string]bool{},
		filled: make([]credit.Amount, len(p.Groups)),
	}
	for course, list := range l.byCourse {
		if key := l.records[list[0]].CourseKey; key.Institution == p.Institution {
			q.takeHome(course, key.Code, list)
		}
	}
	return q
}

// takeHome books the learner's results in one course of the institution itself:
// in a course of the plan the best pass is earned, and none is ever a source.
func (q *question) takeHome(course int32, code string, list []int) {
	at, planned := q.programme.planAt[code]
	for _, r := range list {
		q.home[r] = planned
		if !q.records[r].Passed || q.held[code] {
			continue
		}
		q.held[code] = true
		if !planned {
			continue
		}
		q.earned[r] = at
		credits := q.m.courseOn(course, q.asOf).Credits
		q.total += credits
		if g, known := q.programme.groupAt[q.programme.Plan[at].Group]; known {
			q.filled[g] += credits
		}
	}
}

// free says whether a record may be a source for this programme.
func (q *question) free(r int) bool {
	return q.records[r].Passed && q.records[r].Used == "" && !q.home[r]
}

// stillNeeded is what a group lacks before any award: min_credits − earned, not below 0.
func (q *question) stillNeeded(g int) credit.Amount {
	return max(0, q.programme.Groups[g].Min-q.filled[g])
}

// award is one target of a satisfied rule, valued for the programme.
type award struct {
	target  Target
	group   int // index of the group it counts in, -1 none
	credits credit.Amount
}

// awardsOf values the targets of a satisfied trial.
func (q *question) awardsOf(t *trial) []award {
	awards := make([]award, len(t.rule.Targets))
	for i, target := range t.rule.Targets {
		awards[i] = award{target: target, group: q.groupOf(target), credits: q.worth(t, target)}
	}
	return awards
}

func (q *question) groupOf(t Target) int {
	code := t.Group
	if t.Course != "" {
		at, planned := q.programme.planAt[t.Course]
		if !planned {
			return -1
		}
		code = q.programme.Plan[at].Group
	}
	if g, known := q.programme.groupAt[code]; known {
		return g
	}
	return -1
}

func (q *question) worth(t *trial, target Target) credit.Amount {
	switch {
	case target.Exemption:
		return 0
	case target.Mode == FromHours:
		var sum credit.Hours
		for i, n := range t.needs {
			sum += q.hours(n.course, &q.records[t.bound[i]])
		}
		return q.convert(t.rule, sum)
	case target.Mode == Catalogue && target.Course != "":
		return q.m.courseOn(q.m.courses[CourseKey{t.rule.Institution, target.Course}], q.asOf).Credits
	}
	return target.Credits
}

// convert turns hours into credits of the institution that awards them.
func (q *question) convert(r *rule, h credit.Hours) credit.Amount {
	at := q.m.institutions[r.Institution]
	return at.Rate.Credits(h, at.Step)
}

// most is more than a rule can award on any of the learner's records.
func (q *question) most(r *rule) credit.Amount {
	var hours credit.Hours
	for course, list := range q.byCourse {
		for _, i := range list {
			hours += q.hours(course, &q.records[i])
		}
	}
	most := q.convert(r, hours)
	for _, target := range r.Targets {
		if !target.fromHours() {
			most += q.worth(&trial{offer: offer{rule: r}}, target)
		}
	}
	return most
}

// barred names the reason for which a satisfied rule can stand in no plan of
// this programme: a course never exempt, or one the learner has there already.
func (q *question) barred(t *trial) *Reason {
	for _, target := range t.rule.Targets {
		if at, planned := q.programme.planAt[target.Course]; planned && q.programme.Plan[at].NeverExempt {
			return &Reason{Code: NeverExempt, Course: target.Course}
		}
	}
	for _, target := range t.rule.Targets {
		if target.Course != "" && q.held[target.Course] {
			return &Reason{Code: NoGain, Course: target.Course}
		}
	}
	return nil
}

// capUse is what an item takes of one of the programme's caps.
type capUse struct {
	cap    int
	amount credit.Amount
}

// usesOf lists what a satisfied trial takes of the caps in force.
func (q *question) usesOf(t *trial, awards []award) []capUse {
	var uses []capUse
	for c, limit := range q.terms.caps {
		var amount credit.Amount
		for _, a := range awards {
			if limit.Kind != CapGroup || (a.group >= 0 && q.programme.Groups[a.group].Code == limit.Key) {
				amount += a.credits
			}
		}
		if amount > 0 && q.inScope(t, limit) {
			uses = append(uses, capUse{c, amount})
		}
	}
	return uses
}

// inScope says whether any source of the trial lies in the scope of the cap.
func (q *question) inScope(t *trial, l limit) bool {
	if l.Kind == CapTotal || l.Kind == CapGroup {
		return true
	}
	return slices.ContainsFunc(t.bound, func(i int) bool {
		r := &q.records[i]
		switch l.Kind {
		case CapSourceKind:
			return r.Kind == l.Key
		case CapSourceInstitution:
			return r.Institution == l.Key
		}
		return q.m.institutions[r.Institution].Kind == l.Key
	})
}

// overCap says whether a rule breaks a cap on its own.
func (q *question) overCap(uses []capUse) bool {
	return slices.ContainsFunc(uses, func(u capUse) bool { return u.amount > q.terms.caps[u.cap].Limit })
}

func (q *question) capReason(u capUse, taken credit.Amount) *Reason {
	limit := q.terms.caps[u.cap]
	return &Reason{Code: CapReached, Cap: &CapDetail{Kind: limit.Kind, Key: limit.Key, Limit: limit.Limit, Taken: taken, Adds: u.amount}}
}
