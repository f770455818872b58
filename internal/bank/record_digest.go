package bank

import (
	"crypto/rand"
	"encoding/binary"

	"creditbank/internal/credit"
	"creditbank/internal/ledger"
)

// saltSize is how long the salt of a result's digest is, in bytes.
const saltSize = 16

// newSalt is unguessable: crypto/rand never fails.
func newSalt() []byte {
	salt := make([]byte, saltSize)
	_, _ = rand.Read(salt)
	return salt
}

// contentOf is what a digest is taken of: the cells of the result as it is
// exported, each behind its length (docs/ledger-format.md).
func contentOf(v *Record) []byte {
	content := make([]byte, 0, 128)
	for _, cell := range [...]string{v.Kind, v.Course, v.Title, v.Grade, v.Scale, shown(v.Credits, -1, credit.Amount.String), shown(v.Hours, -1, credit.Hours.String),
		shownNumber(v.Level, 0), v.Completed.String(), v.Term} {
		content = append(binary.AppendUvarint(content, uint64(len(cell))), cell...)
	}
	return content
}

func digestOf(salt []byte, v *Record) ledger.Hash { return ledger.DigestOf(salt, contentOf(v)) }
