package bank_test

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"creditbank/internal/bank"
	"creditbank/internal/testbed"
)

// writerOrder, in the environment, makes a process of this program write to a bank:
// how many rounds of four, a colon, and the file.
const writerOrder = "CREDITBANK_TEST_WRITER"

// TestWriterProcess is not a test but the process of [TestFailingFlush] and
// [TestKilledProcess]: it prints what became of each write.
func TestWriterProcess(t *testing.T) {
	rounds, path, found := strings.Cut(os.Getenv(writerOrder), ":")
	if !found {
		t.Skip("only for the process that another test starts")
	}
	most, err := strconv.Atoi(rounds)
	if err != nil {
		t.Fatal(err)
	}
	b, err := bank.Open(ctx, "sqlite:"+path)
	if err != nil {
		t.Fatal(err)
	}
	for round := range most {
		var wait sync.WaitGroup
		for i := range 4 {
			wait.Go(func() {
				name := fmt.Sprintf("%d-%d", round, i)
				switch err := b.Write(ctx, line(name)); {
				case err == nil:
					fmt.Println("kept", name)
				case unknown(err) && bank.Explain(err) != nil && bank.Explain(err).Key == "error.db_io":
					fmt.Println("unknown", name)
				default:
					fmt.Println("wrong", name, err)
				}
			})
		}
		wait.Wait()
	}
}

// A disk that does not confirm: each write is kept or unknown, never failed; what
// was acknowledged is there, and the bank goes on after it.
func TestFailingFlush(t *testing.T) {
	testbed.Require(t, "strace")
	const strace = "strace"
	if said, err := exec.Command(strace, "-o", "/dev/null", "true").CombinedOutput(); err != nil {
		t.Skipf("strace may not trace here: %v: %s", err, said)
	}
	path := filepath.Join(t.TempDir(), "bank.db")
	open(t, "sqlite:"+path)
	// Each thread's own third flush fails, and every fifth after that.
	writer := exec.Command(strace, "-f", "-o", "/dev/null", "-e", "trace=fsync,fdatasync", "-e", "inject=fsync,fdatasync:error=EIO:when=3+5",
		os.Args[0], "-test.run=^TestWriterProcess$", "-test.v")
	writer.Env = append(os.Environ(), writerOrder+"=60:"+path)
	said, err := writer.CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %.500s", err, said)
	}
	told := map[string][]string{}
	var order []string
	for lines := bufio.NewScanner(bytes.NewReader(said)); lines.Scan(); {
		if what, name, found := strings.Cut(lines.Text(), " "); found && slices.Contains([]string{"kept", "unknown", "wrong"}, what) {
			told[what] = append(told[what], name)
			order = append(order, what)
		}
	}
	if len(told["wrong"]) > 0 || len(told["unknown"]) == 0 || len(told["kept"])+len(told["unknown"]) != 240 {
		t.Errorf("%d kept, %d unknown, wrong: %q", len(told["kept"]), len(told["unknown"]), told["wrong"])
	}
	if first := slices.Index(order, "unknown"); first >= 0 && !slices.Contains(order[first:], "kept") {
		t.Error("nothing was kept after the first failure")
	}
	got := open(t, "sqlite:"+path).Notes(t)
	wantAll(t, got, told["kept"])
	slices.Sort(got)
	if len(slices.Compact(got)) != len(got) {
		t.Error("something is kept twice")
	}
}

// A process that is killed between two writes, or in one, loses nothing that it
// had acknowledged.
func TestKilledProcess(t *testing.T) {
	path := filepath.Join(t.TempDir(), "bank.db")
	writer := exec.Command(os.Args[0], "-test.run=^TestWriterProcess$", "-test.v")
	writer.Env = append(os.Environ(), writerOrder+"=1000000:"+path)
	out, err := writer.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := writer.Start(); err != nil {
		t.Fatal(err)
	}
	var kept []string
	for lines := bufio.NewScanner(out); lines.Scan(); {
		if name, found := strings.CutPrefix(lines.Text(), "kept "); found {
			kept = append(kept, name)
		}
		if len(kept) == 100 {
			_ = writer.Process.Kill() // what it had still said is read to the end
		}
	}
	if err := writer.Wait(); err == nil {
		t.Error("it came to its end before it was killed")
	}
	wantAll(t, open(t, "sqlite:"+path).Notes(t), kept)
}
