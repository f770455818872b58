package web

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"creditbank/internal/bank"
)

// inboxPage is what learners ask the school for.
type inboxPage struct {
	desk
	Rows   []applicationRow
	Filter inboxFilter
	Pager  pager
	Bulk   int // rows of the page that published rules cover wholly
	Pass   int // after so many days they pass by themselves; 0: never
	Says   []string
}

// inboxFilter is how the inbox is narrowed, as it stands in the address.
type inboxFilter struct {
	State, Programme, Assignee, Show string
	Programmes                       []bank.ProgrammeInfo
	Active                           int
}

// inboxShows are the ways to look at the inbox beside states: what is late, what hangs on a
// condition, what a revocation touches, and where results of the school are used elsewhere.
var inboxShows = []string{"overdue", "conditional", "revoked", "appeals", "sent"}

// inboxStates are the states to choose from.
var inboxStates = []string{"waiting", bank.ApplicationSubmitted, bank.ApplicationAppealed, bank.ApplicationDecided, bank.ApplicationWithdrawn}

// applications is the inbox.
func (s *Server) applications(c echo.Context) error {
	p, err := s.newInboxPage(c)
	if err != nil {
		return err
	}
	return s.render(c, http.StatusOK, "school_applications", p)
}

func (s *Server) newInboxPage(c echo.Context) (p inboxPage, err error) {
	if p.desk, err = s.desk(c, deskOf(c)+"/applications"); err != nil {
		return p, err
	}
	n, err := s.names(c)
	if err != nil {
		return p, err
	}
	values := c.QueryParams()
	p.Filter = inboxFilter{State: values.Get("state"), Programme: clean(values.Get("programme")), Assignee: values.Get("assignee"), Show: values.Get("show")}
	actor := actorOf(c)
	list, err := s.bank.Applications(c.Request().Context(), actor, p.Filter.asked(actor), window(c))
	if err != nil {
		return p, err
	}
	for _, a := range list.Items {
		row := newApplicationRow(a, p.Here, n)
		if p.Base == "/school" && row.Bulk() && actor.Is(bank.IsDecider) {
			p.Bulk++
		}
		p.Rows = append(p.Rows, row)
	}
	programmes, err := n.snapshot.Programmes(bank.Filter{Institution: actor.Institution}, bank.Window{Limit: bank.MaxLimit})
	if p.Base == "/school" {
		p.Filter.Programmes = programmes.Items
	}
	p.Pager = pagerOf(c, p.Here, len(p.Rows), list.Total, p.Filter.values())
	if err == nil {
		p.Pass, err = s.bank.PassAfter(c.Request().Context(), actor.Institution)
	}
	return p, err
}

// asked is the filter as the bank takes it. What is typed wrongly narrows nothing.
func (f *inboxFilter) asked(actor bank.Actor) bank.ApplicationFilter {
	out := bank.ApplicationFilter{Programme: f.Programme}
	if slices.Contains(inboxStates, f.State) {
		out.State = f.State
	} else {
		f.State = ""
	}
	switch f.Assignee {
	case "me":
		out.Assignee = actor.Login
	case "nobody":
		out.Assignee = "-"
	default:
		f.Assignee = ""
	}
	switch f.Show {
	case "overdue":
		out.Overdue = true
	case "conditional":
		out.Conditional = true
	case "revoked":
		out.Revoked = true
	case "appeals":
		out.Appealed = map[bool]int{true: 1, false: 2}[actor.Institution != ""]
	case "sent":
		out.Sent = true
	default:
		f.Show = ""
	}
	for _, set := range []string{f.State, f.Programme, f.Assignee, f.Show} {
		if set != "" {
			f.Active++
		}
	}
	return out
}

func (f inboxFilter) values() url.Values {
	return url.Values{"state": {f.State}, "programme": {f.Programme}, "assignee": {f.Assignee}, "show": {f.Show}}
}

// States and Shows are what there is to choose from.
func (f inboxFilter) States() []string { return inboxStates }
func (f inboxFilter) Shows() []string  { return inboxShows }

// Bulk says whether an application can be decided in full without a look at it.
func (r applicationRow) Bulk() bool { return r.Covered && r.State == bank.ApplicationSubmitted }

// setPassAfter says after how many days covered applications pass by themselves.
func (s *Server) setPassAfter(c echo.Context) error {
	days, err := strconv.Atoi(clean(c.FormValue("days")))
	if err != nil {
		days = -1
	}
	if err := s.bank.SetPassAfter(c.Request().Context(), actorOf(c), days); err != nil {
		return s.again(c, err, []string{"days"}, func(status int, f form) error {
			p, err := s.newInboxPage(c)
			if err != nil {
				return err
			}
			p.Form = f
			return s.render(c, status, "school_applications", p)
		})
	}
	return after(c, deskOf(c)+"/applications", "pass_after")
}

// decideCovered decides those in full that were ticked; published rules cover them wholly. Each
// stands for itself: one that somebody else has decided meanwhile stays as it is.
func (s *Server) decideCovered(c echo.Context) error {
	values, err := c.FormParams()
	if err != nil {
		return unreadable(err)
	}
	var list []bank.ApplicationRef
	for _, text := range values["application"] {
		id, stamp, _ := strings.Cut(clean(text), " ")
		list = append(list, bank.ApplicationRef{ID: id, Stamp: stamp})
	}
	says := []string{s.speaker(c).Say("application.bulk_none", nil)}
	if len(list) > 0 {
		if says, err = s.passAll(c, list); err != nil {
			return err
		}
	}
	p, err := s.newInboxPage(c)
	if err != nil {
		return err
	}
	p.Says = says
	return s.render(c, http.StatusOK, "school_applications", p)
}

// passAll decides them, and says how many were decided and how many left.
func (s *Server) passAll(c echo.Context, list []bank.ApplicationRef) (says []string, err error) {
	outcomes, err := s.bank.PassApplications(c.Request().Context(), actorOf(c), list)
	if err != nil {
		return nil, err
	}
	left := 0
	for _, o := range outcomes {
		if o.Err != nil && bank.CodeOf(o.Err) == "" {
			return nil, o.Err
		}
		left += bit(o.Err != nil)
	}
	says = append(says, s.speaker(c).Say("application.bulk_done", map[string]any{"Count": len(list) - left}))
	if left > 0 {
		says = append(says, s.speaker(c).Say("application.bulk_left", map[string]any{"Count": left}))
	}
	return says, nil
}

func bit(b bool) int {
	if b {
		return 1
	}
	return 0
}
