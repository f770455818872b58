package bank

import (
	"time"

	"creditbank/internal/calendar"
	"creditbank/internal/credit"
)

// Ways in which a result is verified: its issuer confirms it, or papers are looked at
// by an expert and somebody else decides, or two mentors confirm a log day by day and
// the learner's school decides.
const (
	WayIssuer   = "issuer"
	WayEvidence = "evidence"
	WayLog      = "log"
)

// States of an attestation. A placement is logged first; evidence goes from open to
// an expert, and is ready with the opinion.
const (
	AttestationLogging   = "logging"
	AttestationOpen      = "open"
	AttestationExpert    = "expert"
	AttestationReady     = "ready"
	AttestationVerified  = "verified"
	AttestationRefused   = "refused"
	AttestationWithdrawn = "withdrawn"
)

// attestationWaits are, for a statement, the states in which somebody has still to do something.
const attestationWaits = `('logging', 'open', 'expert', 'ready')`

// attestationAtDesk are those of them in which it is not the learner or the mentors.
const attestationAtDesk = `('open', 'expert', 'ready')`

// AttestationStates lists the states; each has a sentence, attestation.state.STATE.
func AttestationStates() []string {
	return []string{AttestationLogging, AttestationOpen, AttestationExpert, AttestationReady, AttestationVerified, AttestationRefused, AttestationWithdrawn}
}

// AttestationWays lists the ways.
func AttestationWays() []string { return []string{WayIssuer, WayEvidence, WayLog} }

// Attestation (成果认证) is a result beyond courses that a learner hands in, until it is
// verified and a record like any other.
type Attestation struct {
	ID, Account string
	Kind        string // one of [AttestationKinds]
	Way, State  string
	Stamp       string
	Institution string // that issues it; of a placement, where it is
	Course      string // of its catalogue; of an exam the exam's code
	Handler     string // who decides; empty: the bank
	Reference   string // the issuer's number for it
	Renews      bool   // it renews a result that is there
	AttestationContent
	Level     int           // 0: of an exam, as its courses say
	Hours     credit.Hours  // 0: of an exam, and of a placement while it is logged
	Credits   credit.Amount // proposed by the hours of a placement, and given when it is verified; -1: by its hours
	Completed calendar.Day  // None: a placement that goes on
	Valid     calendar.Day  // the last day on which it holds; None: Endless, or not known yet
	Endless   bool
	By        string // actor who handed it in
	Made      time.Time
	Changed   time.Time
	Due       calendar.Day // by when whoever decides has to; None: nobody has to

	Expert      string // login of who is asked
	Opinion     string // support or oppose
	OpinionText string
	OpinedBy    string
	Opined      time.Time

	DecidedBy string
	Decided   time.Time
	Reason    string // of a refusal, one of [ReasonCodes]
	Answer    string // what was said to the learner
	Remedy    string // of a refusal: what would repair it

	Records []RecordRef // what it became
	Files   []AttachmentInfo
	Days    []PlacementDay
	Marks   []PlacementMark
	Name    string   // of the learner
	May     []string // what the asking actor may do now: words of [AttestationActions]
}

// AttestationContent is what is typed about a result; it is kept sealed.
type AttestationContent struct {
	Title string      `json:"title,omitempty"`
	Grade string      `json:"grade,omitempty"`
	Scale string      `json:"scale,omitempty"`
	Parts []ExamScore `json:"parts,omitempty"`
	Note  string      `json:"note,omitempty"` // to whoever verifies it
}

// ExamScore is what was reached in a part of an exam.
type ExamScore struct {
	Course string       `json:"course"`
	Score  credit.Score `json:"score"`
}

// attestationAnswer is what is told to the learner; it is kept sealed.
type attestationAnswer struct {
	Text   string `json:"text,omitempty"`
	Remedy string `json:"remedy,omitempty"`
}

// PlacementDay is a day of a placement.
type PlacementDay struct {
	Day       calendar.Day
	Hours     credit.Hours
	Text      string // what was done
	SchoolBy  string // mentor of the school who confirmed it
	CompanyBy string // mentor of the company
}

// Confirmed says whether both have.
func (d PlacementDay) Confirmed() bool { return d.SchoolBy != "" && d.CompanyBy != "" }

// PlacementMark is what a side makes of a placement: four grades, as the regulation
// of placements has them.
type PlacementMark struct {
	Side  string // school or company
	Grade string // one of [PlacementGrades]
	Text  string
	By    string
	Made  time.Time
}

// PlacementGrades lists the grades of a placement, the best first: 优秀, 良好, 合格, 不合格
// (职业学校学生实习管理规定). From the third on there are credits.
func PlacementGrades() []string { return []string{"excellent", "good", "pass", "fail"} }

// Sides of a placement.
const (
	sideSchool  = "school"
	sideCompany = "company"
)

// ConfirmedHours are the hours that both mentors confirmed.
func (a Attestation) ConfirmedHours() (sum credit.Hours) {
	for _, d := range a.Days {
		if d.Confirmed() {
			sum += d.Hours
		}
	}
	return sum
}

// mark is what a side said.
func (a *Attestation) mark(side string) (PlacementMark, bool) {
	for _, m := range a.Marks {
		if m.Side == side {
			return m, true
		}
	}
	return PlacementMark{}, false
}
