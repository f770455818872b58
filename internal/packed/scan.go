package packed

import (
	"iter"
	"unsafe"
)

// All gives the texts in the order of their numbers. Each costs less than by
// [Texts.At], which must find where it begins.
func (t *Texts) All() iter.Seq2[uint32, string] {
	return func(yield func(uint32, string) bool) {
		b := t.bytes
		for n := range uint32(t.Len()) {
			length, used := length(b)
			if !yield(n, unsafe.String(unsafe.SliceData(b[used:]), length)) {
				return
			}
			b = b[used+length:]
		}
	}
}

// Has says whether a number is in the set.
func (s Set) Has(n int32) bool { return s[n/64]>>(n%64)&1 != 0 }

// Remove takes a number out of the set.
func (s Set) Remove(n int32) { s[n/64] &^= 1 << (n % 64) }

// AddRange puts all numbers from one to below another into the set.
func (s Set) AddRange(from, to int32) {
	for n := from; n < to; n++ {
		s.Add(n)
	}
}
