package bench

import (
	"fmt"
	"syscall"

	"creditbank/internal/transfer"
)

// duel is one instance before the engine and all solvers.
type duel struct {
	family    string
	ours      verdict
	best      int64     // that anybody found
	theirs    []verdict // by solver
	proven    bool      // a solver proved its value
	disagrees string    // what is wrong with our answer
}

// turns is how often every instance is asked, in turn with the solvers. A solver that has had
// enoughForPeer seconds of an instance is not asked again: what it takes is long beside what
// disturbs it. What counts is the median of a side's turns: the time of a single one also says
// what the collector and whoever shares the machine happened to do.
const (
	turns         = 5
	enoughForPeer = 0.1
)

// duel asks the engine and the solvers in turn.
func (r *run) duel(in instance, peers []*solver) (duel, error) {
	d := duel{family: in.family}
	m := transfer.Compile(in.facts)
	p := problemOf(m, in)
	s, first := numbersTime(m, in)
	ours := []float64{first}
	d.ours = verdict{value: p.objective(s.Applied, s.Transferable), found: true, proven: s.Optimal}
	theirs := make([][]float64, len(peers))
	for turn := range turns {
		if turn > 0 {
			again, took := numbersTime(m, in)
			if ours = append(ours, took); again != s {
				d.disagrees = "the same question has got another answer"
			}
		}
		for n, peer := range peers {
			if sum(theirs[n]) >= enoughForPeer {
				continue
			}
			v, err := peer.solve(r.ctx, r.options.Dir, p.text, r.size.patience)
			if err != nil {
				return d, err
			}
			if theirs[n] = append(theirs[n], v.took); turn == 0 {
				d.theirs = append(d.theirs, v)
			}
		}
	}
	d.ours.took = median(ours)
	for n := range peers {
		d.theirs[n].took = median(theirs[n])
	}
	d.check(m, in, s, peers)
	return d, nil
}

// check holds the answer against the plan, the rules and what the solvers say.
func (d *duel) check(m *transfer.Map, in instance, s transfer.Standing, peers []*solver) {
	a, _ := m.Plan(in.to, in.records, AsOf())
	if err := checkPlan(in.facts, in.records, a); err != nil {
		d.disagrees = err.Error()
	}
	if a.Applied != s.Applied || a.Transferable != s.Transferable {
		d.disagrees = "the plan comes to other numbers than the ranking"
	}
	d.best = d.ours.value
	for n, v := range d.theirs {
		d.proven = d.proven || v.proven
		if v.found {
			d.best = max(d.best, v.value)
		}
		if v.proven && d.ours.value > v.value {
			d.disagrees = fmt.Sprintf("%s proves %d to be the best, the plan comes to %d", peers[n].name, v.value, d.ours.value)
		}
	}
}

func sum(values []float64) (sum float64) {
	for _, v := range values {
		sum += v
	}
	return sum
}

// numbersTime measures the processor time of the two numbers, as a ranking of one
// programme asks for them, since solvers are not asked for ties and reasons
// either: short answers are given several times.
func numbersTime(m *transfer.Map, in instance) (transfer.Standing, float64) {
	const enough, most = 0.02, 20
	ask := transfer.Ask{Records: in.records, AsOf: AsOf(), Keep: func(k transfer.ProgrammeKey) bool { return k == in.to }, Top: 1}
	began := usage(syscall.RUSAGE_SELF)
	for n := 1; ; n++ {
		ranking := m.Rank(ask)
		if took := usage(syscall.RUSAGE_SELF) - began; took >= enough || n == most {
			return ranking.Standings[0], max(leastTime, took/float64(n))
		}
	}
}
