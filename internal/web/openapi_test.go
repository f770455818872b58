package web

import (
	"cmp"
	"net/http"
	"slices"
	"strings"
	"testing"
)

func mustDocument(t *testing.T) *apiDocument {
	t.Helper()
	d, err := loadAPIDocument()
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// The description and the route table name the same operations.
func TestDescriptionIsTheRouteTable(t *testing.T) {
	s := newSite(t)
	var routes, described []string
	for _, r := range s.echo.Routes() {
		if path := describedPath(r.Path); strings.HasPrefix(r.Path, apiBase+"/") && path != "/{path}" {
			routes = append(routes, r.Method+" "+path)
		}
	}
	for path, item := range s.api.spec.Paths.Map() {
		for method := range item.Operations() {
			described = append(described, method+" "+path)
		}
	}
	slices.Sort(routes)
	slices.Sort(described)
	if routes = slices.Compact(routes); !slices.Equal(routes, described) {
		t.Errorf("routes %q\ndescribed %q", routes, described)
	}
}

// Parameters that a handler reads are described, and those described are read.
func TestDescriptionNamesEveryParameter(t *testing.T) {
	s := newSite(t)
	s.sign()
	system := s.token(yunfan, "deposit", "apply")
	for path, item := range s.api.spec.Paths.Map() {
		if item.Get == nil || strings.Contains(path, "{") {
			continue
		}
		for _, p := range item.Get.Parameters {
			if p.Value.In != "query" {
				continue
			}
			state := map[string]string{"/attestations": "refused", "/prior-learning": "granted"}[path]
			kind := map[string]string{"/attestations": "contest"}[path]
			value := map[string]string{"state": state, "course": "M", "limit": "1", "cursor": "0", "kind": cmp.Or(kind, "bank"), "region": "500000", "outcome": "credit", "on": "2026-09-01", "past": "true", "from": "0", "to": "0&from=0"}[p.Value.Name]
			secret := ""
			if item.Get.Security != nil {
				secret = system
			}
			if w := s.as(secret, http.MethodGet, path+"?"+p.Value.Name+"="+value, ""); w.Code != 200 {
				t.Errorf("%s %s: %d %s", path, p.Value.Name, w.Code, w.Body)
			}
		}
	}
}

// The last line holds what our own checks do not know of.
func TestDescriptionIsTheLastLine(t *testing.T) {
	s := newSite(t)
	s.api.spec.Components.Schemas["CheckRecord"].Value.Properties["grade"].Value.Pattern = "^[0-9]+$"
	w := s.post(asking(`{"institution":"3650990001","course":"M","grade":"A"}`))
	if got := faults(t, w); w.Code != 422 || !slices.Equal(got, []string{"records.0.grade shape"}) {
		t.Errorf("got %d %q", w.Code, got)
	}
	s.api.spec.Paths.Delete("/courses")
	if w := s.send(request(http.MethodGet, "/api/v1/courses", "")); w.Code != 404 {
		t.Errorf("what is not described is answered with %d", w.Code)
	}
}
