package main

import (
	"creditbank/internal/bank"
	"creditbank/internal/intake"
)

// regionalCommand holds what is done with the codes of the files of a regional credit bank.
type regionalCommand struct {
	List regionalListCommand `cmd:"" help:"List the codes as they hold, and who changed them."`
	Set  regionalSetCommand  `cmd:"" help:"Choose a set of codes, or change a code."`
}

type regionalListCommand struct{}

// Run lists the settings, one a line.
func (regionalListCommand) Run(a *app) error {
	return a.withStanding(func(b *bank.Bank) error {
		s, err := b.RegionalSettings(a.ctx, operator)
		if err != nil {
			return err
		}
		if a.cli.JSON {
			return a.printJSON(s)
		}
		for _, kind := range bank.RegionalKinds() {
			if err := a.printf("set.%s = %s\n", kind, s.Chosen[kind]); err != nil {
				return err
			}
		}
		for _, set := range bank.RegionalSets() {
			for _, c := range s.Codes[set] {
				if err := a.printf("code.%s.%s.%s = %s  # %s\n", set, c.List, c.Word, c.Code, c.Name); err != nil {
					return err
				}
			}
		}
		for _, school := range s.Schools {
			if err := a.printf("school.%s = %s\n", school.Institution, school.Code); err != nil {
				return err
			}
		}
		return nil
	})
}

type regionalSetCommand struct {
	Setting string `arg:"" help:"set.KIND, code.SET.LIST.WORD or school.INSTITUTION, as the list names them."`
	Value   string `arg:"" help:"The set (long, short) or the code; blank for none."`
}

// Run changes a setting; what was before stays as a version.
func (c regionalSetCommand) Run(a *app) error {
	return a.withStanding(func(b *bank.Bank) error {
		if err := b.SetRegional(a.ctx, operator, map[string]string{c.Setting: c.Value}); err != nil {
			return err
		}
		return a.done("cli.regional_set", map[string]any{"Setting": c.Setting, "Value": c.Value})
	})
}

// giveRegional gives a file of a regional credit bank out, and says what stands in no row.
func (c exportCommand) giveRegional(a *app, b *bank.Bank, w intake.TableWriter) error {
	r, err := b.ExportRegional(a.ctx, operator, bank.RegionalFile{Kind: c.Kind, Institution: c.Institution}, func(cells ...string) error { return w.Write(cells) })
	if err != nil {
		return err
	}
	for _, why := range bank.RegionalLeftOut() {
		if n := r.LeftOut[why]; n > 0 {
			a.sayf("%s", a.say.Say("regional.left."+why, map[string]any{"Left": n}))
		}
	}
	return w.Flush()
}
