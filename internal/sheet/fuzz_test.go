package sheet_test

import (
	"archive/zip"
	"bytes"
	"errors"
	"io"
	"testing"
	"unicode/utf8"

	"github.com/xuri/excelize/v2"

	"creditbank/internal/sheet"
)

// FuzzText reads whatever comes. What is read is text, has the width of the
// header, and can be written and read again.
func FuzzText(f *testing.F) {
	for _, seed := range []string{
		"a,b\n1,2\n", "\ufeff课程;b\r\n\"1\r\n\";2", "\xbf\xce\xb3\xcc,b\n1,\x81\x39\xee\x39\n", "\xff\xfea\x00\n\x00\x00\xd8\n\x001\x00", "a\x00,\x00b\x00\n\x00\xfe\x8b",
		"标题\n\n代码\t名称\n1\t'=2\n", "a,\"b", "\xed\xa0\x80,a\n", "PK\x03\x04\x14\x00", "\xd0\xcf\x11\xe0",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, file []byte) {
		if bytes.HasPrefix(file, []byte("PK\x03\x04")) {
			return // FuzzWorkbook
		}
		readable(t, file)
	})
}

// FuzzWorkbook reads the parts of a workbook, packed as they should be.
func FuzzWorkbook(f *testing.F) {
	for _, fill := range []func(f *excelize.File){
		func(f *excelize.File) { put(f, "Sheet1", "A1", "代码", "B1", "b", "A2", "007", "B2", 3.5) },
		func(f *excelize.File) {
			put(f, "Sheet1", "A1", "名单", "A2", "a", "B2", "b", "A3", 1)
			_ = f.MergeCell("Sheet1", "A3", "A5")
			_ = f.SetCellFormula("Sheet1", "B3", "A3+1")
			_ = f.SetRowVisible("Sheet1", 3, false)
		},
	} {
		file := excelize.NewFile()
		fill(file)
		out, err := file.WriteToBuffer()
		if err != nil {
			f.Fatal(err)
		}
		f.Add(out.Bytes(), []byte(`<c r="A2" t="str"><v>x</v></c>`))
		_ = file.Close()
	}
	f.Fuzz(func(t *testing.T, file, cell []byte) {
		if len(file) < 4 {
			return
		}
		file = append([]byte("PK\x03\x04"), file[4:]...) // what was given stays as it is
		readable(t, file)
		readable(t, withCell(cell))
	})
}

// withCell is a workbook with whatever stands for a cell of its sheet.
func withCell(cell []byte) []byte {
	var out bytes.Buffer
	file := excelize.NewFile()
	defer func() { _ = file.Close() }()
	file.Pkg.Store("xl/worksheets/sheet1.xml", append(append([]byte(`<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData><row r="1"><c r="A1" t="str"><v>a</v></c></row><row r="2">`), cell...), `</row></sheetData></worksheet>`...))
	_ = file.Write(&out)
	return out.Bytes()
}

// readable reads a file to its end, and holds what it gives against what it promises.
func readable(t *testing.T, file []byte) {
	t.Helper()
	r, err := sheet.NewReaderWith(bytes.NewReader(file), sheet.Options{IsHeader: func(cells []string) bool { return len(cells) > 1 && cells[1] == "b" }})
	var fault *sheet.Fault
	if err != nil {
		if !errors.As(err, &fault) {
			t.Fatalf("no fault: %v", err)
		}
		return
	}
	defer func() { _ = r.Close() }()
	for row, err := range r.All() {
		if err != nil {
			if !errors.As(err, &fault) || fault.Number < 1 {
				t.Fatalf("no fault: %v", err)
			}
			continue
		}
		if len(row.Cells) != len(r.Header()) {
			t.Fatalf("row %d has %d cells of %d", row.Number, len(row.Cells), len(r.Header()))
		}
		for _, cell := range row.Cells {
			if !utf8.ValidString(cell) || bytes.IndexByte([]byte(cell), 0) >= 0 {
				t.Fatalf("row %d: %q is no text", row.Number, cell)
			}
		}
	}
}

// FuzzArchive opens archives, and reads each of their parts as a table.
func FuzzArchive(f *testing.F) {
	for _, parts := range [][2]string{{"orgs.csv", "sourcedId,name\n1,a\n"}, {"../x.csv", "a\n1\n"}, {"a/b.csv", ""}, {"__MACOSX/x", "y"}} {
		var packed bytes.Buffer
		w := zip.NewWriter(&packed)
		part, err := w.Create(parts[0])
		if err == nil {
			_, err = part.Write([]byte(parts[1]))
		}
		if err = errors.Join(err, w.Close()); err != nil {
			f.Fatal(err)
		}
		f.Add(packed.Bytes())
	}
	f.Fuzz(func(t *testing.T, file []byte) {
		a, err := sheet.OpenArchive(bytes.NewReader(file))
		var fault *sheet.Fault
		if errors.As(err, &fault) {
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range a.Names() {
			part, err := a.Open(name)
			if err != nil {
				t.Fatalf("%q was admitted and does not open: %v", name, err)
			}
			content, err := io.ReadAll(part)
			if err != nil {
				t.Fatalf("%q was admitted and is broken: %v", name, err)
			}
			if !bytes.HasPrefix(content, []byte("PK")) {
				readable(t, content)
			}
		}
	})
}
