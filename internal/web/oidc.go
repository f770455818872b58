package web

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"errors"
	"net/http"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"creditbank/internal/bank"
)

// OIDC is the identity provider of a city, as OpenID Connect Core 1.0 has it.
type OIDC struct {
	Issuer       string // its address, exactly as its tokens name it
	ClientID     string
	ClientSecret string
	Name         string // what people call it
}

// providerPatience is how long the provider may take for one answer.
const providerPatience = 10 * time.Second

// identityProvider knows who people are. It is asked for its description when it is
// first needed, and again as long as it has none: the site works without it.
type identityProvider struct {
	OIDC
	now    func() time.Time
	client *http.Client

	mu       sync.Mutex
	provider *oidc.Provider
}

func newIdentityProvider(config *OIDC, now func() time.Time) *identityProvider {
	if config == nil {
		return nil
	}
	return &identityProvider{OIDC: *config, now: now, client: &http.Client{Timeout: providerPatience}}
}

// name is what people call the provider, empty when there is none.
func (p *identityProvider) name() string {
	if p == nil {
		return ""
	}
	return p.Name
}

// issuer is by what tokens name the provider, empty when there is none.
func (p *identityProvider) issuer() string {
	if p == nil {
		return ""
	}
	return p.Issuer
}

// discover reads the description of the provider. It promises Unavailable.
func (p *identityProvider) discover(ctx context.Context) (*oidc.Provider, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.provider != nil {
		return p.provider, nil
	}
	// The provider keeps the context to fetch its keys with, long after this request.
	provider, err := oidc.NewProvider(oidc.ClientContext(context.WithoutCancel(ctx), p.client), p.Issuer)
	if err != nil {
		return nil, errProvider(p)
	}
	p.provider = provider
	return provider, nil
}

func errProvider(p *identityProvider) error {
	return &bank.Error{Code: bank.Unavailable, Key: "error.identity_away", Args: map[string]any{"Name": p.Name}}
}

// errIdentity refuses what a provider, or somebody in its name, says.
func errIdentity() error {
	return &bank.Error{Code: bank.Unauthenticated, Key: "error.identity_refused"}
}

// identityFlow is one visit to the provider and back.
type identityFlow struct {
	State, Nonce, Verifier string
	Login                  string // who links an identity to theirs; empty: somebody signs in
	Return                 wayBack
}

func newIdentityFlow(login string, back wayBack) identityFlow {
	return identityFlow{State: rand.Text(), Nonce: rand.Text(), Verifier: oauth2.GenerateVerifier(), Login: login, Return: back}
}

func (p *identityProvider) exchange(provider *oidc.Provider, redirect string) *oauth2.Config {
	return &oauth2.Config{ClientID: p.ClientID, ClientSecret: p.ClientSecret, Endpoint: provider.Endpoint(), RedirectURL: redirect, Scopes: []string{oidc.ScopeOpenID}}
}

// address is where a person goes to say who they are; redirect is where they come
// back to. It promises Unavailable.
func (p *identityProvider) address(ctx context.Context, flow identityFlow, redirect string) (string, error) {
	provider, err := p.discover(ctx)
	if err != nil {
		return "", err
	}
	return p.exchange(provider, redirect).AuthCodeURL(flow.State, oidc.Nonce(flow.Nonce), oauth2.S256ChallengeOption(flow.Verifier)), nil
}

// subject is who the provider says came, after all that is to be checked: the state
// and the issuer of the answer, the code against the verifier; signature, issuer,
// audience and end of the token, and its nonce. The answer is the query with which
// the person came back. It promises Unauthenticated and Unavailable.
func (p *identityProvider) subject(ctx context.Context, flow identityFlow, redirect, state, issuer, code string) (string, error) {
	if flow.State == "" || subtle.ConstantTimeCompare([]byte(state), []byte(flow.State)) != 1 || code == "" || issuer != "" && issuer != p.Issuer {
		return "", errIdentity()
	}
	provider, err := p.discover(ctx)
	if err != nil {
		return "", err
	}
	tokens, err := p.exchange(provider, redirect).Exchange(oidc.ClientContext(ctx, p.client), code, oauth2.VerifierOption(flow.Verifier))
	var refused *oauth2.RetrieveError
	switch {
	case errors.As(err, &refused) && refused.Response.StatusCode < http.StatusInternalServerError:
		return "", errIdentity()
	case err != nil:
		return "", errProvider(p)
	}
	text, _ := tokens.Extra("id_token").(string)
	token, err := provider.Verifier(&oidc.Config{ClientID: p.ClientID, Now: p.now, SupportedSigningAlgs: signings[:]}).Verify(oidc.ClientContext(ctx, p.client), text)
	if err != nil || token.Subject == "" || len(token.Audience) != 1 || subtle.ConstantTimeCompare([]byte(token.Nonce), []byte(flow.Nonce)) != 1 {
		return "", errIdentity()
	}
	return token.Subject, nil
}

// signings are the ways to sign that are taken: none that a client's secret can do.
var signings = [...]string{oidc.RS256, oidc.RS384, oidc.RS512, oidc.ES256, oidc.ES384, oidc.ES512, oidc.PS256, oidc.PS384, oidc.PS512, oidc.EdDSA}
