package web

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"creditbank/internal/bank"
	"creditbank/internal/credit"
)

// priorQuery asks for recognitions of prior learning.
type priorQuery struct {
	part
	State  string `query:"state" validate:"max=40"`
	Course string `query:"course" validate:"max=80"`
}

// priorAnswer is a recognition of prior learning as a system sees it: without papers.
type priorAnswer struct {
	ID          string                `json:"id"`
	Learner     string                `json:"learner"`
	Institution string                `json:"institution"`
	Programme   string                `json:"programme"`
	Course      string                `json:"course"`
	Credits     credit.Amount         `json:"credits"`
	State       string                `json:"state"`
	Round       int                   `json:"round"`
	Submitted   string                `json:"submitted_at,omitempty"`
	Decided     string                `json:"decided_at,omitempty"`
	Due         string                `json:"due,omitempty"`
	Final       string                `json:"final_on,omitempty"`
	Outcomes    []priorOutcomeAnswer  `json:"outcomes,omitempty"`
	Decisions   []priorDecisionAnswer `json:"decisions,omitempty"`
}

// priorOutcomeAnswer is an outcome of the course, and what the learner says to it.
type priorOutcomeAnswer struct {
	Number     int    `json:"number"`
	Competence string `json:"competence"`
	Level      int    `json:"level,omitempty"`
	Outcome    string `json:"outcome"`
	Can        string `json:"can,omitempty"`
	How        string `json:"how,omitempty"`
}

// priorDecisionAnswer is a posted decision.
type priorDecisionAnswer struct {
	ID      string   `json:"id"`
	Round   int      `json:"round"`
	Outcome string   `json:"outcome"`
	Lacking []int    `json:"lacking,omitempty"`
	Reasons []string `json:"reasons,omitempty"`
	Text    string   `json:"text,omitempty"`
	Remedy  string   `json:"remedy,omitempty"`
	Made    string   `json:"made_at"`
}

// listPriors lists what the system's school was asked to recognise.
func (s *Server) listPriors(c echo.Context) error {
	var q priorQuery
	if err := s.query(c, &q); err != nil {
		return err
	}
	page, err := s.bank.PriorLearnings(c.Request().Context(), actorOf(c), bank.PriorFilter{State: q.State, Course: q.Course}, q.window())
	return answerList(c, page, err, newPriorAnswer)
}

// getPrior shows one.
func (s *Server) getPrior(c echo.Context) error {
	id, err := pathValue(c, "prior")
	if err != nil {
		return echo.ErrNotFound
	}
	p, err := s.bank.PriorLearning(c.Request().Context(), actorOf(c), id)
	if err != nil {
		return err
	}
	setStamp(c, p.Stamp)
	return answerStatus(c, http.StatusOK, newPriorAnswer(p))
}

func newPriorAnswer(p bank.PriorLearning) priorAnswer {
	out := priorAnswer{ID: p.ID, Learner: p.Learner, Institution: p.To.Institution, Programme: p.To.Code, Course: p.Course, Credits: p.Credits, State: p.State, Round: p.Round,
		Submitted: momentOf(p.Submitted), Decided: momentOf(p.Decided), Due: p.Due.String(), Final: p.Final.String()}
	for _, o := range p.Outcomes {
		out.Outcomes = append(out.Outcomes, priorOutcomeAnswer{o.Number, o.Competence, o.Level, o.Text, o.Can, o.How})
	}
	for _, d := range p.Decisions {
		out.Decisions = append(out.Decisions, priorDecisionAnswer{d.ID, d.Round, d.Outcome, d.Lacking, d.Reasons, d.Text, d.Remedy, momentOf(d.Made)})
	}
	return out
}
