package transfer

// slab hands out parts of one piece of memory, so that the many small lists of a
// question are not asked for one by one.
type slab[T any] struct{ free []T }

// slabSize is how many are asked for at once.
const slabSize = 256

// take gives n of them, all zero.
func (s *slab[T]) take(n int) []T {
	if n > len(s.free) {
		s.free = make([]T, max(n, slabSize))
	}
	part := s.free[:n:n]
	s.free = s.free[n:]
	return part
}

// one gives a single one.
func (s *slab[T]) one() *T { return &s.take(1)[0] }

// memory is what a question's rules, trials and items lie in.
type memory struct {
	rules   slab[rule]
	offers  slab[offer]
	needs   slab[need]
	trials  slab[trial]
	items   slab[item]
	awards  slab[award]
	groups  slab[groupCredits]
	uses    slab[capUse]
	numbers slab[int]
	courses slab[int32]
}
