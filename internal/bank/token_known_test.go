package bank

import (
	"crypto/sha256"
	"testing"
	"time"
)

// A token that was read before a revocation and comes back after it is not taken
// for good: it may be the one that was revoked.
func TestTokensAreForgotten(t *testing.T) {
	var k knownTokens
	digest := sha256.Sum256([]byte("secret"))
	good := func() bool { _, known, _ := k.get(digest); return known }
	_, _, changes := k.get(digest)
	k.put(digest, Token{ID: "a"}, time.Now(), changes)
	if !good() {
		t.Fatal("it is not known")
	}
	k.forget()
	if good() {
		t.Error("it is known after a revocation")
	}
	if k.put(digest, Token{ID: "a"}, time.Now(), changes); good() {
		t.Error("what was read before the revocation is taken after it")
	}
	_, _, changes = k.get(digest)
	if k.put(digest, Token{ID: "a"}, time.Now().Add(-tokenFor), changes); good() {
		t.Error("what was read long ago is taken")
	}
}
