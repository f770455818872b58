package web

import (
	"net/http"
	"net/url"
	"slices"

	"github.com/labstack/echo/v4"

	"creditbank/internal/bank"
	"creditbank/internal/credit"
)

// attestationQuery asks for attestations.
type attestationQuery struct {
	part
	State string `query:"state" validate:"max=40"`
	Kind  string `query:"kind" validate:"max=40"`
}

// attestationRequest is the body of a result beyond courses that is handed in.
type attestationRequest struct {
	Learner     string            `json:"learner" validate:"required,max=40"`
	Kind        string            `json:"kind" validate:"required,max=40"`
	Way         string            `json:"way" validate:"max=40"`
	Institution string            `json:"institution" validate:"required,max=40"`
	Course      string            `json:"course" validate:"required,max=80"`
	Reference   string            `json:"reference" validate:"max=80"`
	Title       string            `json:"title" validate:"max=200"`
	Grade       string            `json:"grade" validate:"max=40"`
	Scale       string            `json:"scale" validate:"max=40"`
	Points      map[string]string `json:"points" validate:"max=50,dive,keys,max=80,endkeys,max=40"`
	Level       string            `json:"level" validate:"max=40"`
	Hours       string            `json:"hours" validate:"max=40"`
	CompletedOn string            `json:"completed_on" validate:"max=40"`
	ValidTo     string            `json:"valid_to" validate:"max=40"`
	Endless     bool              `json:"endless"`
	Renews      bool              `json:"renews"`
	Note        string            `json:"note" validate:"max=1000"`
	Declared    bool              `json:"declared"`
	Files       []fileRequest     `json:"files" validate:"max=5,dive"`
}

// attestationActRequest is the body of what is done about one.
type attestationActRequest struct {
	Action  string `json:"action" validate:"required,max=40"`
	Reason  string `json:"reason" validate:"max=40"`
	Text    string `json:"text" validate:"max=1000"`
	Remedy  string `json:"remedy" validate:"max=1000"`
	Credits string `json:"credits" validate:"max=40"`
}

// attestationAnswer is an attestation as a system sees it: without papers and logs.
type attestationAnswer struct {
	ID          string         `json:"id"`
	Learner     string         `json:"learner"`
	Kind        string         `json:"kind"`
	Way         string         `json:"way"`
	State       string         `json:"state"`
	Institution string         `json:"institution"`
	Course      string         `json:"course"`
	Handler     string         `json:"handler,omitempty"`
	Reference   string         `json:"reference"`
	Renews      bool           `json:"renews"`
	Title       string         `json:"title,omitempty"`
	Grade       string         `json:"grade,omitempty"`
	Scale       string         `json:"scale,omitempty"`
	Points      []pointsAnswer `json:"points,omitempty"`
	Level       int            `json:"level,omitempty"`
	Hours       *credit.Hours  `json:"hours,omitempty"`
	Credits     *credit.Amount `json:"credits,omitempty"`
	CompletedOn string         `json:"completed_on,omitempty"`
	ValidTo     string         `json:"valid_to,omitempty"`
	Endless     bool           `json:"endless"`
	Note        string         `json:"note,omitempty"`
	Made        string         `json:"made_at"`
	Decided     string         `json:"decided_at,omitempty"`
	Due         string         `json:"due,omitempty"`
	Reason      string         `json:"reason,omitempty"`
	Text        string         `json:"text,omitempty"`
	Remedy      string         `json:"remedy,omitempty"`
	Records     []recordName   `json:"records"`
	May         []string       `json:"may"`
}

// pointsAnswer is what was reached in a part of an exam.
type pointsAnswer struct {
	Course string `json:"course"`
	Points string `json:"points"`
}

// listAttestations lists those that the system's school issues or decides.
func (s *Server) listAttestations(c echo.Context) error {
	var q attestationQuery
	if err := s.query(c, &q); err != nil {
		return err
	}
	page, err := s.bank.Attestations(c.Request().Context(), actorOf(c), bank.AttestationFilter{State: q.State, Kind: q.Kind}, q.window())
	return answerList(c, page, err, newAttestationAnswer)
}

// getAttestation shows one.
func (s *Server) getAttestation(c echo.Context) error {
	a, err := s.attestationOfPath(c)
	if err != nil {
		return err
	}
	return answerAttestation(c, http.StatusOK, a)
}

// attestationOfPath is the attestation that the path names. It promises NotFound.
func (s *Server) attestationOfPath(c echo.Context) (bank.Attestation, error) {
	id, err := pathValue(c, "attestation")
	if err != nil {
		return bank.Attestation{}, echo.ErrNotFound
	}
	return s.bank.Attestation(c.Request().Context(), actorOf(c), id)
}

// postAttestation hands in a result of a learner of the system's school.
func (s *Server) postAttestation(c echo.Context) error {
	key, err := idempotencyKey(c.Request().Header)
	if err != nil {
		return err
	}
	var r attestationRequest
	if err := s.bind(c, &r); err != nil {
		return err
	}
	files, err := filesOf(r.Files)
	if err != nil {
		return err
	}
	ctx, actor := c.Request().Context(), actorOf(c)
	id, err := s.bank.HandIn(ctx, actor, bank.NewAttestation{Account: r.Learner, Kind: r.Kind, Way: r.Way, Institution: r.Institution, Course: r.Course, Reference: r.Reference,
		Title: r.Title, Grade: r.Grade, Scale: r.Scale, Points: r.Points, Level: r.Level, Hours: r.Hours, CompletedOn: r.CompletedOn, ValidTo: r.ValidTo,
		Endless: r.Endless, Renews: r.Renews, Note: r.Note, Declared: r.Declared, Files: files, Key: key})
	if err != nil {
		return err
	}
	a, err := s.bank.Attestation(ctx, actor, id)
	if err != nil {
		return err
	}
	c.Response().Header().Set(echo.HeaderLocation, apiBase+"/attestations/"+url.PathEscape(id))
	return answerAttestation(c, http.StatusCreated, a)
}

// postAttestationAction verifies or refuses what the system's school issued, or takes back
// what the system handed in.
func (s *Server) postAttestationAction(c echo.Context) error {
	var r attestationActRequest
	a, err := s.attestationOfPath(c)
	if err != nil {
		return err
	}
	stamp, key, err := s.changeOf(c, a.Stamp, &r)
	if err != nil {
		return err
	}
	after, err := s.bank.ActOnAttestation(c.Request().Context(), actorOf(c), a.ID,
		bank.AttestationAct{Action: r.Action, Stamp: stamp, Reason: r.Reason, Text: r.Text, Remedy: r.Remedy, Credits: r.Credits, Key: key})
	if err != nil {
		setStamp(c, a.Stamp)
		return err
	}
	return answerAttestation(c, http.StatusCreated, after)
}

// systemActions are those that a system can take: what needs papers or a look at them is for people.
func systemActions() []string { return []string{"verify", "refuse", "withdraw"} }

func answerAttestation(c echo.Context, status int, a bank.Attestation) error {
	setStamp(c, a.Stamp)
	return answerStatus(c, status, newAttestationAnswer(a))
}

func newAttestationAnswer(a bank.Attestation) attestationAnswer {
	out := attestationAnswer{ID: a.ID, Learner: a.Account, Kind: a.Kind, Way: a.Way, State: a.State, Institution: a.Institution, Course: a.Course, Handler: a.Handler,
		Reference: a.Reference, Renews: a.Renews, Title: a.Title, Grade: a.Grade, Scale: a.Scale, Level: a.Level, CompletedOn: a.Completed.String(), ValidTo: a.Valid.String(),
		Endless: a.Endless, Note: a.Note, Made: momentOf(a.Made), Decided: momentOf(a.Decided), Due: a.Due.String(), Reason: a.Reason, Text: a.Answer, Remedy: a.Remedy,
		Records: []recordName{}, May: []string{}}
	if a.Hours > 0 {
		out.Hours = &a.Hours
	}
	if a.Credits >= 0 {
		out.Credits = &a.Credits
	}
	for _, p := range a.Parts {
		out.Points = append(out.Points, pointsAnswer{p.Course, p.Score.String()})
	}
	for _, action := range a.May {
		if slices.Contains(systemActions(), action) {
			out.May = append(out.May, action)
		}
	}
	for _, r := range a.Records {
		out.Records = append(out.Records, recordName(r))
	}
	return out
}
