package web

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"

	"github.com/labstack/echo/v4"

	"creditbank/internal/bank"
)

// schoolPriorPage is the inbox of prior learning, of schools, experts and the bank.
const schoolPriorPage = "/school/prior"

// priorDeskDone are the things that the desk of prior learning can say were done.
var priorDeskDone = []string{"prior_assigned", "prior_judged", "prior_granted", "prior_refused", "redeemed"}

// priorDesk is the desk of whoever asks: the tab of applications at a school or the bank,
// the desk of evaluations for experts.
func (s *Server) priorDesk(c echo.Context) (d desk, err error) {
	switch actor := actorOf(c); {
	case actor.Is(schoolStaff):
		d, err = s.desk(c, "/school/applications")
	case actor.Is(bankStaff):
		d, err = s.desk(c, "/admin/applications")
	default:
		d, err = s.evaluationDesk(c, schoolPriorPage)
	}
	d.Done = justDone(c, priorDeskDone...)
	return d, err
}

// priorInbox is what learners ask to have recognised.
type priorInbox struct {
	desk
	Rows    []priorRow
	State   string
	Show    string
	States  []string
	Shows   []string
	Figures bank.PriorFigures
	Pager   pager
}

// Active says whether the list is narrowed.
func (p priorInbox) Active() bool { return p.State+p.Show != "" }

func (p priorInbox) lists(say Speaker) []listing {
	return []listing{listOf(say, "priors", p.Pager.Next, p.Rows, func(r priorRow) []string { return r.cells(say) })}
}

// priors is the inbox of prior learning.
func (s *Server) priors(c echo.Context) error {
	d, err := s.priorDesk(c)
	if err != nil {
		return err
	}
	p := priorInbox{desk: d, States: append([]string{"waiting"}, bank.PriorStates()[1:]...), Shows: []string{"overdue", "mine"}}
	if p.State = c.QueryParam("state"); !slices.Contains(p.States, p.State) {
		p.State = ""
	}
	if p.Show = c.QueryParam("show"); !slices.Contains(p.Shows, p.Show) {
		p.Show = ""
	}
	ctx, actor := c.Request().Context(), actorOf(c)
	list, err := s.bank.PriorLearnings(ctx, actor, bank.PriorFilter{State: p.State, Overdue: p.Show == "overdue", Assessor: p.Show == "mine"}, window(c))
	if err != nil {
		return err
	}
	if p.Figures, err = s.bank.PriorFigures(ctx, actor); err != nil {
		return err
	}
	n, err := s.names(c)
	if err != nil {
		return err
	}
	for _, one := range list.Items {
		p.Rows = append(p.Rows, newPriorRow(one, schoolPriorPage, n))
	}
	p.Pager = pagerOf(c, schoolPriorPage, len(p.Rows), list.Total, url.Values{"state": {p.State}, "show": {p.Show}})
	return s.render(c, http.StatusOK, "school_priors", p)
}

// prior shows one recognition to staff.
func (s *Server) prior(c echo.Context) error {
	v, err := s.staffPrior(c)
	if err != nil {
		return err
	}
	return s.render(c, http.StatusOK, "school_prior", v)
}

func (s *Server) staffPrior(c echo.Context) (v priorView, err error) {
	if v, err = s.newPriorView(c, schoolPriorPage); err != nil {
		return v, err
	}
	if v.desk, err = s.priorDesk(c); err != nil {
		return v, err
	}
	ctx := c.Request().Context()
	if !v.Can("judge") {
		v.shows(v.Round)
	}
	for _, j := range v.Judgements {
		called, err := s.bank.Called(ctx, "u:"+j.Assessor)
		if err != nil && bank.CodeOf(err) != bank.NotFound { // a login that is gone has no name
			return v, err
		}
		v.By = append(v.By, called)
		if j.Round == v.Round {
			v.Asked = called
		}
	}
	if v.Can("assign") {
		v.Assessors, err = s.bank.PriorAssessors(ctx, actorOf(c), v.ID)
	}
	v.Form.Values = url.Values{"remedy": {v.remedy()}}
	return v, err
}

// remedy begins what a refusal says of the outcomes that are lacking.
func (v priorView) remedy() string {
	text := ""
	for _, o := range v.Lacking() {
		if text != "" {
			text += "；"
		}
		text += fmt.Sprintf("%d. %s", o.Number, o.Competence)
	}
	return text
}

// actOnPrior does something with a recognition and goes back to it.
func (s *Server) actOnPrior(c echo.Context, done string, do func(id, stamp string) error, fields ...string) error {
	id := c.Param("prior")
	err := do(id, clean(c.FormValue("stamp")))
	if err == nil {
		return after(c, schoolPriorPage+"/"+id, done)
	}
	return s.again(c, fieldsNamed(err, priorField), append(fields, "stamp"), func(status int, f form) error {
		v, err := s.staffPrior(c)
		if err != nil {
			return err
		}
		values, err := c.FormParams()
		if err != nil {
			return unreadable(err)
		}
		for _, code := range values["reasons"] {
			f.Values.Set("reasons_"+clean(code), "1")
		}
		v.Form = f
		return s.render(c, status, "school_prior", v)
	})
}

// assignPrior asks somebody to judge.
func (s *Server) assignPrior(c echo.Context) error {
	return s.actOnPrior(c, "prior_assigned", func(id, stamp string) error {
		return s.bank.AssignPriorLearning(c.Request().Context(), actorOf(c), id, stamp, clean(c.FormValue("login")))
	}, "login")
}

// judgePrior takes what the assessor found of each outcome.
func (s *Server) judgePrior(c echo.Context) error {
	fields := priorFields(mostOutcomes, "percent", "note")
	return s.actOnPrior(c, "prior_judged", func(id, stamp string) error {
		in := bank.NewPriorJudgement{Stamp: stamp, SeenBy: clean(c.FormValue("seen_by")), SeenOn: clean(c.FormValue("seen_on"))}
		for i := range mostOutcomes {
			in.Percents = append(in.Percents, clean(c.FormValue(fmt.Sprint("percent-", i+1))))
			in.Notes = append(in.Notes, clean(c.FormValue(fmt.Sprint("note-", i+1))))
		}
		return s.bank.JudgePriorLearning(c.Request().Context(), actorOf(c), id, in)
	}, append(fields, "seen_by", "seen_on")...)
}

// decidePrior takes the decision.
func (s *Server) decidePrior(c echo.Context) error {
	outcome := clean(c.FormValue("outcome"))
	done := "prior_refused"
	if outcome == bank.PriorGranted {
		done = "prior_granted"
	}
	return s.actOnPrior(c, done, func(id, stamp string) error {
		values, err := c.FormParams()
		if err != nil {
			return unreadable(err)
		}
		in := bank.NewPriorDecision{Stamp: stamp, Outcome: outcome, Text: clean(c.FormValue("text")), Remedy: clean(c.FormValue("remedy"))}
		for _, code := range values["reasons"] {
			in.Reasons = append(in.Reasons, clean(code))
		}
		_, err = s.bank.DecidePriorLearning(c.Request().Context(), actorOf(c), id, in)
		return err
	}, "outcome", "reasons", "text", "remedy")
}

// redeemPrior books that a diploma was issued on it.
func (s *Server) redeemPrior(c echo.Context) error {
	return s.actOnPrior(c, "redeemed", func(id, stamp string) error {
		return s.bank.RedeemPriorLearning(c.Request().Context(), actorOf(c), id, stamp)
	})
}
