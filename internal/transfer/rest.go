package transfer

// rest is the same search without what is settled: its columns are gone, with
// what they take of the limits, and the rows that nothing left can break. It
// reports false when what is settled breaks a row already.
func (b *branching) rest() (*branching, bool) {
	r := &branching{whole: b.whole, settled: b.settled, base: b.base, budget: b.budget, least: b.least, limit: b.limit, numbers: b.numbers, judge: b.judge}
	m := &model{memory: b.memory, unit: b.unit, salt: b.salt, mass: b.mass}
	rows, possible := b.openRows(m)
	if !possible {
		return nil, false
	}
	var in []bool // by column: it is in the table
	for j, c := range b.columns {
		low, high := b.at.low[j], b.at.high[j]
		if low == high {
			r.base += b.values[j] * low
			if j < len(b.items) && low == 1 {
				r.settled = append(r.settled[:len(r.settled):len(r.settled)], b.origin[j])
			}
			continue
		}
		left := column{upper: c.upper, terms: b.memory.terms.take(len(c.terms))[:0]}
		for _, t := range c.terms {
			if rows[t.row] >= 0 {
				left.terms = append(left.terms, term{rows[t.row], t.factor})
			}
		}
		m.columns, in = append(m.columns, left), append(in, b.relaxed.place[j] != outside)
		r.values, r.step = append(r.values, b.values[j]), divide(r.step, b.values[j])
		r.at.low, r.at.high = append(r.at.low, low), append(r.at.high, high)
		if j < len(b.items) {
			m.items, r.origin = append(m.items, b.items[j]), append(r.origin, b.origin[j])
		} else {
			m.groups = append(m.groups, b.groups[j-len(b.items)])
		}
	}
	r.model = m
	r.relaxed = newRelaxation(m, r.values, r.at, in, b.relaxed.steepest)
	r.relaxed.work = b.relaxed.work + len(m.limits)*len(m.columns)
	return r, true
}

// openRows gives the rest the rows that what is open could break: by row its
// number there, −1 when it is not needed.
func (b *branching) openRows(rest *model) (rows []int, possible bool) {
	least, most := make([]int64, len(b.limits)), make([]int64, len(b.limits))
	settled := make([]int64, len(b.limits))
	for j, c := range b.columns {
		for _, t := range c.terms {
			low, high := t.factor*b.at.low[j], t.factor*b.at.high[j]
			least[t.row] += min(low, high)
			most[t.row] += max(low, high)
			if low == high {
				settled[t.row] += low
			}
		}
	}
	rows = make([]int, len(b.limits))
	for i, limit := range b.limits {
		rows[i] = -1
		if least[i] > limit {
			return rows, false
		}
		loose := i >= b.own && b.relaxed.place[b.relaxed.cols+i] < 0
		if most[i] > limit && !loose {
			rows[i] = rest.addRow(limit - settled[i])
			rest.own += bit(i < b.own)
		}
	}
	return rows, true
}
