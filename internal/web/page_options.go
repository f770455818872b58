package web

import (
	"net/http"
	"net/url"
	"slices"

	"github.com/labstack/echo/v4"

	"creditbank/internal/bank"
	"creditbank/internal/credit"
	"creditbank/internal/transfer"
)

// optionsView is what the learner's own record is worth in every programme, and the
// results that they hope for besides.
type optionsView struct {
	Form    checkForm
	Ranking *rankingView // nil: what was typed has to be mended first
	Near    []nearChoice
	Chosen  string // region of the filter
}

// nearChoice narrows the programmes to a region around the learner's own school.
type nearChoice struct {
	Region bank.Region
	URL    string
}

// options ranks all programmes by the learner's own record.
func (s *Server) options(c echo.Context) error {
	q := ownQuery(c)
	n, err := s.names(c)
	if err != nil {
		return err
	}
	home, err := s.homeView(c)
	if err != nil {
		return err
	}
	v := optionsView{Form: formOf(q, n, s.speaker(c)), Chosen: filterOf(q.values).Region}
	v.Ranking, err = s.rank(c, q)
	if bank.CodeOf(err) == bank.Invalid {
		return s.homeRefused(c, q, err)
	}
	if err != nil {
		return err
	}
	v.Form.Schools = home.schools
	v.Form.pad(1)
	v.Near, err = s.near(c, q, n)
	if err != nil {
		return err
	}
	return s.render(c, http.StatusOK, "my_options", v)
}

func ownQuery(c echo.Context) checkQuery {
	q := readCheckQuery(c.QueryParams())
	q.own = true
	return q
}

// near are the district, the city and the province of the learner's school.
func (s *Server) near(c echo.Context, q checkQuery, n *names) ([]nearChoice, error) {
	my, err := s.bank.MySchool(c.Request().Context(), actorOf(c))
	if err != nil {
		return nil, err
	}
	var list []nearChoice
	for _, region := range n.snapshot.RegionsAround(my) {
		list = append(list, nearChoice{region, address(q.rankPage(), q.values, "region", region.Code, paramCursor, "")})
	}
	return list, nil
}

// ownPlan is the plan of the learner's own record for a programme.
func (s *Server) ownPlan(c echo.Context, q checkQuery, to transfer.ProgrammeKey) (bank.PlanAnswer, checkQuery, error) {
	actor := actorOf(c)
	answer, err := s.bank.PlanLearner(c.Request().Context(), actor, actor.Learner, bank.CheckInput{Records: q.Records, AsOf: q.AsOf, To: to})
	if err != nil {
		return answer, q, err
	}
	q.held = len(answer.Records) - len(q.Records)
	held := make([]bank.CheckRecord, q.held)
	for i, r := range answer.Records[:q.held] {
		held[i] = bank.CheckRecord{Institution: r.Institution, Course: r.Code, Kind: r.Kind, Grade: r.Grade, CompletedOn: r.Completed.String()}
	}
	q.Records = append(held, q.Records...)
	return answer, q, nil
}

// ownPlanPage is the plan with the goal.
type ownPlanPage struct {
	planPage
	IsGoal   bool
	Expected int // results that are hoped for
}

// myPlan shows what the own record is worth in one programme, and why.
func (s *Server) myPlan(c echo.Context) error {
	q := ownQuery(c)
	if q.values.Get(paramTo) == "" {
		return c.Redirect(http.StatusSeeOther, address(q.rankPage(), q.carried()))
	}
	n, err := s.names(c)
	if err != nil {
		return err
	}
	answer, q, err := s.ownPlan(c, q, programmeNamed(n.snapshot, q.values.Get(paramTo)))
	if bank.CodeOf(err) == bank.Invalid {
		return s.homeRefused(c, q, err)
	}
	if err != nil {
		return err
	}
	v := ownPlanPage{Expected: len(q.typed())}
	if v.planPage, err = newPlanPage(answer, q, newNames(answer.Snapshot, n.today), s.speaker(c)); err != nil {
		return err
	}
	goal, err := s.bank.Goal(c.Request().Context(), actorOf(c))
	if err != nil {
		return err
	}
	v.IsGoal = goal == v.Programme.ProgrammeKey
	return s.render(c, http.StatusOK, "my_plan", v)
}

// mostCompared is how many programmes stand side by side.
const mostCompared = 3

// comparePage is the own record before some programmes, side by side.
type comparePage struct {
	Programmes []comparedProgramme
	Results    []comparedResult
	BackURL    string
	TooMany    bool
}

// comparedProgramme is one of them.
type comparedProgramme struct {
	planPage
	N      int    // number in the page, from 1
	Why    string // address of its plan
	Drop   string // address of the page without it
	Exempt int
}

// comparedResult is a result and what becomes of it in each programme.
type comparedResult struct {
	Course bank.CourseInfo
	States []transfer.State
}

// compare sets programmes side by side.
func (s *Server) compare(c echo.Context) error {
	q := ownQuery(c)
	n, err := s.names(c)
	if err != nil {
		return err
	}
	asked := q.values[paramTo]
	v := comparePage{BackURL: address(q.rankPage(), q.carried()), TooMany: len(asked) > mostCompared}
	for i, id := range asked[:min(len(asked), mostCompared)] {
		answer, whole, err := s.ownPlan(c, q, programmeNamed(n.snapshot, id))
		if bank.CodeOf(err) == bank.Invalid {
			return s.homeRefused(c, q, err)
		}
		if err != nil {
			return err
		}
		p := comparedProgramme{N: i + 1, Why: address(q.planPage(), q.carried(), paramTo, id), Drop: withoutCompared(q.values, i)}
		if p.planPage, err = newPlanPage(answer, whole, newNames(answer.Snapshot, n.today), s.speaker(c)); err != nil {
			return err
		}
		p.countExemptions()
		v.add(p)
	}
	return s.render(c, http.StatusOK, "my_compare", v)
}

// withoutCompared is the address without the i-th of the programmes.
func withoutCompared(values url.Values, i int) string {
	all := url.Values{}
	for name, list := range values {
		all[name] = list
	}
	all[paramTo] = slices.Delete(slices.Clone(values[paramTo]), i, i+1)
	return address("/my/compare", all)
}

func (p *comparedProgramme) countExemptions() {
	for _, item := range p.Items {
		for _, award := range item.Awards {
			p.Exempt += map[bool]int{true: 1}[award.Exemption]
		}
	}
}

// add puts a programme beside the others.
func (v *comparePage) add(p comparedProgramme) {
	v.Programmes = append(v.Programmes, p)
	for i, r := range p.planPage.Results {
		if i == len(v.Results) {
			v.Results = append(v.Results, comparedResult{Course: r.Course})
		}
		v.Results[i].States = append(v.Results[i].States, r.State)
	}
}

// setGoal keeps a programme as the learner's goal.
func (s *Server) setGoal(c echo.Context) error {
	n, err := s.names(c)
	if err != nil {
		return err
	}
	if err := s.bank.SetGoal(c.Request().Context(), actorOf(c), programmeNamed(n.snapshot, clean(c.FormValue(paramTo)))); err != nil {
		return err
	}
	return after(c, "/my", "goal")
}

// goalDone are the things that the page of the record can say were done.
var goalDone = []string{"goal", "goal_dropped"}

// dropGoal forgets it.
func (s *Server) dropGoal(c echo.Context) error {
	if err := s.bank.DropGoal(c.Request().Context(), actorOf(c)); err != nil {
		return err
	}
	return after(c, "/my", "goal_dropped")
}

// aheadView is what lies before the learner: the goal, and where what is unused would
// count.
type aheadView struct {
	Goal   goalView
	Unused credit.Amount
	Rows   []rankRow // where most of it would count
}

// goalView is how far the learner is on the way to the goal; without a PlanURL there is none.
type goalView struct {
	Programme bank.ProgrammeInfo
	Bar       bar
	PlanURL   string
}

// mostSuggested is how many programmes are named for what is unused.
const mostSuggested = 3

func (s *Server) ahead(c echo.Context, available credit.Amount, n *names) (v aheadView, err error) {
	ctx, actor := c.Request().Context(), actorOf(c)
	to, err := s.bank.Goal(ctx, actor)
	if err == nil && to != (transfer.ProgrammeKey{}) {
		v.Goal, err = s.goal(c, to)
	}
	if v.Unused = available; err != nil || available == 0 {
		return v, err
	}
	ranking, err := s.bank.RankLearner(ctx, actor, actor.Learner, bank.CheckInput{Window: bank.Window{Limit: mostSuggested}})
	for _, standing := range ranking.Items {
		if standing.Transferable > 0 {
			v.Rows = append(v.Rows, newRankRow(standing, checkQuery{own: true}.planPage()+"?", n))
		}
	}
	return v, err
}

// goal is how far the record goes in a programme; nothing in one that is offered no more.
func (s *Server) goal(c echo.Context, to transfer.ProgrammeKey) (v goalView, err error) {
	answer, q, err := s.ownPlan(c, checkQuery{own: true}, to)
	if bank.CodeOf(err) == bank.NotFound {
		return v, nil
	}
	if err != nil {
		return v, err
	}
	v.Bar, v.PlanURL = newBar(answer.Required, answer.Earned, answer.Applied, answer.Transferable), address(q.planPage(), nil, paramTo, to.Institution+":"+to.Code)
	v.Programme, _ = answer.Snapshot.ProgrammeHead(to)
	return v, nil
}
