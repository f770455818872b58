// Package sheet reads and writes tables as files: a header, rows of text
// cells, and for everything that is wrong the place where it is. It knows
// nothing of what the cells mean.
//
// A file is a workbook (XLSX), or CSV as in RFC 4180 with commas, semicolons or
// tabs, in UTF-8, UTF-16 or GB18030. Rows may end with CRLF, LF or CR. The package
// has a scanner of its own because encoding/csv turns CRLF inside a quoted cell
// into LF, and reads a row of any length into memory before it can be refused.
package sheet

import (
	"fmt"
	"strings"
)

// Limits on what is read, in bytes of the file. They keep a file that lacks one
// closing quote from being taken into memory whole.
const (
	MaxCell = 1 << 20
	MaxRow  = 4 << 20
	// MaxColumns is how many columns a table may have: those of a spreadsheet.
	MaxColumns = 16384
)

// The codes of a [Fault].
const (
	CodeEncoding        = "encoding"         // the cell is not in the encoding of the file
	CodeNUL             = "nul"              // the cell holds a NUL character
	CodeSurrogate       = "surrogate"        // the cell holds half a character: one of the two parts of UTF-16
	CodeWide            = "too_wide"         // more columns than MaxColumns
	CodeNoSheet         = "no_sheet"         // the workbook has no sheet of the wanted name
	CodeQuotes          = "quotes"           // a quote in the wrong place, or none at the end
	CodeColumns         = "columns"          // more cells with content than the header has
	CodeEmpty           = "empty"            // there is no header
	CodeDuplicateColumn = "duplicate_column" // two columns have the same name
	CodeUnnamedColumn   = "unnamed_column"   // a column before the last has no name
	CodeWorkbook        = "workbook"         // the file is a workbook of before 2007 (XLS), or locked with a password
	CodeWorkbookBroken  = "workbook_broken"  // the workbook is damaged
	CodeWorkbookSize    = "workbook_size"    // the workbook is over MaxWorkbook, or unpacks to far more
	CodeEncodingFile    = "encoding_file"    // the header is in no encoding that is known
	CodeSize            = "size"             // a cell over MaxCell or a row over MaxRow
)

// Row is one row of a table below its header.
type Row struct {
	// Line is the line of the file on which the row begins; the first is 1.
	Line int
	// Number is the number of the row as a spreadsheet shows it: blank rows
	// count, and so do the rows above the header; the first is 1.
	Number int
	// Cells has exactly as many cells as the header.
	Cells []string
	// Marks are what is to be known of some of its cells.
	Marks []Mark
}

// Mark is what is to be known of a cell of a workbook beside its value.
type Mark struct {
	Cell  int    // the first is 1
	Code  string // one of the Mark constants
	Value string // what stands in the first of merged cells
}

// The codes of a [Mark].
const (
	MarkMerged      = "merged"       // the cell is merged with others, and the value stands in the first of them
	MarkNotComputed = "not_computed" // the cell holds a formula that was never computed
)

// Note is something to be said of how a file was read, that is no fault.
type Note struct {
	Code  string // one of the Note constants
	Count int
	Row   int    // the first, as in [Row]; 0: none in particular
	Text  string // names, places or the formula that it is about
}

// The codes of a [Note].
const (
	NoteTitleRows    = "title_rows"    // rows above the header were left out
	NoteHiddenSheets = "hidden_sheets" // sheets that cannot be seen were not read
	NoteHiddenRows   = "hidden_rows"   // rows that cannot be seen were read like others
	NoteFormula      = "formula"       // of formulas the values were taken
)

// Fault is something wrong with the file itself.
type Fault struct {
	// Line is the line of the file on which the row with the fault begins.
	Line int
	// Number is the number of that row, as in [Row].
	Number int
	// Column is the number of the cell in that row, the first is 1; 0 is the
	// row as a whole.
	Column int
	// Code is one of the Code constants.
	Code string
	// Cells is what the row holds, for the codes columns and encoding, and in the
	// header for duplicate_column: all its cells, also more than the header has. Bytes that
	// are no text stand there as \xNN, so that nothing of the row is lost.
	Cells []string
	// Part is, of an archive, the part that it is about.
	Part string
}

// Error is for logs; what a person reads is made from Code.
func (f *Fault) Error() string {
	if f.Column == 0 {
		return fmt.Sprintf("line %d: %s", f.Line, f.Code)
	}
	return fmt.Sprintf("line %d, cell %d: %s", f.Line, f.Column, f.Code)
}

// guard puts an apostrophe before a cell that a spreadsheet would run as a
// formula; a cell that has apostrophes there already gets one more, so that
// unguard finds what was meant. See OWASP, CSV Injection.
func guard(cell string) string {
	if formula(cell) {
		return "'" + cell
	}
	return cell
}

// unguard takes off what guard put on, and the space that was behind it.
func unguard(cell string) string {
	if strings.HasPrefix(cell, "'") && formula(cell) {
		return strings.TrimSpace(cell[1:])
	}
	return cell
}

// formula reports whether a cell, leading apostrophes aside, begins like a formula.
func formula(cell string) bool {
	rest := strings.TrimLeft(cell, "'")
	return rest != "" && strings.IndexByte("=+-@\t\r", rest[0]) >= 0
}
