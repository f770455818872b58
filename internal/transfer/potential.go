package transfer

import "creditbank/internal/credit"

// potential is an upper bound on what a set of items can bring.
type potential struct {
	byGroup []credit.Amount
	grouped credit.Amount // credits in any group
	total   credit.Amount
	exempt  int
	densest credit.Amount // most credits one record can bring
}

func (p *potential) add(o *potential) {
	p.grouped += o.grouped
	p.total += o.total
	p.exempt += o.exempt
	p.densest = max(p.densest, o.densest)
	for g, amount := range o.byGroup {
		p.byGroup[g] += amount
	}
}

// plus is a potential together with another one.
func (p potential) plus(o *potential) potential {
	p.byGroup = append(make([]credit.Amount, 0, len(p.byGroup)), p.byGroup...)
	p.add(o)
	return p
}

// shares is memory for the bounds: by record, what the items that want it bring
// at most for it. A record that touched does not list is all zero.
type shares struct {
	byRecord []potential
	touched  []int
	sum      potential
}

func newShares(items []*item, groups int) shares {
	records := recordsOf(items)
	amounts := make([]credit.Amount, (records+1)*groups)
	s := shares{byRecord: make([]potential, records)}
	for r := range s.byRecord {
		s.byRecord[r].byGroup = amounts[r*groups : (r+1)*groups : (r+1)*groups]
	}
	s.sum.byGroup = amounts[records*groups:]
	return s
}

// potentialOf bounds a set of items by sharing out the value of each item
// evenly among its records: a record brings no more than its largest share.
// What it returns holds until the next call.
func (s *shares) potentialOf(items []*item) *potential {
	for _, it := range items {
		for _, r := range it.records {
			if best := &s.byRecord[r]; !best.take(it) {
				s.touched = append(s.touched, r)
				best.densest = max(best.densest, 1) // so that it is not listed again
			}
		}
	}
	sum := &s.sum
	clear(sum.byGroup)
	*sum = potential{byGroup: sum.byGroup}
	for _, r := range s.touched {
		best := &s.byRecord[r]
		sum.add(best)
		clear(best.byGroup)
		*best = potential{byGroup: best.byGroup}
	}
	s.touched = s.touched[:0]
	return sum
}

// take counts an item among those that want a record, and says whether there was one before.
func (p *potential) take(it *item) bool {
	before := p.densest > 0
	n := credit.Amount(len(it.records))
	var grouped credit.Amount
	for _, g := range it.byGroup {
		p.byGroup[g.group] = max(p.byGroup[g.group], (g.amount+n-1)/n)
		grouped += g.amount
	}
	share := (it.total + n - 1) / n
	p.grouped = max(p.grouped, (grouped+n-1)/n)
	p.total = max(p.total, share)
	p.densest = max(p.densest, share)
	p.exempt = max(p.exempt, (it.exempt+len(it.records)-1)/len(it.records))
	return before
}
