package transfer

import (
	"cmp"
	"math"
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
	costs  []int64 // by open item, ascending
	rows   []pricedRow
	caps   []pricedCap
	gauges []gauge // where the numbers alone are asked for
	taken  []int   // open items
	states []priceState
	sums   []int64 // memory of comesTo
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
	if b.misled && b.stillMisled(limit, effort) {
		return false
	}
	b.members() // stay longer than what is taken from here on
	defer b.memory.forget(b.memory.searched())
	p := &pricing{b: b, limit: limit, stop: effort}
	multipliers := b.wholeMultipliers(b.relaxed.multipliers())
	own := b.memory.longs.take(len(reduced))
	copy(own, reduced)
	p.addRows(multipliers, own)
	p.addCaps()
	if b.numbers {
		p.gauge(multipliers, reduced)
	}
	if p.most = math.MaxInt64; b.numbers {
		p.lookFromAbove()
	} else {
		p.aim(b.least)
		p.look(0, 0)
	}
	b.relaxed.work += p.work
	if p.work >= p.stop && p.mistakes > mostMistakes {
		b.misled, b.openBefore, b.deepBefore = true, b.open(), b.deep(limit)
	}
	return p.work < p.stop
}

// stillMisled says whether a search by prices that was given up would be again: nothing has been found
// to be settled since, nor has the limit come nearer to what is still to be looked for.
func (b *branching) stillMisled(limit int64, effort int) bool {
	return !b.numbers || effort > numbersRound || (5*b.open() > 4*b.openBefore && b.deep(limit) > b.deepBefore/10*7)
}

// deep is how far below a limit lies what nothing is known to be worth more than.
func (b *branching) deep(limit int64) int64 { return limit - (b.limit-b.base)*scale }

// priceRound is how much work a search by prices may take in a round of cuts.
func (b *branching) priceRound() int {
	if b.numbers {
		return numbersRound
	}
	return priceRound
}

// lookFromAbove looks first for what is worth as much as the limit lets hope, which is soon
// done, and then for less and less: what there is to be looked through grows by a factor with
// each step down, and a search that begins at least goes through most of it before it meets a good choice.
// Where a step takes far more than the one before, the others would take far too much for a round of cuts.
func (p *pricing) lookFromAbove() {
	b, step := p.b, max(p.b.step, 1)
	all := p.states[0]
	items, rows := slices.Clone(all.items), slices.Clone(all.rows)
	effort := p.stop
	for n, last := int64(0), 0; b.limit > b.least; n++ {
		copy(all.items, items)
		copy(all.rows, rows)
		above := max(b.least, b.limit-step*(1+n/4))
		p.most = math.MaxInt64
		p.aim(above)
		before := p.work
		if effort <= numbersRound {
			p.stop = min(effort, before+max(firstLook, lookGrowth*last))
		}
		if p.look(0, 0); p.work >= p.stop {
			return
		}
		b.limit = max(b.least, above) // nothing is worth more
		last = p.work - before
	}
}

// aim sets by how much a choice may fall short of the limit to be worth more than so much.
func (p *pricing) aim(than int64) {
	b, step := p.b, max(p.b.step, 1)
	p.most = min(p.most, p.limit-(floorDiv(than-b.base, step)+1)*step*scale)
}

// addRows takes the rows that one item at most may use.
func (p *pricing) addRows(multipliers, reduced []int64) {
	b := p.b
	members := b.members()
	p.rows = b.memory.rows.take(b.hard + len(b.items))[:0]
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

// members are, by row that one item at most may use, the items that may.
func (b *branching) members() [][]int {
	if b.sharers == nil {
		b.sharers = b.findMembers()
	}
	return b.sharers
}

func (b *branching) findMembers() [][]int {
	sizes, all := b.memory.ints.take(b.hard), 0
	each := func(do func(row, j int)) {
		for j := range b.items {
			for _, t := range b.columns[j].terms {
				if t.row < b.hard && b.limits[t.row] == 1 && t.factor == 1 {
					do(t.row, j)
				}
			}
		}
	}
	each(func(row, _ int) { sizes[row]++; all++ })
	members, memory := b.memory.lists.take(b.hard), b.memory.ints.take(all)
	for i, size := range sizes {
		members[i], memory = memory[:0:size], memory[size:]
	}
	each(func(row, j int) { members[row] = append(members[row], j) })
	return members
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
	order := p.b.memory.ints.take(len(p.b.items))[:0]
	for j := range p.b.items {
		if !shut.has(j) {
			if alone.has(j) {
				p.rows = append(p.rows, pricedRow{price: max(reduced[j], 0), members: []int{j}})
				reduced[j] = min(reduced[j], 0)
			}
			order = append(order, j)
		}
	}
	slices.SortFunc(order, func(i, j int) int { return cmp.Or(cmp.Compare(reduced[j], reduced[i]), cmp.Compare(i, j)) })
	p.open, p.costs = p.b.memory.open.take(len(order)), p.b.memory.longs.take(len(order))
	for n, j := range order {
		p.open[n], p.costs[n] = pricedItem{item: j, cost: -reduced[j]}, -reduced[j]
	}
	p.connect()
}

// connect finds who excludes whom.
func (p *pricing) connect() {
	memory := p.b.memory
	at := memory.ints.take(len(p.b.items))
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
		c := pricedCap{left: b.limits[i], by: b.memory.longs.take(len(p.open))}
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

// priceRound bounds the search by prices in every round of cuts, numbersRound where the numbers
// alone are asked for, and priceWork the one after them. mostMistakes bounds how often what the
// prices let hope may come to nothing: then other rows than those decide, and it is not worth the
// time. Where the gauges count those rows too, what decides is how the work grows from step to
// step: firstLook is what a step may take in any case, else lookGrowth times the one before. What was
// given up there is tried again as soon as a fifth of what was open is settled, or the limit has come nearer by three tenths.
const (
	priceRound   = 300_000
	numbersRound = 1_000_000
	priceWork    = 20_000_000
	mostMistakes = 4
	firstLook    = 50_000
	lookGrowth   = 5
)
