package web

import (
	"encoding/json"
	"net/http"
	"net/url"
	"path/filepath"
	"slices"
	"testing"

	"creditbank/internal/bank"
	"creditbank/internal/testbed"
)

// The systems of two schools propose a rule and give their opinions; the bank decides,
// and the public check knows it at once.
func TestEvaluationsOfSystems(t *testing.T) {
	run := func(t *testing.T, dsn string) {
		s := siteOn(t, dsn, bank.Options{PersonalKey: testbed.PersonalKey(dsn)})
		for _, file := range smallMap {
			fill(t, s.bank, file.kind, file.text)
		}
		sending, receiving, stranger := s.token(yunfan, "map"), s.token(yuntu, "map"), s.token(yunfan, "read", "deposit")
		asked := func(secret string, want int, path, body string, headers ...string) (out evaluationAnswer, tag string) {
			t.Helper()
			method := http.MethodPost
			if body == "" {
				method = http.MethodGet
			}
			w := s.as(secret, method, "/equivalences"+path, body, headers...)
			if w.Code != want {
				t.Fatalf("%s: %d %s, want %d", path, w.Code, w.Body, want)
			}
			if err := json.Unmarshal(w.Body.Bytes(), &out); err != nil {
				t.Fatal(err)
			}
			return out, w.Header().Get("ETag")
		}
		const body = `{"rows":[{"source_institution":"` + yunfan + `","source_course":"M","target_institution":"` + yuntu + `","target_course":"T2","valid_from":"2026-01-01","priority":"1"}],"why":"大纲一致"}`
		asked(stranger, 403, "", body)
		made, tag := asked(sending, 201, "", body, headerKey, "k1")
		again, _ := asked(sending, 201, "", body, headerKey, "k1")
		if made.State != "draft" || again.ID != made.ID || tag != `"`+made.Stamp+`"` {
			t.Errorf("%+v, then %+v", made, again)
		}
		path := "/" + url.PathEscape(made.ID)
		asked(receiving, 404, path+"/evaluation", "")
		if _, now := asked(sending, 409, path+"/submit", `{}`, headerMatch, `"old"`); now != tag {
			t.Errorf("a stale write is told %q, not %q", now, tag)
		}
		got, tag := asked(sending, 200, path+"/submit", `{}`, headerMatch, tag, headerKey, "k2")
		asked(sending, 200, path+"/submit", `{}`, headerMatch, `"`+made.Stamp+`"`, headerKey, "k2")
		if got.State != "submitted" || len(got.Opinions) != 2 {
			t.Errorf("submitted it is %+v", got)
		}
		w := s.as(receiving, http.MethodPost, "/equivalences"+path+"/opinion", `{"opinion":"oppose"}`, headerMatch, tag)
		if got := faults(t, w); w.Code != 422 || !slices.Equal(got, []string{"text required", "reasons required"}) {
			t.Errorf("%d %q", w.Code, got)
		}
		_, tag = asked(receiving, 200, path+"/opinion", `{"opinion":"support"}`, headerMatch, tag)
		asked(receiving, 403, path+"/decision", `{"decision":"approve"}`, headerMatch, tag)
		got, tag = asked(sending, 200, path+"/opinion", `{"opinion":"abstain","text":"本校课程"}`, headerMatch, tag)
		if got.State != "ready" {
			t.Errorf("with both opinions it is %s", got.State)
		}
		asked(receiving, 200, path+"/decision", `{"decision":"ask_more","text":"新大纲"}`, headerMatch, tag)
		now, tag := asked(sending, 200, path+"/evaluation", "")
		if now.State != "returned" || !slices.Contains(now.May, "answer") {
			t.Errorf("sent back it is %+v", now)
		}
		if got, _ = asked(sending, 200, path+"/submit", `{"text":"已附"}`, headerMatch, tag); got.State != "ready" {
			t.Errorf("answered it is %s", got.State)
		}
		if w := s.as(sending, http.MethodPost, "/equivalences", `{"rows":[{"source_institution":"`+yunfan+`","source_course":"none","target_institution":"`+yuntu+`"}]}`); w.Code != 422 ||
			!slices.Contains(faults(t, w), "rows[0].source_course unknown_course") {
			t.Errorf("%d %s", w.Code, w.Body)
		}
	}
	t.Run("sqlite", func(t *testing.T) { run(t, "sqlite:"+filepath.Join(t.TempDir(), "bank.db")) })
	t.Run("postgres", func(t *testing.T) { run(t, testbed.Postgres(t)) })
}
