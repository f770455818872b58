package web

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"creditbank/internal/bank"
	"creditbank/internal/testbed"
)

// own is a learner of the demo city, other another; both have results of two schools.
const (
	ownAccount   = "L000001"
	ownName      = "示例学员001"
	ownNumber    = "000000200804141025"
	otherAccount = "L000003"
	otherName    = "示例学员003"
)

// newOwnSite is the demo city on SQLite, with both learners signed in.
func newOwnSite(t *testing.T) (s *site, own, other *guest) {
	t.Helper()
	s = newCitySite(t)
	return s, s.signedInLearner(ownAccount, "own.learner"), s.signedInLearner(otherAccount, "other.learner")
}

func (s *site) signedInLearner(account, name string) *guest {
	s.t.Helper()
	s.learner(account, name)
	g := s.guest()
	if g.signsIn(name); !g.isIn() {
		s.t.Fatalf("%s is not in", name)
	}
	return g
}

// onBothOwnSites runs a test on the small map on both databases. Both learners are
// of Yunfan, and each has a result of it.
func onBothOwnSites(t *testing.T, test func(t *testing.T, s *site, own, other *guest)) {
	run := func(t *testing.T, s *site) {
		for _, file := range smallMap {
			fill(t, s.bank, file.kind, file.text)
		}
		fill(t, s.bank, "learners", "account,name,id_type,id_number,birth_date,institution,phone\n"+
			ownAccount+","+ownName+",other,OWN-NUMBER-0001,2008-04-14,3650990001,00010000037\n"+otherAccount+","+otherName+",other,OTHER-NUMBER-2,2008-04-14,3650990001,00010000074\n")
		fill(t, s.bank, "records", "learner,reference,institution,course,grade,completed_on\n"+
			ownAccount+",OWN-1,3650990001,M,90,2024-06-25\n"+otherAccount+",OTHER-1,3650990001,M,70,2024-06-25\n")
		test(t, s, s.signedInLearner(ownAccount, "own.learner"), s.signedInLearner(otherAccount, "other.learner"))
	}
	t.Run("sqlite", func(t *testing.T) {
		run(t, siteOn(t, "sqlite:"+filepath.Join(t.TempDir(), "bank.db"), bank.Options{}))
	})
	t.Run("postgres", func(t *testing.T) {
		dsn := testbed.Postgres(t)
		run(t, siteOn(t, dsn, bank.Options{PersonalKey: testbed.PersonalKey(dsn)}))
	})
}

// ownPaths are the learner's own pages.
var ownPaths = []string{"/my", "/my/entries", "/my/looks", "/my/grants", "/my/corrections", "/my/consents", "/my/data", "/my/options", "/my/applications", "/my/requests", "/my/compare", "/my/compare?to=" + "4150099901:510203"}

// Every own page is whole in both languages, with and without data, and nobody
// else's.
func TestOwnPages(t *testing.T) {
	s, own, other := newOwnSite(t)
	registrarGuest := s.guest()
	s.login("li.hua", registrar)
	registrarGuest.signsIn("li.hua")
	check := func(when string) {
		for _, path := range append([]string{"/my/data/export"}, ownPaths...) {
			if w := s.guest().get(path); w.Code != http.StatusSeeOther || !strings.HasPrefix(w.Header().Get("Location"), "/login") {
				t.Errorf("%s: a visitor gets %d", path, w.Code)
			}
			if w := registrarGuest.get(path); w.Code != http.StatusForbidden {
				t.Errorf("%s: a registrar gets %d", path, w.Code)
			}
			for _, language := range languageTags {
				w := own.ask(http.MethodGet, path, nil, "Accept-Language", language)
				if w.Code != http.StatusOK || w.Header().Get("Cache-Control") != "no-store" {
					t.Errorf("%s, %s: %d, %s", path, when, w.Code, w.Header().Get("Cache-Control"))
				}
				if strings.Contains(w.Body.String(), otherName) {
					t.Errorf("%s, %s, tells of another", path, when)
				}
				if path != "/my/data/export" {
					checkPage(t, path, language, strings.ReplaceAll(w.Body.String(), "http://example.com/shared/", ""))
				}
			}
		}
	}
	check("without data")
	fillOwn(t, own)
	fillOwn(t, other)
	check("with data")
}

// fillOwn does as a learner what can be done.
func fillOwn(t *testing.T, g *guest) {
	t.Helper()
	wants(t, g.post("/my/consents", "consent", "1"), 303, "/my/consents?done=consented")
	wants(t, g.post("/my/grants", "whom", "school", "school", "4150099901", "agreed", "1"), 303, "/my/grants?done=given")
	wants(t, g.post("/my/grants", "whom", "link", "note", "for a job", "agreed", "1"), 200, "")
	wants(t, g.post("/my/corrections", "what", "phone", "value", "00010000038", "why", "a new one"), 303, "/my/corrections?done=asked")
	token := regexp.MustCompile(`value="(result:[^"]+)"`).FindStringSubmatch(g.get("/my/corrections").Body.String())
	if token == nil {
		t.Fatal("no result can be chosen")
	}
	wants(t, g.post("/my/corrections", "what", strings.ReplaceAll(token[1], "&#43;", "+"), "value", "99", "why", "see the paper\nin my hand"), 303, "/my/corrections?done=asked")
}

// Own numbers are masked until they are asked for.
func TestOwnNumbersAreMasked(t *testing.T) {
	_, own, _ := newOwnSite(t)
	if body := own.get("/my").Body.String(); strings.Contains(body, ownNumber) || !strings.Contains(body, "000000********1025") || !strings.Contains(body, ownName) {
		t.Errorf("masked: %s", mainOf(body))
	}
	w := own.post("/my/numbers")
	if w.Code != 200 || !strings.Contains(w.Body.String(), ownNumber) || w.Header().Get("Cache-Control") != "no-store" {
		t.Errorf("shown: %d %s", w.Code, mainOf(w.Body.String()))
	}
}

var (
	hiddenGrant      = regexp.MustCompile(`name="grant" value="([^"]+)"`)
	hiddenCorrection = regexp.MustCompile(`name="correction" value="([^"]+)"`)
	hiddenConsent    = regexp.MustCompile(`name="consent" value="([^"]{8,})"`)
	shownGrant       = regexp.MustCompile(`id="link-text">http://example\.com(/shared/[^<]+)<`)
)

// found is what a page holds once.
func found(t *testing.T, w *httptest.ResponseRecorder, pattern *regexp.Regexp) string {
	t.Helper()
	match := pattern.FindStringSubmatch(w.Body.String())
	if match == nil {
		t.Fatalf("%d, without %s: %s", w.Code, pattern, mainOf(w.Body.String()))
	}
	return match[1]
}

// Numbers of another's things are guessed in vain, and change nothing.
func TestGuessedNumbersOfOwnThings(t *testing.T) {
	onBothOwnSites(t, func(t *testing.T, _ *site, own, other *guest) {
		fillOwn(t, own)
		grant, correction, consent := found(t, own.get("/my/grants"), hiddenGrant), found(t, own.get("/my/corrections"), hiddenCorrection), found(t, own.get("/my/consents"), hiddenConsent)
		for _, try := range [][]string{
			{"/my/grants/withdraw", "grant", grant}, {"/my/grants/withdraw", "grant", ""}, {"/my/grants/withdraw", "grant", "' OR '1'='1"},
			{"/my/corrections/withdraw", "correction", correction}, {"/my/corrections/withdraw", "correction", "nothing"},
			{"/my/consents/withdraw", "consent", consent, "understood", "1"}, {"/my/consents/withdraw", "consent", "nothing", "understood", "1"},
		} {
			if w := other.post(try[0], try[1:]...); w.Code != http.StatusNotFound {
				t.Errorf("%q: %d, want 404", try, w.Code)
			}
		}
		if w := other.post("/my/corrections", "what", resultToken(bank.RecordRef{Institution: "3650990001", Reference: "OWN-1"}), "value", "1", "why", "x"); w.Code != http.StatusNotFound {
			t.Errorf("another's result: %d, want 404", w.Code)
		}
		if found(t, own.get("/my/grants"), hiddenGrant) != grant || found(t, own.get("/my/corrections"), hiddenCorrection) != correction || found(t, own.get("/my/consents"), hiddenConsent) != consent {
			t.Error("something changed")
		}
	})
}

// A link shows the record to whoever has it, unseen by caches and referrers, until
// it is withdrawn; then it is as if it had never been.
func TestLinkAfterWithdrawal(t *testing.T) {
	onBothOwnSites(t, func(t *testing.T, s *site, own, other *guest) {
		made := own.post("/my/grants", "whom", "link", "agreed", "1", "until", "2026-12-01")
		link := found(t, made, shownGrant)
		if strings.Contains(own.get("/my/grants").Body.String(), link) {
			t.Error("the link is shown again")
		}
		for _, g := range []*guest{s.guest(), other} {
			w := g.get(link)
			body := w.Body.String()
			if w.Code != 200 || !strings.Contains(body, ownName) || !strings.Contains(body, "程序设计") || strings.Contains(body, "OWN-NUMBER") || strings.Contains(body, "00010000037") {
				t.Errorf("the link shows %d %s", w.Code, mainOf(body))
			}
			if h := w.Header(); h.Get("Referrer-Policy") != "strict-origin" || h.Get("Cache-Control") != "no-store" || !strings.Contains(h.Get("X-Robots-Tag"), "noindex") {
				t.Errorf("headers %v", h)
			}
			checkPage(t, link, "zh-CN", body)
		}
		if body := mainOf(own.get("/my/grants").Body.String()); !strings.Contains(body, "192.0.2.0/24") || !strings.Contains(body, "2 次") {
			t.Errorf("the openings are not told: %s", body)
		}
		never := s.guest().get("/shared/" + strings.Repeat("x", 43))
		wants(t, own.post("/my/grants/withdraw", "grant", found(t, own.get("/my/grants"), hiddenGrant)), 303, "/my/grants?done=withdrawn")
		if !strings.Contains(own.get("/my/grants?done=withdrawn").Body.String(), "已撤回，对方不能再查看。") {
			t.Error("the withdrawal is not confirmed")
		}
		gone := s.guest().get(link)
		if gone.Code != 404 || never.Code != 404 || mainOf(gone.Body.String()) != mainOf(never.Body.String()) || gone.Header().Get("Referrer-Policy") != "strict-origin" {
			t.Errorf("withdrawn %d %s, never %d %s", gone.Code, mainOf(gone.Body.String()), never.Code, mainOf(never.Body.String()))
		}
		if secret := strings.TrimPrefix(link, "/shared/"); strings.Contains(s.log.String(), secret) {
			t.Error("the secret is in the log")
		}
	})
}

// Fields that a form does not have are nobody's to set.
func TestMassAssignmentOfOwnForms(t *testing.T) {
	onBothOwnSites(t, func(t *testing.T, s *site, own, other *guest) {
		more := []string{"account", otherAccount, "learner", otherAccount, "Learner", otherAccount, "id", "chosen-by-me", "state", "accepted", "whole", "1",
			"digest", "x", "institution", "4150099901", "made_at", "0", "withdrawn_at", "1", "answer", "yes", "decided_by", "me", "version", "9", "kind", "other", "roles", "255"}
		with := func(pairs ...string) []string { return append(pairs, more...) }
		wants(t, own.post("/my/consents", with("consent", "1")...), 303, "/my/consents?done=consented")
		wants(t, own.post("/my/grants", with("whom", "link", "agreed", "1")...), 200, "")
		wants(t, own.post("/my/corrections", with("what", "phone", "value", "00010000038", "why", "x")...), 303, "/my/corrections?done=asked")
		wants(t, own.post("/my/numbers", more...), 200, "")
		for _, path := range []string{"/my/consents", "/my/grants", "/my/corrections"} {
			if body := other.get(path).Body.String(); hiddenGrant.MatchString(body) || hiddenCorrection.MatchString(body) || hiddenConsent.MatchString(body) {
				t.Errorf("%s of another has something: %s", path, mainOf(body))
			}
		}
		var about bank.About
		exported(t, own, &about)
		if len(about.Consents) != 1 || about.Consents[0].Kind != "account" || about.Consents[0].Version != 1 || !about.Consents[0].Withdrawn.IsZero() {
			t.Errorf("consents %+v", about.Consents)
		}
		if len(about.Shares) != 1 || about.Shares[0].Institution != "" || about.Shares[0].ID == "chosen-by-me" || !about.Shares[0].Withdrawn.IsZero() {
			t.Errorf("grants %+v", about.Shares)
		}
		if len(about.Corrections) != 1 || about.Corrections[0].State != "open" || about.Corrections[0].Field != "phone" || about.Corrections[0].Answer != "" {
			t.Errorf("corrections %+v", about.Corrections)
		}
	})
}

// exported reads the file of everything.
func exported(t *testing.T, g *guest, into any) string {
	t.Helper()
	w := g.get("/my/data/export")
	if w.Code != 200 || !strings.Contains(w.Header().Get("Content-Disposition"), "attachment") {
		t.Fatalf("%d %v", w.Code, w.Header())
	}
	if err := json.Unmarshal(w.Body.Bytes(), into); err != nil {
		t.Fatal(err)
	}
	return w.Body.String()
}

// The file holds every category and nothing of others, and no secret.
func TestExportOfEverythingAboutMe(t *testing.T) {
	onBothOwnSites(t, func(t *testing.T, s *site, own, other *guest) {
		fillOwn(t, own)
		fillOwn(t, other)
		fill(t, s.bank, "uses", "learner,institution,reference,used_institution,used_programme,used_on\n"+ownAccount+",3650990001,OWN-1,4150099901,510203,2025-09-15\n")
		link := found(t, own.post("/my/grants", "whom", "link", "agreed", "1"), shownGrant)
		s.guest().get(link)
		registrarActor := bank.Actor{Name: "u:registrar", Roles: bank.IsRegistrar, Institution: "3650990001"}
		for _, account := range []string{ownAccount, otherAccount} {
			if _, err := s.bank.ViewAccount(t.Context(), registrarActor, account); err != nil {
				t.Fatal(err)
			}
		}
		var about map[string]any
		text := exported(t, own, &about)
		for _, category := range []string{"account", "person", "login", "devices", "results", "uses", "entries", "grants", "consents", "corrections", "looks", "audit"} {
			if list, is := about[category].([]any); about[category] == nil || is && len(list) == 0 {
				t.Errorf("there is nothing under %s", category)
			}
		}
		for _, want := range []string{ownName, "OWN-NUMBER-0001", "OWN-1", "for a job", "u:registrar", "own.learner", `"openings"`} {
			if !strings.Contains(text, want) {
				t.Errorf("it lacks %s", want)
			}
		}
		for _, bad := range []string{otherName, otherAccount, "OTHER-", "other.learner", strings.TrimPrefix(link, "/shared/"), "argon2", goodPassword, "digest"} {
			if strings.Contains(text, bad) {
				t.Errorf("it holds %s", bad)
			}
		}
	})
}

// Without the consent to the account only the ways out and back in are open.
func TestOwnPagesClose(t *testing.T) {
	onBothOwnSites(t, func(t *testing.T, _ *site, own, _ *guest) {
		fillOwn(t, own)
		consent := found(t, own.get("/my/consents"), hiddenConsent)
		if w := own.post("/my/consents/withdraw", "consent", consent); w.Code != 422 {
			t.Errorf("without a word that it was read: %d", w.Code)
		}
		wants(t, own.post("/my/consents/withdraw", "consent", consent, "understood", "1"), 303, "/my/consents")
		open := map[string]bool{"/my/consents": true, "/my/data": true}
		for _, path := range ownPaths {
			if w := own.get(path); w.Code != map[bool]int{true: 200, false: 403}[open[path]] || !open[path] && !strings.Contains(w.Body.String(), `href="/my/data"`) {
				t.Errorf("%s: %d %s", path, w.Code, mainOf(w.Body.String()))
			}
		}
		if w := own.get("/my/data/export"); w.Code != 200 {
			t.Errorf("the file: %d", w.Code)
		}
		wants(t, own.post("/my/consents", "consent", "1"), 303, "/my/consents?done=consented")
		if w := own.get("/my"); w.Code != 200 {
			t.Errorf("after agreeing again: %d", w.Code)
		}
	})
}

// What is wrong is said beside its field, and what was typed stays.
func TestWrongOwnForms(t *testing.T) {
	_, own, _ := newOwnSite(t)
	for _, c := range []struct {
		path, field string
		pairs       []string
	}{
		{"/my/grants", "school", []string{"whom", "school", "school", "no such school", "note", "typed before", "agreed", "1"}},
		{"/my/grants", "school", []string{"whom", "school", "school", "3650990001", "note", "typed before", "agreed", "1"}},
		{"/my/grants", "agreed", []string{"whom", "link", "note", "typed before"}},
		{"/my/grants", "until", []string{"whom", "link", "note", "typed before", "until", "2030-01-01", "agreed", "1"}},
		{"/my/corrections", "what", []string{"value", "typed before", "why", "x"}},
		{"/my/corrections", "why", []string{"what", "name", "value", "typed before"}},
		{"/my/corrections", "value", []string{"what", "birth_date", "value", "typed before", "why", "x"}},
		{"/my/consents", "consent", nil},
		{"/my/data/erasure", "password", []string{"reason", "typed before"}},
		{"/my/data/erasure", "password", []string{"reason", "typed before", "password", "wrong-password-of-mine"}},
	} {
		w := own.post(c.path, c.pairs...)
		body := w.Body.String()
		if w.Code != 422 || !strings.Contains(body, `id="`+c.field+`-wrong"`) || !strings.Contains(body, `href="#`+c.field+`"`) || c.pairs != nil && !strings.Contains(body, "typed before") {
			t.Errorf("%s %v: %d %s", c.path, c.pairs, w.Code, mainOf(body))
		}
		if strings.Contains(body, "wrong-password-of-mine") {
			t.Errorf("%s shows a password", c.path)
		}
		if strings.Contains(body, "“”") || strings.Contains(body, "school_number,") {
			t.Errorf("%s speaks of codes or of nothing: %s", c.path, mainOf(body))
		}
		checkPage(t, c.path, "zh-CN", body)
	}
}

// Erasure is asked for with the password, by the learner alone, and can be taken back
// until it is decided; another sees and ends nothing of it.
func TestErasureIsAskedForAndTakenBack(t *testing.T) {
	onBothOwnSites(t, func(t *testing.T, s *site, own, other *guest) {
		wants(t, own.post("/my/data/erasure", "password", goodPassword, "account", otherAccount), 303, "/my/data?done=erasure_asked#erase")
		waits := func(g *guest) bool {
			return strings.Contains(g.get("/my/data").Body.String(), `action="/my/data/erasure/withdraw"`)
		}
		if !waits(own) || waits(other) {
			t.Errorf("it waits for the learner: %v, for another: %v", waits(own), waits(other))
		}
		if w := own.post("/my/data/erasure", "password", goodPassword); w.Code != 422 {
			t.Errorf("a second time: %d", w.Code)
		}
		wants(t, other.post("/my/data/erasure/withdraw"), 303, "/my/data#erase")
		if !waits(own) {
			t.Error("another ended it")
		}
		wants(t, own.post("/my/data/erasure/withdraw"), 303, "/my/data#erase")
		if waits(own) {
			t.Error("it still waits after it was taken back")
		}
	})
}
