package bank_test

import (
	"slices"
	"strings"
	"testing"

	"creditbank/internal/bank"
)

// Two schools, an issuer of certificates, and three learners, all fictional.
const (
	lower  = "3650990001" // 中职
	higher = "4150099901" // 高职
	papers = "P"
)

var registrarOfHigher = bank.Actor{Name: "u:registrar-h", Roles: bank.IsRegistrar, Institution: higher}

// regional fills a bank with what files of a regional credit bank are about.
func regional(t testing.TB, b *bank.Bank) *bank.Bank {
	t.Helper()
	fillWith(t, b, regionalMap())
	fillWith(t, b, [][2]string{
		{"records", "learner,reference,kind,institution,course,title,grade,credits,hours,completed_on\n" +
			"L1,H1,course," + higher + ",YT1,,55,4,64,2024-01-10\nL1,H2,course," + higher + ",YT1,,71,4,64,2024-06-10\nL1,H3,course," + higher + ",YT1,,86,4,64,2024-07-02\n" +
			"L1,H4,course," + higher + ",YT2,,优秀,,,2024-07-02\nL1,S1,course," + lower + ",001,,90,12,216,2023-06-25\nL2,H5,course," + higher + ",YT1,,60,4,64,2024-07-02\n" +
			"L3,S2,course," + lower + ",001,,80,12,216,2025-06-25\nL1,C1,certificate," + papers + ",X1,1+X Web前端(初级),,3,48,2023-05-20\n"},
	})
	return b
}

// regionalMap is the map of that bank and who is in it.
func regionalMap() [][2]string {
	return [][2]string{
		{"institutions", "code,name,kind\n" + lower + ",云帆(示例)职业教育中心,secondary_vocational\n" + higher + ",雾都(虚构)职业技术学院,higher_vocational\n" + papers + ",示例评价机构,overseas\n"},
		{"courses", "institution,code,name,credits,hours\n" + lower + ",001,语文,12,216\n" + higher + ",YT1,程序设计基础,4,64\n" + higher + ",YT2,大学语文,3,48\n" + papers + ",X1,Web前端开发,3,48\n"},
		{"programmes", "institution,code,name,catalogue_code,years,required_credits\n" + higher + ",510203,软件技术,510203,3,140\n" + lower + ",710205,大数据技术应用,710205,3,160\n"},
		{"learners", "account,name,id_type,id_number,birth_date,gender,institution,programme,entered_on\n" +
			"L1,示例学员一,resident_id,000000200804141025,2008-04-14,female," + higher + ",510203,2023-09-01\nL2,示例学员二,,,,," + higher + ",510203,2023-09-01\nL3,示例学员三,,,,," + lower + ",710205,2022-09-01\n"},
	}
}

func fillWith(t testing.TB, b *bank.Bank, files [][2]string) {
	t.Helper()
	for _, f := range files {
		if r := textIn(t, b, f[0], f[1]); r.Refused > 0 {
			t.Fatalf("%s: %+v", f[0], r.Errors)
		}
	}
}

// givenRegional is a file as it comes out: the header, and its rows joined with bars.
func givenRegional(t testing.TB, b *bank.Bank, who bank.Actor, f bank.RegionalFile) (rows []string, r bank.RegionalReport) {
	t.Helper()
	r, err := b.ExportRegional(ctx, who, f, func(cells ...string) error { rows = append(rows, strings.Join(cells, "|")); return nil })
	if err != nil {
		t.Fatal(err)
	}
	return rows, r
}

// takenRegional takes rows joined with bars in, under a header.
func takenRegional(t testing.TB, b *bank.Bank, who bank.Actor, kind string, rows []string) bank.ImportReport {
	t.Helper()
	in := bank.Import{Kind: kind, Header: strings.Split(rows[0], "|"), Rows: func(yield func(bank.Row, error) bool) {
		for i, line := range rows[1:] {
			if !yield(bank.Row{Number: i + 2, Line: i + 2, Cells: strings.Split(line, "|")}, nil) {
				return
			}
		}
	}}
	r, err := b.Import(ctx, who, in)
	if err != nil {
		t.Fatalf("import %s: %v", kind, err)
	}
	return r
}

func wantRows(t testing.TB, what string, got []string, want ...string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("%s:\n%s\nwant\n%s", what, strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

const coursesHeader = "姓名|身份证号|专业名称|课程名称|教育层次代码|教育类别代码|学分|学时|成绩|获得时间(yyyyMM)|届别|毕业结业肄业|毕业季|备注|学号"

// Own courses come out one row a course, the best passed attempt, and go in again.
func TestRegionalCourses(t *testing.T) {
	onBoth(t, func(t *testing.T, b *bank.Bank) {
		regional(t, b)
		out, report := givenRegional(t, b, operator, bank.RegionalFile{Kind: bank.RegionalCourses, Institution: higher})
		wantRows(t, "courses", out, coursesHeader,
			"示例学员一|000000200804141025|软件技术|程序设计基础|86|322|4|64|86|202407|2026|1690|||L1",
			"示例学员一|000000200804141025|软件技术|大学语文|86|322|3|48|优秀|202407|2026|1690|||L1",
			"示例学员二||软件技术|程序设计基础|86|322|4|64|60|202407|2026|1690|||L2")
		if report.Rows != 3 || report.LeftOut["failed"] != 1 || report.LeftOut["attempt"] != 1 {
			t.Errorf("%+v", report)
		}
		if r := takenRegional(t, b, operator, bank.RegionalCourses, out); r.Unchanged != 3 || r.Written {
			t.Errorf("again: %+v", r)
		}
		// The other set of codes is understood, and what the bank cannot say itself is kept.
		changed := []string{out[0], strings.NewReplacer("|86|322|4", "|21|31|4", "|2026|1690||", "|2027|1261|1321|补考").Replace(out[1])}
		if r := takenRegional(t, b, operator, bank.RegionalCourses, changed); r.Updated != 1 || r.Refused > 0 {
			t.Fatalf("changed: %+v", r)
		}
		out, _ = givenRegional(t, b, operator, bank.RegionalFile{Kind: bank.RegionalCourses})
		wantRows(t, "what was said", out[1:3], "示例学员一|000000200804141025|软件技术|程序设计基础|86|322|4|64|86|202407|2027|1261|1321|补考|L1",
			"示例学员一|000000200804141025|软件技术|大学语文|86|322|3|48|优秀|202407|2026|1690|||L1")
		if len(out) != 5 {
			t.Errorf("of all schools: %d rows", len(out)-1)
		}
		wantSound(t, b)
	})
}

const externalHeader = "姓名|身份证号|转换学校代码|原课程来源代码(01课程类/02证书类)|原专业名称|原课程名称|原办学机构|原教育层次代码|原教育类别代码|原学分|原学时|原成绩|获得时间(yyyyMM)|届别|毕业结业肄业|毕业季|备注|学号|" +
	"转换后教育层次代码|转换后课程代码|转换后课程名称|转换后学分|转换时间(yyyyMM)|转换后专业名称"

// What was converted comes in as used, from results the bank has and from new ones, comes
// out again, and is taken back as a whole.
func TestRegionalConversions(t *testing.T) {
	onBoth(t, func(t *testing.T, b *bank.Bank) {
		regional(t, b)
		before := wantSound(t, b).Entries
		external := []string{externalHeader,
			"示例学员一|000000200804141025|" + higher + "|01||语文|云帆(示例)职业教育中心||33|12|216|90|202306|||||L1|21|YT2|大学语文|3|202409|软件技术",
			"示例学员一|000000200804141025|" + higher + "|01||语文|云帆(示例)职业教育中心||33|12|216|90|202306|||||L1|86|YT1|程序设计基础|2|202409|软件技术",
			"示例学员二||" + higher + "|课程类|机电|语文|" + lower + "||1381|12|216|78|2022年6月||||原校确认|L2|21|YT2||3|202409|"}
		u := stagedRegional(t, b, bank.RegionalExternal, external)
		if u = commit(t, b, administrator, u, false); u.State != bank.UploadCommitted || u.Counts.New != 3 {
			t.Fatalf("%+v", u)
		}
		out, report := givenRegional(t, b, operator, bank.RegionalFile{Kind: bank.RegionalExternal, Institution: higher})
		wantRows(t, "external", out, externalHeader,
			"示例学员一|000000200804141025|"+higher+"|01||语文|云帆(示例)职业教育中心||33|12|216|90|202306|2026|1690|||L1|21|YT1|程序设计基础|2|202409|软件技术",
			"示例学员一|000000200804141025|"+higher+"|01||语文|云帆(示例)职业教育中心||33|12|216|90|202306|2026|1690|||L1|21|YT2|大学语文|3|202409|软件技术",
			"示例学员二||"+higher+"|01|机电|语文|云帆(示例)职业教育中心||33|12|216|78|202206|2026|1690||原校确认|L2|21|YT2|大学语文|3|202409|软件技术")
		if report.Rows != 3 {
			t.Errorf("%+v", report)
		}
		if r := takenRegional(t, b, operator, bank.RegionalExternal, out); r.Unchanged != 3 || r.Written {
			t.Errorf("again: %+v", r)
		}
		wantSound(t, b)
		certificates := []string{"姓名|身份证号|转换学校代码|原证书来源代码|原证书类型|原证书名称|原证书等级|原发证机构|原教育层次代码|原教育类别代码|原学分|原学时|原成绩|获得时间(yyyyMM)|转换后教育层次代码|转换后课程代码|转换后课程名称|转换后学分|转换时间(yyyyMM)|转换后专业",
			"示例学员一|000000200804141025|" + higher + "|02|证书|1+X Web前端(初级)|初级|示例评价机构|||0|0||202305|21|YT1|程序设计基础|4|202409|软件技术"}
		if r := takenRegional(t, b, operator, bank.RegionalCertificates, certificates); r.New != 1 || !r.Written {
			t.Fatalf("%+v", r)
		}
		out, _ = givenRegional(t, b, operator, bank.RegionalFile{Kind: bank.RegionalCertificates})
		wantRows(t, "certificates", out, certificates[0],
			"示例学员一|000000200804141025|"+higher+"|02|证书|1+X Web前端(初级)|初级|示例评价机构|||3|48||202305|21|YT1|程序设计基础|4|202409|软件技术")
		if r := takenRegional(t, b, operator, bank.RegionalCertificates, out); r.Unchanged != 1 {
			t.Errorf("again: %+v", r)
		}
		if err := b.UndoUpload(ctx, administrator, u.ID); err != nil {
			t.Fatal(err)
		}
		if after := wantSound(t, b).Entries; after <= before {
			t.Errorf("%d entries after %d: the ledger forgets nothing", after, before)
		}
		if out, _ = givenRegional(t, b, operator, bank.RegionalFile{Kind: bank.RegionalExternal}); len(out) != 1 {
			t.Errorf("after the undoing: %q", out)
		}
		if r := takenRegional(t, b, operator, bank.RegionalExternal, external); r.New != 3 || r.Refused > 0 {
			t.Errorf("after the undoing, again: %+v", r)
		}
		wantSound(t, b)
	})
}

func stagedRegional(t *testing.T, b *bank.Bank, kind string, rows []string) bank.Upload {
	t.Helper()
	return staged(t, b, administrator, kind, strings.ReplaceAll(strings.Join(rows, "\n"), "|", ","))
}
