package web

import (
	"fmt"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"creditbank/internal/bank"
	"creditbank/internal/transfer"
)

// priorRow is a recognition of prior learning in a list.
type priorRow struct {
	bank.PriorLearning
	CourseInfo  bank.CourseInfo
	Programme   bank.ProgrammeInfo
	Institution bank.InstitutionInfo
	URL         string
}

func newPriorRow(p bank.PriorLearning, page string, n *names) priorRow {
	r := priorRow{PriorLearning: p, Institution: n.institution(p.To.Institution), URL: page + "/" + p.ID}
	r.CourseInfo = n.course(transfer.CourseKey{Institution: p.To.Institution, Code: p.Course})
	r.Programme, _ = n.snapshot.ProgrammeHead(p.To)
	return r
}

// cells are those of the list "priors".
func (r priorRow) cells(say Speaker) []string {
	course := r.CourseInfo.Current
	return []string{r.ID, r.Course, say.Name(course.Name, course.NameEn), r.To.Code, say.Name(r.Programme.Name, r.Programme.NameEn), say.Name(r.Institution.Name, r.Institution.NameEn),
		r.Name, r.Credits.String(), say.Say("prior.state."+r.State, nil), momentText(r.Submitted), r.Due.String()}
}

// priorView is one recognition as the learner or staff see it.
type priorView struct {
	desk // of staff
	priorRow
	Judged    *bank.PriorJudgement // what is shown of the outcomes; nil: nothing yet
	Decisions []priorDecision
	Assessors []bank.Expert // who can be asked
	Asked     string        // what the one who judges is called
	By        []string      // of all judgements: what those who judged are called
}

// priorDecision is a decision with the outcomes that it found lacking.
type priorDecision struct {
	bank.PriorDecision
	Lack []bank.PriorOutcome
}

// Can says whether the person may do something with it.
func (v priorView) Can(action string) bool { return slices.Contains(v.May, action) }

// Reasons lists the codes of reasons, SeenBy how somebody can be seen beside the portfolio.
func (v priorView) Reasons() []string { return bank.ReasonCodes() }
func (v priorView) SeenBy() []string  { return bank.PriorSeenBy() }

// Undecided says whether somebody still has to judge or decide.
func (v priorView) Undecided() bool {
	return v.State == bank.PriorSubmitted || v.State == bank.PriorAssigned || v.State == bank.PriorAssessed
}

// Lacking are the outcomes of the judgement at hand of which less than half is met.
func (v priorView) Lacking() []bank.PriorOutcome {
	if v.Judged == nil {
		return nil
	}
	return v.outcomes(v.Judged.Lacking())
}

func (v priorView) outcomes(numbers []int) (list []bank.PriorOutcome) {
	for _, n := range numbers {
		if n <= len(v.Outcomes) {
			list = append(list, v.Outcomes[n-1])
		}
	}
	return list
}

// Percent is how far an outcome is met, Note what the assessor says to it.
func (v priorView) Percent(outcome int) int { return v.Judged.Percents[outcome-1] }
func (v priorView) Note(outcome int) string { return v.Judged.Notes[outcome-1] }

// priorMet is the word for how far an outcome is met.
func priorMet(percent int) string {
	switch {
	case percent >= 100:
		return "full"
	case percent >= bank.PriorHalf:
		return "half"
	}
	return "less"
}

// Met is the word for how far an outcome is met.
func (v priorView) Met(outcome int) string { return priorMet(v.Percent(outcome)) }

// newPriorView reads a recognition with all names.
func (s *Server) newPriorView(c echo.Context, page string) (v priorView, err error) {
	p, err := s.bank.PriorLearning(c.Request().Context(), actorOf(c), c.Param("prior"))
	if err != nil {
		return v, err
	}
	n, err := s.names(c)
	if err != nil {
		return v, err
	}
	v.priorRow = newPriorRow(p, page, n)
	for _, d := range p.Decisions {
		v.Decisions = append(v.Decisions, priorDecision{d, v.outcomes(d.Lacking)})
	}
	return v, nil
}

// shows lets the outcomes be seen with the last judgement of those up to a round.
func (v *priorView) shows(round int) {
	for i := range v.Judgements {
		if j := &v.Judgements[i]; !j.Made.IsZero() && j.Round <= round {
			v.Judged = j
		}
	}
}

// priorField is the name in a form of what the bank calls outcomes[0].can, percents[1] or
// reasons[0].
func priorField(field string) string {
	var n int
	var part string
	if _, err := fmt.Sscanf(field, "outcomes[%d].%s", &n, &part); err == nil {
		return fmt.Sprintf("%s-%d", part, n+1)
	}
	for _, list := range []string{"percents", "notes"} {
		if _, err := fmt.Sscanf(field, list+"[%d]", &n); err == nil {
			return fmt.Sprintf("%s-%d", strings.TrimSuffix(list, "s"), n+1)
		}
	}
	if strings.HasPrefix(field, "reasons[") {
		return "reasons"
	}
	return field
}

// priorFields are the fields of the outcomes in the order of the page.
func priorFields(outcomes int, parts ...string) (fields []string) {
	for i := range outcomes {
		for _, part := range parts {
			fields = append(fields, fmt.Sprintf("%s-%d", part, i+1))
		}
	}
	return fields
}
