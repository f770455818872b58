package web

import (
	"net/http"
	"strings"
	"testing"

	"creditbank/internal/bank"
)

// regionalKeys are the sentences of files of a regional credit bank that are made of codes.
func regionalKeys() []string {
	var keys []string
	for prefix, codes := range map[string][]string{
		"regional.left.": bank.RegionalLeftOut(), "regional.why.": bank.RegionalLeftOut(), "regional.set_": bank.RegionalSets(), "regional.list_": bank.RegionalLists(), "regional.format_": {"xlsx", "csv"},
		"regional.word_level_":      {"undergraduate", "junior_college", "top_up", "from_secondary", "secondary_vocational", "general_secondary"},
		"regional.word_category_":   {"adult", "regular", "online", "secondary_vocational", "self_taught"},
		"regional.word_graduation_": {"graduated", "completed", "studying", "left"}, "regional.word_season_": {"spring", "autumn"}, "regional.word_source_": {"course", "certificate"},
		"desk.done_": {"regional_set"},
	} {
		for _, code := range codes {
			keys = append(keys, prefix+code)
		}
	}
	return keys
}

// regionalResults gives two learners results at their own school.
func (s *site) regionalResults() {
	s.t.Helper()
	s.schoolLearners()
	fill(s.t, s.bank, "records", "learner,reference,institution,course,grade,credits,completed_on\nL2,RG-1,"+yunfan+",M,88,3,2024-06-25\nL2,RG-0,"+yunfan+",M,40,3,2024-01-25\nL3,RG-2,"+yuntu+",T2,88,3,2024-06-25\n")
}

// A registrar takes a file of the own school along for a purpose that the learner sees;
// an administrator that of any school, and changes the codes.
func TestRegionalFileInABrowsersHands(t *testing.T) {
	onBothDatabases(t, func(t *testing.T, s *site) {
		s.regionalResults()
		rosa, anna := s.staff("rosa", registrar), s.staff("anna", administrator)
		for _, purpose := range []string{"", "abc", "给钱小满上报用的"} {
			got := rosa.post("/regional/file", "kind", "creditbank-courses", "format", "csv", "purpose", purpose)
			if got.Code != http.StatusUnprocessableEntity || !strings.Contains(got.Body.String(), `id="purpose-wrong"`) {
				t.Errorf("%q: %d", purpose, got.Code)
			}
		}
		got := rosa.post("/regional/file", "kind", "creditbank-courses", "format", "csv", "purpose", "上报区域学分银行")
		if text := got.Body.String(); got.Code != http.StatusOK || !strings.Contains(text, "钱小满,E12345678,") || strings.Contains(text, "外校生") ||
			got.Header().Get("Content-Disposition") != `attachment; filename="creditbank-courses.csv"` || got.Header().Get("Cache-Control") != "no-store" {
			t.Errorf("%d %s %v", got.Code, text, got.Header())
		}
		looks, err := s.bank.Looks(t.Context(), operator, "L2", bank.Window{})
		if err != nil || len(looks.Items) != 1 || looks.Items[0].What != "numbers" || looks.Items[0].Purpose != "上报区域学分银行" {
			t.Errorf("%+v %v", looks, err)
		}
		if looks, err := s.bank.Looks(t.Context(), operator, "L3", bank.Window{}); err != nil || len(looks.Items) != 0 {
			t.Errorf("of another school: %+v %v", looks, err)
		}
		if got := rosa.post("/regional/file", "kind", "creditbank-courses", "institution", yuntu, "format", "csv", "purpose", "上报区域学分银行"); got.Code != http.StatusForbidden {
			t.Errorf("another school's: %d", got.Code)
		}
		page := rosa.post("/regional/look", "kind", "creditbank-courses", "format", "csv").Body.String()
		for _, want := range []string{"共 1 行", "未及格，未列入：1 项", `formaction="/regional/left"`} {
			if !strings.Contains(page, want) {
				t.Errorf("a look at the file does not say %s", want)
			}
		}
		if got := rosa.post("/regional/left", "kind", "creditbank-courses", "format", "csv"); got.Code != http.StatusUnprocessableEntity {
			t.Errorf("what is left out, without a purpose: %d", got.Code)
		}
		got = rosa.post("/regional/left", "kind", "creditbank-courses", "format", "csv", "purpose", "核对未上报的成绩")
		if text := got.Body.String(); got.Code != http.StatusOK || !strings.Contains(text, "未列入的原因,学分账号,机构代码,课程代码,") || !strings.Contains(text, "未及格,L2,"+yunfan+",M,") || strings.Contains(text, "RG-2") ||
			got.Header().Get("Content-Disposition") != `attachment; filename="creditbank-courses-left-out.csv"` || got.Header().Get("Cache-Control") != "no-store" {
			t.Errorf("%d %s %v", got.Code, text, got.Header())
		}
		if looks, err := s.bank.Looks(t.Context(), operator, "L2", bank.Window{}); err != nil || len(looks.Items) != 2 || looks.Items[0].What != "records" {
			t.Errorf("%+v %v", looks, err)
		}
		got = anna.post("/regional/file", "kind", "creditbank-courses", "institution", yuntu, "format", "xlsx", "purpose", "上报区域学分银行")
		if got.Code != http.StatusOK || !strings.HasPrefix(got.Body.String(), "PK") {
			t.Errorf("as a workbook: %d", got.Code)
		}
		for field, value := range map[string]string{"word.long.level.junior_college": "85", "set.creditbank-courses": "other", "word.long.level.doctor": "1"} {
			if got := anna.post("/regional/codes", field, value, "word.long.season.spring", "X"); got.Code != http.StatusUnprocessableEntity {
				t.Errorf("%s: %d", field, got.Code)
			}
		}
		wants(t, anna.post("/regional/codes", "word.long.level.junior_college", "85", "word.long.level.undergraduate", "86", "set.creditbank-external", "long"), http.StatusSeeOther, "/regional?done=regional_set")
		wants(t, anna.post("/regional/codes", "school", yunfan, "called", "S01"), http.StatusSeeOther, "/regional?done=regional_set")
		if got := anna.post("/regional/codes", "school", "X", "called", "S02"); got.Code != http.StatusUnprocessableEntity || !strings.Contains(got.Body.String(), `id="school-wrong"`) {
			t.Errorf("a school that is none: %d", got.Code)
		}
		page = anna.get("/regional").Body.String()
		for _, want := range []string{`id="word.long.level.junior_college" name="word.long.level.junior_college" type="text" value="85"`, `id="word.long.season.spring" name="word.long.season.spring" type="text" value="1321"`, "S01"} {
			if !strings.Contains(page, want) {
				t.Errorf("the page does not say %s", want)
			}
		}
		if got := rosa.post("/regional/codes", "set.creditbank-external", "short"); got.Code != http.StatusForbidden {
			t.Errorf("a registrar changes codes: %d", got.Code)
		}
	})
}

// The page of these files reads well for both, and its codes are changed on it.
func TestRegionalPageInABrowser(t *testing.T) {
	for _, view := range views {
		s, base := doors(t)
		s.regionalResults()
		rosa, anna := s.staff("rosa", registrar), s.staff("anna", administrator)
		p := viewer(t, view.width, view.tag, view.dark)
		look := func(name string) {
			t.Helper()
			looked(t, p, "regional-"+name, view.tag, view.width)
		}
		rosa.takes(p, base)
		p.Open(base + "/imports")
		p.Follow(`a[href="/regional"]`)
		p.Eval(`document.getElementById("purpose").value = "abc"; null`, nil)
		p.Follow(`form[action="/regional/look"] .main`)
		expect(t, p, `[role="status"]`, map[string]string{"zh-CN": "未及格", "en": "not passed"}[view.tag])
		look("look")
		p.Follow(`form[action="/regional/file"] .main`)
		look("no-purpose")
		anna.takes(p, base)
		p.Open(base + "/regional")
		p.Eval(`document.querySelectorAll("details").forEach(d => d.open = true); null`, nil)
		p.Eval(`document.getElementById("word.short.level.secondary_vocational").value = "21"; null`, nil)
		p.Follow(`form:has([id="word.short.level.secondary_vocational"]) .main`)
		look("taken")
		p.Eval(`document.getElementById("word.short.level.secondary_vocational").value = "24"; null`, nil)
		p.Follow(`form:has([id="word.short.level.secondary_vocational"]) .main`)
		expect(t, p, ".lines", map[string]string{"zh-CN": "中职", "en": "secondary vocational"}[view.tag])
		look("changed")
	}
}
