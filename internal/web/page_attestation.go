package web

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"creditbank/internal/bank"
	"creditbank/internal/calendar"
	"creditbank/internal/transfer"
)

// Pages of results that are handed in: of who works on them, and of learners.
const (
	attestationsPage = "/attestations"
	myResultsPage    = "/my/results"
)

// attesters work on results that are handed in; a mentor of a company is one of them.
const attesters = mapStaff

// attestationRow is a result that was handed in, in a list.
type attestationRow struct {
	bank.Attestation
	Course  bank.CourseInfo // of an exam without a code
	Issuer  bank.InstitutionInfo
	Handled bank.InstitutionInfo // who decides; none: the bank
	URL     string
	Over    bool   // it holds no more
	Late    bool   // whoever decides is late
	Renew   string // where it is renewed; empty: it is not, or not yet
}

func (s *Server) attestationRow(a bank.Attestation, page string, n *names) attestationRow {
	r := attestationRow{Attestation: a, Issuer: n.institution(a.Institution), Handled: n.institution(a.Handler), URL: page + "/" + a.ID}
	today := s.bank.Today()
	kind := handedKind(a.Kind)
	if !kind.Exam {
		r.Course = n.course(transfer.CourseKey{Institution: a.Institution, Code: a.Course})
	}
	r.Late = a.Due != calendar.None && a.Due < today
	if a.State == bank.AttestationVerified && a.Valid != calendar.None {
		r.Over = a.Valid < today
		if kind.Renews && a.Valid < today+renewBefore {
			r.Renew = address(myResultsPage+"/new", url.Values{"kind": {a.Kind}, "institution": {a.Institution}, "course": {a.Course}, "renews": {a.Reference}})
		}
	}
	return r
}

// wholeField names the elements of a list by the list: files[2] is files to a page that
// has one place for what is wrong with them.
func wholeField(field string) string {
	name, _, _ := strings.Cut(field, "[")
	return name
}

// renewBefore is how many days before its end a result may be renewed on the pages.
const renewBefore = 60

func handedKind(name string) bank.AttestationKind {
	all := bank.AttestationKinds()
	at := slices.IndexFunc(all, func(k bank.AttestationKind) bool { return k.Name == name })
	if at < 0 {
		return bank.AttestationKind{}
	}
	return all[at]
}

// What is what the result is called: by whoever handed it in, or by its course.
func (r attestationRow) What(say Speaker) string {
	if r.Title != "" {
		return r.Title
	}
	return say.Name(r.Course.Current.Name, r.Course.Current.NameEn)
}

// cells are a row as it goes into a file.
func (r attestationRow) cells(say Speaker) []string {
	day := func(d calendar.Day) string {
		if d == calendar.None {
			return ""
		}
		return d.String()
	}
	return []string{r.ID, say.Say("attestation.kind."+r.Kind, nil), r.What(say), say.Name(r.Issuer.Name, r.Issuer.NameEn), r.Reference, r.Account,
		say.Say("attestation.state."+r.State, nil), day(r.Completed), day(r.Valid), day(r.Due)}
}

// attestationsView is the inbox of results that are handed in.
type attestationsView struct {
	desk
	Rows   []attestationRow
	Total  int
	State  string
	Kind   string
	Pager  pager
	cursor string
}

func (v attestationsView) States() []string              { return bank.AttestationFilters() }
func (v attestationsView) Kinds() []bank.AttestationKind { return bank.AttestationKinds() }

func (v attestationsView) lists(say Speaker) []listing {
	return []listing{listOf(say, "attestations", v.cursor, v.Rows, func(r attestationRow) []string { return r.cells(say) })}
}

// attestations is the inbox.
func (s *Server) attestations(c echo.Context) error {
	d, err := s.deskFor(c)
	if err != nil {
		return err
	}
	v := attestationsView{desk: d, State: c.QueryParam("state"), Kind: c.QueryParam("kind")}
	if !slices.Contains(v.States(), v.State) {
		v.State = v.States()[0]
	}
	if handedKind(v.Kind).Name == "" {
		v.Kind = ""
	}
	page, err := s.bank.Attestations(c.Request().Context(), actorOf(c), bank.AttestationFilter{State: v.State, Kind: v.Kind}, window(c))
	if err != nil {
		return err
	}
	n, err := s.names(c)
	if err != nil {
		return err
	}
	for _, a := range page.Items {
		v.Rows = append(v.Rows, s.attestationRow(a, attestationsPage, n))
	}
	v.Total, v.cursor = page.Total, page.Next
	v.Pager = pagerOf(c, attestationsPage, len(v.Rows), page.Total, url.Values{"state": {v.State}, "kind": {v.Kind}})
	return s.render(c, http.StatusOK, "attestations", v)
}

// deskFor is the desk at which somebody works on results: that of all who judge.
func (s *Server) deskFor(c echo.Context) (desk, error) {
	d, err := s.evaluationDesk(c, attestationsPage)
	d.Done = justDone(c, attestationDone()...)
	return d, err
}

// attestationDone are the things that the pages can say were done.
func attestationDone() []string {
	var done []string
	for _, action := range append(bank.AttestationActions(), "hand_in") {
		done = append(done, "attestation_"+action)
	}
	return done
}

// attestationView is one of them.
type attestationView struct {
	desk
	attestationRow
	Parts   []examPartRow
	Experts []bank.Expert
	By      string // who handed it in
	Decider string
	Judge   string // the expert
	Mine    bool   // the learner's own page
	Page    string
	Side    string // for which the actor is a mentor
}

// examPartRow is a part of an exam with what was reached.
type examPartRow struct {
	Course  bank.CourseInfo
	Points  string
	Maximum string
}

// Can says whether the person may do something now.
func (v attestationView) Can(action string) bool { return slices.Contains(v.May, action) }

// Decides says whether there is anything to decide for the person.
func (v attestationView) Decides() bool { return v.Can("verify") || v.Can("refuse") }

// Reasons and Grades are what there is to choose from.
func (v attestationView) Reasons() []string { return bank.ReasonCodes() }
func (v attestationView) Grades() []string  { return bank.PlacementGrades() }

// ToConfirm says whether a day waits for the person's word.
func (v attestationView) ToConfirm(d bank.PlacementDay) bool {
	if v.Side == "company" {
		return d.CompanyBy == ""
	}
	return d.SchoolBy == ""
}

func (s *Server) newAttestationView(c echo.Context, page string) (v attestationView, err error) {
	ctx, actor := c.Request().Context(), actorOf(c)
	a, err := s.bank.Attestation(ctx, actor, c.Param("attestation"))
	if err != nil {
		return v, err
	}
	n, err := s.names(c)
	if err != nil {
		return v, err
	}
	v = attestationView{attestationRow: s.attestationRow(a, page, n), Mine: page == myResultsPage, Page: page + "/" + a.ID}
	if v.Mine {
		v.desk.Done = justDone(c, attestationDone()...)
	} else if v.desk, err = s.deskFor(c); err != nil {
		return v, err
	}
	if actor.Institution == a.Institution {
		v.Side = "company"
	}
	for _, p := range a.Parts {
		v.Parts = append(v.Parts, examPartRow{Course: n.course(transfer.CourseKey{Institution: a.Institution, Code: p.Course}), Points: p.Score.String()})
	}
	if v.Can("assign") {
		if v.Experts, err = s.bank.AttestationExperts(ctx, actor, a.ID); err != nil {
			return v, err
		}
	}
	for _, who := range []struct {
		name string
		to   *string
	}{{a.By, &v.By}, {a.DecidedBy, &v.Decider}, {a.OpinedBy, &v.Judge}} {
		if who.name == "" || v.Mine {
			continue
		}
		if *who.to, err = s.bank.Called(ctx, who.name); err != nil {
			return v, err
		}
	}
	return v, nil
}

// attestation shows one to who works on it.
func (s *Server) attestation(c echo.Context) error {
	v, err := s.newAttestationView(c, attestationsPage)
	if err != nil {
		return err
	}
	return s.render(c, http.StatusOK, "attestation", v)
}

// actOnAttestation does something about it.
func (s *Server) actOnAttestation(c echo.Context) error {
	return s.actOnResult(c, attestationsPage, "attestation")
}

// resultFields are what the forms of a result send, in the order of the page.
var resultFields = []string{"do", "day", "hours", "days", "grade", "expert", "opinion", "credits", "reason", "text", "remedy", "files", "stamp"}

func (s *Server) actOnResult(c echo.Context, page, name string) error {
	values, err := c.FormParams()
	if err != nil {
		return unreadable(err)
	}
	f := readFields(c, resultFields...)
	for _, field := range []string{"text", "remedy"} {
		f.Values.Set(field, cleanText(c.FormValue(field)))
	}
	act := bank.AttestationAct{Action: f.Get("do"), Stamp: f.Get("stamp"), Text: f.Get("text"), Reason: f.Get("reason"), Remedy: f.Get("remedy"), Opinion: f.Get("opinion"),
		Expert: f.Get("expert"), Credits: f.Get("credits"), Day: f.Get("day"), Hours: f.Get("hours"), Days: values["days"], Grade: f.Get("grade")}
	id := c.Param("attestation")
	_, err = s.bank.ActOnAttestation(c.Request().Context(), actorOf(c), id, act)
	if err == nil {
		return after(c, page+"/"+id, "attestation_"+act.Action)
	}
	err = fieldsNamed(renamed(err, map[string]string{"action": "do"}), wholeField)
	return s.again(c, err, resultFields, func(status int, _ form) error {
		v, err2 := s.newAttestationView(c, page)
		if err2 != nil {
			return err2
		}
		f.refusal(s.speaker(c), err, resultFields...)
		v.Form = f
		return s.render(c, status, name, v)
	})
}
