package bench

import (
	"errors"

	"creditbank/internal/credit"
	"creditbank/internal/transfer"
)

// problem is an instance as an integer programme in the CPLEX LP format.
type problem struct {
	text      string
	objective func(applied, transferable credit.Amount) int64 // of a plan with these two numbers
}

// errNoProblem says that the engine writes an instance for nobody else.
var errNoProblem = errors.New("the engine does not write its problem for other solvers")

// problemOf writes an instance for other solvers.
func problemOf(*transfer.Map, instance) (problem, bool) {
	return problem{}, false
}
