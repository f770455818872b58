package web

import (
	"fmt"
	"io"
	"log/slog"
	"net/http/httptest"
	"path/filepath"
	"testing"
	"time"

	"creditbank/internal/bank"
)

// configured is a server with a configuration of its own, before an empty bank.
func configured(t *testing.T, c Config) (*Server, error) {
	t.Helper()
	b, err := bank.Open(t.Context(), "sqlite:"+filepath.Join(t.TempDir(), "bank.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = b.Close() })
	c.Bank, c.Log = b, slog.New(slog.NewJSONHandler(io.Discard, nil))
	return New(c)
}

// answer is the status of a request from an address, with its headers.
func answer(s *Server, method, target, from string, headers ...string) *httptest.ResponseRecorder {
	r := request(method, target, "", headers...)
	r.RemoteAddr = from
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	return w
}

// One address gets its share and no more; another is not held back by it, and
// who is held back is told for how long.
func TestOneAddressCannotTakeAll(t *testing.T) {
	s, err := configured(t, Config{Rate: 0.001})
	if err != nil {
		t.Fatal(err)
	}
	if got := answer(s, "GET", "/healthz", "192.0.2.1:1000"); got.Code != 200 {
		t.Fatalf("the first request: %d", got.Code)
	}
	held := answer(s, "GET", "/api/v1/institutions", "192.0.2.1:2000")
	if held.Code != 429 || held.Header().Get("Retry-After") == "" {
		t.Errorf("a second from the same address: %d, Retry-After %q", held.Code, held.Header().Get("Retry-After"))
	}
	if got := answer(s, "GET", "/healthz", "192.0.2.2:1000"); got.Code != 200 {
		t.Errorf("another address: %d", got.Code)
	}
}

// Whoever is signed in has one share, from however many addresses they ask.
func TestOnePersonCannotTakeAll(t *testing.T) {
	s, err := configured(t, Config{Rate: 0.3})
	if err != nil {
		t.Fatal(err)
	}
	login := bank.NewLogin{Name: "li.hua", Password: goodPassword, Grants: []bank.RoleGrant{{Role: bank.IsAuditor}}}
	if _, err := s.bank.AddLogin(t.Context(), operator, login); err != nil {
		t.Fatal(err)
	}
	r := request("POST", "/login", "name=li.hua&password="+goodPassword, "Content-Type", "application/x-www-form-urlencoded", "Sec-Fetch-Site", "same-origin")
	r.RemoteAddr = "192.0.2.1:1"
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	if w.Code != 303 || len(w.Result().Cookies()) == 0 {
		t.Fatalf("signing in: %d", w.Code)
	}
	session := w.Result().Cookies()[0]
	for i, want := range []int{200, 200, 200, 429} {
		from := fmt.Sprintf("192.0.2.%d:1", 100+i)
		if got := answer(s, "GET", "/account", from, "Cookie", session.Name+"="+session.Value); got.Code != want {
			t.Errorf("request %d: %d, want %d", i, got.Code, want)
		}
	}
	if err := newLimits(1).holdActor(bank.Actor{Name: "api:x", Roles: bank.IsSystem}); err != nil {
		t.Errorf("a system's first request: %v", err)
	}
}

// Doors have a share of their own: a class comes in together, a guesser does not.
func TestDoorsAreHeldSooner(t *testing.T) {
	l := newLimits(1e6)
	now := time.Date(2026, 11, 22, 3, 0, 0, 0, time.UTC)
	for i := range doorBurst {
		if wait := l.doors.wait("192.0.2.1", now); wait != 0 {
			t.Fatalf("try %d has to wait %v", i, wait)
		}
	}
	if wait := l.doors.wait("192.0.2.1", now); wait <= 0 || wait > doorEvery {
		t.Errorf("one more waits %v", wait)
	}
	if wait := l.doors.wait("192.0.2.1", now.Add(doorEvery)); wait != 0 {
		t.Errorf("after the wait it has to wait %v", wait)
	}
	for path, want := range map[string]bool{"/login": true, "/login/second": true, "/claim": true, "/invitation/x": true, "/shared/x": true, "/": false, "/map": false, "/account": false} {
		if isDoor(path) != want {
			t.Errorf("%s: door %v", path, !want)
		}
	}
}

// A flood from everywhere takes no more memory than the table has.
func TestFloodsOfAddressesAreBounded(t *testing.T) {
	l := newLimiter(1, 1)
	now := time.Now()
	for i := range 5 * limiterSlots {
		l.wait(fmt.Sprint("2001:db8::", i), now)
	}
	made := 0
	for _, slot := range l.slots {
		if slot != nil {
			made++
		}
	}
	if made < limiterSlots/2 || made > limiterSlots {
		t.Errorf("%d buckets for %d addresses", made, 5*limiterSlots)
	}
}

// Only the site's own names are answered; nobody gets links to elsewhere made.
func TestForeignHostsAreNotAnswered(t *testing.T) {
	s, err := configured(t, Config{URL: "https://bank.example"})
	if err != nil {
		t.Fatal(err)
	}
	for host, want := range map[string]int{"bank.example": 200, "BANK.example": 200, "evil.example": 421, "bank.example:8080": 421, "bank.example.evil.example": 421, "localhost": 421, "": 421} {
		r := request("GET", "/ledger", "")
		r.Host = host
		w := httptest.NewRecorder()
		s.ServeHTTP(w, r)
		if w.Code != want {
			t.Errorf("%q: %d, want %d", host, w.Code, want)
		}
		if got := w.Header().Get("Strict-Transport-Security"); got != "max-age=31536000; includeSubDomains" {
			t.Errorf("%q: HSTS is %q", host, got)
		}
	}
}

// A site on this machine answers to any name of it, without promising TLS.
func TestThisMachineNeedsNoTLS(t *testing.T) {
	s, err := configured(t, Config{URL: "http://localhost:8080"})
	if err != nil {
		t.Fatal(err)
	}
	for _, host := range []string{"localhost:8080", "127.0.0.1:8080", "[::1]:8080"} {
		r := request("GET", "/healthz", "")
		r.Host = host
		w := httptest.NewRecorder()
		s.ServeHTTP(w, r)
		if w.Code != 200 || w.Header().Get("Strict-Transport-Security") != "" {
			t.Errorf("%s: %d, HSTS %q", host, w.Code, w.Header().Get("Strict-Transport-Security"))
		}
	}
}

func TestAddressesOfTheSiteThatAreNone(t *testing.T) {
	for _, text := range []string{"bank.example", "http://bank.example", "ftp://bank.example", "https://", "https://u:p@bank.example", "https://bank.example/path", "https://bank.example/?q", "://"} {
		if _, err := configured(t, Config{URL: text}); bank.CodeOf(err) != bank.Invalid {
			t.Errorf("%s: %v", text, err)
		}
	}
	if _, err := configured(t, Config{Proxies: []string{"10.0.0.1"}}); bank.CodeOf(err) != bank.Invalid {
		t.Errorf("a proxy that is no network: %v", err)
	}
}

// What a client says of its own address is believed from a trusted proxy alone:
// nobody else gets a fresh share by naming a fresh address.
func TestForgedAddressesAreNotBelieved(t *testing.T) {
	for _, c := range []struct {
		name    string
		proxies []string
		from    string
		want    int
	}{
		{"no proxy", nil, "192.0.2.1:1", 429},
		{"not through the proxy", []string{"10.0.0.0/8"}, "192.0.2.1:1", 429},
		{"through the proxy", []string{"10.0.0.0/8"}, "10.1.2.3:1", 200},
	} {
		s, err := configured(t, Config{Rate: 0.001, Proxies: c.proxies})
		if err != nil {
			t.Fatal(err)
		}
		answer(s, "GET", "/healthz", c.from, "X-Forwarded-For", "203.0.113.1")
		if got := answer(s, "GET", "/healthz", c.from, "X-Forwarded-For", "203.0.113.2"); got.Code != c.want {
			t.Errorf("%s: %d, want %d", c.name, got.Code, c.want)
		}
	}
}

// The audit log keeps networks, never whole addresses.
func TestOriginIsANetwork(t *testing.T) {
	s, err := configured(t, Config{})
	if err != nil {
		t.Fatal(err)
	}
	for from, want := range map[string]string{"192.0.2.77:1": "192.0.2.0/24", "[2001:db8:1:2::3]:1": "2001:db8:1::/48", "[::ffff:192.0.2.77]:1": "192.0.2.0/24", "nobody": ""} {
		r := request("GET", "/", "")
		r.RemoteAddr = from
		if got := origin(s.echo.NewContext(r, nil)); got != want {
			t.Errorf("%s: %q, want %q", from, got, want)
		}
	}
}

// A change that comes with a session says where it was asked for, one way or
// another, or nothing happens (CSRF without Sec-Fetch-Site).
func TestCSRFWithoutSecFetchSite(t *testing.T) {
	s, err := configured(t, Config{})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		headers []string
		want    bool // let through
	}{
		{[]string{"Cookie", "__Host-session=x"}, false},
		{[]string{"Cookie", "session=x"}, false},
		{[]string{"Cookie", "session=x", "Referer", "https://evil.example/"}, false},
		{[]string{"Cookie", "session=x", "Referer", "https://example.com.evil.example/"}, false},
		{[]string{"Cookie", "session=x", "Origin", "https://evil.example", "Referer", "http://example.com/"}, false},
		{[]string{"Cookie", "session=x", "Sec-Fetch-Site", "same-site"}, false},
		{[]string{"Cookie", "session=x", "Sec-Fetch-Site", "cross-site", "Origin", "http://example.com"}, false},
		{[]string{"Cookie", "session=x", "Referer", "http://example.com/account"}, true},
		{[]string{"Cookie", "session=x", "Origin", "http://example.com"}, true},
		{[]string{"Cookie", "session=x", "Sec-Fetch-Site", "same-origin"}, true},
		{[]string{"Cookie", "language=en"}, true}, // nobody's rights are at stake
		{nil, true},
	} {
		w := answer(s, "POST", "/language", "192.0.2.1:1", append(c.headers, "Content-Type", "application/x-www-form-urlencoded")...)
		if (w.Code != 403) != c.want {
			t.Errorf("%v: %d", c.headers, w.Code)
		}
	}
}
