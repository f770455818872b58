package bank_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"creditbank/internal/bank"
	"creditbank/internal/testbed"
	"creditbank/internal/transfer"
)

var programmeP = transfer.ProgrammeKey{Institution: "B", Code: "P"}

func courseKey(institution, code string) transfer.CourseKey {
	return transfer.CourseKey{Institution: institution, Code: code}
}

// onBothRaw gives the open bank and a connection of its own to the same database.
func onBothRaw(t *testing.T, test func(t *testing.T, b *bank.Bank, raw *sql.DB)) {
	run := func(driver string, dsn func(t *testing.T) (bankDSN, rawDSN string)) {
		t.Run(driver, func(t *testing.T) {
			bankDSN, rawDSN := dsn(t)
			b := open(t, bankDSN)
			raw, err := sql.Open(driver, rawDSN)
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = raw.Close() })
			test(t, b, raw)
		})
	}
	run("sqlite3", func(t *testing.T) (string, string) {
		path := filepath.Join(t.TempDir(), "bank.db")
		return "sqlite:" + path, "file:" + path + "?_foreign_keys=on&_busy_timeout=5000"
	})
	run("pgx", func(t *testing.T) (string, string) { dsn := testbed.Postgres(t); return dsn, dsn })
}

// The last line of defence: the database itself refuses what must never be.
func TestDatabaseRefusesWhatMustNeverBe(t *testing.T) {
	statements := map[string]string{
		"edit of a published rule":     `UPDATE equivalence SET note = 'x' WHERE code = 'E'`,
		"withdrawal by edit":           `UPDATE equivalence SET state = 'draft', published_at = NULL WHERE code = 'E'`,
		"removal of a published rule":  `DELETE FROM equivalence WHERE code = 'E'`,
		"edit of its source":           `UPDATE equivalence_source SET min_grade = 0 WHERE equivalence = 'E'`,
		"removal of its target":        `DELETE FROM equivalence_target WHERE equivalence = 'E'`,
		"another source":               `INSERT INTO equivalence_source (equivalence, version, institution, course) VALUES ('E', 1, 'A', 'a2')`,
		"edit of the audit log":        `UPDATE audit SET actor = 'nobody'`,
		"removal from the audit log":   `DELETE FROM audit`,
		"negative credits":             `UPDATE course_version SET credits = -1`,
		"a course of nobody":           `INSERT INTO course (institution, code) VALUES ('nobody', 'x')`,
		"a course in two groups":       `INSERT INTO plan_course (institution, programme, course, grp, required, never_exempt) VALUES ('B', 'P', 'b1', 'core', FALSE, FALSE)`,
		"a window upside down":         `UPDATE course_version SET valid_from = 10, valid_to = 9`,
		"a second number of the map":   `INSERT INTO map_version (one, version) VALUES (2, 1)`,
		"a result without an account":  `INSERT INTO record (learner, institution, reference, kind, course, title, grade, scale, passed, completed_on, term) VALUES ('nobody', 'A', 'r', 'course', 'a1', '', '', '', TRUE, 1, '')`,
		"an unknown kind of a school":  `UPDATE institution SET kind = 'shop'`,
		"more practice than hours":     `UPDATE course_version SET hours = 1, practice_hours = 2`,
		"a level beyond the framework": `UPDATE course_version SET level = 11`,
	}
	onBothRaw(t, func(t *testing.T, b *bank.Bank, raw *sql.DB) {
		small(t, b)
		text(t, b, "equivalences", "equivalence,source_institution,source_course,target_institution,target_course\nE,A,a1,B,b1\n")
		for name, statement := range statements {
			if _, err := raw.Exec(statement); err == nil {
				t.Errorf("%s was let through", name)
			}
		}
	})
}

func TestPostgresRefusesTruncate(t *testing.T) {
	dsn := testbed.Postgres(t)
	open(t, dsn)
	raw, err := sql.Open("pgx", dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = raw.Close() }()
	for _, table := range []string{"audit", "equivalence CASCADE", "equivalence_source", "equivalence_target"} {
		if _, err := raw.Exec("TRUNCATE " + table); err == nil {
			t.Errorf("TRUNCATE %s was let through", table)
		}
	}
}

func TestNewerSchemaIsRefused(t *testing.T) {
	run := func(t *testing.T, dsn, driver, rawDSN string) {
		open(t, dsn)
		raw, err := sql.Open(driver, rawDSN)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := raw.Exec(`INSERT INTO migration (name, applied_at) VALUES ('9999_future', 1)`); err != nil {
			t.Fatal(err)
		}
		if err := raw.Close(); err != nil {
			t.Fatal(err)
		}
		if b, err := bank.Open(context.Background(), dsn); bank.CodeOf(err) != bank.Conflict {
			t.Errorf("got %v, %v, want Conflict", b, err)
		}
	}
	t.Run("sqlite", func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "bank.db")
		run(t, "sqlite:"+path, "sqlite3", "file:"+path)
	})
	t.Run("postgres", func(t *testing.T) { dsn := testbed.Postgres(t); run(t, dsn, "pgx", dsn) })
}

// Twenty imports at once of overlapping files: each course is there once, each
// report adds up, and every process sees the last map.
func TestImportsAtOnce(t *testing.T) {
	onBoth(t, func(t *testing.T, b *bank.Bank) {
		small(t, b)
		var wait sync.WaitGroup
		reports := make([]bank.ImportReport, 20)
		for i := range reports {
			wait.Go(func() {
				file := "institution,code,name,credits\n"
				for n := range 30 {
					file += fmt.Sprintf("A,c%d,Course,1\n", i+n)
				}
				reports[i] = text(t, b, "courses", file)
			})
		}
		wait.Wait()
		added := 0
		for _, r := range reports {
			added += r.New
			if r.New+r.Unchanged != 30 {
				t.Errorf("%+v", r)
			}
		}
		if added != 49 {
			t.Errorf("%d courses are new, want 49", added)
		}
	})
}

func TestOtherProcessesNoticeAChange(t *testing.T) {
	run := func(t *testing.T, dsn string) {
		first, second := open(t, dsn), open(t, dsn)
		small(t, first)
		before, err := second.Snapshot(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		text(t, first, "equivalences", "equivalence,source_institution,source_course,target_institution,target_course\nE,A,a1,B,b1\n")
		for range 200 {
			after, err := second.Snapshot(context.Background())
			if err != nil {
				t.Fatal(err)
			}
			if after.Version > before.Version && after.Map.Size() == 1 {
				return
			}
			time.Sleep(20 * time.Millisecond)
		}
		t.Error("the second process never saw the new rule")
	}
	t.Run("sqlite", func(t *testing.T) { run(t, "sqlite:"+filepath.Join(t.TempDir(), "bank.db")) })
	t.Run("postgres", func(t *testing.T) { run(t, testbed.Postgres(t)) })
}

func TestBackupAndRestore(t *testing.T) {
	ctx := context.Background()
	folder := t.TempDir()
	dsn, copied := "sqlite:"+filepath.Join(folder, "bank.db"), filepath.Join(folder, "copy.db")
	b := open(t, dsn)
	seeded(t, b)
	want := export(t, b, "equivalences")
	if err := b.Backup(ctx, operator, copied, func(int, int) {}); err != nil {
		t.Fatal(err)
	}
	if beside, err := filepath.Glob(copied + "*"); err != nil || len(beside) != 1 {
		t.Errorf("the backup is %v, want one file", beside)
	}
	if err := b.Backup(ctx, operator, copied, func(int, int) {}); bank.CodeOf(err) != bank.Conflict {
		t.Errorf("over an existing file: %v, want Conflict", err)
	}
	if _, err := bank.Restore(ctx, operator, dsn, copied, "now"); bank.CodeOf(err) != bank.Conflict {
		t.Errorf("restore into an open bank: %v, want Conflict", err)
	}
	text(t, b, "institutions", "code,name,kind\nLATER,Later,overseas\n")
	if err := b.Close(); err != nil {
		t.Fatal(err)
	}
	broken := filepath.Join(folder, "broken.db")
	if err := os.WriteFile(broken, []byte("this is no database"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := bank.Restore(ctx, operator, dsn, broken, "now"); bank.CodeOf(err) != bank.Invalid {
		t.Errorf("a broken backup: %v, want Invalid", err)
	}
	kept, err := bank.Restore(ctx, operator, dsn, copied, "now")
	if err != nil {
		t.Fatal(err)
	}
	restored, old := open(t, dsn), open(t, "sqlite:"+kept)
	if export(t, restored, "equivalences") != want {
		t.Error("the restored bank says something else")
	}
	if _, err := old.Snapshot(ctx); err != nil {
		t.Errorf("what was replaced is kept, but broken: %v", err)
	}
}

// A database that holds something else stays as it is.
func TestForeignDatabasesAreRefused(t *testing.T) {
	run := func(t *testing.T, dsn, driver, rawDSN string) {
		raw, err := sql.Open(driver, rawDSN)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = raw.Close() }()
		if _, err := raw.Exec(`CREATE TABLE shoes (size INTEGER)`); err != nil {
			t.Fatal(err)
		}
		if _, err := bank.Open(context.Background(), dsn); bank.CodeOf(err) != bank.Conflict {
			t.Errorf("got %v, want Conflict", err)
		}
		if _, err := raw.Exec(`SELECT * FROM migration`); err == nil {
			t.Error("the bank was begun in it")
		}
	}
	t.Run("sqlite", func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "other.db")
		run(t, "sqlite:"+path, "sqlite3", "file:"+path)
		if mode := journalMode(t, path); mode != "delete" {
			t.Errorf("the file was changed to %s", mode)
		}
	})
	t.Run("postgres", func(t *testing.T) { dsn := testbed.Postgres(t); run(t, dsn, "pgx", dsn) })
}

func journalMode(t *testing.T, path string) (mode string) {
	t.Helper()
	raw, err := sql.Open("sqlite3", "file:"+path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = raw.Close() }()
	if err := raw.QueryRow("PRAGMA journal_mode").Scan(&mode); err != nil {
		t.Fatal(err)
	}
	return mode
}

func TestPostgresInAnotherEncodingIsRefused(t *testing.T) {
	dsn := testbed.Postgres(t)
	raw, err := sql.Open("pgx", dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = raw.Close() }()
	var name string
	if err := raw.QueryRow("SELECT current_database()").Scan(&name); err != nil {
		t.Fatal(err)
	}
	latin := name + "_latin"
	if _, err := raw.Exec("CREATE DATABASE " + latin + " ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0"); err != nil {
		t.Fatal(err)
	}
	defer func() {
		if _, err := raw.Exec("DROP DATABASE " + latin + " WITH (FORCE)"); err != nil {
			t.Error(err)
		}
	}()
	address, err := url.Parse(dsn)
	if err != nil {
		t.Fatal(err)
	}
	address.Path = "/" + latin
	if _, err := bank.Open(context.Background(), address.String()); bank.CodeOf(err) != bank.Invalid || !strings.Contains(err.Error(), "LATIN1") {
		t.Errorf("got %v, want Invalid naming LATIN1", err)
	}
}

// What the machine or the server refuses is a sentence; no statement is in it.
func TestFailuresOfTheDatabaseAreExplained(t *testing.T) {
	folder := t.TempDir()
	garbage := filepath.Join(folder, "garbage.db")
	if err := os.WriteFile(garbage, []byte(strings.Repeat("this is no database ", 100)), 0o600); err != nil {
		t.Fatal(err)
	}
	missing, err := url.Parse(testbed.Postgres(t))
	if err != nil {
		t.Fatal(err)
	}
	missing.Path = "/nowhere"
	for dsn, want := range map[string]string{
		"sqlite:" + folder:                         "error.db_open",
		"sqlite:" + garbage:                        "error.db_damaged",
		"postgres://127.0.0.1:1/x?sslmode=disable": "error.db_connect",
		"postgres://:port/x":                       "error.db_address",
		missing.String():                           "error.db_missing",
	} {
		_, err := bank.Open(context.Background(), dsn)
		if got := bank.Explain(err); got == nil || got.Key != want || !errors.Is(got, err) {
			t.Errorf("%s: %v is explained as %v, want %s", dsn, err, got, want)
		}
	}
	if got := bank.Explain(errors.New("something else")); got != nil {
		t.Errorf("an error of ours is explained as %v", got)
	}
}

// A full disk: the error names the table and not the statement, and nothing is kept.
func TestFullDisk(t *testing.T) {
	path := filepath.Join(t.TempDir(), "bank.db")
	b := open(t, "sqlite:"+path)
	small(t, b)
	before := export(t, b, "courses")
	b.LimitPages(t)
	file := "institution,code,name,credits\n"
	for n := range 20000 {
		file += fmt.Sprintf("A,full%d,Course,1\n", n)
	}
	tab := parseTable(t, []byte(file))
	_, err := b.Import(context.Background(), operator, bank.Import{Kind: "courses", Header: tab.header, Rows: tab.all()})
	if got := bank.Explain(err); got == nil || got.Key != "error.db_full" {
		t.Fatalf("got %v", err)
	}
	if len(err.Error()) > 200 || strings.Contains(err.Error(), "VALUES") {
		t.Errorf("the error holds the statement: %d characters", len(err.Error()))
	}
	if export(t, b, "courses") != before {
		t.Error("something was kept")
	}
}
