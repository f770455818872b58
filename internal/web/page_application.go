package web

import (
	"net/http"
	"slices"
	"time"

	"github.com/labstack/echo/v4"

	"creditbank/internal/bank"
	"creditbank/internal/calendar"
	"creditbank/internal/transfer"
)

// applicationView is one application as the learner, a school or the bank sees it.
type applicationView struct {
	desk // of staff
	bank.Application
	Page        string // its address
	Programme   bank.ProgrammeInfo
	Institution bank.InstitutionInfo
	Items       []applicationItem
	Steps       []applicationStep
	Deciders    []deciderChoice // to whom it can be given
	Assigned    string          // what the one who has it is called
}

// applicationItem is an item with the names of what it takes and gives.
type applicationItem struct {
	bank.ApplicationItem
	Sources    []planSource
	Awards     []planAward
	GivenAs    []planAward
	RuleURL    string
	Precedents []precedentRow
	Revoked    []bank.Consequence
}

// precedentRow is how the same equivalence was decided before.
type precedentRow struct {
	bank.ItemPrecedent
	By bank.InstitutionInfo
}

// applicationStep is a step on the way of an application.
type applicationStep struct {
	Key    string // of the sentence application.step_…
	Moment string // when it happened; empty: it has not yet
	Due    calendar.Day
	Detail string
	at     time.Time
}

// happened is a step that was taken.
func happened(say Speaker, key string, at time.Time, detail string) applicationStep {
	return applicationStep{Key: key, Moment: Moment(say, at), Due: calendar.None, Detail: detail, at: at}
}

// deciderChoice is a person of the school who may decide.
type deciderChoice struct{ ID, Name string }

// newApplicationView reads an application with all names.
func (s *Server) newApplicationView(c echo.Context, page string) (v applicationView, err error) {
	ctx, actor := c.Request().Context(), actorOf(c)
	id := c.Param("application")
	if v.Application, err = s.bank.Application(ctx, actor, id); err != nil {
		return v, err
	}
	n, err := s.names(c)
	if err != nil {
		return v, err
	}
	v.Page, v.Institution = page+"/"+id, n.institution(v.To.Institution)
	v.Programme, _ = n.snapshot.ProgrammeHead(v.To)
	results, err := s.resultsAsked(c, id)
	if err != nil {
		return v, err
	}
	for _, item := range v.Application.Items {
		v.Items = append(v.Items, newApplicationItem(item, v.To, results, n, s.speaker(c)))
	}
	v.addSteps(s.speaker(c))
	return v, nil
}

// resultsAsked are the results of the plan as it was frozen, by their references; none of a draft,
// and none for those who see a part only.
func (s *Server) resultsAsked(c echo.Context, id string) (map[bank.RecordRef]transfer.Record, error) {
	frozen, refs, err := s.bank.ApplicationCase(c.Request().Context(), actorOf(c), id)
	if code := bank.CodeOf(err); code == bank.Denied || code == bank.Conflict || code == bank.NotFound {
		return map[bank.RecordRef]transfer.Record{}, nil
	}
	results := map[bank.RecordRef]transfer.Record{}
	for i, ref := range refs {
		results[ref] = frozen.Records[i]
	}
	return results, err
}

func newApplicationItem(item bank.ApplicationItem, to transfer.ProgrammeKey, results map[bank.RecordRef]transfer.Record, n *names, say Speaker) applicationItem {
	v := applicationItem{ApplicationItem: item, RuleURL: ruleAddress(item.Rule), Awards: awardNames(item.Awards, to, n), GivenAs: awardNames(item.GivenAs, to, n)}
	for _, ref := range item.Records {
		source := planSource{Course: bank.CourseInfo{}}
		if r, known := results[ref]; known {
			source = planSource{n.course(r.CourseKey), gradeText(say, r.Grade, r.Score)}
		} else {
			source.Course.Current.Name = ref.Reference
		}
		v.Sources = append(v.Sources, source)
	}
	return v
}

// awardNames says what is given in words.
func awardNames(awards []transfer.Award, to transfer.ProgrammeKey, n *names) (list []planAward) {
	for _, award := range awards {
		given := planAward{Award: award, GroupName: n.snapshot.GroupName(to, award.Group)}
		if award.Course != "" {
			key := transfer.CourseKey{Institution: to.Institution, Code: award.Course}
			given.CourseInfo, given.URL = n.course(key), courseAddress(key)
		}
		list = append(list, given)
	}
	return list
}

// addSteps tells what happened and what comes next, with the days.
func (v *applicationView) addSteps(say Speaker) {
	if v.Submitted.IsZero() {
		return
	}
	v.Steps = append(v.Steps, happened(say, "submitted", v.Submitted, ""))
	for _, p := range v.Decisions {
		key := "decided_" + p.Kind
		switch {
		case p.Automatic && p.Kind == bank.DecisionCondition:
			key = "condition_over"
		case p.Automatic:
			key = "decided_automatic"
		}
		v.Steps = append(v.Steps, happened(say, key, p.Made, p.Text))
	}
	for _, a := range v.Appeals {
		v.Steps = append(v.Steps, happened(say, "appeal_"+a.State, a.Made, a.Text))
	}
	slices.SortStableFunc(v.Steps, func(a, b applicationStep) int { return a.at.Compare(b.at) })
	switch v.State {
	case bank.ApplicationSubmitted:
		v.Steps = append(v.Steps, applicationStep{Key: "waits_school", Due: v.Due})
	case bank.ApplicationAppealed:
		v.Steps = append(v.Steps, applicationStep{Key: "waits_appeal", Due: v.Due})
	case bank.ApplicationWithdrawn:
		v.Steps = append(v.Steps, happened(say, "withdrawn", v.Changed, ""))
	case bank.ApplicationDecided:
		if slices.Contains(v.May, "appeal") {
			v.Steps = append(v.Steps, applicationStep{Key: "may_appeal", Due: v.Final})
		}
	}
}

// Can says whether the reader may do something now.
func (v applicationView) Can(action string) bool { return slices.Contains(v.May, action) }

// decisionPage is a decision as a document.
type decisionPage struct {
	applicationView
	Decision bank.PostedDecision
	Decided  []decidedView
	School   bank.InstitutionInfo // that decided; none: the bank
}

// decidedView is an item as a decision has it.
type decidedView struct {
	bank.DecidedItem
	Item    applicationItem
	GivenAs []planAward
}

// showDecision shows a decision as a document to print.
func (s *Server) showDecision(c echo.Context, page string) error {
	v, err := s.newApplicationView(c, page)
	if err != nil {
		return err
	}
	n, err := s.names(c)
	if err != nil {
		return err
	}
	at := slices.IndexFunc(v.Decisions, func(p bank.PostedDecision) bool { return p.ID == c.Param("decision") })
	if at < 0 {
		return echo.ErrNotFound
	}
	d := decisionPage{applicationView: v, Decision: v.Decisions[at]}
	d.School = n.institution(d.Decision.Institution)
	for _, item := range d.Decision.Items {
		d.Decided = append(d.Decided, decidedView{item, v.Items[item.Item], awardNames(item.Awards, v.To, n)})
	}
	return s.render(c, http.StatusOK, "decision", d)
}

// showCase shows the plan as it was frozen, with the reasons of the engine.
func (s *Server) showCase(c echo.Context, page string) error {
	ctx := c.Request().Context()
	frozen, _, err := s.bank.ApplicationCase(ctx, actorOf(c), c.Param("application"))
	if err != nil {
		return err
	}
	n, err := s.names(c)
	if err != nil {
		return err
	}
	q := checkQuery{AsOf: frozen.AsOf.String(), own: true, held: len(frozen.Records)}
	for _, r := range frozen.Records {
		q.Records = append(q.Records, bank.CheckRecord{Institution: r.Institution, Course: r.Code, Grade: r.Grade, CompletedOn: r.Completed.String()})
	}
	v := frozenPlanPage{BackURL: page + "/" + c.Param("application")}
	v.planPage, err = newPlanPage(bank.PlanAnswer{Answer: frozen.Answer, Snapshot: n.snapshot, Records: frozen.Records}, q, n, s.speaker(c))
	if err != nil {
		return err
	}
	v.freeze()
	return s.render(c, http.StatusOK, "application_plan", v)
}

// freeze takes away what leads on from a plan that is asked about today: another day, other
// results, and what could be done next.
func (v *frozenPlanPage) freeze() {
	v.Page = ""
	for i := range v.Results {
		v.Results[i].Steps = nil
	}
}

// frozenPlanPage is a plan as it was frozen.
type frozenPlanPage struct {
	planPage
	BackURL string
}
