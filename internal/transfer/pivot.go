package transfer

// pivot lets the free variable k take the place of the row's.
func (r *relaxation) pivot(row, k int, below bool) {
	r.pivots++
	out, in := r.basic[row], r.free[k]
	to := r.high[out]
	if below {
		to = r.low[out]
	}
	p := r.table[row][k]
	by := (r.value[row] - to) / p
	used := r.used[:0]
	for i, line := range r.table {
		switch f := line[k]; {
		case f > dust || f < -dust:
			r.value[i] -= float64(f * by)
			used = append(used, int32(i))
		case f != 0:
			line[k] = 0 // only rounding has left it
		}
	}
	r.used = used
	r.fixedAt[k] += by
	r.objective += float64(r.reduced[k] * by)
	r.value[row], r.fixedAt[k] = r.fixedAt[k], to
	r.basic[row], r.free[k] = in, out
	r.place[in], r.place[out] = -1-row, k
	r.eliminate(row, k, p)
}

// eliminate takes the pivot's row, divided by p, from the others, so that nothing of the column is left there.
func (r *relaxation) eliminate(row, k int, p float64) {
	r.divide(row, k, p)
	line := r.table[row]
	if line[k] = 0; r.steepest { // the others' is set apart
		r.takeExactly(row, k, p)
	} else {
		r.takeAbout(row, k, p)
	}
	r.work += len(r.filled)*(len(r.used)-1) + r.cols + r.rows
	line[k] = 1 / p
	f := r.reduced[k]
	take(r.reduced, line, r.slack, f)
	r.reduced[k] = -f / p
	r.slack[k] = float64(bit(r.free[k] >= r.cols))
}

// divide divides the row of a pivot, and notes where it has something beside the pivot.
func (r *relaxation) divide(row, k int, p float64) {
	line, filled := r.table[row], r.filled[:0]
	for c, f := range line {
		switch {
		case f > dust || f < -dust:
			line[c] = f / p
			if c != k {
				filled = append(filled, int32(c))
			}
		case f != 0:
			line[c] = 0 // only rounding has left it
		}
	}
	r.filled = filled
}

// takeExactly takes the row of a pivot from the others, and weighs them all: by the squares of
// what the slacks have in them, which is how far the prices move in a step along the row
// (Forrest and Goldfarb, Steepest-edge simplex algorithms for linear programming, 1992). In a whole
// table they need not be carried on from step to step. It takes a quarter fewer pivots than takeAbout.
func (r *relaxation) takeExactly(row, k int, p float64) {
	line, own := r.table[row], 1.0
	out := float64(bit(r.free[k] >= r.cols))
	r.slack[k] = 0
	for _, i := range r.used {
		if int(i) == row {
			continue
		}
		other := r.table[i]
		f := other[k]
		rest, x := take(other, line, r.slack, f), -f/p
		other[k] = x
		r.weight[i] = 1 + rest + float64(float64(x*x)*out)
	}
	for _, c := range r.filled {
		own += float64(float64(line[c]*line[c]) * r.slack[c])
	}
	r.weight[row] = own + out/float64(p*p)
}

// takeAbout takes the row of a pivot from the others, and weighs them by no more than they grow (Devex, in
// the same place). A plan that is told has always been sought by it, and decisions are replayed.
func (r *relaxation) takeAbout(row, k int, p float64) {
	line := r.table[row]
	grown := r.weight[row] / float64(p*p)
	for _, i := range r.used {
		if int(i) == row {
			continue
		}
		other := r.table[i]
		f := other[k]
		r.subtract(other, line, f)
		other[k] = -f / p
		if w := float64(f*f) * grown; w > r.weight[i] {
			r.weight[i] = w
		}
	}
	r.weigh(row, p)
}

// farAway is where the weights have lost their meaning and begin anew.
const farAway = 1e7

// weigh gives the row of a pivot its weight.
func (r *relaxation) weigh(row int, p float64) {
	r.weight[row] = max(r.weight[row]/float64(p*p), 1)
	for _, i := range r.used {
		if r.weight[i] > farAway {
			for i := range r.weight {
				r.weight[i] = 1
			}
			return
		}
	}
}

// subtract takes f times the line of a pivot from another one. A sparse line goes by the
// list of what is not 0 in it.
func (r *relaxation) subtract(from, line []float64, f float64) {
	if 6*len(r.filled) > len(line) {
		take(from, line, r.slack, f)
		return
	}
	for _, c := range r.filled {
		from[c] -= float64(f * line[c])
	}
}
