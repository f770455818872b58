package web

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/labstack/echo/v4"

	"creditbank/internal/bank"
	"creditbank/internal/calendar"
	"creditbank/internal/transfer"
)

// mapDesk is what the pages about the state of the map have in common.
type mapDesk struct {
	desk
	Views []ownPage // the pages beside each other
	View  string
}

// mapDesk is one of the pages about the map, at the desk of a request.
func (s *Server) mapDesk(c echo.Context, view string) (mapDesk, error) {
	base := deskOf(c) + "/map"
	d, err := s.desk(c, base)
	return mapDesk{desk: d, View: base + view, Views: []ownPage{{base, "map_desk.findings"}, {base + "/coverage", "map_desk.coverage"}, {base + "/work", "map_desk.work"}}}, err
}

// findingPage lists what is wrong with the map.
type findingPage struct {
	mapDesk
	Rows     []findingRow
	Counts   []bank.FindingCount
	Total    int // open ones
	Put      int // accepted ones
	Class    transfer.Class
	Accepted bool
	Mine     bool
	Pager    pager
	Schools  []bank.InstitutionInfo
	today    calendar.Day
}

// findingRow is a finding in words, with who answers for it.
type findingRow struct {
	bank.MapFinding
	findingView
	Owner bank.InstitutionInfo // none: the bank
	Kept  string               // what people call its keeper
	Who   string               // and who accepted it
	Own   bool                 // the person looks after it
	Open  bool                 // its form was just sent
	Form  form                 // as it was sent
}

// findings shows the page.
func (s *Server) findings(c echo.Context) error { return s.showFindings(c, http.StatusOK, form{}) }

func (s *Server) showFindings(c echo.Context, status int, f form) error {
	p, err := s.newFindingPage(c)
	if err != nil {
		return err
	}
	p.Form = f
	for i := range p.Rows {
		if p.Rows[i].ID == c.Param("finding") {
			p.Rows[i].Open, p.Rows[i].Form = true, f
		}
	}
	return s.render(c, status, "map_findings", p)
}

func (s *Server) newFindingPage(c echo.Context) (findingPage, error) {
	d, err := s.mapDesk(c, "")
	if err != nil {
		return findingPage{}, err
	}
	p := findingPage{mapDesk: d, Class: transfer.Class(c.QueryParam("class")), Accepted: c.QueryParam("accepted") == "1", Mine: c.QueryParam("mine") == "1"}
	n, err := s.names(c)
	if err != nil {
		return p, err
	}
	p.today = n.today
	home, err := s.homeView(c)
	if err != nil {
		return p, err
	}
	p.Schools = home.schools
	ctx, actor := c.Request().Context(), actorOf(c)
	list, err := s.bank.Findings(ctx, actor, bank.FindingFilter{Class: p.Class, Accepted: p.Accepted, Mine: p.Mine}, window(c))
	if err != nil {
		return p, err
	}
	p.Counts, p.Put = list.Counts, list.Put
	for _, count := range list.Counts {
		p.Total += count.Count
	}
	for _, m := range list.Items {
		row, err := s.newFindingRow(c, n, m)
		if err != nil {
			return p, err
		}
		p.Rows = append(p.Rows, row)
	}
	p.Pager = pagerOf(c, d.Here, len(list.Items), list.Total, p.filter())
	return p, nil
}

func (s *Server) newFindingRow(c echo.Context, n *names, m bank.MapFinding) (findingRow, error) {
	ctx := c.Request().Context()
	row := findingRow{MapFinding: m, findingView: findingViews(s.speaker(c), n.snapshot, []transfer.Finding{m.Finding})[0], Own: m.Keeper == actorOf(c).Name}
	row.Owner, _ = n.snapshot.InstitutionHead(m.Institution)
	var err error
	if row.Kept, err = s.bank.Called(ctx, m.Keeper); err != nil {
		return row, err
	}
	row.Who, err = s.bank.Called(ctx, m.By)
	return row, err
}

// filter is what the address says of the list, without the place in it.
func (p findingPage) filter() url.Values {
	values := url.Values{}
	for name, set := range map[string]string{"class": string(p.Class), "accepted": flag(p.Accepted), "mine": flag(p.Mine)} {
		if set != "" {
			values.Set(name, set)
		}
	}
	return values
}

func flag(set bool) string {
	if set {
		return "1"
	}
	return ""
}

// With is the address of the list with one thing of its filter changed.
func (p findingPage) With(name, value string) string {
	return address(p.Here, p.filter(), name, value)
}

// Last is the day that a form offers to accept a finding until.
func (p findingPage) Last() string { return p.today.AddYears(1).String() }

// changeFinding does what a form asks about one finding.
func (s *Server) changeFinding(c echo.Context) error {
	ctx, actor, id := c.Request().Context(), actorOf(c), c.Param("finding")
	var err error
	act := c.FormValue("act")
	switch act {
	case "take":
		err = s.bank.TakeFinding(ctx, actor, id)
	case "reopen":
		err = s.bank.ReopenFinding(ctx, actor, id)
	case "accept":
		err = s.bank.AcceptFinding(ctx, actor, id, clean(c.FormValue("reason")), clean(c.FormValue("until")))
	case "give":
		var school string
		if school, err = s.typedSchool(c); err == nil {
			err = s.bank.GiveFinding(ctx, actor, id, school)
		}
	default:
		err = echo.ErrBadRequest
	}
	if err != nil {
		return s.again(c, err, []string{"reason", "until", "institution"}, func(status int, f form) error { return s.showFindings(c, status, f) })
	}
	return after(c, strings.TrimSuffix(c.Path(), "/:finding"), "finding_"+act)
}
