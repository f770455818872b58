package intake

import (
	"cmp"
	"errors"
	"io"
	"strings"

	"creditbank/internal/bank"
	"creditbank/internal/sheet"
)

// WriteTemplate writes an empty file of a kind, with Chinese headers: as CSV, or as
// a workbook with drop-downs, a note at each column and a sheet of examples. say
// puts keys into words.
func WriteTemplate(out io.Writer, kind, format string, say func(key string, args map[string]any) string) error {
	columns, err := bank.Columns(kind)
	if err != nil {
		return err
	}
	if format != "xlsx" {
		var names []string
		for _, c := range columns {
			names = append(names, c.Zh)
		}
		w := sheet.NewWriter(out)
		return errors.Join(w.Write(names), w.Flush())
	}
	t := sheet.Template{Name: say("template.fill_in", nil), Examples: say("template.examples", nil), Rows: bank.Examples(kind), Refused: say("template.refused", nil)}
	for _, c := range columns {
		choices := cmp.Or(strings.Join(c.Meant, "、"), strings.Join(c.Choices, "、"))
		note := say("column."+c.Form, map[string]any{"Choices": choices})
		if c.Required {
			note = say("template.required", nil) + note
		}
		t.Columns = append(t.Columns, sheet.TemplateColumn{Name: c.Zh, Note: note, Choices: c.Choices})
	}
	return t.Write(out)
}
