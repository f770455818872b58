package intake_test

import (
	"bytes"
	"context"
	"io"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"creditbank/internal/bank"
	"creditbank/internal/intake"
	"creditbank/internal/testbed"
)

func TestMain(m *testing.M) { os.Exit(testbed.Main(m)) }

var operator = bank.Operator("operator")

// open opens an empty bank in a file.
func open(t testing.TB) *bank.Bank {
	t.Helper()
	dsn := "sqlite:" + t.TempDir() + "/bank.db"
	b, err := bank.OpenWith(context.Background(), dsn, bank.Options{PersonalKey: testbed.PersonalKey(dsn)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = b.Close() })
	b.Now = func() time.Time { return time.Date(2026, 11, 22, 3, 0, 0, 0, time.UTC) }
	return b
}

// take imports a file.
func take(b *bank.Bank, kind, sheetName string, file []byte) (bank.ImportReport, error) {
	return takeFrom(b, kind, sheetName, bytes.NewReader(file))
}

// takeFrom imports what can be read.
func takeFrom(b *bank.Bank, kind, sheetName string, in io.Reader) (bank.ImportReport, error) {
	if kind == bank.OneRoster {
		return takeRoster(b, in)
	}
	table, err := intake.Open(in, kind, sheetName)
	if err != nil {
		return bank.ImportReport{}, err
	}
	defer func() { _ = table.Close() }()
	return b.Import(context.Background(), operator, bank.Import{Kind: kind, Header: table.Header(), Rows: table.Rows(), Notes: table.Notes()})
}

// takeRoster imports an archive.
func takeRoster(b *bank.Bank, in io.Reader) (bank.ImportReport, error) {
	r, err := intake.OpenRoster(in)
	if err != nil {
		return bank.ImportReport{}, err
	}
	return b.Import(context.Background(), operator, bank.Import{Kind: bank.OneRoster, Header: bank.RosterHeader(), Rows: r.Rows(), Notes: r.Notes()})
}

// key says keys as they are.
func key(key string, _ map[string]any) string { return key }

// Of a template, the sheet to fill in has a header alone, and the sheets of
// examples of all kinds together make a bank.
func TestTemplates(t *testing.T) {
	b := open(t)
	for _, kind := range bank.Kinds() {
		var book bytes.Buffer
		if err := intake.WriteTemplate(&book, kind, "xlsx", key); err != nil {
			t.Fatal(err)
		}
		if r, err := take(b, kind, "", book.Bytes()); err != nil || r.Rows != 0 {
			t.Errorf("%s: %+v %v", kind, r, err)
		}
		examples := len(bank.Examples(kind))
		if r, err := take(b, kind, "template.examples", book.Bytes()); err != nil || r.New != examples || r.Refused > 0 || examples == 0 {
			t.Errorf("examples of %s: %+v %v", kind, r, err)
		}
		lookAtTemplate(t, kind, book.Bytes())
	}
}

// lookAtTemplate wants text in every column, a note at each name, and drop-downs of
// exactly the words that are taken.
func lookAtTemplate(t *testing.T, kind string, file []byte) {
	t.Helper()
	f, err := excelize.OpenReader(bytes.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	columns, err := bank.Columns(kind)
	if err != nil {
		t.Fatal(err)
	}
	comments, _ := f.GetComments("template.fill_in")
	if len(comments) != len(columns) {
		t.Errorf("%s has %d columns and %d notes", kind, len(columns), len(comments))
	}
	lists, _ := f.GetDataValidations("template.fill_in")
	for i, c := range columns {
		column, _ := excelize.ColumnNumberToName(i + 1)
		style, _ := f.GetColStyle("template.fill_in", column)
		if s, err := f.GetStyle(style); err != nil || s.NumFmt != 49 {
			t.Errorf("%s: %s is no text", kind, c.Name)
		}
		at := slices.IndexFunc(lists, func(v *excelize.DataValidation) bool { return strings.HasPrefix(v.Sqref, column+"2:") })
		if has := at >= 0; has != (c.Choices != nil) || has && lists[at].Formula1 != `"`+strings.Join(c.Choices, ",")+`"` {
			t.Errorf("%s: %s has the wrong drop-down", kind, c.Name)
		}
	}
}

// The words that a template offers are those that an import takes.
func TestChoicesAreTaken(t *testing.T) {
	b := open(t)
	for _, kind := range bank.Kinds() {
		columns, err := bank.Columns(kind)
		if err != nil {
			t.Fatal(err)
		}
		for i, c := range columns {
			taken := wordsTaken(t, b, kind, columns, i)
			if taken != len(c.Choices) && c.Name != "reasons" {
				t.Errorf("%s.%s: the template offers %d words, the import takes %d", kind, c.Name, len(c.Choices), taken)
			}
		}
	}
}

// wordsTaken is how many words an import says it takes in a column.
func wordsTaken(t *testing.T, b *bank.Bank, kind string, columns []bank.ColumnInfo, at int) int {
	t.Helper()
	var header, row []string
	for _, c := range columns {
		header, row = append(header, c.Name), append(row, "")
	}
	copy(row, bank.Examples(kind)[0])
	row[at] = "?"
	rows := func(yield func(bank.Row, error) bool) { yield(bank.Row{Number: 2, Cells: row}, nil) }
	r, err := b.Import(context.Background(), operator, bank.Import{Kind: kind, Header: header, Rows: rows, DryRun: true})
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range r.Errors {
		switch {
		case e.Column != columns[at].Name:
		case e.Code == "choice":
			return len(strings.Split(e.Args["Choices"].(string), ", "))
		case e.Code == "regional_code":
			return len(strings.Split(e.Args["Codes"].(string), "、"))
		}
	}
	return 0
}
