package web

import (
	"net/http"
	"strconv"

	"github.com/labstack/echo/v4"

	"creditbank/internal/bank"
)

// tokenPage lists the tokens of schools' systems.
type tokenPage struct {
	desk
	Tokens []tokenRow
	Scopes []string
	Made   *bank.Token // that was just made, with its secret
	Secret string
}

// tokenRow is a token with the name of its school.
type tokenRow struct {
	bank.Token
	School bank.InstitutionInfo
	Over   bool
	Maker  string
}

func (s *Server) newTokenPage(c echo.Context) (tokenPage, error) {
	d, err := s.desk(c, "/admin/tokens")
	if err != nil {
		return tokenPage{}, err
	}
	p := tokenPage{desk: d, Scopes: bank.ScopeNames()}
	n, err := s.names(c)
	if err != nil {
		return p, err
	}
	ctx := c.Request().Context()
	tokens, err := s.bank.Tokens(ctx, actorOf(c))
	for _, t := range tokens {
		row := tokenRow{Token: t, Over: t.Revoked || t.Expires < n.today}
		row.School, _ = n.snapshot.InstitutionHead(t.Institution)
		if row.Maker, err = s.bank.Called(ctx, t.MadeBy); err != nil {
			return p, err
		}
		p.Tokens = append(p.Tokens, row)
	}
	return p, err
}

// tokens shows the page.
func (s *Server) tokens(c echo.Context) error { return s.showTokens(c, http.StatusOK, form{}, nil) }

func (s *Server) showTokens(c echo.Context, status int, f form, change func(*tokenPage)) error {
	p, err := s.newTokenPage(c)
	if err != nil {
		return err
	}
	if p.Form = f; change != nil {
		change(&p)
	}
	return s.render(c, status, "admin_tokens", p)
}

// makeToken makes a token, and shows its secret this once.
func (s *Server) makeToken(c echo.Context) error {
	institution, err := s.typedSchool(c)
	if err != nil {
		return err
	}
	values, err := c.FormParams()
	if err != nil {
		return unreadable(err)
	}
	in := bank.NewToken{Name: clean(c.FormValue("name")), Institution: institution, Expires: clean(c.FormValue("expires")), Scopes: values["scope"]}
	if len(in.Scopes) == 0 {
		err = invalid(bank.FieldError{Field: "scope", Code: "required"})
	}
	var made bank.Token
	var secret string
	if err == nil {
		made, secret, err = s.bank.AddToken(c.Request().Context(), actorOf(c), in)
	}
	if err != nil {
		return s.again(c, err, []string{"name", "institution", "scope", "expires"}, func(status int, f form) error {
			for _, scope := range in.Scopes {
				f.Values.Set("scope_"+scope, "1")
			}
			return s.showTokens(c, status, f, nil)
		})
	}
	return s.showTokens(c, http.StatusOK, form{}, func(p *tokenPage) { p.Made, p.Secret = &made, secret })
}

// revokeToken ends a token.
func (s *Server) revokeToken(c echo.Context) error {
	if err := s.bank.RevokeToken(c.Request().Context(), actorOf(c), c.Param("token")); err != nil {
		return err
	}
	return after(c, "/admin/tokens", "token_revoked")
}

// retentionPage says how long things are kept.
type retentionPage struct {
	desk
	Rules []bank.RetentionRule
}

// retention shows the page.
func (s *Server) retention(c echo.Context) error { return s.showRetention(c, http.StatusOK, form{}) }

func (s *Server) showRetention(c echo.Context, status int, f form) error {
	d, err := s.desk(c, "/admin/retention")
	if err != nil {
		return err
	}
	p := retentionPage{desk: d}
	p.Form = f
	if p.Rules, err = s.bank.Retention(c.Request().Context(), actorOf(c)); err != nil {
		return err
	}
	return s.render(c, status, "admin_retention", p)
}

// setRetention changes how long one kind of thing is kept.
func (s *Server) setRetention(c echo.Context) error {
	what := c.Param("what")
	days, err := strconv.Atoi(clean(c.FormValue("days")))
	if err != nil {
		days = 0 // which no rule takes
	}
	if err := s.bank.SetRetention(c.Request().Context(), actorOf(c), what, days); err != nil {
		if bank.CodeOf(err) != bank.Invalid {
			return err
		}
		field := "days-" + what
		return s.again(c, renamed(err, map[string]string{"days": field, "what": field}), []string{field}, func(status int, f form) error {
			f.Values.Set(field, clean(c.FormValue("days")))
			return s.showRetention(c, status, f)
		})
	}
	return after(c, "/admin/retention", "retention")
}
