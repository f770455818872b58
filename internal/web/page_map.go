package web

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"creditbank/internal/bank"
	"creditbank/internal/calendar"
	"creditbank/internal/transfer"
)

// mapView is the public map: every published equivalence, searchable.
type mapView struct {
	Q, From, To string
	Outcome     string
	Field       string // beginning of a national programme code
	Specialty   string // what a whole code is called
	Levels      []fieldLevel
	Past        bool
	Outcomes    []transfer.Outcome
	Schools     []bank.InstitutionInfo
	Faults      []formFault
	Rules       []ruleView
	Pager       pager
	Active      bool
	Notices     []notice
	Licence     string // of the open data
}

// mapPage lists published equivalences.
func (s *Server) mapPage(c echo.Context) error {
	n, err := s.names(c)
	if err != nil {
		return err
	}
	home, err := s.homeView(c)
	if err != nil {
		return err
	}
	values := c.QueryParams()
	v := mapView{Q: clean(values.Get("q")), From: clean(values.Get("from")), To: clean(values.Get("to")), Outcome: values.Get("outcome"),
		Levels: fieldLevels(), Past: values.Get("past") != "", Outcomes: []transfer.Outcome{transfer.Credit, transfer.Refused, transfer.Pending}, Schools: home.schools, Licence: s.licence}
	if field := values.Get("field"); catalogueLike.MatchString(field) {
		v.Field, v.Specialty = field, n.snapshot.CatalogueName(field)
	}
	v.Active = v.Q+v.From+v.To+v.Outcome+v.Field != "" || v.Past
	filter := v.filter(newFinder(n.snapshot, n.today), s.speaker(c))
	if len(v.Faults) > 0 {
		return s.render(c, http.StatusUnprocessableEntity, "map", v)
	}
	if err := v.list(c, filter, n, s.speaker(c)); err != nil {
		return err
	}
	return s.render(c, http.StatusOK, "map", v)
}

// filter reads the names of the schools; one that is not known is a fault.
func (v *mapView) filter(find *finder, say Speaker) bank.RuleFilter {
	f := bank.RuleFilter{Q: v.Q, Outcome: v.Outcome, Specialty: v.Field, On: calendar.None, Past: v.Past,
		SourceInstitution: find.school(v.From), TargetInstitution: find.school(v.To)}
	for _, field := range []struct{ id, text, code string }{{"from", v.From, f.SourceInstitution}, {"to", v.To, f.TargetInstitution}} {
		if field.text != "" && field.code == "" {
			v.Faults = append(v.Faults, formFault{Field: field.id, Message: say.Say("check.fault.school", map[string]any{"Value": field.text})})
		}
	}
	return f
}

func (v *mapView) list(c echo.Context, f bank.RuleFilter, n *names, say Speaker) error {
	values := c.QueryParams()
	cursor, notices := plainCursor(values, say)
	v.Notices = notices
	page, err := n.snapshot.Equivalences(f, bank.Window{Cursor: cursor, Limit: partSize(c)})
	v.Rules = ruleViews(page.Items, n)
	v.Pager = newPager("/map", values, cursorStart(cursor), len(page.Items), page.Total)
	return err
}
