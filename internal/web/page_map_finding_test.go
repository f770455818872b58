package web

import (
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
		p.Follow("details[open] button")
		looked(t, p, "suggestion-wrong", view.tag, view.width)
		anna.takes(p, base)
		p.Open(base + "/evaluations/suggestions")
		looked(t, p, "suggestions-admin", view.tag, view.width)
	}
}
