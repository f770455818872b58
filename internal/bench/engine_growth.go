package bench

import (
	"creditbank/internal/transfer"
)

// twice sets compiling twice the rules beside compiling them once.
func (r *run) twice() error {
	row := Row{ID: "E6", What: "compiling twice the rules", Beside: "compiling them once", Unit: "×", Must: atMost(2.4), Aim: atMost(2)}
	shape := r.country(Medium).Shape
	once := NewCountry(shape).Facts()
	shape.Rules *= 2
	double := NewCountry(shape).Facts()
	compile := func(f transfer.Facts) func() error {
		return func() error {
			if m := transfer.Compile(f); m.Size() != len(f.Rules) {
				row.fault("%d of %d rules are served", m.Size(), len(f.Rules))
			}
			return nil
		}
	}
	s, err := interleaveWarm(r.ctx, byCPU, r.size.pairs, cpu(compile(once)), cpu(compile(double)))
	if err != nil {
		return err
	}
	row.note("%d rules %s, %d rules %s; processor time, the collector's included", len(once.Rules), took(median(s.A)), len(double.Rules), took(median(s.B)))
	r.add(row.of(s))
	return nil
}

// growth doubles the rules, the programmes and the records one at a time and
// prints the exponent with which the ranking grows: nothing may grow faster than
// the rules it touches.
func (r *run) growth() error {
	base := r.country(Medium).Shape
	base.Rules, base.Programmes = base.Rules/2, base.Programmes/2 // so that the doubled one is the country of the scale
	rules, programmes := base, base
	rules.Rules, rules.Density = 2*rules.Rules, 2*rules.Density // the same courses, asked for by twice the rules
	programmes.Programmes *= 2
	one := newGrowing(base, r.size.ranked, recordsEach)
	for _, g := range []struct {
		id, what string
		other    *growing
	}{
		{"G1", "ranking, exponent as rules double", newGrowing(rules, r.size.ranked, recordsEach)},
		{"G2", "ranking, exponent as programmes double", newGrowing(programmes, r.size.ranked, recordsEach)},
		{"G3", "ranking, exponent as records double", &growing{m: one.m, learners: learnersOf(NewCountry(base), r.size.ranked, 2*recordsEach)}},
	} {
		s, err := interleave(r.ctx, byCPU, r.size.pairs, cpu(one.rank), cpu(g.other.rank))
		if err != nil {
			return err
		}
		for i, ratio := range s.Ratios {
			s.Ratios[i] = exponent(ratio)
		}
		row := Row{ID: g.id, What: g.what, Beside: "itself", Must: atMost(1.25), Aim: atMost(1.05)}
		row.note("%s to %s a learner; 1 is as fast as what doubles, 0 not at all", took(median(s.A)/float64(r.size.ranked)), took(median(s.B)/float64(r.size.ranked)))
		r.add(row.of(s))
	}
	return nil
}

// growing is a map and its learners, one of several that differ in one size.
type growing struct {
	m        *transfer.Map
	learners [][]transfer.Record
}

func newGrowing(s Shape, learners, records int) *growing {
	c := NewCountry(s)
	return &growing{m: transfer.Compile(c.Facts()), learners: learnersOf(c, learners, records)}
}

func learnersOf(c *Country, learners, records int) [][]transfer.Record {
	list := make([][]transfer.Record, learners)
	for n := range list {
		list[n] = c.learner(n, records)
	}
	return list
}

func (g *growing) rank() error {
	for _, records := range g.learners {
		g.m.Bounds(transfer.Ask{Records: records, AsOf: AsOf(), Top: top})
	}
	return nil
}
