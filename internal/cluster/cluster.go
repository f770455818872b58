// Package cluster starts a PostgreSQL server of one's own, used once and thrown
// away: for tests, and for what is measured on a server whose settings are known.
package cluster

import (
	"bytes"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// Cluster is a running PostgreSQL server of our own. It listens on 127.0.0.1 only
// and ends with this process, in whatever way that ends; nothing of it is left.
type Cluster struct {
	folder   string
	port     int
	password string
	keeper   *keeper
}

// Missing says what is missing to start one, and nothing when nothing is.
func Missing() string {
	for _, name := range []string{"initdb", "postgres", "createdb", "dropdb"} {
		if tool(name) == "" {
			return name + " is neither under /usr/lib/postgresql nor in PATH; on Debian: apt-get install postgresql"
		}
	}
	return ""
}

// tool finds a program of PostgreSQL, of the newest version there is; empty when
// there is none.
func tool(name string) string {
	if found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/" + name); len(found) > 0 {
		return found[len(found)-1]
	}
	path, err := exec.LookPath(name)
	if err != nil {
		return ""
	}
	return path
}

// Settings say what the server forgets when the machine crashes.
type Settings []string

// Durable keeps everything that was acknowledged, as a bank's server does;
// Forgetful is for tests: it waits for no disk.
func Durable() Settings {
	return Settings{"fsync=on", "synchronous_commit=on", "full_page_writes=on"}
}

// Forgetful: see [Durable].
func Forgetful() Settings { return Settings{"fsync=off", "full_page_writes=off"} }

// Start makes a cluster in a new folder for temporary files and starts it. Its
// user is a superuser. Another program can take the free port before PostgreSQL
// does, so it tries more than once.
func Start(with Settings) (c *Cluster, err error) {
	for range 3 {
		c = &Cluster{password: rand.Text()}
		if c.folder, err = os.MkdirTemp("", "creditbank-postgres-"); err != nil {
			return nil, err
		}
		if err = c.initialise(); err != nil {
			return nil, errors.Join(err, os.RemoveAll(c.folder))
		}
		if err = c.start(with); err == nil {
			return c, nil
		}
	}
	return nil, err
}

// Stop stops the server, removes its files and waits for both.
func (c *Cluster) Stop() error { return c.keeper.stop() }

// NewDatabase makes an empty database in C.UTF-8, and is its address (postgres://…).
func (c *Cluster) NewDatabase(name string) (string, error) {
	return c.address(name), c.run("createdb", name)
}

// CopyDatabase makes a database like another one, to which nobody may be connected.
func (c *Cluster) CopyDatabase(name, of string) (string, error) {
	return c.address(name), c.run("createdb", "--template="+of, name)
}

// Feed runs one statement that reads what the client sends, such as COPY … FROM STDIN.
func (c *Cluster) Feed(database, statement string, in io.Reader) error {
	return c.runWith(in, "psql", "--no-psqlrc", "--quiet", "--set", "ON_ERROR_STOP=1", "--command", statement, database)
}

// Script runs the statements that in gives, with what COPY … FROM STDIN among them reads
// behind it, up to a line with \.; where one fails the others are not run.
func (c *Cluster) Script(database string, in io.Reader) error {
	return c.runWith(in, "psql", "--no-psqlrc", "--quiet", "--set", "ON_ERROR_STOP=1", "--file", "-", database)
}

// Dump writes what one statement gives out, such as COPY … TO STDOUT.
func (c *Cluster) Dump(database, statement string, out io.Writer) error {
	return c.runBetween(nil, out, "psql", "--no-psqlrc", "--quiet", "--set", "ON_ERROR_STOP=1", "--command", statement, database)
}

// Drop removes a database, whoever uses it.
func (c *Cluster) Drop(name string) error { return c.run("dropdb", "--force", name) }

// initialise makes the files of the cluster.
func (c *Cluster) initialise() error {
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
func (c *Cluster) start(with Settings) (err error) {
	if c.port, err = freePort(); err != nil {
		return errors.Join(err, os.RemoveAll(c.folder))
	}
	args := []string{tool("postgres"), "-D", c.data()}
	for _, setting := range append(Settings{"listen_addresses=127.0.0.1", "port=" + strconv.Itoa(c.port), "unix_socket_directories=", "max_connections=200"}, with...) {
		args = append(args, "-c", setting)
	}
	log := filepath.Join(c.folder, "log")
	if c.keeper, err = keep(c.folder, log, serverUser(), args...); err != nil {
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
func (c *Cluster) data() string { return filepath.Join(c.folder, "data") }

// address is what a driver needs to reach a database of the cluster.
func (c *Cluster) address(database string) string {
	address := url.URL{
		Scheme: "postgres", User: url.UserPassword("postgres", c.password),
		Host: net.JoinHostPort("127.0.0.1", strconv.Itoa(c.port)), Path: database, RawQuery: "sslmode=disable",
	}
	return address.String()
}

// run runs a program of PostgreSQL to its end, as the user of the server.
func (c *Cluster) run(name string, args ...string) error { return c.runWith(nil, name, args...) }

func (c *Cluster) runWith(in io.Reader, name string, args ...string) error {
	return c.runBetween(in, nil, name, args...)
}

// runBetween lets the program read and write. What it says besides, or all that it says
// where nobody takes what it writes, is told with its failure.
func (c *Cluster) runBetween(in io.Reader, out io.Writer, name string, args ...string) error {
	var said bytes.Buffer
	if out == nil {
		out = &said
	}
	cmd := exec.Command(tool(name), args...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = in, out, &said
	cmd.Dir = c.folder
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: serverUser()}
	cmd.Env = append(os.Environ(), "LC_ALL=C")
	if c.port != 0 {
		cmd.Env = append(cmd.Env, "PGHOST=127.0.0.1", "PGPORT="+strconv.Itoa(c.port),
			"PGUSER=postgres", "PGPASSWORD="+c.password, "PGSSLMODE=disable")
	}
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("%s: %w: %s", name, err, said.String())
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
