package web

import (
	"context"
	"net/http"

	"github.com/labstack/echo/v4"

	"creditbank/internal/bank"
)

// newcomerPage is what somebody fills in who comes in with a code or a link.
type newcomerPage struct {
	Form       form
	Invitation bank.InvitationView // of a link
	Seats      []seat              // the roles that it gives
	Identity   string              // the city's identity provider, that can be linked at once
}

// Fields of the pages for newcomers, in their order.
var (
	claimFields      = []string{"number", "code", "password", "consent", "guardian"}
	invitationFields = []string{"name", "password"}
)

// newcomer reads what was filled in, and notes what is missing, or typed twice
// without being the same twice.
func (s *Server) newcomer(c echo.Context, page *newcomerPage, fields, needed []string) (wrong bool) {
	say := s.speaker(c)
	page.Form = readFields(c, append(fields, "identity", "password_again")...)
	page.Identity = s.identity.name()
	page.Form.require(say, needed...)
	if f := &page.Form; f.Get("password") != "" && f.Get("password") != f.Get("password_again") {
		f.fault("password_again", say.Say("field.password_again", nil))
	}
	return len(page.Form.Faults) > 0
}

// claimForm shows the page on which a learner claims the account.
func (s *Server) claimForm(c echo.Context) error {
	var page newcomerPage
	page.Identity = s.identity.name()
	return s.render(c, http.StatusOK, "claim", page)
}

// claim takes a number and a code, and lets the learner in.
func (s *Server) claim(c echo.Context) error {
	var page newcomerPage
	wrong := s.newcomer(c, &page, claimFields, []string{"number", "code", "password"})
	page.Form.Again = []string{"code"} // it is copied from paper, and used up by whoever succeeds
	switch {
	case s.spokenTo(c):
		page.Form.Faults = nil
		return s.render(c, http.StatusOK, "claim", page)
	case wrong:
		return s.render(c, http.StatusUnprocessableEntity, "claim", page)
	}
	f := page.Form
	login, err := s.bank.Claim(c.Request().Context(), origin(c), bank.Claim{Number: f.Get("number"), Code: f.Get("code"), Password: f.Get("password"),
		Guardian: f.Get("guardian"), Consent: f.Get("consent") != ""})
	if err != nil {
		return s.refuse(c, err, &page.Form, "claim", &page, claimFields...)
	}
	return s.welcome(c, login, f)
}

// hideSecret keeps the address of a page, which lets in whoever has it, from
// everything that the page leads to.
func hideSecret(c echo.Context) { c.Response().Header().Set("Referrer-Policy", "strict-origin") }

// invitationForm shows what a link is for. Looking uses nothing up.
func (s *Server) invitationForm(c echo.Context) error {
	hideSecret(c)
	ctx := c.Request().Context()
	view, err := s.bank.Invitation(ctx, c.Param("secret"))
	if err != nil {
		return err
	}
	seats, err := s.seats(ctx, view.Grants)
	if err != nil {
		return err
	}
	page := newcomerPage{Invitation: view, Seats: seats}
	page.Identity = s.identity.name()
	return s.render(c, http.StatusOK, "invitation", page)
}

// invitation uses a link, and lets its owner in.
func (s *Server) invitation(c echo.Context) error {
	hideSecret(c)
	ctx, secret := c.Request().Context(), c.Param("secret")
	view, err := s.bank.Invitation(ctx, secret)
	if err != nil {
		return err
	}
	seats, err := s.seats(ctx, view.Grants)
	if err != nil {
		return err
	}
	page, needed := newcomerPage{Invitation: view, Seats: seats}, []string{"name", "password"}
	if view.Kind == bank.InviteRecovery {
		needed = needed[1:]
	}
	wrong := s.newcomer(c, &page, invitationFields, needed)
	switch {
	case s.spokenTo(c):
		page.Form.Faults = nil
		return s.render(c, http.StatusOK, "invitation", page)
	case wrong:
		return s.render(c, http.StatusUnprocessableEntity, "invitation", page)
	}
	login, err := s.bank.AcceptInvitation(ctx, origin(c), secret, page.Form.Get("name"), page.Form.Get("password"))
	if err != nil {
		return s.refuse(c, err, &page.Form, "invitation", &page, needed...)
	}
	return s.welcome(c, login, page.Form)
}

// welcome lets in who has just made a way in, and links an identity where the form
// asks for that.
func (s *Server) welcome(c echo.Context, login string, f form) error {
	in, err := s.bank.Enter(context.WithoutCancel(c.Request().Context()), origin(c), login, bank.ByLink)
	if err != nil {
		return err
	}
	if s.identity != nil && f.Get("identity") != "" && !in.Second {
		if err := s.enter(c, in, bank.ByLink); err != nil {
			return err
		}
		return s.linkIdentity(c)
	}
	return s.letIn(c, in, bank.ByLink, wayBack{})
}
