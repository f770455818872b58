package bench

import (
	"creditbank/internal/credit"
	"creditbank/internal/transfer"
)

// problem is an instance as an integer programme in the CPLEX LP format.
type problem struct {
	text      string
	objective func(applied, transferable credit.Amount) int64 // of a plan with these two numbers
}

// problemOf writes an instance for other solvers.
func problemOf(m *transfer.Map, in instance) problem {
	p, _ := m.LP(in.to, in.records, AsOf())
	return problem{p.Text, p.Objective}
}
