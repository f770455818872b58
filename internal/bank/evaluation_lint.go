package bank

import (
	"context"

	"creditbank/internal/transfer"
)

// lintProposed looks over a version as if it were published beside what is: what
// keeps it from being so, and what somebody should look at.
func (b *Bank) lintProposed(ctx context.Context, ref transfer.RuleRef, e Equivalence) (blocking, warnings []transfer.Finding, err error) {
	s, err := b.Snapshot(ctx)
	if err != nil {
		return nil, nil, err
	}
	for _, f := range s.Map.With(transfer.Change{Rules: []transfer.Rule{ruleOf(ref, e)}}).Faults() {
		blocking = append(blocking, transfer.Finding{Class: transfer.LintFault, Rules: []transfer.RuleRef{ref}, Course: f.Course, Field: f.Field, Code: f.Code})
	}
	return blocking, nil, nil
}

// ruleOf is a version as the engine takes it.
func ruleOf(ref transfer.RuleRef, e Equivalence) transfer.Rule {
	return transfer.Rule{RuleRef: ref, Institution: e.Institution, Programme: e.Programme, Sources: e.Sources, Targets: e.Targets, From: e.From, To: e.To,
		Validity: e.Validity, Priority: e.Priority, Outcome: e.Outcome, Reasons: e.Reasons, Note: e.Note}
}

// refuseBlocked promises Conflict (error.evaluation_blocked), naming the classes of
// what lint finds that keeps a version from being published.
func refuseBlocked(blocking []transfer.Finding) error {
	if len(blocking) == 0 {
		return nil
	}
	var fields []FieldError
	for _, f := range blocking {
		value := f.Code
		for _, ref := range f.Rules {
			value += " " + EvaluationID(ref)
		}
		fields = append(fields, FieldError{Field: string(f.Class), Value: value, Code: "lint_blocks"})
	}
	return &Error{Code: Conflict, Key: "error.evaluation_blocked", Args: map[string]any{"Count": len(blocking)}, Fields: fields}
}
