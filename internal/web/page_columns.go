package web

import (
	"encoding/csv"
	"regexp"
	"slices"
	"strings"

	"creditbank/internal/bank"
)

// column says what stands in one column of a pasted table.
type column int

const (
	unknownColumn column = iota
	ignoredColumn        // known, and nothing that is asked for
	courseColumn
	codeColumn
	gradeColumn
	partColumn // a grade on the way to the final one: taken where there is no other
	schoolColumn
	dateColumn
)

// columnNames are the headings that transcripts use.
var columnNames = [...]struct {
	column column
	names  []string
}{
	{courseColumn, []string{"课程", "课程名称", "课程名", "课程中文名", "科目", "科目名称", "学科", "证书", "证书名称", "course", "course name", "course title", "name", "subject", "title", "module"}},
	{codeColumn, []string{"课程代码", "课程编号", "课程编码", "课程号", "代码", "编码", "course code", "course id", "course no", "course number", "code"}},
	{gradeColumn, []string{"成绩", "分数", "得分", "总评", "总评成绩", "总成绩", "最终成绩", "综合成绩", "课程成绩", "grade", "score", "mark", "final grade", "final score", "final mark", "result"}},
	{partColumn, []string{"平时成绩", "期中成绩", "期末成绩", "考试成绩", "补考成绩", "重修成绩", "midterm", "final exam", "exam score"}},
	{schoolColumn, []string{"学校", "学校名称", "院校", "就读学校", "毕业学校", "school", "school name", "institution"}},
	{dateColumn, []string{"完成日期", "日期", "完成时间", "考试日期", "考试时间", "取得日期", "取得时间", "发证日期", "date", "completed", "completed on", "completion date", "date completed"}},
	{ignoredColumn, []string{"学分", "课程学分", "已得学分", "获得学分", "绩点", "学分绩点", "课程绩点", "学时", "总学时", "课时", "性质", "课程性质", "课程属性", "课程类别", "课程类型", "类别", "类型",
		"学期", "学年", "学年学期", "开课学期", "修读学期", "序号", "编号", "备注", "考核方式", "考试方式", "考试性质", "修读性质", "修读方式", "教师", "任课教师", "姓名", "学号", "班级", "专业", "年级", "是否及格", "排名",
		"credit", "credits", "credit hours", "gpa", "grade point", "grade points", "point", "points", "hours", "type", "kind", "category", "term", "semester", "year", "academic year",
		"no", "no.", "#", "index", "remark", "remarks", "note", "notes", "teacher", "instructor", "status", "rank"}},
}

var bracketed = regexp.MustCompile(`[(\[【].*$`)

// columnOf reads a heading; what stands in brackets behind it does not matter.
func columnOf(cell string) column {
	name := bank.Fold(cell)
	name = strings.Trim(bracketed.ReplaceAllString(name, ""), " :*")
	for _, known := range columnNames {
		if slices.Contains(known.names, name) {
			return known.column
		}
	}
	return unknownColumn
}

// header is the first line of a table: it decides what its columns hold.
type header struct {
	separator rune // 0: blanks
	columns   []column
}

// readHeader reads a line of headings; nil when it is none. A line of courses
// has no heading in it, or a grade as well.
func readHeader(raw string) *header {
	h := header{}
	if at := strings.IndexAny(raw, separators); at >= 0 {
		for _, h.separator = range raw[at:] {
			break
		}
	}
	known, telling := 0, false
	for _, cell := range h.split(raw) {
		if isGrade(cell) {
			return nil
		}
		c := columnOf(cell)
		h.columns = append(h.columns, c)
		if c != unknownColumn {
			known++
		}
		telling = telling || c == courseColumn || c == codeColumn || c == gradeColumn
	}
	if !telling || 2*known < len(h.columns) {
		return nil
	}
	return &h
}

// split cuts a line into the cells of the columns, empty ones too.
func (h *header) split(raw string) []string {
	if h.separator == 0 {
		return h.splitBlanks(raw)
	}
	r := csv.NewReader(strings.NewReader(raw))
	r.Comma, r.LazyQuotes, r.FieldsPerRecord = h.separator, true, -1
	cells, err := r.Read()
	if err != nil {
		cells = strings.Split(raw, string(h.separator))
	}
	for i := range cells {
		cells[i] = strings.TrimSpace(cells[i])
	}
	return cells
}

// splitBlanks gives the words that are too many to the name of the course.
func (h *header) splitBlanks(raw string) []string {
	words := strings.Fields(raw)
	at, surplus := slices.Index(h.columns, courseColumn), len(words)-len(h.columns)
	if at < 0 || surplus <= 0 {
		return words
	}
	name := strings.Join(words[at:at+surplus+1], " ")
	return slices.Concat(words[:at], []string{name}, words[at+surplus+1:])
}

// fits says whether a line has the columns of the table.
func (h *header) fits(raw string, cells []string) bool {
	if h.separator == 0 {
		return len(cells) == len(h.columns)
	}
	return len(cells) <= len(h.columns) && (len(h.columns) == 1 || strings.ContainsRune(raw, h.separator))
}

// cell is what a line has in the first column of a sort that holds something.
func (h *header) cell(cells []string, sort column) string {
	for i, c := range h.columns {
		if c == sort && i < len(cells) && cells[i] != "" {
			return cells[i]
		}
	}
	return ""
}

// readRow reads a line by the columns of its table.
func (f *finder) readRow(h *header, cells []string, school string) line {
	l := line{School: h.cell(cells, schoolColumn), Course: h.cell(cells, courseColumn), Grade: bareGrade(h.cell(cells, gradeColumn)), Date: h.cell(cells, dateColumn)}
	if !slices.Contains(h.columns, gradeColumn) {
		l.Grade = bareGrade(h.cell(cells, partColumn))
	}
	if date := readDate(l.Date); date != "" {
		l.Date = date
	}
	if own := f.school(l.School); own != "" {
		school = own
	}
	if code := h.cell(cells, codeColumn); l.Course == "" || f.isCode(school, code) {
		l.Course = code
	}
	return l
}
