package web

import (
	"net/http/httptest"
	"strings"
	"testing"

	"creditbank/internal/testbed"
)

// judgesInCity are the people of an evaluation in the demo city, and its address.
func judgesInCity(t *testing.T) (judges, string) {
	t.Helper()
	testbed.Require(t, "browser")
	j := newJudges(newCitySite(t))
	server := httptest.NewServer(j.Server)
	t.Cleanup(server.Close)
	return j, strings.Replace(server.URL, "127.0.0.1", "localhost", 1)
}

// A course is registered and a rule of two courses written with the help of the page; an
// expert and both schools look at it, it is sent back, answered, tried and approved, and a
// visitor's check answers by it at once; what contradicts it is told with both rules. In
// both languages, on a phone and at a desk, without anything in anybody's way.
func TestEvaluationInABrowser(t *testing.T) {
	for _, view := range []struct {
		width  int
		tag    string
		dark   bool
		typed  [4]string
		means  string
		saved  string
		counts string
		clash  string
	}{
		{desktop, "zh-CN", false, [4]string{"云帆", "算法入门", "NEW1", "数据结构"}, "抵《数据结构》", "已存为草稿", "4 / 140", "矛盾"},
		{phone, "en", true, [4]string{"Yunfan", "Algorithms", "NEW1", "Data Str"}, "as Data Structures", "Saved as a draft", "4 of 140", "contradiction"},
	} {
		j, base := judgesInCity(t)
		p := viewer(t, view.width, view.tag, view.dark)
		look := func(name string) {
			t.Helper()
			looked(t, p, name+"-"+map[int]string{phone: "phone", desktop: "desk"}[view.width], view.tag, view.width)
		}
		j.rosa.takes(p, base)
		p.Open(base + "/school/courses/new")
		for field, text := range map[string]string{"code": "NEW1", "name": "工程制图", "name_en": "Engineering Drawing", "credits": "2", "hours": "32"} {
			p.Type("#"+field, text)
		}
		p.Follow(`form.entries .main`)
		expect(t, p, "h1", "NEW1")
		p.Open(base + "/evaluations")
		look("evaluations-empty")
		p.Open(base + "/evaluations/new")
		look("editor-empty")
		choose := func(field, text string) {
			t.Helper()
			p.Type("#"+field, text)
			p.Wait("#" + field + " ~ .options [role=option]:not([aria-disabled])")
			p.Eval(`new Promise(done => setTimeout(done, 400))`, nil)
			p.Click("#" + field + " ~ .options [role=option]")
		}
		write := func() {
			t.Helper()
			choose("source-school-0", view.typed[0])
			choose("source-course-0", view.typed[1])
			p.Type("#source-min-0", "70")
			p.Click("#sources [data-more]")
			choose("source-school-2", view.typed[0]) // numbers go on over both sides
			choose("source-course-2", view.typed[2])
			choose("target_school", map[string]string{"zh-CN": "远图", "en": "Yuantu"}[view.tag])
			choose("target-course-0", view.typed[3])
		}
		write()
		p.Type("#why", "the outlines agree")
		p.Wait("#means .means-text")
		expect(t, p, "#means", view.means)
		look("editor-filled")
		p.Open(base + "/evaluations/new") // what was typed is there after a reload
		p.Wait("#means .means-text")
		expect(t, p, "#means", view.means)
		p.Follow("[name=do][value=save]")
		expect(t, p, "main", view.saved)
		look("case-draft")
		p.Follow("#action-submit .main")
		look("case-submitted")
		var path string
		p.Eval(`location.pathname`, &path)

		j.anna.takes(p, base)
		p.Open(base + path)
		p.Click(`details:has(#action-assign) summary`)
		look("case-bank")
		p.Follow("#action-assign button")
		j.xena.takes(p, base)
		p.Open(base + "/evaluations")
		look("evaluations-expert")
		p.Follow(".cases h3 a")
		p.Click("#opinion-support")
		p.Follow("#action-opine .main")
		j.yuri.takes(p, base)
		p.Open(base + path)
		p.Click("#opinion-oppose")
		p.Follow("#action-opine .main")
		p.Wait("#faults")
		look("case-wrong")
		p.Click(`details:has(#action-ask_more) summary`)
		p.Type("#text-ask_more", "Which equipment?")
		p.Follow("#action-ask_more button")
		j.rosa.takes(p, base)
		p.Open(base + path)
		p.Type("#text-answer", "See the outline.")
		look("case-returned")
		p.Follow("#action-answer .main")
		for _, decider := range []*guest{j.dora, j.yuri} {
			decider.takes(p, base)
			p.Open(base + path)
			p.Click("#opinion-support")
			p.Follow("#action-opine .main")
		}
		j.anna.takes(p, base)
		p.Open(base + "/evaluations")
		p.Click("[name=case]")
		expect(t, p, "[data-counted]", "1")
		look("evaluations-bank")
		p.Follow("[data-counted]")
		look("evaluations-batch")
		p.Follow(`form[action="/impact"] button`)
		p.Wait("#numbers")
		look("batch-impact")
		p.Open(base + "/evaluations/requests")
		look("requests-empty")
		p.Open(base + path)
		look("case-ready")
		p.Follow(`form[action="/impact"]:not(details form) button`) // what it would do, before it does
		p.Wait("#numbers")
		look("case-impact")
		check := base + "/plan?to=" + yuntu + ":510201&r=" + yunfan + ":01211~90~2026-11-22&r=" + yunfan + ":NEW1~90~2026-11-22"
		answers := func(by bool) {
			t.Helper()
			j.guest().takes(p, base)
			p.Open(check)
			if text := p.Text("main"); strings.Contains(text, view.counts) != by {
				t.Errorf("a visitor's check counts by the rule: %v, want %v: %s", !by, by, text)
			}
		}
		answers(false)
		j.anna.takes(p, base)
		p.Open(base + path)
		p.Follow("#action-approve .main")
		look("case-published")
		p.Follow(`a[href^="/equivalences/"]`)
		look("rule-published")
		answers(true)
		look("check-at-once")
		j.rosa.takes(p, base)
		p.Open(base + "/evaluations/new")
		write()
		p.Eval(`document.getElementById("target-mode-0").value = "fixed"; null`, nil)
		p.Type("#target-credits-0", "1")
		p.Type("#why", "the other way")
		p.Follow("[name=do][value=save]")
		p.Follow("#action-submit .main")
		code, _, _ := strings.Cut(strings.TrimPrefix(path, "/evaluations/"), "@")
		expect(t, p, "section[aria-labelledby=lint] h3", view.clash)
		expect(t, p, `section[aria-labelledby=lint] a[href*="/equivalences/`+code+`"]`, code[:12])
		look("case-contradicts")
		j.anna.takes(p, base)
		p.Open(base + path)
		p.Follow(`a[href*="/evaluations/new?version="]`)
		look("editor-version")
		j.rosa.takes(p, base)
		p.Open(base + "/school")
		look("school-desk")
		s := j.site
		s.learner("L000001", "lin")
		lin := s.guest()
		lin.signsIn("lin")
		lin.takes(p, base)
		p.Open(base + "/plan?to=" + yuntu + ":510201&r=" + yunfan + ":00111~90")
		p.Follow(`a[href^="/my/requests"]`)
		look("request-form")
		p.Follow(".entries .main")
		look("requests-own")
		untroubledAt(t, p, base)
	}
}

// untroubledAt wants no request to another site, and no complaint of the browser but
// about answers that tell of a mistake.
func untroubledAt(t *testing.T, p *testbed.Page, base string) {
	t.Helper()
	for _, line := range p.ConsoleErrors() {
		if !strings.Contains(line, "status of 422") && !strings.Contains(line, "status of 409") {
			t.Errorf("the console says %s", line)
		}
	}
	for _, address := range p.Requests() {
		if !strings.HasPrefix(address, base) {
			t.Errorf("a request went to %s", address)
		}
	}
}
