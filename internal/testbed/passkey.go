package testbed

import (
	"context"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/webauthn"
	"github.com/chromedp/chromedp"
)

// Keyring is where the passkeys of a tab are, as in a phone that its owner unlocks
// whenever it asks. Browsers make keys on https:// and http://localhost only.
type Keyring struct {
	page *Page
	id   webauthn.AuthenticatorID
}

// Keyring gives the tab one.
func (p *Page) Keyring() *Keyring {
	p.t.Helper()
	call(p, webauthn.Enable, webauthn.EnableParams{})
	made := do(p, "add a keyring", func(ctx context.Context, t *chromedp.Target) (webauthn.AddVirtualAuthenticatorResult, error) {
		return cdp.Call(ctx, t, webauthn.AddVirtualAuthenticator, webauthn.AddVirtualAuthenticatorParams{Options: &webauthn.VirtualAuthenticatorOptions{
			Protocol: webauthn.AuthenticatorProtocolCtap2, Ctap2version: webauthn.Ctap2versionCtap21, Transport: webauthn.AuthenticatorTransportInternal,
			HasResidentKey: true, HasUserVerification: true, IsUserVerified: true, AutomaticPresenceSimulation: true,
		}})
	})
	return &Keyring{p, made.AuthenticatorID}
}

// Keys are the passkeys in the ring.
func (k *Keyring) Keys() []*webauthn.Credential {
	k.page.t.Helper()
	list := do(k.page, "keys", func(ctx context.Context, t *chromedp.Target) (webauthn.GetCredentialsResult, error) {
		return cdp.Call(ctx, t, webauthn.GetCredentials, webauthn.GetCredentialsParams{AuthenticatorID: k.id})
	})
	return list.Credentials
}
