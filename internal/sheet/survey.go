package sheet

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"fmt"
	"io"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/xuri/excelize/v2"
)

// Limits on the parts of a workbook, and on what is remembered of its cells.
const (
	maxParts = 2000
	maxMarks = 100_000
)

// survey is what stands in a sheet beside its values: what is hidden, merged or
// computed. The reader of values does not tell.
type survey struct {
	hidden  Note
	formula Note
	merged  []area
	blank   map[cellAt]bool // formulas without a value: the file was never computed
}

type cellAt struct{ row, column int }

// area is a block of merged cells, which has one value: that of its first cell.
type area struct{ first, last cellAt }

// surveyAll looks through the sheets of a workbook and says of each part what is
// there; whole is false when one is not whole (its reader would take the first
// fault for the end, and rows would be lost), when a part is there twice, does not
// unpack to what it promises or lies outside, and when one declares entities: no
// workbook does, and one that does means harm.
func surveyAll(data []byte) (found map[string]*survey, parts partNames, whole bool) {
	archive, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil || len(archive.File) > maxParts {
		return nil, nil, false
	}
	found, parts = map[string]*survey{}, partNames{}
	names := map[string]bool{}
	for _, part := range archive.File {
		name := strings.ToLower(strings.ReplaceAll(part.Name, "\\", "/"))
		if names[name] || strings.HasPrefix(name, "/") || slices.Contains(strings.Split(name, "/"), "..") {
			return nil, nil, false
		}
		names[name] = true
		s, ok := surveyPart(part, name, parts)
		if !ok {
			return nil, nil, false
		}
		if s != nil {
			found[name] = s
		}
	}
	return found, parts, true
}

// surveyPart reads one part to its end.
func surveyPart(part *zip.File, name string, parts partNames) (*survey, bool) {
	content, err := part.Open()
	if err != nil {
		return nil, false
	}
	defer func() { _ = content.Close() }()
	isXML := strings.HasSuffix(name, ".xml") || strings.HasSuffix(name, ".rels")
	if !isXML {
		_, err := io.Copy(io.Discard, content)
		return nil, err == nil
	}
	if strings.HasPrefix(name, "xl/worksheets/") && strings.HasSuffix(name, ".xml") {
		s := &surveyor{survey: survey{blank: map[cellAt]bool{}}}
		whole := s.read(content) && s.last == "worksheet"
		s.note()
		return &s.survey, whole
	}
	return nil, eachToken(content, func(token xml.Token) {
		if e, is := token.(xml.StartElement); is {
			parts.see(name, e)
		}
	})
}

// eachToken calls see for each token of a part; false: it is broken, or declares
// entities.
func eachToken(content io.Reader, see func(xml.Token)) bool {
	for decoder := xml.NewDecoder(content); ; {
		token, err := decoder.RawToken()
		if err != nil {
			return err == io.EOF
		}
		if _, declares := token.(xml.Directive); declares {
			return false
		}
		see(token)
	}
}

// partNames says in which part of a workbook each sheet is: by its name, and for
// the relations by their key.
type partNames map[string]string

func (p partNames) see(part string, e xml.StartElement) {
	switch {
	case part == "xl/workbook.xml" && e.Name.Local == "sheet":
		p["sheet:"+attribute(e, "name")] = attribute(e, "id")
	case part == "xl/_rels/workbook.xml.rels" && e.Name.Local == "Relationship":
		target := attribute(e, "Target")
		if !strings.HasPrefix(target, "/") {
			target = path.Join("xl", target)
		}
		p["part:"+attribute(e, "Id")] = strings.ToLower(strings.TrimPrefix(target, "/"))
	}
}

// of is the part in which a sheet is; empty when the workbook does not say.
func (p partNames) of(sheet string) string { return p["part:"+p["sheet:"+sheet]] }

func attribute(e xml.StartElement, name string) string {
	for _, a := range e.Attr {
		if a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}

// surveyor goes through the elements of a sheet.
type surveyor struct {
	survey
	at       cellAt
	last     string // the element that ended last
	inside   string // f or v, while its text is read
	computed bool   // the cell has a formula
	valued   bool   // and a value
	text     string // of the formula
	rows     []int  // hidden ones, the first few
}

func (s *surveyor) read(content io.Reader) bool {
	return eachToken(content, func(token xml.Token) {
		switch token := token.(type) {
		case xml.StartElement:
			s.start(token)
		case xml.CharData:
			s.charData(token)
		case xml.EndElement:
			s.end(token.Name.Local)
		}
	})
}

// charData takes the text of a formula, and notes whether there is a value.
func (s *surveyor) charData(text xml.CharData) {
	switch s.inside {
	case "f":
		const longest = 60
		s.text = strings.ToValidUTF8((s.text + string(text))[:min(longest, len(s.text)+len(text))], "") // no half of a character
	case "v", "t":
		s.valued = s.valued || len(text) > 0
	}
}

func (s *surveyor) start(e xml.StartElement) {
	s.inside = e.Name.Local
	switch e.Name.Local {
	case "row":
		s.row(e)
	case "c":
		s.computed, s.valued, s.text = false, false, ""
		s.at.column++
		if column, row, err := excelize.CellNameToCoordinates(attribute(e, "r")); err == nil {
			s.at = cellAt{row, column}
		}
	case "f":
		s.computed = true
	case "mergeCell":
		s.merge(attribute(e, "ref"))
	}
}

func (s *surveyor) row(e xml.StartElement) {
	s.at.row, s.at.column = s.at.row+1, 0
	if n, err := strconv.Atoi(attribute(e, "r")); err == nil {
		s.at.row = n
	}
	if hidden := attribute(e, "hidden"); hidden == "1" || hidden == "true" {
		s.hidden.Count++
		const named = 5
		if len(s.rows) < named {
			s.rows = append(s.rows, s.at.row)
		}
	}
}

func (s *surveyor) end(name string) {
	s.last, s.inside = name, ""
	if name != "c" || !s.computed {
		return
	}
	if s.formula.Count++; s.formula.Count == 1 {
		cell, _ := excelize.CoordinatesToCellName(max(s.at.column, 1), max(s.at.row, 1))
		s.formula.Row, s.formula.Text = s.at.row, cell+" ="+strings.ToValidUTF8(s.text, "")
	}
	if !s.valued && len(s.blank) < maxMarks {
		s.blank[s.at] = true
	}
}

func (s *surveyor) merge(ref string) {
	from, to, found := strings.Cut(ref, ":")
	if !found || len(s.merged) >= maxMarks {
		return
	}
	c1, r1, err1 := excelize.CellNameToCoordinates(from)
	c2, r2, err2 := excelize.CellNameToCoordinates(to)
	if err1 == nil && err2 == nil {
		s.merged = append(s.merged, area{cellAt{r1, c1}, cellAt{r2, c2}})
	}
}

// note words what was counted.
func (s *surveyor) note() {
	s.hidden.Code, s.formula.Code = NoteHiddenRows, NoteFormula
	if len(s.rows) > 0 {
		s.hidden.Row = s.rows[0]
		s.hidden.Text = strings.Trim(strings.ReplaceAll(fmt.Sprint(s.rows), " ", ", "), "[]")
		if s.hidden.Count > len(s.rows) {
			s.hidden.Text += " …"
		}
	}
	slices.SortFunc(s.merged, func(a, b area) int { return a.first.row - b.first.row })
}
