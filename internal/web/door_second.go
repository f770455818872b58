package web

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"creditbank/internal/bank"
)

// secondPage asks for a second factor.
type secondPage struct {
	Form     form
	Return   wayBack
	TOTP     bool
	Passkeys bool
}

// awaitSecond keeps for a moment that somebody has shown one way in, which lets
// them do nothing yet, and asks for the second factor.
func (s *Server) awaitSecond(c echo.Context, in bank.SignedIn, shown bank.Way, back wayBack) error {
	v, err := s.visit(c)
	if err != nil {
		return err
	}
	if err := s.sessions.Clear(v.session); err != nil {
		return err
	}
	v.actor = bank.Visitor
	s.put(v, keyPending, in.Login, keyShown, string(shown))
	s.sessions.Put(v.session, keyEpoch, in.Epoch)
	if err := s.renew(c, v); err != nil {
		return err
	}
	if back.Again == "" {
		return c.Redirect(http.StatusSeeOther, back.URL("/login/second"))
	}
	return s.showSecond(c, http.StatusOK, in.Login, secondPage{Return: back})
}

// pending is who is half-way in, nobody when there is none.
func (s *Server) pending(c echo.Context) (*visit, bank.SignedIn, error) {
	v, err := s.visit(c)
	if err != nil {
		return v, bank.SignedIn{}, err
	}
	return v, bank.SignedIn{Login: s.text(v, keyPending), Epoch: s.sessions.GetInt64(v.session, keyEpoch)}, nil
}

// secondForm shows the page to who is half-way in.
func (s *Server) secondForm(c echo.Context) error {
	_, in, err := s.pending(c)
	if err != nil {
		return err
	}
	if in.Login == "" {
		return c.Redirect(http.StatusSeeOther, readWayBack(c).URL("/login"))
	}
	return s.showSecond(c, http.StatusOK, in.Login, secondPage{Return: readWayBack(c)})
}

func (s *Server) showSecond(c echo.Context, status int, login string, page secondPage) error {
	known, err := s.bank.MyLogin(c.Request().Context(), bank.Actor{Login: login})
	if err != nil {
		return err
	}
	page.TOTP = known.TOTP
	page.Passkeys = known.Passkeys > 0 && s.takesPasskeys(c.Request())
	return s.render(c, status, "login_second", page)
}

// second takes a code of an app. Tries are counted by the bank.
func (s *Server) second(c echo.Context) error {
	v, in, err := s.pending(c)
	if err != nil {
		return err
	}
	page := secondPage{Form: readFields(c, "code"), Return: readWayBack(c)}
	switch {
	case in.Login == "":
		signIn, err := s.newSignIn(c, page.Return)
		if err != nil {
			return err
		}
		signIn.Form.fault("name", s.speaker(c).Say("login.second_late", nil))
		return s.render(c, http.StatusUnprocessableEntity, "login", signIn)
	case s.spokenTo(c):
		return s.showSecond(c, http.StatusOK, in.Login, page)
	case page.Form.require(s.speaker(c), "code"):
		return s.showSecond(c, http.StatusUnprocessableEntity, in.Login, page)
	}
	if err := s.bank.CheckTOTP(c.Request().Context(), in.Login, page.Form.Get("code")); err != nil {
		status := page.Form.refusal(s.speaker(c), err, "code")
		if status == 0 {
			return err
		}
		setRetryAfter(c, err)
		return s.showSecond(c, status, in.Login, page)
	}
	return s.complete(c, v, in, page.Return)
}

// complete lets in who has shown both factors.
func (s *Server) complete(c echo.Context, v *visit, in bank.SignedIn, back wayBack) error {
	if err := s.enter(c, in, bank.Way(s.text(v, keyShown))); err != nil {
		return err
	}
	return s.goOn(c, back)
}
