// Package intake stands between files and the bank: it hands the rows of a table
// over as the bank takes them, tells what was read, and gives refused rows back as
// a file that can be mended. The command line and the pages take files in through it.
package intake

import (
	"encoding/csv"
	"errors"
	"io"
	"iter"
	"slices"
	"strconv"
	"strings"

	"creditbank/internal/bank"
	"creditbank/internal/sheet"
)

// WholeFile is the field of a fault that concerns the file and no row of it.
const WholeFile = "file"

// Table is a file that is being read for the bank.
type Table struct{ *sheet.Reader }

// Open recognises a file of a kind and reads its header; sheetName names the sheet
// of a workbook that is meant, empty for the first that can be seen. It promises
// bank.Invalid for a file that cannot be read, naming the row or the file.
func Open(in io.Reader, kind, sheetName string) (*Table, error) {
	r, err := sheet.NewReaderWith(in, sheet.Options{Sheet: sheetName, IsHeader: func(cells []string) bool { return bank.IsHeader(kind, cells) }})
	if err != nil {
		return nil, refusal(err)
	}
	return &Table{r}, nil
}

// refusal turns a fault of the file as a whole into a refusal that names it.
func refusal(err error) error {
	var fault *sheet.Fault
	if !errors.As(err, &fault) {
		return err
	}
	field := bank.FieldError{Field: "row " + strconv.Itoa(fault.Number), Code: fault.Code, Args: map[string]any{"Number": fault.Column, "Limit": sheet.MaxColumns}}
	switch fault.Code {
	case sheet.CodeEmpty, sheet.CodeWorkbook, sheet.CodeWorkbookBroken, sheet.CodeWorkbookSize, sheet.CodeEncodingFile, sheet.CodeNoSheet, sheet.CodeWide:
		field.Field = WholeFile
	case sheet.CodeDuplicateColumn:
		field.Value = fault.Cells[fault.Column-1]
	}
	if fault.Part != "" || isOfArchive(fault.Code) {
		field.Field, field.Args["Part"], field.Args["Row"] = WholeFile, fault.Part, fault.Number
	}
	return &bank.Error{Code: bank.Invalid, Key: "error.invalid_fields", Args: map[string]any{"Count": 1}, Fields: []bank.FieldError{field}}
}

// isOfArchive tells what is wrong with an archive as such.
func isOfArchive(code string) bool {
	return slices.Contains([]string{sheet.CodeArchive, sheet.CodeArchiveBroken, sheet.CodeArchiveSize, sheet.CodeArchiveEncrypted, sheet.CodeArchivePath,
		sheet.CodeArchiveFolder, sheet.CodeArchiveTwice}, code)
}

// Rows hands rows over; one that cannot be read is a row with its fault, and with
// all that stands in it.
func (t *Table) Rows() iter.Seq2[bank.Row, error] {
	width, epoch := len(t.Header()), int(t.Form().Epoch)
	return func(yield func(bank.Row, error) bool) {
		for row, err := range t.All() {
			given := bank.Row{Number: row.Number, Line: row.Line, Cells: row.Cells, Epoch: epoch}
			for _, m := range row.Marks {
				given.Marks = append(given.Marks, bank.Mark{Cell: m.Cell - 1, Code: m.Code, Value: m.Value})
			}
			var fault *sheet.Fault
			if errors.As(err, &fault) {
				given, err = brokenRow(fault, width), nil
			}
			if !yield(given, err) {
				return
			}
		}
	}
}

// Notes are what is to be said of how the file was read.
func (t *Table) Notes() []bank.Note {
	var notes []bank.Note
	for _, n := range t.Form().Notes {
		notes = append(notes, bank.Note{Code: n.Code, Row: n.Row, Count: n.Count, Text: n.Text})
	}
	return notes
}

// brokenRow is a row that could not be read, as far as it goes into columns; the
// rest of it stands behind commas, as in the file.
func brokenRow(fault *sheet.Fault, width int) bank.Row {
	row := bank.Row{Number: fault.Number, Line: fault.Line, Cells: fault.Cells, Fault: fault.Code}
	if len(fault.Cells) <= width {
		return row
	}
	row.Cells = fault.Cells[:width]
	surplus := fault.Cells[width:]
	for len(surplus) > 0 && surplus[len(surplus)-1] == "" {
		surplus = surplus[:len(surplus)-1]
	}
	var text strings.Builder
	w := csv.NewWriter(&text)
	_ = w.Write(surplus) // a strings.Builder takes everything
	w.Flush()
	row.Surplus = strings.TrimSpace(text.String())
	return row
}
