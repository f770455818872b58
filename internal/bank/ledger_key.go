package bank

import (
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"creditbank/internal/ledger"
)

// ledgerKey is where the secret that signs checkpoints is. It is never in the
// database and never in a backup.
type ledgerKey struct{ secret, file, origin string }

// keySuffix is what the key's file beside a SQLite database ends in.
const keySuffix = "-ledger-key"

// nextSuffix is of a key that is about to take over, see [Bank.RotateKey].
const nextSuffix = ".next"

func (k ledgerKey) none() bool { return k.secret == "" && k.file == "" }

// prepareKey makes the log's first key when it has none, and keeps its public half.
func (b *Bank) prepareKey(ctx context.Context) error {
	if b.key.none() && b.db.path != "" {
		b.key.file = b.db.path + keySuffix
	}
	keys, err := storedKeys(b.reading(ctx))
	if err != nil || len(keys) > 0 || b.key.none() {
		return err
	}
	if b.key.secret == "" {
		if err := b.key.make(); err != nil {
			return err
		}
	}
	signer, err := b.key.read(b.key.file)
	if err != nil {
		return err
	}
	return b.writeSchema(ctx, ledgerActor, func(t *tx) error {
		keys, err := storedKeys(t.each)
		if err != nil || len(keys) > 0 {
			return err
		}
		return t.exec(`INSERT INTO ledger_key (from_size, public) VALUES (0, $1)`, signer.Public())
	})
}

// make writes a file with a new secret, unless it is there.
func (k ledgerKey) make() error {
	if _, err := os.Stat(k.file); !errors.Is(err, os.ErrNotExist) {
		return err
	}
	origin := k.origin
	if origin == "" {
		var unique [4]byte
		if _, err := rand.Read(unique[:]); err != nil {
			return err
		}
		// RFC 2606: a name under invalid is nobody's.
		origin = "bank-" + hex.EncodeToString(unique[:]) + ".invalid/api/v1/ledger"
	}
	secret, _, err := ledger.GenerateKey(rand.Reader, origin)
	if err != nil {
		return badKey("error.ledger_origin", err)
	}
	err = writeSecret(k.file, secret)
	if errors.Is(err, os.ErrExist) {
		return nil // another process was first
	}
	return err
}

func badKey(key string, cause error) error { return &Error{Code: Invalid, Key: key, cause: cause} }

// writeSecret makes a file that nobody else can read, whole or not at all. The
// error is os.ErrExist when there is one.
func writeSecret(path, secret string) error {
	file, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*") // with mode 0600
	if err != nil {
		return fmt.Errorf("write the key file: %w", err)
	}
	defer func() { _ = os.Remove(file.Name()) }()
	_, err = file.WriteString(secret + "\n")
	if err := errors.Join(err, file.Sync(), file.Close()); err != nil {
		return fmt.Errorf("write the key file: %w", err)
	}
	if err := os.Link(file.Name(), path); err != nil {
		return err
	}
	return syncFolder(filepath.Dir(path))
}

// read reads the secret. It promises Invalid for one of another form and
// Unavailable where there is none.
func (k ledgerKey) read(file string) (*ledger.Signer, error) {
	secret := k.secret
	if secret == "" {
		if k.file == "" {
			return nil, &Error{Code: Unavailable, Key: "error.ledger_no_key"}
		}
		text, err := os.ReadFile(file)
		if err != nil {
			return nil, &Error{Code: Unavailable, Key: "error.ledger_key_file", Args: map[string]any{"Path": file}, cause: err}
		}
		secret = string(text)
	}
	signer, err := ledger.NewSigner(strings.TrimSpace(secret))
	if err != nil {
		return nil, badKey("error.ledger_key", err)
	}
	return signer, nil
}

// signer is the signer in force. It promises Unavailable without a key, Invalid for
// one of another form, and Conflict for one that is not the log's.
func (b *Bank) signer(keys []ledger.Key) (*ledger.Signer, error) {
	signer, err := b.key.read(b.key.file)
	if b.key.secret == "" && (err != nil || !inForce(signer, keys)) {
		// A process may have ended between the two steps of a change of keys.
		if next, nextErr := b.key.read(b.key.file + nextSuffix); nextErr == nil && inForce(next, keys) {
			return next, os.Rename(b.key.file+nextSuffix, b.key.file)
		}
	}
	if err == nil && !inForce(signer, keys) {
		err = &Error{Code: Conflict, Key: "error.ledger_other_key"}
	}
	return signer, err
}

func inForce(signer *ledger.Signer, keys []ledger.Key) bool {
	return len(keys) > 0 && signer.Public() == keys[len(keys)-1].Public
}

// storedKeys are the public keys of the log in the order of their time.
func storedKeys(each reading) (keys []ledger.Key, err error) {
	err = each(func(rows *sql.Rows) error {
		var k ledger.Key
		err := rows.Scan(&k.From, &k.Public)
		keys = append(keys, k)
		return err
	}, `SELECT from_size, public FROM ledger_key ORDER BY from_size`)
	return keys, err
}

// reading reads outside of a transaction.
func (b *Bank) reading(ctx context.Context) reading { return b.db.reading(ctx) }

func (d *database) reading(ctx context.Context) reading {
	return func(scan func(*sql.Rows) error, query string, args ...any) error {
		return d.each(ctx, scan, query, args...)
	}
}

// LedgerKeys are the public keys of the log in the form that verifiers keep: for
// each a line with the size from which on it signs, and the key. Empty: there is none.
func (b *Bank) LedgerKeys(ctx context.Context) (string, error) {
	list, err := storedKeys(b.reading(ctx))
	if err != nil || len(list) == 0 {
		return "", err
	}
	keys, err := ledger.NewKeys(list...)
	if err != nil {
		return "", err
	}
	return keys.String(), nil
}

// RotateKey makes a new key, signs the head of this moment with the old one, and
// lets the new one sign from the next entry on. The file of the old one is kept
// beside it. It promises Invalid (error.ledger_key_given) for a key that came as a
// string, and the codes of [Bank.Checkpoint].
func (b *Bank) RotateKey(ctx context.Context, actor Actor) (public string, err error) {
	if b.key.secret != "" {
		return "", &Error{Code: Invalid, Key: "error.ledger_key_given"}
	}
	if _, err := b.Checkpoint(ctx, 0); err != nil {
		return "", err
	}
	old, err := b.key.read(b.key.file)
	if err != nil {
		return "", err
	}
	secret, public, err := ledger.GenerateKey(rand.Reader, old.Origin())
	if err != nil {
		return "", err
	}
	next := b.key.file + nextSuffix
	if err := os.Remove(next); err != nil && !errors.Is(err, os.ErrNotExist) {
		return "", err
	}
	if err := writeSecret(next, secret); err != nil {
		return "", err
	}
	var from int64
	err = b.write(ctx, actor, func(t *tx) error {
		if err := t.GetContext(t.ctx, &from, selectSize); err != nil {
			return err
		}
		from++
		if err := t.audit("ledger_key", public, fmt.Sprintf("from=%d", from)); err != nil {
			return err
		}
		if _, err := t.sign(b); err != nil { // of what came meanwhile, and that the key changes
			return err
		}
		return t.exec(`INSERT INTO ledger_key (from_size, public) VALUES ($1, $2)`, from, public)
	})
	if err != nil {
		return "", err
	}
	if err := os.Rename(b.key.file, fmt.Sprintf("%s.until-%d", b.key.file, from-1)); err != nil {
		return "", err
	}
	return public, errors.Join(os.Rename(next, b.key.file), syncFolder(filepath.Dir(b.key.file)))
}
