package transfer

import (
	"cmp"
	"math"
	"math/bits"
	"slices"
)

// pricing searches by the prices of the rows that a proven limit rests on. Whatever
// choice there is falls short of the limit by what its items cost beyond what they
// bring, and by the price of every row that it leaves unused: all of that is in whole
// numbers and not negative. So of a choice that is worth more than the best one nearly
// every row is used by one of few items, and those are soon looked through without
// another relaxation.
type pricing struct {
	b      *branching
	limit  int64 // proven, in 1/scale
	most   int64 // by which a choice that is worth more may fall short of it
	open   []pricedItem
	rows   []pricedRow
	caps   []pricedCap
	gauges []gauge // where the numbers alone are asked for
	taken  []int   // open items
	states []priceState
	work   int
	stop   int

	mistakes int // choices that came to nothing more, and ways that the gauges shut
}

// pricedItem is an item that is open. They stand with the cheapest first.
type pricedItem struct {
	item   int   // of the model
	cost   int64 // by which a choice with it falls short
	share  int64 // of it, that each of its rows can be charged with
	rivals set   // open items that exclude it, and itself
	uses   set   // rows
}

// pricedRow is what one item at most may use.
type pricedRow struct {
	price   int64 // of leaving it unused
	members []int // of the model
	items   set   // open ones
}

// pricedCap is a row that the items use by more or less.
type pricedCap struct {
	left int64
	by   []int64 // by open item
}

// priceState is what is undecided.
type priceState struct{ items, rows set }

// byPrices looks for what is worth more than least, and says whether it came to the
// end: then there is nothing. The limit and the reduced worths are those of bound.
func (b *branching) byPrices(limit int64, reduced []int64, effort int) (done bool) {
	if b.misled && (!b.numbers || effort > priceRound) {
		return false
	}
	defer b.memory.forget(b.memory.searched())
	p := &pricing{b: b, limit: limit, stop: effort}
	multipliers := b.wholeMultipliers(b.relaxed.multipliers())
	p.addRows(multipliers, slices.Clone(reduced))
	p.addCaps()
	if b.numbers {
		p.gauge(multipliers, reduced)
	}
	p.aim()
	p.look(0, 0)
	b.relaxed.work += p.work
	b.misled = b.misled || p.work >= p.stop && p.mistakes > mostMistakes
	return p.work < p.stop
}

// aim sets by how much a choice may fall short of the limit to be worth more than least.
func (p *pricing) aim() {
	b, step := p.b, max(p.b.step, 1)
	p.most = p.limit - (floorDiv(b.least-b.base, step)+1)*step*scale
}

// addRows takes the rows that one item at most may use.
func (p *pricing) addRows(multipliers, reduced []int64) {
	b := p.b
	members := make([][]int, b.hard)
	for j := range b.items {
		for _, t := range b.columns[j].terms {
			if t.row < b.hard && b.limits[t.row] == 1 && t.factor == 1 {
				members[t.row] = append(members[t.row], j)
			}
		}
	}
	shut := b.memory.set(len(b.items)) // items that are not open
	for j := range b.items {
		if b.at.low[j] == b.at.high[j] {
			shut.add(j)
		}
	}
	for i, list := range members {
		if slices.ContainsFunc(list, func(j int) bool { return b.at.low[j] == 1 }) {
			for _, j := range list {
				shut.add(j)
			}
			continue
		}
		if len(list) > 0 {
			p.rows = append(p.rows, pricedRow{price: multipliers[i], members: list})
		}
	}
	p.addItems(reduced, shut)
}

// addItems takes the open items. What one brings beyond its costs is added to the price
// of a row, so that no item brings anything.
func (p *pricing) addItems(reduced []int64, shut set) {
	alone := p.b.memory.set(len(reduced))
	for i := range p.b.items {
		alone.add(i)
	}
	for i := range p.rows {
		row := &p.rows[i]
		var most int64
		for _, j := range row.members {
			alone.remove(j)
			if !shut.has(j) {
				most = max(most, reduced[j])
			}
		}
		row.price += most
		p.limit += most
		for _, j := range row.members {
			if p.b.at.low[j] < p.b.at.high[j] {
				p.limit -= max(reduced[j], 0) - max(reduced[j]-most, 0)
				reduced[j] -= most
			}
		}
	}
	for j := range p.b.items {
		if !shut.has(j) {
			if alone.has(j) {
				p.rows = append(p.rows, pricedRow{price: max(reduced[j], 0), members: []int{j}})
				reduced[j] = min(reduced[j], 0)
			}
			p.open = append(p.open, pricedItem{item: j, cost: -reduced[j]})
		}
	}
	slices.SortFunc(p.open, func(a, b pricedItem) int { return cmp.Or(cmp.Compare(a.cost, b.cost), cmp.Compare(a.item, b.item)) })
	p.connect()
}

// connect finds who excludes whom.
func (p *pricing) connect() {
	memory := p.b.memory
	at := make([]int, len(p.b.items))
	for n := range p.open {
		it := &p.open[n]
		at[it.item] = n + 1
		it.rivals, it.uses = memory.set(len(p.open)), memory.set(len(p.rows))
		it.rivals.add(n)
	}
	all := priceState{memory.set(len(p.open)), memory.set(len(p.rows))}
	for i := range p.rows {
		row := &p.rows[i]
		row.items = memory.set(len(p.open))
		all.rows.add(i)
		for _, j := range row.members {
			if n := at[j] - 1; n >= 0 {
				row.items.add(n)
				p.open[n].uses.add(i)
			}
		}
		for n := row.items.first(0); n >= 0; n = row.items.first(n + 1) {
			p.open[n].rivals.union(row.items)
			all.items.add(n)
		}
	}
	p.states = []priceState{all}
}

// addCaps takes the other rows that say what a plan is.
func (p *pricing) addCaps() {
	b := p.b
	for i := range b.hard {
		if b.limits[i] == 1 {
			continue
		}
		c := pricedCap{left: b.limits[i], by: make([]int64, len(p.open))}
		used := false
		factor := func(j int) int64 {
			for _, t := range b.columns[j].terms {
				if t.row == i {
					return t.factor
				}
			}
			return 0
		}
		for j := range b.items {
			if b.at.low[j] == 1 {
				c.left -= factor(j)
			}
		}
		for n := range p.open {
			c.by[n] = factor(p.open[n].item)
			used = used || c.by[n] > 0
		}
		if used {
			p.caps = append(p.caps, c)
		}
	}
}

// look searches what is undecided at a depth, when that much is fallen short by already.
func (p *pricing) look(depth int, short int64) {
	for p.work < p.stop && short <= p.most {
		items, rows := p.states[depth].items, p.states[depth].rows
		p.afford(items, p.most-short)
		if short+p.missed(items) > p.most {
			p.mistakes++
			return
		}
		row, short2 := p.tightest(items, rows, short)
		if short = short2; short > p.most {
			return
		}
		if row < 0 {
			p.found()
			return
		}
		members := p.rows[row].items
		for n := items.firstOf(members, 0); n >= 0; n = items.firstOf(members, n+1) {
			p.take(n, depth, short)
			items.remove(n)
		}
		rows.remove(row) // now left unused
		short += p.rows[row].price
	}
}

// afford leaves the items that cost no more.
func (p *pricing) afford(items set, most int64) {
	n := len(p.open)
	if n > 0 && p.open[n-1].cost > most {
		n, _ = slices.BinarySearchFunc(p.open, most+1, func(it pricedItem, cost int64) int { return cmp.Compare(it.cost, cost) })
	}
	for w := n / 64; w < len(items); w++ {
		if w == n/64 {
			items[w] &= 1<<(n%64) - 1
			continue
		}
		items[w] = 0
	}
}

// tightest is the row with the fewest ways on, −1 when none is left. Rows that nothing can
// use any more are settled on the way.
func (p *pricing) tightest(items, rows set, short int64) (row int, after int64) {
	row = -1
	fewest, floor := math.MaxInt, int64(0)
	for i := rows.first(0); i >= 0 && fewest > 1; i = rows.first(i + 1) {
		r := &p.rows[i]
		n := items.common(r.items)
		p.work += len(items)
		if n == 0 {
			rows.remove(i)
			if short += r.price; short > p.most {
				return -1, short
			}
			continue
		}
		floor += min(p.open[items.firstOf(r.items, 0)].share, r.price)
		if n += bit(short+r.price <= p.most); n < fewest {
			row, fewest = i, n
		}
	}
	if short+floor > p.most {
		return -1, short + floor
	}
	return row, short
}

// common counts what is in both.
func (s set) common(o set) (n int) {
	for i, w := range s {
		n += bits.OnesCount64(w & o[i])
	}
	return n
}

// take goes on with an item.
func (p *pricing) take(n, depth int, short int64) {
	it := &p.open[n]
	for c := range p.caps {
		if p.caps[c].by[n] > p.caps[c].left {
			return
		}
	}
	if depth+1 == len(p.states) {
		p.states = append(p.states, priceState{p.b.memory.set(len(p.open)), p.b.memory.set(len(p.rows))})
	}
	now, next := &p.states[depth], &p.states[depth+1]
	for w, v := range now.items {
		next.items[w] = v &^ it.rivals[w]
	}
	for w, v := range now.rows {
		next.rows[w] = v &^ it.uses[w]
	}
	for c := range p.caps {
		p.caps[c].left -= p.caps[c].by[n]
	}
	p.taken = append(p.taken, n)
	p.count(n, 1)
	p.look(depth+1, short+it.cost)
	p.count(n, -1)
	p.taken = p.taken[:len(p.taken)-1]
	for c := range p.caps {
		p.caps[c].left += p.caps[c].by[n]
	}
}

// found tells a choice of which the prices let think that it is worth more.
func (p *pricing) found() {
	b := p.b
	if b.numbers && p.comesTo() <= b.least {
		p.mistakes++
		p.work += leafWork
		return
	}
	order := slices.Clone(b.settled)
	for j := range b.items {
		if b.at.low[j] == 1 {
			order = append(order, b.origin[j])
		}
	}
	for _, n := range p.taken {
		order = append(order, b.origin[p.open[n].item])
	}
	before := b.least
	if b.judge(b, order, 0); b.least > before {
		p.aim()
		return
	}
	if p.mistakes++; p.mistakes > mostMistakes && !b.numbers {
		b.misled, p.work = true, p.stop
	}
}

// priceRound bounds the search by prices in every round of cuts, priceWork the one
// after them. mostMistakes bounds how often what the prices let
// hope may come to nothing: then other rows than those decide.
const (
	priceRound   = 300_000
	priceWork    = 20_000_000
	mostMistakes = 4
)
