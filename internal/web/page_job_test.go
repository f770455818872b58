package web

import (
	"encoding/csv"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"creditbank/internal/bank"
	"creditbank/internal/transfer"
)

// jobKeys are the keys of sentences about jobs and what they come to that are made of
// a prefix and a code.
func jobKeys() []string {
	keys := []string{"error.not_found.job", "error.not_found.impact"}
	for prefix, codes := range map[string][]string{
		"job.kind":  {"impact"},
		"job.state": {bank.JobDone, bank.JobFailed, bank.JobCancelled, bank.JobInterrupted},
		"job.told":  {bank.JobDone, bank.JobFailed, bank.JobCancelled, bank.JobInterrupted},
		"policies":  {"state.in_force", "state.over", "state.coming", "key_group", "key_hint_group", "key_source_institution", "key_hint_source_institution"},
		"impact":    {"act_publish", "act_suspend", "act_end"},
	} {
		for _, code := range codes {
			keys = append(keys, prefix+"."+code)
		}
	}
	for _, which := range []string{"lose", "gain"} {
		keys = append(keys, "impact.group_"+which, "impact.group_"+which+"_more", "impact.group_"+which+"_less")
	}
	return append(keys, "impact.group_same")
}

// preview is the job of a preview that the registrar of a school has begun, and which
// moves a learner of the school: of a rule for a course, or without one of a policy.
func (w *world) preview(of, course string) string {
	w.t.Helper()
	trial := bank.ImpactTrial{Policy: map[string]string{"file": "policies", "scope": "institution", "institution": of, "valid_from": "2027-01-01", "min_grade": "95"}}
	if course != "" {
		code := fmt.Sprint("PREVIEW", w.count())
		w.drafted("equivalence,source_institution,source_course,target_institution,target_course\n" + code + "," + of + "," + course + "," + yuntu + ",T11\n")
		trial = bank.ImpactTrial{Publish: []transfer.RuleRef{{Code: code, Version: 1}}}
	}
	fill(w.t, w.bank, "records", "learner,reference,kind,institution,course,title,grade,scale,credits,hours,level,completed_on,term\n"+
		ownLearner+",PREVIEW1,course,"+yunfan+",课程:一,,90,percent,,,,2024-06-25,\n"+foreignLearner+",PREVIEW2,course,"+yunfan+",M,,90,percent,,,,2024-06-25,\n")
	registrar := bank.Actor{Name: "u:preview", Roles: bank.IsRegistrar, Institution: of}
	id, err := w.bank.StartImpact(w.t.Context(), registrar, trial)
	return w.ended(registrar, must(w, id, err))
}

// drafted imports rules that are not published.
func (s *site) drafted(text string) {
	s.t.Helper()
	rows, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	if err == nil {
		_, err = s.bank.Import(s.t.Context(), operator, bank.Import{Kind: "equivalences", Header: rows[0], Rows: numbered(rows[1:])})
	}
	if err != nil {
		s.t.Fatal(err)
	}
}

// ended waits until a job has ended.
func (s *site) ended(actor bank.Actor, id string) string {
	s.t.Helper()
	for {
		j, err := s.bank.Job(s.t.Context(), actor, id)
		if err != nil || j.State == bank.JobFailed {
			s.t.Fatal(id, j.State, err)
		}
		if j.State != bank.JobRunning {
			return id
		}
		time.Sleep(2 * time.Millisecond)
	}
}

// A cap is previewed, proposed with its preview, and seen with it by the administrator
// who decides; a version that cannot be is refused beside its field.
func TestPolicyPage(t *testing.T) {
	s := newSite(t)
	anna, berta := s.staff("anna", administrator), s.staff("berta", administrator)
	carl := s.staff("carl", bank.RoleGrant{Role: bank.IsAuditor})
	upper := func(more ...string) []string {
		return append(more, "file", "caps", "cap", "total", "scope", "institution", "institution", "云图学院", "credits", "3")
	}
	cap := upper("valid_from", "2026-11-23")
	w := anna.post("/admin/policies/preview", upper("valid_from", "2020-01-01")...)
	if body := w.Body.String(); w.Code != http.StatusUnprocessableEntity || !strings.Contains(body, `value="云图学院"`) || !strings.Contains(body, `name="cap" value="total"`) {
		t.Errorf("a day that is over: %d %s", w.Code, mainOf(body))
	}
	w = anna.post("/admin/policies/preview", cap...)
	page := w.Header().Get("Location")
	id := strings.TrimPrefix(page, "/impact/")
	s.ended(operator, id)
	if body := mainOf(anna.get(page).Body.String()); !strings.Contains(body, "全部转换学分") || !strings.Contains(body, "云图学院") || !strings.Contains(body, "提议") {
		t.Errorf("the preview says %s", body)
	}
	if body := carl.get(page).Body.String(); strings.Contains(body, `action="/admin/policies"`) {
		t.Error("an auditor may propose")
	}
	wants(t, anna.post("/admin/policies", append(cap, "preview", id)...), http.StatusUnprocessableEntity, "")
	wants(t, anna.post("/admin/policies", append(cap, "preview", id, "reason", "新规定")...), http.StatusSeeOther, "/admin/proposals?done=proposed")
	if body := berta.get("/admin/proposals").Body.String(); !strings.Contains(body, `href="`+page+`"`) {
		t.Errorf("who decides does not see the preview: %s", mainOf(body))
	}
	number, version := berta.openProposal("/admin/proposals")
	wants(t, berta.post("/admin/proposals/"+number, "decision", "approved", "version", version), http.StatusSeeOther, "/admin/proposals?done=approved")
	if body := mainOf(anna.get("/admin/policies?of=云图&on=2026-11-23").Body.String()); !strings.Contains(body, "学分上限 3 ") {
		t.Errorf("what holds is %s", body)
	}
	if body := mainOf(anna.get("/admin/policies?of=没有").Body.String()); !strings.Contains(body, "没有") {
		t.Errorf("an unknown institution is %s", body)
	}
	if w := anna.get(page + "?format=csv"); w.Code != http.StatusOK || !strings.Contains(w.Body.String(), "机构代码,方案代码,") {
		t.Errorf("the table is %d %s", w.Code, w.Body)
	}
}
