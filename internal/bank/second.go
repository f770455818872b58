package bank

import (
	"context"
	"database/sql"

	"creditbank/internal/secret"
)

// issuerName is what authenticator apps show beside a login.
const issuerName = "学分银行"

// CheckTOTP checks the code of an app, as a second factor. Each code is taken once,
// and none before it any more. It promises Unauthenticated (error.second) for a
// wrong one and for a login without codes, and TooMany as SignIn does, counted apart
// from passwords.
func (b *Bank) CheckTOTP(ctx context.Context, login, code string) error {
	actor := Actor{Name: personName(login), Login: login}
	g, err := b.guessed("second", login, login)
	if err != nil {
		return err
	}
	if _, err := b.try(ctx, actor, g); err != nil {
		return err
	}
	step, err := b.codeStep(ctx, login, code)
	if err != nil {
		return err
	}
	return b.write(ctx, actor, func(t *tx) error {
		fresh := false
		err := t.each(func(*sql.Rows) error { fresh = true; return nil },
			`SELECT 1 FROM login WHERE id = $1 AND totp IS NOT NULL AND totp_step < $2 AND NOT disabled`, login, step)
		switch {
		case err != nil:
			return err
		case !fresh:
			return errSecond()
		}
		if err := t.exec(`UPDATE login SET totp_step = $1 WHERE id = $2`, step, login); err != nil {
			return err
		}
		if err := t.forgive(g); err != nil {
			return err
		}
		return t.audit("login.second", login, "totp")
	})
}

func errSecond() error { return &Error{Code: Unauthenticated, Key: "error.second"} }

// codeStep finds the period of a right code. It promises Unauthenticated.
func (b *Bank) codeStep(ctx context.Context, login, code string) (step int64, err error) {
	var sealed []byte
	err = b.db.each(ctx, func(rows *sql.Rows) error { return rows.Scan(&sealed) }, `SELECT totp FROM login WHERE id = $1 AND totp IS NOT NULL`, login)
	if err != nil {
		return 0, err
	}
	if sealed == nil {
		return 0, errSecond()
	}
	plain, err := b.unseal("login.totp", login, sealed)
	if err != nil {
		return 0, err
	}
	step, right := secret.CheckCode(string(plain), plainPassword(code), b.Now().Unix())
	if !right {
		return 0, errSecond()
	}
	return step, nil
}

// BeginTOTP makes the secret for an app, and the address that its QR code says.
// Nothing is kept before [Bank.ConfirmTOTP]. It promises Denied.
func (b *Bank) BeginTOTP(ctx context.Context, actor Actor) (code, url string, err error) {
	l, err := b.MyLogin(ctx, actor)
	if err != nil {
		return "", "", err
	}
	if code, err = secret.NewCodeSecret(); err != nil {
		return "", "", err
	}
	name := l.Name
	if name == "" {
		name = l.Learner
	}
	return code, secret.CodeURL(issuerName, name, code), nil
}

// ConfirmTOTP keeps the secret that BeginTOTP made, once a code shows that the app
// has it; that code is used up. An earlier secret is no good any more. It promises
// Denied, Invalid naming code, and TooMany as SignIn does.
func (b *Bank) ConfirmTOTP(ctx context.Context, actor Actor, code, shown string) error {
	if err := actor.needLogin(); err != nil {
		return err
	}
	g, err := b.guessed("second", actor.Login, actor.Login)
	if err != nil {
		return err
	}
	if _, err := b.try(ctx, actor, g); err != nil {
		return err
	}
	const secretLength = 32 // 160 bits in base 32, as BeginTOTP makes them
	step, right := secret.CheckCode(code, plainPassword(shown), b.Now().Unix())
	if !right || len(code) != secretLength {
		return invalidField("code", "", "totp", nil)
	}
	return b.write(ctx, actor, func(t *tx) error {
		if err := t.forgive(g); err != nil {
			return err
		}
		return t.setTOTP(actor.Login, code, step)
	})
}

// setTOTP keeps the secret of an app; codes up to a step are used up.
func (t *tx) setTOTP(login, code string, step int64) error {
	sealed, err := t.seal("login.totp", login, []byte(code))
	if err != nil {
		return err
	}
	// Without a secret the step may be any; see the triggers.
	if err := t.exec(`UPDATE login SET totp = NULL, totp_step = $1 WHERE id = $2`, step, login); err != nil {
		return err
	}
	if err := t.exec(`UPDATE login SET totp = $1 WHERE id = $2`, sealed, login); err != nil {
		return err
	}
	return t.audit("totp.add", login, "")
}

// GiveTOTP sets up new codes for a login in the place of its person, and gives the
// secret for an app. It promises Denied to all but the operator, and NotFound.
func (b *Bank) GiveTOTP(ctx context.Context, actor Actor, login string) (code string, err error) {
	if err := actor.need(IsOperator); err != nil {
		return "", err
	}
	if _, err := b.login(ctx, login); err != nil {
		return "", err
	}
	if code, err = secret.NewCodeSecret(); err != nil {
		return "", err
	}
	return code, b.write(ctx, actor, func(t *tx) error { return t.setTOTP(login, code, 0) })
}

// RemoveTOTP takes the codes of the app away. It promises Denied, and Conflict
// (error.second_needed) when a role takes a second factor and no other is there.
func (b *Bank) RemoveTOTP(ctx context.Context, actor Actor) error {
	if err := actor.needLogin(); err != nil {
		return err
	}
	return b.write(ctx, actor, func(t *tx) error {
		if err := t.exec(`UPDATE login SET totp = NULL WHERE id = $1`, actor.Login); err != nil {
			return err
		}
		if err := t.needSecond(actor.Login); err != nil {
			return err
		}
		return t.audit("totp.remove", actor.Login, "")
	})
}

// needSecond refuses to leave a role that takes a second factor without one. It promises Conflict.
func (t *tx) needSecond(login string) error {
	h, err := reading(t.each).holder(login)
	if err == nil && h.guarded() && !h.second {
		err = &Error{Code: Conflict, Key: "error.second_needed"}
	}
	return err
}
