package bank

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"creditbank/internal/calendar"
	"creditbank/internal/credit"
)

// cells reads one row of a file, cell by cell, and collects what is wrong.
type cells struct {
	run    *importRun
	row    Row
	read   map[string]string // cells that are read as something else than they hold
	faults []RowError
}

func (c *cells) fault(column, value, code string, args map[string]any) {
	if column != "" && slices.ContainsFunc(c.faults, func(e RowError) bool { return e.Column == column && isDamage(e.Code) }) {
		return // the damage is the reason of all that is wrong with the cell
	}
	if isNumberFault(code) && lostDigits.MatchString(c.raw(column)) {
		code = "excel_digits"
	}
	c.faults = append(c.faults, RowError{Row: c.row.Number, Line: c.row.Line, Column: column, Value: value, Code: code, Args: args})
}

// isDamage tells what is the reason of all else that is wrong with a cell.
func isDamage(code string) bool {
	return code == "excel_number" || code == "excel_error" || code == "not_computed" || slices.Contains(Mendable(), code)
}

// isNumberFault tells what is said of a number that does not check, or is not there.
func isNumberFault(code string) bool {
	return slices.Contains([]string{"id_number", "uscc", "uscc_check_digit", "school_code", "unknown_institution", "unknown_course", "unknown_programme", "unknown_learner", "unknown_person"}, code)
}

// raw is a cell as it is read, "" where the file lacks the column.
func (c *cells) raw(column string) string {
	if text, changed := c.read[column]; changed {
		return text
	}
	if i, found := c.run.at[column]; found && i < len(c.row.Cells) {
		return c.row.Cells[i]
	}
	return ""
}

// has says whether the file has a column.
func (c *cells) has(column string) bool {
	_, found := c.run.at[column]
	return found
}

// Lengths of texts, in characters.
const (
	codeLength    = 40
	courseLength  = 80
	nameLength    = 200
	noteLength    = 2000
	outlineLength = 20000
)

// text reads a cell of at most limit characters. Wide letters and digits in a code
// are kept, as codes are, and pointed out: mostly they are a slip of the keyboard.
func (c *cells) text(column string, limit int) string {
	value := c.short(column, limit)
	if limit <= courseLength && hasWide(value) && natureOf(c.run.in.Kind, column) == isCode {
		c.run.report.note("full_width_kept", column, c.row.Number)
	}
	return value
}

// short is text for a code that stands in a list, which says itself what is meant.
func (c *cells) short(column string, limit int) string {
	value := c.raw(column)
	if len(value) > limit && utf8.RuneCountInString(value) > limit {
		c.fault(column, string([]rune(value)[:codeLength])+"…", "too_long", map[string]any{"Limit": limit})
	}
	if hasControl(value) {
		c.fault(column, "", "control_character", nil)
	}
	if limit <= courseLength && strings.Contains(value, "E+") && excelNumber.MatchString(value) {
		c.fault(column, value, "excel_number", nil)
	}
	if limit <= courseLength && isErrorValue(value) {
		c.fault(column, value, "excel_error", nil)
	}
	return value
}

// excelNumber is what Excel makes of a long code that it takes for a number.
var excelNumber = regexp.MustCompile(`^[0-9](\.[0-9]+)?E\+[0-9]{2,3}$`)

// isControl tells the characters that no text of ours holds. Line breaks and
// tabs are text.
func isControl(r rune) bool {
	return (r < ' ' && r != '\n' && r != '\r' && r != '\t') || r == 0x7f
}

// hasControl says whether a text holds one: all are single bytes.
func hasControl(text string) bool {
	for i := range len(text) {
		if isControl(rune(text[i])) {
			return true
		}
	}
	return false
}

// needed reads a cell that must not be blank.
func (c *cells) needed(column string, limit int) string {
	value := c.text(column, limit)
	if value == "" {
		c.fault(column, "", "required", nil)
	}
	return value
}

// parse reads a cell with a parser; a blank one gives blank, or is a fault if required.
func parse[T any](c *cells, column string, blank T, required bool, code string, read func(string) (T, error)) T {
	text := c.raw(column)
	if text == "" {
		if required {
			c.fault(column, "", "required", nil)
		}
		return blank
	}
	whole := shownFraction(text)
	value, err := read(whole)
	if err == nil {
		if whole != text {
			c.run.report.note("binary_fraction", column, c.row.Number)
		}
		return value
	}
	if isErrorValue(text) {
		code = "excel_error"
	}
	with := zeros(text)
	if value, err := read(with); with != text && err == nil {
		if _, mended := c.offer(column, text, "letter_o", with, nil); mended {
			return value
		}
		return blank
	}
	c.fault(column, text, code, nil)
	return blank
}

// longFraction is a number with more digits than a spreadsheet shows: 15.
var longFraction = regexp.MustCompile(`^-?[0-9]{1,6}\.[0-9]{12,}$`)

// shownFraction is a number as it was before a program kept it in binary: 3.5 for
// 3.4999999999999996.
func shownFraction(text string) string {
	const shortest = len("0.") + 12
	if len(text) < shortest || !longFraction.MatchString(text) {
		return text
	}
	const digits = 9 // more than any amount, hours or score has, fewer than binary spoils
	value, err := strconv.ParseFloat(text, 64)
	if err != nil {
		return text
	}
	return strings.TrimRight(strings.TrimRight(strconv.FormatFloat(value, 'f', digits, 64), "0"), ".")
}

func (c *cells) amount(column string, blank credit.Amount, required bool) credit.Amount {
	return parse(c, column, blank, required, "amount", credit.ParseAmount)
}

func (c *cells) hours(column string) credit.Hours {
	return parse(c, column, -1, false, "hours", credit.ParseHours)
}

func (c *cells) score(column string) credit.Score {
	return parse(c, column, -1, false, "score", credit.ParseScore)
}

func (c *cells) day(column string, required bool) calendar.Day {
	text := c.raw(column)
	if day, counted := c.row.countedDay(text); counted {
		return day
	}
	if day, counted := c.serialDay(column, text); counted {
		return day
	}
	code := "date"
	if !isPlainDate(text) && otherDate.MatchString(text) {
		code = "date_form"
	}
	return parse(c, column, calendar.None, required, code, calendar.Parse)
}

// dayText is a date as it is typed, also where a workbook counts days.
func (c *cells) dayText(column string) string {
	text := c.raw(column)
	if day, counted := c.row.countedDay(text); counted {
		return day.String()
	}
	return text
}

// countedDay is a day as a workbook keeps it: counted from 30 December 1899 or,
// in old Macintosh files, 1 January 1904 (ECMA-376, 18.17.4.1). Counts before 61
// are none: there that calendar has a day that never was.
func (r Row) countedDay(text string) (calendar.Day, bool) {
	if r.Epoch == 0 || !countOfDays.MatchString(text) {
		return calendar.None, false
	}
	count, err := strconv.Atoi(text)
	if err != nil || count < 61 {
		return calendar.None, false
	}
	if r.Epoch == 1904 {
		return calendar.Day(count - to1904), true
	}
	return calendar.Day(count - to1900), true
}

// Days to 1970-01-01 from where workbooks count.
const to1900, to1904 = 25569, 24107

// countOfDays is a whole number of days of our time.
var countOfDays = regexp.MustCompile(`^[0-9]{2,5}$`)

// otherDate is a date in another form, mostly as Excel writes it. It is not
// taken: which of its numbers is the month is a guess.
var otherDate = regexp.MustCompile(`^[0-9]{4}([-/.][0-9]{1,2}[-/.][0-9]{1,2}|年[0-9]{1,2}月[0-9]{1,2}日|[0-9]{4})$|^[0-9]{1,2}[-/.][0-9]{1,2}[-/.][0-9]{4}$|^[0-9]{4}-[0-9]{2}-[0-9]{2}[ T]`)

// isPlainDate tells the form of the contract: 2026-06-30.
func isPlainDate(text string) bool {
	const form = "0000-00-00"
	if len(text) != len(form) {
		return false
	}
	for i := range len(form) {
		if digit := text[i] >= '0' && text[i] <= '9'; digit != (form[i] == '0') || !digit && text[i] != '-' {
			return false
		}
	}
	return true
}

// plainNumber is digits without a sign: what a cell with a count holds.
var plainNumber = regexp.MustCompile(`^[0-9]{1,9}$`)

// number reads a whole number from low to high.
func (c *cells) number(column string, blank, low, high int) int {
	text := c.raw(column)
	if text == "" {
		return blank
	}
	n, err := strconv.Atoi(text)
	if !plainNumber.MatchString(strings.TrimPrefix(text, "-")) || err != nil || n < low || n > high {
		c.fault(column, text, "number", map[string]any{"Low": low, "High": high})
		return blank
	}
	return n
}

func (c *cells) flag(column string) bool {
	switch text := strings.ToLower(c.raw(column)); text {
	case "", "0", "false", "no", "n", "否":
		return false
	case "1", "true", "yes", "y", "是":
		return true
	default:
		c.fault(column, text, "flag", nil)
		return false
	}
}

// choice reads one of a few words, in English or Chinese; blank gives the first of them.
func (c *cells) choice(column string, choices ...string) string {
	text := chosen(c.raw(column), choices)
	if text == "" {
		return choices[0]
	}
	if !slices.Contains(choices, text) {
		words := slices.DeleteFunc(slices.Clone(choices), isBlank)
		names := make([]string, len(words))
		for i, word := range words {
			names[i] = choiceName(word)
		}
		c.fault(column, text, "choice", map[string]any{"Choices": strings.Join(words, ", "), "Names": strings.Join(names, "、")})
	}
	return text
}

func isBlank(s string) bool { return s == "" }

// window reads two days, the second not before the first.
func (c *cells) window() (from, to calendar.Day) {
	from, to = c.day("valid_from", false), c.day("valid_to", false)
	if from != calendar.None && to != calendar.None && to < from {
		c.fault("valid_to", c.raw("valid_to"), "window", nil)
	}
	return from, to
}

// orNil is a value as it is stored: NULL where it was not given.
func orNil[T comparable](value, absent T) any {
	if value == absent {
		return nil
	}
	return value
}

func dayOrNil(d calendar.Day) any { return orNil(d, calendar.None) }

func textOrNil(s string) any { return orNil(s, "") }

// shown is the cell of a value: blank where it was not given.
func shown[T comparable](value, absent T, text func(T) string) string {
	if value == absent {
		return ""
	}
	return text(value)
}

func shownNumber(n, absent int) string { return shown(n, absent, strconv.Itoa) }

func shownFlag(b bool) string {
	if b {
		return "1"
	}
	return ""
}
