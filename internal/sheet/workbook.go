package sheet

import (
	"archive/zip"
	"bytes"
	"errors"
	"io"
	"regexp"
	"slices"
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
	hidden []string // and those that cannot
	serial Epoch
	number int // the row last given, as a spreadsheet shows it
	survey *survey
	values map[area]string // of merged cells, as far as they were passed
	open   []area          // merged cells that the rows have reached
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
func openWorkbook(in io.Reader, wanted string) (*workbook, error) {
	data, err := io.ReadAll(io.LimitReader(in, MaxWorkbook+1))
	if err != nil {
		return nil, err
	}
	if len(data) > MaxWorkbook {
		return nil, whole(CodeWorkbookSize)
	}
	if tooLarge(data) {
		return nil, whole(CodeWorkbookSize)
	}
	surveys, parts, sound := surveyAll(data)
	if !sound {
		return nil, whole(CodeWorkbookBroken)
	}
	file, err := excelize.OpenReader(bytes.NewReader(data), excelize.Options{RawCellValue: true, UnzipSizeLimit: maxUnpacked, UnzipXMLSizeLimit: maxInMemory})
	if err != nil {
		if errors.Is(err, excelize.ErrWorkbookFileFormat) || !strings.Contains(err.Error(), "unzip size exceeds") {
			return nil, whole(CodeWorkbookBroken)
		}
		return nil, whole(CodeWorkbookSize)
	}
	w := &workbook{file: file, serial: Epoch1900, values: map[area]string{}}
	if properties, err := file.GetWorkbookProps(); err == nil && properties.Date1904 != nil && *properties.Date1904 {
		w.serial = Epoch1904
	}
	if err := w.choose(wanted); err != nil {
		return nil, errors.Join(err, w.close())
	}
	if w.survey = surveys[parts.of(w.sheet)]; w.survey == nil {
		w.survey = &survey{}
	}
	return w, nil
}

// whole is a fault of the file as such.
func whole(code string) *Fault { return &Fault{Line: 1, Number: 1, Code: code} }

// tooLarge says whether the parts of a workbook unpack to more than is read, or one
// of them to so much more than it is that it was made to harm.
func tooLarge(data []byte) bool {
	archive, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	return err == nil && harmful(archive.File, maxUnpacked) // else the survey says what is wrong
}

// harmful says whether parts unpack to more than so many bytes, or one of them to so
// much more than it is that it was made to harm. Tables of text are packed to a
// twentieth or so, and blanks to a thousandth.
func harmful(parts []*zip.File, most uint64) bool {
	const suspicious, ratio = 16 << 20, 150
	size := uint64(0)
	for _, part := range parts {
		size += min(part.UncompressedSize64, most+1)
		if part.UncompressedSize64 > suspicious && part.UncompressedSize64/ratio > part.CompressedSize64 {
			return true
		}
	}
	return size > most
}

// choose takes the sheet that is wanted by name, else the first that can be seen
// and holds something.
func (w *workbook) choose(wanted string) error {
	for _, name := range w.file.GetSheetList() {
		if visible, err := w.file.GetSheetVisible(name); name != wanted && (err != nil || !visible) {
			w.hidden = append(w.hidden, name)
			continue
		}
		if w.sheet != "" || wanted != "" && name != wanted {
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
	if w.sheet == "" && wanted != "" {
		return whole(CodeNoSheet)
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
		if code := textFault(cell); code != "" {
			fault := w.fault(i+1, code)
			for n := range cells {
				cells[n] = spelled(strings.TrimSpace(cells[n]))
			}
			fault.Cells = cells
			return nil, fault
		}
		cells[i] = strings.TrimSpace(shownNumber(cell))
	}
	w.pass(cells)
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

// pass keeps the values of the merged cells that begin in the row.
func (w *workbook) pass(cells []string) {
	w.open = slices.DeleteFunc(w.open, func(a area) bool { return a.last.row < w.number })
	for len(w.survey.merged) > 0 && w.survey.merged[0].first.row <= w.number {
		a := w.survey.merged[0]
		w.survey.merged = w.survey.merged[1:]
		if a.first.row == w.number && a.first.column <= len(cells) {
			w.open = append(w.open, a)
			w.values[a] = cells[a.first.column-1]
		}
	}
}

// marks are what is to be known of cells of the row beside their values.
func (w *workbook) marks(width int) (found []Mark) {
	for column := 1; column <= width && len(w.survey.blank) > 0; column++ {
		if w.survey.blank[cellAt{w.number, column}] {
			found = append(found, Mark{Cell: column, Code: MarkNotComputed})
		}
	}
	for _, a := range w.open {
		for column := a.first.column; column <= min(a.last.column, width); column++ {
			if (cellAt{w.number, column}) != a.first {
				found = append(found, Mark{Cell: column, Code: MarkMerged, Value: w.values[a]})
			}
		}
	}
	return found
}

// notes are what is to be said of the sheet.
func (w *workbook) notes() (notes []Note) {
	if len(w.hidden) > 0 {
		notes = append(notes, Note{Code: NoteHiddenSheets, Count: len(w.hidden), Text: strings.Join(w.hidden, ", ")})
	}
	for _, n := range []Note{w.survey.hidden, w.survey.formula} {
		if n.Count > 0 {
			notes = append(notes, n)
		}
	}
	return notes
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
