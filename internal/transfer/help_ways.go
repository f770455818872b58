package transfer

import (
	"cmp"
	"fmt"
	"maps"
	"slices"

	"creditbank/internal/credit"
)

// way is one way in which a rule could be served, and what it asks for.
type way struct {
	rule  RuleRef
	via   []RuleRef
	needs []wayNeed
}

// wayNeed is what a way asks of one course.
type wayNeed struct {
	CourseKey
	min, max credit.Score // NoScore: none
	met      bool         // by a result that there is
	blocked  bool         // there is a result that can be no source: one more would not be one either
}

// ways asks what every rule that concerns the learner lacks. In the plan itself a
// result that is taken has no other reason; so it is asked as though every rule
// gave nothing, and then no result is taken. Results that are no pass are asked
// for as passes, so that their rules have their say too.
func (h *helper) ways() []way {
	lifted := slices.Clone(h.records)
	for i := range lifted {
		if r := &lifted[i]; !r.Passed {
			r.Passed, r.Score, r.Completed = true, max(r.Score, passMark), h.asOf
		}
	}
	a, _ := Compile(h.barren()).Plan(h.to, lifted, h.asOf)
	ways := map[string]*way{}
	blocked := map[CourseKey]bool{}
	for i, answer := range a.Records {
		for _, reason := range answer.Reasons {
			h.work++
			switch reason.Code {
			case AlreadyUsed, EarnedCode:
				blocked[h.records[i].CourseKey] = true
			}
			if reason.Rule.Code != "" {
				h.take(ways, &reason, i)
			}
		}
	}
	return finished(ways, blocked)
}

// barren are the facts with rules that award nothing.
func (h *helper) barren() Facts {
	f := h.facts
	f.Rules = only(f.Rules, func(r Rule) bool { return r.Outcome == Credit })
	for i := range f.Rules {
		if r := &f.Rules[i]; r.Institution == h.to.Institution {
			r.Targets = []Target{{Mode: Fixed}}
		}
	}
	return f
}

// only gives the elements for which keep holds.
func only[T any](list []T, keep func(T) bool) []T {
	var kept []T
	for _, x := range list {
		if keep(x) {
			kept = append(kept, x)
		}
	}
	return kept
}

// units are the courses that a rule awards, exemptions aside.
func (r *Rule) units() []CourseKey {
	var list []CourseKey
	for _, t := range r.Targets {
		if t.Course != "" && !t.Exemption {
			list = append(list, CourseKey{r.Institution, t.Course})
		}
	}
	return list
}

// take notes what a reason says of the result and of the way it speaks of.
func (h *helper) take(ways map[string]*way, reason *Reason, record int) {
	key := fmt.Sprint(reason.Rule, reason.Via)
	w := ways[key]
	if w == nil {
		w = &way{rule: reason.Rule, via: reason.Via}
		h.ask(w)
		ways[key] = w
	}
	if r := &h.records[record]; r.Passed && (reason.Code == NoGain || reason.Code == IncompleteSet) {
		for i := range w.needs {
			n := &w.needs[i]
			n.met = n.met || (n.CourseKey == r.CourseKey && h.meets(n, r))
		}
	}
}

// meets tells the result that is bound from further attempts in its course.
func (h *helper) meets(n *wayNeed, r *Record) bool {
	return (n.min == NoScore || r.Score >= n.min) && (n.max == NoScore || (r.Score != NoScore && r.Score <= n.max))
}

// finished puts the ways in order.
func finished(ways map[string]*way, blocked map[CourseKey]bool) []way {
	var list []way
	for _, w := range ways {
		for i := range w.needs {
			w.needs[i].blocked = blocked[w.needs[i].CourseKey]
		}
		list = append(list, *w)
	}
	slices.SortFunc(list, func(a, b way) int {
		return cmp.Or(compareRefs(a.rule, b.rule), slices.CompareFunc(a.via, b.via, compareRefs))
	})
	return list
}

// ask finds what a way asks for: the sources of its rule, and instead of a
// standard unit those of the rule into it, which then meet the bands of both.
func (h *helper) ask(w *way) {
	units := map[CourseKey]Source{}
	for _, s := range h.rule(w.rule).Sources {
		units[s.CourseKey] = s
	}
	served := map[CourseKey]bool{}
	for _, ref := range w.via {
		feeder := h.rule(ref)
		band := Source{Min: NoScore, Max: NoScore}
		for _, unit := range feeder.units() {
			if s, asked := units[unit]; asked {
				served[unit] = true
				band = band.and(s)
			}
		}
		for _, s := range feeder.Sources {
			w.add(s.and(band), h.leastGrade())
		}
	}
	for _, unit := range slices.SortedFunc(maps.Keys(units), compareCourses) {
		if !served[unit] {
			w.add(units[unit], h.leastGrade())
		}
	}
}

func (h *helper) rule(ref RuleRef) *Rule {
	at := slices.IndexFunc(h.facts.Rules, func(r Rule) bool { return r.RuleRef == ref })
	return &h.facts.Rules[at]
}

// and is the source that meets the bands of both.
func (s Source) and(other Source) Source {
	s.Min = max(s.Min, other.Min)
	if s.Max == NoScore || (other.Max != NoScore && other.Max < s.Max) {
		s.Max = other.Max
	}
	return s
}

func (w *way) add(s Source, least credit.Score) {
	if s.Min == NoScore {
		s.Min = least
	}
	w.needs = append(w.needs, wayNeed{CourseKey: s.CourseKey, min: s.Min, max: s.Max})
}

// leastGrade is the lowest grade of the policy in force: of those kept, which go
// from the widest scope to the narrowest, the last that states one.
func (h *helper) leastGrade() credit.Score {
	least := NoScore
	for _, p := range h.facts.Policies {
		if p.MinGrade != NoScore {
			least = p.MinGrade
		}
	}
	return least
}

// completions are the changes that make the way whole: of each result it lacks,
// where these are one or two. A way that is whole may still be served by a second
// result in one of its courses, so that the first is free for another rule.
func (h *helper) completions(w *way) [][]Improvement {
	lacking := only(w.needs, func(n wayNeed) bool { return !n.met })
	switch {
	case len(lacking) > 2 || slices.ContainsFunc(lacking, func(n wayNeed) bool { return n.blocked }):
		return nil
	case len(lacking) == 0:
		return h.seconds(w)
	}
	list := [][]Improvement{nil}
	for _, n := range lacking {
		var longer [][]Improvement
		for _, changes := range list {
			for _, c := range h.options(&n) {
				longer = append(longer, append(slices.Clone(changes), c))
			}
		}
		list = longer
	}
	return list
}

// seconds are better grades in second results of the way's courses.
func (h *helper) seconds(w *way) [][]Improvement {
	var list [][]Improvement
	for _, n := range w.needs {
		for _, c := range h.options(&n) {
			if c.Result.Score > c.Had {
				list = append(list, []Improvement{c})
			}
		}
	}
	return list
}

// options are the results that would meet the need: each of those in its course
// made better, or a further one where there is none.
func (h *helper) options(n *wayNeed) []Improvement {
	var list []Improvement
	for i := range h.records {
		r := &h.records[i]
		if r.CourseKey != n.CourseKey {
			continue
		}
		if c := h.better(i, n); c.Result != *r && r.Used == "" && inBand(c.Result.Score, n) {
			list = append(list, c)
		}
	}
	if list == nil && !slices.ContainsFunc(h.records, func(r Record) bool { return r.CourseKey == n.CourseKey }) {
		if c := h.further(n); inBand(c.Result.Score, n) {
			list = append(list, c)
		}
	}
	return list
}

// inBand says whether a score is not above the band of a need.
func inBand(s credit.Score, n *wayNeed) bool { return n.max == NoScore || (s != NoScore && s <= n.max) }

// better is a result again, on the day of the question, with the lowest score
// that serves when it has less.
func (h *helper) better(i int, n *wayNeed) Improvement {
	r := h.records[i]
	c := Improvement{CourseKey: r.CourseKey, Record: i, Needed: n.min, Had: r.Score, HadGrade: r.Grade, was: r}
	least := n.min
	if !r.Passed {
		least = max(least, passMark)
	}
	if r.Score == NoScore && n.max != NoScore {
		least = max(least, min(passMark, n.max))
	}
	if r.Score < least {
		r.Score, r.Grade = least, least.String()
	}
	c.Needed, r.Passed, r.Completed = max(c.Needed, min(least, r.Score)), true, h.asOf
	c.Result = r
	return c
}

// further is a first result in a course, with the lowest score that serves.
func (h *helper) further(n *wayNeed) Improvement {
	r := Record{CourseKey: n.CourseKey, Kind: h.kindAt(n.Institution), Score: n.min, Passed: true, Completed: h.asOf}
	if n.min != NoScore || n.max != NoScore {
		r.Score = max(n.min, passMark)
		if n.max != NoScore && n.max < r.Score {
			r.Score = max(n.min, n.max)
		}
		r.Grade = r.Score.String()
	}
	return Improvement{CourseKey: n.CourseKey, Record: -1, Needed: r.Score, Had: NoScore, Result: r}
}

// Kinds of results that are not courses, by who gives them.
const (
	kindCertificate = "certificate"
	kindWork        = "work"
)

// kindAt is the kind of result that an institution gives: caps look at it.
func (h *helper) kindAt(code string) string {
	at := slices.IndexFunc(h.facts.Institutions, func(in Institution) bool { return in.Code == code })
	switch {
	case at < 0:
		return KindCourse
	case h.facts.Institutions[at].Kind == "assessment_body":
		return kindCertificate
	case h.facts.Institutions[at].Kind == "enterprise":
		return kindWork
	}
	return KindCourse
}
