package web

import (
	"fmt"
	"math"
	"strings"
	"time"

	"creditbank/internal/bank"
	"creditbank/internal/calendar"
	"creditbank/internal/credit"
	"creditbank/internal/transfer"
)

// Date is a day as people write it: 2026年9月1日, 1 Sep 2026. It is empty when
// none was given.
func Date(say Speaker, day calendar.Day) string {
	if day == calendar.None {
		return ""
	}
	y, m, d := day.Date()
	if say.Chinese() {
		return fmt.Sprintf("%d年%d月%d日", y, m, d)
	}
	return time.Date(y, m, d, 0, 0, 0, 0, time.UTC).Format("2 Jan 2006")
}

// Month is the month of a day without its year: 9月, September.
func Month(say Speaker, day calendar.Day) string {
	_, m, _ := day.Date()
	if say.Chinese() {
		return fmt.Sprintf("%d月", m)
	}
	return m.String()
}

// Moment is an instant as people write it, to the minute, by the bank's clock. It
// is empty for the zero one.
func Moment(say Speaker, at time.Time) string {
	if at.IsZero() {
		return ""
	}
	return Date(say, calendar.Of(at)) + " " + calendar.Clock(at)
}

// ReasonSentence is a reason of the engine as one sentence, with the names by
// which people know what it speaks of. The programme is the one that was asked for.
func ReasonSentence(say Speaker, s *bank.Snapshot, programme transfer.ProgrammeKey, r transfer.Reason) string {
	n := narrator{say: say, snapshot: s, programme: programme}
	return n.sentence(r)
}

// narrator words the reasons of one answer.
type narrator struct {
	say       Speaker
	snapshot  *bank.Snapshot
	programme transfer.ProgrammeKey
}

// latest is a day after every version of a course: names are those of the last.
const latest calendar.Day = math.MaxInt32

// sentence fills "reason."+code, or the variant of it that fits.
func (n *narrator) sentence(r transfer.Reason) string {
	args := n.args(r)
	if r.Missed() {
		args["Condition"] = n.say.Say(lackKey(r), args)
	}
	return n.say.Say(reasonKey(r), args)
}

// args are the values that the sentence of a reason may name.
func (n *narrator) args(r transfer.Reason) map[string]any {
	args := map[string]any{
		"Equivalence": r.Rule.Code, "Version": r.Rule.Version, "Other": r.Other.Code, "Outcome": string(r.Outcome),
		"Needed": score(r.Needed), "Got": score(r.Got), "Grade": gradeInWords(r.GotGrade, r.Got), "Missing": n.missing(r.Missing),
		"CompletedOn": Date(n.say, r.Completed), "ValidUntil": Date(n.say, r.Until), "From": Date(n.say, r.From), "To": Date(n.say, r.To),
		"Course": r.Course, "CourseName": n.courseName(r.Course), "Group": r.Group, "GroupName": n.groupName(r.Group),
		"FromLevel": r.FromLevel, "ToLevel": r.ToLevel, "BridgeLevel": r.Bridge,
		"Codes": n.refusals(r.Codes), "Note": r.Note, "Since": Date(n.say, r.Since), "Holder": n.institutionName(r.Holder), "By": n.programmeName(r.By),
	}
	if r.Cap != nil {
		args["Cap"], args["CapKey"] = string(r.Cap.Kind), n.capKey(r.Cap)
		args["Limit"], args["Taken"], args["Adds"] = r.Cap.Limit.String(), r.Cap.Taken.String(), r.Cap.Adds.String()
	}
	return args
}

// reasonKey is the key of a reason's sentence.
func reasonKey(r transfer.Reason) string {
	key := "reason." + string(r.Code)
	switch {
	case r.Missed():
		return "reason.missed"
	case r.Code == transfer.BetterElsewhere && r.Attempt:
		return "reason.better_attempt"
	case r.Code == transfer.BetterElsewhere && r.Other == r.Rule:
		return "reason.better_way"
	case ungraded(r):
		return key + "_none"
	case r.Code == transfer.NoGain && r.Course != "":
		return key + "_held"
	case r.Code == transfer.RefusedCode && r.Note != "":
		return key + "_note"
	}
	return key
}

// ungraded says whether a grade was asked for and none was given.
func ungraded(r transfer.Reason) bool {
	return (r.Code == transfer.GradeBelow || r.Code == transfer.GradeAbove) && r.Got == transfer.NoScore
}

// lackKey is the key of a reason as part of a sentence: what keeps a result from
// what is asked of it.
func lackKey(r transfer.Reason) string {
	key := "lack." + string(r.Code)
	if ungraded(r) {
		return key + "_none"
	}
	return key
}

// gradeInWords is a grade as it was reported, unless that is the number of points itself.
func gradeInWords(grade string, points credit.Score) string {
	if number, err := credit.ParseScore(grade); err == nil && number == points {
		return ""
	}
	return grade
}

// score is a score as text, empty when there is none.
func score(s credit.Score) string {
	if s == transfer.NoScore {
		return ""
	}
	return s.String()
}

// list joins things as the language does.
func (n *narrator) list(things []string) string {
	if n.say.Chinese() {
		return strings.Join(things, "、")
	}
	return strings.Join(things, ", ")
}

// missing lists what a set lacks, with what stands against the results there are.
func (n *narrator) missing(sources []transfer.MissingSource) string {
	form := "%s %s (%s)"
	if n.say.Chinese() {
		form = "%s %s（%s）"
	}
	var courses []string
	for _, m := range sources {
		c, _ := n.snapshot.CourseHead(m.CourseKey, latest)
		why := n.say.Say("lack.none", nil)
		if m.Why != nil {
			why = n.say.Say(lackKey(*m.Why), n.args(*m.Why))
		}
		courses = append(courses, fmt.Sprintf(form, n.say.Name(c.Current.Name, c.Current.NameEn), m.Code, why))
	}
	return n.list(courses)
}

func (n *narrator) refusals(codes []string) string {
	var sentences []string
	for _, code := range codes {
		sentences = append(sentences, n.say.Say("refusal."+code, nil))
	}
	return n.list(sentences)
}

// courseName is the name of a course of the programme's institution.
func (n *narrator) courseName(code string) string {
	if code == "" {
		return ""
	}
	c, _ := n.snapshot.CourseHead(transfer.CourseKey{Institution: n.programme.Institution, Code: code}, latest)
	return n.say.Name(c.Current.Name, c.Current.NameEn)
}

// groupName is the name of a group of the programme, else its code.
func (n *narrator) groupName(code string) string { return n.snapshot.GroupName(n.programme, code) }

// institutionName is the name of an institution, else its code.
func (n *narrator) institutionName(code string) string {
	if code == "" {
		return ""
	}
	name, nameEn := institutionNames(n.snapshot, code)
	return n.say.Name(name, nameEn)
}

// institutionNames are both names of an institution; an unknown one is called by its code.
func institutionNames(s *bank.Snapshot, code string) (name, nameEn string) {
	in, known := s.InstitutionHead(code)
	if !known {
		return code, ""
	}
	return in.Name, in.NameEn
}

// programmeName is the name of "INSTITUTION:CODE", with its institution's, or of
// "INSTITUTION:"; what is no such thing stays as it is.
func (n *narrator) programmeName(by string) string {
	for _, k := range splits(by) {
		p, known := n.snapshot.ProgrammeHead(transfer.ProgrammeKey(k))
		if known {
			return n.say.Name(p.InstitutionName, p.InstitutionNameEn) + " · " + n.say.Name(p.Name, p.NameEn)
		}
	}
	return n.institutionName(strings.TrimSuffix(by, ":"))
}

// capKey is what a cap sums up, as people call it.
func (n *narrator) capKey(c *transfer.CapDetail) string {
	switch c.Kind {
	case transfer.CapGroup:
		return n.groupName(c.Key)
	case transfer.CapSourceInstitution:
		return n.institutionName(c.Key)
	case transfer.CapSourceKind, transfer.CapSourceInstitutionKind:
		return n.say.Say("kind."+c.Key, nil)
	}
	return c.Key
}
