// Package transfer is the engine of the credit bank: it compiles a published map
// of equivalences, finds which of them a learner's records satisfy, chooses the
// best plan under all caps, ranks programmes and explains every answer.
//
// It is pure: the same facts, records and day give the same answer, in whatever
// order they are handed over, on every machine.
package transfer

import (
	"creditbank/internal/calendar"
	"creditbank/internal/credit"
)

// CourseKey names a course: codes are text, compared exactly.
type CourseKey struct{ Institution, Code string }

// ProgrammeKey names a programme of an institution.
type ProgrammeKey struct{ Institution, Code string }

// KindBank is the institution kind of the bank itself, whose courses are the
// standard units (认证单元): the only ones through which equivalences may chain.
const KindBank = "bank"

// Institution holds what conversions and caps need to know of a school.
type Institution struct {
	Code string
	Kind string
	Rate credit.Rate   // hours per credit
	Step credit.Amount // smallest step of its credits
}

// Course is one dated version of a course.
type Course struct {
	CourseKey
	Credits  credit.Amount
	Hours    credit.Hours // 0: credits × the institution's hours per credit
	Level    int          // qualification level 1..10, 0 unknown
	From, To calendar.Day // calendar.None: open
}

// Group is a requirement group of a programme.
type Group struct {
	Code string
	Min  credit.Amount
}

// PlanCourse places a course of the institution in a group of the programme.
type PlanCourse struct {
	Course      string
	Group       string
	NeverExempt bool // 毕业设计, 岗位实习 …: never awarded by an equivalence
}

// Programme is what a learner can transfer to.
type Programme struct {
	ProgrammeKey
	Required credit.Amount
	Groups   []Group
	Plan     []PlanCourse
}

// NoScore stands for a bound of a grade band, or a score, that is not given.
const NoScore credit.Score = -1

// Source is one of the courses that an equivalence asks for, all together.
type Source struct {
	CourseKey
	Min, Max credit.Score // grade band, both ends included; NoScore: none
}

// Mode says where the credits of a course target come from.
type Mode string

// The credit modes of a target.
const (
	Catalogue Mode = "catalogue" // the target course's own credits
	Fixed     Mode = "fixed"     // a stated value, 0 allowed
	FromHours Mode = "source"    // the sources' hours, converted
)

// Target is one thing an equivalence awards: a course, unassigned credit in a
// group, or an exemption from a course.
type Target struct {
	Course    string // empty: unassigned credit
	Group     string // group of unassigned credit
	Mode      Mode
	Credits   credit.Amount // of Fixed
	Exemption bool          // the course need not be taken; gives no credit
}

// Outcome says what an evaluation came to.
type Outcome string

// The outcomes of an evaluated equivalence.
const (
	Credit  Outcome = "credit"
	Refused Outcome = "refused"
	Pending Outcome = "pending"
)

// RuleRef names one version of an equivalence.
type RuleRef struct {
	Code    string
	Version int
}

// Rule is one published version of an equivalence, with its effective window.
type Rule struct {
	RuleRef
	Institution string // the awarding institution of all targets
	Programme   string // empty: all programmes of the institution
	Sources     []Source
	Targets     []Target
	From, To    calendar.Day // effective window of the completion date; calendar.None: open
	Validity    int          // years; 0: the policy's
	Priority    int          // decides between rules that are worth the same
	Outcome     Outcome
	Reasons     []string     // codes of a refusal
	Note        string       // text of a refusal, or a remark
	Since       calendar.Day // when it was published or, pending, asked for
}

// Scope says how far a policy or cap reaches: programme over institution over bank.
type Scope string

// The scopes of policies and caps, widest first.
const (
	ScopeBank        Scope = "bank"
	ScopeInstitution Scope = "institution"
	ScopeProgramme   Scope = "programme"
)

// Place is where a policy or cap holds; fields that the scope does not need are empty.
type Place struct {
	Scope       Scope
	Institution string
	Programme   string
}

// Policy is one dated version of the rules for a place. Fields not given are
// inherited from the wider scope.
type Policy struct {
	Place
	From     calendar.Day
	MinGrade credit.Score // NoScore: not given
	Validity int          // years; -1: not given
	MaxRise  int          // framework levels a rule may lift a result; -1: not given
}

// CapKind says what a cap sums up.
type CapKind string

// The kinds of caps.
const (
	CapTotal                 CapKind = "total"
	CapGroup                 CapKind = "group"
	CapSourceKind            CapKind = "source_kind"
	CapSourceInstitution     CapKind = "source_institution"
	CapSourceInstitutionKind CapKind = "source_institution_kind"
)

// Cap is one dated version of a hard limit on awarded credits.
type Cap struct {
	Place
	From    calendar.Day
	Kind    CapKind
	Key     string
	Credits credit.Amount // -1: not given
	Share   credit.Share  // of the programme's required credits; -1: not given
}

// Facts is everything the engine is told about the bank.
type Facts struct {
	Institutions []Institution
	Courses      []Course
	Programmes   []Programme
	Rules        []Rule
	Policies     []Policy
	Caps         []Cap
}

// KindCourse is the kind of a record that is a course result.
const KindCourse = "course"

// Record is one result of a learner.
type Record struct {
	CourseKey
	Kind      string
	Score     credit.Score // NoScore: passed without a grade; meets no grade band
	Passed    bool
	Credits   credit.Amount // 0: the course's
	Hours     credit.Hours  // 0: credits × the issuer's hours per credit, else the course's
	Level     int           // 0: the course's
	Completed calendar.Day
	Grade     string // as it was reported, to say it back; Score is what counts
	Used      string // what holds or has redeemed it; empty: free
}
