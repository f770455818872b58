package bank

import (
	"time"

	"creditbank/internal/calendar"
	"creditbank/internal/credit"
	"creditbank/internal/transfer"
)

// States of an application.
const (
	ApplicationDraft     = "draft"     // the learner's alone; nothing is held
	ApplicationSubmitted = "submitted" // its results are held; the school decides
	ApplicationDecided   = "decided"
	ApplicationAppealed  = "appealed" // somebody else looks again
	ApplicationWithdrawn = "withdrawn"
)

// ApplicationStates lists the states of an application.
func ApplicationStates() []string {
	return []string{ApplicationDraft, ApplicationSubmitted, ApplicationDecided, ApplicationAppealed, ApplicationWithdrawn}
}

// What became of an item of an application: the ladder of decisions.
const (
	ItemOpen        = "open"        // not decided yet
	ItemFull        = "full"        // 全部: what the plan says
	ItemAlternative = "alternative" // 替代: other targets
	ItemPartial     = "partial"     // 部分: fewer credits
	ItemConditional = "conditional" // 附条件: what the plan says, once a condition is met in time
	ItemRefused     = "refused"     // 不认
)

// Outcomes lists the ladder of decisions from the most to the least.
func Outcomes() []string {
	return []string{ItemFull, ItemAlternative, ItemPartial, ItemConditional, ItemRefused}
}

// Application (转换申请) is a learner's request to a school to carry out a plan for one
// of its programmes. Which fields are filled depends on who looks: see [Bank.Application].
type Application struct {
	ID      string
	Stamp   string // another one after every change; sent back with whatever is done
	Learner string // account
	Name    string // of the learner, for those who handle the application
	To      transfer.ProgrammeKey
	State   string
	Note    string // what the learner wrote to the school
	Covered bool   // published rules alone cover all that is asked, and nothing speaks for a look
	Partial bool   // the actor issued results that are used here, and sees no more than what became of them

	AsOf       calendar.Day // the day for which the plan was made
	MapVersion int64        // of the map it was made on
	Made       time.Time
	Changed    time.Time
	Submitted  time.Time    // zero: not yet
	Decided    time.Time    // the first decision
	Due        calendar.Day // by when whoever has it now must have answered; None: nobody must
	Final      calendar.Day // the last day on which an appeal can be made; None: not submitted
	Redeemed   time.Time    // a diploma was issued on what was given; zero: none
	Assignee   string       // login of the person of the school who has it; empty: nobody

	Planned credit.Amount // of all items
	Given   credit.Amount // of the items decided in favour; of conditional ones nothing

	Items        []ApplicationItem // of one application; a list has none
	Decisions    []PostedDecision  // the first first
	Appeals      []Appeal
	Consequences []Consequence // of results that were revoked
	Files        []AttachmentInfo
	May          []string // what the actor may do now, of [ApplicationActions]
}

// ApplicationItem is one equivalence of the plan that is asked for, and what became of it.
type ApplicationItem struct {
	Number  int    // from 0
	Key     string // as [OfferItem.Key]
	Rule    transfer.RuleRef
	Via     []transfer.RuleRef // the rules into standard units on the way
	Records []RecordRef
	Credits credit.Amount // as planned
	Awards  []transfer.Award

	State     string // ItemOpen or an outcome
	Given     credit.Amount
	GivenAs   []transfer.Award
	Reasons   []string     // codes of [ReasonCodes]
	Text      string       // why, of what differs from the plan
	Remedy    string       // what would repair a refusal
	Condition string       // of a conditional one, also after it ended
	Until     calendar.Day // the last day to meet the condition; None: no condition runs
	Decision  string       // the last about it
	Appeals   int          // how many were made about it
	MayAppeal bool         // the asking learner may, now
}

// ApplicationActions lists what can be done with an application: draft's edit, submit
// and discard; withdraw, attach, assign, decide, meet (a condition), appeal,
// decide_appeal, withdraw_appeal, consequence (to decide what a revocation comes to), redeem.
func ApplicationActions() []string {
	return []string{"edit", "submit", "discard", "attach", "withdraw", "assign", "decide", "meet", "appeal", "withdraw_appeal", "decide_appeal", "consequence", "redeem"}
}
