// Package web is the bank over HTTP: the route table, pages and JSON out, forms
// in, and the one table from refusals to statuses.
package web

import (
	"cmp"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"sync/atomic"

	"github.com/alexedwards/scs/v2"
	"github.com/go-playground/validator/v10"
	"github.com/labstack/echo/v4"

	"creditbank/internal/bank"
)

// Config is what a server is made of.
type Config struct {
	Bank    *bank.Bank
	Log     *slog.Logger
	Metrics bool    // serve /metrics here too; else it is not to be had
	Deposit Deposit // nil: the bank's

	URL     string   // where the site is for the world, https://HOST; empty: whatever requests say
	Proxies []string // networks of proxies whose word on the client's address is taken, as CIDR
	Rate    float64  // requests a second and address; 0: any number
	Licence string   // under what the open data is given: an identifier of SPDX or an address; empty: [DefaultLicence]
	OIDC    *OIDC    // the city's identity provider, which needs the URL to lead back to; nil: there is none
}

// Deposit is what books a deposit, as [bank.Bank.Deposit] does. Whoever measures
// what booking costs sets one in its place that books nothing.
type Deposit func(ctx context.Context, actor bank.Actor, account string, in []bank.DepositRecord, why bank.Why) (bank.Receipt, error)

// Server answers requests about one bank.
type Server struct {
	bank      *bank.Bank
	book      Deposit
	log       *slog.Logger
	languages *Languages
	pages     *pages
	validate  *validator.Validate
	forms     forms // of the bodies that requests have
	meter     *meter
	ledger    ledgerCache
	api       *apiDocument
	guides    map[string]*apiGuide // the description for people, by language
	address   siteAddress
	limits    *limits
	sessions  *scs.SessionManager
	identity  *identityProvider // nil: there is none
	served    map[string]bool   // the paths at which there is a page
	echo      *echo.Echo
	licence   string // of the open data
	draining  atomic.Bool
}

// New makes a server. It fails when a page, a language or the description of
// the API is broken, so that nothing broken is ever served, and promises Invalid
// for a URL or a proxy that is none, and for an identity provider without a URL.
func New(c Config) (*Server, error) {
	s := &Server{bank: c.Bank, book: c.Deposit, log: c.Log, echo: echo.New(), meter: newMeter(c.Bank), limits: newLimits(c.Rate),
		sessions: newSessions(c.Bank.Sessions()), identity: newIdentityProvider(c.OIDC, c.Bank.Now),
		licence: cmp.Or(c.Licence, DefaultLicence)}
	if s.book == nil {
		s.book = c.Bank.Deposit
	}
	var err error
	if s.languages, err = LoadLanguages(); err != nil {
		return nil, err
	}
	if s.pages, err = loadPages(s.languages); err != nil {
		return nil, err
	}
	if s.api, err = loadAPIDocument(); err != nil {
		return nil, err
	}
	if s.guides, err = newGuides(s.api, s.languages); err != nil {
		return nil, err
	}
	if s.validate, err = newValidator(); err != nil {
		return nil, err
	}
	s.forms = newForms(checkRequest{}, depositRequest{}, courseRequest{}, applicationRequest{}, decisionRequest{}, appealRequest{}, evaluationRequest{}, submitRequest{},
		opinionRequest{}, verdictRequest{}, attestationRequest{}, attestationActRequest{})
	s.echo.HideBanner, s.echo.HidePort = true, true
	s.echo.HTTPErrorHandler = s.fail
	if s.address, err = readAddress(c.URL); err != nil {
		return nil, err
	}
	if c.OIDC != nil && s.address.url == nil {
		return nil, &bank.Error{Code: bank.Invalid, Key: "error.oidc_url"}
	}
	if s.echo.IPExtractor, err = addressExtractor(c.Proxies); err != nil {
		return nil, err
	}
	s.wall()
	s.routes(c.Metrics)
	return s, nil
}

// Drain makes /readyz say no, so that nobody sends new work to a server that is
// about to stop; everything else is still answered.
func (s *Server) Drain() { s.draining.Store(true) }

// ServeHTTP answers one request.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.echo.ServeHTTP(w, headAsGet(r)) }

// languageCookie keeps the reader's choice of language.
const languageCookie = "language"

// speaker is the language of a request: chosen, else the browser's.
func (s *Server) speaker(c echo.Context) Speaker {
	var chosen string
	if cookie, err := c.Cookie(s.address.cookie(c.Request(), languageCookie)); err == nil && !isAPI(c) {
		chosen = cookie.Value
	}
	return s.languages.Speaker(chosen, c.Request().Header.Get("Accept-Language"))
}

func writeJSON(w io.Writer, v any) error {
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	return encoder.Encode(v)
}
