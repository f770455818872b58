package bank_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"creditbank/internal/bank"
)

// guardOf is the trigger that keeps entries from being put in the place of others.
func guardOf(t *testing.T, raw *sql.DB) (guard string) {
	t.Helper()
	if err := raw.QueryRow(`SELECT sql FROM sqlite_schema WHERE type = 'trigger' AND name = 'entry_insert'`).Scan(&guard); err != nil {
		t.Error(err)
	}
	return guard
}

// wantGuarded wants all that guards the tables: as it was in the file, and in the
// connection that writes.
func wantGuarded(t *testing.T, b *bank.Bank, raw *sql.DB, guard string) {
	t.Helper()
	if got := guardOf(t, raw); got != guard {
		t.Errorf("the guard is %q, was %q", got, guard)
	}
	for statement, want := range map[string]string{
		`UPDATE record SET level = 11`:                            "CHECK",
		`REPLACE INTO entry SELECT * FROM entry WHERE number = 0`: "append only",
		`UPDATE record SET course = 'none'`:                       "FOREIGN KEY",
	} {
		err := b.Write(ctx, func(tx bank.Tx) error { return tx.Statement(statement) })
		if said := fmt.Sprint(err, errors.Unwrap(err), bank.Explain(err)); err == nil || want != "FOREIGN KEY" && !strings.Contains(said, want) {
			t.Errorf("%s: %v", statement, said)
		}
	}
}

// wantConsistent wants all rows to keep to the conditions of their tables.
func wantConsistent(t *testing.T, raw *sql.DB) {
	t.Helper()
	var said string
	if err := raw.QueryRow(`PRAGMA integrity_check`).Scan(&said); err != nil || said != "ok" {
		t.Errorf("integrity_check: %s, %v", said, err)
	}
	var dangling int
	if err := raw.QueryRow(`SELECT count(*) FROM pragma_foreign_key_check`).Scan(&dangling); err != nil || dangling != 0 {
		t.Errorf("%d rows refer to nothing, %v", dangling, err)
	}
}

// A long import lets rows in past the conditions that its reader and the ledger have
// asked already. However it ends the guards are there again, and no row breaks them.
func TestLongImportIsGuarded(t *testing.T) {
	dir := t.TempDir()
	dsn := "sqlite:" + filepath.Join(dir, "bank.db")
	b := little(t, opened(t, dsn, filepath.Join(dir, "key")))
	raw := rawOf(t, dsn)
	guard := guardOf(t, raw)
	file := recordsHeader
	for n := range 900 {
		file += row([]string{"L1", "L2", "L3"}[n%3], fmt.Sprint("R", n), fmt.Sprint(n%101))
	}
	if r := textIn(t, b, "records", file); r.New != 900 {
		t.Fatalf("%+v", r)
	}
	wantGuarded(t, b, raw, guard)
	if r := textIn(t, b, "records", file+row("L1", "R0", "99")); r.Written || r.Refused != 1 {
		t.Fatalf("%+v", r)
	}
	wantGuarded(t, b, raw, guard)
	wantSound(t, b)
	wantConsistent(t, raw)
	stopped, stop := context.WithCancel(ctx)
	_, err := b.Import(stopped, operator, bank.Import{Kind: "records", Header: strings.Split(strings.TrimSpace(recordsHeader), ","), Rows: func(yield func(bank.Row, error) bool) {
		for n := range 25_000 {
			if n == 21_000 {
				stop()
			}
			if !yield(bank.Row{Number: n + 2, Line: n + 2, Cells: strings.Split(strings.TrimSpace(row("L1", fmt.Sprint("S", n), "80")), ",")}, nil) {
				return
			}
		}
	}})
	if err == nil {
		t.Error("it is written though nobody wants it any more")
	}
	wantGuarded(t, b, raw, guard)
	if report := wantSound(t, b); report.Entries != 900 {
		t.Errorf("%d entries", report.Entries)
	}
}

// What the reader of results lets through keeps to the conditions of the table, at
// their edges too.
func TestReaderAsksWhatTheTableAsks(t *testing.T) {
	dir := t.TempDir()
	dsn := "sqlite:" + filepath.Join(dir, "bank.db")
	b := little(t, opened(t, dsn, filepath.Join(dir, "key")))
	edges := map[string][]string{
		"learner":      {"L1", "", "L9"},
		"reference":    {"", "-", strings.Repeat("𠮷", 80), strings.Repeat("字", 81)},
		"kind":         {"", "course", "certificate", "contest", "exam", "work", "experience", "prior_learning", "diploma"},
		"grade":        {"", "0", "100", "100.5", "-1", "优秀", "不及格"},
		"scale":        {"", "percent", "five", "none"},
		"credits":      {"", "0", "9999.99", "10000", "-1", "0.001"},
		"hours":        {"", "0", "9999999", "9999999.5", "-1"},
		"level":        {"", "1", "10", "0", "11"},
		"completed_on": {"2025-07-01", "0001-01-01", "9999-12-31", ""},
		"valid_to":     {"", "2025-07-01", "9999-12-31", "2020-01-01"},
	}
	header := []string{"institution", "course", "learner", "reference", "kind", "grade", "scale", "credits", "hours", "level", "completed_on", "valid_to"}
	plain := []string{school, "C1", "L1", "", "course", "80", "", "", "", "", "2025-07-01", ""}
	var rows [][]string
	for one, first := range header {
		for other := one; other < len(header); other++ {
			for _, a := range edges[first] {
				for _, b := range edges[header[other]] {
					cells := slices.Clone(plain)
					cells[3] = fmt.Sprint("R", len(rows))
					cells[one], cells[other] = a, b
					rows = append(rows, cells)
				}
			}
		}
	}
	report, err := b.Import(ctx, operator, bank.Import{Kind: "records", Header: header, Partial: true, Rows: func(yield func(bank.Row, error) bool) {
		for n, cells := range rows {
			if !yield(bank.Row{Number: n + 2, Line: n + 2, Cells: cells}, nil) {
				return
			}
		}
	}})
	if err != nil || report.New < 100 || report.Refused < 100 {
		t.Fatalf("%d of %d rows are new, %d refused, %v", report.New, report.Rows, report.Refused, err)
	}
	wantConsistent(t, rawOf(t, dsn))
	wantSound(t, b)
}
