package bank

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"creditbank/internal/transfer"
)

// EvaluationFilter narrows a list of evaluations; empty fields do not.
type EvaluationFilter struct {
	State       string // one of [EvaluationStates], or "open": those that are not decided
	Mine        bool   // those that wait for the actor; the one that waits longest is the first
	Institution string // on one of the sides
	Q           string // words of a name or code of any of the courses, or the code of the rule
	Origin      string // beginning of it: request, suggestion, mirror, import
}

// Evaluations lists those that the actor may know of, the one last moved first. It
// promises Denied, and Invalid naming state or cursor.
func (b *Bank) Evaluations(ctx context.Context, actor Actor, f EvaluationFilter, w Window) (Page[Evaluation], error) {
	q, err := b.evaluationQuery(ctx, actor, f)
	if err != nil {
		return Page[Evaluation]{}, err
	}
	start, limit, err := w.part()
	if err != nil {
		return Page[Evaluation]{}, err
	}
	var page Page[Evaluation]
	read := b.reading(ctx)
	if err := read(func(rows *sql.Rows) error { return rows.Scan(&page.Total) }, `SELECT count(*)`+q.from(), q.args...); err != nil {
		return Page[Evaluation]{}, err
	}
	order := map[bool]string{true: "ASC", false: "DESC"}[f.Mine]
	var refs []transfer.RuleRef
	err = read(func(rows *sql.Rows) error {
		var ref transfer.RuleRef
		err := rows.Scan(&ref.Code, &ref.Version)
		refs = append(refs, ref)
		return err
	}, fmt.Sprintf(`SELECT v.equivalence, v.version%s ORDER BY v.moved_at %s, v.equivalence %s, v.version %s LIMIT %d OFFSET %d`,
		q.from(), order, order, order, limit, start), q.args...)
	if err != nil {
		return Page[Evaluation]{}, err
	}
	list, err := read.evaluations(refs)
	page.Items = make([]Evaluation, len(list))
	for i, e := range list {
		e.May = e.may(actor)
		page.Items[i] = e.Evaluation
	}
	if end := start + len(refs); end < page.Total && len(refs) > 0 {
		page.Next = strconv.Itoa(end)
	}
	return page, err
}

// EvaluationCounts counts those that the actor may know of by state; "mine" are
// those that wait for the actor. It promises Denied.
func (b *Bank) EvaluationCounts(ctx context.Context, actor Actor) (map[string]int, error) {
	q, err := b.evaluationQuery(ctx, actor, EvaluationFilter{})
	if err != nil {
		return nil, err
	}
	counts := map[string]int{}
	err = b.reading(ctx)(func(rows *sql.Rows) error {
		var state string
		var n int
		err := rows.Scan(&state, &n)
		counts[state] = n
		return err
	}, `SELECT v.state, count(*)`+q.from()+` GROUP BY v.state`, q.args...)
	if err != nil {
		return nil, err
	}
	counts["mine"], err = b.EvaluationsWaiting(ctx, actor)
	return counts, err
}

// EvaluationsWaiting counts those that wait for the actor. It promises Denied.
func (b *Bank) EvaluationsWaiting(ctx context.Context, actor Actor) (waiting int, err error) {
	q, err := b.evaluationQuery(ctx, actor, EvaluationFilter{Mine: true})
	if err != nil {
		return 0, err
	}
	err = b.reading(ctx)(func(rows *sql.Rows) error { return rows.Scan(&waiting) }, `SELECT count(*)`+q.from(), q.args...)
	return waiting, err
}

// evaluationQuery is the condition of a list of evaluations v.
type evaluationQuery struct {
	few   []string // statements that name versions, the one that names fewest last
	parts []string
	args  []any
}

// from is where the list is read from, with its condition. The database begins with
// the few versions that a statement names, where there is one: left to itself it
// would look through all that there are.
func (q *evaluationQuery) from() string {
	const all, begin = ` FROM evaluation v`, ` f CROSS JOIN evaluation v WHERE v.equivalence = f.equivalence AND v.version = f.version`
	last := len(q.few) - 1
	parts := slices.Clone(q.parts)
	for i, query := range q.few {
		if i < last {
			parts = append(parts, `(v.equivalence, v.version) IN (`+query+`)`)
		}
	}
	switch {
	case last >= 0:
		return ` FROM (` + q.few[last] + `)` + strings.Join(append([]string{begin}, parts...), " AND ")
	case len(parts) > 0:
		return all + ` WHERE ` + strings.Join(parts, " AND ")
	}
	return all
}

// bound gives a text in which each ? is the number of the next of the arguments.
func (q *evaluationQuery) bound(text string, args []any) string {
	for _, arg := range args {
		q.args = append(q.args, arg)
		text = strings.Replace(text, "?", "$"+strconv.Itoa(len(q.args)), 1)
	}
	return text
}

// add takes a condition.
func (q *evaluationQuery) add(condition string, args ...any) {
	q.parts = append(q.parts, q.bound(condition, args))
}

// openStates are the states of what is not decided, as the index has them.
const openStates = `v.state IN ('draft', 'submitted', 'returned', 'ready')`

func (b *Bank) evaluationQuery(ctx context.Context, actor Actor, f EvaluationFilter) (*evaluationQuery, error) {
	if err := actor.need(IsRegistrar | IsExpert | IsDecider | IsAdministrator | IsAuditor | IsOperator | IsSystem); err != nil {
		return nil, err
	}
	q := &evaluationQuery{}
	switch {
	case f.State == "open":
		q.add(openStates)
	case slices.Contains(EvaluationStates(), f.State):
		q.add(`v.state = ?`, f.State)
	case f.State != "":
		return nil, invalidField("state", f.State, "choice", map[string]any{"Choices": "open, " + strings.Join(EvaluationStates(), ", ")})
	}
	if f.Mine {
		q.mine(actor)
	} else {
		q.scope(actor)
	}
	if f.Institution != "" {
		q.among(part(ofSchool, f.Institution, f.Institution))
	}
	if f.Origin != "" {
		q.add(`(v.origin = ? OR v.origin LIKE ?)`, f.Origin, likePrefix(f.Origin+":"))
	}
	return q, b.words(ctx, q, f.Q)
}

// likePrefix is a pattern for texts that begin with one that holds no wildcard of its own.
func likePrefix(text string) string {
	return strings.NewReplacer("%", "", "_", "").Replace(text) + "%"
}

// ofSchool are the versions that have a school on one of their sides.
const ofSchool = `SELECT code AS equivalence, version FROM equivalence WHERE institution = ? UNION SELECT equivalence, version FROM equivalence_source WHERE institution = ?`

// scope keeps to what the actor may know of, as [evaluationRow.seenBy] says of one.
func (q *evaluationQuery) scope(actor Actor) {
	if actor.Is(IsAdministrator | IsAuditor | IsOperator) {
		return
	}
	school := ""
	if actor.editsMap() {
		school = actor.Institution
	}
	q.among(part(ofSchool, school, school), part(`SELECT equivalence, version FROM evaluation WHERE institution <> '' AND institution = ?`, school),
		part(`SELECT equivalence, version FROM evaluation WHERE proposed_by = ?`, actor.Name),
		part(`SELECT equivalence, version FROM evaluation_opinion WHERE party = ?`, expertParty+actor.Login))
	q.add(`(v.state <> 'draft' OR v.institution <> '' AND v.institution = ? OR v.proposed_by = ?)`, school, actor.Name)
}

// versionsPart is a statement that names versions, with its arguments.
type versionsPart struct {
	query string
	args  []any
}

func part(query string, args ...any) versionsPart { return versionsPart{query, args} }

// among keeps to the versions that any of the statements names.
func (q *evaluationQuery) among(parts ...versionsPart) {
	var queries []string
	var args []any
	for _, p := range parts {
		queries, args = append(queries, p.query), append(args, p.args...)
	}
	q.few = append(q.few, q.bound(strings.Join(queries, " UNION "), args))
}

// mine keeps to what waits for the actor: opinions that are missing, what was sent
// back, and for the bank what is ready or to be halted.
func (q *evaluationQuery) mine(actor Actor) {
	const in = `SELECT v.equivalence, v.version FROM evaluation v WHERE `
	parts := []versionsPart{part(in + `1 = 0`)}
	if actor.editsMap() && actor.Institution != "" {
		parts = append(parts, part(in+`v.state IN ('draft', 'returned') AND v.institution = ?`, actor.Institution))
	}
	if actor.decides() && actor.Institution != "" {
		parts = append(parts, part(in+`v.state = 'submitted' AND NOT EXISTS (SELECT 1 FROM evaluation_opinion o
			WHERE o.equivalence = v.equivalence AND o.version = v.version AND o.party = ? AND o.round = v.round AND o.opinion IS NOT NULL)
			AND (EXISTS (SELECT 1 FROM equivalence e WHERE e.code = v.equivalence AND e.version = v.version AND e.institution = ?)
				OR EXISTS (SELECT 1 FROM equivalence_source s WHERE s.equivalence = v.equivalence AND s.version = v.version AND s.institution = ?))`,
			schoolParty+actor.Institution, actor.Institution, actor.Institution))
	}
	if actor.Is(IsExpert) {
		parts = append(parts, part(in+`v.state IN ('submitted', 'ready') AND EXISTS (SELECT 1 FROM evaluation_opinion o
			WHERE o.equivalence = v.equivalence AND o.version = v.version AND o.party = ? AND (o.opinion IS NULL OR o.round <> v.round))`, expertParty+actor.Login))
	}
	if actor.Is(IsAdministrator) {
		parts = append(parts, part(in+`v.state = 'ready' AND v.proposed_by <> ?`, actor.Name),
			part(in+`v.state IN ('draft', 'returned') AND v.institution = '' AND v.origin <> 'import'`),
			part(`SELECT equivalence, version FROM evaluation_halt WHERE state = 'open' AND asked_by <> ?`, actor.Name))
	}
	q.among(parts...)
}

// mostNamed is how many courses the words of a filter may name; those that fit best come first.
const mostNamed = 100

// words keeps to the rules of courses that the words name, or of that code.
func (b *Bank) words(ctx context.Context, q *evaluationQuery, words string) error {
	words = strings.TrimSpace(words)
	if words == "" {
		return nil
	}
	s, err := b.Snapshot(ctx)
	if err != nil {
		return err
	}
	var pairs []string
	var args []any
	found := s.index[findCourses].find(words, nil)
	for _, n := range found[:min(len(found), mostNamed)] {
		key := s.Map.CourseAt(n)
		pairs = append(pairs, `(institution = ? AND course = ?)`)
		args = append(args, key.Institution, key.Code)
	}
	parts := []versionsPart{part(`SELECT code AS equivalence, version FROM equivalence WHERE code = ?`, words)}
	if len(pairs) > 0 {
		named := strings.Join(pairs, " OR ")
		parts = append(parts, part(`SELECT equivalence, version FROM equivalence_source WHERE `+named, args...),
			part(`SELECT equivalence, version FROM equivalence_target WHERE `+named, args...))
	}
	q.among(parts...)
	return nil
}
