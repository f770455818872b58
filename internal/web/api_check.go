package web

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"creditbank/internal/bank"
	"creditbank/internal/transfer"
)

// checkRequest is the body of POST /check.
type checkRequest struct {
	AsOf    string         `json:"as_of" validate:"omitempty,date"`
	Records []checkRecord  `json:"records" validate:"required,min=1,max=500,dive"` // bank.MaxCheckRecords
	To      *checkTarget   `json:"to"`
	Filter  *rankingFilter `json:"filter"`
	Top     *int           `json:"top" validate:"omitempty,min=1,max=200"`
	Cursor  string         `json:"cursor" validate:"max=40"`
}

// checkRecord is a result as it is sent; what it means is the bank's to say.
type checkRecord struct {
	Institution string `json:"institution" validate:"required,max=40"`
	Course      string `json:"course" validate:"required,max=80"`
	Kind        string `json:"kind" validate:"max=40"`
	Grade       string `json:"grade" validate:"max=40"`
	Scale       string `json:"scale" validate:"max=40"`
	Credits     string `json:"credits" validate:"max=40"`
	Hours       string `json:"hours" validate:"max=40"`
	CompletedOn string `json:"completed_on" validate:"max=40"`
}

type checkTarget struct {
	Institution string `json:"institution" validate:"required,max=40"`
	Programme   string `json:"programme" validate:"required,max=40"`
}

type rankingFilter struct {
	Institution   string `json:"institution" validate:"max=40"`
	Kind          string `json:"kind" validate:"max=40"`
	Region        string `json:"region" validate:"max=40"`
	CatalogueCode string `json:"catalogue_code" validate:"max=40"`
}

// check answers what results are worth: in one programme, or in all of them.
func (s *Server) check(c echo.Context) error {
	var request checkRequest
	if err := s.bind(c, &request); err != nil {
		return err
	}
	c.Response().Header().Set("Cache-Control", "no-store")
	ctx, say := c.Request().Context(), s.speaker(c)
	if request.To != nil {
		plan, err := s.bank.Plan(ctx, request.question())
		if err != nil {
			return err
		}
		return answerJSON(c, NewPlanAnswer(say, plan))
	}
	ranking, err := s.bank.Rank(ctx, request.question())
	if err != nil {
		return err
	}
	return answerJSON(c, NewRanking(say, ranking))
}

// question is the request in the bank's words.
func (r *checkRequest) question() bank.CheckInput {
	in := bank.CheckInput{AsOf: r.AsOf, Window: bank.Window{Cursor: r.Cursor}}
	for _, record := range r.Records {
		in.Records = append(in.Records, bank.CheckRecord(record))
	}
	if r.To != nil {
		in.To = transfer.ProgrammeKey{Institution: r.To.Institution, Code: r.To.Programme}
	}
	if f := r.Filter; f != nil {
		in.Filter = bank.Filter{Institution: f.Institution, Kind: f.Kind, Region: f.Region, Catalogue: f.CatalogueCode}
	}
	if r.Top != nil {
		in.Window.Limit = *r.Top
	}
	return in
}

// answerJSON sends a value whole, or fails before anything is sent.
func answerJSON(c echo.Context, v any) error { return answerStatus(c, http.StatusOK, v) }

func answerStatus(c echo.Context, status int, v any) error {
	body, err := encodeJSON(v)
	if err != nil {
		return err
	}
	return c.Blob(status, echo.MIMEApplicationJSON, body)
}
