package bench

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

// solver is a program for integer programmes that reads the CPLEX LP format.
type solver struct {
	name  string
	path  string
	start float64 // seconds of processor time that a trivial problem takes it
	args  func(problem, solution string, limit time.Duration) []string
	read  func(solution string) (value float64, proven bool, err error)
}

// verdict is what a solver says of a problem.
type verdict struct {
	value  int64 // of the objective
	found  bool  // it found something
	proven bool  // nothing is better
	took   float64
}

// findSolvers lists the solvers of this machine, with what each takes to start.
func findSolvers(ctx context.Context, dir string) ([]*solver, error) {
	known := []*solver{
		{name: "GLPK", path: "glpsol", args: glpkArgs, read: readGLPK},
		{name: "CBC", path: "cbc", args: cbcArgs, read: readCBC},
		{name: "HiGHS", path: "highs", args: highsArgs, read: readHiGHS},
	}
	var found []*solver
	for _, s := range known {
		path, err := exec.LookPath(s.path)
		if errors.Is(err, exec.ErrNotFound) {
			continue
		}
		if err != nil {
			return nil, err
		}
		s.path = path
		if err := s.measureStart(ctx, dir); err != nil {
			return nil, err
		}
		found = append(found, s)
	}
	return found, nil
}

const trivialProblem = "Maximize\n plan: 3 x1 + 2 x2\nSubject to\n one: x1 + x2 <= 1\nBinary\n x1\n x2\nEnd\n"

// measureStart finds what a solver takes to begin and to end.
func (s *solver) measureStart(ctx context.Context, dir string) error {
	var starts []float64
	for range 5 {
		v, err := s.solve(ctx, dir, trivialProblem, time.Second)
		if err != nil {
			return err
		}
		if !v.proven || v.value != 3 {
			return fmt.Errorf("%s says %+v of a problem whose best is 3", s.name, v)
		}
		starts = append(starts, v.took)
	}
	s.start = median(starts)
	return nil
}

// leastTime is the least that a solver's time counts as: the clock of a process
// that has just begun and ended is no finer.
const leastTime = 50e-6

// solve runs the solver on a problem. What it took is processor time of the
// process without its start.
func (s *solver) solve(ctx context.Context, dir, problem string, limit time.Duration) (verdict, error) {
	lp, solution := filepath.Join(dir, "problem.lp"), filepath.Join(dir, "solution.txt")
	if err := os.WriteFile(lp, []byte(problem), 0o600); err != nil {
		return verdict{}, err
	}
	if err := os.Remove(solution); err != nil && !errors.Is(err, os.ErrNotExist) {
		return verdict{}, err
	}
	const grace = 5 * time.Second // a solver may see its limit late
	ctx, stop := context.WithTimeout(ctx, limit+grace)
	defer stop()
	cmd := exec.CommandContext(ctx, s.path, s.args(lp, solution, limit)...)
	output, err := cmd.CombinedOutput()
	if err != nil && ctx.Err() == nil {
		return verdict{}, fmt.Errorf("%s: %w: %.200s", s.name, err, output)
	}
	v := verdict{took: max(leastTime, (cmd.ProcessState.UserTime()+cmd.ProcessState.SystemTime()).Seconds()-s.start)}
	value, proven, err := s.read(solution)
	if err != nil {
		return v, nil // it found nothing in its time
	}
	v.value, v.found, v.proven = int64(math.Round(math.Abs(value))), true, proven
	return v, nil
}

func wholeSeconds(d time.Duration) string { return strconv.Itoa(int(math.Ceil(d.Seconds()))) }

func glpkArgs(problem, solution string, limit time.Duration) []string {
	return []string{"--lp", problem, "--tmlim", wholeSeconds(limit), "-w", solution}
}

// readGLPK reads the line "s mip ROWS COLUMNS STATUS VALUE": o is optimal, f is
// feasible (GLPK reference manual, glp_write_mip).
func readGLPK(solution string) (float64, bool, error) {
	line, err := lineWith(solution, "s mip ")
	if err != nil {
		return 0, false, err
	}
	fields := strings.Fields(line)
	if len(fields) != 6 || !slices.Contains([]string{"o", "f"}, fields[4]) {
		return 0, false, fmt.Errorf("no solution in %q", line)
	}
	value, err := strconv.ParseFloat(fields[5], 64)
	return value, fields[4] == "o", err
}

func cbcArgs(problem, solution string, limit time.Duration) []string {
	return []string{problem, "-timeMode", "elapsed", "-sec", wholeSeconds(limit), "-solve", "-solution", solution}
}

// readCBC reads the first line of its solution: "Optimal - objective value VALUE",
// or "Stopped on time - objective value VALUE".
func readCBC(solution string) (float64, bool, error) {
	line, err := lineWith(solution, "")
	if err != nil {
		return 0, false, err
	}
	status, value, found := strings.Cut(line, "objective value")
	if !found || strings.Contains(status, "no integer solution") || strings.Contains(status, "nfeasible") {
		return 0, false, fmt.Errorf("no solution in %q", line)
	}
	v, err := strconv.ParseFloat(strings.TrimSpace(value), 64)
	return v, strings.HasPrefix(status, "Optimal"), err
}

func highsArgs(problem, solution string, limit time.Duration) []string {
	return []string{problem, "--time_limit", wholeSeconds(limit), "--parallel", "off", "--solution_file", solution}
}

// readHiGHS reads "Model status", then the word on the next line, and "Objective VALUE".
func readHiGHS(solution string) (float64, bool, error) {
	line, err := lineWith(solution, "Objective ")
	if err != nil {
		return 0, false, err
	}
	value, err := strconv.ParseFloat(strings.Fields(line)[1], 64)
	_, missing := lineWith(solution, "Optimal")
	return value, missing == nil, err
}

// lineWith is the first line of a file that begins with a text.
func lineWith(path, prefix string) (line string, err error) {
	file, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	lines := bufio.NewScanner(file)
	for lines.Scan() {
		if strings.HasPrefix(lines.Text(), prefix) {
			return lines.Text(), nil
		}
	}
	return "", errors.Join(fmt.Errorf("%s: no line begins with %q", filepath.Base(path), prefix), lines.Err())
}
