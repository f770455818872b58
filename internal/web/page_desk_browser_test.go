package web

import (
	"strings"
	"testing"

	"creditbank/internal/bank"
	"creditbank/internal/testbed"
)

// takes lets a tab go on with the session of somebody who is signed in.
func (g *guest) takes(p *testbed.Page, base string) {
	p.Open(base + "/ledger")
	p.Eval(`document.cookie = "`+sessionCookie+`=`+g.session()+`; path=/"; null`, nil)
}

// A school's registrar invites somebody, looks at a learner's numbers for a purpose
// that the audit log has, and hands out a code; two administrators make a third.
func TestDesksInABrowser(t *testing.T) {
	for _, view := range views {
		s, base := doors(t)
		s.schoolLearners()
		rosa, anna, berta := s.staff("rosa", registrar), s.staff("anna", administrator), s.staff("berta", administrator)
		p := viewer(t, view.width, view.tag, view.dark)
		look := func(name string) {
			t.Helper()
			looked(t, p, name, view.tag, view.width)
		}
		rosa.takes(p, base)
		p.Open(base + "/school/staff")
		p.Follow(`form[action="/school/staff"] .main`)
		look("staff-wrong")
		p.Type("#name", "Li Hua")
		p.Click("#role-expert")
		p.Follow(`form[action="/school/staff"] .main`)
		expect(t, p, "#link", base+"/invitation/")
		p.Wait("[data-copy]")
		look("staff-link")
		p.Open(base + "/school/learners")
		look("learners")
		p.Type("#name", "钱")
		p.Follow(".search .main")
		p.Follow(".people a")
		look("learner")
		p.Type("#purpose", "compare with the card")
		p.Follow(".reveal .button")
		expect(t, p, ".once", "E12345678")
		look("revealed")
		p.Follow(`form[action$="/code"] .button`)
		look("code")
		p.Open(base + "/school")
		expect(t, p, "main", "compare with the card")
		look("school")
		p.Open(base + "/school/corrections")
		look("corrections")

		anna.takes(p, base)
		p.Open(base + "/audit")
		expect(t, p, "main", "L2")
		p.Open(base + "/admin/people")
		p.Click(`a[href*="login=` + s.numberOf("berta") + `"]` + `, details.change summary`)
		look("people")
		p.Open(base + "/admin/proposals?kind=role&login=" + s.numberOf("rosa"))
		p.Type("#reason", "leads the centre")
		p.Follow(`form[action="/admin/proposals"] .main`)
		look("proposed")
		for _, kind := range []string{"merge", "reverse", "erase"} {
			p.Open(base + "/admin/proposals?kind=" + kind)
			look("propose-" + kind)
		}
		p.Open(base + "/admin/retention")
		look("retention")
		p.Open(base + "/admin/tokens")
		p.Type("#name", "sis")
		p.Type("#institution", yunfan)
		p.Click("#scope-read")
		p.Follow(`form[action="/admin/tokens"] .main`)
		expect(t, p, "#token", "creditbank_")
		look("token")
		var tab string // what is told this once stays; the other language is elsewhere
		if p.Eval(`document.querySelector(".tongue").target`, &tab); tab != "_blank" {
			t.Errorf("another language is shown in %q", tab)
		}
		p.Click(".tongue button")
		expect(t, p, "#token", "creditbank_")
		berta.takes(p, base)
		p.Open(base + "/admin")
		look("admin")
		p.Follow(`.lines a[href="/admin/proposals"]`)
		look("decide")
		p.Follow(`button[value=approved]`)
		look("approved")
		if seats, err := s.bank.Seats(t.Context(), s.numberOf("rosa")); err != nil || len(seats) != 2 || seats[0].Role != bank.IsAdministrator {
			t.Errorf("rosa acts at %+v, %v", seats, err)
		}
		for _, address := range p.Requests() {
			if !strings.HasPrefix(address, base) {
				t.Errorf("a request went to %s", address)
			}
		}
	}
}
