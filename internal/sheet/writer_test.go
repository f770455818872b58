package sheet_test

import (
	"bytes"
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"creditbank/internal/sheet"
)

// write makes a file of rows, the first of them the header.
func write(t interface{ Fatal(...any) }, rows [][]string) []byte {
	var file bytes.Buffer
	w := sheet.NewWriter(&file)
	for _, row := range rows {
		if err := w.Write(row); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	return file.Bytes()
}

// read makes rows of a file, the first of them the header.
func read(t interface{ Fatal(...any) }, file []byte) [][]string {
	r, err := sheet.NewReader(bytes.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	rows := [][]string{r.Header()}
	for row, err := range r.All() {
		if err != nil {
			t.Fatal(err)
		}
		rows = append(rows, row.Cells)
	}
	return rows
}

func TestWriter(t *testing.T) {
	rows := [][]string{
		{"代码", "name"},
		{"=1+1", "+86"}, {"-5", "@x"}, {"'=x", "''"}, {"\t=x", " =x"},
		{"a,b", "say \"x\""}, {"1\r\n2", " 学分 "}, {"", "O'Neil"},
	}
	want := "\uFEFF代码,name\n" +
		"'=1+1,'+86\n'-5,'@x\n''=x,''\n'=x,'=x\n" +
		"\"a,b\",\"say \"\"x\"\"\"\n\"1\r\n2\",学分\n,O'Neil\n"
	if got := string(write(t, rows)); got != want {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}

func TestWriterRefusesWhatCannotBeRead(t *testing.T) {
	var file bytes.Buffer
	w := sheet.NewWriter(&file)
	for _, cell := range []string{"\xff", "a\x00"} {
		err := w.Write([]string{"x", cell})
		want := &sheet.Fault{Line: 1, Column: 2, Code: sheet.CodeEncoding}
		if !reflect.DeepEqual(err, error(want)) {
			t.Errorf("%q: got %v, want %v", cell, err, want)
		}
	}
	if err := w.Flush(); err != nil || file.Len() != 0 {
		t.Errorf("got %q, %v; want nothing written", file.String(), err)
	}
}

// full is a disk without room.
type full struct{}

var errFull = errors.New("no room")

func (full) Write([]byte) (int, error) { return 0, errFull }

func TestWriterTellsOfAFullDisk(t *testing.T) {
	w := sheet.NewWriter(full{})
	if err := w.Write([]string{"a"}); err != nil {
		t.Fatal(err)
	}
	if err := w.Flush(); !errors.Is(err, errFull) {
		t.Errorf("got %v, want %v", err, errFull)
	}
}

// cells are texts that are hard on CSV.
func cells() *rapid.Generator[string] {
	hard := rapid.RuneFrom([]rune("'=+-@\t\r\n\",; \u3000\u00a0\uFEFFaé会学分0"))
	return rapid.OneOf(rapid.StringOf(hard), rapid.String()).Filter(func(s string) bool {
		return !strings.Contains(s, "\x00")
	})
}

func TestWrittenReadsBackEqual(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		name := cells().Filter(func(s string) bool { return strings.TrimSpace(s) != "" })
		header := rapid.SliceOfNDistinct(name, 1, 6, strings.TrimSpace).Draw(t, "header")
		row := rapid.SliceOfN(cells(), len(header), len(header)).Filter(func(row []string) bool {
			return slices.ContainsFunc(row, func(c string) bool { return strings.TrimSpace(c) != "" })
		})
		rows := append([][]string{header}, rapid.SliceOfN(row, 0, 8).Draw(t, "rows")...)
		got := read(t, write(t, rows))
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

func FuzzReader(f *testing.F) {
	for _, file := range []string{"a,b\n1,2\n", "\uFEFFa\r\n\"1\r\n\"\"2\"\r\n", "a,b\n\"\n", "a\n'=1\n\xff\n1,2\n3\n", ",\n,a,\r\r,b", "'\tC"} {
		f.Add([]byte(file))
	}
	f.Fuzz(func(t *testing.T, file []byte) {
		r, err := sheet.NewReader(bytes.NewReader(file))
		if err != nil {
			return
		}
		rows := [][]string{r.Header()}
		line := 0
		for row, err := range r.All() {
			var at *sheet.Fault
			switch {
			case errors.As(err, &at):
				row.Line = at.Line
			case len(row.Cells) != len(rows[0]):
				t.Fatalf("line %d: %d cells, want %d", row.Line, len(row.Cells), len(rows[0]))
			default:
				rows = append(rows, row.Cells)
			}
			if row.Line <= line {
				t.Fatalf("line %d after line %d", row.Line, line)
			}
			line = row.Line
		}
		if got := read(t, write(t, rows)); !reflect.DeepEqual(got, rows) {
			t.Fatalf("got  %q\nwant %q", got, rows)
		}
	})
}
