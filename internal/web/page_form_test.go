package web

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"creditbank/internal/bank"
	"creditbank/internal/testbed"
)

// Whatever cannot be taken comes back as it was typed, with what is wrong said
// on top and beside the field.
func TestFormKeepsWhatIsWrong(t *testing.T) {
	s := newSite(t)
	for name, c := range map[string]struct {
		form url.Values
		want []string // of the page
	}{
		"nothing":       {url.Values{}, []string{`href="#course-0"`, "请至少填写一门课程。"}},
		"no school":     {url.Values{"course": {"没有这门"}}, []string{"没有找到课程“没有这门”。", `href="#course-0"`, `value="没有这门"`}},
		"wrong school":  {url.Values{"from": {"某校"}, "course": {"M"}, "grade": {"70"}}, []string{`href="#from"`, "没有找到学校“某校”", `value="某校"`, `value="M"`, `value="70"`}},
		"wrong grade":   {url.Values{"from": {"云帆学校"}, "course": {"程序设计"}, "grade": {"八十"}}, []string{`href="#grade-0"`, "没有“八十”这个成绩", `id="grade-0-wrong"`}},
		"wrong date":    {url.Values{"from": {"云帆学校"}, "course": {"程序设计"}, "date": {"去年"}}, []string{`href="#date-0"`, "“去年”不是日期", `value="去年"`}},
		"two rows":      {url.Values{"from": {"云帆学校"}, "course": {"程序设计", "无"}, "grade": {"900", ""}}, []string{"有 2 个问题", `href="#grade-0"`, `href="#course-1"`}},
		"several":       {url.Values{"from": {"云帆学校"}, "course": {"电路"}}, nil},
		"ambiguous":     {url.Values{"course": {"语"}}, []string{"请选一门", `name="pick"`, `value="0~3650990001:G"`, `value="0~3650990001:A"`}},
		"wrong day":     {url.Values{"from": {"云帆学校"}, "course": {"M"}, "as_of": {"someday"}}, []string{`href="#as_of"`, `value="someday"`}},
		"course lacks":  {url.Values{"from": {"云帆学校"}, "course": {""}, "grade": {"80"}}, []string{"请填写课程。", `value="80"`}},
		"own school":    {url.Values{"course": {"M"}, "school": {"某校"}}, []string{`href="#school-0"`, `value="某校"`}},
		"pasted":        {url.Values{"list": {"无此课, 80"}, "from": {"云帆学校"}}, []string{`value="无此课"`, `value="80"`, "该机构没有课程“无此课”。"}},
		"markup":        {url.Values{"course": {`"><script>alert(1)</script>`}}, []string{"&#34;&gt;&lt;script&gt;alert(1)&lt;/script&gt;"}},
		"which grade":   {url.Values{"list": {"英语,4,85"}, "from": {"云帆学校"}}, []string{`href="#grade-0"`, `value="英语"`, "请填写哪个是成绩", "4 / 85"}},
		"no day":        {url.Values{"list": {"英语,85,2025-13-45\n体育 90 2024-06"}, "from": {"云帆学校"}}, []string{`href="#date-0"`, "“2025-13-45”不是日期", `type="text" value="2025-13-45"`, "“2024-06”不是日期"}},
		"is it this":    {url.Values{"course": {"程序原理"}, "from": {"云帆学校"}}, []string{"是不是下面这门", `value="0~3650990001:M"`}},
		"no sense":      {url.Values{"course": {"zzzz"}}, []string{"没有找到课程“zzzz”。"}},
		"other tongue":  {url.Values{"course": {"没有这门"}, "grade": {"80"}}, []string{`<button form="list" name="language" value="en"`}},
		"too long list": {url.Values{"list": {strings.Repeat("程序设计,80\n", 201)}}, []string{`href="#list-text"`, "最多查 200 门"}},
	} {
		w := s.submit("/", c.form)
		if c.want == nil {
			if w.Code != http.StatusSeeOther {
				t.Errorf("%s: %d, want 303", name, w.Code)
			}
			continue
		}
		body := w.Body.String()
		if w.Code != http.StatusUnprocessableEntity || !strings.Contains(body, "<title>错误：") || !strings.Contains(body, `role="alert"`) {
			t.Errorf("%s: %d without an error in title and summary", name, w.Code)
		}
		for _, want := range c.want {
			if !strings.Contains(body, want) {
				t.Errorf("%s: the page lacks %s", name, want)
			}
		}
		checkPage(t, name, "zh-CN", body)
	}
}

// What is right leads to an address that holds it all, whatever way it was written.
func TestFormTakes(t *testing.T) {
	s := newSite(t)
	for name, c := range map[string]struct {
		form url.Values
		want []string // tokens
	}{
		"by code":        {url.Values{"from": {"3650990001"}, "course": {"M"}, "grade": {"90"}}, []string{"3650990001:M~90"}},
		"by name":        {url.Values{"from": {"云帆学校"}, "course": {"程序设计"}, "grade": {"优秀"}, "date": {"2024-06-30"}}, []string{"3650990001:M~优秀~2024-06-30"}},
		"by initials":    {url.Values{"from": {"云帆"}, "course": {"cxsj"}}, []string{"3650990001:M"}},
		"in English":     {url.Values{"from": {"yunfan school"}, "course": {"programming"}}, []string{"3650990001:M"}},
		"own school":     {url.Values{"from": {"云帆学校"}, "course": {"M", "T1"}, "school": {"", "云图学院"}, "grade": {"", "B+"}}, []string{"3650990001:M", "4150099901:T1~B+"}},
		"blank rows":     {url.Values{"from": {"云帆学校"}, "course": {"", "M", ""}, "grade": {"", "60", ""}}, []string{"3650990001:M~60"}},
		"picked":         {url.Values{"course": {"语"}, "pick": {"0~3650990001:A"}}, []string{"3650990001:A"}},
		"key kept":       {url.Values{"course": {"程序设计"}, "key": {"3650990001:M"}}, []string{"3650990001:M"}},
		"key outdated":   {url.Values{"from": {"云帆学校"}, "course": {"英语"}, "key": {"3650990001:M"}}, []string{"3650990001:G"}},
		"odd code":       {url.Values{"from": {"云帆学校"}, "course": {"C++ & A/B 50%"}, "grade": {"77"}}, []string{"3650990001:C++ & A/B 50%~77"}},
		"colon in code":  {url.Values{"from": {"OVERSEAS:1/ü"}, "course": {"X:1"}}, []string{"OVERSEAS!.1/ü:X!.1"}},
		"list":           {url.Values{"from": {"云帆学校"}, "list": {"课程,成绩\n程序设计,85\r\n英语，７０\n电路\t及格；2024年6月5日"}}, []string{"3650990001:M~85", "3650990001:G~70", "3650990001:S1~及格~2024-06-05"}},
		"list of blanks": {url.Values{"from": {"云帆学校"}, "list": {"程序设计 85\nC++ & A/B 50% 66 2024-06-05\nM"}}, []string{"3650990001:M~85", "3650990001:C++ & A/B 50%~66~2024-06-05", "3650990001:M"}},
		"schools lead":   {url.Values{"list": {"云帆学校,程序设计,85\n云图学院 软件基础 90\n英语,75,云帆学校"}}, []string{"3650990001:M~85", "4150099901:T1~90", "3650990001:G~75"}},
		"code and name":  {url.Values{"from": {"云帆学校"}, "list": {"代码;课程;成绩\nM;程序设计;85"}}, []string{"3650990001:M~85"}},
		"rows and list":  {url.Values{"from": {"云帆学校"}, "course": {"M"}, "list": {"G 80"}}, []string{"3650990001:M", "3650990001:G~80"}},
		"initials":       {url.Values{"from": {"云帆学校"}, "course": {"yw"}}, []string{"3650990001:A"}},
		"points":         {url.Values{"from": {"云帆学校"}, "course": {"M"}, "grade": {"60 分"}}, []string{"3650990001:M~60"}},
		"header":         {url.Values{"from": {"云帆学校"}, "list": {"序号,课程名称,学分,性质,成绩(百分制),学期,完成日期\n1,程序设计,4,必修,85,2024-2025-1,2025/6/25\n2,英语,2,选修,,2024-2025-2,20250701\n合计,,6,,85,,"}}, []string{"3650990001:M~85~2025-06-25", "3650990001:G~~2025-07-01"}},
		"English header": {url.Values{"from": {"云帆学校"}, "list": {"Course\tCredits\tGrade\tSchool\nProgramming\t4\t85\t\n软件基础\t2\t90\t云图学院"}}, []string{"3650990001:M~85", "4150099901:T1~90"}},
		"blank header":   {url.Values{"from": {"云帆学校"}, "list": {"课程 学分 成绩\n程序设计 4 85\nC++ & A/B 50% 3 70\n"}}, []string{"3650990001:M~85", "3650990001:C++ & A/B 50%~70"}},
		"days":           {url.Values{"from": {"云帆学校"}, "list": {"英语,85,20250625\n体育,90,2025.6.25\n2024年6月5日 音乐 70"}}, []string{"3650990001:G~85~2025-06-25", "3650990001:R~90~2025-06-25", "3650990001:P~70~2024-06-05"}},
		"as spoken":      {url.Values{"from": {"云帆学校"}, "list": {"语文：85\n程序设计:90\n英语（85）\n体育60分\n物理 60分\n化学85\n7. 音乐 85\n历史、85\n\n总分 645\n平均分：81"}}, []string{"3650990001:A~85", "3650990001:M~90", "3650990001:G~85", "3650990001:R~60", "3650990001:Z~60", "3650990001:H~85", "3650990001:P~85", "3650990001:W~85"}},
		"drawn table":    {url.Values{"from": {"云帆学校"}, "list": {"姓名：某某\n| 课程 | 成绩 |\n|---|---|\n| 语文 | 85 |"}}, []string{"3650990001:A~85"}},
		"words beside":   {url.Values{"from": {"云帆学校"}, "list": {"1,语文,必修,85,合格\n2,英语,选修,及格"}}, []string{"3650990001:A~85", "3650990001:G~及格"}},
		"school line":    {url.Values{"list": {"云帆学校\n程序设计 85\n学校：云图学院\n软件基础,90"}}, []string{"3650990001:M~85", "4150099901:T1~90"}},
		"full list":      {url.Values{"from": {"云帆学校"}, "list": {"课程,成绩\n\n" + strings.Repeat("程序设计,80\n\n", 200)}}, slices.Repeat([]string{"3650990001:M~80"}, 200)},
		"pick spreads":   {url.Values{"course": {"语", "M", "软件基础"}, "pick": {"0~3650990001:A"}}, []string{"3650990001:A", "3650990001:M", "4150099901:T1"}},
		"day":            {url.Values{"from": {"云帆学校"}, "course": {"M"}, "as_of": {"2025-01-01"}}, []string{"3650990001:M"}},
	} {
		w := s.submit("/", c.form)
		to, err := url.Parse(w.Header().Get("Location"))
		if w.Code != http.StatusSeeOther || err != nil || to.Path != "/" || !slices.Equal(to.Query()["r"], c.want) {
			t.Errorf("%s: %d %q, want %q", name, w.Code, to.Query()["r"], c.want)
			continue
		}
		if status, body := s.page(to.String(), "zh-CN"); status != http.StatusOK || !strings.Contains(body, `class="card asked"`) {
			t.Errorf("%s: the address gives %d", name, status)
		}
	}
}

// A form that asks about one programme leads to it, also by way of a refusal.
func TestFormAims(t *testing.T) {
	s := newSite(t)
	if _, body := s.page("/programmes/4150099901:510203", "zh-CN"); !strings.Contains(body, `href="/?to=4150099901%3A510203"`) {
		t.Error("the programme does not lead to its check")
	}
	_, body := s.page("/?to=4150099901:510203", "zh-CN")
	if !strings.Contains(body, `name="to" value="4150099901:510203"`) || !strings.Contains(body, "“软件技术”能抵多少") {
		t.Error("the form does not ask about the programme")
	}
	form := url.Values{"to": {"4150099901:510203"}, "from": {"云帆学校"}, "course": {"M"}, "grade": {"无"}}
	if w := s.submit("/", form); !strings.Contains(w.Body.String(), `name="to" value="4150099901:510203"`) {
		t.Error("a refusal forgets the programme")
	}
	form.Set("grade", "90")
	if got, want := s.submit("/", form).Header().Get("Location"), "/plan?r=3650990001%3AM~90&to=4150099901%3A510203"; got != want {
		t.Errorf("the form leads to %s, want %s", got, want)
	}
	form.Set("to", "1:2")
	if got, want := s.submit("/", form).Header().Get("Location"), "/?r=3650990001%3AM~90"; got != want {
		t.Errorf("without such a programme the form leads to %s, want %s", got, want)
	}
}

// A refused form changes its language without losing anything.
func TestRefusedFormInAnotherLanguage(t *testing.T) {
	w := newSite(t).submit("/", url.Values{"course": {"没有这门"}, "grade": {"80"}, "language": {"en"}}, "Cookie", "__Host-language=zh-CN")
	body := w.Body.String()
	if !strings.Contains(body, `<html lang="en">`) || !strings.Contains(body, `value="没有这门"`) || !strings.Contains(w.Header().Get("Set-Cookie"), "language=en") {
		t.Errorf("%d %s, want the row in English", w.Code, w.Header().Get("Set-Cookie"))
	}
}

func TestMoreRowsKeepWhatIsThere(t *testing.T) {
	w := newSite(t).submit("/", url.Values{"more": {"1"}, "from": {"云帆学校"}, "course": {"M"}, "grade": {"无"}})
	body := w.Body.String()
	if w.Code != http.StatusOK || !strings.Contains(body, `value="无"`) || !strings.Contains(body, `id="course-5"`) || strings.Contains(body, `id="faults"`) {
		t.Errorf("%d, want the row kept and five more without a fault", w.Code)
	}
}

// An address from before a course was withdrawn still shows what was asked.
func TestOldAddress(t *testing.T) {
	status, body := newSite(t).page("/?r=3650990001:GONE~80&r=3650990001:M~1000", "en")
	if status != http.StatusUnprocessableEntity || !strings.Contains(body, `value="GONE"`) || !strings.Contains(body, `href="#course-0"`) || !strings.Contains(body, `href="#grade-1"`) {
		t.Errorf("%d, want both rows with their faults", status)
	}
}

// A result survives its way through an address, whatever is in it.
func TestTokens(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.OneOf(rapid.String(), rapid.StringMatching(`[!~:.\-A-Z0-9%+& ]*`))
		r := bank.CheckRecord{Institution: text.Draw(t, "institution"), Course: text.Draw(t, "course"), Grade: text.Draw(t, "grade"),
			CompletedOn: text.Draw(t, "day"), Scale: text.Draw(t, "scale"), Kind: text.Draw(t, "kind")}
		query, err := url.ParseQuery(checkValues([]bank.CheckRecord{r}, "").Encode())
		if err != nil {
			t.Fatal(err)
		}
		if got := readCheckQuery(query).Records[0]; got != r {
			t.Errorf("%+v became %+v", r, got)
		}
	})
}

// Strings that have broken other programs, in every field and every parameter
// of the pages: never a fault, and never part of the markup.
func TestNaughtyPages(t *testing.T) {
	data, err := os.ReadFile(filepath.Join(testbed.Shared(t), "data", "blns", "blns.json"))
	if err != nil {
		t.Fatal(err)
	}
	var naughty []string
	if err := json.Unmarshal(data, &naughty); err != nil {
		t.Fatal(err)
	}
	s := newSite(t)
	for _, text := range append(naughty, "\x00", "\xff\xfe", strings.Repeat("长", 3000), "%", "'\"><img src=x>") {
		for _, w := range s.naughtyAnswers(text) {
			body := w.Body.String()
			if w.Code >= 500 {
				t.Errorf("%q: %d", text, w.Code)
			}
			if strings.ContainsAny(text, "<>") && len(text) > 4 && strings.Contains(body, text) {
				t.Errorf("%q stands in a page as it is", text)
			}
		}
	}
}

// naughtyAnswers puts a text into everything that a page takes.
func (s *site) naughtyAnswers(text string) []*httptest.ResponseRecorder {
	var answers []*httptest.ResponseRecorder
	form := url.Values{}
	for _, field := range []string{"from", "course", "grade", "school", "date", "key", "list", "as_of", "pick"} {
		form.Set(field, text)
		answers = append(answers, s.submit("/", url.Values{"course": {"M"}, "from": {"云帆学校"}, field: {text}}))
	}
	answers = append(answers, s.submit("/", form), s.submit("/language", url.Values{"language": {text}, "back": {text}}))
	q := url.QueryEscape(text)
	for _, path := range []string{"/?r=" + q, "/?r=3650990001:M~" + q, "/?as_of=" + q + "&r=3650990001:M", "/map?q=" + q + "&past=" + q, "/map?outcome=" + q,
		"/map?from=" + q + "&to=" + q, "/map?after=" + q, "/plan?r=3650990001:M&to=" + q, "/plan?to=4150099901:510203&r=" + q, "/suggest?what=" + q + "&q=" + q + "&institution=" + q,
		"/institutions/3650990001?q=" + q, "/equivalences/E1?version=" + q, "/?r=3650990001:M&q=" + q, "/?r=3650990001:M&kind=" + q, "/?r=3650990001:M&school=" + q + "&field=" + q,
		"/institutions/" + url.PathEscape(text), "/courses/" + url.PathEscape(text), "/programmes/1:" + url.PathEscape(text), "/equivalences/" + url.PathEscape(text), "/assets/" + url.PathEscape(text)} {
		answers = append(answers, s.send(request(http.MethodGet, path, "")))
	}
	return answers
}

// A sentence about a wrong value repeats the beginning of it, not all that was pasted.
func TestLongValueIsShortened(t *testing.T) {
	s := newSite(t)
	page := s.staff("anna", administrator).post("/admin/calendar", "day", strings.Repeat("长", 3000), "kind", "off", "name", "假日").Body.String()
	if _, faults, _ := strings.Cut(page, `id="faults"`); !strings.Contains(faults, strings.Repeat("长", 100)+"…") || strings.Contains(faults[:2000], strings.Repeat("长", 101)) {
		t.Error(faults)
	}
}
