package transfer

import "math"

// anew is the same table computed from the model.
func (r *relaxation) anew(m *model, values []int64, b bounds) *relaxation {
	in := make([]bool, r.cols)
	for j := range in {
		in[j] = r.place[j] != outside
	}
	n := newRelaxation(m, values, b, in, r.steepest)
	n.pivots, n.work = r.pivots, r.work+n.rows*n.cols
	for v := range n.cols {
		if r.place[v] >= 0 {
			continue
		}
		row, size := -1, soundSize
		for i, slack := range n.basic {
			if f := math.Abs(n.table[i][n.place[v]]); slack >= n.cols && r.place[slack] >= 0 && f > size {
				row, size = i, f
			}
		}
		if row >= 0 {
			n.pivot(row, n.place[v], true)
		}
	}
	for k := range n.free {
		n.settle(k)
	}
	return n
}

// addRow adds a row to the table as it is.
func (r *relaxation) addRow(terms []factor, limit int64) {
	line, value := make([]float64, len(r.free)), float64(limit)
	for _, t := range terms {
		f := t.by
		switch k := r.place[t.column]; {
		case k == outside:
		case k == gone:
			value -= float64(float64(f) * r.low[t.column])
		case k >= 0:
			line[k] += float64(f)
			value -= float64(float64(f) * r.fixedAt[k])
		default:
			value -= float64(float64(f) * r.value[-1-k])
			for c, t := range r.table[-1-k] {
				line[c] -= float64(float64(f) * t)
			}
		}
	}
	weight := 1.0
	if r.steepest {
		weight += take(line, line, r.slack, 0)
	}
	r.table, r.weight = append(r.table, line), append(r.weight, weight)
	r.basic, r.value = append(r.basic, r.cols+r.rows), append(r.value, value)
	r.low, r.high = append(r.low, 0), append(r.high, math.Inf(1))
	r.place = append(r.place, -1-r.rows)
	r.rows++
	r.work += r.cols * 8
}

// purge takes rows out of the table whose slack is in their own row: place is by
// row its number afterwards, −1 for those that go.
func (r *relaxation) purge(place []int, n int) {
	for i := range place {
		if v := r.cols + i; place[i] < 0 {
			row := -1 - r.place[v]
			r.basic[row] = -1
		} else {
			w := r.cols + place[i]
			r.low[w], r.high[w], r.place[w] = r.low[v], r.high[v], r.place[v]
		}
	}
	renumber := func(v int) int {
		if v < r.cols {
			return v
		}
		return r.cols + place[v-r.cols]
	}
	kept := 0
	for i, v := range r.basic {
		if v < 0 {
			continue
		}
		r.table[kept], r.value[kept], r.weight[kept], r.basic[kept] = r.table[i], r.value[i], r.weight[i], renumber(v)
		r.place[r.basic[kept]] = -1 - kept
		kept++
	}
	for k, v := range r.free {
		r.free[k] = renumber(v)
		r.place[r.free[k]] = k
	}
	r.table, r.value, r.weight, r.basic = r.table[:kept], r.value[:kept], r.weight[:kept], r.basic[:kept]
	r.low, r.high, r.place = r.low[:r.cols+n], r.high[:r.cols+n], r.place[:r.cols+n]
	r.rows = n
}

// settled takes the columns out of the table that can have one value only. They must
// keep it.
func (r *relaxation) settled() {
	for k := 0; k < len(r.free); k++ {
		v := r.free[k]
		if v >= r.cols || r.low[v] != r.high[v] {
			continue
		}
		last := len(r.free) - 1
		r.place[r.free[last]], r.place[v] = k, gone
		r.free[k], r.reduced[k], r.fixedAt[k], r.slack[k] = r.free[last], r.reduced[last], r.fixedAt[last], r.slack[last]
		r.free, r.reduced, r.fixedAt, r.slack = r.free[:last], r.reduced[:last], r.fixedAt[:last], r.slack[:last]
		for i, line := range r.table {
			line[k] = line[last]
			r.table[i] = line[:last]
		}
		if k == last {
			r.place[v] = gone
		}
		k--
	}
}

// losses are what the guide loses at least when the variable of a row goes down to
// a whole number, and when it goes up to one.
func (r *relaxation) losses(row int) (down, up float64) {
	down, up = math.Inf(1), math.Inf(1)
	for k, f := range r.table[row] {
		v := r.free[k]
		if math.Abs(f) < tolerance || r.low[v] == r.high[v] {
			continue
		}
		ratio := math.Abs(r.reduced[k] / f)
		if (f < 0) == (r.fixedAt[k] == r.low[v]) {
			up = min(up, ratio)
		} else {
			down = min(down, ratio)
		}
	}
	r.work += r.cols
	share := r.value[row] - math.Floor(r.value[row])
	return float64(down * share), float64(up * (1 - share))
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
	switch k := r.place[j]; {
	case k >= outside:
		return r.low[j]
	case k >= 0:
		return r.fixedAt[k]
	default:
		return r.value[-1-k]
	}
}
