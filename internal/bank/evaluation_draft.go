package bank

import (
	"context"
	"encoding/json"
	"strings"

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
