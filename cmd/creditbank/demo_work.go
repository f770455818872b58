package main

import (
	"creditbank/internal/bank"
	"creditbank/internal/transfer"
)

// Schools of the demo city whose people work with those of the demo's own, and learners
// who ask for something.
const (
	demoSister  = "3650990002" // a vocational school like the demo's
	demoHigh    = "3450990001" // a high school, whose pupils change to the demo's school
	demoCollege = "4150099901" // where the demo's learners go on to

	demoWaiting, demoAppealed, demoBefore, demoAsking = "L000023", "L000047", "L000083", "L000101" // of the high school
	demoCorrected, demoSkilled                        = "L000003", "L000004"                       // of the demo's own
)

// demoRevoked is the number of a result that the demo's school wants to revoke.
const demoRevoked = "YF2024-00019"

// demoProgramme is where the high school's pupils want to go.
func demoProgramme() transfer.ProgrammeKey {
	return transfer.ProgrammeKey{Institution: demoSchool, Code: "710201"}
}

// demoActor is somebody of the demo city without a login.
func demoActor(role bank.Roles, institution string) bank.Actor {
	return bank.Actor{Name: "demo-" + role.Names()[0], Roles: role, Institution: institution}
}

// demoAsker is a learner of the demo city who asks for something.
func demoAsker(account string) bank.Actor {
	return bank.Actor{Name: "demo", Roles: bank.IsLearner, Learner: account}
}

// loadWork gives each role of the demo something to do: applications and appeals, rules
// to judge, requests, a portfolio, a correction, and what takes two people. It is done
// once: what people then make of it stays. A bank whose clock or content has left it
// behind goes without.
func (a *app) loadWork(b *bank.Bank) error {
	done, err := b.MyCorrections(a.ctx, demoAsker(demoCorrected))
	if err != nil || len(done) > 0 {
		return err
	}
	for _, load := range []func(*bank.Bank) error{a.demoJudging, a.demoApplications, a.demoPrior, a.demoProposals, a.demoQuestions} {
		switch err := load(b); bank.CodeOf(err) {
		case bank.Conflict, bank.Invalid, bank.Denied, bank.NotFound, bank.Insufficient:
			a.log.Warn("the demo goes without some of its work", "error", err)
		default:
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// demoRule is one rule that somebody proposes, of one course for one.
func demoRule(from, course, to, target string) []map[string]string {
	return []map[string]string{{"source_institution": from, "source_course": course, "target_institution": to, "target_course": target, "valid_from": "2025-09-01"}}
}

// demoSubmitted drafts and submits a rule.
func (a *app) demoSubmitted(b *bank.Bank, by bank.Actor, rows []map[string]string, why string) (bank.Evaluation, error) {
	e, _, err := b.SaveEvaluation(a.ctx, by, bank.EvaluationDraft{Rows: rows, Why: why})
	if err != nil {
		return e, err
	}
	return b.ActOnEvaluation(a.ctx, by, e.ID, bank.EvaluationAct{Action: "submit", Stamp: e.Stamp})
}

// demoAct does something with an evaluation as it is.
func (a *app) demoAct(b *bank.Bank, by bank.Actor, e *bank.Evaluation, act bank.EvaluationAct) (err error) {
	act.Stamp = e.Stamp
	*e, err = b.ActOnEvaluation(a.ctx, by, e.ID, act)
	return err
}

// demoJudging leaves one rule to the opinions of the demo's expert and decider, one that
// the bank sent back to its registrar, and one to the bank's decision.
func (a *app) demoJudging(b *bank.Bank) error {
	expert, err := b.LoginNamed(a.ctx, operator, "expert")
	if err != nil {
		return err
	}
	sister, administrator := demoActor(bank.IsRegistrar, demoSister), demoActor(bank.IsAdministrator, "")
	support := bank.EvaluationAct{Action: "opine", Opinion: "support", Text: "内容与学时相当（示例）"}
	asked, err := a.demoSubmitted(b, sister, demoRule(demoSister, "SC.0113", demoSchool, "00113"), "两校物理课使用同一标准，学时相近。（示例）")
	if err != nil {
		return err
	}
	if err := a.demoAct(b, demoActor(bank.IsDecider, demoSister), &asked, support); err != nil {
		return err
	}
	if err := a.demoAct(b, administrator, &asked, bank.EvaluationAct{Action: "assign", To: expert.ID}); err != nil {
		return err
	}
	back, err := a.demoSubmitted(b, demoActor(bank.IsRegistrar, demoSchool), demoRule(demoSchool, "00906", demoSister, "SC.0906"), "急救常识内容相同。（示例）")
	if err != nil {
		return err
	}
	if err := a.demoAct(b, administrator, &back, bank.EvaluationAct{Action: "ask_more", Text: "请补充实训部分的学时安排。（示例）"}); err != nil {
		return err
	}
	ready, err := a.demoSubmitted(b, demoActor(bank.IsRegistrar, demoHigh), demoRule(demoHigh, "XH-5127", demoSister, "SC.0111"), "音乐必修与艺术课的音乐部分相同。（示例）")
	if err != nil {
		return err
	}
	for _, school := range []string{demoSister, demoHigh} {
		if err := a.demoAct(b, demoActor(bank.IsDecider, school), &ready, support); err != nil {
			return err
		}
	}
	return nil
}

// demoApplications leaves an application and an appeal to the demo's school and an appeal
// to the bank, and lets the demo's learner wait for a college.
func (a *app) demoApplications(b *bank.Bank) error {
	for i, account := range []string{demoWaiting, demoAppealed, demoBefore} {
		applied, err := b.Apply(a.ctx, demoAsker(account), bank.NewApplication{To: demoProgramme(), Note: "转入贵校，请认定已修课程。（示例）", Declared: true})
		if err != nil {
			return err
		}
		for appeals := range i {
			if err := a.demoRefused(b, applied.ID, appeals); err != nil {
				return err
			}
		}
	}
	offer, err := b.OfferApplication(a.ctx, demoAsker(demoLearner), demoLearner, transfer.ProgrammeKey{Institution: demoCollege, Code: "510203"})
	if err != nil || len(offer.Items) == 0 {
		return err
	}
	_, err = b.Apply(a.ctx, demoAsker(demoLearner), bank.NewApplication{To: transfer.ProgrammeKey{Institution: demoCollege, Code: "510203"}, Items: []string{offer.Items[0].Key}, Declared: true})
	return err
}

// demoRefused lets the demo's school refuse the first item of an application, at first or
// upon an appeal, and the learner appeal.
func (a *app) demoRefused(b *bank.Bank, id string, appeals int) error {
	decider := demoActor(bank.IsDecider, demoSchool)
	decide := b.DecideApplication
	if appeals > 0 {
		decider.Name, decide = "demo-decider-2", b.DecideAppeal
	}
	asked, err := b.Application(a.ctx, decider, id)
	if err != nil {
		return err
	}
	decision := bank.NewDecision{Stamp: asked.Stamp, Items: []bank.ItemDecision{{Item: 0, Outcome: bank.ItemRefused, Reasons: []string{"HOURS"},
		Text: "学时不足本校课程的一半。（示例）", Remedy: "补修下册，或提交学时证明。（示例）"}}}
	for _, item := range asked.Items[1:] {
		if appeals == 0 {
			decision.Items = append(decision.Items, bank.ItemDecision{Item: item.Number, Outcome: bank.ItemFull})
		}
	}
	if _, err := decide(a.ctx, decider, id, decision); err != nil {
		return err
	}
	learner := demoAsker(asked.Learner)
	mine, err := b.Application(a.ctx, learner, id)
	if err != nil {
		return err
	}
	_, err = b.AppealApplication(a.ctx, learner, id, bank.NewAppeal{Stamp: mine.Stamp, Items: []int{0}, Text: "课程分上下两册，学时应合并计算。（示例）"})
	return err
}

// demoPrior lets a learner hand in a portfolio, which the demo's expert is to judge.
func (a *app) demoPrior(b *bank.Bank) error {
	expert, err := b.LoginNamed(a.ctx, operator, "expert")
	if err != nil {
		return err
	}
	learner := demoAsker(demoSkilled)
	said := bank.NewPriorOutcome{Can: "能独立完成，并能向他人说明。（示例）", How: "在社区工作站志愿服务一年。（示例）",
		Files: []bank.NewAttachment{{Name: "log.txt", Content: []byte("虚构的工作记录，仅供演示。A fictional log.\n")}}}
	draft, err := b.SavePriorLearning(a.ctx, learner, bank.NewPriorLearning{To: demoProgramme(), Course: "01214", Outcomes: []bank.NewPriorOutcome{said, said, said}})
	if err != nil {
		return err
	}
	sent, err := b.SubmitPriorLearning(a.ctx, learner, draft.ID, draft.Stamp, true)
	if err != nil {
		return err
	}
	return b.AssignPriorLearning(a.ctx, demoActor(bank.IsRegistrar, demoSchool), sent.ID, sent.Stamp, expert.ID)
}

// demoProposals are decided by a second person: one of the school, one of the bank.
func (a *app) demoProposals(b *bank.Bank) error {
	expert, err := b.LoginNamed(a.ctx, operator, "expert")
	if err != nil {
		return err
	}
	for _, p := range []struct {
		by bank.Actor
		in bank.Proposal
	}{
		{demoActor(bank.IsRegistrar, demoSchool), bank.Proposal{Kind: "reverse", Args: map[string]string{"institution": demoSchool, "reference": demoRevoked}, Reason: "成绩录入有误（示例）"}},
		{demoActor(bank.IsAdministrator, ""), bank.Proposal{Kind: "role", Args: map[string]string{"login": expert.ID, "change": "grant", "role": "auditor"}, Reason: "年度审计需要一人协助（示例）"}},
	} {
		if _, err := b.Propose(a.ctx, p.by, p.in); err != nil {
			return err
		}
	}
	return nil
}

// demoQuestions are of learners: whether a course counts, and to put something right.
func (a *app) demoQuestions(b *bank.Bank) error {
	_, err := b.RequestEvaluation(a.ctx, demoAsker(demoAsking), bank.EvaluationRequest{Source: transfer.CourseKey{Institution: demoHigh, Code: "XH-5132"}, To: demoProgramme(), Course: "00112",
		Text: "劳动课的内容与劳动教育相近，请看看能否认定。（示例）"})
	if err != nil {
		return err
	}
	_, err = b.RequestCorrection(a.ctx, demoAsker(demoCorrected), bank.NewCorrection{Field: "email", Value: "l000003@example.com", Why: "换了邮箱（示例）"})
	return err
}
