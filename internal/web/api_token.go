package web

import (
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"creditbank/internal/bank"
)

// bearer lets through whoever has a token that allows a scope (RFC 6750). The
// handler finds them with actorOf. It promises Unauthenticated and Denied.
func (s *Server) bearer(scope bank.Scopes) echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			actor, err := s.actor(c)
			if err != nil {
				return err
			}
			if actor.Roles == 0 {
				return &bank.Error{Code: bank.Unauthenticated, Key: "error.no_token"}
			}
			if names := strings.Join(scope.Names(), " "); actor.Scopes&scope == 0 {
				c.Response().Header().Set(echo.HeaderWWWAuthenticate, realm+`, error="insufficient_scope", scope="`+names+`"`)
				return &bank.Error{Code: bank.Denied, Key: "error.scope", Args: map[string]any{"Scope": names}}
			}
			if err := s.limits.holdActor(actor); err != nil {
				return err
			}
			c.Set(actorKey, actor)
			c.Response().Header().Set(echo.HeaderCacheControl, "no-store")
			return next(c)
		}
	}
}

// actor is who asks: a visitor without Authorization, else the one with the
// token. It promises Unauthenticated.
func (s *Server) actor(c echo.Context) (bank.Actor, error) {
	given := c.Request().Header.Values(echo.HeaderAuthorization)
	if len(given) == 0 {
		return bank.Visitor, nil
	}
	scheme, secret, _ := strings.Cut(given[0], " ")
	if len(given) > 1 || !strings.EqualFold(scheme, "Bearer") {
		return bank.Visitor, &bank.Error{Code: bank.Unauthenticated, Key: "error.no_token"}
	}
	return s.bank.Authenticate(c.Request().Context(), strings.TrimSpace(secret))
}

// realm begins every challenge.
const realm = `Bearer realm="creditbank"`

// challenge tells a program what it was refused for want of (RFC 6750, section 3).
func challenge(r *http.Request) string {
	if r.Header.Get(echo.HeaderAuthorization) == "" {
		return realm
	}
	return realm + `, error="invalid_token"`
}
