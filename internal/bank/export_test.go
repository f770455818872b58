package bank

import "testing"

// LimitPages lets the SQLite file grow no further, as a full disk does.
func (b *Bank) LimitPages(t *testing.T) {
	t.Helper()
	var pages int
	if err := b.db.writer.Get(&pages, "PRAGMA max_page_count = 1"); err != nil {
		t.Fatal(err)
	}
}
