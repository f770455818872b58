package web

import (
	"fmt"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"creditbank/internal/testbed"
)

// browseOwn serves the demo city, and signs a learner in in a browser.
func browseOwn(t *testing.T, width int, tag string, dark bool) (*testbed.Page, *httptest.Server) {
	t.Helper()
	testbed.Require(t, "browser")
	s := newCitySite(t)
	s.learner(ownAccount, "own.learner")
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	p := testbed.Browser(t)
	p.Size(width, 844, width == phone)
	p.Lang(tag)
	p.Dark(dark)
	p.Open(server.URL + "/login?back=/my")
	p.Type("#name", "own.learner")
	p.Type("#password", goodPassword)
	p.Follow(".door .main")
	return p, server
}

// looker holds a page against what every page owes: nobody kept out, in its language, no wider than the screen.
func looker(t *testing.T, p *testbed.Page, width int, tag string) func(name string) {
	return func(name string) {
		t.Helper()
		for _, v := range p.Axe() {
			t.Errorf("%s: %s (%s): %q", name, v.Rule, v.Help, v.Where)
		}
		if tag == "en" {
			inEnglish(t, p, name)
		}
		var wide int
		p.Eval(`document.documentElement.scrollWidth`, &wide)
		if wide > width {
			t.Errorf("%s is %d wide", name, wide)
		}
		if folder := os.Getenv("SHOTS"); folder != "" {
			p.Screenshot(filepath.Join(folder, fmt.Sprintf("%s-%d-%s.png", name, width, tag)))
		}
	}
}

// A learner sees the record, gives a link, reads who opened it and withdraws it, asks
// for a correction and takes the data along: on a phone and a desk, in both
// languages, light and dark. No page keeps anyone out.
func TestOwnPagesInABrowser(t *testing.T) {
	for _, view := range []struct {
		width   int
		tag     string
		dark    bool
		made    string
		nothing string
	}{{phone, "zh-CN", false, "链接做好了", "打不开"}, {desktop, "en", true, "The link is made", "shows nothing"}, {phone, "en", false, "The link is made", "shows nothing"}, {desktop, "zh-CN", false, "链接做好了", "打不开"}} {
		t.Run(fmt.Sprint(view.width, view.tag), func(t *testing.T) {
			p, server := browseOwn(t, view.width, view.tag, view.dark)
			look := looker(t, p, view.width, view.tag)
			expect(t, p, "main", "000000********1025")
			look("my")
			p.Follow(`form[action="/my/numbers"] button`)
			expect(t, p, "main", ownNumber)
			p.Open(server.URL + "/my/consents")
			p.Click("#consent")
			p.Follow("form.entries .main")
			look("consents")
			p.Open(server.URL + "/my/grants")
			p.Click("#whom-link")
			p.Type("#note", "job")
			p.Follow("form.entries .main")
			p.Wait("#agreed-wrong")
			look("grants-wrong")
			p.Click("#agreed")
			p.Follow("form.entries .main")
			expect(t, p, "#link", view.made)
			look("grants-link")
			link := p.Text("#link-text")
			if !strings.HasPrefix(link, server.URL+"/shared/") {
				t.Fatalf("the link is %s", link)
			}
			visitor := testbed.Browser(t)
			visitor.Size(view.width, 844, view.width == phone)
			visitor.Lang(view.tag)
			visitor.Open(link)
			expect(t, visitor, "#person", ownName)
			mine := p
			p = visitor
			look("shared")
			p = mine
			p.Open(server.URL + "/my/grants")
			expect(t, p, "main", "127.0.0.0/24")
			look("grants")
			p.Follow(".result form .button")
			visitor.Open(link)
			expect(t, visitor, "main", view.nothing)
			p.Open(server.URL + "/my/corrections")
			p.Eval(`document.getElementById("what").value = "phone"; null`, nil)
			p.Type("#value", "00010000038")
			p.Type("#why", "new")
			p.Follow("form.entries .main")
			expect(t, p, "main", "00010000038")
			for _, name := range []string{"corrections", "looks", "entries", "data"} {
				p.Open(server.URL + "/my/" + name)
				look(name)
			}
			p.Open(server.URL + "/my/consents")
			p.Click("#understood")
			p.Follow(".result form .button")
			untroubled(t, p, server)
			p.Open(server.URL + "/my")
			look("closed")
		})
	}
}
