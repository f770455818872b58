package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"creditbank/internal/bank"
	"creditbank/internal/testbed"
	"creditbank/internal/web"
)

// typed gives a command lines on standard input.
func typed(t *testing.T, text string) {
	t.Helper()
	file, err := os.Open(write(t, filepath.Join(t.TempDir(), "typed"), text))
	if err != nil {
		t.Fatal(err)
	}
	was := os.Stdin
	os.Stdin = file
	t.Cleanup(func() { os.Stdin = was; _ = file.Close() })
}

// canSignIn says whether a name and a password let somebody in.
func canSignIn(t *testing.T, db, name, password string) bool {
	t.Helper()
	b, err := bank.OpenWith(context.Background(), db, bank.Options{PersonalKey: testbed.PersonalKey(db)})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = b.Close() }()
	_, err = b.SignIn(context.Background(), "", name, password)
	if err != nil && bank.CodeOf(err) != bank.Unauthenticated {
		t.Error(err)
	}
	return err == nil
}

// testApp is what a command works with, in English.
func testApp(t *testing.T, stderr io.Writer) *app {
	t.Helper()
	languages, err := web.LoadLanguages()
	if err != nil {
		t.Fatal(err)
	}
	return &app{ctx: context.Background(), cli: &cli{}, say: languages.Speaker("en"), stdout: io.Discard, stderr: stderr, log: slog.New(slog.DiscardHandler)}
}

func TestUserCommands(t *testing.T) {
	t.Run("sqlite", func(t *testing.T) { usersOn(t, "sqlite:"+filepath.Join(t.TempDir(), "bank.db")) })
	t.Run("postgres", func(t *testing.T) { usersOn(t, testbed.Postgres(t)) })
}

func usersOn(t *testing.T, db string) {
	town(t, db)
	t.Setenv("CREDITBANK_PERSONAL_KEY", testbed.PersonalKey(db))
	made := strings.TrimSpace(must(t, "--db", db, "user", "add", "Wang", "--role", "registrar,expert", "--institution", "A"))
	if len(made) != 23 || !canSignIn(t, db, "wang", made) {
		t.Errorf("the made password is %q", made)
	}
	typed(t, "seven kettles of green tea\n")
	if out := must(t, "--db", db, "user", "add", "boss", "--role", "administrator", "--stdin"); out != "" {
		t.Errorf("a typed password is printed: %q", out)
	}
	if !canSignIn(t, db, "boss", "seven kettles of green tea") {
		t.Error("the typed password is another")
	}
	typed(t, "magpie under the long bridge")
	must(t, "--db", db, "user", "password", "wang", "--stdin")
	if canSignIn(t, db, "wang", made) || !canSignIn(t, db, "wang", "magpie under the long bridge") {
		t.Error("the password was not changed")
	}
	must(t, "--db", db, "user", "disable", "wang")
	if canSignIn(t, db, "wang", "magpie under the long bridge") {
		t.Error("a disabled login lets in")
	}
	must(t, "--db", db, "user", "enable", "wang")
	if !canSignIn(t, db, "wang", "magpie under the long bridge") {
		t.Error("an enabled login does not let in")
	}
	lines := must(t, "--db", db, "user", "list")
	if !strings.HasPrefix(lines, "Wang  registrar A, expert A") && !strings.HasPrefix(lines, "Wang  expert A, registrar A") || !strings.Contains(lines, "\nboss  administrator  ") {
		t.Errorf("the list is %q", lines)
	}
	var list struct{ Items []listedLogin }
	if err := json.Unmarshal([]byte(must(t, "--db", db, "--json", "user", "list")), &list); err != nil || len(list.Items) != 2 || list.Items[0].Name != "Wang" || list.Items[0].Password != "" {
		t.Errorf("%+v, %v", list, err)
	}
	link := must(t, "--db", db, "user", "link", "wang", "--url", "https://bank.example.org/")
	if !strings.HasPrefix(link, "https://bank.example.org/invitation/") || canSignIn(t, db, "wang", "magpie under the long bridge") {
		t.Errorf("the link is %q", link)
	}
	learners := write(t, filepath.Join(t.TempDir(), "learners.csv"), "account,name\nL1,Li Hua\n")
	must(t, "--db", db, "import", "learners", learners)
	if code := must(t, "--db", db, "user", "code", "L1"); len(code) != 12 || code[5] != '-' {
		t.Errorf("the code is %q", code)
	}
	for want, args := range map[string][]string{
		"L2":                 {"user", "code", "L2"},
		"--role":             {"user", "add", "x", "--role", "king"},
		"There is no login":  {"user", "disable", "nobody"},
		"institution":        {"user", "add", "zhang", "--role", "expert"},
		"last administrator": {"user", "disable", "boss"},
		"Somebody has this":  {"user", "add", "BOSS", "--role", "auditor"},
	} {
		if status, _, stderr := command(t, append([]string{"--db", db}, args...)...); status == exitDone || !strings.Contains(stderr, want) {
			t.Errorf("%v: status %d, %s", args, status, stderr)
		}
	}
}

// While there is no administrator, each start tells a new link to one, and no line
// of the log holds it.
func TestTheFirstAdministratorIsInvited(t *testing.T) {
	db := "sqlite:" + filepath.Join(t.TempDir(), "bank.db")
	b, err := bank.OpenWith(context.Background(), db, bank.Options{PersonalKey: testbed.PersonalKey(db)})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = b.Close() }()
	told := func() string {
		var stderr bytes.Buffer
		a := testApp(t, &stderr)
		if err := a.inviteFirst(b, "https://bank.example.org"); err != nil {
			t.Fatal(err)
		}
		_, secret, _ := strings.Cut(stderr.String(), "/invitation/")
		return strings.TrimSpace(secret)
	}
	first, second := told(), told()
	if first == "" || second == "" || first == second {
		t.Fatalf("%q, %q", first, second)
	}
	if _, err := b.AcceptInvitation(context.Background(), "", first, "boss", "magpie under the long bridge"); bank.CodeOf(err) != bank.NotFound {
		t.Errorf("the link of an earlier start: %v", err)
	}
	if _, err := b.AcceptInvitation(context.Background(), "", second, "boss", "magpie under the long bridge"); err != nil {
		t.Error(err)
	}
	if third := told(); third != "" {
		t.Errorf("a link while there is an administrator: %q", third)
	}
}

// demoBank is an empty bank and the program that makes a demo of it.
func demoBank(t *testing.T) (*app, *bank.Bank) {
	t.Helper()
	db := "sqlite:" + filepath.Join(t.TempDir(), "bank.db")
	b, err := bank.OpenWith(context.Background(), db, bank.Options{PersonalKey: testbed.PersonalKey(db)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = b.Close() })
	return testApp(t, &bytes.Buffer{}), b
}

// The people of the demo come in with what the demo tells, at each start of a kept one.
func TestDemoLogins(t *testing.T) {
	a, b := demoBank(t)
	if err := a.loadSeeds(b); err != nil {
		t.Fatal(err)
	}
	before := map[string]string{}
	for range 2 {
		people, err := a.demoLogins(b)
		if err != nil || len(people) != 6 {
			t.Fatalf("%d people, %v", len(people), err)
		}
		for _, p := range people {
			in, err := b.SignIn(a.ctx, "", p.Name, p.Password)
			if err != nil || in.Enrol || in.Second != (p.TOTP != "") {
				t.Errorf("%s: %+v, %v", p.Name, in, err)
			}
			actor, err := b.ActorOf(a.ctx, in.Login, "", "")
			if err != nil || strings.Join(actor.Roles.Names(), " ") != p.Name {
				t.Errorf("%s: %v, %v", p.Name, actor.Roles.Names(), err)
			}
			if before[p.Name] == p.Password {
				t.Errorf("%s has the same password at two starts", p.Name)
			}
			before[p.Name] = p.Password
		}
	}
	if secret, err := b.FirstAdministrator(a.ctx); err != nil || secret != "" {
		t.Errorf("the demo has an administrator: %q, %v", secret, err)
	}
}

// Every role of the demo finds something to do on its first page, and a kept demo gives
// no more of it at its next start.
func TestDemoWork(t *testing.T) {
	a, b := demoBank(t)
	logins := func(b *bank.Bank) error {
		_, err := a.demoLogins(b)
		return err
	}
	for range 2 {
		for _, load := range []func(*bank.Bank) error{a.loadSeeds, logins, a.loadOutcomes, a.loadWork} {
			if err := load(b); err != nil {
				t.Fatal(err)
			}
		}
	}
	school := bank.ToDo{Evaluations: 1, Requests: 1, Applications: 1, Appeals: 1, Priors: 1, Corrections: 1, Proposals: 1}
	decides := school
	decides.Evaluations = 2 // an opinion, too
	for name, want := range map[string]bank.ToDo{"registrar": school, "decider": decides, "expert": {Evaluations: 1, Priors: 1}, "administrator": {Evaluations: 1, Appeals: 1, Proposals: 2}, "auditor": {Appeals: 1, Proposals: 2}} {
		l, err := b.LoginNamed(a.ctx, operator, name)
		if err != nil {
			t.Fatal(err)
		}
		actor, err := b.ActorOf(a.ctx, l.ID, "", "")
		if err != nil {
			t.Fatal(err)
		}
		if d, err := b.ToDo(a.ctx, actor); err != nil || d != want {
			t.Errorf("for the %s of the demo waits %+v, not %+v, %v", name, d, want, err)
		}
	}
	mine, err := b.MyApplications(a.ctx, demoAsker(demoLearner))
	if err != nil || len(mine) != 1 || mine[0].State != bank.ApplicationSubmitted {
		t.Errorf("the learner of the demo waits for %+v, %v", mine, err)
	}
}
