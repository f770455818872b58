package bank

import (
	"slices"
	"strings"
	"unicode"
)

// columnsAt finds the kind's columns in the header, in either language.
func columnsAt(k kind, header []string) (map[string]int, error) {
	if len(header) == 1 && strings.ContainsAny(header[0], otherSeparators) {
		return nil, invalidField("file", "", "separator", nil)
	}
	at := map[string]int{}
	chinese := inChinese(k, header)
	var faults []FieldError
	for i, name := range header {
		if slices.Contains(rejectColumns[:], name) || (name == "" && i == len(header)-1) {
			continue
		}
		n := slices.IndexFunc(k.columns, func(c Column) bool { return c.named(name) })
		if n < 0 {
			faults = append(faults, FieldError{Field: name, Value: name, Code: "unknown_column",
				Args: map[string]any{"Known": columnNames(k, chinese)}})
			continue
		}
		if _, twice := at[k.columns[n].Name]; twice {
			faults = append(faults, FieldError{Field: name, Value: name, Code: "duplicate_column"})
		}
		at[k.columns[n].Name] = i
	}
	for _, c := range k.columns {
		if _, found := at[c.Name]; c.Required && !found {
			faults = append(faults, FieldError{Field: c.in(chinese), Code: "missing_column"})
		}
	}
	if len(faults) > 0 {
		return nil, invalidFields(faults)
	}
	return at, nil
}

// IsHeader says whether a row is the header of a kind of file: it has all the
// columns that must be there, or two or more that are known, also by what schools
// call them, and fewer others.
func IsHeader(name string, cells []string) bool {
	k, err := kindNamed(name)
	if err != nil {
		return false
	}
	found, required, foreign := 0, 0, 0
	for _, cell := range cells {
		called := k.columnNamed(cell)
		if called == "" && cell != "" {
			called = k.columnCalled(cell)
		}
		n := slices.IndexFunc(k.columns, func(c Column) bool { return c.Name == called })
		switch {
		case n < 0 && cell != "" && !slices.Contains(rejectColumns[:], cell):
			foreign++
		case n >= 0:
			found++
			if k.columns[n].Required {
				required++
			}
		}
	}
	return required > 0 && required == countRequired(k) || found >= 2 && found > foreign
}

func countRequired(k kind) (n int) {
	for _, c := range k.columns {
		if c.Required {
			n++
		}
	}
	return n
}

// named says whether a header means the column: by its name in either language,
// whatever a hurried hand put around it.
func (c Column) named(name string) bool {
	if c.Name == name || c.Zh == name {
		return true
	}
	plain := strings.Trim(visible(halfWidth(name)), " *")
	if strings.EqualFold(c.Name, plain) {
		return true
	}
	plain = strings.ReplaceAll(plain, " ", "")
	short, _, explained := strings.Cut(c.Zh, "(") // what stands in brackets explains the name
	base, _, _ := strings.Cut(plain, "(")
	return c.Zh == plain || explained && base == short
}

// otherSeparators stand between the cells of files that are not CSV with commas.
const otherSeparators = ";\t|；，"

// in is the column's name in one of the two languages.
func (c Column) in(chinese bool) string {
	if chinese {
		return c.Zh
	}
	return c.Name
}

// inChinese says whether a header is meant in Chinese: more of its columns are.
func inChinese(k kind, header []string) bool {
	score := 0
	for _, name := range header {
		switch {
		case slices.ContainsFunc(k.columns, func(c Column) bool { return strings.EqualFold(c.Name, name) }):
			score--
		case strings.IndexFunc(name, func(r rune) bool { return unicode.Is(unicode.Han, r) }) >= 0:
			score++
		}
	}
	return score > 0
}

// namesIn gives every column the name it has in the file, or would have.
func namesIn(k kind, header []string, at map[string]int) map[string]string {
	names, chinese := map[string]string{}, inChinese(k, header)
	for _, c := range k.columns {
		names[c.Name] = c.in(chinese)
		if i, found := at[c.Name]; found {
			names[c.Name] = header[i]
		}
	}
	return names
}

func columnNames(k kind, chinese bool) string {
	var names []string
	for _, c := range k.columns {
		names = append(names, c.in(chinese))
	}
	return strings.Join(names, ", ")
}
