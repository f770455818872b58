package main

import (
	"fmt"
	"strings"

	"creditbank/internal/bank"
	"creditbank/internal/transfer"
	"creditbank/internal/web"
)

type lintCommand struct{ mapFlags }

// finding is a fault of the map as a program gets it.
type finding struct {
	Class   transfer.Class `json:"class"`
	Rules   []ruleName     `json:"rules"`
	Course  string         `json:"course,omitempty"`
	Message string         `json:"message"`
}

type ruleName struct {
	Equivalence string `json:"equivalence"`
	Version     int    `json:"version"`
}

// Run lists the faults of the whole map. Its status is 1 when there are any.
func (c lintCommand) Run(a *app) error {
	return a.withStanding(func(b *bank.Bank) error {
		c.keepMap(b, a.cli.DB, false)
		found, err := b.Lint(a.ctx)
		if err != nil {
			return err
		}
		if err := a.printFindings(found); err != nil {
			return err
		}
		if len(found) > 0 {
			return errRefused
		}
		return nil
	})
}

func (a *app) printFindings(found []transfer.Finding) error {
	list := make([]finding, len(found))
	for i, f := range found {
		list[i] = a.finding(f)
	}
	if a.cli.JSON {
		return a.printJSON(map[string]any{"findings": list})
	}
	for _, f := range list {
		var names []string
		for _, r := range f.Rules {
			names = append(names, fmt.Sprintf("%s/%d", r.Equivalence, r.Version))
		}
		if err := a.printf("%s [%s] %s\n", strings.Join(names, " "), f.Class, f.Message); err != nil {
			return err
		}
	}
	if len(list) == 0 {
		return a.sentence("cli.lint_clean", nil)
	}
	return a.sentence("cli.lint_sum", map[string]any{"Count": len(list)})
}

// finding words a finding.
func (a *app) finding(f transfer.Finding) finding {
	out := finding{Class: f.Class, Rules: []ruleName{}}
	for _, r := range f.Rules {
		out.Rules = append(out.Rules, ruleName{r.Code, r.Version})
	}
	if f.Course.Code != "" {
		out.Course = f.Course.Institution + ":" + f.Course.Code
	}
	out.Message = web.FindingSentence(a.say, nil, f)
	return out
}
