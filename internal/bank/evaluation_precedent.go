package bank

import (
	"cmp"
	"context"
	"database/sql"
	"slices"
	"strings"
	"time"

	"creditbank/internal/transfer"
)

// Precedent is a decided case that is like another: what was decided, and why. Nobody
// is named in it.
type Precedent struct {
	ID string
	transfer.RuleRef
	Equivalence
	State     string
	Decided   time.Time // of an imported one when it was published
	Refusal   []string  // coded reasons
	Answer    string
	Condition string
	Opposed   int      // opinions against it
	Alike     []string // of source, target, source_name, target_name and class: what both have the same
}

// classOnly says whether nothing but the class of specialties is the same.
func (p *Precedent) classOnly() bool { return len(p.Alike) == 1 && p.Alike[0] == "class" }

// Bounds of a list of precedents, and of the cases of its class that are looked at.
const (
	mostCases  = 30
	classCases = 300
)

// Precedents lists decided cases that are like an evaluation, refused ones too, the
// newest first: of the same source or target course or of courses that are called the
// same, and behind them those of the same classes of specialties. It promises NotFound.
func (b *Bank) Precedents(ctx context.Context, actor Actor, id string) ([]Precedent, error) {
	e, err := b.reading(ctx).evaluationNamed(actor, id)
	if err != nil {
		return nil, err
	}
	return b.PrecedentsOf(ctx, e.RuleRef, e.Equivalence)
}

// PrecedentsOf is [Bank.Precedents] for a rule that is still being written.
func (b *Bank) PrecedentsOf(ctx context.Context, ref transfer.RuleRef, e Equivalence) ([]Precedent, error) {
	s, err := b.Snapshot(ctx)
	if err != nil {
		return nil, err
	}
	read := b.reading(ctx)
	p := precedents{Snapshot: s, rule: e, sources: map[transfer.CourseKey]bool{}, targets: map[transfer.CourseKey]bool{}}
	p.addNamesakes(e)
	refs, err := p.candidates(read)
	if err != nil {
		return nil, err
	}
	refs = slices.DeleteFunc(refs, func(r transfer.RuleRef) bool { return r == ref })
	cases, err := read.evaluations(refs)
	if err != nil {
		return nil, err
	}
	if p.classes, err = read.classesOf(append(cases, &evaluationRow{Evaluation: Evaluation{Equivalence: e}})); err != nil {
		return nil, err
	}
	return p.ranked(cases), nil
}

// precedents is what a case is compared by.
type precedents struct {
	*Snapshot
	rule             Equivalence
	sources, targets map[transfer.CourseKey]bool // and those that are called the same
	classes          map[transfer.CourseKey]specialties
}

// mostNamesakes bounds the courses of one name: there are hundreds of 数学.
const mostNamesakes = 100

// addNamesakes finds the courses that are called as those of the rule.
func (p *precedents) addNamesakes(e Equivalence) {
	add := func(key transfer.CourseKey, into map[transfer.CourseKey]bool) {
		into[key] = true
		name := p.folded(key)
		if name == "" {
			return
		}
		others := 0 // those that fit best come first
		for _, n := range p.index[findCourses].find(name, nil) {
			if len(into) >= mostNamesakes || others > mostNamesakes {
				return
			}
			if p.folded(p.Map.CourseAt(n)) != name {
				others++
				continue
			}
			into[p.Map.CourseAt(n)] = true
		}
	}
	for _, s := range e.Sources {
		add(s.CourseKey, p.sources)
	}
	for _, t := range e.Targets {
		if t.Course != "" {
			add(transfer.CourseKey{Institution: e.Institution, Code: t.Course}, p.targets)
		}
	}
}

// folded is the last name of a course, as people take names for the same.
func (p *precedents) folded(key transfer.CourseKey) string {
	versions := p.versionsNamed(key)
	if len(versions) == 0 {
		return ""
	}
	return Fold(versions[len(versions)-1].Name)
}

// decidedStates are those of cases that were decided.
const decidedStates = `v.state IN ('published', 'superseded', 'suspended', 'ended', 'refused')`

// candidates are the newest cases of these courses, and the newest that were decided at all.
func (p *precedents) candidates(read reading) ([]transfer.RuleRef, error) {
	var refs []transfer.RuleRef
	take := func(rows *sql.Rows) error {
		var ref transfer.RuleRef
		err := rows.Scan(&ref.Code, &ref.Version)
		if !slices.Contains(refs, ref) {
			refs = append(refs, ref)
		}
		return err
	}
	for _, side := range []struct {
		table string
		keys  map[transfer.CourseKey]bool
	}{{"equivalence_source", p.sources}, {"equivalence_target", p.targets}} {
		if len(side.keys) == 0 {
			continue
		}
		q := &evaluationQuery{}
		q.add(decidedStates)
		q.named(side.table, side.keys)
		if err := read(take, `SELECT v.equivalence, v.version`+q.from()+` ORDER BY v.moved_at DESC, v.equivalence, v.version LIMIT 60`, q.args...); err != nil {
			return nil, err
		}
	}
	return refs, read(take, `SELECT v.equivalence, v.version FROM evaluation v WHERE v.decided_at IS NOT NULL
		ORDER BY v.decided_at DESC LIMIT $1`, classCases)
}

// named keeps to the versions of which one of the courses stands in a table.
func (q *evaluationQuery) named(table string, keys map[transfer.CourseKey]bool) {
	var conditions []string
	var args []any
	for key := range keys {
		conditions = append(conditions, `institution = ? AND course = ?`)
		args = append(args, key.Institution, key.Code)
	}
	q.among(versionsPart{`SELECT equivalence, version FROM ` + table + ` WHERE ` + strings.Join(conditions, " OR "), args})
}

// classesOf reads in which classes of specialties the courses of cases stand.
func (read reading) classesOf(cases []*evaluationRow) (map[transfer.CourseKey]specialties, error) {
	var institutions, courses []string
	seen := map[string]bool{}
	for _, e := range cases {
		for _, key := range e.courses() {
			if !seen["i"+key.Institution] {
				institutions = append(institutions, key.Institution)
			}
			if !seen["c"+key.Code] {
				courses = append(courses, key.Code)
			}
			seen["i"+key.Institution], seen["c"+key.Code] = true, true
		}
	}
	query, args := among(`SELECT c.institution, c.course, coalesce(p.catalogue_code, '') FROM plan_course c
		JOIN programme p ON p.institution = c.institution AND p.code = c.programme WHERE c.institution IN (%s) AND c.course IN (%s)`, institutions, courses)
	of := map[transfer.CourseKey]specialties{}
	return of, read(func(rows *sql.Rows) error {
		var key transfer.CourseKey
		var catalogue string
		err := rows.Scan(&key.Institution, &key.Code, &catalogue)
		of[key] |= specialtiesOf(catalogue)
		return err
	}, query, args...)
}

// ranked are the cases that are alike in anything.
func (p *precedents) ranked(cases []*evaluationRow) []Precedent {
	list := []Precedent{}
	for _, e := range cases {
		alike := p.alike(&e.Equivalence)
		if len(alike) == 0 {
			continue
		}
		c := Precedent{ID: e.ID, RuleRef: e.RuleRef, Equivalence: e.Equivalence, State: e.State, Decided: e.Decided, Refusal: e.Refusal, Answer: e.Answer,
			Condition: e.Condition, Alike: alike}
		if c.Decided.IsZero() {
			c.Decided = e.Moved
		}
		for _, o := range e.Opinions {
			if o.Opinion == "oppose" {
				c.Opposed++
			}
		}
		list = append(list, c)
	}
	slices.SortStableFunc(list, func(a, b Precedent) int {
		return cmp.Or(compareFlags(a.classOnly(), b.classOnly()), b.Decided.Compare(a.Decided), strings.Compare(a.ID, b.ID))
	})
	return list[:min(len(list), mostCases)]
}

// alike says what a case has the same as the rule.
func (p *precedents) alike(e *Equivalence) (list []string) {
	add := func(what string, when bool) {
		if when {
			list = append(list, what)
		}
	}
	own, ownNames, others, otherNames := false, false, false, false
	for _, s := range e.Sources {
		same := slices.ContainsFunc(p.rule.Sources, func(o transfer.Source) bool { return o.CourseKey == s.CourseKey })
		own, ownNames = own || same, ownNames || !same && p.sources[s.CourseKey]
	}
	for _, t := range e.Targets {
		same := t.Course != "" && e.Institution == p.rule.Institution && slices.ContainsFunc(p.rule.Targets, func(o transfer.Target) bool { return o.Course == t.Course })
		others, otherNames = others || same, otherNames || !same && p.targets[transfer.CourseKey{Institution: e.Institution, Code: t.Course}]
	}
	add("source", own)
	add("target", others)
	add("source_name", ownNames && !own)
	add("target_name", otherNames && !others)
	sources, targets := p.class(&p.rule)
	caseSources, caseTargets := p.class(e)
	add("class", sources&caseSources != 0 && targets&caseTargets != 0)
	return list
}

// class are the classes of the sources and of the targets of a rule.
func (p *precedents) class(e *Equivalence) (sources, targets specialties) {
	for _, s := range e.Sources {
		sources |= p.classes[s.CourseKey]
	}
	for _, t := range e.Targets {
		targets |= p.classes[transfer.CourseKey{Institution: e.Institution, Code: t.Course}]
	}
	return sources, targets
}
