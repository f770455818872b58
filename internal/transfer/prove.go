package transfer

import (
	"math"
	"slices"

	"creditbank/internal/credit"
)

// prove goes on from the best plan found so far: for the most credits applied, then
// of those transferable, then for the ties. It returns the proven limits of the two
// numbers, and whether the plan reaches them.
func (s *search) prove() (bound worth, optimal bool) {
	m := newModel(s)
	budget := s.effort.numbers
	bound = s.exchange.enough
	if bound.applied > s.best.applied {
		limit, done := s.improve(m, goalApplied(), &budget)
		bound.applied = credit.Amount(limit) * m.unit
		if !done {
			return bound, false
		}
	}
	bound.applied = s.best.applied
	s.expect(goalApplied(), bound.applied)
	if s.countsWhole(m.items) {
		bound.transferable = bound.applied
	}
	m.demand(goalApplied(), s.best)
	if bound.transferable > s.best.transferable {
		limit, done := s.improve(m, goalTransferable(), &budget)
		bound.transferable = credit.Amount(limit) * m.unit
		if !done {
			return bound, false
		}
	}
	if s.effort.ties > 0 {
		s.settleTies(m)
	}
	return s.best, true
}

// countsWhole says whether of every plan all that is transferable is applied too: no
// item gives credit outside the groups, and no group can be filled beyond what it needs.
func (s *search) countsWhole(items []*item) bool {
	for g, most := range s.potentialOf(items).byGroup {
		if most > s.needs[g] {
			return false
		}
	}
	return !slices.ContainsFunc(items, func(it *item) bool {
		rest := it.total
		for _, g := range it.byGroup {
			rest -= g.amount
		}
		return rest != 0
	})
}

// settleTies goes on to the most exemptions, and then to the fewest records.
func (s *search) settleTies(m *model) {
	budget := s.effort.ties
	s.exchange.enough = worth{applied: math.MaxInt64}
	m.demand(goalTransferable(), s.best)
	if _, done := s.improve(m, goalExemptions(), &budget); done {
		m.demand(goalExemptions(), s.best)
		s.improve(m, goalSpared(), &budget)
	}
}

// improve searches for more by the goal than the best plan has. It returns the
// proven limit, and whether the plan now reaches it.
func (s *search) improve(m *model, g goal, budget *int) (limit int64, done bool) {
	b := newBranching(m, m.values(g), g.of(m, s.best), *budget)
	b.numbers = s.effort.ties == 0
	if g.near && b.numbers {
		for i := s.exchange.best.in.first(0); i >= 0; i = s.exchange.best.in.first(i + 1) {
			b.near = append(b.near, i)
		}
	}
	b.judge = func(b *branching, order []int, attempts int) {
		s.expect(g, credit.Amount(b.limit)*m.unit)
		if s.try(order, attempts) {
			b.least = max(b.least, g.of(m, s.best))
		}
	}
	m.own = len(m.limits)
	b.run()
	m.dropCuts()
	*budget -= b.relaxed.work
	return b.limit, b.limit <= b.least
}

// expect lets the exchange end at a proven limit. Where the plan itself is told it goes on:
// of the plans worth the same it might come to another one, and decisions are replayed.
func (s *search) expect(g goal, limit credit.Amount) {
	if s.effort.ties == 0 {
		g.limit(&s.exchange.enough, limit)
	}
}

// try takes items in an order, as far as they go, exchanges some for better ones, and
// says whether that is a better plan.
func (s *search) try(order []int, attempts int) bool {
	x := s.exchange
	x.load(order)
	if x.left = attempts; x.now.compare(s.best) > 0 && (attempts > 0 || s.effort.ties > 0) {
		x.left += len(x.items)
	}
	x.climb()
	if x.now.compare(s.best) <= 0 {
		return false
	}
	x.best.copy(&x.now)
	s.best, s.plan = x.best.worth, x.plan()
	return true
}
