package transfer

import (
	"cmp"
	"slices"
	"strings"

	"creditbank/internal/calendar"
	"creditbank/internal/credit"
)

// pairs compares the rules of one institution that ask for the same courses. What
// is still to be decided contradicts nothing.
func (l *linter) pairs() {
	var order []string
	groups := map[string][]*toldRule{}
	for _, r := range l.rules {
		if r.Outcome == Pending {
			continue
		}
		key := sourcesKey(r)
		if groups[key] == nil {
			order = append(order, key)
		}
		groups[key] = append(groups[key], r)
	}
	for _, key := range order {
		if group := groups[key]; len(group) > 1 {
			l.compare(group)
			l.gaps(group)
		}
	}
}

func sourcesKey(r *toldRule) string {
	parts := []string{r.Institution}
	for _, s := range r.Sources {
		parts = append(parts, s.Institution, s.Code)
	}
	return strings.Join(parts, "\x00")
}

// compare reports the rules of a group that say the same or contradict each other.
// Sorted by band and window, those that meet stand near each other.
func (l *linter) compare(group []*toldRule) {
	slices.SortFunc(group, func(a, b *toldRule) int {
		return cmp.Or(cmp.Compare(a.Sources[0].Min, b.Sources[0].Min), cmp.Compare(a.From, b.From), compareRefs(a.RuleRef, b.RuleRef))
	})
	for i, a := range group {
		before := len(l.found)
		for _, b := range group[i+1 : min(i+1+neighbours, len(group))] {
			if meet(a, b) && len(l.found) < before+perRule {
				l.comparePair(a, b)
			}
		}
	}
}

// meet says whether one result could satisfy both rules for one programme.
func meet(a, b *toldRule) bool {
	if !overlap(a.From, a.To, b.From, b.To) || (a.Programme != b.Programme && a.Programme != "" && b.Programme != "") {
		return false
	}
	for i := range a.Sources {
		low, high := commonBand(a.Sources[i], b.Sources[i])
		if high != NoScore && high < low {
			return false
		}
	}
	return true
}

// commonBand are the scores that both sources take.
func commonBand(a, b Source) (low, high credit.Score) {
	low, high = max(a.Min, b.Min), a.Max
	if high == NoScore || (b.Max != NoScore && b.Max < high) {
		high = b.Max
	}
	return low, high
}

func (l *linter) comparePair(a, b *toldRule) {
	if compareRefs(a.RuleRef, b.RuleRef) > 0 {
		a, b = b, a
	}
	same := slices.Equal(a.Sources, b.Sources)
	low, high := commonBand(a.Sources[0], b.Sources[0])
	f := Finding{Low: NoScore, High: NoScore, From: max(a.From, b.From), To: earlier(a.To, b.To)}
	switch {
	case !a.grants() || !b.grants():
		if a.Outcome == b.Outcome || !contradict(a, b) {
			return
		}
		f.Class = LintContradiction
	case slices.Equal(a.Targets, b.Targets) && same && a.Programme == b.Programme:
		f.Class = LintDuplicate
	case slices.Equal(a.Targets, b.Targets):
		return // two conditions for one outcome: what is too much of them is dominated
	case len(a.Sources) == 1 && !same:
		f.Class, f.Low, f.High = LintBandOverlap, low, high
	default:
		f.Class = LintAmbiguous
	}
	l.report(f, a, b)
}

// contradict says whether one of two rules refuses what the other gives. A refusal
// without a target refuses all.
func contradict(a, b *toldRule) bool {
	return len(a.Targets) == 0 || len(b.Targets) == 0 || slices.ContainsFunc(a.Targets, func(t Target) bool {
		return slices.ContainsFunc(b.Targets, func(u Target) bool { return t.Course == u.Course && t.Group == u.Group })
	})
}

func earlier(a, b calendar.Day) calendar.Day {
	if a == calendar.None || (b != calendar.None && b < a) {
		return b
	}
	return a
}

// gapScore is one point: bands that end at 74 and go on at 75 leave no gap.
const gapScore credit.Score = 100

// gaps reports the scores between the bands of a ladder that no band takes.
func (l *linter) gaps(group []*toldRule) {
	ladders := map[string][]*toldRule{}
	var order []string
	for _, r := range group {
		s := r.Sources[0]
		if !r.grants() || len(r.Sources) != 1 || (s.Min == NoScore && s.Max == NoScore) || !r.openOn(l.asOf) {
			continue
		}
		if ladders[r.Programme] == nil {
			order = append(order, r.Programme)
		}
		ladders[r.Programme] = append(ladders[r.Programme], r)
	}
	for _, programme := range order {
		l.ladder(ladders[programme])
	}
}

// ladder goes up the bands, which come sorted by their lower end.
func (l *linter) ladder(rules []*toldRule) {
	top := rules[0]
	for _, r := range rules[1:] {
		reached, next := top.Sources[0].Max, r.Sources[0]
		if reached == NoScore {
			return
		}
		if next.Min > reached+gapScore {
			l.report(Finding{Class: LintBandGap, Low: reached, High: next.Min}, top, r)
		}
		if next.Max == NoScore || next.Max > reached {
			top = r
		}
	}
}

// hop is a rule from one course to one course.
type hop struct {
	from, to int32
	rule     *toldRule
	awarded  credit.Amount
}

// hops lists the rules from one course to one course that hold on the day.
func (l *linter) hops() []hop {
	var hops []hop
	for _, r := range l.rules {
		if !r.grants() || len(r.Sources) != 1 || len(r.Targets) != 1 || !r.openOn(l.asOf) {
			continue
		}
		if t := r.Targets[0]; t.Course != "" && !t.Exemption {
			hops = append(hops, hop{r.sources[0], r.targets[0], r, l.awarded(r, 0)})
		}
	}
	return hops
}

// mirrors reports two rules there and back after which a credit is not a credit.
func (l *linter) mirrors() {
	type way struct{ from, to int32 }
	first := map[way]hop{}
	for _, there := range l.hops() {
		if back, known := first[way{there.to, there.from}]; known {
			l.mirror(back, there)
		}
		if _, known := first[way{there.from, there.to}]; !known {
			first[way{there.from, there.to}] = there
		}
	}
}

func (l *linter) mirror(a, b hop) {
	source, target := l.credits(a.from), l.credits(a.to)
	if source == 0 || target == 0 || a.awarded*b.awarded == source*target {
		return
	}
	l.report(Finding{Class: LintMirror, Course: a.rule.Sources[0].CourseKey, Stated: source, Actual: a.awarded * b.awarded / target}, a.rule, b.rule)
}
