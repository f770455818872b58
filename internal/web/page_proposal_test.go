package web

import (
	"net/http"
	"regexp"
	"strings"
	"testing"

	"creditbank/internal/bank"
)

var shownVersion = regexp.MustCompile(`action="/(?:admin|school)/proposals/([a-z0-9]+)"[^>]*>\s*<input type="hidden" name="version" value="([^"]*)"`)

// openProposal is the id and version of the proposal that a person may decide.
func (g *guest) openProposal(path string) (id, version string) {
	g.s.t.Helper()
	found := shownVersion.FindStringSubmatch(g.get(path).Body.String())
	if found == nil {
		g.s.t.Fatalf("nothing to decide on %s: %s", path, mainOf(g.get(path).Body.String()))
	}
	return found[1], found[2]
}

// An administrator is made by two of them, and the one who proposed cannot decide.
func TestTwoAdministrators(t *testing.T) {
	s := newSite(t)
	anna, berta := s.staff("anna", administrator), s.staff("berta", administrator)
	rosa := s.login("rosa", registrar)
	w := anna.post("/admin/proposals", "kind", "role", "login", rosa, "change", "grant", "role", "administrator", "reason", "")
	wants(t, w, http.StatusUnprocessableEntity, "")
	if !strings.Contains(w.Body.String(), `value="`+rosa+`"`) || !strings.Contains(w.Body.String(), `href="#reason"`) {
		t.Error("what was typed is gone, or the fault is not named")
	}
	wants(t, anna.post("/admin/proposals", "kind", "role", "login", rosa, "change", "grant", "role", "administrator", "reason", "负责全市"), http.StatusSeeOther, "/admin/proposals?done=proposed")
	id, version := berta.openProposal("/admin/proposals")
	if page := anna.get("/admin/proposals").Body.String(); shownVersion.MatchString(page) || !strings.Contains(page, `value="withdrawn"`) {
		t.Error("who proposed may decide, or cannot withdraw")
	}
	decide := func(g *guest, pairs ...string) int { return g.post("/admin/proposals/"+id, pairs...).Code }
	if got := decide(anna, "decision", "approved", "version", version); got != http.StatusForbidden {
		t.Errorf("who proposed decides: %d", got)
	}
	if got := decide(berta, "decision", "refused", "version", version); got != http.StatusUnprocessableEntity {
		t.Errorf("refused without a word: %d", got)
	}
	if got := decide(berta, "decision", "approved", "version", "older"); got != http.StatusConflict {
		t.Errorf("decided on what is no longer so: %d", got)
	}
	if got := decide(berta, "decision", "perhaps"); got != http.StatusBadRequest {
		t.Errorf("decided perhaps: %d", got)
	}
	wants(t, berta.post("/admin/proposals/"+id, "decision", "approved", "version", version), http.StatusSeeOther, "/admin/proposals?done=approved")
	if got := decide(berta, "decision", "approved", "version", version); got != http.StatusConflict {
		t.Errorf("decided twice: %d", got)
	}
	if seats, err := s.bank.Seats(t.Context(), rosa); err != nil || len(seats) != 2 {
		t.Errorf("rosa acts at %+v, %v", seats, err)
	}
	if page := s.staff("carl", bank.RoleGrant{Role: bank.IsAuditor}).get("/admin/proposals").Body.String(); !strings.Contains(page, "已批准") || strings.Contains(page, `id="propose"`) {
		t.Error("an auditor does not see it, or may propose")
	}
}

// Every kind has a form; what it says comes back when it is wrong.
func TestProposalForms(t *testing.T) {
	s := newSite(t)
	anna := s.staff("anna", administrator)
	fill(t, s.bank, "learners", "account,name,institution\nL2,学员二,"+yunfan+"\n")
	for kind, wrong := range map[string][]string{
		"role": {"login", "nobody"}, "merge": {"from", "L9"}, "reverse": {"reference", "R9"},
	} {
		if page := anna.get("/admin/proposals?kind=" + kind).Body.String(); !strings.Contains(page, `name="kind" value="`+kind+`"`) {
			t.Errorf("no form for %s", kind)
		}
		w := anna.post("/admin/proposals", "kind", kind, "reason", "x", wrong[0], wrong[1])
		if body := w.Body.String(); w.Code != http.StatusUnprocessableEntity || !strings.Contains(body, `value="`+wrong[1]+`"`) || !strings.Contains(body, `name="kind" value="`+kind+`"`) {
			t.Errorf("%s: %d, %s", kind, w.Code, mainOf(body))
		}
	}
	wants(t, anna.post("/admin/policies", "file", "caps", "scope", "institution", "institution", "云图学院", "valid_from", "2027-09-01",
		"cap", "total", "share", "0.5", "reason", "新规定"), http.StatusSeeOther, "/admin/proposals?done=proposed")
	wants(t, anna.post("/admin/proposals", "kind", "merge", "from", "L2", "into", "L1", "reason", "同一人"), http.StatusSeeOther, "/admin/proposals?done=proposed")
	if page := mainOf(anna.get("/admin/proposals").Body.String()); !strings.Contains(page, "把账户 L2 并入 L1") || !strings.Contains(page, "全部转换学分") || !strings.Contains(page, "云图学院") {
		t.Errorf("the proposals are not told: %s", page)
	}
}

// A school revokes a result by two; another school knows nothing of it.
func TestSchoolProposals(t *testing.T) {
	s := newSite(t)
	rosa, dora := s.staff("rosa", registrar), s.staff("dora", decider)
	foreign := s.staff("foreign", bank.RoleGrant{Role: bank.IsDecider, Institution: yuntu})
	fill(t, s.bank, "records", "learner,reference,kind,institution,course,title,grade,scale,credits,hours,level,completed_on,term\nL1,R7,course,"+yunfan+",M,,90,percent,,,,2024-06-25,\n")
	wants(t, foreign.post("/school/proposals", "kind", "reverse", "institution", yunfan, "reference", "R7", "reason", "x"), http.StatusUnprocessableEntity, "")
	if w := rosa.post("/school/proposals", "kind", "merge", "from", "L1", "into", "L1", "reason", "x"); w.Code != http.StatusForbidden {
		t.Errorf("a registrar merges: %d", w.Code)
	}
	wants(t, rosa.post("/school/proposals", "kind", "reverse", "reference", "R7", "reason", "登记错误"), http.StatusSeeOther, "/school/proposals?done=proposed")
	id, version := dora.openProposal("/school/proposals")
	for _, decision := range []string{"approved", "withdrawn"} {
		if w := foreign.post("/school/proposals/"+id, "decision", decision, "version", version); w.Code != http.StatusNotFound {
			t.Errorf("another school: %s %d", decision, w.Code)
		}
	}
	wants(t, dora.post("/school/proposals/"+id, "decision", "approved", "version", version), http.StatusSeeOther, "/school/proposals?done=approved")
	if page := mainOf(foreign.get("/school/proposals").Body.String()); strings.Contains(page, "R7") {
		t.Error("another school reads of it")
	}
}

// A token's secret is shown this once, with what it may; auditors only read.
func TestAdminTokens(t *testing.T) {
	s := newSite(t)
	anna := s.staff("anna", administrator)
	w := anna.post("/admin/tokens", "name", "教务系统", "institution", "云帆学校", "expires", "2020-01-01", "scope", "read")
	if wants(t, w, http.StatusUnprocessableEntity, ""); !strings.Contains(w.Body.String(), `value="教务系统"`) || !strings.Contains(w.Body.String(), `value="read" checked`) {
		t.Error("what was typed is gone")
	}
	wants(t, anna.post("/admin/tokens", "name", "x", "institution", yunfan), http.StatusUnprocessableEntity, "")
	w = anna.post("/admin/tokens", "name", "教务系统", "institution", "云帆学校", "scope", "read")
	secret := regexp.MustCompile(`creditbank_[A-Za-z0-9_-]+`).FindString(w.Body.String())
	if wants(t, w, http.StatusOK, ""); secret == "" {
		t.Fatal("no secret is shown")
	}
	if got := s.as(secret, http.MethodGet, "/learners/L1", "").Code; got != http.StatusOK {
		t.Errorf("the token reads: %d", got)
	}
	page := anna.get("/admin/tokens").Body.String()
	if strings.Contains(page, secret) || !strings.Contains(page, "最近使用") || !strings.Contains(page, "anna 生成") {
		t.Errorf("the list: %s", mainOf(page))
	}
	carl := s.staff("carl", bank.RoleGrant{Role: bank.IsAuditor})
	if page := carl.get("/admin/tokens").Body.String(); strings.Contains(page, `method="post" action="/admin`) || !strings.Contains(page, "教务系统") {
		t.Error("an auditor finds buttons, or no tokens")
	}
	list, err := s.bank.Tokens(t.Context(), operator)
	if err != nil {
		t.Fatal(err)
	}
	if w := carl.post("/admin/tokens/" + list[0].ID + "/revoke"); w.Code != http.StatusForbidden {
		t.Errorf("an auditor revokes: %d", w.Code)
	}
	wants(t, anna.post("/admin/tokens/"+list[0].ID+"/revoke"), http.StatusSeeOther, "/admin/tokens?done=token_revoked")
	if w := anna.post("/admin/tokens/nothing/revoke"); w.Code != http.StatusNotFound {
		t.Errorf("revokes nothing: %d", w.Code)
	}
	if got := s.as(secret, http.MethodGet, "/learners/L1", "").Code; got != http.StatusUnauthorized {
		t.Errorf("the token still reads: %d", got)
	}
}

// How long things are kept is set within bounds.
func TestAdminRetention(t *testing.T) {
	s := newSite(t)
	anna := s.staff("anna", administrator)
	wants(t, anna.post("/admin/retention/opening", "days", "90"), http.StatusSeeOther, "/admin/retention?done=retention")
	for _, days := range []string{"1", "many", "-5", ""} {
		w := anna.post("/admin/retention/opening", "days", days)
		if wants(t, w, http.StatusUnprocessableEntity, ""); !strings.Contains(w.Body.String(), `value="`+days+`"`) {
			t.Errorf("%q is gone", days)
		}
	}
	if page := anna.get("/admin/retention").Body.String(); !strings.Contains(page, `value="90"`) {
		t.Error("what was set is not shown")
	}
}
