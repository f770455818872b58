package sheet

import (
	"bufio"
	"errors"
	"io"
	"iter"
	"slices"
)

// Reader reads a table row by row. It holds one row in memory, and of a workbook
// what [MaxWorkbook] allows.
type Reader struct {
	rows   source
	form   Form
	header []string
	ahead  []taken // rows that were read in search of the header
	last   taken   // the row last given
	end    error   // what every further call of Next answers, once set
}

// taken is a row as it was read, with its place.
type taken struct {
	cells        []string
	marks        []Mark
	line, number int
	err          error
}

// source gives the rows of a file one by one, with their cells cleaned: of text,
// and of a workbook.
type source interface {
	next() ([]string, error)
	at() (line, number int)
	fault(column int, code string) *Fault
	marks(width int) []Mark
	notes() []Note
	close() error
}

// Form is how a file was read, to be said to whoever brought it.
type Form struct {
	Encoding  string   // UTF8, UTF16LE, UTF16BE, GB18030; empty: a workbook
	Separator byte     // between the cells of text
	Sheet     string   // of a workbook, the one that was read
	Others    []string // further sheets that can be seen
	Epoch     Epoch    // from which day its cells count days
	Notes     []Note   // what else is to be said of it
}

// Options say what is known of a file before it is read. The zero value: nothing.
type Options struct {
	// Sheet names the sheet of a workbook that is meant, also a hidden one; empty:
	// the first with content that can be seen.
	Sheet string
	// IsHeader knows a header by its cells. Rows above the first that it knows, of
	// the first twenty, are a title and left out. nil: the first row is the header.
	IsHeader func(cells []string) bool
}

// NewReader is [NewReaderWith] for a file of which nothing is known.
func NewReader(in io.Reader) (*Reader, error) { return NewReaderWith(in, Options{}) }

// NewReaderWith recognises what a file is (text in one of four encodings with commas,
// semicolons or tabs; XLSX) and reads the header: the first row that is not
// blank. A byte order mark, the space around names and unnamed columns at the end
// are left out. Close must be called at the end.
//
// Errors: a [*Fault], with the codes encoding_file, quotes, empty,
// duplicate_column, unnamed_column, too_wide, no_sheet, workbook, workbook_broken,
// workbook_size and size; or the error of in.
func NewReaderWith(in io.Reader, o Options) (*Reader, error) {
	r := &Reader{}
	if err := r.open(bufio.NewReaderSize(in, sampleSize), o); err != nil {
		return nil, err
	}
	if o.IsHeader != nil {
		r.seekHeader(o.IsHeader)
	}
	names, err := r.content()
	if err == io.EOF {
		err = whole(CodeEmpty)
	}
	var fault *Fault
	if errors.As(err, &fault) && slices.Contains([]string{CodeEncoding, CodeNUL, CodeSurrogate}, fault.Code) {
		fault.Code = CodeEncodingFile
	}
	if err != nil {
		return nil, errors.Join(err, r.Close())
	}
	for names[len(names)-1] == "" {
		names = names[:len(names)-1]
	}
	if err := r.checkHeader(names); err != nil {
		return nil, errors.Join(err, r.Close())
	}
	r.header = names
	r.form.Notes = append(r.form.Notes, r.rows.notes()...)
	return r, nil
}

// seekHeader leaves out the rows above the one that is known as the header. When
// none is, nothing is left out.
func (r *Reader) seekHeader(isHeader func([]string) bool) {
	const far = 20
	var seen []taken
	for range far {
		t := r.take()
		seen = append(seen, t)
		if t.err != nil {
			break
		}
		if isHeader(t.cells) {
			if above := len(seen) - 1; above > 0 {
				r.form.Notes = append(r.form.Notes, Note{Code: NoteTitleRows, Count: above, Row: t.number})
			}
			seen = seen[len(seen)-1:]
			break
		}
	}
	r.ahead = seen
}

// Close lets go of what a workbook holds.
func (r *Reader) Close() error { return r.rows.close() }

// Form says how the file was read.
func (r *Reader) Form() Form { return r.form }

// Workbooks begin with the marks of their containers: ZIP (XLSX) or OLE (XLS).
const (
	zipMark = "PK\x03\x04"
	oleMark = "\xd0\xcf\x11\xe0"
)

// open knows what a file is by how it begins.
func (r *Reader) open(in *bufio.Reader, o Options) error {
	first, err := in.Peek(len(zipMark))
	if err != nil && err != io.EOF {
		return err
	}
	switch string(first) {
	case oleMark:
		return whole(CodeWorkbook)
	case zipMark:
		book, err := openWorkbook(in, o.Sheet)
		if err != nil {
			return err
		}
		r.rows, r.form = book, Form{Sheet: book.sheet, Others: book.others, Epoch: book.serial}
		return nil
	}
	text, name, err := decoded(in)
	if err != nil {
		return err
	}
	separator, err := separatorOf(text, o.IsHeader != nil)
	if err != nil {
		return err
	}
	r.rows = &textRows{scan: scanner{in: text, line: 1, separator: separator}, from: name}
	r.form = Form{Encoding: name, Separator: separator}
	return nil
}

// checkHeader wants a name for every column, and each only once.
func (r *Reader) checkHeader(names []string) error {
	if len(names) > MaxColumns {
		return r.fault(0, CodeWide)
	}
	seen := make(map[string]bool, len(names))
	for i, name := range names {
		code := CodeDuplicateColumn
		if name == "" {
			code = CodeUnnamedColumn
		}
		if name == "" || seen[name] {
			fault := r.fault(i+1, code)
			fault.Cells = names
			return fault
		}
		seen[name] = true
	}
	return nil
}

// fault is a fault in the row last given.
func (r *Reader) fault(column int, code string) *Fault {
	return &Fault{Line: r.last.line, Number: r.last.number, Column: column, Code: code}
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
			fault := r.fault(i+1, CodeColumns)
			fault.Cells = cells
			return Row{}, fault
		}
	}
	for len(cells) < width {
		cells = append(cells, "")
	}
	return Row{Line: r.last.line, Number: r.last.number, Cells: cells[:width:width], Marks: r.last.marks}, nil
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
	if fault.Code == CodeQuotes || fault.Code == CodeWorkbookBroken {
		return io.EOF
	}
	return nil
}

// content gives the next row that has some.
func (r *Reader) content() ([]string, error) {
	if len(r.ahead) > 0 {
		r.last, r.ahead = r.ahead[0], r.ahead[1:]
	} else {
		r.last = r.take()
	}
	return r.last.cells, r.last.err
}

// take reads the next row that has content.
func (r *Reader) take() (t taken) {
	for {
		t.cells, t.err = r.rows.next()
		t.line, t.number = r.rows.at()
		if t.err != nil {
			return t
		}
		if slices.ContainsFunc(t.cells, func(c string) bool { return c != "" }) {
			t.marks = r.rows.marks(max(len(r.header), len(t.cells)))
			return t
		}
	}
}
