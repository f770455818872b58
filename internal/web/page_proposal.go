package web

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"creditbank/internal/bank"
	"creditbank/internal/transfer"
)

// proposalPage lists what takes two people: what waits for a decision, and what
// became of the rest.
type proposalPage struct {
	desk
	Open, Closed []proposalRow
	Pager        pager
	Kinds        []string // that the person can propose
	Kind         string   // of the form that is open; empty: there is none
	Roles        []string
	Changes      []string
}

// proposalRow is a proposal in words.
type proposalRow struct {
	bank.Proposal
	School bank.InstitutionInfo // whose role, result or policy it is
	Form   form                 // of the decision, when it was refused
	Impact bank.Impact          // of a policy: what those who decide see that it would do
}

// Called is what people call who is named; numbers of accounts stay.
func (p proposalRow) Called(name string) string {
	if called := p.Names[name]; called != "" {
		return called
	}
	return name
}

// Given are the arguments that the sentence about the kind does not name.
func (p proposalRow) Given() []bank.Fact {
	var given []bank.Fact
	for _, name := range slices.Concat([]string{"valid_from"}, policyFields(), capFields()[1:]) {
		if value := p.Args[name]; value != "" {
			given = append(given, bank.Fact{Name: name, Value: value})
		}
	}
	return given
}

// Programme, Cap and CapKey are where and what a policy is.
func (p proposalRow) Programme() string { return p.Args["programme"] }

// Cap is the kind of a cap.
func (p proposalRow) Cap() string { return p.Args["cap"] }

// CapKey is what a cap is on.
func (p proposalRow) CapKey() string { return p.Args["key"] }

// policyFields and capFields are what a version of a policy and of a cap says, in
// the order of the form.
func policyFields() []string { return []string{"min_grade", "validity_years", "max_level_rise"} }

func capFields() []string { return []string{"key", "credits", "share"} }

// newProposalPage reads the page.
func (s *Server) newProposalPage(c echo.Context) (proposalPage, error) {
	d, err := s.desk(c, deskOf(c)+"/proposals")
	if err != nil {
		return proposalPage{}, err
	}
	p := proposalPage{desk: d, Kinds: []string{"reverse"}, Roles: slices.Concat(staffRoles.bank[1:], staffRoles.bank[:1], staffRoles.school),
		Changes: []string{"grant", "revoke"}}
	if d.Base == "/admin" {
		p.Kinds = slices.DeleteFunc(bank.ProposalKinds(), func(kind string) bool { return kind == "policy" }) // which begins with its preview
	}
	if p.Kind = p.Kinds[0]; slices.Contains(p.Kinds, c.FormValue("kind")) {
		p.Kind = c.FormValue("kind")
	}
	if !d.Acts {
		p.Kind = ""
	}
	n, err := s.names(c)
	if err != nil {
		return p, err
	}
	list, err := s.bank.Proposals(c.Request().Context(), actorOf(c), window(c))
	if err != nil {
		return p, err
	}
	for _, item := range list.Items {
		item.Facts = factsInWords(item.Facts, n, s.speaker(c))
		row := proposalRow{Proposal: item}
		row.School, _ = n.snapshot.InstitutionHead(item.Args["institution"])
		if item.Preview != "" {
			if row.Impact, err = s.bank.Impact(c.Request().Context(), actorOf(c), item.Preview); err != nil {
				return p, err
			}
		}
		if item.State == bank.ProposalOpen {
			p.Open = append(p.Open, row)
		} else {
			p.Closed = append(p.Closed, row)
		}
	}
	p.Pager = pagerOf(c, d.Here, len(list.Items), list.Total, url.Values{})
	return p, nil
}

// factsInWords says roles, schools and yes or no as people do.
func factsInWords(facts []bank.Fact, n *names, say Speaker) []bank.Fact {
	var told []bank.Fact
	for _, f := range facts {
		switch f.Name {
		case "disabled":
			if f.Value != "true" {
				continue
			}
			f.Value = say.Say("people.disabled", nil)
		case "roles":
			f.Value = rolesInWords(f.Value, n, say)
		case "from_school", "into_school":
			f.Value = schoolName(n, say, f.Value)
		}
		told = append(told, f)
	}
	return told
}

// rolesInWords says a list such as "registrar 3650990001, auditor".
func rolesInWords(text string, n *names, say Speaker) string {
	var roles []string
	for _, one := range strings.Split(text, ", ") {
		role, school, _ := strings.Cut(one, " ")
		if role == "" {
			continue
		}
		roles = append(roles, strings.TrimSpace(say.Say("role."+role, nil)+" "+schoolName(n, say, school)))
	}
	return strings.Join(roles, " · ")
}

// capKinds are the kinds of caps that a policy can set.
func capKinds() []string {
	return []string{string(transfer.CapTotal), string(transfer.CapGroup), string(transfer.CapSourceKind), string(transfer.CapSourceInstitution),
		string(transfer.CapSourceInstitutionKind)}
}

// template is the page as it is called among the templates.
func (p *proposalPage) template() string { return strings.TrimPrefix(p.Base, "/") + "_proposals" }

// proposals shows the page.
func (s *Server) proposals(c echo.Context) error { return s.showProposals(c, http.StatusOK, form{}) }

func (s *Server) showProposals(c echo.Context, status int, f form) error {
	p, err := s.newProposalPage(c)
	if err != nil {
		return err
	}
	if p.Form = f; f.Values == nil {
		p.Form.Values = c.QueryParams() // a link may fill in what it is about
	}
	return s.render(c, status, p.template(), p)
}

// propose puts something before a second person.
func (s *Server) propose(c echo.Context) error {
	kind := c.FormValue("kind")
	names := bank.ProposalArgs(kind)
	in := bank.Proposal{Kind: kind, Args: map[string]string{}, Reason: clean(c.FormValue("reason"))}
	for _, name := range names {
		in.Args[name] = clean(c.FormValue(name))
	}
	if school, err := s.typedSchool(c); err != nil {
		return err
	} else if in.Args["institution"] != "" {
		in.Args["institution"] = school
	}
	if _, err := s.bank.Propose(c.Request().Context(), actorOf(c), in); err != nil {
		return s.again(c, err, slices.Concat([]string{"kind"}, names, []string{"reason"}), func(status int, f form) error { return s.showProposals(c, status, f) })
	}
	return after(c, deskOf(c)+"/proposals", "proposed")
}

// decideProposal approves or refuses a proposal, or takes one's own back.
func (s *Server) decideProposal(c echo.Context) error {
	ctx, actor, id := c.Request().Context(), actorOf(c), c.Param("proposal")
	var err error
	done := c.FormValue("decision")
	switch done {
	case "withdrawn":
		err = s.bank.WithdrawProposal(ctx, actor, id)
	case "approved", "refused":
		err = s.bank.DecideProposal(ctx, actor, id, bank.Decision{Approve: done == "approved", Reason: clean(c.FormValue("answer")), Version: c.FormValue("version")})
	default:
		err = echo.ErrBadRequest
	}
	if err != nil {
		return s.refuseDecision(c, id, err)
	}
	return after(c, deskOf(c)+"/proposals", done)
}

// refuseDecision shows the page again, with what is wrong beside the proposal it
// is about.
func (s *Server) refuseDecision(c echo.Context, id string, cause error) error {
	p, err := s.newProposalPage(c)
	if err != nil {
		return err
	}
	f := readFields(c, "answer")
	status := f.refusal(s.speaker(c), renamed(cause, map[string]string{"reason": "answer"}), "answer")
	if status == 0 {
		return cause
	}
	if bank.CodeOf(cause) == bank.Conflict {
		status = http.StatusConflict
		f.Faults = []formFault{{Field: "answer", Message: s.problem(cause, s.speaker(c)).Title}}
	}
	at := slices.IndexFunc(p.Open, func(row proposalRow) bool { return row.ID == id })
	for _, fault := range f.Faults {
		if at >= 0 {
			fault.Field += "-" + id
		}
		p.Form.Faults = append(p.Form.Faults, fault)
	}
	if at >= 0 {
		p.Open[at].Form = f
	}
	return s.render(c, status, p.template(), p)
}
