package bank

import (
	"context"
	"database/sql"
	"slices"
	"strings"

	"creditbank/internal/calendar"
	"creditbank/internal/credit"
	"creditbank/internal/transfer"
)

// examKey names one part of one version of an exam.
type examKey struct {
	Exam string
	From calendar.Day // the first day on which the version holds
	transfer.CourseKey
}

// examPart is what the version says of the part.
type examPart struct {
	Name    string       // of the exam
	Maximum credit.Score // the most points there are
}

// examFile brings in the parts of exams, in versions: an entrance exam of vocational
// education has 750 points, 300 for general education and 450 for skills, or 550, 300
// and 250, as the city says for each year (Chongqing, 高职分类考试). What a version says
// stays; another year is another version.
var examFile = kind{
	name: "exams",
	columns: []Column{
		{"exam", "考试代码", true}, {"name", "考试名称", true}, {"valid_from", "起始日期", true}, {"institution", "机构代码", true},
		{"course", "课程代码", true}, {"maximum", "满分", true},
	},
	take: func(r *importRun) error {
		if _, err := r.refs(); err != nil {
			return err
		}
		return takeEach(r, entity[examKey, examPart]{
			read: readExamPart, stored: storedExamParts,
			insert: into("exam_part", []string{"exam", "name", "valid_from", "institution", "course", "maximum"}, func(k keyed[examKey, examPart]) []any {
				return []any{k.key.Exam, k.value.Name, k.key.From, k.key.Institution, k.key.Code, k.value.Maximum}
			}),
			lasting: true,
		})
	},
	give: giveRows(selectExamParts+` ORDER BY exam, valid_from, institution, course`, func(rows *sql.Rows) ([]string, error) {
		k, v, err := scanExamPart(rows)
		return []string{k.Exam, v.Name, k.From.String(), k.Institution, k.Code, v.Maximum.String()}, err
	}),
}

func storedExamParts(t *tx) (map[examKey]examPart, error) {
	return readMap(t, selectExamParts, scanExamPart)
}

const selectExamParts = `SELECT exam, valid_from, institution, course, name, maximum FROM exam_part`

func scanExamPart(rows *sql.Rows) (k examKey, v examPart, err error) {
	err = rows.Scan(&k.Exam, &k.From, &k.Institution, &k.Code, &v.Name, &v.Maximum)
	return k, v, err
}

func readExamPart(c *cells) (examKey, examPart) {
	k := examKey{Exam: c.needed("exam", codeLength), From: c.day("valid_from", true)}
	k.Institution = c.institution("institution", true)
	k.Code = c.course("course", k.Institution, true)
	v := examPart{Name: c.needed("name", nameLength), Maximum: c.score("maximum")}
	if v.Maximum == 0 {
		c.fault("maximum", c.raw("maximum"), "required", nil)
	}
	return k, v
}

// Exam is an exam of several parts as it is on a day.
type Exam struct {
	Code        string
	Name        string
	Institution string // that holds it
	From        calendar.Day
	Parts       []ExamPart
}

// ExamPart is one part of an exam, which is a course of who holds it.
type ExamPart struct {
	Course  string
	Maximum credit.Score
}

// Total is the sum of the parts' points.
func (e Exam) Total() (sum credit.Score) {
	for _, p := range e.Parts {
		sum += p.Maximum
	}
	return sum
}

// exams are the exams as they are on a day, by code.
func (read reading) exams(on calendar.Day) (list []Exam, err error) {
	err = read(func(rows *sql.Rows) error {
		k, v, err := scanExamPart(rows)
		if n := len(list); n == 0 || list[n-1].Code != k.Exam {
			list = append(list, Exam{Code: k.Exam, Name: v.Name, Institution: k.Institution, From: k.From})
		}
		last := &list[len(list)-1]
		last.Parts = append(last.Parts, ExamPart{k.Code, v.Maximum})
		return err
	}, selectExamParts+` p WHERE valid_from = (SELECT max(o.valid_from) FROM exam_part o WHERE o.exam = p.exam AND o.valid_from <= $1)
		ORDER BY exam, institution, course`, on)
	return list, err
}

// exam is one of them. It promises NotFound.
func (read reading) exam(code string, on calendar.Day) (Exam, error) {
	list, err := read.exams(on)
	for _, e := range list {
		if e.Code == code {
			return e, err
		}
	}
	if err == nil {
		err = notFound("exam", code)
	}
	return Exam{}, err
}

// maxima are the most points that parts of exams have, by course, the latest first.
type maxima map[transfer.CourseKey][]maximumFrom

type maximumFrom struct {
	from    calendar.Day
	maximum credit.Score
}

func (read reading) maxima() (maxima, error) {
	all := maxima{}
	return all, read(func(rows *sql.Rows) error {
		k, v, err := scanExamPart(rows)
		all[k.CourseKey] = append(all[k.CourseKey], maximumFrom{k.From, v.Maximum})
		return err
	}, selectExamParts+` ORDER BY valid_from DESC`)
}

// maximaFor are those that results are held against; of courses nothing is asked.
func (b *Bank) maximaFor(ctx context.Context, in []DepositRecord) (maxima, error) {
	if !slices.ContainsFunc(in, func(d DepositRecord) bool { return strings.TrimSpace(d.Kind) == "exam" }) {
		return maxima{}, nil
	}
	return b.reading(ctx).maxima()
}

// over says whether a score is more than there was on the day, and what there was.
func (m maxima) over(k transfer.CourseKey, on calendar.Day, score credit.Score) (maximum credit.Score, over bool) {
	for _, v := range m[k] {
		if v.from <= on {
			return v.maximum, score > v.maximum
		}
	}
	return 0, false
}
