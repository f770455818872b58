package transfer_test

import (
	"fmt"
	"math/rand/v2"
	"slices"

	"creditbank/internal/calendar"
	"creditbank/internal/credit"
	"creditbank/internal/transfer"
)

// puzzle is a choice of a plan stripped of everything that decides whether a rule
// is satisfied: all of them are. Credits are in halves.
type puzzle struct {
	needs        []int // by group
	certificates []int // the records that are certificates, ascending
	records      int
	caps         []puzzleCap
	pieces       []piece
}

type puzzleCap struct {
	kind  transfer.CapKind
	key   string
	limit int
}

// piece is one rule.
type piece struct {
	records []int
	awards  []puzzleAward
}

func newPiece(records []int, awards ...puzzleAward) piece { return piece{records, awards} }

// puzzleAward is one target of a rule: a course of a group, or with course −1
// unassigned credit in it.
type puzzleAward struct {
	course, group, credits int
	exempt                 bool
}

const half = 50 // half a credit, in hundredths

// world is the puzzle as a learner before the programme H:P1.
func (p *puzzle) world() world {
	var w world
	w.asOf = today
	w.facts.Institutions = []transfer.Institution{
		{Code: home, Kind: "higher_vocational", Rate: 1600, Step: half},
		{Code: sender, Kind: "secondary_vocational", Rate: 1800, Step: half},
		{Code: examiner, Kind: "assessment_body", Rate: 1800, Step: half},
	}
	for n := range p.records {
		r := transfer.Record{CourseKey: p.source(n), Kind: transfer.KindCourse, Score: 8000, Passed: true, Completed: today - 400}
		if r.Institution == examiner {
			r.Kind = "certificate"
		}
		w.records = append(w.records, r)
		w.facts.Courses = append(w.facts.Courses, transfer.Course{CourseKey: r.CourseKey, Credits: 400, From: calendar.None, To: calendar.None})
	}
	w.facts.Programmes = []transfer.Programme{p.programme()}
	for _, c := range w.facts.Programmes[0].Plan {
		key := transfer.CourseKey{Institution: home, Code: c.Course}
		w.facts.Courses = append(w.facts.Courses, transfer.Course{CourseKey: key, Credits: 400, From: calendar.None, To: calendar.None})
	}
	for n, piece := range p.pieces {
		w.facts.Rules = append(w.facts.Rules, p.rule(n, piece))
	}
	for _, c := range p.caps {
		w.facts.Caps = append(w.facts.Caps, transfer.Cap{Place: transfer.Place{Scope: transfer.ScopeBank}, From: today - 900,
			Kind: c.kind, Key: c.key, Credits: credit.Amount(half * c.limit), Share: -1})
	}
	return w
}

func (p *puzzle) source(record int) transfer.CourseKey {
	if slices.Contains(p.certificates, record) {
		return transfer.CourseKey{Institution: examiner, Code: fmt.Sprint("R", record)}
	}
	return transfer.CourseKey{Institution: sender, Code: fmt.Sprint("R", record)}
}

func groupName(n int) string { return fmt.Sprint("g", n) }

// programme has a group for every need, and every course that a piece awards.
func (p *puzzle) programme() transfer.Programme {
	programme := transfer.Programme{ProgrammeKey: transfer.ProgrammeKey{Institution: home, Code: "P1"}, Required: 14_000}
	for g, need := range p.needs {
		programme.Groups = append(programme.Groups, transfer.Group{Code: groupName(g), Min: credit.Amount(half * need)})
	}
	seen := map[int]bool{-1: true}
	for _, piece := range p.pieces {
		for _, a := range piece.awards {
			if !seen[a.course] {
				seen[a.course] = true
				programme.Plan = append(programme.Plan, transfer.PlanCourse{Course: fmt.Sprint("T", a.course), Group: groupName(a.group)})
			}
		}
	}
	return programme
}

func (p *puzzle) rule(n int, piece piece) transfer.Rule {
	r := transfer.Rule{RuleRef: transfer.RuleRef{Code: fmt.Sprintf("E%04d", n), Version: 1}, Institution: home, Outcome: transfer.Credit,
		From: calendar.None, To: calendar.None}
	for _, record := range piece.records {
		r.Sources = append(r.Sources, transfer.Source{CourseKey: p.source(record), Min: transfer.NoScore, Max: transfer.NoScore})
	}
	for _, a := range piece.awards {
		t := transfer.Target{Course: fmt.Sprint("T", a.course), Mode: transfer.Fixed, Credits: credit.Amount(half * a.credits), Exemption: a.exempt}
		if a.course < 0 {
			t.Course, t.Group = "", groupName(a.group)
		}
		r.Targets = append(r.Targets, t)
	}
	return r
}

// puzzler makes puzzles. Everything follows from the seed.
type puzzler struct {
	*rand.Rand
	puzzle
	groupOf []int // by course
}

func newPuzzler(seed, kind uint64) *puzzler { return &puzzler{Rand: rand.New(rand.NewPCG(seed, kind))} }

func (p *puzzler) one(percent int) bool { return p.IntN(100) < percent }

func (p *puzzler) groups(n, least, more int) {
	for range n {
		p.needs = append(p.needs, least+p.IntN(more))
	}
}

func (p *puzzler) courses(n int) {
	for range n {
		p.groupOf = append(p.groupOf, p.IntN(len(p.needs)))
	}
}

// distinct are different numbers below most, as many as asked for at random.
func (p *puzzler) distinct(most int, counts ...int) []int {
	list := p.Perm(most)[:counts[p.IntN(len(counts))]]
	slices.Sort(list)
	return list
}

// families are the kinds of puzzles: by name how to make one.
func families() map[string]func(seed uint64) puzzle {
	return map[string]func(uint64) puzzle{
		"mixed": mixedPuzzle, "packing": packingPuzzle, "parity": parityPuzzle, "dense": densePuzzle, "ring": ringPuzzle, "parts": partsPuzzle,
	}
}

// mixedPuzzle has many records and rules of every kind, and caps that bind.
func mixedPuzzle(seed uint64) puzzle {
	p := newPuzzler(seed, 3)
	p.groups(5, 10, 60)
	p.courses(60)
	worth := make([]int, 60)
	for c := range worth {
		worth[c] = 1 + p.IntN(12)
	}
	p.records = 40 + p.IntN(21)
	for r := range p.records {
		if p.one(25) {
			p.certificates = append(p.certificates, r)
		}
	}
	for range 50 + p.IntN(551) {
		piece := piece{records: p.distinct(p.records, 1, 1, 1, 2, 2, 3)}
		for _, c := range p.distinct(60, 1, 1, 1, 2) {
			a := puzzleAward{course: c, group: p.groupOf[c], credits: worth[c]}
			switch {
			case p.one(10):
				a = puzzleAward{course: -1, group: p.IntN(5), credits: 1 + p.IntN(8)}
			case p.one(20):
				a.credits = p.IntN(12)
			case p.one(5):
				a.exempt, a.credits = true, 0
			}
			piece.awards = append(piece.awards, a)
		}
		p.pieces = append(p.pieces, piece)
	}
	p.mixedCaps()
	return p.puzzle
}

func (p *puzzler) mixedCaps() {
	if p.one(70) {
		p.caps = append(p.caps, puzzleCap{transfer.CapTotal, "", 40 + p.IntN(120)})
	}
	if p.one(70) {
		p.caps = append(p.caps, puzzleCap{transfer.CapSourceKind, "certificate", 8 + p.IntN(40)})
	}
	if p.one(50) {
		p.caps = append(p.caps, puzzleCap{transfer.CapGroup, groupName(1), 5 + p.IntN(30)})
	}
	if p.one(30) {
		p.caps = append(p.caps, puzzleCap{transfer.CapSourceInstitution, sender, 20 + p.IntN(80)})
	}
}

// packingPuzzle asks for as many disjoint sets of three records as there are.
func packingPuzzle(seed uint64) puzzle {
	p := newPuzzler(seed, 11)
	p.records = 24 + p.IntN(19)
	p.groups(1, 3*p.records, 1)
	for n := range p.records * (2 + p.IntN(4)) {
		p.pieces = append(p.pieces, piece{records: p.distinct(p.records, 3), awards: []puzzleAward{{course: n, credits: 4 + p.IntN(2)}}})
	}
	return p.puzzle
}

// parityPuzzle fills caps of odd size with awards that are nearly all even.
func parityPuzzle(seed uint64) puzzle {
	p := newPuzzler(seed, 13)
	p.records = 30 + p.IntN(31)
	p.groups(3, 21, 40)
	for n := range 2 * p.records {
		p.groupOf = append(p.groupOf, p.IntN(3))
		p.pieces = append(p.pieces, piece{records: p.distinct(p.records, 1, 1, 2),
			awards: []puzzleAward{{course: n, group: p.groupOf[n], credits: 2*(2+p.IntN(9)) + p.IntN(50)/49}}})
	}
	for r := range p.records / 2 {
		p.certificates = append(p.certificates, r)
	}
	for g := range 3 {
		p.caps = append(p.caps, puzzleCap{transfer.CapGroup, groupName(g), 2*(12+p.IntN(30)) + 1})
	}
	p.caps = append(p.caps, puzzleCap{transfer.CapSourceKind, "certificate", 2*(15+p.IntN(30)) + 1},
		puzzleCap{transfer.CapTotal, "", 2*(40+p.IntN(40)) + 1})
	return p.puzzle
}

// densePuzzle has few records and courses that very many rules want, in pairs and triples.
func densePuzzle(seed uint64) puzzle {
	p := newPuzzler(seed, 17)
	p.records = 20 + p.IntN(21)
	p.groups(4, 15, 40)
	p.courses(25 + p.IntN(16))
	for range 200 + p.IntN(301) {
		piece := piece{records: p.distinct(p.records, 1, 2, 2, 2, 3, 3)}
		for _, c := range p.distinct(len(p.groupOf), 1, 2, 2, 3) {
			piece.awards = append(piece.awards, puzzleAward{course: c, group: p.groupOf[c], credits: 1 + p.IntN(9)})
		}
		p.pieces = append(p.pieces, piece)
	}
	p.certificates = p.distinct(p.records, p.records/3)
	p.mixedCaps()
	return p.puzzle
}

// ringPuzzle has rings of rules of odd length, each in conflict with the next, and
// caps across all of them.
func ringPuzzle(seed uint64) puzzle {
	p := newPuzzler(seed, 19)
	p.groups(3, 20, 30)
	for p.records < 45 {
		length, first := 2*p.IntN(3)+5, p.records
		p.records += length
		for i := range length {
			records := []int{first + i, first + (i+1)%length}
			course := len(p.groupOf)
			p.courses(1)
			p.pieces = append(p.pieces, newPiece(records, puzzleAward{course: course, group: p.groupOf[course], credits: 5 + p.IntN(4)}))
			if other := p.IntN(p.records); p.one(30) && !slices.Contains(records, other) {
				again := append(slices.Clone(records), other)
				p.pieces = append(p.pieces, newPiece(again, puzzleAward{course: course, group: p.groupOf[course], credits: 9 + p.IntN(4)}))
			}
		}
	}
	p.caps = []puzzleCap{{transfer.CapTotal, "", 90 + p.IntN(60)}, {transfer.CapGroup, groupName(0), 20 + p.IntN(30)}}
	return p.puzzle
}

// partsPuzzle falls into parts that only caps and group needs tie together.
func partsPuzzle(seed uint64) puzzle {
	p := newPuzzler(seed, 23)
	p.groups(4, 20, 50)
	for range 6 + p.IntN(5) {
		first, course := p.records, len(p.groupOf)
		size := 4 + p.IntN(4)
		p.records += size
		p.courses(size)
		for range 3 * size {
			piece := piece{}
			for _, r := range p.distinct(size, 1, 2, 2) {
				piece.records = append(piece.records, first+r)
			}
			for _, c := range p.distinct(size, 1, 1, 2) {
				piece.awards = append(piece.awards, puzzleAward{course: course + c, group: p.groupOf[course+c], credits: 3 + p.IntN(11)})
			}
			p.pieces = append(p.pieces, piece)
		}
		p.certificates = append(p.certificates, first, first+1)
	}
	p.mixedCaps()
	return p.puzzle
}
