package web

import (
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"creditbank/internal/bank"
	"creditbank/internal/testbed"
)

// Who issues certificates in the city, and where placements are.
const (
	duheng = "52000000FATTETT13X"
	qiming = "91000000FMAKER014N"
)

// setValue gives a field a value that is not typed, such as a date.
func setValue(p *testbed.Page, selector, value string) {
	p.Eval(`document.querySelector("`+selector+`").value = "`+value+`"; null`, nil)
}

// A learner hands a certificate in on a phone, with a photo; its issuer confirms it at a
// desk, and it stands on the timeline. Another goes by evidence: the school asks an
// expert, who answers, and a third person decides. What ends is renewed.
func TestACertificateFromEndToEnd(t *testing.T) {
	for _, tag := range languageTags {
		t.Run(tag, func(t *testing.T) {
			s := newCitySite(t)
			own := s.signedInLearner(ownAccount, "own.learner")
			issuer, home := s.staff("iris", bank.RoleGrant{Role: bank.IsRegistrar, Institution: duheng}), yunfan
			registrar, expert := s.staff("rolf", bank.RoleGrant{Role: bank.IsRegistrar, Institution: home}), s.staff("xena", bank.RoleGrant{Role: bank.IsExpert, Institution: home})
			decider := s.staff("dora", bank.RoleGrant{Role: bank.IsDecider, Institution: home})
			server := httptest.NewServer(s)
			t.Cleanup(server.Close)
			small, wide := viewer(t, phone, tag, false), viewer(t, desktop, tag, false)
			onPhone, onDesk := looker(t, small, phone, tag), looker(t, wide, desktop, tag)
			photo := filepath.Join(t.TempDir(), "证书.png")
			if err := os.WriteFile(photo, []byte("\x89PNG\r\n\x1a\n\x00\x00"), 0o600); err != nil {
				t.Fatal(err)
			}
			handsIn := func(reference, way string) {
				t.Helper()
				setValue(small, "#completed_on", "2026-05-20")
				setValue(small, "#valid_to", "2026-12-31")
				small.Type("#reference", reference)
				small.Click("#way-" + way)
				small.Upload("#files", photo)
				small.Click("#declared")
				small.Follow(".main")
				small.Wait(".done")
			}
			own.takes(small, server.URL)
			small.Open(server.URL + "/my")
			small.Follow(`a[href="/my/results/new"]`)
			onPhone("result-kinds")
			small.Follow(`a[href$="kind=vocational_certificate"]`)
			small.Type("#q", "1X-WEB-2")
			small.Follow(".search .main")
			onPhone("result-find")
			small.Follow(`a[href*="1X-WEB-2"]`)
			onPhone("result-form")
			small.Follow(".main")
			small.Wait("#declared-wrong")
			onPhone("result-wrong")
			form := server.URL + "/my/results/new?kind=vocational_certificate&institution=" + duheng + "&course=1X-WEB-2"
			small.Open(form)
			handsIn("DH-T-1", "issuer")
			onPhone("result-open")

			issuer.takes(wide, server.URL)
			wide.Open(server.URL + "/attestations")
			onDesk("attestations")
			wide.Follow(".results-list .result-head a")
			onDesk("attestation-issuer")
			wide.Follow("aside .main")
			wide.Wait(".done")
			onDesk("attestation-verified")
			small.Open(server.URL + "/my")
			if text := small.Text(".timeline"); !strings.Contains(text, "2026") {
				t.Errorf("the timeline says %q", text)
			}
			onPhone("timeline")

			small.Open(form)
			handsIn("DH-T-2", "evidence")
			registrar.takes(wide, server.URL)
			wide.Open(server.URL + "/school/applications")
			wide.Follow(`a[href="/attestations"]`)
			wide.Follow(".results-list .result-head a")
			onDesk("attestation-assign")
			wide.Eval(`document.querySelector("#expert").selectedIndex = 1; null`, nil)
			wide.Follow(`button[value="assign"]`)
			wide.Wait(".done")
			expert.takes(wide, server.URL)
			wide.Open(server.URL + "/attestations")
			wide.Follow(".results-list .result-head a")
			wide.Click("#opinion-support")
			wide.Follow("aside .main")
			wide.Wait("#text-wrong")
			onDesk("attestation-opine-wrong")
			wide.Type("#text", "清楚")
			wide.Follow("aside .main")
			wide.Wait(".done")
			decider.takes(wide, server.URL)
			wide.Open(server.URL + "/attestations?state=ready")
			wide.Follow(".results-list .result-head a")
			wide.Click("#do-refuse")
			wide.Follow("aside .main")
			wide.Wait("#remedy-wrong")
			onDesk("attestation-refuse-wrong")
			wide.Click("#do-verify")
			wide.Follow("aside .main")
			wide.Wait(".done")

			s.later(50 * 24 * time.Hour)
			if err := s.bank.RunDue(t.Context()); err != nil {
				t.Fatal(err)
			}
			own = s.guest()
			own.signsIn("own.learner")
			own.takes(small, server.URL)
			small.Open(server.URL + "/my/results")
			onPhone("results-over")
			small.Follow(`a[href*="renews="]`)
			onPhone("result-renew")
			setValue(small, "#completed_on", "2027-01-05")
			setValue(small, "#valid_to", "2028-02-29")
			small.Click("#declared")
			small.Follow(".main")
			small.Wait(".done")
			issuer = s.guest()
			issuer.signsIn("iris")
			issuer.takes(wide, server.URL)
			wide.Open(server.URL + "/attestations")
			wide.Follow(".results-list .result-head a")
			wide.Follow("aside .main")
			wide.Wait(".done")
			results, err := s.bank.Standings(t.Context(), ownAccount)
			if err != nil {
				t.Fatal(err)
			}
			places := map[string]int{}
			for _, r := range results {
				if strings.HasPrefix(r.Reference, "DH-T-") {
					places[r.Place]++
				}
			}
			if places["available"] != 1 || places["expired"] != 1 {
				t.Errorf("after the renewal of one of two: %v", places)
			}
		})
	}
}

// A learner logs a placement on a phone; two mentors confirm and mark it at their desks,
// and somebody else of the school decides. An exam is handed in in its two parts.
func TestAPlacementFromEndToEnd(t *testing.T) {
	for _, tag := range languageTags {
		t.Run(tag, func(t *testing.T) {
			s := newCitySite(t)
			own, home := s.signedInLearner(ownAccount, "own.learner"), yunfan
			master, teacher := s.staff("marc", bank.RoleGrant{Role: bank.IsExpert, Institution: qiming}), s.staff("xena", bank.RoleGrant{Role: bank.IsExpert, Institution: home})
			decider := s.staff("dora", bank.RoleGrant{Role: bank.IsDecider, Institution: home})
			server := httptest.NewServer(s)
			t.Cleanup(server.Close)
			small, wide := viewer(t, phone, tag, false), viewer(t, desktop, tag, false)
			onPhone, onDesk := looker(t, small, phone, tag), looker(t, wide, desktop, tag)
			own.takes(small, server.URL)
			small.Open(server.URL + "/my/results/new?kind=apprenticeship&institution=" + qiming + "&course=WK-APP-1")
			small.Click("#endless")
			small.Click("#declared")
			onPhone("placement-form")
			small.Follow(".main")
			small.Wait(".done")
			for _, day := range []string{"2026-11-16", "2026-11-17", "2026-11-18", "2026-11-19"} {
				setValue(small, "#day", day)
				small.Eval(`document.querySelector("#hours").value = ""; null`, nil)
				small.Type("#hours", "8")
				small.Type("#text", "assembly")
				small.Follow(`button[value="log"]`)
				small.Wait(".done")
			}
			setValue(small, "#day", "2026-11-20")
			small.Type("#hours", "9")
			small.Type("#text", "assembly")
			small.Follow(`button[value="log"]`)
			small.Wait("#hours-wrong")
			onPhone("placement-wrong")
			for _, mentor := range []*guest{master, teacher} {
				mentor.takes(wide, server.URL)
				wide.Open(server.URL + "/attestations")
				wide.Follow(".results-list .result-head a")
				wide.Follow(`button[value="confirm"]`)
				wide.Wait(".done")
				wide.Eval(`document.querySelector("#grade").value = "good"; null`, nil)
				wide.Type("#text", "肯学")
				wide.Follow(`button[value="mark"]`)
				wide.Wait(".done")
			}
			onDesk("placement-mentor")
			small.Open(server.URL + "/my/results")
			small.Follow(".results-list .result-head a")
			onPhone("placement-log")
			small.Follow(`button[value="submit"]`)
			small.Wait(".done")
			decider.takes(wide, server.URL)
			wide.Open(server.URL + "/attestations")
			wide.Follow(".results-list .result-head a")
			onDesk("placement-decide")
			wide.Follow("aside .main")
			wide.Wait(".done")

			small.Open(server.URL + "/my/results/new?kind=exam")
			onPhone("exams")
			small.Follow(`a[href$="course=DK"]`)
			small.Type("#points-GK-WH", "301")
			small.Type("#points-GK-ZN", "400")
			small.Click("#endless")
			small.Click("#declared")
			setValue(small, "#completed_on", "2026-04-20")
			small.Follow(".main")
			small.Wait("#points-GK-WH-wrong")
			onPhone("exam-wrong")
		})
	}
}
