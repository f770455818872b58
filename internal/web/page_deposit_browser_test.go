package web

import (
	"net/http/httptest"
	"strings"
	"testing"

	"creditbank/internal/bank"
	"creditbank/internal/testbed"
)

// A registrar finds a learner, sees what a result means, and deposits it; it turns out
// wrong after the learner used it, and a second person agrees to correct it: the school
// that took it is asked, takes its credits back, and the right result is there.
func TestAResultIsDepositedUsedAndPutRight(t *testing.T) {
	testbed.Require(t, "browser")
	for _, tag := range languageTags {
		t.Run(tag, func(t *testing.T) {
			s := newCitySite(t)
			own := s.signedInLearner(ownAccount, "own.learner")
			rosa, dora := s.staff("rosa", registrar), s.staff("dora", decider)
			emil := s.staff("emil", bank.RoleGrant{Role: bank.IsDecider, Institution: yuntu})
			server := httptest.NewServer(s)
			t.Cleanup(server.Close)
			p := viewer(t, desktop, tag, false)
			look := looker(t, p, desktop, tag)

			rosa.takes(p, server.URL)
			p.Open(server.URL + "/school/learners")
			p.Click("details.topic summary")
			look("class-list")
			p.Follow(`a[href^="/school/deposit"]`)
			p.Follow(".search .main")
			p.Wait("#account-wrong")
			p.Type("#account", ownAccount)
			p.Follow(".search .main")
			look("deposit-found")
			p.Follow(".people a")
			p.Type("#course", "no such course")
			p.Type("#grade", "101")
			p.Follow(".entries .main")
			p.Wait("#course-wrong")
			if got := p.Text("#faults"); !strings.Contains(strings.ToLower(got), "101") {
				t.Errorf("the faults are %q", got)
			}
			look("deposit-wrong")
			p.Eval(`for (const [name, value] of Object.entries({course: "01201", completed_on: "2025-01-10", grade: "91", reference: "FORM-1"})) document.getElementById(name).value = value; null`, nil)
			p.Follow(".entries .main")
			expect(t, p, "#means + dl", "FORM-1")
			look("deposit-means")
			p.Open(server.URL + "/school/deposit?account=" + ownAccount)
			brought(t, p, "#reference", "FORM-1")
			look("deposit-brought")
			p.Follow(".entries .main")
			p.Follow(`button[value="change"]`)
			p.Wait("#reference")
			p.Follow(".entries .main")
			p.Follow(`button[value="save"]`)
			p.Wait(".done")
			expect(t, p, "main", "FORM-1")
			look("deposited")
			p.Open(server.URL + "/school/deposit?account=" + ownAccount)
			var left string
			if p.Eval(`document.querySelector("[data-brought]").hidden ? document.getElementById("reference").value : "brought back"`, &left); left != "" {
				t.Errorf("after the deposit the form has %q", left)
			}

			s.usesAndDecides()
			p.Open(server.URL + "/school/correct?reference=YF2025-00003")
			expect(t, p, "#result + dl", "C+01")
			look("correct")
			p.Follow(`button[value="replace"]`)
			p.Wait("#reason-wrong")
			look("correct-wrong")
			p.Type("#reason", "wrong grade in the list")
			p.Eval(`document.getElementById("grade").value = "79"; null`, nil)
			p.Follow(`button[value="replace"]`)
			p.Wait(".done")
			look("correct-proposed")
			dora.takes(p, server.URL)
			p.Open(server.URL + "/school/proposals")
			expect(t, p, ".proposal", "79")
			p.Type(".proposal [name=answer]", "see the list")
			p.Follow(`section[aria-labelledby="propose"] .main`) // another form of the page, refused
			p.Wait("#reason-wrong")
			brought(t, p, ".proposal [name=answer]", "see the list")
			look("proposal-brought")
			p.Follow(`.proposal button[value="approved"]`)
			p.Wait(".done")

			emil.takes(p, server.URL)
			p.Open(server.URL + "/school/applications?show=revoked")
			p.Follow(".results-list .result-head a")
			look("consequence")
			p.Eval(`document.querySelector("form[action$='/consequence'] [name=text]").value = "成绩已更正"; document.querySelector("form[action$='/consequence'] [name=remedy]").value = "重新申请"; null`, nil)
			p.Follow(`form[action$="/consequence"] button[name="keep"][value="0"]`)
			p.Wait(".done")
			look("consequence-decided")
			small := viewer(t, phone, tag, false)
			own.takes(small, server.URL)
			small.Open(server.URL + "/messages")
			expect(t, small, "main", "YF2025-00003")
			looker(t, small, phone, tag)("told")
		})
	}
}

// usesAndDecides lets a learner apply for a programme, of which all is given.
func (s *site) usesAndDecides() {
	s.t.Helper()
	learner := bank.Actor{Name: "u:" + ownAccount, Roles: bank.IsLearner, Login: ownAccount, Learner: ownAccount}
	a, err := s.bank.Apply(s.t.Context(), learner, bank.NewApplication{To: programmeKey(yuntu, "510203"), Declared: true})
	if err != nil {
		s.t.Fatal(err)
	}
	d := bank.NewDecision{Stamp: a.Stamp}
	for _, i := range a.Items {
		d.Items = append(d.Items, bank.ItemDecision{Item: i.Number, Outcome: bank.ItemFull})
	}
	if _, err := s.bank.DecideApplication(s.t.Context(), bank.Actor{Name: "u:judge", Roles: bank.IsDecider, Institution: yuntu}, a.ID, d); err != nil {
		s.t.Fatal(err)
	}
}
