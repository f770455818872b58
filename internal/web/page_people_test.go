package web

import (
	"net/http"
	"regexp"
	"strings"
	"testing"

	"creditbank/internal/bank"
)

// staff is somebody who is signed in with roles; an app is set up where a role takes one.
func (s *site) staff(name string, grants ...bank.RoleGrant) *guest {
	s.t.Helper()
	s.login(name, grants...)
	g := s.guest()
	g.signsIn(name)
	for _, grant := range grants {
		if grant.Role&guardedRoles != 0 {
			g.setsUpApp()
			break
		}
	}
	return g
}

// numberOf is the number of the login with a name.
func (s *site) numberOf(name string) string {
	s.t.Helper()
	l, err := s.bank.LoginNamed(s.t.Context(), operator, name)
	if err != nil {
		s.t.Fatal(err)
	}
	return l.ID
}

var administrator = bank.RoleGrant{Role: bank.IsAdministrator}

var shownLink = regexp.MustCompile(`<code id="link">http://[^/]+(/invitation/[^<]+)</code>`)

// A school invites somebody, who comes in; it gives and ends roles, and shuts out.
func TestSchoolStaff(t *testing.T) {
	s := newSite(t)
	rosa := s.staff("rosa", registrar)
	wants(t, rosa.post("/school/staff", "name", ""), http.StatusUnprocessableEntity, "")
	w := rosa.post("/school/staff", "name", "新同事", "role", "expert")
	wants(t, w, http.StatusOK, "")
	link := shownLink.FindStringSubmatch(w.Body.String())
	if link == nil {
		t.Fatalf("no link in %s", mainOf(w.Body.String()))
	}
	if again := rosa.get("/school/staff").Body.String(); strings.Contains(again, link[1]) || !strings.Contains(again, "新同事") {
		t.Error("the link is shown again, or the invitation is not listed")
	}
	newcomer := s.guest()
	wants(t, newcomer.post(link[1], "name", "new.one", "password", goodPassword, "password_again", goodPassword), http.StatusSeeOther, "/evaluations")
	id := s.numberOf("new.one")
	wants(t, rosa.post("/school/staff/"+id+"/role", "change", "grant", "role", "registrar"), http.StatusSeeOther, "/school/staff?done=granted")
	wants(t, rosa.post("/school/staff/"+id+"/role", "change", "revoke", "role", "expert"), http.StatusSeeOther, "/school/staff?done=revoked")
	wants(t, rosa.post("/school/staff/"+id+"/disable", "disabled", "1"), http.StatusSeeOther, "/school/staff?done=disabled")
	wants(t, rosa.post("/school/staff/"+id+"/disable"), http.StatusSeeOther, "/school/staff?done=enabled")
	w = rosa.post("/school/staff/" + id + "/recover")
	wants(t, w, http.StatusOK, "")
	if !shownLink.MatchString(w.Body.String()) {
		t.Error("no recovery link is shown")
	}
	if page := rosa.get("/school/staff?done=granted").Body.String(); !strings.Contains(page, "角色已授予") {
		t.Error("the page does not say what was done")
	}
}

// What a form does not ask for is not taken: a registrar makes nobody a decider, an
// administrator, or staff of another school; and nobody changes themselves.
func TestStaffFormsTakeNoMore(t *testing.T) {
	s := newSite(t)
	rosa := s.staff("rosa", registrar)
	other := s.login("other", bank.RoleGrant{Role: bank.IsRegistrar, Institution: yuntu})
	own := s.login("own", bank.RoleGrant{Role: bank.IsExpert, Institution: yunfan})
	for _, role := range []string{"decider", "administrator", "auditor", "operator", "learner"} {
		if w := rosa.post("/school/staff", "name", "x", "role", role); w.Code < 400 {
			t.Errorf("invites %s: %d", role, w.Code)
		}
		if w := rosa.post("/school/staff/"+own+"/role", "change", "grant", "role", role); w.Code < 400 {
			t.Errorf("gives %s: %d", role, w.Code)
		}
	}
	wants(t, rosa.post("/school/staff/"+own+"/role", "change", "grant", "role", "registrar", "institution", yuntu), http.StatusSeeOther, "/school/staff?done=granted")
	if seats, err := s.bank.Seats(t.Context(), own); err != nil || len(seats) != 1 || seats[0].Institution != yunfan {
		t.Errorf("the form's institution was taken: %+v, %v", seats, err)
	}
	for _, path := range []string{"/role", "/disable", "/recover"} {
		if w := rosa.post("/school/staff/"+other+path, "change", "grant", "role", "registrar", "disabled", "1"); w.Code != http.StatusNotFound {
			t.Errorf("another school's person: %s %d", path, w.Code)
		}
		if w := rosa.post("/school/staff/nobody"+path, "change", "grant", "role", "registrar", "disabled", "1"); w.Code != http.StatusNotFound {
			t.Errorf("nobody: %s %d", path, w.Code)
		}
		if w := rosa.post("/admin/people/"+own+path, "change", "grant", "role", "registrar", "disabled", "1"); w.Code != http.StatusForbidden {
			t.Errorf("the bank's page: %s %d", path, w.Code)
		}
	}
	if w := rosa.post("/school/staff/" + s.numberOf("rosa") + "/recover"); w.Code != http.StatusForbidden {
		t.Errorf("recovers themselves: %d", w.Code)
	}
	if page := rosa.get("/school/staff?institution=" + yuntu).Body.String(); strings.Contains(page, "other") {
		t.Error("another school's staff is listed")
	}
}

// The bank lists everybody, by school and role; an auditor reads without buttons.
func TestAdminPeople(t *testing.T) {
	s := newSite(t)
	anna := s.staff("anna", administrator)
	s.login("rosa", registrar)
	s.login("other", bank.RoleGrant{Role: bank.IsExpert, Institution: yuntu})
	for path, want := range map[string]string{"/admin/people": "rosa other anna", "/admin/people?institution=" + yuntu: "other", "/admin/people?role=registrar": "rosa",
		"/admin/people?institution=云图学院": "other"} {
		page := anna.get(path).Body.String()
		for _, name := range []string{"anna", "rosa", "other"} {
			listed := strings.Contains(page, `<span class="code">`+name+`</span>`)
			if listed != strings.Contains(want, name) {
				t.Errorf("%s lists %s: %v", path, name, listed)
			}
		}
	}
	w := anna.post("/admin/people", "name", "校方", "role", "decider", "role", "registrar", "institution", "云图学院")
	if wants(t, w, http.StatusOK, ""); !shownLink.MatchString(w.Body.String()) {
		t.Error("no link is shown")
	}
	if w := anna.post("/admin/people", "name", "x", "role", "administrator"); w.Code != http.StatusForbidden {
		t.Errorf("one administrator invites another: %d", w.Code)
	}
	w = anna.post("/admin/people", "name", "留下的名字", "role", "decider", "institution", "没有这所学校")
	wants(t, w, http.StatusUnprocessableEntity, "")
	if !strings.Contains(w.Body.String(), `value="留下的名字"`) || !strings.Contains(w.Body.String(), `value="decider" checked`) {
		t.Error("what was typed is gone")
	}
	carl := s.staff("carl", bank.RoleGrant{Role: bank.IsAuditor})
	page := carl.get("/admin/people").Body.String()
	if strings.Contains(page, `action="/admin/people/`) || strings.Contains(page, `id="invite"`) || !strings.Contains(page, "rosa") {
		t.Error("an auditor finds buttons, or no people")
	}
	if w := carl.post("/admin/people", "name", "x", "role", "expert", "institution", yunfan); w.Code != http.StatusForbidden {
		t.Errorf("an auditor invites: %d", w.Code)
	}
}
