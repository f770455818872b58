package web

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"creditbank/internal/bank"
	"creditbank/internal/credit"
)

// agreementsPage lists agreements that all have signed.
type agreementsPage struct {
	Items []agreementRow
}

// agreementRow is an agreement with the names of its schools.
type agreementRow struct {
	bank.Agreement
	URL     string
	Schools []bank.InstitutionInfo
	Missing int // signatures
}

func agreementAddress(id string) string { return "/agreements/" + url.PathEscape(id) }

func (s *Server) agreementRows(c echo.Context, list []bank.Agreement) ([]agreementRow, error) {
	snapshot, err := s.bank.Snapshot(c.Request().Context())
	if err != nil {
		return nil, err
	}
	rows := make([]agreementRow, len(list))
	for i, a := range list {
		rows[i] = agreementRow{Agreement: a, URL: agreementAddress(a.ID)}
		for _, p := range a.Parties {
			head, _ := snapshot.InstitutionHead(p.Institution)
			rows[i].Schools = append(rows[i].Schools, head)
			if p.Signed.IsZero() {
				rows[i].Missing++
			}
		}
	}
	return rows, nil
}

// agreements shows them to everybody.
func (s *Server) agreements(c echo.Context) error {
	list, err := s.bank.Agreements(c.Request().Context(), "")
	if err != nil {
		return err
	}
	rows, err := s.agreementRows(c, list)
	if err != nil {
		return err
	}
	return s.render(c, http.StatusOK, "agreements", agreementsPage{Items: rows})
}

// agreementPage shows one agreement: what is studied beside what is recognised.
type agreementPage struct {
	bank.Agreement
	Parties []agreementSigner
	Rules   []agreementLine
	TextURL string
	EditURL string // where those who may do something with it do it
	Done    string
	Form    form
}

// agreementSigner is a school that signs, as the content names it.
type agreementSigner struct {
	bank.AgreementSchool
	bank.AgreementParty
}

// agreementLine is a rule with the sums of both sides.
type agreementLine struct {
	bank.AgreementRule
	URL        string
	Studied    credit.Amount
	Recognised credit.Amount
	Open       bool // what is recognised follows from the hours
	Ticked     bool // on a page on which rules are chosen
	Senders    []bank.AgreementSchool
	Receiver   bank.AgreementSchool
}

// Address is how a form names the rule.
func (l agreementLine) Address() string { return bank.EvaluationID(l.Ref()) }

// May says whether the reader may do something with the agreement.
func (p agreementPage) May(act string) bool { return slices.Contains(p.Agreement.May, act) }

func newAgreementLine(r bank.AgreementRule, schools []bank.AgreementSchool) agreementLine {
	l := agreementLine{AgreementRule: r, URL: ruleAddress(r.Ref())}
	for _, source := range r.Sources {
		l.Studied += source.Credits
	}
	for _, school := range schools {
		if slices.ContainsFunc(r.Sources, func(c bank.AgreementCourse) bool { return c.Institution == school.Code }) {
			l.Senders = append(l.Senders, school)
		}
		if slices.ContainsFunc(r.Targets, func(c bank.AgreementCourse) bool { return c.Institution == school.Code }) {
			l.Receiver = school
		}
	}
	for _, target := range r.Targets {
		l.Recognised += target.Credits
		l.Open = l.Open || target.Mode == "source" && !target.Exemption
	}
	return l
}

// agreementDone are the things that a page can say were done.
var agreementDone = []string{"saved", "offered", "signed", "declined", "withdrawn", "amended"}

func (s *Server) newAgreementPage(c echo.Context, id string) (agreementPage, error) {
	a, err := s.bank.Agreement(c.Request().Context(), actorOf(c), id)
	if err != nil {
		return agreementPage{}, err
	}
	p := agreementPage{Agreement: a, Done: justDone(c, agreementDone...), TextURL: agreementAddress(a.ID) + "/content", EditURL: "/school" + agreementAddress(a.ID)}
	for _, party := range a.Parties {
		signer := agreementSigner{AgreementParty: party}
		for _, school := range a.Content.Parties {
			if school.Code == party.Institution {
				signer.AgreementSchool = school
			}
		}
		p.Parties = append(p.Parties, signer)
	}
	for _, r := range a.Content.Rules {
		p.Rules = append(p.Rules, newAgreementLine(r, a.Content.Parties))
	}
	return p, nil
}

// agreement shows one to everybody who may know of it.
func (s *Server) agreement(c echo.Context) error {
	if _, err := s.person(c); err != nil { // who signs it may see it before all have
		return err
	}
	p, err := s.newAgreementPage(c, c.Param("agreement"))
	if err != nil {
		return err
	}
	return s.render(c, http.StatusOK, "agreement", p)
}

// agreementContent is what was signed, byte for byte.
func (s *Server) agreementContent(c echo.Context) error {
	actor, err := s.person(c)
	if err != nil {
		return err
	}
	a, err := s.bank.Agreement(c.Request().Context(), actor, c.Param("agreement"))
	if err != nil {
		return err
	}
	if a.Text == nil {
		return echo.ErrNotFound
	}
	attach(c, "agreement-"+a.Code+".json", echo.MIMEApplicationJSON)
	return c.Blob(http.StatusOK, echo.MIMEApplicationJSON, a.Text)
}

// schoolAgreementsPage lists what the school writes and signs, and begins another.
type schoolAgreementsPage struct {
	desk
	Items []agreementRow
}

// agreementFields are what a school types, in the order of the page.
var agreementFields = []string{"name", "parties", "from", "to", "text", "rules"}

// schoolAgreements shows the page.
func (s *Server) schoolAgreements(c echo.Context) error {
	return s.showSchoolAgreements(c, http.StatusOK, form{})
}

func (s *Server) showSchoolAgreements(c echo.Context, status int, f form) error {
	d, err := s.desk(c, "/school/agreements")
	if err != nil {
		return err
	}
	p := schoolAgreementsPage{desk: d}
	p.Form = f
	list, err := s.bank.SchoolAgreements(c.Request().Context(), actorOf(c))
	if err != nil {
		return err
	}
	if p.Items, err = s.agreementRows(c, list); err != nil {
		return err
	}
	return s.render(c, status, "school_agreements", p)
}

// typedAgreement is what a form says.
func (s *Server) typedAgreement(c echo.Context) (bank.AgreementDraft, error) {
	n, err := s.names(c)
	if err != nil {
		return bank.AgreementDraft{}, err
	}
	find := newFinder(n.snapshot, n.today)
	d := bank.AgreementDraft{Stamp: c.FormValue("stamp"), Name: clean(c.FormValue("name")), Text: cleanText(c.FormValue("text")),
		From: clean(c.FormValue("from")), To: clean(c.FormValue("to")), Rules: c.Request().PostForm["rules"]}
	for line := range strings.Lines(cleanLines(c.FormValue("parties"))) {
		line = strings.TrimSpace(line)
		if code := find.school(line); code != "" {
			line = code
		}
		if line != "" {
			d.Parties = append(d.Parties, line)
		}
	}
	return d, nil
}

// draftAgreement begins an agreement.
func (s *Server) draftAgreement(c echo.Context) error {
	d, err := s.typedAgreement(c)
	if err != nil {
		return err
	}
	id, err := s.bank.SaveAgreement(c.Request().Context(), actorOf(c), d)
	if err != nil {
		return s.again(c, err, agreementFields, func(status int, f form) error {
			f.Values.Set("parties", cleanLines(c.FormValue("parties")))
			f.Values.Set("text", d.Text)
			return s.showSchoolAgreements(c, status, f)
		})
	}
	return after(c, "/school"+agreementAddress(id), "saved")
}
