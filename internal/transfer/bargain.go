package transfer

// bargain finds prices of the rows without a table. A row that one item at most may use asks for the
// middle of what the two items that want it most have left; a cap asks for more as long as the items that
// win their rows take more of it than there is, else for less. That is coordinate descent on the dual problem (Bertsekas,
// The auction algorithm, 1988, has the idea for the assignment of one thing to another). In a few
// dozen microseconds it comes within some hundredths of what the simplex finds, and so tells which
// columns the relaxation will need: it then need not begin again for those that it was not given.
type bargain struct {
	*branching
	members [][]int   // by row that one item at most may use: the items that may
	takers  [][]taker // by row of another kind
	price   []float64 // by row
	left    []float64 // by item: its worth without what its rows ask for
	share   []float64 // by item: what one row is of all its rows
	wins    []float64 // by item: the share of its rows that it wants more than the others do
}

// Rounds of bargaining, the first of which leave the caps out; a cap's steps become
// smaller, to a half after so many rounds.
const (
	bargainRounds = 20
	roundsForRows = 2
	halfStep      = 5
)

// promising are the columns that the relaxation begins with where a plan is near: that plan, and
// what has little less than nothing left after bargaining; with the prices of the rows.
func (b *branching) promising() (in []bool, prices []float64) {
	g := newBargain(b)
	g.run()
	most := 0.0
	for j := range b.items {
		most = max(most, float64(b.values[j]))
	}
	in = make([]bool, len(b.columns))
	for j := range in {
		in[j] = j >= len(b.items) || g.left[j] > -most/8
	}
	for _, j := range b.near {
		in[j] = true
	}
	return in, g.price
}

func newBargain(b *branching) *bargain {
	items, cells := len(b.items), &b.memory.cells
	g := &bargain{branching: b, members: b.members(), takers: make([][]taker, b.hard),
		price: cells.take(b.hard), left: cells.take(items), share: cells.take(items), wins: cells.take(items)}
	for j := range b.items {
		g.left[j] = float64(b.values[j])
		rows := 0
		for _, t := range b.columns[j].terms {
			switch {
			case t.row >= b.hard:
			case b.limits[t.row] == 1:
				rows++
			default:
				g.takers[t.row] = append(g.takers[t.row], taker{j, t.factor})
			}
		}
		g.share[j] = 1 / float64(max(rows, 1))
	}
	return g
}

func (g *bargain) run() {
	for n := range bargainRounds {
		clear(g.wins)
		for row, list := range g.members {
			if len(list) > 0 {
				g.ask(row)
			}
		}
		if n < roundsForRows {
			continue
		}
		for row, list := range g.takers {
			if len(list) > 0 {
				g.askTakers(row, halfStep/float64(halfStep+n))
			}
		}
	}
}

// ask sets the price of a row that one item at most may use.
func (g *bargain) ask(row int) {
	first, second, who := 0.0, 0.0, -1
	price := g.price[row]
	for _, j := range g.members[row] {
		if v := g.left[j] + price; v > first {
			first, second, who = v, first, j
		} else if v > second {
			second = v
		}
	}
	if who >= 0 {
		g.wins[who] += g.share[who]
	}
	g.price[row] = (first + second) / 2
	if back := price - g.price[row]; back != 0 {
		for _, j := range g.members[row] {
			g.left[j] += back
		}
	}
}

// askTakers sets the price of a cap.
func (g *bargain) askTakers(row int, step float64) {
	limit, taken := float64(g.limits[row]), 0.0
	for _, t := range g.takers[row] {
		taken += float64(g.wins[t.item] * float64(t.amount))
	}
	price := g.price[row]
	g.price[row] = max(0, price+float64(step*(taken-limit)/(limit+1)))
	if back := price - g.price[row]; back != 0 {
		for _, t := range g.takers[row] {
			g.left[t.item] += float64(back * float64(t.amount))
		}
	}
}
