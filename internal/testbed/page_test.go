package testbed_test

import (
	"bytes"
	"fmt"
	"image/png"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"creditbank/internal/testbed"
)

// site is a small site in Chinese with something of everything.
const site = `<!doctype html><html lang="zh-CN"><head><meta charset="utf-8"><title>学分银行</title>
<meta name="viewport" content="width=device-width">
<link rel="stylesheet" href="/style.css"></head><body><main>
<h1>学分转换</h1><p id="lang">%s</p><p id="script">没有脚本</p>
<form action="/answer"><label>姓名 <input id="name" name="name"></label><button>提交</button></form>
<form action="/upload" method="post" enctype="multipart/form-data"><label>文件 <input id="file" type="file" name="file"></label><button id="send">上传</button></form>
</main><script src="/script.js"></script></body></html>`

const style = `body{background:#fff;color:#000}@media(prefers-color-scheme:dark){body{background:#000;color:#fff}}`

// serve starts a server with the site and some pages that are wrong.
func serve(t *testing.T) string {
	t.Helper()
	mux := http.NewServeMux()
	text := func(pattern, kind, body string) {
		mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", kind)
			w.Header().Set("Content-Security-Policy", "default-src 'self'; img-src *")
			fmt.Fprint(w, strings.Replace(body, "%s", r.Header.Get("Accept-Language"), 1))
		})
	}
	text("GET /{$}", "text/html; charset=utf-8", site)
	text("GET /style.css", "text/css", style)
	text("GET /script.js", "text/javascript; charset=utf-8", `document.getElementById("script").textContent = "有脚本"`)
	text("GET /broken.js", "text/javascript; charset=utf-8", `console.error("坏了", 7); nothing.here`)
	text("GET /bad", "text/html; charset=utf-8", `<body><img src="http://example.com/x.png"><p style="color:red">x</p><script src="/broken.js"></script>`)
	text("GET /favicon.ico", "image/png", "")
	text("GET /heavy", "application/octet-stream", strings.Repeat("x", 100_000))
	mux.HandleFunc("GET /answer", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		fmt.Fprintf(w, `<h1>%s，您好</h1>`, r.FormValue("name"))
	})
	mux.HandleFunc("POST /upload", func(w http.ResponseWriter, r *http.Request) {
		_, header, err := r.FormFile("file")
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		fmt.Fprintf(w, `<h1>%d</h1>`, header.Size)
	})
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	return server.URL
}

// want fails the test when two things are not equal.
func want[T comparable](t *testing.T, what string, got, want T) {
	t.Helper()
	if got != want {
		t.Errorf("%s: got %v, want %v", what, got, want)
	}
}

func TestPageIsUsed(t *testing.T) {
	address, p := serve(t), testbed.Browser(t)
	p.Open(address)
	want(t, "heading", p.Text("h1"), "学分转换")
	want(t, "script", p.Text("#script"), "有脚本")
	p.Type("#name", "买买提·艾力")
	p.Follow("button")
	want(t, "answer", p.Text("h1"), "买买提·艾力，您好")
	p.Open(address)
	p.Click("#name")
	p.Press("李\n")
	p.Wait("body > h1") // the first page has its heading elsewhere
	want(t, "answer to the key", p.Text("h1"), "李，您好")
	file := filepath.Join(t.TempDir(), "成绩.csv")
	if err := os.WriteFile(file, []byte("12345"), 0o644); err != nil {
		t.Fatal(err)
	}
	p.Open(address)
	p.Upload("#file", file)
	p.Follow("#send")
	want(t, "size of the file", p.Text("h1"), "5")
	if got := p.ConsoleErrors(); len(got) > 0 {
		t.Errorf("errors: %q", got)
	}
	for _, asked := range p.Requests() {
		if !strings.HasPrefix(asked, address) {
			t.Errorf("asked for %s", asked)
		}
	}
}

func TestPagePreferences(t *testing.T) {
	address, p := serve(t), testbed.Browser(t)
	p.Lang("zh-CN,en")
	p.Dark(true)
	p.Size(390, 844, true)
	p.Open(address)
	want(t, "language", p.Text("#lang"), "zh-CN,en;q=0.9")
	colour := `getComputedStyle(document.body).backgroundColor`
	var got struct {
		Colour string
		Width  int
		Touch  bool
	}
	look := `({Colour: ` + colour + `, Width: innerWidth, Touch: matchMedia("(pointer: coarse)").matches})`
	p.Eval(look, &got)
	want(t, "phone", fmt.Sprint(got), "{rgb(0, 0, 0) 390 true}")
	p.Dark(false)
	p.Size(1024, 768, false)
	p.Eval("Promise.resolve("+look+")", &got)
	want(t, "desk", fmt.Sprint(got), "{rgb(255, 255, 255) 1024 false}")
	p.NoScript(true)
	p.Open(address)
	want(t, "without scripts", p.Text("#script"), "没有脚本")
	p.Type("#name", "王")
	p.Follow("button")
	want(t, "form without scripts", p.Text("h1"), "王，您好")
	p.NoScript(false)
	p.Open(address)
	want(t, "with scripts again", p.Text("#script"), "有脚本")
}

func TestPageTellsWhatIsWrong(t *testing.T) {
	address, p := serve(t), testbed.Browser(t)
	p.Open(address + "/bad")
	complaints := strings.Join(p.ConsoleErrors(), "\n")
	for _, part := range []string{"Content Security Policy", "坏了 7", "ReferenceError: nothing", "ERR_NAME_NOT_RESOLVED"} {
		if !strings.Contains(complaints, part) {
			t.Errorf("no complaint about %q in:\n%s", part, complaints)
		}
	}
	if !slices.Contains(p.Requests(), "http://example.com/x.png") {
		t.Errorf("the picture is not among %q", p.Requests())
	}
	var rules []string
	for _, violation := range p.Axe() {
		rules = append(rules, violation.Rule)
		if len(violation.Where) == 0 || violation.Help == "" {
			t.Errorf("bare violation: %+v", violation)
		}
	}
	for _, rule := range []string{"image-alt", "html-has-lang", "document-title"} {
		if !slices.Contains(rules, rule) {
			t.Errorf("axe does not find %s, only %q", rule, rules)
		}
	}
	p.Open(address)
	if got := p.Axe(); len(got) > 0 {
		t.Errorf("axe finds on a good page: %+v", got)
	}
}

func TestPageTransferred(t *testing.T) {
	address, p := serve(t), testbed.Browser(t)
	p.Open(address)
	before := p.Transferred()
	p.Eval(`fetch("/heavy").then(r => r.text()).then(t => t.length)`, nil)
	if got := p.Transferred() - before; got < 100_000 || got > 101_000 {
		t.Errorf("got %d bytes, want 100000 and a header", got)
	}
}

func TestPagesAreDifferentPeople(t *testing.T) {
	address, first, second := serve(t), testbed.Browser(t), testbed.Browser(t)
	first.Open(address)
	first.Eval(`document.cookie = "who=first"`, nil)
	second.Open(address)
	var got string
	second.Eval(`document.cookie`, &got)
	want(t, "cookies", got, "")
}

// Without a font for them all Chinese characters look the same: an empty box.
func TestChineseIsDrawn(t *testing.T) {
	p := testbed.Browser(t)
	picture := func(text string) []byte {
		t.Helper()
		path := filepath.Join(t.TempDir(), "page.png")
		p.Open(`data:text/html;charset=utf-8,<body style="font-size:60px">` + text)
		p.Screenshot(path)
		file, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := png.Decode(bytes.NewReader(file)); err != nil {
			t.Fatal(err)
		}
		return file
	}
	if !bytes.Equal(picture("学"), picture("学")) {
		t.Error("the same character looks different twice: the test means nothing")
	}
	for _, other := range []string{"分", "银", "燊"} {
		if bytes.Equal(picture("学"), picture(other)) {
			t.Errorf("学 and %s look the same: is a Chinese font installed?", other)
		}
	}
}
