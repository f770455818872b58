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
	if err := read(func(rows *sql.Rows) error { return rows.Scan(&page.Total) }, `SELECT count(*) FROM evaluation v`+q.where(), q.args...); err != nil {
		return Page[Evaluation]{}, err
	}
	order := map[bool]string{true: "ASC", false: "DESC"}[f.Mine]
	var refs []transfer.RuleRef
	err = read(func(rows *sql.Rows) error {
		var ref transfer.RuleRef
		err := rows.Scan(&ref.Code, &ref.Version)
		refs = append(refs, ref)
		return err
	}, fmt.Sprintf(`SELECT v.equivalence, v.version FROM evaluation v%s ORDER BY v.moved_at %s, v.equivalence %s, v.version %s LIMIT %d OFFSET %d`,
		q.where(), order, order, order, limit, start), q.args...)
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
	}, `SELECT v.state, count(*) FROM evaluation v`+q.where()+` GROUP BY v.state`, q.args...)
	if err != nil {
		return nil, err
	}
	if q, err = b.evaluationQuery(ctx, actor, EvaluationFilter{Mine: true}); err != nil {
		return nil, err
	}
	mine := 0
	err = b.reading(ctx)(func(rows *sql.Rows) error { return rows.Scan(&mine) }, `SELECT count(*) FROM evaluation v`+q.where(), q.args...)
	counts["mine"] = mine
	return counts, err
}

// evaluationQuery is the condition of a list of evaluations v.
type evaluationQuery struct {
	parts []string
	args  []any
}

func (q *evaluationQuery) where() string {
	if len(q.parts) == 0 {
		return ""
	}
	return " WHERE " + strings.Join(q.parts, " AND ")
}

// add takes a condition in which each ? is the next of the arguments.
func (q *evaluationQuery) add(part string, args ...any) {
	for _, arg := range args {
		q.args = append(q.args, arg)
		part = strings.Replace(part, "?", "$"+strconv.Itoa(len(q.args)), 1)
	}
	q.parts = append(q.parts, part)
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
	q.scope(actor)
	if f.Mine {
		q.mine(actor)
	}
	if f.Institution != "" {
		q.add(`(v.equivalence, v.version) IN (`+ofSchool+`)`, f.Institution, f.Institution)
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
const ofSchool = `SELECT code, version FROM equivalence WHERE institution = ? UNION SELECT equivalence, version FROM equivalence_source WHERE institution = ?`

// scope keeps to what the actor may know of, as [evaluationRow.seenBy] says of one.
func (q *evaluationQuery) scope(actor Actor) {
	if actor.Is(IsAdministrator | IsAuditor | IsOperator) {
		return
	}
	school := ""
	if actor.editsMap() {
		school = actor.Institution
	}
	q.add(`((v.state <> 'draft' AND ? <> '' AND (v.equivalence, v.version) IN (`+ofSchool+`)) OR (v.institution <> '' AND v.institution = ?) OR v.proposed_by = ?
		OR (v.equivalence, v.version) IN (SELECT equivalence, version FROM evaluation_opinion WHERE party = ?))`,
		school, school, school, school, actor.Name, expertParty+actor.Login)
}

// mine keeps to what waits for the actor: opinions that are missing, what was sent
// back, and for the bank what is ready or to be halted.
func (q *evaluationQuery) mine(actor Actor) {
	never := `1 = 0`
	part, args := never, []any{}
	or := func(more string, values ...any) { part, args = part+" OR "+more, append(args, values...) }
	if actor.editsMap() && actor.Institution != "" {
		or(`(v.state IN ('draft', 'returned') AND v.institution = ?)`, actor.Institution)
	}
	if actor.Is(IsDecider) && actor.Institution != "" {
		or(`(v.state = 'submitted' AND (v.equivalence, v.version) IN (`+ofSchool+`) AND NOT EXISTS (SELECT 1 FROM evaluation_opinion o
			WHERE o.equivalence = v.equivalence AND o.version = v.version AND o.party = ? AND o.round = v.round AND o.opinion IS NOT NULL))`,
			actor.Institution, actor.Institution, schoolParty+actor.Institution)
	}
	if actor.Is(IsExpert) {
		or(`(v.state IN ('submitted', 'ready') AND EXISTS (SELECT 1 FROM evaluation_opinion o WHERE o.equivalence = v.equivalence AND o.version = v.version
			AND o.party = ? AND (o.opinion IS NULL OR o.round <> v.round)))`, expertParty+actor.Login)
	}
	if actor.Is(IsAdministrator) {
		or(`(v.state = 'ready' AND v.proposed_by <> ?)`, actor.Name)
		or(`(v.state IN ('draft', 'returned') AND v.institution = '' AND v.origin <> 'import')`)
		or(`(v.equivalence, v.version) IN (SELECT equivalence, version FROM evaluation_halt WHERE state = 'open' AND asked_by <> ?)`, actor.Name)
	}
	q.add("("+part+")", args...)
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
	part := `v.equivalence = ?`
	all := []any{words}
	if len(pairs) > 0 {
		named := strings.Join(pairs, " OR ")
		part += ` OR (v.equivalence, v.version) IN (SELECT equivalence, version FROM equivalence_source WHERE ` + named +
			` UNION SELECT equivalence, version FROM equivalence_target WHERE ` + named + `)`
		all = slices.Concat(all, args, args)
	}
	q.add("("+part+")", all...)
	return nil
}
