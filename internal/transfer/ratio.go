package transfer

import "math"

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
	heapify(points)
	for n := len(points); n > 0; n-- { // the passed ones gather behind n, the last one first
		v := r.free[points[0].place]
		missing -= float64(points[0].size * (r.high[v] - r.low[v]))
		points[0], points[n-1] = points[n-1], points[0]
		if missing < slackness {
			last := sound(points, n-1)
			r.flip(points[last+1:])
			return points[last].place
		}
		siftDown(points[:n-1], 0)
	}
	return -1
}

// soundSize is the least pivot that does not blow up the rounding of the table.
const soundSize = 1e-3

// sound goes back from the last point that may be chosen to one whose pivot is
// not too small, if there is one: that is only a shorter step.
func sound(points []breakpoint, last int) int {
	for i := last; i < len(points); i++ {
		if points[i].size >= soundSize {
			return i
		}
	}
	return last
}

func (r *relaxation) breakpoints(row int, below bool) []breakpoint {
	points, line := r.points[:0], r.table[row]
	free, fixedAt, reduced := r.free[:len(line)], r.fixedAt[:len(line)], r.reduced[:len(line)]
	for k, f := range line {
		if math.Abs(f) < tolerance {
			continue
		}
		v := free[k]
		low := r.low[v]
		if low == r.high[v] {
			continue
		}
		up := (f < 0) == below // the variable would have to grow
		if up == (fixedAt[k] == low) {
			points = append(points, breakpoint{k, math.Abs(reduced[k] / f), math.Abs(f)})
		}
	}
	r.points = points
	r.work += 2 * len(points)
	return points
}

// before orders breakpoints by the loss, the larger pivot first.
func (p *breakpoint) before(o *breakpoint) bool {
	switch {
	case p.ratio != o.ratio:
		return p.ratio < o.ratio
	case p.size != o.size:
		return p.size > o.size
	}
	return p.place < o.place
}

// heapify puts the first of the points in front, and each before its two heirs.
func heapify(points []breakpoint) {
	for i := len(points)/2 - 1; i >= 0; i-- {
		siftDown(points, i)
	}
}

func siftDown(points []breakpoint, i int) {
	for {
		heir := 2*i + 1
		if heir >= len(points) {
			return
		}
		if heir+1 < len(points) && points[heir+1].before(&points[heir]) {
			heir++
		}
		if !points[heir].before(&points[i]) {
			return
		}
		points[i], points[heir] = points[heir], points[i]
		i = heir
	}
}
