package web

import (
	"context"
	"net/http"
	"slices"

	"github.com/labstack/echo/v4"

	"creditbank/internal/bank"
)

// casePage is one evaluation with all that a person judges it by.
type casePage struct {
	desk
	bank.Evaluation
	Rule       ruleView
	Means      string
	Compare    comparison
	Opinions   []opinionRow
	Steps      []stepRow
	Files      []bank.AttachmentInfo
	Blocking   []findingView
	Warnings   []findingView
	Main, More []actView
	Changed    []string // what changed since the person looked, in words
	Origin     originView
	Proposer   bank.InstitutionInfo // the school that proposed; none: the bank
	Edits      bool                 // the person may edit what is proposed
	Published  string               // address of the rule on the public map, once it is there
}

// opinionRow is an opinion with the names of who gives it.
type opinionRow struct {
	bank.Opinion
	School bank.InstitutionInfo
	Called string // of an expert, or of who gave it
}

// stepRow is a step of the history with the name of who did it.
type stepRow struct {
	bank.EvaluationStep
	Called, About string
	School        bank.InstitutionInfo
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
	p.Means = meaning(say, p.Rule)
	if isPublished(n.snapshot, e.RuleRef) {
		p.Published = ruleAddress(e.RuleRef)
	}
	p.Origin, p.Proposer, p.Edits = originOf(e.Origin), n.institution(e.ByInstitution), slices.Contains(e.May, "save")
	p.name(n)
	if p.Compare, err = s.newComparison(ctx, e.Equivalence, n, say); err != nil {
		return p, err
	}
	if p.Files, err = s.bank.Attachments(ctx, "evaluation", e.ID); err != nil {
		return p, err
	}
	if err := s.lintCase(ctx, &p, n, say); err != nil {
		return p, err
	}
	return p, s.offerActs(c, &p)
}

// lintCase says what lint finds in a rule that is not decided.
func (s *Server) lintCase(ctx context.Context, p *casePage, n *names, say Speaker) error {
	if !slices.Contains([]string{bank.EvaluationDrafted, bank.EvaluationSubmitted, bank.EvaluationReturned, bank.EvaluationReady}, p.State) {
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
		row := stepRow{EvaluationStep: step, Called: p.Names[step.By], School: n.institution(step.Institution), About: step.Subject}
		if called := p.Names["u:"+step.Subject]; called != "" {
			row.About = called
		}
		p.Steps = append(p.Steps, row)
	}
	slices.Reverse(p.Steps)
}

// Called is what people call an actor.
func (p casePage) Called(name string) string {
	if called := p.Names[name]; called != "" {
		return called
	}
	return name
}

// OpinionWords are what an opinion can be.
func (p casePage) OpinionWords() []string { return bank.OpinionWords() }
