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
	"creditbank/internal/web"
	"creditbank/seeds"
)

type demoCommand struct {
	Addr string `name:"addr" default:":8080" help:"Address to listen on."`
	Dir  string `name:"dir" help:"Folder to keep the demo bank in; else a temporary one."`
	mapFlags
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
		c.keepMap(b, a.cli.DB, true)
		started := time.Now()
		if err := a.loadSeeds(b); err != nil {
			return err
		}
		a.log.Info("seeds loaded", "seconds", time.Since(started).Seconds())
		token, secret, err := b.AddToken(a.ctx, operator, bank.NewToken{Name: "demo", Institution: demoSchool, Expires: (b.Today() + 1).String()})
		if err != nil {
			return err
		}
		return a.serve(web.Config{Bank: b, Log: a.log, Metrics: true}, c.Addr, func(address string) { a.greet(address, token, secret) })
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

// What the demo's token is tried with: a school of the seeds, and its learner.
const (
	demoSchool  = "3650990001"
	demoLearner = "L000001"
)

// greet says where the demo is, and how a school's system can use it.
func (a *app) greet(address string, token bank.Token, secret string) {
	_, port, err := net.SplitHostPort(address)
	if err != nil {
		port = address
	}
	address = "http://localhost:" + port
	a.sayf("%s", a.say.Say("cli.demo", map[string]any{"Address": address, "DB": a.cli.DB}))
	a.sayf("%s", a.say.Say("cli.demo_token", map[string]any{"Institution": token.Institution, "Expires": token.Expires.String(), "Secret": secret,
		"Address": address, "Account": demoLearner}))
}
