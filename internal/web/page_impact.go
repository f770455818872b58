package web

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"creditbank/internal/bank"
	"creditbank/internal/calendar"
	"creditbank/internal/transfer"
)

// impactPage is what a planned change would do to the learners of the bank, or how
// far the work on that is.
type impactPage struct {
	Form   form // of the proposal that a policy may be made into
	Job    jobView
	Done   bool // the numbers are there
	Impact bank.Impact
	Rules  []trialRule
	Given  []bank.Fact // of a policy: what it would say
	Place  string      // of a policy: where, in words
	Course string      // of a course: its name
	Groups []impactGroup
	Most   []impactRow
	More   int // programmes that move and are not on the page
	Sample []impactLearner
	Again  []sentField // the question, to be asked once more
	May    bool        // the person may propose the policy
	Looks  bool        // the person may look at learners at all
}

// trialRule is a version that a trial is about, and what would be done with it.
type trialRule struct {
	transfer.RuleRef
	Act  string // publish, suspend or end
	Page string // where it is judged
}

// impactGroup is a bar of the picture: the learners who gain or lose so much.
type impactGroup struct {
	bank.ImpactGroup
	Key  string // of its sentence
	Long int    // of its bar, in hundredths of the longest
	Bar  string // class of the bar
}

// impactRow is a programme that moves.
type impactRow struct {
	bank.ProgrammeImpact
	Head bank.ProgrammeInfo
}

// impactLearner is a learner of the sample.
type impactLearner struct {
	bank.ImpactLearner
	Head bank.ProgrammeInfo
}

// sentField is a field that a form sends along.
type sentField struct{ Name, Value string }

// How many programmes a page shows; the file has more.
const impactRows = 20

// startImpact begins a preview: of versions that are judged (evaluation=CODE@VERSION,
// any number, with act=publish, suspend or end and last_day), or of a policy (its
// fields). It leads to the page of the preview.
func (s *Server) startImpact(c echo.Context) error {
	trial, err := s.trialOf(c)
	if err != nil {
		return err
	}
	job, err := s.bank.StartImpact(c.Request().Context(), actorOf(c), trial)
	if err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, "/impact/"+job)
}

// trialOf reads what a form asks about.
func (s *Server) trialOf(c echo.Context) (t bank.ImpactTrial, err error) {
	values, err := c.FormParams()
	if err != nil {
		return t, unreadable(err)
	}
	var refs []transfer.RuleRef
	for _, id := range values["evaluation"] {
		e, err := s.bank.Evaluation(c.Request().Context(), actorOf(c), clean(id))
		if err != nil {
			return t, err
		}
		refs = append(refs, e.RuleRef)
	}
	switch c.FormValue("act") {
	case "suspend":
		t.Suspend = refs
	case "end":
		t.End = refs
		if t.LastDay, err = calendar.Parse(clean(c.FormValue("last_day"))); err != nil {
			return t, invalid(bank.FieldError{Field: "last_day", Value: clean(c.FormValue("last_day")), Code: "date"})
		}
	default:
		t.Publish = refs
	}
	if len(refs) == 0 {
		t.Policy, err = s.policyArgs(c)
	}
	return t, err
}

// policyArgs are the fields of a version of a policy or a cap that a form sends: those
// of its kind alone.
func (s *Server) policyArgs(c echo.Context) (map[string]string, error) {
	school, err := s.typedSchool(c)
	if err != nil {
		return nil, err
	}
	args := map[string]string{}
	for _, name := range bank.ProposalArgs("policy") {
		if value := clean(c.FormValue(name)); value != "" {
			args[name] = value
		}
	}
	if args["institution"] != "" {
		args["institution"] = school
	}
	return args, nil
}

// impactPage shows a preview.
func (s *Server) impactPage(c echo.Context) error { return s.showImpact(c, http.StatusOK, form{}) }

func (s *Server) showImpact(c echo.Context, status int, f form) error {
	p, err := s.newImpactPage(c)
	if err != nil {
		return err
	}
	p.Form = f
	return s.render(c, status, "impact", p)
}

func (s *Server) newImpactPage(c echo.Context) (p impactPage, err error) {
	ctx, actor, id := c.Request().Context(), actorOf(c), c.Param("job")
	p.Impact, err = s.bank.Impact(ctx, actor, id)
	if bank.CodeOf(err) == bank.NotFound { // it may be on its way
		j, jobErr := s.bank.Job(ctx, actor, id)
		if jobErr != nil || j.Kind != "impact" || j.State == bank.JobDone {
			return p, err
		}
		p.Job = s.jobView(c, j)
		return p, nil
	}
	if err != nil {
		return p, err
	}
	n, err := s.names(c)
	if err != nil {
		return p, err
	}
	p.Done = true
	p.May = actor.Is(bank.IsAdministrator) && len(p.Impact.Trial.Policy) > 0
	p.Looks = actor.Is(schoolStaff | bankStaff)
	p.tellTrial(n, s.speaker(c))
	p.tellNumbers(n)
	return p, nil
}

// tellTrial says what the question was.
func (p *impactPage) tellTrial(n *names, say Speaker) {
	t := p.Impact.Trial
	for _, of := range []struct {
		act  string
		refs []transfer.RuleRef
	}{{"publish", t.Publish}, {"suspend", t.Suspend}, {"end", t.End}} {
		for _, ref := range of.refs {
			p.Rules = append(p.Rules, trialRule{ref, of.act, evaluationAddress(bank.EvaluationID(ref))})
			p.Again = append(p.Again, sentField{"evaluation", bank.EvaluationID(ref)}, sentField{"act", of.act})
		}
	}
	if len(t.End) > 0 {
		p.Again = append(p.Again, sentField{"last_day", t.LastDay.String()})
	}
	for _, name := range bank.ProposalArgs("policy") {
		if value := t.Policy[name]; value != "" {
			p.Again = append(p.Again, sentField{name, value})
		}
	}
	if t.Version != nil {
		course := n.course(t.Version.CourseKey)
		p.Course = say.Name(course.Current.Name, course.Current.NameEn)
	}
	if len(t.Policy) > 0 {
		p.Given = proposalRow{Proposal: bank.Proposal{Args: t.Policy}}.Given()
		p.Place = placeInWords(n, say, t.Policy)
	}
}

// placeInWords says where a policy is in force.
func placeInWords(n *names, say Speaker, args map[string]string) string {
	in := n.institution(args["institution"])
	place := say.Name(in.Name, in.NameEn)
	if code := args["programme"]; code != "" {
		if head, known := n.snapshot.ProgrammeHead(transfer.ProgrammeKey{Institution: args["institution"], Code: code}); known {
			place += " · " + say.Name(head.Name, head.NameEn)
		}
		place += " " + code
	}
	return place
}

// tellNumbers makes the picture and the tables.
func (p *impactPage) tellNumbers(n *names) {
	most := 1
	for _, g := range p.Impact.Groups() {
		most = max(most, g.Count)
	}
	for _, g := range p.Impact.Groups() {
		p.Groups = append(p.Groups, newImpactGroup(g, most))
	}
	for _, m := range p.Impact.Most[:min(len(p.Impact.Most), impactRows)] {
		head, _ := n.snapshot.ProgrammeHead(m.ProgrammeKey)
		p.Most = append(p.Most, impactRow{m, head})
	}
	p.More = p.Impact.Moved - len(p.Most)
	for _, l := range p.Impact.Sample {
		head, _ := n.snapshot.ProgrammeHead(l.Programme)
		p.Sample = append(p.Sample, impactLearner{l, head})
	}
}

func newImpactGroup(g bank.ImpactGroup, most int) impactGroup {
	row := impactGroup{ImpactGroup: g, Long: g.Count * 100 / most, Key: "impact.group_same", Bar: "bar-same"}
	if g.Count > 0 {
		row.Long = max(row.Long, 1)
	}
	which := map[int]string{-1: "lose", 1: "gain"}[g.Sign]
	if g.Sign == 0 {
		return row
	}
	row.Bar = map[int]string{-1: "bar-loss", 1: "bar-gain"}[g.Sign]
	switch {
	case g.Below == 0:
		row.Key = "impact.group_" + which + "_more"
	case g.Least == 0:
		row.Key = "impact.group_" + which + "_less"
	default:
		row.Key = "impact.group_" + which
	}
	return row
}

// impactLook is one learner of a sample, with both plans.
type impactLook struct {
	bank.ImpactLook
	Job           string
	Head          bank.ProgrammeInfo
	Page          string // of the learner, at the desk of whoever looks
	Without, With []lookItem
}

// lookItem is an equivalence that a plan uses, and what it gives.
type lookItem struct {
	transfer.Item
	Page string
	Only bool // the other plan does not use it
}

// itemsBeside are the items of a plan, marked where the other plan has none of them.
func itemsBeside(items, other []transfer.Item) []lookItem {
	var list []lookItem
	for _, item := range items {
		only := !slices.ContainsFunc(other, func(o transfer.Item) bool { return o.Rule == item.Rule })
		list = append(list, lookItem{item, equivalenceAddress(item.Rule.Code), only})
	}
	return list
}

// lookAtImpact shows a learner of the sample: the look is noted.
func (s *Server) lookAtImpact(c echo.Context) error {
	number, _ := strconv.Atoi(c.FormValue("n")) // what is no number is nobody's
	look, err := s.bank.LookAtImpact(c.Request().Context(), actorOf(c), c.Param("job"), number)
	if err != nil {
		return err
	}
	v := impactLook{ImpactLook: look, Job: c.Param("job"), Page: "/school/learners/" + url.PathEscape(look.Whole)}
	if actorOf(c).Is(bankStaff) {
		v.Page = "/admin/learners/" + url.PathEscape(look.Whole)
	}
	v.Head, _ = look.Snapshot.ProgrammeHead(look.Programme)
	v.Without, v.With = itemsBeside(look.Before.Items, look.After.Items), itemsBeside(look.After.Items, look.Before.Items)
	return s.render(c, http.StatusOK, "impact_look", v)
}

// lastImpact is the last preview of a version since it was last changed, which goes
// with a decision; without a Job there is none, or it is not for the person.
func (s *Server) lastImpact(c echo.Context, e bank.Evaluation) (bank.Impact, error) {
	var changed time.Time
	for _, step := range e.History {
		if step.Action == "save" || step.Action == "answer" {
			changed = step.At
		}
	}
	ctx := c.Request().Context()
	job, err := s.bank.LastImpact(ctx, e.RuleRef, changed)
	if err != nil || job == "" {
		return bank.Impact{}, err
	}
	in, err := s.bank.Impact(ctx, actorOf(c), job)
	if bank.CodeOf(err) == bank.NotFound {
		return bank.Impact{}, nil
	}
	return in, err
}
