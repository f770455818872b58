package bank_test

import (
	"database/sql"
	"fmt"
	"slices"
	"strings"
	"testing"

	"creditbank/internal/bank"
)

// People find courses in the ways they type: two characters, the first letters of the
// pinyin, wide letters, a code with its zeros. Of what fits, what fits best comes first.
func TestChineseSearch(t *testing.T) {
	onBoth(t, func(t *testing.T, b *bank.Bank) {
		small(t, b)
		text(t, b, "courses", "institution,code,name,credits\nA,00101,基础会计,4\nA,101,会计电算化,4\nA,0010,计算机应用基础,4\nA,C-1,Python 程序设计,4\nA,Ｃ２,数据结构,4\n"+
			"A,c3,重庆地方文化,2\nA,C3,银行业务,2\nA,x1,会计,3\nA,x2,管理会计学,3\nA,y1,音乐欣赏,2\nA,y2,单片机原理,3\n")
		s, err := b.Snapshot(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range []struct{ query, want string }{
			{"会计", "x1 101 00101 x2"}, // the whole title, then what begins with it, then what has it
			{"会", "101 00101 x1 x2"},  // one character
			{"会计 基础", "00101"},        // two words in any order
			{"jsj", "0010"},           // 计算机
			{"kj", "x1 00101 101 x2"}, // 会 is not read as it mostly is
			{"JCKJ", "00101"},         // large letters
			{"cq", "c3"},              // 重庆
			{"yh", "C3"},              // 银行
			{"yy", "0010 y1"},         // 音乐, and 应用
			{"dpj", "y2"},             // 单片机
			{"ＰＹＴＨＯＮ程序", ""},          // the title has a blank between
			{"ＰＹＴＨＯＮ 程序", "C-1"},      // wide letters
			{"python", "C-1"},         // small letters
			{"00101", "00101"},        // a code with its zeros
			{"0010", "0010 00101"},    // is not another with more
			{"101", "101 00101"},      // without them
			{"c2", "Ｃ２"},              // a wide code
			{"c3", "C3 c3"},           // codes that differ in case alone
			{"会计 jsj", ""},            // all words have to be there
			{"护理", ""},                // nothing
		} {
			page, err := s.Courses(bank.Filter{Q: c.query, Institution: "A"}, bank.Window{Limit: 50}, b.Today())
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, course := range page.Items {
				got = append(got, course.Code)
			}
			if slices.Sort(got[min(1, len(got)):]); strings.Join(got, " ") != sortedAfterFirst(c.want) {
				t.Errorf("%q finds %q, want %q", c.query, got, c.want)
			}
		}
	})
}

// sortedAfterFirst puts all but the best in order: among those that fit alike the code decides.
func sortedAfterFirst(list string) string {
	words := strings.Fields(list)
	slices.Sort(words[min(1, len(words)):])
	return strings.Join(words, " ")
}

// BenchmarkDesk asks for what the desks and the public map ask for, in a map of 100,000
// courses and 200,000 rules. The figures stand in docs/performance.md.
func BenchmarkDesk(b *testing.B) {
	path := generated(b, 200_000)
	moreCourses(b, path)
	dsn := "sqlite:" + path
	source := bankAt(b, dsn)
	defer func() { _ = source.Close() }()
	s := snapshotOf(b, source)
	admin := bank.Actor{Name: "u:admin", Roles: bank.IsAdministrator}
	ctx := b.Context()
	few, school := bank.Window{Limit: 20}, fmt.Sprintf("31%08d", 7)
	if n := s.Map.CourseCount(); n != 100_000 {
		b.Fatalf("%d courses", n)
	}
	for name, ask := range map[string]func() error{
		"type-title":  func() error { _, err := s.Courses(bank.Filter{Q: "会计"}, few, source.Today()); return err },
		"type-pinyin": func() error { _, err := s.Courses(bank.Filter{Q: "kjjs"}, few, source.Today()); return err },
		"map-words": func() error {
			_, err := s.Equivalences(bank.RuleFilter{Q: "会计", On: source.Today()}, few)
			return err
		},
		"map-school": func() error {
			_, err := s.Equivalences(bank.RuleFilter{TargetInstitution: school, On: source.Today()}, few)
			return err
		},
		"findings": func() error { _, err := source.Findings(ctx, admin, bank.FindingFilter{}, few); return err },
		"suggestions": func() error {
			_, err := source.Suggestions(ctx, admin, bank.SuggestionFilter{Institution: school}, few)
			return err
		},
		"coverage": func() error { _, err := source.Coverage(ctx, admin, bank.CoverageFilter{}, 20); return err },
		"aged":     func() error { _, _, err := source.AgedRules(ctx, admin, 10); return err },
		"evaluations": func() error {
			_, err := source.Evaluations(ctx, admin, bank.EvaluationFilter{State: "open"}, few)
			return err
		},
		"cases-search": func() error {
			_, err := source.Evaluations(ctx, admin, bank.EvaluationFilter{Q: "会计"}, few)
			return err
		},
		"precedents": func() error { _, err := source.Precedents(ctx, admin, "E00000777@1"); return err },
		"case":       func() error { _, err := source.Evaluation(ctx, admin, "E00000777@1"); return err },
	} {
		b.Run(name, func(b *testing.B) {
			if err := ask(); err != nil { // what is worked out once for a map
				b.Skip(err)
			}
			for b.Loop() {
				if err := ask(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// moreCourses gives a generated bank 600 schools more with 100 courses each, a million
// learners, and for all that is published how it was judged.
func moreCourses(tb testing.TB, path string) {
	tb.Helper()
	db, err := sql.Open("sqlite3", "file:"+path+"?_journal_mode=WAL&_synchronous=OFF&_foreign_keys=off")
	if err != nil {
		tb.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	for _, step := range []string{
		`WITH RECURSIVE n(i) AS (SELECT 400 UNION ALL SELECT i + 1 FROM n WHERE i < 999)
		INSERT INTO institution (code, name, name_en, kind, region, hours_per_credit, credit_step)
		SELECT printf('31%08d', i), '第' || i || '职业技术学校', 'Vocational School ' || i, 'secondary_vocational', NULL, 1600, 50 FROM n`,
		`WITH RECURSIVE n(i) AS (SELECT 40000 UNION ALL SELECT i + 1 FROM n WHERE i < 99999)
		INSERT INTO course (institution, code) SELECT printf('31%08d', i / 100), printf('C%04d', i % 100) FROM n`,
		`INSERT INTO course_version (institution, course, seq, valid_from, valid_to, name, name_en, credits, hours, practice_hours, category, level, outline)
		SELECT c.institution, c.code, 1, NULL, NULL, v.name || '与实践', v.name_en, v.credits, v.hours, NULL, '专业核心', 3, '零件图 装配图 ' || v.name
		FROM course c JOIN course_version v ON v.course = c.code AND v.institution = printf('31%08d', CAST(substr(c.institution, 3) AS INTEGER) % 400) WHERE c.institution >= '3100000400'`,
		`WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i * (SELECT count(*) FROM programme) < 1000000)
		INSERT INTO learner (account, institution, programme)
		SELECT 'L' || institution || code || '-' || i, institution, code FROM n CROSS JOIN programme`,
		`INSERT INTO evaluation (equivalence, version, state, origin, why, proposed_by, institution, round, made_at, moved_at, answer, reasons, condition, preview)
		SELECT code, version, 'published', 'import', '', 'operator', '', 1, created_at, created_at, '', '', '', '' FROM equivalence`,
		`UPDATE programme SET catalogue_code = CASE CAST(substr(institution, 10) AS INTEGER) % 2 WHEN 0 THEN '660301' ELSE '460301' END`,
	} {
		if _, err := db.Exec(step); err != nil {
			tb.Fatalf("%v in %.80s", err, step)
		}
	}
}

// BenchmarkCourseList asks for the first page of 100,000 courses of one school, in each order.
func BenchmarkCourseList(b *testing.B) {
	path := generated(b, 5_000)
	db, err := sql.Open("sqlite3", "file:"+path+"?_foreign_keys=off")
	if err != nil {
		b.Fatal(err)
	}
	for _, step := range []string{
		`CREATE TEMP TABLE many AS WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 99999)
		SELECT i, 'M' || i AS code, substr('机械电子会计护理汽车物流计算建筑旅游烹饪', 1 + 2 * (i * 7 % 10), 2) || i * 7919 % 100003 AS name FROM n`,
		`INSERT INTO course (institution, code) SELECT '3100000001', code FROM many`,
		`INSERT INTO course_version (institution, course, seq, name, name_en, credits, category, level, outline)
		SELECT '3100000001', code, 1, name, '', 100 + i % 8 * 50, '', 3, '' FROM many`,
	} {
		if _, err := db.Exec(step); err != nil {
			b.Fatal(err)
		}
	}
	_ = db.Close()
	source := bankAt(b, "sqlite:"+path)
	defer func() { _ = source.Close() }()
	s := snapshotOf(b, source)
	for _, sort := range append(bank.CourseSorts(), "", "-name") {
		b.Run("by-"+sort, func(b *testing.B) {
			for b.Loop() {
				page, err := s.CourseList(bank.CourseQuery{Institution: "3100000001", Sort: sort}, bank.Window{Limit: 20}, source.Today())
				if err != nil || page.Total != 100_100 {
					b.Fatal(page.Total, err)
				}
			}
		})
	}
}
