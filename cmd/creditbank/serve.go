package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"

	"creditbank/internal/bank"
	"creditbank/internal/web"
)

type serveCommand struct {
	Addr    string `name:"addr" env:"CREDITBANK_ADDR" default:":8080" help:"Address to listen on."`
	Metrics bool   `name:"metrics" env:"CREDITBANK_METRICS" help:"Serve /metrics on the same address."`
}

// Run serves until it is told to stop.
func (c serveCommand) Run(a *app) error {
	return a.withBank(func(b *bank.Bank) error { return a.serve(b, c.Addr, c.Metrics, nil) })
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

// serve answers requests until the context ends, then lets those under way finish.
func (a *app) serve(b *bank.Bank, addr string, metrics bool, ready func(address string)) error {
	handler, err := web.New(web.Config{Bank: b, Log: a.log, Metrics: metrics})
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
	a.log.Info("serving", "address", listener.Addr().String())
	if ready != nil {
		ready(listener.Addr().String())
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
	a.log.Info("stopped")
	return nil
}
