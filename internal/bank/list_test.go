package bank_test

import (
	"slices"
	"strings"
	"testing"

	"creditbank/internal/bank"
)

// nationalListsLoaded loads small national lists.
func nationalListsLoaded(t *testing.T, b *bank.Bank) {
	t.Helper()
	for _, f := range [][2]string{
		{"regions", "code,name,kind,parent_code\n500000,重庆市,province,\n510000,四川省,province,\n510100,成都市,city,510000\n510181,都江堰市,county,510100\n"},
		{"catalogue", "code,name,level,category_code,category_name,class_code,class_name,state_controlled\n660101,机械制造,中职,66,装备制造大类,6601,机械设计制造类,0\n" +
			"460101,机械设计与制造,高职专科,46,装备制造大类,4601,机械设计制造类,0\n530701,电子商务,高职专科,53,财经商贸大类,5307,电子商务类,0\n"},
		{"catalogue-intros", "code,name,level,class_code,years,careers,abilities,basic_courses,core_courses,practice,qualification_certs,skill_level_certs,articulates_to_associate,articulates_to_vocational_bachelor,articulates_to_bachelor\n" +
			"460101,机械设计与制造,高职专科,4601,三年,面向制图员。,识图；|制图。,机械制图,工艺,实训,制图员,机械产品三维模型设计,,机械设计制造及自动化,\n"},
		{"catalogue-courses", "programme_code,programme_name,kind,seq,course_name\n660101,机械制造,专业基础课程,1,CAD机械制图\n460101,机械设计与制造,专业基础课程,1,机械制图与CAD\n460101,机械设计与制造,专业核心课程,1,工艺\n"},
		{"articulation", "from_code,from_name,from_level,to_level,to_name,to_code\n660101,机械制造,中职,高职专科,机械设计与制造,460101\n660101,机械制造,中职,高职专科,护理,520201\n660101,机械制造,中职,普通本科,机械工程,\n"},
		{"occupations", "programme_code,programme_name,occupation_code,occupation_name\n460101,机械设计与制造,2-02-07-01,机械设计工程技术人员\n"},
		{"level-certificates", "name,n_programmes,programme_codes\n机械产品三维模型设计,3,460101|460102|460103\n"},
		{"schools", "school_code,name,province,city,level,authority,note\n4151000001,某某职业大学,四川省,都江堰市,本科,四川省,民办\n4151000002,某某职业技术学院,四川省,成都市,专科,四川省,\n" +
			"4150000003,某某大学,重庆市,重庆市,本科,教育部,\n4150000004,某某师范学院,四川省,临某州,本科,四川省,\n"},
		{"code-sets", "code_set,title_and_source_note,n_codes\nxb,[人的性别代码],4\n"},
		{"codes", "code_set,code,name\nxb,0,未知的性别\nxb,1,男性\nxb,2,女性\nsfzjlx,1,居民身份证\nsfzjlx,A,护照\nsfzjlx,3,士兵证\n"},
	} {
		if r := text(t, b, f[0], f[1]); r.Refused > 0 || r.New != r.Rows {
			t.Fatalf("%s: %+v", f[0], r)
		}
	}
}

// What a list says anew is an update; what it says wrongly is refused by name.
func TestListsAreUpdated(t *testing.T) {
	onBoth(t, func(t *testing.T, b *bank.Bank) {
		nationalListsLoaded(t, b)
		if r := text(t, b, "catalogue-courses", "programme_code,kind,seq,course_name,programme_name\n460101,专业核心课程,1,制造工艺,机械设计与制造\n"); r.Updated != 1 || !r.Written {
			t.Errorf("%+v", r)
		}
		if out := export(t, b, "catalogue-courses"); !strings.Contains(out, "460101,机械设计与制造,专业核心课程,1,制造工艺") {
			t.Errorf("%s", out)
		}
		for column, row := range map[string]string{"seq": "460101,专业核心课程,eins,x", "kind": "460101,,1,x"} {
			if r := text(t, b, "catalogue-courses", "programme_code,kind,seq,course_name\n"+row+"\n"); r.Refused != 1 || r.Errors[0].Column != column {
				t.Errorf("%s: %+v", row, r)
			}
		}
		admin := bank.Actor{Name: "u:admin", Roles: bank.IsAdministrator}
		before := export(t, b, "occupations")
		u := commit(t, b, admin, staged(t, b, admin, "occupations", "programme_code,programme_name,occupation_code,occupation_name\n460101,机械设计与制造,2-02-07-01,改\n660101,机械制造,6-18-01-01,车工\n"), false)
		if u.Counts.New != 1 || u.Counts.Updated != 1 {
			t.Fatalf("%+v", u)
		}
		if err := b.UndoUpload(ctx, admin, u.ID); err != nil || export(t, b, "occupations") != before {
			t.Errorf("undone: %v %s", err, export(t, b, "occupations"))
		}
	})
}

// A code of a region has its days; a list without days leaves them, and an institution
// in a region that is none any more is pointed out.
func TestRegionsHaveDays(t *testing.T) {
	onBoth(t, func(t *testing.T, b *bank.Bank) {
		text(t, b, "regions", "code,name,kind,parent_code,valid_from,valid_to\n500000,重庆市,province,,1997-06-18,\n510000,四川省,province,,,2020-12-31\n")
		if r := text(t, b, "regions", "code,name,kind,parent_code\n500000,重庆市,province,\n510000,四川省,province,\n"); r.Unchanged != 2 {
			t.Errorf("a list without days: %+v", r)
		}
		if out := export(t, b, "regions"); !strings.Contains(out, "510000,四川省,province,,,2020-12-31") || !strings.Contains(out, "500000,重庆市,province,,1997-06-18,") {
			t.Errorf("%s", out)
		}
		r := textIn(t, b, "institutions", "code,name,kind,region\nX,Abroad,overseas,510000\nY,Abroad,overseas,500000\n")
		if !r.Written || !slices.ContainsFunc(r.Notes, func(n bank.Note) bool { return n.Code == "region_withdrawn" && n.Count == 1 && n.Row == 2 }) {
			t.Errorf("%+v", r)
		}
		if r := text(t, b, "regions", "code,name,kind,valid_from,valid_to\n500000,重庆市,province,2026-01-01,2025-01-01\n"); r.Refused != 1 || r.Errors[0].Code != "window" {
			t.Errorf("days the wrong way round: %+v", r)
		}
	})
}

// An institution of the national list needs only its code: name, kind and region are
// filled in, and another name is pointed out.
func TestInstitutionsFromTheNationalList(t *testing.T) {
	onBoth(t, func(t *testing.T, b *bank.Bank) {
		nationalListsLoaded(t, b)
		r := textIn(t, b, "institutions", "code,name,kind\n4151000001,,\n4151000002,改名的学院,\n4150000003,,\n4150000004,,\n")
		if !r.Written || r.New != 4 || !slices.ContainsFunc(r.Notes, func(n bank.Note) bool { return n.Code == "school_name" && n.Count == 1 && n.Row == 3 }) {
			t.Fatalf("%+v", r)
		}
		out := export(t, b, "institutions")
		for _, want := range []string{"4151000001,某某职业大学,,vocational_undergraduate,510181,", "4151000002,改名的学院,,higher_vocational,510100,", "4150000003,某某大学,,general_undergraduate,500000,",
			"4150000004,某某师范学院,,general_undergraduate,510000,"} {
			if !strings.Contains(out, want) {
				t.Errorf("lacks %s:\n%s", want, out)
			}
		}
	})
}

// National codes stand for words where a column takes them, once the sets are loaded.
func TestNationalCodesAreRead(t *testing.T) {
	onBoth(t, func(t *testing.T, b *bank.Bank) {
		const file = "account,name,gender,id_type,id_number\nL1,示例一,1,A,E99000099\nL2,示例二,2,3,123\nL3,示例三,0,,\n"
		if r := text(t, b, "learners", file); r.Refused != 3 {
			t.Errorf("without the sets: %+v", r)
		}
		nationalListsLoaded(t, b)
		r := textIn(t, b, "learners", file)
		if !r.Written || !slices.ContainsFunc(r.Notes, func(n bank.Note) bool { return n.Code == "national_code" && n.Column == "gender" && n.Count == 3 }) {
			t.Fatalf("%+v", r)
		}
		out := export(t, b, "learners")
		for _, want := range []string{"L1,示例一,passport,E99000099,,,male,", "L2,示例二,other,123,,,female,", "L3,示例三,,,,,,"} {
			if !strings.Contains(out, want) {
				t.Errorf("lacks %s:\n%s", want, out)
			}
		}
	})
}

// What the lists say of a programme stands beside its code.
func TestCatalogueHasItsIntroduction(t *testing.T) {
	onBoth(t, func(t *testing.T, b *bank.Bank) {
		nationalListsLoaded(t, b)
		chain, err := b.Catalogue(ctx, "460101")
		in := chain.Intro
		if err != nil || in.Years != "三年" || !slices.Equal(in.Abilities, []string{"识图", "制图"}) || !slices.Equal(in.Basic, []string{"机械制图与CAD"}) || !slices.Equal(in.Core, []string{"工艺"}) ||
			len(in.From) != 1 || in.From[0].Code != "660101" || len(in.Occupations) != 1 || len(in.Certificates) != 1 || in.Certificates[0].Programmes != 3 {
			t.Errorf("%+v %v", in, err)
		}
		if chain, err := b.Catalogue(ctx, "530701"); err != nil || chain.Intro.Any() {
			t.Errorf("without one: %+v %v", chain.Intro, err)
		}
	})
}

// A way between programmes speaks for a suggestion, also across classes; without the
// lists there is none.
func TestSuggestionsKnowTheWays(t *testing.T) {
	onBoth(t, func(t *testing.T, b *bank.Bank) {
		hinted(t, b)
		ways := func() string {
			list, err := b.Suggestions(t.Context(), registrarOf(secondaryS), bank.SuggestionFilter{}, bank.Window{Limit: 100})
			if err != nil {
				t.Fatal(err)
			}
			var told []string
			for _, s := range list.Items {
				if w := s.Way; w.FromCode != "" {
					told = append(told, strings.TrimSpace(s.Source.Code+">"+s.Target.Code+" "+w.FromCode+">"+w.ToCode+" "+map[bool]string{true: "taught"}[w.Taught]))
				}
			}
			slices.Sort(told)
			return strings.Join(told, ", ")
		}
		if got := ways(); got != "" {
			t.Errorf("without the lists: %s", got)
		}
		nationalListsLoaded(t, b)
		if got, want := ways(), "S1>H1 660101>460101 taught, S3>H3 660101>460101, S4>H4 660101>520201"; got != want {
			t.Errorf("%s, want %s", got, want)
		}
	})
}
