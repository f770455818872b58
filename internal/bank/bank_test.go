package bank_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"iter"
	"os"
	"path/filepath"
	"testing"
	"time"

	"creditbank/internal/bank"
	"creditbank/internal/sheet"
	"creditbank/internal/testbed"
	"creditbank/seeds"
)

func TestMain(m *testing.M) { os.Exit(testbed.Main(m)) }

// operator is who imports in the tests.
var operator = bank.Operator("operator")

// onBoth runs a test on a real SQLite file and on a real PostgreSQL.
func onBoth(t *testing.T, test func(t *testing.T, b *bank.Bank)) {
	t.Run("sqlite", func(t *testing.T) { test(t, open(t, "sqlite:"+filepath.Join(t.TempDir(), "bank.db"))) })
	t.Run("postgres", func(t *testing.T) { test(t, open(t, newBank(t))) })
}

// newBank is a database of PostgreSQL with a bank that nobody has used.
func newBank(t testing.TB) string {
	t.Helper()
	return testbed.PostgresLike(t, func(address string) error {
		b, err := bank.OpenWith(context.Background(), address, bank.Options{PersonalKey: testbed.PersonalKey(address)})
		if err != nil {
			return err
		}
		return b.Close()
	})
}

func open(t *testing.T, dsn string) *bank.Bank {
	t.Helper()
	b, err := bank.OpenWith(context.Background(), dsn, bank.Options{PersonalKey: testbed.PersonalKey(dsn)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = b.Close() })
	b.Now = func() time.Time { return time.Date(2026, 11, 22, 3, 0, 0, 0, time.UTC) }
	return b
}

// table is a file as the tests hand it over.
type table struct {
	header []string
	rows   []bank.Row
}

func parseTable(t *testing.T, text []byte) table {
	t.Helper()
	r, err := sheet.NewReader(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	tab := table{header: r.Header()}
	for {
		row, err := r.Next()
		var fault *sheet.Fault
		switch {
		case errors.Is(err, io.EOF):
			return tab
		case errors.As(err, &fault):
			tab.rows = append(tab.rows, bank.Row{Number: fault.Number, Line: fault.Line, Cells: fault.Cells[:min(len(fault.Cells), len(tab.header))], Fault: fault.Code})
		case err != nil:
			t.Fatal(err)
		default:
			tab.rows = append(tab.rows, bank.Row{Number: row.Number, Line: row.Line, Cells: row.Cells})
		}
	}
}

func (tab table) all() iter.Seq2[bank.Row, error] {
	return func(yield func(bank.Row, error) bool) {
		for _, row := range tab.rows {
			if !yield(row, nil) {
				return
			}
		}
	}
}

func take(t *testing.T, b *bank.Bank, kind string, tab table) bank.ImportReport {
	t.Helper()
	report, err := b.Import(context.Background(), operator, bank.Import{Kind: kind, Header: tab.header, Rows: tab.all(), Publish: true})
	if err != nil {
		t.Fatalf("import %s: %v", kind, err)
	}
	return report
}

func text(t *testing.T, b *bank.Bank, kind, csv string) bank.ImportReport {
	t.Helper()
	return take(t, b, kind, parseTable(t, []byte(csv)))
}

// export is a kind of file as it comes out.
func export(t *testing.T, b *bank.Bank, kind string) string {
	t.Helper()
	var out bytes.Buffer
	w := sheet.NewWriter(&out)
	if err := b.Export(context.Background(), operator, kind, func(cells ...string) error { return w.Write(cells) }); err != nil {
		t.Fatal(err)
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// seeded loads the demo city.
func seeded(t *testing.T, b *bank.Bank) {
	t.Helper()
	for _, f := range seeds.Files() {
		data, err := seeds.FS.ReadFile(f.Name)
		if err != nil {
			t.Fatal(err)
		}
		r := take(t, b, f.Kind, parseTable(t, data))
		if r.Refused > 0 {
			t.Fatalf("%s: refused %d: %+v", f.Name, r.Refused, r.Errors[:min(5, len(r.Errors))])
		}
	}
}

func readFile(t *testing.T, path string) []byte {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return data
}
