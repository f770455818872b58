package web

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net"
	"net/http"
	"net/netip"
	"time"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"
	"github.com/labstack/echo/v4"

	"creditbank/internal/bank"
)

// passkeyPatience is how long somebody may take to use a key.
const passkeyPatience = 5 * time.Minute

// errPasskey refuses a key, whatever is wrong with it: what exactly is the business
// of nobody who tries.
func errPasskey() error {
	return &bank.Error{Code: bank.Unauthenticated, Key: "error.passkey_refused"}
}

// takesPasskeys says whether browsers can use keys here: at a name, over TLS or on
// this machine.
func (s *Server) takesPasskeys(r *http.Request) bool {
	_, known := s.keyOrigin(r)
	return known
}

// keyOrigin is the origin that keys are made for. Only the site's own address is
// one, and localhost while it has none: a key must not be made for whatever name a
// request came in by.
func (s *Server) keyOrigin(r *http.Request) (origin string, known bool) {
	host := r.Host
	if s.address.url != nil {
		host = s.address.url.Host
	} else if !ownMachine(host) {
		return "", false
	}
	_, err := netip.ParseAddr(hostName(host))
	return s.address.of(r), err != nil // browsers take no number for a name
}

// hostName is a host without its port.
func hostName(host string) string {
	if name, _, err := net.SplitHostPort(host); err == nil {
		return name
	}
	return host
}

// keys checks keys for the address of a request.
func (s *Server) keys(c echo.Context) (*webauthn.WebAuthn, error) {
	origin, known := s.keyOrigin(c.Request())
	if !known {
		return nil, &bank.Error{Code: bank.Conflict, Key: "error.passkey_refused"}
	}
	host := c.Request().Host
	if s.address.url != nil {
		host = s.address.url.Host
	}
	timeout := webauthn.TimeoutConfig{Enforce: true, Timeout: passkeyPatience, TimeoutUVD: passkeyPatience}
	return webauthn.New(&webauthn.Config{
		RPID: hostName(host), RPDisplayName: s.speaker(c).Say("site.name", nil), RPOrigins: []string{origin},
		AttestationPreference: protocol.PreferNoAttestation,
		AuthenticatorSelection: protocol.AuthenticatorSelection{ResidentKey: protocol.ResidentKeyRequirementRequired,
			UserVerification: protocol.VerificationRequired},
		Timeouts: webauthn.TimeoutsConfig{Login: timeout, Registration: timeout},
	})
}

// keyOwner is a login as the library wants to know it (webauthn.User).
type keyOwner struct {
	login string
	name  string
	keys  []webauthn.Credential
}

func (o keyOwner) WebAuthnID() []byte                         { return []byte(o.login) }
func (o keyOwner) WebAuthnName() string                       { return o.name }
func (o keyOwner) WebAuthnDisplayName() string                { return o.name }
func (o keyOwner) WebAuthnCredentials() []webauthn.Credential { return o.keys }

// keyOwner reads the keys of a login.
func (s *Server) keyOwner(ctx context.Context, login string) (keyOwner, error) {
	known, err := s.bank.MyLogin(ctx, bank.Actor{Login: login})
	if err != nil {
		return keyOwner{}, err
	}
	o := keyOwner{login: login, name: known.Name}
	if o.name == "" {
		o.name = known.Learner
	}
	list, err := s.bank.Passkeys(ctx, login)
	if err != nil {
		return o, err
	}
	for _, p := range list {
		var key webauthn.Credential
		if err := json.Unmarshal(p.Credential, &key); err != nil {
			return o, err
		}
		o.keys = append(o.keys, key)
	}
	return o, nil
}

// challengeKey sends a browser what it has to have signed, and keeps it in the
// session until the answer comes.
func (s *Server) challengeKey(c echo.Context, v *visit, options any, kept *webauthn.SessionData) error {
	text, err := json.Marshal(kept)
	if err != nil {
		return err
	}
	s.put(v, keyPasskey, string(text))
	if err := s.keep(c, v); err != nil {
		return err
	}
	return c.JSON(http.StatusOK, options)
}

// challenged is what a browser was asked to have signed, once.
func (s *Server) challenged(c echo.Context, v *visit) (data webauthn.SessionData, err error) {
	text := s.text(v, keyPasskey)
	if text == "" {
		return data, errPasskey()
	}
	s.sessions.Remove(v.session, keyPasskey)
	if err := s.keep(c, v); err != nil {
		return data, err
	}
	return data, json.Unmarshal([]byte(text), &data)
}

// passkeyOptions begins a sign-in: with any key of this site, or as a second factor
// with one of those that the person has.
func (s *Server) passkeyOptions(c echo.Context) error {
	v, in, err := s.pending(c)
	if err != nil {
		return err
	}
	keys, err := s.keys(c)
	if err != nil {
		return err
	}
	var options *protocol.CredentialAssertion
	var kept *webauthn.SessionData
	if in.Login == "" {
		options, kept, err = keys.BeginDiscoverableLogin(webauthn.WithUserVerification(protocol.VerificationRequired))
	} else {
		var owner keyOwner
		if owner, err = s.keyOwner(c.Request().Context(), in.Login); err == nil {
			options, kept, err = keys.BeginLogin(owner, webauthn.WithUserVerification(protocol.VerificationPreferred))
		}
	}
	if err != nil {
		return err
	}
	return s.challengeKey(c, v, options, kept)
}

// signInByPasskey takes a key as the only thing to show, or as the second.
func (s *Server) signInByPasskey(c echo.Context) error {
	back := readWayBack(c)
	v, in, err := s.pending(c)
	if err != nil {
		return err
	}
	login, err := s.checkPasskey(c, v, in.Login)
	switch {
	case err != nil && in.Login != "":
		page := secondPage{Return: back}
		status := page.Form.refusal(s.speaker(c), err, "passkey")
		if status == 0 {
			return err
		}
		return s.showSecond(c, status, in.Login, page)
	case err != nil:
		return s.refuseSignIn(c, err, back, "passkey")
	case in.Login != "":
		return s.complete(c, v, in, back)
	}
	if in, err = s.bank.Enter(c.Request().Context(), origin(c), login, bank.ByPasskey); err != nil {
		return s.refuseSignIn(c, err, back, "passkey")
	}
	return s.letIn(c, in, bank.ByPasskey, back)
}

// refuseSignIn shows the sign-in page with what is wrong with another way in than a password.
func (s *Server) refuseSignIn(c echo.Context, cause error, back wayBack, field string) error {
	page, err := s.newSignIn(c, back)
	if err != nil {
		return err
	}
	return s.refuse(c, cause, &page.Form, "login", &page, field)
}

// checkPasskey finds whose key has signed what this session asked for; pending is
// the login of which it must be, none for any. Of a key that counts backwards there
// are two: it is refused from then on.
//
// It promises Unauthenticated.
func (s *Server) checkPasskey(c echo.Context, v *visit, pending string) (login string, err error) {
	kept, err := s.challenged(c, v)
	if err != nil {
		return "", err
	}
	keys, err := s.keys(c)
	if err != nil {
		return "", err
	}
	answer, err := protocol.ParseCredentialRequestResponseBytes([]byte(c.FormValue("credential")))
	if err != nil {
		return "", errPasskey()
	}
	owner, ours := keyOwner{}, error(nil) // ours: what failed here, and not in the key
	find := func(id, handle []byte) (webauthn.User, error) {
		if pending == "" {
			if login, ours = s.bank.LoginOfPasskey(v.session, id); ours != nil || !bytes.Equal(handle, []byte(login)) {
				return nil, errors.Join(ours, errPasskey())
			}
		}
		owner, ours = s.keyOwner(v.session, login)
		return owner, ours
	}
	var key *webauthn.Credential
	if login = pending; pending == "" {
		_, key, err = keys.ValidatePasskeyLogin(find, kept, answer)
	} else if _, err = find(nil, nil); err == nil {
		key, err = keys.ValidateLogin(owner, kept, answer)
	}
	switch {
	case ours != nil && bank.CodeOf(ours) == "":
		return "", ours
	case err != nil:
		return "", errPasskey()
	}
	return login, s.useKey(v.session, login, key)
}

// useKey keeps the counter of a key, and refuses one that seems to be copied.
func (s *Server) useKey(ctx context.Context, login string, key *webauthn.Credential) error {
	text, err := json.Marshal(key)
	if err != nil {
		return err
	}
	if err := s.bank.UsePasskey(ctx, login, key.ID, text); err != nil {
		return err
	}
	if key.Authenticator.CloneWarning {
		return &bank.Error{Code: bank.Unauthenticated, Key: "error.passkey_copied"}
	}
	return nil
}
