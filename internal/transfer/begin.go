package transfer

// beginWith lets the relaxation begin near a plan: each of its items becomes basic in
// the dearest row in which one item at most may stand, and so its worth is the price
// of that row from the beginning. That is a good part of the way to prices that prove
// something: it takes a quarter of the work from the instances that need most.
func (r *relaxation) beginWith(plan []int, prices []float64) {
	for _, j := range plan {
		k := r.place[j]
		if k < 0 || k >= outside || r.reduced[k] <= 0 {
			continue
		}
		if row := r.dearest(j, prices); row >= 0 {
			r.pivot(row, k, true)
		}
	}
	for k := range r.free {
		r.settle(k)
	}
}

// dearest is the row of an item with the highest price of those in which one item at
// most may stand and that no other item of the plan has taken, −1 for none.
func (r *relaxation) dearest(j int, prices []float64) int {
	m, row := r.model, -1
	for _, t := range m.columns[j].terms {
		if t.row < m.hard && m.limits[t.row] == 1 && t.factor == 1 && r.basic[t.row] == r.cols+t.row && (row < 0 || prices[t.row] > prices[row]) {
			row = t.row
		}
	}
	return row
}
