package bank

import (
	"database/sql"
	"strings"
)

// typedCells are the cells of one row as somebody typed them, so that forms and
// programs are read by the readers of files, with the same faults.
func typedCells(columns []Column, values map[string]string, known *references) *cells {
	run := &importRun{at: make(map[string]int, len(columns)), known: known}
	row := Row{Number: 1, Line: 1, Cells: make([]string, len(columns))}
	for i, column := range columns {
		run.at[column.Name] = i
		row.Cells[i] = strings.TrimSpace(values[column.Name])
	}
	return &cells{run: run, row: row}
}

// fields are the faults as those of fields, whose names begin with a prefix.
func (c *cells) fields(prefix string) []FieldError {
	var faults []FieldError
	for _, f := range c.faults {
		faults = append(faults, FieldError{Field: prefix + f.Column, Value: f.Value, Code: f.Code, Args: f.Args})
	}
	return faults
}

// knownInstitution are references to one institution, if it is there.
func knownInstitution(read reading, code string) (*references, error) {
	known := &references{institutions: map[string]string{}}
	err := read(func(rows *sql.Rows) error { return known.scanInstitution(rows) }, `SELECT code, kind FROM institution WHERE code = $1`, code)
	return known, err
}
