package web

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"creditbank/internal/bank"
)

// inboxPage is what learners ask the school for.
type inboxPage struct {
	desk
	Rows   []applicationRow
	Filter inboxFilter
	Pager  pager
	Bulk   int // rows of the page that published rules cover wholly
	Pass   int // after so many days they pass by themselves; 0: never
	Says   []string
}

// inboxFilter is how the inbox is narrowed, as it stands in the address.
type inboxFilter struct {
	State, Programme, Assignee, Show string
	Programmes                       []bank.ProgrammeInfo
	Active                           int
}

// inboxShows are the ways to look at the inbox beside states: what is late, what hangs on a
// condition, what a revocation touches, and where results of the school are used elsewhere.
var inboxShows = []string{"overdue", "conditional", "revoked", "appeals", "sent"}

// inboxStates are the states to choose from.
var inboxStates = []string{"waiting", bank.ApplicationSubmitted, bank.ApplicationAppealed, bank.ApplicationDecided, bank.ApplicationWithdrawn}

// applications is the inbox.
func (s *Server) applications(c echo.Context) error {
	p, err := s.newInboxPage(c)
	if err != nil {
		return err
	}
	return s.render(c, http.StatusOK, "school_applications", p)
}

func (s *Server) newInboxPage(c echo.Context) (p inboxPage, err error) {
	if p.desk, err = s.desk(c, deskOf(c)+"/applications"); err != nil {
		return p, err
	}
	n, err := s.names(c)
	if err != nil {
		return p, err
	}
	values := c.QueryParams()
	p.Filter = inboxFilter{State: values.Get("state"), Programme: clean(values.Get("programme")), Assignee: values.Get("assignee"), Show: values.Get("show")}
	actor := actorOf(c)
	list, err := s.bank.Applications(c.Request().Context(), actor, p.Filter.asked(actor), window(c))
	if err != nil {
		return p, err
	}
	for _, a := range list.Items {
		row := newApplicationRow(a, p.Here, n)
		if p.Base == "/school" && row.bulk() && actor.Is(bank.IsDecider) {
			p.Bulk++
		}
		p.Rows = append(p.Rows, row)
	}
	programmes, err := n.snapshot.Programmes(bank.Filter{Institution: actor.Institution}, bank.Window{Limit: bank.MaxLimit})
	if p.Base == "/school" {
		p.Filter.Programmes = programmes.Items
	}
	p.Pager = pagerOf(c, p.Here, len(p.Rows), list.Total, p.Filter.values())
	if err == nil {
		p.Pass, err = s.bank.PassAfter(c.Request().Context(), actor.Institution)
	}
	return p, err
}

// asked is the filter as the bank takes it. What is typed wrongly narrows nothing.
func (f *inboxFilter) asked(actor bank.Actor) bank.ApplicationFilter {
	out := bank.ApplicationFilter{Programme: f.Programme}
	if slices.Contains(inboxStates, f.State) {
		out.State = f.State
	} else {
		f.State = ""
	}
	switch f.Assignee {
	case "me":
		out.Assignee = actor.Login
	case "nobody":
		out.Assignee = "-"
	default:
		f.Assignee = ""
	}
	switch f.Show {
	case "overdue":
		out.Overdue = true
	case "conditional":
		out.Conditional = true
	case "revoked":
		out.Revoked = true
	case "appeals":
		out.Appealed = map[bool]int{true: 1, false: 2}[actor.Institution != ""]
	case "sent":
		out.Sent = true
	default:
		f.Show = ""
	}
	for _, set := range []string{f.State, f.Programme, f.Assignee, f.Show} {
		if set != "" {
			f.Active++
		}
	}
	return out
}

func (f inboxFilter) values() url.Values {
	return url.Values{"state": {f.State}, "programme": {f.Programme}, "assignee": {f.Assignee}, "show": {f.Show}}
}

// States and Shows are what there is to choose from.
func (f inboxFilter) States() []string { return inboxStates }
func (f inboxFilter) Shows() []string  { return inboxShows }

// bulk says whether an application can be decided in full without a look at it.
func (r applicationRow) bulk() bool { return r.Covered && r.State == bank.ApplicationSubmitted }

// Bulk is bulk for the page.
func (r applicationRow) Bulk() bool { return r.bulk() }

// decideForm is the form of a decision: its outcomes and reasons.
func (v applicationView) Outcomes() []string { return bank.Outcomes() }

// Reasons lists the codes of reasons.
func (v applicationView) Reasons() []string { return bank.ReasonCodes() }

// Alternatives are the places for what is given instead.
func (v applicationView) Alternatives() []int { return []int{0, 1, 2} }

// Open lists the items that wait for a decision: all of a first one, those of an open appeal.
func (v applicationView) Open() (open []applicationItem) {
	for _, item := range v.Items {
		if v.waits(item.Number) {
			open = append(open, item)
		}
	}
	return open
}

func (v applicationView) waits(number int) bool {
	if v.Can("decide") {
		return true
	}
	return v.Can("decide_appeal") && slices.ContainsFunc(v.Appeals, func(a bank.Appeal) bool {
		return a.State == bank.AppealOpen && slices.Contains(a.Items, number)
	})
}

// application shows one application to staff. Letters lead everybody to the desk of the
// school; who answers for the bank goes on to the own one.
func (s *Server) application(c echo.Context) error {
	if deskOf(c) == "/school" && !actorOf(c).Is(schoolStaff) {
		if _, err := s.bank.Application(c.Request().Context(), actorOf(c), c.Param("application")); err != nil {
			return err
		}
		return c.Redirect(http.StatusSeeOther, "/admin/applications/"+url.PathEscape(c.Param("application")))
	}
	v, err := s.staffApplication(c)
	if err != nil {
		return err
	}
	return s.render(c, http.StatusOK, "school_application", v)
}

func (s *Server) staffApplication(c echo.Context) (applicationView, error) {
	d, err := s.desk(c, deskOf(c)+"/applications")
	if err != nil {
		return applicationView{}, err
	}
	v, err := s.newApplicationView(c, d.Here)
	if err != nil {
		return v, err
	}
	v.desk, v.Bar = d, newBar(v.Planned, 0, v.Given, v.Given)
	if v.Partial {
		return v, nil
	}
	n, err := s.names(c)
	if err != nil {
		return v, err
	}
	if err := s.addPrecedents(c, &v, n); err != nil {
		return v, err
	}
	for _, revoked := range v.Consequences {
		item := &v.Items[revoked.Item]
		item.Revoked = append(item.Revoked, revoked)
	}
	if v.Can("assign") {
		err = s.addDeciders(c, &v)
	}
	return v, err
}

func (s *Server) addPrecedents(c echo.Context, v *applicationView, n *names) error {
	list, err := s.bank.ApplicationPrecedents(c.Request().Context(), actorOf(c), v.ID)
	if bank.CodeOf(err) == bank.Denied {
		return nil
	}
	for _, p := range list {
		item := &v.Items[p.Item]
		item.Precedents = append(item.Precedents, precedentRow{p, n.institution(p.Institution)})
		v.Precedents++
	}
	return err
}

func (s *Server) addDeciders(c echo.Context, v *applicationView) error {
	staff, err := s.bank.Staff(c.Request().Context(), actorOf(c), v.To.Institution, bank.Window{Limit: bank.MaxLimit})
	for _, l := range staff.Items {
		decides := slices.ContainsFunc(l.Grants, func(g bank.RoleGrant) bool { return g.Role == bank.IsDecider && g.Institution == v.To.Institution })
		if decides && !l.Disabled {
			v.Deciders = append(v.Deciders, deciderChoice{l.ID, l.DisplayName})
		}
		if l.ID == v.Assignee {
			v.Assigned = l.DisplayName
		}
	}
	return err
}

// schoolDecision shows a decision as a document, schoolCase the plan as it was frozen.
func (s *Server) schoolDecision(c echo.Context) error {
	return s.showDecision(c, deskOf(c)+"/applications")
}
func (s *Server) schoolCase(c echo.Context) error { return s.showCase(c, deskOf(c)+"/applications") }

// decide takes the decision about an application, decideAppeal the one about an appeal.
func (s *Server) decideApplication(c echo.Context) error {
	return s.takeDecision(c, func(id string, in bank.NewDecision) error {
		_, err := s.bank.DecideApplication(c.Request().Context(), actorOf(c), id, in)
		return err
	})
}

func (s *Server) decideAppeal(c echo.Context) error {
	return s.takeDecision(c, func(id string, in bank.NewDecision) error {
		_, err := s.bank.DecideAppeal(c.Request().Context(), actorOf(c), id, in)
		return err
	})
}

func (s *Server) takeDecision(c echo.Context, decide func(id string, in bank.NewDecision) error) error {
	values, err := c.FormParams()
	if err != nil {
		return unreadable(err)
	}
	in := readDecision(values)
	id := c.Param("application")
	if err := decide(id, in); err != nil {
		return s.decideAgain(c, values, itemFields(err, in.Items))
	}
	return after(c, deskOf(c)+"/applications/"+id, "decided")
}

// readDecision reads the form: the fields of an item end in its number.
func readDecision(values url.Values) bank.NewDecision {
	at := func(name string, parts ...int) string {
		for _, part := range parts {
			name += "-" + strconv.Itoa(part)
		}
		return strings.TrimSpace(cleanLines(values.Get(name)))
	}
	in := bank.NewDecision{Stamp: clean(values.Get("stamp")), Text: at("text")}
	for _, text := range values["item"] {
		n, err := strconv.Atoi(text)
		if err != nil {
			continue
		}
		d := bank.ItemDecision{Item: n, Outcome: at("outcome", n), Text: at("why", n), Reasons: values[fmt.Sprint("reasons-", n)]}
		switch d.Outcome {
		case bank.ItemPartial:
			d.Credits = at("credits", n)
		case bank.ItemConditional:
			d.Condition, d.Until, d.Reasons = at("condition", n), at("until", n), nil
		case bank.ItemRefused:
			d.Remedy = at("remedy", n)
		case bank.ItemAlternative:
			d.Awards = readAlternatives(at, n)
		}
		in.Items = append(in.Items, d)
	}
	return in
}

// readAlternatives reads what is given instead: a course, or credit in a group.
func readAlternatives(at func(string, ...int) string, n int) (awards []bank.AwardInput) {
	for i := range 3 {
		a := bank.AwardInput{Course: at("course", n, i), Group: at("group", n, i), Credits: at("amount", n, i)}
		if a != (bank.AwardInput{}) {
			awards = append(awards, a)
		}
	}
	return awards
}

var itemField = regexp.MustCompile(`^items\[(\d+)\]\.([a-z]+)(?:\[(\d+)\])?(?:\.([a-z]+))?$`)

// itemFields names the fields of a decision as the form names them.
func itemFields(err error, items []bank.ItemDecision) error {
	var refused *bank.Error
	if !errors.As(err, &refused) {
		return err
	}
	named := *refused
	named.Fields = slices.Clone(refused.Fields)
	for i, f := range named.Fields {
		m := itemField.FindStringSubmatch(f.Field)
		if m == nil {
			continue
		}
		n, _ := strconv.Atoi(m[1]) // digits, and few
		if n >= len(items) {
			continue
		}
		named.Fields[i].Field = fieldInForm(m, items[n].Item)
	}
	return &named
}

func fieldInForm(m []string, item int) string {
	switch name := m[2]; {
	case name == "item":
		return fmt.Sprint("outcome-", item)
	case name == "text":
		return fmt.Sprint("why-", item)
	case name == "awards":
		part := map[string]string{"credits": "amount", "course": "course", "group": "group"}[m[4]]
		if part == "" {
			part = "course"
		}
		return fmt.Sprint(part, "-", item, "-", orZero(m[3]))
	default:
		return fmt.Sprint(name, "-", item)
	}
}

// orZero is a number that an address of a field may lack.
func orZero(text string) string {
	if text == "" {
		return "0"
	}
	return text
}

// decideAgain shows the form as it was sent.
func (s *Server) decideAgain(c echo.Context, values url.Values, cause error) error {
	v, err := s.staffApplication(c)
	if err != nil {
		return err
	}
	f := form{Values: url.Values{}}
	fields := []string{}
	for name := range values {
		f.Values[name] = slices.Clone(values[name])
		f.Values.Set(name, strings.TrimSpace(cleanLines(values.Get(name))))
	}
	for _, item := range v.Items {
		for _, name := range []string{"outcome", "credits", "reasons", "why", "remedy", "condition", "until"} {
			fields = append(fields, fmt.Sprint(name, "-", item.Number))
		}
		for i := range 3 {
			for _, name := range []string{"course", "group", "amount"} {
				fields = append(fields, fmt.Sprint(name, "-", item.Number, "-", i))
			}
		}
	}
	for name, list := range values {
		if strings.HasPrefix(name, "reasons-") {
			for _, code := range list {
				f.Values.Set(name+"_"+code, "1")
			}
		}
	}
	v.Form = f
	return s.refuseStaff(c, cause, v, append([]string{"text"}, fields...))
}

// refuseStaff shows the page of an application again, with what is wrong.
func (s *Server) refuseStaff(c echo.Context, cause error, v applicationView, fields []string) error {
	status := v.Form.refusal(s.speaker(c), cause, fields...)
	switch {
	case status == 0:
		return cause
	case bank.CodeOf(cause) == bank.Conflict:
		status = http.StatusConflict
	}
	return s.render(c, status, "school_application", v)
}

// actOnApplication does something with an application and goes back to it.
func (s *Server) actOnApplication(c echo.Context, done string, do func(id, stamp string) error, fields ...string) error {
	id := c.Param("application")
	err := do(id, clean(c.FormValue("stamp")))
	if err == nil {
		return after(c, deskOf(c)+"/applications/"+id, done)
	}
	v, readErr := s.staffApplication(c)
	if readErr != nil {
		return readErr
	}
	v.Form = readFields(c, append(fields, "consequence")...)
	return s.refuseStaff(c, err, v, append(fields, "stamp"))
}

// assignApplication gives it to a person of the school.
func (s *Server) assignApplication(c echo.Context) error {
	return s.actOnApplication(c, "assigned", func(id, stamp string) error {
		return s.bank.AssignApplication(c.Request().Context(), actorOf(c), id, stamp, clean(c.FormValue("login")))
	}, "login")
}

// meetCondition says that the condition of an item is met.
func (s *Server) meetCondition(c echo.Context) error {
	return s.actOnApplication(c, "condition", func(id, stamp string) error {
		item, err := strconv.Atoi(c.FormValue("item"))
		if err != nil {
			item = -1
		}
		_, err = s.bank.MeetCondition(c.Request().Context(), actorOf(c), id, item, stamp, "")
		return err
	}, "item")
}

// decideConsequence keeps or reverses what rests on a result that is revoked.
func (s *Server) decideConsequence(c echo.Context) error {
	return s.actOnApplication(c, "consequence", func(id, stamp string) error {
		in := bank.ConsequenceDecision{Stamp: stamp, Reverse: c.FormValue("keep") == "0", Text: clean(c.FormValue("text")), Remedy: clean(c.FormValue("remedy"))}
		return s.bank.DecideConsequence(c.Request().Context(), actorOf(c), id, clean(c.FormValue("consequence")), in)
	}, "text", "remedy")
}

// redeemApplication books that a diploma was issued on it.
func (s *Server) redeemApplication(c echo.Context) error {
	return s.actOnApplication(c, "redeemed", func(id, stamp string) error {
		_, err := s.bank.RedeemApplication(c.Request().Context(), actorOf(c), id, stamp)
		return err
	})
}

// setPassAfter says after how many days covered applications pass by themselves.
func (s *Server) setPassAfter(c echo.Context) error {
	days, err := strconv.Atoi(clean(c.FormValue("days")))
	if err != nil {
		days = -1
	}
	if err := s.bank.SetPassAfter(c.Request().Context(), actorOf(c), days); err != nil {
		return s.again(c, err, []string{"days"}, func(status int, f form) error {
			p, err := s.newInboxPage(c)
			if err != nil {
				return err
			}
			p.Form = f
			return s.render(c, status, "school_applications", p)
		})
	}
	return after(c, deskOf(c)+"/applications", "pass_after")
}

// decideCovered decides those in full that were ticked; published rules cover them wholly. Each
// stands for itself: one that somebody else has decided meanwhile stays as it is.
func (s *Server) decideCovered(c echo.Context) error {
	values, err := c.FormParams()
	if err != nil {
		return unreadable(err)
	}
	var list []bank.ApplicationRef
	for _, text := range values["application"] {
		id, stamp, _ := strings.Cut(clean(text), " ")
		list = append(list, bank.ApplicationRef{ID: id, Stamp: stamp})
	}
	says := []string{s.speaker(c).Say("application.bulk_none", nil)}
	if len(list) > 0 {
		if says, err = s.passAll(c, list); err != nil {
			return err
		}
	}
	p, err := s.newInboxPage(c)
	if err != nil {
		return err
	}
	p.Says = says
	return s.render(c, http.StatusOK, "school_applications", p)
}

// passAll decides them, and says how many were decided and how many left.
func (s *Server) passAll(c echo.Context, list []bank.ApplicationRef) (says []string, err error) {
	outcomes, err := s.bank.PassApplications(c.Request().Context(), actorOf(c), list)
	if err != nil {
		return nil, err
	}
	left := 0
	for _, o := range outcomes {
		if o.Err != nil && bank.CodeOf(o.Err) == "" {
			return nil, o.Err
		}
		left += bit(o.Err != nil)
	}
	says = append(says, s.speaker(c).Say("application.bulk_done", map[string]any{"Count": len(list) - left}))
	if left > 0 {
		says = append(says, s.speaker(c).Say("application.bulk_left", map[string]any{"Count": left}))
	}
	return says, nil
}

func bit(b bool) int {
	if b {
		return 1
	}
	return 0
}
