package bank

import (
	"context"
	"fmt"
	"slices"

	"creditbank/internal/calendar"
	"creditbank/internal/transfer"
)

// SubmitPriorLearning hands a draft in to the school: every outcome has its two texts.
// declared is the learner's word that all of it is true and their own.
//
// It promises NotFound; Invalid, naming declared, outcomes[0].can or outcomes[0].how;
// Conflict as [Bank.SavePriorLearning] does, and error.prior_moved when the outcomes of
// the course are not those of the draft any more: the draft has the new ones then, with
// what was written to those that stayed.
func (b *Bank) SubmitPriorLearning(ctx context.Context, actor Actor, id, stamp string, declared bool) (PriorLearning, error) {
	p, err := b.ownPrior(ctx, actor, id)
	if err != nil {
		return p, err
	}
	if p.State != PriorDraft { // the reasons below are about drafts
		return p, &Error{Code: Conflict, Key: "error.prior_state", Args: map[string]any{"State": p.State}}
	}
	if err := p.complete(declared); err != nil {
		return p, err
	}
	course, err := b.priorCourseOf(ctx, p.Learner, p.To, p.Course)
	if err != nil {
		return p, err
	}
	if course.Reason != "" && course.Running != id {
		return p, priorRefusal(course.Reason)
	}
	moved := false
	err = b.write(ctx, actor, func(t *tx) error {
		p, err := t.priorIn(id, stamp, PriorDraft)
		if err != nil {
			return err
		}
		if moved, err = t.freshenPrior(&p); err != nil || moved {
			return err
		}
		return t.submitPrior(&p)
	})
	if err == nil && moved {
		err = &Error{Code: Conflict, Key: "error.prior_moved"}
	}
	if err != nil {
		return p, err
	}
	return b.PriorLearning(ctx, actor, id)
}

// complete promises Invalid.
func (p *PriorLearning) complete(declared bool) error {
	var faults []FieldError
	for i, o := range p.Outcomes {
		for _, part := range []struct{ field, text string }{{"can", o.Can}, {"how", o.How}} {
			if part.text == "" {
				faults = append(faults, FieldError{Field: fmt.Sprintf("outcomes[%d].%s", i, part.field), Code: "required"})
			}
		}
	}
	if !declared {
		faults = append(faults, FieldError{Field: "declared", Code: "required"})
	}
	if len(faults) > 0 {
		return invalidFields(faults)
	}
	return nil
}

// freshenPrior gives a draft the outcomes of today, and says whether they are others.
func (t *tx) freshenPrior(p *PriorLearning) (moved bool, err error) {
	versions, err := courseVersions(t.each, transfer.CourseKey{Institution: p.To.Institution, Code: p.Course})
	if err != nil || len(versions) == 0 {
		return false, err
	}
	now := detailOn(versions, calendar.Of(t.now))
	var was []Outcome
	for _, o := range p.Outcomes {
		was = append(was, o.Outcome)
	}
	if slices.Equal(was, now.Outcomes) && now.Credits == p.Credits {
		return false, nil
	}
	for _, statement := range []string{`DELETE FROM prior_outcome WHERE prior_learning = $1`, `DELETE FROM prior_learning WHERE id = $1`} {
		if err := t.exec(statement, p.ID); err != nil {
			return false, err
		}
	}
	old := p.Outcomes
	p.Outcomes = nil
	if err := t.insertPrior(p); err != nil {
		return false, err
	}
	if err := t.moveOutcomeFiles(p, old); err != nil {
		return false, err
	}
	return true, t.keepPriorTexts(p, textsAgain(old, p.Outcomes), nil)
}

// moveOutcomeFiles lets files follow their outcomes; those of outcomes that are gone go
// to the first.
func (t *tx) moveOutcomeFiles(p *PriorLearning, old []PriorOutcome) error {
	for _, o := range old {
		if err := t.renameFiles(priorObject(p.ID, o.Number), priorObject(p.ID, -o.Number)); err != nil {
			return err
		}
	}
	for _, o := range old {
		at := max(0, slices.IndexFunc(p.Outcomes, func(now PriorOutcome) bool { return now.Outcome == o.Outcome }))
		if err := t.renameFiles(priorObject(p.ID, -o.Number), priorObject(p.ID, at+1)); err != nil {
			return err
		}
	}
	return nil
}

func (t *tx) renameFiles(from, to string) error {
	return t.exec(`UPDATE attachment SET object = $1 WHERE kind = $2 AND object = $3`, to, KindPriorLearning, from)
}

// textsAgain puts what was written to outcomes that stayed beside them.
func textsAgain(old, now []PriorOutcome) (texts priorTexts) {
	for _, o := range now {
		var text priorText
		if at := slices.IndexFunc(old, func(was PriorOutcome) bool { return was.Outcome == o.Outcome }); at >= 0 {
			text = priorText{old[at].Can, old[at].How}
		}
		texts.Outcomes = append(texts.Outcomes, text)
	}
	return texts
}

func (t *tx) submitPrior(p *PriorLearning) error {
	err := t.exec(`UPDATE prior_learning SET state = 'submitted', stamp = $1, changed_at = $2, submitted_at = $2 WHERE id = $3`, newStamp(), micros(t.now), p.ID)
	if err != nil {
		return err
	}
	if _, err := t.startClock(clockPriorWhole, p.ID, "", p.Learner); err != nil {
		return err
	}
	if _, err := t.startClock(clockPriorSchool, p.ID, p.To.Institution, p.Learner); err != nil {
		return err
	}
	if err := t.tellPrior(p, recipient{Institution: p.To.Institution, Roles: IsRegistrar | IsDecider}, "prior_in"); err != nil {
		return err
	}
	return t.notePrior("prior.submit", p, fmt.Sprintf("outcomes=%d", len(p.Outcomes)))
}

// DiscardPriorLearning throws a draft away, with its files. It promises NotFound, and
// Conflict (error.prior_stale, error.prior_state).
func (b *Bank) DiscardPriorLearning(ctx context.Context, actor Actor, id, stamp string) error {
	if _, err := b.ownPrior(ctx, actor, id); err != nil {
		return err
	}
	return b.write(ctx, actor, func(t *tx) error {
		p, err := t.priorIn(id, stamp, PriorDraft)
		if err != nil {
			return err
		}
		return t.discardPrior(&p)
	})
}

func (t *tx) discardPrior(p *PriorLearning) error {
	for _, o := range p.Outcomes {
		if err := t.exec(`DELETE FROM attachment WHERE kind = $1 AND object = $2`, KindPriorLearning, priorObject(p.ID, o.Number)); err != nil {
			return err
		}
	}
	for _, statement := range []string{`DELETE FROM prior_outcome WHERE prior_learning = $1`, `DELETE FROM prior_learning WHERE id = $1`} {
		if err := t.exec(statement, p.ID); err != nil {
			return err
		}
	}
	return t.notePrior("prior.discard", p, "")
}

// WithdrawPriorLearning takes back what is not decided; after an appeal the decision
// before it stays. It promises NotFound, and Conflict (error.prior_stale,
// error.prior_state).
func (b *Bank) WithdrawPriorLearning(ctx context.Context, actor Actor, id, stamp string) error {
	if _, err := b.ownPrior(ctx, actor, id); err != nil {
		return err
	}
	return b.write(ctx, actor, func(t *tx) error {
		p, err := t.priorIn(id, stamp, PriorSubmitted, PriorAssigned, PriorAssessed)
		if err != nil {
			return err
		}
		return t.withdrawPrior(&p)
	})
}

func (t *tx) withdrawPrior(p *PriorLearning) error {
	state := PriorWithdrawn
	if p.Round > PriorFirst {
		state = PriorRefused
	}
	if err := t.movePrior(p, state); err != nil {
		return err
	}
	if err := t.endPriorClocks(p.ID); err != nil {
		return err
	}
	to := recipient{Institution: p.To.Institution, Roles: IsRegistrar | IsDecider}
	if p.Round == PriorAppealBank {
		to = recipient{Roles: IsAdministrator}
	}
	if err := t.tellPrior(p, to, "prior_withdrawn"); err != nil {
		return err
	}
	return t.notePrior("prior.withdraw", p, fmt.Sprintf("round=%d", p.Round))
}

// movePrior gives a recognition another state.
func (t *tx) movePrior(p *PriorLearning, state string) error {
	p.State = state
	return t.exec(`UPDATE prior_learning SET state = $1, round = $2, stamp = $3, changed_at = $4 WHERE id = $5`, state, p.Round, newStamp(), micros(t.now), p.ID)
}
