package bank

import (
	"slices"
	"strings"

	"creditbank/internal/calendar"
)

// rosterLine reads one row of a table of an archive, cell by cell, and collects what
// is wrong.
type rosterLine struct {
	ro     *roster
	part   *rosterPart
	row    Row
	faults []RowError
}

func (l *rosterLine) fault(column, value, code string, args map[string]any) {
	l.faults = append(l.faults, RowError{File: l.row.File, Row: l.row.Number, Line: l.row.Line, Column: column, Value: value, Code: code, Args: args})
}

func (l *rosterLine) get(column string) string {
	if i, known := l.part.at[column]; known && i < len(l.row.Cells) {
		return visible(l.row.Cells[i])
	}
	return ""
}

// need reads a cell that must not be blank.
func (l *rosterLine) need(column string) string {
	value := l.get(column)
	if value == "" {
		l.fault(column, "", "required", nil)
	}
	return value
}

// choice reads a cell that holds one of a few words, or none where blank is allowed.
func (l *rosterLine) choice(column string, words ...string) string {
	value := l.get(column)
	if !slices.Contains(words, value) {
		l.fault(column, value, "choice", map[string]any{"Choices": strings.Join(slices.DeleteFunc(slices.Clone(words), isBlank), ", ")})
	}
	return value
}

// day reads a date (ISO 8601); of a moment its day.
func (l *rosterLine) day(column string, required bool) calendar.Day {
	text, _, _ := strings.Cut(l.get(column), "T")
	if text == "" {
		if required {
			l.fault(column, "", "required", nil)
		}
		return calendar.None
	}
	day, err := calendar.Parse(text)
	if err != nil {
		l.fault(column, text, "date", nil)
		return calendar.None
	}
	return day
}

// ref reads a cell that names a row of another table; empty: nothing, or nothing that
// can be relied on. A table that the archive does not hold has none.
func (l *rosterLine) ref(column, file string, required bool) string {
	id := l.get(column)
	if id == "" {
		if required {
			l.fault(column, "", "required", nil)
		}
		return ""
	}
	return l.refers(column, file, id)
}

// refers is ref for one of several names in a cell.
func (l *rosterLine) refers(column, file, id string) string {
	part := l.ro.files[file]
	switch row := part.refused[id]; {
	case row > 0:
		l.fault(column, id, "roster_follows", map[string]any{"File": file, "Row": row})
	case part.gone[id]:
		l.fault(column, id, "roster_deleted", map[string]any{"File": file})
	case part.seen[id] == 0 && l.row.Delta:
		l.fault(column, id, "roster_delta", map[string]any{"File": file})
	case part.seen[id] == 0 && file == "academicSessions.csv":
		l.fault(column, id, "roster_session", nil)
	case part.seen[id] == 0:
		l.fault(column, id, "roster_dangling", map[string]any{"File": file})
	default:
		return id
	}
	return ""
}

// changed wants of a row of a delta what the standard wants: what became of it, and when.
func (l *rosterLine) changed() {
	if l.row.Delta {
		l.need("status")
		l.day("dateLastModified", true)
	}
}

// read takes what a row says into what is known.
func (l *rosterLine) read() {
	id := l.get("sourcedId")
	l.changed()
	if l.choice("status", "", "active", "tobedeleted") == "tobedeleted" {
		l.part.gone[id] = true
		l.removed()
		return
	}
	reads := map[string]func(*rosterLine, string){
		"orgs": (*rosterLine).org, "academicSessions": (*rosterLine).session, "courses": (*rosterLine).course, "classes": (*rosterLine).class,
		"users": (*rosterLine).user, "demographics": (*rosterLine).demographics, "roles": (*rosterLine).role, "enrollments": (*rosterLine).enrolment, "categories": (*rosterLine).category,
		"lineItems": (*rosterLine).item, "results": (*rosterLine).result,
	}
	reads[l.part.Name](l, id)
}

// removed is for rows that are to go (tobedeleted). The bank forgets nothing that it
// took in: what of it is in the bank stays, and that is said; a result there must be
// taken back by hand.
func (l *rosterLine) removed() {
	if l.part.Name == "results" {
		l.ro.removed = append(l.ro.removed, l)
		return
	}
	l.ro.gone(l)
}

// gone says of a row that is to go that it is left out: of a delta row by row, since there
// it is what the archive is for.
func (ro *roster) gone(l *rosterLine) {
	if !l.row.Delta {
		ro.left("roster_gone", l.row.File, l.row.Number)
		return
	}
	ro.report.Notes = append(ro.report.Notes, Note{Code: "roster_gone_row", Column: l.row.File, Row: l.row.Number, Count: 1, Text: l.get("sourcedId")})
}

// org matches a school with an institution of the bank, by its identifier or its
// sourcedId: the institution's code.
func (l *rosterLine) org(id string) {
	l.need("name")
	kind := l.choice("type", "department", "school", "district", "local", "state", "national")
	o := rosterOrg{parent: l.get("parentSourcedId")}
	for _, code := range []string{halfWidth(l.get("identifier")), halfWidth(id)} {
		if _, known := l.ro.known.institutions[code]; known && o.institution == "" {
			o.institution = code
		}
	}
	column, value := "identifier", l.get("identifier")
	if value == "" {
		column, value = "sourcedId", id
	}
	switch {
	case o.institution == "" && kind == "school":
		l.fault(column, value, "roster_org", nil)
	case o.institution != "" && l.ro.scope != "" && o.institution != l.ro.scope:
		l.fault(column, o.institution, "not_yours", nil)
	}
	l.ro.orgs[id] = o
	l.parent()
}

// parent remembers to look, when all rows are read, whether the one above is there.
func (l *rosterLine) parent() {
	if l.get("parentSourcedId") != "" && len(l.faults) == 0 && !l.row.Delta {
		l.ro.parents = append(l.ro.parents, l)
	}
}

// owner reads a cell that names an org, and gives the institution that it is or
// belongs to.
func (l *rosterLine) owner(column string) string {
	if code := l.ownerByCode(column); code != "" {
		return code
	}
	org := l.ref(column, "orgs.csv", true)
	if org == "" {
		return ""
	}
	institution := l.ro.institutionOf(org)
	if institution == "" {
		l.fault(column, org, "roster_org", nil)
	}
	return institution
}

// ownerByCode is, in a delta that does not hold the org, the institution that is called by
// its code there; empty: none.
func (l *rosterLine) ownerByCode(column string) string {
	code := halfWidth(l.get(column))
	_, known := l.ro.known.institutions[code]
	switch {
	case !l.row.Delta || !known || l.ro.files["orgs.csv"].seen[l.get(column)] > 0:
		return ""
	case l.ro.scope != "" && code != l.ro.scope:
		l.fault(column, code, "not_yours", nil)
	}
	return code
}

func (l *rosterLine) session(id string) {
	l.choice("type", "gradingPeriod", "semester", "schoolYear", "term")
	s := rosterSession{title: l.need("title"), start: l.day("startDate", true), end: l.day("endDate", true)}
	if s.start != calendar.None && s.end != calendar.None && s.end < s.start {
		l.fault("endDate", s.end.String(), "roster_session_ends", nil)
	}
	l.ro.sessions[id] = s
	l.parent()
}

func (l *rosterLine) class(id string) {
	l.need("title")
	c := rosterClass{course: l.ref("courseSourcedId", "courses.csv", true)}
	l.owner("schoolSourcedId")
	for _, term := range strings.FieldsFunc(l.need("termSourcedIds"), func(r rune) bool { return r == ',' || r == ' ' }) {
		l.refers("termSourcedIds", "academicSessions.csv", term)
	}
	l.ro.classes[id] = c
}

func (l *rosterLine) enrolment(string) {
	class, user := l.ref("classSourcedId", "classes.csv", true), l.ref("userSourcedId", "users.csv", true)
	l.owner("schoolSourcedId")
	if l.need("role") == "student" && class != "" && user != "" {
		l.ro.enrolled[[2]string{class, user}] = true
	}
}
