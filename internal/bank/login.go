package bank

import (
	"context"
	"database/sql"
	"encoding/json"
	"slices"
	"time"
)

// Login is a way in for one person: a learner, staff of schools, of the bank, or several of these.
type Login struct {
	ID, Name, DisplayName, Email, Learner string // Name: the login name, none for most learners; Learner: their account

	Disabled       bool
	Made, LastSeen time.Time // LastSeen: of the last sign-in, zero before the first
	TOTP           bool      // codes of an app are set up
	Passkeys       int
	Password       bool // a password is set
	Grants         []RoleGrant
}

// RoleGrant is a role, or in a list of seats all roles, of somebody at one place:
// an institution, or the bank itself when it is empty.
type RoleGrant struct {
	Role        Roles
	Institution string
}

// The roles by where somebody has them.
const (
	rolesOfSchool = IsRegistrar | IsExpert | IsDecider
	rolesOfBank   = IsAdministrator | IsAuditor
	// Nobody has one of these without a second factor.
	guardedRoles = IsDecider | IsAdministrator
)

// StaffRoles are the roles that are granted: all that people have beside learner.
func StaffRoles() Roles { return rolesOfSchool | rolesOfBank }

// personalText is what is sealed in the row of a login.
type personalText struct {
	Name        string `json:"name,omitempty"`
	DisplayName string `json:"display_name,omitempty"`
	Email       string `json:"email,omitempty"`
}

// personName is the name of an actor who is logged in.
func personName(login string) string { return "u:" + login }

// holder is what decides at this moment what a login may.
type holder struct {
	learner  string // the account that counts, after a merge
	disabled bool
	second   bool // there is a second factor
	epoch    int64
	grants   []RoleGrant // each one role, in the order of the place
}

// holder reads it in one statement, so that it is of one moment. It promises
// Unauthenticated when there is no such login.
func (read reading) holder(login string) (h holder, err error) {
	known := false
	err = read(func(rows *sql.Rows) error {
		known = true
		var role, institution string
		err := rows.Scan(&h.learner, &h.disabled, &h.second, &h.epoch, &role, &institution)
		if role != "" {
			h.grants = append(h.grants, RoleGrant{Role: RoleNamed(role), Institution: institution})
		}
		return err
	}, `SELECT coalesce(m.into_account, l.learner, ''), l.disabled, l.totp IS NOT NULL OR EXISTS (SELECT 1 FROM passkey p WHERE p.login = l.id), l.epoch,
		coalesce(r.role, ''), coalesce(r.institution, '') FROM login l
		LEFT JOIN learner_merge m ON m.account = l.learner LEFT JOIN login_role r ON r.login = l.id
		WHERE l.id = $1 ORDER BY coalesce(r.institution, ''), r.role`, login)
	if err == nil && !known {
		err = errNoSession()
	}
	return h, err
}

// errNoSession is the answer to whoever is nobody any more: they sign in again.
func errNoSession() error { return &Error{Code: Unauthenticated, Key: "error.session"} }

// RoleNamed is the role of a name, none for another word.
func RoleNamed(name string) Roles {
	if i := slices.Index(RoleNames(), name); i >= 0 {
		return 1 << i
	}
	return 0
}

// guarded says whether one of the roles takes a second factor.
func (h holder) guarded() bool {
	return slices.ContainsFunc(h.grants, func(g RoleGrant) bool { return g.Role&guardedRoles != 0 })
}

// seats are the places at which the holder can act, the bank before the schools,
// with the roles there. A learner without any other role has the seat of one.
func (h holder) seats() []RoleGrant {
	var seats []RoleGrant
	for _, g := range h.grants {
		if n := len(seats); n > 0 && seats[n-1].Institution == g.Institution {
			seats[n-1].Role |= g.Role
		} else {
			seats = append(seats, g)
		}
	}
	if len(seats) == 0 && h.learner != "" {
		seats = []RoleGrant{{Role: IsLearner}}
	}
	return seats
}

// Seats lists where the person can act, the bank itself before the schools, each
// with all roles there. It promises Unauthenticated.
func (b *Bank) Seats(ctx context.Context, login string) ([]RoleGrant, error) {
	h, err := b.reading(ctx).holder(login)
	return h.seats(), err
}

// ActorOf gives the actor that a login is at this moment, at one of its places;
// institution "": at the first of them. A learner is one at every place. Roles that
// take a second factor are left out while there is none: it is set up first.
//
// It promises Unauthenticated when the login is disabled, or has no role at the
// institution (any more).
func (b *Bank) ActorOf(ctx context.Context, login, institution, origin string) (Actor, error) {
	h, err := b.reading(ctx).holder(login)
	if err != nil {
		return Actor{}, err
	}
	return h.actor(login, institution, origin)
}

func (h holder) actor(login, institution, origin string) (Actor, error) {
	a := Actor{Name: personName(login), Login: login, Learner: h.learner, Institution: institution, Origin: origin}
	seats := h.seats()
	at := slices.IndexFunc(seats, func(s RoleGrant) bool { return s.Institution == institution })
	if institution == "" && len(seats) > 0 {
		at = 0
	}
	switch {
	case h.disabled || at < 0 && institution != "":
		return Actor{}, errNoSession()
	case at >= 0:
		a.Roles, a.Institution = seats[at].Role, seats[at].Institution
	}
	if !h.second {
		a.Roles &^= guardedRoles
	}
	if h.learner != "" {
		a.Roles |= IsLearner
	}
	return a, nil
}

// needLogin lets through who is logged in. It promises Denied.
func (a Actor) needLogin() error {
	if a.Login == "" {
		return &Error{Code: Denied, Key: "error.role"}
	}
	return nil
}

// MyLogin is the actor's own login, with all grants. It promises Denied to who is not logged in.
func (b *Bank) MyLogin(ctx context.Context, actor Actor) (Login, error) {
	if err := actor.needLogin(); err != nil {
		return Login{}, err
	}
	return b.login(ctx, actor.Login)
}

// login reads a login. It promises NotFound.
func (b *Bank) login(ctx context.Context, id string) (Login, error) {
	l, sealed := Login{ID: id}, []byte(nil)
	var made, seen int64
	err := b.db.each(ctx, func(rows *sql.Rows) error {
		return rows.Scan(&sealed, &l.Learner, &l.Disabled, &made, &seen, &l.TOTP, &l.Passkeys, &l.Password)
	}, `SELECT personal, coalesce(learner, ''), disabled, made_at, coalesce(seen_at, 0), totp IS NOT NULL,
		(SELECT count(*) FROM passkey p WHERE p.login = login.id), password IS NOT NULL FROM login WHERE id = $1`, id)
	switch {
	case err != nil:
		return Login{}, err
	case sealed == nil:
		return Login{}, notFound("login", id)
	}
	h, err := b.reading(ctx).holder(id)
	if err != nil {
		return Login{}, err
	}
	l.Made, l.LastSeen, l.Grants = fromMicros(made), fromMicros(seen), h.grants
	text, err := b.openLogin(id, sealed)
	l.Name, l.DisplayName, l.Email = text.Name, text.DisplayName, text.Email
	return l, err
}

func (b *Bank) openLogin(id string, sealed []byte) (text personalText, err error) {
	plain, err := b.unseal("login.personal", id, sealed)
	if err != nil {
		return text, err
	}
	return text, json.Unmarshal(plain, &text)
}

// sealJSON seals a value as JSON.
func (t *tx) sealJSON(kind, row string, value any) ([]byte, error) {
	plain, err := json.Marshal(value)
	if err != nil {
		return nil, err
	}
	return t.seal(kind, row, plain)
}

// fromMicros is an instant as it was stored; 0 is none.
func fromMicros(at int64) time.Time {
	if at == 0 {
		return time.Time{}
	}
	return time.UnixMicro(at).UTC()
}
