package bank_test

import (
	"fmt"
	"strings"
	"testing"

	"creditbank/internal/bank"
	"creditbank/internal/transfer"
)

// hinted is a bank with two secondary schools S and O, a college H and a unit U, whose
// courses have something to do with each other.
func hinted(t *testing.T, b *bank.Bank) {
	t.Helper()
	for _, f := range [][2]string{
		{"institutions", "code,name,kind\n" + secondaryS + ",S,secondary_vocational\n" + secondaryO + ",O,secondary_vocational\n" + collegeH + ",H,higher_vocational\n" + unitBank + ",The Bank,bank\n"},
		{"courses", "institution,code,name,credits,outline\n" +
			secondaryS + ",S1,CAD机械制图,4,零件图 装配图\n" + secondaryS + ",S2,电子商务,4,\n" + secondaryS + ",S3,基础会计,4,\n" + secondaryS + ",S4,护理基础,4,\n" +
			secondaryS + ",X-77,数控车削,3,\n" + secondaryO + ",X-77,数控车削工艺,3,\n" + secondaryO + ",O1,电子商务,3,\n" + secondaryO + ",O2,种植基础,3,\n" +
			collegeH + ",H1,机械制图与CAD,4,零件图 装配图\n" + collegeH + ",H2,电工电子技术,4,\n" + collegeH + ",H3,会计基础,4,\n" + collegeH + ",H4,护理基础,4,\n" +
			unitBank + ",U1,种植,3,\n"},
		{"programmes", "institution,code,name,catalogue_code,required_credits\n" + secondaryS + ",P,机械,660101,100\n" + collegeH + ",P,机械,460101,100\n" + collegeH + ",N,护理,520201,100\n"},
		{"groups", "institution,programme,code,name,min_credits\n" + secondaryS + ",P,g,G,10\n" + collegeH + ",P,g,G,10\n" + collegeH + ",N,g,G,10\n"},
		{"plans", "institution,programme,group,course\n" + secondaryS + ",P,g,S1\n" + secondaryS + ",P,g,S3\n" + secondaryS + ",P,g,S4\n" +
			collegeH + ",P,g,H1\n" + collegeH + ",P,g,H2\n" + collegeH + ",P,g,H3\n" + collegeH + ",N,g,H4\n"},
	} {
		if r := text(t, b, f[0], f[1]); r.Refused > 0 {
			t.Fatalf("%s: %+v", f[0], r.Errors)
		}
	}
}

const (
	secondaryS = "3650990001"
	secondaryO = "3650990002"
	collegeH   = "4150099901"
)

// suggested tells the suggestions of a school as "kind source>target".
func suggested(t *testing.T, b *bank.Bank, actor bank.Actor, f bank.SuggestionFilter) string {
	t.Helper()
	list, err := b.Suggestions(t.Context(), actor, f, bank.Window{Limit: 100})
	if err != nil {
		t.Fatal(err)
	}
	var told []string
	for _, s := range list.Items {
		told = append(told, fmt.Sprintf("%s %s>%s", s.Kind, s.Source.Code, s.Target.Code))
	}
	return strings.Join(told, ", ")
}

// Each kind of suggestion, from what it comes and what it passes over: another class
// (护理基础), what has a rule, the way down.
func TestSuggestions(t *testing.T) {
	onBoth(t, func(t *testing.T, b *bank.Bank) {
		hinted(t, b)
		admin := bank.Actor{Name: "u:admin", Roles: bank.IsAdministrator}
		s, h := registrarOf(secondaryS), registrarOf(collegeH)
		if got, want := suggested(t, b, s, bank.SuggestionFilter{}), "code X-77>X-77, name O1>S2, similar S1>H1, similar S3>H3"; got != want {
			t.Errorf("of S: %s\nwant  %s", got, want)
		}
		if got, want := suggested(t, b, h, bank.SuggestionFilter{}), "similar S1>H1, similar S3>H3"; got != want {
			t.Errorf("of H: %s\nwant  %s", got, want)
		}
		text(t, b, "equivalences", "equivalence,source_institution,source_course,target_institution,target_course,outcome,reasons\n"+
			"R1,"+secondaryS+",S3,"+collegeH+",H3,refused,LEVEL\nR2,"+secondaryS+",S2,"+secondaryO+",O1,,\n"+
			"R3,"+secondaryO+",O2,"+unitBank+",U1,,\nR4,"+secondaryS+",S4,"+unitBank+",U1,,\nR5,"+secondaryS+",S4,"+collegeH+",H4,,\n")
		if got, want := suggested(t, b, admin, bank.SuggestionFilter{Institution: secondaryS}), "unit O2>S4, mirror O1>S2, code X-77>X-77, similar S1>H1"; got != want {
			t.Errorf("of S with rules: %s\nwant %s", got, want)
		}
		if got, want := suggested(t, b, s, bank.SuggestionFilter{Kind: bank.SuggestMirror}), "mirror O1>S2"; got != want {
			t.Errorf("mirrors of S: %s, want %s", got, want)
		}
	})
}

// A suggestion says why: the rule, the unit, the words that both have.
func TestSuggestionSaysWhy(t *testing.T) {
	onBoth(t, func(t *testing.T, b *bank.Bank) {
		hinted(t, b)
		text(t, b, "equivalences", "equivalence,source_institution,source_course,target_institution,target_course\nR2,"+secondaryS+",S2,"+secondaryO+",O1\n")
		list, err := b.Suggestions(t.Context(), registrarOf(secondaryS), bank.SuggestionFilter{}, bank.Window{})
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range list.Items {
			switch {
			case s.Kind == bank.SuggestMirror && s.Rule.Code != "R2":
				t.Errorf("mirror of %v", s.Rule)
			case s.Source.Code == "S1" && (s.Likeness < 80 || !s.TargetTitle[0].Shared || s.TargetTitle[0].Text != "机械制图" || len(s.SourceContent) == 0):
				t.Errorf("similar: %+v", s)
			}
		}
	})
}

// What was put aside or begun is not suggested again, and is counted.
func TestSuggestionsAreCounted(t *testing.T) {
	onBoth(t, func(t *testing.T, b *bank.Bank) {
		hinted(t, b)
		s, ctx := registrarOf(secondaryS), t.Context()
		key := func(at, code string) transfer.CourseKey { return transfer.CourseKey{Institution: at, Code: code} }
		aside := bank.SuggestionRefusal{Kind: bank.SuggestSimilar, Source: key(secondaryS, "S3"), Target: key(collegeH, "H3"), Reason: "学时差得多"}
		wantCode(t, "another school", b.RefuseSuggestion(ctx, registrarOf(secondaryO), aside), bank.Denied)
		wantCode(t, "an auditor", b.RefuseSuggestion(ctx, bank.Actor{Name: "u:x", Roles: bank.IsAuditor}, aside), bank.Denied)
		for _, wrong := range []bank.SuggestionRefusal{{Kind: "hunch", Source: aside.Source, Target: aside.Target, Reason: "x"},
			{Kind: aside.Kind, Source: aside.Source, Target: aside.Target}} {
			wantCode(t, "a wrong refusal", b.RefuseSuggestion(ctx, s, wrong), bank.Invalid)
		}
		wantCode(t, "no such course", b.RefuseSuggestion(ctx, s, bank.SuggestionRefusal{Kind: aside.Kind, Source: aside.Source, Target: key(collegeH, "H9"), Reason: "x"}), bank.NotFound)
		for range 2 { // two people may see the same list
			if err := b.RefuseSuggestion(ctx, s, aside); err != nil {
				t.Fatal(err)
			}
		}
		list, err := b.Suggestions(ctx, s, bank.SuggestionFilter{Kind: bank.SuggestSimilar}, bank.Window{})
		if err != nil || list.Total != 1 {
			t.Fatalf("%+v, %v", list.Items, err)
		}
		begin := list.Items[0]
		draft := bank.EvaluationDraft{Origin: "suggestion:" + begin.ID, Why: "同一内容", Rows: []map[string]string{{"source_institution": begin.Source.Institution,
			"source_course": begin.Source.Code, "target_institution": begin.Target.Institution, "target_course": begin.Target.Code}}}
		if _, _, err := b.SaveEvaluation(ctx, s, draft); err != nil {
			t.Fatal(err)
		}
		list, err = b.Suggestions(ctx, s, bank.SuggestionFilter{}, bank.Window{})
		if err != nil {
			t.Fatal(err)
		}
		if got := fmt.Sprint(list.Worth); got != "[{unit 0 0 0 0 0} {mirror 0 0 0 0 0} {code 1 0 0 0 0} {name 1 0 0 0 0} {similar 0 1 0 0 1}]" {
			t.Errorf("worth %s", got)
		}
	})
}
