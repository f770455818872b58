// Package bench measures the credit bank: it makes a country of institutions,
// programmes, rules and learners, sets the bank beside a peer in the same run, in
// turn, and prints tables of ratios with their spread. Every measurement checks
// its own answers: a fast wrong answer fails.
//
// Absolute figures depend on the machine and are printed for orientation alone;
// the goals are ratios.
package bench

import (
	"context"
	"fmt"
	"time"
)

// Scale says how large the data of a run are.
type Scale string

// The scales: Full is the country of the goals, about half an hour on two cores;
// CI is a twentieth of it, a few minutes; Tiny proves that the program works.
const (
	Full Scale = "full"
	CI   Scale = "ci"
	Tiny Scale = "tiny"
)

// Options say what to measure.
type Options struct {
	Scale Scale
	Seed  uint64
	Dir   string             // for files, some hundred megabytes at full scale; emptied by the caller
	Say   func(done Station) // told what is done and what comes next; may be nil
}

// Station is how far a run has come.
type Station struct {
	Done, Of int
	Next     string // what is measured next; empty at the end
}

// size is what a scale comes to.
type size struct {
	programmes, rules int
	wide              bool // E3 in the country of the goals, whatever the scale
	ranked            int  // learners of E1, E2
	exact             int  // learners of E3
	pairs             int  // of E1 to E3, E5, E6
	instances         int  // of the solver's peers
	hard              int  // instances of each family built to be hard
	patience          time.Duration
}

// The country of the goals.
const (
	fullProgrammes = 20_000
	fullRules      = 1_000_000
)

func (s Scale) size() (size, error) {
	switch s {
	case Full:
		return size{programmes: fullProgrammes, rules: fullRules, ranked: 20, exact: 200, pairs: 5, instances: 400, hard: 8, patience: 10 * time.Second}, nil
	case CI:
		return size{programmes: 1_000, rules: 50_000, wide: true, ranked: 20, exact: 200, pairs: 5, instances: 60, hard: 3, patience: 2 * time.Second}, nil
	case Tiny:
		return size{programmes: 800, rules: 1_200, ranked: 4, exact: 4, pairs: 2, instances: 4, hard: 1, patience: time.Second}, nil
	}
	return size{}, fmt.Errorf("bench: no scale %q", s)
}

// Engine measures the transfer engine against its goals. The error is of the
// machine or the program; what was missed or wrong stands in the report.
func Engine(ctx context.Context, o Options) (Report, error) {
	return measure(ctx, o, "engine", (*run).engineSteps)
}

// measure takes the steps of a group one after the other.
func measure(ctx context.Context, o Options, group string, stepsOf func(*run) []step) (Report, error) {
	z, err := o.Scale.size()
	if err != nil {
		return Report{}, err
	}
	r := &run{ctx: ctx, options: o, size: z, report: Report{Group: group, Scale: o.Scale, Seed: o.Seed, Machine: machine()}}
	steps := stepsOf(r)
	for i, s := range steps {
		r.tell(Station{Done: i, Of: len(steps), Next: s.name})
		if err := s.do(); err != nil {
			return r.report, fmt.Errorf("bench: %s: %w", s.name, err)
		}
		if err := ctx.Err(); err != nil {
			return r.report, err
		}
	}
	r.tell(Station{Done: len(steps), Of: len(steps)})
	return r.report, nil
}

// run is one run of the measurements under way.
type run struct {
	ctx     context.Context
	options Options
	size    size
	report  Report
}

type step struct {
	name string
	do   func() error
}

func (r *run) tell(s Station) {
	if r.options.Say != nil {
		r.options.Say(s)
	}
}

func (r *run) add(row Row) { r.report.Rows = append(r.report.Rows, row.judged()) }
