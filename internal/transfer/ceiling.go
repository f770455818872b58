package transfer

import (
	"slices"

	"creditbank/internal/calendar"
	"creditbank/internal/credit"
	"creditbank/internal/packed"
)

// ceilings are limits on what the learner's records can be worth in every
// programme, found in one walk over the rules they touch.
//
// A programme's limit counts each of its courses at the most credits that any
// satisfied rule gives for it, as if no record had to choose between rules, and
// then what its groups still need and the cap on all credits. It leaves the
// level gate and all other caps aside. So it is never below the best plan.
type ceilings struct {
	*learner
	usable []bool                  // by record
	years  []int                   // by record: the shortest validity with which it still counts
	held   []int32                 // courses that the learner has passed at their institution: nothing awards them
	earned map[int32]credit.Amount // by group
	*workspace
}

// workspace is the memory of a walk, kept from one to the next.
type workspace struct {
	best    []credit.Amount // by course: the most that a rule for all programmes gives
	awards  packed.Set      // courses with a best
	scoped  []credit.Amount // by course: the same for one programme, while it is looked at
	loose   []looseGain
	gains   []scopedGain
	first   []int32         // by programme: ^ of its first gain, 0 none
	awarded []credit.Amount // by group
	total   []credit.Amount // by institution: what it gives in any of its programmes
	extra   []credit.Amount // by programme: what it gives more, or less
}

// looseGain is unassigned credit in a group of every programme of an institution.
type looseGain struct {
	at     int32
	group  uint32 // text
	amount credit.Amount
}

// scopedGain is what a rule gives in one programme.
type scopedGain struct {
	course int32  // -1: unassigned credit
	group  uint32 // text
	next   int32  // ^ of the next gain of the programme, 0 none
	amount credit.Amount
}

func (m *Map) takeWorkspace() *workspace {
	if s, kept := m.workspaces.Get().(*workspace); kept {
		return s
	}
	return &workspace{awards: packed.NewSet(m.courseCount()), best: make([]credit.Amount, m.courseCount()), scoped: make([]credit.Amount, m.courseCount()),
		first: make([]int32, m.programmeCount()), awarded: make([]credit.Amount, len(m.groups)),
		total: make([]credit.Amount, len(m.institutions)), extra: make([]credit.Amount, m.programmeCount())}
}

// giveWorkspace empties the memory and keeps it for the next walk.
func (m *Map) giveWorkspace(s *workspace) {
	for c := range s.awards.All() {
		s.best[c] = 0
	}
	s.awards.Clear()
	s.loose, s.gains = s.loose[:0], s.gains[:0]
	clear(s.first)
	clear(s.awarded)
	clear(s.total)
	clear(s.extra)
	m.workspaces.Put(s)
}

// walk finds the ceilings. Who calls it gives the workspace back.
func (l *learner) walk() *ceilings {
	b := &ceilings{learner: l, usable: make([]bool, len(l.records)), years: make([]int, len(l.records)), workspace: l.m.takeWorkspace()}
	for i := range l.records {
		r := &l.records[i]
		b.usable[i], b.years[i] = r.Passed && r.Used == "", age(r.Completed, l.asOf)
	}
	b.takeHome()
	for _, course := range l.asked() {
		s, own := l.m.rulesOf(course), b.evidenceOf(course)
		for i := range l.m.rules[s.from:s.to] {
			b.rule(&l.m.rules[int(s.from)+i], own)
		}
	}
	b.spread()
	return b
}

// evidence is what the learner has for a course: records, and rules that lead to
// it as a standard unit.
type evidence struct {
	results
	feeders []int32
}

func (b *ceilings) evidenceOf(course int32) evidence {
	return evidence{b.recordsOf(course), b.feedersOf(course)}
}

// age is the shortest validity in years with which a result still counts.
func age(completed, asOf calendar.Day) int {
	if completed >= asOf || completed == calendar.None {
		return 0
	}
	from, _, _ := completed.Date()
	to, _, _ := asOf.Date()
	if asOf <= completed.AddYears(to-from) {
		return to - from
	}
	return to - from + 1
}

// takeHome finds what the learner has at each institution already.
func (b *ceilings) takeHome() {
	b.earned = map[int32]credit.Amount{}
	for _, c := range b.courses {
		passed := slices.ContainsFunc(b.records[c.from:c.to], func(r Record) bool { return r.Passed })
		if !passed || len(b.m.offeredBy(b.m.courses[c.course].at)) == 0 {
			continue
		}
		b.held = append(b.held, c.course)
		for _, place := range b.m.placesOf(c.course) {
			b.earned[place.group()] += b.day.credits[c.course]
		}
	}
}

// rule books what a rule gives if it is satisfied. It is met at its first source,
// without which it is not; own is what the learner has for that.
func (b *ceilings) rule(row *ruleRow, own evidence) {
	terms := &b.m.terms[row.terms]
	scope := &b.m.scopes[row.scope]
	if terms.outcome != outcomeCredit || scope.programme == nowhere {
		return
	}
	policy := &b.day.policies[scope.at]
	if row.source >= 0 {
		if row.form != noForm && b.meets(own, statedNeed(terms, b.m.bands[row.band]), policy) {
			b.award(scope, row, targetRow{row.target, uint32(row.form)})
		}
		return
	}
	for _, s := range b.m.sourcesOf(row) {
		if !b.meets(b.evidenceOf(s.course), statedNeed(terms, b.m.bands[s.band]), policy) {
			return
		}
	}
	for _, t := range b.m.targetsOf(row) {
		b.award(scope, row, t)
	}
}

// statedNeed is what a rule that gives credit says itself of the result in one course.
func statedNeed(t *termsRow, band bandRow) need {
	return need{min: credit.Score(band.min), max: credit.Score(band.max), from: t.from, to: t.to, validity: int(t.validity), credit: true}
}

// under is the need with what a policy adds.
func (n need) under(policy *terms) need {
	n.min, n.validity = n.minimum(policy), n.term(policy)
	return n
}

// meets says whether a record of the course, or one that leads to it as a
// standard unit, meets a need under a policy.
func (b *ceilings) meets(e evidence, stated need, policy *terms) bool {
	if e.from < e.to {
		for i, n := e.from, stated.under(policy); i < e.to; i++ {
			if b.record(i, &n) {
				return true
			}
		}
	}
	return len(e.feeders) > 0 && slices.ContainsFunc(e.feeders, func(feeder int32) bool { return b.through(feeder, stated, policy) })
}

// through says whether a rule into a standard unit is satisfied by records that
// meet the need too. The policy adds what neither of the two says.
func (b *ceilings) through(feeder int32, unit need, policy *terms) bool {
	row := &b.m.rules[feeder]
	for _, s := range b.m.sourcesOf(row) {
		n := statedNeed(&b.m.terms[row.terms], b.m.bands[s.band]).and(unit).under(policy)
		c := b.recordsOf(s.course)
		met := false
		for i := c.from; i < c.to && !met; i++ {
			met = b.record(i, &n)
		}
		if !met {
			return false
		}
	}
	return true
}

// record says whether one record meets a need.
func (b *ceilings) record(i int, n *need) bool {
	r := &b.records[i]
	switch {
	case !b.usable[i],
		n.from != calendar.None && r.Completed < n.from,
		n.to != calendar.None && r.Completed > n.to,
		n.validity > 0 && b.years[i] > n.validity,
		n.max != NoScore && (r.Score > n.max || r.Score == NoScore),
		n.min != NoScore && r.Score < n.min:
		return false
	}
	return true
}

// award books one target of a satisfied rule.
func (b *ceilings) award(scope *scopeRow, row *ruleRow, t targetRow) {
	form := &b.m.forms[t.form]
	amount := credit.Amount(form.credits)
	switch {
	case form.exemption != 0:
		return
	case modes[form.mode] == FromHours:
		amount = b.mostByHours(scope.at, row)
	case modes[form.mode] == Catalogue && t.course >= 0:
		amount = b.day.credits[t.course]
	}
	switch {
	case amount <= 0:
	case scope.programme >= 0:
		b.gains = append(b.gains, scopedGain{course: t.course, group: form.group, next: b.first[scope.programme], amount: amount})
		b.first[scope.programme] = ^int32(len(b.gains) - 1)
	case t.course < 0:
		b.loose = append(b.loose, looseGain{scope.at, form.group, amount})
	case amount > b.best[t.course]:
		b.awards.Add(t.course)
		b.best[t.course] = amount
	}
}

// mostByHours is the most that the hours of any records could be converted into.
func (b *ceilings) mostByHours(institution int32, row *ruleRow) credit.Amount {
	var hours credit.Hours
	for _, s := range b.m.sourcesOf(row) {
		most := b.mostHours(s.course)
		for _, feeder := range b.feedersOf(s.course) {
			var through credit.Hours
			for _, f := range b.m.sourcesOf(&b.m.rules[feeder]) {
				through += b.mostHours(f.course)
			}
			most = max(most, through)
		}
		hours += most
	}
	at := &b.m.institutions[institution]
	return at.rate.Credits(hours, at.step)
}

func (b *ceilings) mostHours(course int32) credit.Hours {
	var most credit.Hours
	c := b.recordsOf(course)
	for i := c.from; i < c.to; i++ {
		most = max(most, b.hours(course, &b.records[i]))
	}
	return most
}

// spread carries what the rules give into the programmes it counts in.
func (b *ceilings) spread() {
	for course := range b.awards.All() {
		if slices.Contains(b.held, course) {
			b.workspace.best[course] = 0
			continue
		}
		amount := b.best[course]
		b.total[b.m.courses[course].at] += amount
		for _, place := range b.m.placesOf(course) {
			if place.never() {
				b.extra[b.m.groups[place.group()].programme] -= amount
			} else {
				b.awarded[place.group()] += amount
			}
		}
	}
	for _, g := range b.loose {
		b.total[g.at] += g.amount
		for _, n := range b.m.offeredBy(g.at) {
			b.addTo(n, g.group, g.amount)
		}
	}
	for n, first := range b.first {
		if first != 0 {
			b.spreadScoped(int32(n), first)
		}
	}
}

// addTo adds unassigned credit to the group of a programme with a code.
func (b *ceilings) addTo(programme int32, code uint32, amount credit.Amount) {
	for g := b.m.programmes[programme].groups; g < b.m.programmes[programme+1].groups; g++ {
		if b.m.groups[g].code == code {
			b.awarded[g] += amount
		}
	}
}

// spreadScoped adds what rules for one programme give beyond those for all.
func (b *ceilings) spreadScoped(programme, first int32) {
	plan := b.m.plan[b.m.programmes[programme].plan:b.m.programmes[programme+1].plan]
	for at := first; at != 0; at = b.gains[^at].next {
		g := &b.gains[^at]
		if g.course < 0 {
			b.extra[programme] += g.amount
			b.addTo(programme, g.group, g.amount)
			continue
		}
		before := max(b.best[g.course], b.scoped[g.course])
		if g.amount <= before || slices.Contains(b.held, g.course) {
			continue
		}
		b.scoped[g.course] = g.amount
		place, planned := placeIn(plan, g.course)
		if planned && place.place.never() {
			continue
		}
		b.extra[programme] += g.amount - before
		if planned && place.place >= 0 {
			b.awarded[place.place.group()] += g.amount - before
		}
	}
	for at := first; at != 0; at = b.gains[^at].next {
		if course := b.gains[^at].course; course >= 0 {
			b.scoped[course] = 0
		}
	}
}

// of is the ceiling of one programme.
func (b *ceilings) of(n int32) worth {
	p := &b.m.programmes[n]
	w := worth{transferable: b.total[p.at] + b.extra[n]}
	for g := p.groups; g < b.m.programmes[n+1].groups; g++ {
		if b.awarded[g] == 0 {
			continue
		}
		need := b.m.groups[g].min
		if len(b.earned) > 0 {
			need -= b.earned[int32(g)]
		}
		w.applied += min(max(0, need), b.awarded[g])
	}
	if limit := b.day.totals[n]; limit >= 0 {
		w.applied, w.transferable = min(w.applied, limit), min(w.transferable, limit)
	}
	return w
}
