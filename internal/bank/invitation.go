package bank

import (
	"context"
	"database/sql"
	"encoding/json"
	"strings"
	"time"
)

// InvitationKind is what a link is for.
type InvitationKind string

// The kinds of links.
const (
	InviteStaff    InvitationKind = "staff"    // makes a login
	InviteRecovery InvitationKind = "recovery" // sets a new password for one that is there
	InviteFirst    InvitationKind = "first"    // makes the first administrator
)

// How long links are good for.
const (
	invitationLife = 7 * 24 * time.Hour
	recoveryLife   = 24 * time.Hour
)

// NewInvitation is whom somebody invites, and as what.
type NewInvitation struct {
	Name   string // who it is, for people
	Email  string
	Grants []RoleGrant // each one role; an administrator may leave them out
}

// InvitationView is what a link says before it is used.
type InvitationView struct {
	ID      string
	Kind    InvitationKind
	Name    string // who it is for, for people
	Login   string // of a recovery: the login name
	Grants  []RoleGrant
	Expires time.Time
}

// invitationText is what is sealed in an invitation.
type invitationText struct {
	Name   string      `json:"name,omitempty"`
	Email  string      `json:"email,omitempty"`
	Grants []RoleGrant `json:"grants,omitempty"`
}

// storedInvitation is a row, for whoever has its secret.
type storedInvitation struct {
	InvitationView
	text  invitationText
	login string
}

// Invite makes a link that lets somebody make a login with these roles; its secret
// is told this once. Registrars invite registrars and experts of their own school,
// administrators anyone but administrators (who are made by two of them). It
// promises Denied, and Invalid naming name, email or grants.
func (b *Bank) Invite(ctx context.Context, actor Actor, in NewInvitation) (secret string, err error) {
	if err := actor.need(IsOperator | IsAdministrator | IsRegistrar); err != nil {
		return "", err
	}
	text := invitationText{Name: strings.TrimSpace(in.Name), Email: strings.TrimSpace(in.Email), Grants: in.Grants}
	if err := needPerson(text.Name, text.Email); err != nil {
		return "", err
	}
	if len(in.Grants) == 0 && !actor.Is(IsOperator|IsAdministrator) {
		return "", invalidField("grants", "", "required", nil)
	}
	for _, g := range in.Grants {
		if err := actor.mayGrant(g); err != nil {
			return "", err
		}
		if err := b.needRoleGrant(ctx, g); err != nil {
			return "", err
		}
	}
	err = b.write(ctx, actor, func(t *tx) (err error) {
		secret, err = t.invite(InviteStaff, "", text, invitationLife)
		return err
	})
	if err != nil {
		return "", err
	}
	return secret, nil
}

// needPerson checks what people call somebody, and their address. It promises Invalid.
func needPerson(name, email string) error {
	var faults []FieldError
	if code := nameFault(name); code != "" {
		faults = append(faults, FieldError{Field: "name", Code: code, Args: map[string]any{"Limit": nameLength}})
	}
	if email != "" {
		code := nameFault(email)
		if at := strings.IndexByte(email, '@'); code == "" && (at < 1 || at == len(email)-1 || strings.ContainsAny(email, " <>,;")) {
			code = "email"
		}
		if code != "" {
			faults = append(faults, FieldError{Field: "email", Code: code, Args: map[string]any{"Limit": nameLength}})
		}
	}
	if len(faults) > 0 {
		return invalidFields(faults)
	}
	return nil
}

// invite keeps an invitation and gives its secret.
func (t *tx) invite(kind InvitationKind, login string, text invitationText, life time.Duration) (secret string, err error) {
	id := newNumber()
	payload, err := t.sealJSON("invitation.payload", id, text)
	if err != nil {
		return "", err
	}
	institution := "" // the one school whose staff see it in their list
	for i, g := range text.Grants {
		if i == 0 {
			institution = g.Institution
		} else if g.Institution != institution {
			institution = ""
		}
	}
	secret, digest := newSecret()
	err = t.exec(`INSERT INTO invitation (id, digest, kind, login, institution, payload, made_by, made_at, expires_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
		id, digest, string(kind), textOrNil(login), textOrNil(institution), payload, t.actor.Name, micros(t.now), micros(t.now.Add(life)))
	if err != nil {
		return "", err
	}
	return secret, t.audit("invitation."+string(kind), id, login)
}

// Invitation tells what a link is for. It promises NotFound (error.not_found.invitation)
// for one that is used, withdrawn or over, and for any other text.
func (b *Bank) Invitation(ctx context.Context, secret string) (InvitationView, error) {
	in, err := b.invitation(ctx, secret)
	if err != nil || in.Kind != InviteRecovery {
		return in.InvitationView, err
	}
	l, err := b.login(ctx, in.login)
	in.Name, in.Login, in.Grants = l.DisplayName, l.Name, l.Grants
	return in.InvitationView, err
}

func (b *Bank) invitation(ctx context.Context, secret string) (in storedInvitation, err error) {
	digest := secretDigest(secret)
	var payload []byte
	var expires int64
	err = b.db.each(ctx, func(rows *sql.Rows) error {
		return rows.Scan(&in.ID, &in.Kind, &in.login, &payload, &expires)
	}, `SELECT id, kind, coalesce(login, ''), payload, expires_at FROM invitation WHERE digest = $1 AND used_at IS NULL AND expires_at > $2`,
		digest, micros(b.Now()))
	switch {
	case err != nil:
		return in, err
	case payload == nil:
		return in, errNoInvitation()
	}
	in.text, err = b.openInvitation(in.ID, payload)
	in.Name, in.Grants, in.Expires = in.text.Name, in.text.Grants, fromMicros(expires)
	return in, err
}

func (b *Bank) openInvitation(id string, payload []byte) (text invitationText, err error) {
	plain, err := b.unseal("invitation.payload", id, payload)
	if err != nil {
		return text, err
	}
	return text, json.Unmarshal(plain, &text)
}

func errNoInvitation() error { return notFound("invitation", "") }

// AcceptInvitation uses a link, once: it makes the login with this name and
// password, or of a recovery sets the password of the login that is there, whatever
// the name. Of several at once one succeeds. [Bank.Enter] lets the person in.
//
// It promises NotFound as Invitation does, and Invalid naming name or password.
func (b *Bank) AcceptInvitation(ctx context.Context, origin, secret, name, password string) (login string, err error) {
	in, err := b.invitation(ctx, secret)
	if err != nil {
		return "", err
	}
	made := newcomer{id: in.login, personalText: personalText{Name: strings.TrimSpace(name), DisplayName: in.text.Name, Email: in.text.Email}, grants: in.text.Grants}
	known := []string{made.Name, made.DisplayName, made.Email}
	if in.Kind == InviteRecovery {
		known, err = b.knownOf(ctx, in.login)
	} else {
		made.id = newNumber()
		made.handle, err = b.takeLoginName(ctx, "name", name)
	}
	if err != nil {
		return "", err
	}
	if err := needPassword("password", password, known...); err != nil {
		return "", err
	}
	if made.password, err = b.hasher.HashPassword(ctx, plainPassword(password)); err != nil {
		return "", err
	}
	actor := Actor{Name: personName(made.id), Login: made.id, Origin: origin}
	err = b.write(ctx, actor, func(t *tx) error { return t.acceptInvitation(in, made) })
	return made.id, err
}

func (t *tx) acceptInvitation(in storedInvitation, made newcomer) error {
	if err := t.useInvitation(in.ID); err != nil {
		return err
	}
	if err := t.audit("invitation.accept", in.ID, made.id); err != nil {
		return err
	}
	if in.Kind == InviteRecovery {
		return t.setPassword(in.login, made.password)
	}
	if in.Kind == InviteFirst {
		if err := t.needNoAdministrator(); err != nil {
			return err
		}
	}
	return t.addLogin(made)
}

// useInvitation marks one as used. It promises NotFound when it is not good any more.
func (t *tx) useInvitation(id string) error {
	good := false
	err := t.each(func(*sql.Rows) error { good = true; return nil },
		`SELECT 1 FROM invitation WHERE id = $1 AND used_at IS NULL AND expires_at > $2`, id, micros(t.now))
	switch {
	case err != nil:
		return err
	case !good:
		return errNoInvitation()
	}
	return t.exec(`UPDATE invitation SET used_at = $1, payload = NULL WHERE id = $2`, micros(t.now), id)
}

// needNoAdministrator promises NotFound once there is an administrator who can come in.
func (t *tx) needNoAdministrator() error {
	if err := t.keepAdministrator(""); CodeOf(err) == Conflict {
		return nil
	} else if err != nil {
		return err
	}
	return errNoInvitation()
}

// FirstAdministrator makes a link for the first administrator, while there is none
// who can come in; earlier ones are void. Without need it gives no secret.
func (b *Bank) FirstAdministrator(ctx context.Context) (secret string, err error) {
	err = b.write(ctx, Operator("operator"), func(t *tx) (err error) {
		secret = ""
		if err := t.needNoAdministrator(); err != nil {
			if CodeOf(err) == NotFound {
				return nil
			}
			return err
		}
		if err := t.exec(`UPDATE invitation SET used_at = $1, payload = NULL WHERE kind = 'first' AND used_at IS NULL`, micros(t.now)); err != nil {
			return err
		}
		secret, err = t.invite(InviteFirst, "", invitationText{Grants: []RoleGrant{{Role: IsAdministrator}}}, recoveryLife)
		return err
	})
	if err != nil {
		return "", err
	}
	return secret, nil
}

// Recover makes a link that sets a new password for a login, and at once ends its
// sessions, its password, its second factors and its identities. Administrators do
// so for all but administrators, who need the operator, since whoever has the link
// could be the second of two people; registrars and deciders for registrars and
// experts of their own school who are nothing else; nobody for themselves.
//
// It promises Denied and NotFound.
func (b *Bank) Recover(ctx context.Context, actor Actor, login string) (secret string, err error) {
	if err := actor.need(IsOperator | IsAdministrator | IsRegistrar | IsDecider); err != nil {
		return "", err
	}
	err = b.write(ctx, actor, func(t *tx) error {
		h, err := t.staffOf(login)
		switch {
		case err != nil:
			return err
		case actor.Is(IsOperator):
		case h.administrator():
			return &Error{Code: Denied, Key: "error.two_people"}
		case !actor.Is(IsAdministrator) && !h.only(IsRegistrar|IsExpert, actor.Institution):
			return &Error{Code: Denied, Key: "error.role"}
		}
		if err := t.clearWays(login); err != nil {
			return err
		}
		if err := t.exec(`UPDATE invitation SET used_at = $1, payload = NULL WHERE login = $2 AND used_at IS NULL`, micros(t.now), login); err != nil {
			return err
		}
		secret, err = t.invite(InviteRecovery, login, invitationText{}, recoveryLife)
		return err
	})
	if err != nil {
		return "", err
	}
	return secret, nil
}

// clearWays takes all ways in from a login, and ends its sessions.
func (t *tx) clearWays(login string) error {
	for _, statement := range []string{
		`UPDATE login SET password = NULL, totp = NULL WHERE id = $1`,
		`DELETE FROM passkey WHERE login = $1`,
		`DELETE FROM identity WHERE login = $1`,
	} {
		if err := t.exec(statement, login); err != nil {
			return err
		}
	}
	return t.endAll(login)
}
