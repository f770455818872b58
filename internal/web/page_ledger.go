package web

import (
	"context"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/labstack/echo/v4"

	"creditbank/internal/bank"
	"creditbank/internal/credit"
)

// ledgerView is the page on which the ledger proves itself.
type ledgerView struct {
	*ledgerFacts
	Base string // where the addresses of the log begin, on this server
}

// ledgerFacts are what the page shows of the ledger.
type ledgerFacts struct {
	bank.Trial
	Rows       []placeRow
	Checkpoint string // the signed note; empty: there is no key to sign with
	Keys       string
}

// placeRow is how much stands in one place, all accounts together.
type placeRow struct {
	Place  string
	Amount credit.Amount
}

// places are in the order in which credits go through them.
var places = [...]string{"issuer", "available", "held", "conversion", "applied", "redeemed", "expired"}

// ledgerCache keeps the facts for a while: the sums are taken over all
// accounts, and the page is for everybody.
type ledgerCache struct {
	mu    sync.Mutex
	facts *ledgerFacts
	until time.Time
}

// factsFor is how long the facts are shown.
const factsFor = time.Minute

// ledgerPage shows how anybody can check the ledger.
func (s *Server) ledgerPage(c echo.Context) error {
	facts, err := s.ledgerFacts(c.Request().Context())
	if err != nil {
		return err
	}
	return s.render(c, http.StatusOK, "ledger", ledgerView{facts, s.address.of(c.Request()) + apiBase + "/ledger"})
}

func (s *Server) ledgerFacts(ctx context.Context) (*ledgerFacts, error) {
	cache := &s.ledger
	cache.mu.Lock()
	defer cache.mu.Unlock()
	if now := time.Now(); cache.facts == nil || now.After(cache.until) {
		facts, err := s.readLedgerFacts(ctx)
		if err != nil {
			return nil, err
		}
		cache.facts, cache.until = facts, now.Add(factsFor)
	}
	return cache.facts, nil
}

func (s *Server) readLedgerFacts(ctx context.Context) (*ledgerFacts, error) {
	signed, err := s.bank.Checkpoint(ctx, freshFor)
	if err != nil && bank.CodeOf(err) != bank.Unavailable {
		return nil, err
	}
	f := &ledgerFacts{Checkpoint: string(signed)}
	if err == nil {
		if f.Keys, err = s.bank.LedgerKeys(ctx); err != nil {
			return nil, err
		}
	}
	if f.Trial, err = s.bank.TrialBalance(ctx); err != nil {
		return nil, err
	}
	for _, place := range places {
		f.Rows = append(f.Rows, placeRow{place, f.Places[place]})
	}
	return f, nil
}

// SignedSize is the size of the log that the checkpoint signs, as it is written there.
func (f *ledgerFacts) SignedSize() string {
	lines := strings.SplitN(f.Checkpoint, "\n", 3)
	if len(lines) < 3 {
		return ""
	}
	return lines[1]
}
