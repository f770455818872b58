package bank_test

import (
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"creditbank/internal/bank"
	"creditbank/internal/testbed"
)

// unknown says that a write was answered with: perhaps, ask again.
func unknown(err error) bool {
	var refusal *bank.Error
	return errors.As(err, &refusal) && refusal.Code == bank.Unavailable && refusal.Key == "error.outcome_unknown"
}

// A disk that runs full under 16 callers: nothing acknowledged is lost, each is told
// why, and the bank goes on when there is room again.
func TestFullDiskLosesNothing(t *testing.T) {
	folder := t.TempDir()
	if err := syscall.Mount("tmpfs", folder, "tmpfs", 0, "size=4m"); err != nil {
		t.Skipf("a small disk cannot be made here, which takes root: %v", err)
	}
	defer func() {
		if err := syscall.Unmount(folder, 0); err != nil {
			t.Error(err)
		}
	}()
	ballast := filepath.Join(folder, "ballast")
	if err := os.WriteFile(ballast, make([]byte, 1<<20), 0o600); err != nil {
		t.Fatal(err)
	}
	b, err := bank.Open(ctx, "sqlite:"+filepath.Join(folder, "bank.db"))
	if err != nil {
		t.Fatal(err)
	}
	kept := fillDisk(t, b)
	if err := os.Remove(ballast); err != nil {
		t.Fatal(err)
	}
	if err := b.Write(ctx, line("room again")); err != nil {
		t.Errorf("with room again: %v", err)
	}
	wantAll(t, b.Notes(t), append(kept, "room again"))
	if err := b.Close(); err != nil {
		t.Error(err)
	}
}

// fillDisk writes from 16 callers until each has been refused, and gives what was
// acknowledged.
func fillDisk(t *testing.T, b *bank.Bank) []string {
	t.Helper()
	var wait sync.WaitGroup
	kept := make([][]string, 16)
	for i := range kept {
		wait.Go(func() {
			for n := range 10000 {
				name := fmt.Sprintf("%d-%d-%s", i, n, strings.Repeat("x", 2000))
				err := b.Write(ctx, line(name))
				if err == nil {
					kept[i] = append(kept[i], name)
					continue
				}
				if got := bank.Explain(err); got == nil || got.Key != "error.db_full" {
					t.Errorf("got %v, want a full disk", err)
				}
				return
			}
			t.Error("the disk never ran full")
		})
	}
	wait.Wait()
	return slices.Concat(kept...)
}

// wantAll says which of those that were acknowledged are not there.
func wantAll(t *testing.T, got, want []string) {
	t.Helper()
	there := map[string]bool{}
	for _, name := range got {
		there[name] = true
	}
	for _, name := range want {
		if !there[name] {
			t.Errorf("%.20s was acknowledged and is lost", name)
		}
	}
	if len(want) == 0 {
		t.Error("nothing was acknowledged")
	}
}

// endBackend ends the server's side of a write's connection, and waits until it is gone.
func endBackend(t *testing.T, raw *sql.DB, w bank.Tx) error {
	var process int
	if err := w.Get(&process, "SELECT pg_backend_pid()"); err != nil {
		return err
	}
	if _, err := raw.Exec("SELECT pg_terminate_backend($1)", process); err != nil {
		return err
	}
	until(t, func() bool {
		var there int
		err := raw.QueryRow("SELECT count(*) FROM pg_stat_activity WHERE pid = $1", process).Scan(&there)
		return err == nil && there == 0
	})
	return nil
}

// A connection that is lost at the commit leaves the outcome unknown; one that is
// lost before it harms nobody: all run again on another.
func TestLostConnection(t *testing.T) {
	dsn := testbed.Postgres(t)
	b := open(t, dsn)
	raw, err := sql.Open("pgx", dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = raw.Close() }()
	err = b.Write(ctx, func(w bank.Tx) error { return errors.Join(w.Note("unknown"), endBackend(t, raw, w)) })
	if !unknown(err) {
		t.Errorf("at the commit: got %v, want unknown", err)
	}
	lost := false
	release := hold(t, b)
	answers := queued(t, b,
		func() error { return b.Write(ctx, line("a")) },
		func() error {
			return b.Write(ctx, func(w bank.Tx) error {
				if lost {
					return w.Note("b")
				}
				lost = true
				return errors.Join(w.Note("b"), endBackend(t, raw, w))
			})
		},
		func() error { return b.Write(ctx, line("c")) },
	)
	release()
	if err := errors.Join(answers()...); err != nil {
		t.Error(err)
	}
	wantNotes(t, b, "a", "b", "c")
}

// A database that another program keeps locked: all that wait are told together,
// not one after the other, and nothing is kept.
func TestLockedByAnother(t *testing.T) {
	onBothRaw(t, func(t *testing.T, b *bank.Bank, raw *sql.DB) {
		b.Impatient(t)
		other, err := raw.Conn(ctx)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = other.Close() }()
		lock, unlock := "BEGIN IMMEDIATE", "ROLLBACK"
		if strings.HasSuffix(t.Name(), "pgx") {
			lock, unlock = "BEGIN; SELECT pg_advisory_xact_lock(7203517)", "ROLLBACK"
		}
		if _, err := other.ExecContext(ctx, lock); err != nil {
			t.Fatal(err)
		}
		var wait sync.WaitGroup
		start := time.Now()
		for i := range 8 {
			wait.Go(func() {
				err := b.Write(ctx, line(fmt.Sprint(i)))
				if got := bank.Explain(err); got == nil || got.Key != "error.db_busy" {
					t.Errorf("got %v, want busy", err)
				}
			})
		}
		wait.Wait()
		if took := time.Since(start); took > 1500*time.Millisecond {
			t.Errorf("it took %v to say so to all", took)
		}
		if _, err := other.ExecContext(ctx, unlock); err != nil {
			t.Fatal(err)
		}
		if err := b.Write(ctx, line("free")); err != nil {
			t.Error(err)
		}
		wantNotes(t, b, "free")
	})
}
