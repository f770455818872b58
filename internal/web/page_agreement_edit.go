package web

import (
	"errors"
	"net/http"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"creditbank/internal/bank"
)

// agreementEditPage is where a school writes an agreement and its deciders sign.
type agreementEditPage struct {
	agreementPage
	Desk    desk
	Choices []agreementLine // rules that may stand in it
}

// Head is what the page shows of the agreement itself.
func (p agreementEditPage) Head() agreementPage { return p.agreementPage }

// schoolAgreement shows the page.
func (s *Server) schoolAgreement(c echo.Context) error {
	return s.showSchoolAgreement(c, http.StatusOK, form{})
}

func (s *Server) showSchoolAgreement(c echo.Context, status int, f form) error {
	a, err := s.newAgreementPage(c, c.Param("agreement"))
	if err != nil {
		return err
	}
	p := agreementEditPage{agreementPage: a}
	if p.Desk, err = s.desk(c, "/school/agreements"); err != nil {
		return err
	}
	p.Desk.Done = ""
	p.Form, p.Desk.Form = f, f
	if p.May("edit") {
		if err := p.fill(s, c); err != nil {
			return err
		}
	}
	return s.render(c, status, "school_agreement", p)
}

// fill puts what stands into the form, unless it is shown again, and lists the rules.
func (p *agreementEditPage) fill(s *Server, c echo.Context) error {
	n, err := s.names(c)
	if err != nil {
		return err
	}
	var parties, called, chosen []string
	find := newFinder(n.snapshot, n.today)
	for _, party := range p.Parties {
		code := party.Institution
		parties = append(parties, code)
		if name := s.speaker(c).Name(party.Name, party.NameEn); find.school(name) == code {
			code = name // which leads back to it
		}
		called = append(called, code)
	}
	for _, r := range p.Rules {
		chosen = append(chosen, r.Address())
	}
	if p.Form.Values == nil {
		p.Form = filledForm(map[string]string{"name": p.Content.Name, "from": p.Content.From.String(), "to": p.Content.To.String(), "text": p.Content.Text,
			"parties": strings.Join(called, "\n")})
	} else {
		chosen = c.Request().PostForm["rules"]
	}
	rules, err := s.bank.AgreementCandidates(c.Request().Context(), parties)
	for _, r := range rules {
		line := newAgreementLine(r, p.Content.Parties)
		line.Ticked = slices.Contains(chosen, line.Address())
		p.Choices = append(p.Choices, line)
	}
	return err
}

// filledForm is a form filled with values.
func filledForm(values map[string]string) form {
	f := form{Values: map[string][]string{}}
	for name, value := range values {
		f.Values.Set(name, value)
	}
	return f
}

// actOnAgreement writes, offers, signs, declines, withdraws or amends.
func (s *Server) actOnAgreement(c echo.Context) error {
	act, id := c.FormValue("act"), c.Param("agreement")
	done, err := s.doWithAgreement(c, act, &id)
	if err == nil {
		return after(c, "/school"+agreementAddress(id), done)
	}
	var refused *bank.Error
	if errors.As(err, &refused) && refused.Code != bank.NotFound {
		fields := agreementFields
		if act != "edit" {
			fields = []string{"rules"}
		}
		return s.again(c, err, fields, func(status int, f form) error {
			if act == "edit" {
				f.Values.Set("parties", cleanLines(c.FormValue("parties")))
				f.Values.Set("text", cleanLines(c.FormValue("text")))
			} else {
				f.Values = nil
			}
			return s.showSchoolAgreement(c, status, f)
		})
	}
	return err
}

func (s *Server) doWithAgreement(c echo.Context, act string, id *string) (done string, err error) {
	ctx, actor, stamp := c.Request().Context(), actorOf(c), c.FormValue("stamp")
	switch act {
	case "edit":
		d, err := s.typedAgreement(c)
		if err != nil {
			return "", err
		}
		d.ID = *id
		_, err = s.bank.SaveAgreement(ctx, actor, d)
		return "saved", err
	case "offer":
		return "offered", s.bank.OfferAgreement(ctx, actor, *id, stamp)
	case "sign":
		if c.FormValue("read") == "" {
			return "", invalid(bank.FieldError{Field: "rules", Code: "required"})
		}
		return "signed", s.bank.SignAgreement(ctx, actor, *id, c.FormValue("hash"))
	case "decline":
		return "declined", s.bank.CloseAgreement(ctx, actor, *id, stamp, true)
	case "withdraw":
		return "withdrawn", s.bank.CloseAgreement(ctx, actor, *id, stamp, false)
	case "amend":
		amended, err := s.bank.AmendAgreement(ctx, actor, *id, stamp)
		if err == nil {
			*id = amended
		}
		return "amended", err
	}
	return "", invalid(bank.FieldError{Field: "act", Value: act, Code: "choice", Args: map[string]any{"Choices": strings.Join(bank.AgreementActs(), ", ")}})
}
