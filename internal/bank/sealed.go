package bank

import (
	"context"
	"errors"
	"fmt"

	"creditbank/internal/secret"
)

// sealing are the keys of this moment, in a write: whoever changes them writes too,
// so nothing is sealed with a key that is dropped meanwhile.
func (t *tx) sealing() (*secret.Keys, error) {
	if t.keys != nil {
		return t.keys, nil
	}
	keys, err := t.db.personal.load(t.each)
	t.keys = keys
	return keys, err
}

// seal seals a personal text for one row of one kind; for no other does it open. kind
// names the column, row is the row's key, whose parts are put together with [rowKey].
// Every sealed column stands in [sealedColumns]. It promises Unavailable
// (error.personal_no_key) and Conflict (error.personal_other_key).
func (t *tx) seal(kind, row string, plain []byte) ([]byte, error) {
	keys, err := t.sealing()
	if err != nil {
		return nil, err
	}
	return keys.Seal(kind, row, plain)
}

// unseal opens what seal gave, in a write and outside of one, and while rows are
// read. Its codes are those of seal.
func (d *database) unseal(kind, row string, sealed []byte) ([]byte, error) {
	plain, err := d.personal.open(kind, row, sealed)
	if errors.Is(err, secret.ErrUnknownKey) {
		// Another process has changed the keys, or this one has not read them yet.
		if _, err := d.personal.load(d.reading(context.Background())); err != nil {
			return nil, err
		}
		plain, err = d.personal.open(kind, row, sealed)
	}
	if err != nil {
		return nil, fmt.Errorf("unseal a %s: %w", kind, err)
	}
	return plain, nil
}

// unseal opens what seal gave, with its codes.
func (t *tx) unseal(kind, row string, sealed []byte) ([]byte, error) {
	return t.db.unseal(kind, row, sealed)
}

// unseal opens what seal gave, with its codes.
func (b *Bank) unseal(kind, row string, sealed []byte) ([]byte, error) {
	return b.db.unseal(kind, row, sealed)
}

// open opens with the keys at hand.
func (k *keyring) open(kind, row string, sealed []byte) ([]byte, error) {
	keys, older := k.newest()
	if keys == nil {
		return nil, secret.ErrUnknownKey
	}
	plain, err := keys.Open(kind, row, sealed)
	for i := len(older) - 1; i >= 0 && errors.Is(err, secret.ErrUnknownKey); i-- {
		plain, err = older[i].Open(kind, row, sealed)
	}
	return plain, err
}

// blind is the digest, 16 bytes, by which a personal text is found: equal for equal
// texts of a field. What people write in several ways is made one before. Its codes
// are those of seal.
func (b *Bank) blind(field, normalised string) ([]byte, error) {
	keys, _ := b.db.personal.newest()
	if keys == nil {
		var err error
		if keys, err = b.db.personal.load(b.reading(context.Background())); err != nil {
			return nil, err
		}
	}
	return keys.Blind(field, normalised)
}

// rowKey puts the parts of a key together, for seal and unseal: no other parts give the same.
func rowKey(parts ...string) string {
	key := ""
	for _, part := range parts {
		key += fmt.Sprintf("%d:%s", len(part), part)
	}
	return key
}
