package transfer

import (
	"cmp"
	"math"
	"slices"
)

// branching looks for the best choice of items for one goal. It bounds what is left
// by the relaxation, tightens that by cuts, settles the items whose choice the
// bound decides, goes on with the rest alone, and tries the item that moves the
// bound most both ways.
type branching struct {
	*model            // what is left
	whole      *model // what was asked
	origin     []int  // by item: its index in the whole
	settled    []int  // items of the whole that are taken besides
	near       []int  // items of the whole: a plan with whose worth the relaxation begins; may be nil
	numbers    bool   // of the choices that come to the same it does not matter which is found
	misled     bool   // the prices of the rows decide too little
	openBefore int    // columns that were open when that was seen last,
	deepBefore int64  // and how deep below the limit the search by prices ended
	base       int64  // what they add to the goal
	step       int64  // what is left adds a multiple of it
	values     []int64
	sharers    [][]int // see members
	at         bounds
	relaxed    *relaxation
	budget     int
	over       bool                                          // the budget ended before the end
	limit      int64                                         // proven limit of the goal
	least      int64                                         // a choice must come to more than this
	judge      func(b *branching, order []int, attempts int) // is told an order to take items in; it raises least
}

// newBranching prepares a search for what is worth more than least.
func newBranching(m *model, values []int64, least int64, budget int) *branching {
	b := &branching{model: m, whole: m, values: values, least: least, budget: budget}
	b.at = bounds{m.memory.longs.take(len(m.columns)), m.memory.longs.take(len(m.columns))}
	b.origin = m.memory.ints.take(len(m.items))
	for j, c := range m.columns {
		b.at.high[j] = c.upper
		b.step = divide(b.step, values[j])
	}
	for j := range m.items {
		b.origin[j] = j
	}
	return b
}

// divide is the greatest common divisor.
func divide(a, b int64) int64 {
	for b != 0 {
		a, b = b, a%b
	}
	return max(a, -a)
}

// run searches to the end or to the end of the budget.
func (b *branching) run() {
	if len(b.limits)*len(b.columns) > maxCells || !b.roomy(b.values) {
		b.limit, b.over, b.relaxed = b.simpleLimit(), true, &relaxation{}
		return
	}
	in, prices := b.first()
	b.relaxed = newRelaxation(b.model, b.values, b.at, in, b.numbers)
	b.relaxed.beginWith(b.near, prices)
	if b.root() {
		b.limit = b.least
		return
	}
	if !b.over {
		b.search()
	}
	if !b.over {
		b.limit = b.least
	}
}

// search looks through what the root has left. Where it does not come to an end soon, it
// begins again from another of the relaxation's best choices, with more patience: a
// good plan that it would meet late on one way it often meets early on another.
func (b *branching) search() {
	place := b.memory.searched()
	for slice := firstSlice; ; slice *= 3 { // in the end the whole budget
		b.memory.forget(place)
		rest, possible := b.rest()
		if !possible {
			return
		}
		if longer := b.relaxed.work + slice; slice <= lastSlice && longer < b.budget {
			rest.budget = longer
		}
		rest.node()
		b.over, b.least, b.relaxed.work = rest.over, rest.least, rest.relaxed.work
		if !b.over || rest.budget == b.budget {
			return
		}
		b.salt++
	}
}

// firstSlice is the work on the first way through what the root has left, and
// lastSlice on the last one that is given up.
const (
	firstSlice = 3_000_000
	lastSlice  = 9 * firstSlice
)

// simpleLimit is what all columns at their best come to.
func (b *branching) simpleLimit() (sum int64) {
	for j, v := range b.values {
		if v > 0 {
			sum += v * b.columns[j].upper
		}
	}
	return sum
}

// maxCells bounds the memory of the relaxation's table, to 40 MB. A learner would
// need tens of thousands of satisfied rules in one programme to come to it.
const maxCells = 5_000_000

// reach is the most that the goal can come to under a proven limit in 1/scale.
func (b *branching) reach(limit int64) int64 {
	step := max(b.step, 1)
	return b.base + floorDiv(floorScale(limit), step)*step
}

// maxRounds bounds how often cuts are sought, patience the work on them while they
// bring nothing.
const (
	maxRounds = 16
	patience  = 400_000
)

// root bounds the whole and cuts it, as long as that brings something. It says
// whether nothing more than least is left.
func (b *branching) root() (closed bool) {
	stalled, before := b.relaxed.work, int64(math.MaxInt64)
	for round := 0; ; round++ {
		limit, reduced, closed := b.bound()
		if closed {
			return true
		}
		if reach := b.reach(limit); round == 0 || reach < b.limit {
			b.limit = reach
		}
		b.limit = max(b.limit, b.least)
		b.propose(reduced)
		if b.limit <= b.least {
			return true
		}
		b.over = b.relaxed.work > b.budget
		b.tighten(limit, reduced)
		worked := b.relaxed.work
		if b.byPrices(limit, reduced, b.priceRound()) {
			return true
		}
		stalled += b.relaxed.work - worked
		b.relaxed.settled()
		if gap := limit - (b.least-b.base)*scale; before-limit > gap/20 {
			stalled, before = b.relaxed.work, limit
		}
		if b.over || round == maxRounds || b.relaxed.work > stalled+patience || !b.cut() {
			return b.byPrices(limit, reduced, priceWork)
		}
	}
}

// change is a column's limits as they were.
type change struct {
	column    int
	low, high int64
}

func (b *branching) set(undo []change, j int, low, high int64) []change {
	undo = append(undo, change{j, b.at.low[j], b.at.high[j]})
	b.at.low[j], b.at.high[j] = low, high
	if low > 0 && b.relaxed.place[j] == outside {
		b.relaxed.enter(j)
	}
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
func (b *branching) node() {
	if b.numbers && b.least >= b.limit {
		return // what was found reaches what is proven
	}
	b.relaxed.work += 50 * len(b.columns) // what a node costs besides its pivots
	if b.relaxed.work > b.budget {
		b.over = true
		return
	}
	limit, reduced, closed := b.bound()
	if closed {
		return
	}
	b.propose(reduced)
	if b.reach(limit) <= b.least {
		return
	}
	undo := b.tighten(limit, reduced)
	if open := b.open(); 2*open < len(b.columns) && len(b.columns) > worthwhile {
		b.leave()
	} else {
		b.split()
	}
	b.restore(undo)
}

// worthwhile is how many columns are not worth being left behind.
const worthwhile = 40

// open counts the columns that are not settled.
func (b *branching) open() (open int) {
	for j := range b.columns {
		open += bit(b.at.low[j] < b.at.high[j])
	}
	return open
}

// leave searches what is left alone, in a smaller table.
func (b *branching) leave() {
	defer b.memory.forget(b.memory.searched())
	rest, possible := b.rest()
	if !possible {
		return
	}
	rest.node()
	b.over, b.least = rest.over, rest.least
	b.relaxed.work = rest.relaxed.work
}

// split tries an undecided item both ways.
func (b *branching) split() {
	j, first := b.undecided()
	if j < 0 {
		return
	}
	for _, to := range []int64{first, 1 - first} {
		undo := b.set(nil, j, to, to)
		b.node()
		b.restore(undo)
	}
}

// tighten settles the items of which the other choice is proven not to be worth more.
func (b *branching) tighten(limit int64, reduced []int64) (undo []change) {
	for j := range b.items {
		if b.at.low[j] == b.at.high[j] {
			continue
		}
		if r := reduced[j]; r < 0 && b.reach(limit+r) <= b.least {
			undo = b.set(undo, j, 0, 0)
		} else if r > 0 && b.reach(limit-r) <= b.least {
			undo = b.set(undo, j, 1, 1)
		}
	}
	return undo
}

// undecided is the open item, taken in part, whose settling costs the guide most both
// ways, and the way that costs less; else one that is taken wholly or not at all, but
// not settled; −1 when none is open.
func (b *branching) undecided() (chosen int, first int64) {
	chosen = -1
	most := -1.0
	for j := range b.items {
		if b.at.low[j] == b.at.high[j] {
			continue
		}
		score, to := -0.5, int64(1)
		if share := b.relaxed.share(j); share > slackness && share < 1-slackness && b.relaxed.place[j] < 0 {
			down, up := b.relaxed.losses(-1 - b.relaxed.place[j])
			score = float64((min(down, 1e6) + 1e-3) * (min(up, 1e6) + 1e-3))
			if down < up {
				to = 0
			}
		}
		if score > most {
			chosen, most, first = j, score, to
		}
	}
	return chosen, first
}

// proposal is an item that a choice near the relaxation's could hold.
type proposal struct {
	share   float64 // of it that the relaxation takes
	reduced int64
	item    int
}

func compareProposals(a, b proposal) int {
	switch {
	case a.share != b.share:
		return cmp.Compare(b.share, a.share)
	case a.reduced != b.reduced:
		return cmp.Compare(b.reduced, a.reduced)
	}
	return a.item - b.item
}

// propose tells a choice near the relaxation's: first what it takes most of.
func (b *branching) propose(reduced []int64) {
	open := b.memory.proposals[:0]
	for j := range b.items {
		if b.at.high[j] == 1 {
			open = append(open, proposal{max(b.relaxed.share(j), float64(b.at.low[j])), reduced[j], j})
		}
	}
	slices.SortFunc(open, compareProposals)
	order := append(b.memory.order[:0], b.settled...)
	for _, p := range open {
		order = append(order, b.origin[p.item])
	}
	b.memory.proposals, b.memory.order = open, order
	b.judge(b, order, bit(b.whole == b.model)*len(b.items))
}
