package transfer

import (
	"math"
	"math/rand/v2"
	"testing"
)

// TestBargainKeepsAccounts holds what bargaining says is left of every item against its
// worth and the prices of its rows.
func TestBargainKeepsAccounts(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 8))
	for range 50 {
		b := randomBranching(r, 30+r.IntN(60))
		g := newBargain(b)
		g.run()
		for row, price := range g.price {
			if price < 0 {
				t.Errorf("row %d asks for %v", row, price)
			}
		}
		limit := 0.0
		for j, left := range g.left {
			want := float64(b.values[j])
			for _, term := range b.columns[j].terms {
				want -= g.price[term.row] * float64(term.factor)
			}
			if math.Abs(left-want) > 1e-9 {
				t.Errorf("item %d has %v left, its rows leave it %v", j, left, want)
			}
			limit += max(left, 0)
		}
		for row, price := range g.price {
			limit += price * float64(b.limits[row])
		}
		if whole := b.simpleLimit(); limit > float64(whole) {
			t.Errorf("the prices prove %v, no prices %d", limit, whole)
		}
	}
}

// randomBranching is a choice of items for rows that one of them may use, and for a cap.
func randomBranching(r *rand.Rand, items int) *branching {
	m := &model{memory: &memory{}, unit: 1}
	for range items / 3 {
		m.addRow(1)
	}
	limit := m.addRow(int64(items))
	m.hard, m.own = len(m.limits), len(m.limits)
	values := make([]int64, items)
	for j := range items {
		m.items, m.columns = append(m.items, &item{}), append(m.columns, column{upper: 1})
		for _, row := range r.Perm(limit)[:1+r.IntN(3)] {
			m.add(j, row, 1)
		}
		values[j] = 1 + r.Int64N(12)
		m.add(j, limit, values[j])
	}
	return newBranching(m, values, 0, math.MaxInt32)
}
