package transfer

import (
	"slices"

	"creditbank/internal/calendar"
	"creditbank/internal/credit"
)

// State is what became of a record before a programme.
type State string

// The states of a record.
const (
	Matched      State = "matched"       // 匹配
	Earned       State = "earned"        // 已得
	NotEvaluated State = "not_evaluated" // 待评
	IsRefused    State = "refused"       // 不认
	Conditional  State = "conditional"   // 需补
	IsExpired    State = "expired"       // 过期
	Used         State = "used"          // 已用
	NotUsed      State = "not_used"      // 未用
)

// Code is the reason for a state.
type Code string

// The reason codes, with the detail of Reason that each carries.
const (
	MatchedCode     Code = "matched"          // Rule
	EarnedCode      Code = "earned"           // Group
	NoRule          Code = "no_rule"          // –
	PendingCode     Code = "pending"          // Rule, Since, Holder
	RefusedCode     Code = "refused"          // Rule, Codes, Note
	IncompleteSet   Code = "incomplete_set"   // Rule, Missing
	GradeBelow      Code = "grade_below"      // Rule, Needed, Got, GotGrade
	LevelGate       Code = "level_gate"       // Rule, Course, FromLevel, ToLevel, Bridge
	Expired         Code = "expired"          // Rule, Completed, Until
	OutsideWindow   Code = "outside_window"   // Rule, Completed, From, To
	AlreadyUsed     Code = "already_used"     // By
	BetterElsewhere Code = "better_elsewhere" // Rule, Other, Attempt
	CapReached      Code = "cap"              // Rule, Cap
	NeverExempt     Code = "never_exempt"     // Rule, Course
	GradeAbove      Code = "grade_above"      // Rule, Needed, Got, GotGrade
	NotPassed       Code = "not_passed"       // Got, GotGrade
	NoGain          Code = "no_gain"          // Rule; Course when the learner has it already
)

// Reason says why, with the values that were compared. Which fields are set
// depends on the code; scores not given are NoScore.
type Reason struct {
	Code      Code
	Rule      RuleRef      // the equivalence it speaks of; zero: none
	Via       []RuleRef    // the rules into standard units on the way
	Outcome   Outcome      // of Rule, when it gives no credit: Refused or Pending
	Other     RuleRef      // the chosen equivalence that stands in the way
	Attempt   bool         // Other is Rule, which takes another result in the same course
	Needed    credit.Score // the end of the grade band that was missed
	Got       credit.Score
	GotGrade  string          // the grade behind Got, as it was reported
	Missing   []MissingSource // sources of the set that no record meets
	Completed calendar.Day
	From, To  calendar.Day
	Until     calendar.Day
	Cap       *CapDetail
	Course    string // at the programme's institution
	Group     string
	FromLevel int
	ToLevel   int
	Bridge    int      // level of a further source that would open the gate
	Codes     []string // of a refusal
	Note      string
	Since     calendar.Day
	Holder    string // institution whose turn it is
	By        string // what holds or has redeemed the record
}

// MissingSource is a source of a set that no record of the learner meets.
type MissingSource struct {
	CourseKey
	Why *Reason // what stands against the nearest result in the course; nil: the learner has none
}

// Retakable says whether the source would be met by taking the course, or taking
// it again with a better grade.
func (m MissingSource) Retakable() bool {
	return m.Why == nil || m.Why.Code == GradeBelow || m.Why.Code == NotPassed
}

// Missed says whether the reason is a condition of a refusal or of a pending
// evaluation that the record misses: what was decided there says nothing of it,
// and to meet the condition would gain nothing.
func (r *Reason) Missed() bool {
	return r.Outcome != "" && r.Code != RefusedCode && r.Code != PendingCode
}

// state is what the reason makes of a record when it is the first.
func (r *Reason) state() State {
	if r.Missed() {
		return NotEvaluated
	}
	return stateOf(r.Code)
}

// CapDetail is a cap that stood in the way.
type CapDetail struct {
	Kind  CapKind
	Key   string
	Limit credit.Amount
	Taken credit.Amount // by the plan
	Adds  credit.Amount // by the rule
}

// stateOf maps a code to its state.
func stateOf(c Code) State {
	switch c {
	case MatchedCode:
		return Matched
	case EarnedCode:
		return Earned
	case NoRule, PendingCode:
		return NotEvaluated
	case RefusedCode:
		return IsRefused
	case IncompleteSet, GradeBelow, LevelGate:
		return Conditional
	case Expired, OutsideWindow:
		return IsExpired
	case AlreadyUsed:
		return Used
	}
	return NotUsed
}

// Codes lists the reason codes from the nearest to success to the farthest.
// A version whose window has passed the result by comes last but one: the
// version that held then says more.
func Codes() []Code {
	return []Code{MatchedCode, EarnedCode, AlreadyUsed, BetterElsewhere, CapReached, NoGain, NeverExempt,
		IncompleteSet, GradeBelow, LevelGate, Expired, GradeAbove, PendingCode, RefusedCode, OutsideWindow, NoRule, NotPassed}
}

// nearness is the place of a code in the order of Codes.
func nearness(c Code) int { return slices.Index(Codes(), c) }
