package bank

import (
	"cmp"
	"slices"

	"creditbank/internal/calendar"
	"creditbank/internal/credit"
	"creditbank/internal/transfer"
)

// rosterCourse is a course as an archive says it.
type rosterCourse struct {
	number, line          int
	key                   transfer.CourseKey
	title, credits, hours string       // as they stand there
	from                  calendar.Day // the first day of its school year; calendar.None: none was named
}

func (l *rosterLine) course(id string) {
	c := rosterCourse{number: l.row.Number, line: l.row.Line, title: l.need("title"), from: calendar.None,
		credits: shownFraction(halfWidth(l.get("metadata.cn.credits"))), hours: shownFraction(halfWidth(l.get("metadata.cn.hours")))}
	c.key = transfer.CourseKey{Institution: l.owner("orgSourcedId"), Code: cmp.Or(l.get("courseCode"), id)}
	if year := l.ref("schoolYearSourcedId", "academicSessions.csv", false); year != "" {
		c.from = l.ro.sessions[year].start
	}
	l.ro.courses[id] = c
}

// bringCourses takes the courses over: one that the bank does not know, as it is;
// one that it knows with other credits, hours or another title, as a new version from
// the school year on; and what the archive does not say stays as it is.
func (ro *roster) bringCourses() error {
	stored, err := storedCourses(ro.tx)
	if err != nil {
		return err
	}
	versions := map[transfer.CourseKey][]CourseVersion{}
	for k, v := range stored {
		versions[k.CourseKey] = append(versions[k.CourseKey], v)
	}
	part := ro.files["courses.csv"]
	var rows []made
	ids := byRow(ro.courses, func(c rosterCourse) int { return c.number })
	slices.SortStableFunc(ids, func(a, b string) int { return cmp.Compare(ro.courses[a].from, ro.courses[b].from) })
	for _, id := range ids {
		if part.refused[id] > 0 {
			continue
		}
		c := ro.courses[id]
		v, known := c.version(versions[c.key])
		if !slices.Contains(versions[c.key], v) {
			versions[c.key] = append(slices.DeleteFunc(versions[c.key], func(old CourseVersion) bool { return old.From == v.From }), v)
		}
		rows = append(rows, made{c.number, c.line, id, c.cells(v, known)})
	}
	err = ro.bring(courseFile, part, rows, map[string]string{"institution": "orgSourcedId", "code": "courseCode", "name": "title",
		"credits": "metadata.cn.credits", "hours": "metadata.cn.hours", "practice_hours": "metadata.cn.hours", "valid_from": "schoolYearSourcedId"})
	if err != nil {
		return err
	}
	for id, c := range ro.courses { // the results may name them
		if part.refused[id] == 0 {
			ro.known.courses[c.key] = true
		}
	}
	return nil
}

// version is the course as a version of the bank: that of the school year, if it says
// the same; known is false for a course that has none yet.
func (c *rosterCourse) version(versions []CourseVersion) (v CourseVersion, known bool) {
	day := c.from
	if day == calendar.None {
		day = latestFrom(versions)
	}
	old, known := versionOn(byFirstDay(versions), day)
	if !known {
		return c.said(CourseVersion{Hours: -1, PracticeHours: -1, From: c.from, To: calendar.None}), false
	}
	v = c.said(old)
	if v != old && c.from != calendar.None && c.from != old.From {
		v.From, v.To = c.from, lastBefore(versions, c.from)
	}
	return v, true
}

// said is a version with what the archive says of the course.
func (c *rosterCourse) said(v CourseVersion) CourseVersion {
	v.Name = cmp.Or(c.title, v.Name)
	if amount, err := credit.ParseAmount(c.credits); err == nil {
		v.Credits = amount
	}
	if hours, err := credit.ParseHours(c.hours); err == nil {
		v.Hours = hours
	}
	return v
}

// cells are the version as a row, with what stands in the archive where it could not be
// read, so that it is refused by name.
func (c *rosterCourse) cells(v CourseVersion, known bool) []string {
	cells := v.cells(c.key.Institution, c.key.Code)
	if _, err := credit.ParseAmount(c.credits); err != nil && (c.credits != "" || !known) {
		cells[4] = c.credits
	}
	if _, err := credit.ParseHours(c.hours); err != nil && c.hours != "" {
		cells[5] = c.hours
	}
	return cells
}

func byFirstDay(versions []CourseVersion) []CourseVersion {
	return slices.SortedFunc(slices.Values(versions), func(a, b CourseVersion) int { return cmp.Compare(b.From, a.From) })
}

// latestFrom is the first day of the last version; calendar.None: there is none, or it
// holds from the beginning.
func latestFrom(versions []CourseVersion) calendar.Day {
	last := calendar.None
	for _, v := range versions {
		last = max(last, v.From)
	}
	return last
}

// lastBefore is the day before the next version begins; calendar.None: there is no next.
func lastBefore(versions []CourseVersion, from calendar.Day) calendar.Day {
	next := calendar.None
	for _, v := range versions {
		if v.From > from && (next == calendar.None || v.From < next) {
			next = v.From
		}
	}
	if next == calendar.None {
		return next
	}
	return next - 1
}
