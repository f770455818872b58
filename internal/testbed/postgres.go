package testbed

import (
	"crypto/rand"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// Postgres is the address (postgres://…) of a fresh and empty database in
// C.UTF-8, dropped when the test ends. All tests of a process share one cluster,
// which listens on 127.0.0.1 only and forgets everything when the machine
// crashes (fsync is off). Its user is a superuser. See [Require].
func Postgres(t testing.TB) string {
	t.Helper()
	Require(t, "postgres")
	c, name, err := started.database()
	if err != nil {
		t.Fatalf("testbed: %v", err)
	}
	t.Cleanup(func() {
		if err := c.run("dropdb", "--force", name); err != nil {
			t.Errorf("testbed: %v", err)
		}
	})
	return c.address(name)
}

// database makes an empty database, and first the cluster if there is none.
func (s *servers) database() (*cluster, string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.postgres == nil && s.failed == nil {
		s.postgres, s.failed = startCluster()
	}
	if s.failed != nil {
		return nil, "", s.failed
	}
	s.postgres.databases++
	name := fmt.Sprintf("test_%d", s.postgres.databases)
	return s.postgres, name, s.postgres.run("createdb", name)
}

// cluster is a PostgreSQL server of our own.
type cluster struct {
	folder    string
	port      int
	password  string
	keeper    *keeper
	databases int
}

// missingPostgres says what is missing, and nothing when nothing is.
func missingPostgres() string {
	for _, tool := range []string{"initdb", "postgres", "createdb", "dropdb"} {
		if postgresTool(tool) == "" {
			return tool + " is neither under /usr/lib/postgresql nor in PATH; on Debian: apt-get install postgresql"
		}
	}
	return ""
}

// postgresTool finds a program of PostgreSQL, of the newest version there is.
func postgresTool(name string) string {
	return program("/usr/lib/postgresql/*/bin/"+name, name)
}

// startCluster makes a cluster in a new folder and starts it. Another program
// can take the free port before PostgreSQL does, so it tries more than once.
func startCluster() (c *cluster, err error) {
	for range 3 {
		c = &cluster{password: rand.Text()}
		if c.folder, err = os.MkdirTemp("", "creditbank-postgres-"); err != nil {
			return nil, err
		}
		if err = c.initialise(); err != nil {
			return nil, errors.Join(err, os.RemoveAll(c.folder))
		}
		if err = c.start(); err == nil {
			return c, nil
		}
	}
	return nil, err
}

// initialise makes the files of the cluster.
func (c *cluster) initialise() error {
	password := filepath.Join(c.folder, "password")
	if err := os.WriteFile(password, []byte(c.password), 0o600); err != nil {
		return err
	}
	if as := serverUser(); as != nil {
		for _, path := range []string{c.folder, password} {
			if err := os.Chown(path, int(as.Uid), int(as.Gid)); err != nil {
				return err
			}
		}
	}
	return c.run("initdb", "--no-sync", "--username=postgres", "--encoding=UTF8",
		"--locale=C.UTF-8", "--auth=scram-sha-256", "--pwfile="+password, "--pgdata="+c.data())
}

// start starts the server and waits until it takes connections. When it does
// not come up, nothing of it is left.
func (c *cluster) start() (err error) {
	if c.port, err = freePort(); err != nil {
		return errors.Join(err, os.RemoveAll(c.folder))
	}
	log := filepath.Join(c.folder, "log")
	c.keeper, err = keep(c.folder, log, serverUser(), postgresTool("postgres"), "-D", c.data(),
		"-c", "listen_addresses=127.0.0.1", "-c", "port="+strconv.Itoa(c.port),
		"-c", "unix_socket_directories=", "-c", "max_connections=200",
		"-c", "fsync=off", "-c", "full_page_writes=off")
	if err != nil {
		return errors.Join(err, os.RemoveAll(c.folder))
	}
	var said []byte
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		// The last line of this file is for pg_ctl, which waits in the same way.
		state, _ := os.ReadFile(filepath.Join(c.data(), "postmaster.pid"))
		if strings.Contains(string(state), "\nready") {
			return nil
		}
		if said, _ = os.ReadFile(log); strings.Contains(string(said), "FATAL:") {
			break
		}
	}
	return errors.Join(fmt.Errorf("postgres does not start: %s", said), c.keeper.stop())
}

// data is the folder of the cluster's files.
func (c *cluster) data() string { return filepath.Join(c.folder, "data") }

// address is what a driver needs to reach a database of the cluster.
func (c *cluster) address(database string) string {
	address := url.URL{
		Scheme: "postgres", User: url.UserPassword("postgres", c.password),
		Host: net.JoinHostPort("127.0.0.1", strconv.Itoa(c.port)), Path: database, RawQuery: "sslmode=disable",
	}
	return address.String()
}

// run runs a program of PostgreSQL to its end, as the user of the server.
func (c *cluster) run(tool string, args ...string) error {
	cmd := exec.Command(postgresTool(tool), args...)
	cmd.Dir = c.folder
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: serverUser()}
	cmd.Env = append(os.Environ(), "LC_ALL=C")
	if c.port != 0 {
		cmd.Env = append(cmd.Env, "PGHOST=127.0.0.1", "PGPORT="+strconv.Itoa(c.port),
			"PGUSER=postgres", "PGPASSWORD="+c.password, "PGSSLMODE=disable")
	}
	if said, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w: %s", tool, err, said)
	}
	return nil
}

// serverUser is who the server runs as: PostgreSQL refuses to run as root. Nil
// is ourselves.
func serverUser() *syscall.Credential {
	if os.Geteuid() != 0 {
		return nil
	}
	for _, name := range []string{"postgres", "nobody"} {
		found, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, uidErr := strconv.ParseUint(found.Uid, 10, 32)
		gid, gidErr := strconv.ParseUint(found.Gid, 10, 32)
		if uidErr == nil && gidErr == nil {
			return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
		}
	}
	return nil
}

// freePort is a port of 127.0.0.1 that nobody listens on now.
func freePort() (int, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	return listener.Addr().(*net.TCPAddr).Port, listener.Close()
}
