package web

import (
	"net/http"
	"net/url"
	"slices"

	"github.com/labstack/echo/v4"

	"creditbank/internal/bank"
	"creditbank/internal/transfer"
)

// suggestionPage lists the equivalences that something speaks for, of one school.
type suggestionPage struct {
	desk
	Rows    []suggestionRow
	Worth   []bank.SuggestionWorth
	Kind    string
	At      string // the school as it was typed, of administrators
	Picks   bool   // the person chooses the school
	Of      bank.InstitutionInfo
	Total   int
	Pager   pager
	Schools []bank.InstitutionInfo
	Notices []notice
}

// suggestionRow is a suggestion with its addresses.
type suggestionRow struct {
	bank.Suggestion
	RuleURL  string
	BeginURL string
	From, To string // the tokens of its courses
	Open     bool   // its form was just sent
	Form     form
}

// suggestionList shows the page.
func (s *Server) suggestionList(c echo.Context) error {
	return s.showSuggestions(c, http.StatusOK, form{})
}

func (s *Server) showSuggestions(c echo.Context, status int, f form) error {
	p, err := s.newSuggestionPage(c)
	if err != nil {
		return err
	}
	p.Form = f
	for i := range p.Rows {
		if r := &p.Rows[i]; len(f.Faults) > 0 && r.From == c.FormValue("source") && r.To == c.FormValue("target") {
			r.Open, r.Form = true, f
		}
	}
	return s.render(c, status, "suggestions", p)
}

func (s *Server) newSuggestionPage(c echo.Context) (suggestionPage, error) {
	const here = "/evaluations/suggestions"
	d, err := s.evaluationDesk(c, here)
	if err != nil {
		return suggestionPage{}, err
	}
	n, err := s.names(c)
	if err != nil {
		return suggestionPage{}, err
	}
	home, err := s.homeView(c)
	if err != nil {
		return suggestionPage{}, err
	}
	actor, say := actorOf(c), s.speaker(c)
	p := suggestionPage{desk: d, At: clean(c.FormValue("school")), Picks: actor.Is(bank.IsAdministrator), Schools: home.schools}
	if kind := c.FormValue("show"); slices.Contains(bank.SuggestionKinds(), kind) {
		p.Kind = kind
	}
	filter := bank.SuggestionFilter{Kind: p.Kind}
	if p.Picks && p.At != "" {
		if filter.Institution = newFinder(n.snapshot, n.today).school(p.At); filter.Institution == "" {
			p.Notices = []notice{{Text: say.Say("check.fault.school", map[string]any{"Value": shortened(p.At)})}}
		}
	}
	list, err := s.bank.Suggestions(c.Request().Context(), actor, filter, window(c))
	if err != nil {
		return p, err
	}
	p.Worth, p.Total = list.Worth, list.Total
	p.Of, _ = n.snapshot.InstitutionHead(list.Institution)
	for _, item := range list.Items {
		p.Rows = append(p.Rows, newSuggestionRow(item))
	}
	p.Pager = pagerOf(c, here, len(list.Items), list.Total, p.values())
	return p, nil
}

// values is what the address says of the list.
func (p suggestionPage) values() url.Values {
	values := url.Values{}
	if p.Picks && p.At != "" {
		values.Set("school", p.At)
	}
	if p.Kind != "" {
		values.Set("show", p.Kind)
	}
	return values
}

// Show is the address of the suggestions of a kind, or of all.
func (p suggestionPage) Show(kind string) string { return address(p.Here, p.values(), "show", kind) }

func newSuggestionRow(s bank.Suggestion) suggestionRow {
	r := suggestionRow{Suggestion: s, From: courseToken(s.Source.CourseKey), To: courseToken(s.Target.CourseKey)}
	if s.Rule.Code != "" {
		r.RuleURL = ruleAddress(s.Rule)
	}
	r.BeginURL = address("/evaluations/new", url.Values{}, "from", r.From, "to", r.To, "origin", "suggestion:"+s.ID)
	return r
}

// refuseSuggestion puts a suggestion aside.
func (s *Server) refuseSuggestion(c echo.Context) error {
	source, target := readToken(c.FormValue("source")), readToken(c.FormValue("target"))
	err := s.bank.RefuseSuggestion(c.Request().Context(), actorOf(c), bank.SuggestionRefusal{Kind: c.FormValue("kind"), Reason: clean(c.FormValue("reason")),
		Source: transfer.CourseKey{Institution: source.Institution, Code: source.Course},
		Target: transfer.CourseKey{Institution: target.Institution, Code: target.Course}})
	if err != nil {
		return s.again(c, err, []string{"reason", "kind"}, func(status int, f form) error { return s.showSuggestions(c, status, f) })
	}
	back := url.Values{"done": {"suggestion_refused"}}
	return c.Redirect(http.StatusSeeOther, address("/evaluations/suggestions", back, "school", clean(c.FormValue("school")), "show", c.FormValue("show")))
}
