package bank

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"creditbank/internal/calendar"
	"creditbank/internal/transfer"
)

// EvaluationDraft is what somebody proposes: the rows that the file of equivalences
// would have of it.
type EvaluationDraft struct {
	ID     string              // of the draft that is edited; empty: a new one
	Stamp  string              // of the draft as the editor saw it
	Rows   []map[string]string // cells by the columns of the equivalences file
	Why    string              // what speaks for it; needed when it is submitted
	Origin string              // request:ID, suggestion:ID, mirror:CODE; may be empty
}

// maxDraftRows bounds the rows of one rule: sources and targets side by side.
const maxDraftRows = 60

// EvaluationTrial is what a draft would be: the version, its content, and what lint
// finds in it as if it were published today. What blocks keeps it from being submitted.
type EvaluationTrial struct {
	transfer.RuleRef
	Equivalence
	Blocking, Warnings []transfer.Finding
}

// TryEvaluation reads a draft and looks it over as if it were published today, and
// writes nothing. It promises Denied; Invalid, naming the cells as rows[N].COLUMN with
// N from 0; NotFound for an ID that the actor may not know of.
func (b *Bank) TryEvaluation(ctx context.Context, actor Actor, d EvaluationDraft) (EvaluationTrial, error) {
	if !actor.proposes() {
		return EvaluationTrial{}, &Error{Code: Denied, Key: "error.role"}
	}
	p, err := b.reading(ctx).proposedRule(actor, d)
	if err != nil {
		return EvaluationTrial{}, err
	}
	tried := EvaluationTrial{RuleRef: p.ref, Equivalence: p.rule}
	tried.Blocking, tried.Warnings, err = b.LintRule(ctx, p.ref, p.rule)
	return tried, err
}

// proposes says whether the actor may propose equivalences at all.
func (a Actor) proposes() bool { return a.Is(IsAdministrator) || a.editsMap() && a.Institution != "" }

// SaveEvaluation drafts a version of an equivalence, or edits one that was drafted or
// sent back, and says what lint finds in it: what blocks does so when it is submitted.
// It promises the codes of TryEvaluation, and Conflict: error.evaluation_open (Args
// "ID") while another version of the rule is judged, error.evaluation_same (Args "ID")
// for a content that is published, error.evaluation_stale naming what changed, and
// error.evaluation_state (Args "State") for one that may no longer be edited.
func (b *Bank) SaveEvaluation(ctx context.Context, actor Actor, d EvaluationDraft) (Evaluation, []transfer.Finding, error) {
	e, found, _, err := b.SaveEvaluationOnce(ctx, actor, "", d)
	return e, found, err
}

// SaveEvaluationOnce is SaveEvaluation for a program that may ask more than once with
// the same key: the second time nothing is written again. It promises Conflict
// (error.idempotency), too.
func (b *Bank) SaveEvaluationOnce(ctx context.Context, actor Actor, key string, d EvaluationDraft) (e Evaluation, found []transfer.Finding, replayed bool, err error) {
	if !actor.proposes() {
		return e, nil, false, &Error{Code: Denied, Key: "error.role"}
	}
	if faults := d.textFaults(); len(faults) > 0 {
		return e, nil, false, invalidFields(faults)
	}
	body, err := json.Marshal(d)
	if err != nil {
		return e, nil, false, err
	}
	id, replayed, err := b.once(ctx, actor, Request{Key: key, Operation: "evaluation", Body: body}, nil, func(t *tx) ([]byte, error) {
		p, err := reading(t.each).proposedRule(actor, d)
		if err != nil {
			return nil, err
		}
		return []byte(EvaluationID(p.ref)), t.saveEvaluation(p, d)
	})
	if err != nil {
		return e, nil, false, err
	}
	if e, err = b.Evaluation(ctx, actor, string(id)); err != nil {
		return e, nil, false, err
	}
	blocking, warnings, err := b.LintRule(ctx, e.RuleRef, e.Equivalence)
	return e, append(blocking, warnings...), replayed, err
}

// textFaults says what is wrong with the texts beside the rule.
func (d *EvaluationDraft) textFaults() (faults []FieldError) {
	d.Why, d.Origin = strings.TrimSpace(d.Why), strings.TrimSpace(d.Origin)
	if d.Why != "" {
		if fault := evaluationTextFault("why", d.Why); fault != nil {
			faults = append(faults, *fault)
		}
	}
	if code := textFault(d.Origin, nameLength); d.Origin != "" && code != "" {
		faults = append(faults, FieldError{Field: "origin", Code: code, Args: map[string]any{"Limit": nameLength}})
	}
	return faults
}

// evaluationTextFault says what is wrong with a text that people write about courses.
// It stays for good, so numbers of people are kept out of it.
func evaluationTextFault(field, text string) *FieldError {
	if code := textFault(text, noteLength); code != "" {
		return &FieldError{Field: field, Code: code, Args: map[string]any{"Limit": noteLength}}
	}
	if personalNumber.MatchString(text) {
		return &FieldError{Field: field, Code: "personal_number"}
	}
	return nil
}

// proposed is a draft that was read, and where it belongs.
type proposed struct {
	ref    transfer.RuleRef
	rule   Equivalence
	before *evaluationRow // the draft that is edited
}

// proposedRule reads a draft and finds where it belongs.
func (read reading) proposedRule(actor Actor, d EvaluationDraft) (p proposed, err error) {
	code := ""
	if d.ID != "" {
		ref, err := evaluationRef(d.ID)
		if err != nil {
			return p, err
		}
		if p.before, err = read.evaluation(actor, ref); err != nil {
			return p, err
		}
		code = ref.Code
	}
	draft, err := read.draftOf(d.Rows, code)
	if err != nil {
		return p, err
	}
	p.ref, p.rule = transfer.RuleRef{Code: draft.code}, draft.Equivalence
	if p.before != nil {
		p.ref = p.before.RuleRef
	}
	return p, read.place(actor, &p)
}

// draftOf reads the rows of one rule as an import would. It promises Invalid.
func (read reading) draftOf(rows []map[string]string, code string) (*draftRule, error) {
	if len(rows) == 0 || len(rows) > maxDraftRows {
		return nil, invalidField("rows", "", "number", map[string]any{"Low": 1, "High": maxDraftRows})
	}
	run := &importRun{at: map[string]int{}}
	for i, c := range equivalenceFile.columns {
		run.at[c.Name] = i
	}
	d := &draftRule{code: code, terms: map[string]string{}}
	var faults []FieldError
	for i, row := range rows {
		c := &cells{run: run, row: Row{Number: i, Cells: make([]string, len(equivalenceFile.columns))}}
		for _, name := range sortedKeys(row) {
			value := strings.TrimSpace(row[name])
			at, known := run.at[name]
			switch {
			case !known:
				faults = append(faults, FieldError{Field: rowField(i, name), Code: "unknown_field"})
			case !utf8.ValidString(value):
				faults = append(faults, FieldError{Field: rowField(i, name), Code: "utf8"})
			default:
				c.row.Cells[at] = value
			}
		}
		faults = append(faults, d.takeCode(i, c)...)
		d.rows = append(d.rows, c)
	}
	if len(faults) > 0 {
		return nil, invalidFields(faults)
	}
	known, err := read.referencesOf(d.rows)
	if err != nil {
		return nil, err
	}
	run.known = known
	d.read()
	for _, c := range d.rows {
		for _, f := range c.faults {
			faults = append(faults, FieldError{Field: rowField(c.row.Number, f.Column), Value: f.Value, Code: f.Code, Args: f.Args})
		}
	}
	if len(faults) > 0 {
		return nil, invalidFields(faults)
	}
	return d, nil
}

// rowField names a cell of a draft.
func rowField(row int, column string) string {
	if column == "" {
		return fmt.Sprintf("rows[%d]", row)
	}
	return fmt.Sprintf("rows[%d].%s", row, column)
}

// takeCode reads the code of the rule, on which all rows agree.
func (d *draftRule) takeCode(row int, c *cells) []FieldError {
	code := c.text("equivalence", courseLength)
	var faults []FieldError
	for _, f := range c.faults {
		faults = append(faults, FieldError{Field: rowField(row, f.Column), Value: f.Value, Code: f.Code, Args: f.Args})
	}
	if code != "" && d.code != "" && code != d.code {
		faults = append(faults, FieldError{Field: rowField(row, "equivalence"), Value: code, Code: "disagrees", Args: map[string]any{"Other": d.code}})
	}
	if d.code == "" {
		d.code = code
	}
	return faults
}

// referencesOf reads those of the keys that rows name.
func (read reading) referencesOf(rows []*cells) (*references, error) {
	known := &references{institutions: map[string]string{}, courses: map[transfer.CourseKey]bool{},
		programmes: map[transfer.ProgrammeKey]bool{}, groups: map[groupKey]bool{}, groupNames: map[groupName]bool{}}
	var institutions, targets, courses []string
	add := func(list *[]string, code string) {
		if code != "" && !slices.Contains(*list, code) {
			*list = append(*list, code)
		}
	}
	for _, c := range rows {
		add(&institutions, c.raw("source_institution"))
		add(&institutions, c.raw("target_institution"))
		add(&targets, c.raw("target_institution"))
		add(&courses, c.raw("source_course"))
		add(&courses, c.raw("target_course"))
	}
	for _, question := range []struct {
		scan  func(*sql.Rows) error
		query string
		among [][]string
	}{
		{known.scanInstitution, `SELECT code, kind FROM institution WHERE code IN (%s)`, [][]string{institutions}},
		{known.scanCourse, `SELECT institution, code FROM course WHERE institution IN (%s) AND code IN (%s)`, [][]string{institutions, courses}},
		{known.scanProgramme, `SELECT institution, code FROM programme WHERE institution IN (%s)`, [][]string{targets}},
		{known.scanGroup, `SELECT institution, programme, code FROM programme_group WHERE institution IN (%s)`, [][]string{targets}},
	} {
		query, args := among(question.query, question.among...)
		if err := read(question.scan, query, args...); err != nil {
			return nil, err
		}
	}
	return known, nil
}

// among fills the lists of a condition with parameters.
func among(query string, lists ...[]string) (text string, args []any) {
	var marks []any
	for _, list := range lists {
		if len(list) == 0 {
			list = []string{""}
		}
		var part []string
		for _, value := range list {
			args = append(args, value)
			part = append(part, fmt.Sprintf("$%d", len(args)))
		}
		marks = append(marks, strings.Join(part, ", "))
	}
	return fmt.Sprintf(query, marks...), args
}

// place finds the version that a draft becomes, and refuses what is not the actor's
// to propose: a school proposes what it sends or receives, and a later version of
// what was already between the same schools.
func (read reading) place(actor Actor, p *proposed) error {
	versions, err := read.versionsOf(p.ref.Code)
	if err != nil {
		return err
	}
	if !actor.Is(IsAdministrator) && !p.rule.names(actor.Institution) {
		return &Error{Code: Denied, Key: "error.evaluation_party"}
	}
	var published *evaluationRow
	print := p.rule.fingerprint()
	for _, v := range versions {
		if v.State == EvaluationPublished || v.State == EvaluationSuspended || v.State == EvaluationEnded || v.State == EvaluationSuperseded {
			published = v
		}
		if underWay(v.State) && p.before == nil {
			return &Error{Code: Conflict, Key: "error.evaluation_open", Args: map[string]any{"ID": v.ID}}
		}
		if !underWay(v.State) && !closedUnpublished(v.State) && v.fingerprint() == print {
			return &Error{Code: Conflict, Key: "error.evaluation_same", Args: map[string]any{"ID": v.ID}}
		}
	}
	if p.before == nil {
		p.ref.Version = len(versions) + 1
	}
	return p.follows(actor, published)
}

// follows holds a later version against the one that is published. The day from which
// it holds is needed: without one it would also serve what was completed before.
func (p *proposed) follows(actor Actor, published *evaluationRow) error {
	switch {
	case published == nil:
		return nil
	case !actor.Is(IsAdministrator) && !published.names(actor.Institution):
		return &Error{Code: Denied, Key: "error.evaluation_party"}
	case p.rule.Institution != published.Institution:
		return invalidField(rowField(0, "target_institution"), p.rule.Institution, "disagrees", map[string]any{"Other": published.Institution})
	case p.rule.From == calendar.None:
		return invalidField(rowField(0, "valid_from"), "", "required", nil)
	case published.From != calendar.None && p.rule.From <= published.From:
		return invalidField(rowField(0, "valid_from"), p.rule.From.String(), "version_from", map[string]any{"Other": published.From.String()})
	}
	return nil
}

// names says whether a school stands on one of the sides of a rule.
func (e *Equivalence) names(institution string) bool {
	return institution != "" && (e.Institution == institution || slices.ContainsFunc(e.Sources, func(s transfer.Source) bool { return s.Institution == institution }))
}

// versionsOf reads the evaluations of all versions of a code, oldest first.
func (read reading) versionsOf(code string) ([]*evaluationRow, error) {
	var refs []transfer.RuleRef
	err := read(func(rows *sql.Rows) error {
		ref := transfer.RuleRef{Code: code}
		err := rows.Scan(&ref.Version)
		refs = append(refs, ref)
		return err
	}, `SELECT version FROM equivalence WHERE code = $1 ORDER BY version`, code)
	if err != nil {
		return nil, err
	}
	return read.evaluations(refs)
}

// saveEvaluation writes a draft, new or edited.
func (t *tx) saveEvaluation(p proposed, d EvaluationDraft) error {
	if p.before == nil {
		return t.draftEvaluation(p, d)
	}
	e := p.before
	if err := e.allow(t.actor, actSave, d.Stamp); err != nil {
		return err
	}
	round := e.Round
	if e.fingerprint() != p.rule.fingerprint() {
		if err := t.rewrite(p); err != nil {
			return err
		}
		if e.State == EvaluationReturned {
			round++
		}
	}
	if err := t.exec(`UPDATE evaluation SET why = $1, round = $2 WHERE equivalence = $3 AND version = $4`, d.Why, round, e.Code, e.Version); err != nil {
		return err
	}
	return t.step(e, EvaluationStep{Action: actSave, To: e.State})
}

// rewrite gives a version that is not published another content.
func (t *tx) rewrite(p proposed) error {
	w := ruleWriter{importRun: &importRun{tx: t}}
	if p.before != nil {
		if err := w.dropDraft(p.ref); err != nil {
			return err
		}
	}
	w.add(p.ref, &p.rule)
	return w.flushVersions()
}

func (t *tx) draftEvaluation(p proposed, d EvaluationDraft) error {
	if err := t.rewrite(p); err != nil {
		return err
	}
	e := &evaluationRow{Evaluation: Evaluation{ID: EvaluationID(p.ref), RuleRef: p.ref}}
	institution := t.actor.Institution
	if t.actor.Is(IsAdministrator) {
		institution = ""
	}
	err := t.exec(`INSERT INTO evaluation (equivalence, version, state, origin, why, proposed_by, institution, round, made_at, moved_at, answer, reasons, condition, preview)
		VALUES ($1, $2, 'draft', $3, $4, $5, $6, 1, $7, $7, '', '', '', '')`, p.ref.Code, p.ref.Version, d.Origin, d.Why, t.actor.Name, institution, micros(t.now))
	if err != nil {
		return err
	}
	if id, requested := strings.CutPrefix(d.Origin, "request:"); requested {
		if err := t.linkRequest(id, p.ref); err != nil {
			return err
		}
	}
	return t.step(e, EvaluationStep{Action: actSave, To: EvaluationDrafted})
}

// evaluateImported gives the versions that an import wrote their evaluations, and
// brings those of what it published up to date.
func (w *ruleWriter) evaluateImported() error {
	if len(w.heads)+len(w.publish) == 0 {
		return nil
	}
	err := w.exec(`INSERT INTO evaluation (equivalence, version, state, origin, why, proposed_by, institution, round, made_at, moved_at, answer, reasons, condition, preview)
		SELECT e.code, e.version, e.state, 'import', '', $1, $2, 1, e.created_at, coalesce(e.published_at, e.created_at), '', '', '', '' FROM equivalence e
		WHERE NOT EXISTS (SELECT 1 FROM evaluation v WHERE v.equivalence = e.code AND v.version = e.version)`, w.actor.Name, w.actor.Institution)
	if err != nil {
		return err
	}
	return w.settleImported()
}

// settleImported has the evaluations of what is published say so.
func (w *ruleWriter) settleImported() error {
	if len(w.publish) == 0 {
		return nil
	}
	for _, query := range []string{
		`UPDATE evaluation SET state = 'published', moved_at = $1 WHERE state IN ('draft', 'submitted', 'returned', 'ready', 'refused', 'withdrawn')
			AND EXISTS (SELECT 1 FROM equivalence e WHERE e.code = evaluation.equivalence AND e.version = evaluation.version AND e.state = 'published')`,
		`UPDATE evaluation SET state = 'superseded', moved_at = $1 WHERE state = 'published'
			AND EXISTS (SELECT 1 FROM equivalence e WHERE e.code = evaluation.equivalence AND e.version > evaluation.version AND e.state = 'published')`,
	} {
		if err := w.exec(query, micros(w.now)); err != nil {
			return err
		}
	}
	return nil
}
