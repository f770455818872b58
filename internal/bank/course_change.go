package bank

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/json"
	"slices"
	"strconv"
	"time"

	"creditbank/internal/calendar"
	"creditbank/internal/transfer"
)

// CourseChange is a row of the course change report.
type CourseChange struct {
	ID string
	transfer.CourseKey
	N          int    // counts the changes of the course
	Kind       string // SavedVersion or SavedEdit
	From       calendar.Day
	Fields     []FieldChange
	Rules      int // touched, and so the others
	Programmes int
	Learners   int
	Made       time.Time
	By         string
	Open       int // touched rules that nobody has confirmed
}

// notedChange is what became of a change in the report.
type notedChange struct {
	id    string
	n     int
	touch Touch
}

// noteCourseChanges writes the report, and a flag on every published rule that a
// change of weight touches.
func (t *tx) noteCourseChanges(list []courseChange) ([]notedChange, error) {
	if len(list) == 0 {
		return nil, nil
	}
	touches, err := reading(t.each).touches(list)
	if err != nil {
		return nil, err
	}
	last, err := t.lastChanges(list)
	if err != nil {
		return nil, err
	}
	noted := make([]notedChange, len(list))
	var changes, flags [][]any
	for i, c := range list {
		last[c.key]++
		noted[i] = notedChange{id: newNumber(), n: last[c.key], touch: touches[i]}
		fields, err := json.Marshal(c.fields)
		if err != nil {
			return nil, err
		}
		touch := touches[i]
		changes = append(changes, []any{noted[i].id, c.key.Institution, c.key.Code, noted[i].n, c.kind, dayOrNil(c.from), string(fields),
			len(touch.Rules), len(touch.Programmes), touch.Learners, micros(t.now), t.actor.Name})
		if !weighs(c.fields) {
			continue
		}
		for _, r := range touch.Rules {
			flags = append(flags, []any{noted[i].id, r.RuleRef.Code, r.Version, r.Institution, r.Source, r.Target, micros(t.now)})
		}
	}
	err = t.insert("course_change", []string{"id", "institution", "course", "n", "kind", "valid_from", "fields", "rules", "programmes", "learners", "made_at", "made_by"}, changes)
	if err != nil {
		return nil, err
	}
	return noted, t.insert("rule_flag", []string{"change", "equivalence", "version", "institution", "is_source", "is_target", "made_at"}, flags)
}

// lastChanges are the numbers of the last changes of courses.
func (t *tx) lastChanges(list []courseChange) (map[transfer.CourseKey]int, error) {
	last, args := map[transfer.CourseKey]int{}, []any{}
	for _, c := range list {
		if _, asked := last[c.key]; !asked {
			last[c.key] = 0
			args = append(args, c.key.Institution, c.key.Code)
		}
	}
	return last, t.lookup(args, 2, func(rows *sql.Rows) error {
		var k transfer.CourseKey
		var n int
		err := rows.Scan(&k.Institution, &k.Code, &n)
		last[k] = max(last[k], n)
		return err
	}, `SELECT c.institution, c.course, c.n`, `JOIN course_change c ON c.institution = v.column1 AND c.course = v.column2`)
}

// staleCourse is the refusal of a stamp that is not the course's any more: it names
// what was changed since, with what each field says now.
func (read reading) staleCourse(k transfer.CourseKey, stamp string, n int) error {
	since, err := strconv.Atoi(stamp)
	if err != nil || since > n {
		since = 0
	}
	var fields []FieldError
	err = read(func(rows *sql.Rows) error {
		var text string
		if err := rows.Scan(&text); err != nil {
			return err
		}
		var changes []FieldChange
		if err := json.Unmarshal([]byte(text), &changes); err != nil {
			return err
		}
		for _, c := range changes {
			fields = slices.DeleteFunc(fields, func(f FieldError) bool { return f.Field == c.Field })
			fields = append(fields, FieldError{Field: c.Field, Value: c.New, Code: "course_changed"})
		}
		return nil
	}, `SELECT fields FROM course_change WHERE institution = $1 AND course = $2 AND n > $3 ORDER BY n`, k.Institution, k.Code, since)
	if err != nil {
		return err
	}
	return &Error{Code: Conflict, Key: "error.course_changed", Args: map[string]any{"Stamp": stampText(n)}, Fields: fields}
}

// CourseChangeFilter narrows the course change report.
type CourseChangeFilter struct {
	Institution string // whose courses; empty: all that the actor may see
	Course      string // one course of the institution
}

const selectChanges = `SELECT c.id, c.institution, c.course, c.n, c.kind, coalesce(c.valid_from, -2147483648), c.fields, c.rules, c.programmes, c.learners, c.made_at, c.made_by,
	(SELECT count(*) FROM rule_flag f JOIN equivalence e ON e.code = f.equivalence AND e.version = f.version WHERE f.change = c.id AND f.confirmed_at IS NULL AND ` + lastPublished + `) FROM course_change c`

func scanChange(rows *sql.Rows) (c CourseChange, err error) {
	var fields string
	var at int64
	if err := rows.Scan(&c.ID, &c.Institution, &c.Code, &c.N, &c.Kind, &c.From, &fields, &c.Rules, &c.Programmes, &c.Learners, &at, &c.By, &c.Open); err != nil {
		return c, err
	}
	c.Made = fromMicros(at)
	return c, json.Unmarshal([]byte(fields), &c.Fields)
}

// CourseChanges is the course change report, the newest first: of the actor's own
// school, or for administrators, auditors and the operator of any. It promises Denied,
// and Invalid for a foreign cursor.
func (b *Bank) CourseChanges(ctx context.Context, actor Actor, f CourseChangeFilter, w Window) (Page[CourseChange], error) {
	if err := actor.need(flagReaders); err != nil {
		return Page[CourseChange]{}, err
	}
	if !actor.Is(flagReadersOfAll) {
		f.Institution = actor.Institution
	}
	start, limit, err := w.part()
	if err != nil {
		return Page[CourseChange]{}, err
	}
	page := Page[CourseChange]{Items: []CourseChange{}}
	where := ` WHERE ($1 = '' OR c.institution = $1) AND ($2 = '' OR c.course = $2)`
	read := b.reading(ctx)
	if err := read(func(rows *sql.Rows) error { return rows.Scan(&page.Total) }, `SELECT count(*) FROM course_change c`+where, f.Institution, f.Course); err != nil {
		return page, err
	}
	err = read(func(rows *sql.Rows) error {
		c, err := scanChange(rows)
		page.Items = append(page.Items, c)
		return err
	}, selectChanges+where+` ORDER BY c.made_at DESC, c.id LIMIT $3 OFFSET $4`, f.Institution, f.Course, limit, start)
	if start+len(page.Items) < page.Total {
		page.Next = strconv.Itoa(start + len(page.Items))
	}
	return page, err
}

// changesSince compares the versions of courses that an import added or changed with
// those there were.
func changesSince(stored map[versionKey]CourseVersion, now []keyed[versionKey, CourseVersion], kind string) []courseChange {
	bases := map[transfer.CourseKey][]versionKey{}
	if kind == SavedVersion {
		for k := range stored {
			bases[k.CourseKey] = append(bases[k.CourseKey], k)
		}
	}
	var list []courseChange
	for _, k := range now {
		base, known := k.key, true
		if kind == SavedVersion {
			base, known = baseOf(bases[k.key.CourseKey], k.key.From)
		}
		if !known {
			continue
		}
		old, after := CourseEdit{CourseKey: k.key.CourseKey, CourseVersion: stored[base]}, CourseEdit{CourseKey: k.key.CourseKey, CourseVersion: k.value}
		fields := changedFields(&old, &after)
		if kind == SavedVersion {
			fields = slices.DeleteFunc(fields, func(c FieldChange) bool { return c.Field == "valid_to" })
		}
		list = append(list, courseChange{key: k.key.CourseKey, kind: kind, from: k.value.From, to: k.value.To, fields: fields})
	}
	return list
}

// baseOf is the version that a new one is compared with: the last that began before,
// else the first.
func baseOf(versions []versionKey, from calendar.Day) (versionKey, bool) {
	slices.SortFunc(versions, func(a, b versionKey) int { return cmp.Compare(a.From, b.From) })
	for i := len(versions) - 1; i >= 0; i-- {
		if versions[i].From < from || i == 0 {
			return versions[i], true
		}
	}
	return versionKey{}, false
}
