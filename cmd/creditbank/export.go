package main

import (
	"io"
	"slices"
	"strings"

	"creditbank/internal/bank"
	"creditbank/internal/intake"
)

type exportCommand struct {
	Kind        string `arg:"" help:"Kind of file, as for import."`
	Format      string `name:"format" default:"csv" enum:"csv,xlsx" help:"Format: csv or xlsx."`
	Out         string `name:"out" help:"File to write; else standard output."`
	Institution string `name:"institution" placeholder:"CODE" help:"Of the files of a regional credit bank: whose; else of all."`
	Template    bool   `name:"template" help:"An empty file with Chinese headers; as a workbook with drop-downs, notes and examples."`
}

// Run gives a kind of file out. A file is in place only when it is whole.
func (c exportCommand) Run(a *app) error {
	if err := checkKind(c.Kind); err != nil {
		return err
	}
	if c.Institution != "" && !slices.Contains(bank.RegionalKinds(), c.Kind) {
		return wrongUsage("--institution", c.Institution, "only_with", map[string]any{"Kinds": strings.Join(bank.RegionalKinds(), ", ")})
	}
	if c.Out == "" {
		return c.write(a, a.stdout)
	}
	file, err := newOutput(c.Out)
	if err != nil {
		return err
	}
	return file.finish(c.write(a, file))
}

func (c exportCommand) write(a *app, out io.Writer) error {
	if c.Template {
		return intake.WriteTemplate(out, c.Kind, c.Format, a.say.Say)
	}
	w, err := intake.NewTable(out, c.Format)
	if err != nil {
		return err
	}
	return a.withStanding(func(b *bank.Bank) error {
		if slices.Contains(bank.RegionalKinds(), c.Kind) {
			return c.giveRegional(a, b, w)
		}
		err := b.Export(a.ctx, operator, c.Kind, func(cells ...string) error { return w.Write(cells) })
		if err != nil {
			return err
		}
		return w.Flush()
	})
}
