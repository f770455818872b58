package bank

import (
	"context"
	"errors"
	"os"

	"creditbank/internal/secret"
)

// RewrapPersonalKey wraps the keys with a new master key; nothing is sealed again.
// Without a path the new one takes the place of the old one's file, which is kept
// beside it for backups of before; else it is read from the file there, which is made
// when there is none, and every process is to be started with it.
//
// It promises Denied to all but operators, Invalid (error.personal_key_given) for a
// key that came as text and no path, and the codes of [Bank.RotatePersonalKey].
func (b *Bank) RewrapPersonalKey(ctx context.Context, actor Actor, path string) error {
	if err := actor.need(IsOperator); err != nil {
		return err
	}
	ring := b.db.personal
	if path == "" && ring.secret != "" {
		return &Error{Code: Invalid, Key: "error.personal_key_given"}
	}
	// The file is made within the write: of two who do this at once, neither takes the other's away.
	err := b.writeAlone(ctx, actor, func(t *tx) error {
		keys, err := t.sealing() // takes a change to its end that was interrupted
		if err != nil {
			return err
		}
		var version int64
		if err := t.GetContext(t.ctx, &version, `SELECT version FROM personal_key`); err != nil {
			return err
		}
		master, err := ring.nextMaster(path, version+1)
		if err != nil {
			return err
		}
		return t.storeWrapped(keys, master, "rewrap")
	})
	if err != nil || path != "" {
		return err
	}
	_, err = ring.load(b.reading(ctx)) // finds the new one, and puts it in place
	return err
}

// nextMaster is the master key in a file, which is made when there is none; without a
// path a new one for a version, in a file beside that of the one in use. What lies there
// is of a change that was never kept.
func (k *keyring) nextMaster(path string, version int64) (*secret.Master, error) {
	if path == "" {
		path = k.next(version)
		if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
			return nil, err
		}
	}
	if err := makeMaster(path); err != nil {
		return nil, err
	}
	return (&keyring{file: path}).master()
}
