package main

import (
	"io"
	"strconv"
	"strings"

	"creditbank/internal/bank"
	"creditbank/internal/web"
)

// writeRejects writes the refused rows as they came, with row, column, value
// and reason, so that they can be mended and imported again.
func (a *app) writeRejects(file io.Writer, format string, header []string, r bank.ImportReport) error {
	w, err := newTable(file, format)
	if err != nil {
		return err
	}
	kept := keptColumns(header)
	if err := w.Write(append(pick(header, kept), bank.RejectColumns()...)); err != nil {
		return err
	}
	faults := map[int][]bank.RowError{}
	for _, e := range r.Errors {
		faults[e.Row] = append(faults[e.Row], e)
	}
	for _, row := range r.Rejected {
		if err := w.Write(append(pick(row.Cells, kept), a.rejectCells(row, faults[row.Number], r.Names)...)); err != nil {
			return err
		}
	}
	return w.Flush()
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
func (a *app) rejectCells(row bank.Row, faults []bank.RowError, names map[string]string) []string {
	var columns, values, reasons []string
	for _, e := range faults {
		columns = append(columns, names[e.Column])
		values = append(values, e.Value)
		reasons = append(reasons, web.FieldMessage(a.say, e.Value, e.Code, e.Args))
	}
	number, reason := strconv.Itoa(row.Number), strings.Join(reasons, "; ")
	if row.Surplus != "" {
		return []string{number, "", row.Surplus, reason}
	}
	return []string{number, strings.Join(columns, "; "), strings.Join(values, "; "), reason}
}
