package transfer

import (
	"cmp"
	"slices"

	"creditbank/internal/calendar"
	"creditbank/internal/credit"
)

// HelpKind says what kind of change would help.
type HelpKind string

// The kinds of help, the smallest change first.
const (
	RefreshResult HelpKind = "refresh" // the same result, completed on the day of the question
	BetterGrade   HelpKind = "grade"   // a better grade in a course there is a result of, taken on that day
	OneCourse     HelpKind = "course"  // a course of which there is no result yet
	TwoCourses    HelpKind = "courses" // two such changes together
)

// HelpKinds lists the kinds, the smallest change first.
func HelpKinds() []HelpKind { return []HelpKind{RefreshResult, BetterGrade, OneCourse, TwoCourses} }

// Limits of what is looked at and told.
const (
	mostHelps = 5    // told, the best of them
	mostTries = 40   // changes that are planned with, the smallest of them
	helpWork  = 8000 // reasons of all plans together: where many rules concern a learner fewer changes are tried
	fewTries  = 8    // however many rules there are
)

// passMark is the score of a pass in the scales that have no other.
const passMark credit.Score = 6000

// Improvement is one result that would be other than it is. It is completed on the
// day of the question: what is still to be done cannot be done before.
type Improvement struct {
	CourseKey
	Record   int          // the result it replaces, by its place in the question; -1: none, it is a further one
	Needed   credit.Score // the lowest score that serves; NoScore: a pass
	Had      credit.Score // of the result it replaces; NoScore: none
	HadGrade string       // the grade behind Had, as it was reported
	Result   Record       // the result as it would be
	was      Record       // the result it replaces
}

// Help is a change of the results that gains something in a programme, and what
// the best plan is with it.
type Help struct {
	Kind             HelpKind
	Changes          []Improvement
	Rule             RuleRef       // the equivalence that it opens
	Via              []RuleRef     // the rules into standard units on the way
	Applied          credit.Amount // with the change
	Transferable     credit.Amount
	MoreApplied      credit.Amount // than without
	MoreTransferable credit.Amount // may be below 0 where more is applied
}

// Apply makes the change: the results as they would be.
func (h *Help) Apply(records []Record) []Record {
	changed := slices.Clone(records)
	for _, c := range h.Changes {
		if c.Record < 0 {
			changed = append(changed, c.Result)
			continue
		}
		changed[c.Record] = c.Result
	}
	return changed
}

// Help says what would help: up to five changes of the results with which the
// best plan of the programme is better, those that gain most first, of these the
// smallest. A change makes one equivalence whole that lacks one or two results: a
// better grade, a result renewed, a course passed at the lowest score that
// serves. Each was planned with, none is estimated; at most forty are tried, the
// smallest of them, and of pairs that gain something both parts. Nothing is told where the plan itself is not proven.
//
// It reports false for a programme the map does not know.
func (m *Map) Help(to ProgrammeKey, records []Record, asOf calendar.Day) ([]Help, bool) {
	list, known := m.helps(to, records, asOf)
	return list[:min(len(list), mostHelps)], known
}

// helps is Help with all that was found.
func (m *Map) helps(to ProgrammeKey, records []Record, asOf calendar.Day) ([]Help, bool) {
	n, known := m.programmeAt(to)
	if !known {
		return nil, false
	}
	l := m.learner(records, asOf)
	h := helper{m: m, to: to, records: records, asOf: asOf, base: l.plan(n, fullEffort())}
	if !h.base.Optimal {
		return nil, true
	}
	h.facts = l.facts(n)
	tries := h.tries(h.ways())
	var list []Help
	for _, t := range tries {
		if h.gains(&t) {
			list = append(append(list, t), h.parts(&t)...)
		}
	}
	slices.SortStableFunc(list, compareHelps)
	return undominated(list), true
}

// parts are the changes of a pair that gain something by themselves: one of them
// may open another rule, and gain as much.
func (h *helper) parts(pair *Help) []Help {
	if len(pair.Changes) == 1 {
		return nil
	}
	var list []Help
	for _, c := range pair.Changes {
		part := Help{Changes: []Improvement{c}, Rule: pair.Rule, Via: pair.Via}
		if part.Kind = part.kind(); h.gains(&part) {
			list = append(list, part)
		}
	}
	return list
}

// helper looks for what would help one learner before one programme.
type helper struct {
	m       *Map
	to      ProgrammeKey
	records []Record
	asOf    calendar.Day
	facts   Facts // that the plan depends on
	base    Answer
	work    int // reasons of one plan
}

// tries are the changes that make a way whole, the smallest first, none twice.
func (h *helper) tries(ways []way) []Help {
	var list []Help
	for _, w := range ways {
		for _, changes := range h.completions(&w) {
			t := Help{Changes: changes, Rule: w.rule, Via: w.via}
			t.Kind = t.kind()
			if !slices.ContainsFunc(list, t.same) {
				list = append(list, t)
			}
		}
	}
	slices.SortStableFunc(list, func(a, b Help) int { return compareSizes(&a, &b) })
	return list[:min(len(list), max(fewTries, min(mostTries, helpWork/max(h.work, 1))))]
}

func (h *Help) kind() HelpKind {
	c := &h.Changes[0]
	switch {
	case len(h.Changes) > 1:
		return TwoCourses
	case c.Record < 0:
		return OneCourse
	case c.Result.Score == c.Had:
		return RefreshResult
	}
	return BetterGrade
}

// same says whether two changes do the same to the same results.
func (h *Help) same(other Help) bool {
	return slices.EqualFunc(h.Changes, other.Changes, func(a, b Improvement) bool {
		return a.Result == b.Result && a.was == b.was
	})
}

// gains plans with the change, and says whether it gains anything. A plan that
// does not take the result gains by accident: it is of another attempt in the
// course that another rule takes then.
func (h *helper) gains(t *Help) bool {
	changed := t.Apply(h.records)
	a, _ := h.m.Plan(h.to, changed, h.asOf)
	t.Applied, t.Transferable = a.Applied, a.Transferable
	t.MoreApplied, t.MoreTransferable = a.Applied-h.base.Applied, a.Transferable-h.base.Transferable
	at := t.Changes[0].Record
	if at < 0 {
		at = len(h.records)
	}
	taken := slices.IndexFunc(a.Items, func(item Item) bool { return slices.Contains(item.Records, at) })
	if taken < 0 {
		return false
	}
	t.Rule, t.Via = a.Items[taken].Rule, a.Items[taken].Via
	return t.MoreApplied > 0 || (t.MoreApplied == 0 && t.MoreTransferable > 0)
}

// compareHelps puts what gains most first, then the smaller change.
func compareHelps(a, b Help) int {
	return cmp.Or(cmp.Compare(b.MoreApplied, a.MoreApplied), cmp.Compare(b.MoreTransferable, a.MoreTransferable), compareSizes(&a, &b))
}

// compareSizes orders changes by how much they ask for: by kind, then by points,
// then by rule.
func compareSizes(a, b *Help) int {
	place := func(h *Help) int { return slices.Index(HelpKinds(), h.Kind) }
	return cmp.Or(cmp.Compare(place(a), place(b)), cmp.Compare(a.further(), b.further()), cmp.Compare(a.points(), b.points()),
		cmp.Compare(a.asked(), b.asked()), compareRefs(a.Rule, b.Rule), slices.CompareFunc(a.Via, b.Via, compareRefs), slices.CompareFunc(a.Changes, b.Changes, compareChanges))
}

// further counts the courses of which there is no result yet.
func (h *Help) further() int {
	n := 0
	for _, c := range h.Changes {
		if c.Record < 0 {
			n++
		}
	}
	return n
}

// points is by how much grades are to rise. One that was not given counts as a pass.
func (h *Help) points() credit.Score {
	var sum credit.Score
	for _, c := range h.Changes {
		from := c.Had
		if from == NoScore {
			from = passMark
		}
		sum += max(0, c.Result.Score-from)
	}
	return sum
}

// asked adds up the scores that are asked for; a pass in any grade is less than all.
func (h *Help) asked() credit.Score {
	var sum credit.Score
	for _, c := range h.Changes {
		sum += c.Result.Score
	}
	return sum
}

func compareChanges(a, b Improvement) int {
	return cmp.Or(compareRecords(&a.Result, &b.Result), compareRecords(&a.was, &b.was))
}

// undominated leaves out what gains no more than a smaller change of the same
// courses does. The list is in the order of compareHelps.
func undominated(list []Help) []Help {
	var kept []Help
	for _, h := range list {
		if !slices.ContainsFunc(kept, func(k Help) bool { return k.within(&h) }) {
			kept = append(kept, h)
		}
	}
	return kept
}

// within says whether every change is also made by the other, at least as far.
func (h *Help) within(other *Help) bool {
	for _, c := range h.Changes {
		if !slices.ContainsFunc(other.Changes, func(o Improvement) bool {
			return o.CourseKey == c.CourseKey && o.Result.Score >= c.Result.Score && o.Had <= c.Had
		}) {
			return false
		}
	}
	return true
}
