package sheet

import (
	"bufio"
	"encoding/csv"
	"io"
	"slices"
	"strings"
)

// Writer writes a table that [Reader] reads back equal: UTF-8 with a byte order
// mark, commas, rows that end with LF. The first row written is the header.
type Writer struct {
	out     *bufio.Writer
	csv     *csv.Writer
	row     int
	guarded []string
}

// NewWriter writes to out; Flush must be called at the end.
func NewWriter(out io.Writer) *Writer {
	buffered := bufio.NewWriter(out)
	return &Writer{out: buffered, csv: csv.NewWriter(buffered)}
}

// Write writes one row. White space around cells is left out, and cells that a
// spreadsheet would run as a formula get an apostrophe in front, which Reader
// takes off again.
//
// Errors: a [*Fault] with the code encoding, whose line is the number of the
// row, for a cell that could not be read back, and nothing is written then; or
// the error of out.
func (w *Writer) Write(cells []string) error {
	w.guarded = w.guarded[:0]
	for i, cell := range cells {
		if !readable(cell) {
			return &Fault{Line: w.row + 1, Column: i + 1, Code: CodeEncoding}
		}
		w.guarded = append(w.guarded, guard(strings.TrimSpace(cell)))
	}
	if w.row == 0 {
		if _, err := w.out.WriteString(byteOrderMark); err != nil {
			return err
		}
	}
	w.row++
	if w.row == 1 && slices.ContainsFunc(w.guarded, func(c string) bool { return strings.ContainsAny(c, ";\t") }) {
		return w.quoted()
	}
	return w.csv.Write(w.guarded)
}

// quoted writes a header in which something could be taken for another separator.
func (w *Writer) quoted() error {
	for i, cell := range w.guarded {
		if i > 0 {
			_ = w.out.WriteByte(',') // bufio keeps its error for the next call
		}
		_, _ = w.out.WriteString(`"` + strings.ReplaceAll(cell, `"`, `""`) + `"`)
	}
	_, err := w.out.WriteString("\n")
	return err
}

// Flush hands what was written to the underlying writer.
func (w *Writer) Flush() error {
	w.csv.Flush()
	if err := w.csv.Error(); err != nil {
		return err
	}
	return w.out.Flush()
}
