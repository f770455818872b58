package bank_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"creditbank/internal/bank"
	"creditbank/internal/calendar"
	"creditbank/internal/transfer"
)

func on(t testing.TB, text string) calendar.Day {
	t.Helper()
	day, err := calendar.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return day
}

// course reads a version as it would be typed: pairs of column and value.
func course(t *testing.T, b *bank.Bank, pairs ...string) bank.CourseEdit {
	t.Helper()
	e, err := b.ReadCourse(ctx, typed(pairs...))
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func typed(pairs ...string) bank.CourseForm {
	f := bank.CourseForm{Values: map[string]string{"institution": "A", "name": "Maths", "credits": "4"}}
	for i := 0; i < len(pairs); i += 2 {
		f.Values[pairs[i]] = pairs[i+1]
	}
	return f
}

// wantFault wants a refusal that names a field, for a reason.
func wantFault(t *testing.T, what string, err error, want string) {
	t.Helper()
	var refusal *bank.Error
	if !errors.As(err, &refusal) || refusal.Code != bank.Invalid {
		t.Errorf("%s: %v, want %s", what, err, want)
		return
	}
	for _, f := range refusal.Fields {
		if f.Field+" "+f.Code == want {
			return
		}
	}
	t.Errorf("%s: %v, want %s", what, err, want)
}

// mapped is a small bank with a rule from a1 to b1, results in a1, and the bank's own courses.
func mapped(t *testing.T, b *bank.Bank) {
	t.Helper()
	small(t, b)
	for _, f := range [][2]string{
		{"institutions", "code,name,kind\n3250000001,Centre,bank\n"},
		{"equivalences", "equivalence,source_institution,source_course,target_institution,target_course\nE1,A,a1,B,b1\n"},
		{"learners", "account,name\nL1,One\nL2,Two\n"},
		{"records", "learner,reference,institution,course,grade,completed_on\nL1,R1,A,a1,81,2024-06-25\nL2,R2,A,a1,82,2025-06-25\nL1,R3,A,a2,90,2025-06-25\n"},
	} {
		if r := text(t, b, f[0], f[1]); r.Refused > 0 {
			t.Fatalf("%s: %+v", f[0], r.Errors)
		}
	}
}

var registrarA = bank.Actor{Name: "u:reg-a", Roles: bank.IsRegistrar, Institution: "A", Login: "reg-a"}

func TestACourseIsRegisteredAndRead(t *testing.T) {
	onBoth(t, func(t *testing.T, b *bank.Bank) {
		mapped(t, b)
		f := typed("code", "a 3", "name", "机械制图", "name_en", "Drawing", "credits", "2.5", "hours", "40", "practice_hours", "20", "level", "4", "category", "核心",
			"valid_from", "2026-09-01", "outline", "一、投影\n二、剖视", "equipment", "绘图机房", "assessment", "上机考试")
		f.Outcomes = []map[string]string{{"competence": "识图", "level": "3", "text": "能读装配图"}, {}, {"competence": "制图"}}
		e, err := b.ReadCourse(ctx, f)
		if err != nil {
			t.Fatal(err)
		}
		saved, err := b.SaveCourse(ctx, registrarA, e, "")
		if err != nil || saved.Made != bank.SavedNew || saved.Stamp != "0" {
			t.Fatalf("%+v, %v", saved, err)
		}
		d, err := b.CourseDetail(ctx, e.CourseKey, b.Today())
		if err != nil || fmt.Sprint(d.CourseEdit) != fmt.Sprint(e) || len(d.Outcomes) != 2 || d.Outcomes[0].Level != 3 {
			t.Errorf("%+v, %v; want %+v", d, err, e)
		}
		s, err := b.Snapshot(ctx)
		if err != nil {
			t.Fatal(err)
		}
		if head, known := s.CourseHead(e.CourseKey, b.Today()); !known || head.Current.Name != "机械制图" {
			t.Errorf("the map has %+v", head)
		}
		if saved, err := b.SaveCourse(ctx, registrarA, e, saved.Stamp); err != nil || saved.Made != bank.SavedNothing {
			t.Errorf("once more: %+v, %v", saved, err)
		}
		_, err = b.SaveCourse(ctx, registrarA, e, "")
		wantCode(t, "a code that is taken", err, bank.Conflict)
	})
}

func TestWhoSavesCourses(t *testing.T) {
	onBoth(t, func(t *testing.T, b *bank.Bank) {
		mapped(t, b)
		unit, own := course(t, b, "institution", "3250000001", "code", "U1"), course(t, b, "code", "new")
		system := bank.Actor{Name: "api:s", Roles: bank.IsSystem, Institution: "A", Scopes: bank.MayMap}
		for _, c := range []struct {
			actor bank.Actor
			e     bank.CourseEdit
			want  bank.Code
		}{
			{bank.Visitor, own, bank.Denied}, {learner, own, bank.Denied}, {auditor, own, bank.Denied},
			{bank.Actor{Roles: bank.IsExpert | bank.IsDecider, Institution: "A"}, own, bank.Denied},
			{bank.Actor{Roles: bank.IsSystem, Institution: "A", Scopes: bank.MayRead | bank.MayDeposit}, own, bank.Denied},
			{bank.Actor{Roles: bank.IsRegistrar, Institution: "B"}, own, bank.NotFound}, {administrator, own, bank.NotFound}, {registrarA, unit, bank.NotFound},
			{bank.Actor{Roles: bank.IsSystem, Institution: "B", Scopes: bank.MayMap}, own, bank.NotFound},
			{system, own, ""}, {registrarA, course(t, b, "code", "new2"), ""}, {administrator, unit, ""}, {operator, course(t, b, "institution", "B", "code", "new"), ""},
		} {
			if _, err := b.TryCourse(ctx, c.actor, c.e, ""); bank.CodeOf(err) != c.want || c.want == "" && err != nil {
				t.Errorf("%s may try %s: %v", c.actor.Name, c.e.Institution, err)
			}
			if _, err := b.SaveCourse(ctx, c.actor, c.e, ""); bank.CodeOf(err) != c.want || c.want == "" && err != nil {
				t.Errorf("%s saves %s: %v", c.actor.Name, c.e.Institution, err)
			}
		}
	})
}

// What somebody types is refused for the reasons for which a file is.
func TestTypedCourseFaults(t *testing.T) {
	b := open(t, "sqlite:"+t.TempDir()+"/bank.db")
	mapped(t, b)
	for want, pairs := range map[string][]string{
		"credits amount": {"credits", "4,5"}, "name required": {"name", ""}, "code required": {}, "valid_from date": {"valid_from", "2026-02-30"},
		"valid_to window": {"valid_from", "2026-02-02", "valid_to", "2026-02-01"}, "level number": {"level", "11"}, "practice_hours practice_hours": {"hours", "2", "practice_hours", "3"},
		"institution unknown_institution": {"institution", "Z"}, "equipment too_long": {"equipment", strings.Repeat("长", 2001)}, "code excel_number": {"code", "1.10105E+17"},
	} {
		_, err := b.ReadCourse(ctx, typed(pairs...))
		wantFault(t, want, err, want)
	}
	f := typed("code", "x")
	f.Outcomes = []map[string]string{{"competence": "识图", "level": "11"}, {"text": "can do"}}
	_, err := b.ReadCourse(ctx, f)
	wantFault(t, "outcomes", err, "outcomes[0].level number")
	wantFault(t, "outcomes", err, "outcomes[1].competence required")
	f.Outcomes = slices.Repeat([]map[string]string{{"competence": "x"}}, 61)
	_, err = b.ReadCourse(ctx, f)
	wantFault(t, "many", err, "outcomes outcomes_many")
	e := course(t, b, "code", "x")
	e.Files = []string{"nothing"}
	_, err = b.SaveCourse(ctx, registrarA, e, "")
	wantFault(t, "a file", err, "files unknown_file")
	e = course(t, b, "code", "x")
	e.Level = 99
	_, err = b.SaveCourse(ctx, registrarA, e, "")
	wantFault(t, "what no reader gives", err, "level number")
}

// The rules of versions: what is relied on is completed or followed, never edited.
func TestVersionsOfACourse(t *testing.T) {
	onBoth(t, func(t *testing.T, b *bank.Bank) {
		mapped(t, b)
		save := func(stamp string, pairs ...string) (bank.CourseSaved, error) {
			return b.SaveCourse(ctx, registrarA, course(t, b, append([]string{"code", "a1"}, pairs...)...), stamp)
		}
		_, err := save("0", "credits", "5")
		wantFault(t, "other credits where rules and results rely on it", err, "valid_from course_relied")
		done, err := save("0", "outline", "Sets and numbers", "practice_hours", "10")
		if err != nil || done.Made != bank.SavedEdit || done.Flags || done.Stamp != "1" {
			t.Errorf("what was not said may be added: %+v, %v", done, err)
		}
		_, err = save("1", "outline", "Numbers", "practice_hours", "10")
		wantFault(t, "an outline that was relied on", err, "valid_from course_relied")
		_, err = save("1", "outline", "Sets and numbers", "practice_hours", "10", "valid_to", "2025-01-01")
		wantFault(t, "an end before results", err, "valid_to course_results")
		_, err = save("1", "credits", "5", "valid_from", "2025-01-01")
		wantFault(t, "a version from before results", err, "valid_from course_results")
		saved, err := save("1", "credits", "5", "valid_from", "2027-02-01")
		if err != nil || saved.Made != bank.SavedVersion || saved.Stamp != "2" || !saved.Flags {
			t.Fatalf("%+v, %v", saved, err)
		}
		list, err := b.CourseVersions(ctx, transfer.CourseKey{Institution: "A", Code: "a1"})
		if err != nil || len(list) != 2 || list[0].To != on(t, "2027-01-31") || list[0].Credits.String() != "4" || list[1].Credits.String() != "5" || list[1].To != calendar.None {
			t.Errorf("%+v, %v", list, err)
		}
		_, err = save("2", "credits", "6", "valid_from", "2026-12-01", "valid_to", "2027-03-01")
		wantFault(t, "a version that runs into the next", err, "valid_to course_overlaps")
		if between, err := save("2", "credits", "6", "valid_from", "2026-12-01"); err != nil || between.Made != bank.SavedVersion {
			t.Errorf("between: %+v, %v", between, err)
		}
		list, _ = b.CourseVersions(ctx, transfer.CourseKey{Institution: "A", Code: "a1"})
		if len(list) != 3 || list[1].To != on(t, "2027-01-31") || list[0].To != on(t, "2026-11-30") {
			t.Errorf("%+v", list)
		}
		// Nothing but a result relies on a2, and nothing on what is new.
		if _, err := b.SaveCourse(ctx, registrarA, course(t, b, "code", "n1"), ""); err != nil {
			t.Fatal(err)
		}
		edit, err := b.SaveCourse(ctx, registrarA, course(t, b, "code", "n1", "credits", "1", "name", "Other"), "0")
		if err != nil || edit.Made != bank.SavedEdit || fmt.Sprint(edit.Fields) != "[{name Maths Other false} {credits 4 1 false}]" {
			t.Errorf("%+v, %v", edit, err)
		}
	})
}

// Whoever saves on an older state is told what was changed since.
func TestAStaleCourse(t *testing.T) {
	onBoth(t, func(t *testing.T, b *bank.Bank) {
		mapped(t, b)
		if _, err := b.SaveCourse(ctx, registrarA, course(t, b, "code", "n1"), ""); err != nil {
			t.Fatal(err)
		}
		for i, credits := range []string{"3", "2"} {
			if _, err := b.SaveCourse(ctx, registrarA, course(t, b, "code", "n1", "credits", credits), fmt.Sprint(i)); err != nil {
				t.Fatal(err)
			}
		}
		_, err := b.SaveCourse(ctx, registrarA, course(t, b, "code", "n1", "credits", "9"), "0")
		var refusal *bank.Error
		if !errors.As(err, &refusal) || refusal.Code != bank.Conflict || refusal.Args["Stamp"] != "2" || len(refusal.Fields) != 1 ||
			refusal.Fields[0].Field != "credits" || refusal.Fields[0].Value != "2" {
			t.Errorf("%v", err)
		}
		if _, err := b.SaveCourse(ctx, registrarA, course(t, b, "code", "n1", "credits", "9"), bank.AnyStamp); err != nil {
			t.Error(err)
		}
	})
}

// What a change touches is said before, listed afterwards, and flagged until somebody
// of the receiving school has looked.
func TestWhatAChangeTouches(t *testing.T) {
	onBoth(t, func(t *testing.T, b *bank.Bank) {
		mapped(t, b)
		receiver, other := bank.Actor{Name: "u:dec-b", Roles: bank.IsDecider, Institution: "B"}, bank.Actor{Name: "u:reg-c", Roles: bank.IsRegistrar, Institution: "C"}
		ref := transfer.RuleRef{Code: "E1", Version: 1}
		wantCode(t, "a rule without flag", b.ConfirmRule(ctx, receiver, ref), bank.NotFound)
		e := course(t, b, "code", "a1", "credits", "5", "valid_from", "2027-02-01")
		tried, err := b.TryCourse(ctx, registrarA, e, "0")
		if err != nil || tried.Touch.Learners != 2 || len(tried.Touch.Rules) != 1 || tried.Touch.Rules[0].RuleRef != ref || !tried.Touch.Rules[0].Source || tried.Touch.Rules[0].Target || !tried.Flags {
			t.Fatalf("%+v, %v", tried, err)
		}
		if n, err := b.FlaggedRules(ctx, receiver); err != nil || n != 0 {
			t.Errorf("trying flags %d, %v", n, err)
		}
		saved, err := b.SaveCourse(ctx, registrarA, e, "0")
		if err != nil || fmt.Sprint(saved.Touch) != fmt.Sprint(tried.Touch) {
			t.Fatalf("%+v, %v", saved, err)
		}
		flags := func(actor bank.Actor) string {
			page, err := b.RuleFlags(ctx, actor, bank.Window{})
			if err != nil || page.Total != len(page.Items) {
				t.Errorf("%+v, %v", page, err)
			}
			var list []string
			for _, f := range page.Items {
				list = append(list, fmt.Sprint(f.RuleRef, f.Change.CourseKey.Code, f.Change.Fields, f.MayConfirm))
			}
			return strings.Join(list, ";")
		}
		const flagged = "{E1 1}a1[{credits 4 5 false}] "
		if got := flags(receiver); got != flagged+"true" {
			t.Errorf("the receiving school sees %s", got)
		}
		if got := flags(registrarA); got != flagged+"false" {
			t.Errorf("the sending school sees %s", got)
		}
		if flags(other) != "" || flags(administrator) != flagged+"true" || flags(auditor) != flagged+"false" {
			t.Errorf("others see %q, %q, %q", flags(other), flags(administrator), flags(auditor))
		}
		_, err = b.RuleFlags(ctx, learner, bank.Window{})
		wantCode(t, "a learner", err, bank.Denied)
		changes, err := b.CourseChanges(ctx, registrarA, bank.CourseChangeFilter{}, bank.Window{})
		if err != nil || changes.Total != 1 || changes.Items[0].ID != saved.Change || changes.Items[0].Rules != 1 || changes.Items[0].Learners != 2 || changes.Items[0].Open != 1 {
			t.Errorf("%+v, %v", changes, err)
		}
		if changes, err := b.CourseChanges(ctx, other, bank.CourseChangeFilter{Institution: "A"}, bank.Window{}); err != nil || changes.Total != 0 {
			t.Errorf("another school sees %+v, %v", changes, err)
		}
		for _, no := range []bank.Actor{registrarA, other} {
			wantCode(t, no.Name, b.ConfirmRule(ctx, no, ref), bank.NotFound)
		}
		wantCode(t, "auditor", b.ConfirmRule(ctx, auditor, ref), bank.Denied)
		if err := b.ConfirmRule(ctx, receiver, ref); err != nil {
			t.Fatal(err)
		}
		wantCode(t, "once more", b.ConfirmRule(ctx, receiver, ref), bank.NotFound)
		if flags(administrator) != "" {
			t.Error("it is still flagged")
		}
	})
}

// An import raises the same flags, and a new version of the rule makes them moot.
func TestAnImportIsAChangeToo(t *testing.T) {
	onBoth(t, func(t *testing.T, b *bank.Bank) {
		mapped(t, b)
		text(t, b, "courses", "institution,code,name,credits,valid_from\nB,b1,Algebra,2,\nB,b2,Optics,2,\nA,a1,Maths,6,2027-01-01\nA,n9,New,1,\n")
		changes, err := b.CourseChanges(ctx, operator, bank.CourseChangeFilter{}, bank.Window{})
		if err != nil || changes.Total != 2 {
			t.Fatalf("%+v, %v", changes, err)
		}
		found := map[string]bank.CourseChange{}
		for _, c := range changes.Items {
			found[c.CourseKey.Code] = c
		}
		if c := found["b1"]; c.Kind != bank.SavedEdit || fmt.Sprint(c.Fields) != "[{credits 3 2 false}]" || c.Rules != 1 || c.Programmes != 1 || c.Learners != 0 {
			t.Errorf("b1: %+v", c)
		}
		if c := found["a1"]; c.Kind != bank.SavedVersion || fmt.Sprint(c.Fields) != "[{credits 4 6 false}]" || c.Rules != 1 || c.Learners != 2 {
			t.Errorf("a1: %+v", c)
		}
		if n, err := b.FlaggedRules(ctx, administrator); err != nil || n != 1 {
			t.Errorf("%d rules, %v", n, err)
		}
		text(t, b, "equivalences", "equivalence,source_institution,source_course,target_institution,target_course,note\nE1,A,a1,B,b1,looked at\n")
		if n, err := b.FlaggedRules(ctx, administrator); err != nil || n != 0 {
			t.Errorf("after a new version of the rule: %d, %v", n, err)
		}
	})
}

// Files come to a version, and the next keeps those that it names.
func TestFilesOfACourse(t *testing.T) {
	onBoth(t, func(t *testing.T, b *bank.Bank) {
		mapped(t, b)
		k := transfer.CourseKey{Institution: "A", Code: "a1"}
		files := []bank.NewAttachment{{Name: "大纲.pdf", Content: pdf(100)}, {Name: "计划.txt", Content: []byte("一")}}
		if err := b.AddCourseFiles(ctx, registrarA, k, calendar.None, files); err != nil {
			t.Fatal(err)
		}
		wantCode(t, "no such version", b.AddCourseFiles(ctx, registrarA, k, b.Today(), files), bank.NotFound)
		wantCode(t, "another school", b.AddCourseFiles(ctx, bank.Actor{Roles: bank.IsRegistrar, Institution: "B"}, k, calendar.None, files), bank.NotFound)
		wantFault(t, "none", b.AddCourseFiles(ctx, registrarA, k, calendar.None, nil), "files required")
		wantFault(t, "a program", b.AddCourseFiles(ctx, registrarA, k, calendar.None, []bank.NewAttachment{{Name: "a.pdf", Content: []byte("MZ\x00")}}), "files file_type")
		d, err := b.CourseDetail(ctx, k, b.Today())
		if err != nil || len(d.Attached) != 2 || d.Stamp != "1" {
			t.Fatalf("%+v, %v", d, err)
		}
		if n, err := b.FlaggedRules(ctx, administrator); err != nil || n != 0 {
			t.Errorf("a file more flags %d rules, %v", n, err)
		}
		next := course(t, b, "code", "a1", "valid_from", "2027-02-01")
		next.Files = []string{d.Attached[0].ID}
		if _, err := b.SaveCourse(ctx, registrarA, next, "1"); err != nil {
			t.Fatal(err)
		}
		for day, want := range map[string]int{"2026-01-01": 2, "2027-02-01": 1} {
			if d, err := b.CourseDetail(ctx, k, on(t, day)); err != nil || len(d.Attached) != want {
				t.Errorf("on %s: %+v, %v", day, d.Attached, err)
			}
		}
	})
}

// A registrar's file changes no version on which something relies; what is new, or
// relied on by nobody, it does.
func TestARegistrarsFileOfCourses(t *testing.T) {
	onBoth(t, func(t *testing.T, b *bank.Bank) {
		mapped(t, b)
		text(t, b, "courses", "institution,code,name,credits\nA,free,Free,1\n")
		tab := parseTable(t, []byte("institution,code,name,credits,valid_from,outline\nA,a1,Maths,5,,\nA,a1,Maths,5,2027-02-01,\nA,free,Free,2,,\nA,a2,Physics,2,,Optics\n"))
		report, err := b.Import(ctx, registrarA, bank.Import{Kind: "courses", Header: tab.header, Rows: tab.all(), Partial: true})
		if err != nil || report.New != 1 || report.Updated != 2 || report.Refused != 1 || len(report.Errors) != 1 ||
			report.Errors[0].Row != 2 || report.Errors[0].Code != "course_relied" {
			t.Fatalf("%+v, %v", report, err)
		}
		if n, err := b.FlaggedRules(ctx, administrator); err != nil || n != 1 {
			t.Errorf("%d rules are flagged, %v", n, err)
		}
	})
}
