package intake_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"creditbank/internal/bank"
	"creditbank/internal/testbed"
)

// killedAt is the address of the bank into which the process imports that is killed.
const killedAt = "CREDITBANK_KILLED_IMPORT"

// killedRows is how many rows it imports.
const killedRows = 20_000

// An import that is killed, at whatever moment, is whole or absent, and the audit
// log says which.
func TestKilledImport(t *testing.T) {
	t.Run("sqlite", func(t *testing.T) { killImports(t, "sqlite:"+filepath.Join(t.TempDir(), "bank.db")) })
	t.Run("postgres", func(t *testing.T) { killImports(t, testbed.Postgres(t)) })
}

func killImports(t *testing.T, dsn string) {
	absent := 0
	for _, fed := range []int{1, killedRows / 2, killedRows, killedRows, killedRows, killedRows} {
		killOne(t, dsn, fed)
		if whole := isWhole(t, dsn); !whole {
			absent++
		} else if fed < killedRows {
			t.Fatal("it is whole though its file never was")
		}
	}
	t.Logf("absent %d times", absent)
	if err := feed(t, dsn, killedRows).Wait(); err != nil {
		t.Fatal(err)
	}
	if !isWhole(t, dsn) {
		t.Error("it is not there after all")
	}
}

// killOne kills a process that imports: while it reads, or at some moment after it
// got the whole file.
func killOne(t *testing.T, dsn string, rows int) {
	t.Helper()
	child := feed(t, dsn, rows)
	if rows == killedRows {
		time.Sleep(time.Duration(rand.IntN(600)) * time.Millisecond) // whatever it does then
	}
	_ = child.Process.Kill()
	_ = child.Wait()
}

// feed starts a process that imports, and hands it so many rows; the whole file ends.
func feed(t *testing.T, dsn string, rows int) *exec.Cmd {
	t.Helper()
	child := exec.Command(os.Args[0], "-test.run=^TestImportProcess$")
	child.Env = append(os.Environ(), killedAt+"="+dsn)
	in, err := child.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	w := bufio.NewWriter(in)
	fmt.Fprintln(w, "code,name,level")
	for i := range rows {
		fmt.Fprintf(w, "%06d,专业%d,中职\n", 710000-i, i)
	}
	if err := w.Flush(); err != nil && rows == killedRows {
		t.Fatal(err)
	}
	if rows == killedRows {
		_ = in.Close()
	}
	return child
}

// TestImportProcess is the process that is killed.
func TestImportProcess(t *testing.T) {
	dsn := os.Getenv(killedAt)
	if dsn == "" {
		return
	}
	b, err := bank.OpenWith(context.Background(), dsn, bank.Options{PersonalKey: testbed.PersonalKey(dsn)})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = b.Close() }()
	if r, err := takeFrom(b, "catalogue", "", io.Reader(os.Stdin)); err != nil || r.Refused > 0 {
		t.Fatalf("%+v %v", r.Errors[:min(3, len(r.Errors))], err)
	}
}

// isWhole says whether the import is there; a part of it, or another one than the
// audit log tells of, fails the test.
func isWhole(t *testing.T, dsn string) bool {
	t.Helper()
	b, err := bank.OpenWith(context.Background(), dsn, bank.Options{PersonalKey: testbed.PersonalKey(dsn)})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = b.Close() }()
	rows := -1 // the header
	if err := b.Export(context.Background(), operator, "catalogue", func(...string) error { rows++; return nil }); err != nil {
		t.Fatal(err)
	}
	log, err := b.AuditSearch(context.Background(), operator, bank.AuditQuery{Action: "import"}, bank.Window{Limit: 10})
	if err != nil {
		t.Fatal(err)
	}
	if rows != 0 && rows != killedRows || (rows == 0) != (len(log.Items) == 0) {
		t.Fatalf("%d rows are there, and the log tells of %d imports", rows, len(log.Items))
	}
	return rows == killedRows
}
