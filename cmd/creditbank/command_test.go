package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"creditbank/internal/testbed"
)

func TestMain(m *testing.M) { os.Exit(testbed.Main(m)) }

// command runs the program in-process and gives its status and what it printed.
func command(t *testing.T, args ...string) (status int, stdout, stderr string) {
	t.Helper()
	var out, err bytes.Buffer
	status = run(context.Background(), append([]string{"--lang", "en"}, args...), &out, &err)
	return status, out.String(), err.String()
}

func must(t *testing.T, args ...string) string {
	t.Helper()
	status, stdout, stderr := command(t, args...)
	if status != exitDone {
		t.Fatalf("%v: status %d\n%s%s", args, status, stdout, stderr)
	}
	return stdout
}

func write(t *testing.T, path, text string) string {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// town fills a small bank through the command line.
func town(t *testing.T, db string) {
	t.Helper()
	folder := t.TempDir()
	for _, f := range [][2]string{
		{"institutions", "code,name,kind\nA,School A,overseas\nB,School B,overseas\n"},
		{"courses", "institution,code,name,credits\nA,a1,Maths,4\nA,a2,Physics,2\nB,b1,Algebra,3\n"},
		{"programmes", "institution,code,name,required_credits\nB,P,Engineering,10\n"},
		{"groups", "institution,programme,code,name,min_credits\nB,P,core,Core,10\n"},
		{"plans", "institution,programme,group,course\nB,P,core,b1\n"},
		{"equivalences", "equivalence,source_institution,source_course,min_grade,target_institution,target_course\nE,A,a1,75,B,b1\n"},
	} {
		must(t, "--db", db, "import", f[0], write(t, filepath.Join(folder, f[0]+".csv"), f[1]), "--publish")
	}
}

func TestStatusOfWrongUsageAndOfRefusal(t *testing.T) {
	db := "sqlite:" + filepath.Join(t.TempDir(), "bank.db")
	for _, c := range []struct {
		want int
		args []string
	}{
		{exitUsage, []string{"nonsense"}},
		{exitUsage, []string{"import"}},
		{exitUsage, []string{"check"}},
		{exitUsage, []string{"check", "--records", "x", "--learner", "y"}},
		{exitUsage, []string{"--db", "mysql://x", "migrate"}},
		{exitUsage, []string{"--db", db, "import", "shoes", "/does/not/exist.csv"}},
		{exitUsage, []string{"--db", db, "export", "shoes"}},
		{exitUsage, []string{"--lang", "fr", "version"}},
		{exitUsage, []string{"--db", db, "check", "--learner", "x", "--to", "B"}},
		{exitUsage, []string{"--db", db, "check", "--learner", "x", "--as-of", "2026-9-1"}},
		{exitUsage, []string{"--db", db, "check", "--learner", "x", "--top", "0"}},
		{exitUsage, []string{"--db", db, "check", "--learner", "x", "--top", "201"}},
		{exitRefused, []string{"--db", db, "check", "--learner", "nobody"}},
		{exitRefused, []string{"--db", db, "import", "regions", "/does/not/exist.csv"}},
		{exitRefused, []string{"--db", db, "import", "shoes"}},
		{exitUsage, []string{"--db", db, "import", "records"}},
		{exitUsage, []string{"--db", db, "import", "-"}},
		{exitUsage, []string{"--db", db, "import", write(t, filepath.Join(t.TempDir(), "unknown.csv"), "a,b\n1,2\n")}},
		{exitUsage, []string{"--db", db, "import", write(t, filepath.Join(t.TempDir(), "several.csv"), "code,name,kind\nC,See,overseas\n")}},
		{exitDone, []string{"--db", db, "import", write(t, filepath.Join(t.TempDir(), "schools.csv"), "code,name,kind,hours_per_credit\nC,See,overseas,16\n")}},
		{exitDone, []string{"version"}},
		{exitDone, []string{"--db", db, "migrate"}},
	} {
		if status, _, stderr := command(t, c.args...); status != c.want {
			t.Errorf("%v: status %d, want %d\n%s", c.args, status, c.want, stderr)
		}
	}
}

// What is wrong with a command line is said in the reader's language, with the argument
// named, also where it cannot be read at all.
func TestWrongUsageIsSaidInTheReadersLanguage(t *testing.T) {
	t.Setenv("CREDITBANK_LANG", "zh-CN")
	for _, c := range []struct{ args, want string }{
		{"nonsense", "nonsense: 这里用不上这个词"},
		{"", "缺少以下之一：serve, demo"},
		{"import --nope", "--nope: 没有这个选项"},
		{"exprt", "相近的有：export。"},
		{"import", "<kind>: 此项必填"},
		{"token add sis", "--institution: 此项必填"},
		{"export courses --format pdf", "--format: “pdf”不在可选范围内：csv, xlsx"},
		{"check --top many", "--top: “many”不是整数"},
		{"--lang en check --top many", "--top: “many” is no whole number"},
		{"demo --dirr x --lang=en", "no such flag"},
	} {
		var said bytes.Buffer
		if status := run(t.Context(), strings.Fields(c.args), io.Discard, &said); status != exitUsage || !strings.Contains(said.String(), c.want) {
			t.Errorf("%q: status %d, %q", c.args, status, &said)
		}
	}
	t.Setenv("CREDITBANK_LANG", "en_GB.UTF-8")
	var told bytes.Buffer
	status := run(t.Context(), []string{"--json", "import", "--nope"}, &told, io.Discard)
	if status != exitUsage || !json.Valid(told.Bytes()) || !strings.Contains(told.String(), `"field": "--nope"`) || !strings.Contains(told.String(), "There is no such flag") {
		t.Errorf("status %d, %s", status, &told)
	}
}

func TestImportReportsInJSONAndRejectsCanBeMended(t *testing.T) {
	folder := t.TempDir()
	db, rejects := "sqlite:"+filepath.Join(folder, "bank.db"), filepath.Join(folder, "rejects.csv")
	town(t, db)
	file := write(t, filepath.Join(folder, "courses.csv"), "institution,code,name,credits\nA,n1,N1,1\nA,n2,N2,\"4,5\"\n")
	status, stdout, _ := command(t, "--db", db, "--json", "import", "courses", file, "--partial", "--rejects", rejects)
	var report struct {
		Rows, New, Refused int
		Errors             []struct {
			Row                          int
			Column, Value, Code, Message string
		}
	}
	if err := json.Unmarshal([]byte(stdout), &report); err != nil {
		t.Fatal(err)
	}
	if status != exitRefused || report.Rows != 2 || report.New != 1 || report.Refused != 1 || len(report.Errors) != 1 {
		t.Fatalf("status %d, %+v", status, report)
	}
	if e := report.Errors[0]; e.Row != 3 || e.Column != "credits" || e.Value != "4,5" || !strings.Contains(e.Message, "4.5") {
		t.Errorf("%+v", e)
	}
	text, err := os.ReadFile(rejects)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(text), "reject_reason") || !strings.Contains(string(text), "n2") || strings.Contains(string(text), "n1") {
		t.Errorf("rejects: %s", text)
	}
	mended := write(t, rejects, strings.Replace(string(text), `"4,5"`, "4.5", 1))
	must(t, "--db", db, "import", "courses", mended)
	if out := must(t, "--db", db, "export", "courses"); !strings.Contains(out, "A,n2,N2,,4.5") {
		t.Errorf("the mended row is not there:\n%s", out)
	}
}

// Rows that cannot be read are in the rejects file with all they hold, and come
// in only after a person has looked at them.
func TestRejectsLoseNothing(t *testing.T) {
	folder := t.TempDir()
	db, rejects := "sqlite:"+filepath.Join(folder, "bank.db"), filepath.Join(folder, "rejects.csv")
	town(t, db)
	file := write(t, filepath.Join(folder, "courses.csv"), "institution,code,name,credits\nA,n1,职业课程,1\nA,n2,N2,4,5,\"x,y\"\nA,n3,\xbf\xce,1\n")
	if status, stdout, stderr := command(t, "--db", db, "import", "courses", file, "--partial", "--rejects", rejects); status != exitRefused ||
		!strings.Contains(stdout, "3 rows = 1 new + 0 unchanged + 0 updated + 2 refused") || !strings.Contains(stderr, "row 3") {
		t.Fatalf("status %d\n%s%s", status, stdout, stderr)
	}
	text, err := os.ReadFile(rejects)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"\nA,n2,N2,4,3,,\"5,\"\"x,y\"\"\",", "\nA,n3,\\xbf\\xce,1,4,,,"} {
		if !strings.Contains(string(text), want) {
			t.Errorf("the rejects lack %q:\n%s", want, text)
		}
	}
	before := must(t, "--db", db, "export", "courses")
	if status, _, _ := command(t, "--db", db, "import", "courses", rejects, "--partial", "--rejects", rejects); status != exitRefused {
		t.Errorf("the rejects as they were: status %d", status)
	}
	if again, err := os.ReadFile(rejects); err != nil || !strings.Contains(string(again), "\"5,\"\"x,y\"\"\"") || !strings.Contains(string(again), "\\xbf\\xce") {
		t.Errorf("their rejects: %s, %v", again, err)
	}
	if must(t, "--db", db, "export", "courses") != before {
		t.Error("a row came in that nobody mended")
	}
	mended := strings.NewReplacer("4,3,,\"5,\"\"x,y\"\"\",", "4.5,3,,,", `\xbf\xce`, "课").Replace(string(text))
	must(t, "--db", db, "import", "courses", write(t, rejects, mended))
}

func TestOpenQuoteRefusesTheFile(t *testing.T) {
	folder := t.TempDir()
	db, rejects := "sqlite:"+filepath.Join(folder, "bank.db"), filepath.Join(folder, "rejects.csv")
	town(t, db)
	before := must(t, "--db", db, "export", "courses")
	file := write(t, filepath.Join(folder, "courses.csv"), "institution,code,name,credits\nA,n1,N1,1\nA,\"n2,N2,1\nA,n3,N3,1\n")
	status, stdout, stderr := command(t, "--db", db, "import", "courses", file, "--partial", "--rejects", rejects)
	if status != exitRefused || stdout != "" || !strings.Contains(stderr, "row 3: A quotation mark") {
		t.Errorf("status %d\n%s%s", status, stdout, stderr)
	}
	if left, _ := filepath.Glob(rejects + "*"); len(left) > 0 || must(t, "--db", db, "export", "courses") != before {
		t.Errorf("something was written: %v", left)
	}
}

func TestRejectsOfManyRowsAreQuick(t *testing.T) {
	folder := t.TempDir()
	db := "sqlite:" + filepath.Join(folder, "bank.db")
	town(t, db)
	file := "institution,code,name,credits\n" + strings.Repeat("A,x,X,wrong\n", 100_000)
	started := time.Now()
	command(t, "--db", db, "import", "courses", write(t, filepath.Join(folder, "courses.csv"), file), "--partial", "--rejects", filepath.Join(folder, "rejects.csv"))
	if took := time.Since(started); took > 20*time.Second {
		t.Errorf("100,000 refused rows took %v", took)
	}
}

// With --json whatever is refused is one document on standard output.
func TestRefusalsInJSON(t *testing.T) {
	folder := t.TempDir()
	db := "sqlite:" + filepath.Join(folder, "bank.db")
	town(t, db)
	file := func(name, text string) string { return write(t, filepath.Join(folder, name), text) }
	for name, c := range map[string]struct {
		args               []string
		code, field, fault string
	}{
		"unknown column": {[]string{"import", "courses", file("a.csv", "institution,code,name,credits,colour\n")}, "invalid", "colour", "unknown_column"},
		"empty file":     {[]string{"import", "courses", file("b.csv", "")}, "invalid", "file", "empty"},
		"workbook":       {[]string{"import", "courses", file("c.csv", "PK\x03\x04")}, "invalid", "file", "workbook_broken"},
		"old workbook":   {[]string{"import", "courses", file("g.csv", "\xd0\xcf\x11\xe0")}, "invalid", "file", "workbook"},
		"no encoding":    {[]string{"import", "courses", file("d.csv", "\xff\xff\xff,code\n")}, "invalid", "file", "encoding_file"},
		"bars":           {[]string{"import", "courses", file("e.csv", "institution|code|name|credits\n")}, "invalid", "file", "separator"},
		"open quote":     {[]string{"import", "courses", file("f.csv", "institution,code,name,credits\nA,x,\"X,1\n")}, "invalid", "row 2", "quotes"},
		"no file":        {[]string{"import", "courses", filepath.Join(folder, "none.csv")}, "not_found", "", ""},
		"no account":     {[]string{"check", "--learner", "nobody"}, "not_found", "", ""},
		"wrong kind":     {[]string{"export", "shoes"}, "invalid", "KIND", "choice"},
	} {
		status, stdout, stderr := command(t, append([]string{"--db", db, "--json"}, c.args...)...)
		var answer struct {
			Error struct {
				Code, Message string
				Errors        []struct{ Field, Code, Message string }
			}
		}
		if err := json.Unmarshal([]byte(stdout), &answer); err != nil || status == exitDone || stderr != "" {
			t.Errorf("%s: status %d, %v\n%s%s", name, status, err, stdout, stderr)
			continue
		}
		e := answer.Error
		if e.Code != c.code || e.Message == "" || c.field != "" && (len(e.Errors) != 1 || e.Errors[0].Field != c.field || e.Errors[0].Code != c.fault || e.Errors[0].Message == "") {
			t.Errorf("%s: %s", name, stdout)
		}
	}
}

// What the machine refuses is one calm sentence, and the whole error a line of the log.
func TestFailuresAreSentences(t *testing.T) {
	folder := t.TempDir()
	db := "sqlite:" + filepath.Join(folder, "bank.db")
	town(t, db)
	for _, c := range []struct {
		want string
		args []string
	}{
		{"does not exist", []string{"--db", "sqlite:/does/not/exist/bank.db", "migrate"}},
		{"cannot be opened or created", []string{"--db", "sqlite:" + folder, "migrate"}},
		{"does not answer", []string{"--db", "postgres://127.0.0.1:1/x?sslmode=disable", "migrate"}},
		{"The folder /does/not does not exist", []string{"--db", db, "export", "courses", "--out", "/does/not/exist.csv"}},
		{"The disk is full", []string{"--db", db, "export", "courses", "--out", "/dev/full"}},
		{"cannot be used as a file", []string{"--db", db, "import", "courses", folder}},
	} {
		status, stdout, stderr := command(t, c.args...)
		var said []string
		for _, line := range strings.Split(strings.TrimSpace(stderr), "\n") {
			if !strings.HasPrefix(line, "{") {
				said = append(said, line)
			}
		}
		if status != exitRefused || stdout != "" || len(said) != 1 || !strings.Contains(said[0], c.want) {
			t.Errorf("%v: status %d, said %q, want %q", c.args, status, said, c.want)
		}
	}
}

// A file with Chinese headers is answered in its own words.
func TestChineseHeadersAreAnsweredInChinese(t *testing.T) {
	folder := t.TempDir()
	db, rejects := "sqlite:"+filepath.Join(folder, "bank.db"), filepath.Join(folder, "rejects.csv")
	town(t, db)
	template := strings.Split(strings.TrimSpace(strings.TrimPrefix(must(t, "export", "courses", "--template"), "\ufeff")), ",")
	file := write(t, filepath.Join(folder, "a.csv"), strings.Join(template[:5], ",")+"\nA,x,X,,wrong\n")
	_, _, stderr := command(t, "--db", db, "import", "courses", file, "--partial", "--rejects", rejects)
	text, err := os.ReadFile(rejects)
	if err != nil || !strings.Contains(stderr, "row 2, "+template[4]+":") || !strings.Contains(string(text), ",2,"+template[4]+",wrong,") {
		t.Errorf("%v\n%s\n%s", err, stderr, text)
	}
	write(t, file, strings.Join(template[:5], ",")+",颜色\n")
	if _, _, stderr := command(t, "--db", db, "import", "courses", file); !strings.Contains(stderr, template[4]) || strings.Contains(stderr, "credits") {
		t.Errorf("unknown column: %s", stderr)
	}
}

func TestSeveralRowsInAnotherEncodingAreOneSentence(t *testing.T) {
	folder := t.TempDir()
	db := "sqlite:" + filepath.Join(folder, "bank.db")
	town(t, db)
	file := write(t, filepath.Join(folder, "a.csv"), "institution,code,name,credits\nA,x,\xbf\xce,1\nA,y,\xbf\xce,1\nA,z,职业教育课程,1\n")
	status, stdout, stderr := command(t, "--db", db, "import", "courses", file)
	if status != exitRefused || strings.Count(stderr, "\n") != 1 || !strings.Contains(stderr, "2 rows") || !strings.Contains(stdout, "2 refused") {
		t.Errorf("status %d\n%s%s", status, stdout, stderr)
	}
}

func TestCheckOnTheCommandLine(t *testing.T) {
	t.Run("sqlite", func(t *testing.T) { checkOn(t, "sqlite:"+filepath.Join(t.TempDir(), "bank.db")) })
	t.Run("postgres", func(t *testing.T) {
		db := testbed.Postgres(t)
		t.Setenv("CREDITBANK_PERSONAL_KEY", testbed.PersonalKey(db))
		checkOn(t, db)
	})
}

func checkOn(t *testing.T, db string) {
	folder := t.TempDir()
	town(t, db)
	records := write(t, filepath.Join(folder, "records.csv"), "institution,course,grade\nA,a1,80\nA,a2,90\n")
	var plan struct {
		Applied, Transferable, Missing string
		Optimal                        bool
		Items                          []struct {
			Equivalence string
			Records     []int
		}
		Records []struct {
			Index       int
			State       string
			Institution string
			Course      string
			CourseName  string `json:"course_name"`
			Grade       string
		}
	}
	if err := json.Unmarshal([]byte(must(t, "--db", db, "--json", "check", "--records", records, "--to", "B:P")), &plan); err != nil {
		t.Fatal(err)
	}
	if plan.Applied != "3" || plan.Transferable != "3" || plan.Missing != "7" || !plan.Optimal || len(plan.Items) != 1 {
		t.Errorf("%+v", plan)
	}
	if len(plan.Records) != 2 || plan.Records[0].State != "matched" || plan.Records[1].State != "not_evaluated" {
		t.Errorf("%+v", plan.Records)
	}
	if r := plan.Records[1]; r.Institution != "A" || r.Course != "a2" || r.CourseName != "Physics" || r.Grade != "90" {
		t.Errorf("the second result is called %+v", r)
	}
	if out := must(t, "--db", db, "check", "--records", records, "--to", "B:P"); !strings.Contains(out, "A:a2 Physics (") {
		t.Errorf("results are not named:\n%s", out)
	}
	if out := must(t, "--db", db, "check", "--records", records, "--to", "B:P"); !strings.Contains(out, "Engineering") || !strings.Contains(out, "E v1") {
		t.Errorf("in words:\n%s", out)
	}
	if out := must(t, "--db", db, "check", "--records", records); !strings.Contains(out, "3 applied") {
		t.Errorf("ranking in words:\n%s", out)
	}
	wrong := write(t, filepath.Join(folder, "wrong.csv"), "institution,course,grade\nA,zz,80\n")
	if status, _, stderr := command(t, "--db", db, "check", "--records", wrong); status != exitRefused || !strings.Contains(stderr, "records[0].course") {
		t.Errorf("unknown course: status %d, %s", status, stderr)
	}
}

// An address that another program has is named.
func TestServeNamesAnAddressInUse(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = taken.Close() }()
	address := taken.Addr().String()
	status, _, stderr := command(t, "--lang", "en", "--db", "sqlite:"+filepath.Join(t.TempDir(), "bank.db"), "serve", "--addr", address)
	if want := "Another program serves at " + address; status != exitRefused || !strings.Contains(stderr, want) {
		t.Errorf("%d %s, want %q", status, stderr, want)
	}
}

func TestBackupAndRestoreCommands(t *testing.T) {
	folder := t.TempDir()
	db, copied := "sqlite:"+filepath.Join(folder, "bank.db"), filepath.Join(folder, "copy.db")
	town(t, db)
	before := must(t, "--db", db, "export", "equivalences")
	must(t, "--db", db, "backup", copied)
	other := "sqlite:" + filepath.Join(folder, "other.db")
	must(t, "--db", other, "restore", copied)
	if after := must(t, "--db", other, "export", "equivalences"); after != before {
		t.Errorf("restored:\n%s\nwant\n%s", after, before)
	}
	if status, _, _ := command(t, "--db", db, "backup", copied); status != exitRefused {
		t.Errorf("backup over a file: status %d", status)
	}
}

// The program as people run it: it answers, and stops cleanly on SIGTERM.
func TestServersAnswerAndStopOnSIGTERM(t *testing.T) {
	binary := filepath.Join(t.TempDir(), "creditbank")
	if out, err := exec.Command("go", "build", "-o", binary, ".").CombinedOutput(); err != nil {
		t.Fatalf("build: %v\n%s", err, out)
	}
	t.Run("demo", func(t *testing.T) { answersAndStops(t, exec.Command(binary, "demo", "--addr", "127.0.0.1:0")) })
	t.Run("serve on PostgreSQL", func(t *testing.T) {
		db := testbed.Postgres(t)
		t.Setenv("CREDITBANK_PERSONAL_KEY", testbed.PersonalKey(db))
		town(t, db)
		answersAndStops(t, exec.Command(binary, "--db", db, "serve", "--metrics", "--addr", "127.0.0.1:0"))
	})
}

func answersAndStops(t *testing.T, demo *exec.Cmd) {
	t.Helper()
	stderr, err := demo.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := demo.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = demo.Process.Kill() }()
	lines := bufio.NewScanner(stderr)
	address := waitForAddress(t, lines)
	go func() { _, _ = io.Copy(io.Discard, stderr) }()
	for path, want := range map[string]int{"/healthz": 200, "/readyz": 200, "/": 200, "/api/v1/institutions": 200, "/metrics": 200, "/nothing": 404} {
		if got := statusOf(t, "http://"+address+path); got != want {
			t.Errorf("%s: %d, want %d", path, got, want)
		}
	}
	if err := demo.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := demo.Wait(); err != nil {
		t.Errorf("after SIGTERM: %v, want status 0", err)
	}
}

func waitForAddress(t *testing.T, lines *bufio.Scanner) string {
	t.Helper()
	for lines.Scan() {
		var entry struct{ Msg, Address string }
		if json.Unmarshal(lines.Bytes(), &entry) == nil && entry.Msg == "serving" {
			return entry.Address
		}
	}
	t.Fatal("the demo never said where it serves")
	return ""
}

func statusOf(t *testing.T, url string) int {
	t.Helper()
	client := http.Client{Timeout: 20 * time.Second}
	resp, err := client.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	return resp.StatusCode
}
