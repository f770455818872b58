package transfer

import (
	"cmp"
	"math"
	"slices"
)

// branching looks for the best choice of items for one goal: it bounds what is
// left by the relaxation, settles the items whose choice the bound decides, and
// tries the most undecided item both ways.
type branching struct {
	*model
	values  []int64
	at      bounds
	relaxed *relaxation
	budget  int
	over    bool               // the budget ended before the end
	limit   int64              // proven limit of the goal
	judge   func(choice []int) // is told choices that may be better; it raises least
	least   int64              // a choice must come to more than this
}

// newBranching prepares a search for what is worth more than least.
func newBranching(m *model, values []int64, least int64, budget int) *branching {
	b := &branching{model: m, values: values, least: least, budget: budget}
	b.at = bounds{make([]int64, len(m.columns)), make([]int64, len(m.columns))}
	for j, c := range m.columns {
		b.at.high[j] = c.upper
	}
	return b
}

// run searches to the end or to the end of the budget.
func (b *branching) run() {
	if len(b.limits)*len(b.columns) > maxCells {
		limit, _ := b.prove(b.values, make([]int64, len(b.limits)), b.at)
		b.limit, b.over = floorScale(limit), true
		b.relaxed = &relaxation{}
		return
	}
	b.relaxed = newRelaxation(b.model, b.values, b.at)
	b.node(true)
	if !b.over {
		b.limit = b.least
	}
}

// maxCells bounds the memory of the relaxation's table, to 40 MB. A learner would
// need tens of thousands of satisfied rules in one programme to come to it.
const maxCells = 5_000_000

// change is a column's limits as they were.
type change struct {
	column    int
	low, high int64
}

func (b *branching) set(undo []change, j int, low, high int64) []change {
	undo = append(undo, change{j, b.at.low[j], b.at.high[j]})
	b.at.low[j], b.at.high[j] = low, high
	b.relaxed.bound(j, low, high)
	return undo
}

func (b *branching) restore(undo []change) {
	for i := len(undo) - 1; i >= 0; i-- {
		c := undo[i]
		b.at.low[c.column], b.at.high[c.column] = c.low, c.high
		b.relaxed.bound(c.column, c.low, c.high)
	}
}

// node searches everything within the present bounds.
func (b *branching) node(root bool) {
	b.relaxed.work += 150 * len(b.columns) // what a node costs besides its pivots
	if b.relaxed.work > b.budget && !root {
		b.over = true
		return
	}
	limit, reduced, closed := b.bound()
	if root {
		b.limit = max(floorScale(limit), b.least)
	}
	if closed {
		return
	}
	b.round(reduced)
	if floorScale(limit) <= b.least {
		return
	}
	undo := b.tighten(limit, reduced)
	b.split(reduced)
	b.restore(undo)
}

// split tries the most undecided item both ways.
func (b *branching) split(reduced []int64) {
	j := b.undecided(reduced)
	if j < 0 {
		b.judge(b.fit(b.taken()))
		return
	}
	for _, to := range []int64{1, 0} {
		undo := b.set(nil, j, to, to)
		b.node(false)
		b.restore(undo)
	}
}

// bound is the proven limit within the present bounds, in 1/scale; closed when
// nothing more than least is there. Where the guide's numbers and what is proven
// by them lie apart, its rounding has gone astray, and it begins anew.
func (b *branching) bound() (limit int64, reduced []int64, closed bool) {
	limit, reduced, closed = b.relax()
	if !closed && float64(limit)/scale > b.relaxed.objective+astray && b.relaxed.pivots > 0 {
		work := b.relaxed.work
		b.relaxed = newRelaxation(b.model, b.values, b.at)
		b.relaxed.work = work + b.relaxed.rows*b.relaxed.cols
		return b.relax()
	}
	return limit, reduced, closed
}

const astray = 1e-2

// relax is the proven limit within the present bounds, in 1/scale; closed when nothing more
// than least is there.
func (b *branching) relax() (limit int64, reduced []int64, closed bool) {
	enough := float64(b.least) + 1 - 1e-4
	for {
		feasible, row := b.relaxed.solve(enough, b.budget-b.relaxed.work)
		if !feasible {
			sum, _ := b.prove(make([]int64, len(b.columns)), wholeMultipliers(b.relaxed.ray(row)), b.at)
			if sum < 0 {
				return b.least * scale, nil, true
			}
		}
		limit, reduced = b.prove(b.values, wholeMultipliers(b.relaxed.multipliers()), b.at)
		if floorScale(limit) <= b.least {
			return limit, nil, true
		}
		if b.relaxed.objective > enough || math.IsInf(enough, -1) {
			return limit, reduced, false
		}
		enough = math.Inf(-1) // the guide stopped too early: let it go on to its end
	}
}

// tighten settles the items of which the other choice is proven not to be worth more.
func (b *branching) tighten(limit int64, reduced []int64) (undo []change) {
	for j := range b.items {
		if b.at.low[j] == b.at.high[j] {
			continue
		}
		if r := reduced[j]; r < 0 && floorScale(limit+r) <= b.least {
			undo = b.set(undo, j, 0, 0)
		} else if r > 0 && floorScale(limit-r) <= b.least {
			undo = b.set(undo, j, 1, 1)
		}
	}
	return undo
}

// undecided is the open item of which most is taken, but not all; else one that is
// taken wholly or not at all, but not settled; −1 when none is open.
func (b *branching) undecided(reduced []int64) int {
	chosen, most := -1, -1.0
	for j := range b.items {
		if b.at.low[j] == b.at.high[j] {
			continue
		}
		share := b.relaxed.share(j)
		if share < tolerance || share > 1-tolerance {
			share = 0 // the relaxation has decided on it
		}
		if share > most+tolerance || (share > most-tolerance && reduced[j] > reduced[chosen]) {
			chosen, most = j, share
		}
	}
	return chosen
}

// taken lists the items that the bounds demand.
func (b *branching) taken() []int {
	var list []int
	for j := range b.items {
		if b.at.low[j] == 1 {
			list = append(list, j)
		}
	}
	return list
}

// round makes a choice near the relaxation's: first what it takes most of.
func (b *branching) round(reduced []int64) {
	var open []int
	for j := range b.items {
		if b.at.high[j] == 1 {
			open = append(open, j)
		}
	}
	slices.SortStableFunc(open, func(x, y int) int {
		return cmp.Or(cmp.Compare(b.at.low[y], b.at.low[x]), cmp.Compare(b.relaxed.share(y), b.relaxed.share(x)),
			cmp.Compare(reduced[y], reduced[x]))
	})
	b.judge(b.fit(open))
}
