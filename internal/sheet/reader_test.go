package sheet_test

import (
	"errors"
	"fmt"
	"io"
	"reflect"
	"strings"
	"testing"
	"testing/iotest"

	"creditbank/internal/sheet"
)

// outline is a file as one reads it aloud: header, rows and faults in order.
func outline(in io.Reader) []string {
	r, err := sheet.NewReader(in)
	if err != nil {
		return []string{err.Error()}
	}
	said := []string{fmt.Sprintf("%q", r.Header())}
	for row, err := range r.All() {
		if err != nil {
			said = append(said, err.Error())
			continue
		}
		said = append(said, fmt.Sprintf("%d %q", row.Line, row.Cells))
	}
	return said
}

func TestReader(t *testing.T) {
	tests := map[string]struct {
		file string
		want []string
	}{
		"plain":                  {"a,b\n1,2\n", []string{`["a" "b"]`, `2 ["1" "2"]`}},
		"no newline at the end":  {"a,b\n1,2", []string{`["a" "b"]`, `2 ["1" "2"]`}},
		"header alone":           {"a,b", []string{`["a" "b"]`}},
		"byte order mark":        {"\uFEFF课程,b\n1,2", []string{`["课程" "b"]`, `2 ["1" "2"]`}},
		"mark before a quote":    {"\uFEFF\"课,程\",b\n1,2", []string{`["课,程" "b"]`, `2 ["1" "2"]`}},
		"CRLF":                   {"a\r\n1\r\n2\r\n", []string{`["a"]`, `2 ["1"]`, `3 ["2"]`}},
		"CR":                     {"a\r1\r2", []string{`["a"]`, `2 ["1"]`, `3 ["2"]`}},
		"blank lines":            {"\n \na,b\n\n1,2\n,\n\u3000,\"\"\n3,4", []string{`["a" "b"]`, `5 ["1" "2"]`, `8 ["3" "4"]`}},
		"newlines in quotes":     {"\"a\r\nx\",b\n\"1\n\n\",2\n3,\"4\r\"\n5,6", []string{`["a\r\nx" "b"]`, `3 ["1" "2"]`, `6 ["3" "4"]`, `8 ["5" "6"]`}},
		"newlines kept":          {"a\n\"1\r\n2\n3\r4\"", []string{`["a"]`, `2 ["1\r\n2\n3\r4"]`}},
		"quotes in quotes":       {"a,b\n\"\"\"x\"\"\",\"y\"\"\"", []string{`["a" "b"]`, `2 ["\"x\"" "y\""]`}},
		"white space":            {" a ,\tb\n\u3000学 分\u00a0,\" 2 \"", []string{`["a" "b"]`, `2 ["学 分" "2"]`}},
		"short row":              {"a,b,c\n1\n1,2", []string{`["a" "b" "c"]`, `2 ["1" "" ""]`, `3 ["1" "2" ""]`}},
		"surplus blank cells":    {"a,b\n1,2,, ,", []string{`["a" "b"]`, `2 ["1" "2"]`}},
		"surplus cell":           {"a,b\n1,2,,x\n3,4", []string{`["a" "b"]`, `line 2, cell 4: columns`, `3 ["3" "4"]`}},
		"columns without a name": {"a,b,,\n1,2,,\n3,4,5", []string{`["a" "b"]`, `2 ["1" "2"]`, `line 3, cell 3: columns`}},
		"guarded formulas":       {"'=a,b\n'=1,''+1\n'-x,'a\n','0\n'@,=1", []string{`["=a" "b"]`, `2 ["=1" "'+1"]`, `3 ["-x" "'a"]`, `4 ["'" "'0"]`, `5 ["@" "=1"]`}},
		"guarded space":          {"a\n\"'\t=x\"\n\"''\ty\"", []string{`["a"]`, `2 ["=x"]`, `3 ["'\ty"]`}},
		"not UTF-8":              {"a,好\n1,\xbf\xce\n3,4", []string{`["a" "好"]`, `line 2, cell 2: encoding`, `3 ["3" "4"]`}},
		"GB18030":                {"\xbf\xce\xb3\xcc,b\n1,\x81\x39\xee\x39\n3,\xd6\xd0\n5,6", []string{`["课程" "b"]`, `2 ["1" "㐀"]`, `3 ["3" "中"]`, `4 ["5" "6"]`}},
		"GB18030, a broken cell": {"\xbf\xce\xb3\xcc,b\n" + strings.Repeat("\xd6\xd0", 30) + ",1\n3,\xd6\xff\n5,6", []string{`["课程" "b"]`, `2 ["` + strings.Repeat("中", 30) + `" "1"]`, `line 3, cell 2: encoding`, `4 ["5" "6"]`}},
		"semicolons":             {"a;b,c;d\n1;2;3", []string{`["a" "b,c" "d"]`, `2 ["1" "2" "3"]`}},
		"tabs":                   {"a\tb;\tc\n1\t2", []string{`["a" "b;" "c"]`, `2 ["1" "2" ""]`}},
		"separators in quotes":   {"\"a;b;c\",d\n1,2", []string{`["a;b;c" "d"]`, `2 ["1" "2"]`}},
		"UTF-16, little end":     {"\xff\xfe\xfe\x8b,\x00b\x00\n\x001\x00", []string{`["课" "b"]`, `2 ["1" ""]`}},
		"UTF-16, big end":        {"\xfe\xff\x8b\xfe\x00,\x00b\x00\n\x001", []string{`["课" "b"]`, `2 ["1" ""]`}},
		"UTF-16 without a mark":  {"a\x00,\x00b\x00\n\x00\xfe\x8b", []string{`["a" "b"]`, `2 ["课" ""]`}},
		"half a pair in UTF-8":   {"a,b\n\xed\xa0\x80,好\n好,4", []string{`["a" "b"]`, `line 2, cell 1: surrogate`, `3 ["好" "4"]`}},
		"UTF-16, half a pair":    {"\xff\xfea\x00\n\x00\x00\xd8\n\x001\x00", []string{`["a"]`, `line 2, cell 1: surrogate`, `3 ["1"]`}},
		"NUL":                    {"a,b\n\"\n\x00\",2\n3,4", []string{`["a" "b"]`, `line 2, cell 1: nul`, `4 ["3" "4"]`}},
		"quote inside":           {"a,b\n1,2\n3,x\"\n5,6", []string{`["a" "b"]`, `2 ["1" "2"]`, `line 3, cell 2: quotes`}},
		"text after quotes":      {"a,b\n\"1\"x,2\n5,6", []string{`["a" "b"]`, `line 2, cell 1: quotes`}},
		"quotes never closed":    {"a,b\n1,\"2\n5,6\n", []string{`["a" "b"]`, `line 2, cell 2: quotes`}},
		"nothing":                {"", []string{"line 1: empty"}},
		"only a mark":            {"\uFEFF", []string{"line 1: empty"}},
		"only blanks":            {" ,\n\n,", []string{"line 1: empty"}},
		"same name twice":        {"a, b,b ", []string{"line 1, cell 3: duplicate_column"}},
		"name missing":           {"a,,b,,c", []string{"line 1, cell 2: unnamed_column"}},
		"XLSX in pieces":         {"PK\x03\x04\x14\x00", []string{"line 1: workbook_broken"}},
		"XLS":                    {"\xd0\xcf\x11\xe0\xa1", []string{"line 1: workbook"}},
		"header not UTF-8":       {"a,\xbf", []string{"line 1, cell 2: encoding_file"}},
		"header quotes":          {"a,\"b", []string{"line 1, cell 2: quotes"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if got := outline(strings.NewReader(tt.file)); !reflect.DeepEqual(got, tt.want) {
				t.Errorf("got  %q\nwant %q", got, tt.want)
			}
			if got := outline(iotest.OneByteReader(strings.NewReader(tt.file))); !reflect.DeepEqual(got, tt.want) {
				t.Errorf("byte by byte: got  %q\nwant %q", got, tt.want)
			}
		})
	}
}

func TestReaderLimits(t *testing.T) {
	cell := strings.Repeat("x", sheet.MaxCell)
	tests := map[string]struct{ row, want string }{
		"largest cell":        {cell + ",2", ""},
		"largest quoted cell": {`1,"` + cell + `"`, ""},
		"cell":                {"1," + cell + "x", "line 2, cell 2: size"},
		"quoted cell":         {`"` + cell + `x",2`, "line 2, cell 1: size"},
		"row":                 {strings.Repeat(cell+",", 5), "line 2, cell 4: size"},
		"blank cells":         {strings.Repeat(",", sheet.MaxRow+1), fmt.Sprintf("line 2, cell %d: size", sheet.MaxRow+1)},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			r, err := sheet.NewReader(strings.NewReader("a,b\n" + tt.row + "\n3,4\n"))
			if err != nil {
				t.Fatal(err)
			}
			_, err = r.Next()
			if got := fault(err); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
			after, err := r.Next()
			if want := (sheet.Row{Line: 3, Number: 3, Cells: []string{"3", "4"}}); err != nil || !reflect.DeepEqual(after, want) {
				t.Errorf("next row: got %v %v, want %v", after, err, want)
			}
		})
	}
}

// fault is what is wrong, empty for nothing.
func fault(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

func TestReaderEnds(t *testing.T) {
	broken := errors.New("the line is cut")
	tests := map[string]struct {
		in   io.Reader
		want []error
	}{
		"file":           {strings.NewReader("a\n1"), []error{nil, io.EOF, io.EOF}},
		"broken quoting": {strings.NewReader("a\n\"1\n"), []error{&sheet.Fault{Line: 2, Number: 2, Column: 1, Code: sheet.CodeQuotes}, io.EOF, io.EOF}},
		"broken line":    {io.MultiReader(strings.NewReader("a\n1\n2"), iotest.ErrReader(broken)), []error{nil, broken, broken}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			r, err := sheet.NewReader(tt.in)
			if err != nil {
				t.Fatal(err)
			}
			for i, want := range tt.want {
				if _, err := r.Next(); !reflect.DeepEqual(err, want) {
					t.Errorf("call %d: got %v, want %v", i+1, err, want)
				}
			}
		})
	}
	if _, err := sheet.NewReader(iotest.ErrReader(broken)); err != broken {
		t.Errorf("NewReader: got %v, want %v", err, broken)
	}
}

func TestHeaderIsACopy(t *testing.T) {
	r, err := sheet.NewReader(strings.NewReader("a,b"))
	if err != nil {
		t.Fatal(err)
	}
	r.Header()[0] = "x"
	if got := r.Header()[0]; got != "a" {
		t.Errorf("got %q, want %q", got, "a")
	}
}

// Nothing of a row that cannot be taken is lost, and rows are numbered as a
// spreadsheet numbers them.
func TestFaultsKeepTheRow(t *testing.T) {
	r, err := sheet.NewReader(strings.NewReader("a,b\n\"1\n1\",2,3,,x\n\n\xbf好\x00,4\n5,6\n"))
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []*sheet.Fault{
		{Line: 2, Number: 2, Column: 3, Code: sheet.CodeColumns, Cells: []string{"1\n1", "2", "3", "", "x"}},
		{Line: 5, Number: 4, Column: 1, Code: sheet.CodeNUL, Cells: []string{`\xbf好\x00`, "4"}},
	} {
		if _, err := r.Next(); !reflect.DeepEqual(err, error(want)) {
			t.Errorf("got %+v, want %+v", err, want)
		}
	}
	row, err := r.Next()
	if want := (sheet.Row{Line: 6, Number: 5, Cells: []string{"5", "6"}}); err != nil || !reflect.DeepEqual(row, want) {
		t.Errorf("got %+v %v, want %+v", row, err, want)
	}
}
