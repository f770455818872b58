package web

import (
	"html"
	"net/http"
	"net/url"
	"runtime"
	"strings"
	"sync"
	"testing"

	"creditbank/internal/bank"
)

// Open redirect: whoever signs in stays on this site, whatever the link said.
func TestOpenRedirect(t *testing.T) {
	s := newSite(t)
	s.login("li.hua", registrar)
	home := s.homeOf(bank.Actor{Roles: bank.IsRegistrar})
	for back, want := range map[string]string{
		"/map?q=x": "/map?q=x", "": home, "//evil.example": home, "https://evil.example/": home, `/\evil.example`: home, `\\evil.example`: home, "///evil.example": home,
		"javascript:alert(1)": home, "/%2Fevil.example": home, "/%5Cevil.example": home, "evil.example": home, "/login": home, "/login?back=%2F%2Fevil.example": home, "/\t/evil.example": home, " //evil.example": home,
	} {
		g := s.guest()
		w := g.post("/login", "name", "li.hua", "password", goodPassword, "back", back)
		if got := w.Header().Get("Location"); w.Code != 303 || got != want {
			t.Errorf("back to %q leads to %d %q, want %q", back, w.Code, got, want)
		}
		// Somebody who is in already is led on by the page itself.
		wants(t, g.get("/login?"+url.Values{"back": {strings.ReplaceAll(back, "\t", "")}}.Encode()), 303, strings.ReplaceAll(want, "\t", ""))
	}
}

// Header injection: no text of a request becomes a line of an answer.
func TestHeaderInjectionAtTheDoor(t *testing.T) {
	s := newSite(t)
	s.login("li.hua", registrar)
	evil := "/map\r\nSet-Cookie: session=evil\r\n\r\n<script>"
	for _, back := range []string{evil, "/map?q=\r\nX-Evil: 1", "/map%0d%0aX-Evil: 1", "/map?q=%0d%0aX-Evil:%201"} {
		w := s.guest().post("/login", "name", "li.hua", "password", goodPassword, "back", back)
		for name, list := range w.Header() {
			for _, value := range list {
				if strings.ContainsAny(value, "\r\n") || name == "X-Evil" || strings.Contains(value, "evil\r") {
					t.Errorf("%q gives %s: %q", back, name, value)
				}
			}
		}
		if len(w.Result().Cookies()) != 1 {
			t.Errorf("%q sets %v", back, w.Result().Cookies())
		}
	}
	if w := s.guest().get("/login?back=%0d%0aSet-Cookie:%20a=b"); len(w.Result().Cookies()) > 0 || strings.Contains(w.Header().Get("Location"), "Set-Cookie") {
		t.Errorf("%v", w.Header())
	}
}

// CSRF: what another site asks for is not done, whether the browser says where it
// comes from with Sec-Fetch-Site, with Origin, with Referer, or not at all.
func TestCrossSiteRequestForgery(t *testing.T) {
	s := newSite(t)
	s.login("li.hua", registrar)
	for _, c := range []struct {
		headers []string
		done    bool
	}{
		{[]string{"Sec-Fetch-Site", "cross-site"}, false},
		{[]string{"Sec-Fetch-Site", "same-site"}, false},
		{[]string{"Sec-Fetch-Site", "same-origin"}, true},
		{[]string{"Sec-Fetch-Site", "none"}, true},
		{[]string{"Sec-Fetch-Site", "", "Origin", "https://evil.example"}, false},
		{[]string{"Sec-Fetch-Site", "", "Origin", "null"}, false},
		{[]string{"Sec-Fetch-Site", "", "Origin", "https://example.com"}, true},
		{[]string{"Sec-Fetch-Site", ""}, false},
		{[]string{"Sec-Fetch-Site", "", "Referer", "https://evil.example/example.com"}, false},
		{[]string{"Sec-Fetch-Site", "", "Referer", "https://example.com.evil.example/"}, false},
		{[]string{"Sec-Fetch-Site", "", "Referer", "https://example.com/account"}, true},
	} {
		g := s.guest()
		g.signsIn("li.hua")
		w := g.ask(http.MethodPost, "/logout", url.Values{}, c.headers...)
		if done := w.Code == 303; done != c.done || g.isIn() == c.done {
			t.Errorf("%q: %d, still in: %v", c.headers, w.Code, g.isIn())
		}
	}
	// Nor does another site sign anybody in as somebody else.
	g := s.guest()
	form := url.Values{"name": {"li.hua"}, "password": {goodPassword}}
	for _, headers := range [][]string{{"Sec-Fetch-Site", "cross-site"}, {"Sec-Fetch-Site", "", "Origin", "https://evil.example"}} {
		if w := g.ask(http.MethodPost, "/login", form, headers...); w.Code != 403 || g.session() != "" {
			t.Errorf("login from elsewhere with %q: %d", headers, w.Code)
		}
	}
}

// The API knows tokens alone: a session lets nobody in there.
func TestSessionsAreNotForTheAPI(t *testing.T) {
	s := newSite(t)
	s.login("li.hua", registrar)
	s.learner("L1", "xiao.ming")
	for _, name := range []string{"li.hua", "xiao.ming"} {
		g := s.guest()
		g.signsIn(name)
		for _, path := range []string{"/api/v1/learners/L1", "/api/v1/learners/L1/records", "/api/v1/learners/L1/statement"} {
			if w := g.get(path); w.Code != 401 || len(w.Result().Cookies()) > 0 {
				t.Errorf("%s of %s: %d", path, name, w.Code)
			}
		}
	}
}

// A flood of sign-ins costs no memory to speak of: passwords are worked out two at
// a time, each in 19 MiB, and who tries too often is told to wait without any work.
func TestLoginFlood(t *testing.T) {
	s := newSite(t)
	const flood, most = 48, 400 << 20 // all at once would take 912 MiB
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	var all sync.WaitGroup
	for range flood {
		all.Go(func() {
			r := request(http.MethodPost, "/login", url.Values{"name": {"nobody"}, "password": {"not-the-password"}}.Encode(), "Content-Type", "application/x-www-form-urlencoded")
			s.send(r)
		})
	}
	all.Wait()
	runtime.ReadMemStats(&after)
	if grown := int64(after.HeapSys) - int64(before.HeapSys); grown > most {
		t.Errorf("the heap grew by %d MiB", grown>>20)
	}
	s.limits = newLimits(1e6)
	refused := 0
	for range 3 * doorBurst {
		r := request(http.MethodPost, "/login", url.Values{"name": {""}, "password": {""}}.Encode(), "Content-Type", "application/x-www-form-urlencoded")
		if w := s.send(r); w.Code == http.StatusTooManyRequests && w.Header().Get("Retry-After") != "" {
			refused++
		}
	}
	if refused < doorBurst {
		t.Errorf("%d of %d tries from one address were refused", refused, 3*doorBurst)
	}
}

// What was being sent when the session ended is sent again after signing in, but no
// password, and not to another site.
func TestNothingSentIsLost(t *testing.T) {
	s := newSite(t)
	s.login("li.hua", decider)
	g := s.guest()
	wants(t, g.signsIn("li.hua"), 303, "/account")
	secret := g.setsUpApp()
	g.post("/logout")
	w := g.post("/account/seat", "institution", yunfan, "note", `a "quoted" <note>`, "note", "second", "password_old", "never-kept", "code", "never-kept")
	if body := w.Body.String(); w.Code != 401 || w.Header().Get("WWW-Authenticate") == "" || strings.Contains(body, "never-kept") || !strings.Contains(html.UnescapeString(body), "note=a+%22quoted%22+%3Cnote%3E") {
		t.Fatalf("%d %s", w.Code, body)
	}
	checkPage(t, "/login", "zh-CN", w.Body.String())
	kept := url.Values{"institution": {yunfan}, "note": {`a "quoted" <note>`, "second"}}.Encode()
	sent := []string{"again", "/account/seat", "kept", kept}
	english := g.post("/login", append(sent, "language", "en", "name", "li.hua")...)
	if body := english.Body.String(); english.Code != 200 || !strings.Contains(body, `value="/account/seat"`) || !strings.Contains(body, `value="li.hua"`) {
		t.Errorf("in another language it is gone: %d", english.Code)
	}
	w = g.post("/login", append(sent, "name", "li.hua", "password", "wrong-password-here")...)
	if w.Code != 422 || !strings.Contains(w.Body.String(), `value="/account/seat"`) {
		t.Errorf("after a wrong password it is gone: %d", w.Code)
	}
	w = g.post("/login", append(sent, "name", "li.hua", "password", goodPassword)...)
	if w.Code != 200 || !strings.Contains(w.Body.String(), `value="/account/seat"`) || g.isIn() {
		t.Fatalf("at the second factor it is gone: %d", w.Code)
	}
	s.later(2 * 60 * 1e9)
	w = g.post("/login/second", append(sent, "code", g.code(secret))...)
	body := w.Body.String()
	for _, want := range []string{`method="post" action="/account/seat"`, `name="note" value="second"`, `name="note" value="a &#34;quoted&#34; &lt;note&gt;"`} {
		if w.Code != 200 || !strings.Contains(body, want) {
			t.Errorf("%d without %s", w.Code, want)
		}
	}
	checkPage(t, "again", "en", body)
	wants(t, g.post("/account/seat", "institution", yunfan), 303, s.homeOf(bank.Actor{Roles: bank.IsDecider}))
	for _, again := range []string{"https://evil.example/", "//evil.example/x", "/login", "javascript:alert(1)"} {
		g := s.guest()
		s.login("zhang."+strings.Map(onlyLetters, again), registrar)
		w := g.post("/login", "again", again, "kept", "a=b", "name", "zhang."+strings.Map(onlyLetters, again), "password", goodPassword)
		wants(t, w, 303, s.homeOf(bank.Actor{Roles: bank.IsRegistrar}))
	}
}

func onlyLetters(r rune) rune {
	if r >= 'a' && r <= 'z' {
		return r
	}
	return -1
}
