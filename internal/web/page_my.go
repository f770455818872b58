package web

import (
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"creditbank/internal/bank"
	"creditbank/internal/transfer"
)

// whileAgreed shows, in place of a learner's page that is closed since the consent to
// the account was taken back, what is left to do. The bank is asked before the page, which
// need not ask for anything that is the account's, and refuses in it again.
func (s *Server) whileAgreed(page echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		err := s.bank.AccountOpen(c.Request().Context(), actorOf(c))
		if err == nil {
			err = page(c)
		}
		var refused *bank.Error
		if errors.As(err, &refused) && refused.Key == "error.consent_withdrawn" {
			return s.render(c, http.StatusForbidden, "my_closed", nil)
		}
		return err
	}
}

// resultRow is a result with the names of what it speaks of.
type resultRow struct {
	bank.Result
	Place     string // where it stands: the sentence place.…
	Course    bank.CourseInfo
	Issuer    bank.InstitutionInfo
	Programme bank.ProgrammeInfo // in which it counts
	Begins    bool               // a stage of the way through schools: the one before is of another kind of issuer
}

// withdrawnPlace is shown for a result whose deposit was reversed.
const withdrawnPlace = "withdrawn"

func resultRows(results []bank.Result, n *names) []resultRow {
	rows := make([]resultRow, len(results))
	for i, r := range results {
		rows[i] = resultRow{Result: r, Place: r.Place, Course: n.course(transfer.CourseKey{Institution: r.Institution, Code: r.Record.Course}), Issuer: n.institution(r.Institution)}
		rows[i].Programme, _ = n.snapshot.ProgrammeHead(r.Standing.Programme)
		rows[i].Begins = rows[i].Issuer.Kind != "" && (i == 0 || rows[i-1].Issuer.Kind != rows[i].Issuer.Kind)
		if r.Place == "" {
			rows[i].Place = withdrawnPlace
		}
	}
	return rows
}

// balanceRow is what counts in one programme, with its name.
type balanceRow struct {
	bank.ProgrammeBalance
	Info bank.ProgrammeInfo
}

func balanceRows(b bank.Balance, n *names) []balanceRow {
	rows := make([]balanceRow, len(b.Programmes))
	for i, p := range b.Programmes {
		rows[i].ProgrammeBalance = p
		rows[i].Info, _ = n.snapshot.ProgrammeHead(p.ProgrammeKey)
	}
	return rows
}

// recordView is the learner's own record.
type recordView struct {
	bank.MyRecord
	School     bank.InstitutionInfo
	Whole      bool // the numbers are shown whole
	Rows       []resultRow
	Programmes []balanceRow
	Ahead      aheadView
	Done       string // what was just done
	Pager      pager
	Notices    []notice
}

// myRecord shows the learner's own record.
func (s *Server) myRecord(c echo.Context) error { return s.showRecord(c, false) }

// myNumbers shows it once with the numbers whole, at no address that is kept.
func (s *Server) myNumbers(c echo.Context) error { return s.showRecord(c, true) }

func (s *Server) showRecord(c echo.Context, whole bool) error {
	n, err := s.names(c)
	if err != nil {
		return err
	}
	cursor, notices := plainCursor(c.QueryParams(), s.speaker(c))
	v := recordView{Whole: whole, Notices: notices, Done: justDone(c, goalDone...)}
	v.MyRecord, err = s.bank.MyRecord(c.Request().Context(), actorOf(c), bank.Window{Cursor: cursor, Limit: partSize(c)})
	if err != nil {
		return err
	}
	if !whole {
		v.Person = v.Person.Masked()
	}
	v.School, v.Rows, v.Programmes = n.institution(v.Institution), resultRows(v.Results.Items, n), balanceRows(v.Balance, n)
	if v.Ahead, err = s.ahead(c, v.Available, n); err != nil {
		return err
	}
	v.Pager = newPager("/my", c.QueryParams(), cursorStart(cursor), len(v.Rows), v.Results.Total)
	return s.render(c, http.StatusOK, "my", v)
}

// entriesView is the learner's own entries of the ledger.
type entriesView struct {
	Items []entryRow
	Total int
	After string // address of the next part
	Next  string // its cursor
}

// entryRow is an entry as a person reads it.
type entryRow struct {
	bank.Entry
	Moment string
	From   string // places
	To     string
}

func (s *Server) myEntries(c echo.Context) error {
	page, err := s.bank.MyEntries(c.Request().Context(), actorOf(c), bank.Window{Cursor: clean(c.QueryParam(paramCursor)), Limit: partSize(c)})
	if err != nil {
		return err
	}
	v := entriesView{Total: page.Total, Next: page.Next}
	for _, e := range page.Items {
		v.Items = append(v.Items, entryRow{Entry: e, Moment: Moment(s.speaker(c), time.UnixMicro(e.At)), From: e.Debit.Place.String(), To: e.Credit.Place.String()})
	}
	if page.Next != "" {
		v.After = address("/my/entries", nil, paramCursor, page.Next)
	}
	return s.render(c, http.StatusOK, "my_entries", v)
}

// looksView is who saw what of the learner.
type looksView struct {
	Items []ownLook
	Total int
	After string
	Next  string
}

// ownLook is a look with the name of the school.
type ownLook struct {
	bank.Look
	Roles  []string
	School bank.InstitutionInfo
}

func (s *Server) myLooks(c echo.Context) error {
	n, err := s.names(c)
	if err != nil {
		return err
	}
	page, err := s.bank.MyLooks(c.Request().Context(), actorOf(c), bank.Window{Cursor: clean(c.QueryParam(paramCursor)), Limit: partSize(c)})
	if err != nil {
		return err
	}
	v := looksView{Total: page.Total, Next: page.Next}
	for _, l := range page.Items {
		v.Items = append(v.Items, ownLook{Look: l, Roles: strings.Fields(l.Role), School: n.institution(l.Institution)})
	}
	if page.Next != "" {
		v.After = address("/my/looks", nil, paramCursor, page.Next)
	}
	return s.render(c, http.StatusOK, "my_looks", v)
}

// ProofURL is where anybody proves the last entry of a result.
func (r resultRow) ProofURL() string { return entryAddress(r.Last) }

// ProofURL is where anybody proves the entry.
func (r entryRow) ProofURL() string { return entryAddress(r.Number) }
