package sheet_test

import (
	"archive/zip"
	"bytes"
	"errors"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"
	"pgregory.net/rapid"

	"creditbank/internal/sheet"
)

// book makes a workbook as a person would, cell by cell.
func book(t *testing.T, fill func(f *excelize.File)) []byte {
	t.Helper()
	f := excelize.NewFile()
	defer func() { _ = f.Close() }()
	fill(f)
	out, err := f.WriteToBuffer()
	if err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// put sets cells of a sheet: address and value in turn.
func put(f *excelize.File, name string, cells ...any) {
	for i := 0; i+1 < len(cells); i += 2 {
		_ = f.SetCellValue(name, cells[i].(string), cells[i+1])
	}
}

func TestWorkbook(t *testing.T) {
	yes := true
	for name, tt := range map[string]struct {
		fill func(f *excelize.File)
		want []string
		form sheet.Form
	}{
		"texts and numbers": {func(f *excelize.File) {
			put(f, "Sheet1", "A1", "代码", "B1", "credits", "A2", "007", "B2", 3.4999999999999996, "A3", "'=x", "B3", 0.1, "A5", " 空 ", "B5", 12)
		}, []string{`["代码" "credits"]`, `2 ["007" "3.5"]`, `3 ["'=x" "0.1"]`, `5 ["空" "12"]`}, sheet.Form{Sheet: "Sheet1", Epoch: sheet.Epoch1900}},
		"a formula gives its value": {func(f *excelize.File) {
			put(f, "Sheet1", "A1", "a", "A2", 7)
			_ = f.SetCellFormula("Sheet1", "A2", "3+4")
		}, []string{`["a"]`, `2 ["7"]`}, sheet.Form{Sheet: "Sheet1", Epoch: sheet.Epoch1900, Notes: []sheet.Note{{Code: sheet.NoteFormula, Count: 1, Row: 2, Text: "A2 =3+4"}}}},
		"hidden and empty sheets": {func(f *excelize.File) {
			_, _ = f.NewSheet("leer")
			_, _ = f.NewSheet("数据")
			_, _ = f.NewSheet("说明")
			put(f, "Sheet1", "A1", "geheim")
			put(f, "数据", "B3", "a", "C3", "b", "B4", 1)
			put(f, "说明", "A1", "x")
			f.SetActiveSheet(2)
			_ = f.SetSheetVisible("Sheet1", false)
		}, nil, sheet.Form{Sheet: "数据", Others: []string{"说明"}, Epoch: sheet.Epoch1900}},
		"days of 1904": {func(f *excelize.File) {
			_ = f.SetWorkbookProps(&excelize.WorkbookPropsOptions{Date1904: &yes})
			put(f, "Sheet1", "A1", "a", "A2", 44530)
		}, []string{`["a"]`, `2 ["44530"]`}, sheet.Form{Sheet: "Sheet1", Epoch: sheet.Epoch1904}},
		"surplus": {func(f *excelize.File) { put(f, "Sheet1", "A1", "a", "A2", 1, "C2", "x", "A3", 2) },
			[]string{`["a"]`, "line 2, cell 3: columns", `3 ["2"]`}, sheet.Form{Sheet: "Sheet1", Epoch: sheet.Epoch1900}},
	} {
		t.Run(name, func(t *testing.T) {
			file := book(t, tt.fill)
			r, err := sheet.NewReader(bytes.NewReader(file))
			if tt.want == nil { // the header does not begin in the first column
				var fault *sheet.Fault
				if !errors.As(err, &fault) || fault.Code != sheet.CodeUnnamedColumn {
					t.Errorf("got %v", err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if got := r.Form(); !reflect.DeepEqual(got, tt.form) {
				t.Errorf("read as %+v, want %+v", got, tt.form)
			}
			if got := outline(bytes.NewReader(file)); !reflect.DeepEqual(got, tt.want) {
				t.Errorf("got  %q\nwant %q", got, tt.want)
			}
			if err := r.Close(); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestWorkbookReadsBackEqual(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := cells().Filter(func(s string) bool {
			return !strings.ContainsFunc(s, func(r rune) bool {
				return r < ' ' && r != '\t' && r != '\n' && r != '\r' || r == '\uFFFE' || r == '\uFFFF'
			})
		})
		header := rapid.SliceOfNDistinct(text.Filter(func(s string) bool { return strings.TrimSpace(s) != "" }), 1, 6, strings.TrimSpace).Draw(t, "header")
		row := rapid.SliceOfN(rapid.OneOf(text, rapid.SampledFrom([]string{"_x0041_", "_x000D_", "1e5", "TRUE", "#N/A", "1.10105E+17", "007", "3.4999999999999996a", "&amp;", "]]>", "𠮷"})), len(header), len(header)).Filter(
			func(row []string) bool {
				return slices.ContainsFunc(row, func(c string) bool { return strings.TrimSpace(c) != "" })
			})
		rows := append([][]string{header}, rapid.SliceOfN(row, 0, 8).Draw(t, "rows")...)
		var file bytes.Buffer
		w, err := sheet.NewWorkbookWriter(&file)
		if err != nil {
			t.Fatal(err)
		}
		for _, row := range rows {
			if err := w.Write(row); err != nil {
				t.Fatal(err)
			}
		}
		if err := w.Flush(); err != nil {
			t.Fatal(err)
		}
		got := read(t, file.Bytes())
		for _, row := range rows {
			for i := range row {
				row[i] = strings.TrimSpace(row[i])
			}
		}
		if !reflect.DeepEqual(got, rows) {
			t.Fatalf("got  %q\nwant %q", got, rows)
		}
	})
}

func TestWorkbookWriterRefuses(t *testing.T) {
	w, err := sheet.NewWorkbookWriter(&bytes.Buffer{})
	if err != nil {
		t.Fatal(err)
	}
	for cell, code := range map[string]string{"a\x00": sheet.CodeEncoding, "\xff": sheet.CodeEncoding, "\x01": sheet.CodeEncoding, "\uFFFE": sheet.CodeEncoding, strings.Repeat("x", 32768): sheet.CodeSize} {
		var fault *sheet.Fault
		if err := w.Write([]string{"a", cell}); !errors.As(err, &fault) || fault.Code != code || fault.Column != 2 {
			t.Errorf("%.10q: %v", cell, err)
		}
	}
}

// repacked is a workbook with a part of it made anew.
func repacked(t *testing.T, file []byte, part string, content func(z *zip.Writer)) []byte {
	t.Helper()
	r, err := zip.NewReader(bytes.NewReader(file), int64(len(file)))
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	for _, f := range r.File {
		if f.Name != part {
			if err := z.Copy(f); err != nil {
				t.Fatal(err)
			}
		}
	}
	content(z)
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// What was made to harm is refused, with words that say what it is, before it
// takes memory.
func TestHostileWorkbooks(t *testing.T) {
	good := book(t, func(f *excelize.File) { put(f, "Sheet1", "A1", "a", "A2", 1) })
	const part = "xl/worksheets/sheet1.xml"
	text := func(content string) []byte {
		return repacked(t, good, part, func(z *zip.Writer) {
			w, err := z.Create(part)
			if err != nil {
				t.Fatal(err)
			}
			_, _ = w.Write([]byte(content))
		})
	}
	bomb := repacked(t, good, part, func(z *zip.Writer) {
		w, err := z.Create(part)
		if err != nil {
			t.Fatal(err)
		}
		for range 1100 {
			_, _ = w.Write(bytes.Repeat([]byte(" "), 1<<20))
		}
	})
	const head = `<?xml version="1.0"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>`
	for name, c := range map[string]struct {
		file []byte
		want []string // of the outline; its first
	}{
		"bomb":            {bomb, []string{"line 1: workbook_size"}},
		"cut":             {good[:len(good)/2], []string{"line 1: workbook_broken"}},
		"no workbook":     {repacked(t, good, "xl/workbook.xml", func(*zip.Writer) {}), []string{"line 1: workbook_broken"}},
		"entities":        {text(`<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>` + head + `<row r="1"><c r="A1" t="str"><v>&a;</v></c></row></sheetData></worksheet>`), []string{"line 1: workbook_broken"}},
		"a far cell":      {text(head + `<row r="1"><c r="A1" t="str"><v>a</v></c></row><row r="1048576"><c r="XFD1048576" t="str"><v>x</v></c></row></sheetData></worksheet>`), nil},
		"beyond the end":  {text(head + `<row r="1"><c r="A1" t="str"><v>a</v></c></row><row r="99999999999"><c r="A99999999999" t="str"><v>x</v></c></row></sheetData></worksheet>`), nil},
		"no such column":  {text(head + `<row r="1"><c r="ZZZZZZ1" t="str"><v>a</v></c></row></sheetData></worksheet>`), nil},
		"a cut worksheet": {text(head + `<row r="1"><c r="A1" t="str"><v>a</v></c></row><row r="2"><c r="A2" t="st`), []string{"line 1: workbook_broken"}},
		"nested wrongly":  {text(head + `<row r="1"><c r="A1" t="str"><v>a</v></c></row><row r="2"><c r="A2" <</row></sheetData></worksheet>`), []string{"line 1: workbook_broken"}},
	} {
		t.Run(name, func(t *testing.T) {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			got := outline(bytes.NewReader(c.file))
			runtime.ReadMemStats(&after)
			if c.want != nil && !reflect.DeepEqual(got, c.want) {
				t.Errorf("got %q, want %q", got, c.want)
			}
			if strings.Contains(strings.Join(got, " "), "root:") {
				t.Errorf("it read a file of the machine: %q", got)
			}
			if grown := after.TotalAlloc - before.TotalAlloc; grown > 256<<20 {
				t.Errorf("it took %d MB", grown>>20)
			}
			t.Logf("%.300q", got)
		})
	}
}
