package oracle

import "time"

// question is one learner, one programme, one day, with what follows from them.
type question struct {
	w       World
	p       Programme
	records []Record
	asOf    int
	terms   Policy
	limits  []limit
	group   map[string]string // plan course -> group
	never   map[string]bool   // plan course that nothing may award
	held    map[string]bool   // course the learner has passed at the institution
	home    []bool            // record that is earned: never a source
	earned  int64
	need    map[string]int64 // group -> credits still needed
}

// limit is a cap in force, in credits.
type limit struct {
	cap, key string
	max      int64
}

func ask(w World, programme int, records []Record, asOf int) *question {
	q := &question{w: w, p: w.Programmes[programme], records: records, asOf: asOf}
	q.terms = q.policy()
	q.limits = q.caps()
	q.group, q.never = map[string]string{}, map[string]bool{}
	for _, c := range q.p.Plan {
		q.group[c.Course] = c.Group
		q.never[c.Course] = q.never[c.Course] || c.NeverExempt
	}
	q.settleHome()
	return q
}

// settleHome finds what is earned at home, and with it what each group still needs.
func (q *question) settleHome() {
	q.held, q.need = map[string]bool{}, map[string]int64{}
	q.home = make([]bool, len(q.records))
	for _, g := range q.p.Groups {
		q.need[g.Code] = g.Min
	}
	for i, r := range q.records {
		if r.Institution != q.p.Institution || !r.Passed {
			continue
		}
		group, planned := q.group[r.Course]
		q.home[i] = planned
		if planned && !q.held[r.Course] {
			credits := q.course(r.Institution, r.Course, q.asOf).Credits
			q.earned += credits
			q.need[group] -= credits
		}
		q.held[r.Course] = true
	}
	for g := range q.need {
		q.need[g] = max(q.need[g], 0)
	}
}

// scope ranks a row of policy or caps for the programme: 0 when it is not meant.
func (q *question) scope(scope, institution, programme string) int {
	switch {
	case scope == "bank":
		return 1
	case scope == "institution" && institution == q.p.Institution:
		return 2
	case scope == "programme" && institution == q.p.Institution && programme == q.p.Code:
		return 3
	}
	return 0
}

// policy merges the latest row of each scope, the narrower over the wider.
func (q *question) policy() Policy {
	var latest [4]*Policy
	for i := range q.w.Policies {
		p := &q.w.Policies[i]
		n := q.scope(p.Scope, p.Institution, p.Programme)
		if n > 0 && p.From <= q.asOf && (latest[n] == nil || p.From > latest[n].From) {
			latest[n] = p
		}
	}
	out := Policy{MinGrade: -1, Validity: -1, MaxRise: -1}
	for _, p := range latest {
		if p == nil {
			continue
		}
		if p.MinGrade >= 0 {
			out.MinGrade = p.MinGrade
		}
		if p.Validity > 0 {
			out.Validity = p.Validity
		}
		if p.MaxRise >= 0 {
			out.MaxRise = p.MaxRise
		}
	}
	return out
}

// caps finds, for every cap and key, the row of the narrowest scope, there the latest.
func (q *question) caps() []limit {
	type name struct{ cap, key string }
	rows := map[name]Cap{}
	for _, c := range q.w.Caps {
		n := q.scope(c.Scope, c.Institution, c.Programme)
		if n == 0 || c.From > q.asOf {
			continue
		}
		old, seen := rows[name{c.Cap, c.Key}]
		m := q.scope(old.Scope, old.Institution, old.Programme)
		if !seen || n > m || n == m && c.From > old.From {
			rows[name{c.Cap, c.Key}] = c
		}
	}
	var out []limit
	for n, c := range rows {
		if most, ok := c.limit(q.p.Required); ok {
			out = append(out, limit{n.cap, n.key, most})
		}
	}
	return out
}

// limit is the cap in credits; a cap with both a number and a share holds by both.
func (c Cap) limit(required int64) (int64, bool) {
	share := required * c.Share / 10000
	switch {
	case c.Credits < 0 && c.Share < 0:
		return 0, false
	case c.Credits < 0:
		return share, true
	case c.Share < 0:
		return c.Credits, true
	}
	return min(c.Credits, share), true
}

// course is the version in force on the day; else the latest that had started by
// then; else the earliest. An unknown course has neither credits nor level.
func (q *question) course(institution, code string, day int) Course {
	var inForce, started, earliest *Course
	for i := range q.w.Courses {
		c := &q.w.Courses[i]
		if c.Institution != institution || c.Code != code {
			continue
		}
		if c.From <= day && (started == nil || c.From > started.From) {
			started = c
		}
		if inside(day, c.From, c.To) && (inForce == nil || c.From > inForce.From) {
			inForce = c
		}
		if earliest == nil || c.From < earliest.From {
			earliest = c
		}
	}
	for _, c := range []*Course{inForce, started, earliest} {
		if c != nil {
			return *c
		}
	}
	return Course{}
}

func (q *question) institution(code string) Institution {
	for _, i := range q.w.Institutions {
		if i.Code == code {
			return i
		}
	}
	return Institution{}
}

// inside reports whether the day lies in the window, both ends included.
func inside(day, from, to int) bool {
	return (from == Open || from <= day) && (to == Open || day <= to)
}

// addYears is the same month and day n years later; 29 February becomes the 28th
// where the year has none.
func addYears(day, n int) int {
	t := time.Unix(int64(day)*86400, 0).UTC()
	y, m, d := t.Date()
	y += n
	if m == time.February && d == 29 && time.Date(y, m, d, 0, 0, 0, 0, time.UTC).Month() != m {
		d = 28
	}
	return int(time.Date(y, m, d, 0, 0, 0, 0, time.UTC).Unix() / 86400)
}
