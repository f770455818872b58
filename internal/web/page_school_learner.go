package web

import (
	"errors"
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"creditbank/internal/bank"
)

// learnersPage finds learners of the whole bank.
type learnersPage struct {
	desk
	Learners []bank.LearnerView
	Total    int
	Next     string // the cursor of the part that follows
	Asked    bool   // somebody was searched for
}

// learnerFields are what learners are searched by. It is sent as a form, so that
// no name and no number stands in an address.
func learnerFields() []string { return []string{"account", "name", "number"} }

// learners lists them, and takes a search.
func (s *Server) learners(c echo.Context) error {
	d, err := s.desk(c, deskOf(c)+"/learners")
	if err != nil {
		return err
	}
	p := learnersPage{desk: d}
	p.Form = readFields(c, learnerFields()...)
	q := bank.LearnerQuery{Account: p.Form.Get("account"), Name: p.Form.Get("name"), Number: p.Form.Get("number")}
	p.Asked = q != bank.LearnerQuery{}
	found, err := s.bank.FindLearners(c.Request().Context(), actorOf(c), q, bank.Window{Cursor: c.FormValue(paramCursor), Limit: partSize(c)})
	if err != nil {
		return err
	}
	p.Learners, p.Total, p.Next = found.Items, found.Total, found.Next
	return s.render(c, http.StatusOK, "admin_learners", p)
}

// learnerPage is a learner as a school sees it.
type learnerPage struct {
	desk
	Account    string
	Person     *bank.LearnerView // masked; nil: of another school, which shows this one only what it issued
	Whole      *bank.Person      // shown this once, for a purpose
	Balance    bank.AccountView
	Results    []resultRow
	More       int // results that are not listed
	Login      bool
	LastSeen   time.Time
	MayCode    bool
	MayDeposit bool
	Code       string // to claim the account with, told this once
	CodeUntil  time.Time
	ClaimURL   string
	Entries    []bank.Entry

	resultsNext, entriesNext string // cursors of what follows
}

// learnerResults is how many results and entries the page lists.
const learnerResults = 50

// newLearnerPage reads what the person may see of the account in the path.
func (s *Server) newLearnerPage(c echo.Context) (p learnerPage, err error) {
	if p.desk, err = s.desk(c, deskOf(c)+"/learners"); err != nil {
		return p, err
	}
	if p.Account, err = pathValue(c, "account"); err != nil {
		return p, echo.ErrBadRequest
	}
	ctx, actor := c.Request().Context(), actorOf(c)
	p.MayDeposit = p.Base == "/school" && actor.Is(bank.IsRegistrar)
	person, err := s.bank.ViewLearner(ctx, actor, p.Account)
	if err == nil {
		p.Person = &person
	} else if bank.CodeOf(err) != bank.NotFound {
		return p, err
	}
	if p.Balance, err = s.bank.ViewAccount(ctx, actor, p.Account); err != nil {
		return p, err
	}
	if err := s.readHoldings(c, &p); err != nil || p.Person == nil {
		return p, err
	}
	p.MayCode = p.MayDeposit
	login, known, err := s.bank.LoginOfLearner(ctx, actor, p.Account)
	p.Login, p.LastSeen = known, login.LastSeen
	return p, err
}

// readHoldings reads the results, and the entries.
func (s *Server) readHoldings(c echo.Context, p *learnerPage) error {
	n, err := s.names(c)
	if err != nil {
		return err
	}
	ctx, actor := c.Request().Context(), actorOf(c)
	part := bank.Window{Limit: learnerResults}
	if d := downloadOf(c); d != nil && d.format != "" {
		part = window(c)
	}
	results, err := s.bank.ViewResults(ctx, actor, p.Account, part)
	if err != nil {
		return err
	}
	p.Results, p.More, p.resultsNext = resultRows(results.Items, n), results.Total-len(results.Items), results.Next
	entries, err := s.bank.ViewStatement(ctx, actor, p.Account, part)
	p.Entries, p.entriesNext = entries.Items, entries.Next
	return err
}

// learner shows the page.
func (s *Server) learner(c echo.Context) error {
	p, err := s.newLearnerPage(c)
	if err != nil {
		return err
	}
	return s.render(c, http.StatusOK, "school_learner", p)
}

// revealLearner shows the numbers whole, this once, for a purpose that the learner sees.
func (s *Server) revealLearner(c echo.Context) error {
	account, err := pathValue(c, "account")
	if err != nil {
		return echo.ErrBadRequest
	}
	whole, cause := s.bank.RevealLearner(c.Request().Context(), actorOf(c), account, clean(c.FormValue("purpose")))
	var refusal *bank.Error
	if cause != nil && (!errors.As(cause, &refusal) || refusal.Code != bank.Invalid) {
		return cause
	}
	p, err := s.newLearnerPage(c)
	if err != nil {
		return err
	}
	if cause != nil {
		return s.again(c, cause, []string{"purpose"}, func(status int, f form) error {
			p.Form = f
			return s.render(c, status, "school_learner", p)
		})
	}
	p.Whole = &whole
	return s.render(c, http.StatusOK, "school_learner", p)
}

// claimCode makes the code with which a learner claims the account, or comes in
// again, and shows the slip to print, this once.
func (s *Server) claimCode(c echo.Context) error {
	account, err := pathValue(c, "account")
	if err != nil {
		return echo.ErrBadRequest
	}
	code, until, err := s.bank.ClaimCode(c.Request().Context(), actorOf(c), account)
	if err != nil {
		return err
	}
	p, err := s.newLearnerPage(c)
	if err != nil {
		return err
	}
	p.Code, p.CodeUntil, p.ClaimURL = code, until, s.address.of(c.Request())+"/claim"
	return s.render(c, http.StatusOK, "school_learner", p)
}
