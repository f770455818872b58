package bench

import (
	"fmt"
	"slices"

	"creditbank/internal/calendar"
	"creditbank/internal/credit"
	"creditbank/internal/transfer"
)

// Every block of rules holds a few with several versions: in half of the blocks
// the first two, in the others the first three are versions of one equivalence.
const blockRules = 40

// version says which version of which equivalence the n-th rule is, and how many
// versions that has.
func (c *Country) version(n int) (first, version, of int) {
	at := n % blockRules
	versions := 2 + n/blockRules%2
	if n-at+versions > c.Rules || at >= versions {
		return n, 1, 1
	}
	return n - at, at + 1, versions
}

// rule is the n-th rule. In ninety-nine of a hundred one course stands for one.
func (c *Country) rule(n int) transfer.Rule {
	first, version, of := c.version(n)
	d := c.dice(aboutRule, first)
	r := transfer.Rule{RuleRef: transfer.RuleRef{Code: fmt.Sprintf("E%08d", first), Version: version}, Outcome: transfer.Credit,
		From: calendar.None, To: calendar.None}
	switch at := first % 200; {
	case at == 50:
		c.feeder(d, &r, first)
		return r
	case at == 51:
		c.place(d, &r)
		r.Sources = []transfer.Source{c.source(d, c.unit(first/200%c.units))}
	case at%100 == 70:
		receiver := c.place(d, &r)
		c.several(d, &r, receiver)
	default:
		c.place(d, &r)
		r.Sources = []transfer.Source{c.source(d, c.askedCourse(d.IntN(c.asked)))}
	}
	c.terms(d, &r)
	if of > 1 {
		c.flip(&r, first, of)
	}
	return r
}

// place gives a rule its institution, its programme and a first target.
func (c *Country) place(d dice, r *transfer.Rule) (receiver int) {
	programme := d.IntN(c.Programmes)
	receiver, _ = c.home(programme)
	r.Institution = c.receiver(receiver)
	if d.one(300) {
		r.Programme = c.programmeKey(programme).Code
		r.Targets = []transfer.Target{c.target(d, receiver, pick(d, c.planOf(programme)...))}
		return receiver
	}
	r.Targets = []transfer.Target{c.target(d, receiver, d.IntN(poolEach))}
	return receiver
}

// target awards a course of the pool, or unassigned credit.
func (c *Country) target(d dice, receiver, course int) transfer.Target {
	t := transfer.Target{Course: c.poolCourse(receiver, course).Code, Mode: transfer.Catalogue}
	switch kind := d.IntN(1000); {
	case kind < 50:
		return transfer.Target{Group: groupElective, Mode: transfer.Fixed, Credits: credit.Amount(50 * (1 + d.IntN(6)))}
	case kind < 70:
		t.Exemption = true
	case kind < 90:
		t.Mode = transfer.FromHours
	case kind < 190:
		t.Mode, t.Credits = transfer.Fixed, credit.Amount(50*d.IntN(11))
	}
	return t
}

func (c *Country) source(d dice, course transfer.CourseKey) transfer.Source {
	s := transfer.Source{CourseKey: course, Min: transfer.NoScore, Max: transfer.NoScore}
	if d.one(300) {
		s.Min = pick[credit.Score](d, 6500, 7000, 7500, 8000, 8500)
	}
	if d.one(30) {
		s.Max = max(s.Min, 6000) + pick[credit.Score](d, 500, 1000, 1499)
	}
	return s
}

// several gives a rule up to five sources and up to four targets, not one of each.
func (c *Country) several(d dice, r *transfer.Rule, receiver int) {
	sources, targets := 1+d.IntN(5), 1+d.IntN(4)
	if sources+targets == 2 {
		sources = 2
	}
	start := d.IntN(c.asked)
	for n := range sources {
		// Courses of one sender stand senders apart.
		r.Sources = append(r.Sources, c.source(d, c.askedCourse((start+n*c.senders)%c.asked)))
	}
	slices.SortFunc(r.Sources, func(a, b transfer.Source) int { return compareKeys(a.CourseKey, b.CourseKey) })
	r.Sources = slices.CompactFunc(r.Sources, func(a, b transfer.Source) bool { return a.CourseKey == b.CourseKey })
	for len(r.Targets) < targets {
		t := transfer.Target{Course: c.poolCourse(receiver, d.IntN(poolEach)).Code, Mode: transfer.Catalogue}
		if !slices.ContainsFunc(r.Targets, func(o transfer.Target) bool { return o.Course == t.Course }) {
			r.Targets = append(r.Targets, t)
		}
	}
}

// feeder is a rule into a standard unit.
func (c *Country) feeder(d dice, r *transfer.Rule, first int) {
	unit := c.unit(first / 200 % c.units)
	r.Institution = unit.Institution
	r.Sources = []transfer.Source{c.source(d, c.askedCourse(d.IntN(c.asked)))}
	r.Targets = []transfer.Target{{Course: unit.Code, Mode: transfer.Catalogue}}
}

// terms gives a rule its window, validity, priority and outcome.
func (c *Country) terms(d dice, r *transfer.Rule) {
	if d.one(700) {
		r.From = calendar.Date(2018+d.IntN(7), 9, 1)
	}
	if d.one(150) {
		r.To = calendar.Date(2025+d.IntN(2), 6, 30)
	}
	r.Validity = weighted(d, 0, choice[int]{40, 3}, choice[int]{40, 5}, choice[int]{20, 10})
	r.Priority = weighted(d, 0, choice[int]{50, 10})
	switch kind := d.IntN(1000); {
	case kind < 30:
		r.Outcome, r.Reasons = transfer.Refused, []string{pick(d, "CONTENT", "LEVEL", "SUBJECT")}
	case kind < 40:
		r.Outcome = transfer.Pending
	}
}

// flip makes one of several versions: each begins where the one before it ends,
// and gives other credits, or none, or another decision.
func (c *Country) flip(r *transfer.Rule, first, of int) {
	d := c.dice(aboutFlip, first)
	began := calendar.Date(2020+d.IntN(2), 9, 1)
	r.From, r.Outcome, r.Reasons = calendar.None, transfer.Credit, nil
	for v := 2; v <= r.Version; v++ {
		r.From = began
		began = began.AddYears(2)
		switch d.IntN(4) {
		case 0:
			r.Outcome, r.Reasons = transfer.Refused, []string{"CONTENT"}
		default:
			r.Outcome, r.Reasons = transfer.Credit, nil
			r.Targets[0].Mode, r.Targets[0].Exemption, r.Targets[0].Credits = transfer.Fixed, false, credit.Amount(50*d.IntN(9))
		}
	}
	if r.Version < of {
		r.To = began - 1
	} else if r.To != calendar.None {
		r.To = max(r.To, r.From)
	}
}

func compareKeys(a, b transfer.CourseKey) int {
	return slices.Compare([]string{a.Institution, a.Code}, []string{b.Institution, b.Code})
}
