package web

import (
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"creditbank/internal/bank"
)

// newCity is a site with an identity provider, and a login that is linked to the
// person whom that knows.
func newCity(t *testing.T) (*site, *provider) {
	t.Helper()
	p := newProvider(t)
	s := newSite(t)
	s.identity = newIdentityProvider(&OIDC{Issuer: p.URL, ClientID: "creditbank", ClientSecret: "hush", Name: "示例市民卡"}, s.bank.Now)
	s.address = siteAddress{&url.URL{Scheme: "https", Host: "example.com"}}
	s.login("li.hua", registrar)
	g := s.guest()
	g.signsIn("li.hua")
	wants(t, g.get(p.visit(g.leads("/account/identity")).String()), 303, "/account?done=identity")
	if body := g.get("/account").Body.String(); !strings.Contains(body, "你可以使用示例市民卡登录") {
		t.Error("the page does not say that it is linked")
	}
	return s, p
}

// leads is where a page leads that a form asked for.
func (g *guest) leads(path string, pairs ...string) string {
	g.s.t.Helper()
	w := g.post(path, pairs...)
	_, to, found := strings.Cut(w.Header().Get("Refresh"), "url=")
	if w.Code != 200 || !found {
		g.s.t.Fatalf("%d %v", w.Code, w.Header())
	}
	return to
}

// The provider lets in whom somebody linked, and nobody else.
func TestIdentitySignIn(t *testing.T) {
	s, p := newCity(t)
	g := s.guest()
	back := p.visit(g.leads("/login/oidc", "back", "/map?q=x"))
	before := g.session()
	wants(t, g.get(back.String()), 303, "/map?q=x")
	if !g.isIn() || g.session() == before {
		t.Error("not in, or under the old name")
	}
	// The answer once more, by the same person or by somebody else: code replay.
	for _, again := range []*guest{g, s.guest()} {
		if w := again.get(back.String()); w.Code != 422 {
			t.Errorf("the same answer twice: %d", w.Code)
		}
	}
	p.person = "citizen-2"
	stranger := s.guest()
	if w := stranger.get(p.visit(stranger.leads("/login/oidc")).String()); w.Code != 422 || !strings.Contains(w.Body.String(), "示例市民卡") || stranger.isIn() {
		t.Errorf("whom nobody linked: %d", w.Code)
	}
	p.person = "citizen-1"
	other := s.guest()
	s.login("zhang.san", registrar)
	other.signsIn("zhang.san")
	if w := other.get(p.visit(other.leads("/account/identity")).String()); w.Code != 422 && w.Code != 409 {
		t.Errorf("an identity of another: %d", w.Code)
	}
	wants(t, g.post("/account/identity/remove"), 303, "/account?done=identity_gone")
	gone := s.guest()
	if w := gone.get(p.visit(gone.leads("/login/oidc")).String()); w.Code != 422 || gone.isIn() {
		t.Errorf("after unlinking: %d", w.Code)
	}
}

// What a provider, or somebody in its name, can say wrongly is refused.
func TestIdentityLies(t *testing.T) {
	s, p := newCity(t)
	claim := func(name string, value any) func() {
		return func() { p.lie = func(claims map[string]any) { claims[name] = value } }
	}
	for what, arrange := range map[string]func(){
		"wrong audience":        claim("aud", "another-client"),
		"two audiences":         claim("aud", []string{"creditbank", "another-client"}),
		"wrong issuer":          claim("iss", "https://evil.example"),
		"wrong nonce":           claim("nonce", "AAAAAAAAAAAAAAAAAAAAAAAAAA"),
		"no nonce":              claim("nonce", ""),
		"expired":               claim("exp", testNow.Add(-time.Minute).Unix()),
		"not yet":               claim("nbf", testNow.Add(time.Hour).Unix()),
		"no subject":            claim("sub", ""),
		"none as the algorithm": func() { p.none = true },
		"a key of another":      func() { p.other = true },
	} {
		p.lie, p.none, p.other = func(map[string]any) {}, false, false
		arrange()
		g := s.guest()
		w := g.get(p.visit(g.leads("/login/oidc")).String())
		if w.Code != 422 || g.isIn() || !strings.Contains(w.Body.String(), "无法确认身份提供方的答复") {
			t.Errorf("%s: %d", what, w.Code)
		}
		checkPage(t, what, "zh-CN", strings.ReplaceAll(w.Body.String(), p.URL, ""))
	}
}

// An answer is taken only in the session that asked, as it asked.
func TestIdentityStateMismatch(t *testing.T) {
	s, p := newCity(t)
	for what, bend := range map[string]func(q url.Values){
		"another state": func(q url.Values) { q.Set("state", "AAAAAAAAAAAAAAAAAAAAAAAAAA") },
		"no state":      func(q url.Values) { q.Del("state") },
		"no code":       func(q url.Values) { q.Del("code") },
		"an error":      func(q url.Values) { q.Del("code"); q.Set("error", "access_denied") },
		"another code":  func(q url.Values) { q.Set("code", "made-up") },
		"another iss":   func(q url.Values) { q.Set("iss", "https://evil.example") },
	} {
		g := s.guest()
		back := p.visit(g.leads("/login/oidc"))
		q := back.Query()
		bend(q)
		back.RawQuery = q.Encode()
		if w := g.get(back.String()); w.Code != 422 || g.isIn() {
			t.Errorf("%s: %d", what, w.Code)
		}
	}
	// Sent to somebody else, who would come in as the sender: refused.
	attacker, victim := s.guest(), s.guest()
	back := p.visit(attacker.leads("/login/oidc"))
	victim.leads("/login/oidc")
	if w := victim.get(back.String()); w.Code != 422 || victim.isIn() {
		t.Errorf("the answer to another's question: %d", w.Code)
	}
	// Code replay: an answer is taken once, also where the provider would take it again.
	p.lax = true
	twice := s.guest()
	back = p.visit(twice.leads("/login/oidc"))
	p.lie = func(claims map[string]any) { claims["nonce"] = "" }
	twice.get(back.String())
	p.lie = func(map[string]any) {}
	if w := twice.get(back.String()); w.Code != 422 || twice.isIn() {
		t.Errorf("an answer that was refused came again: %d", w.Code)
	}
	// An answer that came back after the person changed links nothing.
	g := s.guest()
	g.signsIn("li.hua")
	back = p.visit(g.leads("/account/identity"))
	g.post("/logout")
	if w := g.get(back.String()); w.Code != 422 {
		t.Errorf("an answer without its session: %d", w.Code)
	}
}

// While the provider is down the site works, and it is used again once it is back.
func TestIdentityProviderDown(t *testing.T) {
	p := newProvider(t)
	s := newSite(t)
	s.identity = newIdentityProvider(&OIDC{Issuer: p.URL, ClientID: "creditbank", ClientSecret: "hush", Name: "示例市民卡"}, s.bank.Now)
	s.login("li.hua", registrar)
	p.down = true
	g := s.guest()
	if w := g.get("/login"); w.Code != 200 || p.asked != 0 || !strings.Contains(w.Body.String(), "使用示例市民卡登录") {
		t.Errorf("the sign-in page: %d after %d requests", w.Code, p.asked)
	}
	if w := g.post("/login/oidc"); w.Code != 503 || len(w.Result().Cookies()) > 0 {
		t.Errorf("while it is down: %d", w.Code)
	}
	if g.signsIn("li.hua"); !g.isIn() {
		t.Error("a password does not let in while the provider is down")
	}
	p.down = false
	if to := g.leads("/account/identity"); to == "" {
		t.Error("not asked again")
	}
	if newSite(t).guest().post("/login/oidc").Code != 409 {
		t.Error("a provider that is none")
	}
	s.identity.Issuer += "/other"
	s.identity.provider = nil
	if w := s.guest().post("/login/oidc"); w.Code != 503 {
		t.Errorf("a description of another issuer: %d", w.Code)
	}
}

// Whoever is invited can link an identity at once.
func TestIdentityOfTheInvited(t *testing.T) {
	s, p := newCity(t)
	p.person = "citizen-3"
	secret, err := s.bank.Invite(t.Context(), bank.Operator("test"), bank.NewInvitation{Name: "李四", Grants: []bank.RoleGrant{registrar}})
	if err != nil {
		t.Fatal(err)
	}
	g := s.guest()
	to := g.leads("/invitation/"+secret, "name", "li.si", "password", goodPassword, "password_again", goodPassword, "identity", "1")
	wants(t, g.get(p.visit(to).String()), 303, "/account?done=identity")
	again := s.guest()
	var w *httptest.ResponseRecorder
	if w = again.get(p.visit(again.leads("/login/oidc")).String()); !again.isIn() {
		t.Errorf("not in: %d", w.Code)
	}
}
