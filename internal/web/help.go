package web

import (
	"creditbank/internal/bank"
	"creditbank/internal/credit"
	"creditbank/internal/transfer"
)

// AnswerHelp is a change of the results that would gain credits: a better grade,
// a result renewed, a course or two more.
type AnswerHelp struct {
	Kind    string `json:"kind"`
	Message string `json:"message"`
	AnswerRule
	Via              []AnswerRule   `json:"via,omitempty"`
	Changes          []AnswerChange `json:"changes"`
	Applied          credit.Amount  `json:"applied"` // with the change
	Transferable     credit.Amount  `json:"transferable"`
	MoreApplied      credit.Amount  `json:"more_applied"` // than without
	MoreTransferable credit.Amount  `json:"more_transferable"`
}

// AnswerChange is one result that would be other than it is. Index is the place
// in the question of the one that it replaces; nil: it is a further one.
type AnswerChange struct {
	AnswerCourse
	Index    *int   `json:"index,omitempty"`
	Needed   string `json:"needed,omitempty"` // the lowest score that serves; empty: a pass
	Got      string `json:"got,omitempty"`
	GotGrade string `json:"got_grade,omitempty"` // as it was reported
}

// HelpSentence says what would help in one sentence, with what it gains.
func HelpSentence(say Speaker, a bank.PlanAnswer, h transfer.Help) string {
	n := narrator{say: say, snapshot: a.Snapshot, programme: a.Programme}
	return n.helpSentence(h, a.Records)
}

// helpSentence names the changes and the gain.
func (n *narrator) helpSentence(h transfer.Help, records []transfer.Record) string {
	change := n.change(h.Changes[0], records)
	if len(h.Changes) > 1 {
		change = n.say.Say("help.and", map[string]any{"First": change, "Second": n.change(h.Changes[1], records)})
	}
	args := map[string]any{"Change": change, "Applied": h.MoreApplied, "Transferable": h.MoreTransferable}
	if h.MoreApplied == 0 {
		return n.say.Say("help.transferable", args)
	}
	return n.say.Say("help.applied", args)
}

// change is what is to be done about one result.
func (n *narrator) change(c transfer.Improvement, records []transfer.Record) string {
	course, _ := n.snapshot.CourseHead(c.CourseKey, latest)
	args := map[string]any{"Course": n.say.Name(course.Current.Name, course.Current.NameEn), "Institution": n.institutionName(c.Institution),
		"Needed": score(c.Needed), "Got": score(c.Had), "Grade": gradeInWords(c.HadGrade, c.Had)}
	switch {
	case c.Record >= 0 && c.Result.Score == c.Had:
		args["CompletedOn"] = Date(n.say, records[c.Record].Completed)
		return n.say.Say("help.refresh", args)
	case c.Record >= 0:
		return n.say.Say("help.grade", args)
	case c.Result.Kind == transfer.KindCourse:
		return n.say.Say("help.course", args)
	}
	return n.say.Say("help.result", args)
}

// help is a help as programs get it.
func (n *narrator) help(h transfer.Help, records []transfer.Record) AnswerHelp {
	out := AnswerHelp{Kind: string(h.Kind), Message: n.helpSentence(h, records), AnswerRule: answerRule(h.Rule), Via: answerRules(h.Via),
		Changes: make([]AnswerChange, len(h.Changes)), Applied: h.Applied, Transferable: h.Transferable,
		MoreApplied: h.MoreApplied, MoreTransferable: h.MoreTransferable}
	for i, c := range h.Changes {
		course, _ := n.snapshot.CourseHead(c.CourseKey, latest)
		change := AnswerChange{AnswerCourse: AnswerCourse{Institution: c.Institution, Course: c.Code, Name: course.Current.Name, NameEn: course.Current.NameEn},
			Needed: score(c.Needed), Got: score(c.Had), GotGrade: c.HadGrade}
		if c.Record >= 0 {
			change.Index = &h.Changes[i].Record
		}
		out.Changes[i] = change
	}
	return out
}
