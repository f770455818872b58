package web

import (
	"encoding/json"
	"net/http"
	"slices"

	"github.com/labstack/echo/v4"

	"creditbank/internal/bank"
)

// keyIdentity is a visit to the identity provider that is under way.
const keyIdentity = "identity"

// callbackPath is where people come back to from the provider.
const callbackPath = "/login/oidc/callback"

// leavePage leads to the provider. It is a page, since browsers let no form lead to
// another site here (form-action).
type leavePage struct{ Name, URL string }

// listIdentity puts into the page whether the provider speaks for the person.
func (s *Server) listIdentity(c echo.Context, p *accountPage) error {
	p.Identity = s.identity.name()
	linked, err := s.bank.Identities(c.Request().Context(), actorOf(c))
	p.Linked = slices.ContainsFunc(linked, func(i bank.Identity) bool { return i.Issuer == s.identity.issuer() })
	return err
}

// signInByIdentity lets the provider say who somebody is.
func (s *Server) signInByIdentity(c echo.Context) error { return s.toProvider(c, "", readWayBack(c)) }

// linkIdentity lets it say who the person is for the times to come.
func (s *Server) linkIdentity(c echo.Context) error {
	return s.whileFresh(c, func(v *visit) error { return s.toProvider(c, v.actor.Login, wayBack{}) })
}

func (s *Server) toProvider(c echo.Context, login string, back wayBack) error {
	if s.identity == nil {
		return &bank.Error{Code: bank.Conflict, Key: "error.identity_none"}
	}
	v, err := s.visit(c)
	if err != nil {
		return err
	}
	flow := newIdentityFlow(login, back)
	address, err := s.identity.address(c.Request().Context(), flow, s.address.of(c.Request())+callbackPath)
	if err != nil {
		return err
	}
	text, err := json.Marshal(flow)
	if err != nil {
		return err
	}
	s.put(v, keyIdentity, string(text))
	if err := s.keep(c, v); err != nil {
		return err
	}
	c.Response().Header().Set("Refresh", "0; url="+address)
	return s.render(c, http.StatusOK, "login_leave", leavePage{Name: s.identity.Name, URL: address})
}

// identityCallback takes what the provider says, once.
func (s *Server) identityCallback(c echo.Context) error {
	hideSecret(c)
	if s.identity == nil {
		return &bank.Error{Code: bank.Conflict, Key: "error.identity_none"}
	}
	v, err := s.visit(c)
	if err != nil {
		return err
	}
	var flow identityFlow
	if text := s.text(v, keyIdentity); text != "" {
		if err := json.Unmarshal([]byte(text), &flow); err != nil {
			return err
		}
		s.sessions.Remove(v.session, keyIdentity)
		if err := s.keep(c, v); err != nil {
			return err
		}
	}
	subject, err := s.identity.subject(c.Request().Context(), flow, s.address.of(c.Request())+callbackPath, c.QueryParam("state"), c.QueryParam("iss"), c.QueryParam("code"))
	switch {
	case flow.Login != "" && flow.Login == v.actor.Login:
		return s.keepIdentity(c, v, subject, err)
	case err == nil && flow.Login == "":
		return s.enterByIdentity(c, subject, flow.Return)
	case err == nil:
		err = errIdentity()
	}
	return s.refuseSignIn(c, err, flow.Return, "identity")
}

// enterByIdentity lets in whom the provider named, if that is anybody here.
func (s *Server) enterByIdentity(c echo.Context, subject string, back wayBack) error {
	ctx := c.Request().Context()
	login, err := s.bank.LoginOfIdentity(ctx, s.identity.Issuer, subject)
	if err != nil {
		return s.refuseSignIn(c, err, back, "identity")
	}
	in, err := s.bank.Enter(ctx, origin(c), login, bank.ByIdentity)
	if err != nil {
		return s.refuseSignIn(c, err, back, "identity")
	}
	return s.letIn(c, in, bank.ByIdentity, back)
}

// keepIdentity links whom the provider named to the person who went there.
func (s *Server) keepIdentity(c echo.Context, v *visit, subject string, err error) error {
	c.Set(actorKey, v.actor)
	if err == nil {
		err = s.bank.LinkIdentity(c.Request().Context(), v.actor, s.identity.Issuer, subject)
	}
	if err != nil {
		return s.refuseAccount(c, err, "identity")
	}
	if err := s.riseAlone(c, v); err != nil {
		return err
	}
	return s.accountAfter(c, "identity")
}

// unlinkIdentity lets the provider speak for the person no more.
func (s *Server) unlinkIdentity(c echo.Context) error {
	return s.changeWay(c, "identity_gone", func(actor bank.Actor) error {
		return s.bank.UnlinkIdentity(c.Request().Context(), actor, s.identity.issuer())
	}, "identity")
}
