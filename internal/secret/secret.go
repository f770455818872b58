// Package secret keeps personal texts from whoever holds the database alone: it
// seals them (AES-256-GCM), makes digests by which they are found again
// (HMAC-SHA-256 with a key of its own), and knows passwords and one-time codes.
// It does no I/O but asking for randomness.
package secret

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"

	"github.com/tink-crypto/tink-go/v2/aead"
	"github.com/tink-crypto/tink-go/v2/insecurecleartextkeyset"
	"github.com/tink-crypto/tink-go/v2/keyset"
	"github.com/tink-crypto/tink-go/v2/tink"
)

// What is refused.
var (
	// ErrForm is a key that is none.
	ErrForm = errors.New("no key of this form")
	// ErrOtherMaster is a set of keys that another master key wraps, or that was altered.
	ErrOtherMaster = errors.New("not wrapped by this key")
	// ErrUnknownKey is a sealed text whose key is not in the set: it may be newer than the set.
	ErrUnknownKey = errors.New("sealed with a key that is not in the set")
	// ErrAltered is a sealed text that was altered, or that belongs to another row.
	ErrAltered = errors.New("altered, or of another row")
)

// masterPrefix begins the text of a master key, so that nobody takes another secret for one.
const masterPrefix = "PERSONAL+KEY+"

// Master is the key that wraps the keys of a bank. It is never in the database.
type Master struct {
	text string
	aead tink.AEAD
}

// NewMaster makes a master key.
func NewMaster() (*Master, error) {
	handle, err := keyset.NewHandle(aead.AES256GCMKeyTemplate())
	if err != nil {
		return nil, err
	}
	var plain bytes.Buffer
	if err := insecurecleartextkeyset.Write(handle, keyset.NewBinaryWriter(&plain)); err != nil {
		return nil, err
	}
	return ReadMaster(masterPrefix + base64.RawURLEncoding.EncodeToString(plain.Bytes()))
}

// ReadMaster reads what Text gave. It promises ErrForm.
func ReadMaster(text string) (*Master, error) {
	text = strings.TrimSpace(text)
	encoded, found := strings.CutPrefix(text, masterPrefix)
	plain, err := base64.RawURLEncoding.Strict().DecodeString(encoded)
	if !found || err != nil {
		return nil, ErrForm
	}
	handle, err := insecurecleartextkeyset.Read(keyset.NewBinaryReader(bytes.NewReader(plain)))
	if err != nil {
		return nil, ErrForm // Tink's own reason could show a piece of the key
	}
	primitive, err := aead.New(handle)
	if err != nil {
		return nil, ErrForm
	}
	return &Master{text: text, aead: primitive}, nil
}

// Text is the key itself, one line, for a file that only the bank can read.
func (m *Master) Text() string { return m.text }

// prefixLength is what a sealed text begins with: Tink's version and the number of the key.
const prefixLength = 5

// Prefix is what every text begins with that the key of a number sealed.
func Prefix(id uint32) []byte { return binary.BigEndian.AppendUint32([]byte{1}, id) }

// keyOf is the number of the key that sealed a text; false for what is none.
func keyOf(sealed []byte) (uint32, bool) {
	if len(sealed) < prefixLength || sealed[0] != 1 {
		return 0, false
	}
	return binary.BigEndian.Uint32(sealed[1:prefixLength]), true
}

// Seal seals a text for one row of one kind: it opens for no other. kind holds no zero byte.
func (k *Keys) Seal(kind, row string, plain []byte) ([]byte, error) {
	return k.aead.Encrypt(plain, boundTo(kind, row))
}

// Open gives a sealed text. It promises ErrUnknownKey and ErrAltered.
func (k *Keys) Open(kind, row string, sealed []byte) ([]byte, error) {
	id, ok := keyOf(sealed)
	if !ok {
		return nil, ErrAltered
	}
	if !k.Has(id) {
		return nil, fmt.Errorf("%w: %08x", ErrUnknownKey, id)
	}
	plain, err := k.aead.Decrypt(sealed, boundTo(kind, row))
	if err != nil {
		return nil, ErrAltered
	}
	return plain, nil
}

func boundTo(kind, row string) []byte { return []byte(kind + "\x00" + row) }

// BlindLength is how long a digest of the blind index is, in bytes.
const BlindLength = 16

// Blind is the digest by which a text is found without being readable: equal texts
// of a field have equal digests. Whoever holds no key can neither make nor guess
// one, however few texts there may be. field holds no zero byte.
func (k *Keys) Blind(field, normalised string) ([]byte, error) {
	return k.index.ComputePrimaryPRF(boundTo(field, normalised), BlindLength)
}
