package bank_test

import (
	"bytes"
	"context"
	"database/sql"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"creditbank/internal/bank"
	"creditbank/internal/testbed"
)

// keptBank is a bank whose processes keep their map in one file.
type keptBank struct {
	t    *testing.T
	dsn  string
	path string
	raw  *sql.DB
}

func onBothKept(t *testing.T, test func(k *keptBank)) {
	run := func(t *testing.T, driver, dsn, rawDSN string) {
		raw, err := sql.Open(driver, rawDSN)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = raw.Close() })
		test(&keptBank{t, dsn, filepath.Join(t.TempDir(), "kept-map"), raw})
	}
	t.Run("sqlite", func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "bank.db")
		run(t, "sqlite3", "sqlite:"+path, "file:"+path+"?_foreign_keys=on&_busy_timeout=5000")
	})
	t.Run("postgres", func(t *testing.T) { dsn := testbed.Postgres(t); run(t, "pgx", dsn, dsn) })
}

// process is a process that serves the bank.
func (k *keptBank) process() *bank.Bank {
	b := open(k.t, k.dsn)
	b.KeepMap(k.path, true)
	return b
}

// stop ends a process; what it keeps is written then.
func (k *keptBank) stop(b *bank.Bank) {
	k.t.Helper()
	if err := b.Close(); err != nil {
		k.t.Fatal(err)
	}
}

// mark renames a course behind the bank's back: only who compiles sees it.
func (k *keptBank) mark(name string) {
	k.t.Helper()
	if _, err := k.raw.Exec(`UPDATE course_version SET name = $1 WHERE institution = 'A' AND course = 'a1'`, name); err != nil {
		k.t.Fatal(err)
	}
}

func (k *keptBank) marked(b *bank.Bank) string {
	k.t.Helper()
	course, known := snapshotOf(k.t, b).CourseHead(courseKey("A", "a1"), b.Today())
	if !known {
		k.t.Fatal("the course is not there")
	}
	return course.Current.Name
}

// file is what is kept.
func (k *keptBank) file() []byte {
	k.t.Helper()
	return readFile(k.t, k.path)
}

func TestStartedFromTheFileIsTheSame(t *testing.T) {
	onBothKept(t, func(k *keptBank) {
		first := k.process()
		seeded(k.t, first)
		versioned(k.t, first)
		want := everything(k.t, first, 10)
		k.stop(first)
		second := k.process()
		k.mark("Behind its back")
		if k.marked(second) != "Maths" {
			k.t.Error("the file is not used")
		}
		for name, got := range everything(k.t, second, 10) {
			if !reflect.DeepEqual(got, want[name]) {
				k.t.Errorf("%s: got %+v\nwant %+v", name, got, want[name])
			}
		}
		mode, err := os.Stat(k.path)
		if err != nil || mode.Mode().Perm() != 0o600 {
			k.t.Errorf("the file is %v (%v)", mode.Mode(), err)
		}
	})
}

func TestAChangeOfAnotherProcessReplacesTheFile(t *testing.T) {
	onBothKept(t, func(k *keptBank) {
		server := k.process()
		small(k.t, server)
		snapshotOf(k.t, server)
		other := open(k.t, k.dsn)
		text(k.t, other, "equivalences", "equivalence,source_institution,source_course,target_institution,target_course\nE,A,a1,B,b1\n")
		for range 200 {
			if snapshotOf(k.t, server).Map.Size() == 1 {
				break
			}
			time.Sleep(20 * time.Millisecond)
		}
		k.stop(server)
		next := k.process()
		k.mark("Behind its back")
		if snapshotOf(k.t, next).Map.Size() != 1 || k.marked(next) != "Maths" {
			k.t.Errorf("%d rules, %s: the file is not the one of the change", snapshotOf(k.t, next).Map.Size(), k.marked(next))
		}
	})
}

// A bank that is set back and changed again has a number a second time, for
// another map.
func TestTheSameNumberForAnotherMap(t *testing.T) {
	const change = "institution,code,name,credits\nA,a1,%,4\n"
	onBothKept(t, func(k *keptBank) {
		b := k.process()
		small(k.t, b)
		before := snapshotOf(k.t, b)
		text(k.t, b, "courses", strings.Replace(change, "%", "Once", 1))
		once := snapshotOf(k.t, b)
		k.stop(b)
		if _, err := k.raw.Exec(`UPDATE map_version SET version = $1, stamp = $2`, before.Version, before.Stamp); err != nil {
			k.t.Fatal(err)
		}
		b = k.process()
		text(k.t, b, "courses", strings.Replace(change, "%", "Again", 1))
		k.stop(b)
		b = k.process()
		if s := snapshotOf(k.t, b); s.Version != once.Version || s.Stamp == once.Stamp || k.marked(b) != "Again" {
			k.t.Errorf("number %d after %d, %s", s.Version, once.Version, k.marked(b))
		}
	})
}

func TestARestoredBackupIsNotTakenForWhatItReplaced(t *testing.T) {
	folder := t.TempDir()
	path, copied := filepath.Join(folder, "bank.db"), filepath.Join(folder, "copy.db")
	k := &keptBank{t: t, dsn: "sqlite:" + path, path: bank.MapPath("sqlite:" + path)}
	b := k.process()
	small(t, b)
	if err := b.Backup(context.Background(), operator, copied, func(int, int) {}); err != nil {
		t.Fatal(err)
	}
	text(t, b, "courses", "institution,code,name,credits\nA,a1,Once,4\n")
	once := snapshotOf(t, b).Version
	k.stop(b)
	if _, err := bank.Restore(context.Background(), operator, k.dsn, copied, "now"); err != nil {
		t.Fatal(err)
	}
	b = k.process()
	if k.marked(b) != "Maths" {
		t.Errorf("%s is not what was backed up", k.marked(b))
	}
	text(t, b, "courses", "institution,code,name,credits\nA,a1,Again,4\n")
	if s := snapshotOf(t, b); s.Version != once || k.marked(b) != "Again" {
		t.Errorf("number %d, want %d; %s", s.Version, once, k.marked(b))
	}
}

func TestWhatIsNoMapIsReplaced(t *testing.T) {
	onBothKept(t, func(k *keptBank) {
		b := k.process()
		small(k.t, b)
		k.marked(b)
		k.stop(b)
		whole := k.file()
		k.mark("Compiled again")
		var replaced []byte
		for name, content := range map[string][]byte{
			"cut":       whole[:len(whole)/2],
			"cut short": whole[:len(whole)-1],
			"empty":     {},
			"foreign":   []byte("SQLite format 3\x00 and so on"),
			"flipped":   flipped(whole, len(whole)/3),
			"last byte": flipped(whole, len(whole)-1),
			"longer":    append(bytes.Clone(whole), 0),
		} {
			if err := os.WriteFile(k.path, content, 0o600); err != nil {
				k.t.Fatal(err)
			}
			b := k.process()
			if k.marked(b) != "Compiled again" {
				k.t.Errorf("%s: it was taken for a map", name)
			}
			k.stop(b)
			if kept := k.file(); replaced == nil {
				replaced = kept
			} else if !bytes.Equal(kept, replaced) {
				k.t.Errorf("%s: it was not replaced by the same", name)
			}
		}
		// A folder is in the way: nothing can be written, and nothing is wrong.
		k.path = filepath.Join(k.path, "below a file")
		b = k.process()
		if k.marked(b) != "Compiled again" {
			k.t.Error("the bank does not answer")
		}
		k.stop(b)
	})
}

func flipped(data []byte, at int) []byte {
	data = bytes.Clone(data)
	data[at] ^= 0x40
	return data
}

func TestProcessesThatWriteAtOnceLeaveAWholeFile(t *testing.T) {
	onBothKept(t, func(k *keptBank) {
		first := open(k.t, k.dsn)
		small(k.t, first)
		var wait sync.WaitGroup
		for range 6 {
			b := k.process()
			wait.Go(func() {
				if _, err := b.Snapshot(context.Background()); err != nil {
					k.t.Error(err)
				}
				if err := b.Close(); err != nil {
					k.t.Error(err)
				}
			})
		}
		wait.Wait()
		k.mark("Behind its back")
		if b := k.process(); k.marked(b) != "Maths" {
			k.t.Error("the file is not whole")
		}
		if beside, err := filepath.Glob(k.path + "*"); err != nil || len(beside) != 1 {
			k.t.Errorf("%v is left (%v)", beside, err)
		}
	})
}

// A process that may only read the file leaves it as it is.
func TestReadersLeaveTheFile(t *testing.T) {
	onBothKept(t, func(k *keptBank) {
		b := open(k.t, k.dsn)
		b.KeepMap(k.path, false)
		small(k.t, b)
		k.marked(b)
		k.stop(b)
		if _, err := os.Stat(k.path); err == nil {
			k.t.Error("it was written")
		}
	})
}

func TestMapPath(t *testing.T) {
	t.Setenv("XDG_CACHE_HOME", "/cache")
	if got := bank.MapPath("sqlite:/data/bank.db"); got != "/data/bank.db-map" {
		t.Errorf("got %s", got)
	}
	with := bank.MapPath("postgres://me:secret@host/db?sslmode=disable")
	if !strings.HasPrefix(with, "/cache/creditbank/") || strings.Contains(with, "secret") {
		t.Errorf("got %s", with)
	}
	for _, same := range []string{"postgres://me:other@host/db?sslmode=disable", "postgres://me@host/db?sslmode=disable&password=secret"} {
		if got := bank.MapPath(same); got != with {
			t.Errorf("another password makes it %s", got)
		}
	}
	if bank.MapPath("postgres://me@host/other?sslmode=disable") == with {
		t.Error("two banks have one file")
	}
}
