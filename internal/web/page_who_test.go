package web

import (
	"net/http"
	"regexp"
	"strings"
	"testing"

	"creditbank/internal/bank"
)

// Whoever comes in begins on a page that opens, and so do all pages of their menu.
func TestEverybodyBeginsSomewhere(t *testing.T) {
	s := newSite(t)
	link := regexp.MustCompile(`<li><a href="([^"]+)"`)
	for name, roles := range map[string]bank.Roles{"rosa": bank.IsRegistrar, "eve": bank.IsExpert, "dora": bank.IsDecider, "ada": bank.IsAdministrator, "otto": bank.IsAuditor, "both": bank.IsAuditor | bank.IsAdministrator} {
		var grants []bank.RoleGrant
		for _, role := range []bank.Roles{bank.IsRegistrar, bank.IsExpert, bank.IsDecider} {
			if roles&role != 0 {
				grants = append(grants, bank.RoleGrant{Role: role, Institution: yunfan})
			}
		}
		for _, role := range []bank.Roles{bank.IsAdministrator, bank.IsAuditor} {
			if roles&role != 0 {
				grants = append(grants, bank.RoleGrant{Role: role})
			}
		}
		g := s.staff(name, grants...)
		home := s.homeOf(bank.Actor{Roles: roles})
		w := g.get(home)
		if w.Code != http.StatusOK {
			t.Errorf("%s begins at %s: %d", name, home, w.Code)
		}
		_, menu, _ := strings.Cut(w.Body.String(), `class="menu-seat"`)
		menu, _, _ = strings.Cut(menu, "</ul>")
		seen := map[string]bool{}
		for _, found := range link.FindAllStringSubmatch(menu, -1) {
			if w := g.get(found[1]); w.Code != http.StatusOK || seen[found[1]] {
				t.Errorf("the menu of %s has %s: %d, twice %t", name, found[1], w.Code, seen[found[1]])
			}
			seen[found[1]] = true
		}
		if !seen["/account"] || seen["/admin"] != (roles&bankStaff != 0) {
			t.Errorf("the menu of %s: %v", name, seen)
		}
	}
}

// A page that is not of one's role says so, and not that something is to be mended.
func TestPageOfAnotherRole(t *testing.T) {
	s := newSite(t)
	w := s.staff("rosa", registrar).get("/admin/people")
	if wants(t, w, http.StatusForbidden, ""); !strings.Contains(w.Body.String(), "<h1>没有权限</h1>") || strings.Contains(mainOf(w.Body.String()), "检查一下地址") {
		t.Error(mainOf(w.Body.String()))
	}
}
