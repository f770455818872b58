package main

import "creditbank/internal/web"

// oidcFlags say which identity provider of the city knows who people are.
type oidcFlags struct {
	Issuer       string `name:"oidc-issuer" env:"CREDITBANK_OIDC_ISSUER" help:"Identity provider that people may sign in with (OpenID Connect): its address, exactly as its tokens name it. Needs --url."`
	ClientID     string `name:"oidc-client-id" env:"CREDITBANK_OIDC_CLIENT_ID" help:"As what the identity provider knows this site."`
	ClientSecret string `name:"oidc-client-secret" env:"CREDITBANK_OIDC_CLIENT_SECRET" hidden:"" help:"Secret for the identity provider. For the environment: others can read a command line."`
	Name         string `name:"oidc-name" env:"CREDITBANK_OIDC_NAME" help:"What people call the identity provider." default:"OpenID"`
}

// config is nil when there is no provider.
func (f oidcFlags) config() *web.OIDC {
	if f.Issuer == "" {
		return nil
	}
	return &web.OIDC{Issuer: f.Issuer, ClientID: f.ClientID, ClientSecret: f.ClientSecret, Name: f.Name}
}
