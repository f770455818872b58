package bank

import (
	"crypto/rand"
	"encoding/binary"

	"creditbank/internal/credit"
	"creditbank/internal/ledger"
)

// saltSize is how long the salt of a result's digest is, in bytes.
const saltSize = 16

// newSalt is unguessable: crypto/rand never fails. Many are asked for at once.
func (j *journal) newSalt() []byte {
	const many = 16
	if len(j.salts) == 0 {
		j.salts = make([]byte, many*saltSize)
		_, _ = rand.Read(j.salts)
	}
	salt := j.salts[:saltSize:saltSize]
	j.salts = j.salts[saltSize:]
	return salt
}

// contentOf appends what a digest is taken of: the cells of the result as it is
// exported, each behind its length (docs/ledger-format.md).
func contentOf(content []byte, v *Record) []byte {
	for _, cell := range [...]string{v.Kind, v.Course, v.Title, v.Grade, v.Scale, shown(v.Credits, -1, credit.Amount.String), shown(v.Hours, -1, credit.Hours.String),
		shownNumber(v.Level, 0), v.Completed.String(), v.Term} {
		content = append(binary.AppendUvarint(content, uint64(len(cell))), cell...)
	}
	return content
}

func digestOf(salt []byte, v *Record) ledger.Hash {
	var room [256]byte
	return ledger.DigestOf(salt, contentOf(room[:0], v))
}
