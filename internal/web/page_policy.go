package web

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"creditbank/internal/bank"
	"creditbank/internal/calendar"
	"creditbank/internal/credit"
	"creditbank/internal/transfer"
)

// policyPage lists the versions of policies and caps, says what holds for a programme
// on a day, and has the form for a new version.
type policyPage struct {
	desk
	Versions []policyRow
	Pager    pager
	Filter   form // institution, programme and day of the question
	Asked    bool // what holds is said for a place
	Place    string
	Day      calendar.Day
	Holds    []policyTerm
	Kinds    []policyKind
	Kind     policyKind // of the form that is open
	Scopes   []string
	Keys     []string // of the cap, where they are a list
	KeyWords string   // what the sentences of the keys begin with
	Schools  bool     // the key is an institution
}

// policyKind is what a form makes a version of: a policy, or a cap of a kind.
type policyKind struct{ File, Cap string }

// Code is the kind as an address says it: policies, or the kind of cap.
func (k policyKind) Code() string {
	if k.Cap != "" {
		return k.Cap
	}
	return k.File
}

// policyRow is a version in words.
type policyRow struct {
	bank.PolicyVersion
	Place string
	Key   string
	Given []bank.Fact
	State string // in_force, over or coming
}

// policyTerm is one thing that holds, and the version it comes from.
type policyTerm struct {
	Name  string // of a policy's field: its sentence "proposal.arg."
	Cap   string // of a cap: its kind
	Key   string
	Value string
	Given []bank.Fact // of a cap
	From  transfer.Place
	Since calendar.Day
}

// policyKinds are the kinds that have a form.
func policyKinds() []policyKind {
	kinds := []policyKind{{"policies", ""}}
	for _, c := range capKinds() {
		kinds = append(kinds, policyKind{"caps", c})
	}
	return kinds
}

// policies shows the page.
func (s *Server) policies(c echo.Context) error { return s.showPolicies(c, http.StatusOK, form{}) }

func (s *Server) showPolicies(c echo.Context, status int, f form) error {
	p, err := s.newPolicyPage(c)
	if err != nil {
		return err
	}
	if p.Form = f; f.Values == nil {
		p.Form.Values = c.QueryParams()
	}
	return s.render(c, status, "admin_policies", p)
}

func (s *Server) newPolicyPage(c echo.Context) (p policyPage, err error) {
	if p.desk, err = s.desk(c, "/admin/policies"); err != nil {
		return p, err
	}
	n, err := s.names(c)
	if err != nil {
		return p, err
	}
	p.Filter = form{Values: url.Values{"of": {clean(c.QueryParam("of"))}, "programme_of": {clean(c.QueryParam("programme_of"))}, "on": {clean(c.QueryParam("on"))}}}
	p.Kinds, p.Scopes = policyKinds(), []string{"bank", "institution", "programme"}
	p.choose(c.FormValue("file"), c.FormValue("cap"))
	institution := p.ask(n, s.speaker(c))
	list, err := s.bank.PolicyVersions(c.Request().Context(), actorOf(c), institution, window(c))
	for _, v := range list.Items {
		p.Versions = append(p.Versions, newPolicyRow(v, n, s.speaker(c)))
	}
	p.Pager = pagerOf(c, p.Here, len(list.Items), list.Total, p.Filter.Values)
	return p, err
}

// choose opens the form of a kind.
func (p *policyPage) choose(file, kind string) {
	p.Kind = p.Kinds[0]
	if at := slices.Index(p.Kinds, policyKind{file, kind}); at >= 0 {
		p.Kind = p.Kinds[at]
	}
	switch transfer.CapKind(p.Kind.Cap) {
	case transfer.CapSourceKind:
		p.Keys, p.KeyWords = bank.RecordKinds(), "kind."
	case transfer.CapSourceInstitutionKind:
		p.Keys, p.KeyWords = bank.InstitutionKinds(), "kind."
	case transfer.CapSourceInstitution:
		p.Schools = true
	}
}

// ask says what holds for the place that was asked about, and gives its institution.
func (p *policyPage) ask(n *names, say Speaker) (institution string) {
	text := p.Filter.Get("of")
	if text == "" {
		return ""
	}
	if institution = newFinder(n.snapshot, n.today).school(text); institution == "" {
		p.Filter.fault("of", FieldMessage(say, text, "unknown_institution", nil))
		return ""
	}
	key := transfer.ProgrammeKey{Institution: institution, Code: p.Filter.Get("programme_of")}
	if _, known := n.snapshot.ProgrammeHead(key); !known && key.Code != "" {
		p.Filter.fault("programme_of", FieldMessage(say, key.Code, "unknown_programme", map[string]any{"Institution": schoolName(n, say, institution)}))
		return institution
	}
	p.Day = n.today
	if on := p.Filter.Get("on"); on != "" {
		day, err := calendar.Parse(on)
		if err != nil {
			p.Filter.fault("on", FieldMessage(say, on, "date", nil))
			return institution
		}
		p.Day = day
	}
	p.Asked, p.Place = true, placeInWords(n, say, map[string]string{"institution": institution, "programme": key.Code})
	p.Holds = holding(n.snapshot.Map.InForce(key, p.Day), n, say)
	return institution
}

// holding puts what holds into words, policies before caps.
func holding(in transfer.InForce, n *names, say Speaker) []policyTerm {
	var terms []policyTerm
	if p := in.MinGrade; p != nil {
		terms = append(terms, policyTerm{Name: "min_grade", Value: p.MinGrade.String(), From: p.Place, Since: p.From})
	}
	if p := in.Validity; p != nil {
		terms = append(terms, policyTerm{Name: "validity_years", Value: strconv.Itoa(p.Validity), From: p.Place, Since: p.From})
	}
	if p := in.MaxRise; p != nil {
		terms = append(terms, policyTerm{Name: "max_level_rise", Value: strconv.Itoa(p.MaxRise), From: p.Place, Since: p.From})
	}
	for _, c := range in.Caps {
		terms = append(terms, policyTerm{Cap: string(c.Kind), Key: keyInWords(n, say, c.Kind, c.Key), Given: capGiven(c.Credits, c.Share), From: c.Place, Since: c.From})
	}
	return terms
}

// keyInWords names what a cap is on.
func keyInWords(n *names, say Speaker, kind transfer.CapKind, key string) string {
	switch kind {
	case transfer.CapSourceKind, transfer.CapSourceInstitutionKind:
		return say.Say("kind."+key, nil)
	case transfer.CapSourceInstitution:
		return schoolName(n, say, key)
	}
	return key
}

func capGiven(credits credit.Amount, share credit.Share) (given []bank.Fact) {
	if credits >= 0 {
		given = append(given, bank.Fact{Name: "credits", Value: credits.String()})
	}
	if share >= 0 {
		given = append(given, bank.Fact{Name: "share", Value: share.String()})
	}
	return given
}

func policyGiven(v bank.Policy) (given []bank.Fact) {
	if v.MinGrade >= 0 {
		given = append(given, bank.Fact{Name: "min_grade", Value: v.MinGrade.String()})
	}
	if v.Validity >= 0 {
		given = append(given, bank.Fact{Name: "validity_years", Value: strconv.Itoa(v.Validity)})
	}
	if v.MaxRise >= 0 {
		given = append(given, bank.Fact{Name: "max_level_rise", Value: strconv.Itoa(v.MaxRise)})
	}
	return given
}

func newPolicyRow(v bank.PolicyVersion, n *names, say Speaker) policyRow {
	row := policyRow{PolicyVersion: v, Place: placeInWords(n, say, map[string]string{"institution": v.Institution, "programme": v.Programme}), State: "coming"}
	switch {
	case v.InForce(n.today):
		row.State = "in_force"
	case v.From <= n.today:
		row.State = "over"
	}
	if v.IsCap {
		row.Key, row.Given = keyInWords(n, say, v.Kind, v.Key), capGiven(v.Cap.Credits, v.Cap.Share)
	} else {
		row.Given = policyGiven(v.Policy)
	}
	return row
}

// Lifted says whether a cap is one no longer.
func (r policyRow) Lifted() bool { return r.IsCap && len(r.Given) == 0 }

// previewPolicy works out what a new version would do, before anybody proposes it. A
// version that cannot be is said beside its fields.
func (s *Server) previewPolicy(c echo.Context) error {
	args, err := s.policyArgs(c)
	if err != nil {
		return err
	}
	job, err := s.bank.StartImpact(c.Request().Context(), actorOf(c), bank.ImpactTrial{Policy: args})
	if err != nil {
		return s.again(c, err, bank.ProposalArgs("policy"), func(status int, f form) error { return s.showPolicies(c, status, f) })
	}
	return c.Redirect(http.StatusSeeOther, "/impact/"+job)
}

// proposePolicy puts a new version before a second administrator, with the preview
// that the proposer has seen.
func (s *Server) proposePolicy(c echo.Context) error {
	args, err := s.policyArgs(c)
	if err != nil {
		return err
	}
	in := bank.Proposal{Kind: "policy", Args: args, Reason: clean(c.FormValue("reason")), Preview: clean(c.FormValue("preview"))}
	if _, err := s.bank.Propose(c.Request().Context(), actorOf(c), in); err != nil {
		fields := slices.Concat([]string{"reason"}, bank.ProposalArgs("policy"), []string{"preview"})
		return s.again(c, err, fields, func(status int, f form) error { return s.refusePolicy(c, status, f, in.Preview) })
	}
	return after(c, "/admin/proposals", "proposed")
}

// refusePolicy shows the page from which a refused proposal came: the preview, else
// the form.
func (s *Server) refusePolicy(c echo.Context, status int, f form, preview string) error {
	if preview == "" || strings.Contains(preview, "/") {
		return s.showPolicies(c, status, f)
	}
	c.SetParamNames("job")
	c.SetParamValues(preview)
	return s.showImpact(c, status, f)
}
