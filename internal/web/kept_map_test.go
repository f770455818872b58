package web

import (
	"bytes"
	"context"
	"log/slog"
	"net/http"
	"net/url"
	"path/filepath"
	"testing"
	"time"

	"creditbank/internal/bank"
)

// A server that starts from the kept map answers to the byte what one that has
// compiled it answers.
func TestAnswersFromTheKeptMap(t *testing.T) {
	folder := t.TempDir()
	start := func() *site {
		b, err := bank.Open(context.Background(), "sqlite:"+filepath.Join(folder, "bank.db"))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = b.Close() })
		b.KeepMap(filepath.Join(folder, "map"), true)
		b.Now = func() time.Time { return time.Date(2026, 11, 22, 3, 0, 0, 0, time.UTC) }
		s, err := New(Config{Bank: b, Log: slog.New(slog.DiscardHandler)})
		if err != nil {
			t.Fatal(err)
		}
		return &site{Server: s, t: t, log: &bytes.Buffer{}}
	}
	first := start()
	for _, file := range smallMap {
		fill(t, first.bank, file.kind, file.text)
	}
	fill(t, first.bank, "equivalences", "equivalence,source_institution,source_course,target_institution,target_course,valid_from\n"+
		"E1,3650990001,M,4150099901,T1,2025-01-01\nE10,3650990001,H,4150099901,T10,2020-01-01\n")
	want := answersOf(first)
	if err := first.bank.Close(); err != nil {
		t.Fatal(err)
	}
	got := answersOf(start())
	for path, answer := range want {
		if got[path] != answer {
			t.Errorf("%s: got %s\nwant %s", path, got[path], answer)
		}
	}
}

// answersOf are pages and answers of the API about everything that is in the small map.
func answersOf(s *site) map[string]string {
	answers := map[string]string{}
	for _, path := range []string{"/api/v1/institutions", "/api/v1/programmes", "/api/v1/courses", "/api/v1/equivalences", "/api/v1/equivalences?past=true",
		"/api/v1/courses?q=dl", "/api/v1/courses?q=" + url.QueryEscape("电路"), "/api/v1/equivalences?q=circuits", "/api/v1/equivalences?on=2024-05-05",
		"/api/v1/institutions/3650990001", "/api/v1/programmes/4150099901:510203", "/api/v1/courses/3650990001:M", "/api/v1/equivalences/E1",
		"/api/v1/equivalences/E10", "/", "/map", "/map?past=1", "/institutions/4150099901", "/programmes/4150099901:510203", "/equivalences/E1"} {
		answers[path] = s.send(request(http.MethodGet, path, "")).Body.String()
	}
	records := `{"records":[{"institution":"3650990001","course":"M","grade":"90"},{"institution":"3650990001","course":"S1","grade":"70"},{"institution":"3650990001","course":"L"}]`
	for _, question := range []string{records + `}`, records + `,"to":{"institution":"4150099901","programme":"510203"}}`} {
		answers[question] = s.send(request(http.MethodPost, "/api/v1/check", question, "Content-Type", "application/json")).Body.String()
	}
	return answers
}
