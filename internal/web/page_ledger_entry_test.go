package web

import (
	"net/http"
	"regexp"
	"strings"
	"testing"
)

// A learner sees what an own entry says, takes its proof along, and somebody with none
// of our code checks it; others see that there is an entry and no more.
func TestProofOfAnOwnEntry(t *testing.T) {
	s, own, other := newOwnSite(t)
	link := regexp.MustCompile(`/ledger/entries/\d+`).FindString(own.get("/my/entries").Body.String())
	if link == "" {
		t.Fatal("no entry leads to its proof")
	}
	for _, language := range languageTags {
		for who, g := range map[string]*guest{"own": own, "other": other, "visitor": s.guest()} {
			w := g.ask(http.MethodGet, link, nil, "Accept-Language", language)
			if sees := strings.Contains(mainOf(w.Body.String()), ownAccount); w.Code != http.StatusOK || sees != (who == "own") || w.Header().Get("Cache-Control") != "no-store" {
				t.Errorf("%s, %s: %d, sees %v, %s", who, language, w.Code, sees, w.Header().Get("Cache-Control"))
			}
			checkPage(t, link, language, strings.ReplaceAll(w.Body.String(), "http://example.com/api/v1", ""))
		}
	}
	file := own.get(link + "/proof")
	keys := s.as("", http.MethodGet, "/ledger/keys", "").Body.String()
	if said := outside(t, keys, file.Body.String()); !strings.Contains(said, ownAccount) || !strings.HasPrefix(file.Header().Get("Content-Disposition"), `attachment; filename="proof-`) {
		t.Errorf("the verifier says %s of %v", said, file.Header())
	}
	if w := other.get(link + "/proof"); w.Code != http.StatusOK || strings.Contains(w.Body.String(), ownAccount) {
		t.Errorf("another takes along: %d %s", w.Code, w.Body)
	}
	for _, nonsense := range []string{"x", "-1", "00", "9223372036854775808", "999999"} {
		if w := own.get("/ledger/entries/" + nonsense); w.Code != http.StatusNotFound {
			t.Errorf("%q: %d", nonsense, w.Code)
		}
	}
}
