package bank

import (
	"maps"
	"slices"

	"creditbank/internal/calendar"
)

// roster is the import of an archive under way: what its tables say, by the names
// (sourcedId) that they give to things.
type roster struct {
	*importRun
	files map[string]*rosterPart

	orgs     map[string]rosterOrg
	sessions map[string]rosterSession
	courses  map[string]rosterCourse
	classes  map[string]rosterClass
	users    map[string]rosterUser
	students map[string]rosterStudent
	accounts map[string]string  // of students, in the bank
	unplaced map[string]int     // users, by the rows that make them students of no institution
	enrolled map[[2]string]bool // class and user
	finals   map[string]bool    // categories of final results
	items    map[string]rosterItem
	results  []rosterResult
	removed  []*rosterLine // results that are to go
	parents  []*rosterLine // orgs and sessions that name one above

	undoing rosterUndo
}

// rosterPart is one of the tables.
type rosterPart struct {
	RosterFile
	at      map[string]int // where each column stands in the cells
	seen    map[string]int // rows by sourcedId
	gone    map[string]bool
	refused map[string]int // rows by sourcedId, of those that were refused
	ImportPart
}

func newRoster(r *importRun) *roster {
	ro := &roster{importRun: r, files: map[string]*rosterPart{}, orgs: map[string]rosterOrg{}, sessions: map[string]rosterSession{}, courses: map[string]rosterCourse{},
		classes: map[string]rosterClass{}, users: map[string]rosterUser{}, students: map[string]rosterStudent{}, accounts: map[string]string{}, unplaced: map[string]int{}, enrolled: map[[2]string]bool{},
		finals: map[string]bool{}, items: map[string]rosterItem{}}
	for _, f := range RosterFiles() {
		part := &rosterPart{RosterFile: f, at: map[string]int{}, seen: map[string]int{}, gone: map[string]bool{}, refused: map[string]int{}}
		part.ImportPart.File = f.File()
		for i, column := range f.All() {
			part.at[column] = i
			r.report.Names[column] = column
		}
		r.report.Names[f.File()] = f.File()
		ro.files[f.File()] = part
	}
	return ro
}

// takeRoster takes in an archive: its schools are matched with the institutions of the
// bank, its courses and students taken over, and the final results of its classes
// deposited. All of that is one import.
func takeRoster(r *importRun) error {
	if _, err := r.refs(); err != nil {
		return err
	}
	ro := newRoster(r)
	for row, err := range r.in.Rows {
		if err != nil {
			return err
		}
		ro.take(row)
	}
	for _, step := range []func() error{ro.settle, ro.bringCourses, ro.bringLearners, ro.bringResults} {
		if err := step(); err != nil {
			return err
		}
	}
	ro.sum()
	r.undo = &ro.undoing
	return nil
}

// take reads one row. What it says is kept until all are read.
func (ro *roster) take(row Row) {
	part := ro.files[row.File]
	ro.report.Rows++
	part.Rows++
	l := &rosterLine{ro: ro, part: part, row: row}
	switch id := l.get("sourcedId"); {
	case row.Fault != "":
		l.fault("", "", row.Fault, nil)
	case l.need("sourcedId") == "":
	case part.seen[id] > 0:
		l.fault("sourcedId", id, "roster_duplicate", map[string]any{"Row": part.seen[id]})
		ro.refuse(l)
		return // whatever names it means the first
	default:
		part.seen[id] = row.Number
		l.read()
	}
	if len(l.faults) > 0 {
		ro.refuse(l)
	}
}

// refuse counts a row as refused.
func (ro *roster) refuse(l *rosterLine) {
	id := l.get("sourcedId")
	if l.part.seen[id] == l.row.Number {
		l.part.refused[id] = l.row.Number
	}
	l.part.Refused++
	ro.report.Errors = append(ro.report.Errors, l.faults...)
	ro.report.Rejected = append(ro.report.Rejected, Row{File: l.row.File, Number: l.row.Number, Line: l.row.Line, Cells: []string{l.row.File, id}})
}

// sum makes the report of what was counted part by part.
func (ro *roster) sum() {
	for _, f := range RosterFiles() {
		part := ro.files[f.File()]
		if part.Rows == 0 {
			continue
		}
		part.Unchanged = part.Rows - part.New - part.Updated - part.Refused
		ro.report.Parts = append(ro.report.Parts, part.ImportPart)
		ro.count(isNew, part.New)
		ro.count(isUpdated, part.Updated)
		ro.count(isUnchanged, part.Unchanged)
		ro.report.Refused += part.Refused
	}
}

// left notes that a row was read and brings nothing, and why.
func (ro *roster) left(code, file string, row int) { ro.report.note(code, file, row) }

// made is a row of a kind of file of the bank, as a row of the archive means it.
type made struct {
	number, line int
	id           string // its sourcedId
	cells        []string
}

// bring takes rows that were made of a part in as the kind of file that they are.
// named says which column of the part a column of the kind comes from.
func (ro *roster) bring(k kind, part *rosterPart, rows []made, named map[string]string) error {
	if len(rows) == 0 {
		return nil
	}
	at := map[string]int{}
	for i, c := range k.columns {
		at[c.Name] = i
	}
	byNumber := map[int]string{}
	in := Import{Kind: k.name, Mend: ro.in.Mend, upload: ro.in.upload, Rows: func(yield func(Row, error) bool) {
		for _, m := range rows {
			byNumber[m.number] = m.id
			if !yield(Row{Number: m.number, Line: m.line, Cells: m.cells}, nil) {
				return
			}
		}
	}}
	run := &importRun{tx: ro.tx, in: in, at: at, scope: ro.scope, again: rejectCells{-1, -1}, columns: k.columns, known: ro.known,
		report: ImportReport{Kind: k.name, Names: map[string]string{}}}
	if err := k.take(run); err != nil {
		return err
	}
	part.New, part.Updated = run.report.New, run.report.Updated
	part.Refused += run.report.Refused
	for _, e := range run.report.Errors {
		e.File, e.Column = part.ImportPart.File, named[e.Column]
		ro.report.Errors = append(ro.report.Errors, e)
	}
	for _, n := range run.report.Notes {
		n.Column = named[n.Column]
		ro.report.Notes = append(ro.report.Notes, n)
	}
	for _, row := range run.report.Rejected {
		id := byNumber[row.Number]
		part.refused[id] = row.Number
		row.File, row.Cells = part.ImportPart.File, []string{part.ImportPart.File, id}
		ro.report.Rejected = append(ro.report.Rejected, row)
	}
	return ro.undoing.add(k.name, run)
}

// byRow gives the keys of a map in the order of their rows.
func byRow[V any](all map[string]V, row func(V) int) []string {
	return slices.SortedFunc(maps.Keys(all), func(a, b string) int { return row(all[a]) - row(all[b]) })
}

// rosterOrg is a school or a part of one.
type rosterOrg struct {
	institution string // of the bank; empty: it is none itself
	parent      string
}

// rosterSession is a year, term or other span of teaching.
type rosterSession struct {
	title      string
	start, end calendar.Day
}

type rosterClass struct{ course string }

// institutionOf is the institution of an org: itself, or the first above it that is one.
func (ro *roster) institutionOf(org string) string {
	for range len(ro.orgs) {
		o, known := ro.orgs[org]
		if !known || o.institution != "" {
			return o.institution
		}
		org = o.parent
	}
	return ""
}
