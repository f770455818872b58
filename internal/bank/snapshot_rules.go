package bank

import (
	"database/sql"
	"slices"
	"strings"
	"time"

	"creditbank/internal/calendar"
	"creditbank/internal/credit"
	"creditbank/internal/transfer"
)

// endOf is an end of a version of an equivalence.
type endOf struct {
	transfer.RuleRef
	day calendar.Day
}

// ruleCounts is how many published versions take and award the courses of an institution.
type ruleCounts struct{ sending, receiving uint32 }

// selectPublished gives a published version in as many rows as it has pairs of a
// source and a target: one, for nearly all. One statement is read to its end, so
// that nothing of a country's rules waits in memory for its other half.
const selectPublished = `SELECT e.code, e.version, e.institution, coalesce(e.programme, ''), coalesce(e.valid_from, -2147483648),
	coalesce(e.valid_to, -2147483648), coalesce(e.validity_years, 0), e.priority, e.outcome, e.reasons, e.note, e.published_at,
	coalesce(s.institution, ''), coalesce(s.course, ''), coalesce(s.min_grade, -1), coalesce(s.max_grade, -1),
	coalesce(t.seq, 0), coalesce(t.course, ''), coalesce(t.grp, ''), coalesce(t.credit_mode, ''), coalesce(t.credits, 0), coalesce(t.exemption, false),
	coalesce(h.suspended, false), coalesce(h.ends_on, -2147483648)
	FROM equivalence e
	LEFT JOIN equivalence_source s ON s.equivalence = e.code AND s.version = e.version
	LEFT JOIN equivalence_target t ON t.equivalence = e.code AND t.version = e.version
	LEFT JOIN equivalence_halt h ON h.equivalence = e.code AND h.version = e.version
	WHERE e.state = 'published' ORDER BY e.code, e.version, s.institution, s.course, t.seq`

// publishedRow is a row of selectPublished. Numbers are of the driver's own kind:
// into any other they go by way of text.
type publishedRow struct {
	code, institution, programme, outcome, reasons, note string
	version, from, to, validity, priority, published     int64
	sourceInstitution, sourceCourse                      string
	min, max, seq                                        int64
	targetCourse, targetGroup, mode                      string
	credits                                              int64
	exemption, suspended                                 bool
	endsOn                                               int64
}

// halt is what holds a version back: it does not serve at all, or only what was
// completed until a day.
type halt struct {
	suspended bool
	endsOn    calendar.Day
}

// ruleReader puts the rows of a version together, and the versions of a code.
type ruleReader struct {
	*loader
	row      publishedRow
	into     []any
	versions []transfer.Rule // of one code, as they were stated
	halts    []halt          // beside versions
	sources  pool[transfer.Source]
	targets  pool[transfer.Target]
}

func (l *loader) loadRules() error {
	var count int
	if err := l.GetContext(l.ctx, &count, `SELECT count(*) FROM equivalence WHERE state = 'published'`); err != nil {
		return err
	}
	l.facts.Rules = make([]transfer.Rule, 0, count)
	r := &ruleReader{loader: l}
	w := &r.row
	r.into = []any{&w.code, &w.version, &w.institution, &w.programme, &w.from, &w.to, &w.validity, &w.priority, &w.outcome, &w.reasons, &w.note, &w.published,
		&w.sourceInstitution, &w.sourceCourse, &w.min, &w.max, &w.seq, &w.targetCourse, &w.targetGroup, &w.mode, &w.credits, &w.exemption, &w.suspended, &w.endsOn}
	if err := l.each(r.take, selectPublished); err != nil {
		return err
	}
	r.finish()
	return nil
}

func (r *ruleReader) take(rows *sql.Rows) error {
	if err := rows.Scan(r.into...); err != nil {
		return err
	}
	n := len(r.versions)
	if n == 0 || r.versions[n-1].Version != int(r.row.version) || r.versions[n-1].Code != r.row.code {
		r.begin()
		n = len(r.versions)
	}
	v := &r.versions[n-1]
	source := transfer.Source{CourseKey: transfer.CourseKey{Institution: r.same.text(r.row.sourceInstitution), Code: r.same.text(r.row.sourceCourse)},
		Min: credit.Score(r.row.min), Max: credit.Score(r.row.max)}
	if source.Code != "" && (len(v.Sources) == 0 || v.Sources[len(v.Sources)-1].CourseKey != source.CourseKey) {
		v.Sources = append(v.Sources, source)
	}
	if r.row.seq != 0 && len(v.Sources) <= 1 { // with each further source they come again
		v.Targets = append(v.Targets, transfer.Target{Course: r.same.text(r.row.targetCourse), Group: r.same.text(r.row.targetGroup),
			Mode: transfer.Mode(r.same.text(r.row.mode)), Credits: credit.Amount(r.row.credits), Exemption: r.row.exemption})
	}
	return nil
}

// begin opens the version of the row, and ends the code before it.
func (r *ruleReader) begin() {
	w := &r.row
	if n := len(r.versions); n > 0 && r.versions[n-1].Code != w.code {
		r.finish()
	}
	v := transfer.Rule{RuleRef: transfer.RuleRef{Code: w.code, Version: int(w.version)}, Institution: r.same.text(w.institution), Programme: r.same.text(w.programme),
		From: calendar.Day(w.from), To: calendar.Day(w.to), Validity: int(w.validity), Priority: int(w.priority), Outcome: transfer.Outcome(r.same.text(w.outcome)),
		Note: w.note, Since: calendar.Of(time.UnixMicro(w.published)), Sources: r.sources.room(), Targets: r.targets.room()}
	if w.reasons != "" {
		v.Reasons = strings.FieldsFunc(w.reasons, func(c rune) bool { return c == '|' })
	}
	r.versions = append(r.versions, v)
	r.halts = append(r.halts, halt{w.suspended, calendar.Day(w.endsOn)})
}

// finish sorts the versions of a code into those that serve, those that a later one
// has replaced, and those that are suspended.
func (r *ruleReader) finish() {
	for i := range r.versions {
		v := &r.versions[i]
		r.count(v)
		end, replaced := effectiveEnd(r.versions[i:])
		end, over := r.halts[i].endOf(v, end)
		switch {
		case r.halts[i].suspended:
			info := newRuleInfo(*v)
			info.EffectiveTo, info.Suspended = end, true
			r.suspended = append(r.suspended, info)
		case replaced || over:
			r.replaced = append(r.replaced, *v)
			if end != v.To {
				r.replacedEnds = append(r.replacedEnds, endOf{v.RuleRef, end})
			}
		default:
			if end != v.To {
				r.stated = append(r.stated, endOf{v.RuleRef, v.To})
			}
			r.facts.Rules = append(r.facts.Rules, *v)
			r.facts.Rules[len(r.facts.Rules)-1].To = end
		}
	}
	r.versions, r.halts = r.versions[:0], r.halts[:0]
}

// endOf is the end of a version that would end otherwise, and whether it then serves
// nothing any more.
func (h halt) endOf(v *transfer.Rule, otherwise calendar.Day) (end calendar.Day, over bool) {
	if h.endsOn == calendar.None || (otherwise != calendar.None && otherwise <= h.endsOn) {
		return otherwise, false
	}
	return h.endsOn, v.From != calendar.None && h.endsOn < v.From
}

// effectiveEnd is the last day of the first of the versions of a code: a later
// version ends it on the day before it begins, and replaces it wholly when it
// begins no later.
func effectiveEnd(versions []transfer.Rule) (calendar.Day, bool) {
	first := &versions[0]
	end := first.To
	for i := range versions[1:] {
		later := &versions[i+1]
		if later.From == calendar.None || (first.From != calendar.None && later.From <= first.From) {
			return end, true
		}
		if end == calendar.None || later.From <= end {
			end = later.From - 1
		}
	}
	return end, false
}

// count counts a version for every institution whose courses it takes or awards.
func (l *loader) count(v *transfer.Rule) {
	l.countsOf(v.Institution).receiving++
	for i, s := range v.Sources {
		if !slices.ContainsFunc(v.Sources[:i], func(c transfer.Source) bool { return c.Institution == s.Institution }) {
			l.countsOf(s.Institution).sending++
		}
	}
}

func (l *loader) countsOf(institution string) *ruleCounts {
	c := l.counts[institution]
	if c == nil {
		c = &ruleCounts{}
		l.counts[institution] = c
	}
	return c
}

// pool makes lists, most of which hold one thing, many at a time.
type pool[T any] struct{ free []T }

// room is an empty list with room for one.
func (p *pool[T]) room() []T {
	if len(p.free) == 0 {
		const many = 4096
		p.free = make([]T, many)
	}
	room := p.free[:0:1]
	p.free = p.free[1:]
	return room
}
