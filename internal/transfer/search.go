package transfer

import (
	"cmp"
	"encoding/binary"
	"math"
	"slices"

	"creditbank/internal/credit"
)

// worth is what a plan is worth, in the order in which it is judged.
type worth struct {
	applied      credit.Amount
	transferable credit.Amount
	exemptions   int
	records      int // fewer is better
}

func (a worth) compare(b worth) int {
	return cmp.Or(cmp.Compare(a.applied, b.applied), cmp.Compare(a.transferable, b.transferable),
		cmp.Compare(a.exemptions, b.exemptions), cmp.Compare(b.records, a.records))
}

// effort bounds the work on one plan. It is counted, not timed: the same question
// gets the same answer on a slow machine.
type effort struct {
	plain   int     // of the plain search, in items looked at; the rest is left to the relaxation
	numbers int     // of the relaxation on the two numbers, in cells of its table
	ties    int     // and on the ties that they leave; 0: the two numbers are all that is asked
	ceiling worth   // no plan has more of the two numbers; zero: unknown
	near    []*item // a plan of some of the items that is probably a good one; may be nil
}

// fullEffort settles most learners by the plain search. The relaxation gets about
// a second for the two numbers, and far less for the ties.
func fullEffort() effort { return effort{plain: workPlain, numbers: workNumbers, ties: workTies} }

// numbersEffort is for whoever asks for the two numbers alone.
func numbersEffort() effort { return effort{plain: workPlain, numbers: workNumbers} }

const (
	workPlain   = 5_000
	workNumbers = 700_000_000
	workTies    = 60_000_000
)

// search is a depth-first branch and bound over the records of each component
// in turn. At the seams between components only the credits by group and the
// caps matter, so a state met before with no less worth is not entered again.
type search struct {
	needs    []credit.Amount // by group
	limits   []credit.Amount // by cap
	totalCap int             // the cap on the whole programme, -1 none
	groupCap []int           // by group: the cap on it, -1 none
	sets     [][]*item
	rest     []potential // by component: what it and all later ones can bring at most

	awarded []credit.Amount // by group
	taken   []credit.Amount // by cap
	now     worth           // applied is left to appliedNow
	chosen  []*item

	best worth
	plan []*item
	memo map[string]worth
	shares
	work     int
	effort   effort
	full     bool // the best plan reaches the ceiling
	exchange *exchange
	memory   *memory
}

// ordered are the items that a plan may need, in the order that the search prefers.
func ordered(items []*item) []*item {
	slices.SortFunc(items, compareItems)
	items = prune(items)
	for i, it := range items {
		it.place = i
	}
	return items
}

// solve finds the best plan of items that are ordered. optimal is false when the bound on work was reached
// before applied and transferable were proven; bound then holds the proven limits
// of the two.
func solve(q *question, items []*item, e effort) (plan []*item, best, bound worth, optimal bool) {
	s := newSearch(q, items)
	s.effort = e
	if e.ties > 0 || len(items) <= fewItems {
		if s.plainly(items) {
			return s.plan, s.best, s.best, true
		}
	}
	if s.guess(q, items) && e.ties == 0 {
		return s.plan, s.best, s.best, true
	}
	bound, optimal = s.prove()
	return s.plan, s.best, bound, optimal
}

// plainly says whether the plain search came to its end.
func (s *search) plainly(items []*item) bool {
	s.split(items)
	s.descend(0)
	return s.full || s.work <= s.effort.plain
}

// needs is what every group still lacks.
func (q *question) needs() []credit.Amount {
	needs := make([]credit.Amount, len(q.programme.groups))
	for g := range needs {
		needs[g] = q.stillNeeded(g)
	}
	return needs
}

func newSearch(q *question, items []*item) *search {
	s := &search{
		needs: q.needs(), limits: make([]credit.Amount, len(q.terms.caps)),
		awarded: make([]credit.Amount, len(q.programme.groups)), taken: make([]credit.Amount, len(q.terms.caps)),
		memo: map[string]worth{}, shares: newShares(items, len(q.programme.groups)), memory: q.memory, totalCap: -1, groupCap: slices.Repeat([]int{-1}, len(q.programme.groups)),
	}
	for c, l := range q.terms.caps {
		s.limits[c] = l.Limit
		if g := q.groupNamed(l.Key); l.Kind == CapGroup && g >= 0 {
			s.groupCap[g] = c
		}
		if l.Kind == CapTotal {
			s.totalCap = c
		}
	}
	return s
}

// split falls the items into components, and bounds each.
func (s *search) split(items []*item) {
	s.sets = components(items)
	s.rest = make([]potential, len(s.sets)+1)
	s.rest[len(s.sets)] = potential{byGroup: make([]credit.Amount, len(s.needs))}
	for i := len(s.sets) - 1; i >= 0; i-- {
		s.rest[i] = s.rest[i+1].plus(s.potentialOf(s.sets[i]))
	}
}

func (s *search) appliedNow() credit.Amount {
	var sum credit.Amount
	for g, need := range s.needs {
		sum += min(need, s.awarded[g])
	}
	return sum
}

// bound is the most that the present choice can come to with what is left of a
// component and with the rest.
func (s *search) bound(left, rest *potential) worth {
	var byGroup credit.Amount
	for g, need := range s.needs {
		byGroup += min(need, s.awarded[g]+min(left.byGroup[g]+rest.byGroup[g], s.slack(s.groupCap[g])))
	}
	more := min(left.total+rest.total, s.slack(s.totalCap))
	w := worth{
		applied:      min(byGroup, s.appliedNow()+min(left.grouped+rest.grouped, more)),
		transferable: s.now.transferable + more,
		exemptions:   s.now.exemptions + left.exempt + rest.exempt,
		records:      s.now.records,
	}
	if missing := s.best.transferable - s.now.transferable; missing > 0 {
		densest := max(left.densest, rest.densest, 1)
		w.records += int((missing + densest - 1) / densest)
	}
	return w
}

// slack is what a cap has left; unlimited when there is none.
func (s *search) slack(c int) credit.Amount {
	if c < 0 {
		return math.MaxInt64 / 4
	}
	return s.limits[c] - s.taken[c]
}

// descend decides component k and all later ones.
func (s *search) descend(k int) {
	if k == len(s.sets) {
		w := s.now
		w.applied = s.appliedNow()
		if s.plan == nil || w.compare(s.best) > 0 {
			s.best, s.plan = w, append(make([]*item, 0, len(s.chosen)), s.chosen...)
			c := s.effort.ceiling
			s.full = c != (worth{}) && w.applied >= c.applied && w.transferable >= c.transferable
		}
		return
	}
	if s.seen(k) {
		return
	}
	s.decide(k, s.sets[k])
}

// seen says whether this seam was met before in the same state and with no less worth.
func (s *search) seen(k int) bool {
	key := s.stateKey(k)
	before, known := s.memo[key]
	if known && before.compare(s.now) >= 0 {
		return true
	}
	s.memo[key] = s.now
	return false
}

// stateKey holds all that later components depend on: the credits by group, as
// far as they are needed, and what the caps have left.
func (s *search) stateKey(k int) string {
	key := binary.AppendVarint(nil, int64(k))
	for g, need := range s.needs {
		key = binary.AppendVarint(key, int64(min(need, s.awarded[g])))
	}
	for _, t := range s.taken {
		key = binary.AppendVarint(key, int64(t))
	}
	return string(key)
}

// decide settles the first record of the open items of component k: each item
// that takes it, in preferred order, or none.
func (s *search) decide(k int, open []*item) {
	s.work += 1 + len(open)
	if s.stopped() {
		return
	}
	if len(open) == 0 {
		s.descend(k + 1)
		return
	}
	if s.plan != nil && s.bound(s.potentialOf(open), &s.rest[k+1]).compare(s.best) <= 0 {
		return
	}
	record := open[0].records[0]
	var without []*item
	for _, it := range open {
		if s.stopped() {
			return
		}
		if _, found := slices.BinarySearch(it.records, record); !found {
			without = append(without, it)
			continue
		}
		if s.fits(it) {
			s.choose(it)
			s.decide(k, compatible(open, it))
			s.drop(it)
		}
	}
	s.decide(k, without)
}

// stopped says whether the plain search ends before its end.
func (s *search) stopped() bool { return s.plan != nil && (s.full || s.work > s.effort.plain) }

func compatible(open []*item, chosen *item) []*item {
	var left []*item
	for _, it := range open {
		if it != chosen && !it.conflicts(chosen) {
			left = append(left, it)
		}
	}
	return left
}

func (s *search) fits(it *item) bool {
	for _, u := range it.uses {
		if s.taken[u.cap]+u.amount > s.limits[u.cap] {
			return false
		}
	}
	return true
}

func (s *search) choose(it *item) { s.book(it, 1); s.chosen = append(s.chosen, it) }

func (s *search) drop(it *item) { s.book(it, -1); s.chosen = s.chosen[:len(s.chosen)-1] }

func (s *search) book(it *item, sign int) {
	for _, g := range it.byGroup {
		s.awarded[g.group] += credit.Amount(sign) * g.amount
	}
	for _, u := range it.uses {
		s.taken[u.cap] += credit.Amount(sign) * u.amount
	}
	s.now.transferable += credit.Amount(sign) * it.total
	s.now.exemptions += sign * it.exempt
	s.now.records += sign * len(it.records)
}
