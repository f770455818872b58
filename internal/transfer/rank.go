package transfer

import (
	"cmp"
	"container/heap"
	"slices"

	"creditbank/internal/calendar"
	"creditbank/internal/credit"
)

// Standing is what a learner's records are worth in one programme of a ranking.
type Standing struct {
	Programme    ProgrammeKey
	Required     credit.Amount
	Applied      credit.Amount
	Transferable credit.Amount
	Optimal      bool
}

// Ask is a question about many programmes.
type Ask struct {
	Records []Record
	AsOf    calendar.Day
	Keep    func(ProgrammeKey) bool // which programmes; nil: all
	Top     int                     // how many are wanted; 0: all
}

// Ranking is the answer: the best programmes in their order.
type Ranking struct {
	Standings  []Standing // the first of the order, exactly as if all had been planned
	Programmes int        // how many there are in all
	Solved     int        // how many were planned: the others cannot stand among the first
}

// CompareStandings orders two standings as a ranking of the map does, wherever they
// were worked out.
func (m *Map) CompareStandings(a, b Standing) int {
	return compareCandidates(m.candidate(a), m.candidate(b))
}

func (m *Map) candidate(s Standing) *candidate {
	n, _ := m.programmeAt(s.Programme)
	return &candidate{n: n, worth: worth{applied: s.Applied, transferable: s.Transferable}, required: s.Required}
}

// candidate is a programme on its way into a ranking, at what it is worth at most.
type candidate struct {
	n int32
	worth
	required credit.Amount
	optimal  bool
}

// compareCandidates ranks by applied, then applied ÷ required, then transferable,
// then programme code; schools that share a code follow theirs.
func compareCandidates(a, b *candidate) int {
	if c := cmp.Compare(b.applied, a.applied); c != 0 {
		return c // what tells most of them apart; nothing further is worked out
	}
	return cmp.Or(
		// a.applied/a.required against b.applied/b.required, without dividing;
		// a programme that requires nothing is the last of its equals.
		compareShares(b, a),
		cmp.Compare(b.transferable, a.transferable),
		cmp.Compare(a.n, b.n),
	)
}

func compareShares(a, b *candidate) int {
	if a.required == 0 || b.required == 0 {
		return cmp.Compare(min(a.required, 1), min(b.required, 1))
	}
	return cmp.Compare(a.applied*b.required, b.applied*a.required)
}

// Rank answers for every programme that Keep lets through, best first. It plans
// only for those whose bound could bring them among the first: what it leaves out
// could not stand there.
func (m *Map) Rank(ask Ask) Ranking {
	inquiry := m.For(ask.Records, ask.AsOf)
	inquiry.memory = m.takeMemory()
	defer m.giveMemory(inquiry.memory)
	return inquiry.Rank(ask.Keep, ask.Top)
}

// Bounds is the same ranking by limits alone, which are never below what the best
// plan gives: each course of a programme at the most that any satisfied rule gives
// for it, without asking whether one plan can hold them all.
func (m *Map) Bounds(ask Ask) Ranking {
	field := m.learner(ask.Records, ask.AsOf).field(ask.Keep)
	defer field.release()
	r := Ranking{Programmes: len(field.programmes)}
	for _, c := range field.best(wanted(ask.Top, r.Programmes), nil) {
		r.Standings = append(r.Standings, m.standing(&c))
	}
	return r
}

func wanted(top, all int) int {
	if top <= 0 {
		return all
	}
	return min(top, all)
}

func (m *Map) standing(c *candidate) Standing {
	return Standing{Programme: m.programmeKey(c.n), Required: c.required, Applied: c.applied, Transferable: c.transferable, Optimal: c.optimal}
}

// Inquiry is one learner's records before a map on a day, for any number of
// questions. It is not safe for several callers at once.
type Inquiry struct{ *learner }

// For prepares records for questions: the plan of a programme, the ranking of many.
func (m *Map) For(records []Record, asOf calendar.Day) Inquiry {
	return Inquiry{m.learner(records, asOf)}
}

// Plan is [Map.Plan].
func (i Inquiry) Plan(to ProgrammeKey) (Answer, bool) {
	n, known := i.m.programmeAt(to)
	if !known {
		return Answer{}, false
	}
	return i.plan(n, fullEffort()), true
}

// Rank is [Map.Rank].
func (i Inquiry) Rank(keep func(ProgrammeKey) bool, top int) Ranking {
	field := i.field(keep)
	defer field.release()
	i.sortTouched()
	r := Ranking{Programmes: len(field.programmes)}
	n := wanted(top, r.Programmes)
	var best []candidate
	var last *candidate
	for more := n + spare; ; more *= 4 {
		next := field.best(more, last)
		for at := range next {
			last = &next[at]
			if len(best) == n && (n == 0 || compareCandidates(&best[n-1], last) < 0) {
				return r.of(i.m, best)
			}
			c := *last
			r.Solved += i.solve(&c)
			best = c.into(best, n)
		}
		if len(next) < more {
			return r.of(i.m, best)
		}
	}
}

// spare is how many programmes beyond the wanted ones are looked at at first:
// with good bounds few more are needed.
const spare = 16

func (r Ranking) of(m *Map, best []candidate) Ranking {
	r.Standings = make([]Standing, 0, len(best))
	for at := range best {
		r.Standings = append(r.Standings, m.standing(&best[at]))
	}
	return r
}

// into puts a candidate into its place among the best, of which n are kept.
func (c *candidate) into(best []candidate, n int) []candidate {
	at, _ := slices.BinarySearchFunc(best, *c, func(a, b candidate) int { return compareCandidates(&a, &b) })
	best = slices.Insert(best, at, *c)
	return best[:min(len(best), n)]
}

// solve puts what the best plan gives in the place of the bound, and counts
// whether there was anything to plan.
func (l *learner) solve(c *candidate) int {
	if c.worth == (worth{}) {
		return 0
	}
	d := l.consider(c.n)
	e := numbersEffort()
	e.ceiling = c.worth
	defer l.forget(l.searched())
	_, best, _, optimal := solve(d.question, ordered(d.items), e)
	c.worth, c.optimal = worth{applied: best.applied, transferable: best.transferable}, optimal && d.untold == 0
	return 1
}

// field is the programmes of a ranking with their ceilings.
type field struct {
	*ceilings
	programmes []int32
}

func (l *learner) field(keep func(ProgrammeKey) bool) *field {
	f := &field{ceilings: l.walk(), programmes: make([]int32, 0, l.m.programmeCount())}
	for n := range l.m.programmeCount() {
		if keep == nil || keep(l.m.programmeKey(n)) {
			f.programmes = append(f.programmes, n)
		}
	}
	return f
}

func (f *field) release() { f.m.giveWorkspace(f.workspace) }

// best lists the n candidates that come after one by their ceilings, in order;
// fewer when there are no more.
func (f *field) best(n int, after *candidate) []candidate {
	h := make(worstFirst, 0, min(n, len(f.programmes))+1)
	for _, p := range f.programmes {
		c := candidate{n: p, worth: f.of(p), required: f.m.programmes[p].required, optimal: true}
		if (len(h) == n && compareCandidates(&c, &h[0]) > 0) || (after != nil && compareCandidates(&c, after) <= 0) {
			continue
		}
		heap.Push(&h, c)
		if len(h) > n {
			heap.Pop(&h)
		}
	}
	slices.SortFunc(h, func(a, b candidate) int { return compareCandidates(&a, &b) })
	return h
}

// worstFirst is a heap whose top is the last in the ranking.
type worstFirst []candidate

func (h worstFirst) Len() int           { return len(h) }
func (h worstFirst) Less(i, j int) bool { return compareCandidates(&h[i], &h[j]) > 0 }
func (h worstFirst) Swap(i, j int)      { h[i], h[j] = h[j], h[i] }
func (h *worstFirst) Push(c any)        { *h = append(*h, c.(candidate)) }

// Pop takes the last of the list, as container/heap asks.
func (h *worstFirst) Pop() any {
	last := (*h)[len(*h)-1]
	*h = (*h)[:len(*h)-1]
	return last
}
