package main

import (
	"context"
	"errors"
	"os"
	"strings"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"

	"creditbank/internal/bench"
)

type benchCommand struct {
	Group string `arg:"" optional:"" enum:"engine,ledger,import,all" default:"all" help:"What to measure: engine, ledger, import, or all there is."`
	Scale string `name:"scale" enum:"ci,full,tiny" default:"ci" help:"ci takes a few minutes for each group, full up to half an hour; tiny only shows that it runs."`
	Seed  uint64 `name:"seed" default:"1" help:"Another seed makes other data."`
}

// group is something that can be measured by itself.
type group struct {
	name    string
	measure func(context.Context, bench.Options) (bench.Report, error)
}

// groups are all there is to measure, in the order in which it is.
func groups() []group {
	return []group{{"engine", bench.Engine}, {"ledger", bench.Ledger}, {"import", bench.Import}}
}

// Run measures and prints the figures. Its status is 1 when a must is missed or
// an answer was wrong; what a disturbed machine leaves open is said and no more.
func (c benchCommand) Run(a *app) error {
	var reports []bench.Report
	var failed []string
	for _, g := range groups() {
		if c.Group != "all" && c.Group != g.name {
			continue
		}
		report, err := c.measure(a, g)
		if err != nil {
			return err
		}
		reports, failed = append(reports, report), append(failed, report.Failed()...)
	}
	if err := a.printReports(reports); err != nil {
		return err
	}
	if len(failed) > 0 {
		a.sayf("missed or wrong: %s", strings.Join(failed, ", "))
		return errRefused
	}
	return nil
}

// measure measures one group in a folder of its own.
func (c benchCommand) measure(a *app, g group) (report bench.Report, err error) {
	dir, err := os.MkdirTemp("", "creditbank-bench-")
	if err != nil {
		return report, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	progress := a.newStations()
	defer progress.done()
	return g.measure(a.ctx, bench.Options{Scale: bench.Scale(c.Scale), Seed: c.Seed, Dir: dir, Say: progress.say})
}

// printReports prints what was measured, as tables or as one document.
func (a *app) printReports(reports []bench.Report) error {
	if a.cli.JSON {
		return a.printJSON(map[string]any{"reports": reports})
	}
	for _, r := range reports {
		if err := r.Print(a.stdout); err != nil {
			return err
		}
	}
	return nil
}

// stations shows which of the measurements is under way: a bar on a terminal,
// plain lines elsewhere.
type stations struct {
	a    *app
	bar  *progressbar.ProgressBar
	term bool
}

func (a *app) newStations() *stations {
	file, ok := a.stderr.(*os.File)
	return &stations{a: a, term: ok && term.IsTerminal(int(file.Fd()))}
}

func (s *stations) say(at bench.Station) {
	switch {
	case !s.term && at.Next != "":
		s.a.sayf("%d/%d %s", at.Done+1, at.Of, at.Next)
	case !s.term:
	case s.bar == nil:
		s.bar = progressbar.NewOptions(at.Of, progressbar.OptionSetWriter(s.a.stderr), progressbar.OptionSetDescription(at.Next),
			progressbar.OptionShowCount(), progressbar.OptionSetPredictTime(true), progressbar.OptionClearOnFinish())
	default:
		s.bar.Describe(at.Next)
		_ = s.bar.Set(at.Done)
	}
}

func (s *stations) done() {
	if s.bar != nil {
		_ = s.bar.Finish()
	}
}
