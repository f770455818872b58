package bank_test

import (
	"slices"
	"strings"
	"testing"

	"creditbank/internal/bank"
	"creditbank/internal/intake"
)

// A file is recognised by its columns: of every kind by the names of the contract, in
// both languages and also when only those stand there that must, and by what schools call
// them; titles above the header do not mislead.
func TestKindsAreRecognised(t *testing.T) {
	alike := map[string]string{"regions": "institutions", "institutions": "regions", "catalogue": "catalogue-intros", "codes": "code-sets", "code-sets": "codes"}
	for _, kind := range bank.Kinds() {
		columns, err := bank.Columns(kind)
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range []func(bank.ColumnInfo) string{func(c bank.ColumnInfo) string { return c.Name }, func(c bank.ColumnInfo) string { return c.Zh }} {
			var all, needed []string
			for _, c := range columns {
				all = append(all, name(c))
				if c.Required {
					needed = append(needed, name(c))
				}
			}
			if got := bank.Recognise([][]string{{"2026"}, all}, nil); !slices.Equal(got, []string{kind}) {
				t.Errorf("%v is taken for %v", all, got)
			}
			if got := bank.Recognise([][]string{needed}, nil); !slices.Contains(got, kind) || len(got) > 1 && (len(got) > 2 || !slices.Contains(got, alike[kind])) {
				t.Errorf("%v of %s is taken for %v", needed, kind, got)
			}
		}
	}
	for header, kind := range map[string]string{
		"学号,学生姓名,性别,出生日期,全国学籍号": "learners", "学号,姓名,身份证号,专业,班级,入学年月,手机号": "learners", "姓名,身份证号,手机号": "learners",
		"学号,姓名,课程号,课程名称,成绩,学分,学期": "records", "学号,课程编号,总评成绩,考试日期": "records", "课程号,课程名称,学分,学时": "courses",
		"课程代码,课程名称,学分,总学时,课程性质": "courses", "专业代码,专业名称,修业年限,总学分": "programmes", "课程模块,课程号,是否必修,专业": "plans",
		"code,name,kind,parent_code": "regions", "school_code,name,province,city,level,authority,note": "schools",
	} {
		if got := bank.Recognise([][]string{{"某校 2026 级专业代码表"}, strings.Split(header, ",")}, nil); !slices.Equal(got, []string{kind}) {
			t.Errorf("%s is taken for %v", header, got)
		}
	}
	for _, header := range []string{"", "序号,班级,备注栏", "a,b,c"} {
		if got := bank.Recognise([][]string{strings.Split(header, ",")}, nil); got != nil {
			t.Errorf("%q is taken for %v", header, got)
		}
	}
	needed := []string{"code", "name", "kind"}
	if got := bank.Recognise([][]string{needed}, []string{"institutions"}); !slices.Equal(got, []string{"institutions"}) {
		t.Errorf("with institutions at hand: %v", got)
	}
}

// A file that was taken for the wrong thing is read as another: its columns are matched
// anew, and what was mended is void. One that may not bring that kind cannot.
func TestUploadIsReadAsAnotherKind(t *testing.T) {
	onBoth(t, func(t *testing.T, b *bank.Bank) {
		small(t, b)
		u, err := b.StageUpload(ctx, registrarOfA, bank.NewUpload{Kind: "courses", Content: []byte("学号,姓名\n001,示例\n")}, intake.Staged)
		if err == nil {
			u, err = b.Upload(ctx, registrarOfA, u.ID)
		}
		if err != nil {
			t.Fatal(err)
		}
		if err := b.MendUpload(ctx, registrarOfA, u.ID, []string{"letter_o"}, map[int]map[string]string{2: {"name": "别名"}}, u.Stamp); err != nil {
			t.Fatal(err)
		}
		u.Stamp++
		for kind, code := range map[string]bank.Code{"institutions": bank.Denied, "shoes": bank.Invalid, bank.OneRoster: bank.Invalid} {
			if err := b.SetUploadKind(ctx, registrarOfA, u.ID, kind, u.Stamp, intake.Staged); bank.CodeOf(err) != code {
				t.Errorf("%s: %v", kind, err)
			}
		}
		if err := b.SetUploadKind(ctx, registrarOfA, u.ID, "learners", u.Stamp-1, intake.Staged); bank.CodeOf(err) != bank.Conflict {
			t.Errorf("a stale change: %v", err)
		}
		if err := b.SetUploadKind(ctx, registrarOfA, u.ID, "learners", u.Stamp, intake.Staged); err != nil {
			t.Fatal(err)
		}
		u = checked(t, b, registrarOfA, u.ID)
		if u.Kind != "learners" || u.Columns["学号"] != "account" || len(u.Mend) > 0 || u.Counts.New != 1 || u.Rows != 1 {
			t.Fatalf("%+v", u)
		}
		commit(t, b, registrarOfA, u, false)
		if got := export(t, b, "learners"); !strings.Contains(got, "001,示例,") {
			t.Errorf("%s", got)
		}
		if err := b.SetUploadKind(ctx, registrarOfA, u.ID, "records", u.Stamp+1, intake.Staged); bank.CodeOf(err) != bank.Conflict {
			t.Errorf("after it was taken in: %v", err)
		}
	})
}
