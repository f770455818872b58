package web

import (
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/labstack/echo/v4"

	"creditbank/internal/bank"
	"creditbank/internal/calendar"
)

// mapStaff work on the map of equivalences: they propose, judge, decide and watch.
const mapStaff = bank.IsRegistrar | bank.IsDecider | bank.IsExpert | bank.IsAdministrator | bank.IsAuditor

// mapProposers propose equivalences.
const mapProposers = bank.IsRegistrar | bank.IsDecider | bank.IsAdministrator

// evaluationDone are the things that the pages of evaluations can say were done.
func evaluationDone() []string {
	return append([]string{"saved", "batch", "request_declined", "suggestion_refused"}, bank.EvaluationActions()[1:]...)
}

// evaluationPages are the pages of the desk of evaluations, by who has them.
func evaluationPages() []struct {
	ownPage
	roles bank.Roles
} {
	return []struct {
		ownPage
		roles bank.Roles
	}{
		{ownPage{"/school", "desk.school"}, schoolStaff},
		{ownPage{"/admin", "who.admin"}, bankStaff},
		{ownPage{"/evaluations", "desk.evaluations"}, mapStaff},
		{ownPage{schoolPriorPage, "desk.prior"}, bank.IsExpert},
		{ownPage{"/evaluations/new", "desk.evaluation_new"}, mapProposers},
		{ownPage{"/evaluations/requests", "desk.evaluation_requests"}, mapProposers | bank.IsAuditor},
		{ownPage{"/evaluations/suggestions", "desk.evaluation_suggestions"}, mapProposers},
		{ownPage{attestationsPage, "desk.attestations"}, attesters},
	}
}

// evaluationDesk is the desk at which evaluations are worked on.
func (s *Server) evaluationDesk(c echo.Context, here string) (desk, error) {
	actor := actorOf(c)
	d := desk{Base: "/evaluations", Here: here, Done: justDone(c, evaluationDone()...), Acts: actor.Is(mapProposers)}
	var pages []ownPage
	for _, p := range evaluationPages() {
		if actor.Is(p.roles) && s.served[p.Path] {
			pages = append(pages, p.ownPage)
		}
	}
	d.Menu = []pageGroup{{Pages: pages}}
	snapshot, err := s.bank.Snapshot(c.Request().Context())
	if err == nil {
		d.School, _ = snapshot.InstitutionHead(actor.Institution)
		d.Waits, err = s.waiting(c)
	}
	return d, err
}

// evaluationAddress leads to the judging of a version.
func evaluationAddress(id string) string { return "/evaluations/" + url.PathEscape(id) }

// evaluationPage lists evaluations: what waits for the person first, or all that they
// may know of.
type evaluationPage struct {
	desk
	View    string // mine, open or all
	State   string
	At      string // a school on one of the sides, as it was typed
	Q       string
	Counts  map[string]int // by state, and mine
	States  []string
	Rows    []evaluationRow
	Total   int
	Batch   bool // some of the rows can be approved together
	Pager   pager
	Schools []bank.InstitutionInfo
	Notices []notice
	Active  bool // the list is narrowed
}

// evaluationRow is an evaluation in a list.
type evaluationRow struct {
	bank.Evaluation
	Rule    ruleView
	URL     string
	Means   string
	Days    int // since it was last moved
	Waits   []bank.InstitutionInfo
	Experts int  // whose opinion is missing
	Late    bool // a period has run out
	Ticks   bool // it can be approved with others
}

// OpenCount and AllCount are how many there are that are not decided, and in all.
func (p evaluationPage) OpenCount() int {
	sum := 0
	for _, state := range p.States[:4] {
		sum += p.Counts[state]
	}
	return sum
}

// AllCount is how many there are in all.
func (p evaluationPage) AllCount() int {
	sum := 0
	for _, state := range p.States {
		sum += p.Counts[state]
	}
	return sum
}

// views of the list.
const (
	viewMine = "mine"
	viewOpen = "open"
	viewAll  = "all"
)

// evaluations shows the list.
func (s *Server) evaluations(c echo.Context) error {
	return s.showEvaluations(c, http.StatusOK, form{})
}

func (s *Server) showEvaluations(c echo.Context, status int, f form) error {
	d, err := s.evaluationDesk(c, "/evaluations")
	if err != nil {
		return err
	}
	n, err := s.names(c)
	if err != nil {
		return err
	}
	home, err := s.homeView(c)
	if err != nil {
		return err
	}
	values := c.QueryParams()
	p := evaluationPage{desk: d, View: oneOf(values.Get("view"), viewMine, viewOpen, viewAll), State: values.Get("state"), At: clean(values.Get("school")),
		Q: clean(values.Get("q")), States: bank.EvaluationStates(), Schools: home.schools}
	if actorOf(c).Is(bank.IsAuditor) && values.Get("view") == "" {
		p.View = viewOpen
	}
	p.Form, p.Active = f, p.At+p.Q+p.State != ""
	if p.Counts, err = s.bank.EvaluationCounts(c.Request().Context(), actorOf(c)); err != nil {
		return err
	}
	if err := s.listEvaluations(c, &p, n); err != nil {
		return err
	}
	return s.render(c, status, "evaluations", p)
}

// filter reads what the address asks for. What is not known is told of and left out.
func (p *evaluationPage) filter(find *finder, say Speaker) bank.EvaluationFilter {
	f := bank.EvaluationFilter{Mine: p.View == viewMine, Q: p.Q, State: p.State, Institution: find.school(p.At)}
	if p.At != "" && f.Institution == "" {
		p.Notices = append(p.Notices, notice{Text: say.Say("filter.fault_school", map[string]any{"Value": shortened(p.At)})})
	}
	if f.State != "" && !slices.Contains(p.States, f.State) {
		p.Notices = append(p.Notices, notice{Text: say.Say("filter.fault", map[string]any{"Name": say.Say("evaluation.state", nil), "Value": shortened(f.State)})})
		f.State, p.State = "", ""
	}
	if f.State == "" && p.View == viewOpen {
		f.State = viewOpen
	}
	return f
}

func (s *Server) listEvaluations(c echo.Context, p *evaluationPage, n *names) error {
	say := s.speaker(c)
	cursor, notices := plainCursor(c.QueryParams(), say)
	p.Notices = notices
	list, err := s.bank.Evaluations(c.Request().Context(), actorOf(c), p.filter(newFinder(n.snapshot, n.today), say), bank.Window{Cursor: cursor, Limit: partSize(c)})
	if err != nil {
		return err
	}
	for _, e := range list.Items {
		row := s.evaluationRow(e, n, say)
		p.Rows, p.Batch = append(p.Rows, row), p.Batch || row.Ticks
	}
	filter := c.QueryParams()
	filter.Del("done")
	p.Total = list.Total
	if list.Total > pageSize {
		p.Pager = newPager(p.Here, filter, cursorStart(cursor), len(p.Rows), list.Total)
	}
	return nil
}

func (s *Server) evaluationRow(e bank.Evaluation, n *names, say Speaker) evaluationRow {
	rule := draftView(e.RuleRef, e.Equivalence, n)
	row := evaluationRow{Evaluation: e, Rule: rule, URL: evaluationAddress(e.ID), Means: meaning(say, rule), Ticks: slices.Contains(e.May, "approve"),
		Days: s.age(e.Moved), Late: e.Due != calendar.None && e.Due < n.today}
	for _, o := range e.Opinions {
		switch {
		case e.State != bank.EvaluationSubmitted || o.Opinion != "" && !o.Over:
		case o.Institution != "" && o.Side != "expert":
			row.Waits = append(row.Waits, n.institution(o.Institution))
		default:
			row.Experts++
		}
	}
	return row
}

// age is how long ago something was, in whole days of the bank's calendar.
func (s *Server) age(at time.Time) int { return int(s.bank.Today() - calendar.Of(at)) }
