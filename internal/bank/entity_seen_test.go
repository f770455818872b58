package bank

import "testing"

// Each key is known by its last row, however often the table has grown, and no other is.
func TestSeenRows(t *testing.T) {
	const keys = 5 * seenAtFirst
	s := newSeenRows[recordKey]()
	key := func(n int) recordKey { return recordKey{"A", string(rune('a'+n%26)) + string(rune(0x4e00+n/26))} }
	for n := range keys {
		s.put(s.hash(key(n)), n)
		if n%3 == 0 {
			s.put(s.hash(key(n)), n+7)
		}
	}
	for n := range 2 * keys {
		want, known := n, n < keys
		if n%3 == 0 {
			want += 7
		}
		if row, seen := s.row(s.hash(key(n))); seen != known || seen && row != want {
			t.Fatalf("key %d: row %d, seen %v", n, row, seen)
		}
	}
	if full := float64(s.used) / float64(len(s.hashes)); s.used != keys || full > 7./8 {
		t.Errorf("%d keys, %.2f full", s.used, full)
	}
}
