package sheet_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"creditbank/internal/sheet"
	"creditbank/internal/testbed"
)

// TestSpectrum reads the files of csv-spectrum as their JSON says.
func TestSpectrum(t *testing.T) {
	folder := filepath.Join(testbed.Shared(t), "data", "csv-spectrum")
	files, err := filepath.Glob(filepath.Join(folder, "csvs", "*.csv"))
	if err != nil || len(files) == 0 {
		t.Fatalf("got %d files in %s, %v", len(files), folder, err)
	}
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".csv")
		t.Run(name, func(t *testing.T) {
			got, err := objects(file)
			if name == "location_coordinates" {
				// A quote in a cell without quotes, which RFC 4180 does not
				// allow; and its JSON is of another file.
				if want := (&sheet.Fault{Line: 2, Number: 2, Column: 2, Code: sheet.CodeQuotes}); !reflect.DeepEqual(err, error(want)) {
					t.Errorf("got %v, want %v", err, want)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			text, err := os.ReadFile(filepath.Join(folder, "json", name+".json"))
			if err != nil {
				t.Fatal(err)
			}
			var want []map[string]string
			if err := json.Unmarshal(text, &want); err != nil {
				t.Fatal(err)
			}
			if !reflect.DeepEqual(got, want) {
				t.Errorf("got  %q\nwant %q", got, want)
			}
		})
	}
}

// objects reads each row of a file as cells by the name of their column.
func objects(path string) ([]map[string]string, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	r, err := sheet.NewReader(file)
	if err != nil {
		return nil, err
	}
	var rows []map[string]string
	for row, err := range r.All() {
		if err != nil {
			return nil, err
		}
		cells := map[string]string{}
		for i, name := range r.Header() {
			cells[name] = row.Cells[i]
		}
		rows = append(rows, cells)
	}
	return rows, nil
}
