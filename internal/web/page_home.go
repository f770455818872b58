package web

import (
	"errors"
	"net/http"
	"slices"

	"github.com/labstack/echo/v4"

	"creditbank/internal/bank"
	"creditbank/internal/calendar"
	"creditbank/internal/transfer"
)

// homePage is the first page: the form, and below it what the results are worth.
type homePage struct {
	Form    checkForm
	Ranking *rankingView // nil: nothing was asked
	*mapFacts
}

// mapFacts is what the first page tells of the map, counted once for each.
type mapFacts struct {
	stamp        string // of the map
	schools      []bank.InstitutionInfo
	Institutions int
	Programmes   int
	Rules        int
}

// schoolChoices is how many institutions the form proposes without a script.
const schoolChoices = 200

// homeView is the first page before anything is asked.
func (s *Server) homeView(c echo.Context) (homePage, error) {
	snapshot, err := s.bank.Snapshot(c.Request().Context())
	if err != nil {
		return homePage{}, err
	}
	facts := s.pages.facts.Load()
	if facts == nil || facts.stamp != snapshot.Stamp {
		if facts, err = countMap(snapshot); err != nil {
			return homePage{}, err
		}
		s.pages.facts.Store(facts)
	}
	return homePage{Form: checkForm{Schools: facts.schools}, mapFacts: facts}, nil
}

func countMap(snapshot *bank.Snapshot) (*mapFacts, error) {
	institutions, err := snapshot.Institutions(bank.Filter{}, bank.Window{Limit: schoolChoices})
	if err != nil {
		return nil, err
	}
	programmes, err := snapshot.Programmes(bank.Filter{}, bank.Window{Limit: 1})
	if err != nil {
		return nil, err
	}
	rules, err := snapshot.Equivalences(bank.RuleFilter{On: calendar.None}, bank.Window{Limit: 1})
	return &mapFacts{stamp: snapshot.Stamp, schools: institutions.Items, Institutions: institutions.Total,
		Programmes: programmes.Total, Rules: rules.Total}, err
}

// home is the first page. With results in its address it ranks all programmes by them.
func (s *Server) home(c echo.Context) error {
	q := readCheckQuery(c.QueryParams())
	view, err := s.homeView(c)
	if err != nil {
		return err
	}
	n, err := s.names(c)
	if err != nil {
		return err
	}
	if len(q.Records) == 0 {
		view.Form.To = q.values.Get(paramTo)
		view.Form.aim(n.snapshot)
		view.Form.pad(0)
		return s.render(c, http.StatusOK, "home", view)
	}
	if view.Ranking, err = s.rank(c, q); err != nil {
		return s.homeRefused(c, q, err)
	}
	view.Form = formOf(q, n, s.speaker(c))
	view.Form.Schools = view.schools
	view.Form.pad(1)
	return s.render(c, http.StatusOK, "home", view)
}

// homeRefused shows the form of a question that the bank refuses: an old
// address may name a course that is there no more.
func (s *Server) homeRefused(c echo.Context, q checkQuery, refusal error) error {
	n, err := s.names(c)
	if err != nil {
		return err
	}
	form := formOf(q, n, s.speaker(c))
	if err := form.takeFaults(refusal, allRows(len(form.Rows)), s.speaker(c)); err != nil {
		return err
	}
	return s.showForm(c, http.StatusUnprocessableEntity, form, 0)
}

// example goes to the first page with some results of a school that can be
// asked about, chosen from the map as it is.
func (s *Server) example(c echo.Context) error {
	n, err := s.names(c)
	if err != nil {
		return err
	}
	records, err := exampleRecords(n.snapshot, n.today)
	if err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, address("/", checkValues(records, "")))
}

// exampleGrades are grades as they come, good and less so.
var exampleGrades = [...]string{"85", "68", "92", "78", "88", "73", "81"}

// exampleRecords are results of the secondary vocational school that sends most,
// among them a set of courses that count only together where there is one.
func exampleRecords(s *bank.Snapshot, today calendar.Day) ([]bank.CheckRecord, error) {
	rules, err := busiestSender(s, today)
	if err != nil {
		return nil, err
	}
	isSet := func(r bank.RuleInfo) bool { return len(r.Sources) > 1 }
	sources := []transfer.Source{}
	if at := slices.IndexFunc(rules, isSet); at >= 0 {
		sources = append(sources, rules[at].Sources...)
	}
	for _, r := range rules {
		if !isSet(r) {
			sources = append(sources, r.Sources...)
		}
	}
	var records []bank.CheckRecord
	taken := map[transfer.CourseKey]bool{}
	for _, source := range sources {
		if n := len(records); n < len(exampleGrades) && !taken[source.CourseKey] {
			taken[source.CourseKey] = true
			records = append(records, bank.CheckRecord{Institution: source.Institution, Course: source.Code, Grade: exampleGrades[n]})
		}
	}
	return records, nil
}

// exampleSchools is how many schools are looked at for an example.
const exampleSchools = 20

// busiestSender gives rules in force of the school with the most of them.
func busiestSender(s *bank.Snapshot, today calendar.Day) ([]bank.RuleInfo, error) {
	schools, err := s.Institutions(bank.Filter{Kind: "secondary_vocational"}, bank.Window{Limit: exampleSchools})
	if err == nil && len(schools.Items) == 0 {
		schools, err = s.Institutions(bank.Filter{}, bank.Window{Limit: exampleSchools})
	}
	if err != nil {
		return nil, err
	}
	var best bank.Page[bank.RuleInfo]
	var faults []error
	for _, in := range schools.Items {
		page, err := s.Equivalences(bank.RuleFilter{SourceInstitution: in.Code, Outcome: string(transfer.Credit), On: today}, bank.Window{Limit: bank.MaxLimit})
		faults = append(faults, err)
		if page.Total > best.Total {
			best = page
		}
	}
	return best.Items, errors.Join(faults...)
}
