package sheet

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"iter"
	"slices"
	"strings"
	"unicode/utf8"
)

// Reader reads a table row by row. It holds one row in memory.
type Reader struct {
	scan   *scanner
	header []string
	end    error // what every further call of Next answers, once set
}

// NewReader reads the header: the first row that is not blank. A byte order
// mark, the space around names and unnamed columns at the end are left out.
//
// Errors: a [*Fault], with the codes encoding_file, quotes, empty,
// duplicate_column, unnamed_column, workbook and size; or the error of in.
func NewReader(in io.Reader) (*Reader, error) {
	buffered := bufio.NewReaderSize(in, 64<<10)
	if err := start(buffered); err != nil {
		return nil, err
	}
	r := &Reader{scan: &scanner{in: buffered, line: 1}}
	names, err := r.content()
	if err == io.EOF {
		return nil, &Fault{Line: 1, Number: 1, Code: CodeEmpty}
	}
	var fault *Fault
	if errors.As(err, &fault) && fault.Code == CodeEncoding {
		fault.Code = CodeEncodingFile
	}
	if err != nil {
		return nil, err
	}
	for names[len(names)-1] == "" {
		names = names[:len(names)-1]
	}
	if err := r.checkHeader(names); err != nil {
		return nil, err
	}
	r.header = names
	return r, nil
}

// Workbooks begin with the marks of their containers: ZIP (XLSX) or OLE (XLS).
const (
	zipMark = "PK\x03\x04"
	oleMark = "\xd0\xcf\x11\xe0"
)

// start passes over a byte order mark and knows a workbook.
func start(in *bufio.Reader) error {
	first, err := in.Peek(len(zipMark))
	if err != nil && err != io.EOF {
		return err
	}
	switch text := string(first); {
	case text == zipMark, text == oleMark:
		return &Fault{Line: 1, Number: 1, Code: CodeWorkbook}
	case strings.HasPrefix(text, byteOrderMark):
		_, err := in.Discard(len(byteOrderMark))
		return err
	}
	return nil
}

// checkHeader wants a name for every column, and each only once.
func (r *Reader) checkHeader(names []string) error {
	for i, name := range names {
		code := CodeDuplicateColumn
		if name == "" {
			code = CodeUnnamedColumn
		}
		if name == "" || slices.Contains(names[:i], name) {
			fault := r.scan.fault(i+1, code)
			fault.Cells = names
			return fault
		}
	}
	return nil
}

// Header is the names of the columns, in the order of the file.
func (r *Reader) Header() []string { return slices.Clone(r.header) }

// Next reads the next row. Rows without any content are skipped, cells missing
// at the end of a row are blank, and the white space around a cell is left out.
//
// Errors: io.EOF after the last row; a [*Fault] with the code columns,
// encoding or size, after which Next goes on with the next row; a [*Fault] with
// the code quotes, after which there are no more rows, since nobody can say
// where the next one begins; or the error of the underlying reader, for good.
func (r *Reader) Next() (Row, error) {
	if r.end != nil {
		return Row{}, r.end
	}
	cells, err := r.content()
	if err != nil {
		r.end = lasting(err)
		return Row{}, err
	}
	width := len(r.header)
	for i := width; i < len(cells); i++ {
		if cells[i] != "" {
			fault := r.scan.fault(i+1, CodeColumns)
			fault.Cells = cells
			return Row{}, fault
		}
	}
	for len(cells) < width {
		cells = append(cells, "")
	}
	return Row{Line: r.scan.row, Number: r.scan.number, Cells: cells[:width:width]}, nil
}

// All is every row and every fault that Next gives, in order. It ends at the end
// of the file or after an error that is not a [*Fault].
func (r *Reader) All() iter.Seq2[Row, error] {
	return func(yield func(Row, error) bool) {
		for {
			row, err := r.Next()
			if err == io.EOF {
				return
			}
			if !yield(row, err) {
				return
			}
			if r.end != nil && r.end != io.EOF {
				return
			}
		}
	}
}

// lasting is what Next answers after err for ever; nil when it can go on.
func lasting(err error) error {
	var fault *Fault
	if !errors.As(err, &fault) {
		return err
	}
	if fault.Code == CodeQuotes {
		return io.EOF
	}
	return nil
}

// content reads the next row that has some, and cleans its cells.
func (r *Reader) content() ([]string, error) {
	for {
		if err := r.scan.next(); err != nil {
			return nil, err
		}
		cells, err := r.clean()
		if err != nil || slices.ContainsFunc(cells, func(c string) bool { return c != "" }) {
			return cells, err
		}
	}
}

// clean makes the cells of the scanned row: valid, trimmed, without guards. They
// share one string.
func (r *Reader) clean() ([]string, error) {
	text, start := string(r.scan.text), 0
	cells := make([]string, 0, max(len(r.scan.ends), len(r.header)))
	var fault *Fault
	for i, end := range r.scan.ends {
		cell := text[start:end]
		if !readable(cell) {
			if fault == nil {
				fault = r.scan.fault(i+1, CodeEncoding)
			}
			cell = spelled(cell)
		}
		cells = append(cells, unguard(strings.TrimSpace(cell)))
		start = end
	}
	if fault != nil {
		fault.Cells = cells
		return nil, fault
	}
	return cells, nil
}

// spelled is a cell with \xNN for every byte that is no text.
func spelled(cell string) string {
	var s strings.Builder
	for len(cell) > 0 {
		r, size := utf8.DecodeRuneInString(cell)
		if r == 0 || r == utf8.RuneError && size == 1 {
			fmt.Fprintf(&s, `\x%02x`, cell[0])
		} else {
			s.WriteString(cell[:size])
		}
		cell = cell[size:]
	}
	return s.String()
}

// readable reports whether a cell is text: UTF-8 without NUL, which PostgreSQL
// cannot hold.
func readable(cell string) bool {
	return utf8.ValidString(cell) && strings.IndexByte(cell, 0) < 0
}
