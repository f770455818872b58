package web

import (
	"slices"
	"strings"

	"creditbank/internal/bank"
	"creditbank/internal/transfer"
)

// resolve finds the course of every row, and notes where there is none or more
// than one.
func (f *checkForm) resolve(find *finder, say Speaker) []bank.CheckRecord {
	records := make([]bank.CheckRecord, len(f.Rows))
	common := find.school(f.School)
	if f.School != "" && common == "" {
		f.Faults = append(f.Faults, formFault{Field: "from", Message: say.Say("check.fault.school", map[string]any{"Value": f.School})})
	}
	for i := range f.Rows {
		records[i] = f.resolveRow(i, common, find, say)
	}
	return records
}

func (f *checkForm) resolveRow(i int, common string, find *finder, say Speaker) bank.CheckRecord {
	row := &f.Rows[i]
	if row.Date != "" && readDate(row.Date) == "" {
		f.fault(i, "date", say.Say("check.fault.date", map[string]any{"Value": row.Date}))
	}
	school := common
	if row.School != "" {
		if school = find.school(row.School); school == "" {
			f.fault(i, "school", say.Say("check.fault.school", map[string]any{"Value": row.School}))
			return bank.CheckRecord{}
		}
	}
	if row.Course == "" {
		f.fault(i, "course", say.Say("check.fault.no_course", nil))
		return bank.CheckRecord{}
	}
	k := row.picked(school, find)
	if k == (transfer.CourseKey{}) {
		k, row.Choices = find.course(school, row.Course)
	}
	row.Key, row.Code = "", ""
	if k == (transfer.CourseKey{}) {
		f.fault(i, "course", say.Say(courseFault(row, school), map[string]any{"Value": row.Course}))
		return bank.CheckRecord{}
	}
	row.Key, row.Code = courseToken(k), k.Code
	return resultOf(k, row, find)
}

func courseFault(row *formRow, school string) string {
	switch {
	case len(row.Choices) == 1:
		return "check.fault.one"
	case len(row.Choices) > 0 && school == "":
		return "check.fault.several_schools"
	case len(row.Choices) > 0:
		return "check.fault.several"
	case school != "":
		return "check.fault.none_here"
	}
	return "check.fault.none"
}

// picked is the course that a person or script picked from a list before, while
// neither its name nor the school has been changed since.
func (r *formRow) picked(school string, find *finder) transfer.CourseKey {
	token := readToken(r.Key)
	k := transfer.CourseKey{Institution: token.Institution, Code: token.Course}
	if r.Key == "" || (school != "" && school != k.Institution) || !find.named(k, r.Course) {
		return transfer.CourseKey{}
	}
	return k
}

// resultOf is the result of a row. What is no school's course is told by its
// issuer: a certificate, contest or exam of an assessment body, work at a company.
func resultOf(k transfer.CourseKey, row *formRow, find *finder) bank.CheckRecord {
	r := bank.CheckRecord{Institution: k.Institution, Course: k.Code, Grade: row.Grade, CompletedOn: row.Date}
	if isScore(row.Grade) {
		r.Grade = bareGrade(row.Grade)
	}
	if date := readDate(row.Date); date != "" {
		r.CompletedOn = date
	}
	course, _ := find.snapshot.CourseHead(k, find.today)
	issuer := newNames(find.snapshot, find.today).institution(k.Institution)
	r.Kind = kindOf(issuer.Kind, course.Current.Category)
	if r.Kind == "exam" && r.Grade != "" {
		r.Scale = "raw"
	}
	return r
}

func kindOf(issuer, category string) string {
	switch {
	case issuer == "enterprise":
		return "work"
	case issuer != "assessment_body":
		return ""
	case strings.Contains(category, "考试"):
		return "exam"
	case strings.Contains(category, "赛"):
		return "contest"
	}
	return "certificate"
}

// pick takes the course that a person chose among several: "ROW~COURSE".
func (f *checkForm) pick(choice string, find *finder, say Speaker) {
	number, key, _ := strings.Cut(choice, "~")
	token := readToken(key)
	c, known := find.snapshot.CourseHead(transfer.CourseKey{Institution: token.Institution, Code: token.Course}, find.today)
	i := slices.IndexFunc(f.Rows, func(r formRow) bool { return r.N == number })
	if !known || i < 0 {
		return
	}
	row := &f.Rows[i]
	row.Course, row.Key = say.Name(c.Current.Name, c.Current.NameEn), courseToken(c.CourseKey)
	if find.school(f.School) != c.Institution {
		f.spread(i, c.Institution, say.Name(c.InstitutionName, c.InstitutionNameEn), find)
	}
}

// spread names the school of a row that was picked, and with it that of the
// rows without a school whose course is one of that school's: where one course
// was taken, the others mostly were too.
func (f *checkForm) spread(picked int, code, name string, find *finder) {
	alone := f.School == ""
	for i := range f.Rows {
		row := &f.Rows[i]
		if i != picked && alone && row.School == "" && row.picked("", find) == (transfer.CourseKey{}) {
			if k, _ := find.course(code, row.Course); k != (transfer.CourseKey{}) {
				row.School = name
			}
		}
	}
	f.Rows[picked].School = name
	if alone && !slices.ContainsFunc(f.Rows, func(r formRow) bool { return r.School != name }) {
		f.School = name
		for i := range f.Rows {
			f.Rows[i].School = ""
		}
	}
}
