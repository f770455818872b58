package bank_test

import (
	"archive/zip"
	"bytes"
	"errors"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"creditbank/internal/bank"
	"creditbank/internal/intake"
	"creditbank/internal/testbed"
)

// rosterTables are the tables of a school with two students, as in OneRoster 1.2.
func rosterTables() map[string]string {
	tables := map[string]string{}
	for _, f := range bank.RosterFiles() {
		tables[f.Name] = strings.Join(f.All(), ",") + "\n"
	}
	row := func(name, row string) { tables[name] += row + "\n" }
	row("orgs", "S,,,School A,school,A,")
	row("orgs", "D,,,Computing,department,,S")
	row("academicSessions", "2025,,,2025-2026,schoolYear,2025-09-01,2026-08-31,,2026")
	row("academicSessions", "2025-2,,,第二学期,term,2026-02-24,2026-07-10,2025,2026")
	row("courses", "C1,,,2025,Go 语言程序设计,RJ1001,,D,,,4,64")
	row("courses", "C2,,,2025,Maths,a1,,S,,,,") // the bank has it
	row("classes", "K1,,,1 班,,C1,,scheduled,,S,\"2025,2025-2\",,,")
	row("classes", "K2,,,2 班,,C2,,scheduled,,S,2025-2,,,")
	row("users", "u1,,,true,u1,,小明,王,,2025010001,one@example.invalid,,,,,,,,,,S,")
	row("users", "u2,,,true,u2,{居民身份证:11010519491231002X},Anna,Lee,Maria,2025010002,,,,,,,,,,,S,")
	row("users", "t1,,,true,t1,,老师,李,,,,,,,,,,,,,S,")
	row("roles", "r1,,,u1,primary,student,,,S,")
	row("roles", "r2,,,u2,primary,student,,,D,")
	row("roles", "r3,,,t1,primary,teacher,,,S,")
	row("enrollments", "e1,,,K1,S,u1,student,false,,")
	row("enrollments", "e2,,,K2,S,u1,student,false,,")
	row("enrollments", "e3,,,K1,S,u2,student,false,,")
	row("enrollments", "e4,,,K1,S,t1,teacher,true,,")
	row("categories", "final,,,总评成绩,100")
	row("categories", "hw,,,平时,0")
	row("lineItems", "li1,,,总评,,2026-02-24,2026-07-10,K1,final,2025-2,0,100,S")
	row("lineItems", "li2,,,作业,,2026-02-24,2026-04-10,K1,hw,2025-2,0,100,S")
	row("lineItems", "li3,,,成绩,,2026-02-24,2026-07-09,K2,hw,2025-2,0,100,S")
	row("results", "res1,,,li1,u1,fully graded,86,2026-07-05,,,K1,false,false,false,false")
	row("results", "res2,,,li1,u2,fully graded,,2026-07-05,,良好,,,,,")
	row("results", "res3,,,li2,u1,fully graded,99,2026-04-05,,,K1,false,false,false,false")
	row("results", "res4,,,li3,u1,fully graded,59.5,,,,K2,false,false,false,false")
	return tables
}

// rosterArchive packs tables with a manifest of them.
func rosterArchive(t *testing.T, tables map[string]string) string {
	t.Helper()
	return rosterArchiveAs(t, "bulk", tables)
}

// rosterArchiveAs packs tables with a manifest that says that all are there so.
func rosterArchiveAs(t *testing.T, present string, tables map[string]string) string {
	t.Helper()
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	add := func(name, content string) {
		w, err := z.Create(name)
		if err == nil {
			_, err = w.Write([]byte(content))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	modes := "propertyName,value\nmanifest.version,1.0\noneroster.version,1.2\n"
	for _, f := range bank.RosterFiles() {
		mode := "absent"
		if content, there := tables[f.Name]; there {
			mode = present
			add(f.File(), content)
		}
		modes += "file." + f.Name + "," + mode + "\n"
	}
	add("manifest.csv", modes)
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// takenRoster takes an archive in on the command line's way.
func takenRoster(t *testing.T, b *bank.Bank, tables map[string]string, partial bool) bank.ImportReport {
	t.Helper()
	return takenArchive(t, b, rosterArchive(t, tables), partial)
}

func takenArchive(t *testing.T, b *bank.Bank, archive string, partial bool) bank.ImportReport {
	t.Helper()
	r, err := intake.OpenRoster(strings.NewReader(archive))
	if err != nil {
		t.Fatal(err)
	}
	report, err := b.Import(ctx, operator, bank.Import{Kind: bank.OneRoster, Header: bank.RosterHeader(), Rows: r.Rows(), Notes: r.Notes(), Partial: partial})
	if err != nil {
		t.Fatal(err)
	}
	if report.Rows != report.New+report.Unchanged+report.Updated+report.Refused {
		t.Errorf("the counts do not add up: %+v", report)
	}
	return report
}

// An archive brings courses, students and final results; the same again changes nothing;
// and what the school says anew is a new version.
func TestRosterComesIn(t *testing.T) {
	onBoth(t, func(t *testing.T, b *bank.Bank) {
		small(t, b)
		tables := rosterTables()
		r := takenRoster(t, b, tables, false)
		if !r.Written || r.New != 6 || r.Refused != 0 {
			t.Fatalf("%+v", r)
		}
		for kind, lines := range map[string][]string{
			"courses":  {"A,RJ1001,Go 语言程序设计,,4,64,,,,2025-09-01,,", "A,a1,Maths,,4,"},
			"learners": {"A-2025010001,王小明,,,,,,A,,,,one@example.invalid", "A-2025010002,Anna Maria Lee,resident_id,11010519491231002X,"},
			"records": {"A-2025010001,res1,course,A,RJ1001,,86,percent,,,,2026-07-05,,第二学期", "A-2025010002,res2,course,A,RJ1001,,良好,five,",
				"A-2025010001,res4,course,A,a1,,59.5,percent,,,,2026-07-09,"},
		} {
			out := export(t, b, kind)
			for _, line := range lines {
				if !strings.Contains(out, line) {
					t.Errorf("%s lacks %q:\n%s", kind, line, out)
				}
			}
		}
		codes := map[string]int{}
		for _, n := range r.Notes {
			codes[n.Code] = n.Count
		}
		if !maps.Equal(codes, map[string]int{"roster_not_student": 1, "roster_not_final": 1}) {
			t.Errorf("noted is %v", codes)
		}
		if again := takenRoster(t, b, tables, false); again.Written || again.Unchanged != again.Rows {
			t.Errorf("again: %+v", again)
		}
		tables["academicSessions"] += "2026,,,2026-2027,schoolYear,2026-09-01,2027-08-31,,2027\n"
		tables["courses"] += "C1b,,,2026,Go 语言程序设计,RJ1001,,D,,,4.5,72\n"
		if next := takenRoster(t, b, tables, false); !next.Written || next.New != 1 || next.Updated != 0 {
			t.Errorf("the next year: %+v", next)
		}
		if out := export(t, b, "courses"); !strings.Contains(out, "A,RJ1001,Go 语言程序设计,,4.5,72,,,,2026-09-01,,") {
			t.Errorf("%s", out)
		}
	})
}

// The sample of the standard comes in whole, and again without a change.
func TestRosterOfTheStandard(t *testing.T) {
	folder := filepath.Join(testbed.Shared(t), "standards", "oneroster-1.2", "sample")
	onBoth(t, func(t *testing.T, b *bank.Bank) {
		text(t, b, "institutions", "code,name,kind\n4143012345,某某职业技术学院,higher_vocational\n")
		tables := map[string]string{}
		for _, f := range bank.RosterFiles() {
			content, err := os.ReadFile(filepath.Join(folder, f.File()))
			if f.Optional && errors.Is(err, os.ErrNotExist) {
				continue
			}
			if err != nil {
				t.Fatal(err)
			}
			tables[f.Name] = "\ufeff" + string(content)
		}
		if r := takenRoster(t, b, tables, false); r.New != 3 || r.Refused != 0 || r.Rows != 11 {
			t.Errorf("%+v", r)
		}
		if r := takenRoster(t, b, tables, false); r.Written || r.Unchanged != 11 {
			t.Errorf("again: %+v", r)
		}
	})
}

// rosterTrouble is a change of one table, and what is said of it.
type rosterTrouble struct {
	name, file, old, new string
	want                 string // FILE COLUMN CODE of the first fault, or "note CODE"
}

func rosterTroubles() []rosterTrouble {
	return []rosterTrouble{
		{"a school that the bank does not know", "orgs", "School A,school,A,", "School A,school,4143012345,", "orgs.csv identifier roster_org"},
		{"a course that is not there", "classes", ",,C1,,", ",,C9,,", "classes.csv courseSourcedId roster_dangling"},
		{"a term that is not there", "classes", "\"2025,2025-2\"", "\"2025,2019-1\"", "classes.csv termSourcedIds roster_session"},
		{"a year that is not there", "courses", "C1,,,2025,", "C1,,,1999,", "courses.csv schoolYearSourcedId roster_session"},
		{"a term of no year", "academicSessions", ",2025,2026\n", ",1999,2026\n", "academicSessions.csv parentSourcedId roster_session"},
		{"a term that ends before it begins", "academicSessions", "2026-02-24,2026-07-10", "2026-02-24,2026-01-10", "academicSessions.csv endDate roster_session_ends"},
		{"a name twice", "users", "t1,,,true", "u1,,,true", "users.csv sourcedId roster_duplicate"},
		{"a course without credits", "courses", ",,,4,64", ",,,,64", "courses.csv metadata.cn.credits required"},
		{"credits that are none", "courses", ",,,4,64", ",,,vier,64", "courses.csv metadata.cn.credits amount"},
		{"a student who is not enrolled", "enrollments", "e3,,,K1,S,u2,student", "e3,,,K1,S,u2,aide", "results.csv studentSourcedId roster_not_enrolled"},
		{"a student without the role", "roles", "r2,,,u2,primary,student", "r2,,,u2,primary,aide", "results.csv studentSourcedId roster_no_student"},
		{"a result of another class", "results", "2026-07-05,,,K1,", "2026-07-05,,,K2,", "results.csv classSourcedId roster_class"},
		{"a grade that is none", "results", ",,良好,", ",,挺好,", "results.csv score grade"},
		{"a score out of 5", "lineItems", "K1,final,2025-2,0,100", "K1,final,2025-2,0,5", "results.csv score roster_range"},
		{"no final item", "lineItems", "li1,,,总评,,2026-02-24,2026-07-10,K1,final", "li1,,,期末考试,,2026-02-24,2026-07-10,K1,hw", "results.csv lineItemSourcedId roster_no_final"},
		{"two final items", "lineItems", "li2,,,作业,", "li2,,,Total,", "results.csv lineItemSourcedId roster_two_finals"},
		{"a result of tomorrow", "results", "86,2026-07-05", "86,2027-07-05", "results.csv scoreDate future"},
		{"a class that is to go", "classes", "K2,,,2 班", "K2,tobedeleted,2026-07-05T00:00:00Z,2 班", "enrollments.csv classSourcedId roster_deleted"},
		{"a result that is to go", "results", "res1,,,", "res1,tobedeleted,2026-07-05T00:00:00Z,", "note roster_gone"},
		{"a result that is not final", "results", "fully graded,86", "partially graded,86", "note roster_not_graded"},
		{"a status of an older standard", "users", "u1,,,true", "u1,inactive,,true", "users.csv status choice"},
		{"a person without a name", "users", "小明,王", "小明,", "users.csv familyName required"},
		{"text that is none", "users", "小明", "小\xff明", "users.csv  encoding"},
	}
}

// Each trouble has its own answer, and nothing is written.
func TestRosterTroubles(t *testing.T) {
	onBoth(t, func(t *testing.T, b *bank.Bank) {
		small(t, b)
		for _, trouble := range rosterTroubles() {
			tables := rosterTables()
			if !strings.Contains(tables[trouble.file], trouble.old) {
				t.Fatalf("%s: %q is not there", trouble.name, trouble.old)
			}
			tables[trouble.file] = strings.Replace(tables[trouble.file], trouble.old, trouble.new, 1)
			code, isNote := strings.CutPrefix(trouble.want, "note ")
			if isNote {
				r, err := intake.OpenRoster(strings.NewReader(rosterArchive(t, tables)))
				if err != nil {
					t.Fatal(err)
				}
				report, err := b.Import(ctx, operator, bank.Import{Kind: bank.OneRoster, Header: bank.RosterHeader(), Rows: r.Rows(), DryRun: true})
				if err != nil || report.Refused > 0 || !slices.ContainsFunc(report.Notes, func(n bank.Note) bool { return n.Code == code && n.Column == trouble.file+".csv" }) {
					t.Errorf("%s: %+v %v", trouble.name, report, err)
				}
				continue
			}
			report := takenRoster(t, b, tables, false)
			if report.Written || !slices.ContainsFunc(report.Errors, func(e bank.RowError) bool { return e.File+" "+e.Column+" "+e.Code == trouble.want }) {
				t.Errorf("%s: %+v", trouble.name, report.Errors)
			}
		}
		// With the good rows alone, what rests on a fault is refused and the rest is taken.
		tables := rosterTables()
		tables["courses"] = strings.Replace(tables["courses"], ",,,4,64", ",,,,64", 1)
		r := takenRoster(t, b, tables, true)
		if !r.Written || r.New != 3 || !slices.ContainsFunc(r.Errors, func(e bank.RowError) bool { return e.File == "results.csv" && e.Code == "roster_follows" }) {
			t.Errorf("the good rows: %+v", r)
		}
	})
}

// A result that the bank has is not removed by an archive, nor changed by one.
func TestRosterRemovesNoResult(t *testing.T) {
	onBoth(t, func(t *testing.T, b *bank.Bank) {
		small(t, b)
		if r := takenRoster(t, b, rosterTables(), false); !r.Written {
			t.Fatalf("%+v", r)
		}
		for want, change := range map[string][2]string{"roster_result_gone": {"res1,,,", "res1,tobedeleted,2026-07-05T00:00:00Z,"}, "lasting": {"graded,86", "graded,87"}} {
			tables := rosterTables()
			tables["results"] = strings.Replace(tables["results"], change[0], change[1], 1)
			if r := takenRoster(t, b, tables, false); r.Written || r.Refused != 1 || r.Errors[0].Code != want {
				t.Errorf("%s: %+v", want, r)
			}
		}
	})
}

// A registrar brings the own school's archive from the browser: it is checked, taken in
// as one batch, and undone.
func TestRosterFromTheBrowser(t *testing.T) {
	onBoth(t, func(t *testing.T, b *bank.Bank) {
		small(t, b)
		u := staged(t, b, registrarOfA, bank.OneRoster, rosterArchive(t, rosterTables()))
		if u.State != bank.UploadChecked || u.Counts.Refused != 0 || u.Counts.New != 6 || len(u.Counts.Parts) != 10 || u.ReadAs.Parts != 11 {
			t.Fatalf("%+v", u)
		}
		before := export(t, b, "courses")
		u = commit(t, b, registrarOfA, u, false)
		if u.State != bank.UploadCommitted || !u.Undoable {
			t.Fatalf("%+v", u)
		}
		if again := staged(t, b, registrarOfA, bank.OneRoster, rosterArchive(t, rosterTables())); again.Counts.Unchanged != again.Counts.Rows {
			t.Errorf("again: %+v", again.Counts)
		}
		if err := b.UndoUpload(ctx, registrarOfA, u.ID); err != nil {
			t.Fatal(err)
		}
		if out := export(t, b, "courses"); !strings.HasPrefix(out, before[:len(before)-1]) && !strings.Contains(out, "RJ1001") {
			t.Errorf("a course that the ledger names is gone: %s", out)
		}
		page, err := b.Statement(ctx, "A-2025010002", bank.Window{})
		if err != nil || len(page.Items) != 2 {
			t.Errorf("the ledger says %+v %v", page.Items, err)
		}
		other := rosterTables()
		other["orgs"] = strings.Replace(other["orgs"], "school,A,", "school,B,", 1)
		u = staged(t, b, registrarOfA, bank.OneRoster, rosterArchive(t, other))
		r, err := b.UploadReport(ctx, registrarOfA, u.ID)
		if err != nil || u.Counts.New != 0 || !slices.ContainsFunc(r.Errors, func(e bank.RowError) bool { return e.File == "orgs.csv" && e.Code == "not_yours" }) {
			t.Errorf("another school's: %+v %v", r.Errors, err)
		}
	})
}
