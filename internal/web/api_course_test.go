package web

import (
	"encoding/json"
	"net/http"
	"path/filepath"
	"slices"
	"testing"

	"creditbank/internal/bank"
	"creditbank/internal/testbed"
)

// A school's system registers a course, reads its state, and changes it on that state only.
func TestCoursesOfASystem(t *testing.T) {
	run := func(t *testing.T, dsn string) {
		s := siteOn(t, dsn, bank.Options{PersonalKey: testbed.PersonalKey(dsn)})
		for _, file := range smallMap {
			fill(t, s.bank, file.kind, file.text)
		}
		secret := s.token(yunfan, "map")
		saved := func(want int, body string, headers ...string) (out courseSaved, tag string) {
			t.Helper()
			w := s.as(secret, http.MethodPost, "/courses", body, headers...)
			if w.Code != want {
				t.Fatalf("%d %s, want %d", w.Code, w.Body, want)
			}
			if err := json.Unmarshal(w.Body.Bytes(), &out); err != nil {
				t.Fatal(err)
			}
			return out, w.Header().Get("ETag")
		}
		const body = `{"code":"NEW","name":"制图","credits":"2.5","level":"4","outcomes":[{"competence":"识图","level":"3","text":"能读"}]}`
		first, tag := saved(201, body, headerKey, "k1")
		again, _ := saved(201, body, headerKey, "k1")
		if first.Made != "new" || tag != `"0"` || again.Made != "new" {
			t.Errorf("%+v %s, then %+v", first, tag, again)
		}
		saved(409, `{"code":"NEW","name":"制图","credits":"3"}`, headerKey, "k1")
		if _, tag := saved(409, `{"code":"NEW","name":"制图","credits":"3"}`); tag != `"0"` {
			t.Errorf("a refusal tells %q", tag)
		}
		edit, tag := saved(200, `{"code":"NEW","name":"制图","credits":"3"}`, headerMatch, tag)
		if edit.Made != "edit" || tag != `"1"` {
			t.Errorf("%+v %s", edit, tag)
		}
		if _, now := saved(409, `{"code":"NEW","name":"制图","credits":"4"}`, headerMatch, `"0"`); now != `"1"` {
			t.Errorf("a stale write is told %q", now)
		}
		var detail courseDetail
		if w := s.get("/courses/"+yunfan+":NEW", &detail); w.Header().Get("ETag") != `"1"` || len(detail.Versions) != 1 || detail.Versions[0].Credits.String() != "3" {
			t.Errorf("%s %+v", w.Header().Get("ETag"), detail)
		}
		if touched, _ := saved(200, `{"code":"M","name":"程序设计","credits":"5","valid_from":"2027-02-01"}`, headerMatch, "*"); !touched.Flagged || touched.Made != "version" || len(touched.Rules) != 2 || !touched.Rules[0].Source || touched.Learners != 1 {
			t.Errorf("%+v", touched)
		}
		w := s.as(secret, http.MethodPost, "/courses", `{"code":"NEW2","name":"制图","credits":"4,5","outcomes":[{"competence":"x","level":"11"}]}`)
		if got := faults(t, w); w.Code != 422 || !slices.Equal(got, []string{"credits amount", "outcomes[0].level number"}) {
			t.Errorf("%d %q", w.Code, got)
		}
		saved(404, `{"institution":"`+yuntu+`","code":"NEW","name":"x","credits":"1"}`)
		saved(422, `{"code":"NEW3","name":"x","credits":"1","color":"red"}`)
		secret = s.token(yunfan, "read", "deposit")
		saved(403, body)
	}
	t.Run("sqlite", func(t *testing.T) { run(t, "sqlite:"+filepath.Join(t.TempDir(), "bank.db")) })
	t.Run("postgres", func(t *testing.T) { run(t, testbed.Postgres(t)) })
}
