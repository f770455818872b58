package bench

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"

	"creditbank/internal/calendar"
	"creditbank/internal/credit"
	"creditbank/internal/transfer"
)

// peerLoader turns facts into rows.
type peerLoader struct {
	*peer
	ctx          context.Context
	tx           *sql.Tx
	asOf         calendar.Day
	institutions map[string]int
	step         map[string]credit.Amount
	programmeAt  map[transfer.ProgrammeKey]int
	groups       map[string]int
	policies     map[string]transfer.Policy // resolved, by institution
	totals       map[transfer.Place]transfer.Cap
	feeders      map[transfer.CourseKey][]transfer.Rule // by standard unit
	bank         string
}

func newPeerLoader(ctx context.Context, p *peer, f transfer.Facts, asOf calendar.Day) *peerLoader {
	l := &peerLoader{peer: p, ctx: ctx, asOf: asOf, institutions: map[string]int{}, step: map[string]credit.Amount{},
		programmeAt: map[transfer.ProgrammeKey]int{}, groups: map[string]int{"": -1}, feeders: map[transfer.CourseKey][]transfer.Rule{}}
	for n, in := range f.Institutions {
		l.institutions[in.Code], l.step[in.Code], p.rates[in.Code] = n, in.Step, in.Rate
		if in.Kind == transfer.KindBank {
			l.bank = in.Code
		}
	}
	for _, c := range f.Courses {
		if _, known := p.courses[c.CourseKey]; !known {
			p.courses[c.CourseKey] = len(p.courses) + 1
		}
		p.versions[c.CourseKey] = append(p.versions[c.CourseKey], c)
	}
	// Numbered in the order in which equal programmes are ranked.
	p.programmes = slices.SortedFunc(slices.Values(f.Programmes), func(a, b transfer.Programme) int {
		return cmp.Or(cmp.Compare(a.Code, b.Code), cmp.Compare(a.Institution, b.Institution))
	})
	for n, programme := range p.programmes {
		l.programmeAt[programme.ProgrammeKey] = n
	}
	l.policies, l.totals = policiesOn(f, asOf), totalsOn(f, asOf)
	for _, r := range f.Rules {
		if r.Institution == l.bank && r.Outcome == transfer.Credit {
			unit := transfer.CourseKey{Institution: l.bank, Code: r.Targets[0].Course}
			l.feeders[unit] = append(l.feeders[unit], r)
		}
	}
	return l
}

// policiesOn resolves what binds an institution's rules on a day. Programmes have
// no policies of their own in a generated country.
func policiesOn(f transfer.Facts, asOf calendar.Day) map[string]transfer.Policy {
	latest := map[transfer.Place]transfer.Policy{}
	for _, p := range f.Policies {
		if old, known := latest[p.Place]; p.From <= asOf && (!known || p.From > old.From) {
			latest[p.Place] = p
		}
	}
	resolved := map[string]transfer.Policy{}
	for _, in := range f.Institutions {
		p := transfer.Policy{MinGrade: transfer.NoScore, Validity: 0}
		for _, place := range []transfer.Place{{Scope: transfer.ScopeBank}, {Scope: transfer.ScopeInstitution, Institution: in.Code}} {
			if given, known := latest[place]; known {
				if given.MinGrade != transfer.NoScore {
					p.MinGrade = given.MinGrade
				}
				if given.Validity >= 0 {
					p.Validity = given.Validity
				}
			}
		}
		resolved[in.Code] = p
	}
	return resolved
}

// totalsOn finds the caps on all credits in force on a day, by place.
func totalsOn(f transfer.Facts, asOf calendar.Day) map[transfer.Place]transfer.Cap {
	latest := map[transfer.Place]transfer.Cap{}
	for _, c := range f.Caps {
		if old, known := latest[c.Place]; c.Kind == transfer.CapTotal && c.From <= asOf && (!known || c.From > old.From) {
			latest[c.Place] = c
		}
	}
	return latest
}

// total is the cap on all credits of a programme; noCap: none.
func (l *peerLoader) total(p *transfer.Programme) credit.Amount {
	for _, place := range []transfer.Place{
		{Scope: transfer.ScopeProgramme, Institution: p.Institution, Programme: p.Code},
		{Scope: transfer.ScopeInstitution, Institution: p.Institution}, {Scope: transfer.ScopeBank},
	} {
		if c, known := l.totals[place]; known {
			limit := credit.Amount(noCap)
			if c.Credits >= 0 {
				limit = min(limit, c.Credits)
			}
			if c.Share >= 0 {
				limit = min(limit, c.Share.Of(p.Required))
			}
			return limit
		}
	}
	return noCap
}

const noCap = 1 << 40

func (l *peerLoader) load(f transfer.Facts) error {
	tx, err := l.db.BeginTx(l.ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }()
	l.tx = tx
	if err := l.loadProgrammes(); err != nil {
		return err
	}
	if err := l.loadRules(f.Rules); err != nil {
		return err
	}
	return tx.Commit()
}

func (l *peerLoader) loadProgrammes() error {
	programmes, groups, plan := l.into("programme", 4), l.into("grp", 3), l.into("plan", 4)
	offered := l.into("offered", 2)
	seen := map[string]bool{}
	for n := range l.programmes {
		p := &l.programmes[n]
		programmes.put(n, l.institutions[p.Institution], int(p.Required), int(l.total(p)))
		for _, g := range p.Groups {
			groups.put(n, l.group(g.Code), int(g.Min))
		}
		for _, c := range p.Plan {
			plan.put(l.courses[transfer.CourseKey{Institution: p.Institution, Code: c.Course}], n, l.group(c.Group), flag(c.NeverExempt))
		}
		seen[p.Institution] = true
	}
	for key, n := range l.courses {
		if seen[key.Institution] {
			offered.put(n, int(courseOn(l.versions[key], l.asOf).Credits))
		}
	}
	return flushed(programmes, groups, plan, offered)
}

func (l *peerLoader) group(code string) int {
	n, known := l.groups[code]
	if !known {
		n = len(l.groups)
		l.groups[code] = n
	}
	return n
}

// peerTable gathers rows for one table.
type peerTable struct {
	ctx       context.Context
	tx        *sql.Tx
	name      string
	width     int
	args      []any
	full      *sql.Stmt
	firstFail error
}

const rowsAtOnce = 100

func (l *peerLoader) into(name string, width int) *peerTable {
	return &peerTable{ctx: l.ctx, tx: l.tx, name: name, width: width}
}

func (t *peerTable) put(cells ...int) {
	for _, c := range cells {
		t.args = append(t.args, c)
	}
	if len(t.args) == rowsAtOnce*t.width {
		t.flush()
	}
}

func (t *peerTable) statement(rows int) string {
	row := "(?" + strings.Repeat(",?", t.width-1) + ")"
	return fmt.Sprintf("INSERT OR IGNORE INTO %s VALUES %s%s", t.name, row, strings.Repeat(","+row, rows-1))
}

func (t *peerTable) flush() {
	if len(t.args) == 0 || t.firstFail != nil {
		return
	}
	if len(t.args) == rowsAtOnce*t.width {
		if t.full == nil {
			t.full, t.firstFail = t.tx.PrepareContext(t.ctx, t.statement(rowsAtOnce))
		}
		if t.firstFail == nil {
			_, t.firstFail = t.full.ExecContext(t.ctx, t.args...)
		}
	} else {
		_, t.firstFail = t.tx.ExecContext(t.ctx, t.statement(len(t.args)/t.width), t.args...)
	}
	t.args = t.args[:0]
}

func flushed(tables ...*peerTable) error {
	for _, t := range tables {
		if t.flush(); t.firstFail != nil {
			return fmt.Errorf("%s: %w", t.name, t.firstFail)
		}
	}
	return nil
}
