package intake_test

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"creditbank/internal/bank"
)

// What one file may take: the memory of the process that reads it, and processor time.
const (
	mostMemory = 256 << 20
	mostWork   = 10 // seconds
)

// What the process is told: which file it is, and where.
const (
	hostileName = "CREDITBANK_HOSTILE_FILE"
	hostilePath = "CREDITBANK_HOSTILE_PATH"
)

// Every hostile file is refused with the right words or read right; in a process of
// its own, so that what it takes can be seen.
func TestHostileFiles(t *testing.T) {
	files := hostileFiles()
	if len(files) < 60 {
		t.Errorf("%d files", len(files))
	}
	for _, f := range files {
		t.Run(f.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "hostile")
			if err := os.WriteFile(path, f.make(), 0o600); err != nil {
				t.Fatal(err)
			}
			child := exec.Command(os.Args[0], "-test.run=^TestOneHostileFile$", "-test.v")
			child.Env = append(os.Environ(), hostileName+"="+f.name, hostilePath+"="+path)
			out, err := child.CombinedOutput()
			used := child.ProcessState.SysUsage().(*syscall.Rusage)
			if err != nil {
				t.Fatalf("%v\n%.2000s", err, out)
			}
			if used.Utime.Sec+used.Stime.Sec >= mostWork {
				t.Errorf("it took %d s of the processor", used.Utime.Sec+used.Stime.Sec)
			}
		})
	}
}

// TestOneHostileFile is the process of TestHostileFiles.
func TestOneHostileFile(t *testing.T) {
	at := slices.IndexFunc(hostileFiles(), func(f hostile) bool { return f.name == os.Getenv(hostileName) })
	if at < 0 {
		return
	}
	f := hostileFiles()[at]
	b := open(t)
	for _, have := range [][2]string{{"institutions", "code,name,kind\nA,Abroad,overseas\n"}, {"courses", "institution,code,name,credits\nA,007,Seven,1\n"}, {"learners", "account,name\nL1,示例学员\n"}} {
		if r, err := take(b, have[0], "", []byte(have[1])); err != nil || !r.Written {
			t.Fatalf("%+v %v", r, err)
		}
	}
	before := count(t, b)
	file, err := os.Open(os.Getenv(hostilePath))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	got := outcome(takeFrom(b, f.kind, "", file))
	if !fits(got, f.want) {
		t.Errorf("it ends as %q, want %q", got, f.want)
	}
	if memory := mostHeld(t); memory > mostMemory {
		t.Errorf("it took %d MB", memory>>20)
	}
	if after := count(t, b); !strings.HasPrefix(f.want, "read") && after != before {
		t.Errorf("something was written: %s, before %s", after, before)
	}
}

// mostHeld is the most memory this process ever held, in bytes. It asks the process itself:
// what a parent is told of a child that ended (ru_maxrss) counts the parent's own pages too,
// since the two share them until the child runs its program.
func mostHeld(t *testing.T) (bytes int64) {
	t.Helper()
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(status), "VmHWM:")
	if _, err := fmt.Sscanf(rest, "%d kB", &bytes); err != nil {
		t.Fatal(err)
	}
	return bytes << 10
}

// outcome words how an import ended, as in hostile.want.
func outcome(r bank.ImportReport, err error) string {
	var refusal *bank.Error
	switch {
	case errors.As(err, &refusal):
		return "file " + refusal.Fields[0].Code
	case err != nil:
		return err.Error()
	}
	words := []string{fmt.Sprintf("read %d", r.New+r.Unchanged)}
	if r.Refused > 0 {
		words = []string{"rows"}
	}
	for _, e := range r.Errors {
		if !slices.Contains(words, e.Code) {
			words = append(words, e.Code)
		}
	}
	for _, n := range r.Notes {
		if !slices.Contains(words, n.Code) && r.Refused == 0 {
			words = append(words, n.Code)
		}
	}
	return strings.Join(words, " ")
}

// fits says whether what was wanted is said.
func fits(got, want string) bool {
	if strings.HasPrefix(want, "rows") {
		return strings.HasPrefix(got, "rows") && strings.Contains(got+" ", want[4:]+" ")
	}
	return got == want
}

// count is what there is of the kinds that hostile files are of.
func count(t *testing.T, b *bank.Bank) string {
	t.Helper()
	n := map[string]int{}
	for _, kind := range []string{"regions", "learners", "records"} {
		if err := b.Export(t.Context(), operator, kind, func(...string) error { n[kind]++; return nil }); err != nil {
			t.Fatal(err)
		}
	}
	return fmt.Sprint(n)
}
