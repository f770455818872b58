package testbed_test

import (
	"bufio"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"creditbank/internal/testbed"
)

// query is the answer of a database to one statement.
func query(t *testing.T, dsn, statement string) string {
	t.Helper()
	answer, err := exec.Command("psql", "-XAtq", "-v", "ON_ERROR_STOP=1", "-c", statement, dsn).CombinedOutput()
	if err != nil {
		t.Fatalf("%s: %v: %s", statement, err, answer)
	}
	return strings.TrimSpace(string(answer))
}

func TestPostgres(t *testing.T) {
	first, second := testbed.Postgres(t), testbed.Postgres(t)
	query(t, first, "create table course (name text)")
	tests := []struct{ dsn, statement, want string }{
		{first, "select count(*) from information_schema.tables where table_name = 'course'", "1"},
		{second, "select count(*) from information_schema.tables where table_name = 'course'", "0"},
		{second, "select datcollate from pg_database where datname = current_database()", "C.UTF-8"},
		{second, "select upper('é') || length('学分银行')", "É4"},
		{second, "show synchronous_commit", "on"},
		{second, "show listen_addresses", "127.0.0.1"},
	}
	for _, tt := range tests {
		if got := query(t, tt.dsn, tt.statement); got != tt.want {
			t.Errorf("%s: got %q, want %q", tt.statement, got, tt.want)
		}
	}
}

func TestPostgresDatabasesAreDropped(t *testing.T) {
	var gone string
	t.Run("user", func(t *testing.T) {
		address, err := url.Parse(testbed.Postgres(t))
		if err != nil {
			t.Fatal(err)
		}
		gone = address.Path[1:]
	})
	statement := fmt.Sprintf("select count(*) from pg_database where datname = '%s'", gone)
	if got := query(t, testbed.Postgres(t), statement); got != "0" {
		t.Errorf("database %s is still there", gone)
	}
}

func TestPostgresWantsAPassword(t *testing.T) {
	address, err := url.Parse(testbed.Postgres(t))
	if err != nil {
		t.Fatal(err)
	}
	address.User = url.UserPassword("postgres", "guess")
	if answer, err := exec.Command("psql", "-c", "select 1", address.String()).CombinedOutput(); err == nil {
		t.Errorf("a wrong password was let in: %s", answer)
	}
}

// A test process that is killed leaves neither a server nor files.
func TestPostgresEndsWithUs(t *testing.T) {
	testbed.Require(t, "postgres")
	temp := filepath.Join("/tmp", fmt.Sprintf("creditbank-testbed-%d", os.Getpid()))
	if err := os.Mkdir(temp, 0o700); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(temp) })
	if err := os.Chmod(temp, 0o777|os.ModeSticky); err != nil {
		t.Fatal(err)
	}
	server := startAndKill(t, helper(t, "TestHelperPostgres", "CREDITBANK_TEST_HELPER=1", "TMPDIR="+temp))
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(20 * time.Millisecond) {
		left, err := filepath.Glob(filepath.Join(temp, "*"))
		if err != nil {
			t.Fatal(err)
		}
		if len(left) == 0 && syscall.Kill(server, 0) == syscall.ESRCH {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("left: files %v, server %d: %v", left, server, syscall.Kill(server, 0))
		}
	}
}

// startAndKill runs a helper until it says the number of its server, kills it,
// and is that number.
func startAndKill(t *testing.T, cmd *exec.Cmd) int {
	t.Helper()
	said, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	var server int
	for lines := bufio.NewScanner(said); server == 0 && lines.Scan(); {
		server, _ = strconv.Atoi(strings.TrimPrefix(lines.Text(), "server "))
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); server == 0 {
		t.Fatalf("the helper did not start a server: %v", err)
	}
	return server
}

// TestHelperPostgres runs in a process that is killed.
func TestHelperPostgres(t *testing.T) {
	if os.Getenv("CREDITBANK_TEST_HELPER") == "" {
		t.Skip("only for TestPostgresEndsWithUs")
	}
	dsn := testbed.Postgres(t)
	file := query(t, dsn, "select pg_read_file(current_setting('data_directory') || '/postmaster.pid')")
	number, _, _ := strings.Cut(file, "\n")
	fmt.Printf("server %s\n", number)
	time.Sleep(time.Minute)
}
