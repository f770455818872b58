package web

import (
	"net/http"
	"strings"
	"testing"
)

// A course of one school is mapped to a standard unit, and the unit to a course of
// another: once both are approved, a visitor's check counts the one for the other.
func TestStandardUnitFromDraftToCheck(t *testing.T) {
	s := newSite(t)
	fill(t, s.bank, "institutions", "code,name,kind\n"+theCentre+",学分银行,bank\n")
	fill(t, s.bank, "courses", "institution,code,name,credits,hours\n"+theCentre+",U-1,软件入门,2,32\n")
	j := newJudges(s)
	one := func(pairs ...string) []string {
		return append(pairs, "source_key", "", "source_min", "", "source_max", "", "target_kind", "course", "target_key", "", "target_group", "", "target_mode", "catalogue", "target_credits", "", "valid_from", "")
	}
	send := func(who *guest, code string, pairs ...string) {
		t.Helper()
		wants(t, who.ask(http.MethodPost, "/evaluations/new", mergeForm(aRule(append(one(pairs...), "equivalence", code)...), "do", "save")), http.StatusSeeOther, "/evaluations/"+code+"@1?done=saved")
		wants(t, who.acts(code+"@1", "submit"), http.StatusSeeOther, "/evaluations/"+code+"@1?done=submit")
	}
	check := "/plan?to=" + yuntu + ":510203&r=" + yunfan + ":W~90~2026-10-01"
	counts := func() bool { return strings.Contains(mainOf(j.guest().get(check).Body.String()), "软件导论") }

	send(j.rosa, "UP", "source_school", "云帆学校", "source_course", "历史", "target_school", "学分银行", "target_course", "软件入门")
	wants(t, j.dora.acts("UP@1", "opine", "opinion", "support"), http.StatusSeeOther, "/evaluations/UP@1?done=opine")
	wants(t, j.anna.acts("UP@1", "approve"), http.StatusSeeOther, "/evaluations/UP@1?done=approve")
	if counts() {
		t.Error("it counts before the unit leads anywhere")
	}
	send(j.yuri, "DOWN", "source_school", "学分银行", "source_course", "软件入门", "target_school", "云图学院", "target_course", "软件导论")
	if page := mainOf(j.anna.get("/evaluations/DOWN@1").Body.String()); !strings.Contains(page, "认证单元") {
		t.Errorf("the case does not say that it is about a unit: %s", page)
	}
	wants(t, j.yuri.acts("DOWN@1", "opine", "opinion", "support"), http.StatusSeeOther, "/evaluations/DOWN@1?done=opine")
	wants(t, j.anna.acts("DOWN@1", "approve"), http.StatusSeeOther, "/evaluations/DOWN@1?done=approve")
	if !counts() {
		t.Errorf("the check does not count through the unit: %s", mainOf(j.guest().get(check).Body.String()))
	}
	page := mainOf(j.guest().get("/courses/" + theCentre + ":U-1").Body.String())
	for _, want := range []string{"历史", "软件导论", "认证单元"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page of the unit lacks %q: %s", want, page)
		}
	}
}

// What was decided about a published rule stands on its public page with the day and the
// coded reasons, in both languages, and without anybody's name or words.
func TestHaltsArePublic(t *testing.T) {
	j := newJudges(newSite(t))
	id := j.ready("N1")
	wants(t, j.anna.acts(id, "approve"), http.StatusSeeOther, "/evaluations/"+id+"?done=approve")
	wants(t, j.yuri.acts(id, "suspend", "text", "秘密的话", "reasons", "CONTENT"), http.StatusSeeOther, "/evaluations/"+id+"?done=suspend")
	public := func(language string) string {
		t.Helper()
		_, body := j.page("/equivalences/N1", language)
		return mainOf(body)
	}
	if page := public("zh-CN"); strings.Contains(page, "暂停、恢复") {
		t.Errorf("what is only asked is public: %s", page)
	}
	wants(t, j.anna.acts(id, "confirm"), http.StatusSeeOther, "/evaluations/"+id+"?done=confirm")
	wants(t, j.dora.acts(id, "end", "text", "秘密的话", "last_day", "2026-11-30"), http.StatusSeeOther, "/evaluations/"+id+"?done=end")
	wants(t, j.anna.acts(id, "confirm"), http.StatusSeeOther, "/evaluations/"+id+"?done=confirm")
	for language, wanted := range map[string][]string{
		"zh-CN": {"已暂停", "2026年11月22日决定", "CONTENT", "最后一天是2026年11月30日", "没有给出代码化的理由"},
		"en":    {"Suspended", "Decided on 22 Nov 2026", "CONTENT", "last day 30 Nov 2026", "No coded reason was given"},
	} {
		page := public(language)
		for _, want := range wanted {
			if !strings.Contains(page, want) {
				t.Errorf("in %s it lacks %q: %s", language, want, page)
			}
		}
		if strings.Contains(page, "秘密") || strings.Contains(page, "yuri") || strings.Contains(page, "anna") {
			t.Errorf("it says who or why: %s", page)
		}
	}
	j.later(10 * 24 * 3600e9)
	if page := public("en"); strings.Contains(page, "Suspended: it does not count") || strings.Count(page, "Ended") != 3 {
		t.Errorf("after the last day: %s", page)
	}
}
