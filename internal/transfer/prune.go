package transfer

import "slices"

// prune leaves out the items that another one replaces in every plan: it asks for
// no record, target or cap more, and gives no less of anything that counts. One
// that may be shut out by another way to serve its own rule replaces none but those.
func prune(items []*item) []*item {
	ways := map[*rule]int{}
	for _, it := range items {
		ways[it.trial.rule]++
	}
	var kept []*item
	at := map[corner][]*item{}
	for _, it := range items {
		replaces := func(k *item) bool {
			return (ways[k.trial.rule] == 1 || k.trial.rule == it.trial.rule) && k.replaces(it)
		}
		replaced := func(c corner) bool { return slices.ContainsFunc(at[c], replaces) }
		if !slices.ContainsFunc(it.corners(), replaced) {
			kept = append(kept, it)
			at[it.corner()] = append(at[it.corner()], it)
		}
	}
	return kept
}

// corner is one record and one target of an item. What replaces an item has its
// own first record and target among the item's.
type corner struct {
	record int
	target int32 // -1: none
}

func (it *item) corner() corner {
	c := corner{it.records[0], -1}
	if len(it.targets) > 0 {
		c.target = it.targets[0]
	}
	return c
}

func (it *item) corners() []corner {
	var all []corner
	for _, r := range it.records {
		all = append(all, corner{r, -1})
		for _, t := range it.targets {
			all = append(all, corner{r, t})
		}
	}
	return all
}

func (it *item) replaces(o *item) bool {
	if len(it.records) > len(o.records) || len(it.targets) > len(o.targets) || it.total < o.total || it.exempt < o.exempt {
		return false
	}
	within := func(r int) bool { _, found := slices.BinarySearch(o.records, r); return found }
	for _, r := range it.records {
		if !within(r) {
			return false
		}
	}
	for _, t := range it.targets {
		if !slices.Contains(o.targets, t) {
			return false
		}
	}
	return it.usesNoMore(o) && it.givesNoLess(o)
}

func (it *item) usesNoMore(o *item) bool {
	for _, u := range it.uses {
		if !slices.ContainsFunc(o.uses, func(v capUse) bool { return v.cap == u.cap && v.amount >= u.amount }) {
			return false
		}
	}
	return true
}

func (it *item) givesNoLess(o *item) bool {
	for _, a := range o.byGroup {
		if !slices.ContainsFunc(it.byGroup, func(b groupCredits) bool { return b.group == a.group && b.amount >= a.amount }) {
			return false
		}
	}
	return true
}
