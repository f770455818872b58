package transfer

// slab hands out parts of few pieces of memory, so that the many small lists of a
// question are not asked for one by one, and keeps the pieces for the next question.
type slab[T any] struct {
	pieces [][]T
	piece  int // so many pieces are handed out, the last one up to used
	used   int
}

// The first piece is small, since most questions are, and each is larger than the one
// before up to a large one.
const (
	firstPiece = 32
	largePiece = 512
)

// take gives n of them, all zero.
func (s *slab[T]) take(n int) []T {
	for s.piece == 0 || s.used+n > len(s.pieces[s.piece-1]) {
		if s.piece == len(s.pieces) {
			s.pieces = append(s.pieces, make([]T, max(n, min(firstPiece<<len(s.pieces), largePiece))))
		}
		s.piece, s.used = s.piece+1, 0
	}
	s.used += n
	return s.pieces[s.piece-1][s.used-n : s.used : s.used]
}

// one gives a single one.
func (s *slab[T]) one() *T { return &s.take(1)[0] }

// slabMark is a place in a slab.
type slabMark struct{ piece, used int }

func (s *slab[T]) mark() slabMark { return slabMark{s.piece, s.used} }

// release takes back all that was handed out since a mark.
func (s *slab[T]) release(to slabMark) {
	for ; s.piece > to.piece; s.piece-- {
		clear(s.pieces[s.piece-1][:s.used])
		s.used = 0
		if s.piece > 1 {
			s.used = len(s.pieces[s.piece-2])
		}
	}
	if s.piece > 0 {
		clear(s.pieces[s.piece-1][to.used:s.used])
	}
	s.used = to.used
}

// memory is what a question's rules, trials and items lie in, and what its search
// works with.
type memory struct {
	rules   slab[rule]
	needs   slab[need]
	trials  slab[trial]
	items   slab[item]
	awards  slab[award]
	groups  slab[groupCredits]
	uses    slab[capUse]
	numbers slab[int]
	courses slab[int32]
	words   slab[uint64]
	cells   slab[float64]
	terms   slab[term]
}

// memoryPlace is how far a search has used its memory.
type memoryPlace struct{ words, cells, terms slabMark }

func (m *memory) place() memoryPlace {
	return memoryPlace{m.words.mark(), m.cells.mark(), m.terms.mark()}
}

// back takes back what a search has used since a place.
func (m *memory) back(to memoryPlace) {
	m.words.release(to.words)
	m.cells.release(to.cells)
	m.terms.release(to.terms)
}

// takeMemory gives memory that an earlier question has left.
func (m *Map) takeMemory() *memory {
	if kept, ok := m.memories.Get().(*memory); ok {
		return kept
	}
	return &memory{}
}

// giveMemory keeps memory for a later question. Nothing may point into it any more.
func (m *Map) giveMemory(all *memory) {
	all.rules.release(slabMark{})
	all.needs.release(slabMark{})
	all.trials.release(slabMark{})
	all.items.release(slabMark{})
	all.awards.release(slabMark{})
	all.groups.release(slabMark{})
	all.uses.release(slabMark{})
	all.numbers.release(slabMark{})
	all.courses.release(slabMark{})
	all.words.release(slabMark{})
	all.cells.release(slabMark{})
	all.terms.release(slabMark{})
	m.memories.Put(all)
}
