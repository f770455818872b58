package oracle

import (
	"fmt"
	"slices"
)

// Best tries every plan and tells what the best is worth: most applied, then most
// transferable, then most exemptions, then fewest records. It panics when the
// programme is not there.
func Best(w World, programme int, records []Record, asOf int) Answer {
	q := ask(w, programme, records, asOf)
	s := newSearch(q)
	s.from(0)
	return s.answer()
}

// candidates are all satisfied rules that could be in some plan.
func (q *question) candidates() []candidate {
	var out []candidate
	seen := map[string]bool{}
	for i := range q.w.Rules {
		r := &q.w.Rules[i]
		if q.foreign(r) != "" {
			continue
		}
		for _, e := range q.expansions(r) {
			c, err := q.candidate(e, nil)
			same := fmt.Sprint(c.key, c.records)
			if err == nil && !seen[same] {
				seen[same] = true
				out = append(out, c)
			}
		}
	}
	return out
}

// candidate holds an expansion against everything that concerns it alone, but caps.
func (q *question) candidate(e expansion, claimed []int) (candidate, error) {
	records, err := q.bind(e, claimed)
	if err != nil {
		return candidate{}, err
	}
	c := candidate{e.rule.key(), keyVia(e.rule.key(), e.via), records, q.awards(e.rule, records)}
	if err := q.gated(e.rule, records); err != nil {
		return candidate{}, err
	}
	return c, q.barred(c.awards)
}

// move is a candidate made of small numbers, for the walk over all plans.
type move struct {
	key      string
	records  []int
	once     []int   // what may be taken once: the rule itself and its courses
	groups   []int64 // awarded by group of the programme
	caps     []int64 // counted by cap
	credits  int64
	exempted int64
}

// search walks over all plans and keeps the best.
type search struct {
	q       *question
	starts  [][]move // by smallest record: a plan holds at most one of each
	used    []bool   // record consumed
	once    []bool
	groups  []int64
	caps    []int64
	credits int64
	exempt  int64
	records int64
	chosen  []string

	found   bool
	value   [4]int64
	byGroup map[string]int64
	sets    [][]string
	tooMany bool
}

func newSearch(q *question) *search {
	s := &search{q: q, used: make([]bool, len(q.records))}
	s.groups, s.caps = make([]int64, len(q.p.Groups)), make([]int64, len(q.limits))
	byFirst := make([][]move, len(q.records))
	number := map[string]int{}
	for _, c := range q.candidates() {
		byFirst[c.records[0]] = append(byFirst[c.records[0]], q.move(c, number))
	}
	for _, moves := range byFirst {
		if len(moves) > 0 {
			s.starts = append(s.starts, moves)
		}
	}
	s.once = make([]bool, len(number))
	return s
}

func (q *question) move(c candidate, number map[string]int) move {
	m := move{key: c.key, records: c.records, credits: c.credits()}
	m.groups, m.caps = make([]int64, len(q.p.Groups)), make([]int64, len(q.limits))
	take := func(name string) {
		if _, known := number[name]; !known {
			number[name] = len(number)
		}
		m.once = append(m.once, number[name])
	}
	take("rule " + c.rule)
	for _, a := range c.awards {
		if a.course != "" {
			take("course " + a.course)
		}
		if a.exemption {
			m.exempted++
		}
		if g := q.groupIndex(a.group); g >= 0 {
			m.groups[g] += a.credits
		}
	}
	for i, l := range q.limits {
		m.caps[i] = q.counted(l, c)
	}
	return m
}

func (q *question) groupIndex(code string) int {
	return slices.IndexFunc(q.p.Groups, func(g Group) bool { return g.Code == code })
}

// from tries, for the i-th start and all later ones, no rule and every rule. What is
// no plan is not followed: adding to it never makes it one.
func (s *search) from(i int) {
	if i == len(s.starts) {
		s.judge()
		return
	}
	s.from(i + 1)
	for k := range s.starts[i] {
		m := &s.starts[i][k]
		if s.fits(m) {
			s.apply(m, 1)
			s.chosen = append(s.chosen, m.key)
			s.from(i + 1)
			s.chosen = s.chosen[:len(s.chosen)-1]
			s.apply(m, -1)
		}
	}
}

func (s *search) fits(m *move) bool {
	for _, r := range m.records {
		if s.used[r] {
			return false
		}
	}
	for _, o := range m.once {
		if s.once[o] {
			return false
		}
	}
	for i, c := range m.caps {
		if c > 0 && s.caps[i]+c > s.q.limits[i].max {
			return false
		}
	}
	return true
}

// apply takes the move (sign 1) or takes it back (sign -1).
func (s *search) apply(m *move, sign int64) {
	for _, r := range m.records {
		s.used[r] = sign > 0
	}
	for _, o := range m.once {
		s.once[o] = sign > 0
	}
	for i, c := range m.caps {
		s.caps[i] += sign * c
	}
	for i, g := range m.groups {
		s.groups[i] += sign * g
	}
	s.credits += sign * m.credits
	s.exempt += sign * m.exempted
	s.records += sign * int64(len(m.records))
}

// judge holds the plan at hand against the best so far.
func (s *search) judge() {
	var applied int64
	for i, g := range s.q.p.Groups {
		applied += min(s.q.need[g.Code], s.groups[i])
	}
	value := [4]int64{applied, s.credits, s.exempt, -s.records}
	order := slices.Compare(value[:], s.value[:])
	if !s.found || order > 0 {
		s.found, s.value, s.sets, s.tooMany = true, value, nil, false
		s.byGroup = map[string]int64{}
		for i, g := range s.q.p.Groups {
			s.byGroup[g.Code] = min(s.q.need[g.Code], s.groups[i])
		}
	} else if order < 0 {
		return
	}
	s.tooMany = s.tooMany || len(s.sets) >= MaxSets
	if !s.tooMany {
		set := append([]string{}, s.chosen...)
		slices.Sort(set)
		s.sets = append(s.sets, set)
	}
}

func (s *search) answer() Answer {
	a := Answer{
		Applied: s.value[0], Transferable: s.value[1], Earned: s.q.earned,
		Exemptions: int(s.value[2]), Records: int(-s.value[3]), ByGroup: s.byGroup,
	}
	if !s.tooMany {
		slices.SortFunc(s.sets, slices.Compare[[]string])
		a.Sets = slices.CompactFunc(s.sets, slices.Equal[[]string])
	}
	return a
}
