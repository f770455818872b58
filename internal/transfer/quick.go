package transfer

import (
	"math"

	"creditbank/internal/credit"
)

// quick bounds the two numbers by what can be seen without a search: what each record
// brings at most, what the groups need, and what one or two caps let through.
type quick struct {
	shares
	items []*item
	some  []*item // memory
}

// quickBound is no less than any plan of these items has applied and transferable.
func quickBound(items []*item, needs []credit.Amount, caps []limit, groupCap []int, memory shares) worth {
	q := quick{shares: memory, items: items, some: make([]*item, 0, len(items))}
	all := q.potentialOf(items)
	w := worth{applied: all.grouped, transferable: all.total}
	var byGroup credit.Amount
	for g, need := range needs {
		most := min(need, all.byGroup[g])
		if c := groupCap[g]; c >= 0 {
			most = min(most, caps[c].Limit)
		}
		byGroup += most
	}
	for a := range caps {
		for b := range a + 1 {
			w = q.under(w, caps, a, b)
		}
	}
	w.applied = min(w.applied, byGroup)
	return w
}

// under is the bound that two caps, or one, leave of another.
func (q *quick) under(w worth, caps []limit, a, b int) worth {
	free := q.some[:0]
	for _, it := range q.items {
		if it.takes(a) < it.total && it.takes(b) < it.total {
			free = append(free, it)
		}
	}
	q.some = free
	limit := caps[a].Limit
	if b != a {
		limit += caps[b].Limit
	}
	rest := q.potentialOf(free)
	return worth{applied: min(w.applied, limit+rest.grouped), transferable: min(w.transferable, limit+rest.total)}
}

// fewItems are settled sooner by the plain search than by exchanging them. More of them
// it seldom settles where the two numbers alone are asked for.
const fewItems = 60

// guess looks for a good plan by exchanging items, and says whether nothing can have more
// of the two numbers.
func (s *search) guess(q *question, items []*item) bool {
	enough := quickBound(items, s.needs, q.terms.caps, s.groupCap, s.shares)
	if c := s.effort.ceiling; c != (worth{}) {
		enough = worth{applied: min(enough.applied, c.applied), transferable: min(enough.transferable, c.transferable)}
	}
	s.exchange = newExchange(items, s.needs, s.limits, s.totalCap, enough, s.memory)
	s.exchange.sparing = s.effort.ties == 0 && s.totalCap >= 0 && s.limits[s.totalCap] <= enough.transferable
	s.exchange.begin(s.effort.near)
	s.exchange.run()
	if best := s.exchange.best.worth; s.plan == nil || best.compare(s.best) > 0 {
		s.plan, s.best = s.exchange.plan(), best
	}
	if s.effort.ties == 0 {
		s.best.exemptions = math.MaxInt // of the same numbers none is better
	}
	return s.exchange.reached(&s.exchange.best)
}
