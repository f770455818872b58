package transfer

import (
	"cmp"
	"math"
	"slices"
)

// cut is a row that every choice within the bounds keeps, and the relaxation's does not.
type cut struct {
	terms []factor
	limit int64
	depth float64 // by how much the relaxation breaks it, as a distance
}

// factor is what a column adds to a cut.
type factor struct {
	column int
	by     int64
}

// maxCuts bounds how many cuts are taken at once.
const maxCuts = 24

// cut adds the deepest cuts that there are to be found, and says whether there were any.
func (b *branching) cut() bool {
	if b.mass > 1<<36 { // the sums below could overflow
		return false
	}
	b.purge()
	c := newCutter(b)
	c.scaledCuts()
	c.tableCuts()
	found := c.found
	slices.SortStableFunc(found, func(a, b cut) int { return cmp.Compare(b.depth, a.depth) })
	for _, c := range found[:min(len(found), maxCuts)] {
		b.addCut(c)
	}
	return len(found) > 0
}

func (b *branching) addCut(c cut) {
	row := b.addRow(c.limit)
	for _, t := range c.terms {
		b.add(t.column, row, t.by)
	}
	b.relaxed.addRow(c.terms, c.limit)
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

// cutter looks for cuts.
type cutter struct {
	*branching
	byRow    [][]factor // by row: what is in it
	shares   []rowShare // of the sum that is rounded
	sums     []int64    // by column: likewise, 0 where it has nothing
	touched  []int      // the columns that it has something of
	mirrored []bool     // by column: counted from the upper end of its range
	found    []cut
}

// rowShare is so much of a row, in 1/scale.
type rowShare struct {
	row int
	by  int64
}

func newCutter(b *branching) *cutter {
	c := &cutter{branching: b, byRow: make([][]factor, len(b.limits)), sums: make([]int64, len(b.columns)), mirrored: make([]bool, len(b.columns))}
	sizes, all := make([]int, len(b.limits)), 0
	for _, column := range b.columns {
		for _, t := range column.terms {
			sizes[t.row]++
		}
		all += len(column.terms)
	}
	memory := make([]factor, all)
	for i, n := range sizes {
		c.byRow[i], memory = memory[:0:n], memory[n:]
	}
	for j, column := range b.columns {
		for _, t := range column.terms {
			c.byRow[t.row] = append(c.byRow[t.row], factor{j, t.factor})
		}
	}
	return c
}

// tableCuts are cuts from the rows of the table whose variable is not whole.
func (c *cutter) tableCuts() {
	for row, v := range c.relaxed.basic {
		share := c.relaxed.value[row] - math.Floor(c.relaxed.value[row])
		if v >= len(c.columns) || share < 0.01 || share > 0.99 {
			continue
		}
		c.addShares(row)
		c.roundSum()
		c.relaxed.work += 4 * len(c.columns)
	}
}

// scaledCuts are cuts from single rows of more than ones, divided by each of their factors.
func (c *cutter) scaledCuts() {
	var divisors []int64
	for i := range c.byRow[:c.own] {
		if c.relaxed.place[c.relaxed.cols+i] < 0 {
			continue
		}
		divisors = divisors[:0]
		for _, t := range c.byRow[i] {
			if f := max(t.by, -t.by); f > 1 && !slices.Contains(divisors, f) {
				divisors = append(divisors, f)
			}
		}
		if len(divisors) == 0 {
			continue
		}
		divisors = append(divisors, 2, 3, 4)
		for _, f := range divisors {
			c.shares = append(c.shares[:0], rowShare{i, (scale + f/2) / f})
			c.roundSum()
			c.relaxed.work += 4 * len(c.byRow[i])
		}
	}
}

// roundSum rounds a sum of rows (mixed-integer rounding: Nemhauser and Wolsey, A
// recursive procedure to generate all cuts for 0–1 mixed integer programs, 1990).
// The guide says how much of each row; from there on all is in whole numbers of
// 1/scale, so the cut holds whatever the guide said. Of Σ aⱼ·xⱼ + Σ yᵢ·sᵢ = β,
// with whole x and s not below 0, it keeps ⌊aⱼ⌋ and so much of the rest of aⱼ as exceeds
// the rest of β, in 1/(1 − rest of β); and likewise of yᵢ.
func (c *cutter) roundSum() {
	total := c.combine()
	c.mirror(&total)
	if rest := total & (scale - 1); rest >= scale/64 && rest <= scale-scale/64 {
		c.round(total, rest)
	}
	for _, j := range c.touched {
		c.sums[j], c.mirrored[j] = 0, false
	}
	c.touched = c.touched[:0]
}

func (c *cutter) round(total, rest int64) {
	keep := func(a int64) int64 { return (a>>20)*(scale-rest) + max(0, a&(scale-1)-rest) }
	limit := (total >> 20) * (scale - rest)
	for _, j := range c.touched {
		f := keep(c.sums[j])
		if c.mirrored[j] {
			limit -= f * c.at.high[j]
			f = -f
		} else {
			limit += f * c.at.low[j]
		}
		c.sums[j] = f
	}
	for _, s := range c.shares {
		over := max(0, s.by-rest)
		limit -= over * c.limits[s.row]
		for _, t := range c.byRow[s.row] {
			c.sums[t.column] -= over * t.by
		}
	}
	c.simplify(limit, scale-rest)
}

// addShares takes for the sum how much of each row is in a row of the table, beyond whole numbers.
func (c *cutter) addShares(row int) {
	c.shares = c.shares[:0]
	for k, v := range c.relaxed.free {
		if v < c.relaxed.cols {
			continue
		}
		y := c.relaxed.table[row][k]
		if y -= math.Floor(y); y > 1e-6 && y < 1-1e-6 {
			c.shares = append(c.shares, rowShare{v - c.relaxed.cols, int64(math.Round(y*scale)) & (scale - 1)})
		}
	}
}

// combine adds up so much of each row.
func (c *cutter) combine() (total int64) {
	for _, s := range c.shares {
		total += s.by * c.limits[s.row]
		for _, t := range c.byRow[s.row] {
			if !c.mirrored[t.column] {
				c.mirrored[t.column] = true // only noted that it is listed
				c.touched = append(c.touched, t.column)
			}
			c.sums[t.column] += s.by * t.by
		}
	}
	return total
}

// mirror counts every column from the end of its range that it is nearer to.
func (c *cutter) mirror(total *int64) {
	slices.Sort(c.touched)
	for _, j := range c.touched {
		low, high := c.at.low[j], c.at.high[j]
		c.mirrored[j] = 2*c.relaxed.share(j) > float64(low+high)
		if a := c.sums[j]; c.mirrored[j] {
			c.sums[j] = -a
			*total -= a * high
		} else {
			*total -= a * low
		}
	}
}

// largestFactor bounds the factors of a cut.
const largestFactor = 1 << 8

// simplify divides a cut by unit, or by a part of it, and rounds it to small whole
// numbers without cutting off more. It is found when the relaxation breaks it.
func (c *cutter) simplify(limit, unit int64) {
	largest := int64(1)
	for _, j := range c.touched {
		largest = max(largest, c.sums[j], -c.sums[j])
	}
	times := c.wholeTimes(unit, largest)
	if times == 0 {
		times = largestFactor * unit / largest
	}
	if times == 0 || max(largest, limit, -limit) > math.MaxInt64/8/times {
		return
	}
	limit *= times
	beyond, square := 0.0, 0.0
	for _, j := range c.touched {
		f := c.sums[j] * times
		c.sums[j] = floorDiv(f, unit)
		if over := f - c.sums[j]*unit; over > unit-unit/256 { // it is nearly the next number: count it so, and allow for it
			c.sums[j]++
			limit += (unit - over) * c.at.high[j]
		}
		beyond += float64(float64(c.sums[j]) * c.relaxed.share(j))
		square += float64(float64(c.sums[j]) * float64(c.sums[j]))
	}
	limit = floorDiv(limit, unit)
	if depth := (beyond - float64(limit)) / math.Sqrt(max(square, 1)); depth > 1e-3 {
		c.found = append(c.found, cut{c.terms(), limit, depth})
	}
}

// terms are the factors of the sum.
func (c *cutter) terms() []factor {
	terms := make([]factor, 0, len(c.touched))
	for _, j := range c.touched {
		if c.sums[j] != 0 {
			terms = append(terms, factor{j, c.sums[j]})
		}
	}
	return terms
}

// wholeTimes is the least number that makes all factors nearly whole multiples of the unit, 0 when none does.
func (c *cutter) wholeTimes(unit, largest int64) int64 {
	for times := int64(1); times <= 24 && largest/unit*times <= largestFactor; times++ {
		whole := func(j int) bool {
			over := c.sums[j] * times % unit
			over = max(over, -over)
			return min(over, unit-over) <= unit/512
		}
		if !slices.ContainsFunc(c.touched, func(j int) bool { return !whole(j) }) {
			return times
		}
	}
	return 0
}
