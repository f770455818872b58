package web

import (
	"net/url"
	"strconv"
	"strings"

	"creditbank/internal/bank"
	"creditbank/internal/transfer"
)

// Limits of the form on the first page.
const (
	maxLines  = 200 // results that a page asks about at once
	blankRows = 3   // empty rows to begin with, and at least one after what is filled
	moreRows  = 5

	headingLines = 40 // lines of a pasted list that may name schools only
)

// checkForm is the list of results as a person fills it in.
type checkForm struct {
	School  string // applies to all rows that name none
	Rows    []formRow
	Paste   string
	AsOf    string
	To      string // the programme that was asked about: INSTITUTION:PROGRAMME
	TooMany bool   // more than the page takes; nothing else is looked at
	Aim     *bank.ProgrammeInfo
	Own     bool        // results that are hoped for beside the own record
	Faults  []formFault // in the order of the page
	Count   int         // rows that are filled
	Schools []bank.InstitutionInfo
}

// formRow is one row of the form.
type formRow struct {
	N       string // its number, from 0; part of the ids of its fields
	School  string
	Course  string
	Grade   string
	Date    string
	Key     string // the course that was picked, as long as Course is its name
	Code    string // of that course
	Faults  map[string]string
	Choices []bank.CourseInfo
}

// formFault is one thing that is wrong, and the id of the field it is wrong with.
type formFault struct {
	Field, Message string
	Named          bool // the list on top says which field it is: the message does not
}

// Filled says whether anything stands in the row.
func (r formRow) Filled() bool { return r.School+r.Course+r.Grade+r.Date != "" }

// Wrong is what is wrong with the row, field by field.
func (r formRow) Wrong() []formFault {
	var list []formFault
	for _, field := range []string{"course", "grade", "school", "date"} {
		if message := r.Faults[field]; message != "" {
			list = append(list, formFault{Field: field + "-" + r.N, Message: message})
		}
	}
	return list
}

// Pick is what a button sends that chooses a course for the row.
func (r formRow) Pick(k transfer.CourseKey) string { return r.N + "~" + courseToken(k) }

// Page is where the form is sent.
func (f checkForm) Page() string { return checkQuery{own: f.Own}.rankPage() }

// Blank is the row that a script makes new rows of.
func (f checkForm) Blank() formRow { return formRow{N: "N"} }

// fault notes what is wrong with a field of a row. One field has one fault.
func (f *checkForm) fault(row int, field, message string) {
	r := &f.Rows[row]
	if r.Faults == nil {
		r.Faults = map[string]string{}
	}
	if r.Faults[field] != "" {
		return
	}
	r.Faults[field] = message
	f.Faults = append(f.Faults, formFault{Field: field + "-" + r.N, Message: message})
}

// readForm reads what was posted. A browser sends every field of every row.
func readForm(values url.Values) checkForm {
	f := checkForm{School: clean(values.Get("from")), Paste: cleanLines(values.Get("list")), AsOf: clean(values.Get(paramAsOf)), To: clean(values.Get(paramTo))}
	at := func(name string, i int) string {
		if list := values[name]; i < len(list) {
			return clean(list[i])
		}
		return ""
	}
	for i := range min(len(values["course"]), maxLines+1) {
		row := formRow{School: at("school", i), Course: at("course", i), Grade: at("grade", i), Date: at("date", i), Key: at("key", i)}
		if row.Filled() {
			f.add(row)
		}
	}
	return f
}

// aim finds the programme that the form asks about. One that is not there is
// not asked about.
func (f *checkForm) aim(s *bank.Snapshot) {
	if f.To == "" {
		return
	}
	head, known := s.ProgrammeHead(programmeNamed(s, f.To))
	if !known {
		f.To = ""
		return
	}
	f.Aim = &head
}

func (f *checkForm) add(row formRow) {
	row.N = strconv.Itoa(len(f.Rows))
	f.Rows = append(f.Rows, row)
	f.Count++
}

// pad puts empty rows after the filled ones.
func (f *checkForm) pad(atLeast int) {
	for range max(atLeast, blankRows-len(f.Rows)) {
		f.Rows = append(f.Rows, formRow{N: strconv.Itoa(len(f.Rows))})
	}
}

// clean takes a text of one line from a form: no control characters, no broken UTF-8.
func clean(text string) string {
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return -1
		}
		return r
	}, strings.ToValidUTF8(text, "")))
}

// cleanLines is clean for a text of many lines.
func cleanLines(text string) string {
	return strings.Map(func(r rune) rune {
		if (r < ' ' && !strings.ContainsRune("\t\n\r", r)) || r == 0x7f {
			return -1
		}
		return r
	}, strings.ToValidUTF8(text, ""))
}

// cleanText is what people write in many lines, without blanks around it. What they
// paste is for cleanLines: a tab in front of a row is a cell.
func cleanText(text string) string { return strings.TrimSpace(cleanLines(text)) }

// formOf is the form that asks a question again: the school of most results
// stands on top, other schools in their rows.
func formOf(q checkQuery, n *names, say Speaker) checkForm {
	f := checkForm{AsOf: q.AsOf, To: q.values.Get(paramTo), Own: q.own}
	f.aim(n.snapshot)
	typed := q.typed()
	most := mostCommon(typed)
	f.School = schoolName(n, say, most)
	for _, r := range typed {
		k := transfer.CourseKey{Institution: r.Institution, Code: r.Course}
		c := n.course(k)
		row := formRow{Course: say.Name(c.Current.Name, c.Current.NameEn), Grade: r.Grade, Date: r.CompletedOn, Key: courseToken(k), Code: k.Code}
		if r.Institution != most {
			row.School = schoolName(n, say, r.Institution)
		}
		f.add(row)
	}
	return f
}

func schoolName(n *names, say Speaker, code string) string {
	in := n.institution(code)
	return say.Name(in.Name, in.NameEn)
}

func mostCommon(records []bank.CheckRecord) string {
	count := map[string]int{}
	best := ""
	for _, r := range records {
		count[r.Institution]++
		if count[r.Institution] > count[best] {
			best = r.Institution
		}
	}
	return best
}
