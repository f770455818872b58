package web

import (
	"encoding/hex"
	"time"

	"github.com/labstack/echo/v4"

	"creditbank/internal/bank"
	"creditbank/internal/credit"
)

// accountAnswer is the head of an account: how much stands where.
type accountAnswer struct {
	Account    string             `json:"account"`
	Partial    bool               `json:"partial"`
	Available  credit.Amount      `json:"available"`
	Held       credit.Amount      `json:"held"`
	Expired    credit.Amount      `json:"expired"`
	Records    int                `json:"records"`
	Programmes []programmeBalance `json:"programmes"`
	MergedInto string             `json:"merged_into,omitempty"`
}

// programmeBalance is what counts in a programme.
type programmeBalance struct {
	Institution string        `json:"institution"`
	Programme   string        `json:"programme"`
	Applied     credit.Amount `json:"applied"`
	Redeemed    credit.Amount `json:"redeemed"`
}

// asAccount reads which account is asked for, and the query beside it.
func (s *Server) asAccount(c echo.Context, query any) (string, error) {
	if err := s.query(c, query); err != nil {
		return "", err
	}
	account, err := pathValue(c, "account")
	if err != nil {
		return "", echo.ErrNotFound
	}
	return account, nil
}

func (s *Server) getAccount(c echo.Context) error {
	account, err := s.asAccount(c, &struct{}{})
	if err != nil {
		return err
	}
	v, err := s.bank.ViewAccount(c.Request().Context(), actorOf(c), account)
	if err != nil {
		return err
	}
	out := accountAnswer{Account: v.Account, Partial: v.Partial, Available: v.Available, Held: v.Held, Expired: v.Expired, Records: v.Records,
		Programmes: make([]programmeBalance, len(v.Programmes)), MergedInto: v.MergedInto}
	for i, p := range v.Programmes {
		out.Programmes[i] = programmeBalance{p.Institution, p.Code, p.Applied, p.Redeemed}
	}
	return answerJSON(c, out)
}

// resultAnswer is a result of an account and where it stands.
type resultAnswer struct {
	Institution string         `json:"institution"`
	Reference   string         `json:"reference"`
	Kind        string         `json:"kind"`
	Course      string         `json:"course"`
	Title       string         `json:"title,omitempty"`
	Grade       string         `json:"grade,omitempty"`
	Scale       string         `json:"scale,omitempty"`
	Credits     *credit.Amount `json:"credits,omitempty"`
	Hours       *credit.Hours  `json:"hours,omitempty"`
	Level       int            `json:"level,omitempty"`
	CompletedOn string         `json:"completed_on"`
	ValidTo     string         `json:"valid_to,omitempty"`
	Term        string         `json:"term,omitempty"`
	Standing    standingAnswer `json:"standing"`
}

// standingAnswer is where a result stands, and what it is worth there.
type standingAnswer struct {
	Place     string        `json:"place"`
	Programme *programmeRef `json:"programme,omitempty"`
	Deposited credit.Amount `json:"deposited"`
	Amount    credit.Amount `json:"amount"`
	LastEntry int64         `json:"last_entry"`
}

// programmeRef names a programme.
type programmeRef struct {
	Institution string `json:"institution"`
	Code        string `json:"code"`
}

// withdrawn is the place of a result whose deposit was reversed.
const withdrawn = "withdrawn"

func (s *Server) listResults(c echo.Context) error {
	var q part
	account, err := s.asAccount(c, &q)
	if err != nil {
		return err
	}
	page, err := s.bank.ViewResults(c.Request().Context(), actorOf(c), account, q.window())
	return answerList(c, page, err, newResultAnswer)
}

func newResultAnswer(r bank.Result) resultAnswer {
	out := resultAnswer{Institution: r.Institution, Reference: r.Reference, Kind: r.Kind, Course: r.Course, Title: r.Title, Grade: r.Grade, Scale: r.Scale,
		Level: r.Level, CompletedOn: r.Completed.String(), ValidTo: r.ValidTo.String(), Term: r.Term,
		Standing: standingAnswer{Place: r.Place, Deposited: r.Deposited, Amount: r.Amount, LastEntry: r.Last}}
	if r.Credits >= 0 {
		out.Credits = &r.Credits
	}
	if r.Hours >= 0 {
		out.Hours = &r.Hours
	}
	if r.Programme.Code != "" {
		out.Standing.Programme = &programmeRef{r.Programme.Institution, r.Programme.Code}
	}
	if r.Place == "" {
		out.Standing.Place = withdrawn
	}
	return out
}

// entryAnswer is an entry of the ledger. The accounts are in the ledger's own form.
type entryAnswer struct {
	Number   int64         `json:"number"`
	Batch    int64         `json:"batch"`
	Kind     string        `json:"kind"`
	Debit    string        `json:"debit"`
	Credit   string        `json:"credit"`
	Amount   credit.Amount `json:"amount"`
	Record   recordName    `json:"record"`
	Digest   string        `json:"digest,omitempty"`
	Reverses *int64        `json:"reverses,omitempty"`
	Reason   string        `json:"reason,omitempty"`
	Actor    string        `json:"actor"`
	At       string        `json:"at"`
	Cause    *causeAnswer  `json:"cause,omitempty"`
}

// recordName names a result: its issuer, and the issuer's own number for it.
type recordName struct {
	Institution string `json:"institution"`
	Reference   string `json:"reference"`
}

// causeAnswer is what an entry was made for.
type causeAnswer struct {
	Kind string `json:"kind"`
	ID   string `json:"id"`
}

// moment is how instants are written: UTC, to the microsecond.
const moment = "2006-01-02T15:04:05.000000Z"

func newEntryAnswer(e bank.Entry) entryAnswer {
	out := entryAnswer{Number: e.Number, Batch: e.Batch, Kind: e.Kind.String(), Debit: e.Debit.String(), Credit: e.Credit.String(), Amount: e.Amount,
		Record: recordName(e.Record), Reason: e.Reason, Actor: e.Actor, At: time.UnixMicro(e.At).UTC().Format(moment)}
	if digest := e.Digest[:]; e.Digest != [len(e.Digest)]byte{} {
		out.Digest = hex.EncodeToString(digest)
	}
	if out.Kind == "reverse" {
		out.Reverses = &e.Reverses
	}
	if e.Cause != (bank.Cause{}) {
		out.Cause = &causeAnswer{e.Cause.Kind, e.Cause.ID}
	}
	return out
}

func (s *Server) listEntries(c echo.Context) error {
	var q part
	account, err := s.asAccount(c, &q)
	if err != nil {
		return err
	}
	page, err := s.bank.ViewStatement(c.Request().Context(), actorOf(c), account, q.window())
	return answerList(c, page, err, newEntryAnswer)
}
