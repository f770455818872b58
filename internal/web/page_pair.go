package web

import (
	"net/http"
	"net/url"

	"github.com/labstack/echo/v4"

	"creditbank/internal/bank"
	"creditbank/internal/calendar"
	"creditbank/internal/transfer"
)

// pairView is what counts between two schools, in both directions.
type pairView struct {
	From, To bank.InstitutionInfo
	On       string // the day as it was typed
	Day      calendar.Day
	Ways     []pairWay
	Back     string // the same pair, seen from the other
	Notices  []notice
}

// pairWay is what one school takes of the other.
type pairWay struct {
	From, To bank.InstitutionInfo
	Rules    []ruleView
	Counts   map[string]int // by outcome
	Total    int
	MapURL   string // all of them, to search in
	ID       string
}

// pairShown is how many rules of a way the page shows.
const pairShown = 100

// pairAddress is the lasting address of two schools.
func pairAddress(from, to string) string {
	return "/pairs/" + url.PathEscape(from) + "/" + url.PathEscape(to)
}

// pairPage shows the page: what is in force for results completed on a day, today or
// one in the past (on).
func (s *Server) pairPage(c echo.Context) error {
	n, err := s.names(c)
	if err != nil {
		return err
	}
	from, err := s.pairSchool(c, n, "from")
	if err != nil {
		return err
	}
	to, err := s.pairSchool(c, n, "to")
	if err != nil {
		return err
	}
	v := pairView{From: from, To: to, On: clean(c.QueryParam("on")), Day: n.today}
	if v.On != "" {
		if v.Day, err = calendar.Parse(v.On); err != nil {
			v.Day = n.today
			v.Notices = []notice{{Text: s.speaker(c).Say("pair.fault", map[string]any{"Value": shortened(v.On)})}}
		}
	}
	for i, way := range [][2]bank.InstitutionInfo{{from, to}, {to, from}} {
		w, err := newPairWay(way[0], way[1], v.Day, n, shownOrAll(c, pairShown))
		if err != nil {
			return err
		}
		w.ID = []string{"there", "back"}[i]
		v.Ways = append(v.Ways, w)
	}
	v.Back = address(pairAddress(to.Code, from.Code), url.Values{}, "on", v.On)
	return s.render(c, http.StatusOK, "pair", v)
}

// pairSchool is a school of the address; NotFound when there is none.
func (s *Server) pairSchool(c echo.Context, n *names, name string) (bank.InstitutionInfo, error) {
	code, err := pathValue(c, name)
	if err != nil {
		return bank.InstitutionInfo{}, echo.ErrBadRequest
	}
	return n.snapshot.Institution(code)
}

func newPairWay(from, to bank.InstitutionInfo, day calendar.Day, n *names, most int) (pairWay, error) {
	w := pairWay{From: from, To: to, Counts: map[string]int{}, MapURL: address("/map", url.Values{}, "from", from.Code, "to", to.Code)}
	filter := bank.RuleFilter{SourceInstitution: from.Code, TargetInstitution: to.Code, On: day, Past: true}
	for _, outcome := range []transfer.Outcome{transfer.Credit, transfer.Refused, transfer.Pending} {
		filter.Outcome = string(outcome)
		part := bank.Window{Limit: min(most, bank.MaxLimit)}
		for shown := 0; ; {
			page, err := n.snapshot.Equivalences(filter, part)
			if err != nil {
				return w, err
			}
			w.Rules = append(w.Rules, ruleViews(page.Items, n)...)
			w.Counts[string(outcome)] = page.Total
			if part.Cursor, shown = page.Next, shown+len(page.Items); part.Cursor == "" || shown >= most {
				break
			}
		}
		w.Total += w.Counts[string(outcome)]
	}
	return w, nil
}
