package bank

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"time"

	"creditbank/internal/calendar"
	"creditbank/internal/transfer"
)

// Snapshot is the published map at one moment: what the engine serves, and the
// names by which people know it. It never changes; a change of the bank makes a
// new one.
type Snapshot struct {
	Version int64
	Map     *transfer.Map

	institutions map[string]*Institution
	regions      map[string]Region
	catalogue    map[string]CatalogueEntry
	programmes   map[transfer.ProgrammeKey]*programmeView
	courses      map[transfer.CourseKey][]CourseVersion // without outlines, oldest first
	rules        []*ruleView                            // every published version, by code and version
	rulesAt      map[string][]int                       // code → its versions in rules
	groupNames   map[groupName]string                   // of an institution's groups: in the first programme that has it
	scales       scales
	index        *searchIndex
}

// programmeView is a programme with its groups and plan.
type programmeView struct {
	transfer.ProgrammeKey
	Programme
	groups []groupView
	plan   []planView
}

type groupView struct {
	code string
	Group
}

type planView struct {
	course string
	PlanCourse
}

// ruleView is a published version with its effective window.
type ruleView struct {
	transfer.RuleRef
	*Equivalence
	effectiveTo calendar.Day
	superseded  bool // a later version wholly replaced it
	published   calendar.Day
}

// freshFor is how long a process may serve its map without asking whether
// another process has changed it.
const freshFor = time.Second

// Snapshot is the current map. Reading it again within a second costs nothing;
// after a change, by this process or another, the next call compiles a new one.
func (b *Bank) Snapshot(ctx context.Context) (*Snapshot, error) {
	if s := b.current.Load(); s != nil && b.fresh() {
		return s, nil
	}
	b.loading.Lock()
	defer b.loading.Unlock()
	s := b.current.Load()
	if s != nil && b.fresh() {
		return s, nil
	}
	var version int64
	if err := b.db.reader.GetContext(ctx, &version, `SELECT version FROM map_version`); err != nil {
		return nil, fmt.Errorf("map version: %w", err)
	}
	if s == nil || s.Version != version {
		loaded, err := b.load(ctx)
		if err != nil {
			return nil, err
		}
		s = loaded
		b.current.Store(s)
	}
	b.checked.Store(time.Now().UnixNano())
	return s, nil
}

// fresh asks the machine's clock, not the bank's: it is about how old what was
// read is, whatever day a test has made it.
func (b *Bank) fresh() bool { return time.Now().UnixNano()-b.checked.Load() < int64(freshFor) }

// forget makes the next reader look whether the map has changed. It waits for
// one who is looking: they may have looked before the change was there, and what
// was just written must be in the next answer.
func (b *Bank) forget() {
	b.loading.Lock()
	defer b.loading.Unlock()
	b.checked.Store(0)
}

// load reads the map as it is at one moment.
func (b *Bank) load(ctx context.Context) (*Snapshot, error) {
	t, err := b.db.reader.BeginTxx(ctx, &sql.TxOptions{Isolation: b.db.snapshotIsolation(), ReadOnly: true})
	if err != nil {
		return nil, fmt.Errorf("begin reading: %w", err)
	}
	defer func() { _ = t.Rollback() }()
	l := loader{tx: &tx{Tx: t, ctx: ctx, db: b.db}, s: &Snapshot{
		institutions: map[string]*Institution{}, programmes: map[transfer.ProgrammeKey]*programmeView{},
		courses: map[transfer.CourseKey][]CourseVersion{}, rulesAt: map[string][]int{}, groupNames: map[groupName]string{},
	}}
	for _, step := range []func() error{l.version, l.lists, l.institutions, l.courses, l.programmes, l.groups, l.plans, l.rules, l.policies} {
		if err := step(); err != nil {
			return nil, err
		}
	}
	l.s.Map = transfer.Compile(l.facts)
	l.s.index = newSearchIndex(l.s)
	return l.s, nil
}

// loader fills a snapshot and the engine's facts side by side.
type loader struct {
	*tx
	s     *Snapshot
	facts transfer.Facts
}

func (l *loader) version() error {
	return l.GetContext(l.ctx, &l.s.Version, `SELECT version FROM map_version`)
}

func (l *loader) lists() error {
	var err error
	if l.s.regions, err = l.regions(); err != nil {
		return err
	}
	if l.s.catalogue, err = storedCatalogue(l.tx); err != nil {
		return err
	}
	marks, err := storedMarks(l.tx)
	l.s.scales = newScales(marks)
	return err
}

func (l *loader) institutions() error {
	return l.each(func(rows *sql.Rows) error {
		in, err := scanInstitution(rows)
		l.s.institutions[in.Code] = &in
		l.facts.Institutions = append(l.facts.Institutions, transfer.Institution{Code: in.Code, Kind: in.Kind, Rate: in.Rate, Step: in.Step})
		return err
	}, selectInstitutions)
}

// courses leaves the outlines in the database: they are read one at a time.
func (l *loader) courses() error {
	err := l.each(func(rows *sql.Rows) error {
		k, v, err := scanCourse(rows)
		l.s.courses[k.CourseKey] = append(l.s.courses[k.CourseKey], v)
		l.facts.Courses = append(l.facts.Courses, transfer.Course{
			CourseKey: k.CourseKey, Credits: v.Credits, Hours: max(v.Hours, 0), Level: v.Level, From: v.From, To: v.To})
		return err
	}, `SELECT institution, course, coalesce(valid_from, -2147483648), coalesce(valid_to, -2147483648), name, name_en,
		credits, coalesce(hours, -1), coalesce(practice_hours, -1), category, coalesce(level, 0), '' FROM course_version`)
	for _, versions := range l.s.courses {
		slices.SortFunc(versions, func(a, b CourseVersion) int { return int(max(-1, min(1, int64(a.From)-int64(b.From)))) })
	}
	return err
}

func (l *loader) programmes() error {
	return l.each(func(rows *sql.Rows) error {
		k, v, err := scanProgramme(rows)
		l.s.programmes[k] = &programmeView{ProgrammeKey: k, Programme: v}
		return err
	}, selectProgrammes)
}

func (l *loader) groups() error {
	return l.each(func(rows *sql.Rows) error {
		k, v, err := scanGroup(rows)
		p := l.s.programmes[k.ProgrammeKey]
		p.groups = append(p.groups, groupView{k.Group, v})
		if first := (groupName{k.Institution, k.Group}); l.s.groupNames[first] == "" {
			l.s.groupNames[first] = v.Name
		}
		return err
	}, selectGroups+` ORDER BY institution, programme, code`)
}

func (l *loader) plans() error {
	err := l.each(func(rows *sql.Rows) error {
		k, v, err := scanPlanCourse(rows)
		p := l.s.programmes[k.ProgrammeKey]
		p.plan = append(p.plan, planView{k.Course, v})
		return err
	}, selectPlans+` ORDER BY institution, programme, course`)
	for _, p := range l.s.programmes {
		l.facts.Programmes = append(l.facts.Programmes, p.fact())
	}
	return err
}

// fact is the programme as the engine knows it.
func (p *programmeView) fact() transfer.Programme {
	f := transfer.Programme{ProgrammeKey: p.ProgrammeKey, Required: p.Required}
	for _, g := range p.groups {
		f.Groups = append(f.Groups, transfer.Group{Code: g.code, Min: g.Min})
	}
	for _, c := range p.plan {
		f.Plan = append(f.Plan, transfer.PlanCourse{Course: c.course, Group: c.Group, NeverExempt: c.NeverExempt})
	}
	return f
}

func (l *loader) rules() error {
	list, err := readEquivalences(l.each)
	if err != nil {
		return err
	}
	list = slices.DeleteFunc(list, func(v *storedVersion) bool { return !v.published })
	for i, v := range list {
		view := &ruleView{RuleRef: v.RuleRef, Equivalence: &v.Equivalence, published: calendar.Of(time.UnixMicro(v.at))}
		view.effectiveTo, view.superseded = effectiveEnd(list[i:])
		l.s.rulesAt[v.Code] = append(l.s.rulesAt[v.Code], len(l.s.rules))
		l.s.rules = append(l.s.rules, view)
		if !view.superseded {
			l.facts.Rules = append(l.facts.Rules, view.fact())
		}
	}
	return nil
}

// effectiveEnd is the last day of the first version of the list: a later
// version of the same code ends it on the day before it begins, and replaces it
// wholly when it begins no later.
func effectiveEnd(list []*storedVersion) (calendar.Day, bool) {
	first := list[0]
	end := first.To
	for _, later := range list[1:] {
		if later.Code != first.Code {
			break
		}
		if later.From == calendar.None || (first.From != calendar.None && later.From <= first.From) {
			return end, true
		}
		if end == calendar.None || later.From <= end {
			end = later.From - 1
		}
	}
	return end, false
}

func (r *ruleView) fact() transfer.Rule {
	return transfer.Rule{
		RuleRef: r.RuleRef, Institution: r.Institution, Programme: r.Programme, Sources: r.Sources, Targets: r.Targets,
		From: r.From, To: r.effectiveTo, Validity: r.Validity, Priority: r.Priority, Outcome: r.Outcome,
		Reasons: r.Reasons, Note: r.Note, Since: r.published,
	}
}

func (l *loader) policies() error {
	err := l.each(func(rows *sql.Rows) error {
		k, v, err := scanPolicy(rows)
		l.facts.Policies = append(l.facts.Policies, transfer.Policy{Place: k.Place, From: k.From, MinGrade: v.MinGrade, Validity: v.Validity, MaxRise: v.MaxRise})
		return err
	}, selectPolicies)
	if err != nil {
		return err
	}
	return l.each(func(rows *sql.Rows) error {
		k, v, err := scanCap(rows)
		l.facts.Caps = append(l.facts.Caps, transfer.Cap{Place: k.Place, From: k.From, Kind: k.Kind, Key: k.Key, Credits: v.Credits, Share: v.Share})
		return err
	}, selectCaps)
}
