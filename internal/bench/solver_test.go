package bench

import (
	"os"
	"path/filepath"
	"reflect"
	"testing"
	"time"

	"creditbank/internal/testbed"
	"creditbank/internal/transfer"
)

func TestInstancesAreDeterministicAndCompile(t *testing.T) {
	again := instances(4, 3, 2)
	for n, in := range instances(4, 3, 2) {
		if !reflect.DeepEqual(in, again[n]) {
			t.Errorf("%s %d: one seed gave two instances", in.family, n)
		}
		m := transfer.Compile(in.facts)
		if len(m.Faults()) > 0 || m.Size() < 40 {
			t.Errorf("%s %d: %d rules, faults %v", in.family, n, m.Size(), m.Faults())
		}
	}
}

func TestSolutionsAreRead(t *testing.T) {
	for name, c := range map[string]struct {
		read   func(string) (float64, bool, error)
		text   string
		value  float64
		proven bool
		fails  bool
	}{
		"GLPK, optimal":   {readGLPK, "c Problem:\nc\ns mip 1 2 o 30\ni 1 1\n", 30, true, false},
		"GLPK, feasible":  {readGLPK, "s mip 1 2 f 12.0\n", 12, false, false},
		"GLPK, none":      {readGLPK, "s mip 1 2 u 0\n", 0, false, true},
		"CBC, optimal":    {readCBC, "Optimal - objective value 3.00000000\n 0 x 1 3\n", 3, true, false},
		"CBC, stopped":    {readCBC, "Stopped on time - objective value -41.00000000\n", -41, false, false},
		"CBC, none":       {readCBC, "Stopped on time (no integer solution - continuous used) - objective value 44.5\n", 0, false, true},
		"HiGHS, optimal":  {readHiGHS, "Model status\nOptimal\n\n# Primal solution values\nFeasible\nObjective 7\n", 7, true, false},
		"HiGHS, stopped":  {readHiGHS, "Model status\nTime limit reached\n\n# Primal\nFeasible\nObjective 5\n", 5, false, false},
		"nothing written": {readGLPK, "", 0, false, true},
	} {
		path := filepath.Join(t.TempDir(), "solution")
		if err := os.WriteFile(path, []byte(c.text), 0o600); err != nil {
			t.Fatal(err)
		}
		value, proven, err := c.read(path)
		if (err != nil) != c.fails || (err == nil && (value != c.value || proven != c.proven)) {
			t.Errorf("%s: got %v, %v, %v", name, value, proven, err)
		}
	}
}

func TestWithoutSolversNothingPasses(t *testing.T) {
	r := tinyRun(t)
	t.Setenv("PATH", t.TempDir())
	if err := r.solvers(); err != nil {
		t.Fatal(err)
	}
	if len(r.report.Rows) != 6 {
		t.Errorf("%d rows, want 6", len(r.report.Rows))
	}
	for _, row := range r.report.Rows {
		if row.Verdict != NotMeasured {
			t.Errorf("%s: %s without a solver", row.ID, row.Verdict)
		}
	}
}

// The rows say what the duels came to.
func TestSolverRows(t *testing.T) {
	r := tinyRun(t)
	proven := func(value int64, took float64) verdict {
		return verdict{value: value, found: true, proven: true, took: took}
	}
	duels := []duel{
		{family: familyMixed, ours: proven(10, 0.001), theirs: []verdict{proven(10, 0.05), proven(10, 0.02)}, proven: true, best: 10},
		{family: familyMixed, ours: proven(9, 0.001), theirs: []verdict{proven(10, 0.03), {took: 2}}, proven: true, best: 10},
		{family: familyMixed, ours: proven(7, 1.5), theirs: []verdict{{value: 7, found: true, took: 2}, {took: 2}}, best: 7},
	}
	for _, family := range hardFamilies() {
		duels = append(duels, duel{family: family, ours: proven(5, 0.01), theirs: []verdict{proven(5, 0.1), proven(5, 0.3)}, proven: true, best: 5})
	}
	r.solverRows(duels, []*solver{{name: "one"}, {name: "two"}}, "")
	want := map[string]float64{"P1": 80, "P2": 100 * 4.0 / 6, "P3": 100, "P6": 10}
	for _, row := range r.report.Rows {
		if value, judged := want[row.ID]; judged && !near(row.Value, value) {
			t.Errorf("%s: got %v, want %v", row.ID, row.Value, value)
		}
	}
	if len(r.report.Rows) != 6 {
		t.Errorf("%d rows, want 6", len(r.report.Rows))
	}
}

func near(a, b float64) bool { return a-b < 1e-9 && b-a < 1e-9 }

func TestSolversOfThisMachine(t *testing.T) {
	testbed.Require(t, "solver")
	dir := t.TempDir()
	peers, err := findSolvers(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	r := tinyRun(t)
	in := newInstance(2, familyMixed, 2)
	d, err := r.duel(in, peers)
	if err != nil {
		t.Fatal(err)
	}
	if d.disagrees != "" || !d.proven || !d.agrees() || d.ours.took <= 0 {
		t.Errorf("got %+v", d)
	}
	const hopeless = "Maximize\n plan: x1\nSubject to\n never: x1 >= 2\nBinary\n x1\nEnd\n"
	for _, s := range peers {
		if v, err := s.solve(t.Context(), dir, hopeless, time.Second); err != nil || v.proven {
			t.Errorf("%s proves %+v of what cannot be: %v", s.name, v, err)
		}
	}
}
