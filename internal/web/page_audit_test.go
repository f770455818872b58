package web

import (
	"context"
	"fmt"
	"net/http/httptest"
	"strings"
	"testing"

	"creditbank/internal/bank"
	"creditbank/internal/sheet"
	"creditbank/internal/testbed"
)

// watcher is somebody who is in and may read the audit log.
func (s *site) watcher(role bank.Roles) *guest {
	s.t.Helper()
	s.login("watch.er", bank.RoleGrant{Role: role})
	g := s.guest()
	if g.signsIn("watch.er"); role == bank.IsAdministrator {
		g.setsUpApp()
	}
	return g
}

// sees makes the operator see a learner.
func (s *site) sees(account string) {
	s.t.Helper()
	if _, err := s.bank.ViewAccount(context.Background(), bank.Operator("operator"), account); err != nil {
		s.t.Fatal(err)
	}
}

func TestAuditPage(t *testing.T) {
	onBothDatabases(t, func(t *testing.T, s *site) {
		s.sees("L1")
		g := s.watcher(bank.IsAuditor)
		body := func(path string, status int) string {
			t.Helper()
			w := g.get(path)
			if w.Code != status {
				t.Fatalf("%s: %d %s", path, w.Code, mainOf(w.Body.String()))
			}
			checkPage(t, path, "zh-CN", w.Body.String())
			return mainOf(w.Body.String())
		}
		all := body("/audit", 200)
		for _, want := range []string{"查看了", "登录", "operator", "运维人员", "L1", "account", "2026年11月22日 11:00:00"} {
			if !strings.Contains(all, want) {
				t.Errorf("the page lacks %q:\n%s", want, all)
			}
		}
		if one := body("/audit?subject=L1&action=look", 200); !strings.Contains(one, "找到 1 条") {
			t.Errorf("looks at L1:\n%s", one)
		}
		if none := body("/audit?actor=nobody", 200); !strings.Contains(none, "没有符合条件的记录") {
			t.Errorf("of nobody:\n%s", none)
		}
		if wrong := body("/audit?from=yesterday", 422); !strings.Contains(wrong, "错误") && !strings.Contains(wrong, "日期") {
			t.Errorf("no date:\n%s", wrong)
		}
		if lost := body("/audit?after=x", 200); !strings.Contains(lost, "查看了") {
			t.Errorf("a foreign cursor:\n%s", lost)
		}
		for _, other := range []bank.RoleGrant{{Role: bank.IsRegistrar, Institution: yunfan}, {Role: bank.IsExpert, Institution: yunfan}} {
			s.login("o."+other.Role.Names()[0], other)
			o := s.guest()
			o.signsIn("o." + other.Role.Names()[0])
			for _, path := range []string{"/audit", "/audit?format=csv"} {
				if w := o.get(path); w.Code != 403 || strings.Contains(w.Body.String(), "查看了") {
					t.Errorf("%s as %v: %d", path, other.Role.Names(), w.Code)
				}
			}
		}
		if w := s.guest().get("/audit?format=csv"); w.Code != 303 {
			t.Errorf("a stranger's export: %d", w.Code)
		}
	})
}

// Page by page every row is shown once, the newest first.
func TestAuditPagesFollowEachOther(t *testing.T) {
	s := newSite(t)
	g := s.watcher(bank.IsAdministrator)
	for i := range 2*auditPageSize + 5 {
		if _, _, err := s.bank.AddToken(context.Background(), bank.Operator("operator"), bank.NewToken{Name: fmt.Sprint("t", i), Institution: yunfan}); err != nil {
			t.Fatal(err)
		}
	}
	seen, pages := 0, 0
	for path := "/audit?action=token.add"; path != ""; pages++ {
		w := g.get(path)
		seen += strings.Count(w.Body.String(), `<th scope="row">`)
		path = ""
		if _, rest, more := strings.Cut(w.Body.String(), `rel="next"`); more {
			before := w.Body.String()[:len(w.Body.String())-len(rest)]
			path = strings.ReplaceAll(before[strings.LastIndex(before, `href="`)+6:strings.LastIndex(before, `" rel=`)], "&amp;", "&")
		}
	}
	if seen != 2*auditPageSize+5 || pages != 3 {
		t.Errorf("%d rows on %d pages", seen, pages)
	}
}

func TestAuditExport(t *testing.T) {
	onBothDatabases(t, func(t *testing.T, s *site) {
		s.sees("L1")
		w := s.watcher(bank.IsAuditor).get("/audit?format=csv&action=look")
		if w.Code != 200 || w.Header().Get("Content-Type") != "text/csv; charset=utf-8" || !strings.HasPrefix(w.Header().Get("Content-Disposition"), "attachment") {
			t.Fatalf("%d %v", w.Code, w.Header())
		}
		table, err := sheet.NewReader(w.Body)
		if err != nil {
			t.Fatal(err)
		}
		rows := 0
		for row, err := range table.All() {
			if err != nil || row.Cells[6] != "look" || row.Cells[8] != "L1" || len(row.Cells[11]) != 44 {
				t.Errorf("%q, %v", row.Cells, err)
			}
			rows++
		}
		if rows != 1 {
			t.Errorf("%d rows", rows)
		}
	})
}

// Nothing on the page keeps anyone out, on a phone and on a desktop, in both languages.
func TestAuditPageForEveryone(t *testing.T) {
	testbed.Require(t, "browser")
	s := newSchools(t, "sqlite:"+t.TempDir()+"/bank.db")
	s.sees("L1")
	s.login("watch.er", bank.RoleGrant{Role: bank.IsAuditor})
	server := httptest.NewServer(s)
	defer server.Close()
	for _, view := range []struct {
		width int
		tag   string
	}{{phone, "zh-CN"}, {narrow, "en"}, {desktop, "zh-CN"}, {desktop, "en"}} {
		p := testbed.Browser(t)
		p.Size(view.width, 844, view.width < desktop)
		p.Lang(view.tag)
		p.Open(server.URL + "/login?back=/audit")
		p.Type("#name", "watch.er")
		p.Type("#password", goodPassword)
		p.Follow(".entries .main")
		for _, path := range []string{"/audit", "/audit?subject=L1", "/audit?actor=nobody", "/audit?from=x"} {
			p.Open(server.URL + path)
			for _, v := range p.Axe() {
				t.Errorf("%s: %s (%s): %q", path, v.Rule, v.Help, v.Where)
			}
			var wide int
			if p.Eval(`document.documentElement.scrollWidth`, &wide); wide > view.width {
				t.Errorf("%s is %d px wide on %d px", path, wide, view.width)
			}
			if view.tag == "en" {
				inEnglish(t, p, path)
			}
		}
		untroubled(t, p, server)
	}
}
