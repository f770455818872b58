package bank

import (
	"path/filepath"
	"strings"
	"testing"

	"creditbank/internal/credit"
	"creditbank/internal/ledger"
)

// spoiltEntries are entries that are right but for one thing, which may be wrong.
func spoiltEntries() (all []Entry) {
	for _, e := range []Entry{
		{Kind: ledger.Deposit, Debit: ledger.IssuerOf("i"), Credit: ledger.AvailableOf("a"), Digest: ledger.Hash{1}},
		{Kind: ledger.Hold, Debit: ledger.AvailableOf("a"), Credit: ledger.HeldOf("a")},
		{Kind: ledger.Convert, Debit: ledger.InConversion(), Credit: ledger.AppliedAt("a", "i", "p")},
		{Kind: ledger.Merge, Debit: ledger.AvailableOf("a"), Credit: ledger.AvailableOf("b")},
		{Kind: ledger.Reverse, Debit: ledger.AvailableOf("a"), Credit: ledger.IssuerOf("i"), Reverses: 3},
	} {
		e.Number, e.Batch, e.Amount, e.Record, e.Actor, e.At, e.Cause = 7, 6, 400, ledger.Record{Institution: "i", Reference: "r"}, "b", 1, Cause{Kind: "import", ID: "4"}
		spoilt := func(spoil func(*Entry)) {
			other := e
			spoil(&other)
			all = append(all, other)
		}
		// No text with a NUL: SQLite's length() ends there. No reader lets one in, and no actor, cause or reason of ours has one.
		for _, text := range []string{"", "a", "-", strings.Repeat("𠮷", 80), strings.Repeat("字", 81), "a b", "A_b", "\x01", "\xff"} {
			spoilt(func(e *Entry) { e.Debit.Owner = text })
			spoilt(func(e *Entry) { e.Credit.Owner = text })
			spoilt(func(e *Entry) { e.Record.Institution = text })
			spoilt(func(e *Entry) { e.Record.Reference = text })
			spoilt(func(e *Entry) { e.Reason = text })
			spoilt(func(e *Entry) { e.Actor = text })
			spoilt(func(e *Entry) { e.Cause.Kind = text })
			spoilt(func(e *Entry) { e.Cause.ID = text })
		}
		for _, number := range []int64{-1, 0, 1, 6, 7, 8, 999_999, 1_000_000} {
			spoilt(func(e *Entry) { e.Number = number })
			spoilt(func(e *Entry) { e.Batch = number })
			spoilt(func(e *Entry) { e.Amount = credit.Amount(number) })
			spoilt(func(e *Entry) { e.Reverses = number })
			spoilt(func(e *Entry) { e.At = number })
		}
		for number := range 10 {
			spoilt(func(e *Entry) { e.Kind = ledger.Kind(number) })
			spoilt(func(e *Entry) { e.Debit.Place = ledger.Place(number) })
		}
		spoilt(func(e *Entry) { e.Debit = e.Credit })
		spoilt(func(e *Entry) { e.Digest = ledger.Hash{2} })
		spoilt(func(e *Entry) { e.Cause = Cause{} })
	}
	return all
}

// What the ledger's own rules let through keeps to the conditions of the table of entries:
// where they are not asked, nothing else gets in.
func TestLedgerAsksWhatTheTableAsks(t *testing.T) {
	b, err := Open(t.Context(), "sqlite:"+filepath.Join(t.TempDir(), "bank.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = b.Close() }()
	right, wrong := 0, 0
	err = b.write(t.Context(), Actor{Name: "probe"}, func(tx *tx) error {
		var table string
		if err := tx.Get(&table, `SELECT sql FROM sqlite_schema WHERE name = 'entry'`); err != nil {
			return err
		}
		if err := tx.exec(strings.Replace(table, "CREATE TABLE entry", "CREATE TEMPORARY TABLE entry_like", 1)); err != nil {
			return err
		}
		for _, e := range spoiltEntries() {
			if e.Check() != nil {
				wrong++
				continue
			}
			right++
			rows := newEntries(1)
			rows.table = "entry_like"
			rows.entry(&e, ledger.Hash{})
			if err := tx.insertRows(rows); err != nil {
				t.Errorf("%+v: %v", e, err)
			}
			if err := tx.exec(`DELETE FROM entry_like`); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil || right < 100 || wrong < 100 {
		t.Errorf("%d entries are right, %d wrong, %v", right, wrong, err)
	}
}
