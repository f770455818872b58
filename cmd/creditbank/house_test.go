package main

import (
	"go/build"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// arrows are the imports inside the module: who may know whom. They run down
// only. A new arrow is written here in the same change, with its reason.
var arrows = map[string][]string{
	"cmd/creditbank":           {"internal/web", "internal/bank", "internal/intake", "internal/bench", "internal/sheet", "internal/transfer", "internal/credit", "internal/calendar", "seeds"}, // transfer, credit, calendar: the values of the answers it prints
	"internal/web":             {"internal/bank", "internal/intake", "internal/sheet", "internal/transfer", "internal/credit", "internal/calendar", "templates"},                               // sheet: lists are taken along as tables
	"internal/bank":            {"internal/transfer", "internal/packed", "internal/ledger", "internal/secret", "internal/code", "internal/credit", "internal/calendar", "schema"},
	"internal/bench":           {"internal/web", "internal/bank", "internal/cluster", "internal/transfer", "internal/transfer/oracle", "internal/credit", "internal/calendar", "internal/intake", "internal/ledger"}, // intake, ledger: files are brought in as on the command line, and hashing is measured alone; oracle: plans are checked by what knows nothing of the engine; web: deposits are measured over HTTP; cluster: on a database server of known settings
	"internal/transfer":        {"internal/packed", "internal/credit", "internal/calendar"},
	"internal/packed":          {},
	"internal/transfer/oracle": {},
	"internal/ledger":          {"internal/credit"},
	"internal/secret":          {},
	"internal/code":            {"internal/calendar"}, // an identity number holds a birth date
	"internal/credit":          {},
	"internal/calendar":        {},
	"internal/sheet":           {},
	"internal/intake":          {"internal/bank", "internal/sheet"}, // another front: files on one side, the bank on the other
	"internal/testbed":         {"internal/cluster"},
	"internal/cluster":         {},
	"schema":                   {},
	"seeds":                    {},
	"templates":                {},
}

// homes are the packages in which a heavy dependency may be named.
var homes = map[string][]string{
	"github.com/labstack/echo/v4":         {"internal/web"},
	"github.com/go-playground/validator":  {"internal/web"},
	"github.com/getkin/kin-openapi":       {"internal/web"},
	"github.com/nicksnyder/go-i18n":       {"internal/web"},
	"github.com/BurntSushi/toml":          {"internal/web"},
	"github.com/prometheus/client_golang": {"internal/web"},
	"golang.org/x/time/rate":              {"internal/web"},
	"github.com/alexedwards/scs":          {"internal/web"},
	"github.com/go-webauthn/webauthn":     {"internal/web"},
	"github.com/coreos/go-oidc":           {"internal/web"},
	"golang.org/x/oauth2":                 {"internal/web"},
	"github.com/boombuler/barcode":        {"internal/web"},
	"github.com/tink-crypto/tink-go":      {"internal/secret"},
	"golang.org/x/crypto/argon2":          {"internal/secret"},
	"github.com/pquerna/otp":              {"internal/secret"},
	"golang.org/x/text/language":          {"internal/web"},
	"github.com/jmoiron/sqlx":             {"internal/bank"},
	"github.com/mattn/go-sqlite3":         {"internal/bank"},
	"github.com/jackc/pgx":                {"internal/bank"},
	"github.com/mozillazg/go-pinyin":      {"internal/bank"},
	"golang.org/x/text/unicode/norm":      {"internal/bank", "internal/web"}, // both compare what people typed
	"github.com/alecthomas/kong":          {"cmd/creditbank"},
	"github.com/wneessen/go-mail":         {"cmd/creditbank"},
	"github.com/schollz/progressbar":      {"cmd/creditbank"},
	"golang.org/x/term":                   {"cmd/creditbank"},
	"github.com/chromedp":                 {"internal/testbed"},
	"net/http":                            {"internal/web", "internal/bench", "cmd/creditbank"}, // bench: it serves and asks what it measures
	"database/sql":                        {"internal/bank", "internal/bench"},                  // bench: the ranking as SQL, to be measured beside the engine's; rows beside deposits, and a look into the tables
	"html/template":                       {"internal/web"},
	"os":                                  {"internal/bank", "internal/bench", "internal/cluster", "internal/testbed", "cmd/creditbank"},                                                                  // bank: backups and the SQLite file; bench: files and programs that are measured
	"log/slog":                            {"internal/web", "internal/bench", "cmd/creditbank"},                                                                                                           // bench: the server that it measures logs
	"time":                                {"internal/calendar", "internal/bank", "internal/bench", "internal/web", "internal/cluster", "internal/testbed", "cmd/creditbank", "internal/transfer/oracle"}, // oracle: dates of its own
	"github.com/chromedp/cdproto":         {"internal/testbed"},
	"golang.org/x/text/encoding":          {"internal/sheet"},
	"github.com/xuri/excelize":            {"internal/sheet"},
	"golang.org/x/mod/sumdb":              {"internal/ledger", "internal/bench"}, // bench: the root, made again by what everybody has
}

// pure packages import the standard library, credit, calendar, packed and what
// has its home in them, and do no I/O.
var pure = []string{"internal/packed", "internal/secret", "internal/transfer", "internal/transfer/oracle", "internal/ledger", "internal/credit", "internal/code", "internal/calendar"}

const module = "creditbank/"

// rooms finds every package of the module.
func rooms(t *testing.T) map[string]*build.Package {
	t.Helper()
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]*build.Package{}
	err = filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.IsDir() {
			return err
		}
		if name := d.Name(); path != root && (strings.HasPrefix(name, ".") || name == "testdata" || name == "docs") {
			return filepath.SkipDir
		}
		p, err := build.ImportDir(path, 0)
		if err != nil {
			return nil // no Go here
		}
		name, err := filepath.Rel(root, path)
		found[filepath.ToSlash(name)] = p
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func TestArrowsRunDownOnly(t *testing.T) {
	for room, p := range rooms(t) {
		allowed, known := arrows[room]
		if !known {
			t.Errorf("%s is a room that the house does not know", room)
		}
		for _, path := range p.Imports {
			if inside, ours := strings.CutPrefix(path, module); ours && !slices.Contains(allowed, inside) {
				t.Errorf("%s imports %s: a new arrow", room, inside)
			}
		}
	}
}

func TestHeavyDependenciesHaveOneHome(t *testing.T) {
	for room, p := range rooms(t) {
		for _, path := range p.Imports {
			for dependency, at := range homes {
				if (path == dependency || strings.HasPrefix(path, dependency+"/")) && !within(path, dependency) && !slices.Contains(at, room) {
					t.Errorf("%s imports %s, whose home is %v", room, path, at)
				}
			}
		}
	}
}

// within tells the subpackages of the standard library that are something else
// than the package they lie in: net/http/httptest, os/signal, html/template.
func within(path, dependency string) bool {
	return path != dependency && !strings.Contains(dependency, ".")
}

func TestPurePackagesArePure(t *testing.T) {
	found := rooms(t)
	for _, room := range pure {
		p := found[room]
		if p == nil {
			t.Fatalf("there is no %s", room)
		}
		for _, path := range p.Imports {
			inside, ours := strings.CutPrefix(path, module)
			if ours && !slices.Contains([]string{"internal/credit", "internal/calendar", "internal/packed"}, inside) || !ours && strings.Contains(path, ".") && !athome(path, room) {
				t.Errorf("%s imports %s", room, path)
			}
		}
	}
}

// athome says whether a package is the home of a dependency.
func athome(path, room string) bool {
	for dependency, at := range homes {
		if (path == dependency || strings.HasPrefix(path, dependency+"/")) && slices.Contains(at, room) {
			return true
		}
	}
	return false
}

// The drivers are named in the files about the database alone.
func TestDriversAreNamedInOnePlace(t *testing.T) {
	p := rooms(t)["internal/bank"]
	for path, positions := range p.ImportPos {
		if !strings.Contains(path, "go-sqlite3") && !strings.Contains(path, "jackc/pgx") {
			continue
		}
		for _, position := range positions {
			if name := filepath.Base(position.Filename); !strings.HasPrefix(name, "db") {
				t.Errorf("%s names the driver %s", name, path)
			}
		}
	}
}

func TestRoomsAreAllThere(t *testing.T) {
	found := rooms(t)
	for room := range arrows {
		if found[room] == nil {
			t.Errorf("the house names %s, which is not there", room)
		}
	}
}
