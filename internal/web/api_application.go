package web

import (
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"creditbank/internal/bank"
	"creditbank/internal/calendar"
	"creditbank/internal/credit"
	"creditbank/internal/transfer"
)

// applicationRequest is the body of an application.
type applicationRequest struct {
	Learner  string        `json:"learner" validate:"required,max=40"`
	To       checkTarget   `json:"to" validate:"required"`
	Items    []string      `json:"items" validate:"max=500,dive,max=400"`
	Note     string        `json:"note" validate:"max=1000"`
	Declared bool          `json:"declared"`
	Files    []fileRequest `json:"files" validate:"max=5,dive"`
}

// decisionRequest is the body of a decision.
type decisionRequest struct {
	Text  string                `json:"text" validate:"max=1000"`
	Items []itemDecisionRequest `json:"items" validate:"required,min=1,max=500,dive"`
}

// itemDecisionRequest is what is decided about one item.
type itemDecisionRequest struct {
	Item      int             `json:"item" validate:"min=0"`
	Outcome   string          `json:"outcome" validate:"required,max=40"`
	Credits   string          `json:"credits" validate:"max=40"`
	Targets   []targetRequest `json:"targets" validate:"max=50,dive"`
	Reasons   []string        `json:"reasons" validate:"max=20,dive,max=40"`
	Text      string          `json:"text" validate:"max=1000"`
	Remedy    string          `json:"remedy" validate:"max=1000"`
	Condition string          `json:"condition" validate:"max=1000"`
	Until     string          `json:"until" validate:"max=40"`
}

// targetRequest is what is given instead of what the plan says.
type targetRequest struct {
	Course    string `json:"course" validate:"max=80"`
	Group     string `json:"group" validate:"max=40"`
	Credits   string `json:"credits" validate:"max=40"`
	Exemption bool   `json:"exemption"`
}

// appealRequest is the body of an appeal.
type appealRequest struct {
	Items []int         `json:"items" validate:"required,min=1,max=500"`
	Text  string        `json:"text" validate:"required,max=1000"`
	Files []fileRequest `json:"files" validate:"max=5,dive"`
}

// applicationAnswer is an application as a system sees it.
type applicationAnswer struct {
	ID          string           `json:"id"`
	Learner     string           `json:"learner"`
	Institution string           `json:"institution"`
	Programme   string           `json:"programme"`
	State       string           `json:"state"`
	Partial     bool             `json:"partial"`
	Note        string           `json:"note,omitempty"`
	AsOf        calendar.Day     `json:"as_of"`
	Planned     credit.Amount    `json:"planned"`
	Given       credit.Amount    `json:"given"`
	Submitted   string           `json:"submitted_at,omitempty"`
	Decided     string           `json:"decided_at,omitempty"`
	Due         string           `json:"due,omitempty"`
	Final       string           `json:"final_on,omitempty"`
	Items       []appliedItem    `json:"items"`
	Decisions   []decisionAnswer `json:"decisions"`
	Appeals     []appealAnswer   `json:"appeals"`
	May         []string         `json:"may"`
}

// appliedItem is an item and what became of it.
type appliedItem struct {
	AnswerRule
	Item      int              `json:"item"`
	Via       []AnswerRule     `json:"via,omitempty"`
	Records   []recordName     `json:"records"`
	Credits   credit.Amount    `json:"credits"`
	Targets   []decisionTarget `json:"targets"`
	State     string           `json:"state"`
	Given     credit.Amount    `json:"given"`
	GivenAs   []decisionTarget `json:"given_targets"`
	Reasons   []string         `json:"reasons,omitempty"`
	Text      string           `json:"text,omitempty"`
	Remedy    string           `json:"remedy,omitempty"`
	Condition string           `json:"condition,omitempty"`
	Until     string           `json:"until,omitempty"`
	Decision  string           `json:"decision,omitempty"`
	MayAppeal bool             `json:"may_appeal"`
}

// decisionTarget is a course, or credit in a group, that is given.
type decisionTarget struct {
	Course    string        `json:"course,omitempty"`
	Group     string        `json:"group,omitempty"`
	Credits   credit.Amount `json:"credits"`
	Exemption bool          `json:"exemption"`
}

// decisionAnswer is a posted decision.
type decisionAnswer struct {
	ID        string          `json:"id"`
	Number    int             `json:"number"`
	Kind      string          `json:"kind"`
	Level     int             `json:"level,omitempty"`
	Automatic bool            `json:"automatic"`
	Made      string          `json:"made_at"`
	Text      string          `json:"text,omitempty"`
	Items     []decidedAnswer `json:"items"`
}

// decidedAnswer is what a decision says of one item.
type decidedAnswer struct {
	Item    int           `json:"item"`
	Outcome string        `json:"outcome"`
	Credits credit.Amount `json:"credits"`
}

// appealAnswer is an appeal.
type appealAnswer struct {
	Level int    `json:"level"`
	Items []int  `json:"items"`
	State string `json:"state"`
	Made  string `json:"made_at"`
	Text  string `json:"text,omitempty"`
}

// postApplication applies for a learner of the system's school.
func (s *Server) postApplication(c echo.Context) error {
	key, err := idempotencyKey(c.Request().Header)
	if err != nil {
		return err
	}
	var request applicationRequest
	if err := s.bind(c, &request); err != nil {
		return err
	}
	files, err := filesOf(request.Files)
	if err != nil {
		return err
	}
	a, err := s.bank.Apply(c.Request().Context(), actorOf(c), bank.NewApplication{Learner: request.Learner, To: transfer.ProgrammeKey{Institution: request.To.Institution, Code: request.To.Programme},
		Items: request.Items, Note: request.Note, Declared: request.Declared, Files: files, Key: key})
	if err != nil {
		return err
	}
	c.Response().Header().Set(echo.HeaderLocation, apiBase+"/applications/"+url.PathEscape(a.ID))
	return answerApplication(c, http.StatusCreated, a)
}

// getApplication shows an application.
func (s *Server) getApplication(c echo.Context) error {
	a, err := s.applicationOfPath(c)
	if err != nil {
		return err
	}
	return answerApplication(c, http.StatusOK, a)
}

// applicationOfPath is the application that the path names. It promises NotFound.
func (s *Server) applicationOfPath(c echo.Context) (bank.Application, error) {
	id, err := pathValue(c, "application")
	if err != nil {
		return bank.Application{}, echo.ErrNotFound
	}
	return s.bank.Application(c.Request().Context(), actorOf(c), id)
}

// postDecision decides about an application to the system's school.
func (s *Server) postDecision(c echo.Context) error {
	var request decisionRequest
	a, stamp, key, err := s.applicationWrite(c, &request)
	if err != nil {
		return err
	}
	_, err = s.bank.DecideApplication(c.Request().Context(), actorOf(c), a.ID, request.decision(stamp, key))
	return s.answerWrite(c, a, err)
}

// postAppeal appeals for a learner of the system's school.
func (s *Server) postAppeal(c echo.Context) error {
	var request appealRequest
	a, stamp, key, err := s.applicationWrite(c, &request)
	if err != nil {
		return err
	}
	files, err := filesOf(request.Files)
	if err != nil {
		return err
	}
	_, err = s.bank.AppealApplication(c.Request().Context(), actorOf(c), a.ID, bank.NewAppeal{Stamp: stamp, Items: request.Items, Text: request.Text, Files: files, Key: key})
	return s.answerWrite(c, a, err)
}

// applicationWrite reads what a change of an application comes with: of which
// application, in which state of it, and the body. It promises NotFound and Invalid.
func (s *Server) applicationWrite(c echo.Context, request any) (a bank.Application, stamp, key string, err error) {
	if a, err = s.applicationOfPath(c); err != nil {
		return a, "", "", err
	}
	stamp, key, err = s.changeOf(c, a.Stamp, request)
	return a, stamp, key, err
}

// changeOf reads what a change of something comes with: in which state of it, now being
// the one that it is in, and the body. It promises Invalid.
func (s *Server) changeOf(c echo.Context, now string, request any) (stamp, key string, err error) {
	if key, err = idempotencyKey(c.Request().Header); err != nil {
		return "", "", err
	}
	switch stamp = stampOf(c.Request().Header); stamp {
	case "":
		return "", "", invalid(bank.FieldError{Field: headerMatch, Code: "required"})
	case "*":
		stamp = now
	}
	return stamp, key, s.bind(c, request)
}

// answerWrite shows the application after a change, or with a refusal its state.
func (s *Server) answerWrite(c echo.Context, a bank.Application, err error) error {
	if err != nil {
		setStamp(c, a.Stamp)
		return inTargets(err)
	}
	after, err := s.bank.Application(c.Request().Context(), actorOf(c), a.ID)
	if err != nil {
		return err
	}
	return answerApplication(c, http.StatusCreated, after)
}

// inTargets names fields as they were sent: what the bank calls awards are targets here.
func inTargets(err error) error {
	return fieldsNamed(err, func(field string) string { return strings.Replace(field, "].awards", "].targets", 1) })
}

func (r *decisionRequest) decision(stamp, key string) bank.NewDecision {
	d := bank.NewDecision{Stamp: stamp, Text: r.Text, Key: key}
	for _, i := range r.Items {
		item := bank.ItemDecision{Item: i.Item, Outcome: i.Outcome, Credits: i.Credits, Reasons: i.Reasons, Text: i.Text, Remedy: i.Remedy, Condition: i.Condition, Until: i.Until}
		for _, t := range i.Targets {
			item.Awards = append(item.Awards, bank.AwardInput(t))
		}
		d.Items = append(d.Items, item)
	}
	return d
}

func answerApplication(c echo.Context, status int, a bank.Application) error {
	setStamp(c, a.Stamp)
	return answerStatus(c, status, newApplicationAnswer(a))
}

func newApplicationAnswer(a bank.Application) applicationAnswer {
	out := applicationAnswer{ID: a.ID, Learner: a.Learner, Institution: a.To.Institution, Programme: a.To.Code, State: a.State, Partial: a.Partial, Note: a.Note,
		AsOf: a.AsOf, Planned: a.Planned, Given: a.Given, Submitted: momentOf(a.Submitted), Decided: momentOf(a.Decided), Due: a.Due.String(), Final: a.Final.String(),
		Items: []appliedItem{}, Decisions: []decisionAnswer{}, Appeals: []appealAnswer{}, May: append([]string{}, a.May...)}
	for _, i := range a.Items {
		item := appliedItem{AnswerRule: answerRule(i.Rule), Item: i.Number, Via: answerRules(i.Via), Records: []recordName{}, Credits: i.Credits, Targets: newTargets(i.Awards),
			State: i.State, Given: i.Given, GivenAs: newTargets(i.GivenAs), Reasons: i.Reasons, Text: i.Text, Remedy: i.Remedy, Condition: i.Condition,
			Until: i.Until.String(), Decision: i.Decision, MayAppeal: i.MayAppeal}
		for _, r := range i.Records {
			item.Records = append(item.Records, recordName(r))
		}
		out.Items = append(out.Items, item)
	}
	for _, p := range a.Decisions {
		d := decisionAnswer{ID: p.ID, Number: p.Number, Kind: p.Kind, Level: p.Level, Automatic: p.Automatic, Made: momentOf(p.Made), Text: p.Text, Items: []decidedAnswer{}}
		for _, i := range p.Items {
			d.Items = append(d.Items, decidedAnswer{i.Item, i.Outcome, i.Credits})
		}
		out.Decisions = append(out.Decisions, d)
	}
	for _, p := range a.Appeals {
		out.Appeals = append(out.Appeals, appealAnswer{p.Level, p.Items, p.State, momentOf(p.Made), p.Text})
	}
	return out
}

// momentOf is a moment as the API writes it, empty for none.
func momentOf(at time.Time) string {
	if at.IsZero() {
		return ""
	}
	return at.UTC().Format(moment)
}

func newTargets(awards []transfer.Award) []decisionTarget {
	targets := []decisionTarget{}
	for _, a := range awards {
		targets = append(targets, decisionTarget(a))
	}
	return targets
}
