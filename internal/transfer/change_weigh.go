package transfer

import (
	"slices"

	"creditbank/internal/credit"
)

// weighed is a programme on one side of a change: what could stand in a plan, and
// then the best plan.
type weighed struct {
	*question
	since   memoryPlace
	items   []*item // those that give credit, ordered
	twins   []*item // by item: the same one on the other side, nil for none
	alone   []*item // those without a twin
	ceiling worth
	whole   bool // the items are all there are
	planned []*item
	best    worth
	proven  bool
}

func (s side) weighed(n int32) *weighed {
	q := s.before(s.m.programme(n))
	q.stock() // serves further programmes
	w := &weighed{question: q, since: s.place(), ceiling: s.of(n)}
	d := q.weigh()
	w.whole = d.untold == 0
	w.items = ordered(slices.DeleteFunc(d.items, func(it *item) bool { return it.total == 0 }))
	return w
}

// pair finds what stands on both sides.
func pair(b, a *weighed) {
	b.twins, a.twins = make([]*item, len(b.items)), make([]*item, len(a.items))
	for x, y := 0, 0; x < len(b.items) && y < len(a.items); {
		switch order := compareItems(b.items[x], a.items[y]); {
		case order < 0:
			x++
		case order > 0:
			y++
		default:
			if b.means(b.items[x], a, a.items[y]) {
				b.twins[x], a.twins[y] = a.items[y], b.items[x]
			}
			x, y = x+1, y+1
		}
	}
	b.alone, a.alone = b.without(), a.without()
}

// without lists the items that have no twin.
func (w *weighed) without() (alone []*item) {
	for i, it := range w.items {
		if w.twins[i] == nil {
			alone = append(alone, it)
		}
	}
	return alone
}

// means says whether two items of one equivalence, worth as much, take the same and
// give the same. The maps may have numbered the courses differently.
func (w *weighed) means(it *item, o *weighed, other *item) bool {
	sameCourse := func(x, y int32) bool { return w.m.courseCode(x) == o.m.courseCode(y) }
	return slices.Equal(it.records, other.records) && slices.Equal(it.byGroup, other.byGroup) && slices.EqualFunc(it.targets, other.targets, sameCourse)
}

// allows says whether every plan of the other side, without the items that stand
// there alone, is a plan here and fills the groups as much.
func (w *weighed) allows(o *weighed) bool {
	for _, mine := range w.terms.caps {
		if !slices.ContainsFunc(o.terms.caps, func(l limit) bool { return l.Kind == mine.Kind && l.Key == mine.Key && l.Limit <= mine.Limit }) {
			return false
		}
	}
	return slices.Equal(w.needs(), o.needs())
}

// lower lowers the ceiling where the other side allows all that is allowed here: what
// goes beyond its best plan can only come from the items that stand here alone.
func (w *weighed) lower(other worth) {
	shares := newShares(w.alone, len(w.programme.groups))
	w.ceiling.applied = min(w.ceiling.applied, other.applied+shares.potentialOf(w.alone).grouped)
}

// holds says whether the plan of the other side is a plan here.
func (w *weighed) holds(o *weighed) bool {
	taken := make([]credit.Amount, len(w.terms.caps))
	twins := o.plannedTwins()
	if len(twins) < len(o.planned) {
		return false
	}
	for _, twin := range twins {
		for _, u := range twin.uses {
			taken[u.cap] += u.amount
		}
	}
	for c, l := range w.terms.caps {
		if taken[c] > l.Limit {
			return false
		}
	}
	return true
}

// plan finds the best plan; near holds items of one that is probably close to it.
func (w *weighed) plan(near []*item) {
	if w.ceiling == (worth{}) {
		w.proven = true
		return
	}
	e := numbersEffort()
	e.ceiling = w.ceiling
	e.near = near
	w.planned, w.best, _, w.proven = solve(w.question, w.items, e)
}

// plannedTwins are the items of the plan that stand on the other side too.
func (w *weighed) plannedTwins() (twins []*item) {
	for _, it := range w.planned {
		if twin := w.twins[it.place]; twin != nil {
			twins = append(twins, twin)
		}
	}
	return twins
}

func (w *weighed) standing() Standing {
	return Standing{Programme: w.programme.ProgrammeKey, Required: w.programme.Required, Applied: w.best.applied, Transferable: w.best.transferable,
		Optimal: w.proven && w.whole}
}
