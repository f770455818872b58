package transfer

// leafWork is what it costs about to work out what a choice comes to.
const leafWork = 100

// comesTo is what the choice of a search by prices is worth by the goal, as much of it
// applied in every group as can be; least when it breaks a row.
func (p *pricing) comesTo() int64 {
	b := p.b
	l := leaf{branching: b, value: b.base, sums: p.sums}
	clear(l.sums)
	for j := range b.items {
		if b.at.low[j] == 1 {
			l.add(j, 1)
		}
	}
	for _, n := range p.taken {
		l.add(p.open[n].item, 1)
	}
	for j := len(b.items); j < len(b.columns); j++ {
		most := b.at.high[j]
		if i := b.groupRow(j); i >= 0 {
			most = min(most, b.limits[i]-l.sums[i])
		}
		l.add(j, most)
	}
	for i, sum := range l.sums {
		if sum > b.limits[i] {
			return b.least
		}
	}
	return l.value
}

// leaf is a choice of which nothing is open any more.
type leaf struct {
	*branching
	value int64
	sums  []int64 // by row that is no cut
}

func (l *leaf) add(j int, by int64) {
	l.value += l.values[j] * by
	for _, t := range l.columns[j].terms {
		if t.row < l.own {
			l.sums[t.row] += t.factor * by
		}
	}
}
