package transfer_test

import (
	"bufio"
	"compress/gzip"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"creditbank/internal/credit"
	"creditbank/internal/testbed"
	"creditbank/internal/transfer"
)

// optima holds puzzles of every family with the two numbers that another solver has
// proven, so that nobody needs that solver. A puzzle is some lines:
//
//	puzzle FAMILY SEED applied N transferable N by SOLVER
//	needs CREDITS...                     of each group
//	records COUNT certificates RECORD...
//	cap KIND KEY|- CREDITS
//	rule RECORD,... COURSE/GROUP/CREDITS...    course −1: unassigned; credits x: an exemption
//
// Credits are in halves.
const optima = "testdata/optima.txt.gz"

// solved is a puzzle and what is known of it.
type solved struct {
	puzzle
	name                  string
	applied, transferable credit.Amount
}

// The optima that other solvers have proven are found, and nothing better.
func TestKnownOptima(t *testing.T) {
	list := readOptima(t)
	if len(list) < 50 {
		t.Fatalf("only %d puzzles", len(list))
	}
	proven := 0
	for _, s := range list {
		w := s.world()
		a, _ := transfer.Compile(w.facts).Plan(w.facts.Programmes[0].ProgrammeKey, w.records, w.asOf)
		proven += bit(a.Optimal)
		if a.Optimal && (a.Applied != s.applied || a.Transferable != s.transferable) {
			t.Errorf("%s: got %s and %s as the best, want %s and %s", s.name, a.Applied, a.Transferable, s.applied, s.transferable)
		}
		if a.BoundApplied < s.applied || (a.BoundApplied == s.applied && a.BoundTotal < s.transferable) {
			t.Errorf("%s: at most %s and %s, and there are %s and %s", s.name, a.BoundApplied, a.BoundTotal, s.applied, s.transferable)
		}
	}
	if proven < len(list)*9/10 {
		t.Errorf("proved %d of %d", proven, len(list))
	}
}

func readOptima(t *testing.T) (list []solved) {
	t.Helper()
	file, err := os.Open(optima)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	text, err := gzip.NewReader(file)
	if err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(text)
	for lines.Scan() {
		f := strings.Fields(lines.Text())
		if f[0] == "puzzle" {
			list = append(list, solved{name: f[1] + " " + f[2], applied: half * credit.Amount(number(t, f[4])),
				transferable: half * credit.Amount(number(t, f[6]))})
			continue
		}
		list[len(list)-1].take(t, f)
	}
	if lines.Err() != nil {
		t.Fatal(lines.Err())
	}
	return list
}

// take reads one line.
func (p *puzzle) take(t *testing.T, f []string) {
	t.Helper()
	switch f[0] {
	case "needs":
		p.needs = numbers(t, f[1:])
	case "records":
		p.records, p.certificates = number(t, f[1]), numbers(t, f[3:])
	case "cap":
		p.caps = append(p.caps, puzzleCap{transfer.CapKind(f[1]), strings.Trim(f[2], "-"), number(t, f[3])})
	case "rule":
		one := piece{records: numbers(t, strings.Split(f[1], ","))}
		for _, text := range f[2:] {
			parts := strings.Split(text, "/")
			a := puzzleAward{course: number(t, parts[0]), group: number(t, parts[1]), exempt: parts[2] == "x"}
			if !a.exempt {
				a.credits = number(t, parts[2])
			}
			one.awards = append(one.awards, a)
		}
		p.pieces = append(p.pieces, one)
	default:
		t.Fatalf("unknown line %q", f)
	}
}

func number(t *testing.T, text string) int {
	t.Helper()
	n, err := strconv.Atoi(text)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func numbers(t *testing.T, texts []string) (list []int) {
	t.Helper()
	for _, text := range texts {
		list = append(list, number(t, text))
	}
	return list
}

// write is the opposite of take.
func (p *puzzle) write(w io.Writer) {
	fmt.Fprintln(w, "needs", list(p.needs, " "))
	fmt.Fprintln(w, "records", p.records, "certificates", list(p.certificates, " "))
	for _, c := range p.caps {
		key := c.key
		if key == "" {
			key = "-"
		}
		fmt.Fprintln(w, "cap", c.kind, key, c.limit)
	}
	for _, one := range p.pieces {
		fmt.Fprint(w, "rule ", list(one.records, ","))
		for _, a := range one.awards {
			credits := strconv.Itoa(a.credits)
			if a.exempt {
				credits = "x"
			}
			fmt.Fprintf(w, " %d/%d/%s", a.course, a.group, credits)
		}
		fmt.Fprintln(w)
	}
}

func list(numbers []int, between string) string {
	texts := make([]string, len(numbers))
	for i, n := range numbers {
		texts[i] = strconv.Itoa(n)
	}
	return strings.Join(texts, between)
}

// Run with CREDITBANK_TEST_WRITE_OPTIMA=1, this writes the file anew: ten puzzles
// of every family, the first that another solver proves.
func TestWriteOptima(t *testing.T) {
	if os.Getenv("CREDITBANK_TEST_WRITE_OPTIMA") == "" {
		t.Skip("CREDITBANK_TEST_WRITE_OPTIMA is not set")
	}
	testbed.Require(t, "solver")
	file, err := os.Create(optima)
	if err != nil {
		t.Fatal(err)
	}
	text := gzip.NewWriter(file)
	folder := t.TempDir()
	for _, name := range slices.Sorted(maps.Keys(families())) {
		for seed, written := uint64(1000), 0; written < 10; seed++ {
			written += bit(writeOptimum(t, text, folder, name, seed))
		}
	}
	for _, err := range []error{text.Close(), file.Close()} {
		if err != nil {
			t.Fatal(err)
		}
	}
}

// writeOptimum writes one puzzle if a solver proves its optimum.
func writeOptimum(t *testing.T, to io.Writer, folder, name string, seed uint64) bool {
	t.Helper()
	p := families()[name](seed)
	lp, _ := problemOf(t, p)
	for _, peer := range peers() {
		v, err := peer.solve(folder, lp.Text, 30)
		if err != nil {
			t.Fatal(err)
		}
		if v.proven {
			applied, transferable := lp.Numbers(v.objective)
			fmt.Fprintf(to, "puzzle %s %d applied %d transferable %d by %s\n", name, seed, applied/half, transferable/half, peer.name)
			p.write(to)
			return true
		}
	}
	return false
}
