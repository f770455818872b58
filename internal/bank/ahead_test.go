package bank

import (
	"slices"
	"testing"
)

// What a sequence gives comes in its order, and what panics in it panics where it is used.
func TestAhead(t *testing.T) {
	count := func(end func()) func(func(int) bool) {
		return func(yield func(int) bool) {
			defer end()
			for n := range 5 {
				if !yield(n) {
					return
				}
			}
		}
	}
	ended := false
	if got := slices.Collect(ahead(count(func() { ended = true }))); !slices.Equal(got, []int{0, 1, 2, 3, 4}) || !ended {
		t.Errorf("%v, ended %v", got, ended)
	}
	ended = false
	for n := range ahead(count(func() { ended = true })) {
		if n == 1 {
			break
		}
	}
	if !ended {
		t.Error("it goes on though nobody takes any more")
	}
	var got []int
	func() {
		defer func() {
			if caught := recover(); caught != "broken" {
				t.Errorf("it panicked with %v", caught)
			}
		}()
		for n := range ahead(count(func() { panic("broken") })) {
			got = append(got, n)
		}
	}()
	if len(got) != 5 {
		t.Errorf("before the panic came %v", got)
	}
}
