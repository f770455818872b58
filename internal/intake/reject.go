package intake

import (
	"io"
	"slices"
	"strconv"
	"strings"

	"creditbank/internal/bank"
	"creditbank/internal/sheet"
)

// TableWriter writes a table, as text or as a workbook.
type TableWriter interface {
	Write(cells []string) error
	Flush() error
}

// NewTable begins a table in a format: csv or xlsx.
func NewTable(out io.Writer, format string) (TableWriter, error) {
	if format == "xlsx" {
		return sheet.NewWorkbookWriter(out)
	}
	return sheet.NewWriter(out), nil
}

// redWriter is a table in which single cells can be made red.
type redWriter interface {
	WriteRed(cells []string, red []int) error
}

// WriteRejects writes the refused rows as they came, with row, column, value and
// reason, so that they can be mended and imported again. In a workbook the cells
// that are wrong, and the reasons, are red. word puts an error into words.
func WriteRejects(w TableWriter, header []string, r bank.ImportReport, word func(bank.RowError) string) error {
	kept := keptColumns(header)
	if err := w.Write(append(pick(header, kept), bank.RejectColumns()...)); err != nil {
		return err
	}
	type place struct {
		file string // of an archive, the part
		row  int
	}
	faults := map[place][]bank.RowError{}
	for _, e := range r.Errors {
		faults[place{e.File, e.Row}] = append(faults[place{e.File, e.Row}], e)
	}
	for _, row := range r.Rejected {
		wrong := faults[place{row.File, row.Number}]
		cells := append(pick(row.Cells, kept), rejectCells(row, wrong, r.Names, word)...)
		if err := write(w, cells, redCells(header, kept, wrong, r.Names)); err != nil {
			return err
		}
	}
	return w.Flush()
}

func write(w TableWriter, cells []string, red []int) error {
	if workbook, ok := w.(redWriter); ok {
		return workbook.WriteRed(cells, red)
	}
	return w.Write(cells)
}

// redCells are the places of what is wrong in a row, and of the reason.
func redCells(header []string, kept []int, faults []bank.RowError, names map[string]string) []int {
	red := []int{len(kept) + len(bank.RejectColumns()) - 1}
	for _, e := range faults {
		if name := names[e.Column]; name != "" {
			if i := slices.IndexFunc(kept, func(n int) bool { return header[n] == name }); i >= 0 {
				red = append(red, i)
			}
		}
	}
	return red
}

// keptColumns are the columns of the file that are not themselves from an
// earlier file of refused rows.
func keptColumns(header []string) []int {
	var kept []int
	for i, name := range header {
		if !strings.HasPrefix(name, "reject_") {
			kept = append(kept, i)
		}
	}
	return kept
}

// pick takes some of the cells; a row that could not be read has none.
func pick(cells []string, at []int) []string {
	picked := make([]string, len(at))
	for i, n := range at {
		if n < len(cells) {
			picked[i] = cells[n]
		}
	}
	return picked
}

// rejectCells words the faults of a row. What stood in no column is its value,
// without a column.
func rejectCells(row bank.Row, faults []bank.RowError, names map[string]string, word func(bank.RowError) string) []string {
	var columns, values, reasons []string
	for _, e := range faults {
		columns = append(columns, names[e.Column])
		values = append(values, e.Value)
		reasons = append(reasons, word(e))
	}
	number, reason := strconv.Itoa(row.Number), strings.Join(reasons, "; ")
	if row.Surplus != "" {
		return []string{number, "", row.Surplus, reason}
	}
	return []string{number, strings.Join(columns, "; "), strings.Join(values, "; "), reason}
}
