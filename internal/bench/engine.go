package bench

import (
	"math"
	"runtime"

	"creditbank/internal/transfer"
)

// engineSteps are the measurements of the engine, in their order.
func (r *run) engineSteps() []step {
	return []step{
		{"E4: memory", r.memory},
		{"E1: ranking, medium density", func() error { return r.ranking(Medium, "E1", atLeast(30), atLeast(60)) }},
		{"E2: ranking, dense", func() error { return r.ranking(Dense, "E2 dense", atLeast(70), atLeast(150)) }},
		{"E2: ranking, sparse", func() error { return r.ranking(Sparse, "E2 sparse", atLeast(20), atLeast(40)) }},
		{"E3: exact ranking", r.exact},
		{"E5: start", r.start},
		{"E6: twice the rules", r.twice},
		{"growth", r.growth},
		{"P1 to P6: planning beside solvers", r.solvers},
	}
}

// country is the country of a run at one density.
func (r *run) country(d Density) *Country {
	return NewCountry(Shape{Seed: r.options.Seed, Programmes: r.size.programmes, Rules: r.size.rules, Density: d})
}

// memory holds what the map says it takes, and what the heap says, against the
// number of rules. No clock is asked: load does not disturb it.
func (r *run) memory() error {
	before := heap()
	m := transfer.Compile(r.country(Medium).Facts())
	grown := float64(heap()) - float64(before)
	rules, said := float64(m.Size()), float64(m.Bytes())
	row := Row{ID: "E4", What: "memory of the map", Beside: "rules served", Unit: "bytes a rule", Value: said / rules, Low: said / rules, High: said / rules,
		Pairs: 1, Must: atMost(64), Aim: atMost(40)}
	row.note("the map says %s MB, the heap grew by %s MB (%s bytes a rule); in it %d programmes with their plans and all courses",
		figure(said/1e6), figure(grown/1e6), figure(grown/rules), r.size.programmes)
	if rules != float64(r.size.rules) || len(m.Faults()) > 0 {
		row.fault("%d of %d rules are served", m.Size(), r.size.rules)
	}
	const tolerance, slack = 0.15, 500_000 // bytes that any heap moves by
	if math.Abs(grown-said) > tolerance*said+slack {
		row.fault("the map says %s MB, the heap grew by %s MB", figure(said/1e6), figure(grown/1e6))
	}
	r.add(row)
	runtime.KeepAlive(m)
	return nil
}

// heap is what lives on the heap.
func heap() uint64 {
	var stats runtime.MemStats
	runtime.GC()
	runtime.GC() // the first may leave what pools hold
	runtime.ReadMemStats(&stats)
	return stats.HeapAlloc
}
