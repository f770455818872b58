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
		if err := a.loadOutcomes(b); err != nil {
			return err
		}
		if err := a.loadResults(b); err != nil {
			return err
		}
		a.log.Info("seeds loaded", "seconds", time.Since(started).Seconds())
		token, secret, err := b.AddToken(a.ctx, operator, bank.NewToken{Name: "demo", Institution: demoSchool, Expires: (b.Today() + 1).String()})
		if err != nil {
			return err
		}
		logins, err := a.demoLogins(b)
		if err != nil {
			return err
		}
		if err := a.loadWork(b); err != nil {
			return err
		}
		greeting := demoGreeting{Database: a.cli.DB, Token: newListedToken(token), Account: demoLearner, Logins: logins}
		greeting.Token.Secret = secret
		return a.serve(web.Config{Bank: b, Log: a.log, Metrics: true}, c.Addr, func(address string) error {
			greeting.Address = localAddress(address)
			return a.greet(greeting)
		})
	})
}

// loadSeeds imports the demo city through the same door as any file.
func (a *app) loadSeeds(b *bank.Bank) error {
	for _, f := range seeds.Files() {
		data, err := seeds.FS.ReadFile(f.Name)
		if err != nil {
			return err
		}
		report, err := a.importTable(b, bytes.NewReader(data), "", bank.Import{Kind: f.Kind, Publish: true})
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

// demoGreeting is where the demo is, and how one comes in; with --json it is printed.
type demoGreeting struct {
	Address  string        `json:"address"`
	Database string        `json:"database"`
	Token    listedToken   `json:"token"`
	Account  string        `json:"account"` // of a learner of the token's school
	Logins   []listedLogin `json:"logins"`
}

// greet says where the demo is, how people come in, and how a school's system can
// use it. The secrets are of this start alone, and stand in no log.
func (a *app) greet(g demoGreeting) error {
	if a.cli.JSON {
		return a.printJSON(g)
	}
	a.sayf("%s", a.say.Say("cli.demo", map[string]any{"Address": g.Address, "DB": g.Database}))
	a.sayf("%s", a.say.Say("cli.demo_logins", map[string]any{"Address": g.Address}))
	for _, l := range g.Logins {
		args := l.args()
		args["Password"], args["TOTP"] = l.Password, l.TOTP
		a.sayf("%s", a.say.Say("cli.demo_login", args))
	}
	a.sayf("%s", a.say.Say("cli.demo_token", map[string]any{"Institution": g.Token.Institution, "Expires": g.Token.Expires, "Secret": g.Token.Secret,
		"Address": g.Address, "Account": g.Account}))
	return nil
}

// localAddress is a listening address as a browser on this machine takes it.
func localAddress(address string) string {
	_, port, err := net.SplitHostPort(address)
	if err != nil {
		port = address
	}
	return "http://localhost:" + port
}
