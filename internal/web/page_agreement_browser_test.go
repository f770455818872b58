package web

import (
	"database/sql"
	"fmt"
	"strings"
	"testing"

	"creditbank/internal/bank"
)

// A registrar writes an agreement and offers it, the deciders of both schools are told
// and sign it, everybody reads it; and a learner who entered in its years keeps a rule
// that changed afterwards, and reads why.
func TestAgreementInABrowser(t *testing.T) {
	for _, view := range views {
		s, base := doors(t)
		rosa, dora, otto := s.staff("rosa", registrar), s.staff("dora", decider), s.staff("otto", bank.RoleGrant{Role: bank.IsDecider, Institution: yuntu})
		fill(t, s.bank, "learners", "account,name,institution,entered_on\nPROMISED,承诺,"+yunfan+",2026-09-10\n")
		fill(t, s.bank, "records", "learner,reference,institution,course,grade,completed_on\nPROMISED,RP,"+yunfan+",M,90,2026-11-10\n")
		learner := s.guest()
		if _, err := s.bank.AddLogin(t.Context(), operator, bank.NewLogin{Name: "promised", Password: goodPassword, Learner: "PROMISED"}); err != nil {
			t.Fatal(err)
		}
		learner.signsIn("promised")
		p := viewer(t, view.width, view.tag, view.dark)
		look := func(name string) {
			t.Helper()
			looked(t, p, name, view.tag, view.width)
		}
		rosa.takes(p, base)
		p.Open(base + "/school/agreements")
		p.Follow(`form[action="/school/agreements"] .main`)
		look("agreement-wrong")
		p.Type("#name", "云帆云图互认协议")
		p.Type("#parties-text", yuntu)
		p.Eval(`document.getElementById("from").value = "2026-09-01"; document.getElementById("to").value = "2029-08-31"; null`, nil)
		p.Type("#text", "双方承认下列课程。")
		p.Open(base + "/school/agreements") // not sent, and here again
		brought(t, p, "#text", "双方承认下列课程。")
		p.Follow(`form[action="/school/agreements"] .main`)
		p.Click(`input[value="E1@1"] + label`)
		p.Click(`input[value="E2@1"] + label`)
		look("agreement-choose")
		p.Follow(`button[value=edit]`)
		look("agreement-draft")
		p.Follow(`button[value=offer]`)
		look("agreement-offered")
		var address string
		p.Eval(`location.pathname`, &address)
		for _, signer := range []*guest{otto, dora} {
			signer.takes(p, base)
			p.Open(base + "/messages")
			look("messages")
			p.Follow(".letters a")
			p.Follow(".agreement .actions a")
			p.Click("#read")
			look("agreement-sign")
			p.Follow(`button[value=sign]`)
		}
		p.Open(base + strings.TrimPrefix(address, "/school"))
		look("agreement")
		p.Open(base + "/agreements")
		look("agreements")
		expect(t, p, "main", "云帆云图互认协议")
		fill(t, s.bank, "equivalences", "equivalence,source_institution,source_course,target_institution,target_course,target_credits\nE1,"+yunfan+",M,"+yuntu+",T1,0\nE11,"+yunfan+",M,"+yuntu+",T11,0\n")
		learner.takes(p, base)
		p.Open(base + "/my/plan?to=" + yuntu + ":510203")
		expect(t, p, "main", map[string]string{"zh-CN": "按你学校签署的互认协议为你保留", "en": "Kept for you by an agreement of your school"}[view.tag])
		look("agreement-promise")
	}
}

// An administrator looks at the calendar, changes it, and sees who is late.
func TestCalendarInABrowser(t *testing.T) {
	for _, view := range views {
		s, base := doors(t)
		anna := s.staff("anna", administrator)
		for range 25 {
			s.tell("login", s.numberOf("anna"))
		}
		p := viewer(t, view.width, view.tag, view.dark)
		look := func(name string) {
			t.Helper()
			looked(t, p, name, view.tag, view.width)
		}
		anna.takes(p, base)
		p.Open(base + "/admin/calendar")
		look("calendar-empty")
		p.Type("#days", "2026-10-01 休 Festival\n2026-10-10 班 Festival")
		p.Follow(`form[action="/admin/calendar/paste"] .main`)
		look("calendar")
		expect(t, p, "#year-2026", "261")
		p.Type("#days", "2026-10-12 work x")
		p.Follow(`form[action="/admin/calendar/paste"] .main`)
		look("calendar-wrong")
		s.late()
		p.Open(base + "/admin/deadlines")
		p.Follow(".main")
		look("deadlines")
		expect(t, p, ".people", "50 %")
		p.Open(base + "/deadlines")
		look("deadlines-public")
		p.Open(base + "/messages")
		look("messages-many")
		expect(t, p, ".told", "25")
	}
}

// late puts periods into the bank: of a school one that was done in time and one that
// is over, of the bank one that runs.
func (s *site) late() {
	s.t.Helper()
	raw, err := sql.Open("sqlite3", "file:"+strings.TrimPrefix(s.dsn, "sqlite:")+"?_busy_timeout=5000")
	if err != nil {
		s.t.Fatal(err)
	}
	defer func() { _ = raw.Close() }()
	today, now := int(s.bank.Today()), s.bank.Now().UnixMicro()
	const day = 24 * 60 * 60 * 1_000_000
	for i, c := range []struct {
		kind, institution string
		due               int
		stopped           any
	}{{"evaluation.sending", yunfan, today - 9, now - 10*day}, {"application.school", yunfan, today - 1, nil}, {"evaluation.bank", "", today + 3, nil}} {
		var institution any
		if c.institution != "" {
			institution = c.institution
		}
		if _, err := raw.Exec(`INSERT INTO clock (id, kind, object, institution, started_at, due, reminded, stopped_at) VALUES ($1, $2, 'E1@1', $3, $4, $5, 0, $6)`,
			fmt.Sprintf("clock-%04d", i), c.kind, institution, now-20*day, c.due, c.stopped); err != nil {
			s.t.Fatal(err)
		}
	}
}
