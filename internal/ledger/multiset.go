package ledger

import (
	"crypto/sha256"
	"encoding/binary"
)

// Multiset is a hash of a collection in which order does not count and repetition
// does: two have the same sum if the same was put into both, and else, but for a chance
// of one in 2²⁵⁶, not. So two passes over a ledger, each in the order that is quick to
// read, find out without memory whether they saw the same. It is MSet-Add-Hash of Clarke,
// Devadas, van Dijk, Gassend and Suh (Asiacrypt 2003), by lanes of 64 bits: the sum of
// SHA-256 over a secret key and the element. Who writes the rows must not know the key.
type Multiset struct {
	key  Hash
	sum  [4]uint64
	room []byte
}

// NewMultiset is an empty collection. Only those of one key compare.
func NewMultiset(key Hash) *Multiset { return &Multiset{key: key} }

// Put adds one of an element.
func (m *Multiset) Put(element []byte) {
	for i, lane := range m.lanes(element) {
		m.sum[i] += lane
	}
}

// Take removes one of an element, which need not be there yet.
func (m *Multiset) Take(element []byte) {
	for i, lane := range m.lanes(element) {
		m.sum[i] -= lane
	}
}

// Same says whether two collections together hold what this one holds.
func (m *Multiset) Same(one, other *Multiset) bool {
	for i := range m.sum {
		if m.sum[i] != one.sum[i]+other.sum[i] {
			return false
		}
	}
	return true
}

func (m *Multiset) lanes(element []byte) (lanes [4]uint64) {
	m.room = append(append(m.room[:0], m.key[:]...), element...)
	hash := sha256.Sum256(m.room)
	for i := range lanes {
		lanes[i] = binary.LittleEndian.Uint64(hash[8*i:])
	}
	return lanes
}
