package web

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"creditbank/internal/bank"
)

// consentsView is what the learner agreed to, and the form to agree again.
type consentsView struct {
	Form     form
	Done     string // what was just done: the sentence my.done_…
	Consents []bank.Consent
	Held     bool // the consent to the account holds
	Guardian bool // a guardian has to agree
}

// consentDone are the things that the page can say were done.
var consentDone = []string{"consented"}

// consentFields are what agreeing again sends.
var consentFields = []string{"consent", "guardian"}

func (s *Server) newConsentsView(c echo.Context) (v consentsView, err error) {
	ctx, actor := c.Request().Context(), actorOf(c)
	if v.Consents, err = s.bank.Consents(ctx, actor); err != nil {
		return v, err
	}
	for _, consent := range v.Consents {
		v.Held = v.Held || consent.Kind == bank.ConsentAccount && consent.Withdrawn.IsZero()
	}
	v.Guardian, err = s.bank.NeedsGuardian(ctx, actor)
	return v, err
}

func (s *Server) myConsents(c echo.Context) error {
	v, err := s.newConsentsView(c)
	if err != nil {
		return err
	}
	v.Done = justDone(c, consentDone...)
	return s.render(c, http.StatusOK, "my_consents", v)
}

// giveConsent agrees again.
func (s *Server) giveConsent(c echo.Context) error {
	f := readFields(c, consentFields...)
	err := s.bank.GiveConsent(c.Request().Context(), actorOf(c), f.Get("consent") != "", f.Get("guardian"))
	if err == nil {
		return after(c, "/my/consents", "consented")
	}
	v, failed := s.newConsentsView(c)
	if failed != nil {
		return failed
	}
	v.Form = f
	return s.refuse(c, err, &v.Form, "my_consents", &v, consentFields...)
}

// withdrawConsent takes one back, once the person has said to have read what that means.
func (s *Server) withdrawConsent(c echo.Context) error {
	if c.FormValue("understood") == "" {
		v, err := s.newConsentsView(c)
		if err != nil {
			return err
		}
		v.Form = form{}
		v.Form.fault("understood", s.speaker(c).Say("my.consent_read", nil))
		return s.render(c, http.StatusUnprocessableEntity, "my_consents", v)
	}
	if err := s.bank.WithdrawConsent(c.Request().Context(), actorOf(c), c.FormValue("consent")); err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, "/my/consents")
}
