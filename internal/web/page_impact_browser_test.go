package web

import (
	"fmt"
	"strings"
	"testing"

	"creditbank/internal/bank"
	"creditbank/internal/credit"
	"creditbank/internal/transfer"
)

// college is the programme of the small map that everybody can transfer to.
var college = transfer.ProgrammeKey{Institution: yuntu, Code: "510203"}

// transferring gives the bank learners of the first school with results that count at
// the college, and names them.
func (s *site) transferring() (accounts []string) {
	s.t.Helper()
	learners, records := "account,name,institution,programme\n", "learner,reference,institution,course,grade,scale,completed_on\n"
	for i, courses := range []string{"M", "M S1 S2", "G H", "M G H L", "X"} {
		account := fmt.Sprint("TR", i)
		accounts = append(accounts, account)
		learners += account + ",学员," + yunfan + ",P/1\n"
		for n, course := range strings.Fields(courses) {
			records += fmt.Sprintf("%s,TR%d-%d,%s,%s,90,percent,2026-06-25\n", account, i, n, yunfan, course)
		}
	}
	fill(s.t, s.bank, "learners", learners)
	fill(s.t, s.bank, "records", records)
	return accounts
}

// worth is what each learner's plan applies and awards.
func (s *site) worth(accounts []string) (applied, awarded map[string]credit.Amount) {
	s.t.Helper()
	applied, awarded = map[string]credit.Amount{}, map[string]credit.Amount{}
	for _, account := range accounts {
		plan, err := s.bank.PlanLearner(s.t.Context(), operator, account, bank.CheckInput{To: college})
		if err != nil {
			s.t.Fatal(err)
		}
		applied[account], awarded[account] = plan.Applied, plan.Transferable
	}
	return applied, awarded
}

// A cap is tried, its preview read, proposed, and approved by a second administrator;
// then learners get what the preview said, each of them.
func TestPolicyInABrowser(t *testing.T) {
	for _, view := range views {
		s, base := doors(t)
		accounts := s.transferring()
		anna, berta := s.staff("anna", administrator), s.staff("berta", administrator)
		p := viewer(t, view.width, view.tag, view.dark)
		look := func(name string) {
			t.Helper()
			looked(t, p, name, view.tag, view.width)
		}
		anna.takes(p, base)
		p.Open(base + "/admin/policies")
		look("policies")
		p.Open(base + "/admin/policies?file=caps&cap=source_kind")
		look("policy-kind")
		p.Open(base + "/admin/policies?file=caps&cap=total")
		p.Follow(`form[action="/admin/policies/preview"] .main`)
		look("policy-wrong")
		p.Open(base + "/admin/policies?file=caps&cap=total")
		p.Eval(`document.getElementById("scope").value = "institution"; document.getElementById("valid_from").value = "2026-11-22"; null`, nil)
		p.Type("#institution", yuntu)
		p.Type("#credits", "5")
		p.Follow(`form[action="/admin/policies/preview"] .main`)
		p.Wait("#numbers") // the page asks for itself until the work is done
		look("impact")
		var page string
		p.Eval(`location.pathname`, &page)
		in, err := s.bank.Impact(t.Context(), operator, strings.TrimPrefix(page, "/impact/"))
		if err != nil || in.Losing == 0 {
			t.Fatalf("the preview is %+v, %v", in, err)
		}
		applied, awarded := s.worth(accounts)
		p.Follow(`form[action$="/look"] button`)
		look("impact-look")
		p.Open(base + page)
		p.Type("#reason", "yearly review")
		p.Follow(`form[action="/admin/policies"] .main`)
		look("policy-proposed")
		berta.takes(p, base)
		p.Open(base + "/admin/proposals")
		p.Follow(`a[href="` + page + `"]`)
		expect(t, p, "#numbers + .card", fmt.Sprint(in.Losing))
		p.Open(base + "/admin/proposals")
		look("policy-decide")
		p.Follow(`button[value=approved]`)
		appliedAfter, awardedAfter := s.worth(accounts)
		var got bank.Tally
		for _, account := range accounts {
			if less := applied[account] - appliedAfter[account]; less > 0 || awarded[account] > awardedAfter[account] {
				got.Losing++
				got.Lost += less
				got.Fewer += awarded[account] - awardedAfter[account]
			}
		}
		if got != in.Main || len(in.Most) != 1 || in.Most[0].ProgrammeKey != college || in.Most[0].Tally != got {
			t.Errorf("learners got %+v, the preview said %+v", got, in)
		}
		p.Open(base + "/admin/policies?of=" + yuntu + "&programme_of=510203")
		expect(t, p, "#holds ~ .card[role=status]", "5")
		look("policy-holds")
		p.Open(base + "/jobs/" + in.Job)
		look("job")
	}
}
