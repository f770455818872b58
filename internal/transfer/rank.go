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
	return cmp.Or(
		cmp.Compare(b.applied, a.applied),
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
func (m *Map) Rank(ask Ask) Ranking { return m.For(ask.Records, ask.AsOf).Rank(ask.Keep, ask.Top) }

// Bounds is the same ranking by limits alone, which are never below what the best
// plan gives: each course of a programme at the most that any satisfied rule gives
// for it, without asking whether one plan can hold them all.
func (m *Map) Bounds(ask Ask) Ranking {
	l := m.learner(ask.Records, ask.AsOf)
	candidates, release := l.candidates(ask.Keep)
	defer release()
	r := Ranking{Programmes: len(candidates.list)}
	for n := wanted(ask.Top, len(candidates.list)); len(r.Standings) < n; {
		c := heap.Pop(candidates).(*candidate)
		r.Standings = append(r.Standings, m.standing(c))
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
	candidates, release := i.candidates(keep)
	defer release()
	i.sortTouched()
	r := Ranking{Programmes: len(candidates.list)}
	n := wanted(top, len(candidates.list))
	var best []*candidate
	for candidates.Len() > 0 {
		c := candidates.list[0]
		if len(best) == n && (n == 0 || compareCandidates(best[n-1], c) < 0) {
			break
		}
		heap.Pop(candidates)
		if c.worth != (worth{}) {
			r.Solved++
			i.solve(c)
		}
		at, _ := slices.BinarySearchFunc(best, c, compareCandidates)
		best = slices.Insert(best, at, c)
		best = best[:min(len(best), n)]
	}
	r.Standings = make([]Standing, 0, len(best))
	for _, c := range best {
		r.Standings = append(r.Standings, i.m.standing(c))
	}
	return r
}

// solve puts what the best plan gives in the place of the bound.
func (l *learner) solve(c *candidate) {
	q := l.before(l.m.programme(c.n))
	d := q.weigh(l.touched(q.programme.at))
	_, best, _, optimal := solve(q, d.items, fullEffort())
	c.worth, c.optimal = best, optimal && d.untold == 0
	c.exemptions, c.records = 0, 0 // they do not rank
}

// candidates lists the programmes by their bounds, the best first.
func (l *learner) candidates(keep func(ProgrammeKey) bool) (*candidateHeap, func()) {
	b := l.walk()
	h := &candidateHeap{}
	all := make([]candidate, 0, l.m.programmeCount())
	for n := range l.m.programmeCount() {
		if keep == nil || keep(l.m.programmeKey(n)) {
			all = append(all, candidate{n: n, worth: b.of(n), required: l.m.programmes[n].required, optimal: true})
		}
	}
	h.list = make([]*candidate, len(all))
	for i := range all {
		h.list[i] = &all[i]
	}
	heap.Init(h)
	return h, func() { l.m.giveScratch(b.scratch) }
}

// candidateHeap keeps the best candidate at its top.
type candidateHeap struct{ list []*candidate }

func (h *candidateHeap) Len() int           { return len(h.list) }
func (h *candidateHeap) Less(i, j int) bool { return compareCandidates(h.list[i], h.list[j]) < 0 }
func (h *candidateHeap) Swap(i, j int)      { h.list[i], h.list[j] = h.list[j], h.list[i] }
func (h *candidateHeap) Push(c any)         { h.list = append(h.list, c.(*candidate)) }

// Pop takes the last of the list, as container/heap asks.
func (h *candidateHeap) Pop() any {
	last := h.list[len(h.list)-1]
	h.list = h.list[:len(h.list)-1]
	return last
}
