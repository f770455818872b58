package web

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"testing"

	"creditbank/internal/bank"
	"creditbank/internal/transfer"
)

const (
	one    = `{"institution":"3650990001","course":"M","grade":"88","completed_on":"2026-06-25"}`
	target = `{"institution":"4150099901","programme":"510203"}`
)

// asking is a body about one result and, unless more says otherwise, one programme.
func asking(record string) string { return `{"records":[` + record + `],"to":` + target + `}` }

func TestCheckRefusals(t *testing.T) {
	s := newSite(t)
	field := func(name, value string) string {
		return asking(`{"institution":"3650990001","course":"M","` + name + `":` + value + `}`)
	}
	for _, test := range []struct {
		name, body string
		status     int
		want       []string
	}{
		{"no JSON", `{"records":`, 422, []string{"body json"}},
		{"two documents", asking(one) + asking(one), 422, []string{"body json"}},
		{"no object", `[]`, 422, []string{"body type"}},
		{"null", `null`, 422, []string{"body type"}},
		{"broken UTF-8", field("grade", "\"\xff\""), 422, []string{"body utf8"}},
		{"unknown fields", `{"records":[` + one + `,{"institution":"3650990001","course":"M","foo":{"x":[1]}}],"bar":1}`, 422,
			[]string{"records[1].foo unknown_field", "bar unknown_field"}},
		{"other case", `{"Records":[]}`, 422, []string{"Records unknown_field"}},
		{"repeated", field("course", `"M"`), 422, []string{"records[0].course repeated"}},
		{"number as credits", field("credits", "4.5"), 422, []string{"records[0].credits type"}},
		{"types", `{"records":{},"to":[],"top":"5","as_of":1}`, 422, []string{"records type", "to type", "top type", "as_of type"}},
		{"null among records", `{"records":[null]}`, 422, []string{"records[0] type"}},
		{"no records", `{}`, 422, []string{"records required"}},
		{"empty records", `{"records":[]}`, 422, []string{"records required"}},
		{"record without course", asking(`{"institution":"3650990001"}`), 422, []string{"records[0].course required"}},
		{"blank course", asking(`{"institution":"3650990001","course":" "}`), 422, []string{"records[0].course required"}},
		{"comma in credits", field("credits", `"4,5"`), 422, []string{"records[0].credits amount"}},
		{"negative hours", field("hours", `"-1"`), 422, []string{"records[0].hours hours"}},
		{"wrong date", field("completed_on", `"2026-02-30"`), 422, []string{"records[0].completed_on date"}},
		{"wrong day of question", `{"as_of":"22.11.2026","records":[` + one + `]}`, 422, []string{"as_of date"}},
		{"unknown grade", field("grade", `"well"`), 422, []string{"records[0].grade grade"}},
		{"unknown scale", field("grade", `"5","scale":"stars"`), 422, []string{"records[0].scale scale"}},
		{"unknown kind", field("kind", `"gift"`), 422, []string{"records[0].kind choice"}},
		{"unknown course", asking(`{"institution":"3650990001","course":"m"}`), 422, []string{"records[0].course unknown_course"}},
		{"unknown institution", asking(`{"institution":"1","course":"M"}`), 422, []string{"records[0].institution unknown_institution"}},
		{"too long", field("grade", `"`+strings.Repeat("九", 41)+`"`), 422, []string{"records[0].grade too_long"}},
		{"two at once", asking(`{"institution":"1","course":"M"},{"institution":"3650990001","course":"M","credits":"x"}`), 422,
			[]string{"records[0].institution unknown_institution", "records[1].credits amount"}},
		{"no programme", `{"records":[` + one + `],"to":{}}`, 422, []string{"to.institution required", "to.programme required"}},
		{"unknown programme", `{"records":[` + one + `],"to":{"institution":"4150099901","programme":"X"}}`, 404, nil},
		{"top too low", `{"records":[` + one + `],"top":0}`, 422, []string{"top number"}},
		{"top too high", `{"records":[` + one + `],"top":201}`, 422, []string{"top number"}},
		{"top no whole number", `{"records":[` + one + `],"top":1.5}`, 422, []string{"top number"}},
		{"foreign cursor", `{"records":[` + one + `],"cursor":"x"}`, 422, []string{"cursor cursor"}},
		{"unknown filter", `{"records":[` + one + `],"filter":{"kind":"x"}}`, 422, []string{"filter.kind choice"}},
		{"501 records", `{"records":[` + strings.Repeat(`{"x":1},`, 500) + `1]}`, 422, []string{"records too_many"}},
		{"5000 records", `{"records":[` + strings.Repeat(one+",", 4999) + one + `]}`, 422, []string{"records too_many"}},
		{"deep", strings.Repeat("[", 100_000), 422, []string{"body json"}},
		{"too large", `{"x":"` + strings.Repeat("x", 2<<20) + `"}`, 413, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			s.t = t
			w := s.post(test.body, "Accept-Language", "en")
			if got := faults(t, w); w.Code != test.status || !slices.Equal(got, test.want) {
				t.Errorf("got %d %q, want %d %q", w.Code, got, test.status, test.want)
			}
		})
	}
}

func TestCheckTakesOnlyJSON(t *testing.T) {
	s := newSite(t)
	for kind, want := range map[string]int{
		"application/json": 200, "application/json; charset=UTF-8": 200, "application/json; charset=gbk": 415,
		"text/plain": 415, "application/x-www-form-urlencoded": 415, "": 415,
	} {
		if w := s.post(asking(one), "Content-Type", kind); w.Code != want {
			t.Errorf("%q: got %d, want %d: %s", kind, w.Code, want, w.Body)
		}
	}
	r := request(http.MethodPost, "/api/v1/check", strings.Repeat(" ", 2<<20)+asking(one))
	r.ContentLength = -1
	if w := s.send(r); w.Code != http.StatusRequestEntityTooLarge {
		t.Errorf("a large body of unknown length: got %d, want 413", w.Code)
	}
}

func TestCheckPlan(t *testing.T) {
	s := newSite(t)
	w := s.post(`{"as_of":"2026-10-01","records":[`+one+`,{"institution":"3650990001","course":"G","grade":"68","scale":null}],"to":`+target+`}`,
		"Accept-Language", "en")
	want := `{"as_of":"2026-10-01","programme":{"institution":"4150099901","institution_name":"云图学院","institution_name_en":"Yuntu College",` +
		`"code":"510203","name":"软件技术","name_en":"Software Technology"},"required":"140","earned":"0","applied":"4","transferable":"4",` +
		`"missing":"136","optimal":true,"groups":[{"code":"core","name":"专业核心","min_credits":"40","earned":"0","applied":"4","missing":"36"},` +
		`{"code":"free","name":"任选","min_credits":"10","earned":"0","applied":"0","missing":"10"}],` +
		`"items":[{"equivalence":"E1","version":1,"records":[0],"credits":"4","targets":[{"course":"T1","name":"软件基础","name_en":"Software Basics",` +
		`"group":"core","credits":"4","exemption":false}]}],"records":[{"index":0,` +
		`"institution":"3650990001","course":"M","course_name":"程序设计","course_name_en":"Programming","kind":"course","grade":"88","completed_on":"2026-06-25","state":"matched","equivalence":"E1","version":1,"reasons":[{"code":"matched"`
	if got := w.Body.String(); w.Code != 200 || !strings.HasPrefix(got, want) {
		t.Errorf("got %d %s\nwant %s…", w.Code, got, want)
	}
	var answer PlanAnswer
	if err := json.Unmarshal(w.Body.Bytes(), &answer); err != nil {
		t.Fatal(err)
	}
	below := answer.Records[1].Reasons[0]
	if below.Code != "grade_below" || below.Needed != "75" || below.Got != "68" || below.Equivalence != "E3" {
		t.Errorf("the second record: %+v", below)
	}
	left := answer.NotChosen[0]
	if left.Equivalence != "E11" || left.Reason.Code != "better_elsewhere" || left.Reason.By != "E1" {
		t.Errorf("not chosen: %+v", left)
	}
	if got := w.Header().Get("Content-Language"); got != "en" {
		t.Errorf("Content-Language is %q", got)
	}
}

func TestCheckRanking(t *testing.T) {
	s := newSite(t)
	var all, first, second RankingAnswer
	ask := func(more string, into *RankingAnswer) {
		t.Helper()
		w := s.post(`{"records":[` + one + `]` + more + `}`)
		if err := json.Unmarshal(w.Body.Bytes(), into); err != nil || w.Code != 200 {
			t.Fatalf("%d %s", w.Code, w.Body)
		}
	}
	ask(`,"to":null,"filter":null`, &all)
	if len(all.Items) != 2 || all.Programmes != 2 || all.Next != "" || all.Items[0].Programme.Code != "510203" || all.Items[0].Applied.String() != "4" {
		t.Errorf("got %+v", all)
	}
	ask(`,"top":1`, &first)
	ask(`,"top":1,"cursor":"`+first.Next+`"`, &second)
	if parts := slices.Concat(first.Items, second.Items); !reflect.DeepEqual(parts, all.Items) {
		t.Errorf("in parts %+v, at once %+v", parts, all.Items)
	}
	var none RankingAnswer
	ask(`,"filter":{"kind":"higher_vocational","catalogue_code":"71"}`, &none)
	if none.Items == nil || len(none.Items) != 0 || none.Programmes != 0 {
		t.Errorf("got %+v", none)
	}
}

// everyReason asks about results that bring out every reason but already_used.
var everyReason = []bank.CheckRecord{
	{Course: "M", Grade: "88"}, {Course: "S1", Grade: "80"}, {Course: "G", Grade: "68"}, {Course: "G"}, {Course: "R"}, {Course: "RN"}, {Course: "P"},
	{Course: "W", CompletedOn: "2024-06-25"}, {Course: "X", CompletedOn: "2024-06-25"}, {Course: "N"}, {Course: "Z"}, {Course: "H"},
	{Course: "C", Kind: "certificate"}, {Course: "A", Grade: "90"}, {Course: "L"}, {Course: "U"}, {Course: "F", Grade: "40"},
	{Institution: "4150099901", Course: "T10", Grade: "70"}, {Course: "M", Grade: "70"},
}

func TestEveryReasonIsASentence(t *testing.T) {
	s := newSite(t)
	question := bank.CheckInput{To: transfer.ProgrammeKey{Institution: "4150099901", Code: "510203"}}
	for _, r := range everyReason {
		if r.Institution == "" {
			r.Institution = "3650990001"
		}
		question.Records = append(question.Records, r)
	}
	plan, err := s.bank.Plan(context.Background(), question)
	if err != nil {
		t.Fatal(err)
	}
	used, err := s.bank.PlanLearner(context.Background(), bank.Operator("operator"), "L1", question)
	if err != nil {
		t.Fatal(err)
	}
	zh, en := s.languages.Speaker("zh"), s.languages.Speaker("en")
	seen := map[string]bool{}
	for _, a := range []bank.PlanAnswer{plan, used} {
		chinese, english := NewPlanAnswer(zh, a), NewPlanAnswer(en, a)
		for i := range chinese.Records {
			for k, r := range chinese.Records[i].Reasons {
				seen[reasonKey(a.Answer.Records[i].Reasons[k])] = true
				checkSentences(t, r.Message, english.Records[i].Reasons[k].Message)
			}
		}
		for i, left := range chinese.NotChosen {
			checkSentences(t, left.Reason.Message, english.NotChosen[i].Reason.Message)
		}
	}
	for _, code := range []string{"matched", "earned", "no_rule", "pending", "refused", "refused_note", "incomplete_set", "grade_below", "grade_below_none",
		"level_gate", "expired", "outside_window", "already_used", "better_elsewhere", "cap", "never_exempt", "grade_above", "not_passed", "no_gain", "no_gain_held",
		"better_attempt"} {
		if !seen["reason."+code] {
			t.Errorf("no record has the reason %s", code)
		}
	}
}

func checkSentences(t *testing.T, zh, en string) {
	t.Helper()
	if !strings.ContainsFunc(zh, func(r rune) bool { return r >= 0x4e00 }) || zh == en {
		t.Errorf("not Chinese: %q", zh)
	}
	for _, text := range []string{zh, en} {
		if text == "" || strings.HasPrefix(text, "reason.") || strings.Contains(text, "<no value>") || strings.Contains(text, "1970") ||
			strings.Contains(text, "refusal.") || strings.Contains(text, "kind.") {
			t.Errorf("not a sentence: %q", text)
		}
	}
}

func TestReasonDetails(t *testing.T) {
	s := newSite(t)
	var records []string
	for _, r := range everyReason {
		if r.Institution == "" {
			r.Institution = "3650990001"
		}
		records = append(records, fmt.Sprintf(`{"institution":%q,"course":%q,"kind":%q,"grade":%q,"completed_on":%q}`,
			r.Institution, r.Course, r.Kind, r.Grade, r.CompletedOn))
	}
	w := s.post(asking(strings.Join(records, ",")), "Accept-Language", "en")
	for _, want := range []string{
		`"missing":[{"institution":"3650990001","course":"S2","name":"电路实验","name_en":"Circuit Lab"}]`, `Circuit Lab S2 (no result yet)`,
		`"equivalence":"E4","version":1,"outcome":"refused","reasons":["CONTENT","LEVEL"]`,
		`"reasons":["OTHER"],"note":"内容不同"`,
		`"holder":"4150099901"`,
		`"completed_on":"2024-06-25","valid_from":"2025-01-01"`,
		`"completed_on":"2024-06-25","valid_until":"2025-06-25"`,
		`"cap":{"cap":"source_kind","key":"certificate","limit":"1","taken":"0","adds":"4"}`,
		`"from_level":3,"to_level":6,"bridge_level":5`,
		`"needed":"70","got":"90"`, `"got":"40","got_grade":"40"`, `"course":"T8"`, `"state":"earned","group":"free"`,
	} {
		if !strings.Contains(w.Body.String(), want) {
			t.Errorf("the answer lacks %s", want)
		}
	}
	if t.Failed() {
		t.Log(w.Body)
	}
}

func TestEveryCodedWordHasASentence(t *testing.T) {
	languages, err := LoadLanguages()
	if err != nil {
		t.Fatal(err)
	}
	var keys []string
	for _, code := range bank.ReasonCodes() {
		keys = append(keys, "refusal."+code)
	}
	for _, kind := range slices.Concat(bank.RecordKinds(), bank.InstitutionKinds()) {
		keys = append(keys, "kind."+kind)
	}
	for _, kind := range []string{"string", "object", "array", "integer", "boolean"} {
		keys = append(keys, "type."+kind)
	}
	keys = append(keys, "docs.title", "error.cross_origin", "error.not_ready", "field.shape", "field.repeated", "field.percent")
	for _, tag := range languageTags {
		for _, key := range keys {
			if languages.Speaker(tag).Say(key, nil) == key {
				t.Errorf("%s has no %s", tag, key)
			}
		}
	}
}

func TestLimitsAreTheBanks(t *testing.T) {
	field, _ := reflect.TypeFor[checkRequest]().FieldByName("Records")
	if got := mostOf(field); got != bank.MaxCheckRecords {
		t.Errorf("as many as %d records are read, the bank takes %d", got, bank.MaxCheckRecords)
	}
	schema := mustDocument(t).spec.Components.Schemas["CheckRequest"].Value
	if got := *schema.Properties["records"].Value.MaxItems; got != bank.MaxCheckRecords {
		t.Errorf("the description allows %d records, the bank %d", got, bank.MaxCheckRecords)
	}
}
