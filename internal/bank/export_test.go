package bank

import (
	"testing"

	"creditbank/internal/transfer"
)

// LimitPages lets the SQLite file grow no further, as a full disk does.
func (b *Bank) LimitPages(t *testing.T) {
	t.Helper()
	var pages int
	if err := b.db.writer.Get(&pages, "PRAGMA max_page_count = 1"); err != nil {
		t.Fatal(err)
	}
}

// LintDraft is lintDraft on the day of the bank.
func (b *Bank) LintDraft(t *testing.T, ref transfer.RuleRef, e Equivalence) (blocking, warnings []transfer.Finding) {
	t.Helper()
	s, err := b.Snapshot(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return s.lintDraft(ref, e, b.Today())
}
