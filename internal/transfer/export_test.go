package transfer

import "creditbank/internal/calendar"

// PlanByRelaxation is Plan without the plain search that settles small questions:
// all that is left to the relaxation must come out the same.
func (m *Map) PlanByRelaxation(to ProgrammeKey, records []Record, asOf calendar.Day) Answer {
	return m.planWith(to, records, asOf, effort{plain: 0, numbers: workNumbers, ties: workTies})
}

// PlanWithin is Plan with no more work than that on the relaxation.
func (m *Map) PlanWithin(to ProgrammeKey, records []Record, asOf calendar.Day, work int) Answer {
	return m.planWith(to, records, asOf, effort{plain: 0, numbers: work, ties: 0})
}

func (m *Map) planWith(to ProgrammeKey, records []Record, asOf calendar.Day, e effort) Answer {
	n, _ := m.programmeAt(to)
	return m.learner(records, asOf).plan(n, e)
}

// RestOfBroken says whether there is something left to search of three items when two
// of them, of which a plan has at most one, are both settled as taken.
func RestOfBroken() bool {
	one := func(row int) column { return column{upper: 1, terms: []term{{row, 1}}} }
	m := &model{memory: &memory{}, items: make([]*item, 3), columns: []column{one(0), one(0), one(1)}, limits: []int64{1, 1}, hard: 2, own: 2, unit: 1}
	b := newBranching(m, []int64{1, 1, 1}, 0, workPlain)
	b.at.low[0], b.at.low[1] = 1, 1
	for j := range m.items {
		m.items[j] = &item{}
	}
	b.relaxed = newRelaxation(m, b.values, b.at, []bool{true, true, true}, false)
	_, possible := b.rest()
	return possible
}
