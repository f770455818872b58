package transfer_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"creditbank/internal/calendar"
	"creditbank/internal/credit"
	"creditbank/internal/transfer"
	"creditbank/internal/transfer/oracle"
)

// hardWorld is a learner with many records before one programme, with rules that
// exclude each other, group needs and caps that bind.
func hardWorld(seed uint64) world {
	d := &dice{Rand: rand.New(rand.NewPCG(seed, 3))}
	d.w.asOf = today
	d.w.facts.Institutions = []transfer.Institution{
		{Code: home, Kind: "higher_vocational", Rate: 1600, Step: 50},
		{Code: sender, Kind: "secondary_vocational", Rate: 1800, Step: 50},
		{Code: examiner, Kind: "assessment_body", Rate: 1800, Step: 50},
	}
	targets := d.hardProgramme()
	for n := range 40 + d.IntN(21) {
		d.hardRecord(n)
	}
	for n := range 50 + d.IntN(551) {
		d.hardRule(n, targets)
	}
	d.hardCaps()
	return d.w
}

func (d *dice) course(at, code string, credits credit.Amount) {
	d.w.facts.Courses = append(d.w.facts.Courses, transfer.Course{CourseKey: transfer.CourseKey{Institution: at, Code: code},
		Credits: credits, From: calendar.None, To: calendar.None})
}

func (d *dice) hardProgramme() []string {
	p := transfer.Programme{ProgrammeKey: transfer.ProgrammeKey{Institution: home, Code: "P1"}, Required: 14_000}
	for g := range 5 {
		p.Groups = append(p.Groups, transfer.Group{Code: fmt.Sprint("g", g), Min: credit.Amount(50 * (10 + d.IntN(60)))})
	}
	var codes []string
	for n := range 60 {
		code := fmt.Sprint("T", n)
		codes = append(codes, code)
		d.course(home, code, credit.Amount(50*(1+d.IntN(12))))
		p.Plan = append(p.Plan, transfer.PlanCourse{Course: code, Group: pick(d, p.Groups...).Code})
	}
	d.w.facts.Programmes = []transfer.Programme{p}
	return codes
}

func (d *dice) hardRecord(n int) {
	at, kind := sender, transfer.KindCourse
	if d.one(25) {
		at, kind = examiner, "certificate"
	}
	key := transfer.CourseKey{Institution: at, Code: fmt.Sprint("R", n)}
	d.course(at, key.Code, credit.Amount(50*(1+d.IntN(12))))
	d.w.records = append(d.w.records, transfer.Record{CourseKey: key, Kind: kind, Score: 8000, Passed: true, Completed: today - 400})
}

func (d *dice) hardRule(n int, targets []string) {
	r := transfer.Rule{RuleRef: transfer.RuleRef{Code: fmt.Sprintf("E%04d", n), Version: 1}, Institution: home, Outcome: transfer.Credit,
		From: calendar.None, To: calendar.None}
	for range pick(d, 1, 1, 1, 2, 2, 3) {
		s := transfer.Source{CourseKey: pick(d, d.w.records...).CourseKey, Min: transfer.NoScore, Max: transfer.NoScore}
		if !slices.Contains(r.Sources, s) {
			r.Sources = append(r.Sources, s)
		}
	}
	for range pick(d, 1, 1, 1, 2) {
		t := transfer.Target{Course: pick(d, targets...), Mode: transfer.Catalogue}
		switch {
		case d.one(10):
			t = transfer.Target{Group: fmt.Sprint("g", d.IntN(5)), Mode: transfer.Fixed, Credits: credit.Amount(50 * (1 + d.IntN(8)))}
		case d.one(20):
			t.Mode, t.Credits = transfer.Fixed, credit.Amount(50*d.IntN(12))
		case d.one(5):
			t.Exemption = true
		}
		if !slices.ContainsFunc(r.Targets, func(o transfer.Target) bool { return o.Course != "" && o.Course == t.Course }) {
			r.Targets = append(r.Targets, t)
		}
	}
	d.w.facts.Rules = append(d.w.facts.Rules, r)
}

func (d *dice) hardCaps() {
	cap := func(kind transfer.CapKind, key string, credits credit.Amount) {
		d.w.facts.Caps = append(d.w.facts.Caps, transfer.Cap{Place: transfer.Place{Scope: transfer.ScopeBank}, From: today - 900,
			Kind: kind, Key: key, Credits: credits, Share: -1})
	}
	if d.one(70) {
		cap(transfer.CapTotal, "", credit.Amount(50*(40+d.IntN(120))))
	}
	if d.one(70) {
		cap(transfer.CapSourceKind, "certificate", credit.Amount(50*(8+d.IntN(40))))
	}
	if d.one(50) {
		cap(transfer.CapGroup, "g1", credit.Amount(50*(5+d.IntN(30))))
	}
	if d.one(30) {
		cap(transfer.CapSourceInstitution, sender, credit.Amount(50*(20+d.IntN(80))))
	}
}

// Hard choices are proven too, and what is proven is a plan.
func TestHardPlansAreProven(t *testing.T) {
	for seed := range uint64(12) {
		w := hardWorld(seed)
		a, _ := transfer.Compile(w.facts).Plan(w.facts.Programmes[0].ProgrammeKey, w.records, w.asOf)
		if !a.Optimal || a.BoundApplied != a.Applied || a.BoundTotal != a.Transferable {
			t.Errorf("seed %d: %s of %s applied, %s of %s transferable", seed, a.Applied, a.BoundApplied, a.Transferable, a.BoundTotal)
		}
		var plan []oracle.Chosen
		for _, it := range a.Items {
			plan = append(plan, chosen(it))
		}
		if err := oracle.Check(w.oracleWorld(), 0, w.oracleRecords(), int(w.asOf), plan); err != nil {
			t.Errorf("seed %d: %v", seed, err)
		}
		for _, problem := range groupsAddUp(&a) {
			t.Errorf("seed %d: %s", seed, problem)
		}
	}
}

// A ranking, which asks for the two numbers alone, finds those of the plan.
func TestHardRankings(t *testing.T) {
	for seed := range uint64(12) {
		w := hardWorld(seed)
		m := transfer.Compile(w.facts)
		a, _ := m.Plan(w.facts.Programmes[0].ProgrammeKey, w.records, w.asOf)
		r := m.Rank(w.ask(0)).Standings[0]
		if !r.Optimal || r.Applied != a.Applied || r.Transferable != a.Transferable {
			t.Errorf("seed %d: got %s and %s, want %s and %s", seed, r.Applied, r.Transferable, a.Applied, a.Transferable)
		}
	}
}

// A plan that is given up early says so, and its bounds hold.
func TestBoundsHoldWhenGivenUp(t *testing.T) {
	for seed := range uint64(12) {
		w := hardWorld(seed)
		m := transfer.Compile(w.facts)
		best, _ := m.Plan(w.facts.Programmes[0].ProgrammeKey, w.records, w.asOf)
		a := m.PlanWithin(w.facts.Programmes[0].ProgrammeKey, w.records, w.asOf, 10_000)
		if a.BoundApplied < best.Applied || a.Applied > best.Applied || (a.Applied == best.Applied && a.Transferable > best.Transferable) {
			t.Errorf("seed %d: got %s to %s, best %s", seed, a.Applied, a.BoundApplied, best.Applied)
		}
		if a.Optimal && (a.Applied != best.Applied || a.Transferable != best.Transferable) {
			t.Errorf("seed %d: %s and %s are said to be the best, not %s and %s", seed, a.Applied, a.Transferable, best.Applied, best.Transferable)
		}
		if !a.Optimal && a.BoundTotal < best.Transferable {
			t.Errorf("seed %d: at most %s transferable, and there are %s", seed, a.BoundTotal, best.Transferable)
		}
	}
}

func BenchmarkPlanHard(b *testing.B) {
	var worlds []world
	var maps []*transfer.Map
	for seed := range uint64(40) {
		worlds = append(worlds, hardWorld(seed))
		maps = append(maps, transfer.Compile(worlds[seed].facts))
	}
	n := 0
	for b.Loop() {
		w := &worlds[n%len(worlds)]
		if _, known := maps[n%len(maps)].Plan(w.facts.Programmes[0].ProgrammeKey, w.records, w.asOf); !known {
			b.Fatal("no answer")
		}
		n++
	}
}

func BenchmarkPlan(b *testing.B) {
	w := mediumWorld(1)
	m := transfer.Compile(w.facts)
	n := 0
	for b.Loop() {
		p := w.facts.Programmes[n%len(w.facts.Programmes)]
		if _, known := m.Plan(p.ProgrammeKey, w.records, w.asOf); !known {
			b.Fatal("no answer")
		}
		n++
	}
}

func BenchmarkRank(b *testing.B) {
	w := mediumWorld(1)
	m := transfer.Compile(w.facts)
	for b.Loop() {
		if len(m.Rank(w.ask(0)).Standings) != len(w.facts.Programmes) {
			b.Fatal("not every programme is ranked")
		}
	}
}

func BenchmarkCompile(b *testing.B) {
	w := mediumWorld(1)
	for b.Loop() {
		if transfer.Compile(w.facts).Size() != len(w.facts.Rules) {
			b.Fatal("rules left out")
		}
	}
}

// Set packings are proven with little work: nearly every record is used by one of few
// rules, and those are looked through without relaxing each choice.
func TestPackingsAreProvenSoon(t *testing.T) {
	const little = 20_000_000
	for seed := range uint64(20) {
		p := packingPuzzle(seed)
		w := p.world()
		if a := transfer.Compile(w.facts).PlanWithin(w.facts.Programmes[0].ProgrammeKey, w.records, w.asOf, little); !a.Optimal {
			t.Errorf("seed %d: %s applied of at most %s", seed, a.Applied, a.BoundApplied)
		}
	}
}
