package bench

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"sync/atomic"
	"time"

	"creditbank/internal/bank"
	"creditbank/internal/web"
)

// store is a database: as the bank opens it, and as whoever looks into it does.
type store struct {
	driver, source string // of database/sql, to look into it
	bank           string
	path           string // of the file; empty: there is none
	key            string // file with the key of the log; empty: beside the file
	personal       string // file with the master key of personal data; empty: beside the file
}

// How many writes of a bank share a flush of the disk.
const (
	together = 0 // as many as the bank lets
	oneByOne = 1
)

// site is a bank with its web server on a port of 127.0.0.1, as `serve` runs it,
// and a second one that answers and writes nothing.
type site struct {
	at       store
	bank     *bank.Bank
	secret   string
	learners int
	actor    bank.Actor

	writing, silent *endpoint
	next            atomic.Int64 // number of the next deposit
	acked           []int64      // deposits that were acknowledged
	first           []kept       // some of them with their answers
}

// kept is a deposit with the answer that acknowledged it.
type kept struct {
	number int64
	answer string
}

// openSite makes a bank in an empty database and serves it.
func openSite(ctx context.Context, at store, size ledgerSize, writesPerCommit int) (*site, error) {
	b, err := openSchool(ctx, at, size.learners, bank.Options{WritesPerCommit: writesPerCommit, LedgerKeyFile: at.key, PersonalKeyFile: at.personal})
	if err != nil {
		return nil, err
	}
	s := &site{at: at, bank: b, learners: size.learners}
	if err := s.serve(ctx); err != nil {
		return nil, errors.Join(err, s.close())
	}
	return s, nil
}

// serve starts both servers. What the silent one answers is the receipt of a real
// deposit, the first.
func (s *site) serve(ctx context.Context) (err error) {
	_, s.secret, err = s.bank.AddToken(ctx, benchActor(), bank.NewToken{Name: "bench", Institution: ledgerSchool})
	if err != nil {
		return err
	}
	if s.actor, err = s.bank.Authenticate(ctx, s.secret); err != nil {
		return err
	}
	if s.writing, err = listen(web.Config{Bank: s.bank}); err != nil {
		return err
	}
	receipt, _, err := s.depositOne(ctx)
	if err != nil {
		return err
	}
	s.silent, err = listen(web.Config{Bank: s.bank, Deposit: func(ctx context.Context, actor bank.Actor, account string, in []bank.DepositRecord, _ bank.Why) (bank.Receipt, error) {
		return receipt, s.bank.CheckDeposit(ctx, actor, account, in)
	}})
	return err
}

// depositOne is one deposit without HTTP, with a key, and how long it took.
func (s *site) depositOne(ctx context.Context) (bank.Receipt, float64, error) {
	n := s.next.Add(1)
	began := time.Now()
	receipt, err := s.bank.Deposit(ctx, s.actor, s.accountOf(n), []bank.DepositRecord{depositOf(n)}, bank.Why{Key: keyOf(n)})
	took := time.Since(began).Seconds()
	if err == nil {
		s.acked = append(s.acked, n)
	}
	return receipt, took, err
}

func (s *site) accountOf(n int64) string { return accountName(int(n % int64(s.learners))) }

func (s *site) close() error {
	return errors.Join(s.writing.close(), s.silent.close(), s.bank.Close())
}

// endpoint is a web server that answers.
type endpoint struct {
	server  *http.Server
	address string
}

// listen serves with a log as `serve` writes it, which goes nowhere.
func listen(c web.Config) (*endpoint, error) {
	c.Log = slog.New(slog.NewJSONHandler(io.Discard, nil))
	handler, err := web.New(c)
	if err != nil {
		return nil, err
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("listen: %w", err)
	}
	e := &endpoint{server: &http.Server{Handler: handler, ReadHeaderTimeout: time.Minute}, address: listener.Addr().String()}
	go func() { _ = e.server.Serve(listener) }() // it says when it is closed, and by whom we know
	return e, nil
}

func (e *endpoint) close() error {
	if e == nil {
		return nil
	}
	return e.server.Close()
}
