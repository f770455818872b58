package web

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"creditbank/internal/bank"
	"creditbank/internal/calendar"
)

// auditView is the audit log as those see it who watch over the bank.
type auditView struct {
	bank.AuditQuery
	Actions []string
	Faults  []formFault
	Notices []notice
	Rows    []auditRow
	Total   int
	First   string // address of the newest rows; empty: these are they
	Older   string // of those before; empty: none
	Active  bool

	export func(context.Context, func(cells ...string) error) error // all rows of the search
}

// auditRow is a row with what a person reads of it.
type auditRow struct {
	bank.AuditRow
	When  string
	Roles []string
	Known bool // the action has a sentence; one that a later program wrote may have none
}

// auditQuery reads the form. Nothing personal belongs into it: accounts, codes and dates.
func auditQuery(values url.Values) bank.AuditQuery {
	return bank.AuditQuery{Actor: clean(values.Get("actor")), Subject: clean(values.Get("subject")), Object: clean(values.Get("object")),
		Action: clean(values.Get("action")), From: clean(values.Get("from")), Until: clean(values.Get("until"))}
}

// auditPage lists rows of the audit log, the newest first.
func (s *Server) auditPage(c echo.Context) error {
	values, say := c.QueryParams(), s.speaker(c)
	v := auditView{AuditQuery: auditQuery(values), Actions: bank.AuditActions()}
	v.export = func(ctx context.Context, emit func(cells ...string) error) error {
		return s.bank.AuditExport(ctx, actorOf(c), v.AuditQuery, emit)
	}
	v.Active = v.AuditQuery != bank.AuditQuery{}
	var cursor string
	cursor, v.Notices = plainCursor(values, say)
	page, err := s.bank.AuditSearch(c.Request().Context(), actorOf(c), v.AuditQuery, bank.Window{Cursor: cursor, Limit: auditPageSize})
	var refusal *bank.Error
	if errors.As(err, &refusal) && refusal.Code == bank.Invalid {
		for _, f := range refusal.Fields {
			v.Faults = append(v.Faults, formFault{Field: f.Field, Message: FieldMessage(say, f.Value, f.Code, f.Args), Named: true})
		}
		return s.render(c, http.StatusUnprocessableEntity, "audit", v)
	}
	if err != nil {
		return err
	}
	v.Total = page.Total
	for _, row := range page.Items {
		v.Rows = append(v.Rows, auditRow{row, MomentToSecond(say, row.Moment()), strings.Fields(row.Role), slices.Contains(v.Actions, row.Action)})
	}
	if cursor != "" {
		v.First = address("/audit", values, paramCursor, "")
	}
	if page.Next != "" {
		v.Older = address("/audit", values, paramCursor, page.Next)
	}
	return s.render(c, http.StatusOK, "audit", v)
}

// auditPageSize is how many rows a page shows.
const auditPageSize = 50

// MomentToSecond is an instant by the bank's clock, to the second, since the order
// of what happened matters here.
func MomentToSecond(say Speaker, at time.Time) string {
	day := calendar.Of(at)
	return Date(say, day) + " " + time.Time{}.Add(at.Sub(day.Begin())).Format(time.TimeOnly)
}
