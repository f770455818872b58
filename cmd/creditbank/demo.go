package main

import (
	"bytes"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"time"

	"creditbank/internal/bank"
	"creditbank/seeds"
)

type demoCommand struct {
	Addr string `name:"addr" default:":8080" help:"Address to listen on."`
	Dir  string `name:"dir" help:"Folder to keep the demo bank in; else a temporary one."`
}

// Run serves the seeds. Loading them twice changes nothing, so a kept folder
// can be started again.
func (c demoCommand) Run(a *app) error {
	dir := c.Dir
	if dir == "" {
		temporary, err := os.MkdirTemp("", "creditbank-demo-")
		if err != nil {
			return err
		}
		defer func() { _ = os.RemoveAll(temporary) }()
		dir = temporary
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	a.cli.DB = "sqlite:" + filepath.Join(dir, "creditbank.db")
	return a.withBank(func(b *bank.Bank) error {
		started := time.Now()
		if err := a.loadSeeds(b); err != nil {
			return err
		}
		a.log.Info("seeds loaded", "seconds", time.Since(started).Seconds())
		return a.serve(b, c.Addr, true, func(address string) { a.greet(address, a.cli.DB) })
	})
}

// loadSeeds imports the demo city through the same door as any file.
func (a *app) loadSeeds(b *bank.Bank) error {
	for _, f := range seeds.Files() {
		data, err := seeds.FS.ReadFile(f.Name)
		if err != nil {
			return err
		}
		report, err := a.importTable(b, bytes.NewReader(data), bank.Import{Kind: f.Kind, Publish: true})
		if err != nil {
			return fmt.Errorf("%s: %w", f.Name, err)
		}
		if report.Refused > 0 {
			return errors.Join(fmt.Errorf("%s: %d rows refused", f.Name, report.Refused), a.printReport(report))
		}
	}
	return nil
}

// greet says where the demo is.
func (a *app) greet(address, db string) {
	_, port, err := net.SplitHostPort(address)
	if err != nil {
		port = address
	}
	a.sayf("%s", a.say.Say("cli.demo", map[string]any{"Address": "http://localhost:" + port, "DB": db}))
}
