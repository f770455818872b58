package web

import (
	"crypto/sha256"
	"encoding/hex"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"creditbank/internal/bank"
)

var stampField = regexp.MustCompile(`name="(stamp|hash)" value="([^"]+)"`)

// field is the value of a hidden field of the page.
func hidden(page, name string) string {
	for _, m := range stampField.FindAllStringSubmatch(page, -1) {
		if m[1] == name {
			return m[2]
		}
	}
	return ""
}

// Two schools make an agreement: a registrar writes it, what is wrong is said, the
// deciders of both sign, and everybody reads it, with the hash of the text.
func TestAgreementOnPages(t *testing.T) {
	s := newSite(t)
	rosa := s.staff("rosa", registrar)
	dora, otto := s.staff("dora", decider), s.staff("otto", bank.RoleGrant{Role: bank.IsDecider, Institution: yuntu})
	if page := rosa.get("/agreements").Body.String(); !strings.Contains(page, "还没有互认协议") {
		t.Error("an empty list does not say so")
	}
	wrong := rosa.post("/school/agreements", "name", "", "parties", "谁也不是", "from", "2026-09-01", "to", "2026-08-01", "text", "第一条")
	for _, want := range []string{"谁也不是", "第一条", "结束日期早于开始日期", `href="#name"`} {
		if wrong.Code != 422 || !strings.Contains(wrong.Body.String(), want) {
			t.Errorf("a wrong draft (%d) lacks %q", wrong.Code, want)
		}
	}
	made := rosa.post("/school/agreements", "name", "云帆云图互认协议", "parties", "云图学院", "from", "2026-09-01", "to", "2029-08-31", "text", "第一条\n第二条")
	address := strings.TrimSuffix(made.Header().Get("Location"), "?done=saved")
	if made.Code != 303 || !strings.HasPrefix(address, "/school/agreements/") {
		t.Fatalf("%d %s", made.Code, made.Header().Get("Location"))
	}
	page := rosa.get(address).Body.String()
	if !strings.Contains(page, `value="E1@1"`) || strings.Contains(page, `value="E4@1"`) {
		t.Error("the rules to choose from are others")
	}
	saved := rosa.ask("POST", address, url.Values{"act": {"edit"}, "stamp": {hidden(page, "stamp")}, "name": {"云帆云图互认协议"}, "parties": {yunfan + "\n" + yuntu},
		"from": {"2026-09-01"}, "to": {"2029-08-31"}, "text": {"第一条\n第二条"}, "rules": {"E1@1", "E2@1"}})
	if saved.Code != 303 {
		t.Fatalf("saved: %d %s", saved.Code, saved.Body)
	}
	if stale := rosa.post(address, "act", "offer", "stamp", hidden(page, "stamp")); stale.Code != 409 || !strings.Contains(stale.Body.String(), "刚被改动过") {
		t.Errorf("a stale draft is offered: %d", stale.Code)
	}
	if got := rosa.post(address, "act", "offer", "stamp", hidden(rosa.get(address).Body.String(), "stamp")); got.Code != 303 {
		t.Fatalf("offered: %d %s", got.Code, got.Body)
	}
	if got := otto.get("/messages").Body.String(); !strings.Contains(got, "有互认协议待签署，由云帆学校提交") {
		t.Error("the other school was not told")
	}
	public := strings.TrimPrefix(address, "/school")
	for i, signer := range []*guest{otto, dora} {
		if got := s.guest().get(public); got.Code != 404 {
			t.Errorf("before all have signed everybody sees it: %d", got.Code)
		}
		page := signer.get(address).Body.String()
		if got := signer.post(address, "act", "sign", "hash", hidden(page, "hash")); got.Code != 422 {
			t.Errorf("signed without reading: %d", got.Code)
		}
		if got := signer.post(address, "act", "sign", "hash", hidden(page, "hash"), "read", "1"); got.Code != 303 {
			t.Fatalf("signer %d: %d %s", i, got.Code, got.Body)
		}
	}
	page = s.guest().get(public).Body.String()
	sum := sha256.Sum256(s.guest().get(public + "/content").Body.Bytes())
	for _, want := range []string{"云帆云图互认协议", "第二条", hex.EncodeToString(sum[:]), "程序设计", "电路实验", "2026年9月1日至2029年8月31日", "生效"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	if got := s.guest().get("/agreements").Body.String(); !strings.Contains(got, "云帆云图互认协议") {
		t.Error("the list lacks it")
	}
	if got := otto.post(address, "act", "amend", "stamp", hidden(otto.get(address).Body.String(), "stamp")); got.Code != 303 || !strings.Contains(got.Header().Get("Location"), "@2") && !strings.Contains(got.Header().Get("Location"), "%402") {
		t.Errorf("amended: %d %s", got.Code, got.Header().Get("Location"))
	}
}

// The figures stand on a page of the bank, and for everybody if it chooses.
func TestDeadlinePages(t *testing.T) {
	s := newSite(t)
	anna := s.staff("anna", administrator)
	if got := s.guest().get("/deadlines"); got.Code != 404 {
		t.Errorf("not public: %d", got.Code)
	}
	if page := anna.get("/admin/deadlines").Body.String(); !strings.Contains(page, "没有超期事项") || !strings.Contains(page, "还没有需要办结的事项") {
		t.Error("an empty page does not say so")
	}
	anna.post("/admin/deadlines", "public", "1")
	if got := s.guest().get("/deadlines"); got.Code != 200 || !strings.Contains(got.Body.String(), "谁按时答复") {
		t.Errorf("public: %d", got.Code)
	}
}
