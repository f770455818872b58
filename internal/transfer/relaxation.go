package transfer

import (
	"cmp"
	"math"
	"slices"
)

// relaxation is a model whose items may be taken in part: a linear programme,
// solved by the dual simplex method over bounded variables. It works in floating
// point, which is only ever a guide: to the multipliers that model.prove then
// judges in whole numbers, and to the item to decide next.
//
// Products are converted explicitly: that forbids fusing them with the sum, which
// would round differently from one machine to another.
type relaxation struct {
	rows, cols int
	table      [][]float64 // by row and free position
	reduced    []float64   // by free position: what a unit more is worth
	free       []int       // by free position: the variable, columns first, then slacks
	fixedAt    []float64   // by free position: its value
	basic      []int       // by row: the variable
	value      []float64   // by row: its value
	place      []int       // by variable: its free position, or −1−row
	low, high  []float64   // by variable
	objective  float64
	points     []breakpoint // kept for its memory
	work       int          // cells touched
	pivots     int
}

const tolerance = 1e-7

func newRelaxation(m *model, values []int64, b bounds) *relaxation {
	r := &relaxation{rows: len(m.limits), cols: len(m.columns)}
	n := r.rows + r.cols
	r.low, r.high, r.place = make([]float64, n), make([]float64, n), make([]int, n)
	r.table = make([][]float64, r.rows)
	for i := range r.table {
		r.table[i] = make([]float64, r.cols)
		r.basic, r.value = append(r.basic, r.cols+i), append(r.value, float64(m.limits[i]))
		r.high[r.cols+i], r.place[r.cols+i] = math.Inf(1), -1-i
	}
	for j, c := range m.columns {
		for _, t := range c.terms {
			r.table[t.row][j] = float64(t.factor)
		}
		r.free, r.reduced, r.fixedAt = append(r.free, j), append(r.reduced, float64(values[j])), append(r.fixedAt, 0)
		r.place[j] = j
		r.bound(j, b.low[j], b.high[j])
	}
	return r
}

// bound sets the limits of a column.
func (r *relaxation) bound(j int, low, high int64) {
	r.low[j], r.high[j] = float64(low), float64(high)
	if k := r.place[j]; k >= 0 {
		r.settle(k)
	}
}

// settle moves a free variable to the end of its range that its worth asks for.
func (r *relaxation) settle(k int) {
	v := r.free[k]
	to := r.low[v]
	if r.reduced[k] > 0 && !math.IsInf(r.high[v], 1) {
		to = r.high[v]
	}
	r.move(k, to-r.fixedAt[k])
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

// worst is the row that is farthest outside its bounds.
func (r *relaxation) worst() (row int, below bool) {
	row = -1
	far := tolerance
	for i, v := range r.basic {
		if d := r.low[v] - r.value[i]; d > far {
			row, below, far = i, true, d
		}
		if d := r.value[i] - r.high[v]; d > far {
			row, below, far = i, false, d
		}
	}
	return row, below
}

// breakpoint is a free variable that could mend a row, and at what loss.
type breakpoint struct {
	place       int
	ratio, size float64
}

// entering chooses the free variable that mends the row at the least loss. Those
// that would mend it at a smaller loss, but not enough even at the other end of
// their range, go there; −1 says that all of them together are not enough.
func (r *relaxation) entering(row int, below bool) int {
	v := r.basic[row]
	missing := r.value[row] - r.high[v]
	if below {
		missing = r.low[v] - r.value[row]
	}
	points := r.breakpoints(row, below)
	for i, p := range points {
		v := r.free[p.place]
		if missing -= p.size * (r.high[v] - r.low[v]); missing < tolerance {
			i = sound(points, i)
			r.flip(points[:i])
			return points[i].place
		}
	}
	return -1
}

// soundSize is the least pivot that does not blow up the rounding of the table.
const soundSize = 1e-3

// sound goes back from the last point that may be chosen to one whose pivot is
// not too small, if there is one: that is only a shorter step.
func sound(points []breakpoint, last int) int {
	for i := last; i >= 0; i-- {
		if points[i].size >= soundSize {
			return i
		}
	}
	return last
}

func (r *relaxation) breakpoints(row int, below bool) []breakpoint {
	points := r.points[:0]
	for k, f := range r.table[row] {
		v := r.free[k]
		if math.Abs(f) < tolerance || r.low[v] == r.high[v] {
			continue
		}
		up := (f < 0) == below // the variable would have to grow
		if up == (r.fixedAt[k] == r.low[v]) {
			points = append(points, breakpoint{k, math.Abs(r.reduced[k] / f), math.Abs(f)})
		}
	}
	slices.SortFunc(points, func(a, b breakpoint) int {
		return cmp.Or(cmp.Compare(a.ratio, b.ratio), cmp.Compare(b.size, a.size), cmp.Compare(a.place, b.place))
	})
	r.points = points
	r.work += 10 * len(points)
	return points
}

// flip moves free variables to the other end of their range.
func (r *relaxation) flip(points []breakpoint) {
	for _, p := range points {
		v := r.free[p.place]
		r.move(p.place, r.low[v]+r.high[v]-2*r.fixedAt[p.place])
	}
	r.work += r.rows * len(points)
}

// pivot lets the free variable k take the place of the row's.
func (r *relaxation) pivot(row, k int, below bool) {
	r.pivots++
	out, in := r.basic[row], r.free[k]
	to := r.high[out]
	if below {
		to = r.low[out]
	}
	p := r.table[row][k]
	r.move(k, (r.value[row]-to)/p)
	r.value[row], r.fixedAt[k] = r.fixedAt[k], to
	r.basic[row], r.free[k] = in, out
	r.place[in], r.place[out] = -1-row, k
	r.eliminate(row, k, p)
}

func (r *relaxation) eliminate(row, k int, p float64) {
	line := r.table[row]
	var filled []int
	for c, f := range line {
		if f != 0 && c != k {
			line[c] = f / p
			filled = append(filled, c)
		}
	}
	line[k] = 1 / p
	for i, other := range r.table {
		if f := other[k]; f != 0 && i != row {
			subtract(other, line, filled, f)
			other[k] = -f / p
			r.work += len(filled)
		}
	}
	f := r.reduced[k]
	subtract(r.reduced, line, filled, f)
	r.reduced[k] = -f / p
	r.work += r.cols + r.rows
}

func subtract(from, line []float64, filled []int, f float64) {
	for _, c := range filled {
		v := from[c] - float64(f*line[c])
		if math.Abs(v) < 1e-11 {
			v = 0
		}
		from[c] = v
	}
}

// multipliers are the prices of the rows.
func (r *relaxation) multipliers() []float64 {
	y := make([]float64, r.rows)
	for i := range y {
		if k := r.place[r.cols+i]; k >= 0 {
			y[i] = -r.reduced[k]
		}
	}
	return y
}

// ray are prices of the rows that show that a row cannot be brought within its bounds.
func (r *relaxation) ray(row int) []float64 {
	sign := 1.0
	if r.value[row] > r.high[r.basic[row]] {
		sign = -1
	}
	y := make([]float64, r.rows)
	for i := range y {
		v := r.cols + i
		if k := r.place[v]; k >= 0 {
			y[i] = sign * r.table[row][k]
		} else if -1-k == row {
			y[i] = sign
		}
	}
	return y
}

// share is how much of a column is taken.
func (r *relaxation) share(j int) float64 {
	if k := r.place[j]; k >= 0 {
		return r.fixedAt[k]
	}
	return r.value[-1-r.place[j]]
}
