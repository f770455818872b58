package bank_test

import (
	"context"
	"database/sql"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"testing"

	"creditbank/internal/bank"
	"creditbank/internal/calendar"
)

// BenchmarkSnapshot makes the map of a generated country: compiled from its
// tables, and started from the file that keeps it. CREDITBANK_BENCH_RULES says
// how many rules there are.
func BenchmarkSnapshot(b *testing.B) {
	rules := 100_000
	if text := os.Getenv("CREDITBANK_BENCH_RULES"); text != "" {
		var err error
		if rules, err = strconv.Atoi(text); err != nil {
			b.Fatal(err)
		}
	}
	dsn := "sqlite:" + generated(b, rules)
	kept := bank.MapPath(dsn)
	b.Run("compile", func(b *testing.B) { eachStart(b, dsn, "", rules) })
	first := bankAt(b, dsn)
	first.KeepMap(kept, true)
	snapshotOf(b, first)
	if err := first.Close(); err != nil {
		b.Fatal(err)
	}
	b.Run("start", func(b *testing.B) { eachStart(b, dsn, kept, rules) })
	b.Run("search", func(b *testing.B) { eachSearch(b, dsn, kept) })
}

// eachStart opens the bank again and again and waits for its map.
func eachStart(b *testing.B, dsn, kept string, rules int) {
	var size int
	for b.Loop() {
		b.StopTimer()
		bank := bankAt(b, dsn)
		bank.KeepMap(kept, false)
		before := heap()
		b.StartTimer()
		s := snapshotOf(b, bank)
		b.StopTimer()
		size = heap() - before
		if s.Map.Size() < rules*9/10 || len(s.Map.Faults()) > 0 {
			b.Fatalf("%d rules, faults %v", s.Map.Size(), s.Map.Faults()[:min(3, len(s.Map.Faults()))])
		}
		b.ReportMetric(float64(s.Bytes())/float64(rules), "table-B/rule")
		b.ReportMetric(float64(s.Map.Bytes())/float64(rules), "map-B/rule")
		if err := bank.Close(); err != nil {
			b.Fatal(err)
		}
		b.StartTimer()
	}
	b.ReportMetric(float64(size)/float64(rules), "heap-B/rule")
}

// eachSearch asks for what a page asks for while somebody writes.
func eachSearch(b *testing.B, dsn, kept string) {
	source := bankAt(b, dsn)
	defer func() { _ = source.Close() }()
	source.KeepMap(kept, false)
	s := snapshotOf(b, source)
	few := bank.Window{Limit: 20}
	for name, ask := range map[string]func() error{
		"courses-rare":   func() error { _, err := s.Courses(bank.Filter{Q: "jsjyy 17"}, few, source.Today()); return err },
		"courses-many":   func() error { _, err := s.Courses(bank.Filter{Q: "技术"}, few, source.Today()); return err },
		"courses-letter": func() error { _, err := s.Courses(bank.Filter{Q: "j"}, few, source.Today()); return err },
		"courses-all":    func() error { _, err := s.Courses(bank.Filter{}, few, source.Today()); return err },
		"rules-all":      func() error { _, err := s.Equivalences(bank.RuleFilter{On: calendar.None}, few); return err },
		"rules-named": func() error {
			_, err := s.Equivalences(bank.RuleFilter{Q: "技术", On: calendar.None}, few)
			return err
		},
		"rules-into": func() error {
			_, err := s.Equivalences(bank.RuleFilter{TargetInstitution: "3100000001", On: calendar.None}, few)
			return err
		},
		"rules-from": func() error {
			_, err := s.Equivalences(bank.RuleFilter{SourceInstitution: "3100000001", On: calendar.None}, few)
			return err
		},
		"rules-course": func() error {
			_, err := s.Equivalences(bank.RuleFilter{TargetInstitution: "3100000001", TargetCourse: "C0007", On: calendar.None}, few)
			return err
		},
		"rules-code": func() error { _, err := s.Equivalence("E00000777"); return err },
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if err := ask(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func bankAt(tb testing.TB, dsn string) *bank.Bank {
	tb.Helper()
	b, err := bank.Open(context.Background(), dsn)
	if err != nil {
		tb.Fatal(err)
	}
	return b
}

func snapshotOf(tb testing.TB, b *bank.Bank) *bank.Snapshot {
	tb.Helper()
	s, err := b.Snapshot(context.Background())
	if err != nil {
		tb.Fatal(err)
	}
	return s
}

func heap() int {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int(m.HeapAlloc)
}

// generated is the path of a bank with so many published versions of rules: a
// school for every 500, five rules a course and fifty a programme; one rule in
// fifty asks for two courses, one in twenty has an older version, which in every
// second case it has replaced. CREDITBANK_BENCH_BANK says where it is to be left for
// BenchmarkPages of the package web.
func generated(tb testing.TB, rules int) string {
	tb.Helper()
	path := filepath.Join(tb.TempDir(), "bank.db")
	if keep := os.Getenv("CREDITBANK_BENCH_BANK"); keep != "" {
		path = keep
	}
	if err := bankAt(tb, "sqlite:"+path).Close(); err != nil {
		tb.Fatal(err)
	}
	db, err := sql.Open("sqlite3", "file:"+path+"?_journal_mode=WAL&_synchronous=OFF&_foreign_keys=off")
	if err != nil {
		tb.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	schools := max(rules/500, 2)
	for _, step := range country {
		if _, err := db.Exec(step, sql.Named("rules", rules), sql.Named("schools", schools)); err != nil {
			tb.Fatalf("%v in %.80s", err, step)
		}
	}
	return path
}

// country fills a bank. Parts come before the versions that they belong to: a
// published version takes no further ones.
var country = []string{
	`WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < @schools)
	INSERT INTO institution (code, name, name_en, kind, region, hours_per_credit, credit_step)
	SELECT printf('31%08d', i), '第' || i || '职业技术学院', 'Vocational College ' || i,
		CASE i % 2 WHEN 0 THEN 'secondary_vocational' ELSE 'higher_vocational' END, NULL, 1600, 50 FROM n WHERE @rules > 0`,
	`WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < @schools * 100)
	INSERT INTO course (institution, code) SELECT printf('31%08d', i / 100), printf('C%04d', i % 100) FROM n WHERE @rules > 0`,
	`WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < @schools * 100)
	INSERT INTO course_version (institution, course, seq, valid_from, valid_to, name, name_en, credits, hours, practice_hours, category, level, outline)
	SELECT printf('31%08d', i / 100), printf('C%04d', i % 100), 1, NULL, NULL,
		substr('机械电子会计护理汽车物流计算建筑旅游烹饪', 1 + 2 * (i % 10), 2) || substr('技术基础应用制图原理管理设计实训英语维修', 1 + 2 * (i / 7 % 10), 2) || (i % 997),
		'Applied Course ' || (i % 997), 200 + 50 * (i % 5), 320000 + 80000 * (i % 5), NULL, '专业核心', 3 + i / 100 % 2, '' FROM n WHERE @rules > 0`,
	`WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < @schools * 10)
	INSERT INTO programme (institution, code, name, name_en, catalogue_code, years, required_credits)
	SELECT printf('31%08d', i / 10), printf('P%02d', i % 10), '专业' || (i % 400), 'Programme ' || (i % 400), NULL, 300, 14000 FROM n WHERE @rules > 0`,
	`INSERT INTO programme_group (institution, programme, code, name, min_credits)
	SELECT institution, code, g.column1, g.column2, 3000 FROM programme, (VALUES ('core', '专业核心'), ('base', '公共基础'), ('free', '任选'), ('work', '实践')) g WHERE @rules + @schools > 0`,
	`INSERT INTO plan_course (institution, programme, course, grp, required, never_exempt)
	SELECT p.institution, p.code, c.code, CASE CAST(substr(c.code, 5) AS INTEGER) % 4 WHEN 0 THEN 'core' WHEN 1 THEN 'base' WHEN 2 THEN 'free' ELSE 'work' END, 1, 0
	FROM programme p JOIN course c ON c.institution = p.institution
	WHERE (CAST(substr(c.code, 2) AS INTEGER) + 7 * CAST(substr(p.code, 2) AS INTEGER)) % 100 < 30 AND @rules + @schools > 0`,
	`CREATE TEMP TABLE made AS WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < @rules)
	SELECT printf('E%08d', CASE WHEN i % 20 = 1 THEN i - 1 ELSE i END) AS code, CASE WHEN i % 20 = 1 THEN 2 ELSE 1 END AS version, i,
		i * 2654435761 % (@schools * 100) AS source, (i * 40503 + 12345) * 7 % (@schools * 100) AS target FROM n`,
	`UPDATE made SET target = (target + 150) % (@schools * 100) WHERE source / 100 = target / 100 AND @rules > 0`,
	`INSERT INTO equivalence_source (equivalence, version, institution, course, min_grade, max_grade)
	SELECT code, version, printf('31%08d', source / 100), printf('C%04d', source % 100), CASE i % 3 WHEN 0 THEN 7000 END, NULL FROM made WHERE @rules + @schools > 0
	UNION ALL SELECT code, version, printf('31%08d', source / 100), printf('C%04d', (source + 1) % 100), NULL, NULL FROM made WHERE i % 50 = 7`,
	`INSERT INTO equivalence_target (equivalence, version, seq, institution, course, grp, credit_mode, credits, exemption)
	SELECT code, version, 1, printf('31%08d', target / 100), printf('C%04d', target % 100), NULL, 'catalogue', NULL, 0 FROM made WHERE @rules + @schools > 0`,
	`INSERT INTO equivalence (code, version, institution, programme, valid_from, valid_to, validity_years, priority, outcome, reasons, note, state, created_at, published_at)
	SELECT code, version, printf('31%08d', target / 100), CASE WHEN i % 10 = 3 THEN printf('P%02d', i % 10) END,
		CASE WHEN version = 2 AND i % 40 = 1 THEN 19000 END, NULL, CASE i % 4 WHEN 0 THEN 5 END, 0, 'credit', '', '', 'published', 1, 1700000000000000 + i % 90 * 86400000000
	FROM made WHERE @rules + @schools > 0`,
}
