package transfer

import "creditbank/internal/credit"

// quick bounds the two numbers by what can be seen without a search: what each record
// brings at most, what the groups need, and what one or two caps let through.
type quick struct {
	shares
	items []*item
	some  []*item // memory
}

// quickBound is no less than any plan of these items has applied and transferable.
func quickBound(items []*item, needs []credit.Amount, caps []limit, groupCap []int) worth {
	q := quick{shares: newShares(items, len(needs)), items: items}
	all := q.potentialOf(items)
	w := worth{applied: all.grouped, transferable: all.total}
	var byGroup credit.Amount
	for g, need := range needs {
		most := min(need, all.byGroup[g])
		if c := groupCap[g]; c >= 0 {
			most = min(most, caps[c].Limit)
		}
		byGroup += most
	}
	for a := range caps {
		for b := range a + 1 {
			w = q.under(w, caps, a, b)
		}
	}
	w.applied = min(w.applied, byGroup)
	return w
}

// under is the bound that two caps, or one, leave of another.
func (q *quick) under(w worth, caps []limit, a, b int) worth {
	free := q.some[:0]
	for _, it := range q.items {
		if it.takes(a) < it.total && it.takes(b) < it.total {
			free = append(free, it)
		}
	}
	q.some = free
	limit := caps[a].Limit
	if b != a {
		limit += caps[b].Limit
	}
	rest := q.potentialOf(free)
	return worth{applied: min(w.applied, limit+rest.grouped), transferable: min(w.transferable, limit+rest.total)}
}
