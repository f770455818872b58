package transfer

import (
	"cmp"
	"math"
	"slices"
)

// bound is the proven limit within the present bounds, in 1/scale; closed when
// nothing more than least is there. Where the guide's numbers and what is proven
// by them lie apart, its rounding has gone astray: then its table is computed anew.
func (b *branching) bound() (limit int64, reduced []int64, closed bool) {
	limit, reduced, closed, sound := b.relax()
	if !sound {
		b.relaxed = b.relaxed.anew(b.model, b.values, b.at)
		limit, reduced, closed, _ = b.relax()
	}
	return limit, reduced, closed
}

const astray = 1e-2

// relax is the proven limit within the present bounds, in 1/scale; closed when nothing more
// than least is there, and sound when the guide's numbers agree with what is proven.
func (b *branching) relax() (limit int64, reduced []int64, closed, sound bool) {
	enough := float64(b.least-b.base) + float64(max(b.step, 1)) - 1e-4
	for {
		feasible, row := b.relaxed.solve(enough, b.budget-b.relaxed.work)
		if !feasible {
			sum, reduced := b.prove(make([]int64, len(b.columns)), b.wholeMultipliers(b.relaxed.ray(row)), b.at)
			if sum < 0 {
				return b.least * scale, nil, true, true
			}
			if b.admit(reduced) {
				continue
			}
		}
		limit, reduced = b.prove(b.values, b.wholeMultipliers(b.relaxed.multipliers()), b.at)
		if b.reach(limit) <= b.least {
			return limit, nil, true, true
		}
		if b.admit(reduced) {
			continue
		}
		if sound = feasible && float64(limit)/scale < b.relaxed.objective+astray; !sound {
			return limit, reduced, false, false
		}
		if b.relaxed.objective > enough || math.IsInf(enough, -1) {
			return limit, reduced, false, true
		}
		enough = math.Inf(-1) // the guide stopped too early: let it go on to its end
	}
}

// first are the columns that the table begins with, and what speaks by row for letting an item
// of the plan begin there: its price, or for want of one its length.
func (b *branching) first() (in []bool, prices []float64) {
	if len(b.near) > 0 && len(b.columns) >= fewColumns {
		return b.promising()
	}
	return b.likely(), b.lengths()
}

// lengths are by row how many items are in it.
func (b *branching) lengths() []float64 {
	lengths := make([]float64, len(b.limits))
	for _, c := range b.columns[:len(b.items)] {
		for _, t := range c.terms {
			lengths[t.row]++
		}
	}
	return lengths
}

// likely are the columns that the table begins with where nothing more is known: those of the
// groups, and of the items that want the same thing the first ones, which bring most for a record.
func (b *branching) likely() []bool {
	in := make([]bool, len(b.columns))
	taken := make([]int, len(b.limits))
	for j, c := range b.columns {
		in[j] = j >= len(b.items) || len(b.columns) < fewColumns
		for _, t := range c.terms {
			if t.row < b.hard && b.limits[t.row] == 1 && taken[t.row] < firstOfRow {
				taken[t.row]++
				in[j] = true
			}
		}
	}
	return in
}

// fewColumns are all in the table from the beginning; else so many of those that want the
// same thing, and at most so many more at a time.
const (
	fewColumns = 60
	firstOfRow = 2
	moreAtOnce = 96
)

// admit lets columns into the table that are worth more than nothing, and says whether
// there were any.
func (b *branching) admit(reduced []int64) bool {
	var more []int
	for j, k := range b.relaxed.place[:len(b.columns)] {
		if k == outside && reduced[j] > scale>>17 && b.at.high[j] > 0 {
			more = append(more, j)
		}
	}
	slices.SortStableFunc(more, func(x, y int) int { return cmp.Compare(reduced[y], reduced[x]) })
	for _, j := range more[:min(len(more), moreAtOnce)] {
		b.relaxed.enter(j)
	}
	return len(more) > 0
}
