package bank

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"

	"creditbank/internal/secret"
)

// personalSuffix is what the master key's file beside a SQLite database ends in.
const personalSuffix = "-personal-key"

// keyring is what a process holds of the keys that seal personal data. The keys
// are in the database, wrapped by the master key; that is in a file or the
// environment, never in the database and never in a backup.
type keyring struct {
	secret, file string // where the master key is

	mu      sync.RWMutex
	version int64 // of the newest keys it has seen
	keys    *secret.Keys
	older   []*secret.Keys // those before: whoever reads an older moment may need one that was dropped since
}

// none says whether nobody said where the master key is.
func (k *keyring) none() bool { return k.secret == "" && k.file == "" }

// master reads the master key. It promises Unavailable (error.personal_no_key)
// where there is none and Invalid (error.personal_key) for one of another form.
func (k *keyring) master() (*secret.Master, error) {
	text := k.secret
	if text == "" {
		if k.file == "" {
			return nil, &Error{Code: Unavailable, Key: "error.personal_no_key"}
		}
		content, err := os.ReadFile(k.file)
		if err != nil {
			return nil, &Error{Code: Unavailable, Key: "error.personal_no_key", cause: err}
		}
		text = string(content)
	}
	master, err := secret.ReadMaster(text)
	if err != nil {
		return nil, badKey("error.personal_key", err)
	}
	return master, nil
}

// at gives the keys of a version, if they are at hand.
func (k *keyring) at(version int64) *secret.Keys {
	k.mu.RLock()
	defer k.mu.RUnlock()
	if k.version != version {
		return nil
	}
	return k.keys
}

// newest gives the newest keys at hand and those before, or nil.
func (k *keyring) newest() (keys *secret.Keys, older []*secret.Keys) {
	k.mu.RLock()
	defer k.mu.RUnlock()
	return k.keys, k.older
}

// keep holds keys at hand.
func (k *keyring) keep(version int64, keys *secret.Keys) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if version <= k.version {
		return
	}
	if k.keys != nil {
		k.older = append(k.older, k.keys)
	}
	k.version, k.keys = version, keys
}

// load reads the keys of this moment. It promises Unavailable (error.personal_no_key)
// and Conflict (error.personal_other_key).
func (k *keyring) load(each reading) (*secret.Keys, error) {
	for last := int64(0); ; {
		keys, version, err := k.loadOnce(each)
		if CodeOf(err) != Conflict || version == last {
			return keys, err
		}
		last = version // the master key may have changed between the look at the table and that at the file
	}
}

func (k *keyring) loadOnce(each reading) (keys *secret.Keys, version int64, err error) {
	var wrapped []byte
	err = each(func(rows *sql.Rows) error { return rows.Scan(&version, &wrapped) }, `SELECT version, wrapped FROM personal_key`)
	if err != nil {
		return nil, version, err
	}
	if wrapped == nil {
		return nil, version, &Error{Code: Unavailable, Key: "error.personal_no_key"}
	}
	if keys := k.at(version); keys != nil {
		return keys, version, nil
	}
	if keys, err = k.unwrap(version, wrapped); err != nil {
		return nil, version, err
	}
	k.keep(version, keys)
	return keys, version, nil
}

// unwrap opens the keys with the master key, or with the one that is about to take
// over: a process may have ended between the two steps of [Bank.RewrapPersonalKey].
func (k *keyring) unwrap(version int64, wrapped []byte) (*secret.Keys, error) {
	master, err := k.master()
	if err == nil {
		var keys *secret.Keys
		if keys, err = secret.Unwrap(master, wrapped); err == nil {
			return keys, nil
		}
		err = &Error{Code: Conflict, Key: "error.personal_other_key", cause: err}
	}
	if k.secret != "" || k.file == "" {
		return nil, err
	}
	next, nextErr := (&keyring{file: k.next(version)}).master()
	if nextErr != nil {
		return nil, err
	}
	keys, nextErr := secret.Unwrap(next, wrapped)
	if nextErr != nil {
		return nil, err
	}
	return keys, k.takeNext(version)
}

// next is where the master key is that wraps a version of the keys, until it takes over.
func (k *keyring) next(version int64) string {
	return fmt.Sprintf("%s%s-%d", k.file, nextSuffix, version)
}

// takeNext puts the master key of a version in the place of the one of before, which
// stays beside it. Another process may be doing the same, or be further on already: the
// old one is kept before any takes its place, and each version's key moves once.
func (k *keyring) takeNext(version int64) error {
	err := os.Link(k.file, fmt.Sprintf("%s.until-%d", k.file, version-1))
	if err != nil && !errors.Is(err, os.ErrExist) && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	if err := os.Rename(k.next(version), k.file); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return syncFolder(filepath.Dir(k.file))
}

// preparePersonalKey makes the bank's first keys when it has none, and reads them.
// That there is no master key disturbs nothing but what needs it.
func (b *Bank) preparePersonalKey(ctx context.Context) error {
	ring := b.db.personal
	if ring.none() && b.db.path != "" {
		ring.file = b.db.path + personalSuffix
	}
	if ring.none() {
		return nil
	}
	if err := b.firstPersonalKey(ctx); err != nil {
		return err
	}
	_, err := ring.load(b.reading(ctx))
	if CodeOf(err) == Unavailable {
		return nil
	}
	return err
}

// firstPersonalKey makes the keys of a bank that has none, and the master key's file
// when there is none. A bank that has keys and no master key gets no other: what is
// sealed could never be read again.
func (b *Bank) firstPersonalKey(ctx context.Context) error {
	var count int
	if err := b.db.reader.GetContext(ctx, &count, countPersonalKeys); err != nil || count > 0 {
		return err
	}
	ring := b.db.personal
	if ring.secret == "" {
		if err := makeMaster(ring.file); err != nil {
			return err
		}
	}
	wrapped, err := ring.wrapNew()
	if err != nil {
		return err
	}
	return b.writeSchema(ctx, Operator("migrate"), func(t *tx) error {
		if err := t.GetContext(t.ctx, &count, countPersonalKeys); err != nil || count > 0 {
			return err
		}
		return t.exec(`INSERT INTO personal_key (one, version, wrapped, made_at) VALUES (1, 1, $1, $2)`, wrapped, micros(t.now))
	})
}

const countPersonalKeys = `SELECT count(*) FROM personal_key`

// wrapNew makes a first set of keys.
func (k *keyring) wrapNew() ([]byte, error) {
	master, err := k.master()
	if err != nil {
		return nil, err
	}
	keys, err := secret.NewKeys()
	if err != nil {
		return nil, err
	}
	return keys.Wrap(master)
}

// makeMaster writes a file with a new master key, unless it is there.
func makeMaster(path string) error {
	if _, err := os.Stat(path); !errors.Is(err, os.ErrNotExist) {
		return err
	}
	master, err := secret.NewMaster()
	if err != nil {
		return err
	}
	err = writeSecret(path, master.Text())
	if errors.Is(err, os.ErrExist) {
		return nil // another process was first
	}
	return err
}
