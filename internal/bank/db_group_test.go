package bank_test

import (
	"context"
	"database/sql"
	"encoding/binary"
	"errors"
	"fmt"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"

	"creditbank/internal/bank"
)

// The commits that Load tells are those that the file tells.
func TestCommitsAreCounted(t *testing.T) {
	path := filepath.Join(t.TempDir(), "bank.db")
	b := open(t, "sqlite:"+path)
	b.KeepLog()
	raw, err := sql.Open("sqlite3", "file:"+path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = raw.Close() }()
	if _, err := raw.Exec("PRAGMA wal_checkpoint(TRUNCATE)"); err != nil {
		t.Fatal(err)
	}
	before := b.Load()
	for round := range 3 {
		release := hold(t, b)
		var writes []func() error
		for i := range 20 {
			writes = append(writes, func() error { return b.Write(ctx, line(fmt.Sprint(round, i))) })
		}
		answers := queued(t, b, writes...)
		release()
		if err := errors.Join(answers()...); err != nil {
			t.Fatal(err)
		}
	}
	if got := walCommits(t, path+"-wal"); got != 3 || b.Load().Commits-before.Commits != 3 {
		t.Errorf("the log holds %d commits, %d are counted, want 3", got, b.Load().Commits-before.Commits)
	}
}

// walCommits counts the frames of a write-ahead log that end a transaction
// (sqlite.org/fileformat2.html, section 4.1).
func walCommits(t *testing.T, path string) (commits int) {
	t.Helper()
	log := readFile(t, path)
	page := int(binary.BigEndian.Uint32(log[8:]))
	for at := 32; at+24 <= len(log); at += 24 + page {
		if binary.BigEndian.Uint32(log[at+4:]) != 0 {
			commits++
		}
	}
	return commits
}

// In one group: what fails, panics, ends its goroutine or breaks a rule of the
// database harms nobody beside it.
func TestFailingWritesHarmNobody(t *testing.T) {
	onBoth(t, func(t *testing.T, b *bank.Bank) {
		release := hold(t, b)
		before := b.Load().Commits
		write := func(name string, then func(bank.Tx) error) func() error {
			return func() error {
				return b.Write(ctx, func(t bank.Tx) error { return errors.Join(t.Note(name), then(t)) })
			}
		}
		good := func(bank.Tx) error { return nil }
		answers := queued(t, b,
			write("a", good),
			write("fails", func(bank.Tx) error { return errOnPurpose }),
			write("takes itself back", func(bank.Tx) error { return bank.ErrRollback }),
			write("b", good),
			write("breaks a constraint", func(t bank.Tx) error { return t.Statement(`INSERT INTO map_version (one, version) VALUES (2, 1)`) }),
			func() (err error) {
				defer func() { err = fmt.Errorf("panic: %v", recover()) }()
				return write("panics", func(bank.Tx) error { panic("on purpose") })()
			},
			func() (err error) {
				var wait sync.WaitGroup
				wait.Go(func() { err = write("leaves", func(bank.Tx) error { runtime.Goexit(); return nil })() })
				wait.Wait()
				return err
			},
			write("c", good),
		)
		release()
		told := fmt.Sprint(answers())
		for _, want := range []string{"on purpose", "INSERT INTO map_version", "panic: on purpose"} {
			if !strings.Contains(told, want) {
				t.Errorf("nobody was told of %s: %s", want, told)
			}
		}
		if told := answers(); told[0] != nil || told[2] != nil || told[3] != nil || told[7] != nil {
			t.Errorf("neighbours were harmed: %v", told)
		}
		wantNotes(t, b, "a", "b", "c")
		if commits := b.Load().Commits - before; commits != 1 {
			t.Errorf("%d commits, want 1", commits)
		}
	})
}

// One that breaks the whole transaction, or whose fault shows at the commit alone:
// its neighbours run again and are kept, and it gets its own error.
func TestBrokenTransactionHarmsNobody(t *testing.T) {
	for name, breaks := range map[string]func(bank.Tx) error{
		"ends it": func(t bank.Tx) error { return errors.Join(t.Statement("ROLLBACK"), errOnPurpose) },
		"fails at the commit": func(t bank.Tx) error {
			return t.Statement(`INSERT INTO region (code, name, kind, parent_code) VALUES ('500100', 'city', 'city', '509999')`)
		},
	} {
		t.Run(name, func(t *testing.T) {
			onBoth(t, func(t *testing.T, b *bank.Bank) {
				release := hold(t, b)
				times := 0
				leaving, leave := context.WithCancel(ctx)
				answers := queued(t, b,
					func() error { return b.Write(leaving, func(t bank.Tx) error { times++; leave(); return t.Note("a") }) },
					func() (err error) {
						defer func() { err = fmt.Errorf("panic: %v", recover()) }()
						return b.Write(ctx, func(bank.Tx) error { panic("on purpose") })
					},
					func() error { return b.Write(ctx, breaks) },
					func() error { return b.Write(ctx, line("b")) },
				)
				release()
				if told := answers(); told[0] != nil || told[2] == nil || told[3] != nil || bank.CodeOf(told[2]) != "" {
					t.Errorf("got %v", told)
				}
				if times != 2 {
					t.Errorf("the first ran %d times, want 2", times)
				}
				if got := b.Notes(t); !slices.Contains(got, "a") || !slices.Contains(got, "b") || len(got) != 2 {
					t.Errorf("kept are %q", got)
				}
			})
		})
	}
}

// One that hides the error of a statement, after which PostgreSQL keeps nothing of a
// transaction: its neighbours are kept, and its own answer is what happened.
func TestHiddenErrorHarmsNobody(t *testing.T) {
	onBoth(t, func(t *testing.T, b *bank.Bank) {
		release := hold(t, b)
		answers := queued(t, b,
			func() error { return b.Write(ctx, line("a")) },
			func() error {
				return b.Write(ctx, func(t bank.Tx) error {
					err := t.Note("hides")
					_ = t.Statement(`INSERT INTO map_version (one, version) VALUES (2, 1)`)
					return err
				})
			},
			func() error { return b.Write(ctx, line("b")) },
			func() error { return b.Write(ctx, func(bank.Tx) error { return errOnPurpose }) },
		)
		release()
		told := answers()
		if told[0] != nil || told[2] != nil || !errors.Is(told[3], errOnPurpose) {
			t.Errorf("got %v", told)
		}
		got := b.Notes(t)
		if !slices.Contains(got, "a") || !slices.Contains(got, "b") || slices.Contains(got, "hides") != (told[1] == nil) {
			t.Errorf("kept are %q, and the one that hides was told %v", got, told[1])
		}
	})
}

// A long write shares its transaction with nobody and takes its place in the order.
func TestLongWriteIsAlone(t *testing.T) {
	onBoth(t, func(t *testing.T, b *bank.Bank) {
		before := b.Load().Commits
		release := hold(t, b)
		answers := queued(t, b,
			func() error { return b.Write(ctx, line("a")) },
			func() error { return b.WriteAlone(ctx, line("long")) },
			func() error { return b.Write(ctx, line("b")) },
			func() error { return b.Write(ctx, line("c")) },
		)
		release()
		if err := errors.Join(answers()...); err != nil {
			t.Error(err)
		}
		wantNotes(t, b, "a", "long", "b", "c")
		if commits := b.Load().Commits - before; commits != 3 {
			t.Errorf("%d commits, want 3", commits)
		}
	})
}
