package web

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"creditbank/internal/testbed"
)

// A key is made and named, lets in with nothing else, is the second factor of who
// has a password, and is refused once a copy of it seems to be about.
func TestPasskeyInABrowser(t *testing.T) {
	s, base := doors(t)
	s.login("li.hua", decider)
	p := viewer(t, phone, "zh-CN", false)
	ring := p.Keyring()
	withPassword := func() {
		t.Helper()
		p.Open(base + "/login")
		p.Type("#name", "li.hua")
		p.Type("#password", goodPassword)
		p.Follow("#door .button.main")
	}
	withPassword()
	expect(t, p, "main", "你的角色要求")
	p.Type("#name", "我的手机")
	p.Follow(`form[data-passkey] .button`)
	expect(t, p, "main", "通行密钥已添加")
	expect(t, p, ".own-list", "我的手机")
	looked(t, p, "passkey", "zh-CN", phone)
	leave := func() {
		t.Helper()
		p.Click(".menu summary")
		p.Follow(`.menu form[action="/logout"] button`)
	}
	leave()
	p.Open(base + "/login?back=%2Faccount%2Fdevices")
	p.Follow("#passkey .button")
	expect(t, p, "h1", "已登录的设备")
	leave()
	withPassword()
	expect(t, p, "h1", "第二步验证")
	p.Follow("#passkey .button")
	p.Open(base + "/account")
	expect(t, p, "h1", "登录与安全")
	leave()
	keys := ring.Keys()
	if len(keys) != 1 || keys[0].SignCount < 3 || keys[0].RpID != "localhost" {
		t.Fatalf("the ring holds %+v", keys)
	}
	s.countsOn(t, keys[0].CredentialID)
	for range 2 { // the second time the copy has counted on
		p.Open(base + "/login")
		p.Follow("#passkey .button")
		expect(t, p, "#faults", "可能已被复制")
	}
	if strings.Contains(s.log.String(), "li.hua") {
		t.Error("the log names somebody")
	}
}

// countsOn lets a key have been used elsewhere in the meantime.
func (s *site) countsOn(t *testing.T, id []byte) {
	t.Helper()
	login, err := s.bank.LoginOfPasskey(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	owner, err := s.keyOwner(t.Context(), login)
	if err != nil {
		t.Fatal(err)
	}
	key := owner.keys[0]
	key.Authenticator.SignCount += 100
	if err := s.useKey(t.Context(), login, &key); err != nil {
		t.Fatal(err)
	}
}

// What a key says is held against what this session asked, once, for this site.
func TestPasskeyAnswersAreNotBelieved(t *testing.T) {
	s := newSite(t)
	g := s.guest()
	if w := g.post("/login/passkey/options"); w.Code != 409 { // the site has no address of its own here
		t.Errorf("options for whatever name the request came by: %d", w.Code)
	}
	if body := g.get("/login").Body.String(); strings.Contains(body, "passkey") {
		t.Error("a key is asked for at an address that is not the site's own")
	}
	for _, host := range []string{"localhost:8080", "127.0.0.1:8080", "bank.example"} {
		r := request(http.MethodGet, "/login", "")
		r.Host = host
		if got := s.takesPasskeys(r); got != (host == "localhost:8080") {
			t.Errorf("%s takes keys: %v", host, got)
		}
	}
	ask := func(credential string) *httptest.ResponseRecorder {
		r := request(http.MethodPost, "/login/passkey", url.Values{"credential": {credential}}.Encode(), "Content-Type", "application/x-www-form-urlencoded")
		r.Host = "localhost:8080"
		return s.send(r)
	}
	for _, credential := range []string{"", "{}", "null", `{"id":"AAAA","rawId":"AAAA","type":"public-key","response":{}}`, strings.Repeat("[", 10000)} {
		if w := ask(credential); w.Code != 422 || len(w.Result().Cookies()) > 0 {
			t.Errorf("%.40q: %d %v", credential, w.Code, w.Result().Cookies())
		}
	}
}

// Without a script, or with one that the person sends away, there are other ways.
func TestPasskeyLeftAlone(t *testing.T) {
	s, base := doors(t)
	s.login("li.hua", registrar)
	p := testbed.Browser(t)
	p.Lang("zh-CN")
	p.Keyring()
	p.Open(base + "/login")
	p.Click("#passkey .button") // there is no key in the ring
	p.Wait("[data-says]")
	expect(t, p, "[data-says]", "没有使用通行密钥")
	p.NoScript(true)
	p.Open(base + "/login")
	p.Type("#name", "li.hua")
	p.Type("#password", goodPassword)
	p.Follow("#door .button.main")
	p.Open(base + "/account")
	expect(t, p, "main", "添加通行密钥需要较新的浏览器")
}
