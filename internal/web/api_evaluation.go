package web

import (
	"net/http"
	"net/url"

	"github.com/labstack/echo/v4"

	"creditbank/internal/bank"
	"creditbank/internal/transfer"
)

// evaluationRequest is the body with which a rule is proposed or edited.
type evaluationRequest struct {
	ID     string      `json:"id" validate:"max=120"` // of the draft that is edited
	Rows   []ruleCells `json:"rows" validate:"required,min=1,max=60,dive"`
	Why    string      `json:"why" validate:"max=2000"`
	Origin string      `json:"origin" validate:"max=200"`
}

// ruleCells is a row of the rule, as the file of equivalences has it.
type ruleCells struct {
	Equivalence       string `json:"equivalence" validate:"max=80"`
	SourceInstitution string `json:"source_institution" validate:"max=40"`
	SourceCourse      string `json:"source_course" validate:"max=80"`
	MinGrade          string `json:"min_grade" validate:"max=40"`
	MaxGrade          string `json:"max_grade" validate:"max=40"`
	TargetInstitution string `json:"target_institution" validate:"max=40"`
	TargetCourse      string `json:"target_course" validate:"max=80"`
	TargetGroup       string `json:"target_group" validate:"max=40"`
	TargetCredits     string `json:"target_credits" validate:"max=40"`
	CreditMode        string `json:"credit_mode" validate:"max=40"`
	Exemption         string `json:"exemption" validate:"max=40"`
	ValidFrom         string `json:"valid_from" validate:"max=40"`
	ValidTo           string `json:"valid_to" validate:"max=40"`
	ValidityYears     string `json:"validity_years" validate:"max=40"`
	Programme         string `json:"programme" validate:"max=40"`
	Priority          string `json:"priority" validate:"max=40"`
	Outcome           string `json:"outcome" validate:"max=40"`
	Reasons           string `json:"reasons" validate:"max=400"`
	Note              string `json:"note" validate:"max=2000"`
}

// cells are the row by the columns of the file.
func (r ruleCells) cells() map[string]string {
	return map[string]string{"equivalence": r.Equivalence, "source_institution": r.SourceInstitution, "source_course": r.SourceCourse,
		"min_grade": r.MinGrade, "max_grade": r.MaxGrade, "target_institution": r.TargetInstitution, "target_course": r.TargetCourse,
		"target_group": r.TargetGroup, "target_credits": r.TargetCredits, "credit_mode": r.CreditMode, "exemption": r.Exemption,
		"valid_from": r.ValidFrom, "valid_to": r.ValidTo, "validity_years": r.ValidityYears, "programme": r.Programme, "priority": r.Priority,
		"outcome": r.Outcome, "reasons": r.Reasons, "note": r.Note}
}

// evaluationAnswer is where a rule stands that is judged.
type evaluationAnswer struct {
	ID string `json:"id"`
	AnswerRule
	State     string          `json:"state"`
	Stamp     string          `json:"stamp"`
	Round     int             `json:"round"`
	Due       string          `json:"due,omitempty"`
	Opinions  []opinionAnswer `json:"opinions"`
	May       []string        `json:"may"`
	Answer    string          `json:"answer,omitempty"`
	Refusal   []string        `json:"refusal,omitempty"`
	Condition string          `json:"condition,omitempty"`
	Findings  []lintAnswer    `json:"findings,omitempty"`
}

// opinionAnswer is an opinion that was given or is asked for. Experts are not named.
type opinionAnswer struct {
	Side        string   `json:"side"`
	Institution string   `json:"institution,omitempty"`
	Opinion     string   `json:"opinion,omitempty"`
	Text        string   `json:"text,omitempty"`
	Reasons     []string `json:"reasons,omitempty"`
	Condition   string   `json:"condition,omitempty"`
	Over        bool     `json:"over"`
	Due         string   `json:"due,omitempty"`
}

// lintAnswer is something that lint finds in a draft.
type lintAnswer struct {
	Class string       `json:"class"`
	Rules []AnswerRule `json:"rules"`
}

func newEvaluationAnswer(e bank.Evaluation, found []transfer.Finding) evaluationAnswer {
	out := evaluationAnswer{ID: e.ID, AnswerRule: answerRule(e.RuleRef), State: e.State, Stamp: e.Stamp, Round: e.Round, Due: e.Due.String(),
		Opinions: make([]opinionAnswer, len(e.Opinions)), May: append([]string{}, e.May...), Answer: e.Answer, Refusal: e.Refusal, Condition: e.Condition}
	for i, o := range e.Opinions {
		out.Opinions[i] = opinionAnswer{o.Side, o.Institution, o.Opinion, o.Text, o.Reasons, o.Condition, o.Over, o.Due.String()}
	}
	for _, f := range found {
		finding := lintAnswer{Class: string(f.Class), Rules: []AnswerRule{}}
		for _, ref := range f.Rules {
			finding.Rules = append(finding.Rules, answerRule(ref))
		}
		out.Findings = append(out.Findings, finding)
	}
	return out
}

// postEvaluation drafts a rule in the name of the system's school, or edits a draft.
func (s *Server) postEvaluation(c echo.Context) error {
	key, err := idempotencyKey(c.Request().Header)
	if err != nil {
		return err
	}
	var request evaluationRequest
	if err := s.bind(c, &request); err != nil {
		return err
	}
	d := bank.EvaluationDraft{ID: request.ID, Stamp: stampOf(c.Request().Header), Why: request.Why, Origin: request.Origin}
	for _, row := range request.Rows {
		d.Rows = append(d.Rows, row.cells())
	}
	e, found, replayed, err := s.bank.SaveEvaluationOnce(c.Request().Context(), actorOf(c), key, d)
	if err != nil {
		return s.staleEvaluation(c, request.ID, err)
	}
	status := http.StatusOK
	if request.ID == "" {
		status = http.StatusCreated
		c.Response().Header().Set(echo.HeaderLocation, apiBase+"/equivalences/"+url.PathEscape(e.ID)+"/evaluation")
	}
	return answerEvaluation(c, status, replayed, newEvaluationAnswer(e, found))
}

func answerEvaluation(c echo.Context, status int, replayed bool, answer evaluationAnswer) error {
	if replayed {
		c.Response().Header().Set(headerHit, "true")
	}
	setStamp(c, answer.Stamp)
	return answerStatus(c, status, answer)
}

// staleEvaluation tells with a conflict which state the evaluation is in now.
func (s *Server) staleEvaluation(c echo.Context, id string, refusal error) error {
	if bank.CodeOf(refusal) == bank.Conflict && id != "" {
		if e, err := s.bank.Evaluation(c.Request().Context(), actorOf(c), id); err == nil {
			setStamp(c, e.Stamp)
		}
	}
	return refusal
}

// getEvaluation says where a rule stands that is judged.
func (s *Server) getEvaluation(c echo.Context) error {
	id, err := pathValue(c, "evaluation")
	if err != nil {
		return echo.ErrNotFound
	}
	e, err := s.bank.Evaluation(c.Request().Context(), actorOf(c), id)
	if err != nil {
		return err
	}
	return answerEvaluation(c, http.StatusOK, false, newEvaluationAnswer(e, nil))
}

// submitRequest is the body of a submission, or of what is sent after something was missing.
type submitRequest struct {
	Text string `json:"text" validate:"max=2000"`
}

// opinionRequest is the opinion of the system's school.
type opinionRequest struct {
	Opinion   string   `json:"opinion" validate:"required,max=40"`
	Text      string   `json:"text" validate:"max=2000"`
	Reasons   []string `json:"reasons" validate:"max=20,dive,max=40"`
	Condition string   `json:"condition" validate:"max=2000"`
}

// verdictRequest is what is decided: by the bank, or by a school that asks for more.
type verdictRequest struct {
	Decision  string   `json:"decision" validate:"required,oneof=approve refuse ask_more"`
	Text      string   `json:"text" validate:"max=2000"`
	Reasons   []string `json:"reasons" validate:"max=20,dive,max=40"`
	Condition string   `json:"condition" validate:"max=2000"`
	Preview   string   `json:"preview" validate:"max=200"`
}

// submitEvaluation submits a draft; what was sent back it answers.
func (s *Server) submitEvaluation(c echo.Context) error {
	var request submitRequest
	if err := s.bind(c, &request); err != nil {
		return err
	}
	return s.actOnRule(c, func(e bank.Evaluation) bank.EvaluationAct {
		action := map[bool]string{true: "answer", false: "submit"}[e.State == bank.EvaluationReturned]
		return bank.EvaluationAct{Action: action, Text: request.Text}
	})
}

// opineEvaluation gives the opinion of the system's school.
func (s *Server) opineEvaluation(c echo.Context) error {
	var request opinionRequest
	if err := s.bind(c, &request); err != nil {
		return err
	}
	return s.actOnRule(c, func(bank.Evaluation) bank.EvaluationAct {
		return bank.EvaluationAct{Action: "opine", Opinion: request.Opinion, Text: request.Text, Reasons: request.Reasons, Condition: request.Condition}
	})
}

// decideEvaluation decides.
func (s *Server) decideEvaluation(c echo.Context) error {
	var request verdictRequest
	if err := s.bind(c, &request); err != nil {
		return err
	}
	return s.actOnRule(c, func(bank.Evaluation) bank.EvaluationAct {
		return bank.EvaluationAct{Action: request.Decision, Text: request.Text, Reasons: request.Reasons, Condition: request.Condition, Preview: request.Preview}
	})
}

// actOnRule does what a request asks for, on the state that If-Match names.
func (s *Server) actOnRule(c echo.Context, read func(bank.Evaluation) bank.EvaluationAct) error {
	id, err := pathValue(c, "evaluation")
	if err != nil {
		return echo.ErrNotFound
	}
	key, err := idempotencyKey(c.Request().Header)
	if err != nil {
		return err
	}
	ctx, actor := c.Request().Context(), actorOf(c)
	now, err := s.bank.Evaluation(ctx, actor, id)
	if err != nil {
		return err
	}
	act := read(now)
	act.Stamp = stampOf(c.Request().Header)
	e, replayed, err := s.bank.ActOnEvaluationOnce(ctx, actor, key, id, act)
	if err != nil {
		return s.staleEvaluation(c, id, err)
	}
	return answerEvaluation(c, http.StatusOK, replayed, newEvaluationAnswer(e, nil))
}
