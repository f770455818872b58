package transfer

import (
	"cmp"
	"math"
	"slices"
)

// cut is a row that every choice within the bounds keeps, and the relaxation's does not.
type cut struct {
	factors []int64 // by column
	limit   int64
	depth   float64 // by how much the relaxation breaks it, as a distance
}

// maxCuts bounds how many cuts are taken at once.
const maxCuts = 24

// cut adds the deepest cuts that there are to be found, and says whether there were any.
func (b *branching) cut() bool {
	if b.mass > 1<<36 { // the sums below could overflow
		return false
	}
	b.purge()
	found := slices.Concat(b.scaledCuts(), b.tableCuts())
	slices.SortStableFunc(found, func(a, b cut) int { return cmp.Compare(b.depth, a.depth) })
	for _, c := range found[:min(len(found), maxCuts)] {
		b.addCut(c)
	}
	return len(found) > 0
}

func (b *branching) addCut(c cut) {
	row := b.addRow(c.limit)
	for j, f := range c.factors {
		b.add(j, row, f)
	}
	b.relaxed.addRow(c.factors, c.limit)
}

// purge takes out the cuts that the relaxation does not come up against.
func (b *branching) purge() {
	place := make([]int, len(b.limits))
	n := 0
	for i := range b.limits {
		if place[i] = n; i >= b.own && b.relaxed.place[b.relaxed.cols+i] < 0 {
			place[i] = -1
			continue
		}
		b.limits[n] = b.limits[i]
		n++
	}
	b.limits = b.limits[:n]
	for j := range b.columns {
		kept := b.columns[j].terms[:0]
		for _, t := range b.columns[j].terms {
			if place[t.row] >= 0 {
				kept = append(kept, term{place[t.row], t.factor})
			}
		}
		b.columns[j].terms = kept
	}
	b.relaxed.purge(place, n)
}

// tableCuts are cuts from the rows of the table whose variable is not whole.
func (b *branching) tableCuts() (found []cut) {
	for row, v := range b.relaxed.basic {
		share := b.relaxed.value[row] - math.Floor(b.relaxed.value[row])
		if v >= len(b.columns) || share < 0.01 || share > 0.99 {
			continue
		}
		if c, ok := b.roundSum(b.rowShares(row)); ok {
			found = append(found, c)
		}
		b.relaxed.work += 8 * len(b.columns)
	}
	return found
}

// scaledCuts are cuts from single rows of more than ones, divided by each of their factors.
func (b *branching) scaledCuts() (found []cut) {
	divisors := make([][]int64, len(b.limits))
	for _, c := range b.columns {
		for _, t := range c.terms {
			if f := max(t.factor, -t.factor); t.row < b.own && f > 1 && !slices.Contains(divisors[t.row], f) {
				divisors[t.row] = append(divisors[t.row], f)
			}
		}
	}
	for i, list := range divisors {
		if len(list) == 0 || b.relaxed.place[b.relaxed.cols+i] < 0 {
			continue
		}
		list = append(list, 2, 3, 4)
		for _, f := range list {
			shares := make([]int64, len(b.limits))
			shares[i] = (scale + f/2) / f
			if c, ok := b.roundSum(shares); ok {
				found = append(found, c)
			}
			b.relaxed.work += 4 * len(b.columns)
		}
	}
	return found
}

// roundSum rounds a sum of rows (mixed-integer rounding: Nemhauser and Wolsey, A
// recursive procedure to generate all cuts for 0–1 mixed integer programs, 1990).
// The guide says how much of each row; from there on all is in whole numbers of
// 1/scale, so the cut holds whatever the guide said. Of Σ aⱼ·xⱼ + Σ yᵢ·sᵢ = β,
// with whole x and s not below 0, it keeps ⌊aⱼ⌋ and so much of the rest of aⱼ as exceeds
// the rest of β, in 1/(1 − rest of β); and likewise of yᵢ.
func (b *branching) roundSum(shares []int64) (cut, bool) {
	sums, total := b.combine(shares)
	mirrored := b.mirror(sums, &total)
	rest := total & (scale - 1)
	if rest < scale/64 || rest > scale-scale/64 {
		return cut{}, false
	}
	keep := func(a int64) int64 { return (a>>20)*(scale-rest) + max(0, a&(scale-1)-rest) }
	limit := (total >> 20) * (scale - rest)
	for j, a := range sums {
		f := keep(a)
		if mirrored[j] {
			limit -= f * b.at.high[j]
			f = -f
		} else {
			limit += f * b.at.low[j]
		}
		sums[j] = f
	}
	for i, y := range shares {
		shares[i] = max(0, y-rest)
		limit -= shares[i] * b.limits[i]
	}
	for j, c := range b.columns {
		for _, t := range c.terms {
			sums[j] -= shares[t.row] * t.factor
		}
	}
	return b.simplify(sums, limit, scale-rest)
}

// rowShares is how much of each row is in a row of the table, beyond whole numbers, in 1/scale.
func (b *branching) rowShares(row int) []int64 {
	shares := make([]int64, len(b.limits))
	for i := range shares {
		if k := b.relaxed.place[b.relaxed.cols+i]; k >= 0 {
			y := b.relaxed.table[row][k]
			if y -= math.Floor(y); y > 1e-6 && y < 1-1e-6 {
				shares[i] = int64(math.Round(y*scale)) & (scale - 1)
			}
		}
	}
	return shares
}

// combine adds up so much of each row.
func (b *branching) combine(shares []int64) (sums []int64, total int64) {
	sums = make([]int64, len(b.columns))
	for j, c := range b.columns {
		for _, t := range c.terms {
			sums[j] += shares[t.row] * t.factor
		}
	}
	for i, y := range shares {
		total += y * b.limits[i]
	}
	return sums, total
}

// mirror counts every column from the end of its range that it is nearer to.
func (b *branching) mirror(sums []int64, total *int64) []bool {
	mirrored := make([]bool, len(sums))
	for j, a := range sums {
		low, high := b.at.low[j], b.at.high[j]
		if 2*b.relaxed.share(j) > float64(low+high) {
			mirrored[j], sums[j] = true, -a
			*total -= a * high
		} else {
			*total -= a * low
		}
	}
	return mirrored
}

// largestFactor bounds the factors of a cut.
const largestFactor = 1 << 8

// simplify divides a cut by unit, or by a part of it, and rounds it to small whole
// numbers without cutting off more.
func (b *branching) simplify(sums []int64, limit, unit int64) (cut, bool) {
	largest := int64(1)
	for _, f := range sums {
		largest = max(largest, f, -f)
	}
	times := wholeTimes(sums, unit, largest)
	if times == 0 {
		times = largestFactor * unit / largest
	}
	if times == 0 || max(largest, limit, -limit) > math.MaxInt64/8/times {
		return cut{}, false
	}
	limit *= times
	for j, f := range sums {
		sums[j] = floorDiv(f*times, unit)
		if over := f*times - sums[j]*unit; over > unit-unit/256 { // it is nearly the next number: count it so, and allow for it
			sums[j]++
			limit += (unit - over) * b.at.high[j]
		}
	}
	c := cut{factors: sums, limit: floorDiv(limit, unit)}
	c.depth = b.depth(c)
	return c, c.depth > 1e-3
}

// wholeTimes is the least number that makes all factors nearly whole multiples of the unit, 0 when none does.
func wholeTimes(factors []int64, unit, largest int64) int64 {
	for times := int64(1); times <= 24 && largest/unit*times <= largestFactor; times++ {
		whole := func(f int64) bool {
			over := f * times % unit
			over = max(over, -over)
			return min(over, unit-over) <= unit/512
		}
		if !slices.ContainsFunc(factors, func(f int64) bool { return !whole(f) }) {
			return times
		}
	}
	return 0
}

func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}

// depth is how far the relaxation's choice lies beyond a cut.
func (b *branching) depth(c cut) float64 {
	beyond, square := -float64(c.limit), 0.0
	for j, f := range c.factors {
		beyond += float64(float64(f) * b.relaxed.share(j))
		square += float64(float64(f) * float64(f))
	}
	return beyond / math.Sqrt(max(square, 1))
}
