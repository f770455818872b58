package web

import (
	"bytes"
	"fmt"

	"creditbank/internal/bank"
	"creditbank/internal/calendar"
	"creditbank/internal/credit"
	"creditbank/internal/transfer"
)

// PlanAnswer is the engine's answer for one programme as programs get it.
// Credits and grades are decimal strings, dates 2026-09-01.
type PlanAnswer struct {
	AsOf         string              `json:"as_of"`
	Programme    AnswerProgramme     `json:"programme"`
	Required     credit.Amount       `json:"required"`
	Earned       credit.Amount       `json:"earned"`
	Applied      credit.Amount       `json:"applied"`
	Transferable credit.Amount       `json:"transferable"`
	Missing      credit.Amount       `json:"missing"`
	Optimal      bool                `json:"optimal"`
	Bound        *AnswerBound        `json:"bound,omitempty"` // proven limits, when not optimal
	Groups       []AnswerGroup       `json:"groups"`
	Items        []AnswerItem        `json:"items"`
	Records      []AnswerRecord      `json:"records"`
	NotChosen    []AnswerAlternative `json:"not_chosen"`
	Help         []AnswerHelp        `json:"help"` // what would gain most
}

// AnswerProgramme names a programme.
type AnswerProgramme struct {
	Institution       string `json:"institution"`
	InstitutionName   string `json:"institution_name"`
	InstitutionNameEn string `json:"institution_name_en,omitempty"`
	Code              string `json:"code"`
	Name              string `json:"name"`
	NameEn            string `json:"name_en,omitempty"`
}

// AnswerBound is what no plan can exceed.
type AnswerBound struct {
	Applied      credit.Amount `json:"applied"`
	Transferable credit.Amount `json:"transferable"`
}

// AnswerGroup is the state of one requirement group.
type AnswerGroup struct {
	Code       string        `json:"code"`
	Name       string        `json:"name"`
	MinCredits credit.Amount `json:"min_credits"`
	Earned     credit.Amount `json:"earned"`
	Applied    credit.Amount `json:"applied"`
	Missing    credit.Amount `json:"missing"`
}

// AnswerRule names a version of an equivalence.
type AnswerRule struct {
	Equivalence string `json:"equivalence"`
	Version     int    `json:"version"`
}

// AnswerItem is an equivalence of the plan. Records are positions in the question.
type AnswerItem struct {
	AnswerRule
	Agreement string         `json:"agreement,omitempty"` // that keeps the rule for the learner, though it no longer serves others
	Via       []AnswerRule   `json:"via,omitempty"`       // through standard units
	Records   []int          `json:"records"`
	Credits   credit.Amount  `json:"credits"`
	Targets   []AnswerTarget `json:"targets"`
}

// AnswerTarget is what an item awards: a course, or unassigned credit of a group.
type AnswerTarget struct {
	Course    string        `json:"course,omitempty"`
	Name      string        `json:"name,omitempty"`
	NameEn    string        `json:"name_en,omitempty"`
	Group     string        `json:"group,omitempty"`
	Credits   credit.Amount `json:"credits"`
	Exemption bool          `json:"exemption"`
}

// AnswerRecord is what became of a record, with its reasons, the nearest to success first.
type AnswerRecord struct {
	Index        int            `json:"index"`
	Reference    string         `json:"reference,omitempty"` // of a result that the bank keeps
	Institution  string         `json:"institution"`
	Course       string         `json:"course"`
	CourseName   string         `json:"course_name,omitempty"`
	CourseNameEn string         `json:"course_name_en,omitempty"`
	Kind         string         `json:"kind"`
	Grade        string         `json:"grade,omitempty"` // as it was reported
	CompletedOn  string         `json:"completed_on"`
	State        string         `json:"state"`
	Equivalence  string         `json:"equivalence,omitempty"`
	Version      int            `json:"version,omitempty"`
	Group        string         `json:"group,omitempty"`
	Reasons      []AnswerReason `json:"reasons,omitempty"`
}

// AnswerAlternative is a satisfied equivalence outside the plan.
type AnswerAlternative struct {
	AnswerRule
	Via    []AnswerRule `json:"via,omitempty"`
	Reason AnswerReason `json:"reason"`
}

// RankingAnswer is the engine's answer for many programmes, best first.
type RankingAnswer struct {
	AsOf       string        `json:"as_of"`
	Items      []RankingItem `json:"items"`
	Programmes int           `json:"programmes"` // in the whole ranking
	Next       string        `json:"next"`       // cursor of what follows, empty at the end
}

// RankingItem is what the records are worth in one programme.
type RankingItem struct {
	Programme    AnswerProgramme `json:"programme"`
	Required     credit.Amount   `json:"required"`
	Applied      credit.Amount   `json:"applied"`
	Transferable credit.Amount   `json:"transferable"`
	Optimal      bool            `json:"optimal"`
}

// NewPlanAnswer words an answer of the bank; sentences are in the speaker's language.
func NewPlanAnswer(say Speaker, a bank.PlanAnswer) PlanAnswer {
	n := &narrator{say: say, snapshot: a.Snapshot, programme: a.Programme}
	out := PlanAnswer{
		AsOf: a.AsOf.String(), Programme: answerProgramme(a.Snapshot, a.Programme),
		Required: a.Required, Earned: a.Earned, Applied: a.Applied, Transferable: a.Transferable, Missing: a.Missing, Optimal: a.Optimal,
		Groups: make([]AnswerGroup, len(a.Groups)), Items: make([]AnswerItem, len(a.Items)),
		Records: make([]AnswerRecord, len(a.Answer.Records)), NotChosen: make([]AnswerAlternative, len(a.NotChosen)),
		Help: make([]AnswerHelp, len(a.Help)),
	}
	if !a.Optimal {
		out.Bound = &AnswerBound{Applied: a.BoundApplied, Transferable: a.BoundTotal}
	}
	for i, g := range a.Groups {
		out.Groups[i] = AnswerGroup{Code: g.Code, Name: n.groupName(g.Code), MinCredits: g.Min, Earned: g.Earned, Applied: g.Applied, Missing: g.Missing}
	}
	for i, item := range a.Items {
		out.Items[i] = n.item(item, a.AsOf)
		out.Items[i].Agreement = a.Promised[item.Rule]
	}
	for i, r := range a.Answer.Records {
		out.Records[i] = n.record(i, r, a)
	}
	for i, left := range a.NotChosen {
		out.NotChosen[i] = AnswerAlternative{AnswerRule: answerRule(left.Rule), Via: answerRules(left.Via), Reason: n.reason(left.Reason)}
	}
	for i, h := range a.Help {
		out.Help[i] = n.help(h, a.Records)
	}
	return out
}

// NewRanking words a ranking of the bank.
func NewRanking(_ Speaker, r bank.Ranking) RankingAnswer {
	out := RankingAnswer{AsOf: r.AsOf.String(), Items: make([]RankingItem, len(r.Items)), Programmes: r.Total, Next: r.Next}
	for i, s := range r.Items {
		out.Items[i] = RankingItem{Programme: answerProgramme(r.Snapshot, s.Programme), Required: s.Required, Applied: s.Applied,
			Transferable: s.Transferable, Optimal: s.Optimal}
	}
	return out
}

func answerProgramme(s *bank.Snapshot, k transfer.ProgrammeKey) AnswerProgramme {
	p, _ := s.ProgrammeHead(k)
	return AnswerProgramme{Institution: k.Institution, InstitutionName: p.InstitutionName, InstitutionNameEn: p.InstitutionNameEn,
		Code: k.Code, Name: p.Name, NameEn: p.NameEn}
}

func answerRule(r transfer.RuleRef) AnswerRule {
	return AnswerRule{Equivalence: r.Code, Version: r.Version}
}

func answerRules(refs []transfer.RuleRef) []AnswerRule {
	var rules []AnswerRule
	for _, r := range refs {
		rules = append(rules, answerRule(r))
	}
	return rules
}

func (n *narrator) item(i transfer.Item, asOf calendar.Day) AnswerItem {
	out := AnswerItem{AnswerRule: answerRule(i.Rule), Via: answerRules(i.Via), Records: i.Records, Credits: i.Credits, Targets: make([]AnswerTarget, len(i.Awards))}
	for k, a := range i.Awards {
		course, _ := n.snapshot.CourseHead(transfer.CourseKey{Institution: n.programme.Institution, Code: a.Course}, asOf)
		out.Targets[k] = AnswerTarget{Course: a.Course, Name: course.Current.Name, NameEn: course.Current.NameEn, Group: a.Group,
			Credits: a.Credits, Exemption: a.Exemption}
	}
	return out
}

func (n *narrator) record(index int, r transfer.RecordAnswer, a bank.PlanAnswer) AnswerRecord {
	given := a.Records[index]
	course, _ := n.snapshot.CourseHead(given.CourseKey, latest)
	out := AnswerRecord{Index: index, Institution: given.Institution, Course: given.Code, CourseName: course.Current.Name, CourseNameEn: course.Current.NameEn,
		Kind: given.Kind, Grade: given.Grade, CompletedOn: given.Completed.String(),
		State: string(r.State), Equivalence: r.Rule.Code, Version: r.Rule.Version, Group: r.Group}
	if index < len(a.References) {
		out.Reference = a.References[index]
	}
	for _, reason := range r.Reasons {
		out.Reasons = append(out.Reasons, n.reason(reason))
	}
	return out
}

// encodeJSON is a value as answers and the command line print it.
func encodeJSON(v any) ([]byte, error) {
	var out bytes.Buffer
	if err := writeJSON(&out, v); err != nil {
		return nil, fmt.Errorf("encode: %w", err)
	}
	return out.Bytes(), nil
}
