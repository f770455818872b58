package bank

import (
	"cmp"
	"context"
	"database/sql"
	"slices"
	"strings"

	"creditbank/internal/calendar"
	"creditbank/internal/transfer"
)

// Coverage says how well the map serves the learners there are: for pairs of schools,
// by class of specialties, how many of the courses that the one teaches are evaluated
// by the other.
type Coverage struct {
	Classes []int          // of the columns: numbers of classes from 1 as in 61, 41 and 21 of the catalogues; 0: programmes of none
	Pairs   []CoveragePair // those in which most learners are not served first
	Total   int            // pairs in which learners could go on
}

// CoveragePair is what one school evaluates of another.
type CoveragePair struct {
	From, To string
	Cells    []CoverageCell // by class as in Coverage; without learners where the schools do not share it
	Unserved int            // learners × courses that are not evaluated, as learners
}

// CoverageCell is a class of specialties between two schools.
type CoverageCell struct {
	Learners  int // of the sending school in programmes of the class
	Courses   int // of those programmes
	Evaluated int // of these courses, by the receiving school, whatever it decided
}

// Share is how much is evaluated, in hundredths.
func (c CoverageCell) Share() int {
	if c.Courses == 0 {
		return 0
	}
	return 100 * c.Evaluated / c.Courses
}

// Unserved are the learners times the share that is not evaluated.
func (c CoverageCell) Unserved() int {
	if c.Courses == 0 {
		return 0
	}
	return c.Learners * (c.Courses - c.Evaluated) / c.Courses
}

// CoverageFilter narrows the pairs; empty fields do not.
type CoverageFilter struct {
	Institution string // on one of the sides; of a school always its own
	NoRules     bool   // pairs with learners of which nothing is evaluated
}

// classCount are the classes of the vocational catalogues, and 0 for none.
const classCount = vocationalClasses + 1

// Coverage works out the pairs of schools between which learners could go on: of a
// class that both teach, up or on one level. Administrators and auditors see all,
// registrars and deciders the pairs of their school; at most most of them. It promises
// Denied.
func (b *Bank) Coverage(ctx context.Context, actor Actor, f CoverageFilter, most int) (Coverage, error) {
	const whole = IsAdministrator | IsAuditor | IsOperator
	if err := actor.need(whole | IsRegistrar | IsDecider); err != nil {
		return Coverage{}, err
	}
	if !actor.Is(whole) {
		f.Institution = actor.Institution
	}
	s, err := b.Snapshot(ctx)
	if err != nil {
		return Coverage{}, err
	}
	learners, err := b.learnersByClass(ctx, s)
	if err != nil {
		return Coverage{}, err
	}
	today := b.Today()
	c := b.covers.of(s, today, func() *coverer { return newCoverer(s) })
	return c.coverage(learners, f, most), nil
}

// learnersByClass counts the learners of each school by the classes of their programmes.
func (b *Bank) learnersByClass(ctx context.Context, s *Snapshot) (map[int32]*[classCount]int, error) {
	counts := map[int32]*[classCount]int{}
	err := b.db.each(ctx, func(rows *sql.Rows) error {
		var key transfer.ProgrammeKey
		var count int
		if err := rows.Scan(&key.Institution, &key.Code, &count); err != nil {
			return err
		}
		p, known := s.Map.ProgrammeNumber(key)
		if !known {
			return nil
		}
		at := s.Map.ProgrammeInstitution(p)
		if counts[at] == nil {
			counts[at] = &[classCount]int{}
		}
		for _, class := range classNumbers(specialtiesOf(s.texts.At(s.programmes[p].catalogue))) {
			counts[at][class] += count
		}
		return nil
	}, `SELECT institution, programme, count(*) FROM learner WHERE institution IS NOT NULL AND programme IS NOT NULL GROUP BY institution, programme`)
	return counts, err
}

// classNumbers are the classes of a set from 1; of an empty one the number 0.
func classNumbers(set specialties) []int {
	if set == 0 {
		return []int{0}
	}
	var list []int
	for n := range vocationalClasses {
		if set&(1<<n) != 0 {
			list = append(list, n+1)
		}
	}
	return list
}

// coverer is what is known of the map, whoever learns.
type coverer struct {
	s         *Snapshot
	stages    []int
	teaches   [classCount][]int32 // institutions with programmes of a class, ascending
	courses   map[int32]*[classCount]int
	evaluated map[[2]int32]*[classCount]int // by sending and receiving school
}

func newCoverer(s *Snapshot) *coverer {
	c := &coverer{s: s, courses: map[int32]*[classCount]int{}, evaluated: map[[2]int32]*[classCount]int{}}
	for at := range int32(s.Map.InstitutionCount()) {
		c.stages = append(c.stages, stageOf(s.Map.InstitutionAt(at).Kind))
	}
	c.readRules(c.readPlans())
	return c
}

// readPlans counts the courses of each school by class, and gives the classes of each course.
func (c *coverer) readPlans() []specialties {
	sets := make([]specialties, c.s.Map.CourseCount())
	inPlan := make([]bool, len(sets))
	taught := make([][classCount]bool, len(c.stages))
	for p := range int32(c.s.Map.ProgrammeCount()) {
		set := specialtiesOf(c.s.texts.At(c.s.programmes[p].catalogue))
		for _, class := range classNumbers(set) {
			taught[c.s.Map.ProgrammeInstitution(p)][class] = true
		}
		from, to := c.s.Map.PlanOf(p)
		for place := from; place < to; place++ {
			course, _, _ := c.s.Map.PlanAt(place)
			sets[course] |= set
			inPlan[course] = true
		}
	}
	for at := range taught {
		for class, is := range taught[at] {
			if is && c.stages[at] > 0 {
				c.teaches[class] = append(c.teaches[class], int32(at))
			}
		}
	}
	for n, in := range inPlan {
		if in {
			addTo(c.courses, c.s.Map.CourseInstitution(int32(n)), sets[n])
		}
	}
	return sets
}

// addTo counts one more of each class of a set.
func addTo[K comparable](counts map[K]*[classCount]int, key K, set specialties) {
	if counts[key] == nil {
		counts[key] = &[classCount]int{}
	}
	for _, class := range classNumbers(set) {
		counts[key][class]++
	}
}

// readRules counts the courses of which one school has said something to another.
func (c *coverer) readRules(sets []specialties) {
	type evaluation struct {
		course, by int32
	}
	seen := map[evaluation]bool{}
	for n := range int32(c.s.Map.Size()) {
		by := c.s.Map.RuleInstitution(n)
		sources, _ := c.s.Map.RuleCourses(n)
		for _, course := range sources {
			e := evaluation{course, by}
			if seen[e] {
				continue
			}
			seen[e] = true
			addTo(c.evaluated, [2]int32{c.s.Map.CourseInstitution(course), by}, sets[course])
		}
	}
}

// coverage sums up the pairs.
func (c *coverer) coverage(learners map[int32]*[classCount]int, f CoverageFilter, most int) Coverage {
	only := int32(-1)
	if f.Institution != "" {
		at, known := c.s.Map.InstitutionNumber(f.Institution)
		if !known {
			return Coverage{}
		}
		only = at
	}
	var out Coverage
	var pairs []CoveragePair
	for from, counts := range learners {
		for to := range c.reachable(from, counts) {
			if only >= 0 && from != only && to != only {
				continue
			}
			p, evaluated := c.pair(from, to, counts)
			if f.NoRules && evaluated > 0 {
				continue
			}
			out.Total++
			pairs = append(pairs, p)
		}
	}
	slices.SortFunc(pairs, func(a, b CoveragePair) int {
		return cmp.Or(cmp.Compare(b.Unserved, a.Unserved), strings.Compare(a.From, b.From), strings.Compare(a.To, b.To))
	})
	out.Pairs = pairs[:min(most, len(pairs))]
	out.dropEmpty()
	return out
}

// reachable are the schools that teach a class of learners of a school, on its own level or above.
func (c *coverer) reachable(from int32, counts *[classCount]int) map[int32]bool {
	schools := map[int32]bool{}
	for class, count := range counts {
		if count == 0 || c.stages[from] == 0 {
			continue
		}
		for _, to := range c.teaches[class] {
			if to != from && c.stages[to] >= c.stages[from] {
				schools[to] = true
			}
		}
	}
	return schools
}

func (c *coverer) pair(from, to int32, learners *[classCount]int) (p CoveragePair, evaluated int) {
	p = CoveragePair{From: c.s.Map.InstitutionAt(from).Code, To: c.s.Map.InstitutionAt(to).Code, Cells: make([]CoverageCell, classCount)}
	done := c.evaluated[[2]int32{from, to}]
	for class, count := range learners {
		_, teaches := slices.BinarySearch(c.teaches[class], to)
		if count == 0 || !teaches || c.courses[from] == nil {
			continue
		}
		cell := CoverageCell{Learners: count, Courses: c.courses[from][class]}
		if done != nil {
			cell.Evaluated = done[class]
		}
		p.Cells[class] = cell
		p.Unserved += cell.Unserved()
		evaluated += cell.Evaluated
	}
	return p, evaluated
}

// dropEmpty leaves out the classes of which no pair has learners.
func (c *Coverage) dropEmpty() {
	for class := range classCount {
		if slices.ContainsFunc(c.Pairs, func(p CoveragePair) bool { return p.Cells[class].Learners > 0 }) {
			c.Classes = append(c.Classes, class)
		}
	}
	for i := range c.Pairs {
		cells := make([]CoverageCell, len(c.Classes))
		for j, class := range c.Classes {
			cells[j] = c.Pairs[i].Cells[class]
		}
		c.Pairs[i].Cells = cells
	}
}

// AgedRule is a published rule that nobody has looked at for long.
type AgedRule struct {
	transfer.RuleRef
	Institution string
	Since       calendar.Day
}

// reviewYears is after how many years a rule is due to be looked at again.
const reviewYears = 3

// AgedRules lists the rules in force that were published longest ago, three years or
// more, of the school of the actor, or all for administrators and auditors; at most
// most of them. It promises Denied.
func (b *Bank) AgedRules(ctx context.Context, actor Actor, most int) (list []AgedRule, total int, err error) {
	const whole = IsAdministrator | IsAuditor | IsOperator
	if err := actor.need(whole | IsRegistrar | IsDecider); err != nil {
		return nil, 0, err
	}
	s, err := b.Snapshot(ctx)
	if err != nil {
		return nil, 0, err
	}
	today := b.Today()
	own, known := s.Map.InstitutionNumber(actor.Institution)
	for n := range int32(s.Map.Size()) {
		since := s.Map.RuleSince(n)
		by := s.Map.RuleInstitution(n)
		if since == calendar.None || since.AddYears(reviewYears) > today || !s.Map.RuleGrants(n, today) || !actor.Is(whole) && (!known || by != own) {
			continue
		}
		list = append(list, AgedRule{s.Map.RefAt(n), s.Map.InstitutionAt(by).Code, since})
	}
	slices.SortFunc(list, func(a, b AgedRule) int {
		return cmp.Or(cmp.Compare(a.Since, b.Since), transfer.CompareRefs(a.RuleRef, b.RuleRef))
	})
	return list[:min(most, len(list))], len(list), nil
}
