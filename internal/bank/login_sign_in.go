package bank

import (
	"context"
	"database/sql"
	"strconv"

	"creditbank/internal/secret"
)

// SignedIn is what a sign-in has come to.
type SignedIn struct {
	Login  string
	Epoch  int64 // goes into the session as [SessionEpoch]: sessions of an earlier one are over
	Second bool  // a second factor must be shown before anything else
	Enrol  bool  // a second factor must be set up first, since a role takes one
}

// Way is how somebody came in.
type Way string

// The ways to come in. A passkey is two factors in one.
const (
	ByPassword Way = "password"
	ByPasskey  Way = "passkey"
	ByIdentity Way = "identity" // an identity provider said who it is
	ByLink     Way = "link"     // an invitation or a claim code was just used
)

// door is what stands between somebody and a login: the login that a name leads to, if any.
type door struct {
	login, password string
	guessed
}

// SignIn checks a password. name is a login name, or of a learner the account, the
// ID number or the school number; origin is the network from which the request
// comes. Where it succeeds, a session of the login begins only after a second
// factor, when one is to be shown.
//
// It promises Unauthenticated (error.sign_in) for a wrong password, a name that
// nobody has, a login without password and a disabled one, after the same work; and
// TooMany (error.sign_in_wait, Args "Seconds") after five failures, for every name alike.
func (b *Bank) SignIn(ctx context.Context, origin, name, password string) (SignedIn, error) {
	d, err := b.doorOf(ctx, name)
	if err != nil {
		return SignedIn{}, err
	}
	failed, err := b.try(ctx, visitorFrom(origin), d.guessed)
	if err != nil {
		return SignedIn{}, err
	}
	right, err := b.rightPassword(ctx, d.password, password)
	switch {
	case err != nil:
		return SignedIn{}, err
	case !right || d.login == "":
		return SignedIn{}, errSignIn()
	}
	renewed, err := b.renewed(ctx, d.password, password)
	if err != nil {
		return SignedIn{}, err
	}
	in, err := b.enter(ctx, origin, d.login, ByPassword, strconv.Itoa(failed), func(t *tx) error { return t.confirm(d, renewed) })
	return in, err
}

func errSignIn() error { return &Error{Code: Unauthenticated, Key: "error.sign_in"} }

// visitorFrom is somebody who is nobody yet.
func visitorFrom(origin string) Actor {
	a := Visitor
	a.Origin = origin
	return a
}

// doorOf finds the login of a name.
func (b *Bank) doorOf(ctx context.Context, name string) (d door, err error) {
	handle, err := b.handle(name)
	if err != nil {
		return d, err
	}
	account, err := b.accountOf(ctx, name)
	if err != nil {
		return d, err
	}
	// Of two logins that of the name comes last, and counts.
	err = b.db.each(ctx, func(rows *sql.Rows) error { return rows.Scan(&d.login, &d.password) },
		`SELECT id, coalesce(password, '') FROM login WHERE handle = $1 OR learner = $2 ORDER BY CASE WHEN handle = $1 THEN 1 ELSE 0 END`,
		handle, account)
	if err != nil {
		return d, err
	}
	subject := d.login
	if subject == "" {
		subject = "name " + Fold(name)
	}
	d.guessed, err = b.guessed("password", subject, d.login)
	return d, err
}

// rightPassword compares, also with the hash of nothing.
func (b *Bank) rightPassword(ctx context.Context, hash, password string) (bool, error) {
	if hash == "" {
		hash = noPassword
	}
	return b.hasher.CheckPassword(ctx, hash, plainPassword(password))
}

// renewed hashes a password again when its hash costs less than new ones do; else
// it gives the hash as it is.
func (b *Bank) renewed(ctx context.Context, hash, password string) (string, error) {
	if !secret.Outdated(hash) {
		return hash, nil
	}
	return b.hasher.HashPassword(ctx, plainPassword(password))
}

// confirm holds what was checked outside the write against what is there now.
func (t *tx) confirm(d door, renewed string) error {
	same := false
	err := t.each(func(*sql.Rows) error { same = true; return nil }, `SELECT 1 FROM login WHERE id = $1 AND password = $2`, d.login, d.password)
	switch {
	case err != nil:
		return err
	case !same:
		return errSignIn()
	}
	if renewed != d.password {
		if err := t.exec(`UPDATE login SET password = $1 WHERE id = $2`, renewed, d.login); err != nil {
			return err
		}
	}
	return t.forgive(d.guessed)
}

// Enter lets in somebody of whom another way than a password showed who they are:
// a passkey, an identity provider, a link just used. It promises Unauthenticated
// (error.sign_in) when the login is disabled or gone.
func (b *Bank) Enter(ctx context.Context, origin, login string, by Way) (SignedIn, error) {
	return b.enter(ctx, origin, login, by, "", func(*tx) error { return nil })
}

func (b *Bank) enter(ctx context.Context, origin, login string, by Way, failed string, confirm func(*tx) error) (in SignedIn, err error) {
	actor := Actor{Name: personName(login), Login: login, Origin: origin}
	err = b.write(ctx, actor, func(t *tx) error {
		h, err := reading(t.each).holder(login)
		if CodeOf(err) == Unauthenticated || err == nil && h.disabled {
			return errSignIn()
		}
		if err != nil {
			return err
		}
		if err := confirm(t); err != nil {
			return err
		}
		in = SignedIn{Login: login, Epoch: h.epoch, Second: h.second && by != ByPasskey, Enrol: !h.second && h.guarded()}
		if err := t.exec(`UPDATE login SET seen_at = $1 WHERE id = $2`, micros(t.now), login); err != nil {
			return err
		}
		return t.audit("login.in", login, string(by)+" "+failed)
	})
	if err != nil {
		return SignedIn{}, err
	}
	return in, nil
}

// CheckPassword says whether a password is the actor's own, before something that
// another at an open screen must not do. Tries count as for a sign-in, with its
// codes; wrong is Invalid, naming password.
func (b *Bank) CheckPassword(ctx context.Context, actor Actor, password string) error {
	_, err := b.ownPassword(ctx, actor, "password", password)
	return err
}

// ownPassword checks the actor's password, and gives its hash; without one only no password is right.
func (b *Bank) ownPassword(ctx context.Context, actor Actor, field, password string) (hash string, err error) {
	if err := actor.needLogin(); err != nil {
		return "", err
	}
	err = b.db.each(ctx, func(rows *sql.Rows) error { return rows.Scan(&hash) }, `SELECT coalesce(password, '') FROM login WHERE id = $1`, actor.Login)
	if err != nil || hash == "" && password == "" {
		return "", err
	}
	g, err := b.guessed("password", actor.Login, actor.Login)
	if err != nil {
		return "", err
	}
	if _, err := b.try(ctx, actor, g); err != nil {
		return "", err
	}
	right, err := b.rightPassword(ctx, hash, password)
	if err == nil && !right {
		err = invalidField(field, "", "password_wrong", nil)
	}
	if err != nil {
		return "", err
	}
	return hash, b.write(ctx, actor, func(t *tx) error { return t.forgive(g) })
}

// ChangePassword sets the actor's password; old is the one until now, empty when
// there was none. Sessions go on: whoever calls this ends the others
// ([Bank.EndOtherDevices]). It promises Denied, TooMany as SignIn does, Invalid
// naming old or new, and Conflict (error.changed) when it was changed meanwhile.
func (b *Bank) ChangePassword(ctx context.Context, actor Actor, old, new string) error {
	was, err := b.ownPassword(ctx, actor, "old", old)
	if err != nil {
		return err
	}
	known, err := b.knownOf(ctx, actor.Login)
	if err != nil {
		return err
	}
	if err := needPassword("new", new, known...); err != nil {
		return err
	}
	hash, err := b.hasher.HashPassword(ctx, plainPassword(new))
	if err != nil {
		return err
	}
	return b.write(ctx, actor, func(t *tx) error {
		same := false
		err := t.each(func(*sql.Rows) error { same = true; return nil }, `SELECT 1 FROM login WHERE id = $1 AND coalesce(password, '') = $2`, actor.Login, was)
		switch {
		case err != nil:
			return err
		case !same:
			return &Error{Code: Conflict, Key: "error.changed"}
		}
		return t.setPassword(actor.Login, hash)
	})
}

// setPassword keeps the hash of a new password.
func (t *tx) setPassword(login, hash string) error {
	if err := t.exec(`UPDATE login SET password = $1 WHERE id = $2`, hash, login); err != nil {
		return err
	}
	return t.audit("login.password", login, "")
}

// knownOf is what others may know of the person of a login, none of which is a password.
func (b *Bank) knownOf(ctx context.Context, login string) ([]string, error) {
	l, err := b.login(ctx, login)
	if err != nil || l.Learner == "" {
		return []string{l.Name, l.DisplayName, l.Email}, err
	}
	numbers, err := b.numbersOfAccount(ctx, l.Learner)
	return append(numbers, l.Learner, l.Name, l.DisplayName, l.Email), err
}

// numbersOfAccount are the ID number, the school number and the phone of a learner, and the name.
func (b *Bank) numbersOfAccount(ctx context.Context, account string) ([]string, error) {
	l, err := b.person(ctx, account)
	return []string{l.IDNumber, l.SchoolNumber, l.Phone, l.Name}, err
}
