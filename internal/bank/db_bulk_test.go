package bank

import (
	"testing"
)

// Of rows that share some of their values each comes back as it was written, on
// SQLite from statements in which the shared ones stand first.
func TestSharedValues(t *testing.T) {
	rows := [][]any{
		{"a", int64(1), nil, []byte{1}, true},
		{"a", int64(2), nil, []byte{1}, true},
		{"a", int64(2), nil, nil, true},
	}
	same := sameValues(rows)
	want := []bool{true, false, true, false, true}
	for i := range want {
		if same[i] != want[i] {
			t.Errorf("column %d is shared: %v", i, same[i])
		}
	}
	args, err := bound(nil, same, rows)
	if err != nil || len(args) != 3+3*2 {
		t.Fatalf("%d parameters, %v", len(args), err)
	}
	for i, value := range []any{"a", nil, true, int64(1)} {
		if args[i].Value != value || args[i].Ordinal != i+1 {
			t.Errorf("parameter %d is %v", i+1, args[i])
		}
	}
	if text := sharingStatement("x", []string{"a", "b"}, []bool{false, true}); text[:len("INSERT INTO x (a, b) VALUES (?2,?1),(?3,?1),")] != "INSERT INTO x (a, b) VALUES (?2,?1),(?3,?1)," {
		t.Errorf("%.80s", text)
	}
}
