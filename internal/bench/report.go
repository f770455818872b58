package bench

import (
	"fmt"
	"slices"
)

// Verdict is what a measurement comes to.
type Verdict string

// The verdicts, from good to bad. Only Missed and Wrong make a run fail.
const (
	Aim          Verdict = "aim"          // as good as we want to be
	Must         Verdict = "must"         // what we owe
	Shown        Verdict = "shown"        // a figure without a goal
	NotMeasured  Verdict = "not measured" // what it needs is not there
	Inconclusive Verdict = "inconclusive" // the run was disturbed
	Missed       Verdict = "missed"       // worse than what we owe
	Wrong        Verdict = "wrong"        // an answer was wrong: how fast does not matter
)

// Goal is a limit to a ratio.
type Goal struct {
	Limit  float64 `json:"limit"`
	AtMost bool    `json:"at_most"` // else at least
}

func atLeast(limit float64) *Goal { return &Goal{Limit: limit} }

func atMost(limit float64) *Goal { return &Goal{Limit: limit, AtMost: true} }

func (g *Goal) met(value float64) bool {
	if g.AtMost {
		return value <= g.Limit
	}
	return value >= g.Limit
}

// String is the goal as the tables write it.
func (g *Goal) String() string {
	if g == nil {
		return ""
	}
	sign := "≥"
	if g.AtMost {
		sign = "≤"
	}
	return sign + " " + figure(g.Limit)
}

// Row is one measurement.
type Row struct {
	ID      string   `json:"id"`
	What    string   `json:"what"`
	Beside  string   `json:"beside"` // the peer or limit
	Unit    string   `json:"unit"`
	Value   float64  `json:"value"` // the median
	Low     float64  `json:"low"`   // of the pairs
	High    float64  `json:"high"`
	Pairs   int      `json:"pairs"`
	Must    *Goal    `json:"must,omitempty"`
	Aim     *Goal    `json:"aim,omitempty"`
	Verdict Verdict  `json:"verdict"`
	Faults  []string `json:"faults"` // what the checks of the answers found
	Notes   []string `json:"notes"`  // absolute figures, and why there is no verdict
	// Disturbed says why the run says nothing.
	Disturbed string `json:"disturbed,omitempty"`
	missing   bool
}

// of fills the row's figures from a series.
func (r Row) of(s Series) Row {
	r.Value, r.Pairs, r.Disturbed = median(s.Ratios), len(s.Ratios), s.Disturbed
	r.Low, r.High = slices.Min(s.Ratios), slices.Max(s.Ratios)
	return r
}

// lacking is the row of something that cannot be measured here.
func (r Row) lacking(why string) Row {
	r.missing, r.Notes = true, append(r.Notes, why)
	return r
}

// judged gives the row its verdict. A wrong answer counts whatever the load; a
// disturbed measurement neither passes nor fails.
func (r Row) judged() Row {
	switch {
	case len(r.Faults) > 0:
		r.Verdict = Wrong
	case r.missing:
		r.Verdict = NotMeasured
	case r.Disturbed != "":
		r.Verdict = Inconclusive
	case r.Must == nil:
		r.Verdict = Shown
	case !r.Must.met(r.Value):
		r.Verdict = Missed
	case r.Aim == nil || !r.Aim.met(r.Value):
		r.Verdict = Must
	default:
		r.Verdict = Aim
	}
	if r.Faults == nil {
		r.Faults = []string{}
	}
	if r.Notes == nil {
		r.Notes = []string{}
	}
	return r
}

// fault notes something that a check found.
func (r *Row) fault(format string, args ...any) {
	const most = 5
	if len(r.Faults) < most {
		r.Faults = append(r.Faults, fmt.Sprintf(format, args...))
	}
}

func (r *Row) note(format string, args ...any) {
	r.Notes = append(r.Notes, fmt.Sprintf(format, args...))
}

// Report is what a run found.
type Report struct {
	Group   string `json:"group"`
	Scale   Scale  `json:"scale"`
	Seed    uint64 `json:"seed"`
	Machine string `json:"machine"`
	Rows    []Row  `json:"rows"`
}

// Failed names the rows that make the run fail: a must that was missed, an answer
// that was wrong.
func (r Report) Failed() []string {
	var ids []string
	for _, row := range r.Rows {
		if row.Verdict == Missed || row.Verdict == Wrong {
			ids = append(ids, row.ID)
		}
	}
	return ids
}
