package transfer

import (
	"cmp"
	"slices"

	"creditbank/internal/credit"
)

// item is a satisfied rule that may stand in a plan, valued for one programme.
type item struct {
	trial   *trial
	ref     RuleRef // of its rule
	place   int     // in the order that the search prefers
	awards  []award
	records []int   // indexes, ascending
	targets []int32 // courses
	byGroup []groupCredits
	total   credit.Amount
	exempt  int
	uses    []capUse
}

type groupCredits struct {
	group  int
	amount credit.Amount
}

func (q *question) newItem(t *trial, awards []award, uses []capUse) *item {
	it := q.items.one()
	*it = item{trial: t, ref: t.rule.ref(), awards: awards, uses: uses, records: q.numbers.take(len(t.bound)),
		targets: q.memory.courses.take(len(awards))[:0], byGroup: q.groups.take(len(awards))[:0]}
	copy(it.records, t.bound)
	slices.Sort(it.records)
	for _, a := range awards {
		it.total += a.credits
		if a.course >= 0 {
			it.targets = append(it.targets, a.course)
		}
		if a.exempt {
			it.exempt++
		}
		if a.group >= 0 && a.credits > 0 {
			it.addGroup(a.group, a.credits)
		}
	}
	return it
}

func (it *item) addGroup(g int, amount credit.Amount) {
	for i := range it.byGroup {
		if it.byGroup[i].group == g {
			it.byGroup[i].amount += amount
			return
		}
	}
	it.byGroup = append(it.byGroup, groupCredits{g, amount})
}

// compareItems is the order in which the search prefers items that exclude each
// other: worth, then priority, then code. It does not depend on the order of rows.
func compareItems(a, b *item) int {
	if c := cmp.Compare(b.total, a.total); c != 0 {
		return c // what tells most of them apart
	}
	if c := cmp.Or(
		cmp.Compare(b.exempt, a.exempt),
		cmp.Compare(len(a.records), len(b.records)),
		cmp.Compare(b.trial.rule.terms.priority, a.trial.rule.terms.priority),
	); c != 0 {
		return c
	}
	if c := compareRefs(a.ref, b.ref); c != 0 {
		return c
	}
	return compareWays(&a.trial.offer, &b.trial.offer)
}

// conflicts says whether two items cannot stand in one plan: they share a
// record or a target, or are one equivalence served in two ways.
func (it *item) conflicts(other *item) bool {
	if it.trial.rule.n == other.trial.rule.n {
		return true
	}
	for _, r := range it.records {
		if _, found := slices.BinarySearch(other.records, r); found {
			return true
		}
	}
	for _, t := range it.targets {
		if slices.Contains(other.targets, t) {
			return true
		}
	}
	return false
}

// components splits items into sets that share no record and no target, each in
// the order given, the sets in the order of their first item. Only group needs
// and caps tie them together.
func components(items []*item) [][]*item {
	parent := make([]int, len(items))
	for i := range parent {
		parent[i] = i
	}
	find := func(i int) int {
		for parent[i] != i {
			parent[i] = parent[parent[i]]
			i = parent[i]
		}
		return i
	}
	byRule, byRecord, byTarget := map[int32]int{}, map[int]int{}, map[int32]int{}
	for i, it := range items {
		joinAt(parent, find, byRule, it.trial.rule.n, i)
		for _, r := range it.records {
			joinAt(parent, find, byRecord, r, i)
		}
		for _, t := range it.targets {
			joinAt(parent, find, byTarget, t, i)
		}
	}
	return gather(items, find)
}

func joinAt[K comparable](parent []int, find func(int) int, first map[K]int, key K, i int) {
	if j, seen := first[key]; seen {
		a, b := find(i), find(j)
		parent[max(a, b)] = min(a, b)
		return
	}
	first[key] = i
}

func gather(items []*item, find func(int) int) [][]*item {
	var sets [][]*item
	at := map[int]int{}
	for i, it := range items {
		root := find(i)
		n, seen := at[root]
		if !seen {
			n = len(sets)
			at[root] = n
			sets = append(sets, nil)
		}
		sets[n] = append(sets[n], it)
	}
	return sets
}
