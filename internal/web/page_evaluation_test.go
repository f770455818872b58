package web

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"creditbank/internal/bank"
)

// judges are the people of an evaluation between two schools: who proposes, who
// decides for each school, an expert, and two administrators.
type judges struct {
	*site
	rosa, dora, yuri, xena, anna, berta *guest
}

func newJudges(s *site) judges {
	grant := func(role bank.Roles, institution string) bank.RoleGrant {
		return bank.RoleGrant{Role: role, Institution: institution}
	}
	return judges{site: s, rosa: s.staff("rosa", grant(bank.IsRegistrar, yunfan)), dora: s.staff("dora", grant(bank.IsDecider, yunfan)),
		yuri: s.staff("yuri", grant(bank.IsDecider, yuntu)), xena: s.staff("xena", grant(bank.IsExpert, yuntu)),
		anna: s.staff("anna", administrator), berta: s.staff("berta", administrator)}
}

// aRule is the form of a rule: two courses give a course and free credit.
func aRule(pairs ...string) url.Values {
	form := url.Values{"source_school": {"云帆学校", yunfan}, "source_course": {"书法", "F"}, "source_key": {"", ""}, "source_min": {"75", ""}, "source_max": {"", ""},
		"target_school": {"云图学院"}, "target_kind": {"course", "group"}, "target_course": {"软件导论", ""}, "target_key": {"", ""}, "target_group": {"", "任选"},
		"target_mode": {"fixed", "catalogue"}, "target_credits": {"2", "1"}, "valid_from": {"2026-09-01"}, "outcome": {"credit"}, "why": {"大纲相同"}, "equivalence": {"N1"}}
	for i := 0; i+1 < len(pairs); i += 2 {
		form[pairs[i]] = strings.Split(pairs[i+1], "|")
	}
	return form
}

var caseStamp = regexp.MustCompile(`name="stamp" value="([^"]*)"`)

// acts does something with a case as a person would who has just opened it.
func (g *guest) acts(id, action string, pairs ...string) *httptest.ResponseRecorder {
	g.s.t.Helper()
	page := g.get(evaluationAddress(id)).Body.String()
	form := url.Values{"action": {action}}
	if found := caseStamp.FindStringSubmatch(page); found != nil {
		form.Set("stamp", found[1])
	}
	for i := 0; i+1 < len(pairs); i += 2 {
		form.Add(pairs[i], pairs[i+1])
	}
	return g.ask(http.MethodPost, evaluationAddress(id), form)
}

// A rule is proposed, looked at by both schools and an expert, sent back, answered and
// approved; the check of a visitor answers by it at once.
func TestEvaluationFromDraftToCheck(t *testing.T) {
	j := newJudges(newSite(t))
	w := j.rosa.ask(http.MethodPost, "/evaluations/new", mergeForm(aRule(), "do", "save"))
	wants(t, w, http.StatusSeeOther, "/evaluations/N1@1?done=saved")
	page := mainOf(j.rosa.get("/evaluations/N1@1").Body.String())
	for _, want := range []string{"学完云帆学校《绘画》和云帆学校《书法》（75 分及以上），在云图学院抵《软件导论》，得 2 学分，在课程组“任选”得 1 学分。适用于2026年9月1日起完成的成果。", "起草", "提交评审"} {
		if !strings.Contains(page, want) {
			t.Errorf("the case lacks %q: %s", want, page)
		}
	}
	if strings.Contains(page, `value="approve"`) {
		t.Error("a registrar may approve")
	}
	wants(t, j.yuri.get("/evaluations/N1@1"), http.StatusNotFound, "")
	wants(t, j.rosa.acts("N1@1", "submit"), http.StatusSeeOther, "/evaluations/N1@1?done=submit")
	if list := mainOf(j.yuri.get("/evaluations").Body.String()); !strings.Contains(list, "云帆学校《绘画》") || !strings.Contains(list, "等我处理 1 条") {
		t.Errorf("the decider's list: %s", list)
	}
	wants(t, j.anna.acts("N1@1", "assign", "to", j.numberOf("xena")), http.StatusSeeOther, "/evaluations/N1@1?done=assign")
	if list := mainOf(j.xena.get("/evaluations").Body.String()); !strings.Contains(list, "等 1 位专家的意见") {
		t.Errorf("the expert's list: %s", list)
	}
	wants(t, j.yuri.acts("N1@1", "ask_more", "text", "缺实训说明"), http.StatusSeeOther, "/evaluations/N1@1?done=ask_more")
	wants(t, j.rosa.acts("N1@1", "answer", "text", "已补"), http.StatusSeeOther, "/evaluations/N1@1?done=answer")
	wants(t, j.dora.acts("N1@1", "opine", "opinion", "support"), http.StatusSeeOther, "/evaluations/N1@1?done=opine")
	wants(t, j.yuri.acts("N1@1", "opine", "opinion", "support", "text", "可以"), http.StatusSeeOther, "/evaluations/N1@1?done=opine")
	wants(t, j.xena.acts("N1@1", "opine", "opinion", "support", "condition", "补做一次实验"), http.StatusSeeOther, "/evaluations/N1@1?done=opine")
	check := "/plan?to=" + yuntu + ":510203&r=" + yunfan + ":U~90~2026-10-01&r=" + yunfan + ":F~80~2026-10-01"
	if before := mainOf(j.guest().get(check).Body.String()); strings.Contains(before, "N1") {
		t.Error("it serves before it is approved")
	}
	wants(t, j.anna.acts("N1@1", "approve", "text", "同意"), http.StatusSeeOther, "/evaluations/N1@1?done=approve")
	if after := mainOf(j.guest().get(check).Body.String()); !strings.Contains(after, "软件导论") {
		t.Errorf("the check does not answer by it: %s", after)
	}
	page = mainOf(j.rosa.get("/evaluations/N1@1").Body.String())
	for _, want := range []string{"生效", "缺实训说明", "补做一次实验", "批准"} {
		if !strings.Contains(page, want) {
			t.Errorf("the history lacks %q", want)
		}
	}
}

// mergeForm is a form with one more value.
func mergeForm(form url.Values, name, value string) url.Values {
	form.Set(name, value)
	return form
}

// ready brings a rule to where the bank decides.
func (j judges) ready(code string, pairs ...string) string {
	j.t.Helper()
	wants(j.t, j.rosa.ask(http.MethodPost, "/evaluations/new", mergeForm(aRule(append(pairs, "equivalence", code)...), "do", "save")), http.StatusSeeOther, "/evaluations/"+code+"@1?done=saved")
	id := code + "@1"
	wants(j.t, j.rosa.acts(id, "submit"), http.StatusSeeOther, "/evaluations/"+id+"?done=submit")
	wants(j.t, j.dora.acts(id, "opine", "opinion", "support"), http.StatusSeeOther, "/evaluations/"+id+"?done=opine")
	wants(j.t, j.yuri.acts(id, "opine", "opinion", "support"), http.StatusSeeOther, "/evaluations/"+id+"?done=opine")
	return id
}

// Of two administrators who decide at once, the second sees what changed, with what
// was typed.
func TestEvaluationDecidedTwice(t *testing.T) {
	j := newJudges(newSite(t))
	id := j.ready("N1")
	stamp := caseStamp.FindStringSubmatch(j.berta.get(evaluationAddress(id)).Body.String())[1]
	wants(t, j.anna.acts(id, "ask_more", "text", "缺大纲"), http.StatusSeeOther, "/evaluations/"+id+"?done=ask_more")
	w := j.berta.post(evaluationAddress(id), "action", "refuse", "stamp", stamp, "text", "内容太少", "reasons", "CONTENT")
	page := mainOf(w.Body.String())
	if w.Code != http.StatusConflict || !strings.Contains(page, "你打开以后，这里有变动：") || !strings.Contains(page, "状态") || !strings.Contains(page, "内容太少") {
		t.Errorf("%d: %s", w.Code, page)
	}
	if !strings.Contains(w.Body.String(), `value="CONTENT" checked`) {
		t.Error("the reason that was ticked is gone")
	}
	// Having looked, the second may decide.
	again := caseStamp.FindStringSubmatch(w.Body.String())[1]
	wants(t, j.berta.post(evaluationAddress(id), "action", "refuse", "stamp", again, "text", "内容太少", "reasons", "CONTENT"), http.StatusSeeOther, "/evaluations/"+id+"?done=refuse")
	w = j.anna.post(evaluationAddress(id), "action", "approve", "stamp", stamp)
	if page := mainOf(w.Body.String()); w.Code != http.StatusConflict || !strings.Contains(page, "不予认定") {
		t.Errorf("approving what was refused: %d %s", w.Code, page)
	}
}

// A rule that contradicts another is told with both, in the editor and when it is submitted.
func TestEvaluationContradicts(t *testing.T) {
	j := newJudges(newSite(t))
	contradicts := func(do string) url.Values {
		return mergeForm(aRule("source_school", "云帆学校", "source_course", "程序设计", "source_key", "", "source_min", "", "source_max", "", "equivalence", "N2",
			"target_kind", "course", "target_course", "软件基础", "target_key", "", "target_group", "", "target_mode", "fixed", "target_credits", "3", "valid_from", ""), "do", do)
	}
	w := j.rosa.ask(http.MethodPost, "/evaluations/new", contradicts("try"))
	if page := w.Body.String(); w.Code != http.StatusOK || !strings.Contains(page, "矛盾") || !strings.Contains(page, `href="/equivalences/E1?version=1"`) || !strings.Contains(page, "这条规则") {
		t.Errorf("the editor: %d %s", w.Code, mainOf(page))
	}
	wants(t, j.rosa.ask(http.MethodPost, "/evaluations/new", contradicts("save")), http.StatusSeeOther, "/evaluations/N2@1?done=saved")
	w = j.rosa.acts("N2@1", "submit")
	if page := w.Body.String(); w.Code != http.StatusConflict || !strings.Contains(page, `href="/equivalences/E1?version=1"`) {
		t.Errorf("submitting: %d %s", w.Code, mainOf(page))
	}
}

// Several rules are approved together: chosen, looked at, agreed to; one that changed
// meanwhile keeps all from being approved.
func TestEvaluationBatch(t *testing.T) {
	j := newJudges(newSite(t))
	first := j.ready("N1")
	second := j.ready("N2", "source_school", "云帆学校", "source_course", "舞蹈", "source_key", "", "source_min", "", "source_max", "",
		"target_kind", "course", "target_key", "", "target_group", "", "target_mode", "catalogue", "target_credits", "", "target_course", "T10")
	list := j.anna.get("/evaluations").Body.String()
	var chosen []string
	for _, found := range regexp.MustCompile(`name="case" value="([^"]+)"`).FindAllStringSubmatch(list, -1) {
		chosen = append(chosen, found[1])
	}
	if len(chosen) != 2 {
		t.Fatalf("%q can be chosen: %s", chosen, mainOf(list))
	}
	if w := j.anna.post("/evaluations/batch"); w.Code != http.StatusUnprocessableEntity || !strings.Contains(w.Body.String(), "请先勾选") {
		t.Errorf("nothing chosen: %d", w.Code)
	}
	form := url.Values{"case": chosen}
	w := j.anna.ask(http.MethodPost, "/evaluations/batch", form)
	if page := mainOf(w.Body.String()); w.Code != http.StatusOK || !strings.Contains(page, "批准 2 条") || !strings.Contains(page, "2 份同意") {
		t.Errorf("the preview: %d %s", w.Code, page)
	}
	wants(t, j.berta.acts(second, "ask_more", "text", "缺大纲"), http.StatusSeeOther, "/evaluations/"+second+"?done=ask_more")
	w = j.anna.ask(http.MethodPost, "/evaluations/batch", mergeForm(form, "do", "approve"))
	if page := mainOf(w.Body.String()); w.Code != http.StatusConflict || !strings.Contains(page, "有 1 条现在不能批准") || !strings.Contains(page, "批准 1 条") {
		t.Errorf("one has changed: %d %s", w.Code, page)
	}
	if page := mainOf(j.rosa.get(evaluationAddress(first)).Body.String()); !strings.Contains(page, "待批") {
		t.Error("the other is approved all the same")
	}
	form["case"] = keep(chosen, func(c string) bool { return strings.HasPrefix(c, first) })
	wants(t, j.anna.ask(http.MethodPost, "/evaluations/batch", form), http.StatusSeeOther, "/evaluations?done=batch")
	if page := mainOf(j.rosa.get(evaluationAddress(first)).Body.String()); !strings.Contains(page, "生效") {
		t.Error("it is not in force")
	}
}

// A learner asks from the result of a check; the school proposes from it, or answers.
func TestEvaluationRequests(t *testing.T) {
	s := newSite(t)
	j := newJudges(s)
	s.learner("L1", "lin")
	lin := s.guest()
	lin.signsIn("lin")
	lin.post("/my/consents", "consent", "1")
	plan := lin.get("/plan?to=" + yuntu + ":510203&r=" + yunfan + ":U~90").Body.String()
	found := regexp.MustCompile(`href="(/my/requests\?[^"]+)"`).FindStringSubmatch(plan)
	if found == nil {
		t.Fatalf("the check leads nowhere: %s", mainOf(plan))
	}
	page := lin.get(strings.ReplaceAll(found[1], "&amp;", "&"))
	if text := mainOf(page.Body.String()); !strings.Contains(text, "请云图学院评估：你在云帆学校学的《书法》") {
		t.Errorf("%d the form: %s", page.Code, text)
	}
	wants(t, lin.post("/my/requests", "from", yunfan+":U", "to", yuntu+":510203", "course", "T11", "text", "学了一年"), http.StatusSeeOther, "/my/requests?done=requested")
	wants(t, lin.post("/my/requests", "from", yunfan+":U", "to", yuntu+":510203", "course", "T11"), http.StatusUnprocessableEntity, "")
	list := j.yuri.get("/evaluations/requests").Body.String()
	begin := regexp.MustCompile(`href="(/evaluations/new\?[^"]+)"`).FindStringSubmatch(list)
	if begin == nil || !strings.Contains(list, "学了一年") || strings.Contains(mainOf(list), "lin") {
		t.Fatalf("the school's list: %s", mainOf(list))
	}
	editor := j.yuri.get(strings.ReplaceAll(begin[1], "&amp;", "&")).Body.String()
	for _, want := range []string{`value="书法"`, `value="软件导论"`, `value="云图学院"`, `name="origin" value="request:`} {
		if !strings.Contains(editor, want) {
			t.Errorf("the editor lacks %s: %s", want, mainOf(editor))
		}
	}
	id := regexp.MustCompile(`action="/evaluations/requests/([^"]+)"`).FindStringSubmatch(list)[1]
	if w := j.yuri.post("/evaluations/requests/"+id, "text", ""); w.Code != http.StatusUnprocessableEntity {
		t.Errorf("an empty answer: %d", w.Code)
	}
	wants(t, j.yuri.post("/evaluations/requests/"+id, "text", "内容太少"), http.StatusSeeOther, "/evaluations/requests?done=request_declined")
	if text := mainOf(lin.get("/my/requests").Body.String()); !strings.Contains(text, "内容太少") || !strings.Contains(text, "已答复") {
		t.Errorf("the learner reads %s", text)
	}
	wants(t, lin.get("/evaluations/requests"), http.StatusSeeOther, "/my/requests")
}

// What is typed into the editor stays with what is wrong beside it; rows come and go
// without a script; nonsense is an answer, and no fault.
func TestEvaluationEditor(t *testing.T) {
	j := newJudges(newSite(t))
	w := j.rosa.ask(http.MethodPost, "/evaluations/new", mergeForm(aRule("source_course", "没有的课|F", "source_min", "abc|", "target_credits", "2|99999999"), "do", "save"))
	page := w.Body.String()
	if w.Code != http.StatusUnprocessableEntity || !strings.Contains(page, `value="没有的课"`) || !strings.Contains(page, `id="source-course-0-wrong"`) || !strings.Contains(page, "大纲相同") {
		t.Errorf("%d %s", w.Code, mainOf(page))
	}
	w = j.rosa.ask(http.MethodPost, "/evaluations/new", mergeForm(aRule("source_min", "abc|"), "do", "save"))
	if page = w.Body.String(); w.Code != http.StatusUnprocessableEntity || !strings.Contains(page, `id="source-min-0-wrong"`) || !strings.Contains(page, `href="#source-min-0"`) {
		t.Errorf("%d %s", w.Code, mainOf(page))
	}
	page = j.rosa.ask(http.MethodPost, "/evaluations/new", mergeForm(aRule(), "more", "sources")).Body.String()
	if !strings.Contains(page, `id="source-course-2"`) || strings.Contains(page, "source-course-2-wrong") {
		t.Error("no row is added")
	}
	page = j.rosa.ask(http.MethodPost, "/evaluations/new", mergeForm(aRule(), "drop", "source-0")).Body.String()
	if strings.Contains(page, `value="书法"`) || !strings.Contains(page, `value="绘画"`) {
		t.Error("the row is still there")
	}
	for _, form := range []url.Values{{}, {"do": {"save"}}, {"source_course": {"\x00\xff"}, "do": {"try"}}, {"drop": {"source-99"}, "pick": {"~"}, "more": {"x"}}, {"pick": {"source-0~a:b"}, "source_course": {"x"}},
		mergeForm(aRule("valid_from", "2026-02-30", "priority", "many", "outcome", "maybe", "programme", "x"), "do", "save"), mergeForm(aRule("outcome", "refused"), "do", "save")} {
		if w := j.rosa.ask(http.MethodPost, "/evaluations/new", form); w.Code != http.StatusOK && w.Code != http.StatusUnprocessableEntity {
			t.Errorf("%v: %d", form, w.Code)
		}
	}
	for _, path := range []string{"/evaluations/new?version=nothing", "/evaluations/new?mirror=nothing", "/evaluations/x@1/edit", "/evaluations/x"} {
		if w := j.rosa.get(path); w.Code != http.StatusNotFound {
			t.Errorf("%s: %d", path, w.Code)
		}
	}
	for _, path := range []string{"/evaluations/new?version=E1", "/evaluations/new?mirror=E2", "/evaluations/new?from=~~&to=x", "/evaluations?view=x&state=x&after=x&school=x&q=%2B", "/evaluations?view=all&q=电路"} {
		if w := j.rosa.get(path); w.Code != http.StatusOK {
			t.Errorf("%s: %d", path, w.Code)
		}
	}
	if page := mainOf(j.rosa.get("/evaluations/new?version=E1").Body.String()); !strings.Contains(page, "规则 E1 的新版本") || strings.Contains(page, "个问题") {
		t.Errorf("a new version: %s", page)
	}
	if page := j.rosa.get("/evaluations/new?mirror=E2").Body.String(); !strings.Contains(page, `value="电路基础"`) || !strings.Contains(page, `name="origin" value="mirror:E2"`) {
		t.Errorf("the way back: %s", mainOf(page))
	}
}
