package testbed_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"creditbank/internal/testbed"
)

func TestMain(m *testing.M) { os.Exit(testbed.Main(m)) }

// attempt runs Require in a test of its own and says how that ended.
type attempt struct {
	testing.TB
	ending, reason string
}

func (a *attempt) Helper() {}

func (a *attempt) Skipf(format string, args ...any) { a.end("skip", format, args) }

func (a *attempt) Fatalf(format string, args ...any) { a.end("fatal", format, args) }

func (a *attempt) end(ending, format string, args []any) {
	a.ending, a.reason = ending, strings.TrimSpace(format)
	panic(a)
}

func require(what string) (a attempt) {
	defer func() { _ = recover() }()
	testbed.Require(&a, what)
	return a
}

func TestRequire(t *testing.T) {
	t.Chdir(t.TempDir())
	tests := []struct{ what, variable, want string }{
		{"shared", "", "skip"},
		{"shared", "postgres,browser", "skip"},
		{"shared", "postgres,shared", "fatal"},
		{"oracle", "", "fatal"},
	}
	for _, tt := range tests {
		t.Setenv("CREDITBANK_TEST_REQUIRE", tt.variable)
		if got := require(tt.what); got.ending != tt.want {
			t.Errorf("%s with %q: got %q, want %q", tt.what, tt.variable, got.ending, tt.want)
		}
	}
}

func TestSharedIsBesideTheCheckout(t *testing.T) {
	top := t.TempDir()
	inner := filepath.Join(top, "checkout", "internal", "x")
	want := filepath.Join(top, "shared")
	for _, folder := range []string{inner, want} {
		if err := os.MkdirAll(folder, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(top, "checkout", "go.mod"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	t.Chdir(inner)
	if got := testbed.Shared(t); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// helper makes this test binary run one of its own tests, which is meant to die.
func helper(t *testing.T, name string, env ...string) *exec.Cmd {
	t.Helper()
	cmd := exec.Command(os.Args[0], "-test.run=^"+name+"$", "-test.v")
	cmd.Env = append(os.Environ(), env...)
	return cmd
}
