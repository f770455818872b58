package bank

import (
	"context"
	"errors"

	"creditbank/internal/transfer"
)

// EvaluationRef is an evaluation as somebody saw it.
type EvaluationRef struct{ ID, Stamp string }

// Batch is what is to be approved together.
type Batch struct {
	Items []EvaluationRef
	Text  string
	Whole bool // all or nothing; else each for itself
	Try   bool // say what would happen, and write nothing
}

// BatchResult is what became of one, or would.
type BatchResult struct {
	ID       string
	Refused  *Error               // why not; nil: it is approved
	Warnings []transfer.Finding   // what lint says of it beside the others
	Replaces []transfer.RuleRef   // versions that it ends
	Sources  []transfer.CourseKey // of the rule
	Targets  []transfer.CourseKey

	rule *Equivalence
}

// BatchReport is what became of a batch.
type BatchReport struct {
	Results  []BatchResult // in the order of the items
	Approved int
	Written  bool
}

// mostInBatch bounds a batch: all of it is one write.
const mostInBatch = 200

// ApproveEvaluations approves many at once. Each item is refused for what
// [Bank.ActOnEvaluation] would refuse it for, which the report says; with Whole one
// refusal keeps all from being approved. It promises Denied to all but
// administrators, and Invalid naming items or text.
func (b *Bank) ApproveEvaluations(ctx context.Context, actor Actor, batch Batch) (BatchReport, error) {
	if err := actor.need(IsAdministrator); err != nil {
		return BatchReport{}, err
	}
	if n := len(batch.Items); n == 0 || n > mostInBatch {
		return BatchReport{}, invalidField("items", "", "number", map[string]any{"Low": 1, "High": mostInBatch})
	}
	act := EvaluationAct{Action: actApprove, Text: batch.Text}
	if err := act.read(b.Today()); err != nil {
		return BatchReport{}, err
	}
	report := BatchReport{Results: make([]BatchResult, len(batch.Items))}
	for i, item := range batch.Items {
		report.Results[i] = BatchResult{ID: item.ID}
		if err := b.lookAhead(ctx, actor, &report.Results[i], item); err != nil {
			return BatchReport{}, err
		}
	}
	if err := b.lintTogether(ctx, report.Results); err != nil {
		return BatchReport{}, err
	}
	err := b.approveAll(ctx, actor, batch, act, &report)
	if err == nil && report.Written {
		b.forget()
	}
	return report, err
}

// lookAhead says of an item what can be known before the write.
func (b *Bank) lookAhead(ctx context.Context, actor Actor, r *BatchResult, item EvaluationRef) error {
	ref, err := evaluationRef(item.ID)
	if err != nil {
		return r.refuse(err)
	}
	read := b.reading(ctx)
	e, err := read.evaluation(actor, ref)
	if err != nil {
		return r.refuse(err)
	}
	for _, s := range e.Sources {
		r.Sources = append(r.Sources, s.CourseKey)
	}
	r.Targets = e.courses()[len(e.Sources):]
	if err := e.allow(actor, actApprove, item.Stamp); err != nil {
		return r.refuse(err)
	}
	if last, err := read.publishedVersions([]transfer.RuleRef{ref}); err != nil {
		return err
	} else if last[ref.Code] > 0 {
		r.Replaces = []transfer.RuleRef{{Code: ref.Code, Version: last[ref.Code]}}
	}
	r.rule = &e.Equivalence
	return nil
}

// lintTogether looks over what is left of a batch as if all of it were published: two
// that contradict each other are both refused.
func (b *Bank) lintTogether(ctx context.Context, results []BatchResult) error {
	s, err := b.Snapshot(ctx)
	if err != nil {
		return err
	}
	var all transfer.Change
	for i := range results {
		if r := &results[i]; r.rule != nil {
			ref, _ := evaluationRef(r.ID) // it was found by it
			c := s.publishing(ref, *r.rule, b.Today())
			all.Rules, all.Ended = append(all.Rules, c.Rules...), append(all.Ended, c.Ended...)
		}
	}
	together := s.Map.With(all).After()
	for i := range results {
		r := &results[i]
		if r.rule == nil {
			continue
		}
		ref, _ := evaluationRef(r.ID)
		blocking, warnings := together.LintRule(r.rule.rule(ref, b.Today()), b.Today())
		r.Warnings = warnings
		if err := r.refuse(refuseBlocked(blocking)); err != nil {
			return err
		}
	}
	return nil
}

// refuse notes a refusal; what is none it gives back.
func (r *BatchResult) refuse(err error) error {
	var refusal *Error
	if errors.As(err, &refusal) && refusal.Code != Unavailable && refusal.Code != TooMany {
		r.Refused = refusal
		return nil
	}
	return err
}

// approveAll approves what was not refused: in one write when it is all or nothing,
// else each in its own.
func (b *Bank) approveAll(ctx context.Context, actor Actor, batch Batch, act EvaluationAct, report *BatchReport) error {
	if batch.Whole && !batch.Try && !report.refused() {
		err := b.write(ctx, actor, func(t *tx) error {
			for i, item := range batch.Items {
				if err := t.approveItem(act, item); err != nil {
					return report.Results[i].stop(err)
				}
			}
			return nil
		})
		if err != nil && !errors.Is(err, errRollback) {
			return err
		}
	}
	if !batch.Whole && !batch.Try {
		for i, item := range batch.Items {
			r := &report.Results[i]
			if r.Refused != nil {
				continue
			}
			if err := r.refuse(b.write(ctx, actor, func(t *tx) error { return t.approveItem(act, item) })); err != nil {
				return err
			}
		}
	}
	report.count(batch)
	return nil
}

// stop notes a refusal and ends a write that is all or nothing.
func (r *BatchResult) stop(err error) error {
	if err := r.refuse(err); err != nil {
		return err
	}
	return errRollback
}

func (t *tx) approveItem(act EvaluationAct, item EvaluationRef) error {
	ref, err := evaluationRef(item.ID)
	if err != nil {
		return err
	}
	e, err := reading(t.each).evaluation(t.actor, ref)
	if err != nil {
		return err
	}
	act.Stamp = item.Stamp
	return t.actOnEvaluation(e, act)
}

func (r *BatchReport) refused() bool {
	for _, result := range r.Results {
		if result.Refused != nil {
			return true
		}
	}
	return false
}

// count says how many are approved, or would be.
func (r *BatchReport) count(batch Batch) {
	if batch.Whole && r.refused() {
		return
	}
	for _, result := range r.Results {
		if result.Refused == nil {
			r.Approved++
		}
	}
	r.Written = !batch.Try && r.Approved > 0
}
