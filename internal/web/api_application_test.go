package web

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"creditbank/internal/bank"
	"creditbank/internal/testbed"
)

// A sending school's system applies for its learner, the receiving school's decides,
// and the first one appeals; a repeated request does nothing twice.
func TestApplicationsOfSystems(t *testing.T) {
	run := func(t *testing.T, dsn string) {
		s := siteOn(t, dsn, bank.Options{PersonalKey: testbed.PersonalKey(dsn)})
		w := &world{site: s, t: t, asked: map[string]string{}}
		for _, file := range smallMap {
			fill(t, s.bank, file.kind, file.text)
		}
		fill(t, s.bank, "institutions", "code,name,kind\n"+theCentre+",中心,bank\n")
		fill(t, s.bank, "learners", "account,name,institution\n"+ownLearner+",自己,"+yunfan+"\n")
		a := w.application(ownLearner, yuntu)
		before, err := s.bank.Application(t.Context(), w.learnerActor(ownLearner), a)
		if err != nil {
			t.Fatal(err)
		}
		if err := s.bank.WithdrawApplication(t.Context(), w.learnerActor(ownLearner), a, before.Stamp); err != nil {
			t.Fatal(err)
		}
		sends, takes := s.token(yunfan, "apply"), s.token(yuntu, "apply")
		asked := func(secret string, want int, method, path, body string, headers ...string) (out applicationAnswer, tag string) {
			t.Helper()
			w := s.as(secret, method, path, body, headers...)
			if w.Code != want {
				t.Fatalf("%s %s: %d %s, want %d", method, path, w.Code, w.Body, want)
			}
			if err := json.Unmarshal(w.Body.Bytes(), &out); err != nil {
				t.Fatal(err)
			}
			return out, w.Header().Get("ETag")
		}
		body := `{"learner":"` + ownLearner + `","to":{"institution":"` + yuntu + `","programme":"` + before.To.Code + `"},"declared":true,"files":[{"name":"outline.txt","content":"` + base64.StdEncoding.EncodeToString([]byte("what was taught")) + `"}]}`
		asked(sends, 422, http.MethodPost, "/applications", strings.Replace(body, "true", "false", 1))
		asked(takes, 404, http.MethodPost, "/applications", body)
		first, _ := asked(sends, 201, http.MethodPost, "/applications", body, headerKey, "a1")
		again, tag := asked(sends, 201, http.MethodPost, "/applications", body, headerKey, "a1")
		if first.ID != again.ID || first.State != bank.ApplicationSubmitted || len(first.Items) != 1 || tag == "" {
			t.Errorf("%+v, then %+v", first, again)
		}
		if seen, now := asked(takes, 200, http.MethodGet, "/applications/"+first.ID, ""); now != tag || !slices.Contains(seen.May, "decide") {
			t.Errorf("%+v", seen)
		}
		asked(s.token(yunfan, "read"), 403, http.MethodGet, "/applications/"+first.ID, "")
		asked(s.token(theCentre, "apply"), 404, http.MethodGet, "/applications/"+first.ID, "")
		const refusal = `{"items":[{"item":0,"outcome":"refused","reasons":["CONTENT"],"text":"内容不同","remedy":"补修"}]}`
		asked(takes, 422, http.MethodPost, "/applications/"+first.ID+"/decision", refusal)
		asked(takes, 409, http.MethodPost, "/applications/"+first.ID+"/decision", refusal, headerMatch, `"old"`)
		asked(sends, 403, http.MethodPost, "/applications/"+first.ID+"/decision", refusal, headerMatch, tag)
		bad := s.as(takes, http.MethodPost, "/applications/"+first.ID+"/decision", `{"items":[{"item":0,"outcome":"alternative","text":"x","targets":[{"course":"none","credits":"1"}]}]}`, headerMatch, tag)
		if got := faults(t, bad); bad.Code != 422 || !slices.Equal(got, []string{"items[0].targets[0].course unknown_course"}) {
			t.Errorf("%d %q", bad.Code, got)
		}
		done, now := asked(takes, 201, http.MethodPost, "/applications/"+first.ID+"/decision", refusal, headerMatch, tag, headerKey, "d1")
		if done.State != bank.ApplicationDecided || done.Items[0].State != bank.ItemRefused || done.Items[0].Remedy != "补修" || len(done.Decisions) != 1 {
			t.Errorf("%+v", done)
		}
		asked(takes, 201, http.MethodPost, "/applications/"+first.ID+"/decision", refusal, headerMatch, tag, headerKey, "d1")
		looked, _ := asked(sends, 201, http.MethodPost, "/applications/"+first.ID+"/appeal", `{"items":[0],"text":"内容相同","files":[{"name":"hours.txt","content":"aG91cnM="}]}`, headerMatch, now)
		if files, err := s.bank.Attachments(t.Context(), "application", first.ID); err != nil || len(files) != 2 {
			t.Errorf("%+v, %v", files, err)
		}
		if looked.State != bank.ApplicationAppealed || looked.Appeals[0].Level != 1 || looked.Appeals[0].Text != "内容相同" {
			t.Errorf("%+v", looked)
		}
	}
	t.Run("sqlite", func(t *testing.T) { run(t, "sqlite:"+filepath.Join(t.TempDir(), "bank.db")) })
	t.Run("postgres", func(t *testing.T) { run(t, testbed.Postgres(t)) })
}
