package packed

import (
	"iter"
	"math/bits"
)

// Set is a set of numbers below a limit, one bit each. It gives them back in
// ascending order.
type Set []uint64

// NewSet is the empty set of numbers from 0 to below limit.
func NewSet(limit int32) Set { return make(Set, (limit+63)/64) }

// Add puts a number into the set.
func (s Set) Add(n int32) { s[n/64] |= 1 << (n % 64) }

// Clear takes all numbers out.
func (s Set) Clear() { clear(s) }

// All gives the numbers, ascending.
func (s Set) All() iter.Seq[int32] {
	return func(yield func(int32) bool) {
		for i, word := range s {
			for ; word != 0; word &= word - 1 {
				if !yield(int32(i*64 + bits.TrailingZeros64(word))) {
					return
				}
			}
		}
	}
}
