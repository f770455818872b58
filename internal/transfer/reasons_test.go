package transfer_test

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"creditbank/internal/calendar"
	"creditbank/internal/credit"
	"creditbank/internal/transfer"
	"creditbank/internal/transfer/oracle"
)

// witness judges each reason of an answer by the facts, with nothing of the engine.
type witness struct {
	*world
	answer    *transfer.Answer
	plan      []oracle.Chosen
	programme transfer.Programme
	number    int
	minGrade  credit.Score
	validity  int
	maxRise   int
}

// ask is one thing that a record must meet for a rule.
type ask struct {
	course   transfer.CourseKey
	min, max credit.Score
	from, to calendar.Day
	years    int
	waived   bool // a refusal or a pending evaluation: what policies add is not asked
}

// way is a rule with the rules that serve its standard units.
type way struct {
	rule  *transfer.Rule
	via   []transfer.RuleRef
	asks  []ask
	bound []int // by ask, -1 none
}

// judgeReasons says which states and reasons are missing or untrue.
func (w *world) judgeReasons(a *transfer.Answer, programme int, plan []oracle.Chosen) []string {
	c := &witness{world: w, answer: a, plan: plan, programme: w.facts.Programmes[programme], number: programme}
	c.policy()
	var problems []string
	if len(a.Records) != len(w.records) {
		return []string{"not every record has a state"}
	}
	for i, r := range a.Records {
		if len(r.Reasons) == 0 {
			problems = append(problems, fmt.Sprintf("record %d has no reason", i))
		}
		if !inOrder(r.Reasons) {
			problems = append(problems, fmt.Sprintf("record %d: the nearest reason is not the first of %+v", i, r.Reasons))
		}
		for _, reason := range r.Reasons {
			if why := c.untrue(i, r, reason); why != "" {
				problems = append(problems, fmt.Sprintf("record %d %s, %+v: %s", i, r.State, reason, why))
			}
		}
		if len(r.Reasons) > 0 && c.state(r.Reasons[0]) != r.State {
			problems = append(problems, fmt.Sprintf("record %d: state %s for %s", i, r.State, r.Reasons[0].Code))
		}
	}
	return append(problems, c.judgeNotChosen()...)
}

// stateOf is the table of engine.md.
var stateOf = map[transfer.Code]transfer.State{
	"matched": "matched", "earned": "earned", "no_rule": "not_evaluated", "pending": "not_evaluated", "refused": "refused",
	"incomplete_set": "conditional", "grade_below": "conditional", "level_gate": "conditional", "expired": "expired",
	"outside_window": "expired", "already_used": "used", "better_elsewhere": "not_used", "cap": "not_used",
	"never_exempt": "not_used", "grade_above": "not_used", "not_passed": "not_used", "no_gain": "not_used",
}

// state is what the first reason makes of a record: an evaluation without credit
// whose conditions it misses leaves it as it was.
func (c *witness) state(r transfer.Reason) transfer.State {
	if missesEvaluation(r) {
		return transfer.NotEvaluated
	}
	return stateOf[r.Code]
}

func missesEvaluation(r transfer.Reason) bool {
	return r.Outcome != "" && r.Code != transfer.RefusedCode && r.Code != transfer.PendingCode
}

// inOrder says whether the nearest reason comes first, and those of evaluations
// that say nothing of the record last.
func inOrder(reasons []transfer.Reason) bool {
	return slices.IsSortedFunc(reasons, func(a, b transfer.Reason) int {
		if missesEvaluation(a) != missesEvaluation(b) {
			return cmp.Compare(slices.Index([]bool{false, true}, missesEvaluation(a)), slices.Index([]bool{false, true}, missesEvaluation(b)))
		}
		return cmp.Compare(slices.Index(transfer.Codes(), a.Code), slices.Index(transfer.Codes(), b.Code))
	})
}

func (c *witness) policy() {
	c.minGrade, c.maxRise = transfer.NoScore, -1
	key := c.programme.ProgrammeKey
	for _, place := range places(key) {
		var latest *transfer.Policy
		for i := range c.facts.Policies {
			p := &c.facts.Policies[i]
			if p.Place == place && p.From <= c.asOf && (latest == nil || p.From > latest.From) {
				latest = p
			}
		}
		if latest == nil {
			continue
		}
		if latest.MinGrade >= 0 {
			c.minGrade = latest.MinGrade
		}
		if latest.Validity >= 0 {
			c.validity = latest.Validity
		}
		if latest.MaxRise >= 0 {
			c.maxRise = latest.MaxRise
		}
	}
}

func places(key transfer.ProgrammeKey) []transfer.Place {
	return []transfer.Place{{Scope: transfer.ScopeBank}, {Scope: transfer.ScopeInstitution, Institution: key.Institution},
		{Scope: transfer.ScopeProgramme, Institution: key.Institution, Programme: key.Code}}
}

// ways are all the ways a rule can be served in that ask for no course twice.
func (c *witness) ways(r *transfer.Rule) []way {
	list := []way{{rule: r}}
	for _, s := range r.Sources {
		unit := ask{s.CourseKey, s.Min, s.Max, r.From, r.To, r.Validity, r.Outcome != transfer.Credit}
		var next []way
		for _, so := range list {
			next = append(next, so.asking(nil, []ask{unit})...)
			for _, f := range c.feeders(r, s.CourseKey) {
				var both []ask
				for _, fs := range f.Sources {
					both = append(both, ask{fs.CourseKey, fs.Min, fs.Max, f.From, f.To, f.Validity, false}.and(unit))
				}
				next = append(next, so.asking(f, both)...)
			}
		}
		list = next
	}
	for i := range list {
		for _, n := range list[i].asks {
			list[i].bound = append(list[i].bound, c.best(n))
		}
	}
	return list
}

func (c *witness) feeders(of *transfer.Rule, unit transfer.CourseKey) []*transfer.Rule {
	var list []*transfer.Rule
	for i := range c.facts.Rules {
		f := &c.facts.Rules[i]
		gives := func(t transfer.Target) bool { return t.Course == unit.Code && !t.Exemption }
		if f.RuleRef != of.RuleRef && f.Institution == unit.Institution && unit.Institution == bank && f.Outcome == transfer.Credit &&
			slices.ContainsFunc(f.Targets, gives) {
			list = append(list, f)
		}
	}
	return list
}

func (v way) asking(feeder *transfer.Rule, more []ask) []way {
	v.asks, v.via = slices.Clone(v.asks), slices.Clone(v.via)
	again := feeder != nil && slices.Contains(v.via, feeder.RuleRef)
	for _, n := range more {
		at := slices.IndexFunc(v.asks, func(o ask) bool { return o.course == n.course })
		switch {
		case at >= 0 && !again:
			return nil
		case at >= 0:
			v.asks[at] = v.asks[at].and(n)
		default:
			v.asks = append(v.asks, n)
		}
	}
	if feeder != nil && !again {
		v.via = append(v.via, feeder.RuleRef)
	}
	return []way{v}
}

// and asks for both; an open end or a bound that is not given asks for nothing.
func (n ask) and(o ask) ask {
	n.min, n.from = max(n.min, o.min), max(n.from, o.from)
	for _, bound := range []struct{ a, b *credit.Score }{{&n.max, &o.max}} {
		if *bound.a == transfer.NoScore || (*bound.b != transfer.NoScore && *bound.b < *bound.a) {
			*bound.a = *bound.b
		}
	}
	if n.to == calendar.None || (o.to != calendar.None && o.to < n.to) {
		n.to = o.to
	}
	if n.years == 0 || (o.years != 0 && o.years < n.years) {
		n.years = o.years
	}
	return n
}

func (c *witness) least(n ask) credit.Score {
	if n.min == transfer.NoScore && !n.waived {
		return c.minGrade
	}
	return n.min
}

func (c *witness) years(n ask) int {
	if n.years == 0 && !n.waived {
		return c.validity
	}
	return n.years
}

// The conditions of a source, each on its own.
func (c *witness) inWindow(n ask, r *transfer.Record) bool {
	return r.Completed >= n.from && (n.to == calendar.None || r.Completed <= n.to)
}

func (c *witness) isValid(n ask, r *transfer.Record) bool {
	return c.years(n) == 0 || c.asOf <= r.Completed.AddYears(c.years(n))
}

func (c *witness) highEnough(n ask, r *transfer.Record) bool { return r.Score >= c.least(n) }

func (c *witness) lowEnough(n ask, r *transfer.Record) bool {
	return n.max == transfer.NoScore || (r.Score != transfer.NoScore && r.Score <= n.max)
}

// mayServe says whether a record could be a source for the programme at all.
func (c *witness) mayServe(r *transfer.Record) bool {
	return r.Passed && r.Used == "" && !(r.Institution == c.programme.Institution && c.planned(r.Code) != nil)
}

func (c *witness) planned(course string) *transfer.PlanCourse {
	for i := range c.programme.Plan {
		if c.programme.Plan[i].Course == course {
			return &c.programme.Plan[i]
		}
	}
	return nil
}

func (c *witness) best(n ask) int {
	best := -1
	for i := range c.records {
		r := &c.records[i]
		meets := r.CourseKey == n.course && c.mayServe(r) && c.inWindow(n, r) && c.isValid(n, r) && c.highEnough(n, r) && c.lowEnough(n, r)
		if !meets {
			continue
		}
		if best < 0 || cmp.Or(cmp.Compare(r.Score, c.records[best].Score), cmp.Compare(r.Completed, c.records[best].Completed)) > 0 {
			best = i
		}
	}
	return best
}

func (v *way) met() bool { return !slices.Contains(v.bound, -1) }

// version is the version of a course that counts on a day.
func (c *witness) version(key transfer.CourseKey, day calendar.Day) transfer.Course {
	var list []transfer.Course
	for _, v := range c.facts.Courses {
		if v.CourseKey == key {
			list = append(list, v)
		}
	}
	// In force before begun before not yet begun; of each the latest, of the last the earliest.
	rank := func(v transfer.Course) (int, calendar.Day) {
		switch {
		case v.From <= day && (v.To == calendar.None || v.To >= day):
			return 2, v.From
		case v.From <= day:
			return 1, v.From
		}
		return 0, -v.From
	}
	return slices.MaxFunc(list, func(a, b transfer.Course) int {
		ra, da := rank(a)
		rb, db := rank(b)
		return cmp.Or(cmp.Compare(ra, rb), cmp.Compare(da, db))
	})
}

// gate is the level of the sources and of the first target too far above them.
func (c *witness) gate(v *way, course string) (from, to int, shut bool) {
	for i, n := range v.asks {
		r := &c.records[v.bound[i]]
		from = max(from, cmp.Or(r.Level, c.version(n.course, r.Completed).Level))
	}
	for _, t := range v.rule.Targets {
		level := 0
		if t.Course != "" {
			level = c.version(transfer.CourseKey{Institution: v.rule.Institution, Code: t.Course}, c.asOf).Level
		}
		if c.maxRise >= 0 && from > 0 && level > from+c.maxRise && (course == "" || course == t.Course) {
			return from, level, true
		}
	}
	return from, 0, false
}

func (c *witness) satisfied(v *way) bool {
	if !v.met() {
		return false
	}
	_, _, shut := c.gate(v, "")
	return !shut
}

// rules are those that speak of the programme.
func (c *witness) rules() []*transfer.Rule {
	var list []*transfer.Rule
	for i := range c.facts.Rules {
		r := &c.facts.Rules[i]
		if r.Institution == c.programme.Institution && (r.Programme == "" || r.Programme == c.programme.Code) {
			list = append(list, r)
		}
	}
	return list
}

// judgeNotChosen holds the list of satisfied rules outside the plan against all there are.
func (c *witness) judgeNotChosen() []string {
	var want, got, problems []string
	for _, r := range c.rules() {
		inPlan := slices.ContainsFunc(c.answer.Items, func(it transfer.Item) bool { return it.Rule == r.RuleRef })
		if r.Outcome != transfer.Credit || inPlan {
			continue
		}
		for _, v := range c.ways(r) {
			if c.satisfied(&v) {
				want = append(want, fmt.Sprint(r.RuleRef, sortedRefs(v.via)))
			}
		}
	}
	for _, n := range c.answer.NotChosen {
		got = append(got, fmt.Sprint(n.Rule, sortedRefs(n.Via)))
		if n.Reason.Rule != n.Rule || !slices.Equal(n.Reason.Via, n.Via) {
			problems = append(problems, fmt.Sprintf("%+v speaks of another rule", n))
		}
		if why := c.untrueOfRule(n.Reason); why != "" {
			problems = append(problems, fmt.Sprintf("not chosen %+v: %s", n, why))
		}
	}
	slices.Sort(want)
	slices.Sort(got)
	if !slices.Equal(got, want) {
		problems = append(problems, fmt.Sprintf("not chosen %v, want %v", got, want))
	}
	return problems
}

func sortedRefs(refs []transfer.RuleRef) []string {
	var list []string
	for _, r := range refs {
		list = append(list, fmt.Sprintf("%s/%d", r.Code, r.Version))
	}
	slices.Sort(list)
	return list
}

// waysOf are the ways a reason can speak of.
func (c *witness) waysOf(r transfer.Reason) []way {
	var list []way
	for _, rule := range c.rules() {
		if rule.RuleRef != r.Rule {
			continue
		}
		for _, v := range c.ways(rule) {
			if slices.Equal(sortedRefs(v.via), sortedRefs(r.Via)) {
				list = append(list, v)
			}
		}
	}
	return list
}

// untrue says why a reason of a record is not true, or nothing.
func (c *witness) untrue(i int, answer transfer.RecordAnswer, reason transfer.Reason) string {
	r := &c.records[i]
	switch reason.Code {
	case transfer.MatchedCode:
		return c.untrueMatch(i, answer, reason)
	case transfer.EarnedCode:
		return c.untrueEarned(i, reason)
	case transfer.AlreadyUsed:
		return unless(r.Used != "" && reason.By == r.Used, "it is not used by that")
	case transfer.NotPassed:
		return unless(!r.Passed && reason.Got == r.Score && reason.GotGrade == r.Grade, "it is a pass, or has another grade")
	case transfer.NoRule:
		return c.untrueNoRule(r)
	}
	if !c.mayServe(r) && reason.Code != transfer.NoGain {
		return "it could not serve any rule"
	}
	if reason.Rule == (transfer.RuleRef{}) {
		planned := r.Institution == c.programme.Institution && c.planned(r.Code) != nil
		return unless(reason.Code == transfer.NoGain && planned && c.earnedElsewhere(i), "no rule is named")
	}
	last := "there is no such way to serve the rule"
	for _, v := range c.waysOf(reason) {
		at := slices.IndexFunc(v.asks, func(n ask) bool { return n.course == r.CourseKey })
		if at < 0 {
			last = "the rule does not ask for its course"
			continue
		}
		if v.rule.Outcome != cmp.Or(reason.Outcome, transfer.Credit) {
			return "the rule has another outcome"
		}
		if last = c.untrueOfWay(i, &v, at, reason); last == "" {
			return ""
		}
	}
	return last
}

func unless(ok bool, why string) string {
	if ok {
		return ""
	}
	return why
}

func (c *witness) untrueMatch(i int, answer transfer.RecordAnswer, reason transfer.Reason) string {
	for _, it := range c.answer.Items {
		if it.Rule == reason.Rule && slices.Equal(it.Via, reason.Via) && slices.Contains(it.Records, i) {
			return unless(answer.Rule == it.Rule, "the state names another rule")
		}
	}
	return "no item of the plan takes it"
}

func (c *witness) untrueEarned(i int, reason transfer.Reason) string {
	r := &c.records[i]
	at := c.planned(r.Code)
	ok := r.Institution == c.programme.Institution && r.Passed && at != nil && at.Group == reason.Group && reason.Course == r.Code
	return unless(ok && !c.earnedElsewhere(i), "it is not the one that fills that group")
}

// earnedElsewhere says whether another result of the course is the earned one.
func (c *witness) earnedElsewhere(i int) bool {
	for j, a := range c.answer.Records {
		if j != i && a.State == transfer.Earned && c.records[j].CourseKey == c.records[i].CourseKey {
			return true
		}
	}
	return false
}

// untrueNoRule: no rule asks for the course in any way.
func (c *witness) untrueNoRule(r *transfer.Record) string {
	if !c.mayServe(r) {
		return "there is a nearer reason"
	}
	for _, rule := range c.rules() {
		for _, v := range c.ways(rule) {
			asked := slices.ContainsFunc(v.asks, func(n ask) bool { return n.course == r.CourseKey })
			if asked && c.reached(&v) {
				return fmt.Sprintf("rule %v asks for it", rule.RuleRef)
			}
		}
	}
	return ""
}

// reached says whether the learner has a result for each rule on the way.
func (c *witness) reached(v *way) bool {
	for _, f := range c.facts.Rules {
		asked := func(r transfer.Record) bool {
			return slices.ContainsFunc(f.Sources, func(s transfer.Source) bool { return s.CourseKey == r.CourseKey })
		}
		if slices.Contains(v.via, f.RuleRef) && !slices.ContainsFunc(c.records, asked) {
			return false
		}
	}
	return true
}

// untrueOfWay judges a reason of a record that speaks of a rule.
func (c *witness) untrueOfWay(i int, v *way, at int, reason transfer.Reason) string {
	switch reason.Code {
	case transfer.OutsideWindow, transfer.Expired, transfer.GradeBelow, transfer.GradeAbove:
		return unless(c.fails(v.asks[at], &c.records[i], reason) && v.bound[at] < 0, "it meets that, or another result meets the source")
	case transfer.IncompleteSet:
		return c.untrueIncomplete(v, at, reason)
	case transfer.LevelGate:
		return c.untrueGate(v, reason)
	case transfer.RefusedCode:
		ok := v.rule.Outcome == transfer.Refused && slices.Equal(v.rule.Reasons, reason.Codes) && v.rule.Note == reason.Note
		return unless(ok && v.met(), "it was not refused so")
	case transfer.PendingCode:
		ok := v.rule.Outcome == transfer.Pending && v.rule.Since == reason.Since && reason.Holder == v.rule.Institution
		return unless(ok && v.met(), "it is not pending so")
	}
	if reason.Attempt && !c.attempted(i, reason) {
		return "no other attempt in the course serves the rule"
	}
	return c.untrueUnchosen(v, reason)
}

// attempted says whether the plan serves the rule with another record in the course.
func (c *witness) attempted(i int, reason transfer.Reason) bool {
	another := func(j int) bool { return j != i && c.records[j].CourseKey == c.records[i].CourseKey }
	return slices.ContainsFunc(c.answer.Items, func(it transfer.Item) bool {
		return it.Rule == reason.Rule && it.Rule == reason.Other && slices.Equal(it.Via, reason.Via) && slices.ContainsFunc(it.Records, another)
	})
}

// fails says whether a reason tells truly what of a source a record fails.
func (c *witness) fails(n ask, r *transfer.Record, reason transfer.Reason) bool {
	grade := reason.Got == r.Score && reason.GotGrade == r.Grade
	switch reason.Code {
	case transfer.OutsideWindow:
		return !c.inWindow(n, r) && reason.From == n.from && reason.To == n.to && reason.Completed == r.Completed
	case transfer.Expired:
		return !c.isValid(n, r) && reason.Completed == r.Completed && reason.Until == r.Completed.AddYears(c.years(n))
	case transfer.GradeBelow:
		return !c.highEnough(n, r) && reason.Needed == c.least(n) && grade
	case transfer.GradeAbove:
		return !c.lowEnough(n, r) && reason.Needed == n.max && grade
	}
	return false
}

func (c *witness) untrueIncomplete(v *way, at int, reason transfer.Reason) string {
	var missing []transfer.CourseKey
	for i, n := range v.asks {
		if v.bound[i] >= 0 {
			continue
		}
		missing = append(missing, n.course)
		k := slices.IndexFunc(reason.Missing, func(m transfer.MissingSource) bool { return m.CourseKey == n.course })
		if k < 0 {
			return fmt.Sprintf("%v is missing too", n.course)
		}
		if why := c.untrueWhy(n, reason.Missing[k].Why); why != "" {
			return fmt.Sprintf("%v: %s", n.course, why)
		}
	}
	return unless(v.bound[at] >= 0 && len(missing) > 0 && len(missing) == len(reason.Missing), fmt.Sprintf("what is missing is %v", missing))
}

// untrueWhy judges what is said against the results in a missing course: nothing
// when there are none, else what one of them fails, a free one if there is any.
func (c *witness) untrueWhy(n ask, why *transfer.Reason) string {
	var free, others []int
	for i := range c.records {
		switch r := &c.records[i]; {
		case r.CourseKey == n.course && c.mayServe(r):
			free = append(free, i)
		case r.CourseKey == n.course:
			others = append(others, i)
		}
	}
	if why == nil {
		return unless(len(free)+len(others) == 0, "there is a result")
	}
	for _, i := range free {
		if c.fails(n, &c.records[i], *why) {
			return ""
		}
	}
	if len(free) > 0 {
		return fmt.Sprintf("no free result fails so: %+v", *why)
	}
	for _, i := range others {
		if c.untrueUnfree(i, *why) == "" {
			return ""
		}
	}
	return fmt.Sprintf("no result is so: %+v", *why)
}

// untrueUnfree judges why a record is no source for the programme.
func (c *witness) untrueUnfree(i int, why transfer.Reason) string {
	r := &c.records[i]
	switch why.Code {
	case transfer.EarnedCode:
		return c.untrueEarned(i, why)
	case transfer.AlreadyUsed:
		return unless(r.Used != "" && why.By == r.Used, "it is not used by that")
	case transfer.NotPassed:
		return unless(!r.Passed && why.Got == r.Score && why.GotGrade == r.Grade, "it is a pass")
	case transfer.NoGain:
		return unless(r.Passed && why.Course == r.Code && c.earnedElsewhere(i), "it is no home result")
	}
	return "an unknown reason"
}

func (c *witness) untrueGate(v *way, reason transfer.Reason) string {
	if !v.met() {
		return "the set is not complete"
	}
	from, to, shut := c.gate(v, reason.Course)
	ok := shut && from == reason.FromLevel && to == reason.ToLevel && reason.Bridge == to-c.maxRise
	return unless(ok, fmt.Sprintf("levels %d and %d", from, to))
}

// untrueOfRule judges the reason of a satisfied rule outside the plan.
func (c *witness) untrueOfRule(reason transfer.Reason) string {
	last := "there is no such way to serve the rule"
	for _, v := range c.waysOf(reason) {
		if last = c.untrueUnchosen(&v, reason); last == "" {
			return ""
		}
	}
	return last
}

func (c *witness) untrueUnchosen(v *way, reason transfer.Reason) string {
	if !c.satisfied(v) || v.rule.Outcome != transfer.Credit {
		return "the rule is not satisfied"
	}
	targets := func(t transfer.Target) bool { return t.Course == reason.Course }
	switch reason.Code {
	case transfer.NeverExempt:
		at := c.planned(reason.Course)
		return unless(at != nil && at.NeverExempt && slices.ContainsFunc(v.rule.Targets, targets), "the course may be awarded")
	case transfer.BetterElsewhere:
		return c.untrueBetter(v, reason)
	case transfer.CapReached:
		return c.untrueCap(v, reason)
	case transfer.NoGain:
		if reason.Course != "" {
			return unless(c.holds(reason.Course) && slices.ContainsFunc(v.rule.Targets, targets), "the course is not held")
		}
		_, credits, exemptions := c.worth(v)
		return unless(credits == 0 && exemptions == 0, "it awards something")
	}
	return "an unknown reason"
}

func (c *witness) holds(course string) bool {
	return slices.ContainsFunc(c.records, func(r transfer.Record) bool {
		return r.Passed && r.CourseKey == transfer.CourseKey{Institution: c.programme.Institution, Code: course}
	})
}

// claim is the rule with the records it would consume, as the oracle takes it.
func (c *witness) claim(v *way) oracle.Chosen {
	o := oracle.Chosen{Rule: v.rule.Code, Version: v.rule.Version, Via: sortedRefs(v.via), Records: slices.Clone(v.bound)}
	_, o.Credits, _ = c.worth(v)
	return o
}

func (c *witness) worth(v *way) (applied, credits int64, exemptions int) {
	o := oracle.Chosen{Rule: v.rule.Code, Version: v.rule.Version, Records: v.bound}
	return oracle.Worth(c.oracleWorld(), c.number, c.oracleRecords(), int(c.asOf), []oracle.Chosen{o})
}

// untrueBetter: the named rule is of the plan, and the two cannot stand together.
func (c *witness) untrueBetter(v *way, reason transfer.Reason) string {
	for n, it := range c.answer.Items {
		if it.Rule != reason.Other {
			continue
		}
		if it.Rule == reason.Rule {
			return ""
		}
		w := c.oracleWorld()
		w.Caps = nil
		err := oracle.Check(w, c.number, c.oracleRecords(), int(c.asOf), []oracle.Chosen{c.plan[n], c.claim(v)})
		return unless(err != nil && strings.Contains(err.Error(), "too"), fmt.Sprint("both can stand: ", err))
	}
	return "the other rule is not of the plan"
}

// untrueCap holds the plan, and the plan with the rule, against the named cap alone.
func (c *witness) untrueCap(v *way, reason transfer.Reason) string {
	d := reason.Cap
	if limit, capped := c.limit(d.Kind, d.Key); !capped || limit != d.Limit {
		return fmt.Sprintf("the limit is %s", limit)
	}
	if err := c.against(d, d.Taken, c.plan); err != nil {
		return err.Error()
	}
	if err := c.against(d, d.Taken-1, c.plan); err == nil && d.Taken > 0 {
		return "less is taken"
	}
	both := append(slices.Clone(c.plan), c.claim(v))
	if err := c.against(d, d.Taken+d.Adds, both); err != nil {
		return err.Error()
	}
	if err := c.against(d, d.Taken+d.Adds-1, both); err == nil {
		return "the rule adds less"
	}
	return unless(d.Taken+d.Adds > d.Limit, "the cap is not reached")
}

func (c *witness) against(d *transfer.CapDetail, limit credit.Amount, plan []oracle.Chosen) error {
	w := c.oracleWorld()
	w.Caps = []oracle.Cap{{Scope: "bank", Cap: string(d.Kind), Key: d.Key, Credits: int64(limit), Share: -1}}
	return oracle.Check(w, c.number, c.oracleRecords(), int(c.asOf), plan)
}

// limit is the cap of that name that holds for the programme.
func (c *witness) limit(kind transfer.CapKind, key string) (credit.Amount, bool) {
	var inForce *transfer.Cap
	for _, place := range places(c.programme.ProgrammeKey) {
		var latest *transfer.Cap
		for i := range c.facts.Caps {
			r := &c.facts.Caps[i]
			if r.Place == place && r.Kind == kind && r.Key == key && r.From <= c.asOf && (latest == nil || r.From > latest.From) {
				latest = r
			}
		}
		if latest != nil {
			inForce = latest
		}
	}
	if inForce == nil || (inForce.Credits < 0 && inForce.Share < 0) {
		return 0, false
	}
	limit := c.programme.Required * credit.Amount(max(inForce.Share, 0)) / 10_000
	if inForce.Share < 0 || (inForce.Credits >= 0 && inForce.Credits < limit) {
		limit = inForce.Credits
	}
	return limit, true
}
