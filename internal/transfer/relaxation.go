package transfer

import (
	"math"
)

// relaxation is a model whose items may be taken in part: a linear programme,
// solved by the dual simplex method over bounded variables. It works in floating
// point, which is only ever a guide: to the multipliers that model.prove then
// judges in whole numbers, and to the item to decide next.
//
// Products are converted explicitly: that forbids fusing them with the sum, which
// would round differently from one machine to another.
type relaxation struct {
	model      *model
	values     []int64 // by column
	rows, cols int
	table      [][]float64 // by row and free position
	reduced    []float64   // by free position: what a unit more is worth
	free       []int       // by free position: the variable, columns first, then slacks
	fixedAt    []float64   // by free position: its value
	slack      []float64   // by free position: 1 for a row's slack, 0 for a column
	basic      []int       // by row: the variable
	value      []float64   // by row: its value
	place      []int       // by variable: its free position, or −1−row
	low, high  []float64   // by variable
	weight     []float64   // by row: the square of how large the steps along it are; see worst
	steepest   bool        // the weights are exact, else about so
	objective  float64
	points     []breakpoint // kept for its memory
	filled     []int32      // likewise
	used       []int32      // by the last pivot: the rows that its column is in
	work       int          // cells touched
	pivots     int
}

// tolerance is what counts as nothing in the table, slackness how far a variable may be
// outside its bounds.
const (
	tolerance = 1e-7
	slackness = 1e-5
)

// newRelaxation makes a table of the columns that are let in; the others are taken for 0
// until enter lets them in too.
func newRelaxation(m *model, values []int64, b bounds, in []bool, steepest bool) *relaxation {
	r := &relaxation{model: m, values: values, rows: len(m.limits), cols: len(m.columns), steepest: steepest}
	n, width := r.rows+r.cols, 0
	for _, is := range in {
		width += bit(is)
	}
	stride, tall := min(r.cols, 2*width+moreAtOnce), r.rows+maxCuts // rows and columns come in later
	cells := func(n, room int) []float64 { return m.memory.cells.take(max(n, room))[:n] }
	ints := func(n, room int) []int { return m.memory.ints.take(max(n, room))[:n] }
	r.basic, r.value, r.weight = ints(0, tall), cells(0, tall), cells(0, tall)
	r.free, r.reduced, r.fixedAt, r.slack = ints(0, stride), cells(0, stride), cells(0, stride), cells(0, stride)
	r.low, r.high, r.place = cells(n, n+maxCuts), cells(n, n+maxCuts), ints(n, n+maxCuts)
	r.table = m.memory.lines.take(tall)[:r.rows]
	all := cells(r.rows*stride, 0)
	for i := range r.table {
		r.table[i] = all[i*stride : i*stride+width : (i+1)*stride]
		r.basic, r.value = append(r.basic, r.cols+i), append(r.value, float64(m.limits[i]))
		r.weight = append(r.weight, 1)
		r.high[r.cols+i], r.place[r.cols+i] = math.Inf(1), -1-i
	}
	for j, c := range m.columns {
		r.low[j], r.high[j], r.place[j] = float64(b.low[j]), float64(b.high[j]), outside
		if !in[j] {
			continue
		}
		k := len(r.free)
		for _, t := range c.terms {
			r.table[t.row][k] = float64(t.factor)
		}
		r.free, r.reduced, r.fixedAt, r.slack = append(r.free, j), append(r.reduced, float64(values[j])+m.nudge(j)), append(r.fixedAt, 0), append(r.slack, 0)
		r.place[j] = k
		r.begin(k, c.terms)
	}
	return r
}

// begin is settle while the table is that of the model.
func (r *relaxation) begin(k int, terms []term) {
	to := r.end(k)
	for _, t := range terms {
		r.value[t.row] -= float64(float64(t.factor) * to)
	}
	r.fixedAt[k] = to
	r.objective += float64(r.reduced[k] * to)
}

// outside is the place of a column that is not in the table yet, gone of one that is no longer.
const (
	outside = math.MaxInt - 1
	gone    = math.MaxInt
)

// enter lets a column into the table.
func (r *relaxation) enter(j int) {
	k := len(r.free)
	worth := float64(r.values[j]) + r.model.nudge(j)
	for i := range r.table {
		r.table[i] = append(r.table[i], 0)
	}
	for _, t := range r.model.columns[j].terms {
		f := float64(t.factor)
		p := r.place[r.cols+t.row]
		if p < 0 {
			r.table[-1-p][k] += f
			continue
		}
		worth += float64(f * r.reduced[p])
		for i := range r.table {
			r.table[i][k] = clean(r.table[i][k] + float64(f*r.table[i][p]))
		}
	}
	r.free, r.reduced, r.fixedAt, r.slack = append(r.free, j), append(r.reduced, worth), append(r.fixedAt, 0), append(r.slack, 0)
	r.place[j] = k
	r.settle(k)
	r.work += 4 * r.rows
}

// bound sets the limits of a column.
func (r *relaxation) bound(j int, low, high int64) {
	r.low[j], r.high[j] = float64(low), float64(high)
	if k := r.place[j]; k >= 0 && k < outside {
		r.settle(k)
	}
}

// settle moves a free variable to the end of its range that its worth asks for.
func (r *relaxation) settle(k int) {
	r.move(k, r.end(k)-r.fixedAt[k])
}

// end is the end of its range that a free variable's worth asks for.
func (r *relaxation) end(k int) float64 {
	v := r.free[k]
	if r.reduced[k] > 0 && !math.IsInf(r.high[v], 1) {
		return r.high[v]
	}
	return r.low[v]
}

func (r *relaxation) move(k int, by float64) {
	if by == 0 {
		return
	}
	for i := range r.table {
		if f := r.table[i][k]; f != 0 {
			r.value[i] -= float64(f * by)
		}
	}
	r.fixedAt[k] += by
	r.objective += float64(r.reduced[k] * by)
}

// solve goes on until the bounds hold, none can, or the objective has fallen to
// enough. feasible is false when row can not be brought within its bounds.
func (r *relaxation) solve(enough float64, budget int) (feasible bool, row int) {
	for stop := r.work + budget; r.work < stop; {
		if r.objective <= enough {
			return true, -1
		}
		row, below := r.worst()
		if row < 0 {
			return true, -1
		}
		k := r.entering(row, below)
		if k < 0 {
			return false, row
		}
		r.pivot(row, k, below)
	}
	return true, -1
}

// worst is the row that is farthest outside its bounds, as the steps along it are
// measured: exactly in takeExactly, about in takeAbout.
func (r *relaxation) worst() (row int, below bool) {
	row = -1
	far := 0.0
	value, weight, low, high := r.value[:len(r.basic)], r.weight[:len(r.basic)], r.low, r.high[:len(r.low)]
	for i, v := range r.basic {
		d, under := value[i]-high[v], false
		if o := low[v] - value[i]; o > d {
			d, under = o, true
		}
		if d > slackness && float64(d*d) > float64(far*weight[i]) {
			row, below, far = i, under, float64(d*d)/weight[i]
		}
	}
	return row, below
}

// flip moves free variables to the other end of their range.
func (r *relaxation) flip(points []breakpoint) {
	for i := range points {
		k := points[i].place
		v := r.free[k]
		by := r.low[v] + r.high[v] - 2*r.fixedAt[k]
		points[i].size = by
		r.fixedAt[k] += by
		r.objective += float64(r.reduced[k] * by)
	}
	if len(points) == 0 {
		return
	}
	for i, line := range r.table {
		for _, p := range points {
			r.value[i] -= float64(line[p.place] * p.size)
		}
	}
	r.work += r.rows * len(points)
}

// dust is what only rounding leaves.
const dust = 1e-11

// clean takes what only rounding has left for nothing.
func clean(v float64) float64 {
	if math.Abs(v) < dust {
		return 0
	}
	return v
}
