package web

import (
	"bytes"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
)

// sends sends a form with evidence as a browser would.
func (g *guest) sends(path string, fields map[string]string, name string, content []byte) *httptest.ResponseRecorder {
	g.s.t.Helper()
	return g.sendsFile(path, fields, "files", name, content)
}

// sendsFile sends a form with a file in one of its fields.
func (g *guest) sendsFile(path string, fields map[string]string, in, name string, content []byte) *httptest.ResponseRecorder {
	g.s.t.Helper()
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	for field, value := range fields {
		_ = w.WriteField(field, value) // into memory
	}
	part, err := w.CreateFormFile(in, name)
	if err != nil {
		g.s.t.Fatal(err)
	}
	_, _ = part.Write(content)
	_ = w.Close()
	r := request(http.MethodPost, path, body.String(), "Sec-Fetch-Site", "same-origin")
	r.Header.Set("Content-Type", w.FormDataContentType())
	for cookie, value := range g.cookies {
		r.AddCookie(&http.Cookie{Name: cookie, Value: value})
	}
	return g.s.send(r)
}

// Evidence goes along with what is done, is there for who judges, and for nobody else;
// what is no evidence is refused, with what was typed kept.
func TestEvaluationEvidence(t *testing.T) {
	j := newJudges(newSite(t))
	wants(t, j.rosa.ask(http.MethodPost, "/evaluations/new", mergeForm(aRule(), "do", "save")), http.StatusSeeOther, "/evaluations/N1@1?done=saved")
	at := evaluationAddress("N1@1")
	fields := map[string]string{"action": "submit", "stamp": caseStamp.FindStringSubmatch(j.rosa.get(at).Body.String())[1], "text": "见附件"}
	w := j.rosa.sends(at, fields, "程序.exe", []byte("MZ\x90\x00"))
	if page := w.Body.String(); w.Code != http.StatusUnprocessableEntity || !strings.Contains(page, "见附件") || !strings.Contains(page, `href="#files-submit"`) {
		t.Errorf("a program: %d %s", w.Code, mainOf(page))
	}
	pdf := []byte("%PDF-1.4\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n")
	wants(t, j.rosa.sends(at, fields, "大纲.pdf", pdf), http.StatusSeeOther, at+"?done=submit")
	found := regexp.MustCompile(`href="(/attachments/[^"]+)"[^>]*>大纲.pdf`).FindStringSubmatch(j.yuri.get(at).Body.String())
	if found == nil {
		t.Fatal("who judges does not find the file")
	}
	if w := j.yuri.get(found[1]); w.Code != http.StatusOK || !bytes.Equal(w.Body.Bytes(), pdf) || !strings.HasPrefix(w.Header().Get("Content-Disposition"), "attachment") {
		t.Errorf("the file: %d %q", w.Code, w.Header())
	}
	if w := j.guest().get(found[1]); w.Code == http.StatusOK {
		t.Error("anybody reads the file")
	}
}
