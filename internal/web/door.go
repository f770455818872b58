package web

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/labstack/echo/v4"

	"creditbank/internal/bank"
)

// signInPage asks who somebody is.
type signInPage struct {
	Form     form
	Return   wayBack
	Known    bool   // somebody is in already, and shows again that it is them
	Passkeys bool   // browsers can use keys here
	Identity string // what people call the city's identity provider; empty: there is none
}

// newSignIn is the page as it was asked for or sent.
func (s *Server) newSignIn(c echo.Context, back wayBack) (signInPage, error) {
	v, err := s.visit(c)
	page := signInPage{Form: readFields(c, "name", "password"), Return: back, Known: v.actor.Login != ""}
	page.Passkeys = s.takesPasskeys(c.Request())
	page.Identity = s.identity.name()
	return page, err
}

// signInForm shows the page, unless the person is in and has just shown it.
func (s *Server) signInForm(c echo.Context) error {
	page, err := s.newSignIn(c, readWayBack(c))
	if err != nil {
		return err
	}
	if v, _ := s.visit(c); page.Known && s.fresh(v) {
		return s.goOn(c, page.Return)
	}
	return s.render(c, http.StatusOK, "login", page)
}

// signIn takes a name and a password.
func (s *Server) signIn(c echo.Context) error {
	page, err := s.newSignIn(c, readWayBack(c))
	if err != nil {
		return err
	}
	if s.spokenTo(c) {
		return s.render(c, http.StatusOK, "login", page)
	}
	if page.Form.require(s.speaker(c), "name", "password") {
		return s.render(c, http.StatusUnprocessableEntity, "login", page)
	}
	in, err := s.bank.SignIn(c.Request().Context(), origin(c), page.Form.Get("name"), page.Form.Get("password"))
	if err != nil {
		return s.refuse(c, err, &page.Form, "login", &page, "name", "password")
	}
	return s.letIn(c, in, bank.ByPassword, page.Return)
}

// letIn lets in who has shown one way in, or asks for the second factor.
func (s *Server) letIn(c echo.Context, in bank.SignedIn, shown bank.Way, back wayBack) error {
	if in.Second {
		return s.awaitSecond(c, in, shown, back)
	}
	if err := s.enter(c, in, shown); err != nil {
		return err
	}
	if in.Enrol && back.Again == "" {
		return c.Redirect(http.StatusSeeOther, "/account") // where the second factor is set up that a role takes
	}
	return s.goOn(c, back)
}

// goOn leads on who has come in: to what they were about to send, to where they
// came from, or to what is theirs. Who has to set up a second factor does that first.
func (s *Server) goOn(c echo.Context, back wayBack) error {
	v, err := s.visit(c)
	switch {
	case err != nil:
		return err
	case v.actor.Roles == 0:
		return c.Redirect(http.StatusSeeOther, "/account")
	case back.Again != "":
		return s.render(c, http.StatusOK, "login_again", back)
	case back.Back != "":
		return c.Redirect(http.StatusSeeOther, back.Back)
	}
	return c.Redirect(http.StatusSeeOther, s.homeOf(v.actor))
}

// signOut ends the session, and what the browser kept of what was typed.
func (s *Server) signOut(c echo.Context) error {
	v, err := s.visit(c)
	if err != nil {
		return err
	}
	if err := s.leave(c, v); err != nil {
		return err
	}
	c.Response().Header().Set("Clear-Site-Data", `"storage"`)
	return c.Redirect(http.StatusSeeOther, "/")
}

// seatOfBank is how a form says the bank itself, where it says an institution.
const seatOfBank = "bank"

// takeSeat lets the person act at another of their places.
func (s *Server) takeSeat(c echo.Context) error {
	v, err := s.visit(c)
	if err != nil {
		return err
	}
	seat := c.FormValue("institution")
	switch seat {
	case "":
		return invalid(bank.FieldError{Field: "institution", Code: "required"})
	case seatOfBank:
		seat = ""
	}
	if err := s.sitDown(c, v, seat); err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, s.homeOf(v.actor))
}

// spokenTo says whether a form was sent to be shown in another language, and
// speaks that.
func (s *Server) spokenTo(c echo.Context) bool {
	language := c.FormValue("language")
	if language == "" {
		return false
	}
	s.keepLanguage(c, language)
	return true
}

// askToSignIn sends who is not in, or not enough, to where that is mended, and back
// afterwards. What they were sending is kept in the page that asks.
func (s *Server) askToSignIn(c echo.Context) error {
	v, err := s.visit(c)
	if err != nil {
		return err
	}
	if v.actor.Login != "" && v.actor.Roles == 0 {
		return c.Redirect(http.StatusSeeOther, "/account")
	}
	return s.askAgain(c)
}

// askAgain asks for a way in, whoever it is.
func (s *Server) askAgain(c echo.Context) error {
	if c.Request().Method == http.MethodGet {
		return c.Redirect(http.StatusSeeOther, signInAddress(c.Request().URL.RequestURI()))
	}
	page, err := s.newSignIn(c, keepForm(c))
	if err != nil {
		return err
	}
	page.Form = form{}
	c.Response().Header().Set(echo.HeaderWWWAuthenticate, challenge(c.Request()))
	return s.render(c, http.StatusUnauthorized, "login", page)
}

// wayBack is where somebody goes on after coming in, carried along by the pages
// between: to an address, or by sending again what they had filled in.
type wayBack struct {
	Back  string // of this site; empty: wherever is theirs
	Again string // where a form was sent when its sender was not in
	Kept  string // the fields of that form, as a query, without the secret ones
}

// readWayBack reads it from what a page sends, and believes none of it.
func readWayBack(c echo.Context) wayBack {
	w := wayBack{Back: ownAddress(c.FormValue("back")), Again: ownAddress(c.FormValue("again")), Kept: c.FormValue("kept")}
	if w.Back == "/" || strings.HasPrefix(w.Back, "/login") {
		w.Back = ""
	}
	if w.Again == "/" || strings.HasPrefix(w.Again, "/login") {
		w.Again, w.Kept = "", ""
	}
	return w
}

// keepForm keeps what was sent. Files are chosen again.
func keepForm(c echo.Context) wayBack {
	values, err := c.FormParams()
	if err != nil {
		return wayBack{}
	}
	kept := url.Values{}
	for name, list := range values {
		if !isSecret(name) {
			kept[name] = list
		}
	}
	return wayBack{Again: ownAddress(c.Request().URL.RequestURI()), Kept: kept.Encode()}
}

// Fields are the kept fields with their values.
func (w wayBack) Fields() url.Values {
	values, err := url.ParseQuery(w.Kept)
	if err != nil {
		return nil
	}
	return values
}

// URL is the address of a page that carries the way back along.
func (w wayBack) URL(path string) string {
	if w.Back == "" {
		return path
	}
	return path + "?back=" + url.QueryEscape(w.Back)
}

// sitDown lets the person act at one of their places from now on. It promises NotFound.
func (s *Server) sitDown(c echo.Context, v *visit, seat string) error {
	actor, err := s.bank.ActorOf(v.session, v.actor.Login, seat, origin(c))
	switch {
	case bank.CodeOf(err) == bank.Unauthenticated, err == nil && actor.Institution != seat:
		return &bank.Error{Code: bank.NotFound, Key: "error.not_found.seat"}
	case err != nil:
		return err
	}
	v.actor = actor
	s.put(v, keySeat, seat)
	return s.renew(c, v)
}
