package web

import (
	"context"
	"net/http"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"creditbank/internal/bank"
	"creditbank/internal/calendar"
)

// casePage is one evaluation with all that a person judges it by.
type casePage struct {
	desk
	bank.Evaluation
	Rule                     ruleView
	SourceNames, TargetNames string // of the courses, for the title
	Means                    string
	Compare                  comparison
	Opinions                 []opinionRow
	Steps                    []stepRow
	Precedents               []casePrecedent
	Files                    []bank.AttachmentInfo
	Blocking                 []findingView
	Warnings                 []findingView
	Main, More               []actView
	Changed                  []string // what changed since the person looked, in words
	Origin                   originView
	Proposer                 bank.InstitutionInfo // the school that proposed; none: the bank
	Edits                    bool                 // the person may edit what is proposed
	URL                      string
	Late                     bool        // a period has run out
	Tries                    bool        // the person may work out what it would change
	TriesEnd                 bool        // or what it would change that it no longer served
	Last                     bank.Impact // the last preview since the version was last changed; without a Job there is none
	Published                string      // address of the rule on the public map, once it is there
}

// opinionRow is an opinion with the names of who gives it.
type opinionRow struct {
	bank.Opinion
	School bank.InstitutionInfo
	Called string // of an expert, or of who gave it
}

// casePrecedent is a decided case that is like this one.
type casePrecedent struct {
	bank.Precedent
	Means, URL string
}

// stepRow is a step of the history with the name of who did it.
type stepRow struct {
	bank.EvaluationStep
	Called string
	About  []aboutStep
	School bank.InstitutionInfo
}

// originView is where a proposal came from.
type originView struct{ Kind, ID, URL string }

// evaluation shows a case.
func (s *Server) evaluation(c echo.Context) error {
	e, err := s.bank.Evaluation(c.Request().Context(), actorOf(c), c.Param("evaluation"))
	if err != nil {
		return err
	}
	p, err := s.newCasePage(c, e)
	if err != nil {
		return err
	}
	return s.render(c, http.StatusOK, "evaluation", p)
}

func (s *Server) newCasePage(c echo.Context, e bank.Evaluation) (casePage, error) {
	p := casePage{Evaluation: e}
	var err error
	if p.desk, err = s.evaluationDesk(c, "/evaluations"); err != nil {
		return p, err
	}
	n, err := s.names(c)
	if err != nil {
		return p, err
	}
	ctx, say := c.Request().Context(), s.speaker(c)
	p.Rule = draftView(e.RuleRef, e.Equivalence, n)
	m := meaner{say, p.Rule}
	p.Means, p.SourceNames, p.TargetNames = meaning(say, p.Rule), m.names(), m.targets()
	if isPublished(n.snapshot, e.RuleRef) {
		p.Published = ruleAddress(e.RuleRef)
	}
	p.URL, p.Late = evaluationAddress(e.ID), e.Due != calendar.None && e.Due < n.today
	p.Tries = s.served["/impact/:job"] && !actorOf(c).Is(bank.IsAuditor) && isUnderWay(e.State)
	p.TriesEnd = !actorOf(c).Is(bank.IsAuditor) && p.Published != ""
	if p.Last, err = s.lastImpact(c, e); err != nil {
		return p, err
	}
	p.Origin, p.Proposer, p.Edits = originOf(e.Origin), n.institution(e.ByInstitution), slices.Contains(e.May, "save")
	p.name(n)
	if p.Compare, err = s.newComparison(ctx, e.Equivalence, n, say); err != nil {
		return p, err
	}
	if p.Files, err = s.bank.Attachments(ctx, "evaluation", e.ID); err != nil {
		return p, err
	}
	precedents, err := s.bank.Precedents(ctx, actorOf(c), e.ID)
	if err != nil {
		return p, err
	}
	for _, one := range precedents {
		row := casePrecedent{one, meaning(say, draftView(one.RuleRef, one.Equivalence, n)), ""}
		if isPublished(n.snapshot, one.RuleRef) {
			row.URL = ruleAddress(one.RuleRef)
		}
		p.Precedents = append(p.Precedents, row)
	}
	if err := s.lintCase(ctx, &p, n, say); err != nil {
		return p, err
	}
	return p, s.offerActs(c, &p)
}

// lintCase says what lint finds in a rule that is not decided.
func (s *Server) lintCase(ctx context.Context, p *casePage, n *names, say Speaker) error {
	if !isUnderWay(p.State) {
		return nil
	}
	blocking, warnings, err := s.bank.LintRule(ctx, p.RuleRef, p.Equivalence)
	p.Blocking, p.Warnings = findingViews(say, n.snapshot, blocking), findingViews(say, n.snapshot, warnings)
	return err
}

// name gives the opinions and the steps the names of people and schools.
func (p *casePage) name(n *names) {
	for _, o := range p.Evaluation.Opinions {
		row := opinionRow{Opinion: o, Called: p.Names["u:"+o.Login]}
		if o.Login == "" {
			row.Called = p.Names[o.By]
		}
		if o.Institution != "" {
			row.School = n.institution(o.Institution)
		}
		p.Opinions = append(p.Opinions, row)
	}
	for _, step := range p.History {
		row := stepRow{EvaluationStep: step, Called: p.Names[step.By], School: n.institution(step.Institution), About: p.about(step.Subject, n)}
		p.Steps = append(p.Steps, row)
	}
	slices.Reverse(p.Steps)
}

// aboutStep is whom or what a step is about: somebody by name, or a school.
type aboutStep struct {
	Called string
	School bank.InstitutionInfo
}

// about reads whom a step is about: parties such as school:CODE and expert:LOGIN, and
// logins alone. Days and kinds of what is asked of a rule are told by other words.
func (p *casePage) about(subject string, n *names) []aboutStep {
	var list []aboutStep
	for _, party := range strings.Fields(subject) {
		code, isSchool := strings.CutPrefix(party, "school:")
		login := strings.TrimPrefix(party, "expert:")
		switch {
		case isSchool:
			list = append(list, aboutStep{School: n.institution(code)})
		case p.Names["u:"+login] != "":
			list = append(list, aboutStep{Called: p.Names["u:"+login]})
		}
	}
	return list
}

// isUnderWay says whether an evaluation in a state is not decided.
func isUnderWay(state string) bool {
	return slices.Contains([]string{bank.EvaluationDrafted, bank.EvaluationSubmitted, bank.EvaluationReturned, bank.EvaluationReady}, state)
}

// EditURL, VersionURL and MirrorURL lead to the editor: of this draft, of the next
// version, of the way back.
func (p casePage) EditURL() string { return p.URL + "/edit" }

// VersionURL leads to the editor of the next version.
func (p casePage) VersionURL() string { return address("/evaluations/new", nil, "version", p.Code) }

// MirrorURL leads to the editor of the way back.
func (p casePage) MirrorURL() string { return address("/evaluations/new", nil, "mirror", p.Code) }

// Called is what people call an actor.
func (p casePage) Called(name string) string {
	if called := p.Names[name]; called != "" {
		return called
	}
	return name
}

// OpinionWords are what an opinion can be.
func (p casePage) OpinionWords() []string { return bank.OpinionWords() }
