package web

import (
	"net/http"
	"net/url"
	"slices"

	"github.com/labstack/echo/v4"

	"creditbank/internal/bank"
	"creditbank/internal/calendar"
	"creditbank/internal/transfer"
)

// editPage is the editor of a rule: what is typed, what it means, what lint finds, and
// what an example would get by it.
type editPage struct {
	desk
	Rule       ruleForm
	ID         string // of the draft that is edited; empty: a new one
	Action     string // where the form goes
	Before     string // the published version that a new one would follow: its address
	Code       string // that the rule has, and keeps
	Schools    []bank.InstitutionInfo
	Programmes []bank.ProgrammeInfo // of the receiving school
	Groups     []bank.GroupInfo
	Reasons    []string
	Outcomes   []transfer.Outcome
	Fresh      bool // the page was asked for, and is no answer to the form
	Read       bool // the rule could be read: it can be said what it means
	Means      string
	Blocking   []findingView
	Warnings   []findingView
	Trial      *trialView
}

// newEvaluation shows an empty editor, or one that is filled in from what there is: a
// published rule (a new version), its mirror, a learner's request, a suggestion.
func (s *Server) newEvaluation(c echo.Context) error {
	n, err := s.names(c)
	if err != nil {
		return err
	}
	f, err := s.prefilled(c, n)
	if err != nil {
		return err
	}
	return s.showEditor(c, http.StatusOK, f, "", n)
}

// prefilled is the form that an address asks for: version=CODE, mirror=CODE, or
// sources and targets by their tokens (from, to) with the origin they come from.
func (s *Server) prefilled(c echo.Context, n *names) (ruleForm, error) {
	say, values := s.speaker(c), c.QueryParams()
	for _, of := range []string{"version", "mirror"} {
		code := values.Get(of)
		if code == "" {
			continue
		}
		versions, err := n.snapshot.Equivalence(code)
		if err != nil {
			return ruleForm{}, err
		}
		last := versions[len(versions)-1].Equivalence
		if of == "mirror" {
			f := formOfRule(mirrorOf(last), n, say)
			f.Values.Set("origin", "mirror:"+code)
			return f, nil
		}
		f := formOfRule(last, n, say)
		f.Values.Set("equivalence", code)
		f.Values.Set("valid_from", "")
		return f, nil
	}
	return formOfTokens(values, n, say), nil
}

// mirrorOf is a rule that gives back what another takes: the way back.
func mirrorOf(e bank.Equivalence) bank.Equivalence {
	back := bank.Equivalence{Outcome: transfer.Credit, From: e.From, To: e.To, Validity: e.Validity}
	for _, t := range e.Targets {
		if t.Course != "" {
			back.Sources = append(back.Sources, transfer.Source{CourseKey: transfer.CourseKey{Institution: e.Institution, Code: t.Course}, Min: transfer.NoScore, Max: transfer.NoScore})
		}
	}
	for _, source := range e.Sources {
		if back.Institution == "" {
			back.Institution = source.Institution
		}
		if source.Institution == back.Institution {
			back.Targets = append(back.Targets, transfer.Target{Course: source.Code, Mode: transfer.Catalogue})
		}
	}
	return back
}

// formOfTokens is a form with the courses that an address names.
func formOfTokens(values url.Values, n *names, say Speaker) ruleForm {
	e := bank.Equivalence{Outcome: transfer.Credit, Institution: clean(values.Get("school")), From: calendar.None, To: calendar.None}
	for _, text := range values["from"] {
		t := readToken(text)
		e.Sources = append(e.Sources, transfer.Source{CourseKey: transfer.CourseKey{Institution: t.Institution, Code: t.Course}, Min: transfer.NoScore, Max: transfer.NoScore})
	}
	for _, text := range values["to"] {
		t := readToken(text)
		e.Institution = t.Institution
		e.Targets = append(e.Targets, transfer.Target{Course: t.Course, Mode: transfer.Catalogue})
	}
	f := formOfRule(e, n, say)
	f.Values.Set("origin", clean(values.Get("origin")))
	return f
}

// editEvaluation shows the editor of a draft.
func (s *Server) editEvaluation(c echo.Context) error {
	e, err := s.bank.Evaluation(c.Request().Context(), actorOf(c), c.Param("evaluation"))
	if err != nil {
		return err
	}
	if !slices.Contains(e.May, "save") {
		return c.Redirect(http.StatusSeeOther, evaluationAddress(e.ID))
	}
	n, err := s.names(c)
	if err != nil {
		return err
	}
	f := formOfRule(e.Equivalence, n, s.speaker(c))
	f.Values.Set("equivalence", e.Code)
	f.Values.Set("why", e.Why)
	f.Values.Set("stamp", e.Stamp)
	return s.showEditor(c, http.StatusOK, f, e.ID, n)
}

// saveEvaluation takes the form of the editor: it adds or drops a row, tries the rule,
// or saves it as a draft.
func (s *Server) saveEvaluation(c echo.Context) error {
	values, err := c.FormParams()
	if err != nil {
		return unreadable(err)
	}
	n, err := s.names(c)
	if err != nil {
		return err
	}
	id := c.Param("evaluation")
	if id != "" {
		if _, err := s.bank.Evaluation(c.Request().Context(), actorOf(c), id); err != nil {
			return err
		}
	}
	f := readRuleForm(values)
	if choice := values.Get("pick"); choice != "" {
		f.pick(choice)
	}
	if row := values.Get("drop"); row != "" {
		f.drop(row)
	}
	if values.Get("do") != "save" {
		return s.showEditor(c, http.StatusOK, f, id, n)
	}
	draft := f.draft(id, newFinder(n.snapshot, n.today), s.speaker(c))
	if len(f.Faults) > 0 {
		return s.showEditor(c, http.StatusUnprocessableEntity, f, id, n)
	}
	e, _, err := s.bank.SaveEvaluation(c.Request().Context(), actorOf(c), draft)
	if err != nil {
		return s.refuseRule(c, err, f, id, n)
	}
	return after(c, evaluationAddress(e.ID), "saved")
}

// draft is the form as the bank takes it.
func (f *ruleForm) draft(id string, find *finder, say Speaker) bank.EvaluationDraft {
	return bank.EvaluationDraft{ID: id, Stamp: f.Get("stamp"), Rows: f.rows(find, say), Why: f.Get("why"), Origin: f.Get("origin")}
}

// refuseRule shows the editor again with what the bank refuses. Somebody else's change
// since the draft was opened is told of; what was typed stays, to be saved over it.
func (s *Server) refuseRule(c echo.Context, cause error, f ruleForm, id string, n *names) error {
	say := s.speaker(c)
	if !f.takeFaults(say, cause) {
		return cause
	}
	status := http.StatusUnprocessableEntity
	if bank.CodeOf(cause) == bank.Conflict {
		status = http.StatusConflict
		if e, err := s.bank.Evaluation(c.Request().Context(), actorOf(c), id); id != "" && err == nil {
			f.Values.Set("stamp", e.Stamp)
		}
	}
	return s.showEditor(c, status, f, id, n)
}

// showEditor shows the editor with what its form means as it stands.
func (s *Server) showEditor(c echo.Context, status int, f ruleForm, id string, n *names) error {
	d, err := s.evaluationDesk(c, "/evaluations/new")
	if err != nil {
		return err
	}
	home, err := s.homeView(c)
	if err != nil {
		return err
	}
	p := editPage{desk: d, ID: id, Action: "/evaluations/new", Schools: home.schools, Reasons: bank.ReasonCodes(),
		Outcomes: []transfer.Outcome{transfer.Credit, transfer.Refused, transfer.Pending}, Fresh: c.Request().Method == http.MethodGet, Code: f.Get("equivalence")}
	if id != "" {
		p.Action = evaluationAddress(id) + "/edit"
	}
	if err := s.weigh(c, &p, &f, n); err != nil {
		return err
	}
	if p.Fresh { // nobody has typed anything wrong yet
		f.Faults = nil
	}
	p.Rule, p.Form = f, f.form
	p.Programmes, p.Groups = programmesOf(n.snapshot, f.Receiver), groupsOf(n.snapshot, f.Receiver)
	if versions, err := n.snapshot.Equivalence(p.Code); err == nil {
		p.Before = ruleAddress(versions[len(versions)-1].RuleRef)
	}
	return s.render(c, status, "evaluation_edit", p)
}

// weigh reads the rule as it is typed, if it can be read: what it means, what lint
// finds, what the example gets. An empty form is not weighed.
func (s *Server) weigh(c echo.Context, p *editPage, f *ruleForm, n *names) error {
	if !f.Sources[0].Filled() && !f.Targets[0].Filled() {
		f.Receiver = newFinder(n.snapshot, n.today).school(f.Get("target_school"))
		return nil
	}
	ctx, say := c.Request().Context(), s.speaker(c)
	draft := f.draft(p.ID, newFinder(n.snapshot, n.today), say)
	if len(f.Faults) > 0 {
		return nil
	}
	tried, err := s.bank.TryEvaluation(ctx, actorOf(c), draft)
	if err != nil {
		if !f.takeFaults(say, err) {
			return err
		}
		return nil
	}
	p.Read, p.Means = true, meaning(say, draftView(tried.RuleRef, tried.Equivalence, n))
	p.Blocking, p.Warnings = findingViews(say, n.snapshot, tried.Blocking), findingViews(say, n.snapshot, tried.Warnings)
	if tried.Outcome == transfer.Credit {
		p.Trial, err = s.trial(ctx, f, tried.RuleRef, tried.Equivalence, n, say)
	}
	return err
}

// CaseURL leads back to the case of the draft.
func (p editPage) CaseURL() string { return evaluationAddress(p.ID) }

// TrialProgramme is the code of the programme in which the example is tried.
func (p editPage) TrialProgramme() string {
	if p.Trial == nil {
		return ""
	}
	return p.Trial.Programme.Code
}
