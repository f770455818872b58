package bank

import (
	"context"

	"creditbank/internal/calendar"
	"creditbank/internal/transfer"
)

// Lint lists the faults of the whole published map as it stands today.
func (b *Bank) Lint(ctx context.Context) ([]transfer.Finding, error) {
	s, err := b.Snapshot(ctx)
	if err != nil {
		return nil, err
	}
	return s.Map.Lint(b.Today()), nil
}

// lintDraft looks at a draft as if it were published today in this map. What
// blocks keeps it from being submitted: it could never serve, or contradicts
// another rule. The rest is said and may stand. See [transfer.Map.LintRule].
func (s *Snapshot) lintDraft(ref transfer.RuleRef, e Equivalence, today calendar.Day) (blocking, warnings []transfer.Finding) {
	return s.Map.LintRule(e.rule(ref, today), today)
}
