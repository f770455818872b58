package bank

import (
	"database/sql"
	"slices"

	"creditbank/internal/calendar"
	"creditbank/internal/credit"
	"creditbank/internal/transfer"
)

// valueOf is what a result is deposited with: its own credits; else its hours at
// its institution's rate, rounded down to the institution's step; else what its
// course gave on the day it was completed. A result that is no pass has earned
// nothing, and is deposited with 0.
func valueOf(v Record, in Institution, versions []CourseVersion) credit.Amount {
	if !v.Passed {
		return 0
	}
	if v.Credits >= 0 {
		return v.Credits
	}
	if v.Hours >= 0 {
		return min(in.Rate.Credits(v.Hours, in.Step), credit.MaxAmount)
	}
	course, known := versionOn(versions, v.Completed)
	switch {
	case !known:
		return 0
	case course.Credits > 0 || course.Hours < 0:
		return course.Credits
	}
	return min(in.Rate.Credits(course.Hours, in.Step), credit.MaxAmount)
}

// versionOn is the version in force on a day, else the one nearest to it.
func versionOn(versions []CourseVersion, day calendar.Day) (best CourseVersion, known bool) {
	away := int64(-1)
	for _, v := range versions {
		off := int64(0)
		switch {
		case v.From != calendar.None && day < v.From:
			off = int64(v.From) - int64(day)
		case v.To != calendar.None && day > v.To:
			off = int64(day) - int64(v.To)
		}
		if away < 0 || off < away {
			best, away = v, off
		}
	}
	return best, away >= 0
}

// values gives the value of many results, and reads what it needs once.
type values struct {
	*tx
	institutions map[string]Institution
	courses      map[transfer.CourseKey][]CourseVersion // nil: not read yet
}

func (t *tx) values() (*values, error) {
	institutions, err := storedInstitutions(t)
	return &values{tx: t, institutions: institutions}, err
}

func (vs *values) of(k recordKey, v Record) (credit.Amount, error) {
	one := []keyed[recordKey, Record]{{k, v}}
	prepared, err := vs.prepared(one)
	if err != nil {
		return 0, err
	}
	*vs = *prepared
	return vs.valueOf(&one[0]), nil
}

// prepared has read what the value of some results depends on. What it is made from
// stays as it is, and may be in use elsewhere.
func (vs *values) prepared(list []keyed[recordKey, Record]) (*values, error) {
	if vs.courses != nil || !slices.ContainsFunc(list, func(k keyed[recordKey, Record]) bool { return k.value.Credits < 0 && k.value.Hours < 0 }) {
		return vs, nil
	}
	more := *vs
	return &more, more.readCourses()
}

// value gives results that were prepared for what each is deposited with. It asks
// nothing of the database.
func (vs *values) value(list []deposited) {
	for i := range list {
		list[i].amount = vs.valueOf(&list[i].keyed)
	}
}

func (vs *values) valueOf(k *keyed[recordKey, Record]) credit.Amount {
	return valueOf(k.value, vs.institutions[k.key.Institution], vs.courses[transfer.CourseKey{Institution: k.key.Institution, Code: k.value.Course}])
}

func (vs *values) readCourses() error {
	vs.courses = map[transfer.CourseKey][]CourseVersion{}
	return vs.each(func(rows *sql.Rows) error {
		var k transfer.CourseKey
		var v CourseVersion
		err := rows.Scan(&k.Institution, &k.Code, &v.From, &v.To, &v.Credits, &v.Hours)
		vs.courses[k] = append(vs.courses[k], v)
		return err
	}, `SELECT institution, course, coalesce(valid_from, -2147483648), coalesce(valid_to, -2147483648), credits, coalesce(hours, -1)
		FROM course_version ORDER BY institution, course, valid_from IS NOT NULL, valid_from`)
}
