package web

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"go/ast"
	"go/parser"
	gotoken "go/token"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"

	"creditbank/internal/bank"
)

// injections are texts that end a literal or a name in one of the databases.
var injections = []string{"'", "''", "' OR '1'='1", "1 OR 1=1", "'; DROP TABLE learner; --", "\" OR \"\"=\"", "name) FROM learner --", "1 UNION SELECT account, sealed FROM learner --",
	"code; SELECT pg_sleep(10)", "$1", "?1", "') OR 1=1 /*", "\\'; DELETE FROM entry; --", "name DESC, (SELECT 1)", "%27%20OR%201=1"}

// SQL injection, through values and through names of parameters, columns,
// filters, sorting and cursors: the answer is a refusal or that to the text
// itself, and never one of the database's errors.
func TestSQLInjection(t *testing.T) {
	onBothDatabases(t, func(t *testing.T, s *site) {
		before := s.send(request("GET", "/api/v1/courses?limit=200", "")).Body.String()
		for _, text := range injections {
			for _, target := range injected(url.QueryEscape(text), url.PathEscape(text)) {
				w := s.send(request("GET", target, ""))
				body := strings.ToLower(w.Body.String())
				if w.Code >= 500 || strings.Contains(body, "syntax") || strings.Contains(body, "sqlstate") || strings.Contains(body, "near \"") {
					t.Errorf("%s: %d %.200s", target, w.Code, w.Body)
				}
				if strings.HasPrefix(target, "/api/v1/") && w.Code == 200 && strings.Count(w.Body.String(), `"name"`) > 0 {
					t.Errorf("%s finds %.200s", target, w.Body)
				}
			}
		}
		if after := s.send(request("GET", "/api/v1/courses?limit=200", "")).Body.String(); after != before {
			t.Error("the map has changed")
		}
		if strings.Contains(s.log.String(), "request failed") {
			t.Errorf("a statement broke: %.500s", s.log)
		}
	})
}

// injected puts a text into every place of an address that could reach SQL.
func injected(query, path string) []string {
	list := []string{"/map?q=" + query, "/map?from=" + query, "/map?outcome=" + query, "/map?after=" + query, "/map?" + query + "=1", "/institutions/" + path, "/courses/3650990001:" + path}
	for _, parameter := range []string{"q", "kind", "region", "cursor", "limit", "institution", "on", "sort", "order", "fields", "columns"} {
		list = append(list, "/api/v1/institutions?"+parameter+"="+query, "/api/v1/courses?"+parameter+"="+query, "/api/v1/programmes?"+parameter+"="+query)
	}
	for _, parameter := range []string{"source_institution", "target_institution", "source_course", "outcome", "cursor", "sort"} {
		list = append(list, "/api/v1/equivalences?"+parameter+"="+query)
	}
	return append(list, "/api/v1/courses?"+query+"=1", "/api/v1/institutions/"+path, "/api/v1/courses/"+path, "/api/v1/equivalences/"+path, "/api/v1/learners/"+path)
}

// Path traversal: no path of the server's machine is ever read.
func TestPathTraversal(t *testing.T) {
	s := newSite(t)
	for _, way := range []string{"../", "..%2f", "%2e%2e/", "%2e%2e%2f", "..\\", "..%5c", "....//", "%c0%ae%c0%ae/", "/", "%00/"} {
		for _, file := range []string{"etc/passwd", "lang/en.toml", "page_ledger.go", "_frame.html"} {
			for _, base := range []string{"/assets/", "/assets/page.css/", "/api/v1/ledger/tile/", "/api/v1/institutions/", "/institutions/"} {
				target := base + strings.Repeat(way, 5) + file
				r, err := http.NewRequest("GET", "http://example.com", nil)
				if err != nil {
					t.Fatal(err)
				}
				u, err := url.Parse("http://example.com" + target)
				if err != nil {
					continue // no client can send it
				}
				r.URL, r.RequestURI = u, target
				w := httptest.NewRecorder()
				s.ServeHTTP(w, r)
				if w.Code < 400 || w.Code >= 500 || strings.Contains(w.Body.String(), "root:") || strings.Contains(w.Body.String(), "package web") || strings.Contains(w.Body.String(), "{{define") {
					t.Errorf("%s: %d %.100s", target, w.Code, w.Body)
				}
			}
		}
	}
}

// Zip bombs: a compressed body is refused before anything unpacks it.
func TestZipBombs(t *testing.T) {
	s := newSite(t)
	var bomb bytes.Buffer
	z := gzip.NewWriter(&bomb)
	for range 64 {
		if _, err := z.Write(make([]byte, 1<<20)); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for _, encoding := range []string{"gzip", "deflate", "br", "gzip, gzip"} {
		w := s.send(request("POST", "/api/v1/check", bomb.String(), "Content-Encoding", encoding))
		if w.Code != http.StatusUnsupportedMediaType {
			t.Errorf("%s: %d", encoding, w.Code)
		}
	}
	runtime.ReadMemStats(&after)
	if grown := after.TotalAlloc - before.TotalAlloc; grown > 32<<20 {
		t.Errorf("%d bytes were taken for %d", grown, bomb.Len())
	}
}

// ReDoS: Go's expressions take linear time, and none is made of what a user sent.
func TestReDoS(t *testing.T) {
	for _, room := range []string{".", "../bank", "../code", "../credit", "../calendar"} {
		files, err := filepath.Glob(room + "/*.go")
		if err != nil || len(files) == 0 {
			t.Fatal(room, err)
		}
		for _, file := range files {
			if strings.HasSuffix(file, "_test.go") {
				continue
			}
			tree, err := parser.ParseFile(gotoken.NewFileSet(), file, nil, 0)
			if err != nil {
				t.Fatal(err)
			}
			ast.Inspect(tree, func(n ast.Node) bool {
				call, is := n.(*ast.CallExpr)
				if !is {
					return true
				}
				called, is := call.Fun.(*ast.SelectorExpr)
				if !is || fmt.Sprint(called.X) != "regexp" {
					return true
				}
				if _, constant := call.Args[0].(*ast.BasicLit); !constant {
					t.Errorf("%s makes an expression of something that is not written there", file)
				}
				return true
			})
		}
	}
}

// Header injection: nothing that was sent begins a line of an answer's head.
func TestHeaderInjection(t *testing.T) {
	s := newSite(t)
	for _, text := range []string{"/map\r\nSet-Cookie: a=b", "/map%0d%0aSet-Cookie:%20a=b", "/map\nX-Evil: 1", "/map\u2028X-Evil: 1", "/\\evil.example\r\n"} {
		w := s.submit("/language", url.Values{"language": {"en\r\nX-Evil: 1"}, "back": {text}})
		for name, values := range w.Header() {
			if name == "X-Evil" || name == "Set-Cookie" && (len(values) != 1 || strings.Contains(values[0], "a=b")) || strings.ContainsAny(strings.Join(values, ""), "\r\n") {
				t.Errorf("%q: %s: %q", text, name, values)
			}
		}
	}
}

// Open redirect: whoever chooses a language stays on this site.
func TestOpenRedirectOfLanguage(t *testing.T) {
	s := newSite(t)
	for _, back := range elsewhere {
		if got := s.submit("/language", url.Values{"language": {"en"}, "back": {back}}).Header().Get("Location"); got != "/" {
			t.Errorf("%q leads to %q", back, got)
		}
	}
}

// elsewhere are addresses that browsers take for another site's.
var elsewhere = []string{"https://evil.example", "//evil.example", "///evil.example", "\\\\evil.example", "/\\evil.example", "/%5cevil.example/..", "http:evil.example", "https:///evil.example",
	"javascript:alert(1)", "data:text/html,x", "/\t/evil.example", "/\r/evil.example", "evil.example", "?x", "https://example.com@evil.example/", "\x00//evil.example"}

// Slow bodies: callers who send nothing more keep nobody else from being answered.
func TestSlowBodies(t *testing.T) {
	s := newSite(t)
	server := httptest.NewServer(s)
	defer server.Close()
	host := strings.TrimPrefix(server.URL, "http://")
	for range 100 {
		connection, err := net.Dial("tcp", host)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = connection.Close() }()
		if _, err := io.WriteString(connection, "POST /api/v1/check HTTP/1.1\r\nHost: "+host+"\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{"); err != nil {
			t.Fatal(err)
		}
	}
	answered, err := http.Get(server.URL + "/api/v1/courses")
	if err != nil || answered.StatusCode != 200 {
		t.Fatalf("%v %v", answered, err)
	}
	_ = answered.Body.Close()
	fill(t, s.bank, "institutions", "code,name,kind\nSLOW:1,慢校,overseas\n") // and writes go on
}

// What a GET asks for is the same after it: nobody is led to change anything by a
// link. That somebody looked, searched or took something along is noted.
func TestGETChangesNothing(t *testing.T) {
	w := newWorld(t)
	deeds := func() (n int) {
		for cursor := (bank.Window{Limit: bank.MaxLimit}); ; {
			page, err := w.bank.AuditSearch(t.Context(), operator, bank.AuditQuery{}, cursor)
			for _, row := range must(w, page, err).Items {
				if row.Action != "look" && !strings.HasPrefix(row.Action, "audit.") && !strings.HasPrefix(row.Action, "login.") && !strings.Contains(row.Action, "export") && !strings.HasSuffix(row.Action, ".search") {
					n++
				}
			}
			if cursor.Cursor = page.Next; cursor.Cursor == "" {
				return n
			}
		}
	}
	before := deeds()
	for _, r := range w.table() {
		if r.method != get || parameterOf(r.path) != "" && r.may != open && parameterOf(r.path) != "account" {
			continue
		}
		for _, p := range w.people {
			if target, known := w.target(r.path, "account", map[bool]string{true: "own"}[parameterOf(r.path) == "account" && r.may != open]); known {
				w.asks(r, p, target)
			}
		}
	}
	if after := deeds(); after != before {
		t.Errorf("%d deeds before, %d after", before, after)
	}
}

// Fields of passwords hide what is typed, let it be pasted and kept by a manager.
func TestPasswordFields(t *testing.T) {
	w := newWorld(t)
	seen := 0
	for _, path := range []string{"/login", "/claim", "/account", "/my/data"} {
		g := w.guest()
		if path == "/account" || path == "/my/data" {
			g = w.people[1].in
		}
		for _, field := range regexp.MustCompile(`<input[^>]*name="password[^>]*>`).FindAllString(g.get(path).Body.String(), -1) {
			seen++
			if !strings.Contains(field, `type="password"`) || !strings.Contains(field, "autocomplete=") || strings.Contains(field, `autocomplete="off"`) || strings.Contains(field, "onpaste") {
				t.Errorf("%s: %s", path, field)
			}
		}
	}
	if seen < 6 {
		t.Errorf("only %d fields were seen", seen)
	}
}

// Downloads have names of ours and are not shown as pages.
func TestDownloadsHaveFixedNames(t *testing.T) {
	w := newWorld(t)
	for _, p := range w.people {
		path := map[bank.Roles]string{bank.IsAuditor: "/audit", bank.IsLearner: "/my/data/export"}[p.role]
		if path == "" {
			continue
		}
		answer := p.in.get(path + "?format=csv&filename=evil.html")
		if got := answer.Header().Get("Content-Disposition"); answer.Code != 200 || !regexp.MustCompile(`^attachment; filename="[a-z0-9.-]+\.(csv|json)"$`).MatchString(got) {
			t.Errorf("%s: %d %q", path, answer.Code, got)
		}
	}
}
