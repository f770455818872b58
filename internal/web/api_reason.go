package web

import (
	"creditbank/internal/credit"
	"creditbank/internal/transfer"
)

// AnswerReason says why, as a code with the values that were compared and as a
// sentence. Which values there are depends on the code.
type AnswerReason struct {
	Code        string          `json:"code"`
	Message     string          `json:"message"`
	Equivalence string          `json:"equivalence,omitempty"`
	Version     int             `json:"version,omitempty"`
	Via         []AnswerRule    `json:"via,omitempty"`
	Outcome     string          `json:"outcome,omitempty"` // of the equivalence, when it gives no credit
	Needed      string          `json:"needed,omitempty"`
	Got         string          `json:"got,omitempty"`
	GotGrade    string          `json:"got_grade,omitempty"` // as it was reported
	Missing     []AnswerMissing `json:"missing,omitempty"`
	CompletedOn string          `json:"completed_on,omitempty"`
	ValidUntil  string          `json:"valid_until,omitempty"`
	ValidFrom   string          `json:"valid_from,omitempty"`
	ValidTo     string          `json:"valid_to,omitempty"`
	Cap         *AnswerCap      `json:"cap,omitempty"`
	Course      string          `json:"course,omitempty"`
	Group       string          `json:"group,omitempty"`
	FromLevel   int             `json:"from_level,omitempty"`
	ToLevel     int             `json:"to_level,omitempty"`
	BridgeLevel int             `json:"bridge_level,omitempty"`
	Reasons     []string        `json:"reasons,omitempty"` // codes of a refusal
	Note        string          `json:"note,omitempty"`
	Since       string          `json:"since,omitempty"`
	Holder      string          `json:"holder,omitempty"` // institution whose turn it is
	By          string          `json:"by,omitempty"`     // the chosen equivalence, or the programme that used the record
}

// AnswerCourse names a course.
type AnswerCourse struct {
	Institution string `json:"institution"`
	Course      string `json:"course"`
	Name        string `json:"name"`
	NameEn      string `json:"name_en,omitempty"`
}

// AnswerMissing is a course that a set lacks. Reason is what stands against the
// nearest result in it; nil: there is no result in it.
type AnswerMissing struct {
	AnswerCourse
	Reason *AnswerReason `json:"reason,omitempty"`
}

// AnswerCap is a cap that stood in the way: its limit, what the plan takes of it
// and what the equivalence would add.
type AnswerCap struct {
	Cap   string        `json:"cap"`
	Key   string        `json:"key,omitempty"`
	Limit credit.Amount `json:"limit"`
	Taken credit.Amount `json:"taken"`
	Adds  credit.Amount `json:"adds"`
}

// reason is a reason with the details of its code; details of other codes are
// not set by the engine and mean nothing.
func (n *narrator) reason(r transfer.Reason) AnswerReason {
	out := AnswerReason{Code: string(r.Code), Message: n.sentence(r), Equivalence: r.Rule.Code, Version: r.Rule.Version,
		Via: answerRules(r.Via), Outcome: string(r.Outcome), Course: r.Course, Group: r.Group}
	switch r.Code {
	case transfer.GradeBelow, transfer.GradeAbove:
		out.Needed, out.Got, out.GotGrade = score(r.Needed), score(r.Got), r.GotGrade
	case transfer.NotPassed:
		out.Got, out.GotGrade = score(r.Got), r.GotGrade
	case transfer.IncompleteSet:
		out.Missing = n.lacking(r.Missing)
	case transfer.Expired:
		out.CompletedOn, out.ValidUntil = r.Completed.String(), r.Until.String()
	case transfer.OutsideWindow:
		out.CompletedOn, out.ValidFrom, out.ValidTo = r.Completed.String(), r.From.String(), r.To.String()
	case transfer.CapReached:
		out.Cap = &AnswerCap{Cap: string(r.Cap.Kind), Key: r.Cap.Key, Limit: r.Cap.Limit, Taken: r.Cap.Taken, Adds: r.Cap.Adds}
	case transfer.LevelGate:
		out.FromLevel, out.ToLevel, out.BridgeLevel = r.FromLevel, r.ToLevel, r.Bridge
	case transfer.RefusedCode:
		out.Reasons, out.Note = r.Codes, r.Note
	case transfer.PendingCode:
		out.Since, out.Holder = r.Since.String(), r.Holder
	case transfer.BetterElsewhere:
		out.By = r.Other.Code
	case transfer.AlreadyUsed:
		out.By = r.By
	}
	return out
}

func (n *narrator) lacking(sources []transfer.MissingSource) []AnswerMissing {
	var list []AnswerMissing
	for _, m := range sources {
		c, _ := n.snapshot.CourseHead(m.CourseKey, latest)
		missing := AnswerMissing{AnswerCourse: AnswerCourse{Institution: m.Institution, Course: m.Code, Name: c.Current.Name, NameEn: c.Current.NameEn}}
		if m.Why != nil {
			why := n.reason(*m.Why)
			missing.Reason = &why
		}
		list = append(list, missing)
	}
	return list
}
