package transfer

import (
	"math"
	"math/rand/v2"
	"testing"
)

// TestTakeIsTheSameEverywhere holds what the processor's vectors make of a line against
// what plain steps make of it, bit by bit: else two machines could give two plans.
func TestTakeIsTheSameEverywhere(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	line := func(n int) []float64 {
		l := make([]float64, n)
		for c := range l {
			l[c] = math.Ldexp(r.Float64()-0.5, r.IntN(40)-20)
			if r.IntN(3) == 0 {
				l[c] = 0
			}
		}
		return l
	}
	for range 2000 {
		n, f := block*(1+r.IntN(40)), line(1)[0]
		from, other, counts := line(n), line(n), make([]float64, n)
		for c := range counts {
			counts[c] = float64(r.IntN(2))
		}
		left := append([]float64(nil), from...)
		want, sum := takeBlocksPlainly(left, other, counts, f), takeWhole(from, other, counts, f)
		if math.Float64bits(sum) != math.Float64bits(want) {
			t.Fatalf("%d numbers: the squares come to %v, by plain steps %v", n, sum, want)
		}
		for c := range from {
			if math.Float64bits(from[c]) != math.Float64bits(left[c]) {
				t.Fatalf("place %d of %d: %v, by plain steps %v", c, n, from[c], left[c])
			}
		}
	}
}

// TestTakeCountsEveryPlace holds lines of any length against a sum by itself.
func TestTakeCountsEveryPlace(t *testing.T) {
	for n := range 3 * block {
		from, line, counts := make([]float64, n), make([]float64, n), make([]float64, n)
		want := 0.0
		for c := range n {
			from[c], line[c], counts[c] = float64(c+1), float64(n-c), float64(c%2)
			left := from[c] - 3*line[c]
			want += left * left * counts[c]
		}
		if sum := take(from, line, counts, 3); sum != want {
			t.Errorf("%d numbers: %v, want %v", n, sum, want)
		}
		for c := range n {
			if want := float64(c + 1 - 3*(n-c)); from[c] != want {
				t.Errorf("place %d of %d: %v, want %v", c, n, from[c], want)
			}
		}
	}
}

// TestExactWeights holds the weights of the rows after many pivots against the table.
func TestExactWeights(t *testing.T) {
	m := &model{memory: &memory{}, unit: 1}
	r := rand.New(rand.NewPCG(3, 4))
	values, in := make([]int64, 40), make([]bool, 40)
	for range 25 {
		m.addRow(1 + r.Int64N(3))
	}
	m.hard, m.own = len(m.limits), len(m.limits)
	b := bounds{make([]int64, 40), make([]int64, 40)}
	for j := range values {
		m.items, m.columns = append(m.items, &item{}), append(m.columns, column{upper: 1})
		for row := range m.limits {
			if r.IntN(4) == 0 {
				m.add(j, row, 1+r.Int64N(2))
			}
		}
		values[j], in[j], b.high[j] = 1+r.Int64N(9), j%3 > 0, 1
	}
	x := newRelaxation(m, values, b, in, true)
	x.solve(math.Inf(-1), math.MaxInt32)
	for j := range in {
		if !in[j] {
			x.enter(j)
		}
	}
	x.solve(math.Inf(-1), math.MaxInt32)
	x.addRow([]factor{{0, 1}, {1, 2}, {2, 1}, {5, 1}}, 1)
	x.solve(math.Inf(-1), math.MaxInt32)
	if x.pivots < 10 {
		t.Fatalf("only %d pivots", x.pivots)
	}
	for i, line := range x.table {
		want := 1.0
		for k, f := range line {
			if x.free[k] >= x.cols {
				want += f * f
			}
		}
		if math.Abs(x.weight[i]-want) > 1e-6*want {
			t.Errorf("row %d weighs %v, its slacks come to %v", i, x.weight[i], want)
		}
	}
}
