package ledger_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"creditbank/internal/ledger"
)

// The same elements in any order, in one collection or two, are the same; one more, one
// less, one twice or one changed are not.
func TestMultiset(t *testing.T) {
	key := ledger.Hash{1, 2, 3}
	var elements [][]byte
	for n := range 200 {
		elements = append(elements, fmt.Append(nil, "element ", n%150)) // some twice
	}
	of := func(key ledger.Hash, all [][]byte) *ledger.Multiset {
		m := ledger.NewMultiset(key)
		for _, e := range all {
			m.Put(e)
		}
		return m
	}
	whole := of(key, elements)
	shuffled := slices.Clone(elements)
	rand.Shuffle(len(shuffled), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
	if !whole.Same(of(key, shuffled[:70]), of(key, shuffled[70:])) {
		t.Error("the same in another order, in two parts, is not the same")
	}
	more := of(key, shuffled)
	more.Put([]byte("another"))
	none := ledger.NewMultiset(key)
	if whole.Same(more, none) {
		t.Error("one more is not seen")
	}
	if more.Take([]byte("another")); !whole.Same(more, none) {
		t.Error("what was put and taken stays")
	}
	for name, other := range map[string][][]byte{"one less": elements[1:], "nothing": nil, "one changed": append([][]byte{[]byte("element X")}, elements[1:]...),
		"one twice for another": append([][]byte{elements[1]}, elements[1:]...)} {
		if whole.Same(of(key, other), none) {
			t.Errorf("%s is not seen", name)
		}
	}
	if whole.Same(of(ledger.Hash{9}, elements), none) {
		t.Error("another key gives the same sum")
	}
}
