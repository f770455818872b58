package transfer

import (
	"slices"

	"creditbank/internal/credit"
)

// potential is an upper bound on what a set of items can bring.
type potential struct {
	byGroup []credit.Amount
	grouped credit.Amount // credits in any group
	total   credit.Amount
	exempt  int
	densest credit.Amount // most credits one record can bring
}

// plus adds o to a potential that nobody else holds.
func (p potential) plus(o potential) potential {
	p.add(o)
	return p
}

func (p *potential) add(o potential) {
	p.grouped += o.grouped
	p.total += o.total
	p.exempt += o.exempt
	p.densest = max(p.densest, o.densest)
	for g := range p.byGroup {
		p.byGroup[g] += o.byGroup[g]
	}
}

// potentialOf bounds a set of items by sharing out the value of each item
// evenly among its records: a record brings no more than its largest share.
func (s *search) potentialOf(items []*item) potential {
	p := potential{byGroup: make([]credit.Amount, len(s.needs))}
	best := potential{byGroup: make([]credit.Amount, len(s.needs))}
	for _, r := range recordsOf(items) {
		clear(best.byGroup)
		best = potential{byGroup: best.byGroup}
		for _, it := range items {
			if _, found := slices.BinarySearch(it.records, r); found {
				best.take(it)
			}
		}
		p.add(best)
	}
	return p
}

func (p *potential) take(it *item) {
	n := credit.Amount(len(it.records))
	share := func(a credit.Amount) credit.Amount { return (a + n - 1) / n }
	var grouped credit.Amount
	for _, g := range it.byGroup {
		p.byGroup[g.group] = max(p.byGroup[g.group], share(g.amount))
		grouped += g.amount
	}
	p.grouped = max(p.grouped, share(grouped))
	p.total = max(p.total, share(it.total))
	p.densest = max(p.densest, share(it.total))
	p.exempt = max(p.exempt, (it.exempt+len(it.records)-1)/len(it.records))
}

func recordsOf(items []*item) []int {
	var records []int
	for _, it := range items {
		for _, r := range it.records {
			if !slices.Contains(records, r) {
				records = append(records, r)
			}
		}
	}
	return records
}
