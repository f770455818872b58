package web

import (
	"bytes"
	"fmt"
	"html"
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"creditbank/internal/bank"
	"creditbank/internal/sheet"
)

// listKeys are the sentences of lists that are taken along: their names and columns.
func listKeys() []string {
	keys := []string{"listed.yes", "listed.no", "listed.valid", "download.list_audit"}
	for name, columns := range listColumns() {
		keys = append(keys, "download.list_"+name)
		for column := range strings.FieldsSeq(columns) {
			keys = append(keys, "listed."+column)
		}
	}
	for name := range listKinds() {
		keys = append(keys, "download.list_"+name)
	}
	return keys
}

// showsAList finds the lists of pages.
var showsAList = regexp.MustCompile(`class="pager"|<table|<ul class="card (?:people|lines|letters|own-list)|class="results-list"|class="ranked"|class="pacts"`)

// notTaken are pages on which lists stand that belong to something else, with why.
var notTaken = map[string]string{
	"/plan": "it is one plan, printed as a page", "/my/plan": "it is one plan", "/equivalences/:id": "it is one rule with its past", "/agreements/:agreement": "its text is taken along whole",
	"/school/agreements/:agreement": "its text is taken along whole", "/api/docs": "the description is a file of its own", "/ledger/entries/:number": "its proof is taken along whole", "/ledger": "it explains; the log is taken along by tiles",
	"/school": "it leads to the lists", "/admin": "it leads to the lists", "/evaluations/:evaluation": "it is one case", "/school/courses/:course": "it is a form", "/admin/units/:unit": "it is a form",
	"/school/programmes/:programme": "it is a form", "/school/courses/paste": "it is a form", "/admin/units/paste": "it is a form", "/my/apply": "it is a form",
	"/evaluations/new": "it is a form", "/evaluations/:evaluation/edit": "it is a form", "/imports/:import": "its refused rows are taken along",
	"/school/applications/:application": "it is one case", "/admin/applications/:application": "it is one case", "/my/applications/:application": "it is one case",
	"/school/applications/:application/plan": "it is one plan", "/admin/applications/:application/plan": "it is one plan", "/my/applications/:application/plan": "it is one plan",
	"/school/applications/:application/decisions/:decision": "it is a document", "/admin/applications/:application/decisions/:decision": "it is a document",
	"/my/results/new": "it is a form", "/my/results/:attestation": "it is one case", "/attestations/:attestation": "it is one case",
	"/my/applications/:application/decisions/:decision": "it is a document", "/shared/:secret": "a learner shows it, and gives no file of it", "/account": "it is a form",
	"/my/prior/:prior": "it is one case", "/school/prior/:prior": "it is one case",
	"/regional": "its files are taken along with a purpose, and its codes are settings",
}

// downloadLinks are the addresses of files on a page.
var downloadLinks = regexp.MustCompile(`<a class="button quiet" href="([^"]+[?&](?:amp;)?format=(?:csv|xlsx)[^"]*)" download>`)

// Whoever sees a list can take it along, as CSV and as a workbook that hold the same,
// and what a kind of file brings in has its columns.
func TestEveryListCanBeTakenAlong(t *testing.T) {
	w := newWorld(t)
	fill(t, w.bank, "holidays", "day,kind,name\n2026-10-01,off,国庆节\n")
	for _, name := range []string{"correction", "proposal", "finding", "agreement", "message", "import", "request", "evaluation", "application", "unit", "token"} {
		w.asking = w.people[2]
		things[name].own(w)
	}
	w.invitation(yunfan)
	w.share(ownLearner)
	offered, taken := map[string]bool{}, map[string]bool{}
	for _, r := range w.table() {
		if r.method != get || strings.HasPrefix(r.path, apiBase) {
			continue
		}
		for _, p := range w.people {
			if p.token != "" || r.may != open && r.may != signedIn && p.role&r.may.roles == 0 {
				continue
			}
			w.asking = p
			target, known := w.listTarget(r)
			if !known {
				continue
			}
			w.isIn(p)
			answer := p.in.get(target)
			body := insideMain(answer.Body.String())
			if answer.Code != 200 || !showsAList.MatchString(body) || notTaken[r.path] != "" {
				continue
			}
			if !strings.Contains(body, `class="downloads"`) {
				t.Errorf("%s shows a list to %s that cannot be taken along", r.path, p.name)
				continue
			}
			offered[r.path] = true
			for _, m := range downloadLinks.FindAllStringSubmatch(body, -1) {
				if link := html.UnescapeString(m[1]); !taken[p.name+link] {
					taken[p.name+link] = true
					w.takesAlong(p, link)
				}
			}
		}
	}
	for path := range notTaken {
		if !slices.ContainsFunc(w.table(), func(r route) bool { return r.path == path }) {
			t.Errorf("%s is served no more", path)
		}
	}
	if len(offered) < 40 {
		t.Errorf("only %d pages offer lists: %v", len(offered), slices.Sorted(maps.Keys(offered)))
	}
}

// insideMain is what a page holds of its own, as it is sent.
func insideMain(page string) string {
	_, rest, _ := strings.Cut(page, "<main")
	body, _, _ := strings.Cut(rest, "</main>")
	return body
}

// listTarget is an address of a route on which something is to be seen.
func (w *world) listTarget(r route) (string, bool) {
	switch r.path {
	case "/":
		return "/?r=" + yunfan + ":M:90", true
	case "/institutions/:id":
		return "/institutions/" + yunfan, true
	case "/courses/:id":
		return "/courses/" + yunfan + ":M", true
	case "/programmes/:id":
		return "/programmes/" + yuntu + ":510203", true
	case "/pairs/:from/:to":
		return pairAddress(yunfan, yuntu), true
	case "/school/learners/:account", "/admin/learners/:account":
		return strings.Replace(r.path, ":account", ownLearner, 1), true
	case "/my/compare":
		return "/my/compare?to=" + yuntu + ":510203", true
	}
	if parameter := parameterOf(r.path); parameter != "" && things[parameter].own == nil {
		return "", false
	}
	return w.target(r.path, parameterOf(r.path), map[bool]string{true: "", false: "own"}[parameterOf(r.path) == ""])
}

// takesAlong asks for a file and for the same list in the other format.
func (w *world) takesAlong(p someone, link string) {
	w.t.Helper()
	answer := p.in.get(link)
	if answer.Code != 200 || !strings.HasPrefix(answer.Header().Get("Content-Disposition"), "attachment") {
		w.t.Errorf("%s as %s: %d %s", link, p.name, answer.Code, answer.Header())
		return
	}
	rows := tableOf(w.t, answer.Body.Bytes())
	if len(rows) < 2 {
		w.t.Errorf("%s as %s: there is nothing in it", link, p.name)
	}
	values, err := url.ParseQuery(link[strings.Index(link, "?")+1:])
	if kind := listKinds()[values.Get("list")]; err == nil && kind != "" && len(rows) > 0 && !bank.IsHeader(kind, rows[0]) {
		w.t.Errorf("%s: %v are no columns of %s", link, rows[0], kind)
	}
	if slices.ContainsFunc(rows, func(row []string) bool {
		return slices.ContainsFunc(row, func(cell string) bool { return strings.HasPrefix(cell, "listed.") })
	}) {
		w.t.Errorf("%s: a word is missing in %v", link, rows)
	}
}

// tableOf reads a file, its header first.
func tableOf(t *testing.T, file []byte) (rows [][]string) {
	t.Helper()
	r, err := sheet.NewReader(bytes.NewReader(file))
	if err != nil {
		t.Errorf("%v in %.200q", err, file)
		return nil
	}
	defer func() { _ = r.Close() }()
	rows = append(rows, r.Header())
	for row, err := range r.All() {
		if err != nil {
			t.Error(err)
		}
		rows = append(rows, row.Cells)
	}
	return rows
}

// What a file holds is what the pages show, with their filter, in their order, from the
// first page to the last.
func TestListsAreTakenAlongAsShown(t *testing.T) {
	s := newSite(t)
	var courses, rules, records, learners strings.Builder
	for i := range 45 {
		fmt.Fprintf(&courses, "%s,Z%02d,样课%02d,%d,=1+%d\n", yunfan, i, i, 1+i%7, i)
		fmt.Fprintf(&rules, "ZR%02d,%s,Z%02d,%s,T1\n", i, yunfan, i, yuntu)
		fmt.Fprintf(&records, "L1,Z-%02d,%s,Z%02d,%d,2025-%02d-15\n", i, yunfan, i, 60+i%40, 1+i%12)
		fmt.Fprintf(&learners, "Z%02d,同名,%s\n", i, yunfan)
	}
	fill(t, s.bank, "courses", "institution,code,name,credits,outline\n"+courses.String())
	fill(t, s.bank, "equivalences", "equivalence,source_institution,source_course,target_institution,target_course\n"+rules.String())
	fill(t, s.bank, "records", "learner,reference,institution,course,grade,completed_on\n"+records.String())
	fill(t, s.bank, "learners", "account,name,institution\n"+learners.String())
	rosa, own := s.staff("rosa", registrar), s.signedInLearner("L1", "own.learner")
	for _, list := range []struct {
		in           *guest
		page, name   string
		key          string // how a row of the page says what its row is
		column, want int
	}{
		{rosa, "/school/courses?q=样课&state=current&sort=-credits", "courses", `<td class="code"[^>]*>([^<]+)</td>`, 1, 45},
		{rosa, "/school/courses?sort=name", "courses", `<td class="code"[^>]*>([^<]+)</td>`, 1, 45},
		{s.guest(), "/map?from=" + yunfan + "&to=" + yuntu, "equivalences", `\?version=\d+">([^<]+)</a>`, 0, 45},
		{s.guest(), "/institutions/" + yunfan + "?q=样课", "courses", `<li><a href="/courses/[^"]*">[^<]*</a> <span class="code">([^<]+)<`, 1, 45},
		{own, "/my", "records", `<h3><a[^>]*>样课(\d+)</a>`, 4, 45},
		{own, "/my/entries", "my_entries", `/ledger/entries/(\d+)"`, 0, 45},
		{rosa, "/school/learners", "class", `href="/school/learners/([A-Z0-9]+)"`, 0, 45},
	} {
		shown := s.follow(list.in, list.page, regexp.MustCompile(list.key))
		if len(shown) < list.want {
			t.Errorf("%s shows %d rows: %v", list.page, len(shown), shown)
		}
		for _, format := range []string{"csv", "xlsx"} {
			target, values, _ := strings.Cut(list.page, "?")
			rows := tableOf(t, list.in.get(target+"?"+values+"&list="+list.name+"&format="+format+"&after=20").Body.Bytes())
			var taken []string
			for _, row := range rows[min(1, len(rows)):] {
				key := row[list.column]
				if list.page == "/my" {
					key = strings.TrimPrefix(key, "Z")
				}
				if len(taken) == 0 || taken[len(taken)-1] != key { // versions of a course, parts of a rule
					taken = append(taken, key)
				}
			}
			if list.page == "/my" { // one of the small map has another name
				taken = slices.DeleteFunc(taken, func(key string) bool { return key == "M" })
			}
			if !slices.Equal(taken, shown) {
				t.Errorf("%s as %s:\n%v\nand its pages show\n%v", list.page, format, taken, shown)
			}
		}
	}
	if w := rosa.get("/school/courses?format=csv"); !strings.Contains(w.Body.String(), "'=1+3") {
		t.Error("a formula runs")
	}
	for _, wrong := range []struct {
		path string
		code int
	}{{"/school/courses?format=pdf", 400}, {"/school/courses?format=csv&list=nothing", 404}, {"/map?format=csv&from=nowhere", 422}} {
		if w := rosa.get(wrong.path); w.Code != wrong.code || w.Header().Get("Content-Disposition") != "" {
			t.Errorf("%s: %d %v", wrong.path, w.Code, w.Header())
		}
	}
}

var nextPage = regexp.MustCompile(`href="([^"]+)" rel="next"`)

// follow reads what the rows of a list are, page by page.
func (s *site) follow(in *guest, page string, key *regexp.Regexp) (shown []string) {
	s.t.Helper()
	for page != "" {
		answer := in.get(page)
		body := insideMain(answer.Body.String())
		for _, m := range key.FindAllStringSubmatch(body, -1) {
			if key := html.UnescapeString(m[1]); len(shown) == 0 || shown[len(shown)-1] != key {
				shown = append(shown, key)
			}
		}
		next := nextPage.FindStringSubmatch(body)
		cursor := regexp.MustCompile(`name="after" value="([^"]+)"`).FindStringSubmatch(body)
		switch {
		case next != nil:
			page = html.UnescapeString(next[1])
		case cursor != nil:
			page = "/school/learners?after=" + url.QueryEscape(html.UnescapeString(cursor[1]))
		default:
			page = ""
		}
	}
	return shown
}

// A list that was searched for by a form is taken along by the form, and what was
// searched for stands in no address.
func TestSearchedListIsTakenAlong(t *testing.T) {
	s := newSite(t)
	fill(t, s.bank, "learners", "account,name,institution\nLZ1,王样本,"+yunfan+"\nLZ2,李样本,"+yunfan+"\n")
	rosa := s.staff("rosa", registrar)
	body := insideMain(rosa.post("/school/learners", "name", "王样本").Body.String())
	if !strings.Contains(body, `<input type="hidden" name="name" value="王样本"><button class="button quiet" name="format" value="csv">`) || downloadLinks.MatchString(body) {
		t.Errorf("the page is %s", body)
	}
	rows := tableOf(t, rosa.post("/school/learners", "name", "王样本", "format", "xlsx").Body.Bytes())
	if len(rows) != 2 || rows[1][0] != "LZ1" {
		t.Errorf("the file is %v", rows)
	}
}
