package web

import (
	"encoding/json"
	"fmt"
	"html"
	"net/http"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"

	"github.com/getkin/kin-openapi/openapi3"

	"creditbank/internal/bank"
	"creditbank/internal/testbed"
)

// docsParts are the parts of the page of the API by their id, and its text.
func docsParts(t *testing.T, s *site, language string) (parts map[string]string, text string) {
	t.Helper()
	code, page := s.page("/api/docs", language)
	if code != http.StatusOK {
		t.Fatalf("the page is answered with %d", code)
	}
	checkPage(t, "/api/docs", language, strings.ReplaceAll(page, "http://example.com/api/v1", ""))
	parts = map[string]string{}
	for _, part := range strings.Split(page, `<article class="card topic" aria-labelledby="`)[1:] {
		id, rest, _ := strings.Cut(part, `"`)
		parts[id] = rest
	}
	return parts, html.UnescapeString(regexp.MustCompile(`<[^>]*>`).ReplaceAllString(page, ""))
}

// saidOf is what the page must hold about an operation.
func saidOf(path, method string, o *openapi3.Operation) []string {
	said := []string{`<span class="method">` + method + `</span> <code>/api/v1` + path + `</code>`}
	for _, p := range o.Parameters {
		said = append(said, `<th scope="row"><code>`+p.Value.Name+`</code>`)
	}
	for status := range o.Responses.Map() {
		if status != "default" {
			said = append(said, ">"+status+"<")
		}
	}
	return said
}

// The page tells all that the description holds: every operation with its
// parameters and answers, every schema with its fields and values.
func TestDocsPageIsTheDescription(t *testing.T) {
	s := newSite(t)
	for _, language := range languageTags {
		parts, text := docsParts(t, s, language)
		want := func(part, said string) {
			if !strings.Contains(parts[part], said) {
				t.Errorf("%s in %s lacks %s", part, language, said)
			}
		}
		for path, item := range s.api.spec.Paths.Map() {
			for method, o := range item.Operations() {
				for _, said := range saidOf(path, method, o) {
					want("do-"+o.OperationID, said)
				}
			}
		}
		for name, schema := range s.api.spec.Components.Schemas {
			want("schema-"+name, "<code>"+name+"</code>")
			for field := range schema.Value.Properties {
				want("schema-"+name, "<code>"+field+"</code>")
			}
			for _, value := range schema.Value.Enum {
				want("schema-"+name, fmt.Sprintf("<code>%v</code>", value))
			}
		}
		if strings.Contains(text, "**") || strings.Contains(text, "`") {
			t.Errorf("marks are left in the text in %s", language)
		}
	}
}

// Every text of the description is there in both languages, and in no other.
func TestDescriptionSpeaksBothLanguages(t *testing.T) {
	var document any
	if err := json.Unmarshal(apiText, &document); err != nil {
		t.Fatal(err)
	}
	isHan := func(r rune) bool { return unicode.Is(unicode.Han, r) }
	texts := 0
	var walk func(pointer string, value any)
	walk = func(pointer string, value any) {
		object, _ := value.(map[string]any)
		for name, inner := range object {
			if name == "example" || name == "value" {
				continue
			}
			walk(pointer+"/"+name, inner)
			english, isText := inner.(string)
			if !isText || name != "description" && name != "summary" {
				continue
			}
			texts++
			chinese, _ := object["x-zh"].(string)
			if strings.ContainsFunc(english, isHan) || !strings.ContainsFunc(chinese, isHan) {
				t.Errorf("%s says %q in English, %q in Chinese", pointer, english, chinese)
			}
		}
		list, _ := value.([]any)
		for i, inner := range list {
			walk(fmt.Sprint(pointer, "/", i), inner)
		}
	}
	walk("", document)
	if texts < 200 {
		t.Errorf("only %d texts were found", texts)
	}
}

// A value that only some answers have means something in both languages.
func TestDescribedValuesHaveMeanings(t *testing.T) {
	s := newSite(t)
	for tag, guide := range s.guides {
		for _, schema := range guide.Schemas {
			for _, f := range append([]guideField{schema.guideField}, schema.Fields...) {
				for _, v := range f.Values {
					if len(v.Meaning) == 0 || strings.ContainsFunc(v.Meaning[0].Text, func(r rune) bool { return unicode.Is(unicode.Han, r) }) != (tag == "zh-CN") {
						t.Errorf("%s.%s: %s means %q in %s", schema.Name, f.Name, v.Value, v.Meaning, tag)
					}
				}
			}
		}
	}
}

// The examples of the page are answered by the demo city, with something in them.
func TestDocsExamplesAreAnswered(t *testing.T) {
	s := newCitySite(t)
	secret := s.token("3650990001", "deposit", "read", "map")
	application, applying := appliedInCity(t, s)
	attestation, portfolio := handedInInCity(t, s)
	named := strings.NewReplacer("ab12cd34ef56", application, "cd34ef56ab12", attestation, "ef56ab12cd34", portfolio)
	secrets := map[string]string{"/applications/": applying, "/attestations": s.token(duheng, "deposit"), "/prior-learning": s.token(yuntu, "apply")}
	calls := 0
	for _, section := range s.guides["en"].Sections {
		for _, o := range section.Operations {
			for _, call := range o.Calls {
				calls++
				headers := []string{}
				for _, header := range call.Headers {
					name, value, _ := strings.Cut(header, ": ")
					with := secret
					for prefix, other := range secrets {
						if strings.HasPrefix(call.Target, prefix) {
							with = other
						}
					}
					headers = append(headers, name, strings.Replace(value, sampleToken, with, 1))
				}
				w := s.send(request(o.Method, apiBase+named.Replace(call.Target), call.Body, headers...))
				if w.Code != http.StatusOK && w.Code != http.StatusCreated || strings.Contains(w.Body.String(), `"items":[]`) {
					t.Errorf("%s %s: %d %s", o.Method, call.Target, w.Code, w.Body)
				}
			}
		}
	}
	if calls < 20 {
		t.Errorf("only %d examples", calls)
	}
}

// appliedInCity makes the application that the examples name, and a token of the school that has it.
func appliedInCity(t *testing.T, s *site) (id, secret string) {
	t.Helper()
	learner := bank.Actor{Name: "u:x", Roles: bank.IsLearner, Learner: "L000001"}
	ranking, err := s.bank.RankLearner(t.Context(), learner, "L000001", bank.CheckInput{})
	if err != nil {
		t.Fatal(err)
	}
	to := ranking.Items[0].Programme
	a, err := s.bank.Apply(t.Context(), learner, bank.NewApplication{To: to, Declared: true})
	if err != nil {
		t.Fatal(err)
	}
	return a.ID, s.token(to.Institution, "apply")
}

// handedInInCity is a certificate that waits for its issuer, and a portfolio that waits for
// its school.
func handedInInCity(t *testing.T, s *site) (attestation, portfolio string) {
	t.Helper()
	learner := bank.Actor{Name: "u:x", Roles: bank.IsLearner, Learner: "L000001"}
	attestation, err := s.bank.HandIn(t.Context(), learner, bank.NewAttestation{Kind: "vocational_certificate", Institution: duheng, Course: "1X-WEB-1", Reference: "X-1",
		Level: "4", Hours: "32", CompletedOn: "2026-05-20", Endless: true, Declared: true})
	if err != nil {
		t.Fatal(err)
	}
	s.outcomes(t, yuntu, "YT0101", "表达")
	p, err := s.bank.SavePriorLearning(t.Context(), learner, bank.NewPriorLearning{To: programmeKey(yuntu, "510203"), Course: "YT0101", Outcomes: []bank.NewPriorOutcome{{Can: "会", How: "学过"}}})
	if err == nil {
		p, err = s.bank.SubmitPriorLearning(t.Context(), learner, p.ID, p.Stamp, true)
	}
	if err != nil {
		t.Fatal(err)
	}
	return attestation, p.ID
}

// The command of an example is read by a shell as it is meant.
func TestDocsCommandInAShell(t *testing.T) {
	call := guideCall{Target: "/check?q=a%20b&limit=5", Headers: []string{"Accept-Language: en"}, Body: `{"grade":"it's $5 \\ ` + "`x`" + `"}`}
	script := `curl() { for word; do printf '%s\n' "$word"; done; }; ` + call.Line("http://bank.example/api/v1")
	out, err := exec.Command("sh", "-c", script).Output()
	want := []string{"http://bank.example/api/v1/check?q=a%20b&limit=5", "-H", "Accept-Language: en", "-d", call.Body, ""}
	if got := strings.Split(string(out), "\n"); err != nil || !slices.Equal(got, want) {
		t.Errorf("the shell reads %q, %v, want %q", got, err, want)
	}
}

// Examples and fields stand as in the description, not by the alphabet.
func TestDocsKeepTheOrder(t *testing.T) {
	text, err := newSource([]byte(`{"b": {"x/y": [1, {"q": 2}], "a~": {"k": true}}, "a": "z"}`))
	if err != nil {
		t.Fatal(err)
	}
	if got := namesIn(text, "", map[string]int{"a": 1, "b": 1}); !slices.Equal(got, []string{"b", "a"}) {
		t.Errorf("order %q", got)
	}
	for pointer, want := range map[string]string{"/b/x~1y": `[1, {"q": 2}]`, "/b/a~0": `{"k": true}`, "/b/a~0/k": "true", "/a": `"z"`} {
		if got := string(text.raw(pointer)); got != want {
			t.Errorf("%s is %s, want %s", pointer, got, want)
		}
	}
	if _, err := newSource([]byte(`{"a": [1, }`)); err == nil {
		t.Error("broken JSON was read")
	}
}

// The page is read without scripts too, asks no other site, keeps nobody out
// and leads from a field to its schema.
func TestDocsPageInABrowser(t *testing.T) {
	server := browse(t)
	for _, view := range []struct {
		width, height int
		tag           string
		dark          bool
	}{{phone, 844, "zh-CN", false}, {phone, 844, "en", true}, {desktop, 900, "zh-CN", true}, {desktop, 900, "en", false}} {
		p := testbed.Browser(t)
		p.Size(view.width, view.height, view.width == phone)
		p.Lang(view.tag)
		p.Dark(view.dark)
		p.Open(server.URL + "/api/docs")
		for _, v := range p.Axe() {
			t.Errorf("axe at %d in %s: %s: %s %q", view.width, view.tag, v.Rule, v.Help, v.Where)
		}
		p.NoScript(true)
		p.Open(server.URL + "/api/docs")
		expect(t, p, "main pre", server.URL+apiBase)
		expect(t, p, "[aria-labelledby=do-check] pre.line", "curl '"+server.URL+"/api/v1/check'")
		p.Click("[aria-labelledby=do-check] details summary")
		expect(t, p, "[aria-labelledby=do-check] details[open] pre", `"transferable": "4"`)
		p.Click(`[aria-labelledby=do-listCourses] a[href="#schema-CourseList"]`)
		expect(t, p, "article:has(> :target)", "CourseList")
		untroubled(t, p, server)
	}
}
