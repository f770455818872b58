package sheet

import (
	"cmp"
	"errors"
	"io"

	"github.com/xuri/excelize/v2"
)

// Template is an empty workbook for people to fill in: a sheet with the header, and
// one with examples.
type Template struct {
	Columns        []TemplateColumn
	Name, Examples string // of the two sheets
	Rows           [][]string
	Refused        string // what Excel says of a value that is no choice
}

// TemplateColumn is a column of a template.
type TemplateColumn struct {
	Name    string
	Note    string   // shown when a person points at the name
	Choices []string // a drop-down, unless empty
}

// Write writes the workbook. Every column is text, so that codes keep their zeros
// and long numbers their digits.
func (t Template) Write(out io.Writer) error {
	f := excelize.NewFile()
	err := t.fill(f)
	if err == nil {
		err = f.Write(out)
	}
	return errors.Join(err, f.Close())
}

func (t Template) fill(f *excelize.File) error {
	if err := f.SetSheetName(workbookSheet, t.Name); err != nil {
		return err
	}
	if _, err := f.NewSheet(t.Examples); err != nil {
		return err
	}
	const asText = 49 // ECMA-376, 18.8.30: the number format "@"
	text, err := f.NewStyle(&excelize.Style{NumFmt: asText})
	if err != nil {
		return err
	}
	head, err := f.NewStyle(&excelize.Style{NumFmt: asText, Font: &excelize.Font{Bold: true}})
	if err != nil {
		return err
	}
	for _, name := range []string{t.Name, t.Examples} {
		if err := t.shape(f, name, text, head); err != nil {
			return err
		}
	}
	for i, row := range t.Rows {
		at, _ := excelize.CoordinatesToCellName(1, i+2)
		if err := f.SetSheetRow(t.Examples, at, &row); err != nil {
			return err
		}
	}
	for i, c := range t.Columns {
		if err := t.help(f, i+1, c); err != nil {
			return err
		}
	}
	return nil
}

// shape makes a sheet of text with the header.
func (t Template) shape(f *excelize.File, name string, text, head int) error {
	last, err := excelize.ColumnNumberToName(len(t.Columns))
	if err != nil {
		return err
	}
	const width = 18 // characters
	names := make([]string, len(t.Columns))
	for i, c := range t.Columns {
		names[i] = c.Name
	}
	return cmp.Or(
		f.SetColWidth(name, "A", last, width), f.SetColStyle(name, "A:"+last, text), f.SetSheetRow(name, "A1", &names), f.SetCellStyle(name, "A1", last+"1", head),
		f.SetPanes(name, &excelize.Panes{Freeze: true, YSplit: 1, TopLeftCell: "A2", ActivePane: "bottomLeft"}))
}

// help gives a column its note, and its drop-down.
func (t Template) help(f *excelize.File, number int, c TemplateColumn) error {
	column, err := excelize.ColumnNumberToName(number)
	if err != nil {
		return err
	}
	if err := f.AddComment(t.Name, excelize.Comment{Cell: column + "1", Author: "creditbank", Text: c.Note, Width: 320, Height: 120}); err != nil || len(c.Choices) == 0 {
		return err
	}
	list := excelize.NewDataValidation(true)
	list.SetSqref(column + "2:" + column + "1048576")
	list.SetError(excelize.DataValidationErrorStyleStop, c.Name, t.Refused)
	return cmp.Or(list.SetDropList(c.Choices), f.AddDataValidation(t.Name, list))
}
