package main

import (
	"strings"

	"creditbank/internal/bank"
)

// tokenCommand holds what is done with the tokens of school systems.
type tokenCommand struct {
	Add    tokenAddCommand    `cmd:"" help:"Make a token for a school's system; its secret is shown this once."`
	Revoke tokenRevokeCommand `cmd:"" help:"End a token at once and for good."`
	List   tokenListCommand   `cmd:"" help:"List all tokens, without their secrets."`
}

type tokenAddCommand struct {
	Name        string   `arg:"" help:"Which system it is for."`
	Institution string   `name:"institution" required:"" help:"Code of the school."`
	Scope       []string `name:"scope" help:"deposit, read, map, or several; else all."`
	Expires     string   `name:"expires" help:"Last day on which it is taken; else a year from today."`
}

// listedToken is a token as JSON.
type listedToken struct {
	ID          string   `json:"id"`
	Institution string   `json:"institution"`
	Name        string   `json:"name"`
	Scopes      []string `json:"scopes"`
	Expires     string   `json:"expires"`
	Revoked     bool     `json:"revoked"`
	MadeBy      string   `json:"made_by"`
	Used        string   `json:"used,omitempty"`   // the last day; none: never
	Secret      string   `json:"secret,omitempty"` // when it was just made
}

func newListedToken(t bank.Token) listedToken {
	return listedToken{ID: t.ID, Institution: t.Institution, Name: t.Name, Scopes: t.Scopes.Names(), Expires: t.Expires.String(), Revoked: t.Revoked,
		MadeBy: t.MadeBy, Used: t.Used.String()}
}

// args fill the sentences about a token.
func (t listedToken) args() map[string]any {
	return map[string]any{"ID": t.ID, "Institution": t.Institution, "Name": t.Name, "Scopes": strings.Join(t.Scopes, ", "), "Expires": t.Expires, "Revoked": t.Revoked}
}

// Run makes a token. Standard output holds the secret alone, so that it can go
// straight to where it is kept.
func (c tokenAddCommand) Run(a *app) error {
	return a.withStanding(func(b *bank.Bank) error {
		made, secret, err := b.AddToken(a.ctx, operator, bank.NewToken{Name: c.Name, Institution: c.Institution, Scopes: c.Scope, Expires: c.Expires})
		if err != nil {
			return err
		}
		listed := newListedToken(made)
		if a.cli.JSON {
			listed.Secret = secret
			return a.printJSON(listed)
		}
		a.sayf("%s", a.say.Say("cli.token_added", listed.args()))
		return a.printf("%s\n", secret)
	})
}

type tokenRevokeCommand struct {
	ID string `arg:"" help:"ID of the token, as list shows it."`
}

// Run ends a token.
func (c tokenRevokeCommand) Run(a *app) error {
	return a.withStanding(func(b *bank.Bank) error {
		if err := b.RevokeToken(a.ctx, operator, c.ID); err != nil {
			return err
		}
		return a.done("cli.token_revoked", map[string]any{"ID": c.ID})
	})
}

type tokenListCommand struct{}

// Run lists the tokens in the order in which they were made.
func (tokenListCommand) Run(a *app) error {
	return a.withStanding(func(b *bank.Bank) error {
		tokens, err := b.Tokens(a.ctx, operator)
		if err != nil {
			return err
		}
		list := make([]listedToken, len(tokens))
		for i, t := range tokens {
			list[i] = newListedToken(t)
		}
		if a.cli.JSON {
			return a.printJSON(map[string][]listedToken{"items": list})
		}
		for _, t := range list {
			if err := a.printf("%s\n", a.say.Say("cli.token_line", t.args())); err != nil {
				return err
			}
		}
		return nil
	})
}
