// Package oracle answers the transfer question by trying every plan there is.
// It exists for tests alone: it is written from the definition of a plan, shares
// nothing with the engine it judges, and trades all speed for being plainly right.
//
// Units: credits are hundredths of a credit, scores hundredths of a point, hours
// ten-thousandths of an hour, rates hundredths of an hour per credit, shares
// ten-thousandths, days the days since 1970-01-01.
package oracle

import (
	"math"
	"slices"
	"strconv"
	"strings"
)

// Open stands for a day that is not given: a window without a start or an end.
const Open = math.MinInt32

// Record is one result of the learner. Used: held or redeemed already. A record
// that is not Graded passes but meets no grade band. An empty Kind is "course".
type Record struct {
	Institution, Course, Kind string
	Graded                    bool
	Score                     int64
	Passed                    bool
	Credits, Hours            int64 // 0 = not given
	Level                     int   // 0 = unknown
	Day                       int
	Used                      bool
}

// Course is one dated version of a course; several versions share one key.
type Course struct {
	Institution, Code string
	From, To          int // Open when open
	Credits, Hours    int64
	Level             int
}

// Institution carries what conversion needs. Kind "bank" marks standard units.
type Institution struct {
	Code, Kind string
	Rate, Step int64 // a Step of 0 is the default, half a credit
}

// Group is a requirement group of a programme.
type Group struct {
	Code string
	Min  int64
}

// PlanCourse places a course in a group of a programme.
type PlanCourse struct {
	Group, Course string
	NeverExempt   bool
}

// Programme is the target of the question.
type Programme struct {
	Institution, Code string
	Required          int64
	Groups            []Group
	Plan              []PlanCourse
}

// Source is one member of an AND set with its grade band, both ends included.
type Source struct {
	Institution, Course string
	Min, Max            int64 // -1 = none
}

// Target is a course, unassigned credit in a group (no Course), or an exemption.
type Target struct {
	Course, Group, Mode string // Mode: catalogue (also blank), fixed, source
	Credits             int64
	Exemption           bool
}

// Rule is one version of an equivalence. From and To are the effective window.
// A Validity below one year is none. A blank Outcome is "credit".
type Rule struct {
	Code               string
	Version            int
	Institution        string
	Sources            []Source
	Targets            []Target
	From, To, Validity int
	Programme          string
	Priority           int
	Outcome            string
}

// Policy is one dated row of policy; -1 (Validity: below 1) is blank and inherits.
type Policy struct {
	Scope, Institution, Programme string
	From                          int
	MinGrade                      int64
	Validity                      int
	MaxRise                       int
}

// Cap is one dated row of caps; neither Credits nor Share (-1 both) lifts the cap.
type Cap struct {
	Scope, Institution, Programme string
	From                          int
	Cap, Key                      string
	Credits                       int64
	Share                         int64
}

// World is everything the question is asked against.
type World struct {
	Institutions []Institution
	Courses      []Course
	Programmes   []Programme
	Rules        []Rule
	Policies     []Policy
	Caps         []Cap
}

// Answer is what the best plan is worth. ByGroup holds the applied credits of every
// group of the programme in one of the best plans. Sets are all the best plans, each
// as its sorted rule keys, in order; it is nil when there are more than MaxSets.
type Answer struct {
	Applied, Transferable, Earned int64
	Exemptions, Records           int
	ByGroup                       map[string]int64
	Sets                          [][]string
}

// Chosen is one item of a plan somebody claims. Via names the rules that serve
// standard units in between, each as "code/version".
type Chosen struct {
	Rule    string
	Version int
	Via     []string
	Records []int
	Credits int64
}

// MaxSets is how many best plans an Answer lists at most.
const MaxSets = 256

func (r *Rule) key() string { return r.Code + "/" + strconv.Itoa(r.Version) }

// keyVia names a rule with the rules that serve it: "B/1+A/2".
func keyVia(rule string, via []string) string {
	if len(via) == 0 {
		return rule
	}
	return rule + "+" + strings.Join(distinct(via), "+")
}

// distinct returns the values sorted, each once.
func distinct[T int | string](list []T) []T {
	out := slices.Clone(list)
	slices.Sort(out)
	return slices.Compact(out)
}
