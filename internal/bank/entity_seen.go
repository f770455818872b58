package bank

import (
	"hash/maphash"
	"math/bits"
)

// seenRows knows in which row of a file a key came, by the hash of the key: 12 bytes for
// each place of a table that is to 7/8 full at most.
type seenRows[K comparable] struct {
	seed   maphash.Seed
	hashes []uint64 // 0: an empty place
	rows   []uint32
	used   int
}

// seenAtFirst is the room for two parts of a file.
const seenAtFirst = 5 * importPart / 2

func newSeenRows[K comparable]() *seenRows[K] {
	return &seenRows[K]{seed: maphash.MakeSeed(), hashes: make([]uint64, seenAtFirst), rows: make([]uint32, seenAtFirst)}
}

// hash is what a key is known by, never 0.
func (s *seenRows[K]) hash(key K) uint64 { return maphash.Comparable(s.seed, key) | 1 }

// find is the place of a hash, or the empty one where it would be.
func (s *seenRows[K]) find(hash uint64) int {
	high, _ := bits.Mul64(hash, uint64(len(s.hashes)))
	at := int(high)
	for s.hashes[at] != 0 && s.hashes[at] != hash {
		if at++; at == len(s.hashes) {
			at = 0
		}
	}
	return at
}

// row is the row in which the key with a hash came last.
func (s *seenRows[K]) row(hash uint64) (number int, seen bool) {
	at := s.find(hash)
	return int(s.rows[at]), s.hashes[at] != 0
}

func (s *seenRows[K]) put(hash uint64, row int) {
	if s.used*8 >= len(s.hashes)*7 {
		s.grow()
	}
	s.set(hash, uint32(row))
}

func (s *seenRows[K]) set(hash uint64, row uint32) {
	at := s.find(hash)
	if s.hashes[at] == 0 {
		s.used++
	}
	s.hashes[at], s.rows[at] = hash, row
}

func (s *seenRows[K]) grow() {
	hashes, rows := s.hashes, s.rows
	size := len(hashes) * 3 / 2
	s.hashes, s.rows, s.used = make([]uint64, size), make([]uint32, size), 0
	for at, hash := range hashes {
		if hash != 0 {
			s.set(hash, rows[at])
		}
	}
}
