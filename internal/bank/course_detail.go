package bank

import (
	"context"
	"database/sql"
	"slices"
	"strconv"
	"strings"

	"creditbank/internal/calendar"
	"creditbank/internal/transfer"
)

// Outcome is a learning outcome of a course: what of which competence, and how far.
type Outcome struct {
	Competence string
	Level      int // of the competence, 1..10; 0: not given
	Text       string
}

// CourseEdit is a version of a course with everything that somebody compares who
// judges it.
type CourseEdit struct {
	transfer.CourseKey
	CourseVersion
	Equipment  string // what practice takes: machines, rooms, software
	Assessment string // how it is examined
	Outcomes   []Outcome
	Files      []string // numbers of the attachments that belong to the version
}

// CourseDetail is a version of a course as it is kept.
type CourseDetail struct {
	CourseEdit
	Attached []AttachmentInfo
	Stamp    string // of the course: see [Bank.SaveCourse]
	seq      int
}

// last is the last day on which a version may be in force, as a number to compare.
func (v *CourseVersion) last() calendar.Day { return lastDay(v.To) }

// openDay is after every day that anybody writes.
const openDay = calendar.Day(2147483647)

// lastDay makes the end of a window comparable.
func lastDay(to calendar.Day) calendar.Day {
	if to == calendar.None {
		return openDay
	}
	return to
}

// courseObject is what files of a course are attached to.
func courseObject(k transfer.CourseKey) string { return k.Institution + ":" + k.Code }

// courseVersions reads all versions of a course, the oldest first, without names of files.
func courseVersions(read reading, k transfer.CourseKey) (list []CourseDetail, err error) {
	at := map[int]int{}
	err = read(func(rows *sql.Rows) error {
		d := CourseDetail{CourseEdit: CourseEdit{CourseKey: k}}
		v := &d.CourseVersion
		err := rows.Scan(&d.seq, &v.From, &v.To, &v.Name, &v.NameEn, &v.Credits, &v.Hours, &v.PracticeHours, &v.Category, &v.Level, &v.Outline, &d.Equipment, &d.Assessment)
		at[d.seq] = len(list)
		list = append(list, d)
		return err
	}, `SELECT seq, coalesce(valid_from, -2147483648), coalesce(valid_to, -2147483648), name, name_en, credits, coalesce(hours, -1), coalesce(practice_hours, -1),
		category, coalesce(level, 0), outline, equipment, assessment FROM course_version WHERE institution = $1 AND course = $2 ORDER BY coalesce(valid_from, -2147483648)`,
		k.Institution, k.Code)
	if err != nil || len(list) == 0 {
		return list, err
	}
	err = read(func(rows *sql.Rows) error {
		var seq int
		var o Outcome
		err := rows.Scan(&seq, &o.Competence, &o.Level, &o.Text)
		list[at[seq]].Outcomes = append(list[at[seq]].Outcomes, o)
		return err
	}, `SELECT seq, competence, coalesce(level, 0), outcome FROM course_outcome WHERE institution = $1 AND course = $2 ORDER BY seq, n`, k.Institution, k.Code)
	if err != nil {
		return nil, err
	}
	err = read(func(rows *sql.Rows) error {
		var seq int
		var file string
		err := rows.Scan(&seq, &file)
		list[at[seq]].Files = append(list[at[seq]].Files, file)
		return err
	}, `SELECT seq, attachment FROM course_file WHERE institution = $1 AND course = $2 ORDER BY seq, attachment`, k.Institution, k.Code)
	return list, err
}

// courseStamp is the number of changes that a course has seen since it was registered.
func courseStamp(read reading, k transfer.CourseKey) (n int, err error) {
	err = read(func(rows *sql.Rows) error { return rows.Scan(&n) },
		`SELECT coalesce(max(n), 0) FROM course_change WHERE institution = $1 AND course = $2`, k.Institution, k.Code)
	return n, err
}

// CourseVersions reads all versions of a course with their files, the oldest first. It
// promises NotFound.
func (b *Bank) CourseVersions(ctx context.Context, k transfer.CourseKey) ([]CourseDetail, error) {
	read := b.reading(ctx)
	list, err := courseVersions(read, k)
	if err == nil && len(list) == 0 {
		err = notFound("course", courseObject(k))
	}
	if err != nil {
		return nil, err
	}
	stamp, err := courseStamp(read, k)
	if err != nil {
		return nil, err
	}
	files, err := b.Attachments(ctx, "course", courseObject(k))
	for i := range list {
		list[i].Stamp = stampText(stamp)
		for _, file := range files {
			if slices.Contains(list[i].Files, file.ID) {
				list[i].Attached = append(list[i].Attached, file)
			}
		}
	}
	return list, err
}

// CourseDetail is everything that a judge compares of a course, as it is on a day: the
// version in force, else the first. It promises NotFound.
func (b *Bank) CourseDetail(ctx context.Context, k transfer.CourseKey, on calendar.Day) (CourseDetail, error) {
	list, err := b.CourseVersions(ctx, k)
	if err != nil {
		return CourseDetail{}, err
	}
	return detailOn(list, on), nil
}

// detailOn is the version in force on a day, else the first.
func detailOn(list []CourseDetail, on calendar.Day) CourseDetail {
	found := list[0]
	for _, d := range list {
		if d.From == calendar.None || d.From <= on {
			found = d
		}
	}
	return found
}

// outcomesText is the outcomes as one text, the same for the same outcomes.
func outcomesText(list []Outcome) string {
	var text strings.Builder
	for _, o := range list {
		text.WriteString(rowKey(o.Competence, strconv.Itoa(o.Level), o.Text))
	}
	return text.String()
}

// CourseReliance says what relies on a course between two days.
func (b *Bank) CourseReliance(ctx context.Context, k transfer.CourseKey, from, to calendar.Day) (Reliance, error) {
	return b.reading(ctx).reliance(k, from, to)
}
