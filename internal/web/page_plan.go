package web

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"creditbank/internal/bank"
	"creditbank/internal/credit"
	"creditbank/internal/transfer"
)

// planPage is what results are worth in one programme, and why.
type planPage struct {
	bank.PlanAnswer
	Programme   bank.ProgrammeInfo
	Institution bank.InstitutionInfo
	Bar         bar
	Groups      []planGroup
	Items       []planItem
	Results     []planRecord
	Counted     int // results that count
	Left        int // results that do not
	NotChosen   []planRule
	Helps       []planHelp
	Carried     []string
	RankURL     string // back to all programmes
	EditURL     string // back to the list of results
	ProgrammeID string
	Page        string // where the day is changed
}

// planGroup is one requirement group with how far it is met.
type planGroup struct {
	transfer.GroupAnswer
	Name string
	Bar  bar
}

// planItem is one equivalence of the plan: what it takes and what it gives.
type planItem struct {
	transfer.Item
	URL     string
	Sources []planSource
	Awards  []planAward
	Kept    string // address of the agreement that keeps the rule for the learner; empty: it serves everybody
}

// planSource is a result that an item takes.
type planSource struct {
	Course bank.CourseInfo
	Grade  string
}

// planAward is what an item gives.
type planAward struct {
	transfer.Award
	CourseInfo bank.CourseInfo // of a course
	URL        string
	GroupName  string
}

// planRecord is one result with what became of it.
type planRecord struct {
	Course  bank.CourseInfo
	URL     string
	Given   bank.CheckRecord
	Grade   string // as it was given, with its score when it is a word
	State   transfer.State
	Reasons []planReason
	Steps   []planStep
}

// Counts says whether the result fills a requirement or is taken by the plan.
func (r planRecord) Counts() bool { return r.State == transfer.Matched || r.State == transfer.Earned }

// planReason is a reason in words, and the equivalence it speaks of.
type planReason struct {
	Text string
	Rule transfer.RuleRef
	URL  string // empty: no equivalence
}

// planRule is an equivalence that is satisfied and yet not in the plan.
type planRule struct {
	Rule   transfer.RuleRef
	URL    string
	Reason string
}

// plan shows what the results are worth in one programme.
func (s *Server) plan(c echo.Context) error {
	q := readCheckQuery(c.QueryParams())
	if len(q.Records) == 0 {
		return c.Redirect(http.StatusSeeOther, "/")
	}
	n, err := s.names(c)
	if err != nil {
		return err
	}
	to := programmeNamed(n.snapshot, q.values.Get(paramTo))
	answer, err := s.bank.Plan(c.Request().Context(), bank.CheckInput{Records: q.Records, AsOf: q.AsOf, To: to})
	if bank.CodeOf(err) == bank.Invalid {
		return s.homeRefused(c, q, err)
	}
	if err != nil {
		return err
	}
	view, err := newPlanPage(answer, q, newNames(answer.Snapshot, n.today), s.speaker(c))
	if err != nil {
		return err
	}
	return s.render(c, http.StatusOK, "plan", view)
}

// programmeNamed reads INSTITUTION:PROGRAMME. Either may hold a colon: the
// programme that is there is meant.
func programmeNamed(s *bank.Snapshot, id string) transfer.ProgrammeKey {
	var first transfer.ProgrammeKey
	for i, split := range splits(id) {
		k := transfer.ProgrammeKey(split)
		if _, known := s.ProgrammeHead(k); known {
			return k
		}
		if i == 0 {
			first = k
		}
	}
	if first == (transfer.ProgrammeKey{}) {
		first.Institution = id
	}
	return first
}

func newPlanPage(a bank.PlanAnswer, q checkQuery, n *names, say Speaker) (planPage, error) {
	k := a.Answer.Programme
	programme, err := a.Snapshot.Programme(k, n.today)
	if err != nil {
		return planPage{}, err
	}
	v := planPage{PlanAnswer: a, Programme: programme, Institution: n.institution(k.Institution), ProgrammeID: k.Institution + ":" + k.Code,
		Bar:  newBar(a.Required, a.Earned, a.Applied, a.Transferable),
		Page: q.planPage(), Carried: q.carried()[paramRecord], RankURL: address(q.rankPage(), q.carried()), EditURL: address(q.rankPage(), q.carried(), paramTo, k.Institution+":"+k.Code) + "#list"}
	for _, g := range a.Groups {
		v.Groups = append(v.Groups, planGroup{g, a.Snapshot.GroupName(k, g.Code), newBar(g.Min, min(g.Earned, g.Min), g.Applied, g.Applied)})
	}
	for _, item := range a.Items {
		v.Items = append(v.Items, newPlanItem(item, a, q, n, say))
	}
	for _, r := range a.NotChosen {
		v.NotChosen = append(v.NotChosen, planRule{r.Rule, ruleAddress(r.Rule), ReasonSentence(say, a.Snapshot, k, r.Reason)})
	}
	v.addRecords(q, n, say)
	v.Helps = v.helps(q, say)
	return v, nil
}

func (v *planPage) addRecords(q checkQuery, n *names, say Speaker) {
	for i := range v.Answer.Records {
		r := v.record(i, q, n, say)
		v.Results = append(v.Results, r)
		if r.Counts() {
			v.Counted++
		} else {
			v.Left++
		}
	}
}

func newPlanItem(item transfer.Item, a bank.PlanAnswer, q checkQuery, n *names, say Speaker) planItem {
	v := planItem{Item: item, URL: ruleAddress(item.Rule)}
	if by := a.Promised[item.Rule]; by != "" {
		v.Kept = agreementAddress(by)
	}
	for _, i := range item.Records {
		v.Sources = append(v.Sources, planSource{n.course(a.Records[i].CourseKey), gradeText(say, q.Records[i].Grade, a.Records[i].Score)})
	}
	for _, award := range item.Awards {
		given := planAward{Award: award, GroupName: a.Snapshot.GroupName(a.Answer.Programme, award.Group)}
		if award.Course != "" {
			key := transfer.CourseKey{Institution: a.Answer.Programme.Institution, Code: award.Course}
			given.CourseInfo, given.URL = n.course(key), courseAddress(key)
		}
		v.Awards = append(v.Awards, given)
	}
	return v
}

// record is what became of the i-th result.
func (v *planPage) record(i int, q checkQuery, n *names, say Speaker) planRecord {
	answer := v.Answer.Records[i]
	k := v.Records[i].CourseKey
	r := planRecord{Course: n.course(k), URL: courseAddress(k), Given: q.Records[i], State: answer.State,
		Grade: gradeText(say, q.Records[i].Grade, v.Records[i].Score)}
	for _, reason := range answer.Reasons {
		text := planReason{Text: ReasonSentence(say, v.Snapshot, v.Answer.Programme, reason), Rule: reason.Rule}
		if reason.Rule.Code != "" {
			text.URL = ruleAddress(reason.Rule)
		}
		r.Reasons = append(r.Reasons, text)
	}
	if len(answer.Reasons) > 0 {
		r.Steps = v.steps(i, answer.Reasons[0], q, n, say)
	}
	return r
}

// ruleAddress leads to one version of an equivalence.
func ruleAddress(r transfer.RuleRef) string {
	return address(equivalenceAddress(r.Code), nil, "version", versionText(r.Version))
}

// gradeText is a grade as it was given; beside a word stands the score by which
// it is compared.
func gradeText(say Speaker, given string, score credit.Score) string {
	if given == "" || score == transfer.NoScore || isScore(given) {
		return given
	}
	return say.Say("plan.grade_word", map[string]any{"Grade": given, "Score": score.String()})
}
