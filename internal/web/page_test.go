package web

import (
	"encoding/json"
	"html"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"creditbank/internal/bank"
	"creditbank/internal/transfer"
	"creditbank/seeds"
)

// newCitySite is a site with the bank of the demo city.
func newCitySite(t *testing.T) *site {
	t.Helper()
	s := newEmptySite(t)
	for _, file := range seeds.Files() {
		text, err := seeds.FS.ReadFile(file.Name)
		if err != nil {
			t.Fatal(err)
		}
		fill(t, s.bank, file.Kind, string(text))
	}
	return s
}

// page gets a page in a language.
func (s *site) page(path, language string) (int, string) {
	s.t.Helper()
	w := s.send(request(http.MethodGet, path, "", "Accept-Language", language))
	return w.Code, w.Body.String()
}

// submit posts a form.
func (s *site) submit(path string, form url.Values, headers ...string) *httptest.ResponseRecorder {
	s.t.Helper()
	headers = append(headers, "Content-Type", "application/x-www-form-urlencoded")
	return s.send(request(http.MethodPost, path, form.Encode(), headers...))
}

// pagesOf are addresses of every page on the small map, and what each tells in Chinese.
func pagesOf() map[string]string {
	results := "r=3650990001%3AM~90&r=3650990001%3AG~68&r=3650990001%3AS1~80&r=3650990001%3AR~90&r=3650990001%3AP~90&r=3650990001%3AU~90"
	return map[string]string{
		"/":                        "查看能算多少学分",
		"/?" + results:             "软件技术",
		"/?" + results + "&none=1": "计算机应用",
		"/?" + results + "&kind=general_secondary": "取消筛选",
		"/plan?to=4150099901:510203&" + results:    "需 75 分，你 68 分。",
		"/map":                                     "找到 16 条",
		"/map?q=cxsj":                              "程序设计",
		"/map?from=云帆学校&to=云图学院&outcome=refused": "不认",
		"/map?q=没有这种":                                 "没有符合条件的转换规则",
		"/institutions/3650990001":                    "课程（19）",
		"/institutions/OVERSEAS:1%2F%C3%BC":           "海外学院",
		"/institutions/4150099901":                    "软件技术",
		"/programmes/4150099901:510203":               "须在本校修读",
		"/courses/3650990001:C++%20&%20A%2FB%2050%25": "新大纲",
		"/courses/3650990001:U":                       "还没有学校评估过这门课程",
		"/equivalences/E4":                            "程度不够",
		"/equivalences/E15%20+%20&%20%2F50%25":        "E15 &#43; &amp; /50%",
		"/equivalences/E2?version=1":                  "须全部具备",
	}
}

// Every page is whole and right in both languages, with data.
func TestPagesFull(t *testing.T) {
	s := newSite(t)
	for path, sentence := range pagesOf() {
		status, body := s.page(path, "zh-CN")
		if status != http.StatusOK || !strings.Contains(body, sentence) {
			t.Errorf("%s: %d, without %q", path, status, sentence)
		}
		checkPage(t, path, "zh-CN", body)
		status, body = s.page(path, "en")
		if status != http.StatusOK {
			t.Errorf("%s in English: %d", path, status)
		}
		checkPage(t, path, "en", body)
	}
}

// Without data there is nothing broken either, and something to do.
func TestPagesEmpty(t *testing.T) {
	s := newEmptySite(t)
	for path, want := range map[string]int{"/": 200, "/map": 200, "/map?q=x": 200, "/example": 303, "/plan": 303, "/nothing": 404, "/institutions/1": 404,
		"/courses/1:2": 404, "/programmes/1:2": 404, "/equivalences/E1": 404, "/assets/nothing.css": 404, "/?after=x&r=1:2": 422} {
		for _, language := range languageTags {
			status, body := s.page(path, language)
			if status != want {
				t.Errorf("%s: %d, want %d", path, status, want)
			}
			if status != http.StatusSeeOther {
				checkPage(t, path, language, body)
			}
		}
	}
}

var (
	headings = regexp.MustCompile(`<h([1-6])`)
	rawKey   = regexp.MustCompile(`[>"](?:site|home|check|rank|filter|plan|rule|map|equivalence|institution|programme|course|problem|state|outcome|kind|reason|step|class|bar|list|error|field|docs|ledger|place)\.[a-z_.]+[<"]`)
	chosen   = regexp.MustCompile(`<option value="[^"]*"`) // what a choice sends, which nobody reads
	idOf     = regexp.MustCompile(` id="([^"]+)"`)
	idUsed   = regexp.MustCompile(` (?:for|aria-describedby|aria-labelledby|href)="#?([^"/?]+)"`)
)

// checkPage holds what must be so on every page.
func checkPage(t *testing.T, path, language, body string) {
	t.Helper()
	for _, want := range []string{`<html lang="` + language + `">`, "<title>", `<main id="main"`, "</html>"} {
		if !strings.Contains(body, want) {
			t.Errorf("%s in %s lacks %s", path, language, want)
		}
	}
	for _, bad := range []string{"&lt;no value&gt;", "<no value>", "ZgotmplZ", "%!", " style=", "<script>", "<style", "http://", "https://"} {
		if strings.Contains(body, bad) {
			t.Errorf("%s in %s holds %s", path, language, bad)
		}
	}
	if key := rawKey.FindString(chosen.ReplaceAllString(body, "")); key != "" {
		t.Errorf("%s in %s says %s", path, language, key)
	}
	checkHeadings(t, path, body)
	checkIDs(t, path, body)
}

// checkHeadings wants one first heading, and no level left out below it.
func checkHeadings(t *testing.T, path, body string) {
	t.Helper()
	last, first := 0, 0
	for _, found := range headings.FindAllStringSubmatch(body, -1) {
		level := int(found[1][0] - '0')
		if level > last+1 {
			t.Errorf("%s: a heading of level %d follows one of level %d", path, level, last)
		}
		if last = level; level == 1 {
			first++
		}
	}
	if first != 1 {
		t.Errorf("%s has %d first headings", path, first)
	}
}

// checkIDs wants every id once, and every reference to an id answered.
func checkIDs(t *testing.T, path, body string) {
	t.Helper()
	ids := map[string]bool{}
	for _, found := range idOf.FindAllStringSubmatch(body, -1) {
		if ids[found[1]] {
			t.Errorf("%s: the id %s stands twice", path, found[1])
		}
		ids[found[1]] = true
	}
	for _, found := range idUsed.FindAllStringSubmatch(body, -1) {
		for _, id := range strings.Fields(found[1]) {
			if !ids[id] {
				t.Errorf("%s refers to %s, which is not there", path, id)
			}
		}
	}
}

func TestRankingPage(t *testing.T) {
	s := newCitySite(t)
	w := s.send(request(http.MethodGet, "/example", ""))
	address := w.Header().Get("Location")
	to, err := url.Parse(address)
	if err != nil || w.Code != http.StatusSeeOther {
		t.Fatalf("%d %s", w.Code, address)
	}
	asked := readCheckQuery(to.Query())
	if n := len(asked.Records); n < 6 || n > 8 {
		t.Errorf("the example has %d results", n)
	}
	ranking, err := s.bank.Rank(t.Context(), bank.CheckInput{Records: asked.Records, Window: bank.Window{Limit: bank.MaxLimit}})
	if err != nil {
		t.Fatal(err)
	}
	worth := slices.IndexFunc(ranking.Items, func(i transfer.Standing) bool { return i.Transferable == 0 })
	for path, want := range map[string]int{
		address: min(worth, pageSize), address + "&none=1": pageSize, address + "&none=1&after=20": ranking.Total - pageSize,
		address + "&none=1&kind=higher_vocational": 9, address + "&none=1&region=500112": 3, address + "&none=1&field=51": 2,
		address + "&none=1&school=yuantu": 3, address + "&none=1&q=" + url.QueryEscape("软件"): 2, address + "&none=1&q=dzsw&kind=higher_vocational": 1,
		address + "&none=1&after=9999": 0,
	} {
		status, body := s.page(path, "zh-CN")
		if got := strings.Count(body, `class="card ranked-row"`); status != http.StatusOK || got != want {
			t.Errorf("%s: %d with %d programmes, want %d", strings.TrimPrefix(path, address), status, got, want)
		}
		checkPage(t, path, "zh-CN", body)
	}
	for query, want := range map[string]string{"&school=nowhere": "没有学校叫“nowhere”", "&school=" + url.QueryEscape("示例"): "请选一所", "&kind=nonsense": "没有“nonsense”",
		"&field=x": "没有“x”", "&region=y": "没有“y”", "&after=x": "已从头列出", "&after=-1": "已从头列出"} {
		status, body := s.page(address+query, "zh-CN")
		if got := strings.Count(body, `class="card ranked-row"`); status != http.StatusOK || got != min(worth, pageSize) || !strings.Contains(body, want) {
			t.Errorf("%s: %d with %d programmes, want all and %q", query, status, got, want)
		}
		checkPage(t, query, "zh-CN", body)
	}
}

// A page tells the figures of the bank, and every result with its state.
func TestPlanPage(t *testing.T) {
	s := newSite(t)
	path := "/plan?to=4150099901:510203&as_of=2026-11-22&r=3650990001:M~90&r=3650990001:G~68&r=3650990001:S1~80&r=3650990001:U&r=3650990001:P&r=3650990001:RN&r=3650990001:N&r=4150099901:T10~70"
	status, body := s.page(path, "zh-CN")
	if status != http.StatusOK {
		t.Fatal(status)
	}
	text := strings.Join(strings.Fields(regexp.MustCompile(`<[^>]*>`).ReplaceAllString(body, " ")), " ")
	text = html.UnescapeString(text)
	for _, want := range []string{
		"抵毕业要求 4 / 140 学分", "可转学分 4 学分", "本校已得 2 学分", "还差 134 学分", "算上的 2 门课程", "没有算上的 6 门课程",
		"程序设计 90 匹配 软件基础 专业核心 4 学分 转换规则 E1 第 1 版", "普通化学 已得", "需 75 分，你 68 分。", "看看考到 75 分会怎样", "还缺：电路实验 S2（没有成果）",
		"待评", "可以请云图学院教务部门评估这门课程", "不认", "评估过，不认：其他原因。内容不同。", "“岗位实习”须在本校修读", "专业核心 还差 36", "任选 还差 8",
		"符合条件但没有用上的", "E11",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	for _, what := range []string{`r=3650990001%3AG~75~~percent`, `r=3650990001%3AS2`} {
		if !strings.Contains(html.UnescapeString(body), what) {
			t.Errorf("no what-if asks %s", what)
		}
	}
	if status, _ := s.page(strings.Replace(path, "510203", "nothing", 1), "zh-CN"); status != http.StatusNotFound {
		t.Errorf("an unknown programme gives %d", status)
	}
	if status, _ := s.page(strings.Replace(path, "2026-11-22", "never", 1), "zh-CN"); status != http.StatusUnprocessableEntity {
		t.Errorf("a day that is none gives %d", status)
	}
}

func TestSuggest(t *testing.T) {
	s := newSite(t)
	for path, want := range map[string][]string{
		"/suggest?q=cx&institution=3650990001":    {"M"},
		"/suggest?q=电路&institution=云帆学校":          {"S1", "S2"},
		"/suggest?q=t1&institution=":              {"T1", "T10", "T11", "T12"},
		"/suggest?what=schools&q=yt":              {"4150099901"},
		"/suggest?what=schools&q=" + "nothing":    {},
		"/suggest?q=overseas&institution=unknown": {"X:1"},
	} {
		w := s.send(request(http.MethodGet, path, ""))
		var answer struct{ Items []suggestion }
		if err := json.Unmarshal(w.Body.Bytes(), &answer); err != nil || w.Code != http.StatusOK {
			t.Fatalf("%s: %d %v", path, w.Code, err)
		}
		got := []string{}
		for _, item := range answer.Items {
			got = append(got, item.Code)
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: %q, want %q", path, got, want)
		}
	}
}

// A language is kept, and nobody is sent to another site for choosing one.
func TestChooseLanguage(t *testing.T) {
	s := newSite(t)
	for back, want := range map[string]string{
		"/plan?to=a:b&r=x~1": "/plan?to=a:b&r=x~1", "/courses/1:C%2F2": "/courses/1:C%2F2", "": "/", "//evil.example": "/", "https://evil.example/": "/",
		`/\evil.example`: "/", "/\t/evil.example": "/", "javascript:alert(1)": "/", "evil.example": "/", "///evil.example": "/", "/%2F/evil.example": "/", "/%5Cevil.example": "/", "\x00": "/",
	} {
		w := s.submit("/language", url.Values{"language": {"en"}, "back": {back}})
		if got := w.Header().Get("Location"); w.Code != http.StatusSeeOther || got != want {
			t.Errorf("back to %q: %d %q, want %q", back, w.Code, got, want)
		}
		if !strings.Contains(w.Header().Get("Set-Cookie"), "language=en; ") {
			t.Errorf("the cookie is %q", w.Header().Get("Set-Cookie"))
		}
	}
	for cookie, want := range map[string]string{"en": "en", "zh-CN": "zh-CN", "fr": "zh-CN", "": "zh-CN", "\"x": "zh-CN"} {
		w := s.send(request(http.MethodGet, "/", "", "Cookie", "__Host-language="+cookie, "Accept-Language", "zh"))
		if !strings.Contains(w.Body.String(), `<html lang="`+want+`">`) {
			t.Errorf("the cookie %q does not give %s", cookie, want)
		}
	}
}

func TestAssets(t *testing.T) {
	s := newEmptySite(t)
	_, body := s.page("/", "zh-CN")
	address := regexp.MustCompile(`/assets/[0-9a-f]{12}/page\.css`).FindString(body)
	w := s.send(request(http.MethodGet, address, "", "Accept-Encoding", "gzip"))
	if w.Code != http.StatusOK || !strings.Contains(w.Header().Get("Cache-Control"), "immutable") || w.Header().Get("Content-Encoding") != "gzip" ||
		!strings.HasPrefix(w.Header().Get("Content-Type"), "text/css") {
		t.Errorf("%s: %d %v", address, w.Code, w.Header())
	}
	plain := s.send(request(http.MethodGet, address, ""))
	if unzipped(t, w) != plain.Body.String() {
		t.Error("packed and plain differ")
	}
	old := s.send(request(http.MethodGet, "/assets/000000000000/page.css", ""))
	if old.Code != http.StatusOK || strings.Contains(old.Header().Get("Cache-Control"), "immutable") {
		t.Errorf("an old address gives %d %s", old.Code, old.Header().Get("Cache-Control"))
	}
	same := s.send(request(http.MethodGet, address, "", "If-None-Match", plain.Header().Get("ETag")))
	if same.Code != http.StatusNotModified {
		t.Errorf("the same again gives %d", same.Code)
	}
	if icon := s.send(request(http.MethodGet, "/favicon.ico", "")); icon.Code != http.StatusOK || !strings.HasPrefix(icon.Header().Get("Content-Type"), "image/svg") {
		t.Errorf("the icon gives %d %s", icon.Code, icon.Header().Get("Content-Type"))
	}
}
