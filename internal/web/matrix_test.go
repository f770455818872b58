package web

import (
	"fmt"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"creditbank/internal/bank"
	"creditbank/internal/intake"
	"creditbank/internal/transfer"
)

// someone of the matrix: a person who is signed in, a school's system, or nobody.
type someone struct {
	name  string
	role  bank.Roles
	scope bank.Scopes
	in    *guest
	app   string // secret of their second factor
	token string
}

// The learners of the matrix: one of each school, and an account that nobody has.
const (
	ownLearner     = "OWN"
	foreignLearner = "FOREIGN"
	noLearner      = "NOBODY"
)

// theCentre is the bank as an institution, whose courses are the standard units.
const theCentre = "3250000001"

// world is a bank with people of every role in one school, and with things of
// that school, of another, and of nobody.
type world struct {
	*site
	t      *testing.T
	people []someone
	asking someone // who asks at this moment
	stamp  string  // of the agreement that was made last
	made   int
	asked  map[string]string // applications, by learner and school
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{site: newSite(t), t: t, asked: map[string]string{}}
	fill(t, w.bank, "institutions", "code,name,kind\n"+theCentre+",中心,bank\n")
	fill(t, w.bank, "learners", "account,name,institution\n"+ownLearner+",自己,"+yunfan+"\n"+foreignLearner+",外人,"+yuntu+"\n")
	w.people = []someone{{name: "visitor", in: w.guest()}}
	w.person("learner", bank.RoleGrant{Role: bank.IsLearner})
	for _, role := range []bank.Roles{bank.IsRegistrar, bank.IsExpert, bank.IsDecider} {
		w.person(role.Names()[0], bank.RoleGrant{Role: role, Institution: yunfan})
	}
	w.person("administrator", bank.RoleGrant{Role: bank.IsAdministrator})
	w.person("auditor", bank.RoleGrant{Role: bank.IsAuditor})
	for _, scope := range bank.ScopeNames() {
		w.people = append(w.people, someone{name: "system that may " + scope, role: bank.IsSystem, scope: scopeNamed(scope), token: w.token(yunfan, scope), in: w.guest()})
	}
	return w
}

func scopeNamed(name string) bank.Scopes {
	scope := bank.Scopes(1) << slices.Index(bank.ScopeNames(), name)
	if scope == bank.MayApply { // who applies reads what becomes of it
		scope |= bank.MayRead
	}
	return scope
}

// person makes somebody with one role, and signs them in.
func (w *world) person(name string, grant bank.RoleGrant) {
	w.t.Helper()
	g := w.guest()
	in := bank.NewLogin{Name: name, Password: goodPassword, Grants: []bank.RoleGrant{grant}}
	if grant.Role == bank.IsLearner {
		in.Grants, in.Learner = nil, ownLearner
	}
	if _, err := w.bank.AddLogin(w.t.Context(), operator, in); err != nil {
		w.t.Fatal(err)
	}
	p := someone{name: name, role: grant.Role, in: g}
	g.signsIn(name)
	if grant.Role&(bank.IsDecider|bank.IsAdministrator) != 0 {
		p.app = g.setsUpApp()
	}
	w.people = append(w.people, p)
	w.isIn(p)
}

// isIn sees to it that somebody is signed in, also after they took a way out.
func (w *world) isIn(p someone) {
	w.t.Helper()
	if p.role == 0 || p.token != "" || p.in.isIn() {
		return
	}
	w.later(time.Minute) // a code is taken once
	p.in.signsIn(p.name)
	if p.app != "" {
		p.in.post("/login/second", "code", p.in.code(p.app))
	}
	if !p.in.isIn() {
		w.t.Fatalf("%s is not in", p.name)
	}
}

// thing is what a parameter of an address names: one of the actor's own school or
// person, one of others, one that is not there.
type thing struct{ own, foreign, none func(*world) string }

func named(text string) func(*world) string { return func(*world) string { return text } }

// things are what each parameter of an address can name.
var things = map[string]thing{
	"account":    {named(ownLearner), func(w *world) string { return w.stranger() }, named(noLearner)},
	"login":      {func(w *world) string { return w.colleague(yunfan) }, func(w *world) string { return w.colleague(yuntu) }, named("nobody")},
	"correction": {func(w *world) string { return w.correction(ownLearner) }, func(w *world) string { return w.correction(foreignLearner) }, named("nothing")},
	"proposal":   {func(w *world) string { return w.proposal(yunfan) }, func(w *world) string { return w.proposal(yuntu) }, named("nothing")},
	"token":      {func(w *world) string { return w.tokenID() }, nil, named("nothing")},
	"finding":    {func(w *world) string { return w.finding(yunfan) }, func(w *world) string { return w.finding(yuntu) }, named("nothing")},
	"agreement":  {func(w *world) string { return w.agreement(yunfan, yuntu) }, func(w *world) string { return w.agreement(yuntu, "OVERSEAS:1/ü") }, named("nothing")},
	"message":    {func(w *world) string { return w.message(w.asking.name) }, func(w *world) string { return w.message("") }, named("nothing")},
	"course":     {func(w *world) string { return w.freshCourse(yunfan) }, func(w *world) string { return w.freshCourse(yuntu) }, named(yunfan + ":nothing")},
	"programme":  {func(w *world) string { return w.freshProgramme(yunfan) }, func(w *world) string { return w.freshProgramme(yuntu) }, named(yunfan + ":nothing")},
	"unit":       {func(w *world) string { return w.freshCourse(theCentre) }, nil, named("nothing")},
	"what":       {func(w *world) string { return w.retentionRule() }, nil, named("nothing")},
	"request":    {func(w *world) string { return w.request(yunfan, "P/1") }, func(w *world) string { return w.request(yuntu, "510203") }, named("nothing")},
	"job":        {func(w *world) string { return w.preview(yunfan, "课程:一") }, func(w *world) string { return w.preview(yuntu, "") }, named("nothing")},
	"evaluation": {func(w *world) string { return w.evaluation(yunfan, "U", yunfan, "F") }, func(w *world) string { return w.evaluation("OVERSEAS:1/ü", "X:1", yuntu, "T11") }, named("nothing@1")},

	"attestation": {func(w *world) string { return w.attestation(ownLearner) }, func(w *world) string { return w.attestation(foreignLearner) }, named("nothing")},

	"import": {func(w *world) string { return w.upload(yunfan) }, func(w *world) string { return w.upload(yuntu) }, named("nothing")},
	"kind":   {named("courses"), nil, named("nothing")},

	"prior":       {func(w *world) string { return w.prior(ownLearner, yunfan) }, func(w *world) string { return w.prior(foreignLearner, yuntu) }, named("nothing")},
	"application": {func(w *world) string { return w.application(ownLearner, yunfan) }, func(w *world) string { return w.application(foreignLearner, yuntu) }, named("nothing")},
}

// stranger is a learner of another school, of whom this one knows nothing yet.
func (w *world) stranger() string {
	account := fmt.Sprint("STRANGER", w.count())
	fill(w.t, w.bank, "learners", "account,name,institution\n"+account+",外人,"+yuntu+"\n")
	return account
}

// application is what a learner asks of a school, and nobody has decided.
func (w *world) application(learner, school string) string {
	w.t.Helper()
	if id := w.asked[learner+school]; id != "" {
		if a, err := w.bank.Application(w.t.Context(), w.learnerActor(learner), id); err == nil && a.State == bank.ApplicationSubmitted {
			return id
		}
	}
	n := w.count()
	fill(w.t, w.bank, "courses", fmt.Sprintf("institution,code,name,credits\nOVERSEAS:1/ü,X%d,海外课,4\n%s,Y%d,课,4\n", n, school, n))
	fill(w.t, w.bank, "programmes", fmt.Sprintf("institution,code,name,required_credits\n%s,PA%d,方案,100\n", school, n))
	fill(w.t, w.bank, "groups", fmt.Sprintf("institution,programme,code,name,min_credits\n%s,PA%d,g,组,40\n", school, n))
	fill(w.t, w.bank, "plans", fmt.Sprintf("institution,programme,group,course,required,never_exempt\n%s,PA%d,g,Y%d,1,0\n", school, n, n))
	fill(w.t, w.bank, "equivalences", fmt.Sprintf("equivalence,source_institution,source_course,target_institution,target_course\nA%d,OVERSEAS:1/ü,X%d,%s,Y%d\n", n, n, school, n))
	fill(w.t, w.bank, "records", fmt.Sprintf("learner,reference,institution,course,grade,completed_on\n%s,A-%d,OVERSEAS:1/ü,X%d,90,2026-06-25\n", learner, n, n))
	a, err := w.bank.Apply(w.t.Context(), w.learnerActor(learner), bank.NewApplication{To: programmeKey(school, fmt.Sprint("PA", n)), Declared: true})
	w.asked[learner+school] = a.ID
	return must(w, a.ID, err)
}

// prior is what a learner asks a school to recognise; the expert of the matrix judges it
// when it is of the own school.
func (w *world) prior(learner, school string) string {
	w.t.Helper()
	ctx, actor := w.t.Context(), w.learnerActor(learner)
	code := strings.TrimPrefix(w.freshCourse(school), school+":")
	fill(w.t, w.bank, "programmes", fmt.Sprintf("institution,code,name,required_credits\n%s,P%s,方案,100\n", school, code))
	fill(w.t, w.bank, "groups", fmt.Sprintf("institution,programme,code,name,min_credits\n%s,P%s,g,组,40\n", school, code))
	fill(w.t, w.bank, "plans", fmt.Sprintf("institution,programme,group,course,required,never_exempt\n%s,P%s,g,%s,1,0\n", school, code, code))
	w.outcomes(w.t, school, code, "接线")
	p, err := w.bank.SavePriorLearning(ctx, actor, bank.NewPriorLearning{To: programmeKey(school, "P"+code), Course: code, Outcomes: []bank.NewPriorOutcome{{Can: "会", How: "学过"}}})
	must(w, p, err)
	p, err = w.bank.SubmitPriorLearning(ctx, actor, p.ID, p.Stamp, true)
	must(w, p, err)
	if school == yunfan {
		judge := "expert"
		if w.asking.role == bank.IsRegistrar {
			judge = w.asking.name
		}
		expert, err := w.bank.LoginNamed(ctx, operator, judge)
		must(w, expert, err)
		by := bank.Actor{Name: "u:asker", Login: "asker", Roles: bank.IsRegistrar, Institution: school}
		must(w, "", w.bank.AssignPriorLearning(ctx, by, p.ID, p.Stamp, expert.ID))
	}
	return p.ID
}

// decision decides about an application, if nobody has; "nothing" for one that is none.
func (w *world) decision(id string) string {
	w.t.Helper()
	auditor := bank.Actor{Name: "u:auditor", Roles: bank.IsAuditor}
	a, err := w.bank.Application(w.t.Context(), auditor, id)
	if bank.CodeOf(err) == bank.NotFound {
		return "nothing"
	}
	must(w, a, err)
	if len(a.Decisions) > 0 {
		return a.Decisions[0].ID
	}
	decider := bank.Actor{Name: "u:judge", Roles: bank.IsDecider, Institution: a.To.Institution}
	d := bank.NewDecision{Stamp: a.Stamp}
	for _, i := range a.Items {
		d.Items = append(d.Items, bank.ItemDecision{Item: i.Number, Outcome: bank.ItemFull})
	}
	p, err := w.bank.DecideApplication(w.t.Context(), decider, id, d)
	return must(w, p.ID, err)
}

// colleague makes a registrar of a school.
func (w *world) colleague(institution string) string {
	w.made++
	return w.login(fmt.Sprint("colleague", w.made), bank.RoleGrant{Role: bank.IsRegistrar, Institution: institution})
}

func (w *world) learnerActor(account string) bank.Actor {
	return bank.Actor{Name: "u:" + account, Roles: bank.IsLearner, Login: account, Learner: account}
}

// must fails the test where the world cannot be made.
func must[T any](w *world, v T, err error) T {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
	return v
}

// Every route, as everybody, with things of one's own, of others and of nobody:
// the answers are those of the table, and a route that the table lacks is not served.
func TestEveryRouteByEveryRole(t *testing.T) {
	w := newWorld(t)
	served := map[string]bool{}
	for _, r := range w.echo.Routes() {
		if !strings.HasPrefix(r.Method, "echo_") {
			served[r.Method+" "+r.Path] = true
		}
	}
	delete(served, "GET /metrics") // asked for on the command line
	for _, r := range w.table() {
		if !served[r.method+" "+r.path] {
			t.Errorf("%s %s is in the table and not served", r.method, r.path)
		}
		delete(served, r.method+" "+r.path)
		for i := range w.people {
			w.try(r, i)
		}
		for _, method := range []string{"TRACE", "PUT", "PATCH", "DELETE"} {
			if target, known := w.target(r.path, "", ""); known && w.send(request(method, target, "")).Code < 400 {
				t.Errorf("%s %s is answered", method, target)
			}
		}
	}
	for route := range served {
		t.Errorf("%s is served and not in the table", route)
	}
}

// try asks a route as somebody, about everything it can be about.
func (w *world) try(r route, who int) {
	whose := []string{""}
	parameter := parameterOf(r.path)
	in, names := inForm[r.path]
	if names && in.roles != 0 && w.people[who].role&in.roles == 0 {
		return
	}
	if r.may != open && (parameter != "" || names) {
		whose = []string{"own", "foreign", "none"}
	}
	for _, whose := range whose {
		p := w.people[who]
		w.asking = p
		target, known := w.target(r.path, parameter, whose)
		if !known {
			continue
		}
		w.isIn(p)
		if !w.fits(r, p, whose, w.asks(r, p, target)) {
			w.t.Logf("at %s", target)
		}
	}
}

func parameterOf(path string) string {
	_, parameter, found := strings.Cut(path, ":")
	if !found {
		return ""
	}
	parameter, _, _ = strings.Cut(parameter, "/")
	return parameter
}

// target is an address about something; false when nothing is that.
func (w *world) target(path, parameter, whose string) (string, bool) {
	if whose == "" {
		return strings.NewReplacer(":secret", "x", ":from", "nothing", ":to", "nothing", ":id", "nothing", ":number", "0", ":attachment", "nothing", ":agreement", "nothing", ":account", noLearner, "*", "nothing").Replace(path), true
	}
	of, known := things[parameter]
	in, names := inForm[path]
	switch {
	case names:
		of = in.thing
	case path == "/admin/corrections/:correction": // the bank decides for learners of no school
		of = thing{func(w *world) string { return w.correction("L1") }, nil, of.none}
	}
	if !known && !names {
		w.t.Errorf("nothing is known of :%s in %s", parameter, path)
		return "", false
	}
	make := map[string]func(*world) string{"own": of.own, "foreign": of.foreign, "none": of.none}[whose]
	if make == nil {
		return "", false
	}
	if names {
		return path + "#" + make(w), true
	}
	id := make(w)
	if before, rest, found := strings.Cut(path, ":decision"); found {
		path = before + w.decision(id) + rest
	}
	return strings.Replace(path, ":"+parameter, url.PathEscape(id), 1), true
}

// asks sends what a form of the route would send.
func (w *world) asks(r route, p someone, target string) *httptest.ResponseRecorder {
	switch {
	case p.token != "" && strings.HasPrefix(r.path, apiBase):
		body := ""
		if r.method == post {
			body = result(fmt.Sprint("X-", w.count()), "M")
			if r.path == apiBase+"/courses" {
				body = fmt.Sprintf(`{"code":"X-%d","name":"课程","credits":"2"}`, w.count())
			}
			if of, judged := strings.CutPrefix(r.path, apiBase+"/equivalences"); judged {
				body = map[string]string{"": `{"rows":[{"source_institution":"` + yunfan + `","source_course":"M"}]}`, "/:evaluation/submit": `{}`,
					"/:evaluation/opinion": `{"opinion":"support"}`, "/:evaluation/decision": `{"decision":"ask_more","text":"大纲"}`}[of]
			}
		}
		return w.as(p.token, r.method, strings.TrimPrefix(target, apiBase), body)
	case r.method == get:
		return p.in.get(target)
	}
	form := w.formOf(r.path, p)
	if in, names := inForm[r.path]; names {
		target, whose, _ := strings.Cut(target, "#")
		form.Set(in.field, whose)
		return p.in.ask(r.method, target, form)
	}
	return p.in.ask(r.method, target, form)
}

func (w *world) count() int { w.made++; return w.made }

// formOf is what a form of a route sends that a person has filled in rightly.
func (w *world) formOf(path string, p someone) url.Values {
	form := map[string]string{
		"/school/staff/:login/role": "change=grant&role=expert", "/admin/people/:login/role": "change=grant&role=expert&institution=" + yunfan,
		"/school/agreements": "name=x&from=2026-09-01&to=2027-08-31&parties=" + yuntu, "/school/agreements/:agreement": "act=withdraw&stamp=" + w.stamp,
		"/admin/deadlines": "public=1", "/messages/mail": "mail=0",
		"/admin/calendar": "day=2027-01-01&kind=off&name=x", "/admin/calendar/paste": "days=2027-01-02+off+x",
		"/school/corrections/:correction": "decision=accepted&answer=ok", "/admin/corrections/:correction": "decision=accepted&answer=ok",
		"/school/proposals/:proposal": "decision=refused&answer=no", "/admin/proposals/:proposal": "decision=refused&answer=no", "/admin/retention/:what": "days=365",
		"/my/prior/new": "to=" + yuntu + ":510203&course=T1",
		"/my/apply":     "do=save&to=" + yuntu + ":510203", "/my/goal": "to=" + yuntu + ":510203",
		"/impact/:job/look": "n=1", "/admin/policies/preview": "file=policies&scope=bank&valid_from=2027-01-01&min_grade=60",
		"/admin/policies":      "file=policies&scope=bank&valid_from=2027-01-01&min_grade=60&reason=review",
		"/school/map/:finding": "act=take", "/admin/map/:finding": "act=take",
		"/regional/look": "kind=creditbank-courses&format=csv", "/regional/left": "kind=creditbank-courses&format=csv&purpose=上报区域学分银行",
		"/regional/file": "kind=creditbank-courses&format=csv&purpose=上报区域学分银行", "/regional/codes": "set.creditbank-courses=short",
		"/evaluations/suggestions": "kind=similar&reason=x&source=" + yunfan + ":M&target=" + yuntu + ":T2",
	}[path]
	if path == "/school/proposals/:proposal" && p.role == bank.IsRegistrar {
		form = "decision=withdrawn" // nobody decides what they proposed
	}
	switch path {
	case "/my/results/:attestation":
		form = "do=withdraw&stamp=*"
	case "/attestations/:attestation":
		form = "do=confirm&stamp=*"
		if p.role == bank.IsAdministrator { // who decides where no school does
			form = "do=refuse&stamp=*&reason=OTHER&text=x&remedy=y"
		}
	}
	if path == "/evaluations/requests/:request" {
		form = "text=no"
	}
	if path == "/evaluations/:evaluation" {
		form = "action=" + map[bank.Roles]string{bank.IsRegistrar: "withdraw", bank.IsAdministrator: "ask_more&text=x"}[p.role]
		if p.role&(bank.IsDecider|bank.IsExpert) != 0 {
			form = "action=opine&opinion=support"
		}
	}
	values, err := url.ParseQuery(form)
	return must(w, values, err)
}

// inForm is what a form names that is somebody's, where the address names nothing.
var inForm = map[string]struct {
	field string
	thing
	roles bank.Roles // who has such things at all; none: everyone
}{
	"/impact":                  {"evaluation", things["evaluation"], 0},
	"/account/seat":            {"institution", thing{named(yunfan), named(yuntu), named("9999999999")}, bank.IsRegistrar | bank.IsExpert | bank.IsDecider},
	"/school/staff/withdraw":   {"invitation", thing{func(w *world) string { return w.invitation(yunfan) }, func(w *world) string { return w.invitation(yuntu) }, named("nothing")}, 0},
	"/my/grants/withdraw":      {"grant", thing{func(w *world) string { return w.share(ownLearner) }, func(w *world) string { return w.share(foreignLearner) }, named("nothing")}, 0},
	"/my/requests/withdraw":    {"request", thing{func(w *world) string { return w.requestOf(ownLearner, yuntu, "510203") }, func(w *world) string { return w.requestOf(foreignLearner, yuntu, "510203") }, named("nothing")}, 0},
	"/my/corrections/withdraw": {"correction", thing{func(w *world) string { return w.correction(ownLearner) }, func(w *world) string { return w.correction(foreignLearner) }, named("nothing")}, 0},
	"/school/changes/confirm":  {"rule", thing{func(w *world) string { return w.flag(yunfan) }, func(w *world) string { return w.flag(yuntu) }, named("1@nothing")}, 0},
	"/admin/changes/confirm":   {"rule", thing{func(w *world) string { return w.flag(yuntu) }, nil, named("1@nothing")}, 0},
	"/admin/people/withdraw":   {"invitation", thing{func(w *world) string { return w.invitation(yunfan) }, nil, named("nothing")}, 0},
}

// fits holds an answer against the table.
func (w *world) fits(r route, p someone, whose string, got *httptest.ResponseRecorder) bool {
	w.t.Helper()
	complain := func(want string) bool {
		w.t.Errorf("%s %s as %s, %s: %d %s, want %s", r.method, r.path, p.name, whose, got.Code, got.Header().Get("Location"), want)
		return false
	}
	signIn := got.Code == 303 && strings.HasPrefix(got.Header().Get("Location"), "/login") || got.Code == 401
	mayBe := r.may.roles
	if r.may == signedIn {
		mayBe = everyone
	}
	switch {
	case got.Code >= 500:
		return complain("no fault")
	case r.may == open:
		if got.Code == 403 || got.Code == 401 && !strings.HasPrefix(r.path, "/login") {
			return complain("what everybody gets")
		}
	case r.may.roles == bank.IsSystem && p.role != bank.IsSystem, p.role == 0, p.role == bank.IsSystem && r.may.roles != bank.IsSystem:
		if !signIn {
			return complain("a way to sign in")
		}
	case p.role&mayBe == 0, r.may.scope != 0 && p.scope&r.may.scope == 0:
		if got.Code != 403 {
			return complain("403")
		}
	case whose == "none", whose == "foreign" && !w.mayMeet(r, p):
		if got.Code != 404 {
			return complain("404")
		}
	case got.Code == 401 || got.Code == 403 || got.Code == 404 || signIn:
		return complain("an answer")
	case got.Header().Get("Cache-Control") != "no-store":
		return complain("no-store, not " + got.Header().Get("Cache-Control"))
	}
	return true
}

// mayMeet says whether what is another's is not foreign to someone: those who
// answer for the whole bank, and a school that deposits its own result.
func (w *world) mayMeet(r route, p someone) bool {
	if r.path == "/messages/:message" {
		return false
	}
	return p.role&(bank.IsAdministrator|bank.IsAuditor) != 0 || r.may.scope == bank.MayDeposit && parameterOf(r.path) == "account"
}

// correction is one that a learner asks for.
func (w *world) correction(account string) string {
	open, err := w.bank.MyCorrections(w.t.Context(), w.learnerActor(account))
	for _, c := range must(w, open, err) { // so many may be open and no more
		if c.State == bank.CorrectionOpen {
			must(w, "", w.bank.WithdrawCorrection(w.t.Context(), w.learnerActor(account), c.ID))
		}
	}
	id, err := w.bank.RequestCorrection(w.t.Context(), w.learnerActor(account), bank.NewCorrection{Field: "name", Value: "正名", Why: "写错了"})
	return must(w, id, err)
}

// proposal is one that a school's registrar makes, about a result of the school.
func (w *world) proposal(institution string) string {
	account := map[string]string{yunfan: ownLearner, yuntu: foreignLearner}[institution]
	reference := fmt.Sprint("P-", w.count())
	course := map[string]string{yunfan: "M", yuntu: "T1"}[institution]
	registrar := bank.Actor{Name: "u:proposer", Login: "proposer", Roles: bank.IsRegistrar, Institution: institution}
	if institution == yunfan {
		l, err := w.bank.LoginNamed(w.t.Context(), operator, "registrar")
		registrar.Login = must(w, l, err).ID
		registrar.Name = "u:" + registrar.Login
	}
	receipt, err := w.bank.Deposit(w.t.Context(), registrar, account, []bank.DepositRecord{{Institution: institution, Reference: reference, Course: course, Grade: "88", Credits: "4", CompletedOn: "2026-06-25"}}, bank.Why{})
	must(w, receipt, err)
	id, err := w.bank.Propose(w.t.Context(), registrar, bank.Proposal{Kind: "reverse", Reason: "误录", Args: map[string]string{"institution": institution, "reference": reference}})
	return must(w, id, err)
}

// finding is one of the map's lint that a school is to mend: a rule that is there twice.
func (w *world) finding(institution string) string {
	ask := func() []bank.MapFinding {
		list, err := w.bank.Findings(w.t.Context(), operator, bank.FindingFilter{Institution: institution}, bank.Window{})
		return must(w, list, err).Items
	}
	if len(ask()) == 0 {
		ways := map[string]string{yunfan: yuntu + ",T1," + yunfan + ",M", yuntu: yunfan + ",M," + yuntu + ",T1"}
		fill(w.t, w.bank, "equivalences", fmt.Sprintf("equivalence,source_institution,source_course,target_institution,target_course\nA-%[1]s,%[2]s\nB-%[1]s,%[2]s\n",
			institution, ways[institution]))
	}
	return ask()[0].ID
}

// request is one of some learner about a course of neither school, and requestOf one
// of a certain learner. The same is asked once at a time: the one before is taken back.
func (w *world) request(institution, programme string) string {
	return w.requestOf(foreignLearner, institution, programme)
}

func (w *world) requestOf(account, institution, programme string) string {
	ctx, actor := w.t.Context(), w.learnerActor(account)
	before, err := w.bank.EvaluationRequests(ctx, actor, "open", bank.Window{})
	for _, r := range must(w, before, err).Items {
		must(w, "", w.bank.WithdrawRequest(ctx, actor, r.ID))
	}
	id, err := w.bank.RequestEvaluation(ctx, actor, bank.EvaluationRequest{Source: transfer.CourseKey{Institution: "OVERSEAS:1/ü", Code: "X:1"},
		To: transfer.ProgrammeKey{Institution: institution, Code: programme}})
	return must(w, id, err)
}

// evaluation is one of a rule between two schools that was submitted, and that the
// expert of the matrix was asked about when it is of the own school.
func (w *world) evaluation(from, source, to, target string) string {
	proposer := bank.Actor{Name: "u:drafter", Login: "drafter", Roles: bank.IsRegistrar, Institution: from}
	code := fmt.Sprint("V", w.count())
	e, _, err := w.bank.SaveEvaluation(w.t.Context(), proposer, bank.EvaluationDraft{Why: "大纲相同", Rows: []map[string]string{{"equivalence": code, "source_institution": from, "source_course": source,
		"target_institution": to, "target_course": target, "min_grade": fmt.Sprint(w.made % 100), "priority": fmt.Sprint(w.made)}}})
	must(w, e, err)
	e, err = w.bank.ActOnEvaluation(w.t.Context(), proposer, e.ID, bank.EvaluationAct{Action: "submit", Stamp: e.Stamp})
	must(w, e, err)
	if from == yunfan {
		expert, err := w.bank.LoginNamed(w.t.Context(), operator, "expert")
		must(w, expert, err)
		administrator := bank.Actor{Name: "u:asker", Login: "asker", Roles: bank.IsAdministrator}
		e, err = w.bank.ActOnEvaluation(w.t.Context(), administrator, e.ID, bank.EvaluationAct{Action: "assign", Stamp: e.Stamp, To: expert.ID})
		must(w, e, err)
	}
	return e.ID
}

func (w *world) invitation(institution string) string {
	_, err := w.bank.Invite(w.t.Context(), operator, bank.NewInvitation{Name: "某人", Grants: []bank.RoleGrant{{Role: bank.IsExpert, Institution: institution}}})
	must(w, "", err)
	list, err := w.bank.Invitations(w.t.Context(), operator, institution, bank.Window{})
	return must(w, list, err).Items[0].ID
}

// share is a link to a record that its learner made.
func (w *world) share(account string) string {
	made, _, err := w.bank.AddShare(w.t.Context(), w.learnerActor(account), bank.NewShare{Until: "2026-12-31", Agreed: true})
	return must(w, made, err).ID
}

func (w *world) tokenID() string {
	made, _, err := w.bank.AddToken(w.t.Context(), operator, bank.NewToken{Name: "x", Institution: yunfan})
	return must(w, made, err).ID
}

// agreement is the draft of one that a school wants to sign with another.
func (w *world) agreement(writer, other string) string {
	by := bank.Actor{Name: "u:writer", Login: "writer", Roles: bank.IsRegistrar, Institution: writer}
	id, err := w.bank.SaveAgreement(w.t.Context(), by, bank.AgreementDraft{Name: "互认协议", From: "2026-09-01", To: "2027-08-31", Parties: []string{other}})
	must(w, id, err)
	a, err := w.bank.Agreement(w.t.Context(), by, id)
	w.stamp = must(w, a, err).Stamp
	return id
}

// message is one to somebody of the world, "" to a learner of another school.
func (w *world) message(name string) string {
	if account := map[string]string{"": foreignLearner, "learner": ownLearner}[name]; account != "" {
		return w.tell("learner", account)
	}
	l, err := w.bank.LoginNamed(w.t.Context(), operator, name)
	if err != nil {
		return w.tell("learner", ownLearner) // for nobody who could be told
	}
	return w.tell("login", l.ID)
}

func (w *world) retentionRule() string {
	rules, err := w.bank.Retention(w.t.Context(), operator)
	return must(w, rules, err)[0].What
}

// Whoever signs in is led to a page that is theirs, and no menu leads to a refusal.
func TestEveryOwnPageIsOpen(t *testing.T) {
	w := newWorld(t)
	for _, p := range w.people {
		if p.role == 0 || p.token != "" {
			continue
		}
		actor := bank.Actor{Roles: p.role}
		pages := append(w.ownPagesOf(actor), ownPage{Path: w.homeOf(actor)})
		for _, page := range pages {
			if got := p.in.get(page.Path); got.Code != 200 {
				t.Errorf("%s at %s: %d", p.name, page.Path, got.Code)
			}
		}
	}
}

// freshCourse is a course of a school that nobody has changed.
func (w *world) freshCourse(institution string) string {
	code := fmt.Sprint("F", w.count())
	fill(w.t, w.bank, "courses", "institution,code,name,credits\n"+institution+","+code+",课程,2\n")
	return institution + ":" + code
}

// flag is a rule that awards courses of a school, and waits for a look.
func (w *world) flag(institution string) string {
	course, rule := w.freshCourse(institution), fmt.Sprint("FLAG", w.count())
	code := strings.TrimPrefix(course, institution+":")
	fill(w.t, w.bank, "equivalences", "equivalence,source_institution,source_course,target_institution,target_course\n"+rule+",OVERSEAS:1/ü,X:1,"+institution+","+code+"\n")
	fill(w.t, w.bank, "courses", "institution,code,name,credits\n"+institution+","+code+",课程,3\n")
	return "1@" + rule
}

// freshProgramme is a programme of a school that nobody has changed.
func (w *world) freshProgramme(institution string) string {
	code := fmt.Sprint("PF", w.count())
	fill(w.t, w.bank, "programmes", "institution,code,name,required_credits\n"+institution+","+code+",方案,20\n")
	return institution + ":" + code
}

// upload is a file that a school has brought, with a row that is refused.
func (w *world) upload(institution string) string {
	w.t.Helper()
	actor := bank.Actor{Name: "u:registrar-of-" + institution, Roles: bank.IsRegistrar, Institution: institution}
	u, err := w.bank.StageUpload(w.t.Context(), actor, bank.NewUpload{Kind: "courses", Content: []byte("code,name,credits\nX,,1\n")}, intake.Staged)
	must(w, u, err)
	job, err := w.bank.CheckUpload(w.t.Context(), actor, u.ID, intake.Staged)
	for err == nil {
		j, failed := w.bank.Job(w.t.Context(), actor, job)
		if failed != nil || j.State != bank.JobRunning {
			err = failed
			break
		}
		time.Sleep(time.Millisecond)
	}
	return must(w, u.ID, err)
}
