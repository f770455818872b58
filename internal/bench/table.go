package bench

import (
	"fmt"
	"io"
	"math"
	"strings"
	"unicode/utf8"
)

// Print writes the report as a table for people.
func (r Report) Print(w io.Writer) error {
	head := fmt.Sprintf("%s, scale %s, seed %d, on %s\n\n", r.Group, r.Scale, r.Seed, r.Machine)
	cells := [][]string{{"id", "what", "beside", "median", "low … high", "must", "aim", "verdict"}}
	for _, row := range r.Rows {
		cells = append(cells, row.cells())
	}
	var text strings.Builder
	text.WriteString(head)
	for _, line := range aligned(cells) {
		text.WriteString(line + "\n")
	}
	for _, row := range r.Rows {
		text.WriteString(row.remarks())
	}
	_, err := io.WriteString(w, text.String())
	return err
}

func (r Row) cells() []string {
	value, spread := "–", "–"
	if !r.missing {
		value = figure(r.Value) + r.unit()
		if r.Pairs > 1 {
			spread = figure(r.Low) + " … " + figure(r.High)
		}
	}
	return []string{r.ID, r.What, r.Beside, value, spread, r.Must.String(), r.Aim.String(), string(r.Verdict)}
}

func (r Row) unit() string {
	if r.Unit == "" {
		return ""
	}
	return " " + r.Unit
}

// remarks are the lines below the table about one row.
func (r Row) remarks() string {
	var lines []string
	for _, f := range r.Faults {
		lines = append(lines, "WRONG: "+f)
	}
	if r.Disturbed != "" {
		lines = append(lines, "disturbed: "+r.Disturbed)
	}
	lines = append(lines, r.Notes...)
	if len(lines) == 0 {
		return ""
	}
	return fmt.Sprintf("\n%s  %s\n", r.ID, strings.Join(lines, "\n    "))
}

// aligned pads the cells of each column to one width.
func aligned(rows [][]string) []string {
	var widths []int
	for _, row := range rows {
		for i, cell := range row {
			if i == len(widths) {
				widths = append(widths, 0)
			}
			widths[i] = max(widths[i], utf8.RuneCountInString(cell))
		}
	}
	lines := make([]string, len(rows))
	for n, row := range rows {
		var line strings.Builder
		for i, cell := range row {
			line.WriteString(cell + strings.Repeat(" ", widths[i]-utf8.RuneCountInString(cell)+2))
		}
		lines[n] = strings.TrimRight(line.String(), " ")
	}
	return lines
}

// figure writes a number with the digits that mean something.
func figure(v float64) string {
	switch {
	case math.IsNaN(v) || math.IsInf(v, 0):
		return "–"
	case v == math.Trunc(v) && math.Abs(v) < 1e6, math.Abs(v) >= 100:
		return fmt.Sprintf("%.0f", v)
	case math.Abs(v) >= 10:
		return fmt.Sprintf("%.1f", v)
	}
	return fmt.Sprintf("%.2f", v)
}

// took writes seconds as people read them.
func took(s float64) string {
	switch {
	case s < 1e-3:
		return figure(s*1e6) + " µs"
	case s < 1:
		return figure(s*1e3) + " ms"
	}
	return figure(s) + " s"
}
