package web

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"

	"creditbank/internal/bank"
	"creditbank/internal/testbed"
)

// operator makes the tokens.
var operator = bank.Operator("operator")

// token makes a token for a school's system and gives its secret.
func (s *site) token(institution string, scopes ...string) string {
	s.t.Helper()
	_, secret, err := s.bank.AddToken(s.t.Context(), operator, bank.NewToken{Name: "sis", Institution: institution, Scopes: scopes})
	if err != nil {
		s.t.Fatal(err)
	}
	return secret
}

// sign signs the log as it is.
func (s *site) sign() string {
	s.t.Helper()
	signed, err := s.bank.Checkpoint(s.t.Context(), 0)
	if err != nil {
		s.t.Fatal(err)
	}
	return string(signed)
}

// Two schools of the small map. The first teaches the learner, the second not.
const (
	yunfan  = "3650990001"
	yuntu   = "4150099901"
	learner = "L2"
)

// newSchools is a site with the small map and a learner of the first school, on a database.
func newSchools(t *testing.T, dsn string) *site {
	t.Helper()
	s := siteOn(t, dsn, bank.Options{LedgerKeyFile: filepath.Join(t.TempDir(), "key"), LedgerOrigin: "bank.example/api/v1/ledger", PersonalKey: testbed.PersonalKey(dsn)})
	for _, file := range smallMap {
		fill(t, s.bank, file.kind, file.text)
	}
	fill(t, s.bank, "learners", "account,name,institution\n"+learner+",学员二,"+yunfan+"\nL 3/ü,学员三,"+yuntu+"\n")
	return s
}

// onBothDatabases runs a test on SQLite and on PostgreSQL.
func onBothDatabases(t *testing.T, test func(t *testing.T, s *site)) {
	t.Run("sqlite", func(t *testing.T) { test(t, newSchools(t, "sqlite:"+filepath.Join(t.TempDir(), "bank.db"))) })
	t.Run("postgres", func(t *testing.T) { test(t, newSchools(t, testbed.Postgres(t))) })
}

// as asks with a token; an empty one is none. More headers are pairs.
func (s *site) as(secret, method, path, body string, headers ...string) *httptest.ResponseRecorder {
	s.t.Helper()
	if secret != "" {
		headers = append(headers, "Authorization", "Bearer "+secret)
	}
	return s.send(request(method, apiBase+path, body, headers...))
}

// read reads an answer that must be 200.
func read[T any](t testing.TB, w *httptest.ResponseRecorder) (v T) {
	t.Helper()
	if err := json.Unmarshal(w.Body.Bytes(), &v); err != nil || w.Code != http.StatusOK {
		t.Fatalf("%d %v %s", w.Code, err, w.Body)
	}
	return v
}

// result is a result as it is sent.
func result(reference, course string) string {
	return `{"reference":"` + reference + `","course":"` + course + `","grade":"88","credits":"4","completed_on":"2026-06-25"}`
}

// The page tells the state of the log and what to keep, in both languages.
func TestLedgerPage(t *testing.T) {
	s := newCitySite(t)
	for language, want := range map[string][]string{
		"zh-CN": {"账本自证", "学校发放", "/api/v1/ledger/checkpoint", "— bank-"},
		"en":    {"The ledger proves itself", "Issued by schools", "/api/v1/ledger/consistency?from=", "— bank-"},
	} {
		status, body := s.page("/ledger", language)
		if status != http.StatusOK {
			t.Fatalf("%d %s", status, body)
		}
		for _, said := range want {
			if !strings.Contains(body, said) {
				t.Errorf("the page in %s lacks %q", language, said)
			}
		}
		checkPage(t, "/ledger", language, strings.ReplaceAll(body, "http://example.com/api/v1", ""))
		if !strings.Contains(body, `<a href="/ledger">`) {
			t.Error("the foot of the page does not lead to it")
		}
	}
}

// Without a key the page is there all the same, and what is signed is a calm 503.
func TestLedgerWithoutAKey(t *testing.T) {
	s := siteOn(t, testbed.Postgres(t), bank.Options{})
	for path, want := range map[string]int{"/ledger/checkpoint": 503, "/ledger/entries/0/proof": 404, "/ledger/tile/0/000": 404} {
		w := s.as("", http.MethodGet, path, "", "Accept-Language", "en")
		if w.Code != want || w.Header().Get("Content-Type") != "application/problem+json" {
			t.Errorf("%s: %d %s", path, w.Code, w.Body)
		}
		if want == 503 && !strings.Contains(w.Body.String(), "key") {
			t.Errorf("%s says %s", path, w.Body)
		}
	}
	for _, language := range languageTags {
		status, body := s.page("/ledger", language)
		if status != http.StatusOK || strings.Contains(body, "+") && strings.Contains(body, "— ") {
			t.Errorf("%d %s", status, body)
		}
		checkPage(t, "/ledger", language, strings.ReplaceAll(body, "http://example.com/api/v1", ""))
	}
}
