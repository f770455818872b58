package web

import (
	"net/url"
	"strings"
	"testing"

	"creditbank/internal/bank"
)

// Who has been given credits in a programme asks for more of it: what was given is no
// result of theirs that the page could name.
func TestApplyAgainOnThePage(t *testing.T) {
	w := newWorld(t)
	learner := w.learnerActor(ownLearner)
	id := w.application(ownLearner, yuntu)
	w.decision(id)
	a, err := w.bank.Application(t.Context(), learner, id)
	if err != nil || a.State != bank.ApplicationDecided {
		t.Fatal(a.State, err)
	}
	fill(t, w.bank, "courses", "institution,code,name,credits\nOVERSEAS:1/ü,XX,海外课,4\n"+yuntu+",YY,课,4\n")
	fill(t, w.bank, "equivalences", "equivalence,source_institution,source_course,target_institution,target_course\nAA,OVERSEAS:1/ü,XX,"+yuntu+",YY\n")
	fill(t, w.bank, "records", "learner,reference,institution,course,grade,completed_on\n"+ownLearner+",AA,OVERSEAS:1/ü,XX,90,2026-06-25\n")
	for _, p := range w.people {
		if p.name != "learner" {
			continue
		}
		got := p.in.get("/my/apply?to=" + url.QueryEscape(yuntu+":"+a.To.Code))
		if got.Code != 200 || strings.Contains(got.Body.String(), "given g") || !strings.Contains(got.Body.String(), "AA@1") {
			t.Errorf("%d, %s", got.Code, got.Body)
		}
	}
}
