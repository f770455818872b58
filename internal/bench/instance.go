package bench

import (
	"fmt"

	"creditbank/internal/calendar"
	"creditbank/internal/credit"
	"creditbank/internal/transfer"
)

// instance is one learner before one programme: the choice that a plan is.
type instance struct {
	family  string
	facts   transfer.Facts
	records []transfer.Record
	to      transfer.ProgrammeKey
}

// The families: choices as they come, and three that are built to be hard for
// whoever searches or cuts badly.
const (
	familyMixed   = "mixed"
	familyPacking = "3-set packing"
	familyParity  = "parity knapsack"
	familyDense   = "dense mix"
)

// newInstance makes the n-th instance of a family.
func newInstance(seed uint64, family string, n int) instance {
	b := &instanceBuilder{dice: throw(seed, aboutInstance, n*8+len(family)), instance: instance{family: family}}
	c := Country{}
	b.receiver, b.sender, b.examiner = c.receiver(0), c.sender(0), c.examiner(0)
	b.to = transfer.ProgrammeKey{Institution: b.receiver, Code: "510001"}
	b.facts.Institutions = []transfer.Institution{
		{Code: b.receiver, Kind: "higher_vocational", Rate: 1600, Step: 50},
		{Code: b.sender, Kind: "secondary_vocational", Rate: 1800, Step: 50},
		{Code: b.examiner, Kind: "assessment_body", Rate: 1800, Step: 50},
	}
	switch family {
	case familyPacking:
		b.packing()
	case familyParity:
		b.parity()
	case familyDense:
		b.dense()
	default:
		b.mixed()
	}
	b.facts.Programmes = []transfer.Programme{b.programme}
	return b.instance
}

type instanceBuilder struct {
	dice
	instance
	receiver, sender, examiner string
	programme                  transfer.Programme
}

// halves are that many halves of a credit.
func halves(n int) credit.Amount { return credit.Amount(50 * n) }

// plan gives the programme its groups and courses of so many halves each.
func (b *instanceBuilder) plan(groups, courses int, need, worth func() int) {
	b.programme = transfer.Programme{ProgrammeKey: b.to, Required: 14_000}
	for g := range groups {
		b.programme.Groups = append(b.programme.Groups, transfer.Group{Code: fmt.Sprint("g", g), Min: halves(need())})
	}
	for n := range courses {
		code := fmt.Sprintf("T%03d", n)
		b.course(transfer.CourseKey{Institution: b.receiver, Code: code}, halves(worth()))
		b.programme.Plan = append(b.programme.Plan, transfer.PlanCourse{Course: code, Group: fmt.Sprint("g", b.IntN(groups))})
	}
}

func (b *instanceBuilder) course(key transfer.CourseKey, credits credit.Amount) {
	b.facts.Courses = append(b.facts.Courses, transfer.Course{CourseKey: key, Credits: credits, From: calendar.None, To: calendar.None})
}

// take gives the learner records, so many in a hundred of them certificates.
func (b *instanceBuilder) take(records, certificates int) {
	for n := range records {
		r := transfer.Record{CourseKey: transfer.CourseKey{Institution: b.sender, Code: fmt.Sprintf("R%03d", n)}, Kind: transfer.KindCourse,
			Score: 8000, Passed: true, Completed: AsOf() - 400}
		if b.IntN(100) < certificates {
			r.Institution, r.Kind = b.examiner, "certificate"
		}
		b.course(r.CourseKey, halves(1+b.IntN(12)))
		b.records = append(b.records, r)
	}
}

// rule asks for so many records and gives the targets.
func (b *instanceBuilder) rule(sources int, targets ...transfer.Target) {
	r := transfer.Rule{RuleRef: transfer.RuleRef{Code: fmt.Sprintf("E%04d", len(b.facts.Rules)), Version: 1}, Institution: b.receiver,
		Outcome: transfer.Credit, From: calendar.None, To: calendar.None, Targets: targets}
	for _, n := range b.Perm(len(b.records))[:sources] {
		r.Sources = append(r.Sources, transfer.Source{CourseKey: b.records[n].CourseKey, Min: transfer.NoScore, Max: transfer.NoScore})
	}
	b.facts.Rules = append(b.facts.Rules, r)
}

func (b *instanceBuilder) target(n int) transfer.Target {
	return transfer.Target{Course: b.programme.Plan[n].Course, Mode: transfer.Catalogue}
}

// targets are so many different courses.
func (b *instanceBuilder) targets(count int) []transfer.Target {
	var list []transfer.Target
	for _, n := range b.Perm(len(b.programme.Plan))[:count] {
		list = append(list, b.target(n))
	}
	return list
}

func (b *instanceBuilder) cap(kind transfer.CapKind, key string, limit int) {
	b.facts.Caps = append(b.facts.Caps, transfer.Cap{Place: transfer.Place{Scope: transfer.ScopeBank}, From: AsOf() - 900, Kind: kind, Key: key,
		Credits: halves(limit), Share: -1})
}

// mixed is a learner of 40 to 60 records before 50 to 600 rules of every kind.
func (b *instanceBuilder) mixed() {
	b.plan(5, 60, func() int { return 10 + b.IntN(60) }, func() int { return 1 + b.IntN(12) })
	b.take(40+b.IntN(21), 25)
	for range 50 + b.IntN(551) {
		targets := b.targets(pick(b.dice, 1, 1, 1, 2))
		switch first := &targets[0]; {
		case b.one(100):
			*first = transfer.Target{Group: fmt.Sprint("g", b.IntN(5)), Mode: transfer.Fixed, Credits: halves(1 + b.IntN(8))}
		case b.one(200):
			first.Mode, first.Credits = transfer.Fixed, halves(b.IntN(12))
		case b.one(50):
			first.Exemption = true
		}
		b.rule(pick(b.dice, 1, 1, 1, 2, 2, 3), targets...)
	}
	b.mixedCaps()
}

func (b *instanceBuilder) mixedCaps() {
	if b.one(700) {
		b.cap(transfer.CapTotal, "", 40+b.IntN(120))
	}
	if b.one(700) {
		b.cap(transfer.CapSourceKind, "certificate", 8+b.IntN(40))
	}
	if b.one(500) {
		b.cap(transfer.CapGroup, "g1", 5+b.IntN(30))
	}
	if b.one(300) {
		b.cap(transfer.CapSourceInstitution, b.sender, 20+b.IntN(80))
	}
}

// packing asks for as many disjoint sets of three records as there are.
func (b *instanceBuilder) packing() {
	records := 24 + b.IntN(19)
	sets := records * (2 + b.IntN(4))
	b.plan(1, sets, func() int { return 5 * records }, func() int { return 4 + b.IntN(2) })
	b.take(records, 0)
	for n := range sets {
		b.rule(3, b.target(n))
	}
}

// parity fills caps of odd size with awards that are nearly all even.
func (b *instanceBuilder) parity() {
	records := 30 + b.IntN(31)
	b.plan(3, 2*records, func() int { return 21 + b.IntN(40) }, func() int { return 2*(2+b.IntN(9)) + b.IntN(50)/49 })
	b.take(records, 50)
	for n := range 2 * records {
		b.rule(pick(b.dice, 1, 1, 2), b.target(n))
	}
	for g := range 3 {
		b.cap(transfer.CapGroup, fmt.Sprint("g", g), 2*(12+b.IntN(30))+1)
	}
	b.cap(transfer.CapSourceKind, "certificate", 2*(15+b.IntN(30))+1)
	b.cap(transfer.CapTotal, "", 2*(40+b.IntN(40))+1)
}

// dense has few records and courses that very many rules want in pairs and triples.
func (b *instanceBuilder) dense() {
	b.plan(4, 25+b.IntN(16), func() int { return 15 + b.IntN(40) }, func() int { return 1 + b.IntN(9) })
	b.take(20+b.IntN(21), 33)
	for range 200 + b.IntN(301) {
		b.rule(pick(b.dice, 1, 2, 2, 2, 3, 3), b.targets(pick(b.dice, 1, 2, 2, 3))...)
	}
	b.mixedCaps()
}

// instances are those of a run: the mixed ones first, then each hard family.
func instances(seed uint64, mixed, hard int) []instance {
	var list []instance
	for n := range mixed {
		list = append(list, newInstance(seed, familyMixed, n))
	}
	for _, family := range hardFamilies() {
		for n := range hard {
			list = append(list, newInstance(seed, family, n))
		}
	}
	return list
}

func hardFamilies() []string { return []string{familyPacking, familyParity, familyDense} }
