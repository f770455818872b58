package web

import (
	"compress/gzip"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"github.com/labstack/echo/v4"
)

func unzipped(t *testing.T, w *httptest.ResponseRecorder) string {
	t.Helper()
	if w.Header().Get("Content-Encoding") != "gzip" {
		t.Fatalf("not gzip: %v", w.Header())
	}
	r, err := gzip.NewReader(w.Body)
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestEveryAnswerIsHardened(t *testing.T) {
	s := newSite(t)
	for _, path := range []string{"/healthz", "/api/docs", "/api/v1/courses", "/api/v1/nothing", "/api/v1/courses?x=1", "/metrics"} {
		h := s.send(request(http.MethodGet, path, "")).Header()
		for name, want := range map[string]string{"X-Content-Type-Options": "nosniff", "Referrer-Policy": "same-origin", "Cross-Origin-Opener-Policy": "same-origin"} {
			if h.Get(name) != want {
				t.Errorf("%s: %s is %q", path, name, h.Get(name))
			}
		}
		if csp := h.Get("Content-Security-Policy"); !strings.Contains(csp, "default-src 'none'") || !strings.Contains(csp, "frame-ancestors 'none'") || strings.Contains(csp, "unsafe") {
			t.Errorf("%s: policy %q", path, csp)
		}
		if !strings.Contains(h.Get("Vary"), "Accept-Language") || strings.Contains(h.Get("Vary"), "Cookie") == strings.HasPrefix(path, "/api/v1/") {
			t.Errorf("%s: Vary %q", path, h.Get("Vary"))
		}
	}
}

func TestRequestNumbersAreOurs(t *testing.T) {
	s := newSite(t)
	seen := map[string]bool{}
	for range 3 {
		id := s.send(request(http.MethodGet, "/healthz", "", "X-Request-Id", "evil\nline")).Header().Get("X-Request-Id")
		if !regexp.MustCompile(`^[A-Z2-7]{26}$`).MatchString(id) || seen[id] {
			t.Errorf("got %q", id)
		}
		seen[id] = true
	}
}

func TestLogKeepsSecrets(t *testing.T) {
	s := newSite(t)
	r := request("EVIL", "/api/v1/courses/secret:1?q=secret", "", "User-Agent", "secret", "X-Forwarded-For", "198.51.100.7")
	r.RemoteAddr = "198.51.100.7:1"
	s.send(r)
	s.send(request(http.MethodGet, "/api/v1/courses/secret:1", ""))
	s.send(request(http.MethodGet, "/secret", ""))
	log := s.log.String()
	if strings.Contains(log, "secret") || strings.Contains(log, "198.51") || strings.Contains(log, "EVIL") {
		t.Errorf("the log holds what it must not: %s", log)
	}
	if !strings.Contains(log, `"route":"/api/v1/courses/:id","status":404`) || !strings.Contains(log, `"request":"`) {
		t.Errorf("the log lacks the request: %s", log)
	}
}

func TestCompression(t *testing.T) {
	s := newSite(t)
	plain := s.send(request(http.MethodGet, "/api/v1/courses", ""))
	zipped := httptest.NewRecorder()
	s.ServeHTTP(zipped, request(http.MethodGet, "/api/v1/courses", "", "Accept-Encoding", "br, gzip;q=0.5"))
	if plain.Header().Get("Content-Encoding") != "" || zipped.Body.Len() >= plain.Body.Len() || unzipped(t, zipped) != plain.Body.String() {
		t.Error("the two answers are not the same")
	}
	for path, accepts := range map[string]string{"/healthz": "gzip", "/api/v1/courses": "gzip;q=0", "/api/v1/courses?limit=1": "gzip"} {
		w := httptest.NewRecorder()
		if s.ServeHTTP(w, request(http.MethodGet, path, "", "Accept-Encoding", accepts)); w.Header().Get("Content-Encoding") != "" || w.Body.Len() == 0 {
			t.Errorf("%s with %q: %v %s", path, accepts, w.Header(), w.Body)
		}
	}
}

func TestForeignFormsAreRefused(t *testing.T) {
	s := newSite(t)
	form := func(headers ...string) int {
		return s.send(request(http.MethodPost, "/language", "language=en", append(headers, "Content-Type", "application/x-www-form-urlencoded")...)).Code
	}
	for _, headers := range [][]string{{"Sec-Fetch-Site", "cross-site"}, {"Origin", "https://evil.example"}, {"Origin", "null"}} {
		if got := form(headers...); got != 403 {
			t.Errorf("%q: got %d, want 403", headers, got)
		}
	}
	for _, headers := range [][]string{{"Sec-Fetch-Site", "same-origin"}, {"Origin", "http://example.com"}, {}} {
		if got := form(headers...); got == 403 {
			t.Errorf("%q: got 403", headers)
		}
	}
}

func TestFaultsOfOursAreCalm(t *testing.T) {
	s := newSite(t)
	s.echo.GET("/api/v1/panic", func(echo.Context) error { panic("the pin is 1234") })
	s.echo.GET("/api/v1/error", func(echo.Context) error { return errors.New("the pin is 1234") })
	s.echo.GET("/api/v1/half", func(c echo.Context) error { _ = c.String(200, "half"); panic("later") })
	for _, path := range []string{"/api/v1/panic", "/api/v1/error"} {
		w := s.send(request(http.MethodGet, path, ""))
		if w.Code != 500 || strings.Contains(w.Body.String(), "1234") || w.Header().Get("Content-Type") != "application/problem+json" {
			t.Errorf("%s: %d %s", path, w.Code, w.Body)
		}
	}
	if got := strings.Count(s.log.String(), `"msg":"request failed"`); got != 2 {
		t.Errorf("%d faults in the log, want 2", got)
	}
	defer func() {
		if recover() != http.ErrAbortHandler {
			t.Error("half an answer was passed off as a whole one")
		}
	}()
	s.send(request(http.MethodGet, "/api/v1/half", ""))
}

func TestHead(t *testing.T) {
	server := httptest.NewServer(newSite(t))
	defer server.Close()
	for path, want := range map[string]int{"/healthz": 200, "/api/v1/courses": 200, "/api/v1/courses/x": 422} {
		r, err := http.Head(server.URL + path)
		if err != nil || r.StatusCode != want {
			t.Errorf("%s: %v %v", path, r, err)
		}
	}
}

// A sender of too much gets to read why, on a real connection.
func TestTooMuchOnARealConnection(t *testing.T) {
	server := httptest.NewServer(newSite(t))
	defer server.Close()
	r, err := http.Post(server.URL+"/api/v1/check", "application/json", strings.NewReader(strings.Repeat(" ", 4<<20)))
	if err != nil || r.StatusCode != 413 {
		t.Errorf("got %v %v", r, err)
	}
}

func TestOperation(t *testing.T) {
	s := newSite(t)
	if w := s.send(request(http.MethodGet, "/healthz", "")); w.Code != 200 || w.Body.String() != "ok" {
		t.Errorf("healthz: %d %s", w.Code, w.Body)
	}
	if w := s.send(request(http.MethodGet, "/readyz", "")); w.Code != 200 {
		t.Errorf("readyz: %d %s", w.Code, w.Body)
	}
	s.send(request(http.MethodGet, "/api/v1/courses", "", "Host", "evil.example"))
	w := s.send(request(http.MethodGet, "/metrics", ""))
	for _, want := range []string{`creditbank_http_requests_total{method="GET",route="/api/v1/courses",status="2xx"} 1`,
		`creditbank_http_request_duration_seconds_bucket{method="GET",route="/readyz"`, "creditbank_map_rules 16", "creditbank_map_faults 0", "creditbank_database_up 1"} {
		if !strings.Contains(w.Body.String(), want) {
			t.Errorf("metrics lack %s", want)
		}
	}
	if err := s.bank.Close(); err != nil {
		t.Fatal(err)
	}
	if w := s.send(request(http.MethodGet, "/readyz", "")); w.Code != 503 || w.Header().Get("Content-Type") != "application/problem+json" {
		t.Errorf("readyz of a closed bank: %d %s", w.Code, w.Body)
	}
	if w := s.send(request(http.MethodGet, "/metrics", "")); !strings.Contains(w.Body.String(), "creditbank_database_up 0") {
		t.Error("metrics of a closed bank")
	}
	if w := s.send(request(http.MethodGet, "/healthz", "")); w.Code != 200 {
		t.Errorf("healthz of a closed bank: %d", w.Code)
	}
}

func TestMetricsAreNotPublicByDefault(t *testing.T) {
	open := newSite(t)
	s, err := New(Config{Bank: open.bank, Log: open.Server.log})
	if err != nil {
		t.Fatal(err)
	}
	w := httptest.NewRecorder()
	if s.ServeHTTP(w, request(http.MethodGet, "/metrics", "")); w.Code != 404 {
		t.Errorf("got %d, want 404", w.Code)
	}
}
