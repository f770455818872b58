package bank

import (
	"bytes"
	"database/sql"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// Of rows that share some of their values each comes back as it was written, on
// SQLite from statements in which the shared ones stand first.
func TestSharedValues(t *testing.T) {
	rows := [][]any{
		{"a", int64(1), nil, []byte{1}, true},
		{"a", int64(2), nil, []byte{1}, true},
		{"a", int64(2), nil, nil, true},
	}
	in, err := insertionOf("x", []string{"a", "b", "c", "d", "e"}, rows)
	if err != nil || in.rows() != 3 {
		t.Fatalf("%d rows, %v", in.rows(), err)
	}
	shared := in.shared()
	if want := []bool{true, false, true, false, true}; !slices.Equal(shared, want) {
		t.Errorf("shared are %v, want %v", shared, want)
	}
	way := boundRows{into: "INSERT INTO x VALUES ", shared: shared}
	args := way.bound(nil, in.some(0, 3))
	if len(args) != 3+3*2 {
		t.Fatalf("%d parameters", len(args))
	}
	for i, value := range []any{"a", nil, true, int64(1)} {
		if args[i].Value != value || args[i].Ordinal != i+1 {
			t.Errorf("parameter %d is %v", i+1, args[i])
		}
	}
	begin := func(shared []bool, implied int) string {
		way := boundRows{into: "INSERT INTO x VALUES ", shared: shared, implied: implied}
		text := way.statement()
		return text[:strings.Index(text, ")")+1]
	}
	if got := begin([]bool{false, true, false}, 0); got != "INSERT INTO x VALUES (?2,?1,?3)" {
		t.Error(got)
	}
	way.implied = 2
	if args := way.bound(nil, in.some(0, 3)); len(args) != 2+3 || args[0].Value != nil || args[1].Value != true {
		t.Errorf("without the first columns %v", args)
	}
	if got := begin([]bool{false, true, false}, 1); got != "INSERT INTO x VALUES (?1,?2)" {
		t.Error(got)
	}
}

// What is nothing, what is empty and what is long comes into SQLite as it is, in one
// statement or in many rows.
func TestValuesAsTheyAre(t *testing.T) {
	b, err := Open(t.Context(), "sqlite:"+filepath.Join(t.TempDir(), "bank.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = b.Close() }()
	values := []any{nil, []byte{}, "", "\x00字", bytes.Repeat([]byte("x"), 2<<20), int64(-1), true}
	for len(values) < insertChunk+3 {
		values = append(values, fmt.Sprint(len(values)))
	}
	want := []string{"null", "blob 0", "text 0", "text 4", "blob 2097152", "integer 2", "integer 1"}
	err = b.write(t.Context(), Actor{Name: "probe"}, func(t2 *tx) error {
		if err := t2.exec(`CREATE TEMPORARY TABLE kept (number INTEGER, value)`); err != nil {
			return err
		}
		var rows [][]any
		for i, value := range values {
			rows = append(rows, []any{i, value})
		}
		for _, some := range [][][]any{rows, rows[:len(want)]} {
			if err := t2.insert("kept", []string{"number", "value"}, some); err != nil {
				return err
			}
		}
		var got []string
		err := t2.each(func(rows *sql.Rows) error {
			var kind string
			var size sql.NullInt64
			err := rows.Scan(&kind, &size)
			if size.Valid {
				kind += fmt.Sprintf(" %d", size.Int64)
			}
			got = append(got, kind)
			return err
		}, `SELECT typeof(value), length(CAST(value AS BLOB)) FROM kept WHERE number < 7 ORDER BY rowid`)
		if twice := slices.Concat(want, want); !slices.Equal(got, twice) {
			t.Errorf("%q, want %q", got, twice)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}
