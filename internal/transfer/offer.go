package transfer

import (
	"slices"

	"creditbank/internal/calendar"
	"creditbank/internal/credit"
)

// need is what a rule asks of one course: a plain source, or the conditions of
// two rules at once where one is served through a standard unit.
type need struct {
	course   int32
	min, max credit.Score // NoScore: none stated
	from, to calendar.Day
	validity int // years, 0: none stated
	credit   bool
}

// need is the condition on the rule's i-th source.
func (r *rule) need(i int) need {
	s, t := r.sources[i], r.terms
	band := &r.m.bands[s.band]
	return need{course: s.course, min: credit.Score(band.min), max: credit.Score(band.max), from: t.from, to: t.to, validity: int(t.validity),
		credit: t.outcome == outcomeCredit}
}

// and is the need that holds when both do; they are about the same course.
func (n need) and(other need) need {
	n.min = max(n.min, other.min)
	if n.max == NoScore || (other.max != NoScore && other.max < n.max) {
		n.max = other.max
	}
	n.from = max(n.from, other.from)
	if n.to == calendar.None || (other.to != calendar.None && other.to < n.to) {
		n.to = other.to
	}
	if n.validity == 0 || (other.validity != 0 && other.validity < n.validity) {
		n.validity = other.validity
	}
	return n
}

// minimum is the stated minimum, else the policy's. What a policy adds concerns
// the award of credit only: a refusal holds whatever the policy.
func (n *need) minimum(t *terms) credit.Score {
	if n.min == NoScore && n.credit {
		return t.minGrade
	}
	return n.min
}

// term is the stated validity in years, else the policy's.
func (n *need) term(t *terms) int {
	if n.validity == 0 && n.credit {
		return t.validity
	}
	return n.validity
}

// offer is a rule as it could serve this learner: directly, or through the
// feeders of the standard units it asks for.
type offer struct {
	rule  *rule
	via   []*rule
	needs []need
}

// maxOffers bounds how many ways through standard units one rule is tried in.
const maxOffers = 4096

// offers lists the ways in which a rule that is fed could be served, in a fixed order;
// complete is false when there are more than maxOffers of them.
//
// A unit that feeders lead to is asked for itself only when the learner has a
// record of it, or when a course has no other way left that does not ask for
// some course twice: then the unit is what the learner lacks.
func (l *learner) offers(r *rule) (list []offer, complete bool) {
	list, complete = l.ways(r, false)
	if !complete || !l.strands(r, list) {
		return list, complete
	}
	asked := coursesOf(list)
	more, complete := l.ways(r, true)
	for _, o := range more {
		if slices.ContainsFunc(o.needs, func(n need) bool { return !asked[n.course] && l.has(n.course) }) {
			list = append(list, o)
		}
	}
	return list, complete
}

// direct is a rule as it is served by results in its own sources.
func (l *learner) direct(r *rule) offer {
	o := offer{rule: r, needs: l.needs.take(len(r.sources))}
	for i := range r.sources {
		o.needs[i] = r.need(i)
	}
	return o
}

// fed says whether the rule asks for a standard unit that a record leads to.
func (l *learner) fed(r *rule) bool {
	return len(l.feeders) > 0 && slices.ContainsFunc(r.sources, func(s sourceRow) bool { return len(l.feedersOf(s.course)) > 0 })
}

// strands says whether a course of the learner that leads to the rule is asked
// for in none of the ways.
func (l *learner) strands(r *rule, list []offer) bool {
	asked := coursesOf(list)
	for _, s := range r.sources {
		if l.has(s.course) && !asked[s.course] {
			return true
		}
		for _, feeder := range l.feedersOf(s.course) {
			for _, c := range l.rule(feeder).sources {
				if l.has(c.course) && !asked[c.course] && feeder != r.n {
					return true
				}
			}
		}
	}
	return false
}

func coursesOf(list []offer) map[int32]bool {
	asked := map[int32]bool{}
	for i := range list {
		for _, n := range list[i].needs {
			asked[n.course] = true
		}
	}
	return asked
}

func (l *learner) ways(r *rule, units bool) (list []offer, complete bool) {
	list = []offer{{rule: r}}
	for i, s := range r.sources {
		course := s.course
		direct := units || len(l.feedersOf(course)) == 0 || l.has(course)
		var next []offer
		for _, o := range list {
			if direct {
				next = o.with(next, r.need(i))
			}
			for _, feeder := range l.feedersOf(course) {
				if feeder != r.n {
					next = o.through(next, l.rule(feeder), r.need(i))
				}
			}
		}
		if len(next) > maxOffers {
			return nil, false
		}
		list = next
	}
	return list, true
}

// with appends the offer with one need more to list. A course asked for twice
// would be consumed by two equivalences at once: then there is no such offer.
func (o offer) with(list []offer, n need) []offer {
	if o.asks(n.course) {
		return list
	}
	o.needs = append(slices.Clone(o.needs), n)
	return append(list, o)
}

func (o *offer) asks(course int32) bool {
	return slices.ContainsFunc(o.needs, func(n need) bool { return n.course == course })
}

// through appends the offer with a need for a standard unit served by a rule
// into it. A rule that serves two units consumes its sources once.
func (o offer) through(list []offer, feeder *rule, unit need) []offer {
	again := slices.ContainsFunc(o.via, func(r *rule) bool { return r.n == feeder.n })
	o.needs = slices.Clone(o.needs)
	for i, s := range feeder.sources {
		at := slices.IndexFunc(o.needs, func(n need) bool { return n.course == s.course })
		switch {
		case at < 0:
			o.needs = append(o.needs, feeder.need(i).and(unit))
		case again:
			o.needs[at] = o.needs[at].and(unit)
		default:
			return list
		}
	}
	if !again {
		o.via = append(slices.Clone(o.via), feeder)
	}
	return append(list, o)
}

// compareWays orders offers of one rule by the way through the units.
func compareWays(a, b *offer) int {
	return slices.CompareFunc(a.via, b.via, func(x, y *rule) int { return compareRefs(x.ref(), y.ref()) })
}

// ref lists the rules of the way through the units.
func (o *offer) refs() []RuleRef {
	refs := make([]RuleRef, len(o.via))
	for i, r := range o.via {
		refs[i] = r.ref()
	}
	return refs
}
