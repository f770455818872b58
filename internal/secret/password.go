package secret

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"strings"

	"golang.org/x/crypto/argon2"
)

// cost is what a hash of a password costs whoever guesses, and us.
type cost struct {
	memory  uint32 // KiB
	passes  uint32
	threads uint8
}

// today is what new hashes cost (OWASP's first choice for argon2id of small memory).
func today() cost { return cost{memory: 19 * 1024, passes: 2, threads: 1} }

// Most that a stored hash may ask for, so that none in a damaged database eats the machine.
const (
	mostMemory = 256 * 1024
	mostPasses = 16
)

const (
	saltLength = 16
	hashLength = 32
)

// Hasher hashes passwords with argon2id (RFC 9106), few at once: each takes 19 MiB,
// and a flood of sign-ins must not take the machine.
type Hasher struct{ slots chan struct{} }

// NewHasher makes a hasher that works on so many passwords at once.
func NewHasher(atOnce int) *Hasher { return &Hasher{slots: make(chan struct{}, atOnce)} }

// HashPassword gives the PHC string of a password: parameters, salt and hash, as it
// is stored. It waits for its turn until ctx ends.
func (h *Hasher) HashPassword(ctx context.Context, password string) (string, error) {
	salt := make([]byte, saltLength)
	if _, err := rand.Read(salt); err != nil {
		return "", err
	}
	hash, err := h.hash(ctx, password, salt, today(), hashLength)
	if err != nil {
		return "", err
	}
	return today().prefix() + encode(salt) + "$" + encode(hash), nil
}

// CheckPassword says whether a password is that of a PHC string, in a time that does
// not depend on how near it is. It promises ErrForm for a string that is none.
func (h *Hasher) CheckPassword(ctx context.Context, phc, password string) (bool, error) {
	c, salt, want, err := parse(phc)
	if err != nil {
		return false, err
	}
	got, err := h.hash(ctx, password, salt, c, len(want))
	if err != nil {
		return false, err
	}
	return subtle.ConstantTimeCompare(got, want) == 1, nil
}

// Outdated says whether a PHC string costs something else than new ones do: the
// password is then hashed again when it is next at hand.
func Outdated(phc string) bool { return !strings.HasPrefix(phc, today().prefix()) }

func (h *Hasher) hash(ctx context.Context, password string, salt []byte, c cost, length int) ([]byte, error) {
	select {
	case h.slots <- struct{}{}:
		defer func() { <-h.slots }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	return argon2.IDKey([]byte(password), salt, c.passes, c.memory, c.threads, uint32(length)), nil
}

func (c cost) prefix() string {
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$", argon2.Version, c.memory, c.passes, c.threads)
}

func encode(data []byte) string { return base64.RawStdEncoding.EncodeToString(data) }

// parse reads a PHC string. It promises ErrForm.
func parse(phc string) (c cost, salt, hash []byte, err error) {
	parts := strings.Split(phc, "$")
	if len(parts) != 6 {
		return c, nil, nil, ErrForm
	}
	if _, err := fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &c.memory, &c.passes, &c.threads); err != nil {
		return c, nil, nil, ErrForm
	}
	salt, saltErr := base64.RawStdEncoding.Strict().DecodeString(parts[4])
	hash, hashErr := base64.RawStdEncoding.Strict().DecodeString(parts[5])
	sound := saltErr == nil && hashErr == nil && len(salt) >= 8 && len(hash) >= 16 && len(hash) <= 128 &&
		c.memory >= 8 && c.memory <= mostMemory && c.passes >= 1 && c.passes <= mostPasses && c.threads >= 1 &&
		strings.HasPrefix(phc, c.prefix())
	if !sound {
		return c, nil, nil, ErrForm
	}
	return c, salt, hash, nil
}
