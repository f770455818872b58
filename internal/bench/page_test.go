package bench

import (
	"cmp"
	"database/sql"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"creditbank/internal/bank"
	"creditbank/internal/web"
)

// The learners of the bank in which pages are measured.
const (
	pageLearners = 3_000     // with sixty results each, booked in the ledger
	allLearners  = 1_000_000 // with two results each, beside them; nobody asks for these
	pageLogins   = 40        // of those with sixty: who asks, in turn
	pagePassword = "a benchmark of pages 7"
)

// BenchmarkLearnerPages asks for the pages of signed-in learners: the whole way from the
// request to the page, in a bank of 20,000 programmes and 1,000,000 learners in a SQLite
// file. CREDITBANK_BENCH_RULES says how many rules there are, CREDITBANK_BENCH_BANK where
// the bank is kept for the next time.
func BenchmarkLearnerPages(b *testing.B) {
	rules, err := strconv.Atoi(cmp.Or(os.Getenv("CREDITBANK_BENCH_RULES"), "100000"))
	if err != nil {
		b.Fatal(err)
	}
	path := cmp.Or(os.Getenv("CREDITBANK_BENCH_BANK"), filepath.Join(b.TempDir(), "pages.db"))
	country := NewCountry(Shape{Seed: 7, Programmes: 20_000, Rules: rules, Density: Medium})
	if _, err := os.Stat(path); err != nil {
		made(b, country.fillBank(b.Context(), "sqlite:"+path))
		made(b, country.fillLearners(b, path))
	}
	s := openPages(b, path)
	for _, page := range []string{"/my", "/my/options", "/my/options?cursor=20", "/my/plan?to=" + url.QueryEscape(s.best)} {
		b.Run(strings.TrimPrefix(strings.SplitN(page, "=", 2)[0], "/"), func(b *testing.B) { s.eachAsks(b, page) })
	}
}

func made(tb testing.TB, err error) {
	tb.Helper()
	if err != nil {
		tb.Fatal(err)
	}
}

// fillLearners takes in the learners who ask, with their results, and stands the rest of
// the country beside them: rows of the same size, which no page reads.
func (c *Country) fillLearners(b *testing.B, path string) error {
	to, err := bank.Open(b.Context(), "sqlite:"+path)
	if err != nil {
		return err
	}
	for _, f := range []File{
		{"learners", []string{"account", "name", "institution"}, numbered(pageLearners, func(n int) []string {
			return []string{accountName(n), fmt.Sprintf("示例学员%d", n), c.sender(n % c.senders)}
		})},
		{"records", []string{"learner", "reference", "kind", "institution", "course", "grade", "credits", "completed_on"}, c.pageRecords},
	} {
		report, err := to.Import(b.Context(), bank.Operator("bench"), bank.Import{Kind: f.Kind, Header: f.Header, Rows: f.bankRows(), Publish: true})
		if err != nil || report.Refused > 0 {
			return fmt.Errorf("%s: %d refused %v: %w", f.Kind, report.Refused, report.Errors[:min(3, len(report.Errors))], err)
		}
	}
	if err := to.Close(); err != nil {
		return err
	}
	db, err := sql.Open("sqlite3", "file:"+path+"?_synchronous=OFF&_foreign_keys=off&_journal_mode=WAL")
	if err != nil {
		return err
	}
	for _, step := range crowd {
		if _, err := db.Exec(step, sql.Named("all", allLearners-pageLearners)); err != nil {
			return fmt.Errorf("%.60s: %w", step, err)
		}
	}
	return db.Close()
}

// pageRecords are the results of those who ask.
func (c *Country) pageRecords(yield func([]string) bool) {
	for n := range pageLearners {
		for i, r := range c.Learner(n) {
			credits := ""
			if r.Credits > 0 {
				credits = r.Credits.String()
			}
			if !yield([]string{accountName(n), fmt.Sprintf("B%d-%d", n, i), r.Kind, r.Institution, r.Code, r.Grade, credits, r.Completed.String()}) {
				return
			}
		}
	}
}

// crowd makes copies of the first learner and of two results.
var crowd = []string{
	`CREATE TEMP TABLE n AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < @all) SELECT i FROM n`,
	`INSERT INTO learner (account, institution, sealed) SELECT printf('CR%08d', i), l.institution, l.sealed FROM n, (SELECT * FROM learner ORDER BY account LIMIT 1) l WHERE @all > 0`,
	`INSERT INTO learner_index (learner, field, digest) SELECT printf('CR%08d', i), 'name', randomblob(16) FROM n WHERE @all > 0`,
	`INSERT INTO record (learner, institution, reference, kind, course, title, grade, scale, score, passed, credits, completed_on, term, standing, deposited, worth, salt)
	SELECT printf('CR%08d', i), r.institution, printf('CR%d-%d', i, k.column1), r.kind, r.course, r.title, r.grade, r.scale, r.score, r.passed, r.credits, r.completed_on, r.term, 'available', 400, 400, randomblob(16)
	FROM n, (VALUES (1), (2)) k, (SELECT * FROM record WHERE grade <> '' ORDER BY learner LIMIT 1) r WHERE @all > 0`,
	`ANALYZE`,
}

// pageSite is a bank with its pages, and learners who are signed in.
type pageSite struct {
	handler  http.Handler
	sessions []*http.Cookie
	best     string // the programme that the first learner is best placed for
}

func openPages(b *testing.B, path string) *pageSite {
	b.Helper()
	open, err := bank.Open(b.Context(), "sqlite:"+path)
	made(b, err)
	b.Cleanup(func() { _ = open.Close() })
	open.KeepMap(bank.MapPath("sqlite:"+path), true)
	server, err := web.New(web.Config{Bank: open, Log: slog.New(slog.NewJSONHandler(io.Discard, nil))})
	made(b, err)
	s := &pageSite{handler: server}
	for n := range pageLogins {
		name := fmt.Sprintf("bench.learner.%d", n)
		_, err := open.AddLogin(b.Context(), bank.Operator("bench"), bank.NewLogin{Name: name, Password: pagePassword, Learner: accountName(n)})
		if bank.CodeOf(err) != bank.Conflict { // of a bank that was kept
			made(b, err)
		}
		s.sessions = append(s.sessions, s.signsIn(b, name))
	}
	first := bank.Actor{Name: "bench", Roles: bank.IsLearner, Learner: accountName(0)}
	ranking, err := open.RankLearner(b.Context(), first, accountName(0), bank.CheckInput{Window: bank.Window{Limit: 1}})
	made(b, err)
	if ranking.Total != 20_000 || len(ranking.Records) < recordsEach {
		b.Fatalf("%d results before %d programmes", len(ranking.Records), ranking.Total)
	}
	s.best = ranking.Items[0].Programme.Institution + ":" + ranking.Items[0].Programme.Code
	return s
}

func (s *pageSite) signsIn(b *testing.B, name string) *http.Cookie {
	b.Helper()
	r := httptest.NewRequest(http.MethodPost, "/login", strings.NewReader(url.Values{"name": {name}, "password": {pagePassword}}.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	w := httptest.NewRecorder()
	s.handler.ServeHTTP(w, r)
	for _, c := range w.Result().Cookies() {
		if strings.HasSuffix(c.Name, "session") {
			return c
		}
	}
	b.Fatalf("%s is not in: %d %.300s", name, w.Code, w.Body)
	return nil
}

// eachAsks asks for a page, one learner after the other, and reports the time of half and
// of 99 in a hundred of the answers, and the processor's time of one.
func (s *pageSite) eachAsks(b *testing.B, page string) {
	asked := 0
	ask := func() time.Duration {
		r := httptest.NewRequest(http.MethodGet, page, nil)
		r.AddCookie(s.sessions[asked%len(s.sessions)])
		asked++
		w := httptest.NewRecorder()
		began := time.Now()
		s.handler.ServeHTTP(w, r)
		took := time.Since(began)
		if w.Code != http.StatusOK {
			b.Fatalf("%s: %d %.300s", page, w.Code, w.Body)
		}
		return took
	}
	for range s.sessions {
		ask()
	}
	var each []time.Duration
	used, err := cpu(func() error {
		for b.Loop() {
			each = append(each, ask())
		}
		return nil
	})()
	made(b, err)
	slices.Sort(each)
	at := func(percent int) float64 { return float64(each[(len(each)-1)*percent/100].Microseconds()) / 1000 }
	b.ReportMetric(at(50), "ms-p50")
	b.ReportMetric(at(99), "ms-p99")
	b.ReportMetric(used*1000/float64(len(each)), "cpu-ms/page")
}
