package bank

import (
	"maps"
	"regexp"
	"slices"
)

// rejectColumns are what a file of refused rows has besides the kind's own
// columns, so that a mended one can be imported as it is.
var rejectColumns = [...]string{"reject_line", "reject_column", "reject_value", "reject_reason"}

// RejectColumns names the columns that a file of refused rows adds.
func RejectColumns() []string { return rejectColumns[:] }

// rejectCells says where a file of refused rows, which comes in again, has the
// column and the value of the fault; -1: it is no such file.
type rejectCells struct{ column, value int }

func rejectsAt(header []string) rejectCells {
	return rejectCells{slices.Index(header, rejectColumns[1]), slices.Index(header, rejectColumns[2])}
}

// spelledByte is how a byte that was no text stands in a file of refused rows.
var spelledByte = regexp.MustCompile(`\\x[0-9a-f]{2}`)

// checkMended refuses a row of a file of refused rows in which something still
// waits for a person: cells without a column, or bytes that were no text. Taken
// as it is, the row would say something that nobody wrote.
func (at rejectCells) checkMended(c *cells) {
	if at.column < 0 || at.value < 0 || at.value >= len(c.row.Cells) || at.column >= len(c.row.Cells) {
		return
	}
	if value := c.row.Cells[at.value]; value != "" && c.row.Cells[at.column] == "" {
		c.row.Surplus = value
		c.fault("", "", "surplus_left", nil)
	}
	for _, column := range slices.Sorted(maps.Keys(c.run.at)) {
		if text := c.raw(column); spelledByte.MatchString(text) {
			c.fault(column, text, "encoding_left", nil)
		}
	}
}
