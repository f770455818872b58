package web

import (
	"net/http"
	"regexp"
	"strings"
	"testing"

	"creditbank/internal/bank"
)

// schoolLearners are a learner of yunfan with numbers, and one of yuntu.
func (s *site) schoolLearners() {
	s.t.Helper()
	fill(s.t, s.bank, "learners", "account,name,id_type,id_number,school_number,birth_date,gender,institution,programme,entered_on,phone,email\n"+
		"L2,钱小满,passport,E12345678,,,,"+yunfan+",,,13800000000,a@example.cn\nL3,外校生,,,,,,"+yuntu+",,,,\n")
}

// Staff find their own learners, by what stands in no address, and see numbers
// masked; whole for a purpose, which is noted.
func TestSchoolLearners(t *testing.T) {
	s := newSite(t)
	s.schoolLearners()
	rosa := s.staff("rosa", registrar)
	page := rosa.get("/school/learners").Body.String()
	if !strings.Contains(page, "钱小满") || strings.Contains(page, "外校生") || strings.Contains(page, "E12345678") {
		t.Errorf("the list: %s", mainOf(page))
	}
	for _, c := range []struct{ field, value, want string }{{"name", "钱", "L2"}, {"account", "L2", "L2"}, {"number", "E12345678", "L2"}, {"account", "L3", ""}, {"name", "外", ""}} {
		page := mainOf(rosa.post("/school/learners", c.field, c.value).Body.String())
		if strings.Contains(page, "L2") != (c.want == "L2") || strings.Contains(page, "外校生") {
			t.Errorf("%s %s: %s", c.field, c.value, page)
		}
	}
	for _, path := range []string{"/school/learners/L3", "/school/learners/L9"} {
		if w := rosa.get(path); w.Code != http.StatusNotFound {
			t.Errorf("%s: %d", path, w.Code)
		}
		for _, action := range []string{"/reveal", "/code"} {
			if w := rosa.post(path+action, "purpose", "compare with a card"); w.Code != http.StatusNotFound {
				t.Errorf("%s%s: %d", path, action, w.Code)
			}
		}
	}
	w := rosa.post("/school/learners/L2/reveal", "purpose", "为")
	if wants(t, w, http.StatusUnprocessableEntity, ""); strings.Contains(w.Body.String(), "E12345678") || !strings.Contains(w.Body.String(), `href="#purpose"`) {
		t.Error("numbers are shown without a purpose, or the fault is not named")
	}
	w = rosa.post("/school/learners/L2/reveal", "purpose", "发证前核对证件")
	if wants(t, w, http.StatusOK, ""); !strings.Contains(w.Body.String(), "E12345678") {
		t.Error("the numbers are not shown")
	}
	if again := rosa.get("/school/learners/L2").Body.String(); strings.Contains(again, "E12345678") {
		t.Error("the numbers are shown again")
	}
	looks, err := s.bank.Looks(t.Context(), operator, "L2", bank.Window{})
	if err != nil || looks.Total == 0 || !strings.Contains(rosa.get("/school").Body.String(), "发证前核对证件") {
		t.Errorf("looks %+v, %v", looks, err)
	}
	if strings.Contains(s.log.String(), "E12345678") {
		t.Error("a number is in the log")
	}
}

// A code lets the learner in, is shown this once, and only registrars make it.
func TestClaimCodeOfASchool(t *testing.T) {
	s := newSite(t)
	s.schoolLearners()
	rosa, dora := s.staff("rosa", registrar), s.staff("dora", decider)
	if w := dora.post("/school/learners/L2/code"); w.Code != http.StatusForbidden {
		t.Errorf("a decider makes a code: %d", w.Code)
	}
	w := rosa.post("/school/learners/L2/code")
	code := regexp.MustCompile(`<code id="code">([A-Z0-9-]+)</code>`).FindStringSubmatch(w.Body.String())
	if wants(t, w, http.StatusOK, ""); code == nil || !strings.Contains(w.Body.String(), "/claim") {
		t.Fatalf("the slip: %s", mainOf(w.Body.String()))
	}
	if strings.Contains(rosa.get("/school/learners/L2").Body.String(), code[1]) {
		t.Error("the code is shown again")
	}
	pupil := s.guest()
	if w := pupil.post("/claim", "number", "L2", "code", code[1], "password", goodPassword, "password_again", goodPassword, "consent", "1"); w.Code != http.StatusSeeOther {
		t.Errorf("the claim: %d %s", w.Code, mainOf(w.Body.String()))
	}
	if page := rosa.get("/school/learners/L2").Body.String(); !strings.Contains(page, "已认领账户") {
		t.Error("the claim is not told")
	}
	if anna := s.staff("anna", administrator); !strings.Contains(anna.get("/admin/learners").Body.String(), "外校生") {
		t.Error("an administrator does not find the learners of all schools")
	}
}

// What a school sees of a learner is in words, with the names of courses and schools.
func TestLearnerOfASchoolInWords(t *testing.T) {
	s := newCitySite(t)
	s.login("li.hua", registrar)
	g := s.guest()
	g.signsIn("li.hua")
	page := mainOf(g.ask(http.MethodGet, "/school/learners/"+ownAccount, nil, "Accept-Language", "zh-CN").Body.String())
	if !strings.Contains(page, "计算机组装与维护 可用") || strings.Contains(page, "01201") || !strings.Contains(page, "云帆(示例)职业教育中心 · YF") || strings.Contains(page, "deposit") || !strings.Contains(page, "分录 8 存入 YF2025-00009 ") {
		t.Error(page)
	}
}
