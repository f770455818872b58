package web

import (
	"context"
	"strings"
	"testing"

	"creditbank/internal/bank"
	"creditbank/internal/calendar"
	"creditbank/internal/transfer"
)

// What a result was given is said as it was reported; what is not given is not said.
func TestReasonSentences(t *testing.T) {
	s := newSite(t)
	snapshot, err := s.bank.Snapshot(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	rule := transfer.RuleRef{Code: "E2", Version: 1}
	source := func(code string, why *transfer.Reason) transfer.MissingSource {
		return transfer.MissingSource{CourseKey: transfer.CourseKey{Institution: "3650990001", Code: code}, Why: why}
	}
	below := transfer.Reason{Code: transfer.GradeBelow, Needed: 7500, Got: 6800, GotGrade: "68"}
	set := transfer.Reason{Code: transfer.IncompleteSet, Rule: rule, Missing: []transfer.MissingSource{source("S1", nil), source("S2", &below)}}
	refusedSet := set
	refusedSet.Outcome = transfer.Refused
	for _, c := range []struct {
		reason transfer.Reason
		zh, en string
	}{
		{set, "还缺：电路 S1（没有成果）、电路实验 S2（需 75 分，你 68 分）。",
			"still missing: Circuits S1 (no result yet), Circuit Lab S2 (it takes 75 points, you have 68)."},
		{refusedSet, "转换规则 E2 的评估结论为“不认”，但不适用于这项成果：还缺：电路 S1（没有成果）", "refused, but that does not concern this result: still missing: Circuits S1"},
		{transfer.Reason{Code: transfer.OutsideWindow, Rule: rule, Outcome: transfer.Pending, Completed: 20_000, From: 20_100, To: calendar.None},
			"正在评估，但不适用于这项成果：2024年10月4日完成，只适用于2025年1月12日起完成的成果。", "is being evaluated, but that does not concern this result: completed on 4 Oct 2024"},
		{below, "需 75 分，你 68 分。", "It takes 75 points; you have 68."},
		{transfer.Reason{Code: transfer.GradeBelow, Needed: 7500, Got: 6500, GotGrade: "及格"}, "你的成绩为“及格”（按 65 分计）。", "you have “及格” (65 points)."},
		{transfer.Reason{Code: transfer.GradeBelow, Needed: 7500, Got: 6500, GotGrade: "6.5"}, "“6.5”（按 65 分计）", "“6.5” (65 points)"},
		{transfer.Reason{Code: transfer.NotPassed, Got: 0, GotGrade: "不及格"}, "成绩“不及格”没有及格。", "The grade “不及格” is no pass."},
		{transfer.Reason{Code: transfer.GradeAbove, Needed: 7000, Got: transfer.NoScore}, "你没有填成绩。", "no grade was given."},
		{transfer.Reason{Code: transfer.GradeBelow, Needed: 7000, Got: transfer.NoScore}, "你没有填成绩。", "no grade was given."},
		{transfer.Reason{Code: transfer.BetterElsewhere, Rule: rule, Other: rule, Attempt: true}, "同一门课程已采用更合适的一次成绩（规则 E2）。",
			"Another attempt in the same course that serves better is used (equivalence E2)."},
		{transfer.Reason{Code: transfer.BetterElsewhere, Rule: rule, Other: rule}, "转换规则 E2 已由其他成果满足", "Other results serve the equivalence E2 already"},
	} {
		for language, want := range map[string]string{"zh": c.zh, "en": c.en} {
			got := ReasonSentence(s.languages.Speaker(language), snapshot, transfer.ProgrammeKey{Institution: "4150099901", Code: "510203"}, c.reason)
			if !strings.Contains(got, want) || strings.Contains(got, "-0.01") {
				t.Errorf("got %s\nwant %s", got, want)
			}
		}
	}
}

// A course of a set in which there is a result that does not serve says what
// stands against it, and every record says which result it is.
func TestAnswersNameTheResults(t *testing.T) {
	s := newSite(t)
	question := bank.CheckInput{To: transfer.ProgrammeKey{Institution: "4150099901", Code: "510203"}, Records: []bank.CheckRecord{
		{Institution: "3650990001", Course: "S1", Grade: "良好"}, {Institution: "3650990001", Course: "S2", Grade: "不及格", CompletedOn: "2026-06-01"}}}
	plan, err := s.bank.Plan(context.Background(), question)
	if err != nil {
		t.Fatal(err)
	}
	records := NewPlanAnswer(s.languages.Speaker("en"), plan).Records
	missing := records[0].Reasons[0].Missing
	if len(missing) != 1 || missing[0].Reason == nil || missing[0].Reason.Code != "not_passed" || missing[0].Reason.Got != "0" || missing[0].Reason.GotGrade != "不及格" {
		t.Errorf("missing %+v", missing)
	}
	if got := records[1]; got.Institution != "3650990001" || got.Course != "S2" || got.CourseName != "电路实验" || got.Kind != "course" || got.Grade != "不及格" ||
		got.CompletedOn != "2026-06-01" || got.Reference != "" {
		t.Errorf("got %+v", got)
	}
	kept, err := s.bank.PlanLearner(context.Background(), bank.Operator("operator"), "L1", question)
	if err != nil {
		t.Fatal(err)
	}
	if got := NewPlanAnswer(s.languages.Speaker("en"), kept).Records[0]; got.Reference != "R1" || got.Grade != "90" {
		t.Errorf("got %+v", got)
	}
}
