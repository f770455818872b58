package bank

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"creditbank/internal/calendar"
	"creditbank/internal/transfer"
)

// evaluationRow is an evaluation with what only the bank asks of it.
type evaluationRow struct {
	Evaluation
	hands []string // all who drafted, edited, submitted or answered
	bank  string   // code of the bank itself
}

// Evaluation gives one evaluation with its history. It promises NotFound, also for
// one that is not for this actor to know of.
func (b *Bank) Evaluation(ctx context.Context, actor Actor, id string) (Evaluation, error) {
	read := b.reading(ctx)
	e, err := read.evaluationNamed(actor, id)
	if err != nil {
		return Evaluation{}, err
	}
	if e.History, err = read.evaluationSteps(e.RuleRef); err != nil {
		return Evaluation{}, err
	}
	if e.Files, err = b.Attachments(ctx, "evaluation", e.ID); err != nil {
		return Evaluation{}, err
	}
	e.May = e.may(actor)
	return e.Evaluation, b.nameEvaluation(ctx, &e.Evaluation)
}

// evaluationNamed promises NotFound.
func (read reading) evaluationNamed(actor Actor, id string) (*evaluationRow, error) {
	ref, err := evaluationRef(id)
	if err != nil {
		return nil, err
	}
	return read.evaluation(actor, ref)
}

// evaluation promises NotFound.
func (read reading) evaluation(actor Actor, ref transfer.RuleRef) (*evaluationRow, error) {
	list, err := read.evaluations([]transfer.RuleRef{ref})
	if err != nil {
		return nil, err
	}
	if len(list) == 0 || !list[0].seenBy(actor) {
		return nil, notFound("evaluation", EvaluationID(ref))
	}
	return list[0], nil
}

// evaluations reads some, in the order in which they are named, without their histories.
func (read reading) evaluations(refs []transfer.RuleRef) ([]*evaluationRow, error) {
	if len(refs) == 0 {
		return nil, nil
	}
	rules, err := readEquivalences(read, refs)
	if err != nil {
		return nil, err
	}
	at := map[transfer.RuleRef]*evaluationRow{}
	for _, v := range rules {
		at[v.RuleRef] = &evaluationRow{Evaluation: Evaluation{ID: EvaluationID(v.RuleRef), RuleRef: v.RuleRef, Equivalence: v.Equivalence, EndsOn: calendar.None}}
	}
	for _, step := range []func([]transfer.RuleRef, map[transfer.RuleRef]*evaluationRow) error{read.evaluationHeads, read.evaluationParties,
		read.evaluationOpinions, read.evaluationHalts, read.evaluationHands, read.evaluationFacts} {
		if err := step(refs, at); err != nil {
			return nil, err
		}
	}
	var list []*evaluationRow
	for _, ref := range refs {
		if e := at[ref]; e != nil && e.State != "" {
			list = append(list, e)
		}
	}
	return list, read.evaluationDues(list)
}

// refsWhere is a condition for rows of some versions, with its arguments $1 and on.
// The last is repeated until there are as many as a statement that stays prepared has.
func refsWhere(code, version string, refs []transfer.RuleRef) (where string, args []any) {
	size := 1
	for size < len(refs) {
		size *= 2
	}
	parts := make([]string, size)
	for i := range size {
		ref := refs[min(i, len(refs)-1)]
		args = append(args, ref.Code, ref.Version)
		parts[i] = fmt.Sprintf("%s = $%d AND %s = $%d", code, 2*i+1, version, 2*i+2)
	}
	return "(" + strings.Join(parts, " OR ") + ")", args
}

func (read reading) evaluationHeads(refs []transfer.RuleRef, at map[transfer.RuleRef]*evaluationRow) error {
	where, args := refsWhere("v.equivalence", "v.version", refs)
	return read(func(rows *sql.Rows) error {
		var ref transfer.RuleRef
		var h Evaluation
		var reasons string
		var made, moved, decided int64
		err := rows.Scan(&ref.Code, &ref.Version, &h.State, &h.Origin, &h.Why, &h.By, &h.ByInstitution, &h.Round, &made, &moved, &h.DecidedBy, &decided,
			&h.Answer, &reasons, &h.Condition, &h.Preview, &h.Suspended, &h.EndsOn)
		e := at[ref]
		if err != nil || e == nil {
			return err
		}
		e.State, e.Origin, e.Why, e.By, e.ByInstitution, e.Round = h.State, h.Origin, h.Why, h.By, h.ByInstitution, h.Round
		e.Made, e.Moved, e.Decided, e.DecidedBy = fromMicros(made), fromMicros(moved), fromMicros(decided), h.DecidedBy
		e.Answer, e.Refusal, e.Condition, e.Preview, e.Suspended, e.EndsOn = h.Answer, splitReasons(reasons), h.Condition, h.Preview, h.Suspended, h.EndsOn
		e.hands = []string{h.By}
		return nil
	}, `SELECT v.equivalence, v.version, v.state, v.origin, v.why, v.proposed_by, v.institution, v.round, v.made_at, v.moved_at, coalesce(v.decided_by, ''),
		coalesce(v.decided_at, 0), v.answer, v.reasons, v.condition, v.preview, coalesce(h.suspended, FALSE), coalesce(h.ends_on, -2147483648)
		FROM evaluation v LEFT JOIN equivalence_halt h ON h.equivalence = v.equivalence AND h.version = v.version WHERE `+where, args...)
}

// splitReasons reads codes as they are stored.
func splitReasons(text string) []string {
	return strings.FieldsFunc(text, func(r rune) bool { return r == '|' })
}

// evaluationParties finds the schools of both sides; the bank's own units have none.
func (read reading) evaluationParties(_ []transfer.RuleRef, at map[transfer.RuleRef]*evaluationRow) error {
	bank := ""
	err := read(func(rows *sql.Rows) error { return rows.Scan(&bank) }, `SELECT code FROM institution WHERE kind = 'bank'`)
	for _, e := range at {
		e.bank = bank
		for _, s := range e.Sources {
			if s.Institution != bank && !slices.Contains(e.Sending, s.Institution) {
				e.Sending = append(e.Sending, s.Institution)
			}
		}
		if e.Institution != bank && !slices.Contains(e.Sending, e.Institution) {
			e.Opinions = append(e.Opinions, Opinion{Side: "receiving", Institution: e.Institution, Due: calendar.None})
		}
		for _, school := range e.Sending {
			side := map[bool]string{true: "both", false: "sending"}[school == e.Institution]
			e.Opinions = append(e.Opinions, Opinion{Side: side, Institution: school, Due: calendar.None})
		}
	}
	return err
}

func (read reading) evaluationOpinions(refs []transfer.RuleRef, at map[transfer.RuleRef]*evaluationRow) error {
	where, args := refsWhere("equivalence", "version", refs)
	return read(func(rows *sql.Rows) error {
		var ref transfer.RuleRef
		var party, reasons, institution string
		var round int
		var asked, given int64
		o := Opinion{Due: calendar.None}
		err := rows.Scan(&ref.Code, &ref.Version, &party, &round, &o.AskedBy, &asked, &o.Opinion, &o.Text, &reasons, &o.Condition, &o.By, &given, &institution)
		if err != nil {
			return err
		}
		e := at[ref]
		o.Asked, o.Given, o.Reasons, o.Over = fromMicros(asked), fromMicros(given), splitReasons(reasons), o.Opinion != "" && round != e.Round
		if login, expert := strings.CutPrefix(party, expertParty); expert {
			o.Side, o.Login, o.Institution = "expert", login, institution
			e.Opinions = append(e.Opinions, o)
			return nil
		}
		if i := e.party(strings.TrimPrefix(party, schoolParty)); i >= 0 { // else the content names the school no longer
			o.Side, o.Institution = e.Opinions[i].Side, e.Opinions[i].Institution
			e.Opinions[i] = o
		}
		return nil
	}, `SELECT equivalence, version, party, round, asked_by, asked_at, coalesce(opinion, ''), text, reasons, condition, coalesce(given_by, ''), coalesce(given_at, 0),
		coalesce((SELECT min(r.institution) FROM login_role r WHERE r.role = 'expert' AND party = 'expert:' || r.login), '')
		FROM evaluation_opinion WHERE `+where+` ORDER BY asked_at, party`, args...)
}

// How parties are stored.
const (
	schoolParty = "school:"
	expertParty = "expert:"
)

// party is the place of a school's opinion, or -1.
func (e *evaluationRow) party(institution string) int {
	return slices.IndexFunc(e.Opinions, func(o Opinion) bool { return o.Login == "" && o.Institution == institution && institution != "" })
}

// asked is the place of an expert's opinion, or -1.
func (e *evaluationRow) asked(login string) int {
	return slices.IndexFunc(e.Opinions, func(o Opinion) bool { return o.Login != "" && o.Login == login })
}

// missing are the opinions that are still to come.
func (e *evaluationRow) missing() (list []Opinion) {
	for _, o := range e.Opinions {
		if o.Opinion == "" || o.Over {
			list = append(list, o)
		}
	}
	return list
}

func (read reading) evaluationHalts(refs []transfer.RuleRef, at map[transfer.RuleRef]*evaluationRow) error {
	where, args := refsWhere("equivalence", "version", refs)
	return read(func(rows *sql.Rows) error {
		var ref transfer.RuleRef
		var h EvaluationHalt
		var reasons string
		var asked int64
		err := rows.Scan(&ref.Code, &ref.Version, &h.Kind, &h.LastDay, &reasons, &h.Text, &h.By, &asked)
		h.Reasons, h.Asked = splitReasons(reasons), fromMicros(asked)
		at[ref].Halt = &h
		return err
	}, `SELECT equivalence, version, kind, coalesce(last_day, -2147483648), reasons, text, asked_by, asked_at FROM evaluation_halt WHERE state = 'open' AND `+where, args...)
}

// evaluationHands finds all who had a hand in what is proposed.
func (read reading) evaluationHands(refs []transfer.RuleRef, at map[transfer.RuleRef]*evaluationRow) error {
	where, args := refsWhere("equivalence", "version", refs)
	return read(func(rows *sql.Rows) error {
		var ref transfer.RuleRef
		var actor string
		err := rows.Scan(&ref.Code, &ref.Version, &actor)
		at[ref].hands = append(at[ref].hands, actor)
		return err
	}, `SELECT DISTINCT equivalence, version, actor FROM evaluation_step WHERE action IN ('save', 'submit', 'answer') AND `+where, args...)
}

// evaluationFacts makes the stamps from all that a decision rests on.
func (read reading) evaluationFacts(refs []transfer.RuleRef, at map[transfer.RuleRef]*evaluationRow) error {
	courses, err := read.courseDigests(at)
	if err != nil {
		return err
	}
	published, err := read.publishedVersions(refs)
	if err != nil {
		return err
	}
	files, err := read.evaluationFiles(at)
	if err != nil {
		return err
	}
	for _, e := range at {
		e.Facts = e.facts(courses, published[e.Code])
		e.Facts = append(e.Facts, Fact{"files", strings.Join(files[e.ID], " ")})
		e.Stamp = stampOf(e.Facts)
	}
	return nil
}

// facts are what a decision on an evaluation rests on. What is long is told by its digest.
func (e *evaluationRow) facts(courses map[transfer.CourseKey]string, published int) []Fact {
	var opinions, experts []string
	for _, o := range e.Opinions {
		if o.Opinion != "" {
			opinions = append(opinions, fmt.Sprintf("%s%s %s %t %q %q %q", o.Institution, o.Login, o.Opinion, o.Over, o.Text, o.Reasons, o.Condition))
		}
		if o.Login != "" {
			experts = append(experts, o.Login)
		}
	}
	var named []string
	for _, key := range e.courses() {
		named = append(named, key.Institution+" "+key.Code+" "+courses[key])
	}
	halt := ""
	if e.Halt != nil {
		halt = fmt.Sprintf("%s %s %s", e.Halt.Kind, e.Halt.LastDay, e.Halt.By)
	}
	return []Fact{{"state", e.State}, {"rule", digestText(e.fingerprint() + e.Why)}, {"opinions", digestText(strings.Join(opinions, "\n"))},
		{"experts", strings.Join(experts, " ")}, {"courses", digestText(strings.Join(named, "\n"))}, {"published", strconv.Itoa(published)}, {"halt", halt}}
}

// courses are all that the rule names, each once.
func (e *Equivalence) courses() []transfer.CourseKey {
	var keys []transfer.CourseKey
	for _, s := range e.Sources {
		keys = append(keys, s.CourseKey)
	}
	for _, t := range e.Targets {
		if t.Course != "" {
			keys = append(keys, transfer.CourseKey{Institution: e.Institution, Code: t.Course})
		}
	}
	return keys
}

// courseDigests tells the contents of all courses that evaluations name.
func (read reading) courseDigests(at map[transfer.RuleRef]*evaluationRow) (map[transfer.CourseKey]string, error) {
	seen, parts, args := map[transfer.CourseKey]bool{}, []string{}, []any{}
	for _, e := range at {
		for _, key := range e.courses() {
			if !seen[key] {
				seen[key] = true
				args = append(args, key.Institution, key.Code)
				parts = append(parts, fmt.Sprintf("institution = $%d AND course = $%d", len(args)-1, len(args)))
			}
		}
	}
	texts := map[transfer.CourseKey]string{}
	if len(parts) == 0 {
		return texts, nil
	}
	err := read(func(rows *sql.Rows) error {
		k, v, err := scanCourse(rows)
		texts[k.CourseKey] += fmt.Sprintf("%+v\n", v)
		return err
	}, selectCourses+` WHERE `+strings.Join(parts, " OR ")+` ORDER BY institution, course, seq`, args...)
	for key, text := range texts {
		texts[key] = digestText(text)
	}
	return texts, err
}

// evaluationFiles are the numbers of the evidence, by the address of the evaluation.
func (read reading) evaluationFiles(at map[transfer.RuleRef]*evaluationRow) (map[string][]string, error) {
	var ids []string
	for _, e := range at {
		ids = append(ids, e.ID)
	}
	slices.Sort(ids)
	query, args := among(`SELECT object, id FROM attachment WHERE kind = 'evaluation' AND object IN (%s) ORDER BY made_at, id`, ids)
	files := map[string][]string{}
	return files, read(func(rows *sql.Rows) error {
		var object, id string
		err := rows.Scan(&object, &id)
		files[object] = append(files[object], id)
		return err
	}, query, args...)
}

// publishedVersions are the last published versions of codes.
func (read reading) publishedVersions(refs []transfer.RuleRef) (map[string]int, error) {
	last := map[string]int{}
	args, marks := []any{}, []string{}
	for _, ref := range refs {
		args = append(args, ref.Code)
		marks = append(marks, fmt.Sprintf("$%d", len(args)))
	}
	err := read(func(rows *sql.Rows) error {
		var code string
		var version int
		err := rows.Scan(&code, &version)
		last[code] = version
		return err
	}, `SELECT code, max(version) FROM equivalence WHERE state = 'published' AND code IN (`+strings.Join(marks, ", ")+`) GROUP BY code`, args...)
	return last, err
}

func (read reading) evaluationSteps(ref transfer.RuleRef) (list []EvaluationStep, err error) {
	err = read(func(rows *sql.Rows) error {
		var s EvaluationStep
		var at int64
		var reasons string
		err := rows.Scan(&s.Action, &s.From, &s.To, &s.By, &s.Institution, &at, &s.Subject, &s.Opinion, &s.Text, &reasons, &s.Condition)
		s.At, s.Reasons = fromMicros(at), splitReasons(reasons)
		list = append(list, s)
		return err
	}, `SELECT action, from_state, to_state, actor, institution, at, subject, opinion, text, reasons, condition FROM evaluation_step
		WHERE equivalence = $1 AND version = $2 ORDER BY seq`, ref.Code, ref.Version)
	return list, err
}

// nameEvaluation finds out what people call the logins that are named.
func (b *Bank) nameEvaluation(ctx context.Context, e *Evaluation) (err error) {
	names := []string{e.By, e.DecidedBy}
	for _, o := range e.Opinions {
		names = append(names, o.By, o.AskedBy)
		if o.Login != "" {
			names = append(names, personName(o.Login))
		}
	}
	for _, s := range e.History {
		names = append(names, s.By)
	}
	if e.Halt != nil {
		names = append(names, e.Halt.By)
	}
	e.Names = map[string]string{}
	for _, name := range names {
		if _, known := e.Names[name]; known || name == "" {
			continue
		}
		if e.Names[name], err = b.Called(ctx, name); err != nil {
			return err
		}
	}
	return nil
}
