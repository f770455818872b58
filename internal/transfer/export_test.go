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
