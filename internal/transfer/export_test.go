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
	l := m.learner(records, asOf)
	q := l.before(&m.programmes[m.programmeAt[to]])
	return q.plan(q.weigh(l.touched()[to.Institution]), e)
}
