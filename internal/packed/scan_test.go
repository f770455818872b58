package packed_test

import (
	"slices"
	"strings"
	"testing"

	"creditbank/internal/packed"
)

func TestAllTextsInOrder(t *testing.T) {
	var texts packed.Texts
	for range texts.All() {
		t.Error("there is a text in an empty list")
	}
	for i := range 70 {
		texts.Append(strings.Repeat("学", i*5))
	}
	next := uint32(0)
	for n, text := range texts.All() {
		if n != next || text != texts.At(n) {
			t.Fatalf("text %d is %q, want %d and %q", n, text, next, texts.At(n))
		}
		next++
	}
	if next != 70 {
		t.Errorf("%d texts", next)
	}
}

func TestSetOfARange(t *testing.T) {
	s := packed.NewSet(130)
	s.AddRange(62, 130)
	s.Remove(64)
	if !s.Has(62) || s.Has(64) || s.Has(61) || !s.Has(129) || len(slices.Collect(s.All())) != 67 {
		t.Errorf("got %v", slices.Collect(s.All()))
	}
}
