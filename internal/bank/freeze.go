package bank

import (
	"context"

	"creditbank/internal/transfer"
)

// Freeze keeps the question of Plan, or of PlanLearner when an account is named,
// with all that its answer depends on and the answer. It promises what they do.
func (b *Bank) Freeze(ctx context.Context, actor Actor, account string, in CheckInput) (transfer.Case, error) {
	ask := func() (*question, error) { return b.question(ctx, in) }
	if account != "" {
		ask = func() (*question, error) { return b.learnerQuestion(ctx, actor, account, in) }
	}
	q, err := ask()
	if err != nil {
		return transfer.Case{}, err
	}
	c, known := q.mapOf(in.To).Freeze(in.To, q.records, q.asOf)
	if !known {
		return transfer.Case{}, notFound("programme", in.To.Institution+":"+in.To.Code)
	}
	if given := q.given[in.To]; len(given) > 0 {
		c = freezeAgain(c, given)
	}
	return c, nil
}
