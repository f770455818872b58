package main

import (
	"errors"
	"time"

	"creditbank/internal/bank"
)

type backupCommand struct {
	File string `arg:"" help:"File to write; it must not exist."`
}

// Run copies the bank while it goes on.
func (c backupCommand) Run(a *app) error {
	return a.withStanding(func(b *bank.Bank) error {
		started, said := time.Now(), time.Now()
		err := b.Backup(a.ctx, operator, c.File, func(done, total int) {
			if time.Since(started) > time.Second && time.Since(said) > time.Second && total > 0 {
				said = time.Now()
				a.sayf("%s", a.say.Say("cli.backup_progress", map[string]any{"Percent": done * 100 / total}))
			}
		})
		if err != nil {
			return err
		}
		return a.done("cli.backup_done", map[string]any{"Path": c.File})
	})
}

type restoreCommand struct {
	File string `arg:"" help:"A backup made by backup."`
}

// Run verifies the backup and puts it in the place of the bank, which must be stopped.
func (c restoreCommand) Run(a *app) error {
	kept, err := bank.Restore(a.ctx, operator, a.cli.DB, c.File, time.Now().UTC().Format("20060102T150405Z"))
	if err != nil {
		return a.inWords(err)
	}
	if kept == "" {
		return a.done("cli.restore_done", map[string]any{"Path": c.File})
	}
	return a.done("cli.restore_kept", map[string]any{"Path": c.File, "Kept": kept})
}

// inWords says what was found in the ledger of a backup in the reader's language.
func (a *app) inWords(err error) error {
	var refusal *bank.Error
	var found *bank.Finding
	if errors.As(err, &refusal) && errors.As(err, &found) {
		refusal.Args["Finding"] = a.fault(found).Message
	}
	return err
}

// done says that a command is done, as a sentence or as JSON.
func (a *app) done(key string, args map[string]any) error {
	sentence := a.say.Say(key, args)
	if a.cli.JSON {
		return a.printJSON(map[string]string{"done": sentence})
	}
	return a.printf("%s\n", sentence)
}
