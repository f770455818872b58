package web

import (
	"regexp"
	"slices"
	"strings"

	"golang.org/x/text/unicode/norm"

	"creditbank/internal/calendar"
	"creditbank/internal/credit"
	"creditbank/internal/transfer"
)

// headerWords are cells by which the first line of a list gives itself away as a header.
var headerWords = [...]string{"课程", "课程名称", "课程代码", "课程名", "科目", "成绩", "分数", "学校", "course", "course name", "course code",
	"name", "code", "grade", "score", "school", "institution"}

// line is what one line of a pasted list says.
type line struct{ School, Course, Grade, Date string }

// readLines reads a pasted list: one course a line, with its grade and perhaps
// its school and date, in any order that can be told apart.
func (f *finder) readLines(text, school string) []line {
	var lines []line
	for _, raw := range strings.FieldsFunc(text, func(r rune) bool { return r == '\n' || r == '\r' }) {
		cells := splitLine(raw)
		if len(cells) == 0 || (len(lines) == 0 && isHeader(cells)) {
			continue
		}
		lines = append(lines, f.readLine(cells, school))
	}
	return lines
}

// separators of a list; blanks separate only where none of these stands.
const separators = ",，;；\t|"

// splitLine cuts a line at its separators, else at its blanks.
func splitLine(raw string) []string {
	raw = strings.ReplaceAll(raw, "　", " ")
	if !strings.ContainsAny(raw, separators) {
		return splitBlanks(raw)
	}
	var cells []string
	for _, cell := range strings.FieldsFunc(raw, func(r rune) bool { return strings.ContainsRune(separators, r) }) {
		if cell = strings.Trim(cell, " \"“”"); cell != "" {
			cells = append(cells, cell)
		}
	}
	return cells
}

var wideBlank = regexp.MustCompile(`\s{2,}`)

// splitBlanks takes date and grade from the end of a line of words, so that a
// name with blanks in it stays whole.
func splitBlanks(raw string) []string {
	raw = strings.TrimSpace(raw)
	if wideBlank.MatchString(raw) {
		return wideBlank.Split(raw, -1)
	}
	words := strings.Fields(raw)
	var tail []string
	for len(words) > 1 && len(tail) < 2 {
		last := words[len(words)-1]
		if !isGrade(last) && readDate(last) == "" {
			break
		}
		tail = append([]string{last}, tail...)
		words = words[:len(words)-1]
	}
	if len(words) == 0 {
		return tail
	}
	return append([]string{strings.Join(words, " ")}, tail...)
}

func isHeader(cells []string) bool {
	return slices.ContainsFunc(cells, func(cell string) bool {
		return slices.Contains(headerWords[:], strings.ToLower(norm.NFKC.String(cell)))
	}) && !slices.ContainsFunc(cells, isGrade)
}

// readLine tells the cells of a line apart. A date is a date, a school is one by
// its whole name; the last grade that is not all there is, is the grade.
func (f *finder) readLine(cells []string, school string) line {
	var l line
	for i := len(cells) - 1; i >= 0 && len(cells) > 1; i-- {
		switch cell := cells[i]; {
		case l.Date == "" && readDate(cell) != "":
			l.Date = readDate(cell)
		case l.Grade == "" && isGrade(cell):
			l.Grade = norm.NFKC.String(cell)
		case l.School == "" && f.namesSchool(cell):
			l.School = cell
		default:
			continue
		}
		cells = slices.Delete(slices.Clone(cells), i, i+1)
	}
	if l.School == "" && len(cells) == 1 {
		l.School, cells[0] = f.leadingSchool(cells[0])
	}
	f.readRest(&l, cells, school)
	return l
}

// leadingSchool cuts the whole name of a school, and a blank, from the beginning of a text.
func (f *finder) leadingSchool(text string) (string, string) {
	for i, r := range text {
		if r == ' ' && f.namesSchool(text[:i]) {
			return text[:i], strings.TrimSpace(text[i:])
		}
	}
	return "", text
}

// readRest finds the course among the cells that are left: a code beside a name,
// or a name beside a grade that no scale knows.
func (f *finder) readRest(l *line, cells []string, school string) {
	if own := f.school(l.School); own != "" {
		school = own
	}
	for i, cell := range cells {
		if k, _ := f.course(school, cell); k != (transfer.CourseKey{}) {
			l.Course = cell
			if l.Grade == "" && i == 0 && len(cells) == 2 && !f.named(k, cells[1]) {
				l.Grade = cells[1]
			}
			return
		}
	}
	l.Course = strings.Join(cells, " ")
}

var codeLike = regexp.MustCompile(`^0\d`)

// isGrade says whether a text looks like a grade of a usual scale. Nobody writes
// a grade with a zero before it; codes are written so.
func isGrade(text string) bool {
	text = norm.NFKC.String(text)
	if codeLike.MatchString(text) {
		return false
	}
	if _, err := credit.ParseScore(text); err == nil {
		return true
	}
	_, _, err := credit.Guess(credit.StandardScales(), text)
	return err == nil
}

var dateParts = regexp.MustCompile(`^(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?$`)

// readDate gives a date as the bank writes it, empty when the text is none.
func readDate(text string) string {
	parts := dateParts.FindStringSubmatch(norm.NFKC.String(strings.TrimSpace(text)))
	if parts == nil {
		return ""
	}
	date := parts[1] + "-" + twoDigits(parts[2]) + "-" + twoDigits(parts[3])
	if _, err := calendar.Parse(date); err != nil {
		return ""
	}
	return date
}

func twoDigits(number string) string {
	if len(number) == 1 {
		return "0" + number
	}
	return number
}
