package bank_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"creditbank/internal/bank"
	"creditbank/internal/sheet"
	"creditbank/internal/testbed"
)

// Each thing that is wrong is refused by its column, nothing personal is repeated, and a
// school learns nothing of people of others.
func TestRegionalRefusals(t *testing.T) {
	onBoth(t, func(t *testing.T, b *bank.Bank) {
		regional(t, b)
		course := func(who bank.Actor, name, number, course, grade, month, level, student string) bank.ImportReport {
			return takenRegional(t, b, who, bank.RegionalCourses, []string{coursesHeader, strings.Join([]string{name, number, "", course, level, "", "", "", grade, month, "", "", "", "", student}, "|")})
		}
		const one, number = "示例学员一", "000000200804141025"
		for _, c := range []struct {
			r            bank.ImportReport
			column, code string
		}{
			{course(operator, one, "", "大学语文", "优秀", "202407", "", ""), "id_number", "required"},
			{course(operator, one, "000000200804141033", "大学语文", "优秀", "202407", "", ""), "id_number", "unknown_person"},
			{course(operator, one, "", "大学语文", "优秀", "202407", "", "L9"), "student_number", "unknown_person"},
			{course(operator, one, number, "大学语文", "优秀", "202407", "", "L2"), "id_number", "other_person"},
			{course(operator, "别人", number, "大学语文", "优秀", "202407", "", ""), "name", "name_differs"},
			{course(operator, one, number, "高等数学", "优秀", "202407", "", ""), "course_name", "unknown_course_name"},
			{course(operator, one, number, "大学语文", "59", "202407", "", ""), "grade", "grade_failed"},
			{course(operator, one, number, "大学语文", "免修", "202407", "", ""), "grade", "grade_exempt"},
			{course(operator, one, number, "大学语文", "良好", "202407", "", ""), "grade", "result_differs"},
			{course(operator, one, number, "大学语文", "优秀", "2024-13", "", ""), "earned", "month"},
			{course(operator, one, number, "大学语文", "优秀", "202612", "", ""), "earned", "future"},
			{course(operator, one, number, "大学语文", "优秀", "202407", "99", ""), "level_code", "regional_code"},
			{course(registrarOfHigher, "示例学员三", "", "语文", "80", "202506", "", "L3"), "student_number", "unknown_person"},
		} {
			if len(c.r.Errors) != 1 || c.r.Errors[0].Column != c.column || c.r.Errors[0].Code != c.code || c.r.Written {
				t.Errorf("%s %s: %+v", c.column, c.code, c.r.Errors)
			}
			if said := fmt.Sprint(c.r.Errors); strings.Contains(said, number) || strings.Contains(said, one) {
				t.Errorf("what is personal is repeated: %s", said)
			}
		}
		if r := course(registrarOfHigher, one, number, "大学语文", "优秀", "202407", "", ""); r.Unchanged != 1 {
			t.Errorf("the own school's: %+v", r.Errors)
		}
		wantRowRefused(t, b, bank.RegionalExternal, external("语文", "90", "YT2", "3", "202409"), external("语文", "90", "YT2", "2", "202409"), "", "contradicts")
		wantRowRefused(t, b, bank.RegionalExternal, external("语文", "90", "YT2", "3", "202409"), external("语文", "90", "YT1", "3", "202205"), "converted", "converted_early")
		if _, err := b.Import(ctx, registrarOfHigher, bank.Import{Kind: bank.RegionalExternal}); bank.CodeOf(err) != bank.Denied {
			t.Errorf("a school books conversions itself: %v", err)
		}
	})
}

// external is a row of a converted course of the first learner.
func external(course, grade, target, credits, month string) string {
	return "示例学员一|000000200804141025|" + higher + "|01||" + course + "|云帆(示例)职业教育中心|||12|216|" + grade + "|202306|||||L1||" + target + "||" + credits + "|" + month + "|"
}

func wantRowRefused(t *testing.T, b *bank.Bank, kind, first, second, column, code string) {
	t.Helper()
	r := takenRegional(t, b, operator, kind, []string{externalHeader, first, second})
	if len(r.Errors) != 1 || r.Errors[0].Row != 3 || r.Errors[0].Column != column || r.Errors[0].Code != code || r.Written {
		t.Errorf("%s %s: %+v", column, code, r.Errors)
	}
}

// What was decided about applications comes out as converted, and is unchanged when it
// comes back, also where several courses have one name.
func TestRegionalFilesOfDecisions(t *testing.T) {
	onBoth(t, func(t *testing.T, b *bank.Bank) {
		applying(t, b)
		earns(t, b, "L1", 1, 2, 7, 8)
		accept(t, b, applied(t, b, asks1, toA))
		out, report := givenRegional(t, b, operator, bank.RegionalFile{Kind: bank.RegionalExternal, Institution: takes})
		if report.Rows != 4 || !strings.HasPrefix(out[1], "Li||"+takes+"|01||Course|Sends||33|3||80|202507|") {
			t.Fatalf("%+v %q", report, out)
		}
		if r := takenRegional(t, b, operator, bank.RegionalExternal, out); r.Unchanged != 4 || r.Written {
			t.Errorf("again: %+v %+v", r, r.Errors)
		}
	})
}

// Codes are changed in versions, all of a form or none, and by administrators alone.
func TestRegionalSettings(t *testing.T) {
	onBoth(t, func(t *testing.T, b *bank.Bank) {
		regional(t, b)
		const spring, autumn = "code.long.season.spring", "code.long.season.autumn"
		for _, wrong := range []map[string]string{{spring: "1322"}, {spring: "9", "code.long.season.summer": "1"}, {"set.creditbank-courses": "other"}, {"school.X": "1"}, {spring: strings.Repeat("9", 41)}} {
			if err := b.SetRegional(ctx, administrator, wrong); bank.CodeOf(err) != bank.Invalid {
				t.Errorf("%v: %v", wrong, err)
			}
		}
		if err := b.SetRegional(ctx, registrarOfHigher, map[string]string{spring: "9"}); bank.CodeOf(err) != bank.Denied {
			t.Errorf("a registrar: %v", err)
		}
		for _, right := range []map[string]string{{spring: "1322", autumn: "1321"}, {"set.creditbank-courses": "short", "school." + higher: "S01"}, {"set.creditbank-courses": "short"}} {
			if err := b.SetRegional(ctx, administrator, right); err != nil {
				t.Errorf("%v: %v", right, err)
			}
		}
		s, err := b.RegionalSettings(ctx, registrarOfHigher)
		if err != nil || len(s.Changes) != 4 || s.Chosen[bank.RegionalCourses] != bank.RegionalShort || len(s.Schools) != 1 || s.Schools[0].Code != "S01" {
			t.Errorf("%+v %v", s, err)
		}
		out, _ := givenRegional(t, b, operator, bank.RegionalFile{Kind: bank.RegionalCourses, Institution: higher})
		if !strings.Contains(out[1], "|21|31|") {
			t.Errorf("%q", out[1])
		}
		row := strings.Replace(external("语文", "90", "YT2", "3", "202409"), "|"+higher+"|", "|S01|", 1)
		if r := takenRegional(t, b, operator, bank.RegionalExternal, []string{externalHeader, row}); r.New != 1 {
			t.Errorf("%+v", r.Errors)
		}
	})
}

// What such files said goes with the person, and stands in what the bank keeps of one.
func TestRegionalAndThePerson(t *testing.T) {
	onBoth(t, func(t *testing.T, b *bank.Bank) {
		regional(t, b)
		rows := []string{externalHeader, strings.Replace(external("语文", "90", "YT2", "3", "202409"), "||||L1|", "|||亲笔备注|L1|", 1)}
		if r := takenRegional(t, b, operator, bank.RegionalExternal, rows); r.New != 1 {
			t.Fatalf("%+v", r.Errors)
		}
		login, err := b.AddLogin(ctx, operator, bank.NewLogin{Name: "one", Password: goodPassword, Learner: "L1"})
		if err != nil {
			t.Fatal(err)
		}
		about, err := b.AboutMe(ctx, bank.Actor{Name: "u:" + login, Login: login, Roles: bank.IsLearner, Learner: "L1"})
		if err != nil || len(about.Regional) != 1 || about.Regional[0].Said["note"] != "亲笔备注" || about.Regional[0].UsedCourse != "YT2" {
			t.Errorf("%+v %v", about.Regional, err)
		}
		if err := b.EraseLearner(ctx, operator, "L1", "request of the person"); err != nil {
			t.Fatal(err)
		}
		if out, _ := givenRegional(t, b, operator, bank.RegionalFile{Kind: bank.RegionalExternal}); len(out) != 1 {
			t.Errorf("after the erasure: %q", out)
		}
		wantSound(t, b)
	})
}

// The columns are those of the lists that are published of these files.
func TestRegionalColumnsAreThosePublished(t *testing.T) {
	file, err := os.Open(filepath.Join(testbed.Shared(t), "codelists", "creditbank_upload_fields.csv"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	r, err := sheet.NewReader(file)
	if err != nil {
		t.Fatal(err)
	}
	kinds := map[string]string{"course": bank.RegionalCourses, "extern": bank.RegionalExternal, "certificate": bank.RegionalCertificates}
	published := map[string][]string{}
	for row, err := range r.All() {
		if err != nil {
			t.Fatal(errors.Unwrap(err))
		}
		published[kinds[row.Cells[0]]] = append(published[kinds[row.Cells[0]]], row.Cells[3])
	}
	for _, kind := range bank.RegionalKinds() {
		columns, err := bank.Columns(kind)
		if err != nil {
			t.Fatal(err)
		}
		var names []string
		for _, c := range columns {
			names = append(names, c.Zh)
		}
		wantRows(t, kind, names, published[kind]...)
	}
}
