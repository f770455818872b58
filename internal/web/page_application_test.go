package web

import (
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"
	"time"

	"creditbank/internal/bank"
)

// A learner on a phone asks a school for what the plan says, with a paper; a decider at a desk
// decides each rung of the ladder; the learner reads the document, appeals against the refusal,
// and somebody else of the school overturns it. In both languages; no page keeps anyone out.
func TestAnApplicationFromEndToEnd(t *testing.T) {
	for _, tag := range languageTags {
		t.Run(tag, func(t *testing.T) {
			s := newCitySite(t)
			code, _, err := s.bank.ClaimCode(t.Context(), operator, ownAccount)
			if err != nil {
				t.Fatal(err)
			}
			dora, emil := s.staff("dora", bank.RoleGrant{Role: bank.IsDecider, Institution: yuntu}), s.staff("emil", bank.RoleGrant{Role: bank.IsDecider, Institution: yuntu})
			server := httptest.NewServer(s)
			t.Cleanup(server.Close)
			small, wide := viewer(t, phone, tag, false), viewer(t, desktop, tag, false)
			seen := func(name string, on bool) {
				t.Helper()
				if on {
					looker(t, small, phone, tag)(name)
				} else {
					looker(t, wide, desktop, tag)(name)
				}
			}
			small.Open(server.URL + "/plan?to=" + yuntu + ":510203&r=" + yunfan + ":01201~88") // nobody has to sign in to see where it counts
			small.Wait("#counted")
			small.Open(server.URL + "/claim")
			small.Type("#number", ownAccount)
			small.Type("#code", code)
			small.Type("#password", goodPassword)
			small.Type("#password_again", goodPassword)
			small.Click("#consent")
			small.Follow(".button.main")
			small.Open(server.URL + "/my/plan?to=" + yuntu + ":510203")
			small.Follow(`a[href^="/my/apply"]`)
			seen("apply", true)
			small.Follow(`button[value="submit"]`) // without the declaration
			small.Wait("#declared-wrong")
			seen("apply-wrong", true)
			paper := filepath.Join(t.TempDir(), "证书.txt")
			if err := os.WriteFile(paper, []byte("a certificate"), 0o600); err != nil {
				t.Fatal(err)
			}
			small.Upload("#files", paper)
			small.Type("#note", "please have a look")
			small.Follow(`button[value="save"]`)
			small.Wait(".done")
			small.Click("#declared")
			small.Follow(`button[value="submit"]`)
			small.Wait(`.steps-list [aria-current]`)
			seen("application-submitted", true)

			dora.takes(wide, server.URL)
			wide.Open(server.URL + "/school/applications")
			seen("inbox", false)
			wide.Follow(".results-list .result-head a")
			seen("decide", false)
			wide.Follow(`form[action$="/assign"] button`)
			wide.Click("#outcome-0-refused")
			wide.Follow(`form[action$="/decision"] .main`)
			wide.Wait("#remedy-0-wrong")
			seen("decide-wrong", false)
			wide.Click("#reasons-0-CONTENT")
			wide.Type("#why-0", "另一门课")
			wide.Type("#remedy-0", "补修实训")
			wide.Click("#outcome-1-conditional")
			wide.Type("#condition-1", "补交作业")
			wide.Eval(`document.querySelector("#until-1").value = "2027-01-31"; null`, nil)
			wide.Click("#outcome-2-partial")
			wide.Type("#credits-2", "1")
			wide.Click("#reasons-2-HOURS")
			wide.Type("#why-2", "学时不足")
			wide.Click("#outcome-3-alternative")
			wide.Type("#course-3-0", "YT0901")
			wide.Type("#amount-3-0", "2")
			wide.Type("#why-3", "按公共选修课认定")
			wide.Click("#outcome-4-conditional")
			wide.Type("#condition-4", "补考")
			wide.Eval(`document.querySelector("#until-4").value = "2026-12-10"; null`, nil)
			wide.Follow(`form[action$="/decision"] .main`)
			wide.Wait(".done")
			seen("decided", false)
			wide.Follow(`form[action$="/condition"] button`)
			wide.Wait(".done")

			small.Open(server.URL + "/my/applications")
			seen("applications", true)
			small.Follow(".results-list .result-head a")
			expect(t, small, "main", "补修实训")
			seen("application-decided", true)
			small.Follow(`a[href*="/decisions/"]`)
			seen("decision", true)
			small.Follow(".crumb a")
			small.Type("#text", "实训已经修过")
			small.Follow(`form[action$="/appeal"] .main`)
			small.Wait(`.steps-list [aria-current]`)
			seen("application-appealed", true)

			dora.takes(wide, server.URL)
			wide.Open(server.URL + "/school/applications?show=appeals")
			wide.Follow(".results-list .result-head a")
			var forms int
			wide.Eval(`document.querySelectorAll("form[action$='/appeal']").length`, &forms)
			if forms != 0 {
				t.Error("who decided may decide about the appeal")
			}
			emil.takes(wide, server.URL)
			wide.Open(server.URL + "/school/applications?show=appeals")
			wide.Follow(".results-list .result-head a")
			expect(t, wide, "blockquote", "实训已经修过")
			seen("decide-appeal", false)
			wide.Follow(`form[action$="/appeal"] .main`)
			wide.Wait(".done")
			wide.Follow(`form[action$="/redeem"] button`)
			wide.Wait(".done")
			seen("redeemed", false)
			wide.Open(server.URL + "/school/applications")
			wide.Click("details.topic summary")
			wide.Type("#days", "99")
			wide.Follow(`form[action="/school/applications/pass"] button`)
			wide.Wait("#days-wrong")
			wide.Eval(`document.querySelector("#days").value = "5"; null`, nil)
			wide.Follow(`form[action="/school/applications/pass"] button`)
			wide.Wait(".done")
			seen("inbox-pass", false)
			wide.Open(server.URL + "/school/statistics")
			wide.Wait(".sankey path")
			seen("statistics", false)
			small.Open(server.URL + "/my/applications")
			small.Follow(".results-list .result-head a")
			small.Follow(`aside a[href$="/plan"]`)
			seen("case", true)

			s.later(30 * 24 * time.Hour) // the last day of a condition passes
			if err := s.bank.RunDue(t.Context()); err != nil {
				t.Fatal(err)
			}
			small.Open(server.URL + "/login")
			small.Type("#name", ownAccount)
			small.Type("#password", goodPassword)
			small.Follow(".button.main")
			small.Open(server.URL + "/messages")
			small.Follow(`main a[href^="/messages/"]`)
			expect(t, small, "main", "补考")
			var refused int
			small.Eval(`document.querySelectorAll("main .chip-refused").length`, &refused)
			if refused == 0 {
				t.Error("a condition that nobody met leaves nothing refused")
			}
			seen("condition-over", true)
		})
	}
}
