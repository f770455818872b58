package main

import "creditbank/internal/bank"

// learnerCommand holds what is done with one learner.
type learnerCommand struct {
	Erase eraseCommand `cmd:"" help:"Remove all that is personal of a learner; results and entries stay."`
}

type eraseCommand struct {
	Account string `arg:"" help:"Account of the learner."`
	Reason  string `name:"reason" required:"" help:"Why, for the audit log; without names and numbers."`
}

// Run erases a learner.
func (c eraseCommand) Run(a *app) error {
	return a.withStanding(func(b *bank.Bank) error {
		if err := b.EraseLearner(a.ctx, operator, c.Account, c.Reason); err != nil {
			return err
		}
		return a.done("cli.erased", map[string]any{"Account": c.Account})
	})
}
