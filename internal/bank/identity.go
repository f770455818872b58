package bank

import (
	"context"
	"database/sql"
	"time"
)

// Identity is a person at an identity provider, as far as the bank keeps it.
type Identity struct {
	Issuer string
	Made   time.Time
}

// Identities lists the actor's identities. It promises Denied to who is not logged in.
func (b *Bank) Identities(ctx context.Context, actor Actor) ([]Identity, error) {
	if err := actor.needLogin(); err != nil {
		return nil, err
	}
	var list []Identity
	err := b.db.each(ctx, func(rows *sql.Rows) error {
		var i Identity
		var made int64
		err := rows.Scan(&i.Issuer, &made)
		i.Made = fromMicros(made)
		list = append(list, i)
		return err
	}, `SELECT issuer, made_at FROM identity WHERE login = $1 ORDER BY issuer`, actor.Login)
	return list, err
}

// LinkIdentity lets the actor come in as who an identity provider says they are,
// one person of each provider. Of the subject a keyed digest is kept. It promises
// Denied, and Conflict (error.identity) when it is linked otherwise.
func (b *Bank) LinkIdentity(ctx context.Context, actor Actor, issuer, subject string) error {
	if err := actor.needLogin(); err != nil {
		return err
	}
	digest, err := b.identityDigest(issuer, subject)
	if err != nil {
		return err
	}
	return b.write(ctx, actor, func(t *tx) error {
		linked := false
		err := t.each(func(*sql.Rows) error { linked = true; return nil },
			`SELECT 1 FROM identity WHERE issuer = $1 AND (subject = $2 OR login = $3)`, issuer, digest, actor.Login)
		switch {
		case err != nil:
			return err
		case linked:
			return &Error{Code: Conflict, Key: "error.identity"}
		}
		if err := t.exec(`INSERT INTO identity (issuer, subject, login, made_at) VALUES ($1, $2, $3, $4)`, issuer, digest, actor.Login, micros(t.now)); err != nil {
			return err
		}
		return t.audit("identity.add", actor.Login, issuer)
	})
}

func (b *Bank) identityDigest(issuer, subject string) ([]byte, error) {
	return b.blind("identity.subject", rowKey(issuer, subject))
}

// LoginOfIdentity finds whose an identity is. It promises Unauthenticated
// (error.no_identity) when nobody linked it, or the login is disabled.
func (b *Bank) LoginOfIdentity(ctx context.Context, issuer, subject string) (login string, err error) {
	digest, err := b.identityDigest(issuer, subject)
	if err != nil {
		return "", err
	}
	err = b.db.each(ctx, func(rows *sql.Rows) error { return rows.Scan(&login) },
		`SELECT l.id FROM identity i JOIN login l ON l.id = i.login WHERE i.issuer = $1 AND i.subject = $2 AND NOT l.disabled`, issuer, digest)
	if err == nil && login == "" {
		err = &Error{Code: Unauthenticated, Key: "error.no_identity"}
	}
	return login, err
}

// UnlinkIdentity takes the actor's identity at a provider away. It promises Denied,
// and Conflict (error.last_way) when nothing else lets them in. What is not there stays so.
func (b *Bank) UnlinkIdentity(ctx context.Context, actor Actor, issuer string) error {
	if err := actor.needLogin(); err != nil {
		return err
	}
	return b.write(ctx, actor, func(t *tx) error {
		if err := t.exec(`DELETE FROM identity WHERE login = $1 AND issuer = $2`, actor.Login, issuer); err != nil {
			return err
		}
		if err := t.needWay(actor.Login); err != nil {
			return err
		}
		return t.audit("identity.remove", actor.Login, issuer)
	})
}
