package bank

import (
	"context"

	"creditbank/internal/transfer"
)

// LintRule looks over a version as if it were published beside what is: what
// keeps it from being so, and what somebody should look at.
func (b *Bank) LintRule(ctx context.Context, ref transfer.RuleRef, e Equivalence) (blocking, warnings []transfer.Finding, err error) {
	s, err := b.Snapshot(ctx)
	if err != nil {
		return nil, nil, err
	}
	blocking, warnings = s.lintDraft(ref, e, b.Today())
	return blocking, warnings, nil
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
