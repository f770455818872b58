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
	searchMemory
}

// searchMemory is what a search works with.
type searchMemory struct {
	words   slab[uint64]
	cells   slab[float64]
	terms   slab[term]
	ints    slab[int]
	longs   slab[int64]
	lists   slab[[]int]
	lines   slab[[]float64]
	sets    slab[set]
	columns slab[column]
	open    slab[pricedItem]
	rows    slab[pricedRow]

	proposals []proposal // of the last choice that was proposed
	order     []int      // and their order
}

// memoryPlace is how far the memory is used.
type memoryPlace struct {
	rules, needs, trials, items, awards, groups, uses, numbers, courses slabMark
	search                                                              searchPlace
}

func (m *memory) place() memoryPlace {
	return memoryPlace{m.rules.mark(), m.needs.mark(), m.trials.mark(), m.items.mark(), m.awards.mark(), m.groups.mark(), m.uses.mark(), m.numbers.mark(),
		m.courses.mark(), m.searched()}
}

// back takes back all that was handed out since a place.
func (m *memory) back(to memoryPlace) {
	m.rules.release(to.rules)
	m.needs.release(to.needs)
	m.trials.release(to.trials)
	m.items.release(to.items)
	m.awards.release(to.awards)
	m.groups.release(to.groups)
	m.uses.release(to.uses)
	m.numbers.release(to.numbers)
	m.courses.release(to.courses)
	m.forget(to.search)
}

// searchPlace is how far a search has used its memory.
type searchPlace struct{ words, cells, terms, ints, longs, lists, lines, sets, columns, open, rows slabMark }

func (m *searchMemory) searched() searchPlace {
	return searchPlace{m.words.mark(), m.cells.mark(), m.terms.mark(), m.ints.mark(), m.longs.mark(), m.lists.mark(), m.lines.mark(), m.sets.mark(),
		m.columns.mark(), m.open.mark(), m.rows.mark()}
}

// forget takes back what a search has used since a place.
func (m *searchMemory) forget(to searchPlace) {
	m.words.release(to.words)
	m.cells.release(to.cells)
	m.terms.release(to.terms)
	m.ints.release(to.ints)
	m.longs.release(to.longs)
	m.lists.release(to.lists)
	m.lines.release(to.lines)
	m.sets.release(to.sets)
	m.columns.release(to.columns)
	m.open.release(to.open)
	m.rows.release(to.rows)
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
	all.back(memoryPlace{})
	m.memories.Put(all)
}
