package sheet

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// textRows gives the rows of a file of text.
type textRows struct {
	scan       scanner
	width      int  // cells of the row before: as many are expected
	translated bool // from another encoding, in which what was no text became U+FFFD
}

func (r *textRows) at() (line, number int)               { return r.scan.row, r.scan.number }
func (r *textRows) fault(column int, code string) *Fault { return r.scan.fault(column, code) }
func (r *textRows) close() error                         { return nil }

// next scans a row and makes its cells: valid, trimmed, without guards. They
// share one string.
func (r *textRows) next() ([]string, error) {
	if err := r.scan.next(); err != nil {
		return nil, err
	}
	text, start := string(r.scan.text), 0
	cells := make([]string, 0, max(len(r.scan.ends), r.width))
	var fault *Fault
	for i, end := range r.scan.ends {
		cell := text[start:end]
		if !readable(cell) || r.translated && strings.ContainsRune(cell, utf8.RuneError) {
			if fault == nil {
				fault = r.scan.fault(i+1, CodeEncoding)
			}
			cell = spelled(cell)
		}
		cells = append(cells, unguard(strings.TrimSpace(cell)))
		start = end
	}
	r.width = len(cells)
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
		if r == 0 || r == utf8.RuneError {
			for i := range size {
				fmt.Fprintf(&s, `\x%02x`, cell[i])
			}
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
