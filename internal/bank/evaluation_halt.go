package bank

import (
	"strings"

	"creditbank/internal/transfer"
)

// askHalt puts before a second person that a published version be suspended, served
// again, or ended.
func (t *tx) askHalt(e *evaluationRow, a EvaluationAct, step EvaluationStep) error {
	var lastDay any
	if a.Action == actEnd {
		lastDay, step.Subject = a.lastDay, a.lastDay.String()
	}
	err := t.exec(`INSERT INTO evaluation_halt (equivalence, version, seq, kind, last_day, reasons, text, asked_by, institution, asked_at, state, answer)
		VALUES ($1, $2, (SELECT count(*) + 1 FROM evaluation_halt WHERE equivalence = $1 AND version = $2), $3, $4, $5, $6, $7, $8, $9, 'open', '')`,
		e.Code, e.Version, a.Action, lastDay, strings.Join(a.Reasons, "|"), a.Text, t.actor.Name, t.actor.Institution, micros(t.now))
	if err != nil {
		return err
	}
	return t.step(e, step)
}

// decideHalt does what was asked, or not.
func (t *tx) decideHalt(e *evaluationRow, a EvaluationAct, step EvaluationStep) error {
	state := map[string]string{actConfirm: "confirmed", actDecline: "declined", actTakeBack: "withdrawn"}[a.Action]
	err := t.exec(`UPDATE evaluation_halt SET state = $1, decided_by = $2, decided_at = $3, answer = $4 WHERE equivalence = $5 AND version = $6 AND state = 'open'`,
		state, t.actor.Name, micros(t.now), a.Text, e.Code, e.Version)
	if err != nil {
		return err
	}
	step.Subject = e.Halt.Kind
	if a.Action != actConfirm {
		return t.step(e, step)
	}
	if err := t.keepHaltPreview(e, a); err != nil {
		return err
	}
	if step.To, err = t.halt(e); err != nil {
		return err
	}
	if err := t.step(e, step); err != nil {
		return err
	}
	return t.raiseMap()
}

// keepHaltPreview keeps what was shown to whoever confirms, in place of what was shown
// when the version was published.
func (t *tx) keepHaltPreview(e *evaluationRow, a EvaluationAct) error {
	if a.Preview == "" {
		return nil
	}
	if err := t.keepPreview("preview", a.Preview, e.RuleRef); err != nil {
		return err
	}
	return t.exec(`UPDATE evaluation SET preview = $1 WHERE equivalence = $2 AND version = $3`, a.Preview, e.Code, e.Version)
}

// halt carries out what was asked, and gives the state that follows. What is ended
// while it is suspended stays out of the map.
func (t *tx) halt(e *evaluationRow) (state string, err error) {
	suspended, endsOn := e.Suspended, e.EndsOn
	switch e.Halt.Kind {
	case actSuspend:
		suspended, state = true, EvaluationSuspended
	case actResume:
		suspended = false
		if state, err = t.servedState(e.RuleRef); err != nil {
			return "", err
		}
	case actEnd:
		endsOn, state = e.Halt.LastDay, EvaluationEnded
	}
	return state, t.exec(`INSERT INTO equivalence_halt (equivalence, version, suspended, ends_on) VALUES ($1, $2, $3, $4)
		ON CONFLICT (equivalence, version) DO UPDATE SET suspended = excluded.suspended, ends_on = excluded.ends_on`, e.Code, e.Version, suspended, dayOrNil(endsOn))
}

// servedState is published, or superseded where a later version is published.
func (t *tx) servedState(ref transfer.RuleRef) (string, error) {
	last, err := reading(t.each).publishedVersions([]transfer.RuleRef{ref})
	if last[ref.Code] > ref.Version {
		return EvaluationSuperseded, err
	}
	return EvaluationPublished, err
}
