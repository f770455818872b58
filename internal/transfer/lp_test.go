package transfer_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"creditbank/internal/transfer"
)

// peer is another program that solves integer programmes.
type peer struct {
	name      string
	arguments func(problem, solution string, seconds int) []string
	read      func(solution string) (status string, objective float64, err error)
}

// peers are the solvers that this machine has.
func peers() []peer {
	var list []peer
	for _, p := range []peer{
		{"glpsol", func(problem, solution string, seconds int) []string {
			return []string{"--lp", problem, "--tmlim", fmt.Sprint(seconds), "-w", solution}
		}, readGLPK},
		{"cbc", func(problem, solution string, seconds int) []string {
			return []string{problem, "-timeMode", "elapsed", "-sec", fmt.Sprint(seconds), "-ratio", "0", "-solve", "-solu", solution}
		}, readCBC},
	} {
		if _, err := exec.LookPath(p.name); err == nil {
			list = append(list, p)
		}
	}
	return list
}

// verdict is what a peer says of a problem.
type verdict struct {
	proven    bool
	objective int64
}

// solve lets the peer work on a problem for so many seconds.
func (p peer) solve(folder, text string, seconds int) (verdict, error) {
	problem, solution := filepath.Join(folder, p.name+".lp"), filepath.Join(folder, p.name+".out")
	if err := errors.Join(os.WriteFile(problem, []byte(text), 0o600), os.RemoveAll(solution)); err != nil {
		return verdict{}, err
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Duration(seconds+20)*time.Second)
	defer cancel()
	cmd := exec.CommandContext(ctx, p.name, p.arguments(problem, solution, seconds)...)
	out, err := cmd.CombinedOutput()
	switch {
	case ctx.Err() != nil:
		return verdict{}, nil // it does not keep to its time
	case err != nil:
		return verdict{}, fmt.Errorf("%s: %w\n%s", p.name, err, out)
	}
	status, objective, err := p.read(solution)
	if err != nil {
		return verdict{}, fmt.Errorf("%s: %w", p.name, err)
	}
	return verdict{proven: status == "proven", objective: int64(math.Round(objective))}, nil
}

// readGLPK reads the line "s mip ROWS COLUMNS STATUS OBJECTIVE" of its solution.
func readGLPK(path string) (status string, objective float64, err error) {
	text, err := os.ReadFile(path)
	for lines := bufio.NewScanner(strings.NewReader(string(text))); lines.Scan(); {
		if f := strings.Fields(lines.Text()); len(f) == 6 && f[0] == "s" && f[1] == "mip" {
			if f[4] == "o" {
				status = "proven"
			}
			_, err := fmt.Sscan(f[5], &objective)
			return status, objective, err
		}
	}
	return "", 0, errors.Join(err, errors.New("no solution"))
}

// readCBC reads the first line of its solution, "Optimal - objective value 12".
// Of a problem that asks for the most it tells the value below zero.
func readCBC(path string) (status string, objective float64, err error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return "", 0, err
	}
	line, _, _ := strings.Cut(string(text), "\n")
	said, value, found := strings.Cut(line, "objective value ")
	if !found {
		return "", 0, fmt.Errorf("no solution in %q", line)
	}
	if strings.HasPrefix(said, "Optimal") {
		status = "proven"
	}
	_, err = fmt.Sscan(value, &objective)
	return status, math.Abs(objective), err
}

// problemOf is the puzzle as other solvers read it, and the engine's answer to it.
func problemOf(t *testing.T, p puzzle) (transfer.LP, transfer.Answer) {
	t.Helper()
	w := p.world()
	m := transfer.Compile(w.facts)
	to := w.facts.Programmes[0].ProgrammeKey
	lp, known := m.LP(to, w.records, w.asOf)
	a, too := m.Plan(to, w.records, w.asOf)
	if !known || !too {
		t.Fatal("no answer")
	}
	return lp, a
}
