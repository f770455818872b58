package bank

import (
	"context"
	"database/sql"
	"fmt"

	"creditbank/internal/packed"
	"creditbank/internal/transfer"
)

// load compiles the map as it is at one moment.
func (b *Bank) load(ctx context.Context) (*Snapshot, error) {
	t, err := b.db.reader.BeginTxx(ctx, &sql.TxOptions{Isolation: b.db.snapshotIsolation(), ReadOnly: true})
	if err != nil {
		return nil, fmt.Errorf("begin reading: %w", err)
	}
	defer func() { _ = t.Rollback() }()
	l := &loader{tx: &tx{Tx: t, ctx: ctx, db: b.db}, s: &Snapshot{}, same: interner{}, counts: map[string]*ruleCounts{}, programmeAt: map[transfer.ProgrammeKey]int{}}
	for _, step := range []func() error{l.stamp, l.loadInstitutions, l.loadCourses, l.loadProgrammes, l.loadGroups, l.loadPlans, l.loadRules, l.loadPolicies} {
		if err := step(); err != nil {
			return nil, err
		}
	}
	l.s.Map = transfer.Compile(l.facts)
	w := nameWriter{loader: l, texts: packed.NewIndex()}
	if err := w.write(); err != nil {
		return nil, err
	}
	l.s.scales = newScales(l.s.markMap())
	return l.s, nil
}

// loader reads what a snapshot is made from: the engine's facts and, beside
// them, the names.
type loader struct {
	*tx
	s            *Snapshot
	facts        transfer.Facts
	same         interner
	institutions []Institution // beside facts.Institutions
	versions     []keyed[transfer.CourseKey, CourseVersion]
	programmes   []loadedProgramme // beside facts.Programmes
	programmeAt  map[transfer.ProgrammeKey]int
	stated       []endOf         // ends of versions that a later one ended before
	replaced     []transfer.Rule // versions that are not served, as they were stated
	replacedEnds []endOf
	suspended    []RuleInfo // versions that are held back
	counts       map[string]*ruleCounts
}

type loadedProgramme struct {
	Programme
	groups   []string        // names, beside the facts
	required map[string]bool // by course
}

// interner gives texts that are the same one place in memory.
type interner map[string]string

func (x interner) text(s string) string {
	if known, found := x[s]; found {
		return known
	}
	x[s] = s
	return s
}

func (l *loader) stamp() (err error) {
	l.s.Version, l.s.Stamp, err = readStamp(l.ctx, l.Tx)
	return err
}

func (l *loader) loadInstitutions() error {
	return l.each(func(rows *sql.Rows) error {
		in, err := scanInstitution(rows)
		l.same.text(in.Code)
		l.institutions = append(l.institutions, in)
		l.facts.Institutions = append(l.facts.Institutions, transfer.Institution{Code: in.Code, Kind: in.Kind, Rate: in.Rate, Step: in.Step})
		return err
	}, selectInstitutions)
}

// loadCourses leaves the outlines in the database: they are read one at a time.
func (l *loader) loadCourses() error {
	return l.each(func(rows *sql.Rows) error {
		k, v, err := scanCourse(rows)
		k.Institution, k.Code = l.same.text(k.Institution), l.same.text(k.Code)
		v.Category = l.same.text(v.Category)
		l.versions = append(l.versions, keyed[transfer.CourseKey, CourseVersion]{k.CourseKey, v})
		l.facts.Courses = append(l.facts.Courses, transfer.Course{
			CourseKey: k.CourseKey, Credits: v.Credits, Hours: max(v.Hours, 0), Level: v.Level, From: v.From, To: v.To})
		return err
	}, `SELECT institution, course, coalesce(valid_from, -2147483648), coalesce(valid_to, -2147483648), name, name_en,
		credits, coalesce(hours, -1), coalesce(practice_hours, -1), category, coalesce(level, 0), '' FROM course_version`)
}

func (l *loader) loadProgrammes() error {
	return l.each(func(rows *sql.Rows) error {
		k, v, err := scanProgramme(rows)
		k.Institution, k.Code = l.same.text(k.Institution), l.same.text(k.Code)
		l.programmeAt[k] = len(l.programmes)
		l.programmes = append(l.programmes, loadedProgramme{Programme: v, required: map[string]bool{}})
		l.facts.Programmes = append(l.facts.Programmes, transfer.Programme{ProgrammeKey: k, Required: v.Required})
		return err
	}, selectProgrammes)
}

func (l *loader) loadGroups() error {
	return l.each(func(rows *sql.Rows) error {
		k, v, err := scanGroup(rows)
		i := l.programmeAt[k.ProgrammeKey]
		l.programmes[i].groups = append(l.programmes[i].groups, l.same.text(v.Name))
		l.facts.Programmes[i].Groups = append(l.facts.Programmes[i].Groups, transfer.Group{Code: l.same.text(k.Group), Min: v.Min})
		return err
	}, selectGroups+` ORDER BY institution, programme, code`)
}

func (l *loader) loadPlans() error {
	return l.each(func(rows *sql.Rows) error {
		k, v, err := scanPlanCourse(rows)
		i := l.programmeAt[k.ProgrammeKey]
		course := l.same.text(k.Course)
		if v.Required {
			l.programmes[i].required[course] = true
		}
		l.facts.Programmes[i].Plan = append(l.facts.Programmes[i].Plan, transfer.PlanCourse{Course: course, Group: l.same.text(v.Group), NeverExempt: v.NeverExempt})
		return err
	}, selectPlans)
}

func (l *loader) loadPolicies() error {
	err := l.each(func(rows *sql.Rows) error {
		k, v, err := scanPolicy(rows)
		l.facts.Policies = append(l.facts.Policies, v.told(k))
		return err
	}, selectPolicies)
	if err != nil {
		return err
	}
	return l.each(func(rows *sql.Rows) error {
		k, v, err := scanCap(rows)
		l.facts.Caps = append(l.facts.Caps, v.told(k))
		return err
	}, selectCaps)
}
