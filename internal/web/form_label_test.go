package web

import (
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var (
	summary   = regexp.MustCompile(`(?s)id="faults".*?</ul>`)
	faultLine = regexp.MustCompile(`(?s)<li>(.*?)</li>`)
	anyTag    = regexp.MustCompile(`<[^>]*>`)
)

// unopened are forms that stand on their page only for somebody or something that was chosen.
var unopened = map[string]bool{"/school/deposit": true, "/school/correct": true, "/admin/policies": true, "/evaluations/suggestions": true}

// Whatever form of a desk is sent empty or with nonsense: the list on top leads to fields
// that are there, and says of each that is missing how it is called.
func TestSummariesNameTheirFields(t *testing.T) {
	w := newWorld(t)
	seen := 0
	for _, r := range w.table() {
		if r.method != post || unopened[r.path] || !slices.ContainsFunc([]string{"/school", "/admin", "/evaluations", "/agreements", "/imports"}, func(begin string) bool { return strings.HasPrefix(r.path, begin) }) {
			continue
		}
		may := slices.IndexFunc(w.people, func(p someone) bool { return p.role&r.may.roles != 0 && p.token == "" })
		if may < 0 {
			continue
		}
		for _, typed := range []string{"", "???"} {
			seen += w.sendsNonsense(r, w.people[may], typed)
		}
	}
	if seen < 30 {
		t.Errorf("only %d answers have a list of faults", seen)
	}
}

// sendsNonsense fills a form with one text, and counts the lists of faults that come back.
func (w *world) sendsNonsense(r route, p someone, typed string) int {
	w.t.Helper()
	w.asking = p
	whose := ""
	if parameterOf(r.path) != "" {
		whose = "own"
	}
	target, known := w.target(r.path, parameterOf(r.path), whose)
	if !known {
		return 0
	}
	target, _, _ = strings.Cut(target, "#")
	w.isIn(p)
	form := w.formOf(r.path, p)
	for name := range form {
		if !slices.Contains([]string{"stamp", "action", "do", "kind", "version", "state", "save", "preview", "file", "source", "target"}, name) {
			form[name] = []string{typed}
		}
	}
	answer := p.in.ask(r.method, target, form)
	if answer.Code != http.StatusUnprocessableEntity && answer.Code != http.StatusConflict {
		return 0
	}
	return w.summed(target+" as "+p.name+" with "+form.Encode(), answer.Body.String())
}

func (w *world) summed(where, body string) int {
	list := summary.FindString(body)
	for _, line := range faultLine.FindAllStringSubmatch(list, -1) {
		text := anyTag.ReplaceAllString(line[1], "")
		if strings.HasPrefix(text, "此项必填") {
			w.t.Errorf("%s: a fault does not say of what: %s", where, line[1])
		}
	}
	return min(len(list), 1)
}
