package bank

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"

	"creditbank/internal/calendar"
	"creditbank/internal/transfer"
)

// What saving a course came to.
const (
	SavedNew     = "new"     // the course was not there before
	SavedVersion = "version" // a new version, from a day
	SavedEdit    = "edit"    // a version that is there says something else
	SavedNothing = "nothing" // it says what it said
)

// AnyStamp stands for whatever a course is now, also that it is not there.
const AnyStamp = "*"

// CourseSaved is what saving a course comes to.
type CourseSaved struct {
	Made   string // one of the four
	Fields []FieldChange
	Touch  Touch
	Flags  bool   // the touched rules get a flag until somebody has looked at them
	Stamp  string // of the course afterwards
	Change string // number of the row in the report; empty: none
}

// mayEditCourses promises Denied to who edits no courses of any institution, and
// NotFound to who edits those of others.
func (read reading) mayEditCourses(actor Actor, institution string) error {
	switch {
	case actor.Is(IsOperator):
		return nil
	case !actor.Is(IsRegistrar|IsAdministrator) && (!actor.Is(IsSystem) || actor.Scopes&MayMap == 0):
		return &Error{Code: Denied, Key: "error.scope", Args: map[string]any{"Scope": strings.Join(MayMap.Names(), ", ")}}
	case actor.Is(IsRegistrar|IsSystem) && actor.Institution == institution && institution != "":
		return nil
	case actor.Is(IsAdministrator):
		known, err := knownInstitution(read, institution)
		if err != nil || known.institutions[institution] == "bank" {
			return err
		}
	}
	return notFound("institution", institution)
}

// SaveCourse keeps a version of a course: a new course, a new version from its first
// day, or the version that begins on that day with other content, as long as no
// published rule and no result relies on that one. What relied on is only completed:
// with what was not said at all, and with its last day. A version that is followed by
// another ends the day before. Registrars and systems that may map save courses of
// their own institution, administrators those of the bank: its standard units.
//
// stamp is what [Bank.CourseVersions] said of the course, empty for one that is not
// there yet, or [AnyStamp].
//
// It promises Denied, NotFound for an institution that is not the actor's, Invalid
// naming fields, and Conflict for another stamp (error.course_changed, with what was
// changed since; error.course_exists).
func (b *Bank) SaveCourse(ctx context.Context, actor Actor, e CourseEdit, stamp string) (CourseSaved, error) {
	list, err := b.SaveCourses(ctx, actor, []CourseEdit{e}, stamp)
	if err != nil {
		return CourseSaved{}, err
	}
	return list[0], nil
}

// SaveCourses is SaveCourse for several versions: all or none. Fields of faults are
// named rows[N].COLUMN where there is more than one.
func (b *Bank) SaveCourses(ctx context.Context, actor Actor, list []CourseEdit, stamp string) (saved []CourseSaved, err error) {
	write := b.write
	if len(list) > fewCourses {
		write = b.writeAlone
	}
	err = b.thenForget(write(ctx, actor, func(t *tx) (err error) {
		saved, err = t.saveCourses(list, stamp)
		return err
	}))
	if err != nil {
		return nil, err
	}
	return saved, nil
}

// fewCourses are so many that nobody minds to wait for.
const fewCourses = 10

// thenForget follows a write after which the map may be another one.
func (b *Bank) thenForget(err error) error {
	if err == nil {
		b.forget()
	}
	return err
}

// TryCourse says what saving a version would come to, and saves nothing. It promises
// the codes of [Bank.SaveCourse].
func (b *Bank) TryCourse(ctx context.Context, actor Actor, e CourseEdit, stamp string) (CourseSaved, error) {
	read := b.reading(ctx)
	plan, err := read.planCourse(actor, e, stamp)
	if err != nil {
		return CourseSaved{}, err
	}
	saved := CourseSaved{Made: plan.made, Fields: plan.fields, Flags: weighs(plan.fields), Stamp: stampText(plan.stamp)}
	if plan.made != SavedNew && plan.made != SavedNothing {
		touch, err := read.touches([]courseChange{plan.change()})
		if err != nil {
			return CourseSaved{}, err
		}
		saved.Touch = touch[0]
	}
	return saved, nil
}

// coursePlan is what saving a version comes to.
type coursePlan struct {
	made   string
	e      CourseEdit   // with its last day settled
	seq    int          // of the version
	before int          // of the version that is to end the day before; 0: none
	ends   calendar.Day // that day
	fields []FieldChange
	stamp  int
}

func (p *coursePlan) change() courseChange {
	return courseChange{key: p.e.CourseKey, kind: p.made, from: p.e.From, to: p.e.To, fields: p.fields}
}

// planCourse decides what becomes of a version. It promises the codes of [Bank.SaveCourse].
func (read reading) planCourse(actor Actor, e CourseEdit, stamp string) (p coursePlan, err error) {
	if err := read.mayEditCourses(actor, e.Institution); err != nil {
		return p, err
	}
	_, faults, err := readCourseForm(read, e.Form())
	if err == nil && len(faults) > 0 {
		err = invalidFields(faults)
	}
	if err != nil {
		return p, err
	}
	versions, err := courseVersions(read, e.CourseKey)
	if err != nil {
		return p, err
	}
	p = coursePlan{e: e}
	if p.stamp, err = read.checkStamp(e.CourseKey, len(versions) > 0, stamp); err != nil {
		return p, err
	}
	if err := read.knownFiles(e); err != nil {
		return p, err
	}
	return p, p.place(read, versions)
}

// checkStamp promises Conflict.
func (read reading) checkStamp(k transfer.CourseKey, exists bool, stamp string) (n int, err error) {
	if n, err = courseStamp(read, k); err != nil || stamp == AnyStamp {
		return n, err
	}
	switch {
	case exists && stamp == "":
		return n, &Error{Code: Conflict, Key: "error.course_exists", Args: map[string]any{"Code": k.Code, "Stamp": stampText(n)}}
	case !exists && stamp != "":
		return n, notFound("course", courseObject(k))
	case exists && stamp != stampText(n):
		return n, read.staleCourse(k, stamp, n)
	}
	return n, nil
}

// knownFiles promises Invalid for a file that is not the course's.
func (read reading) knownFiles(e CourseEdit) error {
	for _, id := range e.Files {
		known := false
		if err := read(func(*sql.Rows) error { known = true; return nil }, `SELECT 1 FROM attachment WHERE kind = 'course' AND object = $1 AND id = $2`, courseObject(e.CourseKey), id); err != nil {
			return err
		}
		if !known {
			return invalidField("files", id, "unknown_file", nil)
		}
	}
	return nil
}

// place finds the place of a version among those there are. It promises Invalid,
// naming valid_from or valid_to.
func (p *coursePlan) place(read reading, versions []CourseDetail) error {
	var same, before, after *CourseDetail
	for i := range versions {
		v := &versions[i]
		p.seq = max(p.seq, v.seq)
		switch {
		case v.From == p.e.From:
			same = v
		case v.From < p.e.From:
			before = v
		case after == nil:
			after = v
		}
	}
	if after != nil && p.e.To == calendar.None {
		p.e.To = after.From - 1
	}
	if after != nil && p.e.To >= after.From {
		return invalidField("valid_to", p.e.To.String(), "course_overlaps", map[string]any{"Day": after.From.String()})
	}
	switch {
	case same != nil:
		return p.edit(read, same)
	case len(versions) == 0:
		p.made, p.seq = SavedNew, 1
		return nil
	}
	p.made = SavedVersion
	p.seq++
	base := before
	if before == nil {
		base = after
	}
	p.fields = changedFields(&base.CourseEdit, &p.e)
	p.fields = slices.DeleteFunc(p.fields, func(c FieldChange) bool { return c.Field == "valid_to" })
	return p.follow(read, before)
}

// edit is for a version that begins on the day of one there is.
func (p *coursePlan) edit(read reading, same *CourseDetail) error {
	p.seq, p.made = same.seq, SavedNothing
	if p.fields = changedFields(&same.CourseEdit, &p.e); len(p.fields) == 0 {
		return nil
	}
	p.made = SavedEdit
	relied, err := read.reliance(p.e.CourseKey, same.From, same.To)
	if err != nil || !relied.Any() {
		return err
	}
	if !onlyCompletes(p.fields) {
		return invalidField("valid_from", p.e.From.String(), "course_relied", map[string]any{"Rules": relied.Rules, "Results": relied.Results})
	}
	if relied.Results > 0 && p.e.last() < relied.Last {
		return invalidField("valid_to", p.e.To.String(), "course_results", map[string]any{"Day": relied.Last.String()})
	}
	return nil
}

// follow lets the version before end the day before, unless results rely on it later.
func (p *coursePlan) follow(read reading, before *CourseDetail) error {
	if before == nil || before.last() < p.e.From {
		return nil
	}
	p.before, p.ends = before.seq, p.e.From-1
	relied, err := read.reliance(p.e.CourseKey, p.e.From, before.To)
	if err == nil && relied.Results > 0 {
		err = invalidField("valid_from", p.e.From.String(), "course_results", map[string]any{"Day": relied.Last.String()})
	}
	return err
}

// saveCourses saves versions one after the other.
func (t *tx) saveCourses(list []CourseEdit, stamp string) ([]CourseSaved, error) {
	saved := make([]CourseSaved, len(list))
	var changes []courseChange
	var places []int
	read, moved := reading(t.each), false
	for i, e := range list {
		p, err := read.planCourse(t.actor, e, stamp)
		if err != nil {
			return nil, inRow(err, i, len(list))
		}
		saved[i] = CourseSaved{Made: p.made, Fields: p.fields, Flags: weighs(p.fields), Stamp: stampText(p.stamp)}
		if p.made == SavedNothing {
			continue
		}
		if err := t.storeCourse(&p); err != nil {
			return nil, err
		}
		moved = true
		if p.made != SavedNew {
			changes, places = append(changes, p.change()), append(places, i)
		}
		if err := t.audit("course.save", courseObject(e.CourseKey), p.made+" "+e.From.String()); err != nil {
			return nil, err
		}
	}
	noted, err := t.noteCourseChanges(changes)
	if err != nil || !moved {
		return saved, err
	}
	for n, i := range places {
		saved[i].Touch, saved[i].Change, saved[i].Stamp = noted[n].touch, noted[n].id, stampText(noted[n].n)
	}
	return saved, t.raiseMap()
}

// inRow names the fields of a refusal by the row they stand in, where there are several.
func inRow(err error, row, rows int) error {
	var refusal *Error
	if rows == 1 || !errors.As(err, &refusal) || len(refusal.Fields) == 0 {
		return err
	}
	named := *refusal
	named.Fields = slices.Clone(refusal.Fields)
	for i := range named.Fields {
		named.Fields[i].Field = fmt.Sprintf("rows[%d].%s", row, named.Fields[i].Field)
	}
	return &named
}

// storeCourse writes what was planned.
func (t *tx) storeCourse(p *coursePlan) error {
	k, v := p.e.CourseKey, p.e.CourseVersion
	switch p.made {
	case SavedEdit:
		if err := updateCourse(t, keyed[versionKey, CourseVersion]{versionKey{k, v.From}, v}); err != nil {
			return err
		}
	case SavedNew:
		if err := t.exec(`INSERT INTO course (institution, code) VALUES ($1, $2)`, k.Institution, k.Code); err != nil {
			return err
		}
		fallthrough
	default:
		if p.before != 0 {
			if err := t.exec(`UPDATE course_version SET valid_to = $1 WHERE institution = $2 AND course = $3 AND seq = $4`, p.ends, k.Institution, k.Code, p.before); err != nil {
				return err
			}
		}
		if err := t.insert("course_version", courseColumns, [][]any{versionRow(k, p.seq, v)}); err != nil {
			return err
		}
	}
	return t.storeCourseParts(p)
}

// storeCourseParts writes what a version says beside the columns of its file.
func (t *tx) storeCourseParts(p *coursePlan) error {
	k := p.e.CourseKey
	if err := t.exec(`UPDATE course_version SET equipment = $1, assessment = $2 WHERE institution = $3 AND course = $4 AND seq = $5`,
		p.e.Equipment, p.e.Assessment, k.Institution, k.Code, p.seq); err != nil {
		return err
	}
	for _, table := range []string{"course_outcome", "course_file"} {
		if err := t.exec(`DELETE FROM `+table+` WHERE institution = $1 AND course = $2 AND seq = $3`, k.Institution, k.Code, p.seq); err != nil {
			return err
		}
	}
	var outcomes, files [][]any
	for i, o := range p.e.Outcomes {
		outcomes = append(outcomes, []any{k.Institution, k.Code, p.seq, i + 1, o.Competence, orNil(o.Level, 0), o.Text})
	}
	for _, id := range p.e.Files {
		files = append(files, []any{k.Institution, k.Code, p.seq, id})
	}
	if err := t.insert("course_outcome", []string{"institution", "course", "seq", "n", "competence", "level", "outcome"}, outcomes); err != nil {
		return err
	}
	return t.insert("course_file", []string{"institution", "course", "seq", "attachment"}, files)
}
