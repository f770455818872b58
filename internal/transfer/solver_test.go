package transfer_test

import (
	"fmt"
	"maps"
	"os"
	"slices"
	"strconv"
	"sync"
	"testing"

	"creditbank/internal/credit"
	"creditbank/internal/testbed"
	"creditbank/internal/transfer"
)

// instances is how many puzzles are shown to other solvers: as many as
// CREDITBANK_TEST_SOLVER_INSTANCES says, 200 without it, and how many seconds
// each solver may take for one.
func instances(t *testing.T) (count, seconds int) {
	t.Helper()
	said := os.Getenv("CREDITBANK_TEST_SOLVER_INSTANCES")
	if said == "" {
		return 200, 2
	}
	count, err := strconv.Atoi(said)
	if err != nil {
		t.Fatal(err)
	}
	return count, 5
}

// What GLPK and CBC prove to be the best, programs that know nothing of ours, is
// what the engine answers; and where only one side proves it, the other's numbers
// are no better.
func TestOptimumEqualsASolvers(t *testing.T) {
	testbed.Require(t, "solver")
	count, seconds := instances(t)
	names := slices.Sorted(maps.Keys(families()))
	var proven, ours tally
	turns := make(chan int)
	var workers sync.WaitGroup
	for range 2 {
		folder := t.TempDir()
		workers.Go(func() {
			for n := range turns {
				name := "mixed"
				if n%3 == 2 {
					name = names[n/3%len(names)]
				}
				r := compareWithPeers(t, folder, fmt.Sprint(name, " ", n), families()[name](uint64(n)), seconds)
				proven.add(r.theirs)
				ours.add(r.ours)
			}
		})
	}
	for n := range count {
		turns <- n
	}
	close(turns)
	workers.Wait()
	t.Logf("%d puzzles: another solver proved the optimum of %d, this engine of %d", count, proven.n, ours.n)
	if proven.n < count/2 {
		t.Errorf("only %d of %d puzzles were proven by another solver: that tests too little", proven.n, count)
	}
}

// tally counts from several goroutines.
type tally struct {
	mu sync.Mutex
	n  int
}

func (c *tally) add(yes bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.n += bit(yes)
}

type provers struct{ ours, theirs bool }

// compareWithPeers holds the engine's answer to a puzzle against every solver there is.
func compareWithPeers(t *testing.T, folder, name string, p puzzle, seconds int) (by provers) {
	lp, a := problemOf(t, p)
	w := p.world()
	numbers := transfer.Compile(w.facts).PlanWithin(w.facts.Programmes[0].ProgrammeKey, w.records, w.asOf, 100_000_000)
	by.ours = a.Optimal
	for _, peer := range peers() {
		v, err := peer.solve(folder, lp.Text, seconds)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		by.theirs = by.theirs || v.proven
		for _, problem := range slices.Concat(disagreements(lp, &a, v), disagreements(lp, &numbers, v)) {
			t.Errorf("%s: %s: %s", name, peer.name, problem)
		}
	}
	return by
}

// disagreements lists where an answer and a solver's verdict cannot both hold.
func disagreements(lp transfer.LP, a *transfer.Answer, v verdict) (problems []string) {
	have, best := lp.Objective(a.Applied, a.Transferable), lp.Objective(a.BoundApplied, a.BoundTotal)
	if v.proven && have > v.objective {
		problems = append(problems, fmt.Sprintf("proves %d to be the best, and the plan comes to %d", v.objective, have))
	}
	if a.Optimal && v.objective > have {
		problems = append(problems, fmt.Sprintf("found %d, and %d is said to be the best", v.objective, have))
	}
	applied, transferable := lp.Numbers(v.objective)
	if applied > a.BoundApplied || (applied == a.Applied && a.BoundApplied == a.Applied && transferable > a.BoundTotal) {
		problems = append(problems, fmt.Sprintf("found %d, and %d is said to be the limit", v.objective, best))
	}
	return problems
}

// A problem written for others says of a plan what the plan says of itself.
func TestNumbersOfAnObjective(t *testing.T) {
	lp, _ := problemOf(t, mixedPuzzle(1))
	for _, n := range [][2]credit.Amount{{0, 0}, {0, 12 * lp.Unit}, {7 * lp.Unit, 9 * lp.Unit}} {
		if applied, transferable := lp.Numbers(lp.Objective(n[0], n[1])); applied != n[0] || transferable != n[1] {
			t.Errorf("got %s and %s, want %s and %s", applied, transferable, n[0], n[1])
		}
	}
}

// Where there is nothing to choose, the problem is one that solvers read all the same.
func TestEmptyProblemIsAProblem(t *testing.T) {
	testbed.Require(t, "solver")
	for _, groups := range [][]int{nil, {10, 20}} {
		p := puzzle{needs: groups, records: 2}
		if by := compareWithPeers(t, t.TempDir(), "nothing", p, 5); !by.ours || !by.theirs {
			t.Errorf("groups %d: not solved by all: %+v", groups, by)
		}
	}
}

// There is no problem of a programme that the map does not know.
func TestProblemOfNoProgramme(t *testing.T) {
	p := mixedPuzzle(1)
	w := p.world()
	if _, known := transfer.Compile(w.facts).LP(transfer.ProgrammeKey{Institution: home, Code: "P9"}, w.records, w.asOf); known {
		t.Error("a problem of a programme that is not there")
	}
}
