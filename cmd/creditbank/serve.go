package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"runtime"
	"time"

	"creditbank/internal/bank"
	"creditbank/internal/web"
)

type serveCommand struct {
	Addr    string `name:"addr" env:"CREDITBANK_ADDR" default:":8080" help:"Address to listen on."`
	Metrics bool   `name:"metrics" env:"CREDITBANK_METRICS" help:"Serve /metrics on the same address."`
	siteFlags
	oidcFlags
	mapFlags
	mailFlags
}

// siteFlags say where the site is for the world.
type siteFlags struct {
	URL     string   `name:"url" env:"CREDITBANK_URL" help:"Address of the site, https://HOST: what links say and the only host that is answered."`
	Proxies []string `name:"proxy" env:"CREDITBANK_PROXY" help:"Network of a proxy whose X-Forwarded-For is believed, such as 10.0.0.0/8; repeated or with commas."`
	Rate    float64  `name:"rate" env:"CREDITBANK_RATE" default:"50" help:"Requests a second that one address or person may make; 0: any number."`
	Licence string   `name:"open-licence" env:"CREDITBANK_OPEN_LICENCE" default:"CC-BY-4.0" help:"Licence of the open data: an SPDX identifier or an address."`
}

func (f siteFlags) config() web.Config {
	return web.Config{URL: f.URL, Proxies: f.Proxies, Rate: f.Rate, Licence: f.Licence}
}

// Run serves until it is told to stop.
func (c serveCommand) Run(a *app) error {
	return a.withBank(func(b *bank.Bank) error {
		c.keepMap(b, a.cli.DB, true)
		site := c.siteFlags.config()
		site.OIDC = c.oidcFlags.config()
		site.Bank, site.Log, site.Metrics = b, a.log, c.Metrics
		stopLetters, err := c.keepLetters(a, b, c.URL)
		if err != nil {
			return err
		}
		defer stopLetters()
		return a.serve(site, c.Addr, func(address string) error { return a.inviteFirst(b, cmp.Or(c.URL, localAddress(address))) })
	})
}

// Limits of a connection; a slow or silent peer is let go.
const (
	headerTimeout = 5 * time.Second
	readTimeout   = 30 * time.Second
	writeTimeout  = 60 * time.Second
	idleTimeout   = 2 * time.Minute
	stopTimeout   = 20 * time.Second
	drainTime     = 500 * time.Millisecond
	maxHeader     = 64 << 10
)

// The log is signed once a day, and looked at every hour.
const (
	checkpointEvery = 24 * time.Hour
	checkpointLook  = time.Hour
)

// sweepEvery is how often what is not to be kept any longer is removed.
const sweepEvery = 24 * time.Hour

// repeat does something at once and then time and again until it is stopped;
// stopping waits for what is under way.
func (a *app) repeat(every time.Duration, do func(ctx context.Context, first bool)) (stop func()) {
	ctx, cancel := context.WithCancel(a.ctx)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		look := time.NewTicker(every)
		defer look.Stop()
		for do(ctx, true); ; do(ctx, false) {
			select {
			case <-ctx.Done():
				return
			case <-look.C:
			}
		}
	}()
	return func() { cancel(); <-ended }
}

// keepCheckpoints signs the log of every day until it is stopped.
func (a *app) keepCheckpoints(b *bank.Bank) (stop func()) {
	return a.repeat(checkpointLook, func(ctx context.Context, first bool) { a.signToday(ctx, b, first) })
}

// keepSwept removes once a day what is over for long enough, until it is stopped.
func (a *app) keepSwept(b *bank.Bank) (stop func()) {
	return a.repeat(sweepEvery, func(ctx context.Context, _ bool) {
		if _, err := b.Sweep(ctx); err != nil && ctx.Err() == nil {
			a.log.Warn("what is over was not removed", "error", err.Error())
		}
	})
}

// dueEvery is how often the bank looks for what is due: reminders, escalations.
const dueEvery = time.Minute

// keepDue does what is due, until it is stopped.
func (a *app) keepDue(b *bank.Bank) (stop func()) {
	return a.repeat(dueEvery, func(ctx context.Context, _ bool) {
		if err := b.RunDue(ctx); err != nil && ctx.Err() == nil {
			a.log.Warn("not all that was due was done", "error", err.Error())
		}
	})
}

// signToday keeps a signed checkpoint of the day, so that nothing older can be
// rewritten unseen. That there is no key is said once.
func (a *app) signToday(ctx context.Context, b *bank.Bank, first bool) {
	_, err := b.Checkpoint(ctx, checkpointEvery)
	switch {
	case err == nil || ctx.Err() != nil:
	case first || bank.CodeOf(err) != bank.Unavailable:
		a.log.Warn("no checkpoint was signed", "error", err.Error())
	}
}

// signLast signs what was booked until the end.
func (a *app) signLast(b *bank.Bank) {
	_, err := b.Checkpoint(context.WithoutCancel(a.ctx), 0)
	if err != nil && bank.CodeOf(err) != bank.Unavailable {
		a.log.Warn("no checkpoint was signed", "error", err.Error())
	}
}

// serve answers requests until the context ends, then lets those under way finish.
func (a *app) serve(site web.Config, addr string, ready func(address string) error) error {
	b := site.Bank
	b.Fault = func(what string, err error) { a.log.Error("not done", "what", what, "error", err.Error()) }
	room := web.Room()
	defer runtime.KeepAlive(room)
	handler, err := web.New(site)
	if err != nil {
		return err
	}
	if _, err := b.Snapshot(a.ctx); err != nil {
		return err
	}
	listener, err := net.Listen("tcp", addr)
	if err != nil {
		return fmt.Errorf("listen: %w", err)
	}
	server := &http.Server{Handler: handler, ReadHeaderTimeout: headerTimeout, ReadTimeout: readTimeout, WriteTimeout: writeTimeout,
		IdleTimeout: idleTimeout, MaxHeaderBytes: maxHeader}
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(listener) }()
	stopSigning, stopSweeping, stopDue := a.keepCheckpoints(b), a.keepSwept(b), a.keepDue(b)
	defer stopSigning()
	defer stopSweeping()
	defer stopDue()
	a.log.Info("serving", "address", listener.Addr().String())
	if ready != nil {
		if err := ready(listener.Addr().String()); err != nil {
			return err
		}
	}
	select {
	case err := <-failed:
		return err
	case <-a.ctx.Done():
	}
	a.log.Info("stopping")
	// Callers that are on their way are let in before the door closes.
	handler.Drain()
	server.SetKeepAlivesEnabled(false)
	time.Sleep(drainTime)
	ctx, cancel := context.WithTimeout(context.WithoutCancel(a.ctx), stopTimeout)
	defer cancel()
	if err := server.Shutdown(ctx); err != nil {
		return errors.Join(fmt.Errorf("stop: %w", err), server.Close())
	}
	stopSigning()
	a.signLast(b)
	a.log.Info("stopped")
	return nil
}
