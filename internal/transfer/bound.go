package transfer

import "math"

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
			sum, _ := b.prove(make([]int64, len(b.columns)), b.wholeMultipliers(b.relaxed.ray(row)), b.at)
			if sum < 0 {
				return b.least * scale, nil, true, true
			}
		}
		limit, reduced = b.prove(b.values, b.wholeMultipliers(b.relaxed.multipliers()), b.at)
		if b.reach(limit) <= b.least {
			return limit, nil, true, true
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
