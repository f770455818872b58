package web

import (
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"creditbank/internal/bank"
	"creditbank/internal/testbed"
)

// doors serves a site with the small map at localhost, where browsers keep
// sessions and make keys without TLS.
func doors(t *testing.T) (*site, string) {
	t.Helper()
	testbed.Require(t, "browser")
	s := newSite(t)
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	return s, strings.Replace(server.URL, "127.0.0.1", "localhost", 1)
}

// looked wants a page that keeps nobody out and is not too wide, in its own
// language, and keeps a picture of it where DOOR_PICTURES says.
func looked(t *testing.T, p *testbed.Page, name, tag string, width int) {
	t.Helper()
	for _, v := range p.Axe() {
		t.Errorf("%s: %s (%s): %q", name, v.Rule, v.Help, v.Where)
	}
	var wide int
	if p.Eval(`document.documentElement.scrollWidth`, &wide); wide > width {
		t.Errorf("%s in %s is %d wide at %d", name, tag, wide, width)
	}
	if tag == "en" {
		inEnglish(t, p, name)
	}
	if folder := os.Getenv("DOOR_PICTURES"); folder != "" {
		p.Screenshot(filepath.Join(folder, name+"-"+tag+".png"))
	}
}

// views are the screens and languages in which each flow is gone through.
var views = []struct {
	width int
	tag   string
	dark  bool
}{{phone, "zh-CN", false}, {desktop, "en", true}}

// viewer is a tab of one of the views.
func viewer(t *testing.T, width int, tag string, dark bool) *testbed.Page {
	t.Helper()
	p := testbed.Browser(t)
	p.Size(width, 844, width == phone)
	p.Lang(tag)
	p.Dark(dark)
	return p
}

// Somebody who is invited chooses a name and a password, sets up the app that the
// role takes, and is in; comes back another day with both.
func TestInvitedToComeIn(t *testing.T) {
	s, base := doors(t)
	for _, view := range views {
		secret, err := s.bank.Invite(t.Context(), bank.Operator("test"), bank.NewInvitation{Name: "李华", Grants: []bank.RoleGrant{decider, registrar}})
		if err != nil {
			t.Fatal(err)
		}
		p := viewer(t, view.width, view.tag, view.dark)
		look := func(name string) { t.Helper(); looked(t, p, name, view.tag, view.width) }
		p.Open(base + "/invitation/" + secret)
		look("invitation")
		p.Type("#name", "li.hua."+strings.ToLower(view.tag))
		p.Type("#password", "short")
		p.Type("#password_again", "shorter")
		p.Follow(".button.main")
		if view.tag == "zh-CN" {
			expect(t, p, "#faults", "两次输入的密码不一致")
		}
		look("invitation-wrong")
		var name string
		if p.Eval(`document.getElementById("name").value + document.getElementById("password").value + document.activeElement.id`, &name); !strings.HasPrefix(name, "li.hua.") || !strings.HasSuffix(name, "faults") || strings.Contains(name, "short") {
			t.Errorf("after a refusal the form holds %q", name)
		}
		p.Type("#password", goodPassword)
		p.Type("#password_again", goodPassword)
		p.Follow(".button.main")
		look("account-lacking")
		p.Follow("#totp .button")
		look("totp")
		var shown string
		p.Eval(`document.querySelector(".secret code").textContent`, &shown)
		code, err := totp.GenerateCode(strings.ReplaceAll(shown, " ", ""), s.bank.Now())
		if err != nil {
			t.Fatal(err)
		}
		p.Type("#code", "000000")
		p.Press("\r")
		p.Wait("#faults")
		p.Type("#code", code)
		p.Follow(".button.main")
		look("account")
		p.Open(base + "/account/devices")
		look("devices")
		p.Size(phone, 844, true) // where the bar may take two lines
		p.Click(".menu summary")
		p.Wait(".menu .card")
		var inside bool
		if p.Eval(`(r => r.left >= 0 && r.right <= innerWidth)(document.querySelector(".menu .card").getBoundingClientRect())`, &inside); !inside {
			t.Errorf("the menu is cut off at %d px, %s", view.width, view.tag)
		}
		look("menu")
		p.Size(view.width, 844, view.width == phone)
		p.Follow(`.menu form[action="/logout"] button`)
		p.Open(base + "/account")
		look("login")
		p.Type("#name", "li.hua."+strings.ToLower(view.tag))
		p.Type("#password", goodPassword)
		p.Press("\r")
		p.Wait("#code")
		look("second")
		s.later(time.Minute)
		code, err = totp.GenerateCode(strings.ReplaceAll(shown, " ", ""), s.bank.Now())
		if err != nil {
			t.Fatal(err)
		}
		p.Type("#code", code)
		p.Press("\r")
		p.Wait("#word")
		for _, address := range p.Requests() {
			if !strings.HasPrefix(address, base) {
				t.Errorf("a request went to %s", address)
			}
		}
	}
}

// A pupil claims the account on a phone: a wrong code first, under fourteen with a
// guardian, without scripts too.
func TestClaimOnAPhone(t *testing.T) {
	s, base := doors(t)
	fill(t, s.bank, "learners", `account,name,id_type,id_number,school_number,birth_date,gender,institution,programme,entered_on,phone,email
YOUNG1,示例同学甲,other,P000001,,2014-03-01,,`+yunfan+`,,,,
YOUNG2,示例同学乙,other,P000002,,2014-03-01,,`+yunfan+`,,,,
`)
	for i, view := range []struct {
		tag, number, account string
		script               bool
	}{{"zh-CN", "P000001", "YOUNG1", true}, {"en", "YOUNG2", "YOUNG2", false}} {
		code, _, err := s.bank.ClaimCode(t.Context(), bank.Operator("test"), view.account)
		if err != nil {
			t.Fatal(err)
		}
		p := viewer(t, phone, view.tag, i == 1)
		p.NoScript(!view.script)
		p.Open(base + "/claim")
		if view.script {
			looked(t, p, "claim", view.tag, phone)
		}
		p.Type("#number", view.number)
		p.Type("#code", "WRONG-WRONG")
		p.Type("#password", goodPassword)
		p.Type("#password_again", goodPassword)
		p.Click("#consent")
		p.Follow(".button.main")
		p.Wait("#faults")
		if view.script {
			looked(t, p, "claim-wrong", view.tag, phone)
		}
		var kept string
		if p.Eval(`document.getElementById("number").value + document.getElementById("consent").checked + document.getElementById("password").value`, &kept); kept != view.number+"true" {
			t.Errorf("after a refusal the form holds %q", kept)
		}
		for _, guardian := range []string{"", "示例家长"} {
			p.Eval(`document.getElementById("code").value = ""; null`, nil)
			p.Type("#code", strings.ToLower(code))
			p.Type("#password", goodPassword)
			p.Type("#password_again", goodPassword)
			if guardian != "" {
				expect(t, p, "#guardian-wrong", map[string]string{"zh-CN": "必填", "en": "must be given"}[view.tag])
				p.Type("#guardian", guardian)
			}
			p.Follow(".button.main")
		}
		if view.script {
			looked(t, p, "claimed", view.tag, phone)
		}
		var where string
		if p.Eval(`location.pathname`, &where); where != s.homeOf(bank.Actor{Roles: bank.IsLearner}) {
			t.Errorf("the pupil is at %s", where)
		}
	}
}
