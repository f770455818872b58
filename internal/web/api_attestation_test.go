package web

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"

	"creditbank/internal/bank"
)

// asking lets systems ask, and reads what they are answered.
type askingSystem[T any] struct{ s *site }

func (a askingSystem[T]) as(secret string, want int, method, path, body string, headers ...string) (out T, tag string) {
	a.s.t.Helper()
	w := a.s.as(secret, method, path, body, headers...)
	if w.Code != want {
		a.s.t.Fatalf("%s %s: %d %s, want %d", method, path, w.Code, w.Body, want)
	}
	if err := json.Unmarshal(w.Body.Bytes(), &out); err != nil {
		a.s.t.Fatal(err)
	}
	return out, w.Header().Get("ETag")
}

// A school's system hands a certificate in for its learner, that of the issuer verifies or
// refuses it, and what is verified is a result; others do not know of it. A repeated request
// does nothing twice.
func TestAttestationsOfSystems(t *testing.T) {
	s := newSite(t)
	fill(t, s.bank, "institutions", "code,name,kind\n"+duheng+",评价,assessment_body\n")
	fill(t, s.bank, "courses", "institution,code,name,credits\n"+duheng+",C1,证书,4\n")
	fill(t, s.bank, "learners", "account,name,institution\n"+ownLearner+",自己,"+yunfan+"\n")
	school, issuer := s.token(yunfan, "deposit"), s.token(duheng, "deposit")
	ask := askingSystem[attestationAnswer]{s}
	body := func(reference string) string {
		return `{"learner":"` + ownLearner + `","kind":"qualification","institution":"` + duheng + `","course":"C1","reference":"` + reference +
			`","level":"4","hours":"64","completed_on":"2026-05-20","valid_to":"2029-05-19","declared":true}`
	}
	ask.as(s.token(yunfan, "read"), 403, http.MethodPost, "/attestations", body("1"))
	ask.as(school, 422, http.MethodPost, "/attestations", strings.Replace(body("1"), "qualification", "diploma", 1))
	w := s.as(school, http.MethodPost, "/attestations", strings.Replace(body("1"), `"2029-05-19"`, `"2026-05-19"`, 1))
	if got := faults(t, w); w.Code != 422 || !slices.Equal(got, []string{"valid_to before_completion"}) {
		t.Errorf("%d %q", w.Code, got)
	}
	first, _ := ask.as(school, 201, http.MethodPost, "/attestations", body("1"), headerKey, "h1")
	again, tag := ask.as(school, 201, http.MethodPost, "/attestations", body("1"), headerKey, "h1")
	if first.ID != again.ID || first.State != bank.AttestationOpen || first.ValidTo != "2029-05-19" || !slices.Equal(first.May, []string{"withdraw"}) {
		t.Errorf("%+v, then %+v", first, again)
	}
	paper := func(content string) string {
		return strings.TrimSuffix(body("p"), "}") + `,"way":"evidence","files":[{"name":"证书.txt","content":"` + content + `"}]}`
	}
	if got := faults(t, s.as(school, http.MethodPost, "/attestations", paper("%%%"))); !slices.Equal(got, []string{"files[0].content base64"}) {
		t.Errorf("%q", got)
	}
	if got := faults(t, s.as(school, http.MethodPost, "/attestations", paper("AAEC"))); !slices.Equal(got, []string{"files[0] file_type"}) {
		t.Errorf("%q", got)
	}
	text := func(text string) string { return paper(base64.StdEncoding.EncodeToString([]byte(text))) }
	sent, _ := ask.as(school, 201, http.MethodPost, "/attestations", text("a paper"), headerKey, "p1")
	same, _ := ask.as(school, 201, http.MethodPost, "/attestations", text("a paper"), headerKey, "p1")
	files, err := s.bank.Attachments(t.Context(), "attestation", sent.ID)
	if err != nil || sent.ID != same.ID || sent.Way != bank.WayEvidence || len(files) != 1 || files[0].Name != "证书.txt" || files[0].Size != len("a paper") {
		t.Errorf("%+v, %+v, %v", sent, files, err)
	}
	ask.as(school, 409, http.MethodPost, "/attestations", text("another paper"), headerKey, "p1")
	if w := s.as(school, http.MethodPost, "/attestations", paper(strings.Repeat("A", apiUploadBody))); w.Code != 413 {
		t.Errorf("a body of more than 16 MiB: %d", w.Code)
	}
	if got := faults(t, s.as(school, http.MethodPost, "/attestations", paper(strings.Repeat("QUFB", bank.MaxAttachment/3+1)))); !slices.Equal(got, []string{"files[0] file_size"}) {
		t.Errorf("%q", got)
	}
	path := "/attestations/" + first.ID
	ask.as(s.token(yuntu, "deposit"), 404, http.MethodGet, path, "")
	const verify, refuse = `{"action":"verify"}`, `{"action":"refuse","reason":"IDENTITY_MISMATCH","text":"不是本人","remedy":"请核对"}`
	ask.as(school, 403, http.MethodPost, path+"/action", verify, headerMatch, tag)
	ask.as(issuer, 422, http.MethodPost, path+"/action", verify)
	ask.as(issuer, 409, http.MethodPost, path+"/action", verify, headerMatch, `"old"`)
	if seen, now := ask.as(issuer, 200, http.MethodGet, path, ""); now != tag || !slices.Equal(seen.May, []string{"verify", "refuse"}) {
		t.Errorf("%+v", seen)
	}
	done, _ := ask.as(issuer, 201, http.MethodPost, path+"/action", verify, headerMatch, "*", headerKey, "v1")
	ask.as(issuer, 201, http.MethodPost, path+"/action", verify, headerMatch, tag, headerKey, "v1")
	if done.State != bank.AttestationVerified || len(done.Records) != 1 || done.Records[0].Reference != "1" || len(done.May) != 0 {
		t.Errorf("%+v", done)
	}
	results, _ := askingSystem[listAnswer[resultAnswer]]{s}.as(s.token(yunfan, "read"), 200, http.MethodGet, "/learners/"+ownLearner+"/records", "")
	if len(results.Items) != 1 || results.Items[0].ValidTo != "2029-05-19" {
		t.Errorf("%+v", results)
	}
	second, _ := ask.as(school, 201, http.MethodPost, "/attestations", body("2"))
	refused, _ := ask.as(issuer, 201, http.MethodPost, "/attestations/"+second.ID+"/action", refuse, headerMatch, "*")
	if refused.State != bank.AttestationRefused || refused.Reason != "IDENTITY_MISMATCH" || refused.Remedy != "请核对" {
		t.Errorf("%+v", refused)
	}
	list := askingSystem[listAnswer[attestationAnswer]]{s}
	for query, want := range map[string]int{"": 1, "?state=all": 3, "?state=refused": 1, "?state=all&kind=contest": 0} {
		if page, _ := list.as(issuer, 200, http.MethodGet, "/attestations"+query, ""); page.Total != want || len(page.Items) != want {
			t.Errorf("%q lists %+v", query, page)
		}
	}
	if page, _ := list.as(s.token(yuntu, "deposit"), 200, http.MethodGet, "/attestations?state=all", ""); page.Total != 0 {
		t.Errorf("another school sees %+v", page)
	}
}

// The system of the school that is asked reads portfolios and what was decided, and no
// other does.
func TestPriorLearningOfSystems(t *testing.T) {
	w := newWorld(t)
	id := w.prior(ownLearner, yunfan)
	ask := askingSystem[priorAnswer]{w.site}
	p, _ := ask.as(w.token(yunfan, "apply"), 200, http.MethodGet, "/prior-learning/"+id, "")
	if p.Learner != ownLearner || p.State != bank.PriorAssigned || len(p.Outcomes) != 1 || p.Outcomes[0].Can != "会" || p.Due == "" {
		t.Errorf("%+v", p)
	}
	ask.as(w.token(yuntu, "apply"), 404, http.MethodGet, "/prior-learning/"+id, "")
	list := askingSystem[listAnswer[priorAnswer]]{w.site}
	for query, want := range map[string]int{"": 1, "?state=waiting": 1, "?state=granted": 0, "?course=none": 0} {
		if page, _ := list.as(w.token(yunfan, "apply"), 200, http.MethodGet, "/prior-learning"+query, ""); page.Total != want {
			t.Errorf("%q lists %+v", query, page)
		}
	}
	list.as(w.token(yunfan, "apply"), 422, http.MethodGet, "/prior-learning?state=draft", "")
	if page, _ := list.as(w.token(yuntu, "apply"), 200, http.MethodGet, "/prior-learning", ""); page.Total != 0 {
		t.Errorf("another school sees %+v", page)
	}
}
