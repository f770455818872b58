package web

import (
	"net/http"
	"slices"

	"github.com/labstack/echo/v4"

	"creditbank/internal/bank"
)

// accountPage is the ways in of the person, and what changes them.
type accountPage struct {
	Form       form
	Login      bank.Login
	Needed     bool // a role takes a second factor
	Lacking    bool // and there is none yet
	CanPasskey bool
	Passkeys   []passkeyRow
	Identity   string // the city's identity provider; empty: there is none
	Linked     bool   // to it
	Home       string // where the person goes on
	Done       string // what was just done: the sentence account.done_…
}

// guardedRoles take a second factor.
const guardedRoles = bank.IsDecider | bank.IsAdministrator

func (s *Server) newAccountPage(c echo.Context) (accountPage, error) {
	actor := actorOf(c)
	login, err := s.bank.MyLogin(c.Request().Context(), actor)
	if err != nil {
		return accountPage{}, err
	}
	p := accountPage{Login: login, Home: s.homeOf(actor)}
	for _, grant := range login.Grants {
		p.Needed = p.Needed || grant.Role&guardedRoles != 0
	}
	p.Lacking = p.Needed && !login.TOTP && login.Passkeys == 0
	if err := s.listPasskeys(c, &p); err != nil {
		return p, err
	}
	if err := s.listIdentity(c, &p); err != nil {
		return p, err
	}
	return p, nil
}

// account shows the page.
func (s *Server) account(c echo.Context) error {
	p, err := s.newAccountPage(c)
	if err != nil {
		return err
	}
	if done := c.QueryParam("done"); slices.Contains(accountDone, done) {
		p.Done = done
	}
	return s.render(c, http.StatusOK, "account", p)
}

// accountDone are the things that the page can say were done.
var accountDone = []string{"password", "totp", "totp_gone", "passkey", "passkey_gone",
	"identity", "identity_gone"}

func (s *Server) accountAfter(c echo.Context, done string) error {
	return c.Redirect(http.StatusSeeOther, "/account?done="+done)
}

// refuseAccount shows the page again with what is wrong with one of its forms.
func (s *Server) refuseAccount(c echo.Context, cause error, fields ...string) error {
	p, err := s.newAccountPage(c)
	if err != nil {
		return err
	}
	p.Form = readFields(c, fields...)
	return s.refuse(c, cause, &p.Form, "account", &p, fields...)
}

// whileFresh does something for who has shown a way in just now, and asks others
// for one again.
func (s *Server) whileFresh(c echo.Context, do func(*visit) error) error {
	v, err := s.visit(c)
	switch {
	case err != nil:
		return err
	case !s.fresh(v):
		return s.askAgain(c)
	}
	return do(v)
}

// changeWay does something to the ways in.
func (s *Server) changeWay(c echo.Context, done string, do func(bank.Actor) error, fields ...string) error {
	return s.whileFresh(c, func(v *visit) error {
		if err := do(v.actor); err != nil {
			return s.refuseAccount(c, err, fields...)
		}
		if err := s.riseAlone(c, v); err != nil {
			return err
		}
		return s.accountAfter(c, done)
	})
}

// changePassword sets a new password, and ends all other sessions.
func (s *Server) changePassword(c echo.Context) error {
	if c.FormValue("password_new") != c.FormValue("password_again") {
		return s.refuseAccount(c, invalid(bank.FieldError{Field: "password_again", Code: "password_again"}), "password_again")
	}
	v, err := s.visit(c)
	if err != nil {
		return err
	}
	err = s.bank.ChangePassword(c.Request().Context(), v.actor, c.FormValue("password_old"), c.FormValue("password_new"))
	if err != nil {
		return s.refuseAccount(c, renamed(err, map[string]string{"old": "password_old", "new": "password_new"}), "password_old", "password_new", "password_again")
	}
	if err := s.riseAlone(c, v); err != nil {
		return err
	}
	return s.accountAfter(c, "password")
}

// riseAlone gives the session a new name and ends all others of the login: what
// the person has just secured, nobody who came in before shares.
func (s *Server) riseAlone(c echo.Context, v *visit) error {
	if err := s.renew(c, v); err != nil {
		return err
	}
	return s.bank.EndOtherDevices(c.Request().Context(), v.actor, bank.DeviceID(s.sessions.Token(v.session)))
}

// removeTOTP takes the codes of the app away.
func (s *Server) removeTOTP(c echo.Context) error {
	return s.changeWay(c, "totp_gone", func(a bank.Actor) error { return s.bank.RemoveTOTP(c.Request().Context(), a) }, "totp")
}

// devicesPage lists where the person is signed in.
type devicesPage struct {
	Devices []bank.Device
	This    string
}

// devices shows the page.
func (s *Server) devices(c echo.Context) error {
	v, err := s.visit(c)
	if err != nil {
		return err
	}
	list, err := s.bank.Devices(c.Request().Context(), v.actor)
	if err != nil {
		return err
	}
	return s.render(c, http.StatusOK, "account_devices", devicesPage{Devices: list, This: bank.DeviceID(s.sessions.Token(v.session))})
}

// endDevice ends one session, or with no name all but this one.
func (s *Server) endDevice(c echo.Context) error {
	v, err := s.visit(c)
	if err != nil {
		return err
	}
	ctx, id := c.Request().Context(), c.FormValue("device")
	if id == "" {
		err = s.bank.EndOtherDevices(ctx, v.actor, bank.DeviceID(s.sessions.Token(v.session)))
	} else {
		err = s.bank.EndDevice(ctx, v.actor, id)
	}
	if err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, "/account/devices")
}
