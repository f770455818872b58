package web

import (
	"encoding/json"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"creditbank/internal/testbed"
	"creditbank/seeds"
)

func TestLists(t *testing.T) {
	s := newSite(t)
	for path, want := range map[string]int{
		"/institutions": 3, "/institutions?q=" + url.QueryEscape("云"): 2, "/institutions?q=ytxy": 1, "/institutions?kind=overseas": 1, "/institutions?kind=": 3,
		"/institutions?region=500100": 2, "/institutions?region=500106": 1, "/institutions?institution=4150099901": 1,
		"/programmes": 2, "/programmes?catalogue_code=51": 1, "/programmes?q=%E8%BD%AF%E4%BB%B6": 1, "/programmes?institution=none": 0,
		"/courses": 26, "/courses?institution=4150099901": 6, "/courses?q=c%2B%2B": 1, "/courses?kind=overseas": 1,
		"/equivalences": 16, "/equivalences?source_course=M": 2, "/equivalences?target_course=T1": 4, "/equivalences?outcome=refused": 2,
		"/equivalences?on=2024-06-25": 15, "/equivalences?past=true": 16, "/equivalences?programme=510203": 16, "/equivalences?q=programming": 2,
		"/equivalences?source_institution=3650990001&target_institution=4150099901&source_course=" + url.QueryEscape("C++ & A/B 50%"): 1,
	} {
		var list listAnswer[map[string]any]
		if s.get(path, &list); list.Total != want || len(list.Items) != min(want, 20) {
			t.Errorf("%s: %d of %d, want %d", path, len(list.Items), list.Total, want)
		}
	}
}

// A program that asks for the root of the API gets a problem, no page.
func TestTheRootIsNoPage(t *testing.T) {
	s := newSite(t)
	for _, path := range []string{"", "/", "/nothing"} {
		w := s.send(request(http.MethodGet, apiBase+path, ""))
		if kind := w.Header().Get("Content-Type"); w.Code != 404 || kind != "application/problem+json" {
			t.Errorf("%s: %d %s", apiBase+path, w.Code, kind)
		}
	}
}

func TestListInParts(t *testing.T) {
	s := newSite(t)
	var whole, part listAnswer[courseEntry]
	s.get("/courses?limit=200", &whole)
	var joined []courseEntry
	for next := "0"; next != ""; next = part.Next {
		part = listAnswer[courseEntry]{}
		s.get("/courses?limit=7&cursor="+next, &part)
		joined = append(joined, part.Items...)
	}
	if len(whole.Items) != whole.Total || !reflect.DeepEqual(joined, whole.Items) {
		t.Errorf("in parts %d, at once %d of %d", len(joined), len(whole.Items), whole.Total)
	}
}

func TestListRefusals(t *testing.T) {
	s := newSite(t)
	for query, want := range map[string]string{
		"foo=1": "foo unknown_field", "q=a&q=b": "q repeated", "limit=0": "limit number", "limit=201": "limit number", "limit=-1": "limit number",
		"limit=x": "limit number", "limit=99999999999999999999": "limit number", "cursor=x": "cursor cursor", "cursor=-1": "cursor cursor",
		"kind=x": "kind choice", "region=5001": "region region", "region=-50010": "region region", "q=" + strings.Repeat("x", 201): "q too_long",
		"q=%ff": "q utf8", "q=%00": "q control_character", "q=%0a": "q control_character", "q=%zz": "q percent", "%ff=1": "query utf8", "q=a;b": "query percent",
	} {
		w := s.send(request(http.MethodGet, "/api/v1/programmes?"+query, ""))
		if got := faults(t, w); w.Code != 422 || !slices.Equal(got, []string{want}) {
			t.Errorf("%s: got %d %q, want 422 %q", query, w.Code, got, want)
		}
	}
	for query, want := range map[string]string{"on=2026-02-30": "on date", "outcome=x": "outcome choice", "past=yes": "past choice", "kind=bank": "kind unknown_field"} {
		w := s.send(request(http.MethodGet, "/api/v1/equivalences?"+query, ""))
		if got := faults(t, w); w.Code != 422 || !slices.Equal(got, []string{want}) {
			t.Errorf("%s: got %d %q, want 422 %q", query, w.Code, got, want)
		}
	}
}

func TestEntries(t *testing.T) {
	s := newSite(t)
	for path, want := range map[string]map[string]any{
		"/institutions/4150099901":                               {"name_en": "Yuntu College", "programmes": 1.0, "courses": 6.0, "sending": 0.0, "receiving": 16.0},
		"/institutions/" + url.PathEscape("OVERSEAS:1/ü"):        {"code": "OVERSEAS:1/ü"},
		"/programmes/4150099901:510203":                          {"required_credits": "140", "years": "3"},
		"/programmes/" + url.PathEscape("3650990001:P/1"):        {"code": "P/1"},
		"/courses/" + url.PathEscape("3650990001:C++ & A/B 50%"): {"name": "C++ 语言", "credits": "3", "hours": "48", "outline": "新大纲"},
		"/courses/3650990001:C%2b%2b%20%26%20A%2fB%2050%25":      {"code": "C++ & A/B 50%"},
		"/courses/" + url.PathEscape("3650990001:课程:一"):          {"name": "冒号课程"},
		"/courses/3650990001:课程:一":                               {"name": "冒号课程"},
		"/courses/" + url.PathEscape("OVERSEAS:1/ü:X:1"):         {"institution": "OVERSEAS:1/ü", "code": "X:1"},
		"/equivalences/" + url.PathEscape("E15 + & /50%"):        {"equivalence": "E15 + & /50%"},
		"/equivalences/E4N":                                      {"equivalence": "E4N"},
	} {
		var got map[string]any
		if w := s.get(path, &got); w.Code != 200 {
			t.Errorf("%s: %d %s", path, w.Code, w.Body)
		}
		for field, value := range want {
			if got[field] != value {
				t.Errorf("%s: %s is %v, want %v", path, field, got[field], value)
			}
		}
	}
	var course courseDetail
	s.get("/courses/"+url.PathEscape("3650990001:C++ & A/B 50%"), &course)
	if len(course.Versions) != 2 || course.Versions[0].Outline != "旧大纲" || course.Versions[0].ValidTo != "2023-08-31" {
		t.Errorf("versions: %+v", course.Versions)
	}
}

func TestEntriesThatAreNotThere(t *testing.T) {
	s := newSite(t)
	for path, want := range map[string]int{
		"/institutions/x": 404, "/programmes/x:y": 404, "/programmes/x": 422, "/courses/3650990001:": 404, "/courses/:M": 422, "/courses/x": 422,
		"/equivalences/x": 404, "/equivalences/%00": 422, "/equivalences/%ff": 422, "/courses/a/b": 422, "/nothing": 404, "/": 404,
		"/institutions/4150099901?x=1": 422, "/equivalences/" + strings.Repeat("x", 5000): 404,
	} {
		w := s.send(request(http.MethodGet, "/api/v1"+path, ""))
		if faults(t, w); w.Code != want || w.Header().Get("Content-Type") != "application/problem+json" {
			t.Errorf("%.40s: got %d, want %d: %.200s", path, w.Code, want, w.Body)
		}
	}
	if w := s.send(request(http.MethodDelete, "/api/v1/courses", "")); w.Code != 405 {
		t.Errorf("DELETE: got %d, want 405", w.Code)
	}
}

// Successive versions of an equivalence: the list shows the last, a day picks its own.
func TestVersions(t *testing.T) {
	s := newSite(t)
	fill(t, s.bank, "equivalences", `equivalence,source_institution,source_course,target_institution,target_course,valid_from
E1,3650990001,M,4150099901,T11,2026-09-01
`)
	for path, want := range map[string]int{"?source_course=M&target_course=T1": 0, "?source_course=M&target_course=T1&past=true": 1,
		"?source_course=M&on=2026-08-31&target_course=T1": 1, "?source_course=M&on=2026-09-01&target_course=T1": 0} {
		var list listAnswer[ruleEntry]
		if s.get("/equivalences"+path, &list); list.Total != want {
			t.Errorf("%s: %d, want %d", path, list.Total, want)
		}
	}
	var rule ruleDetail
	s.get("/equivalences/E1", &rule)
	if len(rule.Versions) != 2 || rule.Versions[0].EffectiveTo != "2026-08-31" || rule.Versions[0].Latest || !rule.Versions[1].Latest {
		t.Errorf("got %+v", rule)
	}
}

// Strings that have broken other programs, in every place that takes one: an
// answer or a refusal, never a fault, and nothing changes.
func TestNaughtyStrings(t *testing.T) {
	data, err := os.ReadFile(filepath.Join(testbed.Shared(t), "data", "blns", "blns.json"))
	if err != nil {
		t.Fatal(err)
	}
	var naughty []string
	if err := json.Unmarshal(data, &naughty); err != nil {
		t.Fatal(err)
	}
	s := newSite(t)
	before, err := s.bank.Snapshot(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	naughty = append(naughty, "\x00", "a\x00b", "\x7f", "\u0085", "\xff\xfe", strings.Repeat("长", 3000), "../../etc/passwd", "%", "%25", "%2F", "..", ".")
	for _, text := range naughty {
		for _, r := range naughtyRequests(text) {
			if w := s.send(r); w.Code >= 500 || w.Code < 200 {
				t.Errorf("%s %.80q: %d %s", r.Method, r.URL, w.Code, w.Body)
			}
		}
	}
	after, err := s.bank.Snapshot(t.Context())
	if err != nil || after.Version != before.Version {
		t.Errorf("the map went from %d to %d (%v)", before.Version, after.Version, err)
	}
}

// naughtyRequests puts a text into every place of the API that takes one.
func naughtyRequests(text string) []*http.Request {
	quoted, _ := json.Marshal(text)
	value := string(quoted)
	var list []*http.Request
	for _, f := range []string{"institution", "course", "kind", "grade", "scale", "credits", "hours", "completed_on"} {
		list = append(list, request(http.MethodPost, "/api/v1/check", `{"records":[{`+`"`+f+`":`+value+rest(f)+`}]}`))
	}
	for _, body := range []string{`"as_of":` + value, `"cursor":` + value, `"to":{"institution":` + value + `,"programme":` + value + `}`,
		`"filter":{"institution":` + value + `}`, `"filter":{"kind":` + value + `}`, `"filter":{"region":` + value + `}`, `"filter":{"catalogue_code":` + value + `}`, value + `:1`} {
		list = append(list, request(http.MethodPost, "/api/v1/check", `{"records":[`+one+`],`+body+`}`))
	}
	list = append(list, request(http.MethodPost, "/api/v1/check", text+" "))
	for _, path := range []string{"institutions", "programmes", "courses", "equivalences"} {
		for _, name := range []string{"q", "institution", "kind", "region", "catalogue_code", "limit", "cursor", "on", "source_course", "target_course", "outcome", "past", text} {
			list = append(list, request(http.MethodGet, "/api/v1/"+path+"?"+url.QueryEscape(name)+"="+url.QueryEscape(text), ""))
		}
		list = append(list, request(http.MethodGet, "/api/v1/"+path+"/"+url.PathEscape(text), ""), request(http.MethodGet, "/api/v1/"+path+"/3650990001:"+url.PathEscape(text), ""))
	}
	return list
}

// rest completes a record of which one field is given.
func rest(field string) string {
	full := `,"institution":"3650990001","course":"M"`
	switch field {
	case "institution":
		return `,"course":"M"`
	case "course":
		return `,"institution":"3650990001"`
	}
	return full
}

// The whole public map of the demo city is as the description says.
func TestDemoCityIsAsDescribed(t *testing.T) {
	s := newEmptySite(t)
	for _, file := range seeds.Files() {
		text, err := seeds.FS.ReadFile(file.Name)
		if err != nil {
			t.Fatal(err)
		}
		fill(t, s.bank, file.Kind, string(text))
	}
	for _, path := range []string{"/institutions", "/programmes", "/courses", "/equivalences"} {
		var part listAnswer[map[string]any]
		seen := 0
		past := map[bool]string{true: "past=true&"}[path == "/equivalences"]
		for next := "0"; next != ""; next = part.Next {
			part = listAnswer[map[string]any]{}
			s.get(path+"?"+past+"limit=200&cursor="+next, &part)
			seen += len(part.Items)
		}
		if seen == 0 || seen != part.Total {
			t.Errorf("%s: %d of %d", path, seen, part.Total)
		}
	}
}
