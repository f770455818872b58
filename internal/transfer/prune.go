package transfer

import "slices"

// prune leaves out the items that another one replaces in every plan: it asks for
// no record, target or cap more, and gives no less of anything that counts. One
// that may be shut out by another way to serve its own rule replaces none but those.
func prune(items []*item) []*item {
	ways := severalWays(items)
	kept := make([]*item, 0, len(items))
	first := make([]int32, recordsOf(items)) // by record: 1 + the last kept item whose first it is, 0 none
	links := make([]keptLink, 0, len(items))
	for _, it := range items {
		if !replaced(it, kept, first, links, ways) {
			kept, links = append(kept, it), append(links, keptLink{first[it.records[0]], it.firstTarget()})
			first[it.records[0]] = int32(len(kept))
		}
	}
	return kept
}

// keptLink is what is looked at first of a kept item: most are told apart by their first target.
type keptLink struct {
	next   int32 // the one before it with the same first record, like first
	target int32 // -1 none
}

func (it *item) firstTarget() int32 {
	if len(it.targets) == 0 {
		return -1
	}
	return it.targets[0]
}

// replaced says whether one of the kept items replaces another one: its first record
// is among those of the other.
func replaced(it *item, kept []*item, first []int32, links []keptLink, ways map[int32]bool) bool {
	for _, r := range it.records {
		for at := first[r]; at > 0; at = links[at-1].next {
			if target := links[at-1].target; target >= 0 && !slices.Contains(it.targets, target) {
				continue
			}
			k := kept[at-1]
			if k.replaces(it) && (!ways[k.trial.rule.n] || k.trial.rule.n == it.trial.rule.n) {
				return true
			}
		}
	}
	return false
}

// severalWays are the rules that are served in several ways.
func severalWays(items []*item) map[int32]bool {
	var ways map[int32]bool
	for _, it := range items {
		if len(it.trial.via) > 0 && ways == nil {
			ways = map[int32]bool{}
		}
	}
	if ways == nil {
		return nil
	}
	seen := map[int32]bool{}
	for _, it := range items {
		ways[it.trial.rule.n] = seen[it.trial.rule.n]
		seen[it.trial.rule.n] = true
	}
	return ways
}

// recordsOf is one more than the last record that the items want.
func recordsOf(items []*item) int {
	most := 0
	for _, it := range items {
		most = max(most, it.records[len(it.records)-1]+1)
	}
	return most
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
