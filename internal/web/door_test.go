package web

import (
	"context"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"creditbank/internal/bank"
)

// goodPassword is one that nobody refuses.
const goodPassword = "lantern-otter-quartz"

// guest is somebody with a browser: cookies are kept as browsers keep them.
type guest struct {
	s       *site
	cookies map[string]string
}

func (s *site) guest() *guest { return &guest{s: s, cookies: map[string]string{}} }

// session is the token that the guest holds.
func (g *guest) session() string { return g.cookies["__Host-session"] }

func (g *guest) ask(method, path string, form url.Values, headers ...string) *httptest.ResponseRecorder {
	g.s.t.Helper()
	r := request(method, path, form.Encode(), append([]string{"Sec-Fetch-Site", "same-origin"}, headers...)...)
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for name, value := range g.cookies {
		r.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	w := g.s.send(r)
	for _, c := range w.Result().Cookies() {
		if c.MaxAge < 0 {
			delete(g.cookies, c.Name)
		} else {
			g.cookies[c.Name] = c.Value
		}
	}
	return w
}

func (g *guest) get(path string) *httptest.ResponseRecorder { return g.ask(http.MethodGet, path, nil) }

// post sends fields, given as names and values in turn.
func (g *guest) post(path string, pairs ...string) *httptest.ResponseRecorder {
	form := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		form.Add(pairs[i], pairs[i+1])
	}
	return g.ask(http.MethodPost, path, form)
}

// wants fails the test when an answer has another status, or leads elsewhere.
func wants(t testing.TB, w *httptest.ResponseRecorder, status int, to string) {
	t.Helper()
	if got := w.Header().Get("Location"); w.Code != status || got != to {
		t.Fatalf("%d to %q, want %d to %q\n%s", w.Code, got, status, to, mainOf(w.Body.String()))
	}
}

func mainOf(body string) string {
	_, body, _ = strings.Cut(body, "<main")
	body, _, _ = strings.Cut(body, "</main>")
	return regexp.MustCompile(`\s*<[^>]*>\s*`).ReplaceAllString(body, " ")
}

// isIn says whether the guest is signed in.
func (g *guest) isIn() bool { return g.get("/account/devices").Code == http.StatusOK }

// login makes a login with a password and roles.
func (s *site) login(name string, grants ...bank.RoleGrant) string {
	s.t.Helper()
	id, err := s.bank.AddLogin(context.Background(), bank.Operator("test"), bank.NewLogin{Name: name, Password: goodPassword, Grants: grants})
	if err != nil {
		s.t.Fatal(err)
	}
	return id
}

// registrar is a role that takes no second factor.
var registrar = bank.RoleGrant{Role: bank.IsRegistrar, Institution: yunfan}

// decider is one that takes one.
var decider = bank.RoleGrant{Role: bank.IsDecider, Institution: yunfan}

// signsIn shows a name and the password.
func (g *guest) signsIn(name string) *httptest.ResponseRecorder {
	return g.post("/login", "name", name, "password", goodPassword)
}

// code is what the app of a secret shows at the site's time.
func (g *guest) code(secret string) string {
	code, err := totp.GenerateCode(strings.ReplaceAll(secret, " ", ""), g.s.bank.Now())
	if err != nil {
		g.s.t.Fatal(err)
	}
	return code
}

var shownSecret = regexp.MustCompile(`<p class="secret"><code>([A-Z2-7 ]+)</code>`)

// setsUpApp sets up an app, and gives its secret.
func (g *guest) setsUpApp() string {
	g.s.t.Helper()
	wants(g.s.t, g.post("/account/totp"), 303, "/account/totp")
	found := shownSecret.FindStringSubmatch(g.get("/account/totp").Body.String())
	if found == nil {
		g.s.t.Fatal("no secret is shown")
	}
	wants(g.s.t, g.post("/account/totp/confirm", "code", g.code(found[1])), 303, "/account?done=totp")
	return found[1]
}

// later moves the clock of the bank.
func (s *site) later(by time.Duration) {
	at := s.bank.Now().Add(by)
	s.bank.Now = func() time.Time { return at }
}

// A name and a password let in; the page tells nobody which of the two is wrong,
// shows what was typed but the password, and signing out ends it.
func TestSignInAndOut(t *testing.T) {
	onBothDatabases(t, func(t *testing.T, s *site) {
		s.login("li.hua", registrar)
		g := s.guest()
		wants(t, g.get("/account"), 303, "/login?back=%2Faccount")
		wrong := g.post("/login", "name", "li.hua", "password", "not-the-password")
		nobody := g.post("/login", "name", "nobody.here", "password", "not-the-password")
		for _, w := range []*httptest.ResponseRecorder{wrong, nobody} {
			if body := w.Body.String(); w.Code != 422 || strings.Contains(body, "not-the-password") || !strings.Contains(body, "<title>错误") || g.session() != "" {
				t.Errorf("%d %s", w.Code, body)
			}
			checkPage(t, "/login", "zh-CN", w.Body.String())
		}
		if a, b := strings.ReplaceAll(mainOf(wrong.Body.String()), "li.hua", ""), strings.ReplaceAll(mainOf(nobody.Body.String()), "nobody.here", ""); a != b {
			t.Errorf("the page tells who there is: %q, %q", a, b)
		}
		if !strings.Contains(wrong.Body.String(), `value="li.hua"`) {
			t.Error("what was typed is gone")
		}
		w := g.post("/login", "name", "li.hua", "password", goodPassword, "back", "/map?q=x")
		wants(t, w, 303, "/map?q=x")
		if set := w.Header().Get("Set-Cookie"); !regexp.MustCompile(`^__Host-session=[\w-]{43}; Path=/; HttpOnly; Secure; SameSite=Lax$`).MatchString(set) {
			t.Errorf("the cookie is %s", set)
		}
		if page := g.get("/map"); !strings.Contains(page.Body.String(), "li.hua") || !strings.Contains(page.Header().Get("Cache-Control"), "private") {
			t.Errorf("the frame does not say who is in: %v", page.Header())
		}
		if stranger := s.guest().get("/map"); strings.Contains(stranger.Body.String(), "li.hua") || stranger.Header().Get("Set-Cookie") != "" {
			t.Error("a stranger's page knows of somebody")
		}
		old := maps.Clone(g.cookies)
		wants(t, g.post("/logout"), 303, "/")
		if g.session() != "" || g.isIn() {
			t.Error("still in after signing out")
		}
		// token replay after logout
		thief := &guest{s: s, cookies: old}
		if thief.isIn() {
			t.Error("a token lets in after its owner signed out")
		}
	})
}

// Session fixation: a token that somebody else knows is not that of whoever signs in,
// and each rise of rights has a new one.
func TestSessionFixation(t *testing.T) {
	s := newSite(t)
	s.login("li.hua", decider)
	g := s.guest()
	g.cookies["__Host-session"] = "a-token-that-the-attacker-has-chosen-0000000"
	wants(t, g.signsIn("li.hua"), 303, "/account")
	first := g.session()
	if first == "" || strings.HasPrefix(first, "a-token") {
		t.Fatal("the attacker's token was taken over")
	}
	secret := g.setsUpApp()
	enrolled := g.session()
	s.later(time.Minute)
	wants(t, g.post("/logout"), 303, "/")
	wants(t, g.signsIn("li.hua"), 303, "/login/second")
	half := g.session()
	wants(t, g.post("/login/second", "code", g.code(secret)), 303, s.homeOf(bank.Actor{Roles: bank.IsDecider}))
	whole := g.session()
	wants(t, g.post("/account/password", "password_old", goodPassword, "password_new", goodPassword+"2", "password_again", goodPassword+"2"), 303, "/account?done=password")
	seen := map[string]bool{}
	for _, token := range []string{first, enrolled, half, whole, g.session()} {
		if token == "" || seen[token] {
			t.Error("a token outlived a rise of rights")
		}
		seen[token] = true
		if thief := (&guest{s: s, cookies: map[string]string{"__Host-session": token}}); token != g.session() && thief.isIn() {
			t.Error("an old token lets in")
		}
	}
	if !g.isIn() {
		t.Error("the owner is out")
	}
}

// A password alone opens nothing to who has a second factor, and a role that takes
// one gives nothing before it is set up.
func TestSecondFactorIsNeeded(t *testing.T) {
	onBothDatabases(t, func(t *testing.T, s *site) {
		s.login("li.hua", decider)
		g := s.guest()
		wants(t, g.signsIn("li.hua"), 303, "/account")
		c := s.echo.NewContext(request(http.MethodGet, "/", "", "Cookie", "__Host-session="+g.session()), httptest.NewRecorder())
		if actor, err := s.person(c); err != nil || actor.Login == "" || actor.Roles != 0 {
			t.Errorf("before a second factor: %+v %v", actor, err)
		}
		secret := g.setsUpApp()
		thief := s.guest()
		wants(t, thief.signsIn("li.hua"), 303, "/login/second")
		if thief.isIn() {
			t.Fatal("a password alone lets in")
		}
		wants(t, thief.post("/account/totp"), 401, "")
		// TOTP replay: the code that set the app up, and any that was used, is no good again.
		if w := thief.post("/login/second", "code", thief.code(secret)); w.Code != 422 || thief.isIn() {
			t.Errorf("a used code: %d", w.Code)
		}
		s.later(time.Minute)
		code := thief.code(secret)
		wants(t, thief.post("/login/second", "code", code), 303, s.homeOf(bank.Actor{Roles: bank.IsDecider}))
		again := s.guest()
		wants(t, again.signsIn("li.hua"), 303, "/login/second")
		if w := again.post("/login/second", "code", code); w.Code != 422 || again.isIn() {
			t.Errorf("a code came twice: %d", w.Code)
		}
		// Tries are limited, also for whoever has the password.
		status := 0
		for range 8 {
			status = again.post("/login/second", "code", "000000").Code
		}
		if status != http.StatusTooManyRequests {
			t.Errorf("after many tries: %d", status)
		}
		if w := s.guest().post("/login/second", "code", code); w.Code != 422 {
			t.Errorf("a code of nobody: %d", w.Code)
		}
	})
}

// Idle and absolute end, by a clock that stands still until it is moved.
func TestSessionsEnd(t *testing.T) {
	s := newSite(t)
	s.login("li.hua", registrar)
	s.learner("L1", "xiao.ming")
	for _, c := range []struct {
		name        string
		step        time.Duration // of somebody who keeps coming
		idle, whole time.Duration
		lasting     bool
	}{{"li.hua", 20 * time.Minute, 30 * time.Minute, 12 * time.Hour, false}, {"xiao.ming", 5 * 24 * time.Hour, 7 * 24 * time.Hour, 30 * 24 * time.Hour, true}} {
		begin := s.bank.Now()
		idler, comer := s.guest(), s.guest()
		idler.signsIn(c.name)
		if w := comer.signsIn(c.name); strings.Contains(w.Header().Get("Set-Cookie"), "Max-Age") != c.lasting {
			t.Errorf("%s: %s", c.name, w.Header().Get("Set-Cookie"))
		}
		s.later(c.idle - time.Minute)
		if !comer.isIn() {
			t.Errorf("%s: out before the idle end", c.name)
		}
		s.later(2 * time.Minute)
		if idler.isIn() {
			t.Errorf("%s: in after the idle end", c.name)
		}
		for s.bank.Now().Add(c.step).Before(begin.Add(c.whole)) {
			if s.later(c.step); !comer.isIn() {
				t.Fatalf("%s: out after %s", c.name, s.bank.Now().Sub(begin))
			}
		}
		comer.post("/account/seat", "institution", map[bool]string{true: "bank", false: yunfan}[c.lasting]) // a new name is no new life
		s.later(begin.Add(c.whole).Sub(s.bank.Now()))
		if comer.isIn() {
			t.Errorf("%s: in after the absolute end", c.name)
		}
	}
}

// learner gives an account a login.
func (s *site) learner(account, name string) {
	s.t.Helper()
	_, err := s.bank.AddLogin(context.Background(), bank.Operator("test"), bank.NewLogin{Name: name, Password: goodPassword, Learner: account})
	if err != nil {
		s.t.Fatal(err)
	}
}

// A change of roles, a disabled login and a new password end sessions at once.
func TestRoleChangeEndsTheSession(t *testing.T) {
	s := newSite(t)
	id := s.login("li.hua", registrar)
	ctx, operator := context.Background(), bank.Operator("test")
	for _, change := range []struct { // in this order: only a role that was given can be taken
		what string
		do   func() error
	}{
		{"a role is given", func() error {
			return s.bank.GrantRole(ctx, operator, id, bank.RoleGrant{Role: bank.IsExpert, Institution: yunfan})
		}},
		{"a role is taken", func() error {
			return s.bank.RevokeRole(ctx, operator, id, bank.RoleGrant{Role: bank.IsExpert, Institution: yunfan})
		}},
		{"it is disabled", func() error { return s.bank.DisableLogin(ctx, operator, id, true) }},
		{"a password is set", func() error { return s.bank.SetPassword(ctx, operator, id, goodPassword) }},
	} {
		what, do := change.what, change.do
		if err := s.bank.DisableLogin(ctx, operator, id, false); err != nil {
			t.Fatal(err)
		}
		g := s.guest()
		if g.signsIn("li.hua"); !g.isIn() {
			t.Fatalf("%s: not in to begin with", what)
		}
		if err := do(); err != nil {
			t.Fatal(what, err)
		}
		if g.isIn() {
			t.Errorf("when %s, the session goes on", what)
		}
	}
}
