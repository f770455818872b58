package web

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"creditbank/internal/bank"
)

// dataView is everything about the learner, and the way to have it erased.
type dataView struct {
	Form    form
	Done    string // what was just done: the sentence my.done_…
	About   bank.About
	Erasure bank.Proposal
	School  bank.InstitutionInfo
}

// erasureDone are the things that the page can say were done.
var erasureDone = []string{"erasure_asked"}

// erasureFields are what asking for erasure sends, in the order of the page.
var erasureFields = []string{"password", "code", "reason"}

func (s *Server) newDataView(c echo.Context) (v dataView, err error) {
	n, err := s.names(c)
	if err != nil {
		return v, err
	}
	ctx, actor := c.Request().Context(), actorOf(c)
	if v.About, err = s.bank.AboutMe(ctx, actor); err != nil {
		return v, err
	}
	v.School = n.institution(v.About.Institution)
	v.Erasure, err = s.bank.MyErasure(ctx, actor)
	return v, err
}

func (s *Server) myData(c echo.Context) error {
	v, err := s.newDataView(c)
	if err != nil {
		return err
	}
	v.Done = justDone(c, erasureDone...)
	return s.render(c, http.StatusOK, "my_data", v)
}

// exportData gives everything as one file.
func (s *Server) exportData(c echo.Context) error {
	about, err := s.bank.TakeAboutMe(c.Request().Context(), actorOf(c))
	if err != nil {
		return err
	}
	attach(c, "my-data.json", echo.MIMEApplicationJSON)
	return c.JSONPretty(http.StatusOK, about, "  ")
}

// requestErasure asks for erasure, once the password or a code was shown again.
func (s *Server) requestErasure(c echo.Context) error {
	f := readFields(c, erasureFields...)
	reason := f.Get("reason")
	if reason == "" {
		reason = s.speaker(c).Say("my.erase_reason", nil)
	}
	_, err := s.bank.RequestErasure(c.Request().Context(), actorOf(c), bank.OwnProof{Password: f.Get("password"), Code: f.Get("code")}, reason)
	if err == nil {
		return c.Redirect(http.StatusSeeOther, "/my/data?done=erasure_asked#erase")
	}
	v, failed := s.newDataView(c)
	if failed != nil {
		return failed
	}
	v.Form = f
	return s.refuse(c, err, &v.Form, "my_data", &v, erasureFields...)
}

// withdrawErasure takes the request back.
func (s *Server) withdrawErasure(c echo.Context) error {
	ctx, actor := c.Request().Context(), actorOf(c)
	erasure, err := s.bank.MyErasure(ctx, actor)
	if err == nil && erasure.MayWithdraw {
		err = s.bank.WithdrawProposal(ctx, actor, erasure.ID)
	}
	if err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, "/my/data#erase")
}
