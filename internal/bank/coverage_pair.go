package bank

import (
	"cmp"
	"slices"
)

// coverer is what is known of the map, whoever learns.
type coverer struct {
	s         *Snapshot
	stages    []int
	teaches   [classCount][]int32 // institutions with programmes of a class, ascending
	courses   map[int32]*[classCount]int
	evaluated map[int32]map[int32]*[classCount]int // by sending, then by receiving school
}

func newCoverer(s *Snapshot) *coverer {
	c := &coverer{s: s, courses: map[int32]*[classCount]int{}, evaluated: map[int32]map[int32]*[classCount]int{}}
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
			from := c.s.Map.CourseInstitution(course)
			if c.evaluated[from] == nil {
				c.evaluated[from] = map[int32]*[classCount]int{}
			}
			addTo(c.evaluated[from], by, sets[course])
		}
	}
}

// coverage sums up the pairs, and makes the cells of those that are shown.
func (c *coverer) coverage(learners map[int32]*[classCount]int, f CoverageFilter, most int) Coverage {
	only := int32(-1)
	if f.Institution != "" {
		at, known := c.s.Map.InstitutionNumber(f.Institution)
		if !known {
			return Coverage{}
		}
		only = at
	}
	worst := worstPairs{most: most}
	sums := make([]pairSum, len(c.stages))
	for from, counts := range learners {
		for _, to := range c.sum(from, counts, sums) {
			p := sums[to]
			sums[to] = pairSum{}
			if (only < 0 || from == only || to == only) && (!f.NoRules || p.evaluated == 0) {
				worst.add(coveredPair{from, to, p.unserved})
			}
		}
	}
	out := Coverage{Total: worst.total}
	for _, p := range worst.list() {
		out.Pairs = append(out.Pairs, c.pair(p, learners[p.from]))
	}
	out.dropEmpty()
	return out
}

// pairSum is what the cells of a pair come to.
type pairSum struct {
	unserved, evaluated int
	is                  bool
}

// sum adds up the cells of a school and each of those that teach a class of its
// learners on its own level or above, and lists these.
func (c *coverer) sum(from int32, counts *[classCount]int, sums []pairSum) (schools []int32) {
	if c.stages[from] == 0 {
		return nil
	}
	evaluated := c.evaluated[from]
	for class, count := range counts {
		if count == 0 {
			continue
		}
		for _, to := range c.teaches[class] {
			if to == from || c.stages[to] < c.stages[from] {
				continue
			}
			if !sums[to].is {
				sums[to].is = true
				schools = append(schools, to)
			}
			cell := c.cell(from, class, count, evaluated[to])
			sums[to].unserved += cell.Unserved()
			sums[to].evaluated += cell.Evaluated
		}
	}
	return schools
}

// cell is a class in which a school has learners and another teaches, with how many
// courses that one has evaluated by class; nil: none.
func (c *coverer) cell(from int32, class, learners int, evaluated *[classCount]int) CoverageCell {
	courses := c.courses[from]
	if courses == nil {
		return CoverageCell{}
	}
	cell := CoverageCell{Learners: learners, Courses: courses[class]}
	if evaluated != nil {
		cell.Evaluated = evaluated[class]
	}
	return cell
}

// pair makes the cells of a pair.
func (c *coverer) pair(at coveredPair, learners *[classCount]int) CoveragePair {
	p := CoveragePair{From: c.s.Map.InstitutionAt(at.from).Code, To: c.s.Map.InstitutionAt(at.to).Code, Unserved: at.unserved, Cells: make([]CoverageCell, classCount)}
	for class, count := range learners {
		if _, teaches := slices.BinarySearch(c.teaches[class], at.to); count > 0 && teaches {
			p.Cells[class] = c.cell(at.from, class, count, c.evaluated[at.from][at.to])
		}
	}
	return p
}

// coveredPair is a pair of schools by their numbers, which are in the order of their codes.
type coveredPair struct {
	from, to int32
	unserved int
}

func (a coveredPair) compare(b coveredPair) int {
	return cmp.Or(cmp.Compare(b.unserved, a.unserved), cmp.Compare(a.from, b.from), cmp.Compare(a.to, b.to))
}

// worstPairs keeps the pairs in which most learners are not served, and counts all.
type worstPairs struct {
	most, total int
	kept        []coveredPair // up to twice as many as are wanted
	last        *coveredPair  // the last of those wanted, when they were sorted; nil: never yet
}

func (w *worstPairs) add(p coveredPair) {
	w.total++
	if w.last != nil && p.compare(*w.last) > 0 {
		return
	}
	if w.kept = append(w.kept, p); len(w.kept) >= 2*w.most+1 {
		w.cut()
	}
}

func (w *worstPairs) cut() {
	slices.SortFunc(w.kept, coveredPair.compare)
	if len(w.kept) >= w.most && w.most > 0 {
		w.kept = w.kept[:w.most]
		last := w.kept[w.most-1]
		w.last = &last
	}
}

func (w *worstPairs) list() []coveredPair {
	w.cut()
	return w.kept[:min(w.most, len(w.kept))]
}
