package main

import (
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"creditbank/internal/bank"
)

// Whatever a file is in, it is read, and how it was read is said.
func TestFormsOfFilesAreRecognised(t *testing.T) {
	folder := t.TempDir()
	db := "sqlite:" + filepath.Join(folder, "bank.db")
	town(t, db)
	for name, c := range map[string]struct{ text, said string }{
		"GB18030":  {"\xbb\xfa\xb9\xb9\xb4\xfa\xc2\xeb;\xbf\xce\xb3\xcc\xb4\xfa\xc2\xeb;\xbf\xce\xb3\xcc\xc3\xfb\xb3\xc6;\xd1\xa7\xb7\xd6\nA;g1;\xbf\xce\xb3\xcc;1\n", "GB18030, separated by semicolons"},
		"UTF-16LE": {utf16le("institution\tcode\tname\tcredits\nA\tu1\t课程\t1\n"), "UTF-16LE, separated by tabs"},
	} {
		status, stdout, stderr := command(t, "--db", db, "import", "courses", write(t, filepath.Join(folder, name), c.text))
		if status != exitDone || !strings.Contains(stderr, c.said) || !strings.Contains(stdout, "1 new") {
			t.Errorf("%s: status %d\n%s%s", name, status, stdout, stderr)
		}
	}
	_, stdout, _ := command(t, "--db", db, "export", "courses")
	if strings.Count(stdout, "课程") != 2 {
		t.Errorf("the courses are\n%s", stdout)
	}
}

// utf16le is a text of the basic plane in UTF-16 with its mark.
func utf16le(text string) string {
	out := []byte("\xff\xfe")
	for _, r := range text {
		out = append(out, byte(r), byte(r>>8))
	}
	return string(out)
}

// A workbook as a school keeps one: dates as counts, credits as binary numbers,
// a second sheet; the refused rows come back as a workbook that comes in again.
func TestAWorkbookComesIn(t *testing.T) {
	folder := t.TempDir()
	db := "sqlite:" + filepath.Join(folder, "bank.db")
	town(t, db)
	f := excelize.NewFile()
	for i, row := range [][]any{{"institution", "code", "name", "credits", "valid_from"}, {"A", "w1", "Excel", 3.4999999999999996, 45992}, {"A", "w2", "", 2, 45992}} {
		if err := f.SetSheetRow("Sheet1", "A"+string(rune('1'+i)), &row); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := f.NewSheet("Notes"); err != nil {
		t.Fatal(err)
	}
	path, rejects := filepath.Join(folder, "c.xlsx"), filepath.Join(folder, "r.xlsx")
	if err := f.SaveAs(path); err != nil {
		t.Fatal(err)
	}
	status, stdout, stderr := command(t, "--db", db, "import", "courses", path, "--partial", "--rejects", rejects)
	if status != exitRefused || !strings.Contains(stdout, "1 new") || !strings.Contains(stdout, "1 refused") || !strings.Contains(stderr, "sheet “Sheet1” (1 more not read)") {
		t.Errorf("status %d\n%s%s", status, stdout, stderr)
	}
	if _, stdout, _ := command(t, "--db", db, "export", "courses"); !strings.Contains(stdout, "A,w1,Excel,,3.5,,,,,2025-12-01,") {
		t.Errorf("the courses are\n%s", stdout)
	}
	mended, err := excelize.OpenFile(rejects)
	if err != nil {
		t.Fatal(err)
	}
	if err := mended.SetCellStr("Sheet1", "C2", "Word"); err != nil {
		t.Fatal(err)
	}
	if err := mended.Save(); err != nil {
		t.Fatal(err)
	}
	if status, stdout, stderr := command(t, "--db", db, "import", "courses", rejects); status != exitDone || !strings.Contains(stdout, "1 new") {
		t.Errorf("mended: status %d\n%s%s", status, stdout, stderr)
	}
}

// What comes out as a workbook comes in again and changes nothing, kind by kind.
func TestWorkbooksOfEveryKindComeInAgain(t *testing.T) {
	folder := t.TempDir()
	db := "sqlite:" + filepath.Join(folder, "bank.db")
	town(t, db)
	for _, kind := range bank.Kinds() {
		path := filepath.Join(folder, kind+".xlsx")
		if status, _, stderr := command(t, "--db", db, "export", kind, "--format", "xlsx", "--out", path); status != exitDone {
			t.Fatalf("%s: %s", kind, stderr)
		}
		_, stdout, stderr := command(t, "--json", "--db", db, "import", kind, path, "--publish")
		var report bank.ImportReport
		if err := json.Unmarshal([]byte(stdout), &report); err != nil || report.Rows != report.Unchanged {
			t.Errorf("%s: %+v %v %s", kind, report, err, stderr)
		}
	}
}
