// Command creditbank runs a credit bank: it serves pages and the API, takes
// files in and gives them out, and answers questions on the command line.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"

	"github.com/alecthomas/kong"

	"creditbank/internal/bank"
	"creditbank/internal/web"
)

// Exit statuses of the contract.
const (
	exitDone    = 0
	exitRefused = 1
	exitUsage   = 2
)

// cli is the command line. Environment variables are named here and nowhere else.
type cli struct {
	DB   string `name:"db" env:"CREDITBANK_DB" default:"sqlite:creditbank.db" help:"Database: sqlite:PATH or postgres://…"`
	Lang string `name:"lang" env:"CREDITBANK_LANG,LC_ALL,LANG" default:"zh-CN" help:"Language of sentences: zh-CN or en."`
	JSON bool   `name:"json" help:"Print one JSON document on standard output."`

	LedgerKey     string `name:"ledger-key" env:"CREDITBANK_LEDGER_KEY" hidden:"" help:"Secret key that signs the ledger. For the environment: others can read a command line."`
	LedgerKeyFile string `name:"ledger-key-file" env:"CREDITBANK_LEDGER_KEY_FILE" help:"File with the secret key that signs the ledger; made when there is none. Else PATH-ledger-key beside a SQLite file."`
	LedgerOrigin  string `name:"ledger-origin" env:"CREDITBANK_LEDGER_ORIGIN" help:"Name of the log for a key that is made: HOST/api/v1/ledger."`

	PersonalKey     string `name:"personal-key" env:"CREDITBANK_PERSONAL_KEY" hidden:"" help:"Master key of personal data. For the environment: others can read a command line."`
	PersonalKeyFile string `name:"personal-key-file" env:"CREDITBANK_PERSONAL_KEY_FILE" help:"File with the master key of personal data; made for a new bank. Else PATH-personal-key beside a SQLite file."`

	Serve    serveCommand        `cmd:"" help:"Serve pages and the API."`
	Demo     demoCommand         `cmd:"" help:"Serve a demo city."`
	Migrate  migrateCommand      `cmd:"" help:"Bring the schema up to date."`
	Import   importCommand       `cmd:"" help:"Take a file in."`
	Export   exportCommand       `cmd:"" help:"Give a file out."`
	Check    checkCommand        `cmd:"" help:"Say what results are worth, and why."`
	Replay   replayCommand       `cmd:"" help:"Answer a frozen question again and compare."`
	Lint     lintCommand         `cmd:"" help:"List faults of the whole map."`
	Backup   backupCommand       `cmd:"" help:"Copy the running bank into a file."`
	Restore  restoreCommand      `cmd:"" help:"Put a verified backup in the place of the bank."`
	Bench    benchCommand        `cmd:"" help:"Measure the bank on data made for it, beside its peers."`
	Ledger   ledgerCommand       `cmd:"" help:"Verify the ledger, and prove what is in it."`
	Audit    auditCommand        `cmd:"" help:"Read the audit log, and take it along."`
	Token    tokenCommand        `cmd:"" help:"Tokens of school systems."`
	Keys     personalKeysCommand `cmd:"" help:"Keys that seal personal data."`
	User     userCommand         `cmd:"" help:"Logins of people."`
	Learner  learnerCommand      `cmd:"" help:"Learners of the bank."`
	Regional regionalCommand     `cmd:"" help:"Codes of the files of a regional credit bank."`
	Version  versionCommand      `cmd:"" help:"Show versions."`
}

// app is what a command works with.
type app struct {
	ctx    context.Context
	cli    *cli
	say    web.Speaker
	stdout io.Writer
	stderr io.Writer
	log    *slog.Logger
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	status := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(status)
}

// run is the whole program; tests call it.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	var c cli
	exit := -1
	parser, err := kong.New(&c, kong.Name("creditbank"), kong.Description("A credit bank for vocational education (职业教育学分银行)."),
		kong.Writers(stdout, stderr), kong.Exit(func(code int) { exit = code }), kong.UsageOnError())
	if err != nil {
		_, _ = fmt.Fprintln(stderr, err)
		return exitUsage
	}
	command, err := parser.Parse(args)
	if exit >= 0 {
		return exit
	}
	if err != nil {
		c.readAnyway(err)
	}
	languages, broken := web.LoadLanguages()
	if broken != nil {
		_, _ = fmt.Fprintln(stderr, broken)
		return exitRefused
	}
	a := &app{ctx: ctx, cli: &c, say: languages.Speaker(languageTag(c.Lang)), stdout: stdout, stderr: stderr,
		log: slog.New(slog.NewJSONHandler(stderr, nil))}
	if err != nil {
		return a.finish(misread(err))
	}
	if given(command, "lang") && !spoken(c.Lang) {
		return a.finish(wrongUsage("--lang", c.Lang, "choice", map[string]any{"Choices": "zh-CN, en"}))
	}
	return a.finish(command.Run(a))
}

// given says whether a flag stands on the command line; the environment may ask
// for a language that we do not speak.
func given(command *kong.Context, flag string) bool {
	return slices.ContainsFunc(command.Path, func(p *kong.Path) bool { return p.Flag != nil && p.Flag.Name == flag })
}

// spoken says whether there are sentences in the language of a tag.
func spoken(locale string) bool {
	language, _, _ := strings.Cut(strings.ReplaceAll(languageTag(locale), "_", "-"), "-")
	return language == "zh" || language == "en"
}

// sayf writes a line to standard error.
func (a *app) sayf(format string, args ...any) { _, _ = fmt.Fprintf(a.stderr, format+"\n", args...) }

// printf writes to standard output.
func (a *app) printf(format string, args ...any) error {
	_, err := fmt.Fprintf(a.stdout, format, args...)
	return err
}

func (a *app) printJSON(v any) error {
	encoder := json.NewEncoder(a.stdout)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	return encoder.Encode(v)
}

// withBank opens the bank for one command.
func (a *app) withBank(do func(*bank.Bank) error) error {
	b, err := bank.OpenWith(a.ctx, a.cli.DB, bank.Options{LedgerKey: a.cli.LedgerKey, LedgerKeyFile: a.cli.LedgerKeyFile, LedgerOrigin: a.cli.LedgerOrigin,
		PersonalKey: a.cli.PersonalKey, PersonalKeyFile: a.cli.PersonalKeyFile})
	if err != nil {
		return err
	}
	return errors.Join(do(b), b.Close())
}

// withStanding opens a bank that is there: a path with a slip in it is no empty
// bank, about which all would be well.
func (a *app) withStanding(do func(*bank.Bank) error) error {
	if path, lite := strings.CutPrefix(a.cli.DB, "sqlite:"); lite && path != "" {
		if _, err := os.Stat(path); err != nil {
			return err
		}
	}
	return a.withBank(do)
}

// languageTag makes a tag of what locales look like: zh_CN.UTF-8, C, en.
func languageTag(locale string) string {
	for i, r := range locale {
		switch r {
		case '.', '@':
			return locale[:i]
		}
	}
	return locale
}
