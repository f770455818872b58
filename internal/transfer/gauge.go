package transfer

import (
	"cmp"
	"math"
	"slices"
)

// gauge is a sum of what the items of a choice bring, with what the choice falls short of
// the proven limit by every unit that the sum ends below its mark, or above it: of a cap
// that has a price, by what is left unused; of a group, by what it still needs, and by what
// it is given beyond that. It is complementary slackness counted out (Dantzig, Linear
// Programming and Extensions, 1963, chapter 6): without it a search by prices takes every
// choice for good that a cap or a group forbids.
type gauge struct {
	now, mark    int64
	below, above int64
	by           []int64 // by open item
	homes        [][]int // open items of which one at most is taken, those that bring most first
}

// never is what it costs to miss a mark that must be reached.
const never = math.MaxInt64 >> 20

// gauge takes what can be missed by more or less, at the prices that the limit rests on,
// and what the rows charge every item with.
func (p *pricing) gauge(multipliers, reduced []int64) {
	b := p.b
	p.shareCosts()
	p.sums = b.memory.longs.take(b.own)
	g := gauger{pricing: p, home: p.homes(), weights: b.memory.longs.take(b.own)}
	for j := len(b.items); j < len(b.columns); j++ {
		if i := b.groupRow(j); i >= 0 {
			g.weights[i] = -1
			g.add(gauge{mark: b.at.high[j] - b.limits[i], below: max(reduced[j], 0), above: multipliers[i]})
		}
	}
	for i, price := range multipliers[:b.hard] {
		if b.limits[i] != 1 {
			g.weights[i] = 1
			g.add(gauge{mark: b.limits[i], below: price})
		}
	}
	for i := b.hard; i < b.own; i++ {
		if multipliers[i] > 0 && b.limits[i] < 0 {
			g.weigh(i)
			g.add(gauge{mark: -b.limits[i], below: never})
		}
	}
}

// shareCosts charges each row of an item with an equal part of its cost.
func (p *pricing) shareCosts() {
	widest := 1
	for n := range p.open {
		widest = max(widest, p.open[n].uses.count())
	}
	for n := range p.open {
		p.open[n].share = p.open[n].cost / int64(widest)
	}
}

// homes gives every open item one of its rows, the longest ones first, so that what
// several can bring together is added up row by row.
func (p *pricing) homes() []int {
	memory := &p.b.memory.ints
	order, size := memory.take(len(p.rows)), memory.take(len(p.rows))
	for i := range order {
		order[i], size[i] = i, p.rows[i].items.count()
	}
	slices.SortFunc(order, func(i, k int) int { return cmp.Or(cmp.Compare(size[k], size[i]), cmp.Compare(i, k)) })
	home := memory.take(len(p.open))
	for n := range home {
		home[n] = -1
	}
	for _, i := range order {
		items := p.rows[i].items
		for n := items.first(0); n >= 0; n = items.first(n + 1) {
			if home[n] < 0 {
				home[n] = i
			}
		}
	}
	return home
}

// gauger makes the gauges of a search.
type gauger struct {
	*pricing
	home    []int   // by open item: the row where it is counted
	weights []int64 // by row: what one brings to the next gauge for each unit that it adds to the row
}

// weigh lets a row that asks for something of the groups together count what is awarded
// in them: no less than what is applied.
func (g *gauger) weigh(row int) {
	b := g.b
	for j := len(b.items); j < len(b.columns); j++ {
		for _, t := range b.columns[j].terms {
			if i := b.groupRow(j); i >= 0 && t.row == row {
				g.weights[i] = t.factor
			}
		}
	}
}

// brings is what an item of the model brings to the next gauge.
func (g *gauger) brings(j int) (sum int64) {
	for _, t := range g.b.columns[j].terms {
		if t.row < g.b.own {
			sum += g.weights[t.row] * t.factor
		}
	}
	return sum
}

// add makes a gauge if it costs anything to miss its mark, and forgets the weights.
func (g *gauger) add(of gauge) {
	defer clear(g.weights)
	if of.below == 0 && of.above == 0 {
		return
	}
	for j := range g.b.items {
		if g.b.at.low[j] == 1 {
			of.now += g.brings(j)
		}
	}
	of.by = g.b.memory.longs.take(len(g.open))
	for n := range g.open {
		of.by[n] = g.brings(g.open[n].item)
	}
	if of.below > 0 {
		of.homes = g.homesOf(of.by)
	}
	g.gauges = append(g.gauges, of)
}

// homesOf are the open items that bring something by their homes, those that bring most first.
func (g *gauger) homesOf(by []int64) (homes [][]int) {
	list := g.b.memory.ints.take(len(by))[:0]
	for n, amount := range by {
		if amount > 0 {
			list = append(list, n)
		}
	}
	byMost := func(m, n int) int { return cmp.Or(cmp.Compare(by[n], by[m]), cmp.Compare(m, n)) }
	slices.SortFunc(list, func(m, n int) int { return cmp.Or(cmp.Compare(g.home[m], g.home[n]), byMost(m, n)) })
	for from, to := 0, 0; from < len(list); from = to {
		for to = from + 1; to < len(list) && g.home[list[to]] == g.home[list[from]]; {
			to++
		}
		homes = append(homes, list[from:to])
	}
	slices.SortFunc(homes, func(l, k []int) int { return byMost(l[0], k[0]) })
	return homes
}

// missed is no more than what a choice falls short by its gauges, whatever of the open
// items it takes besides.
func (p *pricing) missed(items set) (short int64) {
	for k := range p.gauges {
		g := &p.gauges[k]
		if over := g.now - g.mark; over > 0 {
			short += over * g.above
			continue
		}
		if g.below == 0 {
			continue
		}
		p.work += len(g.homes)
		lack := g.lack(items)
		if lack > p.most/g.below {
			return p.most + 1 // also where the product would overflow
		}
		short += lack * g.below
	}
	return short
}

// lack is how far below its mark a gauge ends at least.
func (g *gauge) lack(items set) int64 {
	lack := g.mark - g.now
	for _, list := range g.homes {
		if lack <= 0 {
			return 0
		}
		for _, n := range list {
			if items.has(n) {
				lack -= g.by[n]
				break
			}
		}
	}
	return max(lack, 0)
}

// count books an item with the gauges, or takes it back.
func (p *pricing) count(n int, sign int64) {
	for k := range p.gauges {
		p.gauges[k].now += sign * p.gauges[k].by[n]
	}
}

// groupRow is the row of a group's column, in which what is applied is no more than
// what is awarded; −1 when nothing awarded is missing.
func (m *model) groupRow(j int) int {
	for _, t := range m.columns[j].terms {
		if t.row >= m.hard && t.row < m.own && t.factor > 0 {
			return t.row
		}
	}
	return -1
}
