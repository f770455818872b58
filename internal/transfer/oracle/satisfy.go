package oracle

import (
	"fmt"
	"slices"
)

// need is one source that a record must meet. owner tells the rule it comes from:
// 0 the rule itself, else the serving rule's number.
type need struct {
	source   Source
	from, to int
	validity int
	owner    int
}

// expansion is a rule as it stands, or with standard units served by other rules.
type expansion struct {
	rule  *Rule
	via   []string
	needs []need
}

// foreign says why the rule does not speak of this programme, or nothing.
func (q *question) foreign(r *Rule) string {
	switch {
	case r.Institution != q.p.Institution:
		return "the rule is of another institution"
	case r.Programme != "" && r.Programme != q.p.Code:
		return "the rule is of another programme"
	case !r.credits():
		return "the rule gives no credit: " + r.Outcome
	case len(r.Sources) == 0:
		return "the rule has no source"
	}
	return ""
}

func (r *Rule) credits() bool { return r.Outcome == "" || r.Outcome == "credit" }

// expansions lists every way to read the rule's sources: each as a record of its
// own, or, where it is a unit of the bank, as served by a rule that awards the unit.
func (q *question) expansions(r *Rule) []expansion {
	var out []expansion
	choice := make([]*Rule, len(r.Sources))
	var from func(i int)
	from = func(i int) {
		if i == len(choice) {
			out = append(out, expand(r, choice))
			return
		}
		for _, a := range q.suppliers(r, r.Sources[i]) {
			choice[i] = a
			from(i + 1)
		}
	}
	from(0)
	return out
}

// suppliers are nil (a record of the course itself) and the rules that award the unit.
func (q *question) suppliers(of *Rule, s Source) []*Rule {
	out := []*Rule{nil}
	if q.institution(s.Institution).Kind != "bank" {
		return out
	}
	for i := range q.w.Rules {
		a := &q.w.Rules[i]
		fits := a.Institution == s.Institution && a.Programme == "" && a.credits() && len(a.Sources) > 0
		if fits && a.key() != of.key() && a.awards(s.Course) {
			out = append(out, a)
		}
	}
	return out
}

func (r *Rule) awards(course string) bool {
	return slices.ContainsFunc(r.Targets, func(t Target) bool { return t.Course == course && !t.Exemption })
}

// expand writes down the needs of a rule for one choice of suppliers. A supplier's
// sources count once, and carry the bands of every unit it serves.
func expand(r *Rule, choice []*Rule) expansion {
	e := expansion{rule: r}
	for i, a := range choice {
		if a == nil {
			e.needs = append(e.needs, need{r.Sources[i], r.From, r.To, r.Validity, 0})
			continue
		}
		if slices.Index(choice, a) < i {
			continue
		}
		e.via = append(e.via, a.key())
		for _, s := range a.Sources {
			for j, b := range choice {
				if b == a {
					s.Min, s.Max = max(s.Min, r.Sources[j].Min), lower(s.Max, r.Sources[j].Max, -1)
				}
			}
			from, to := max(a.From, r.From), lower(a.To, r.To, Open)
			e.needs = append(e.needs, need{s, from, to, lower(max(a.Validity, 0), max(r.Validity, 0), 0), len(e.via)})
		}
	}
	return e
}

// lower is the smaller of two limits, of which either may be none.
func lower[T int | int64](a, b, none T) T {
	switch {
	case a == none:
		return b
	case b == none:
		return a
	}
	return min(a, b)
}

// unfit says why a record does not meet a need, or nothing.
func (q *question) unfit(n need, i int) string {
	r := q.records[i]
	least, years := n.source.Min, n.validity
	if least < 0 {
		least = q.terms.MinGrade
	}
	if years < 1 {
		years = q.terms.Validity
	}
	switch {
	case r.Institution != n.source.Institution || r.Course != n.source.Course:
		return "is of another course"
	case !r.Passed:
		return "is not a pass"
	case r.Used:
		return "is used already"
	case q.home[i]:
		return "is earned at home"
	case !inside(r.Day, n.from, n.to):
		return "was completed outside the window"
	case least >= 0 && (!r.Graded || r.Score < least):
		return "is below the least grade"
	case n.source.Max >= 0 && (!r.Graded || r.Score > n.source.Max):
		return "is above the greatest grade"
	case years >= 1 && q.asOf > addYears(r.Day, years):
		return "has expired"
	}
	return ""
}

// compare orders records by score, a missing grade below all, then by day.
func (q *question) compare(a, b int) int64 {
	score := func(r Record) int64 {
		if r.Graded {
			return r.Score
		}
		return -1
	}
	x, y := q.records[a], q.records[b]
	if score(x) != score(y) {
		return score(x) - score(y)
	}
	return int64(x.Day - y.Day)
}

// best is the record that a need is bound to: the best that meets it, of equal ones
// a claimed one, else the first. -1 is none.
func (q *question) best(n need, claimed []int) int {
	found := -1
	for i := range q.records {
		if q.unfit(n, i) != "" {
			continue
		}
		if found < 0 || q.compare(i, found) > 0 ||
			q.compare(i, found) == 0 && slices.Contains(claimed, i) && !slices.Contains(claimed, found) {
			found = i
		}
	}
	return found
}

// bind gives every need its record. Rules that serve one another may not ask for
// the same course; the sources of one rule may be met by one record together.
func (q *question) bind(e expansion, claimed []int) ([]int, error) {
	owner := map[[2]string]int{}
	var out []int
	for _, n := range e.needs {
		i := q.best(n, claimed)
		if i < 0 {
			return nil, q.unmet(n, claimed)
		}
		course := [2]string{n.source.Institution, n.source.Course}
		if o, taken := owner[course]; taken && o != n.owner {
			return nil, fmt.Errorf("course %s:%s would be asked for by two of the rules together", course[0], course[1])
		}
		owner[course] = n.owner
		out = append(out, i)
	}
	return distinct(out), nil
}

// unmet says why no record meets the need, speaking of a claimed one where there is.
func (q *question) unmet(n need, claimed []int) error {
	for _, i := range claimed {
		if why := q.unfit(n, i); why != "is of another course" {
			return fmt.Errorf("source %s:%s: record %d %s", n.source.Institution, n.source.Course, i, why)
		}
	}
	return fmt.Errorf("source %s:%s: no record meets it", n.source.Institution, n.source.Course)
}
