package web

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"creditbank/internal/bank"
)

// Who works at the desk of a school, and at that of the bank.
const (
	schoolStaff = bank.IsRegistrar | bank.IsDecider
	bankStaff   = bank.IsAdministrator | bank.IsAuditor
)

// desk is what the pages of staff have in common.
type desk struct {
	Base   string // where the pages begin: /school or /admin
	Here   string // the page that is open
	Menu   []pageGroup
	School bank.InstitutionInfo // whose desk it is; none of the bank
	Form   form
	Done   string // what was just done: the sentence desk.done_…
	Waits  waits
	Acts   bool // the person may do something here, and not only look
}

// pageGroup is a part of a desk: its pages under a heading, or under none.
type pageGroup struct {
	Key   string
	Pages []ownPage
}

// schoolPages and adminPages are the pages of the two desks in their order: what waits,
// the map, the learners, the house.
func schoolPages() []pageGroup {
	return []pageGroup{
		{"desk.group_work", []ownPage{
			{"/school", "desk.school"},
			{"/evaluations", "desk.evaluations"},
			{"/school/applications", "desk.applications"},
		}},
		{"desk.group_map", []ownPage{
			{"/school/courses", "desk.courses"},
			{"/school/programmes", "desk.programmes"},
			{"/school/changes", "desk.changes"},
			{"/school/map", "desk.map"},
			{"/school/agreements", "desk.agreements"},
		}},
		{"desk.group_learners", []ownPage{
			{"/school/learners", "desk.learners"},
			{"/imports", "desk.imports"},
			{"/school/corrections", "desk.corrections"},
			{"/school/statistics", "desk.statistics"},
		}},
		{"desk.group_school", []ownPage{
			{"/school/staff", "desk.staff"},
			{"/school/proposals", "desk.proposals"},
		}},
	}
}

func adminPages() []pageGroup {
	return []pageGroup{
		{"desk.group_work", []ownPage{
			{"/admin", "desk.school"},
			{"/evaluations", "desk.evaluations"},
			{"/admin/applications", "desk.applications"},
			{"/admin/proposals", "desk.proposals"},
			{"/admin/deadlines", "desk.deadlines"},
		}},
		{"desk.group_map", []ownPage{
			{"/admin/map", "desk.map"},
			{"/admin/policies", "desk.policies"},
			{"/admin/units", "desk.units"},
			{"/admin/changes", "desk.changes"},
		}},
		{"desk.group_learners", []ownPage{
			{"/admin/learners", "desk.learners"},
			{"/imports", "desk.imports"},
			{"/admin/corrections", "desk.corrections"},
			{"/admin/statistics", "desk.statistics"},
		}},
		{"desk.group_bank", []ownPage{
			{"/admin/people", "desk.people"},
			{"/admin/tokens", "desk.tokens"},
			{"/admin/retention", "desk.retention"},
			{"/admin/calendar", "desk.calendar"},
		}},
	}
}

// deskDone are the things that a page can say were done.
var deskDone = []string{"granted", "revoked", "disabled", "enabled", "withdrawn", "token_revoked", "proposed", "approved", "refused", "retention", "accepted", "answered", "decided", "assigned", "condition", "consequence", "redeemed", "pass_after",
	"finding_take", "finding_reopen", "finding_accept", "finding_give", "calendar", "deadlines",
	"deposited_new", "deposited_unchanged",
	"course_saved", "courses_saved", "programme_saved", "files_added", "confirmed"}

// waits is how much waits for the person behind an entry of the menu, by its page.
type waits map[string]int

// desk is the desk at which the person of a request sits, at one of its pages.
func (s *Server) desk(c echo.Context, here string) (desk, error) {
	d, err := s.deskAt(c, here)
	if err == nil {
		d.Waits, err = s.waiting(c)
	}
	return d, err
}

// waiting is what waits for the person of a request: rules to judge, and of one who is
// asked for opinions alone the rest of it, too.
func (s *Server) waiting(c echo.Context) (w waits, err error) {
	actor, ctx := actorOf(c), c.Request().Context()
	switch {
	case actor.Is(schoolStaff | bankStaff):
		n, err := s.bank.EvaluationsWaiting(ctx, actor)
		return waits{"/evaluations": n}, err
	case actor.Is(bank.IsExpert):
		all, err := s.bank.ToDo(ctx, actor)
		return waits{"/evaluations": all.Evaluations, schoolPriorPage: all.Priors, attestationsPage: all.Results}, err
	}
	return nil, nil
}

func (s *Server) deskAt(c echo.Context, here string) (desk, error) {
	d := desk{Here: here, Done: justDone(c, deskDone...), Base: "/admin", Menu: adminPages(), Acts: actorOf(c).Is(bank.IsAdministrator)}
	if !strings.HasPrefix(here, "/school") {
		for i, group := range d.Menu {
			d.Menu[i].Pages = slices.DeleteFunc(group.Pages, func(p ownPage) bool { return !d.Acts && p.Key == "desk.corrections" })
		}
		return d, nil
	}
	snapshot, err := s.bank.Snapshot(c.Request().Context())
	if err != nil {
		return d, err
	}
	d.Base, d.Menu, d.Acts = "/school", schoolPages(), true
	d.School, _ = snapshot.InstitutionHead(actorOf(c).Institution)
	return d, nil
}

// deskOf is the first part of the path of a request: /school or /admin.
func deskOf(c echo.Context) string {
	first, _, _ := strings.Cut(strings.TrimPrefix(c.Path(), "/"), "/")
	return "/" + first
}

// justDone is what an address says was just done, if it is one of a few things.
func justDone(c echo.Context, things ...string) string {
	if done := c.QueryParam("done"); slices.Contains(things, done) {
		return done
	}
	return ""
}

// after goes back to a page of a desk, which says what was done.
func after(c echo.Context, page, done string) error {
	return c.Redirect(http.StatusSeeOther, page+"?"+url.Values{"done": {done}}.Encode())
}

// again shows a page with a form as it was sent and with what the bank refuses in
// it; what is no answer to what was typed goes on as it is.
func (s *Server) again(c echo.Context, cause error, fields []string, show func(status int, f form) error) error {
	f := readFields(c, fields...)
	status := f.refusal(s.speaker(c), cause, fields...)
	switch {
	case status == 0:
		return cause
	case bank.CodeOf(cause) == bank.Conflict:
		status = http.StatusConflict
	}
	setRetryAfter(c, cause)
	return show(status, f)
}

// window is the part of a list that an address asks for.
func window(c echo.Context) bank.Window {
	return bank.Window{Cursor: c.QueryParam(paramCursor), Limit: partSize(c)}
}

// pagerOf tells where a part of a list stands; the filter stays in the addresses.
func pagerOf(c echo.Context, path string, shown, total int, filter url.Values) pager {
	if total <= pageSize {
		return pager{}
	}
	return newPager(path, filter, cursorStart(c.QueryParam(paramCursor)), shown, total)
}
