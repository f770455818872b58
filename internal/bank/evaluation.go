package bank

import (
	"strconv"
	"strings"
	"time"

	"creditbank/internal/calendar"
	"creditbank/internal/transfer"
)

// Evaluation (评审) is the judging of one version of an equivalence: proposed by a
// school or by the bank, looked at by the schools on both sides and by experts, and
// decided by the bank. docs/workflow.md says who may do what in which state.
type Evaluation struct {
	ID string // CODE@VERSION
	transfer.RuleRef
	Equivalence
	Round int // contents so far: what was said of an earlier one no longer counts

	State         string
	By            string   // who proposed, as Actor.Name
	ByInstitution string   // for which school; empty: for the bank
	Origin        string   // where it came from: request:ID, suggestion:ID, mirror:CODE, import; may be empty
	Why           string   // what the proposer says for it
	Sending       []string // schools of the sources, without the bank's own units
	Opinions      []Opinion
	History       []EvaluationStep // of one that was asked for by its ID, oldest first
	Halt          *EvaluationHalt  // what is asked to be done with a published one and not yet decided
	Suspended     bool             // it does not serve
	EndsOn        calendar.Day     // the last completion day it serves, when it was ended; calendar.None: it was not
	Made, Moved   time.Time        // Moved: when anything was last done
	Due           calendar.Day     // the first day on which a period ends; calendar.None: none runs
	Files         []AttachmentInfo // evidence; of one asked for by its ID

	DecidedBy string // who approved or refused
	Decided   time.Time
	Answer    string   // what the decider wrote
	Refusal   []string // coded reasons of a refused one; those of the rule itself are in Reasons
	Condition string   // under which it was approved
	Preview   string   // the job that had worked out what it would change

	Stamp string            // of all that a decision rests on, to be sent with it
	Facts []Fact            // what the stamp is made from
	May   []string          // actions the actor who asked may do now
	Names map[string]string // what people call the logins named here, by actor name; of one asked for by its ID
}

// Opinion is what a school or an expert says of an evaluation, or is asked to say.
type Opinion struct {
	Side        string // one of sending, receiving, both and expert
	Institution string // the school, or that of the expert
	Login       string // of an expert
	AskedBy     string // actor name; empty: by the rules
	Asked       time.Time
	Opinion     string // support, oppose or abstain; empty: none yet
	Text        string
	Reasons     []string // codes, when opposing
	Condition   string
	By          string // actor name
	Given       time.Time
	Over        bool         // it is about an earlier content, and is asked for again
	Due         calendar.Day // until when it is to be given; calendar.None: no period runs
}

// EvaluationStep is one thing that was done.
type EvaluationStep struct {
	Action, From, To string // To: the state afterwards
	By, Institution  string
	At               time.Time
	Subject          string // who was asked or relieved, the day of an end
	Opinion          string
	Text             string
	Reasons          []string
	Condition        string
}

// EvaluationHalt is what is asked to be done with a published version: kind suspend,
// resume or end. It takes two people.
type EvaluationHalt struct {
	Kind    string
	LastDay calendar.Day // of an end
	Reasons []string
	Text    string
	By      string
	Asked   time.Time
}

// States of an evaluation.
const (
	EvaluationDrafted    = "draft"      // 起草
	EvaluationSubmitted  = "submitted"  // 提交: opinions are gathered
	EvaluationReturned   = "returned"   // 待补: something is missing
	EvaluationReady      = "ready"      // 待批
	EvaluationPublished  = "published"  // 生效
	EvaluationSuperseded = "superseded" // 被替代: a later version is published
	EvaluationSuspended  = "suspended"  // 暂停
	EvaluationEnded      = "ended"      // 终止
	EvaluationRefused    = "refused"    // 不予
	EvaluationWithdrawn  = "withdrawn"  // 撤回
)

// EvaluationStates lists the states in the order of their life.
func EvaluationStates() []string {
	return []string{EvaluationDrafted, EvaluationSubmitted, EvaluationReturned, EvaluationReady, EvaluationPublished, EvaluationSuperseded,
		EvaluationSuspended, EvaluationEnded, EvaluationRefused, EvaluationWithdrawn}
}

// underWay are the states of one that is not decided.
func underWay(state string) bool {
	switch state {
	case EvaluationDrafted, EvaluationSubmitted, EvaluationReturned, EvaluationReady:
		return true
	}
	return false
}

// closedUnpublished are the states of one that came to nothing.
func closedUnpublished(state string) bool {
	return state == EvaluationRefused || state == EvaluationWithdrawn
}

// EvaluationID is the address of the judging of a version.
func EvaluationID(ref transfer.RuleRef) string { return ref.Code + "@" + strconv.Itoa(ref.Version) }

// evaluationRef reads an address. It promises NotFound.
func evaluationRef(id string) (transfer.RuleRef, error) {
	at := strings.LastIndexByte(id, '@')
	if at <= 0 || !plainNumber.MatchString(id[at+1:]) {
		return transfer.RuleRef{}, notFound("evaluation", id)
	}
	version, err := strconv.Atoi(id[at+1:])
	if err != nil {
		return transfer.RuleRef{}, notFound("evaluation", id)
	}
	return transfer.RuleRef{Code: id[:at], Version: version}, nil
}
