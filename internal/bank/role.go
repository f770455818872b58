package bank

import (
	"context"
	"database/sql"
	"slices"
	"strings"
)

// GrantRole gives a login one more role; once more changes nothing. Its sessions
// end. Administrators grant anything but the role of an administrator, and nothing
// to one, which takes two of them (see [Bank.Propose]); registrars grant registrar
// and expert within their own school to its staff; nobody grants to themselves.
//
// It promises Denied, NotFound for a login that is not for this actor to know of,
// and Invalid naming role or institution.
func (b *Bank) GrantRole(ctx context.Context, actor Actor, login string, g RoleGrant) error {
	if err := b.needRoleGrant(ctx, g); err != nil {
		return err
	}
	return b.write(ctx, actor, func(t *tx) error {
		if err := t.mayChangeRole(login, g); err != nil {
			return err
		}
		return t.grantRole(login, g)
	})
}

// RevokeRole takes a role away; once more changes nothing. Its sessions end, and
// the invitations it made are void. Who may is who may grant it. It promises the
// codes of GrantRole, and Conflict (error.last_administrator).
func (b *Bank) RevokeRole(ctx context.Context, actor Actor, login string, g RoleGrant) error {
	if err := b.needRoleGrant(ctx, g); err != nil {
		return err
	}
	return b.write(ctx, actor, func(t *tx) error {
		if err := t.mayChangeRole(login, g); err != nil {
			return err
		}
		return t.revokeRole(login, g)
	})
}

// needRoleGrant promises Invalid, naming role or institution.
func (b *Bank) needRoleGrant(ctx context.Context, g RoleGrant) error {
	return b.reading(ctx).needRoleGrant(g)
}

func (read reading) needRoleGrant(g RoleGrant) error {
	names := g.Role.Names()
	single := len(names) == 1 && g.Role&StaffRoles() != 0
	switch {
	case !single:
		return invalidField("role", strings.Join(names, ", "), "choice", map[string]any{"Choices": strings.Join(StaffRoles().Names(), ", ")})
	case g.Role&rolesOfBank != 0 && g.Institution != "":
		return invalidField("institution", g.Institution, "role_of_bank", nil)
	case g.Role&rolesOfSchool != 0 && g.Institution == "":
		return invalidField("institution", "", "required", nil)
	case g.Institution == "":
		return nil
	}
	known := false
	err := read(func(*sql.Rows) error { known = true; return nil }, `SELECT 1 FROM institution WHERE code = $1`, g.Institution)
	if err == nil && !known {
		err = invalidField("institution", g.Institution, "unknown_institution", nil)
	}
	return err
}

// mayGrant says whether the actor decides about such a role at all. It promises Denied.
func (a Actor) mayGrant(g RoleGrant) error {
	ofOwn := g.Institution == a.Institution && g.Institution != "" && g.Role&(IsRegistrar|IsExpert) != 0
	switch {
	case a.Is(IsOperator), a.Is(IsRegistrar) && ofOwn, a.Is(IsAdministrator) && g.Role != IsAdministrator:
		return nil
	case a.Is(IsAdministrator):
		return &Error{Code: Denied, Key: "error.two_people"}
	}
	return &Error{Code: Denied, Key: "error.role"}
}

// mayChangeRole promises Denied and NotFound.
func (t *tx) mayChangeRole(login string, g RoleGrant) error {
	if err := t.actor.mayGrant(g); err != nil {
		return err
	}
	h, err := t.staffOf(login)
	if err == nil && h.administrator() && !t.actor.Is(IsOperator) {
		err = &Error{Code: Denied, Key: "error.two_people"}
	}
	return err
}

// staffOf is a login that the actor answers for: any for administrators and the
// operator, that of staff of their own school for registrars and deciders; never
// their own. It promises Denied, and NotFound for one that the actor may not know of.
func (t *tx) staffOf(login string) (holder, error) {
	h, err := reading(t.each).holder(login)
	switch {
	case CodeOf(err) == Unauthenticated:
		return h, notFound("login", login)
	case err != nil:
		return h, err
	case t.actor.Is(IsOperator | IsAdministrator):
	case !t.actor.Is(IsRegistrar|IsDecider) || t.actor.Institution == "" || !h.worksAt(t.actor.Institution):
		return h, notFound("login", login)
	}
	if t.actor.Login == login {
		return h, &Error{Code: Denied, Key: "error.own_login"}
	}
	return h, nil
}

func (h holder) worksAt(institution string) bool {
	return slices.ContainsFunc(h.grants, func(g RoleGrant) bool { return g.Institution == institution })
}

// only says whether all that a login is are some of these roles at one institution, and no learner.
func (h holder) only(roles Roles, institution string) bool {
	return h.learner == "" && !slices.ContainsFunc(h.grants, func(g RoleGrant) bool { return g.Institution != institution || g.Role&^roles != 0 })
}

// administrator says whether the login is one.
func (h holder) administrator() bool {
	return slices.ContainsFunc(h.grants, func(g RoleGrant) bool { return g.Role == IsAdministrator })
}

// grantRole gives a role that somebody decided on; who may decide was asked before.
// It promises NotFound.
func (t *tx) grantRole(login string, g RoleGrant) error {
	h, err := reading(t.each).holder(login)
	switch {
	case CodeOf(err) == Unauthenticated:
		return notFound("login", login)
	case err != nil || slices.Contains(h.grants, g):
		return err
	}
	err = t.exec(`INSERT INTO login_role (login, role, institution, granted_at, granted_by) VALUES ($1, $2, $3, $4, $5)`,
		login, g.Role.Names()[0], textOrNil(g.Institution), micros(t.now), t.actor.Name)
	if err != nil {
		return err
	}
	if err := t.endAll(login); err != nil {
		return err
	}
	return t.audit("role.grant", login, strings.TrimSpace(g.Role.Names()[0]+" "+g.Institution))
}

// revokeRole takes a role away that somebody decided on; who may decide was asked
// before. It promises NotFound and Conflict (error.last_administrator).
func (t *tx) revokeRole(login string, g RoleGrant) error {
	h, err := reading(t.each).holder(login)
	switch {
	case CodeOf(err) == Unauthenticated:
		return notFound("login", login)
	case err != nil || !slices.Contains(h.grants, g):
		return err
	}
	if g.Role == IsAdministrator {
		if err := t.keepAdministrator(login); err != nil {
			return err
		}
	}
	err = t.exec(`DELETE FROM login_role WHERE login = $1 AND role = $2 AND coalesce(institution, '') = $3`, login, g.Role.Names()[0], g.Institution)
	if err != nil {
		return err
	}
	if err := t.endAccess(login); err != nil {
		return err
	}
	return t.audit("role.revoke", login, strings.TrimSpace(g.Role.Names()[0]+" "+g.Institution))
}

// keepAdministrator refuses to take away the last administrator who can come in. It
// promises Conflict.
func (t *tx) keepAdministrator(login string) error {
	another := false
	err := t.each(func(*sql.Rows) error { another = true; return nil }, `SELECT 1 FROM login_role r JOIN login l ON l.id = r.login
		WHERE r.role = 'administrator' AND NOT l.disabled AND l.id <> $1 LIMIT 1`, login)
	if err == nil && !another {
		err = &Error{Code: Conflict, Key: "error.last_administrator"}
	}
	return err
}

// endAccess ends what a login has under way: its sessions, and the invitations it made.
func (t *tx) endAccess(login string) error {
	if err := t.endAll(login); err != nil {
		return err
	}
	return t.exec(`UPDATE invitation SET used_at = $1, payload = NULL WHERE made_by = $2 AND used_at IS NULL`, micros(t.now), personName(login))
}

// DisableLogin shuts a login out, with all its sessions, or lets it in again; once
// more changes nothing. Administrators do so for any but their own, registrars for
// registrars and experts of their school who are nothing else. It promises Denied,
// NotFound, and Conflict (error.last_administrator).
func (b *Bank) DisableLogin(ctx context.Context, actor Actor, login string, disabled bool) error {
	if err := actor.need(IsOperator | IsAdministrator | IsRegistrar); err != nil {
		return err
	}
	return b.write(ctx, actor, func(t *tx) error {
		h, err := t.staffOf(login)
		switch {
		case err != nil:
			return err
		case !actor.Is(IsOperator|IsAdministrator) && !h.only(IsRegistrar|IsExpert, actor.Institution):
			return &Error{Code: Denied, Key: "error.role"}
		case h.disabled == disabled:
			return nil
		case !disabled:
			return t.setDisabled(login, false, "login.enable")
		}
		if h.administrator() {
			if err := t.keepAdministrator(login); err != nil {
				return err
			}
		}
		if err := t.endAccess(login); err != nil {
			return err
		}
		return t.setDisabled(login, true, "login.disable")
	})
}

func (t *tx) setDisabled(login string, disabled bool, action string) error {
	if err := t.exec(`UPDATE login SET disabled = $1 WHERE id = $2`, disabled, login); err != nil {
		return err
	}
	return t.audit(action, login, "")
}
