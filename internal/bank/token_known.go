package bank

import (
	"crypto/sha256"
	"sync"
	"time"
)

// tokenFor is how long a token that was found good is taken without asking the
// database again: so long may another process's revocation go unseen. One of this
// process counts at once.
const tokenFor = time.Second

// knownTokens are the tokens that were found good a moment ago, by the digest of
// their secret, which nobody can guess. There are at most as many as there are
// good tokens, since nothing else gets in.
type knownTokens struct {
	mu      sync.RWMutex
	changes int // how many times a token was revoked here
	good    map[[sha256.Size]byte]knownToken
}

type knownToken struct {
	Token
	asked time.Time // before the database was, by the machine's clock: see [currentMap]
}

// get is a token that is known, and else the count of changes that put wants.
func (k *knownTokens) get(digest [sha256.Size]byte) (t Token, known bool, changes int) {
	k.mu.RLock()
	defer k.mu.RUnlock()
	found, known := k.good[digest]
	return found.Token, known && time.Since(found.asked) < tokenFor, k.changes
}

// put keeps a token that was found good, unless one was revoked while the
// database was asked: it may have been this one.
func (k *knownTokens) put(digest [sha256.Size]byte, t Token, asked time.Time, changes int) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if changes != k.changes {
		return
	}
	if k.good == nil {
		k.good = map[[sha256.Size]byte]knownToken{}
	}
	k.good[digest] = knownToken{t, asked}
}

// forget comes after every revocation that this process has committed.
func (k *knownTokens) forget() {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.changes++
	k.good = nil
}
