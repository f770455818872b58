package ledger_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"creditbank/internal/ledger"
)

// The digest of the page's first entry is that of the salt and the content it names.
func TestDigestOfThePage(t *testing.T) {
	entries, _, _ := vectors(t)
	if got := ledger.DigestOf([]byte("0123456789abcdef"), []byte("2026-春-MATH101 90")); got != entries[0].Digest {
		t.Errorf("got %x, the page has %x", got[:], entries[0].Digest[:])
	}
}

// Where salt ends and content begins is part of what is hashed.
func TestDigestHasNoSeams(t *testing.T) {
	if ledger.DigestOf([]byte("ab"), []byte("c")) == ledger.DigestOf([]byte("a"), []byte("bc")) {
		t.Error("the seam is not hashed")
	}
}

func TestOnlyDepositsCarryADigest(t *testing.T) {
	entries, _, _ := vectors(t)
	hold := entries[1]
	hold.Digest = entries[0].Digest
	var f *ledger.Fault
	if err := hold.Check(); !errors.As(err, &f) || f.Code != ledger.Needless || f.Field != "digest" {
		t.Errorf("got %v", err)
	}
}

// One digest has one form: neither capitals nor fewer or more digits are read.
func TestDigestHasOneForm(t *testing.T) {
	entries, _, _ := vectors(t)
	form := string(entries[0].Append(nil))
	digest := fmt.Sprintf("%x", entries[0].Digest[:])
	for _, other := range []string{strings.ToUpper(digest), digest[1:], digest[:62], digest + "00", strings.Repeat("0", 64), "", "x" + digest[1:]} {
		if _, err := ledger.ParseEntry([]byte(strings.Replace(form, digest, other, 1))); !errors.Is(err, ledger.BadForm) {
			t.Errorf("%q: %v", other, err)
		}
	}
	if got, err := ledger.ParseEntry([]byte(form)); err != nil || got != entries[0] {
		t.Errorf("got %+v, %v", got, err)
	}
}
