package web

import (
	"fmt"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"

	"creditbank/internal/bank"
	"creditbank/internal/testbed"
	"creditbank/internal/transfer"
)

// outcomes gives a course learning outcomes, each in a competence of its own.
func (s *site) outcomes(t testing.TB, school, code string, competences ...string) {
	t.Helper()
	by := bank.Actor{Name: "u:writer", Login: "writer", Roles: bank.IsRegistrar, Institution: school}
	detail, err := s.bank.CourseDetail(t.Context(), transfer.CourseKey{Institution: school, Code: code}, s.bank.Today())
	if err == nil {
		for _, competence := range competences {
			detail.Outcomes = append(detail.Outcomes, bank.Outcome{Competence: competence, Level: 4, Text: "能独立完成" + competence})
		}
		_, err = s.bank.SaveCourse(t.Context(), by, detail.CourseEdit, detail.Stamp)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// brought fails the test unless a field has what was typed, and the page says that it came back.
func brought(t *testing.T, p *testbed.Page, field, want string) {
	t.Helper()
	p.Wait("[data-brought]:not([hidden])")
	var got string
	if p.Eval(`document.querySelector("`+field+`").value`, &got); got != want {
		t.Errorf("%s has %q, want %q", field, got, want)
	}
}

// A learner on a phone writes a portfolio for a course of their goal, with a photo; an
// expert judges each outcome at a desk, and a decider grants: the course is booked and
// stands in the record. Another is met less than half in one outcome: it can only be
// refused, and the learner reads what is lacking and what would help, and appeals. In both
// languages; no page keeps anyone out.
func TestPriorLearningFromEndToEnd(t *testing.T) {
	for _, tag := range languageTags {
		t.Run(tag, func(t *testing.T) {
			s := newCitySite(t)
			s.outcomes(t, yuntu, "YT1210", "系统安装与配置", "脚本编写")
			s.outcomes(t, yuntu, "YT1207", "页面布局")
			own := s.signedInLearner(ownAccount, "own.learner")
			at := func(role bank.Roles) bank.RoleGrant { return bank.RoleGrant{Role: role, Institution: yuntu} }
			rosa, xena, dora := s.staff("rosa", at(bank.IsRegistrar)), s.staff("xena", at(bank.IsExpert)), s.staff("dora", at(bank.IsDecider))
			server := httptest.NewServer(s)
			t.Cleanup(server.Close)
			small, wide := viewer(t, phone, tag, false), viewer(t, desktop, tag, false)
			on, at1280 := looker(t, small, phone, tag), looker(t, wide, desktop, tag)
			own.takes(small, server.URL)
			small.Open(server.URL + "/my/prior")
			on("prior-no-goal")
			small.Open(server.URL + "/my/plan?to=" + yuntu + ":510203")
			small.Follow(`form[action="/my/goal"] button`)
			small.Open(server.URL + "/my/prior")
			small.Click("details.more summary")
			on("prior-courses")
			write := func(course string, outcomes int) {
				t.Helper()
				small.Open(server.URL + "/my/prior")
				small.Follow(`a[href*="course=` + course + `"]`)
				small.Type("#can-1", "I set servers up")
				if outcomes == 2 { // what is typed comes back after a reload, and after a login that was lost
					var here string
					small.Eval(`location.href`, &here)
					small.Open(here)
					brought(t, small, "#can-1", "I set servers up")
					on("prior-brought")
					own.post("/logout")
					small.Follow(`button[value="save"]`)
					small.Wait(`form[action="/login"]`)
					own.signsIn("own.learner")
					own.takes(small, server.URL)
					small.Open(here)
					brought(t, small, "#can-1", "I set servers up")
				}
				small.Follow(`button[value="save"]`)
				small.Wait(".done")
				small.Follow(`button[value="submit"]`)
				small.Wait("#how-1-wrong")
				on("prior-wrong")
				for n := 1; n <= outcomes; n++ {
					small.Type(fmt.Sprint("#can-", n), " by myself")
					small.Type(fmt.Sprint("#how-", n), "three years in a data centre")
				}
				paper := filepath.Join(t.TempDir(), "照片.txt")
				if err := os.WriteFile(paper, []byte("a photo"), 0o600); err != nil {
					t.Fatal(err)
				}
				small.Upload("#files-1", paper)
				small.Click("#declared")
				small.Follow(`button[value="submit"]`)
				small.Wait(".done")
			}
			judge := func(percents ...string) {
				t.Helper()
				rosa.takes(wide, server.URL)
				wide.Open(server.URL + "/school/prior?state=submitted")
				at1280("prior-inbox")
				wide.Follow(".results-list .result-head a")
				at1280("prior-assign")
				wide.Eval(`document.querySelector("#login").value = "`+s.numberOf("xena")+`"; null`, nil)
				wide.Follow(`form[action$="/assign"] button`)
				wide.Wait(".done")
				xena.takes(wide, server.URL)
				wide.Open(server.URL + "/school/prior?show=mine&state=assigned")
				wide.Follow(".results-list .result-head a")
				wide.Follow(`form[action$="/judgement"] .main`)
				wide.Wait("#percent-1-wrong")
				for i, percent := range percents {
					wide.Type(fmt.Sprint("#percent-", i+1), percent)
				}
				wide.Type("#note-1", "现场看过")
				wide.Eval(`document.querySelector("#seen_by").value = "interview"; document.querySelector("#seen_on").value = "2026-11-20"; null`, nil)
				at1280("prior-judge")
				wide.Follow(`form[action$="/judgement"] .main`)
				wide.Wait(".done")
				dora.takes(wide, server.URL)
				wide.Open(server.URL + "/school/prior?state=assessed")
				wide.Follow(".results-list .result-head a")
			}
			write("YT1210", 2)
			on("prior-submitted")
			judge("90", "50")
			at1280("prior-decide")
			wide.Follow(`form[action$="/decision"] .main`)
			wide.Wait(".done")
			at1280("prior-granted")
			small.Open(server.URL + "/my/prior")
			small.Follow(".results-list .result-head a")
			on("prior-granted")
			small.Open(server.URL + "/my")
			expect(t, small, "main", map[string]string{"zh-CN": "先前学习认定", "en": "Prior learning"}[tag])
			on("prior-record")

			write("YT1207", 1)
			judge("49")
			var grant int
			if wide.Eval(`document.querySelectorAll("#outcome-granted").length`, &grant); grant != 0 {
				t.Error("less than half can be granted")
			}
			wide.Follow(`form[action$="/decision"] .main`)
			wide.Wait("#text-wrong")
			at1280("prior-refuse")
			wide.Click("#reasons-PRACTICE")
			wide.Type("#text", "没有看到响应式布局")
			wide.Type("#remedy", "补交一个响应式页面")
			wide.Follow(`form[action$="/decision"] .main`)
			wide.Wait(".done")
			small.Open(server.URL + "/my/prior")
			small.Follow(".result:has(.chip-refused) .result-head a")
			expect(t, small, "main", "补交一个响应式页面")
			expect(t, small, ".decide .reason", "页面布局")
			on("prior-refused")
			small.Type("#text", "请再看一次")
			small.Follow(`form[action$="/appeal"] .main`)
			small.Wait(".done")
			on("prior-appealed")
		})
	}
}
