package transfer

import "creditbank/internal/credit"

// goal is one of the things that a plan is judged by: what each column adds to it,
// and what a plan as a whole comes to.
type goal struct {
	column func(m *model, j int) int64
	of     func(m *model, w worth) int64
	limit  func(w *worth, to credit.Amount) // lowers what is possible at most to a proven limit
	near   bool                             // the items are worth something by themselves: the best plan's prices are near
}

// goalApplied counts the credits applied.
func goalApplied() goal {
	return goal{
		column: func(m *model, j int) int64 { return int64(bit(j >= len(m.items))) },
		of:     func(m *model, w worth) int64 { return int64(w.applied / m.unit) },
		limit:  func(w *worth, to credit.Amount) { w.applied = min(w.applied, to) },
	}
}

// goalTransferable counts the credits awarded.
func goalTransferable() goal {
	return goal{
		column: func(m *model, j int) int64 {
			if j >= len(m.items) {
				return 0
			}
			return int64(m.items[j].total / m.unit)
		},
		of:    func(m *model, w worth) int64 { return int64(w.transferable / m.unit) },
		limit: func(w *worth, to credit.Amount) { w.transferable = min(w.transferable, to) },
		near:  true,
	}
}

// goalExemptions counts the exemptions.
func goalExemptions() goal {
	return goal{
		column: func(m *model, j int) int64 {
			if j >= len(m.items) {
				return 0
			}
			return int64(m.items[j].exempt)
		},
		of:    func(_ *model, w worth) int64 { return int64(w.exemptions) },
		limit: func(*worth, credit.Amount) {},
	}
}

// goalSpared counts the records consumed, below zero.
func goalSpared() goal {
	return goal{
		column: func(m *model, j int) int64 {
			if j >= len(m.items) {
				return 0
			}
			return -int64(len(m.items[j].records))
		},
		of:    func(_ *model, w worth) int64 { return -int64(w.records) },
		limit: func(*worth, credit.Amount) {},
	}
}

func bit(b bool) int {
	if b {
		return 1
	}
	return 0
}

func (m *model) values(g goal) []int64 {
	values := make([]int64, len(m.columns))
	for j := range values {
		values[j] = g.column(m, j)
	}
	return values
}

// demand restricts the model to what comes to as much by the goal as w.
func (m *model) demand(g goal, w worth) {
	row := m.addRow(-g.of(m, w))
	for j := range m.columns {
		m.add(j, row, -g.column(m, j))
	}
}
