package sheet

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"regexp"
	"strconv"
	"strings"

	"github.com/xuri/excelize/v2"
)

// Limits on workbooks, in bytes: the file, all that is packed in it, and the part
// of it that is held in memory while it is read; the rest goes to a temporary file.
const (
	MaxWorkbook = 64 << 20
	maxUnpacked = 1 << 30
	maxInMemory = 16 << 20
)

// workbook gives the rows of the first sheet with content that is not hidden.
type workbook struct {
	file   *excelize.File
	rows   *excelize.Rows
	sheet  string
	others []string // further sheets that can be seen
	serial Epoch
	number int // the row last given, as a spreadsheet shows it
}

// Epoch is the day from which a workbook counts days; 0: the file holds dates as text.
type Epoch int

// The two that are in use: Windows, and old Macintosh.
const (
	Epoch1900 Epoch = 1900
	Epoch1904 Epoch = 1904
)

// openWorkbook opens an XLSX file. Errors: a [*Fault] with the codes size,
// workbook_broken and empty; or the error of in.
func openWorkbook(in io.Reader) (*workbook, error) {
	data, err := io.ReadAll(io.LimitReader(in, MaxWorkbook+1))
	if err != nil {
		return nil, err
	}
	if len(data) > MaxWorkbook {
		return nil, whole(CodeWorkbookSize)
	}
	file, err := excelize.OpenReader(bytes.NewReader(data), excelize.Options{RawCellValue: true, UnzipSizeLimit: maxUnpacked, UnzipXMLSizeLimit: maxInMemory})
	if err != nil {
		if errors.Is(err, excelize.ErrWorkbookFileFormat) || !strings.Contains(err.Error(), "unzip size exceeds") {
			return nil, whole(CodeWorkbookBroken)
		}
		return nil, whole(CodeWorkbookSize)
	}
	if !wellFormed(data) {
		return nil, errors.Join(whole(CodeWorkbookBroken), file.Close())
	}
	w := &workbook{file: file, serial: Epoch1900}
	if properties, err := file.GetWorkbookProps(); err == nil && properties.Date1904 != nil && *properties.Date1904 {
		w.serial = Epoch1904
	}
	if err := w.choose(); err != nil {
		return nil, errors.Join(err, w.close())
	}
	return w, nil
}

// wellFormed says whether the sheets of a workbook are whole: its reader would
// take the first fault for the end, and rows would be lost. No workbook declares
// entities; one that does means harm.
func wellFormed(data []byte) bool {
	archive, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		return false
	}
	for _, part := range archive.File {
		if strings.HasPrefix(part.Name, "xl/worksheets/") && strings.HasSuffix(part.Name, ".xml") && !wholeSheet(part) {
			return false
		}
	}
	return true
}

func wholeSheet(part *zip.File) bool {
	content, err := part.Open()
	if err != nil {
		return false
	}
	defer func() { _ = content.Close() }()
	last := ""
	for decoder := xml.NewDecoder(content); ; {
		token, err := decoder.RawToken()
		if err != nil {
			return err == io.EOF && last == "worksheet"
		}
		switch token := token.(type) {
		case xml.Directive:
			return false
		case xml.EndElement:
			last = token.Name.Local
		}
	}
}

// whole is a fault of the file as such.
func whole(code string) *Fault { return &Fault{Line: 1, Number: 1, Code: code} }

// choose takes the first sheet that can be seen and holds something.
func (w *workbook) choose() error {
	for _, name := range w.file.GetSheetList() {
		if visible, err := w.file.GetSheetVisible(name); err != nil || !visible {
			continue
		}
		if w.sheet != "" {
			w.others = append(w.others, name)
			continue
		}
		filled, err := w.filled(name)
		if err != nil {
			return whole(CodeWorkbookBroken)
		}
		if filled {
			w.sheet = name
		}
	}
	if w.sheet == "" {
		return whole(CodeEmpty)
	}
	var err error
	if w.rows, err = w.file.Rows(w.sheet); err != nil {
		return whole(CodeWorkbookBroken)
	}
	return nil
}

// errNoRow is for rows beyond the last that a workbook can have.
var errNoRow = errors.New("there is no such row")

// filled says whether a sheet holds anything.
func (w *workbook) filled(name string) (bool, error) {
	rows, err := w.file.Rows(name)
	if err != nil {
		return false, err
	}
	for number := 0; rows.Next(); number++ {
		cells, err := rows.Columns()
		if number > excelize.TotalRows {
			err = errNoRow
		}
		if err != nil {
			return false, errors.Join(err, rows.Close())
		}
		for _, cell := range cells {
			if strings.TrimSpace(cell) != "" {
				return true, rows.Close()
			}
		}
	}
	return false, errors.Join(rows.Error(), rows.Close())
}

// next gives the cells of the next row, with numbers as they are shown.
//
// Errors: io.EOF; a [*Fault] with the code size or workbook_broken.
func (w *workbook) next() ([]string, error) {
	if !w.rows.Next() {
		if w.rows.Error() != nil {
			return nil, w.fault(0, CodeWorkbookBroken)
		}
		return nil, io.EOF
	}
	if w.number++; w.number > excelize.TotalRows {
		return nil, w.fault(0, CodeWorkbookBroken)
	}
	cells, err := w.rows.Columns()
	if err != nil {
		return nil, w.fault(0, CodeWorkbookBroken)
	}
	length := 0
	for i, cell := range cells {
		if length += len(cell); len(cell) > MaxCell || length > MaxRow {
			return nil, w.fault(i+1, CodeSize)
		}
		cells[i] = strings.TrimSpace(shownNumber(cell))
	}
	return cells, nil
}

func (w *workbook) fault(column int, code string) *Fault {
	return &Fault{Line: w.number, Number: w.number, Column: column, Code: code}
}

func (w *workbook) at() (line, number int) { return w.number, w.number }

func (w *workbook) close() error {
	if w.rows != nil {
		_ = w.rows.Close() // it was read only
	}
	return w.file.Close()
}

// longFraction is a number with more digits than a spreadsheet shows: 15.
var longFraction = regexp.MustCompile(`^-?[0-9]+\.[0-9]{12,}$`)

// shownNumber is a number as a spreadsheet shows it: 3.5 where the file has
// 3.4999999999999996, since it keeps numbers in binary.
func shownNumber(cell string) string {
	if !longFraction.MatchString(cell) {
		return cell
	}
	value, err := strconv.ParseFloat(cell, 64)
	if err != nil {
		return cell
	}
	const digits = 15 // ECMA-376: what Excel keeps of a number
	short, err := strconv.ParseFloat(strconv.FormatFloat(value, 'g', digits, 64), 64)
	if err != nil {
		return cell
	}
	return strconv.FormatFloat(short, 'f', -1, 64)
}
