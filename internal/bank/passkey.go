package bank

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/json"
	"strings"
	"time"
)

// Passkey is a key of WebAuthn on a device of a person.
type Passkey struct {
	ID         []byte
	Name       string // as the person calls it
	Credential []byte // JSON of the library
	Made, Used time.Time
}

// mostPasskeys is how many a login has at most.
const mostPasskeys = 20

// passkeyText is what is sealed of a passkey.
type passkeyText struct {
	Name       string          `json:"name"`
	Credential json.RawMessage `json:"credential"`
}

// Passkeys lists those of a login in the order in which they were made.
func (b *Bank) Passkeys(ctx context.Context, login string) ([]Passkey, error) {
	var list []Passkey
	var sealed [][]byte
	err := b.db.each(ctx, func(rows *sql.Rows) error {
		var p Passkey
		var personal []byte
		var made, used int64
		err := rows.Scan(&p.ID, &personal, &made, &used)
		p.Made, p.Used = fromMicros(made), fromMicros(used)
		list, sealed = append(list, p), append(sealed, personal)
		return err
	}, `SELECT id, personal, made_at, coalesce(used_at, 0) FROM passkey WHERE login = $1 ORDER BY made_at, id`, login)
	if err != nil {
		return nil, err
	}
	for i := range list {
		plain, err := b.unseal("passkey.personal", string(list[i].ID), sealed[i])
		if err != nil {
			return nil, err
		}
		var text passkeyText
		if err := json.Unmarshal(plain, &text); err != nil {
			return nil, err
		}
		list[i].Name, list[i].Credential = text.Name, text.Credential
	}
	return list, nil
}

// AddPasskey keeps a new key of the actor. It promises Denied, Invalid naming name,
// and Conflict (error.passkey) for a key that is there already or one too many.
func (b *Bank) AddPasskey(ctx context.Context, actor Actor, p Passkey) error {
	if err := actor.needLogin(); err != nil {
		return err
	}
	p.Name = strings.TrimSpace(p.Name)
	if fault := nameFault(p.Name); fault != "" {
		return invalidField("name", "", fault, map[string]any{"Limit": nameLength})
	}
	return b.write(ctx, actor, func(t *tx) error {
		var count, same int
		err := t.each(func(rows *sql.Rows) error { return rows.Scan(&count, &same) },
			`SELECT (SELECT count(*) FROM passkey WHERE login = $1), (SELECT count(*) FROM passkey WHERE id = $2)`, actor.Login, p.ID)
		switch {
		case err != nil:
			return err
		case count >= mostPasskeys || same > 0:
			return &Error{Code: Conflict, Key: "error.passkey"}
		}
		sealed, err := t.sealPasskey(p)
		if err != nil {
			return err
		}
		if err := t.exec(`INSERT INTO passkey (id, login, personal, made_at) VALUES ($1, $2, $3, $4)`, p.ID, actor.Login, sealed, micros(t.now)); err != nil {
			return err
		}
		return t.audit("passkey.add", actor.Login, "")
	})
}

func (t *tx) sealPasskey(p Passkey) ([]byte, error) {
	return t.sealJSON("passkey.personal", string(p.ID), passkeyText{Name: p.Name, Credential: p.Credential})
}

// UsePasskey keeps what the library says of a key after a sign-in with it, such as
// its counter. It promises NotFound (error.not_found.passkey).
func (b *Bank) UsePasskey(ctx context.Context, login string, id, credential []byte) error {
	return b.write(ctx, Actor{Name: personName(login), Login: login}, func(t *tx) error {
		p, err := t.passkey(login, id)
		if err != nil {
			return err
		}
		p.Credential = credential
		sealed, err := t.sealPasskey(p)
		if err != nil {
			return err
		}
		return t.exec(`UPDATE passkey SET personal = $1, used_at = $2 WHERE id = $3`, sealed, micros(t.now), id)
	})
}

// passkey reads a key of a login. It promises NotFound.
func (t *tx) passkey(login string, id []byte) (p Passkey, err error) {
	var sealed []byte
	err = t.each(func(rows *sql.Rows) error { return rows.Scan(&sealed) }, `SELECT personal FROM passkey WHERE id = $1 AND login = $2`, id, login)
	if err == nil && sealed == nil {
		err = errNoPasskey()
	}
	if err != nil {
		return p, err
	}
	plain, err := t.unseal("passkey.personal", string(id), sealed)
	if err != nil {
		return p, err
	}
	var text passkeyText
	err = json.Unmarshal(plain, &text)
	return Passkey{ID: id, Name: text.Name, Credential: text.Credential}, err
}

func errNoPasskey() error { return notFound("passkey", "") }

// RemovePasskey takes a key of the actor away. It promises Denied, NotFound, and
// Conflict: error.second_needed as RemoveTOTP does, error.last_way for a login
// without password or any other way in.
func (b *Bank) RemovePasskey(ctx context.Context, actor Actor, id []byte) error {
	if err := actor.needLogin(); err != nil {
		return err
	}
	return b.write(ctx, actor, func(t *tx) error {
		if _, err := t.passkey(actor.Login, id); err != nil {
			return err
		}
		if err := t.exec(`DELETE FROM passkey WHERE id = $1 AND login = $2`, id, actor.Login); err != nil {
			return err
		}
		if err := cmp.Or(t.needSecond(actor.Login), t.needWay(actor.Login)); err != nil {
			return err
		}
		return t.audit("passkey.remove", actor.Login, "")
	})
}

// needWay refuses to leave a login without a way in. It promises Conflict.
func (t *tx) needWay(login string) error {
	way := false
	err := t.each(func(rows *sql.Rows) error { return rows.Scan(&way) }, `SELECT password IS NOT NULL OR EXISTS (SELECT 1 FROM passkey p WHERE p.login = l.id)
		OR EXISTS (SELECT 1 FROM identity i WHERE i.login = l.id) FROM login l WHERE l.id = $1`, login)
	if err == nil && !way {
		err = &Error{Code: Conflict, Key: "error.last_way"}
	}
	return err
}

// LoginOfPasskey finds whose a key is. It promises NotFound, also when the login is disabled.
func (b *Bank) LoginOfPasskey(ctx context.Context, id []byte) (login string, err error) {
	err = b.db.each(ctx, func(rows *sql.Rows) error { return rows.Scan(&login) },
		`SELECT l.id FROM passkey p JOIN login l ON l.id = p.login WHERE p.id = $1 AND NOT l.disabled`, id)
	if err == nil && login == "" {
		err = errNoPasskey()
	}
	return login, err
}
