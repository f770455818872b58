package web

import (
	"bytes"
	"net/http"
	"net/url"
	"strings"

	"github.com/labstack/echo/v4"

	"creditbank/internal/bank"
	"creditbank/internal/credit"
)

// depositRequest is the body of a deposit: what is sent is one result or an
// array of results.
type depositRequest struct {
	Records []depositRecord `json:"records" validate:"required,min=1,max=500,dive"` // bank.MaxBatch
}

// depositRecord is a result as it is sent; what it means is the bank's to say.
type depositRecord struct {
	Reference   string `json:"reference" validate:"max=80"`
	Kind        string `json:"kind" validate:"max=40"`
	Institution string `json:"institution" validate:"max=40"`
	Course      string `json:"course" validate:"required,max=80"`
	Title       string `json:"title" validate:"max=200"`
	Grade       string `json:"grade" validate:"max=40"`
	Scale       string `json:"scale" validate:"max=40"`
	Credits     string `json:"credits" validate:"max=40"`
	Hours       string `json:"hours" validate:"max=40"`
	Level       string `json:"level" validate:"max=40"`
	CompletedOn string `json:"completed_on" validate:"required,max=40"`
	ValidTo     string `json:"valid_to" validate:"max=40"`
	Term        string `json:"term" validate:"max=40"`
}

// Headers of writes that may be sent more than once.
const (
	headerKey = "Idempotency-Key"
	headerHit = "Idempotency-Hit"
)

// deposit books results into an account: one, or several as one batch.
func (s *Server) deposit(c echo.Context) error {
	account, err := pathValue(c, "account")
	if err != nil {
		return echo.ErrNotFound
	}
	key, err := idempotencyKey(c.Request().Header)
	if err != nil {
		return err
	}
	request, single, err := s.bindDeposit(c)
	if err != nil {
		return err
	}
	actor := actorOf(c)
	receipt, err := s.book(c.Request().Context(), actor, account, request.records(actor.Institution), bank.Why{Key: key})
	if err != nil {
		return namedAsSent(err, single)
	}
	if receipt.Replayed {
		c.Response().Header().Set(headerHit, "true")
	}
	if receipt.Batch < 0 {
		return answerJSON(c, newDepositAnswer(account, receipt))
	}
	c.Response().Header().Set(echo.HeaderLocation, apiBase+"/learners/"+url.PathEscape(account)+"/records")
	return answerStatus(c, http.StatusCreated, newDepositAnswer(account, receipt))
}

// idempotencyKey is the key of a write, empty when none is given.
func idempotencyKey(h http.Header) (string, error) {
	switch keys := h.Values(headerKey); len(keys) {
	case 0:
		return "", nil
	case 1:
		if keys[0] == "" {
			return "", invalid(bank.FieldError{Field: headerKey, Code: "required"})
		}
		return keys[0], nil
	}
	return "", invalid(bank.FieldError{Field: headerKey, Code: "repeated"})
}

// bindDeposit reads the one result, or the array. It promises Invalid.
func (s *Server) bindDeposit(c echo.Context) (request depositRequest, single bool, err error) {
	body, err := readBody(c)
	if err != nil {
		return request, false, err
	}
	if single = !bytes.HasPrefix(bytes.TrimSpace(body), []byte("[")); single {
		request.Records = make([]depositRecord, 1)
		err = s.forms.readJSON(body, &request.Records[0], "", 0)
	} else {
		err = s.forms.readJSON(body, &request.Records, "records", bank.MaxBatch)
	}
	if err == nil {
		err = s.checkShape(&request)
	}
	if err == nil {
		err = s.api.enforce(c, body, s.api.allowsDeposit)
	}
	return request, single, namedAsSent(err, single)
}

// namedAsSent names the fields of a single result without the list around it.
func namedAsSent(err error, single bool) error {
	if !single {
		return err
	}
	return fieldsNamed(err, func(field string) string {
		if rest, inList := strings.CutPrefix(field, "records[0]"); inList {
			field = strings.TrimPrefix(rest, ".")
		}
		if field == "" {
			return "body"
		}
		return field
	})
}

// records are the results in the bank's words. One that names no issuer is the
// school's own.
func (r *depositRequest) records(school string) []bank.DepositRecord {
	list := make([]bank.DepositRecord, len(r.Records))
	for i, record := range r.Records {
		if record.Institution == "" {
			record.Institution = school
		}
		list[i] = bank.DepositRecord(record)
	}
	return list
}

// depositAnswer is the receipt of a deposit.
type depositAnswer struct {
	Account string            `json:"account"`
	Batch   *int64            `json:"batch"` // number of the first entry; null: all was there already
	Records []depositedAnswer `json:"records"`
	Entries []entryAnswer     `json:"entries"`
}

// depositedAnswer is what became of one result, in the order sent.
type depositedAnswer struct {
	Institution string        `json:"institution"`
	Reference   string        `json:"reference"`
	State       string        `json:"state"`
	Entry       int64         `json:"entry"`
	Amount      credit.Amount `json:"amount"`
}

func newDepositAnswer(account string, r bank.Receipt) depositAnswer {
	out := depositAnswer{Account: account, Records: make([]depositedAnswer, len(r.Records)), Entries: make([]entryAnswer, len(r.Entries))}
	if r.Batch >= 0 {
		out.Batch = &r.Batch
	}
	for i, d := range r.Records {
		out.Records[i] = depositedAnswer{d.Institution, d.Reference, d.State, d.Entry, d.Amount}
	}
	for i, e := range r.Entries {
		out.Entries[i] = newEntryAnswer(e)
	}
	return out
}
