package bank

import (
	"database/sql"
	"slices"
	"strconv"
	"strings"
)

// Changes that a proposal about a role makes.
const (
	roleGranted = "grant"
	roleRevoked = "revoke"
)

// roleProposal grants or revokes a role: that of an administrator, and any other
// of somebody who is one, takes two of them.
var roleProposal = proposalKind{
	name: "role", args: []string{"login", "change", "role", "institution"}, proposes: IsAdministrator,
	check: func(t *tx, p *Proposal) error {
		if err := p.given("login", "role"); err != nil {
			return err
		}
		p.About = personName(p.Args["login"])
		return t.checkRole(p)
	},
	facts: func(read reading, p *Proposal) ([]Fact, error) {
		h, err := read.holder(p.Args["login"])
		if err != nil {
			return nil, err
		}
		var roles []string
		for _, g := range h.grants {
			roles = append(roles, strings.TrimSpace(g.Role.Names()[0]+" "+g.Institution))
		}
		administrators := 0
		err = read(func(rows *sql.Rows) error { return rows.Scan(&administrators) },
			`SELECT count(*) FROM login_role r JOIN login l ON l.id = r.login WHERE r.role = 'administrator' AND NOT l.disabled`)
		return []Fact{{"roles", strings.Join(roles, ", ")}, {"disabled", strconv.FormatBool(h.disabled)}, {"administrators", strconv.Itoa(administrators)}}, err
	},
	carry: func(t *tx, p *Proposal) error {
		if err := t.checkRole(p); err != nil {
			return err
		}
		if p.Args["change"] == roleRevoked {
			return t.revokeRole(p.Args["login"], p.grant())
		}
		return t.grantRole(p.Args["login"], p.grant())
	},
}

// grant is the role that a proposal is about.
func (p *Proposal) grant() RoleGrant {
	return RoleGrant{Role: RoleNamed(p.Args["role"]), Institution: p.Args["institution"]}
}

// checkRole promises Invalid, naming the arguments, for a role that cannot be
// granted or revoked as it is now, and Conflict (error.last_administrator).
func (t *tx) checkRole(p *Proposal) error {
	if change := p.Args["change"]; change != roleGranted && change != roleRevoked {
		return invalidField("change", change, "choice", map[string]any{"Choices": roleGranted + ", " + roleRevoked})
	}
	g := p.grant()
	if err := reading(t.each).needRoleGrant(g); err != nil {
		return err
	}
	h, err := reading(t.each).holder(p.Args["login"])
	if CodeOf(err) == Unauthenticated {
		return invalidField("login", p.Args["login"], "unknown_login", nil)
	}
	if err != nil {
		return err
	}
	has := slices.Contains(h.grants, g)
	switch {
	case p.Args["change"] == roleGranted && has:
		return invalidField("role", p.Args["role"], "has_role", nil)
	case p.Args["change"] == roleRevoked && !has:
		return invalidField("role", p.Args["role"], "has_not_role", nil)
	case p.Args["change"] == roleRevoked && g.Role == IsAdministrator:
		return t.keepAdministrator(p.Args["login"])
	}
	return nil
}
