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
	for i := range l.m.rules {
		r := &l.m.rules[i]
		if !r.grants() {
			continue
		}
		l.windows(r)
		l.recredited(r)
		l.aboveSource(r)
		l.levels(r)
		l.dominated(int32(i), r)
		l.overCap(r, caps)
		l.exempts(r, never)
		l.validity(r)
	}
}

// windows holds the rule's window against those of its courses.
func (l *linter) windows(r *rule) {
	check := func(key CourseKey) {
		versions := l.m.versions[l.m.courses[key]]
		from, to := given(versions)
		early := r.From != calendar.None && from != calendar.None && r.From < from
		late := r.To != calendar.None && to != calendar.None && r.To > to
		switch {
		case early || late || !overlap(r.From, r.To, from, to):
			l.report(Finding{Class: LintOutsideCourse, Course: key, From: from, To: to}, r)
		case r.openOn(l.asOf) && !slices.ContainsFunc(versions, func(c Course) bool { return inWindow(l.asOf, c.From, c.To) }):
			l.report(Finding{Class: LintInactive, Course: key, From: from, To: to}, r)
		}
	}
	for _, s := range r.Sources {
		check(s.CourseKey)
	}
	for _, t := range r.Targets {
		if t.Course != "" {
			check(l.target(r, t))
		}
	}
}

// given is the time from the first version of a course to the end of the last.
func given(versions []Course) (from, to calendar.Day) {
	from, to = versions[0].From, versions[0].To
	for _, v := range versions[1:] {
		if to != calendar.None && (v.To == calendar.None || v.To > to) {
			to = v.To
		}
	}
	return from, to
}

// recredited reports targets whose course has other credits now than when the
// rule began: by catalogue it gives another value than was evaluated, and a fixed
// value may be that of the old course.
func (l *linter) recredited(r *rule) {
	if !r.openOn(l.asOf) {
		return
	}
	for _, t := range r.Targets {
		if t.Course == "" || t.Exemption || t.Mode == FromHours {
			continue
		}
		key := l.target(r, t)
		n := l.m.courses[key]
		then, now := l.m.courseOn(n, r.From).Credits, l.m.courseOn(n, l.asOf).Credits
		if then == now || (t.Mode == Fixed && t.Credits == now) {
			continue
		}
		if t.Mode == Fixed {
			then = t.Credits
		}
		l.report(Finding{Class: LintRecredited, Course: key, Stated: then, Actual: now}, r)
	}
}

// aboveSource reports rules that give more than the sources and do not say why.
func (l *linter) aboveSource(r *rule) {
	var sources credit.Amount
	for _, s := range r.Sources {
		n := l.credits(s.CourseKey)
		if n == 0 {
			return // not known
		}
		sources += n
	}
	if awarded := l.allAwarded(r); awarded > sources && r.Note == "" {
		l.report(Finding{Class: LintAboveSource, Stated: awarded, Actual: sources}, r)
	}
}

func (l *linter) levels(r *rule) {
	rise := l.policy(r).maxRise
	highest := 0
	for _, s := range r.Sources {
		highest = max(highest, l.course(s.CourseKey).Level)
	}
	if rise < 0 || highest == 0 {
		return
	}
	for _, t := range r.Targets {
		if t.Course == "" {
			continue
		}
		if key := l.target(r, t); l.course(key).Level > highest+rise {
			l.report(Finding{Class: LintLevelRise, Course: key, FromLevel: highest, ToLevel: l.course(key).Level}, r)
		}
	}
}

// dominated reports a rule beside which another asks for no more and gives no less.
func (l *linter) dominated(n int32, r *rule) {
	for _, course := range r.sources {
		others := l.m.bySource[course]
		at, _ := slices.BinarySearch(others, n)
		others = others[max(0, at-neighbours/2):min(len(others), at+neighbours/2)]
		for _, o := range others {
			if other := &l.m.rules[o]; o != n && l.dominates(other, r) {
				l.report(Finding{Class: LintDominated}, r, other)
				return
			}
		}
	}
}

func (l *linter) dominates(o, r *rule) bool {
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

func asksNoMore(o, r *rule) bool {
	return !slices.ContainsFunc(o.Sources, func(s Source) bool {
		return !slices.ContainsFunc(r.Sources, func(t Source) bool {
			wider := s.Min == t.Min || (t.Min != NoScore && s.Min != NoScore && s.Min < t.Min)
			return s.CourseKey == t.CourseKey && wider && (s.Max == NoScore || (t.Max != NoScore && t.Max <= s.Max))
		})
	})
}

// awardsNoLess says whether o awards each target of r with no fewer credits. An
// exemption counts as itself only.
func (l *linter) awardsNoLess(o, r *rule) bool {
	return !slices.ContainsFunc(r.Targets, func(t Target) bool {
		return !slices.ContainsFunc(o.Targets, func(u Target) bool {
			return u.Course == t.Course && u.Group == t.Group && u.Exemption == t.Exemption && l.awarded(o, u) >= l.awarded(r, t)
		})
	})
}

// widestCaps are, for each institution and for each programme, the caps that no
// rule for it can escape: of an institution those in force in all its programmes,
// with the widest limit.
func (l *linter) widestCaps() map[ProgrammeKey][]limit {
	widest := map[ProgrammeKey][]limit{}
	for at, programmes := range l.m.byInstitution {
		all := ProgrammeKey{Institution: at}
		for i, n := range programmes {
			p := &l.m.programmes[n]
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
func (l *linter) overCap(r *rule, caps map[ProgrammeKey][]limit) {
	for _, c := range caps[ProgrammeKey{r.Institution, r.Programme}] {
		if adds := l.adds(r, c); adds > c.Limit {
			l.report(Finding{Class: LintOverCap, Cap: &CapDetail{Kind: c.Kind, Key: c.Key, Limit: c.Limit, Adds: adds}}, r)
		}
	}
}

// adds is what a rule surely takes of a cap. The kind of the records is not known
// here, and of groups only those of unassigned credit are.
func (l *linter) adds(r *rule, c limit) credit.Amount {
	switch c.Kind {
	case CapTotal:
		return l.allAwarded(r)
	case CapGroup:
		var sum credit.Amount
		for _, t := range r.Targets {
			if t.Course == "" && t.Group == c.Key {
				sum += l.awarded(r, t)
			}
		}
		return sum
	}
	inScope := slices.ContainsFunc(r.Sources, func(s Source) bool {
		at := l.m.institutions[s.Institution]
		return at.Kind != KindBank && ((c.Kind == CapSourceInstitution && at.Code == c.Key) || (c.Kind == CapSourceInstitutionKind && at.Kind == c.Key))
	})
	if !inScope {
		return 0
	}
	return l.allAwarded(r)
}

// neverExempt lists the programmes by the courses that nothing may award in them.
func (l *linter) neverExempt() map[CourseKey][]string {
	never := map[CourseKey][]string{}
	for i := range l.m.programmes {
		p := &l.m.programmes[i]
		for _, c := range p.Plan {
			if c.NeverExempt {
				key := CourseKey{p.Institution, c.Course}
				never[key] = append(never[key], p.Code)
			}
		}
	}
	return never
}

func (l *linter) exempts(r *rule, never map[CourseKey][]string) {
	for _, t := range r.Targets {
		key := l.target(r, t)
		programmes := never[key]
		if len(programmes) == 0 || (r.Programme != "" && !slices.Contains(programmes, r.Programme)) {
			continue
		}
		in := cmp.Or(r.Programme, programmes[0])
		l.report(Finding{Class: LintNeverExempt, Course: key, Programme: ProgrammeKey{r.Institution, in}}, r)
	}
}

// validity reports rules on certificates that never run out.
func (l *linter) validity(r *rule) {
	if r.Validity > 0 || l.policy(r).validity > 0 {
		return
	}
	for _, s := range r.Sources {
		if l.m.institutions[s.Institution].Kind == kindAssessment {
			l.report(Finding{Class: LintCertificate, Course: s.CourseKey, Field: "validity"}, r)
			return
		}
	}
}

// certificates reports certificates that rules ask for and that lack what a
// conversion or a level gate needs.
func (l *linter) certificates() {
	for n, versions := range l.m.versions {
		key := versions[0].CourseKey
		if len(l.m.bySource[n]) == 0 || l.m.institutions[key.Institution].Kind != kindAssessment {
			continue
		}
		c := l.m.courseOn(int32(n), l.asOf)
		if c.Level == 0 {
			l.report(Finding{Class: LintCertificate, Course: key, Field: "level"})
		}
		if c.Hours == 0 {
			l.report(Finding{Class: LintCertificate, Course: key, Field: "hours"})
		}
	}
}
