package transfer

import (
	"cmp"
	"math/bits"
	"slices"
)

// set is a set of small numbers.
type set []uint64

func (m *memory) set(n int) set { return m.words.take((n + 63) / 64) }

func (s set) add(i int)      { s[i/64] |= 1 << (i % 64) }
func (s set) has(i int) bool { return s[i/64]>>(i%64)&1 == 1 }

func (s set) remove(i int) { s[i/64] &^= 1 << (i % 64) }

// union adds all of o.
func (s set) union(o set) {
	for i, w := range o {
		s[i] |= w
	}
}

// without takes out all of o.
func (s set) without(o set) {
	s = s[:len(o)]
	for i, w := range o {
		s[i] &^= w
	}
}

// meet leaves what is in o too.
func (s set) meet(o set) {
	for i, w := range o {
		s[i] &= w
	}
}

// within says whether all of s is in o.
func (s set) within(o set) bool {
	for i, w := range s {
		if w&^o[i] != 0 {
			return false
		}
	}
	return true
}

// first is the least number in s that is not below from, −1 when there is none.
func (s set) first(from int) int {
	for i := from / 64; i < len(s); i++ {
		w := s[i]
		if i == from/64 {
			w &= ^uint64(0) << (from % 64)
		}
		if w != 0 {
			return i*64 + bits.TrailingZeros64(w)
		}
	}
	return -1
}

// short is the same without the words at its end in which there is nothing.
func (s set) short() set {
	for len(s) > 0 && s[len(s)-1] == 0 {
		s = s[:len(s)-1]
	}
	return s
}

// count is how many there are.
func (s set) count() (n int) {
	for _, w := range s {
		n += bits.OnesCount64(w)
	}
	return n
}

// common counts what is in both, and gives the least number of it. The other one may be longer.
func (s set) common(o set) (n, first int) {
	o = o[:len(s)]
	for i, w := range s {
		if w &= o[i]; w != 0 {
			if n == 0 {
				first = i*64 + bits.TrailingZeros64(w)
			}
			n += bits.OnesCount64(w)
		}
	}
	return n, first
}

// firstOf is the least number that is in both and not below from, −1 when there is none.
func (s set) firstOf(o set, from int) int {
	for i := from / 64; i < len(s); i++ {
		w := s[i] & o[i]
		if i == from/64 {
			w &= ^uint64(0) << (from % 64)
		}
		if w != 0 {
			return i*64 + bits.TrailingZeros64(w)
		}
	}
	return -1
}

// cliques are sets of items of which a plan has at most one, so many that every
// two items that exclude each other stand together in one of them: what wants the
// same record, course or rule, each enlarged by what else excludes all of its own.
// Large sets bound the relaxation more tightly than the single reasons do.
func (x *exchange) cliques(limits []int64, unit int64) [][]int {
	rivals := x.memory.cloneSets(x.rivals)
	own := append(slices.Clone(x.lists), addCapRivals(x.items, limits, unit, rivals)...)
	for i := range own {
		own[i] = enlarge(own[i], rivals)
	}
	return x.memory.withoutParts(own, len(x.items))
}

func (m *memory) cloneSets(sets []set) []set {
	clones := m.sets.take(len(sets))
	for i, s := range sets {
		clones[i] = m.set(len(sets))
		copy(clones[i], s)
	}
	return clones
}

// addCapRivals adds the pairs that a cap does not let stand together, and gives the
// sets of those that take more than half of a cap.
func addCapRivals(items []*item, limits []int64, unit int64, rivals []set) [][]int {
	takers := make([][]taker, len(limits))
	for j, it := range items {
		for _, u := range it.uses {
			takers[u.cap] = append(takers[u.cap], taker{j, int64(u.amount) / unit})
		}
	}
	var large [][]int
	for c, list := range takers {
		slices.SortStableFunc(list, func(a, b taker) int { return cmp.Compare(b.amount, a.amount) })
		var clique []int
		for n, a := range list {
			for _, b := range list[:n] {
				if a.amount+b.amount <= limits[c] {
					break
				}
				rivals[a.item].add(b.item)
				rivals[b.item].add(a.item)
			}
			if n == 0 || a.amount+list[n-1].amount > limits[c] {
				clique = append(clique, a.item)
			}
		}
		if len(clique) > 1 {
			large = append(large, clique)
		}
	}
	return large
}

// taker is an item and what it takes of a cap.
type taker struct {
	item   int
	amount int64
}

// enlarge adds items as long as they exclude all that is in the clique.
func enlarge(clique []int, rivals []set) []int {
	common := slices.Clone(rivals[clique[0]])
	for _, j := range clique {
		common.meet(rivals[j])
	}
	clique = slices.Clone(clique)
	for j := common.first(0); j >= 0; j = common.first(j + 1) {
		clique = append(clique, j)
		common.meet(rivals[j])
	}
	return clique
}

// rooms are by number an empty list with room for each of the lists that it is in.
func (m *memory) rooms(lists [][]int, n int) [][]int {
	rooms, sizes, all := m.lists.take(n), m.ints.take(n), 0
	for _, list := range lists {
		for _, j := range list {
			sizes[j]++
		}
		all += len(list)
	}
	memory := m.ints.take(all)
	for j, size := range sizes {
		rooms[j], memory = memory[:0:size], memory[size:]
	}
	return rooms
}

// withoutParts leaves out the sets that lie within another one.
func (m *memory) withoutParts(lists [][]int, n int) [][]int {
	slices.SortStableFunc(lists, func(a, b []int) int { return cmp.Compare(len(b), len(a)) })
	kept, sets := m.lists.take(len(lists))[:0], m.sets.take(len(lists))[:0]
	with := m.rooms(lists, n) // by item: the kept sets that it is in
	for _, list := range lists {
		members := m.set(n)
		for _, j := range list {
			members.add(j)
		}
		if slices.ContainsFunc(with[list[0]], func(k int) bool { return members.within(sets[k]) }) {
			continue
		}
		for _, j := range list {
			with[j] = append(with[j], len(kept))
		}
		kept, sets = append(kept, list), append(sets, members)
	}
	return kept
}
