package web

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/chromedp/chromedp/kb"

	"creditbank/internal/testbed"
)

// Sizes of what people look at, in CSS pixels.
const (
	phone    = 390
	narrow   = 360
	smallest = 320
	desktop  = 1280
)

// browse serves the demo city.
func browse(t *testing.T) *httptest.Server {
	t.Helper()
	testbed.Require(t, "browser")
	server := httptest.NewServer(newCitySite(t))
	t.Cleanup(server.Close)
	return server
}

// A pupil with a phone finds out where some courses count and why: typing,
// picking, reading. In both languages, light and dark.
func TestCheckOnAPhone(t *testing.T) {
	server := browse(t)
	for _, c := range []struct {
		tag, school, picked, course, counts, why string
		dark                                     bool
	}{
		{"zh-CN", "江屿", "江屿(示例)职业技术学校", "C语言", "个专业可以算学分", "需 75 分，你 68 分。", false},
		{"en", "Jiangyu", "Jiangyu", "C Prog", "programmes count them", "It takes 75 points; you have 68.", true},
	} {
		p := testbed.Browser(t)
		p.Size(phone, 844, true)
		p.Lang(c.tag)
		p.Dark(c.dark)
		p.Open(server.URL)
		p.Type("#from", c.school)
		p.Wait(".school-box [role=option]")
		p.Eval(`new Promise(done => setTimeout(done, 500))`, nil) // the answers to what was typed last may be on their way
		p.Press(kb.ArrowDown + kb.Enter)
		var picked string
		p.Eval(`document.getElementById("from").value`, &picked)
		if !strings.Contains(picked, c.picked) {
			t.Errorf("the keyboard picked %q, want %s", picked, c.picked)
		}
		p.Type("#course-0", c.course)
		p.Wait(".row:first-child [role=option]")
		p.Click(".row:first-child [role=option]")
		p.Type("#grade-0", "88")
		p.Type("#course-1", "JY-1303a")
		p.Type("#grade-1", "68")
		p.Follow(".check .main")
		expect(t, p, "#ranked", c.counts)
		if got := p.Text(".asked-line"); !strings.Contains(got, "2") {
			t.Errorf("the summary says %q", got)
		}
		p.Follow(`a.why[href*="4150099901%3A510201"]`)
		if plan := p.Text("main"); !strings.Contains(plan, c.why) {
			t.Errorf("the plan lacks %q:\n%s", c.why, plan)
		}
		untroubled(t, p, server)
	}
}

// expect wants a text in an element.
func expect(t *testing.T, p *testbed.Page, selector, want string) {
	t.Helper()
	if got := p.Text(selector); !strings.Contains(got, want) {
		t.Errorf("%s says %q, want %q", selector, got, want)
	}
}

// untroubled wants no request to another site, and no complaint of the browser.
func untroubled(t *testing.T, p *testbed.Page, server *httptest.Server) {
	t.Helper()
	for _, line := range p.ConsoleErrors() {
		// A refused form and a missing page are answers, which the browser notes.
		if !strings.Contains(line, "status of 422") && !strings.Contains(line, "status of 404") {
			t.Errorf("the console says %s", line)
		}
	}
	for _, address := range p.Requests() {
		if !strings.HasPrefix(address, server.URL) {
			t.Errorf("a request went to %s", address)
		}
	}
}

// cityPages are addresses of every page in the demo city.
func cityPages(t *testing.T, server *httptest.Server) []string {
	t.Helper()
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	answer, err := client.Get(server.URL + "/example")
	if err != nil {
		t.Fatal(err)
	}
	_ = answer.Body.Close()
	example := answer.Header.Get("Location")
	results := strings.TrimPrefix(example, "/?")
	return []string{"/", example, example + "&none=1&q=a", example + "&none=1", "/plan?to=4150099901:510201&" + results,
		"/plan?to=4150099922:120203K&as_of=2024-01-01&" + results, "/?r=1:2~x&as_of=no", "/map", "/map?past=1&outcome=refused", "/map?q=nothing", "/map?from=nobody",
		"/institutions/4150099901", "/institutions/3450990003?q=nothing", "/programmes/4150099901:510203", "/courses/3650990001:01202",
		"/equivalences/YF-YT%2F06", "/equivalences/YF-YT%2F02b", "/ledger", "/ledger/entries/0", "/api/docs", "/nothing", "/courses/nothing"}
}

// Nothing on any page keeps anyone out (WCAG 2.2 AA as far as a program can
// tell), nothing is wider than a small phone, and English pages are in English.
func TestEveryPageForEveryone(t *testing.T) {
	server := browse(t)
	for _, view := range []struct {
		width int
		tag   string
		dark  bool
	}{{phone, "zh-CN", false}, {phone, "en", true}, {desktop, "zh-CN", true}, {desktop, "en", false}} {
		t.Run(fmt.Sprint(view.width, view.tag), func(t *testing.T) {
			p := testbed.Browser(t)
			p.Size(view.width, 844, view.width == phone)
			p.Lang(view.tag)
			p.Dark(view.dark)
			for _, path := range cityPages(t, server) {
				p.Open(server.URL + path)
				for _, v := range p.Axe() {
					t.Errorf("%s: %s (%s): %q", path, v.Rule, v.Help, v.Where)
				}
				if view.tag == "en" {
					inEnglish(t, p, path)
				}
			}
			untroubled(t, p, server)
		})
	}
}

// inEnglish wants no Chinese but where it is marked as such.
func inEnglish(t *testing.T, p *testbed.Page, path string) {
	t.Helper()
	var found []string
	p.Eval(`(() => {
		const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT), found = [];
		while (walk.nextNode()) {
			const node = walk.currentNode;
			if (/\p{Script=Han}/u.test(node.data) && !node.parentElement.closest("script, datalist") && node.parentElement.closest("[lang]").lang === "en") found.push(node.data.trim());
		}
		return found;
	})()`, &found)
	if len(found) > 0 {
		t.Errorf("%s says in English %q", path, found)
	}
}

// No page scrolls sideways: on a small phone, zoomed to 200 %, and with all text
// twice as large.
func TestNarrowAndLarge(t *testing.T) {
	server := browse(t)
	p := testbed.Browser(t)
	for _, size := range []struct {
		width int
		zoom  string
	}{{narrow, "100%"}, {smallest, "100%"}, {phone, "200%"}, {desktop / 2, "100%"}, {desktop, "200%"}} {
		p.Size(size.width, 700, size.width <= phone)
		for _, tag := range languageTags {
			p.Lang(tag)
			for _, path := range cityPages(t, server) {
				p.Open(server.URL + path)
				p.Eval(`document.documentElement.style.fontSize = "`+size.zoom+`"; null`, nil)
				var wide int
				p.Eval(`document.documentElement.scrollWidth`, &wide)
				if wide > size.width {
					t.Errorf("%s in %s at %d with text at %s is %d wide", path, tag, size.width, size.zoom, wide)
				}
			}
		}
	}
}

// Targets are large enough for a finger.
func TestTargetsAreLarge(t *testing.T) {
	server := browse(t)
	p := testbed.Browser(t)
	p.Size(phone, 844, true)
	for _, path := range cityPages(t, server) {
		p.Open(server.URL + path)
		var small []string
		p.Eval(`[...document.querySelectorAll("button, input:not([type=hidden]), select, textarea, summary, .button")].filter(e => {
			const box = (e.closest(".box") ?? e).getBoundingClientRect();
			return e.checkVisibility() && !e.matches(".enter") && (box.width < 24 || box.height < 24);
		}).map(e => e.outerHTML)`, &small)
		if len(small) > 0 {
			t.Errorf("%s has small targets: %q", path, small)
		}
	}
}

// Without scripts all of it works too.
func TestWithoutScripts(t *testing.T) {
	server := browse(t)
	p := testbed.Browser(t)
	p.Size(phone, 844, true)
	p.Lang("zh-CN")
	p.NoScript(true)
	p.Open(server.URL)
	p.Type("#from", "江屿(示例)职业技术学校")
	p.Type("#course-0", "语")
	p.Type("#grade-0", "六十八")
	p.Follow("[name=more]")
	expect(t, p, ".rows > li:nth-child(6) label", "课程")
	p.Follow(".check .main")
	expect(t, p, "#faults", "有 ")
	p.Follow(".choice")
	expect(t, p, ".wrong-text", "没有“六十八”这个成绩")
	p.Open(server.URL)
	p.Type("#from", "江屿(示例)职业技术学校")
	p.Click(".paste summary")
	p.Type("#list-text", "课程,成绩\nC语言程序设计,88\n电子技术基础,68")
	p.Follow(".check .main")
	expect(t, p, ".asked-line", "2 门课程")
	p.Follow(`a.why[href*="4150099901%3A510201"]`)
	expect(t, p, "main", "需 75 分，你 68 分。")
	p.Follow(".tongue button")
	expect(t, p, "main", "It takes 75 points; you have 68.")
	untroubled(t, p, server)
}

// What was typed is there after a reload, and after coming back.
func TestNothingTypedIsLost(t *testing.T) {
	server := browse(t)
	p := testbed.Browser(t)
	p.Size(phone, 844, true)
	p.Lang("zh-CN")
	p.Open(server.URL)
	p.Type("#from", "江屿")
	p.Type("#course-0", "C语言程序设计")
	p.Type("#grade-0", "88")
	p.Open(server.URL)
	var kept []string
	values := `["from", "course-0", "grade-0"].map(id => document.getElementById(id).value)`
	p.Eval(values, &kept)
	if strings.Join(kept, " ") != "江屿 C语言程序设计 88" {
		t.Errorf("after a reload the form holds %q", kept)
	}
	p.Follow(".check .main")
	heading := p.Text("#ranked")
	p.Eval(`addEventListener("unload", () => {}); null`, nil) // so that the browser loads the page again when it comes back
	p.Follow(".why")
	p.Eval(`document.querySelector(".crumb a").addEventListener("click", event => { event.preventDefault(); history.back(); }); null`, nil)
	p.Follow(".crumb a")
	if got := p.Text("#ranked"); got != heading {
		t.Errorf("coming back shows %q, before it was %q", got, heading)
	}
	p.Open(server.URL)
	p.Eval(values, &kept)
	if kept[1] != "C语言程序设计" {
		t.Errorf("the first page holds %q afterwards", kept)
	}
	p.Click("[data-clear]")
	p.Open(server.URL)
	p.Eval(values, &kept)
	if strings.Join(kept, "") != "" {
		t.Errorf("after clearing, the form holds %q", kept)
	}
	p.Type("#course-0", "语文")
	p.Eval(`localStorage.setItem("draft", JSON.stringify({...JSON.parse(localStorage.getItem("draft")), at: Date.now() - 25 * 60 * 60 * 1000})); null`, nil)
	p.Open(server.URL + "/map")
	var left bool
	if p.Eval(`localStorage.getItem("draft") !== null`, &left); left {
		t.Error("what was typed more than a day ago is still there")
	}
}

// The first view is small enough for a slow phone. This is a size, not a time.
func TestFirstViewIsSmall(t *testing.T) {
	const most = 100 << 10
	server := browse(t)
	p := testbed.Browser(t)
	p.Size(phone, 844, true)
	p.Open(server.URL)
	if got := p.Transferred(); got > most || got == 0 {
		t.Errorf("the first view takes %d bytes, at most %d", got, most)
	}
}
