package oracle

import (
	"fmt"
	"slices"
)

// Check tells whether what is claimed is a plan, item by item and as a whole, and
// that each item is worth the credits it claims. The error is the first violation
// in words; nil means a valid plan, not that it is the best.
func Check(w World, programme int, records []Record, asOf int, chosen []Chosen) error {
	q := ask(w, programme, records, asOf)
	var plan []candidate
	for n, c := range chosen {
		item, err := q.claim(c)
		if err == nil {
			err = clash(plan, item)
		}
		if err != nil {
			return fmt.Errorf("item %d, rule %s/%d: %w", n, c.Rule, c.Version, err)
		}
		plan = append(plan, item)
	}
	return q.overCap(plan)
}

// Worth is what the rules claimed give together, by their definition and not by the
// credits claimed: credits applied and transferable, and exemptions. It does not ask
// whether they are a plan; an unknown rule gives nothing.
func Worth(w World, programme int, records []Record, asOf int, chosen []Chosen) (applied, transferable int64, exemptions int) {
	q := ask(w, programme, records, asOf)
	sums := map[string]int64{}
	for _, c := range chosen {
		r := q.rule(c)
		if r == nil {
			continue
		}
		for _, a := range q.awards(r, distinct(c.Records)) {
			sums[a.group] += a.credits
			transferable += a.credits
			if a.exemption {
				exemptions++
			}
		}
	}
	for _, g := range q.p.Groups {
		applied += min(q.need[g.Code], sums[g.Code])
	}
	return applied, transferable, exemptions
}

func (q *question) rule(c Chosen) *Rule {
	for i := range q.w.Rules {
		if r := &q.w.Rules[i]; r.Code == c.Rule && r.Version == c.Version {
			return r
		}
	}
	return nil
}

// claim finds a reading of the rule that is what the item claims.
func (q *question) claim(c Chosen) (candidate, error) {
	r := q.rule(c)
	if r == nil {
		return candidate{}, fmt.Errorf("there is no such rule")
	}
	if why := q.foreign(r); why != "" {
		return candidate{}, fmt.Errorf("%s", why)
	}
	for _, i := range c.Records {
		if i < 0 || i >= len(q.records) {
			return candidate{}, fmt.Errorf("there is no record %d", i)
		}
	}
	first := fmt.Errorf("it cannot be served by %v", c.Via)
	tried := false
	for _, e := range q.expansions(r) {
		if !slices.Equal(distinct(e.via), distinct(c.Via)) {
			continue
		}
		item, err := q.same(e, c)
		if err == nil {
			return item, nil
		}
		if !tried {
			first, tried = err, true
		}
	}
	return candidate{}, first
}

// same holds one reading of the rule against the item.
func (q *question) same(e expansion, c Chosen) (candidate, error) {
	item, err := q.candidate(e, c.Records)
	if err != nil {
		return candidate{}, err
	}
	if want := distinct(c.Records); !slices.Equal(want, item.records) || len(want) != len(c.Records) {
		return candidate{}, fmt.Errorf("records %v claimed, the rule consumes %v", c.Records, item.records)
	}
	if got := item.credits(); got != c.Credits {
		return candidate{}, fmt.Errorf("credits %d claimed, the rule gives %d", c.Credits, got)
	}
	return item, nil
}

// clash says what the item shares with the items before it.
func clash(plan []candidate, item candidate) error {
	for _, other := range plan {
		if other.rule == item.rule {
			return fmt.Errorf("the rule is chosen twice")
		}
		for _, r := range item.records {
			if slices.Contains(other.records, r) {
				return fmt.Errorf("record %d is consumed by %s too", r, other.key)
			}
		}
		for _, a := range item.awards {
			if a.course != "" && slices.ContainsFunc(other.awards, func(b award) bool { return a.course == b.course }) {
				return fmt.Errorf("course %s is awarded by %s too", a.course, other.key)
			}
		}
	}
	return nil
}

func (q *question) overCap(plan []candidate) error {
	for _, l := range q.limits {
		var sum int64
		for _, c := range plan {
			sum += q.counted(l, c)
		}
		if sum > l.max {
			return fmt.Errorf("cap %s %s: %d awarded, limit %d", l.cap, l.key, sum, l.max)
		}
	}
	return nil
}
