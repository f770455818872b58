package web

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"creditbank/internal/bank"
)

// The cookie of a session: over TLS browsers hold it to this host and path.
const (
	safeSession  = "__Host-session"
	plainSession = "session" // this machine without TLS
)

// carriesSession says whether a request brings a session along, whichever.
func carriesSession(r *http.Request) bool {
	for _, name := range []string{safeSession, plainSession} {
		if _, err := r.Cookie(name); err == nil {
			return true
		}
	}
	return false
}

// person is who is logged in, a visitor when nobody is.
func (s *Server) person(echo.Context) (bank.Actor, error) { return bank.Visitor, nil }

// askToSignIn sends a visitor to the sign-in page, and back afterwards.
func (s *Server) askToSignIn(c echo.Context) error {
	if c.Request().Method != http.MethodGet {
		return &bank.Error{Code: bank.Unauthenticated, Key: "error.signed_out"}
	}
	return c.Redirect(http.StatusSeeOther, signInAddress(c.Request().URL.RequestURI()))
}
