package web

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"creditbank/internal/bank"
)

// peoplePage lists the staff of a school, or of all of them and the bank.
type peoplePage struct {
	desk
	Institution string // of whom only staff are listed, as it was typed
	Role        string
	AllRoles    []string
	People      []staffRow
	Pager       pager
	Open        []invitationRow
	Roles       []string // that the person can give
	Link        string   // that was just made, told this once
	LinkFor     string
	LinkKind    string // invitation or recovery
}

// staffRow is one of the staff.
type staffRow struct {
	bank.Login
	Seats         []seat
	Self          bool // the person who looks
	Administrator bool // what changes takes two people
	Called        string
}

// invitationRow is a link that nobody used yet.
type invitationRow struct {
	bank.OpenInvitation
	Seats []seat
}

// staffRoles are the roles that people can have by where: at a school, at the bank.
var staffRoles = struct{ school, bank []string }{[]string{"registrar", "expert", "decider"}, []string{"auditor", "administrator"}}

// newPeoplePage reads the page for the filter of its address.
func (s *Server) newPeoplePage(c echo.Context) (p peoplePage, err error) {
	path := deskOf(c) + map[string]string{"/school": "/staff", "/admin": "/people"}[deskOf(c)]
	d, err := s.desk(c, path)
	if err != nil {
		return p, err
	}
	actor := actorOf(c)
	p = peoplePage{desk: d, AllRoles: slices.Concat(staffRoles.school, staffRoles.bank), Institution: d.School.Code, Roles: []string{"registrar", "expert"}}
	if d.Base == "/admin" {
		p.Institution, p.Role, p.Roles = clean(c.QueryParam("institution")), c.QueryParam("role"), slices.Concat(staffRoles.school, staffRoles.bank[:1])
	} else {
		p.Acts = actor.Is(bank.IsRegistrar)
	}
	n, err := s.names(c)
	if err != nil {
		return p, err
	}
	code := p.Institution
	if d.Base == "/admin" && code != "" {
		if found := newFinder(n.snapshot, n.today).school(code); found != "" {
			code = found
		}
	}
	err = p.list(s, c, code)
	return p, err
}

// list reads the people and the links that are out.
func (p *peoplePage) list(s *Server, c echo.Context, institution string) error {
	ctx, actor := c.Request().Context(), actorOf(c)
	people, err := s.bank.StaffAs(ctx, actor, institution, p.Role, window(c))
	if err != nil {
		return err
	}
	for _, l := range people.Items {
		row := staffRow{Login: l, Self: l.ID == actor.Login}
		if row.Seats, err = s.seats(ctx, l.Grants); err != nil {
			return err
		}
		for _, g := range l.Grants {
			row.Administrator = row.Administrator || g.Role == bank.IsAdministrator
		}
		if row.Called = l.DisplayName; row.Called == "" {
			row.Called = l.Name + l.Learner
		}
		p.People = append(p.People, row)
	}
	filter := url.Values{}
	if p.Base == "/admin" {
		filter = url.Values{"institution": {p.Institution}, "role": {p.Role}}
	}
	p.Pager = pagerOf(c, p.Here, len(people.Items), people.Total, filter)
	open, err := s.bank.Invitations(ctx, actor, institution, bank.Window{Limit: bank.MaxLimit})
	for _, i := range open.Items {
		seats, err := s.seats(ctx, i.Grants)
		if err != nil {
			return err
		}
		p.Open = append(p.Open, invitationRow{i, seats})
	}
	return err
}

// template is the page as it is called among the templates.
func (p *peoplePage) template() string {
	if p.Base == "/admin" {
		return "admin_people"
	}
	return "school_staff"
}

// people shows the page.
func (s *Server) people(c echo.Context) error { return s.showPeople(c, http.StatusOK, form{}, nil) }

func (s *Server) showPeople(c echo.Context, status int, f form, change func(*peoplePage)) error {
	p, err := s.newPeoplePage(c)
	if err != nil {
		return err
	}
	if p.Form = f; change != nil {
		change(&p)
	}
	return s.render(c, status, p.template(), p)
}

// grantOf is the role that a form names. A school's people name no institution:
// it is theirs.
func grantOf(c echo.Context, role, institution string) bank.RoleGrant {
	g := bank.RoleGrant{Institution: institution}
	if at := slices.Index(bank.RoleNames(), role); at >= 0 {
		g.Role = 1 << at
	}
	if deskOf(c) == "/school" {
		g.Institution = actorOf(c).Institution
	}
	if slices.Contains(staffRoles.bank, role) {
		g.Institution = ""
	}
	return g
}

// inviteStaff makes a link for somebody new, and shows it this once.
func (s *Server) inviteStaff(c echo.Context) error {
	institution, err := s.typedSchool(c)
	if err != nil {
		return err
	}
	in := bank.NewInvitation{Name: clean(c.FormValue("name")), Email: clean(c.FormValue("email"))}
	values, err := c.FormParams()
	if err != nil {
		return unreadable(err)
	}
	for _, role := range values["role"] {
		in.Grants = append(in.Grants, grantOf(c, role, institution))
	}
	fields := []string{"name", "email", "grants", "institution"}
	if len(in.Grants) == 0 {
		err = invalid(bank.FieldError{Field: "grants", Code: "required"})
	}
	var secret string
	if err == nil {
		secret, err = s.bank.Invite(c.Request().Context(), actorOf(c), in)
	}
	if err != nil {
		return s.again(c, err, fields, func(status int, f form) error {
			for _, role := range values["role"] {
				f.Values.Set("role_"+role, "1")
			}
			return s.showPeople(c, status, f, nil)
		})
	}
	return s.showLink(c, secret, in.Name, "invitation")
}

// typedSchool is the code of the institution that a form names by name or code;
// what is neither stays as it is, for the bank to refuse.
func (s *Server) typedSchool(c echo.Context) (string, error) {
	n, err := s.names(c)
	if err != nil {
		return "", err
	}
	text := clean(c.FormValue("institution"))
	if code := newFinder(n.snapshot, n.today).school(text); code != "" {
		return code, nil
	}
	return text, nil
}

// showLink shows a link that was just made. It is in no address and no session:
// who loses it makes another.
func (s *Server) showLink(c echo.Context, secret, called, kind string) error {
	return s.showPeople(c, http.StatusOK, form{}, func(p *peoplePage) {
		p.Link, p.LinkFor, p.LinkKind = s.address.of(c.Request())+"/invitation/"+secret, called, kind
	})
}

// changeRole grants or revokes a role.
func (s *Server) changeRole(c echo.Context) error {
	institution, err := s.typedSchool(c)
	if err != nil {
		return err
	}
	do, done := s.bank.GrantRole, "granted"
	if c.FormValue("change") == "revoke" {
		do, done = s.bank.RevokeRole, "revoked"
	}
	return s.changeStaff(c, done, do(c.Request().Context(), actorOf(c), c.Param("login"), grantOf(c, c.FormValue("role"), institution)))
}

// changeStaff answers a change of a login.
func (s *Server) changeStaff(c echo.Context, done string, err error) error {
	if err != nil {
		return s.again(c, err, []string{"people", "role", "institution"}, func(status int, f form) error { return s.showPeople(c, status, f, nil) })
	}
	return after(c, strings.TrimSuffix(c.Path(), c.Path()[strings.Index(c.Path(), "/:"):]), done)
}

// disableLogin shuts somebody out, or lets them in again.
func (s *Server) disableLogin(c echo.Context) error {
	disabled := c.FormValue("disabled") != ""
	done := map[bool]string{true: "disabled", false: "enabled"}[disabled]
	return s.changeStaff(c, done, s.bank.DisableLogin(c.Request().Context(), actorOf(c), c.Param("login"), disabled))
}

// recoverLogin makes a link with which somebody sets a new password, and shows it this once.
func (s *Server) recoverLogin(c echo.Context) error {
	secret, err := s.bank.Recover(c.Request().Context(), actorOf(c), c.Param("login"))
	if err != nil {
		return s.changeStaff(c, "", err)
	}
	return s.showLink(c, secret, "", "recovery")
}

// withdrawInvitation makes a link void.
func (s *Server) withdrawInvitation(c echo.Context) error {
	err := s.bank.WithdrawInvitation(c.Request().Context(), actorOf(c), c.FormValue("invitation"))
	if err != nil {
		return err
	}
	return after(c, strings.TrimSuffix(c.Path(), "/withdraw"), "withdrawn")
}
