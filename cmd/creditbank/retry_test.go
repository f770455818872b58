package main

import (
	"bufio"
	"database/sql"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// server is the program, serving.
type server struct {
	*exec.Cmd
	base string
}

func serve(t *testing.T, binary, db string) *server {
	t.Helper()
	s := &server{Cmd: exec.Command(binary, "--db", db, "serve", "--addr", "127.0.0.1:0")}
	stderr, err := s.StderrPipe()
	if err == nil {
		err = s.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Process.Kill(); _ = s.Wait() })
	s.base = "http://" + waitForAddress(t, bufio.NewScanner(stderr)) + "/api/v1"
	go func() { _, _ = io.Copy(io.Discard, stderr) }()
	return s
}

// post deposits a result with a key.
func (s *server) post(t *testing.T, secret, reference, key string) (status int, hit, body string) {
	t.Helper()
	r, err := http.NewRequest(http.MethodPost, s.base+"/learners/L1/records",
		strings.NewReader(`{"reference":"`+reference+`","course":"a1","grade":"80","completed_on":"2024-06-25"}`))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Authorization", "Bearer "+secret)
	r.Header.Set("Idempotency-Key", key)
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = answer.Body.Close() }()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer.StatusCode, answer.Header.Get("Idempotency-Hit"), string(text)
}

// The answer got lost and the server was killed: the same request is answered as
// the first time, and booked once. A server that is told to stop signs what it booked.
func TestARetryAfterAKillIsTheFirstAnswer(t *testing.T) {
	binary := filepath.Join(t.TempDir(), "creditbank")
	if out, err := exec.Command("go", "build", "-o", binary, ".").CombinedOutput(); err != nil {
		t.Fatalf("build: %v\n%s", err, out)
	}
	path := filepath.Join(t.TempDir(), "bank.db")
	db := "sqlite:" + path
	books(t, db)
	_, secret, _ := command(t, "--db", db, "token", "add", "sis", "--institution", "A")
	secret = strings.TrimSpace(secret)
	s := serve(t, binary, db)
	status, hit, first := s.post(t, secret, "new", "once")
	if status != http.StatusCreated || hit != "" {
		t.Fatalf("%d %q %s", status, hit, first)
	}
	if err := s.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = s.Wait()
	s = serve(t, binary, db)
	if status, hit, again := s.post(t, secret, "new", "once"); status != http.StatusCreated || hit != "true" || again != first {
		t.Errorf("again: %d %q %s, want %s", status, hit, again, first)
	}
	s.post(t, secret, "newer", "twice")
	if err := s.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := s.Wait(); err != nil {
		t.Errorf("after SIGTERM: %v", err)
	}
	if _, r := verify(t, "--db", db, "ledger", "verify"); !r.Holds || r.Entries != 7 || r.Checkpoints < 1 {
		t.Errorf("%+v", r)
	}
	if n := newestSigned(t, path); n != 7 {
		t.Errorf("at its end the server had signed %d entries, want 7", n)
	}
	if info, err := os.Stat(path + "-ledger-key"); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the key: %v %v", info, err)
	}
}

// newestSigned is the size of the newest checkpoint that the bank keeps.
func newestSigned(t *testing.T, path string) (size int64) {
	t.Helper()
	db, err := sql.Open("sqlite3", "file:"+path+"?mode=ro")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	if err := db.QueryRow(`SELECT max(size) FROM checkpoint`).Scan(&size); err != nil {
		t.Fatal(err)
	}
	return size
}
