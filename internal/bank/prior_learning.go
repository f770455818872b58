package bank

import (
	"slices"
	"time"

	"creditbank/internal/calendar"
	"creditbank/internal/credit"
	"creditbank/internal/transfer"
)

// KindPriorLearning is the kind of a result that is a course recognised for what its
// learner could already.
const KindPriorLearning = "prior_learning"

// States of a recognition of prior learning.
const (
	PriorDraft     = "draft"     // the learner's alone
	PriorSubmitted = "submitted" // waits for somebody to be asked to judge it
	PriorAssigned  = "assigned"  // an assessor judges it
	PriorAssessed  = "assessed"  // judged; somebody else decides
	PriorGranted   = "granted"   // the course is booked
	PriorRefused   = "refused"
	PriorWithdrawn = "withdrawn"
	PriorRevoked   = "revoked" // it was granted, and taken back
)

// priorWaits are, for a statement, the states in which somebody at the school or the bank has still to do something.
const priorWaits = `('submitted', 'assigned', 'assessed')`

// PriorStates lists the states of a recognition of prior learning.
func PriorStates() []string {
	return []string{PriorDraft, PriorSubmitted, PriorAssigned, PriorAssessed, PriorGranted, PriorRefused, PriorWithdrawn, PriorRevoked}
}

// Rounds of a recognition: the first look, and the two appeals.
const (
	PriorFirst        = 1
	PriorAppealSchool = 2 // other people of the school
	PriorAppealBank   = 3 // the bank, with an expert of its choice
)

// PriorHalf is how far each single outcome has to be met, in percent: half of each, not
// of all together (field/credit-systems.md, R-059).
const PriorHalf = 50

// PriorLearning (先前学习认定) is a learner's portfolio against the outcomes of one course
// of a programme, what an assessor found of each outcome, and what was decided.
//
// Only a whole course is recognised, without a grade; none that is never exempt, and
// none that the learner has failed (field/credit-systems.md, R-059).
type PriorLearning struct {
	ID      string
	Stamp   string // another one after every change; sent back with whatever is done
	Learner string // account
	Name    string // of the learner, for those who handle it
	To      transfer.ProgrammeKey
	Course  string // of the programme's school
	Credits credit.Amount
	State   string
	Round   int

	Made      time.Time
	Changed   time.Time
	Submitted time.Time    // zero: not yet
	Decided   time.Time    // the last decision
	Due       calendar.Day // by when whoever has it now must have answered; None: nobody must
	Final     calendar.Day // the last day on which an appeal can be made; None: not submitted
	Assessor  string       // login of who judges this round; empty: nobody yet

	Outcomes   []PriorOutcome // of one; a list has none
	Judgements []PriorJudgement
	Appeals    []PriorAppeal
	Decisions  []PriorDecision
	May        []string // what the actor may do now, of [PriorActions]

	seq int // version of the course
}

// PriorOutcome is an outcome of the course, and what the learner says to it.
type PriorOutcome struct {
	Number int // from 1
	Outcome
	Can   string // what the learner can
	How   string // how they learned it
	Files []AttachmentInfo
}

// PriorJudgement is what the assessor of a round found.
type PriorJudgement struct {
	Round      int
	Assessor   string // login
	AssignedBy string // actor
	Assigned   time.Time
	Made       time.Time // zero: not yet
	Percents   []int     // how far each outcome is met, in their order
	Notes      []string  // to each
	SeenBy     string    // one of [PriorSeenBy]; empty: the portfolio alone
	SeenOn     calendar.Day
}

// Lacking are the numbers of the outcomes of which less than half is met.
func (j PriorJudgement) Lacking() (numbers []int) {
	for i, percent := range j.Percents {
		if percent < PriorHalf {
			numbers = append(numbers, i+1)
		}
	}
	return numbers
}

// PriorSeenBy lists how an assessor can have seen somebody beside the portfolio.
func PriorSeenBy() []string { return []string{"interview", "test", "demonstration"} }

// PriorAppeal is why a learner did not accept the decision of the round before.
type PriorAppeal struct {
	Round int
	Text  string
	Made  time.Time
}

// PriorDecision is a decision as it was posted. It never changes.
type PriorDecision struct {
	ID          string // a digest of what was decided and of the inputs; entries of the ledger name it
	Round       int
	Outcome     string   // PriorGranted or PriorRefused
	Lacking     []int    // outcomes of which less than half was met
	Reasons     []string // codes of [ReasonCodes], of a refusal
	Text        string   // why
	Remedy      string   // of a refusal: what would repair it
	By          string   // actor
	Institution string   // for which they decided; empty: the bank
	Made        time.Time
}

// PriorActions lists what can be done with a recognition: the learner's edit, submit,
// discard, withdraw and appeal; the school's assign, judge, decide and redeem.
func PriorActions() []string {
	return []string{"edit", "submit", "discard", "withdraw", "appeal", "assign", "judge", "decide", "redeem"}
}

// reference names the result that a recognition is booked as.
func (p *PriorLearning) reference() RecordRef {
	return RecordRef{Institution: p.To.Institution, Reference: priorReference + p.ID}
}

// priorReference is how the reference of such a result begins.
const priorReference = "PL-"

// judgement is that of the round at hand, nil while nobody was asked.
func (p *PriorLearning) judgement() *PriorJudgement {
	at := slices.IndexFunc(p.Judgements, func(j PriorJudgement) bool { return j.Round == p.Round })
	if at < 0 {
		return nil
	}
	return &p.Judgements[at]
}

// hadHand says whether a person judged or decided in this or an earlier round, or is the
// learner: whoever did does not decide, nor judge another round.
func (p *PriorLearning) hadHand(name string) bool {
	return slices.ContainsFunc(p.Judgements, func(j PriorJudgement) bool { return personName(j.Assessor) == name }) ||
		slices.ContainsFunc(p.Decisions, func(d PriorDecision) bool { return d.By == name })
}
