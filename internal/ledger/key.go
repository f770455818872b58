package ledger

import (
	"crypto/ed25519"
	"encoding/base64"
	"errors"
	"io"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
)

// Signer signs checkpoints with the bank's Ed25519 key (C2SP signed-note).
type Signer struct {
	signer note.Signer
	public string
}

// GenerateKey makes a key for a log: the secret, a line that begins with
// PRIVATE+KEY and is kept away from the database, and the public key, a line
// ORIGIN+HASH+KEY that anyone may have (C2SP signed-note). The error is BadKey for
// an origin that is empty or holds a space or a plus, or that of random.
func GenerateKey(random io.Reader, origin string) (secret, public string, err error) {
	secret, public, err = note.GenerateKey(random, origin)
	if err != nil {
		return "", "", err
	}
	if _, err := note.NewVerifier(public); err != nil {
		return "", "", fault(None, BadKey, "origin")
	}
	return secret, public, nil
}

// NewSigner reads the secret of GenerateKey. The error is BadKey.
func NewSigner(secret string) (*Signer, error) {
	signer, err := note.NewSigner(secret)
	if err != nil {
		return nil, fault(None, BadKey, "secret")
	}
	parts := strings.SplitN(secret, "+", 5) // PRIVATE+KEY+NAME+HASH+KEY, and base64 has a plus too
	seed, err := base64.StdEncoding.DecodeString(parts[len(parts)-1])
	if err != nil || len(seed) != 1+ed25519.SeedSize {
		return nil, fault(None, BadKey, "secret")
	}
	key := ed25519.NewKeyFromSeed(seed[1:]).Public().(ed25519.PublicKey)
	public, err := note.NewEd25519VerifierKey(signer.Name(), key)
	if err != nil {
		return nil, fault(None, BadKey, "secret")
	}
	return &Signer{signer, public}, nil
}

// Origin is the name of the log, and of the key.
func (s *Signer) Origin() string { return s.signer.Name() }

// Public is the public key, as GenerateKey gave it.
func (s *Signer) Public() string { return s.public }

// Sign makes the signed checkpoint of a head and of the audit log: the text, an
// empty line and the signature. The bank signs only what extends the checkpoint it signed last.
func (s *Signer) Sign(head, audit Head) ([]byte, error) {
	return note.Sign(&note.Note{Text: Checkpoint{s.Origin(), head, audit}.String()}, s.signer)
}

// Key is a public key of the bank and the size of the log from which on it
// signs, up to the size at which the next one begins. A key that takes over
// from another begins at the size of the log and one: the head of that moment
// keeps its old signature, and at each size one key is in force.
type Key struct {
	From   int64
	Public string
}

// Keys are all keys the log ever had: an old key goes on verifying the
// checkpoints of its time, and no others.
type Keys struct {
	list  []Key
	known []note.Verifier
}

// NewKeys takes the keys in the order of their time. The error is BadKey: no
// key, one that cannot be read, another origin, sizes that do not rise, a key named twice.
func NewKeys(list ...Key) (*Keys, error) {
	keys := &Keys{list: slices.Clone(list)}
	for i, key := range list {
		verifier, err := note.NewVerifier(key.Public)
		if err != nil {
			return nil, fault(None, BadKey, "key "+strconv.Itoa(i))
		}
		keys.known = append(keys.known, verifier)
		risen := key.From >= 0 && (i == 0 || key.From > list[i-1].From)
		if !risen || verifier.Name() != keys.Origin() || keys.find(verifier.Name(), verifier.KeyHash()) != i {
			return nil, fault(None, BadKey, "key "+strconv.Itoa(i))
		}
	}
	if len(list) == 0 {
		return nil, fault(None, BadKey, "keys")
	}
	return keys, nil
}

// ParseKeys reads the form of String: a line for each key, the size and the
// public key with a space between. The error is BadKey.
func ParseKeys(form string) (*Keys, error) {
	var list []Key
	for line := range strings.Lines(form) {
		size, public, _ := strings.Cut(strings.TrimSuffix(line, "\n"), " ")
		from, err := strconv.ParseInt(size, 10, 64)
		if err != nil {
			return nil, fault(None, BadKey, "keys")
		}
		list = append(list, Key{from, public})
	}
	return NewKeys(list...)
}

// String is the list as a file that verifiers keep.
func (k *Keys) String() string {
	var form strings.Builder
	for _, key := range k.list {
		form.WriteString(strconv.FormatInt(key.From, 10) + " " + key.Public + "\n")
	}
	return form.String()
}

// Origin is the name of the log.
func (k *Keys) Origin() string { return k.known[0].Name() }

// find is the position of a key, or -1.
func (k *Keys) find(name string, hash uint32) int {
	return slices.IndexFunc(k.known, func(v note.Verifier) bool { return v.Name() == name && v.KeyHash() == hash })
}

// maxNote is longer than a checkpoint with a hundred signatures of witnesses.
const maxNote = 1 << 20

// Open reads a signed checkpoint and checks who signed. Signatures of others
// are ignored, as the form has it. The error is BadForm, UnknownKey,
// BadSign, OtherLog or RetiredKey.
func (k *Keys) Open(signed []byte) (Checkpoint, error) {
	if len(signed) > maxNote {
		return Checkpoint{}, badForm("checkpoint")
	}
	opened, err := note.Open(signed, note.VerifierList(k.known...))
	if err != nil {
		return Checkpoint{}, fault(None, codeOf(err), "checkpoint")
	}
	c, err := parseCheckpoint(opened.Text)
	if err != nil {
		return Checkpoint{}, err
	}
	if c.Origin != k.Origin() {
		return Checkpoint{}, &Fault{None, OtherLog, "checkpoint", c.Origin, k.Origin()}
	}
	for _, s := range opened.Sigs {
		if k.inForce(k.find(s.Name, s.Hash), c.Head.N) {
			return c, nil
		}
	}
	return Checkpoint{}, fault(None, RetiredKey, "checkpoint")
}

// inForce says whether the i-th key signs a log of a size.
func (k *Keys) inForce(i int, size int64) bool {
	return size >= k.list[i].From && (i+1 == len(k.list) || size < k.list[i+1].From)
}

func codeOf(err error) Code {
	var unsigned *note.UnverifiedNoteError
	var wrong *note.InvalidSignatureError
	switch {
	case errors.As(err, &unsigned):
		return UnknownKey
	case errors.As(err, &wrong):
		return BadSign
	}
	return BadForm
}
