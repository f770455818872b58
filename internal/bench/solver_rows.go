package bench

import (
	"fmt"
	"math"
	"runtime"
	"strings"
	"time"

	"creditbank/internal/web"
)

// solvers sets the planning of one programme beside solvers of integer programmes.
func (r *run) solvers() error {
	peers, err := findSolvers(r.ctx, r.options.Dir)
	if err != nil {
		return err
	}
	if len(peers) == 0 {
		r.lackSolvers("no solver in PATH; on Debian: apt-get install glpk-utils coinor-cbc")
		return nil
	}
	room := web.Room() // what is asked for, a server answers
	defer runtime.KeepAlive(room)
	watch := newWatch()
	var duels []duel
	for n, in := range instances(r.options.Seed, r.size.instances, r.size.hard) {
		d, err := r.duel(in, peers)
		if err != nil {
			return fmt.Errorf("%s %d: %w", in.family, n, err)
		}
		duels = append(duels, d)
		if err := r.ctx.Err(); err != nil {
			return err
		}
	}
	r.solverRows(duels, peers, watch.disturbed(byCPU))
	return nil
}

func (r *run) lackSolvers(why string) {
	for _, row := range []Row{rowP1(), rowP2(), rowP3(), rowP4(), rowP5(), rowP6()} {
		r.add(row.lacking(why))
	}
}

// inTime says whether we answered within a second of processor time.
func (d *duel) inTime() bool { return d.ours.took <= time.Second.Seconds() }

// bestPeer is the least time of a solver that proved its value; where none did,
// the least that it had not.
func (d *duel) bestPeer() float64 {
	best, proven := math.Inf(1), false
	for _, v := range d.theirs {
		switch {
		case v.proven && !proven:
			best, proven = v.took, true
		case v.proven == proven:
			best = min(best, v.took)
		}
	}
	return best
}

func rowP1() Row {
	return Row{ID: "P1", What: "optimum equal, where both prove it", Beside: "GLPK, CBC, HiGHS", Unit: "%", Must: atLeast(100), Aim: atLeast(100)}
}

func rowP2() Row {
	return Row{ID: "P2", What: "best known value within 1 s", Beside: "best of all solvers", Unit: "%", Must: atLeast(99), Aim: atLeast(100)}
}

func rowP3() Row {
	return Row{ID: "P3", What: "proven within 1 s, of what a peer proves", Beside: "GLPK, CBC, HiGHS", Unit: "%", Must: atLeast(95), Aim: atLeast(100)}
}

func rowP4() Row {
	return Row{ID: "P4", What: "CPU time, p50 and p90: the lower ratio", Beside: "the better peer, instance by instance", Unit: "×", Must: atLeast(20), Aim: atLeast(50)}
}

func rowP5() Row {
	return Row{ID: "P5", What: "CPU time, p99", Beside: "the better peer, instance by instance", Unit: "×", Must: atLeast(1), Aim: atLeast(5)}
}

func rowP6() Row {
	return Row{ID: "P6", What: "built to be hard: the lowest family", Beside: "best peer per family", Unit: "×", Must: atLeast(5), Aim: atLeast(10)}
}

// solverRows turns the duels into rows.
func (r *run) solverRows(duels []duel, peers []*solver, disturbed string) {
	var names []string
	for _, s := range peers {
		names = append(names, fmt.Sprintf("%s (start %s)", s.name, took(s.start)))
	}
	p1 := shareOf(rowP1(), duels, func(d *duel) bool { return d.proven && d.ours.proven }, func(d *duel) bool { return d.agrees() })
	p1.note("beside %s, %s each; the median of %d turns, of a peer that takes long fewer; %d of %d instances are proven by a peer", strings.Join(names, ", "), took(r.size.patience.Seconds()), turns,
		count(duels, func(d *duel) bool { return d.proven }), len(duels))
	for i := range duels {
		if duels[i].disagrees != "" {
			p1.fault("%s, instance %d: %s", duels[i].family, i, duels[i].disagrees)
		}
	}
	p2 := shareOf(rowP2(), duels, func(*duel) bool { return true }, func(d *duel) bool { return d.inTime() && d.ours.value >= d.best })
	p3 := shareOf(rowP3(), duels, func(d *duel) bool { return d.proven }, func(d *duel) bool { return d.ours.proven && d.inTime() })
	rows := append([]Row{p1, p2, p3}, timeRows(duels)...)
	rows = append(rows, hardRow(duels, peers))
	for _, row := range rows {
		row.Disturbed = disturbed
		r.add(row)
	}
}

// agrees says whether ours is the value that a solver proved.
func (d *duel) agrees() bool {
	for _, v := range d.theirs {
		if v.proven && v.value != d.ours.value {
			return false
		}
	}
	return true
}

func count(duels []duel, is func(*duel) bool) int {
	n := 0
	for i := range duels {
		if is(&duels[i]) {
			n++
		}
	}
	return n
}

// shareOf fills a row with how many in a hundred of some duels are good.
func shareOf(row Row, duels []duel, among, good func(*duel) bool) Row {
	all := count(duels, among)
	if all == 0 {
		return row.lacking("there was no such instance")
	}
	fine := count(duels, func(d *duel) bool { return among(d) && good(d) })
	row.Value, row.Pairs = 100*float64(fine)/float64(all), 1
	row.Low, row.High = row.Value, row.Value
	row.note("%d of %d", fine, all)
	return row
}

// timeRows compares the times of the mixed instances, quantile by quantile.
func timeRows(duels []duel) []Row {
	var ours, theirs, ratios []float64
	for i := range duels {
		if d := &duels[i]; d.family == familyMixed {
			ours, theirs, ratios = append(ours, d.ours.took), append(theirs, d.bestPeer()), append(ratios, d.bestPeer()/d.ours.took)
		}
	}
	if len(ours) == 0 {
		return []Row{rowP4().lacking("there was no such instance"), rowP5().lacking("there was no such instance")}
	}
	at := func(share float64) float64 { return quantile(theirs, share) / quantile(ours, share) }
	p4, p5 := rowP4(), rowP5()
	p4.Value, p4.Low, p4.High, p4.Pairs = min(at(0.5), at(0.9)), quantile(ratios, 0.1), quantile(ratios, 0.9), len(ratios)
	p4.note("p50 %s × (%s beside %s), p90 %s × (%s beside %s), of %d instances; low and high are the tenth and the ninetieth in a hundred instances",
		figure(at(0.5)), took(quantile(ours, 0.5)), took(quantile(theirs, 0.5)), figure(at(0.9)), took(quantile(ours, 0.9)), took(quantile(theirs, 0.9)), len(ours))
	p5.Value, p5.Low, p5.High, p5.Pairs = at(0.99), quantile(ratios, 0), quantile(ratios, 1), len(ratios)
	p5.note("%s beside %s; low and high are the worst and the best instance", took(quantile(ours, 0.99)), took(quantile(theirs, 0.99)))
	return []Row{p4, p5}
}

// hardRow compares, for each hard family, the time of all its instances with that
// of the peer that is best at the family. An instance that nobody proved counts
// with the time that was spent on it.
func hardRow(duels []duel, peers []*solver) Row {
	row := rowP6()
	row.Value, row.Low = math.Inf(1), math.Inf(1)
	for _, family := range hardFamilies() {
		ours, theirs := 0.0, make([]float64, len(peers))
		for i := range duels {
			if d := &duels[i]; d.family == family {
				ours += d.ours.took
				for s, v := range d.theirs {
					theirs[s] += v.took
				}
			}
		}
		best, name := math.Inf(1), ""
		for s, sum := range theirs {
			if sum < best {
				best, name = sum, peers[s].name
			}
		}
		row.Value, row.Low, row.High = min(row.Value, best/ours), min(row.Low, best/ours), max(row.High, best/ours)
		row.Pairs++
		row.note("%s: %s × (%s beside %s of %s)", family, figure(best/ours), took(ours), took(best), name)
	}
	return row
}
