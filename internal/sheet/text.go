package sheet

import (
	"bytes"
	"fmt"
	"strings"
	"unicode/utf8"
)

// textRows gives the rows of a file of text.
type textRows struct {
	scan  scanner
	width int    // cells of the row before: as many are expected
	from  string // the encoding; from another than UTF-8, what was no text became U+FFFD
}

func (r *textRows) at() (line, number int)               { return r.scan.row, r.scan.number }
func (r *textRows) fault(column int, code string) *Fault { return r.scan.fault(column, code) }
func (r *textRows) marks(int) []Mark                     { return nil }
func (r *textRows) notes() []Note                        { return nil }
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
		code := textFault(cell)
		if code == "" && r.from != UTF8 && strings.ContainsRune(cell, utf8.RuneError) {
			code = lostIn[r.from]
		}
		if code != "" {
			if fault == nil {
				fault = r.scan.fault(i+1, code)
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

// lostIn is what was no text in an encoding: UTF-16 knows but half characters.
var lostIn = map[string]string{GB18030: CodeEncoding, UTF16LE: CodeSurrogate, UTF16BE: CodeSurrogate}

// textFault is the code of what keeps a cell from being text; empty when nothing does.
func textFault(cell string) string {
	switch {
	case strings.IndexByte(cell, 0) >= 0:
		return CodeNUL
	case utf8.ValidString(cell):
		return ""
	case holdsHalf(cell):
		return CodeSurrogate
	}
	return CodeEncoding
}

// holdsHalf says whether one part of a pair of UTF-16 stands in a cell as if it
// were a character.
func holdsHalf(cell string) bool {
	for rest := []byte(cell); ; {
		i := bytes.IndexByte(rest, 0xed)
		if i < 0 || i+1 >= len(rest) {
			return false
		}
		if rest = rest[i+1:]; rest[0] >= 0xa0 && rest[0] <= 0xbf {
			return true
		}
	}
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
