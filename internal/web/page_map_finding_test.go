package web

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"creditbank/internal/bank"
	"creditbank/internal/transfer"
)

// mapDeskKeys are the keys of the pages about the map that are made of a prefix
// and a code.
func mapDeskKeys() []string {
	var keys []string
	for _, class := range []transfer.Class{transfer.LintFault, transfer.LintDuplicate, transfer.LintAmbiguous, transfer.LintContradiction, transfer.LintBandOverlap,
		transfer.LintBandGap, transfer.LintInactive, transfer.LintRecredited, transfer.LintAboveSource, transfer.LintLevelRise, transfer.LintOutsideCourse,
		transfer.LintDominated, transfer.LintOverCap, transfer.LintCycle, transfer.LintNeverExempt, transfer.LintCertificate, transfer.LintMirror} {
		keys = append(keys, "lint_class."+string(class))
	}
	for _, view := range []string{"findings", "coverage", "work"} {
		keys = append(keys, "map_desk."+view)
	}
	for class := range 20 {
		keys = append(keys, classKey(class)+"_short", classKey(class))
	}
	for _, kind := range bank.SuggestionKinds() {
		keys = append(keys, "suggestion.kind."+kind, "suggestion.why_"+kind)
	}
	return append(keys, "error.not_found.finding")
}

// What is wrong in a form about a finding is said beside it, and what is done is
// seen.
func TestFindingForms(t *testing.T) {
	s := newSite(t)
	anna := s.staff("anna", administrator)
	page := anna.get("/admin/map").Body.String()
	_, id, found := strings.Cut(page, `id="f-`)
	if !found {
		t.Fatalf("no finding in %s %s", mainOf(page), s.log)
	}
	id, _, _ = strings.Cut(id, `"`)
	w := anna.post("/admin/map/"+id, "act", "accept", "reason", "", "until", "2026-11-01")
	if body := w.Body.String(); w.Code != http.StatusUnprocessableEntity || !strings.Contains(body, `id="reason"`) || !strings.Contains(body, `value="2026-11-01"`) {
		t.Errorf("a wrong form: %d %s", w.Code, mainOf(body))
	}
	if w := anna.post("/admin/map/"+id, "act", "give", "institution", "nowhere"); w.Code != http.StatusUnprocessableEntity || !strings.Contains(w.Body.String(), `value="nowhere"`) {
		t.Errorf("a school that is not there: %d", w.Code)
	}
	wants(t, anna.post("/admin/map/"+id, "act", "take"), http.StatusSeeOther, "/admin/map?done=finding_take")
	if body := anna.get("/admin/map?mine=1").Body.String(); !strings.Contains(body, id) {
		t.Errorf("it is not taken: %s", mainOf(body))
	}
	wants(t, anna.post("/admin/map/"+id, "act", "accept", "reason", "双方已确认", "until", "2026-12-31"), http.StatusSeeOther, "/admin/map?done=finding_accept")
	if body := anna.get("/admin/map?accepted=1").Body.String(); !strings.Contains(body, "双方已确认") {
		t.Errorf("it is not accepted: %s", mainOf(body))
	}
	wants(t, anna.post("/admin/map/"+id, "act", "give", "institution", yuntu), http.StatusSeeOther, "/admin/map?done=finding_give")
	wants(t, anna.post("/admin/map/"+id, "act", "reopen"), http.StatusSeeOther, "/admin/map?done=finding_reopen")
	if w := anna.post("/admin/map/"+id, "act", "eat"); w.Code != http.StatusBadRequest {
		t.Errorf("an act that is none: %d", w.Code)
	}
}

// The pages about the map on a phone and on a desk.
func TestMapDeskInABrowser(t *testing.T) {
	for _, view := range views {
		s, base := doors(t)
		anna := s.staff("anna", administrator)
		p := viewer(t, view.width, view.tag, view.dark)
		anna.takes(p, base)
		p.Open(base + "/admin/map")
		looked(t, p, "findings", view.tag, view.width)
		p.Click("details.change summary")
		p.Type(`details[open] [name=until]`, "2020-01-01")
		p.Follow(`details[open] input[value=accept] ~ button`)
		looked(t, p, "finding-wrong", view.tag, view.width)
		p.Open(base + "/admin/map/coverage")
		looked(t, p, "coverage-none", view.tag, view.width)
		learning(t, s)
		p.Open(base + "/admin/map/coverage")
		p.Click("details.more summary")
		looked(t, p, "coverage", view.tag, view.width)
		p.Open(base + "/admin/map/work")
		looked(t, p, "work", view.tag, view.width)
		other := map[string]string{"zh-CN": yunfan, "en": "OVERSEAS:1/ü"}[view.tag] // groups have no English names
		p.Open(base + pairAddress(other, yuntu))
		looked(t, p, "pair", view.tag, view.width)
	}
}

// withKin gives the secondary school courses that are like those of the college.
func withKin(t *testing.T, s *site) {
	t.Helper()
	fill(t, s.bank, "courses", "institution,code,name,name_en,credits,outline\n"+yunfan+",K1,基础软件,Basic Software,4,程序 变量 循环 函数\n"+
		yunfan+",K2,普通化学,General Chemistry,2,\n"+yuntu+",K3,软件基础与实践,Software Basics in Practice,4,程序 变量 循环 数据库\n")
}

// A suggestion leads to a draft that knows where it came from, or is put aside.
func TestSuggestionForms(t *testing.T) {
	s := newSite(t)
	withKin(t, s)
	rosa := s.staff("rosa", registrar)
	page := rosa.get("/evaluations/suggestions").Body.String()
	_, begin, found := strings.Cut(page, `href="/evaluations/new?`)
	if begin, _, _ = strings.Cut(begin, `"`); !found || !strings.Contains(begin, "origin=suggestion%3A") {
		t.Fatalf("no draft to begin in %s", mainOf(page))
	}
	if body := rosa.get("/evaluations/new?" + strings.ReplaceAll(begin, "&amp;", "&")).Body.String(); !strings.Contains(body, "suggestion:") {
		t.Errorf("the draft does not know where it came from: %s", mainOf(body))
	}
	value := func(name string) string {
		_, text, _ := strings.Cut(page, `name="`+name+`" value="`)
		text, _, _ = strings.Cut(text, `"`)
		return text
	}
	fields := []string{"kind", value("kind"), "source", value("source"), "target", value("target")}
	if w := rosa.post("/evaluations/suggestions", fields...); w.Code != http.StatusUnprocessableEntity || !strings.Contains(w.Body.String(), `id="reason"`) {
		t.Errorf("without a reason: %d %s", w.Code, mainOf(w.Body.String()))
	}
	wants(t, rosa.post("/evaluations/suggestions", append(fields, "reason", "内容不同")...), http.StatusSeeOther, "/evaluations/suggestions?done=suggestion_refused")
	if body := rosa.get("/evaluations/suggestions").Body.String(); strings.Contains(body, value("source")+`"><input type="hidden" name="target" value="`+value("target")) {
		t.Errorf("it is suggested again: %s", mainOf(body))
	}
	anna := s.staff("anna", administrator)
	if body := anna.get("/evaluations/suggestions?school=nowhere").Body.String(); !strings.Contains(body, "nowhere") || !strings.Contains(body, `class="notices"`) {
		t.Errorf("a school that is not there: %s", mainOf(body))
	}
}

// The suggestions on a phone and on a desk.
func TestSuggestionsInABrowser(t *testing.T) {
	for _, view := range views {
		s, base := doors(t)
		withKin(t, s)
		rosa, anna := s.staff("rosa", registrar), s.staff("anna", administrator)
		p := viewer(t, view.width, view.tag, view.dark)
		rosa.takes(p, base)
		p.Open(base + "/evaluations/suggestions")
		looked(t, p, "suggestions", view.tag, view.width)
		p.Click("details.change summary")
		p.Follow("details[open] .button")
		looked(t, p, "suggestion-wrong", view.tag, view.width)
		anna.takes(p, base)
		p.Open(base + "/evaluations/suggestions")
		looked(t, p, "suggestions-admin", view.tag, view.width)
	}
}

// learning gives the schools learners and plans of classes that both have.
func learning(t *testing.T, s *site) {
	t.Helper()
	fill(t, s.bank, "programmes", "institution,code,name,name_en,catalogue_code,required_credits\n"+yunfan+",ME,机电技术应用,Mechatronics,660301,170\n"+yuntu+",460301,机电一体化技术,Mechatronics,460301,140\n")
	fill(t, s.bank, "groups", "institution,programme,code,name,min_credits\n"+yunfan+",ME,core,专业核心,40\n"+yunfan+",P/1,core,专业核心,40\n")
	fill(t, s.bank, "plans", "institution,programme,group,course\n"+yunfan+",ME,core,M\n"+yunfan+",ME,core,A\n"+yunfan+",P/1,core,G\n"+yunfan+",P/1,core,S1\n"+yunfan+",P/1,core,U\n")
	for n := range 12 {
		programme := []string{"ME", "P/1"}[n%2]
		fill(t, s.bank, "learners", fmt.Sprintf("account,name,institution,programme\nM%02d,学员,%s,%s\n", n, yunfan, programme))
	}
}

// The pair page is for everybody, for any day, and names what is not there.
func TestPairPage(t *testing.T) {
	s := newSite(t)
	g := s.guest()
	body := g.get(pairAddress(yunfan, yuntu)).Body.String()
	for _, want := range []string{"E1?version=1", "E4?version=1", "E5?version=1", pairAddress(yuntu, yunfan)} {
		if !strings.Contains(body, want) {
			t.Errorf("no %s in %s", want, mainOf(body))
		}
	}
	if body := g.get(pairAddress(yunfan, yuntu) + "?on=2024-06-01").Body.String(); strings.Contains(body, "E6?version=1") || !strings.Contains(body, "E1?version=1") {
		t.Errorf("before E6 began: %s", mainOf(body))
	}
	if w := g.get(pairAddress(yunfan, yuntu) + "?on=x"); w.Code != http.StatusOK || !strings.Contains(w.Body.String(), `class="notices"`) {
		t.Errorf("a day that is none: %d", w.Code)
	}
	if w := g.get(pairAddress(yunfan, "nowhere")); w.Code != http.StatusNotFound {
		t.Errorf("a school that is not there: %d", w.Code)
	}
}

// The map is searched by the specialty in whose plans the courses stand.
func TestMapBySpecialty(t *testing.T) {
	s := newSite(t)
	learning(t, s)
	g := s.guest()
	for field, want := range map[string]string{"66": "E1 E14", "660301": "E1 E14", "68": "", "71": "E3", "x": "E1"} {
		body := mainOf(g.get("/map?field=" + field).Body.String())
		for _, code := range strings.Fields(want) {
			if !strings.Contains(body, " "+code+" ") {
				t.Errorf("%s: no %s in %s", field, code, body)
			}
		}
		if field == "66" && strings.Contains(body, " E6 ") {
			t.Errorf("%s: E6 is of no such specialty", field)
		}
	}
}

// The table of coverage says what the picture says.
func TestCoverageFile(t *testing.T) {
	s := newSite(t)
	learning(t, s)
	w := s.staff("rosa", registrar).get("/school/map/coverage?format=csv")
	rows := strings.Split(strings.TrimSpace(w.Body.String()), "\n")
	if w.Code != http.StatusOK || len(rows) != 3 || !strings.Contains(rows[1]+rows[2], ",6,2,2,0") {
		t.Errorf("%d %q", w.Code, rows)
	}
}
