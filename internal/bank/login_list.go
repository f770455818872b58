package bank

import (
	"context"
	"database/sql"
	"slices"
)

// Staff lists the logins that have a role at an institution, the oldest first, with
// their roles there; institution "": all logins of staff, with all roles. It is for
// registrars and deciders of the institution, administrators, auditors and the
// operator. It promises Denied, NotFound for another's institution, and Invalid for
// a foreign cursor.
func (b *Bank) Staff(ctx context.Context, actor Actor, institution string, w Window) (Page[Login], error) {
	return b.StaffAs(ctx, actor, institution, "", w)
}

// StaffAs is Staff of those who have a role there, by its name; "": any.
func (b *Bank) StaffAs(ctx context.Context, actor Actor, institution, role string, w Window) (Page[Login], error) {
	if err := actor.need(IsOperator | IsAdministrator | IsAuditor | IsRegistrar | IsDecider); err != nil {
		return Page[Login]{}, err
	}
	if !actor.seesAll() && institution != actor.Institution {
		return Page[Login]{}, notFound("institution", institution)
	}
	var ids []string
	err := b.db.each(ctx, func(rows *sql.Rows) error {
		var id string
		err := rows.Scan(&id)
		ids = append(ids, id)
		return err
	}, `SELECT l.id FROM login l WHERE $1 = '' AND $2 = '' AND l.learner IS NULL
		OR EXISTS (SELECT 1 FROM login_role r WHERE r.login = l.id AND ($1 = '' OR r.institution = $1) AND ($2 = '' OR r.role = $2)) ORDER BY l.made_at, l.id`,
		institution, role)
	if err != nil {
		return Page[Login]{}, err
	}
	page, err := cut(ids, w, func(id string) Login { return Login{ID: id} })
	for i := range page.Items {
		l, err := b.login(ctx, page.Items[i].ID)
		if err != nil {
			return Page[Login]{}, err
		}
		if institution != "" {
			l.Grants = slices.DeleteFunc(l.Grants, func(g RoleGrant) bool { return g.Institution != institution })
		}
		page.Items[i] = l
	}
	return page, err
}

// LoginNamed finds a login by its name, of a learner also by the account. It
// promises Denied to all but the operator, and NotFound.
func (b *Bank) LoginNamed(ctx context.Context, actor Actor, name string) (Login, error) {
	if err := actor.need(IsOperator); err != nil {
		return Login{}, err
	}
	d, err := b.doorOf(ctx, name)
	switch {
	case err != nil:
		return Login{}, err
	case d.login == "":
		return Login{}, notFound("login", name)
	}
	return b.login(ctx, d.login)
}

// LoginOfLearner finds the login of a learner of the actor's school, as ClaimCode
// does; ok says whether there is one. It promises Denied and NotFound.
func (b *Bank) LoginOfLearner(ctx context.Context, actor Actor, account string) (l Login, ok bool, err error) {
	if _, err := b.sight(ctx, actor, account); err != nil {
		return Login{}, false, err
	}
	err = b.db.each(ctx, func(rows *sql.Rows) error { return rows.Scan(&l.ID) }, `SELECT id FROM login WHERE learner = $1`, account)
	if err != nil || l.ID == "" {
		return Login{}, false, err
	}
	l, err = b.login(ctx, l.ID)
	return l, true, err
}

// OpenInvitation is a link that nobody used yet, without its secret.
type OpenInvitation struct {
	InvitationView
	Email string
	By    string // the actor who made it
}

// Invitations lists the links for staff that are good still, the oldest first, of an
// institution or of all, to those who see its staff, with the codes of Staff.
func (b *Bank) Invitations(ctx context.Context, actor Actor, institution string, w Window) (Page[OpenInvitation], error) {
	if err := actor.need(IsOperator | IsAdministrator | IsAuditor | IsRegistrar | IsDecider); err != nil {
		return Page[OpenInvitation]{}, err
	}
	if !actor.seesAll() && institution != actor.Institution {
		return Page[OpenInvitation]{}, notFound("institution", institution)
	}
	type row struct {
		OpenInvitation
		payload []byte
	}
	var list []row
	err := b.db.each(ctx, func(rows *sql.Rows) error {
		var r row
		var expires int64
		err := rows.Scan(&r.ID, &r.payload, &r.By, &expires)
		r.Kind, r.Expires = InviteStaff, fromMicros(expires)
		list = append(list, r)
		return err
	}, `SELECT id, payload, made_by, expires_at FROM invitation WHERE kind = 'staff' AND used_at IS NULL AND expires_at > $1
		AND ($2 = '' OR institution = $2) ORDER BY made_at, id`, micros(b.Now()), institution)
	if err != nil {
		return Page[OpenInvitation]{}, err
	}
	var broken error
	page, err := cut(list, w, func(r row) OpenInvitation {
		text, err := b.openInvitation(r.ID, r.payload)
		if err != nil {
			broken = err
		}
		r.Name, r.Grants, r.Email = text.Name, text.Grants, text.Email
		return r.OpenInvitation
	})
	if err == nil {
		err = broken
	}
	return page, err
}

// WithdrawInvitation makes a link void: that of the actor's school for its
// registrars, any for administrators and the operator. It promises Denied, and
// NotFound, also for one that is used.
func (b *Bank) WithdrawInvitation(ctx context.Context, actor Actor, id string) error {
	if err := actor.need(IsOperator | IsAdministrator | IsRegistrar); err != nil {
		return err
	}
	return b.write(ctx, actor, func(t *tx) error {
		of, known := "", false
		err := t.each(func(rows *sql.Rows) error { known = true; return rows.Scan(&of) }, `SELECT coalesce(institution, '') FROM invitation WHERE id = $1`, id)
		if err != nil {
			return err
		}
		if !known || !actor.Is(IsOperator|IsAdministrator) && (of == "" || of != actor.Institution) {
			return errNoInvitation()
		}
		if err := t.useInvitation(id); err != nil {
			return err
		}
		return t.audit("invitation.withdraw", id, "")
	})
}
