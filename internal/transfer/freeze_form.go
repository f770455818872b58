package transfer

import (
	"creditbank/internal/calendar"
	"creditbank/internal/credit"
)

// The JSON form of a case. The names here are what was written to last: they are
// kept whatever the engine calls its own fields. What is not given is left out.

type frozenCase struct {
	Format       int                 `json:"format"`
	AsOf         calendar.Day        `json:"as_of"`
	Programme    frozenProgramme     `json:"programme"`
	Institutions []frozenInstitution `json:"institutions"`
	Courses      []frozenCourse      `json:"courses"`
	Rules        []frozenRule        `json:"rules"`
	Policies     []frozenPolicy      `json:"policies,omitempty"`
	Caps         []frozenCap         `json:"caps,omitempty"`
	Records      []frozenRecord      `json:"records"`
	Answer       frozenResult        `json:"answer"`
}

type frozenInstitution struct {
	Code string        `json:"code"`
	Kind string        `json:"kind"`
	Rate credit.Rate   `json:"hours_per_credit"`
	Step credit.Amount `json:"credit_step"`
}

type frozenCourse struct {
	Institution string        `json:"institution"`
	Code        string        `json:"code"`
	Credits     credit.Amount `json:"credits"`
	Hours       *credit.Hours `json:"hours,omitempty"`
	Level       int           `json:"level,omitempty"`
	From        *calendar.Day `json:"valid_from,omitempty"`
	To          *calendar.Day `json:"valid_to,omitempty"`
}

type frozenProgramme struct {
	Institution string             `json:"institution"`
	Code        string             `json:"code"`
	Required    credit.Amount      `json:"required_credits"`
	Groups      []frozenGroup      `json:"groups"`
	Plan        []frozenPlanCourse `json:"plan"`
}

type frozenGroup struct {
	Code string        `json:"code"`
	Min  credit.Amount `json:"min_credits"`
}

type frozenPlanCourse struct {
	Course      string `json:"course"`
	Group       string `json:"group"`
	NeverExempt bool   `json:"never_exempt,omitempty"`
}

type frozenRule struct {
	Code        string         `json:"equivalence"`
	Version     int            `json:"version"`
	Institution string         `json:"institution"`
	Programme   string         `json:"programme,omitempty"`
	Sources     []frozenSource `json:"sources"`
	Targets     []frozenTarget `json:"targets"`
	From        *calendar.Day  `json:"valid_from,omitempty"`
	To          *calendar.Day  `json:"valid_to,omitempty"`
	Validity    int            `json:"validity_years,omitempty"`
	Priority    int            `json:"priority,omitempty"`
	Outcome     Outcome        `json:"outcome"`
	Reasons     []string       `json:"reasons,omitempty"`
	Note        string         `json:"note,omitempty"`
	Since       *calendar.Day  `json:"since,omitempty"`
}

type frozenSource struct {
	Institution string        `json:"institution"`
	Course      string        `json:"course"`
	Min         *credit.Score `json:"min_grade,omitempty"`
	Max         *credit.Score `json:"max_grade,omitempty"`
}

type frozenTarget struct {
	Course    string        `json:"course,omitempty"`
	Group     string        `json:"group,omitempty"`
	Mode      Mode          `json:"credit_mode"`
	Credits   credit.Amount `json:"credits"`
	Exemption bool          `json:"exemption,omitempty"`
}

type frozenPlace struct {
	Scope       Scope  `json:"scope"`
	Institution string `json:"institution,omitempty"`
	Programme   string `json:"programme,omitempty"`
}

type frozenPolicy struct {
	frozenPlace
	From     calendar.Day  `json:"valid_from"`
	MinGrade *credit.Score `json:"min_grade,omitempty"`
	Validity *int          `json:"validity_years,omitempty"`
	MaxRise  *int          `json:"max_level_rise,omitempty"`
}

type frozenCap struct {
	frozenPlace
	From    calendar.Day   `json:"valid_from"`
	Kind    CapKind        `json:"cap"`
	Key     string         `json:"key,omitempty"`
	Credits *credit.Amount `json:"credits,omitempty"`
	Share   *credit.Share  `json:"share,omitempty"`
}

type frozenRecord struct {
	Institution string         `json:"institution"`
	Course      string         `json:"course"`
	Kind        string         `json:"kind"`
	Score       *credit.Score  `json:"score,omitempty"`
	Passed      bool           `json:"passed"`
	Credits     *credit.Amount `json:"credits,omitempty"`
	Hours       *credit.Hours  `json:"hours,omitempty"`
	Level       int            `json:"level,omitempty"`
	Completed   calendar.Day   `json:"completed_on"`
	Grade       string         `json:"grade,omitempty"`
	Used        string         `json:"used,omitempty"`
}

// frozenResult is the answer.
type frozenResult struct {
	Required     credit.Amount        `json:"required"`
	Earned       credit.Amount        `json:"earned"`
	Applied      credit.Amount        `json:"applied"`
	Transferable credit.Amount        `json:"transferable"`
	Missing      credit.Amount        `json:"missing"`
	Optimal      bool                 `json:"optimal"`
	BoundApplied credit.Amount        `json:"bound_applied"`
	BoundTotal   credit.Amount        `json:"bound_transferable"`
	Groups       []frozenGroupAnswer  `json:"groups"`
	Items        []frozenItem         `json:"items"`
	Records      []frozenRecordAnswer `json:"records"`
	NotChosen    []frozenNotChosen    `json:"not_chosen"`
}

type frozenGroupAnswer struct {
	Code    string        `json:"code"`
	Min     credit.Amount `json:"min_credits"`
	Earned  credit.Amount `json:"earned"`
	Applied credit.Amount `json:"applied"`
	Missing credit.Amount `json:"missing"`
}

type frozenRef struct {
	Code    string `json:"equivalence"`
	Version int    `json:"version"`
}

type frozenItem struct {
	frozenRef
	Via     []frozenRef   `json:"via,omitempty"`
	Records []int         `json:"records"`
	Credits credit.Amount `json:"credits"`
	Awards  []frozenAward `json:"awards"`
}

type frozenAward struct {
	Course    string        `json:"course,omitempty"`
	Group     string        `json:"group,omitempty"`
	Credits   credit.Amount `json:"credits"`
	Exemption bool          `json:"exemption,omitempty"`
}

type frozenRecordAnswer struct {
	State   State          `json:"state"`
	Rule    *frozenRef     `json:"by,omitempty"`
	Group   string         `json:"group,omitempty"`
	Reasons []frozenReason `json:"reasons"`
}

type frozenNotChosen struct {
	frozenRef
	Via    []frozenRef  `json:"via,omitempty"`
	Reason frozenReason `json:"reason"`
}

type frozenReason struct {
	Code      Code            `json:"code"`
	Rule      *frozenRef      `json:"rule,omitempty"`
	Via       []frozenRef     `json:"via,omitempty"`
	Outcome   Outcome         `json:"outcome,omitempty"`
	Other     *frozenRef      `json:"other,omitempty"`
	Attempt   bool            `json:"attempt,omitempty"`
	Needed    *credit.Score   `json:"needed,omitempty"`
	Got       *credit.Score   `json:"got,omitempty"`
	GotGrade  string          `json:"got_grade,omitempty"`
	Missing   []frozenMissing `json:"missing,omitempty"`
	Completed *calendar.Day   `json:"completed_on,omitempty"`
	From      *calendar.Day   `json:"valid_from,omitempty"`
	To        *calendar.Day   `json:"valid_to,omitempty"`
	Until     *calendar.Day   `json:"valid_until,omitempty"`
	Cap       *frozenCapStand `json:"cap,omitempty"`
	Course    string          `json:"course,omitempty"`
	Group     string          `json:"group,omitempty"`
	FromLevel int             `json:"from_level,omitempty"`
	ToLevel   int             `json:"to_level,omitempty"`
	Bridge    int             `json:"bridge_level,omitempty"`
	Codes     []string        `json:"reasons,omitempty"`
	Note      string          `json:"note,omitempty"`
	Since     *calendar.Day   `json:"since,omitempty"`
	Holder    string          `json:"holder,omitempty"`
	By        string          `json:"used_by,omitempty"`
}

type frozenMissing struct {
	Institution string        `json:"institution"`
	Course      string        `json:"course"`
	Why         *frozenReason `json:"why,omitempty"`
}

type frozenCapStand struct {
	Kind  CapKind       `json:"cap"`
	Key   string        `json:"key,omitempty"`
	Limit credit.Amount `json:"limit"`
	Taken credit.Amount `json:"taken"`
	Adds  credit.Amount `json:"adds"`
}
