package web

import (
	"encoding/base64"
	"encoding/json"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"
	"github.com/labstack/echo/v4"

	"creditbank/internal/bank"
)

// passkeyRow is a key as the page lists it.
type passkeyRow struct {
	bank.Passkey
	ID string // as the form to remove it says it
}

// listPasskeys puts the person's keys into the page.
func (s *Server) listPasskeys(c echo.Context, p *accountPage) error {
	p.CanPasskey = s.takesPasskeys(c.Request())
	keys, err := s.bank.Passkeys(c.Request().Context(), p.Login.ID)
	for _, key := range keys {
		p.Passkeys = append(p.Passkeys, passkeyRow{key, base64.RawURLEncoding.EncodeToString(key.ID)})
	}
	return err
}

// newPasskeyOptions begins the making of a key, for who has shown a way in just now.
func (s *Server) newPasskeyOptions(c echo.Context) error {
	v, err := s.visit(c)
	switch {
	case err != nil:
		return err
	case !s.fresh(v):
		return &bank.Error{Code: bank.Unauthenticated, Key: "error.session"}
	}
	keys, err := s.keys(c)
	if err != nil {
		return err
	}
	owner, err := s.keyOwner(v.session, v.actor.Login)
	if err != nil {
		return err
	}
	options, kept, err := keys.BeginRegistration(owner, webauthn.WithExclusions(webauthn.Credentials(owner.keys).CredentialDescriptors()))
	if err != nil {
		return err
	}
	return s.challengeKey(c, v, options, kept)
}

// addPasskey keeps a key that was made.
func (s *Server) addPasskey(c echo.Context) error {
	return s.changeWay(c, "passkey", func(actor bank.Actor) error {
		key, err := s.madePasskey(c, actor)
		if err != nil {
			return err
		}
		text, err := json.Marshal(key)
		if err != nil {
			return err
		}
		return s.bank.AddPasskey(c.Request().Context(), actor, bank.Passkey{ID: key.ID, Name: clean(c.FormValue("name")), Credential: text})
	}, "name")
}

// madePasskey checks what a browser made. It promises Unauthenticated.
func (s *Server) madePasskey(c echo.Context, actor bank.Actor) (*webauthn.Credential, error) {
	v, err := s.visit(c)
	if err != nil {
		return nil, err
	}
	kept, err := s.challenged(c, v)
	if err != nil {
		return nil, err
	}
	keys, err := s.keys(c)
	if err != nil {
		return nil, err
	}
	answer, err := protocol.ParseCredentialCreationResponseBytes([]byte(c.FormValue("credential")))
	if err != nil {
		return nil, errPasskey()
	}
	owner, err := s.keyOwner(v.session, actor.Login)
	if err != nil {
		return nil, err
	}
	key, err := keys.CreateCredential(owner, kept, answer)
	if err != nil {
		return nil, errPasskey()
	}
	return key, nil
}

// removePasskey takes a key away.
func (s *Server) removePasskey(c echo.Context) error {
	return s.changeWay(c, "passkey_gone", func(actor bank.Actor) error {
		id, err := base64.RawURLEncoding.DecodeString(c.FormValue("key"))
		if err != nil || len(id) == 0 {
			return invalid(bank.FieldError{Field: "key", Code: "required"})
		}
		return s.bank.RemovePasskey(c.Request().Context(), actor, id)
	}, "key")
}
