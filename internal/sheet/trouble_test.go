package sheet_test

import (
	"bytes"
	"reflect"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"creditbank/internal/sheet"
)

// known knows a header by one of its names.
func known(cells []string) bool { return len(cells) > 1 && cells[1] == "名称" }

// told is how a file was read: what is said of it, its header and its rows with
// their marks.
func told(t *testing.T, file []byte, o sheet.Options) (notes []sheet.Note, header []string, rows []sheet.Row) {
	t.Helper()
	r, err := sheet.NewReaderWith(bytes.NewReader(file), o)
	if err != nil {
		t.Fatal(err)
	}
	for row, err := range r.All() {
		if err != nil {
			t.Fatal(err)
		}
		rows = append(rows, row)
	}
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	return r.Form().Notes, r.Header(), rows
}

func TestTitleRows(t *testing.T) {
	o := sheet.Options{IsHeader: known}
	for name, file := range map[string]string{
		"CSV": "2026 年秋季名单\n\n代码\t名称\n1\t一\n", "as the first": "代码,名称\n1,一\n",
	} {
		notes, header, rows := told(t, []byte(file), o)
		if !reflect.DeepEqual(header, []string{"代码", "名称"}) || len(rows) != 1 || rows[0].Number != strings.Count(file, "\n") {
			t.Errorf("%s: %q %+v", name, header, rows)
		}
		want := []sheet.Note(nil)
		if name == "CSV" {
			want = []sheet.Note{{Code: sheet.NoteTitleRows, Count: 1, Row: 3}}
		}
		if !reflect.DeepEqual(notes, want) {
			t.Errorf("%s: %+v, want %+v", name, notes, want)
		}
	}
	r, err := sheet.NewReaderWith(strings.NewReader("a,b\n1,2\n"), o)
	if err != nil || !reflect.DeepEqual(r.Header(), []string{"a", "b"}) {
		t.Fatalf("without a known header: %v", err)
	}
	if row, err := r.Next(); err != nil || row.Number != 2 || row.Cells[0] != "1" {
		t.Errorf("the row below: %+v %v", row, err)
	}
}

// What a person does in Excel beside typing is told.
func TestWorkbookTroubles(t *testing.T) {
	file := book(t, func(f *excelize.File) {
		put(f, "Sheet1", "A1", "名单", "A3", "代码", "B3", "名称", "C3", "学分", "A4", "1", "B4", "一", "C4", 2, "B5", "二", "C5", 3, "A6", "3", "B6", "三")
		_ = f.MergeCell("Sheet1", "A1", "C1")
		_ = f.MergeCell("Sheet1", "A4", "A5")
		_ = f.SetRowVisible("Sheet1", 5, false)
		_ = f.SetCellFormula("Sheet1", "C4", "1+1")
		_ = f.SetCellFormula("Sheet1", "C6", "C4+1")
		_, _ = f.NewSheet("说明")
		_, _ = f.NewSheet("草稿")
		_ = f.SetSheetVisible("草稿", false)
		put(f, "草稿", "A1", "x", "B1", "y")
	})
	notes, _, rows := told(t, file, sheet.Options{IsHeader: known})
	want := []sheet.Note{
		{Code: sheet.NoteTitleRows, Count: 1, Row: 3}, {Code: sheet.NoteHiddenSheets, Count: 1, Text: "草稿"},
		{Code: sheet.NoteHiddenRows, Count: 1, Row: 5, Text: "5"}, {Code: sheet.NoteFormula, Count: 2, Row: 4, Text: "C4 =1+1"},
	}
	if !reflect.DeepEqual(notes, want) {
		t.Errorf("notes %+v\nwant  %+v", notes, want)
	}
	if len(rows) != 3 || !reflect.DeepEqual(rows[1].Marks, []sheet.Mark{{Cell: 1, Code: sheet.MarkMerged, Value: "1"}}) ||
		!reflect.DeepEqual(rows[2].Marks, []sheet.Mark{{Cell: 3, Code: sheet.MarkNotComputed}}) || rows[0].Marks != nil {
		t.Errorf("rows %+v", rows)
	}
	if _, header, _ := told(t, file, sheet.Options{Sheet: "草稿"}); !reflect.DeepEqual(header, []string{"x", "y"}) {
		t.Errorf("the sheet that was asked for: %q", header)
	}
	if got := outlineWith(file, sheet.Options{Sheet: "nowhere"}); got != "line 1: no_sheet" {
		t.Errorf("no such sheet: %s", got)
	}
}

// outlineWith is why a file is not read.
func outlineWith(file []byte, o sheet.Options) string {
	_, err := sheet.NewReaderWith(bytes.NewReader(file), o)
	if err == nil {
		return ""
	}
	return err.Error()
}

// Rare characters come through whatever the file is in.
func TestRareCharacters(t *testing.T) {
	const rare = "𠮷𫖯𡿨㐀\U0002B81D"
	for name, file := range map[string][]byte{
		"UTF-8":    []byte("代码,名称\n1," + rare + "\n"),
		"GB18030":  append([]byte("\xb4\xfa\xc2\xeb,\xc3\xfb\xb3\xc6\n1,"), "\x95\x34\xb2\x35\x98\x38\xf5\x37\x95\x38\xbf\x34\x81\x39\xee\x39\x98\x39\xb5\x39\n"...),
		"workbook": book(t, func(f *excelize.File) { put(f, "Sheet1", "A1", "代码", "B1", "名称", "A2", "1", "B2", rare) }),
	} {
		_, _, rows := told(t, file, sheet.Options{})
		if rows[0].Cells[1] != rare {
			t.Errorf("%s: %q", name, rows[0].Cells[1])
		}
	}
}
