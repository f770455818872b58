package bank

import (
	"database/sql"
	"fmt"
	"slices"
	"strings"

	"creditbank/internal/transfer"
)

// approveEvaluation publishes the version, which ends the one before. Against an
// opinion it needs a text.
func (t *tx) approveEvaluation(e *evaluationRow, a EvaluationAct, step EvaluationStep) error {
	opposed := slices.ContainsFunc(e.Opinions, func(o Opinion) bool { return o.Opinion == "oppose" && !o.Over })
	if opposed && a.Text == "" {
		return invalidField("text", "", "required", nil)
	}
	if err := t.decideEvaluation(e, a, nil); err != nil {
		return err
	}
	if err := t.publishVersion(e.RuleRef); err != nil {
		return err
	}
	step.To = EvaluationPublished
	if err := t.step(e, step); err != nil {
		return err
	}
	if err := t.supersede(e); err != nil {
		return err
	}
	return t.answerRequests(e)
}

// decideEvaluation keeps who decided, and why.
func (t *tx) decideEvaluation(e *evaluationRow, a EvaluationAct, reasons []string) error {
	if err := t.keepPreview("preview", a.Preview, e.RuleRef); err != nil {
		return err
	}
	return t.exec(`UPDATE evaluation SET decided_by = $1, decided_at = $2, answer = $3, reasons = $4, condition = $5, preview = $6 WHERE equivalence = $7 AND version = $8`,
		t.actor.Name, micros(t.now), a.Text, strings.Join(reasons, "|"), a.Condition, a.Preview, e.Code, e.Version)
}

// publishVersion makes a draft of the map part of it.
func (t *tx) publishVersion(ref transfer.RuleRef) error {
	result, err := t.ExecContext(t.ctx, t.db.bind(`UPDATE equivalence SET state = 'published', published_at = $1 WHERE code = $2 AND version = $3 AND state = 'draft'`),
		micros(t.now), ref.Code, ref.Version)
	if err != nil {
		return err
	}
	if n, err := result.RowsAffected(); err != nil || n != 1 {
		return fmt.Errorf("%s was not a draft: %d rows, %w", EvaluationID(ref), n, err)
	}
	return t.raiseMap()
}

// supersede notes that a later version is published.
func (t *tx) supersede(by *evaluationRow) error {
	var earlier []transfer.RuleRef
	err := t.each(func(rows *sql.Rows) error {
		ref := transfer.RuleRef{Code: by.Code}
		err := rows.Scan(&ref.Version)
		earlier = append(earlier, ref)
		return err
	}, `SELECT version FROM evaluation WHERE equivalence = $1 AND version < $2 AND state = 'published' ORDER BY version`, by.Code, by.Version)
	if err != nil {
		return err
	}
	list, err := reading(t.each).evaluations(earlier)
	for _, e := range list {
		if err == nil {
			err = t.step(e, EvaluationStep{Action: "supersede", To: EvaluationSuperseded, Subject: by.ID})
		}
	}
	return err
}

// refuseEvaluation ends it; the version stays as what was refused, with its reasons.
func (t *tx) refuseEvaluation(e *evaluationRow, step EvaluationStep) error {
	if err := t.decideEvaluation(e, EvaluationAct{Text: step.Text}, step.Reasons); err != nil {
		return err
	}
	step.To = EvaluationRefused
	if err := t.step(e, step); err != nil {
		return err
	}
	return t.answerRequests(e)
}
