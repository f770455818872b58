package web

import (
	"net/url"
	"regexp"
	"strings"
	"testing"

	"creditbank/internal/bank"
)

// A person sees where they are signed in, ends one session or all others, and no
// other's.
func TestDevices(t *testing.T) {
	s := newSite(t)
	s.login("li.hua", registrar)
	s.login("zhang.san", registrar)
	here, phone, other := s.guest(), s.guest(), s.guest()
	here.signsIn("li.hua")
	phone.ask("POST", "/login", url.Values{"name": {"li.hua"}, "password": {goodPassword}}, "User-Agent",
		"Mozilla/5.0 (Linux; Android 14; 2304FPN6DC) AppleWebKit/537.36 Chrome/126 Mobile Safari/537.36 MicroMessenger/8.0.50")
	other.signsIn("zhang.san")
	body := here.get("/account/devices").Body.String()
	if !strings.Contains(body, "WeChat, Android") || strings.Count(body, "当前设备") != 1 || strings.Contains(body, "2304FPN6DC") || strings.Contains(body, here.session()) {
		t.Errorf("the list is %s", mainOf(body))
	}
	ids := regexp.MustCompile(`name="device" value="([^"]+)"`).FindAllStringSubmatch(body, -1)
	if len(ids) != 1 {
		t.Fatalf("%d others can be ended", len(ids))
	}
	if w := other.post("/account/devices/end", "device", ids[0][1]); w.Code != 404 || !phone.isIn() {
		t.Errorf("another's device: %d", w.Code)
	}
	wants(t, here.post("/account/devices/end", "device", ids[0][1]), 303, "/account/devices")
	if phone.isIn() || !here.isIn() {
		t.Error("the wrong session ended")
	}
	phone.signsIn("li.hua")
	wants(t, here.post("/account/devices/end"), 303, "/account/devices")
	if phone.isIn() || !here.isIn() || !other.isIn() {
		t.Error("the wrong sessions ended")
	}
}

// Who has several places acts at one of them at a time, and at no other's.
func TestSeats(t *testing.T) {
	s := newSite(t)
	s.login("li.hua", registrar, bank.RoleGrant{Role: bank.IsExpert, Institution: yuntu})
	g := s.guest()
	g.signsIn("li.hua")
	who := func() string {
		body := g.get("/map").Body.String()
		return regexp.MustCompile(`(?s)<p class="menu-seat">.*?</p>`).FindString(body)
	}
	if at := who(); !strings.Contains(at, "教务人员") || !strings.Contains(at, "云帆学校") {
		t.Errorf("first at %s", at)
	}
	before := g.session()
	wants(t, g.post("/account/seat", "institution", yuntu), 303, s.homeOf(bank.Actor{Roles: bank.IsExpert}))
	if at := who(); !strings.Contains(at, "评估专家") || !strings.Contains(at, "云图学院") || g.session() == before {
		t.Errorf("then at %s", at)
	}
	for _, seat := range []string{"OVERSEAS:1/ü", "bank", "nowhere"} {
		if w := g.post("/account/seat", "institution", seat); w.Code != 404 {
			t.Errorf("the seat %q: %d", seat, w.Code)
		}
	}
	if at := who(); !strings.Contains(at, "评估专家") {
		t.Errorf("after refusals at %s", at)
	}
}

// Ways in are changed only by who has just shown one.
func TestWaysInTakeAFreshProof(t *testing.T) {
	s := newSite(t)
	s.login("li.hua", registrar)
	g := s.guest()
	g.signsIn("li.hua")
	s.later(freshProof)
	for _, path := range []string{"/account/totp", "/account/totp/confirm", "/account/totp/remove"} {
		w := g.post(path, "code", "000000")
		if w.Code != 401 || !strings.Contains(w.Body.String(), `name="again" value="`+path+`"`) {
			t.Errorf("%s: %d", path, w.Code)
		}
	}
	if w := g.get("/login?back=%2Faccount"); w.Code != 200 || !strings.Contains(w.Body.String(), "再次确认是你本人") {
		t.Errorf("the page does not ask: %d", w.Code)
	}
	wants(t, g.post("/login", "name", "li.hua", "password", goodPassword, "back", "/account"), 303, "/account")
	g.setsUpApp()
	wants(t, g.post("/account/totp/remove"), 303, "/account?done=totp_gone")
}

// A password is changed by who knows the old one; all other sessions end.
func TestChangePasswordPage(t *testing.T) {
	s := newSite(t)
	s.login("li.hua", registrar)
	g, other := s.guest(), s.guest()
	g.signsIn("li.hua")
	other.signsIn("li.hua")
	for field, form := range map[string][]string{
		"password_old":   {"password_old", "wrong-password-1", "password_new", "velvet-anchor-maple", "password_again", "velvet-anchor-maple"},
		"password_new":   {"password_old", goodPassword, "password_new", "short", "password_again", "short"},
		"password_again": {"password_old", goodPassword, "password_new", "velvet-anchor-maple", "password_again", "velvet-anchor"},
	} {
		w := g.post("/account/password", form...)
		body := w.Body.String()
		if w.Code != 422 || !strings.Contains(body, `id="`+field+`-wrong"`) || !strings.Contains(body, "<title>错误") || strings.Contains(body, "velvet") {
			t.Errorf("%s: %d", field, w.Code)
		}
		checkPage(t, "/account", "zh-CN", body)
	}
	wants(t, g.post("/account/password", "password_old", goodPassword, "password_new", "velvet-anchor-maple", "password_again", "velvet-anchor-maple"), 303, "/account?done=password")
	if other.isIn() || !g.isIn() {
		t.Error("the wrong sessions ended")
	}
	if again := s.guest(); again.signsIn("li.hua").Code != 422 {
		t.Error("the old password is good")
	}
}

// A link that lets somebody in is looked at without being used up, works once, and
// stays out of logs and of what the page leads to.
func TestInvitationLinks(t *testing.T) {
	s := newSite(t)
	secret, err := s.bank.Invite(t.Context(), bank.Operator("test"), bank.NewInvitation{Name: "李华", Grants: []bank.RoleGrant{registrar}})
	if err != nil {
		t.Fatal(err)
	}
	path := "/invitation/" + secret
	for _, language := range languageTags {
		for range 2 {
			w := s.send(request("GET", path, "", "Accept-Language", language))
			if w.Code != 200 || w.Header().Get("Referrer-Policy") != "strict-origin" || len(w.Result().Cookies()) > 0 {
				t.Fatalf("%d %v", w.Code, w.Header())
			}
			checkPage(t, "/invitation", language, w.Body.String())
			if strings.Contains(w.Body.String(), "back="+url.QueryEscape(path)) {
				t.Error("the secret goes along to the sign-in page")
			}
		}
	}
	g := s.guest()
	if w := g.post(path, "name", "li.hua", "password", "short", "password_again", "short"); w.Code != 422 || w.Header().Get("Referrer-Policy") != "strict-origin" || g.session() != "" {
		t.Errorf("a short password: %d", w.Code)
	}
	wants(t, g.post(path, "name", "li.hua", "password", goodPassword, "password_again", goodPassword), 303, s.homeOf(bank.Actor{Roles: bank.IsRegistrar}))
	if !g.isIn() {
		t.Error("not in")
	}
	for _, w := range []int{g.get(path).Code, g.post(path, "name", "other", "password", goodPassword, "password_again", goodPassword).Code, g.get(path + "x").Code} {
		if w != 404 {
			t.Errorf("a used link: %d", w)
		}
	}
	if log := s.log.String(); strings.Contains(log, secret) || strings.Contains(log, "li.hua") || strings.Contains(log, "李华") {
		t.Error("the log holds a secret or a name")
	}
}

// Every page of the way in is whole in both languages.
func TestDoorPages(t *testing.T) {
	s := newSite(t)
	s.login("li.hua", decider, bank.RoleGrant{Role: bank.IsExpert, Institution: yuntu})
	g := s.guest()
	g.signsIn("li.hua")
	g.setsUpApp()
	g.post("/account/totp")
	for path, sentence := range map[string]string{"/login": "第一次使用", "/claim": "我已阅读并同意", "/login?back=%2Fmap": `name="back" value="/map"`,
		"/account": "已设置，输入密码后需要填写验证码", "/account?done=totp": "以后登录时需要它的验证码", "/account?done=%3Cscript%3E": "已设置", "/account/totp": "扫描二维码", "/account/devices": "没有在其他设备上登录"} {
		for _, language := range languageTags {
			from := g
			if !strings.HasPrefix(path, "/account") {
				from = s.guest()
			}
			w := from.ask("GET", path, nil, "Accept-Language", language)
			if w.Code != 200 || language == "zh-CN" && !strings.Contains(w.Body.String(), sentence) {
				t.Errorf("%s in %s: %d without %q", path, language, w.Code, sentence)
			}
			checkPage(t, path, language, w.Body.String())
		}
	}
}

// The code of a claim is copied from paper: after a fault it stands there still; the
// password never does.
func TestClaimKeepsTheCode(t *testing.T) {
	s := newSite(t)
	w := s.guest().post("/claim", "number", "L2", "code", "ABCDE-23456", "password", goodPassword, "password_again", goodPassword)
	if body := w.Body.String(); w.Code != 422 || !strings.Contains(body, `value="ABCDE-23456"`) || strings.Contains(body, goodPassword) {
		t.Errorf("%d %s", w.Code, mainOf(body))
	}
}
