package transfer

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// TestReopen holds what becomes open when items go, as the crowd tells it, against what
// is found by going through all that are left.
func TestReopen(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	for range 300 {
		x := randomRivals(r, 40+r.IntN(120))
		var chosen []int
		for i := range x.rivals {
			if n, _ := x.now.in.common(x.rivals[i]); n == 0 {
				x.now.in.add(i)
				chosen = append(chosen, i)
			}
		}
		for range 30 {
			x.reopen(x.attempt(r, chosen))
			told := slices.Clone(x.open)
			if x.openTo(&x.next); !slices.Equal(told, x.open) {
				t.Fatalf("of %d items %d went: open are %v, by the crowd %v", len(chosen), len(x.out), x.open, told)
			}
		}
	}
}

// randomRivals are items that exclude each other by chance.
func randomRivals(r *rand.Rand, n int) *exchange {
	x := &exchange{memory: &memory{}, rivals: make([]set, n)}
	for i := range x.rivals {
		x.rivals[i] = x.memory.set(n)
	}
	for range 3 * n {
		if i, k := r.IntN(n), r.IntN(n); i != k {
			x.rivals[i].add(k)
			x.rivals[k].add(i)
		}
	}
	x.open, x.now.in, x.next.in = x.memory.set(n), x.memory.set(n), x.memory.set(n)
	for level := range x.crowd {
		x.crowd[level] = x.memory.set(n)
	}
	return x
}

// attempt puts an item in the place of its rivals and of a few others.
func (x *exchange) attempt(r *rand.Rand, chosen []int) (with int) {
	copy(x.next.in, x.now.in)
	with = r.IntN(len(x.rivals))
	for x.now.in.has(with) {
		with = r.IntN(len(x.rivals))
	}
	x.out = x.out[:0]
	for _, i := range chosen {
		if x.rivals[with].has(i) || r.IntN(len(chosen)) == 0 {
			x.next.in.remove(i)
			x.out = append(x.out, i)
		}
	}
	x.next.in.add(with)
	return with
}
