package transfer

import "slices"

// stock is what those rules of an institution come to that are the same thing to all
// its programmes under one policy: they hold in all of them and ask for no course of
// the institution itself, which one programme counts as earned and another does not.
type stock struct {
	policy    terms    // without caps
	satisfied []*trial // those that give credit
	others    []*trial // not satisfied, refused or pending
	rest      []int32  // the other rules: each programme tries them for itself
}

// stock is the one that the programme of the question draws on.
func (q *question) stock() *stock {
	at := q.programme.at
	for _, s := range q.stocks[at] {
		if s.policy.samePolicy(&q.terms) {
			return s
		}
	}
	touched := q.touched(at)
	s := &stock{policy: q.terms, satisfied: make([]*trial, 0, len(touched))}
	for _, n := range touched {
		if q.m.scopes[q.m.rules[n].scope].programme != -1 {
			s.rest = append(s.rest, n)
			continue
		}
		r := q.rule(n)
		if q.fed(r) || q.asksAt(r, at) {
			s.rest = append(s.rest, n)
			continue
		}
		if t := q.try(q.direct(r)); t.gives() {
			s.satisfied = append(s.satisfied, t)
		} else {
			s.others = append(s.others, t)
		}
	}
	q.stocks[at] = append(q.stocks[at], s)
	return s
}

// asksAt says whether a rule asks for a course of an institution.
func (l *learner) asksAt(r *rule, institution int32) bool {
	return slices.ContainsFunc(r.sources, func(s sourceRow) bool { return l.m.courses[s.course].at == institution })
}

// samePolicy says whether two policies come to the same for every record, whatever
// their caps.
func (t *terms) samePolicy(o *terms) bool {
	return t.minGrade == o.minGrade && t.validity == o.validity && t.maxRise == o.maxRise
}
