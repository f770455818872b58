package transfer

import (
	"slices"

	"creditbank/internal/credit"
)

// prove goes on from the best plan found so far: for the most credits applied and
// then of those transferable, then for the ties. It returns the proven limits of the
// two numbers, and whether the plan reaches them.
func (s *search) prove(items []*item) (bound worth, optimal bool) {
	m := newModel(s, items)
	budget := s.effort.numbers
	weight := m.most() + 1
	limit, done := s.improve(m, goalBoth(weight), &budget)
	if !done {
		bound.applied = credit.Amount(limit/weight) * m.unit
		bound.transferable = credit.Amount(min(limit-int64(s.best.applied/m.unit)*weight, weight-1)) * m.unit
		return bound, false
	}
	m.demand(goalApplied(), s.best)
	m.demand(goalTransferable(), s.best)
	if budget = s.effort.ties; budget == 0 {
		return s.best, true
	}
	if _, done := s.improve(m, goalExemptions(), &budget); done {
		m.demand(goalExemptions(), s.best)
		s.improve(m, goalSpared(), &budget)
	}
	return s.best, true
}

// improve searches for more by the goal than the best plan has. It returns the
// proven limit, and whether the plan now reaches it.
func (s *search) improve(m *model, g goal, budget *int) (limit int64, done bool) {
	b := newBranching(m, m.values(g), g.of(m, s.best), *budget)
	b.judge = func(b *branching, order []int) {
		if choice := m.fit(order); s.offer(m, choice) {
			b.relaxed.work += s.polish(m, choice, func() bool { return g.of(m, s.best) >= b.limit })
			b.least = max(b.least, g.of(m, s.best))
		}
	}
	m.own = len(m.limits)
	b.run()
	m.dropCuts()
	*budget -= b.relaxed.work
	return b.limit, b.limit <= b.least
}

// polish forces each item in turn into the best plan, keeps of the rest what still
// fits, and stays with what is worth more. It returns the work done.
func (s *search) polish(m *model, choice []int, enough func() bool) (work int) {
	for again := true; again; {
		again = false
		for j := range m.items {
			if enough() {
				return work
			}
			if slices.Contains(choice, j) {
				continue
			}
			changed := m.fit(m.order(j, choice))
			work += 5 * len(m.items)
			if s.offer(m, changed) {
				choice, again = changed, true
			}
		}
	}
	return work
}

// offer takes a choice of items for the best plan if it is worth more.
func (s *search) offer(m *model, choice []int) bool {
	var w worth
	awarded := make([]credit.Amount, len(s.needs))
	plan := make([]*item, len(choice))
	for i, j := range choice {
		it := m.items[j]
		plan[i] = it
		w.transferable += it.total
		w.exemptions += it.exempt
		w.records += len(it.records)
		for _, g := range it.byGroup {
			awarded[g.group] += g.amount
		}
	}
	for g, need := range s.needs {
		w.applied += min(need, awarded[g])
	}
	if w.compare(s.best) <= 0 {
		return false
	}
	s.best, s.plan = w, plan
	return true
}
