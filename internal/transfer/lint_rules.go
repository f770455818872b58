package transfer

import (
	"cmp"
	"slices"

	"creditbank/internal/calendar"
	"creditbank/internal/credit"
)

// kindAssessment is the kind of the institutions that issue certificates.
const kindAssessment = "assessment_body"

// eachRule reports what is wrong with a rule by itself, or beside others on its courses.
func (l *linter) eachRule() {
	never := l.neverExempt()
	caps := l.widestCaps()
	for _, r := range l.rules {
		if !r.grants() {
			continue
		}
		l.windows(r)
		l.recredited(r)
		l.aboveSource(r)
		l.levels(r)
		l.dominated(r)
		l.overCap(r, caps)
		l.exempts(r, never)
		l.validity(r)
	}
}

// windows holds the rule's window against those of its courses.
func (l *linter) windows(r *toldRule) {
	for _, course := range slices.Concat(r.sources, r.targets) {
		if course >= 0 {
			l.window(r, course)
		}
	}
}

func (l *linter) window(r *toldRule, course int32) {
	versions := l.m.versionsOf(course)
	from, to := given(versions)
	early := r.From != calendar.None && from != calendar.None && r.From < from
	late := r.To != calendar.None && to != calendar.None && r.To > to
	switch {
	case early || late || !overlap(r.From, r.To, from, to):
		l.report(Finding{Class: LintOutsideCourse, Course: l.m.courseKey(course), From: from, To: to}, r)
	case r.openOn(l.asOf) && !slices.ContainsFunc(versions, func(v versionRow) bool { return inWindow(l.asOf, v.from, v.to) }):
		l.report(Finding{Class: LintInactive, Course: l.m.courseKey(course), From: from, To: to}, r)
	}
}

// given is the time from the first version of a course to the end of the last.
func given(versions []versionRow) (from, to calendar.Day) {
	from, to = versions[0].from, versions[0].to
	for _, v := range versions[1:] {
		if to != calendar.None && (v.to == calendar.None || v.to > to) {
			to = v.to
		}
	}
	return from, to
}

// recredited reports targets whose course has other credits now than when the
// rule began: by catalogue it gives another value than was evaluated, and a fixed
// value may be that of the old course.
func (l *linter) recredited(r *toldRule) {
	if !r.openOn(l.asOf) {
		return
	}
	for i, t := range r.Targets {
		n := r.targets[i]
		if n < 0 || t.Exemption || t.Mode == FromHours {
			continue
		}
		then, now := l.m.courseOn(n, r.From).amount(), l.m.courseOn(n, l.asOf).amount()
		if then == now || (t.Mode == Fixed && t.Credits == now) {
			continue
		}
		if t.Mode == Fixed {
			then = t.Credits
		}
		l.report(Finding{Class: LintRecredited, Course: l.m.courseKey(n), Stated: then, Actual: now}, r)
	}
}

// aboveSource reports rules that give more than the sources and do not say why.
func (l *linter) aboveSource(r *toldRule) {
	var sources credit.Amount
	for _, course := range r.sources {
		n := l.credits(course)
		if n == 0 {
			return // not known
		}
		sources += n
	}
	if awarded := l.allAwarded(r); awarded > sources && r.Note == "" {
		l.report(Finding{Class: LintAboveSource, Stated: awarded, Actual: sources}, r)
	}
}

func (l *linter) levels(r *toldRule) {
	rise := l.policy(r).maxRise
	highest := 0
	for _, course := range r.sources {
		highest = max(highest, l.level(course))
	}
	if rise < 0 || highest == 0 {
		return
	}
	for _, course := range r.targets {
		if course >= 0 && l.level(course) > highest+rise {
			l.report(Finding{Class: LintLevelRise, Course: l.m.courseKey(course), FromLevel: highest, ToLevel: l.level(course)}, r)
		}
	}
}

// dominated reports a rule beside which another asks for no more and gives no less.
func (l *linter) dominated(r *toldRule) {
	for _, course := range r.sources {
		for _, n := range l.around(course, r.n) {
			if other := l.rules[n]; n != r.n && l.dominates(other, r) {
				l.report(Finding{Class: LintDominated}, r, other)
				return
			}
		}
	}
}

// around lists rules that ask for a course: those next to a rule.
func (l *linter) around(course, n int32) []int32 {
	var rules []int32
	s := l.m.rulesOf(course)
	for i := max(s.from, uint32(max(0, n-neighbours/2))); i < min(s.to, uint32(n+neighbours/2)); i++ {
		rules = append(rules, int32(i))
	}
	also := l.m.alsoOf(course)
	at, _ := slices.BinarySearch(also, n)
	return append(rules, also[max(0, at-neighbours/2):min(len(also), at+neighbours/2)]...)
}

func (l *linter) dominates(o, r *toldRule) bool {
	if !o.grants() || o.Institution != r.Institution || (o.Programme != "" && o.Programme != r.Programme) ||
		!within(r.From, r.To, o.From, o.To) || !longer(o.Validity, r.Validity) || len(o.Sources) > len(r.Sources) {
		return false
	}
	equal := slices.Equal(o.Sources, r.Sources) && slices.Equal(o.Targets, r.Targets)
	return !equal && asksNoMore(o, r) && l.awardsNoLess(o, r)
}

// longer says whether a validity is no shorter; 0 is the policy's, known to be
// the same for both only when both leave it to it.
func longer(a, b int) bool { return a == b || (a != 0 && b != 0 && a > b) }

func asksNoMore(o, r *toldRule) bool {
	return !slices.ContainsFunc(o.Sources, func(s Source) bool {
		return !slices.ContainsFunc(r.Sources, func(t Source) bool {
			wider := s.Min == t.Min || (t.Min != NoScore && s.Min != NoScore && s.Min < t.Min)
			return s.CourseKey == t.CourseKey && wider && (s.Max == NoScore || (t.Max != NoScore && t.Max <= s.Max))
		})
	})
}

// awardsNoLess says whether o awards each target of r with no fewer credits. An
// exemption counts as itself only.
func (l *linter) awardsNoLess(o, r *toldRule) bool {
	for i, t := range r.Targets {
		given := false
		for j, u := range o.Targets {
			given = given || (u.Course == t.Course && u.Group == t.Group && u.Exemption == t.Exemption && l.awarded(o, j) >= l.awarded(r, i))
		}
		if !given {
			return false
		}
	}
	return true
}

// widestCaps are, for each institution and for each programme, the caps that no
// rule for it can escape: of an institution those in force in all its programmes,
// with the widest limit.
func (l *linter) widestCaps() map[ProgrammeKey][]limit {
	widest := map[ProgrammeKey][]limit{}
	for at := range int32(len(l.m.institutions) - 1) {
		all := ProgrammeKey{Institution: l.m.institutionCode(at)}
		for i, n := range l.m.offeredBy(at) {
			p := l.m.programme(n)
			caps := l.m.termsOf(p, l.asOf).caps
			widest[p.ProgrammeKey] = caps
			if i == 0 {
				widest[all] = slices.Clone(caps)
				continue
			}
			widest[all] = wider(widest[all], caps)
		}
	}
	return widest
}

func wider(a, b []limit) []limit {
	var both []limit
	for _, x := range a {
		for _, y := range b {
			if x.Kind == y.Kind && x.Key == y.Key {
				x.Limit = max(x.Limit, y.Limit)
				both = append(both, x)
			}
		}
	}
	return both
}

// overCap reports a rule that breaks a cap on its own wherever it is meant for.
func (l *linter) overCap(r *toldRule, caps map[ProgrammeKey][]limit) {
	for _, c := range caps[ProgrammeKey{r.Institution, r.Programme}] {
		if adds := l.adds(r, c); adds > c.Limit {
			l.report(Finding{Class: LintOverCap, Cap: &CapDetail{Kind: c.Kind, Key: c.Key, Limit: c.Limit, Adds: adds}}, r)
		}
	}
}

// adds is what a rule surely takes of a cap. The kind of the records is not known
// here, and of groups only those of unassigned credit are.
func (l *linter) adds(r *toldRule, c limit) credit.Amount {
	switch c.Kind {
	case CapTotal:
		return l.allAwarded(r)
	case CapGroup:
		var sum credit.Amount
		for i, t := range r.Targets {
			if t.Course == "" && t.Group == c.Key {
				sum += l.awarded(r, i)
			}
		}
		return sum
	}
	inScope := slices.ContainsFunc(r.sources, func(course int32) bool {
		at := l.m.courses[course].at
		code, kind := l.m.institutionCode(at), l.m.institutionKind(at)
		return kind != KindBank && ((c.Kind == CapSourceInstitution && code == c.Key) || (c.Kind == CapSourceInstitutionKind && kind == c.Key))
	})
	if !inScope {
		return 0
	}
	return l.allAwarded(r)
}

// neverExempt lists the programmes by the courses that nothing may award in them.
func (l *linter) neverExempt() map[int32][]string {
	never := map[int32][]string{}
	for n := range l.m.programmeCount() {
		p := l.m.programme(n)
		for _, place := range p.plan {
			if place.place.never() {
				never[place.course] = append(never[place.course], p.Code)
			}
		}
	}
	return never
}

func (l *linter) exempts(r *toldRule, never map[int32][]string) {
	for _, course := range r.targets {
		programmes := never[course]
		if len(programmes) == 0 || (r.Programme != "" && !slices.Contains(programmes, r.Programme)) {
			continue
		}
		in := cmp.Or(r.Programme, programmes[0])
		l.report(Finding{Class: LintNeverExempt, Course: l.m.courseKey(course), Programme: ProgrammeKey{r.Institution, in}}, r)
	}
}

// validity reports rules on certificates that never run out.
func (l *linter) validity(r *toldRule) {
	if r.Validity > 0 || l.policy(r).validity > 0 {
		return
	}
	for _, course := range r.sources {
		if l.certificate(course) {
			l.report(Finding{Class: LintCertificate, Course: l.m.courseKey(course), Field: "validity"}, r)
			return
		}
	}
}

// certificates reports certificates that rules ask for and that lack what a
// conversion or a level gate needs.
func (l *linter) certificates() {
	for n := range l.m.courseCount() {
		rules := l.m.rulesOf(n)
		if !l.certificate(n) || (rules.from == rules.to && len(l.m.alsoOf(n)) == 0) {
			continue
		}
		c := l.m.courseOn(n, l.asOf)
		if c.level == 0 {
			l.report(Finding{Class: LintCertificate, Course: l.m.courseKey(n), Field: "level"})
		}
		if c.hours == 0 {
			l.report(Finding{Class: LintCertificate, Course: l.m.courseKey(n), Field: "hours"})
		}
	}
}

// certificate says whether a course is one of an institution that issues certificates.
func (l *linter) certificate(course int32) bool {
	return l.m.institutionKind(l.m.courses[course].at) == kindAssessment
}
