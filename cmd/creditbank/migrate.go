package main

import "creditbank/internal/bank"

type migrateCommand struct{}

// Run brings the schema up to date; opening the bank does it.
func (migrateCommand) Run(a *app) error {
	return a.withBank(func(*bank.Bank) error {
		if a.cli.JSON {
			return a.printJSON(map[string]string{"schema": bank.SchemaVersion()})
		}
		return a.printf("%s\n", bank.SchemaVersion())
	})
}
