package web

import (
	"context"
	"encoding/json"
	"html"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"creditbank/internal/bank"
	"creditbank/internal/transfer"
)

// helpQuestions are questions about the small map whose answers tell every kind of help.
var helpQuestions = []string{
	"/plan?to=4150099901:510203&r=3650990001%3AG~68&r=3650990001%3AS1~80",
	"/plan?to=4150099901:510203&r=3650990001%3AG&r=3650990001%3AX~80~2024-06-25&r=3650990001%3AF~40",
}

// A link to the plan as it would be leads to one that is worth what was promised.
func TestHelpLeadsToThePlanWithIt(t *testing.T) {
	s := newSite(t)
	kinds := map[transfer.HelpKind]bool{}
	for _, question := range helpQuestions {
		before, q := s.planOf(question)
		v := planPage{PlanAnswer: before, ProgrammeID: "4150099901:510203"}
		for _, h := range before.Help {
			kinds[h.Kind] = true
			after, _ := s.planOf(v.helped(q, h))
			if after.Applied != h.Applied || after.Transferable != h.Transferable {
				t.Errorf("%+v leads to %s and %s", h, after.Applied, after.Transferable)
			}
			checkSentences(t, HelpSentence(s.languages.Speaker("zh"), before, h), HelpSentence(s.languages.Speaker("en"), before, h))
		}
	}
	for _, kind := range []transfer.HelpKind{transfer.RefreshResult, transfer.BetterGrade, transfer.OneCourse} {
		if !kinds[kind] {
			t.Errorf("no help is of kind %s", kind)
		}
	}
}

// planOf answers what an address of a plan asks.
func (s *site) planOf(path string) (bank.PlanAnswer, checkQuery) {
	s.t.Helper()
	q := readCheckQuery(request(http.MethodGet, path, "").URL.Query())
	a, err := s.bank.Plan(context.Background(), bank.CheckInput{Records: q.Records, AsOf: q.AsOf,
		To: transfer.ProgrammeKey{Institution: "4150099901", Code: "510203"}})
	if err != nil {
		s.t.Fatal(err)
	}
	return a, q
}

var helpLink = regexp.MustCompile(`<section class="helps"[\s\S]*?<li><span>([^<]+) <a[\s\S]*?class="see" href="([^"]+)"`)

// The page tells what would help, and its link works.
func TestHelpOnThePage(t *testing.T) {
	s := newSite(t)
	for tag, want := range map[string]string{"zh-CN": "达到 75 分（现 68 分）：可多抵 ", "en": "reach 75 points in "} {
		_, page := s.page(helpQuestions[0], tag)
		found := helpLink.FindStringSubmatch(html.UnescapeString(page))
		if found == nil || !strings.Contains(page, want) {
			t.Fatalf("%s: %v, no %q in\n%s", tag, found, want, page)
		}
		if code, then := s.page(found[2], tag); code != http.StatusOK || strings.Contains(then, found[1]) {
			t.Errorf("%s leads to %d, which says the same", found[2], code)
		}
	}
	if _, page := s.page("/plan?to=4150099901:510203&r=3650990001%3AN~90", "en"); strings.Contains(page, `class="helps"`) {
		t.Error("nothing helps, and yet something is told")
	}
}

// What programs get is what the page tells, and nothing of it is null.
func TestHelpForPrograms(t *testing.T) {
	s := newSite(t)
	w := s.post(asking(`{"institution":"3650990001","course":"G","grade":"68"},{"institution":"3650990001","course":"S1","grade":"80"}`), "Accept-Language", "en")
	for _, want := range []string{`"help":[{"kind":`, `"kind":"grade","message":"+`, `"index":0,"needed":"75","got":"68","got_grade":"68"}`,
		`"changes":[{"institution":"3650990001","course":"S2","name":"电路实验","name_en":"Circuit Lab"`} {
		if !strings.Contains(w.Body.String(), want) {
			t.Errorf("the answer lacks %s:\n%s", want, w.Body)
		}
	}
	if none := s.post(asking(`{"institution":"3650990001","course":"N"}`)).Body.String(); !strings.Contains(none, `"help":[]`) {
		t.Errorf("without help: %s", none)
	}
	if kinds := s.api.spec.Components.Schemas["Help"].Value.Properties["kind"].Value.Enum; !slices.EqualFunc(kinds, transfer.HelpKinds(),
		func(a any, b transfer.HelpKind) bool { return a == string(b) }) {
		t.Errorf("kinds %v are described", kinds)
	}
}

// The frozen answer of an account names nobody, and comes out the same.
func TestFrozenAccountNamesNobody(t *testing.T) {
	s := newSite(t)
	frozen, err := s.bank.Freeze(context.Background(), bank.Operator("operator"), "L1", bank.CheckInput{To: transfer.ProgrammeKey{Institution: "4150099901", Code: "510203"}})
	if err != nil || len(frozen.Records) == 0 {
		t.Fatalf("%v, %d results", err, len(frozen.Records))
	}
	if _, differences := frozen.Replay(); len(differences) > 0 {
		t.Errorf("%v", differences)
	}
	text, err := json.Marshal(frozen)
	if err != nil || strings.Contains(string(text), "L1") || strings.Contains(string(text), "reference") {
		t.Errorf("%v: %s", err, text)
	}
	if _, err := s.bank.Freeze(context.Background(), bank.Operator("operator"), "nobody", bank.CheckInput{}); bank.CodeOf(err) != bank.NotFound {
		t.Errorf("an unknown account: %v", err)
	}
	if _, err := s.bank.Freeze(context.Background(), bank.Operator("operator"), "L1", bank.CheckInput{}); bank.CodeOf(err) != bank.NotFound {
		t.Errorf("an unknown programme: %v", err)
	}
}
