package bank

import (
	"cmp"
	"context"
	"strings"
)

// newcomer is a login that is about to be made.
type newcomer struct {
	id       string
	handle   []byte // nil: without a login name
	learner  string
	password string // PHC string; empty: none
	personalText
	grants []RoleGrant
}

// addLogin makes a login. It promises Invalid naming name when another has it, and
// Conflict when the learner has one, and NotFound for a learner who was erased meanwhile.
func (t *tx) addLogin(n newcomer) error {
	if erased, err := t.erased(n.learner); err != nil || erased {
		return cmp.Or(err, notFound("learner", n.learner))
	}
	if n.handle != nil {
		if err := t.refuseTaken("name", n.handle, n.id); err != nil {
			return err
		}
	}
	personal, err := t.sealJSON("login.personal", n.id, n.personalText)
	if err != nil {
		return err
	}
	var handle any
	if n.handle != nil {
		handle = n.handle
	}
	err = t.exec(`INSERT INTO login (id, handle, learner, personal, password, totp_step, disabled, epoch, made_at) VALUES ($1, $2, $3, $4, $5, 0, FALSE, 0, $6)`,
		n.id, handle, textOrNil(n.learner), personal, textOrNil(n.password), micros(t.now))
	if err != nil {
		return err
	}
	if err := t.note(note{Action: "login.add", Object: n.id, Subject: n.learner}); err != nil {
		return err
	}
	for _, g := range n.grants {
		if err := t.grantRole(n.id, g); err != nil {
			return err
		}
	}
	return nil
}

// NewLogin is a login that the operator makes without an invitation.
type NewLogin struct {
	Name        string // the login name
	DisplayName string // empty: the login name
	Password    string
	Grants      []RoleGrant
	Learner     string // account; empty: none
}

// AddLogin makes a login. It promises Denied to all but the operator, NotFound for
// an account, Conflict when the learner has a login, and Invalid naming name,
// password, role or institution.
func (b *Bank) AddLogin(ctx context.Context, actor Actor, in NewLogin) (login string, err error) {
	if err := actor.need(IsOperator); err != nil {
		return "", err
	}
	for _, g := range in.Grants {
		if err := b.needRoleGrant(ctx, g); err != nil {
			return "", err
		}
	}
	n := newcomer{id: newNumber(), learner: in.Learner, grants: in.Grants, personalText: personalText{Name: strings.TrimSpace(in.Name), DisplayName: in.DisplayName}}
	if n.DisplayName == "" {
		n.DisplayName = n.Name
	}
	known := []string{n.Name}
	if in.Learner != "" {
		numbers, err := b.numbersOfAccount(ctx, in.Learner)
		if err != nil {
			return "", err
		}
		known = append(append(known, in.Learner), numbers...)
	}
	if n.handle, err = b.takeLoginName(ctx, "name", in.Name); err != nil {
		return "", err
	}
	if err := needPassword("password", in.Password, known...); err != nil {
		return "", err
	}
	if n.password, err = b.hasher.HashPassword(ctx, plainPassword(in.Password)); err != nil {
		return "", err
	}
	err = b.write(ctx, actor, func(t *tx) error {
		if err := t.needNoLogin(in.Learner); err != nil {
			return err
		}
		return t.addLogin(n)
	})
	return n.id, err
}

// needNoLogin promises Conflict when a learner has a login.
func (t *tx) needNoLogin(account string) error {
	login, err := t.loginOfLearner(account)
	if err == nil && login != "" {
		err = &Error{Code: Conflict, Key: "error.login_exists"}
	}
	return err
}

// SetPassword gives a login another password, and ends its sessions; second factors
// stay. It promises Denied to all but the operator, NotFound, and Invalid naming password.
func (b *Bank) SetPassword(ctx context.Context, actor Actor, login, password string) error {
	if err := actor.need(IsOperator); err != nil {
		return err
	}
	known, err := b.knownOf(ctx, login)
	if err != nil {
		return err
	}
	if err := needPassword("password", password, known...); err != nil {
		return err
	}
	hash, err := b.hasher.HashPassword(ctx, plainPassword(password))
	if err != nil {
		return err
	}
	return b.write(ctx, actor, func(t *tx) error {
		if err := t.setPassword(login, hash); err != nil {
			return err
		}
		return t.endAll(login)
	})
}
