package main

import "creditbank/internal/bank"

// personalKeysCommand holds what is done with the keys that seal personal data.
type personalKeysCommand struct {
	List   personalListCommand   `cmd:"" help:"List the keys and how many texts each has sealed."`
	Rotate personalRotateCommand `cmd:"" help:"Make a new key, seal everything again with it while the bank is open, and drop the old one."`
	Rewrap personalRewrapCommand `cmd:"" help:"Wrap the keys with a new master key."`
}

type personalListCommand struct{}

// Run lists the keys by their numbers.
func (personalListCommand) Run(a *app) error {
	return a.withStanding(func(b *bank.Bank) error {
		keys, err := b.PersonalKeys(a.ctx, operator)
		if err != nil {
			return err
		}
		if a.cli.JSON {
			return a.printJSON(map[string][]bank.PersonalKey{"items": keys})
		}
		for _, k := range keys {
			if err := a.sentence("cli.personal_key", map[string]any{"ID": k.ID, "Primary": k.Primary, "Texts": k.Texts}); err != nil {
				return err
			}
		}
		return nil
	})
}

type personalRotateCommand struct{}

// Run rotates the keys, or takes a rotation to its end that was interrupted.
func (personalRotateCommand) Run(a *app) error {
	return a.withStanding(func(b *bank.Bank) error {
		count := 0
		if err := b.RotatePersonalKey(a.ctx, operator, func(done int) { count = done }); err != nil {
			return err
		}
		return a.done("cli.personal_rotated", map[string]any{"Count": count})
	})
}

type personalRewrapCommand struct {
	To string `name:"to" help:"File of the next master key, made when there is none; else it takes the place of the one in use."`
}

// Run changes the master key.
func (c personalRewrapCommand) Run(a *app) error {
	return a.withStanding(func(b *bank.Bank) error {
		if err := b.RewrapPersonalKey(a.ctx, operator, c.To); err != nil {
			return err
		}
		if c.To != "" {
			return a.done("cli.personal_rewrapped_to", map[string]any{"Path": c.To})
		}
		return a.done("cli.personal_rewrapped", nil)
	})
}
