package secret_test

import (
	"bytes"
	"context"
	"encoding/base32"
	"errors"
	"net/url"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"creditbank/internal/secret"
)

func newKeys(t *testing.T) *secret.Keys {
	t.Helper()
	keys, err := secret.NewKeys()
	if err != nil {
		t.Fatal(err)
	}
	return keys
}

func newMaster(t *testing.T) *secret.Master {
	t.Helper()
	m, err := secret.NewMaster()
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// Any text comes back for its own row, and for no other row or kind, nor when a bit
// of it is another, nor when a piece is missing.
func TestSealedTextOpensForItsRowAlone(t *testing.T) {
	keys := newKeys(t)
	rapid.Check(t, func(t *rapid.T) {
		kind := rapid.StringMatching(`[a-z_]{1,12}`).Draw(t, "kind")
		row, plain := rapid.String().Draw(t, "row"), rapid.SliceOf(rapid.Byte()).Draw(t, "plain")
		sealed, err := keys.Seal(kind, row, plain)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := keys.Open(kind, row, sealed); err != nil || !bytes.Equal(got, plain) {
			t.Fatalf("got %q, %v, want %q", got, err, plain)
		}
		if len(plain) > 8 && bytes.Contains(sealed, plain) {
			t.Fatal("the sealed text shows the plain one")
		}
		refused := func(what, kind, row string, sealed []byte) {
			if got, err := keys.Open(kind, row, sealed); err == nil {
				t.Fatalf("%s opened: %q", what, got)
			}
		}
		if other := rapid.String().Draw(t, "other"); other != row {
			refused("another row's", kind, other, sealed)
		}
		refused("another kind's", kind+"x", row, sealed)
		refused("a truncated text", kind, row, sealed[:rapid.IntRange(0, len(sealed)-1).Draw(t, "length")])
		flipped := bytes.Clone(sealed)
		flipped[rapid.IntRange(0, len(sealed)-1).Draw(t, "byte")] ^= 1 << rapid.IntRange(0, 7).Draw(t, "bit")
		refused("a flipped bit", kind, row, flipped)
	})
}

func TestSealingTwiceGivesTwoTexts(t *testing.T) {
	keys := newKeys(t)
	one, _ := keys.Seal("learner", "1", []byte("x"))
	two, _ := keys.Seal("learner", "1", []byte("x"))
	if bytes.Equal(one, two) {
		t.Error("equal texts are seen to be equal")
	}
}

func TestBlindIndex(t *testing.T) {
	keys, others := newKeys(t), newKeys(t)
	digest := func(k *secret.Keys, field, text string) string {
		d, err := k.Blind(field, text)
		if err != nil || len(d) != secret.BlindLength {
			t.Fatalf("%x, %v", d, err)
		}
		return string(d)
	}
	first := digest(keys, "name", "a")
	if again := digest(keys, "name", "a"); again != first {
		t.Error("a text has two digests")
	}
	for what, other := range map[string]string{"another text": digest(keys, "name", "b"), "another field": digest(keys, "phone", "a"), "another bank": digest(others, "name", "a")} {
		if other == first {
			t.Errorf("%s has the same digest", what)
		}
	}
}

func TestKeysRotate(t *testing.T) {
	old := newKeys(t)
	sealed, err := old.Seal("k", "r", []byte("text"))
	if err != nil {
		t.Fatal(err)
	}
	both, err := old.Added()
	if err != nil {
		t.Fatal(err)
	}
	if got, err := both.Open("k", "r", sealed); err != nil || string(got) != "text" {
		t.Errorf("what is older: %q, %v", got, err)
	}
	newer, err := both.Seal("k", "r", []byte("text"))
	if err != nil || !bytes.HasPrefix(newer, secret.Prefix(both.Primary())) || bytes.HasPrefix(sealed, secret.Prefix(both.Primary())) {
		t.Errorf("%x begins not as %x: %v", newer, secret.Prefix(both.Primary()), err)
	}
	if _, err := old.Open("k", "r", newer); !errors.Is(err, secret.ErrUnknownKey) {
		t.Errorf("a newer key: %v", err)
	}
	only, err := both.PrimaryOnly()
	if err != nil || !slices.Equal(only.IDs(), []uint32{both.Primary()}) {
		t.Fatalf("%v, %v", only.IDs(), err)
	}
	if _, err := only.Open("k", "r", sealed); !errors.Is(err, secret.ErrUnknownKey) {
		t.Errorf("a dropped key: %v", err)
	}
	before, _ := old.Blind("f", "t")
	after, _ := only.Blind("f", "t")
	if !bytes.Equal(before, after) {
		t.Error("digests changed with the key that seals")
	}
}

func TestWrapping(t *testing.T) {
	keys, master := newKeys(t), newMaster(t)
	wrapped, err := keys.Wrap(master)
	if err != nil {
		t.Fatal(err)
	}
	sealed, _ := keys.Seal("k", "r", []byte("text"))
	again, err := secret.ReadMaster(master.Text() + "\n")
	if err != nil {
		t.Fatal(err)
	}
	same, err := secret.Unwrap(again, wrapped)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := same.Open("k", "r", sealed); err != nil || string(got) != "text" {
		t.Errorf("%q, %v", got, err)
	}
	if _, err := secret.Unwrap(newMaster(t), wrapped); !errors.Is(err, secret.ErrOtherMaster) {
		t.Errorf("another master: %v", err)
	}
	for i := range wrapped {
		altered := bytes.Clone(wrapped)
		altered[i] ^= 0x40
		// Tink keeps some facts about the keys beside what is wrapped, for display; the keys must come out, or nothing.
		if k, err := secret.Unwrap(master, altered); err == nil && k.Primary() != keys.Primary() {
			t.Errorf("byte %d altered: unwrapped", i)
		}
		if _, err := secret.Unwrap(master, wrapped[:i]); err == nil {
			t.Errorf("cut at %d: unwrapped", i)
		}
	}
}

func TestMasterOfAnotherForm(t *testing.T) {
	good := newMaster(t).Text()
	for _, text := range []string{"", "x", "PERSONAL+KEY+", "PERSONAL+KEY+AAAA", good[:len(good)-3], good[1:], good + "A", "PRIVATE+KEY+" + good} {
		if _, err := secret.ReadMaster(text); !errors.Is(err, secret.ErrForm) {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func TestPasswords(t *testing.T) {
	ctx, h := context.Background(), secret.NewHasher(2)
	const password = "紫云 correct horse 🐎"
	phc, err := h.HashPassword(ctx, password)
	if err != nil || !strings.HasPrefix(phc, "$argon2id$v=19$m=19456,t=2,p=1$") || secret.Outdated(phc) {
		t.Fatalf("%q, %v", phc, err)
	}
	if other, _ := h.HashPassword(ctx, password); other == phc {
		t.Error("two hashes of a password are equal")
	}
	for given, want := range map[string]bool{password: true, password + " ": false, "": false} {
		if ok, err := h.CheckPassword(ctx, phc, given); ok != want || err != nil {
			t.Errorf("%q: %v, %v", given, ok, err)
		}
	}
	for _, bad := range []string{"", "x", "$argon2i$v=19$m=19456,t=2,p=1$c2FsdHNhbHQ$aGFzaGhhc2hoYXNoaGFzaA", strings.Replace(phc, "m=19456", "m=99999999", 1),
		strings.Replace(phc, "t=2", "t=0", 1), strings.Replace(phc, "v=19", "v=18", 1), phc + "$", phc[:60]} {
		if ok, err := h.CheckPassword(ctx, bad, password); ok || !errors.Is(err, secret.ErrForm) {
			t.Errorf("%q: %v, %v", bad, ok, err)
		}
	}
}

// A hash of the reference implementation, of another cost (the vectors of golang.org/x/crypto/argon2).
func TestOlderHashIsKnownAndOutdated(t *testing.T) {
	const phc = "$argon2id$v=19$m=64,t=1,p=1$c29tZXNhbHQ$ZVrRXqxlLcWfcXCnMyv0m4Rpvh/bnCi7"
	ok, err := secret.NewHasher(1).CheckPassword(context.Background(), phc, "password")
	if err != nil || !ok || !secret.Outdated(phc) {
		t.Errorf("%v, %v, outdated %v", ok, err, secret.Outdated(phc))
	}
}

// Whoever waits for a turn leaves when nobody waits for the answer any more.
func TestPasswordsWaitForTheirTurn(t *testing.T) {
	h := secret.NewHasher(0)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := h.HashPassword(ctx, "x"); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
}

// The codes of RFC 6238, appendix B, cut to six digits.
func TestCodes(t *testing.T) {
	rfc := base32.StdEncoding.EncodeToString([]byte("12345678901234567890"))
	for at, code := range map[int64]string{59: "287082", 1111111109: "081804", 1111111111: "050471", 1234567890: "005924", 20000000000: "353130"} {
		for moved, want := range map[int64]bool{0: true, -30: true, 30: true, 90: false, -90: false} {
			step, ok := secret.CheckCode(rfc, code, at+moved)
			if ok != want || ok && step != at/30 {
				t.Errorf("%s at %d: %v, step %d", code, at+moved, ok, step)
			}
		}
	}
	for _, code := range []string{"", "28708", "2870820", "abcdef", "２８７０８２"} {
		if _, ok := secret.CheckCode(rfc, code, 59); ok {
			t.Errorf("%q was let through", code)
		}
	}
}

func TestCodeURL(t *testing.T) {
	s, err := secret.NewCodeSecret()
	if err != nil || len(s) != 32 {
		t.Fatalf("%q, %v", s, err)
	}
	address := secret.CodeURL("示范市 学分银行", "li+1", s)
	if strings.Contains(address, "+") && !strings.Contains(address, "li+1") {
		t.Errorf("blanks as plus signs: %s", address)
	}
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "otpauth" || u.Host != "totp" || u.Path != "/示范市 学分银行:li+1" || u.Query().Get("secret") != s || u.Query().Get("issuer") != "示范市 学分银行" {
		t.Errorf("%s: %v", address, err)
	}
}
