package web

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"creditbank/internal/bank"
	"creditbank/internal/transfer"
)

// From the record to the options, to a plan, to three programmes side by side and to a
// goal: on a phone and a desk, in both languages.
func TestOptionsInABrowser(t *testing.T) {
	for _, view := range []struct {
		width  int
		tag    string
		unused string
		goal   string
		hoped  string
	}{{phone, "zh-CN", "学分未使用", "已设为目标", "1 项你还没有取得的成绩"}, {desktop, "en", "unused credits", "Kept as your goal", "one result that you do not have"}} {
		t.Run(fmt.Sprint(view.width, view.tag), func(t *testing.T) {
			p, server := browseOwn(t, view.width, view.tag, false)
			look := looker(t, p, view.width, view.tag)
			expect(t, p, "#unused", view.unused)
			p.Follow(`a[href="/my/options"].button`)
			p.Wait(".ranked-row .pick")
			look("options")
			for n := 1; n <= 3; n++ {
				p.Click(fmt.Sprintf(".ranked-row:nth-child(%d) .pick input", n))
			}
			p.Follow("#compare button")
			p.Wait(".compared li:nth-child(3)")
			look("compare")
			p.Follow(".compared li:nth-child(1) .actions a:nth-child(2)")
			p.Wait(".compared li:nth-child(2)")
			p.Follow(".compared li:nth-child(1) .actions a:nth-child(1)")
			p.Wait("#counted")
			look("my-plan")
			p.Follow(`form[action="/my/goal"] button`)
			expect(t, p, ".notices", view.goal)
			look("my-goal")
			p.Open(server.URL + "/my/options")
			p.Click("#expected summary")
			p.Type("#from", "云帆")
			p.Type("#course-0", "nothing such")
			p.Follow("#list .main")
			p.Wait("#faults")
			look("options-wrong")
			p.Open(server.URL + "/my/plan?" + url.Values{"to": {yuntu + ":510203"}, "r": {"3650990001:01201~95"}}.Encode())
			expect(t, p, ".note", view.hoped)
		})
	}
}

func programmeKey(institution, code string) transfer.ProgrammeKey {
	return transfer.ProgrammeKey{Institution: institution, Code: code}
}

// What is hoped for counts beside the record and is kept nowhere: the record alone comes
// to what the bank says, and every link of the plan leads on with what was hoped for and no more.
func TestHopedForResults(t *testing.T) {
	s := newCitySite(t)
	in := s.signedInLearner(ownAccount, "own.learner")
	actor := bank.Actor{Name: "u:" + ownAccount, Roles: bank.IsLearner, Login: ownAccount, Learner: ownAccount}
	plan, err := s.bank.PlanLearner(t.Context(), actor, ownAccount, bank.CheckInput{To: programmeKey(yuntu, "510203")})
	if err != nil {
		t.Fatal(err)
	}
	body := in.get("/my/plan?to=" + yuntu + ":510203").Body.String()
	if !strings.Contains(body, "<b>"+plan.Applied.String()+"</b>") {
		t.Errorf("the plan does not say %s", plan.Applied)
	}
	for _, r := range plan.Records {
		if strings.Contains(body, "r="+url.QueryEscape(r.Institution+":"+r.Code)+"~"+r.Grade) {
			t.Errorf("an address holds %s of the record", r.Code)
		}
	}
	hoped := bank.CheckInput{To: programmeKey(yuntu, "510203"), Records: []bank.CheckRecord{{Institution: plan.Records[0].Institution, Course: plan.Records[0].Code, Grade: "100"}}}
	better, err := s.bank.PlanLearner(t.Context(), actor, ownAccount, hoped)
	if err != nil || len(better.Records) != len(plan.Records)+1 || better.References[len(plan.Records)] != "" || better.Applied < plan.Applied {
		t.Errorf("with what is hoped for: %d results, %s applied, %v", len(better.Records), better.Applied, err)
	}
	hoped.Records[0].Grade = "nonsense"
	if _, err := s.bank.PlanLearner(t.Context(), actor, ownAccount, hoped); bank.CodeOf(err) != bank.Invalid {
		t.Errorf("a grade that is none: %v", err)
	}
}

// A goal is kept, replaced, forgotten, and never a programme that is none.
func TestGoal(t *testing.T) {
	s := newCitySite(t)
	in := s.signedInLearner(ownAccount, "own.learner")
	actor := bank.Actor{Name: "u:" + ownAccount, Roles: bank.IsLearner, Login: ownAccount, Learner: ownAccount}
	for _, to := range []string{"510203", "510201", "510203"} {
		if got := in.ask(http.MethodPost, "/my/goal", url.Values{"to": {yuntu + ":" + to}}); got.Code != http.StatusSeeOther {
			t.Fatalf("%s: %d", to, got.Code)
		}
		if goal, err := s.bank.Goal(t.Context(), actor); err != nil || goal != programmeKey(yuntu, to) {
			t.Errorf("the goal is %v, %v", goal, err)
		}
	}
	if got := in.ask(http.MethodPost, "/my/goal", url.Values{"to": {"none:none"}}); got.Code != http.StatusNotFound {
		t.Errorf("a programme that is none: %d", got.Code)
	}
	if body := in.get("/my/data/export").Body.String(); !strings.Contains(body, `"goal": "`+yuntu+`:510203"`) {
		t.Error("everything about me lacks the goal")
	}
	in.ask(http.MethodPost, "/my/goal/remove", nil)
	if goal, err := s.bank.Goal(t.Context(), actor); err != nil || goal != (transfer.ProgrammeKey{}) {
		t.Errorf("a goal that was removed: %v, %v", goal, err)
	}
}
