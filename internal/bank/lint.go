package bank

import (
	"context"

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
