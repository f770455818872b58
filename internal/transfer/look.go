package transfer

import (
	"math"
	"math/bits"
	"slices"
)

// look searches what is undecided at a depth, when that much is fallen short by already.
func (p *pricing) look(depth int, short int64) {
	for p.work < p.stop && short <= p.most {
		items, rows := p.states[depth].items, p.states[depth].rows
		p.afford(items, p.most-short)
		most := p.most - p.missed(items) // by rows and items alone
		if short > most {
			p.mistakes++
			return
		}
		if most < p.most {
			p.afford(items, most-short)
		}
		row, short2 := p.tightest(items, rows, short, most)
		if short = short2; short > most {
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
		n, _ = slices.BinarySearch(p.costs, most+1)
	}
	for w := n / 64; w < len(items); w++ {
		if w == n/64 {
			items[w] &= 1<<(n%64) - 1
			continue
		}
		items[w] = 0
	}
}

// tightest is the row to go on with, −1 when none is left. Rows that nothing can
// use any more are settled on the way.
func (p *pricing) tightest(items, rows set, short, most int64) (row int, after int64) {
	row = -1
	best, floor := int64(math.MaxInt64), int64(0)
	cost := len(items)
	items = items.short()
	for w, left := range rows {
		for ; left != 0 && best > 1; left &= left - 1 {
			i := w*64 + bits.TrailingZeros64(left)
			r := &p.rows[i]
			n, first := items.common(r.items)
			p.work += cost
			if n == 0 {
				rows.remove(i)
				if short += r.price; short > most {
					return -1, short
				}
				continue
			}
			floor += min(p.open[first].share, r.price)
			n += bit(short+r.price <= most)
			if s := p.spread(n, most-short-min(p.costs[first], r.price)); s < best {
				row, best = i, s
			}
		}
	}
	if short+floor > most {
		return -1, short + floor
	}
	return row, short
}

// spread rates a row by how much there may be to look through after it: by its ways on, and where the numbers
// alone are asked for, also by how much may still be fallen short by after the cheapest of them. With one way it is 1.
func (p *pricing) spread(ways int, left int64) int64 {
	if ways <= 1 || !p.b.numbers {
		return int64(ways)
	}
	return max(2, int64(ways+1)*min(left+1, 1<<48)) // so that it does not overflow
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
		p.aim(b.least)
		return
	}
	if p.mistakes++; p.mistakes > mostMistakes && !b.numbers {
		b.misled, p.work = true, p.stop
	}
}
