package sheet

import (
	"errors"
	"io"
	"slices"
	"strings"

	"github.com/xuri/excelize/v2"
)

// WorkbookWriter writes a table as a workbook (XLSX) that [Reader] reads back
// equal: every cell is text, so that codes keep their zeros and nothing is run as
// a formula. The first row written is the header.
type WorkbookWriter struct {
	out    io.Writer
	file   *excelize.File
	stream *excelize.StreamWriter
	text   int // the style of cells: text
	head   int
	red    int
	row    int
}

// workbookSheet is the name of the one sheet.
const workbookSheet = "Sheet1"

// NewWorkbookWriter writes to out when Flush is called at the end.
func NewWorkbookWriter(out io.Writer) (*WorkbookWriter, error) {
	w := &WorkbookWriter{out: out, file: excelize.NewFile()}
	var err error
	const asText = 49 // ECMA-376, 18.8.30: the number format "@"
	if w.text, err = w.file.NewStyle(&excelize.Style{NumFmt: asText}); err != nil {
		return nil, err
	}
	if w.head, err = w.file.NewStyle(&excelize.Style{NumFmt: asText, Font: &excelize.Font{Bold: true}}); err != nil {
		return nil, err
	}
	w.red, err = w.file.NewStyle(&excelize.Style{NumFmt: asText, Font: &excelize.Font{Color: "9C0006"}, Fill: excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{"FFC7CE"}}})
	if err != nil {
		return nil, err
	}
	w.stream, err = w.file.NewStreamWriter(workbookSheet)
	return w, err
}

// begin shapes the columns before the first row: text, also in the rows that a
// person adds below, and a header that stays in sight.
func (w *WorkbookWriter) begin(columns int) error {
	const width = 18 // characters
	if err := w.stream.SetColWidth(1, max(columns, 1), width); err != nil {
		return err
	}
	if err := w.stream.SetColStyle(1, max(columns, 1), w.text); err != nil {
		return err
	}
	return w.stream.SetPanes(&excelize.Panes{Freeze: true, YSplit: 1, TopLeftCell: "A2", ActivePane: "bottomLeft"})
}

// Write writes one row. White space around cells is left out.
//
// Errors: a [*Fault] with the code encoding for a cell that is no text, size for
// one longer than a workbook can hold, or for a row too many; nothing is written then.
func (w *WorkbookWriter) Write(cells []string) error { return w.WriteRed(cells, nil) }

// WriteRed is Write with some cells made red, by their places from 0.
func (w *WorkbookWriter) WriteRed(cells []string, red []int) error {
	row := make([]any, len(cells))
	style := w.text
	if w.row == 0 {
		style = w.head
		if err := w.begin(len(cells)); err != nil {
			return err
		}
	}
	if w.row == excelize.TotalRows {
		return &Fault{Line: w.row + 1, Number: w.row + 1, Code: CodeSize}
	}
	for i, cell := range cells {
		cell = strings.TrimSpace(cell)
		switch {
		case !readable(cell) || !inXML(cell):
			return &Fault{Line: w.row + 1, Number: w.row + 1, Column: i + 1, Code: CodeEncoding}
		case len(cell) > excelize.TotalCellChars:
			return &Fault{Line: w.row + 1, Number: w.row + 1, Column: i + 1, Code: CodeSize}
		}
		row[i] = excelize.Cell{StyleID: style, Value: cell}
		if slices.Contains(red, i) {
			row[i] = excelize.Cell{StyleID: w.red, Value: cell}
		}
	}
	w.row++
	at, err := excelize.CoordinatesToCellName(1, w.row)
	if err != nil {
		return err
	}
	return w.stream.SetRow(at, row)
}

// inXML says whether XML 1.0 can hold a text.
func inXML(text string) bool {
	return !strings.ContainsFunc(text, func(r rune) bool {
		return r < ' ' && r != '\t' && r != '\n' && r != '\r' || r == '\uFFFE' || r == '\uFFFF'
	})
}

// Flush hands the workbook to the underlying writer.
func (w *WorkbookWriter) Flush() error {
	err := w.stream.Flush()
	if err == nil {
		err = w.file.Write(w.out)
	}
	return errors.Join(err, w.file.Close())
}
