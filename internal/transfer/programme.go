package transfer

import (
	"slices"

	"creditbank/internal/credit"
)

// programme is a programme as one question works with it.
type programme struct {
	ProgrammeKey
	Required credit.Amount
	n        int32
	at       int32      // institution
	groups   []groupRow // its groups; what names one of them counts from 0
	first    int32      // number of the first of them
	plan     []planRow
}

func (m *Map) programme(n int32) *programme {
	row, next := &m.programmes[n], &m.programmes[n+1]
	return &programme{ProgrammeKey: m.programmeKey(n), Required: row.required, n: n, at: row.at,
		groups: m.groups[row.groups:next.groups], first: int32(row.groups), plan: m.plan[row.plan:next.plan]}
}

// place finds a course in the plan.
func (p *programme) place(course int32) (*planRow, bool) { return placeIn(p.plan, course) }

// placeIn searches without calling a function at every step, like recordsOf.
func placeIn(plan []planRow, course int32) (*planRow, bool) {
	from, to := 0, len(plan)
	for from < to {
		if middle := int(uint(from+to) / 2); plan[middle].course < course {
			from = middle + 1
		} else {
			to = middle
		}
	}
	if from == len(plan) || plan[from].course != course {
		return nil, false
	}
	return &plan[from], true
}

// groupOf is the index of the group that a place in the plan belongs to, -1 none.
func (p *programme) groupOf(r *planRow) int { return int(max(-1, r.place.group()-p.first)) }

func (q *question) groupCode(g int) string {
	if g < 0 {
		return ""
	}
	return q.m.texts.At(q.programme.groups[g].code)
}

// groupNamed is the index of a group, -1 none.
func (q *question) groupNamed(code string) int {
	for g := range q.programme.groups {
		if q.groupCode(g) == code {
			return g
		}
	}
	return -1
}

// question is one learner before one programme on one day.
type question struct {
	*learner
	programme *programme
	terms     terms
	home      []bool          // by record: a result in a course of the programme's own plan
	earned    []*planRow      // by record: the place in the plan that it fills
	held      []int32         // courses of the institution that the learner has passed there
	filled    []credit.Amount // by group: earned credits
	total     credit.Amount   // earned credits together
	scopes    [][]bool        // by cap and record: what the record brings is under the cap; nil: whatever any brings
	capped    []int           // by cap: the group that it is on, -1 none
}

func (l *learner) before(p *programme) *question {
	q := &question{
		learner: l, programme: p, terms: l.m.termsOf(p, l.asOf),
		home: make([]bool, len(l.records)), earned: make([]*planRow, len(l.records)), filled: make([]credit.Amount, len(p.groups)),
	}
	for _, c := range l.courses {
		if l.m.courses[c.course].at == p.at {
			q.takeHome(c)
		}
	}
	q.addScopes()
	return q
}

// addScopes finds what each cap is about.
func (q *question) addScopes() {
	for _, l := range q.terms.caps {
		group := -1
		var scope []bool
		switch l.Kind {
		case CapTotal:
		case CapGroup:
			group = q.groupNamed(l.Key)
		default:
			scope = make([]bool, len(q.records))
			for r := range scope {
				scope[r] = q.inScope(&q.records[r], l)
			}
		}
		q.scopes, q.capped = append(q.scopes, scope), append(q.capped, group)
	}
}

// takeHome books the learner's results in one course of the institution itself:
// in a course of the plan the best pass is earned, and none is ever a source.
func (q *question) takeHome(c results) {
	place, planned := q.programme.place(c.course)
	for r := c.from; r < c.to; r++ {
		q.home[r] = planned
		if !q.records[r].Passed || slices.Contains(q.held, c.course) {
			continue
		}
		q.held = append(q.held, c.course)
		if !planned {
			continue
		}
		q.earned[r] = place
		credits := q.day.credits[c.course]
		q.total += credits
		if g := q.programme.groupOf(place); g >= 0 {
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
	return max(0, q.programme.groups[g].min-q.filled[g])
}

// award is one target of a satisfied rule, valued for the programme.
type award struct {
	course  int32 // -1: unassigned credit
	exempt  bool
	group   int // index of the group it counts in, -1 none
	credits credit.Amount
}

// awardsOf values the targets of a satisfied trial.
func (q *question) awardsOf(t *trial) []award {
	awards := q.awards.take(len(t.rule.targets))
	for i, target := range t.rule.targets {
		awards[i] = award{course: target.course, exempt: t.rule.form(i).exemption != 0, group: q.groupOf(t.rule, i), credits: q.worth(t, i)}
	}
	return awards
}

// groupOf is the group of the programme in which the i-th target counts, -1 none.
func (q *question) groupOf(r *rule, i int) int {
	course := r.targets[i].course
	if course < 0 {
		text := r.form(i).group
		return slices.IndexFunc(q.programme.groups, func(g groupRow) bool { return g.code == text })
	}
	if place, planned := q.programme.place(course); planned {
		return q.programme.groupOf(place)
	}
	return -1
}

func (q *question) worth(t *trial, i int) credit.Amount {
	course, form := t.rule.targets[i].course, t.rule.form(i)
	switch {
	case form.exemption != 0:
		return 0
	case modes[form.mode] == FromHours:
		var sum credit.Hours
		for i, n := range t.needs {
			sum += q.hours(n.course, &q.records[t.bound[i]])
		}
		return q.convert(t.rule, sum)
	case modes[form.mode] == Catalogue && course >= 0:
		return q.day.credits[course]
	}
	return credit.Amount(form.credits)
}

// convert turns hours into credits of the institution that awards them.
func (q *question) convert(r *rule, h credit.Hours) credit.Amount {
	at := &q.m.institutions[r.at]
	return at.rate.Credits(h, at.step)
}

// most is more than a rule can award on any of the learner's records.
func (q *question) most(r *rule) credit.Amount {
	var hours credit.Hours
	for _, c := range q.courses {
		for i := c.from; i < c.to; i++ {
			hours += q.hours(c.course, &q.records[i])
		}
	}
	most := q.convert(r, hours)
	for i := range r.targets {
		if form := r.form(i); modes[form.mode] != FromHours || form.exemption != 0 {
			most += q.worth(&trial{offer: offer{rule: r}}, i)
		}
	}
	return most
}

// barred names the reason for which a satisfied rule can stand in no plan of
// this programme: a course never exempt, or one the learner has there already.
func (q *question) barred(t *trial) *Reason {
	for _, target := range t.rule.targets {
		if place, planned := q.programme.place(target.course); planned && place.place.never() {
			return &Reason{Code: NeverExempt, Course: q.m.courseCode(target.course)}
		}
	}
	for _, target := range t.rule.targets {
		if target.course >= 0 && slices.Contains(q.held, target.course) {
			return &Reason{Code: NoGain, Course: q.m.courseCode(target.course)}
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
	uses := q.uses.take(len(q.terms.caps))[:0]
	for c, limit := range q.terms.caps {
		var amount credit.Amount
		for _, a := range awards {
			if limit.Kind != CapGroup || (a.group >= 0 && a.group == q.capped[c]) {
				amount += a.credits
			}
		}
		scope := q.scopes[c]
		if amount > 0 && (scope == nil || slices.ContainsFunc(t.bound, func(r int) bool { return scope[r] })) {
			uses = append(uses, capUse{c, amount})
		}
	}
	return uses
}

// inScope says whether a record lies in the scope of a cap on sources.
func (q *question) inScope(r *Record, l limit) bool {
	switch l.Kind {
	case CapSourceKind:
		return r.Kind == l.Key
	case CapSourceInstitution:
		return r.Institution == l.Key
	}
	at, known := q.m.institutionAt[r.Institution]
	return known && q.m.institutionKind(at) == l.Key
}

// overCap says whether a rule breaks a cap on its own.
func (q *question) overCap(uses []capUse) bool {
	return slices.ContainsFunc(uses, func(u capUse) bool { return u.amount > q.terms.caps[u.cap].Limit })
}

func (q *question) capReason(u capUse, taken credit.Amount) *Reason {
	limit := q.terms.caps[u.cap]
	return &Reason{Code: CapReached, Cap: &CapDetail{Kind: limit.Kind, Key: limit.Key, Limit: limit.Limit, Taken: taken, Adds: u.amount}}
}
