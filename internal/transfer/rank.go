package transfer

import (
	"cmp"
	"slices"

	"creditbank/internal/calendar"
	"creditbank/internal/credit"
)

// Standing is what a learner's records are worth in one programme of a ranking.
type Standing struct {
	Programme    ProgrammeKey
	Required     credit.Amount
	Applied      credit.Amount
	Transferable credit.Amount
	Optimal      bool
}

// compareStandings ranks by applied, then applied ÷ required, then transferable,
// then programme code; schools that share a code follow theirs.
func compareStandings(a, b Standing) int {
	return cmp.Or(
		cmp.Compare(b.Applied, a.Applied),
		// a.Applied/a.Required against b.Applied/b.Required, without dividing;
		// a programme that requires nothing is the last of its equals.
		compareShares(b, a),
		cmp.Compare(b.Transferable, a.Transferable),
		compareProgrammes(a.Programme, b.Programme),
	)
}

func compareShares(a, b Standing) int {
	if a.Required == 0 || b.Required == 0 {
		return cmp.Compare(min(a.Required, 1), min(b.Required, 1))
	}
	return cmp.Compare(a.Applied*b.Required, b.Applied*a.Required)
}

// Rank answers for every programme that keep lets through, best first.
func (m *Map) Rank(records []Record, asOf calendar.Day, keep func(ProgrammeKey) bool) []Standing {
	l := m.learner(records, asOf)
	touched := l.touched()
	var standings []Standing
	for n := range m.programmes {
		p := &m.programmes[n]
		if !keep(p.ProgrammeKey) {
			continue
		}
		s := Standing{Programme: p.ProgrammeKey, Required: p.Required, Optimal: true}
		if rules := touched[p.Institution]; len(rules) > 0 {
			s.solve(l.before(p), rules)
		}
		standings = append(standings, s)
	}
	slices.SortFunc(standings, compareStandings)
	return standings
}

func (s *Standing) solve(q *question, rules []int32) {
	d := q.weigh(rules)
	_, best, _, optimal := solve(q, d.items, fullEffort())
	s.Applied, s.Transferable, s.Optimal = best.applied, best.transferable, optimal && d.untold == 0
}
