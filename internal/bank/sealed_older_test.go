package bank_test

import (
	"bytes"
	"database/sql"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"creditbank/internal/bank"
	"creditbank/internal/testbed"
	"creditbank/schema"
)

// beforeSealing makes a database as programs of before the sealing left it: their
// migrations, two learners in plain text and what refers to them.
func beforeSealing(t *testing.T, driver, address string) {
	t.Helper()
	raw, err := sql.Open(driver, address)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = raw.Close() }()
	raw.SetMaxOpenConns(1)
	other := map[string]string{"sqlite3": ".postgres.sql", "pgx": ".sqlite.sql"}[driver]
	files, err := fs.Glob(schema.FS, "000[1-8]_*.sql")
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(files)
	statements := []string{"CREATE TABLE migration (name TEXT PRIMARY KEY, applied_at BIGINT NOT NULL)"}
	for _, name := range files {
		if strings.HasSuffix(name, other) {
			continue
		}
		text, err := fs.ReadFile(schema.FS, name)
		if err != nil {
			t.Fatal(err)
		}
		known, _, _ := strings.Cut(name, ".")
		statements = append(statements, string(text), "INSERT INTO migration (name, applied_at) VALUES ('"+known+"', 1)")
	}
	statements = append(statements,
		"INSERT INTO institution (code, name, name_en, kind, hours_per_credit, credit_step) VALUES ('A', '甲', '', 'overseas', 1600, 50)",
		"INSERT INTO course (institution, code) VALUES ('A', 'a1')",
		"INSERT INTO course_version (institution, course, seq, name, name_en, credits, category, outline) VALUES ('A', 'a1', 1, 'a1', '', 400, '', '')",
		`INSERT INTO learner (account, name, id_type, id_number, school_number, birth_date, gender, institution, phone, email)
		 VALUES ('L1', '阿依古丽·买买提', 'resident_id', '000000201001010018', 'G000000201001010018', 14610, 'male', 'A', '000-5550-1234', 'ayi@example.org')`,
		"INSERT INTO learner (account, name, id_type, gender, phone, email) VALUES ('L2', 'Plain Jane', '', '', '', '')",
		`INSERT INTO learner (account, name, id_type, id_number, gender, phone, email) VALUES ('L3', '丙', 'passport', 'e12', '', '', '')`,
		`INSERT INTO learner (account, name, id_type, id_number, gender, phone, email) VALUES ('L4', '丁', 'passport', 'E 12', '', '', '')`,
		`INSERT INTO record (learner, institution, reference, kind, course, title, grade, scale, score, passed, completed_on, term)
		 VALUES ('L1', 'A', 'R1', 'course', 'a1', '', '', '', NULL, TRUE, 20000, '')`,
		"INSERT INTO learner_merge (account, into_account, at) VALUES ('L2', 'L1', 1)")
	for _, s := range statements {
		if _, err := raw.Exec(s); err != nil {
			t.Fatalf("%v in %.200s", err, s)
		}
	}
}

// wasPlain are texts of those learners, as they stood in the database.
func wasPlain() []string {
	return []string{"阿依古丽", "000000201001010018", "000-5550-1234", "ayi@example.org", "Plain Jane"}
}

const olderLearners = "account,name,id_type,id_number,school_number,birth_date,gender,institution,programme,entered_on,phone,email\n" +
	"L1,阿依古丽·买买提,resident_id,000000201001010018,G000000201001010018,2010-01-01,male,A,,,000-5550-1234,ayi@example.org\n" +
	"L2,Plain Jane,,,,,,,,,,\nL3,丙,passport,e12,,,,,,,,\nL4,丁,passport,E 12,,,,,,,,\n"

func TestOlderBankIsSealed(t *testing.T) {
	check := func(t *testing.T, b *bank.Bank, raw *sql.DB) {
		if got := strings.ReplaceAll(strings.TrimPrefix(export(t, b, "learners"), "\ufeff"), "\r\n", "\n"); got != olderLearners {
			t.Errorf("exported:\n%s", got)
		}
		var left int
		if err := raw.QueryRow("SELECT count(*) FROM learner_plain").Scan(&left); err != nil || left > 0 {
			t.Errorf("%d lines are kept in plain text: %v", left, err)
		}
		if report, err := b.Verify(ctx, bank.VerifyInput{}); err != nil || report.Finding != nil || report.Records != 1 {
			t.Errorf("%+v, %v", report, err)
		}
		for what, statement := range map[string]string{
			"a result of nobody":    "INSERT INTO record (learner, institution, reference, kind, course, title, grade, scale, passed, completed_on, term) VALUES ('L9', 'A', 'R9', 'course', 'a1', '', '', '', TRUE, 1, '')",
			"removal of a learner":  "DELETE FROM learner WHERE account = 'L1'",
			"a school that is none": "INSERT INTO learner (account, institution) VALUES ('L8', 'nowhere')",
		} {
			if _, err := raw.Exec(statement); err == nil {
				t.Errorf("%s was let through", what)
			}
		}
		r := text(t, b, "learners", "account,name,id_type,id_number\nL7,庚,resident_id,000000201001010018\n")
		if r.Refused != 1 || r.Errors[0].Code != "taken" || len(r.Errors) != 1 {
			t.Errorf("a number that another has: %+v", r)
		}
	}
	t.Run("sqlite", func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "bank.db")
		beforeSealing(t, "sqlite3", "file:"+path+"?_foreign_keys=on")
		wantIn(t, path, true, wasPlain()...)
		b := open(t, "sqlite:"+path)
		raw, err := sql.Open("sqlite3", "file:"+path+"?_foreign_keys=on")
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = raw.Close() }()
		for _, file := range []string{path, path + "-wal"} {
			wantIn(t, file, false, wasPlain()...)
		}
		check(t, b, raw)
	})
	t.Run("postgres", func(t *testing.T) {
		dsn := testbed.Postgres(t)
		beforeSealing(t, "pgx", dsn)
		without, err := openWith(t, dsn, bank.Options{})
		if err != nil {
			t.Fatal(err)
		}
		if err := without.Export(ctx, operator, "learners", func(...string) error { return nil }); bank.CodeOf(err) != bank.Unavailable {
			t.Errorf("without a key: %v", err)
		}
		raw, err := sql.Open("pgx", dsn)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = raw.Close() }()
		check(t, open(t, dsn), raw)
	})
}

// wantIn looks for texts in a file as bytes.
func wantIn(t *testing.T, path string, there bool, texts ...string) {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range texts {
		if found := bytes.Contains(data, []byte(text)); found != there {
			t.Errorf("%q in %s: %v", text, filepath.Base(path), found)
		}
	}
}
