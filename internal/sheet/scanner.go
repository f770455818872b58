package sheet

import (
	"bufio"
	"io"
)

// byteOrderMark is what Excel puts before UTF-8, and needs to see to know it.
const byteOrderMark = "\uFEFF"

// scanner cuts a file into rows and cells, byte by byte: every byte that has a
// meaning in CSV is ASCII, and never part of a longer UTF-8 sequence.
type scanner struct {
	in        *bufio.Reader
	separator byte
	line      int  // the line of the next byte
	last      byte // the byte before, to count CRLF once

	row     int    // the line on which the scanned row begins
	number  int    // the number of the scanned row
	text    []byte // the cells of the scanned row, one behind the other
	ends    []int  // where in text each of them ends
	length  int    // bytes of the scanned row, kept or not
	tooLong int    // the cell that went over a limit, from 1; 0 when none did
}

// The ends of a cell.
type stop int

const (
	stopCell stop = iota + 1 // another cell follows
	stopRow                  // the row ends
	stopFile                 // the file ends
)

// next scans a row into text and ends.
//
// Errors: io.EOF when there is none; a [*Fault] quotes or size; the reader's.
func (s *scanner) next() error {
	s.row, s.text, s.ends, s.length, s.tooLong = s.line, s.text[:0], s.ends[:0], 0, 0
	if _, err := s.in.Peek(1); err != nil {
		return err
	}
	s.number++
	for stopped := stopCell; stopped == stopCell; {
		var err error
		if stopped, err = s.cell(); err != nil {
			return err
		}
		s.limitRow()
		if s.tooLong == 0 {
			s.ends = append(s.ends, len(s.text))
		}
	}
	if s.tooLong != 0 {
		return s.fault(s.tooLong, CodeSize)
	}
	return nil
}

// cell scans one cell and what ends it.
func (s *scanner) cell() (stop, error) {
	quoted := s.nextIs('"')
	if quoted {
		if err := s.quoted(); err != nil {
			return 0, err
		}
	}
	first := s.length
	for {
		c, err := s.read()
		switch {
		case err == io.EOF:
			return stopFile, nil
		case err != nil:
			return 0, err
		case c == s.separator:
			s.length++
			return stopCell, nil
		case c == '\n' || c == '\r':
			return stopRow, s.endLine(c)
		case c == '"' || quoted:
			return 0, s.fault(len(s.ends)+1, CodeQuotes)
		}
		s.keep(c, first)
	}
}

// quoted scans what stands between two quotes, where two quotes stand for one.
func (s *scanner) quoted() error {
	if _, err := s.read(); err != nil {
		return err
	}
	for first := s.length; ; {
		c, err := s.read()
		switch {
		case err == io.EOF:
			return s.fault(len(s.ends)+1, CodeQuotes)
		case err != nil:
			return err
		case c == '"' && !s.nextIs('"'):
			return nil
		case c == '"':
			if _, err := s.read(); err != nil {
				return err
			}
		}
		s.keep(c, first)
	}
}

// read takes one byte and counts lines.
func (s *scanner) read() (byte, error) {
	c, err := s.in.ReadByte()
	if err != nil {
		return 0, err
	}
	if c == '\r' || c == '\n' && s.last != '\r' {
		s.line++
	}
	s.last = c
	return c, nil
}

// nextIs looks one byte ahead. When there is none, read will say why.
func (s *scanner) nextIs(c byte) bool {
	following, err := s.in.Peek(1)
	return err == nil && following[0] == c
}

// endLine takes the LF of a CRLF.
func (s *scanner) endLine(c byte) error {
	if c != '\r' || !s.nextIs('\n') {
		return nil
	}
	_, err := s.read()
	return err
}

// keep adds a byte to the cell that began at first, unless a limit is passed.
func (s *scanner) keep(c byte, first int) {
	s.length++
	if s.tooLong == 0 && s.length-first > MaxCell {
		s.tooLong = len(s.ends) + 1
	}
	s.limitRow()
	if s.tooLong == 0 {
		s.text = append(s.text, c)
	}
}

// limitRow notes the cell in which the row became too long.
func (s *scanner) limitRow() {
	if s.tooLong == 0 && s.length > MaxRow {
		s.tooLong = len(s.ends) + 1
	}
}

// fault is a fault in the scanned row.
func (s *scanner) fault(column int, code string) *Fault {
	return &Fault{Line: s.row, Number: s.number, Column: column, Code: code}
}
