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
