package bank

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"creditbank/internal/calendar"
)

// Note is something that an import says of cells that it took: what it read for
// what stands there, or what a person may want to look at. Code names the sentence
// ("note."+Code).
type Note struct {
	Code   string `json:"code"`
	Column string `json:"column"` // by its English name; empty: the row, or the file
	Row    int    `json:"row"`    // the first, as a spreadsheet counts it; 0: none in particular
	Count  int    `json:"count"`  // how many cells or rows
	Text   string `json:"text"`   // names and places in the file; nothing of a person
}

// note counts a cell or row under what is to be said of it.
func (r *ImportReport) note(code, column string, row int) { r.noteTimes(1, code, column, row) }

func (r *ImportReport) noteTimes(times int, code, column string, row int) {
	for i := range r.Notes {
		if n := &r.Notes[i]; n.Code == code && n.Column == column && n.Text == "" {
			n.Count += times
			return
		}
	}
	r.Notes = append(r.Notes, Note{Code: code, Column: column, Row: row, Count: times})
}

// Mendable lists the troubles that an import mends when a person says so
// ([Import].Mend): what was meant is certain enough to be offered, and not certain
// enough to be taken.
func Mendable() []string {
	return []string{"lost_zeros", "letter_o", "date_serial", "merged", "total_row"}
}

// NoteCodes lists what a [Note] may say.
func NoteCodes() []string {
	codes := []string{"title_rows", "hidden_sheets", "hidden_rows", "formula", "invisible", "full_width", "full_width_kept", "name_dot",
		"private_use", "lost_character", "row_twice", "binary_fraction",
		"roster_gone", "roster_gone_row", "roster_not_student", "roster_not_graded", "roster_not_final", "roster_file", "roster_read_as",
		"region_withdrawn", "school_filled", "school_name", "national_code"}
	for _, trouble := range Mendable() {
		codes = append(codes, trouble+"_mended")
	}
	return codes
}

// Mark is what is to be known of a cell of a workbook beside its value.
type Mark struct {
	Cell  int    // its place in the header; the first is 0
	Code  string // merged, not_computed
	Value string // what stands in the first of merged cells
}

// nature is what a column holds, as far as damage goes.
type nature int

const (
	isCode  nature = iota // kept exactly, but for what nobody can see
	isValue               // numbers, dates and national numbers: also written full-width
	isProse               // names and texts: kept exactly
)

// natureOf knows a column by its name.
func natureOf(kind, column string) nature {
	if n, ofList := listNatures()[[2]string{kind, column}]; ofList {
		return n
	}
	switch column {
	case "name", "name_en", "outline", "note", "title", "category", "category_name", "class_name", "term", "source", "added", "level_name",
		"programme_name", "course_name", "source_programme", "source_course", "source_institution", "certificate_type", "certificate_level", "target_name", "target_programme":
		return isProse
	case "credits", "hours", "practice_hours", "level", "valid_from", "valid_to", "min_grade", "max_grade", "target_credits", "validity_years",
		"priority", "completed_on", "birth_date", "entered_on", "used_on", "id_number", "school_number", "phone", "required_credits", "min_credits",
		"years", "hours_per_credit", "credit_step", "share", "required", "never_exempt", "exemption", "grade", "region", "catalogue_code", "score",
		"passed", "max_level_rise", "state_controlled", "parent_code",
		"earned", "converted", "class_year", "school_code", "source_kind", "level_code", "source_level", "source_category", "target_level", "graduation", "season":
		return isValue
	case "code":
		if slices.Contains([]string{"institutions", "regions", "catalogue"}, kind) {
			return isValue
		}
	}
	return isCode
}

// tidy takes out of the cells what nobody sees and nobody means: see [natureOf].
// Cells of plain ASCII, which are most, are passed over.
func (c *cells) tidy() {
	if !slices.ContainsFunc(c.row.Cells, func(cell string) bool { return !isASCII(cell) }) {
		return
	}
	for column, i := range c.run.at {
		if i >= len(c.row.Cells) || isASCII(c.row.Cells[i]) {
			continue
		}
		text, kind := c.row.Cells[i], c.run.in.Kind
		if strings.ContainsRune(text, '\ufffd') {
			c.run.report.note("lost_character", column, c.row.Number)
		}
		switch natureOf(kind, column) {
		case isValue:
			c.becomes(column, "invisible", visible(text))
			c.becomes(column, "full_width", halfWidth(c.raw(column)))
		case isCode:
			c.becomes(column, "invisible", visible(text))
		case isProse:
			if column == "name" && (kind == "learners" || isRegional(kind)) {
				c.becomes(column, "invisible", visibleName(text))
				c.becomes(column, "name_dot", middleDots(c.raw(column)))
			}
			if strings.ContainsFunc(text, isPrivateUse) {
				c.run.report.note("private_use", column, c.row.Number)
			}
		}
	}
}

// becomes notes that a cell is read as something else than it holds.
func (c *cells) becomes(column, code, text string) {
	if text == c.raw(column) {
		return
	}
	if c.read == nil {
		c.read = map[string]string{}
	}
	c.read[column] = text
	c.run.report.note(code, column, c.row.Number)
}

// offer is for damage that can be mended when a person says so: then it gives
// mended, and notes it; else the cell has a fault that says what it would be.
func (c *cells) offer(column, value, code, mended string, args map[string]any) (string, bool) {
	if slices.Contains(c.run.in.Mend, code) {
		if column == "" {
			c.run.report.note(code+"_mended", "", c.row.Number)
		} else {
			c.becomes(column, code+"_mended", mended)
		}
		return mended, true
	}
	filled := map[string]any{"Mended": mended}
	for k, v := range args {
		filled[k] = v
	}
	c.fault(column, value, code, filled)
	for i := range c.faults {
		if f := &c.faults[i]; f.Column == column && f.Code == code {
			f.Mendable = true
		}
	}
	return value, false
}

// marked tells what a workbook says of cells beside their values.
func (c *cells) marked() {
	for _, m := range c.row.Marks {
		for column, i := range c.run.at {
			switch {
			case i != m.Cell || c.raw(column) != "":
			case m.Code == "merged" && m.Value != "":
				c.offer(column, "", m.Code, m.Value, nil)
			case m.Code == "not_computed":
				c.fault(column, "", m.Code, nil)
			}
		}
	}
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}

// isInvisible tells the characters that take no room: zero-width spaces and
// joiners, marks of byte order and direction, soft hyphens.
func isInvisible(r rune) bool {
	return r == '\u00ad' || r >= '\u200b' && r <= '\u200f' || r >= '\u202a' && r <= '\u202e' || r >= '\u2060' && r <= '\u2064' || r == '\ufeff'
}

// visible is a code without invisible characters, and with plain spaces.
func visible(s string) string {
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		switch {
		case isInvisible(r):
			return -1
		case r != '\n' && r != '\r' && r != '\t' && unicode.IsSpace(r):
			return ' '
		}
		return r
	}, s))
}

// visibleName is visible for the name of a person, in which joiners may have a
// meaning.
func visibleName(s string) string {
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		switch r {
		case '\u200b', '\u2060', '\ufeff', '\u00ad':
			return -1
		case '\u00a0', '\u202f':
			return ' '
		}
		return r
	}, s))
}

// halfWidth is a text with the letters, digits and signs of ASCII where their wide
// forms stand (U+FF01 to U+FF5E), which Chinese keyboards write.
func halfWidth(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= '\uff01' && r <= '\uff5e':
			return r - 0xfee0
		case r == '\u3000':
			return ' '
		}
		return r
	}, s)
}

// hasWide says whether wide letters or digits stand in a code. Wide brackets are
// common in codes that people make, and kept.
func hasWide(s string) bool {
	return strings.ContainsFunc(s, func(r rune) bool {
		return r >= '０' && r <= '９' || r >= 'Ａ' && r <= 'Ｚ' || r >= 'ａ' && r <= 'ｚ'
	})
}

// middleDots is a name with the one dot (U+00B7) that stands between its parts, for
// all that look like it. Only between Chinese characters are they one.
func middleDots(s string) string {
	if !strings.ContainsAny(s, lookAlikeDots) {
		return s
	}
	runes := []rune(s)
	for i := 1; i+1 < len(runes); i++ {
		if strings.ContainsRune(lookAlikeDots, runes[i]) && unicode.Is(unicode.Han, runes[i-1]) && unicode.Is(unicode.Han, runes[i+1]) {
			runes[i] = '·'
		}
	}
	return string(runes)
}

const lookAlikeDots = "•・･．‧⋅∙●"

// isPrivateUse tells characters that every system draws otherwise: rare ones in
// names came there before they had a place of their own.
func isPrivateUse(r rune) bool { return unicode.Is(unicode.Co, r) }

// zeros is a number with zeros where the letters O stand, and ones for l and I.
func zeros(s string) string {
	return strings.NewReplacer("O", "0", "o", "0", "Ｏ", "0", "〇", "0", "○", "0", "l", "1", "I", "1").Replace(s)
}

// lostDigits is a number of which Excel kept 15 digits: zeros stand for the rest.
var lostDigits = regexp.MustCompile(`^[1-9][0-9]{14}0+$`)

// errorValue is what Excel writes where it could not compute.
var errorValue = regexp.MustCompile(`^#(N/A|REF!|VALUE!|DIV/0!|NAME\?|NUM!|NULL!|SPILL!|CALC!|FIELD!|GETTING_DATA)$`)

func isErrorValue(text string) bool {
	return strings.HasPrefix(text, "#") && errorValue.MatchString(text)
}

// totalRow begins the line below a table that adds it up.
var totalRow = regexp.MustCompile(`(?i)^(合计|总计|小计|共计|总数|总人数|合计人数|total|subtotal|grand total|sum)\s*[:：]?$`)

// mayBeTotal says by its first character whether a cell can begin a totalRow: most cannot.
func mayBeTotal(cell string) bool {
	return cell[0] >= 0x80 || strings.IndexByte("tTsSgG ", cell[0]) >= 0
}

// isTotal says whether the row adds the others up: it says so in its first cell, and
// something that no row can do without is not there, or counts alone stand in the others.
func (c *cells) isTotal(columns []Column) bool {
	at := slices.IndexFunc(c.row.Cells, func(cell string) bool { return cell != "" })
	if at < 0 || !mayBeTotal(c.row.Cells[at]) || !totalRow.MatchString(strings.ReplaceAll(c.row.Cells[at], " ", "")) {
		return false
	}
	rest := slices.DeleteFunc(slices.Clone(c.row.Cells[at+1:]), isBlank)
	return slices.ContainsFunc(columns, func(col Column) bool { return col.Required && c.raw(col.Name) == "" }) ||
		len(rest) > 0 && !slices.ContainsFunc(rest, func(cell string) bool { return !bareCount.MatchString(cell) })
}

// bareCount is a sum or a number of things, as it stands below a table.
var bareCount = regexp.MustCompile(`^[0-9][0-9.,]*\s*[人名门项条行个分]?$`)

// serialDay offers the day of a bare count of days in a file of text: it is what
// becomes of a date in Excel. From which year it was counted the file does not say.
func (c *cells) serialDay(column, text string) (calendar.Day, bool) {
	if c.row.Epoch != 0 || len(text) != len("45000") || !bareSerial.MatchString(text) {
		return calendar.None, false
	}
	count, _ := strconv.Atoi(text)
	from1900, from1904 := calendar.Day(count-to1900), calendar.Day(count-to1904)
	_, mended := c.offer(column, text, "date_serial", from1900.String(), map[string]any{"Day1904": from1904.String()})
	if !mended {
		from1900 = calendar.None
	}
	return from1900, true
}

// bareSerial is a count of days of our time: 1927 to 2091.
var bareSerial = regexp.MustCompile(`^[1-6][0-9]{4}$`)
