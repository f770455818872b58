package bank

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"strings"
)

// numberLength is how many characters the numbers of people and things have that
// are drawn: 60 bits, which two of a bank do not share. They are no secrets.
const numberLength = 12

// newNumber draws a number.
func newNumber() string { return strings.ToLower(rand.Text()[:numberLength]) }

// secretBytes is the size of a secret: 256 bits, which nobody guesses.
const secretBytes = 32

// newSecret draws a secret, as text for links and headers, and its digest.
func newSecret() (secret string, digest []byte) {
	random := make([]byte, secretBytes)
	_, _ = rand.Read(random) // it never fails (crypto/rand)
	secret = base64.RawURLEncoding.EncodeToString(random)
	return secret, secretDigest(secret)
}

// secretDigest is what the bank keeps of a secret: its SHA-256.
func secretDigest(secret string) []byte {
	digest := sha256.Sum256([]byte(secret))
	return digest[:]
}
