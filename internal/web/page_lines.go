package web

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/text/unicode/norm"

	"creditbank/internal/transfer"
)

// line is what one line of a pasted list says.
type line struct {
	School, Course, Grade, Date string
	Doubt                       []string // cells that may each be the grade
}

var (
	lineEnds = regexp.MustCompile(`[\r\n]+`)
	bullet   = regexp.MustCompile(`^(?:[-*•·]\s+|[(（]?\d{1,3}\s*[.、．)）]\s*([^\d\s]))`)
	aboutMe  = regexp.MustCompile(`^(?:姓名|学号|学籍号|班级|专业|年级|身份证号)\s*[:：]`)
	someText = regexp.MustCompile(`[\p{L}\p{N}]`)
	sumLine  = regexp.MustCompile(`(?i)^(?:合计|总计|共计|小计|总分|平均分?|总学分|总成绩|平均成绩|平均绩点|平均学分绩点|绩点|gpa|total|sum|average)(?:[\s:：=,，;；\t|、]|\d|$)`)
)

// courseLines are the lines of a pasted list that may speak of a course: not
// the empty ones, not the sums, and not who the person is.
func courseLines(text string) []string {
	var lines []string
	for _, raw := range lineEnds.Split(text, -1) {
		raw = strings.TrimSpace(bullet.ReplaceAllString(strings.ReplaceAll(raw, "　", " "), "$1"))
		if someText.MatchString(raw) && !sumLine.MatchString(raw) && !aboutMe.MatchString(raw) {
			lines = append(lines, raw)
		}
	}
	return lines
}

// readLines reads a pasted list: one course a line. A header decides what its
// columns are; without one the cells are told apart by what they look like. A
// line that holds only a school names that of the lines after it.
func (f *finder) readLines(raws []string, school string) []line {
	var lines []line
	var table *header
	heading := ""
	for _, raw := range raws {
		if h := readHeader(raw); h != nil {
			table = h
			continue
		}
		if named := f.schoolLine(raw); named != "" {
			heading, school = named, f.school(named)
			continue
		}
		l := f.readRaw(raw, table, school, len(lines)+1)
		if l.School == "" {
			l.School = heading
		}
		lines = append(lines, l)
	}
	return lines
}

var schoolLabel = regexp.MustCompile(`^(?:学校|院校|学校名称|[Ss]chool)\s*[:：]\s*`)

// schoolLine is the school that a whole line names, empty when it is no such line.
func (f *finder) schoolLine(raw string) string {
	if raw = strings.TrimSpace(schoolLabel.ReplaceAllString(raw, "")); f.namesSchool(raw) {
		return raw
	}
	return ""
}

// readRaw reads a line by the header above it, else by what its cells look like.
func (f *finder) readRaw(raw string, table *header, school string, number int) line {
	if table != nil {
		if cells := table.split(raw); table.fits(raw, cells) {
			return f.readRow(table, cells, school)
		}
	}
	cells := f.splitLine(raw, school)
	if len(cells) > 2 && cells[0] == strconv.Itoa(number) && !f.isCode(school, cells[0]) {
		cells = cells[1:]
	}
	return f.readLine(cells, school)
}

// separators of a list; blanks separate only where none of these stands.
const separators = ",，;；\t|"

// splitLine cuts a line at its separators, else at its blanks.
func (f *finder) splitLine(raw, school string) []string {
	var cells []string
	if strings.ContainsAny(raw, separators) {
		for _, cell := range strings.FieldsFunc(raw, func(r rune) bool { return strings.ContainsRune(separators, r) }) {
			if cell = strings.Trim(cell, " \"“”"); cell != "" {
				cells = append(cells, cell)
			}
		}
	} else {
		cells = splitBlanks(raw)
	}
	if slices.ContainsFunc(cells[min(1, len(cells)):], isGrade) {
		return cells
	}
	for i, cell := range cells {
		if name, grade := f.cutGrade(cell, school); grade != "" {
			return slices.Replace(cells, i, i+1, name, grade)
		}
	}
	return cells
}

var wideBlank = regexp.MustCompile(`\s{2,}`)

// splitBlanks takes dates and grades from both ends of a line of words, so that
// a name with blanks in it stays whole.
func splitBlanks(raw string) []string {
	raw = strings.TrimSpace(raw)
	if wideBlank.MatchString(raw) {
		return wideBlank.Split(raw, -1)
	}
	words := strings.Fields(raw)
	var head, tail []string
	for len(words) > 1 && isDate(words[0]) {
		head, words = append(head, words[0]), words[1:]
	}
	for len(words) > 1 && (isGrade(words[len(words)-1]) || isDate(words[len(words)-1])) {
		tail, words = append([]string{words[len(words)-1]}, tail...), words[:len(words)-1]
	}
	return slices.Concat(head, []string{strings.Join(words, " ")}, tail)
}

// gradeEnds are the ways in which a grade is written straight behind a name. One
// digit alone, as in 体育（2）, is part of the name.
var gradeEnds = [...]*regexp.Regexp{
	regexp.MustCompile(`^(.*[^\s:、])\s*[:、]\s*(\S+)$`),
	regexp.MustCompile(`^(.*\S)\s*\(\s*(\d{2,3}(?:\.\d+)?)\s*分?\s*\)$`),
	regexp.MustCompile(`^(.*\p{Han})\s*(\d{2,3}(?:\.\d+)?)$`),
	regexp.MustCompile(`^(.*[^\d\s.])\s*(\d{1,3}(?:\.\d+)?)\s*分$`),
}

// cutGrade cuts a grade from the end of a text that is no course as a whole.
func (f *finder) cutGrade(text, school string) (name, grade string) {
	folded := norm.NFKC.String(text)
	for _, end := range gradeEnds {
		parts := end.FindStringSubmatch(folded)
		if parts == nil || !isGrade(parts[2]) {
			continue
		}
		if f.namesCourse(school, text) {
			return text, ""
		}
		return strings.TrimSpace(parts[1]), bareGrade(parts[2])
	}
	return text, ""
}

// asides are words of transcripts that say nothing that is asked for.
var asides = [...]string{"必修", "选修", "限选", "任选", "公选", "必修课", "选修课", "考试", "考查", "正常", "初修", "重修", "补考", "正常考试"}

// readLine tells the cells of a line apart. A date is a date, a school is one by
// its whole name. Of several grades none is taken: the person says which it is.
func (f *finder) readLine(cells []string, school string) line {
	var l line
	rest, grades := []string{}, []string{}
	for i, cell := range cells {
		first := i == 0 && len(rest) == 0
		switch {
		case len(cells) == 1 || (first && f.isCode(school, cell)):
			rest = append(rest, cell)
		case l.Date == "" && isDate(cell) && !f.isCode(school, cell):
			if l.Date = readDate(cell); l.Date == "" {
				l.Date = cell
			}
		case isGrade(cell) && !(i < len(cells)-1 && f.isCode(school, cell)):
			grades = append(grades, bareGrade(cell))
		case l.School == "" && f.namesSchool(cell):
			l.School = cell
		case !slices.Contains(asides[:], cell) && !termLike.MatchString(cell):
			rest = append(rest, cell)
		}
	}
	if len(rest) == 0 && len(grades) > 0 {
		rest, grades = grades[:1], grades[1:]
	}
	if l.School == "" && len(rest) == 1 {
		l.School, rest[0] = f.leadingSchool(rest[0])
	}
	if own := f.school(l.School); own != "" {
		school = own
	}
	l.readGrade(grades)
	f.readRest(&l, rest, school)
	return l
}

// readGrade takes the only grade, or the only number beside words such as 合格.
func (l *line) readGrade(grades []string) {
	numbers := slices.DeleteFunc(slices.Clone(grades), func(g string) bool { return !isScore(g) })
	switch {
	case len(grades) == 1:
		l.Grade = grades[0]
	case len(numbers) == 1:
		l.Grade = numbers[0]
	default:
		l.Doubt = grades
	}
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
	for i, cell := range cells {
		if k, _ := f.course(school, cell); k != (transfer.CourseKey{}) {
			l.Course = cell
			if l.Grade == "" && len(l.Doubt) == 0 && i == 0 && len(cells) == 2 && !f.named(k, cells[1]) {
				l.Grade = cells[1]
			}
			return
		}
	}
	l.Course = strings.Join(cells, " ")
}
