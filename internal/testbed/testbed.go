// Package testbed gives tests real servers and a real browser, used once and
// thrown away. Only tests import it.
//
// What a machine lacks is skipped with a line that says so, except where the
// environment variable CREDITBANK_TEST_REQUIRE (a comma list of postgres,
// browser, shared, solver) says that it must be there.
package testbed

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"creditbank/internal/cluster"
)

// started is what the tests of this process share. The testing package has no
// other place for it.
var started servers

// servers are started by the first test that asks, and then serve them all.
type servers struct {
	mu        sync.Mutex
	postgres  *cluster.Cluster
	databases int  // how many were made
	model     bool // there is one that others are copies of
	browser   *browser
	failed    error // why postgres or the browser could not be started
}

// Main runs the tests of a package, then stops what they started, and is the
// exit code. A package that uses [Postgres] or [Browser] calls it so:
//
//	func TestMain(m *testing.M) { os.Exit(testbed.Main(m)) }
//
// A test process that dies without coming back here leaves nothing running
// either: see [cluster.Cluster]; and the browser dies with us.
func Main(m *testing.M) int {
	code := m.Run()
	if err := started.stop(); err != nil {
		fmt.Fprintln(os.Stderr, "testbed:", err)
		return max(code, 1)
	}
	return code
}

// stop stops what runs and waits for its end.
func (s *servers) stop() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	var errs []error
	if s.postgres != nil {
		errs = append(errs, s.postgres.Stop())
	}
	if s.browser != nil {
		errs = append(errs, s.browser.stop())
	}
	s.postgres, s.browser = nil, nil
	return errors.Join(errs...)
}

// Require skips a test for which this machine lacks something, with the reason;
// it fails the test instead when CREDITBANK_TEST_REQUIRE names that. What is one
// of postgres, browser, shared, solver and strace.
func Require(t testing.TB, what string) {
	t.Helper()
	missing, known := map[string]func() string{
		"postgres": cluster.Missing,
		"browser":  missingBrowser,
		"shared":   missingShared,
		"solver":   missingSolver,
		"strace":   missingStrace,
	}[what]
	if !known {
		t.Fatalf("testbed: nothing is called %q", what)
	}
	reason := missing()
	if reason == "" {
		return
	}
	if slices.Contains(strings.Split(os.Getenv("CREDITBANK_TEST_REQUIRE"), ","), what) {
		t.Fatalf("%s is required: %s", what, reason)
	}
	t.Skipf("%s: %s", what, reason)
}

// Shared is the folder of reference data beside the checkout, see [Require].
func Shared(t testing.TB) string {
	t.Helper()
	Require(t, "shared")
	return sharedFolder()
}

// sharedFolder is where the reference data would be: ../shared seen from the
// folder of go.mod. It is empty outside a module.
func sharedFolder() string {
	folder, err := os.Getwd()
	for err == nil {
		if _, err := os.Stat(filepath.Join(folder, "go.mod")); err == nil {
			return filepath.Join(filepath.Dir(folder), "shared")
		}
		if folder == filepath.Dir(folder) {
			break
		}
		folder = filepath.Dir(folder)
	}
	return ""
}

// missingShared says what is missing, and nothing when nothing is.
func missingShared() string {
	folder := sharedFolder()
	if info, err := os.Stat(folder); err != nil || !info.IsDir() {
		return "there is no folder " + folder
	}
	return ""
}

// missingStrace says what is missing, and nothing when nothing is.
func missingStrace() string {
	if program("strace") == "" {
		return "there is no strace; on Debian: apt-get install strace"
	}
	return ""
}

// program finds the first of several names that is a program, by PATH or as a
// pattern of paths; empty when there is none.
func program(names ...string) string {
	for _, name := range names {
		if found, _ := filepath.Glob(name); filepath.IsAbs(name) && len(found) > 0 {
			return found[len(found)-1]
		}
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	return ""
}
