package bank_test

import (
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"creditbank/internal/bank"
	"creditbank/internal/transfer"
)

// walker is somebody who does anything, as whoever may.
type walker struct {
	t    *testing.T
	b    *bank.Bank
	r    *rand.Rand
	days *atomic.Int64 // that have passed
	made *atomic.Int64 // results
	did  *sync.Map     // what went through, by name
}

// learners of the walks: two of them may be joined.
var walkers = []string{"L1", "L2", "L3", "W4", "W5", "W6"}

func learnerNamed(account string) bank.Actor {
	return bank.Actor{Name: "u:" + account, Roles: bank.IsLearner, Learner: account}
}

// judge said what came of a step: a refusal is an answer, anything else is not.
func (w *walker) judge(step string, err error) {
	if err == nil {
		n, _ := w.did.LoadOrStore(step, new(atomic.Int64))
		n.(*atomic.Int64).Add(1)
		return
	}
	if code := bank.CodeOf(err); code == "" || code == bank.Unavailable {
		w.t.Errorf("%s: %v", step, err)
	}
}

// step does one thing.
func (w *walker) step() {
	account := walkers[w.r.IntN(len(walkers))]
	to := []transfer.ProgrammeKey{toA, toB}[w.r.IntN(2)]
	a, found := w.some()
	switch n := w.r.IntN(100); {
	case n < 22:
		w.judge("deposit", w.deposit(account))
	case n < 40:
		_, err := w.b.Apply(ctx, learnerNamed(account), bank.NewApplication{To: to, Declared: true})
		w.judge("apply", err)
	case n < 42:
		w.judge("draft", w.draft(account, to))
	case n < 44:
		w.judge("expire", w.expire(account))
	case n < 46:
		w.days.Add(int64(w.r.IntN(20)))
		w.judge("due", w.b.RunDue(ctx))
	case !found:
	case n < 64:
		w.judge(w.decide(a))
	case n < 72:
		w.about("appeal", a)
	case n < 76:
		w.about("withdraw", a)
	case n < 78:
		w.about("withdraw appeal", a)
	case n < 84:
		w.about("meet", a)
	case n < 88:
		w.about("redeem", a)
	case n < 94:
		w.about("revoke", a)
	default:
		w.about("consequence", a)
	}
}

// about does something about an application, as whoever may.
func (w *walker) about(step string, a bank.Application) {
	learner := learnerNamed(a.Learner)
	var err error
	switch step {
	case "appeal":
		_, err = w.b.AppealApplication(ctx, learner, a.ID, bank.NewAppeal{Stamp: a.Stamp, Items: w.items(a), Text: "不服"})
	case "withdraw":
		err = w.b.WithdrawApplication(ctx, learner, a.ID, a.Stamp)
	case "withdraw appeal":
		err = w.b.WithdrawAppeal(ctx, learner, a.ID, a.Stamp)
	case "meet":
		_, err = w.b.MeetCondition(ctx, decider, a.ID, w.conditional(a), a.Stamp, "")
	case "redeem":
		_, err = w.b.RedeemApplication(ctx, decider, a.ID, a.Stamp)
	case "revoke":
		err = w.revoke(a)
	case "consequence":
		err = w.consequence(a)
	default: // no step about an application
		return
	}
	w.judge(step, err)
}

// some is an application that waits or was decided, as it is now.
func (w *walker) some() (bank.Application, bool) {
	page, err := w.b.Applications(ctx, decider, bank.ApplicationFilter{}, bank.Window{Limit: bank.MaxLimit})
	if err != nil {
		w.t.Error(err)
		return bank.Application{}, false
	}
	if len(page.Items) == 0 {
		return bank.Application{}, false
	}
	a, err := w.b.Application(ctx, decider, page.Items[w.r.IntN(len(page.Items))].ID)
	w.judge("look", err)
	return a, err == nil
}

func (w *walker) deposit(account string) error {
	n := w.made.Add(1)
	_, err := w.b.Deposit(ctx, operator, account, []bank.DepositRecord{{Reference: fmt.Sprintf("W%d", n), Institution: sends, Course: fmt.Sprintf("s%d", 1+w.r.IntN(8)),
		Grade: fmt.Sprint(60 + w.r.IntN(40)), CompletedOn: "2025-07-01"}}, bank.Why{})
	return err
}

func (w *walker) draft(account string, to transfer.ProgrammeKey) error {
	who := learnerNamed(account)
	a, err := w.b.SaveApplication(ctx, who, bank.NewApplication{To: to, Note: "请看"})
	if err != nil {
		return err
	}
	if w.r.IntN(3) == 0 {
		return w.b.DiscardApplication(ctx, who, a.ID, a.Stamp)
	}
	_, err = w.b.SubmitApplication(ctx, who, a.ID, a.Stamp, true)
	return err
}

func (w *walker) expire(account string) error {
	list, err := w.b.Standings(ctx, account)
	if err != nil || len(list) == 0 {
		return err
	}
	ref := list[w.r.IntN(len(list))].RecordRef
	_, err = w.b.Expire(ctx, operator, account, []bank.RecordRef{ref}, bank.Why{Reason: "over"})
	return err
}

// items are some of those of an application.
func (w *walker) items(a bank.Application) (items []int) {
	for _, i := range a.Items {
		if i.State != bank.ItemFull && w.r.IntN(3) > 0 {
			items = append(items, i.Number)
		}
	}
	return items
}

// conditional is an item whose condition may be met, any where there is none.
func (w *walker) conditional(a bank.Application) int {
	for _, i := range a.Items {
		if i.State == bank.ItemConditional && i.Until >= w.b.Today() {
			return i.Number
		}
	}
	return w.r.IntN(len(a.Items)) + 1
}

// decide decides about what waits: each item anyhow.
func (w *walker) decide(a bank.Application) (string, error) {
	d := bank.NewDecision{Stamp: a.Stamp}
	open := []int{}
	for _, i := range a.Items {
		open = append(open, i.Number)
	}
	if a.State == bank.ApplicationAppealed {
		for _, p := range a.Appeals {
			if p.State == bank.AppealOpen {
				open = p.Items
			}
		}
	}
	for _, n := range open {
		d.Items = append(d.Items, w.rung(n))
	}
	if a.State != bank.ApplicationAppealed {
		_, err := w.b.DecideApplication(ctx, decider, a.ID, d)
		return "decide", err
	}
	if _, err := w.b.DecideAppeal(ctx, admin, a.ID, d); err == nil {
		return "decide appeal of the bank", nil
	}
	_, err := w.b.DecideAppeal(ctx, decider2, a.ID, d)
	return "decide appeal", err
}

func (w *walker) rung(item int) bank.ItemDecision {
	d := bank.ItemDecision{Item: item, Outcome: bank.Outcomes()[w.r.IntN(5)], Text: "说明"}
	switch d.Outcome {
	case bank.ItemAlternative:
		d.Awards = []bank.AwardInput{{Group: "core", Credits: "2.5"}}
	case bank.ItemPartial:
		d.Credits, d.Reasons = fmt.Sprint(w.r.IntN(4)), []string{"HOURS"}
	case bank.ItemConditional:
		d.Condition, d.Until = "补考", w.b.Today().AddMonths(1+w.r.IntN(3)).String()
	case bank.ItemRefused:
		d.Reasons, d.Remedy = []string{"CONTENT"}, "补修"
	}
	return d
}

// revoke revokes one of the results that an application uses or used, or puts it right.
func (w *walker) revoke(a bank.Application) error {
	i := a.Items[w.r.IntN(len(a.Items))]
	ref := i.Records[w.r.IntN(len(i.Records))]
	second := bank.Actor{Name: "u:issuer2", Login: "issuer2", Roles: bank.IsDecider, Institution: sends}
	in := bank.Proposal{Kind: "reverse", Args: map[string]string{"institution": ref.Institution, "reference": ref.Reference}, Reason: "wrong grade"}
	if w.r.IntN(2) == 0 {
		result, err := w.b.IssuedResult(ctx, issuer, ref.Reference)
		if err != nil {
			return err
		}
		says := result.Says()
		says.Grade = fmt.Sprint(60 + w.r.IntN(40))
		in.Instead = &says
	}
	id, err := w.b.Propose(ctx, issuer, in)
	if err != nil {
		return err
	}
	p, err := w.b.Proposal(ctx, second, id)
	if err != nil {
		return err
	}
	return w.b.DecideProposal(ctx, second, id, bank.Decision{Approve: true, Version: p.Version})
}

func (w *walker) consequence(a bank.Application) error {
	for _, c := range a.Consequences {
		if c.State == bank.ConsequenceOpen {
			return w.b.DecideConsequence(ctx, decider, a.ID, c.ID, bank.ConsequenceDecision{Stamp: a.Stamp, Reverse: w.r.IntN(3) > 0, Text: "说明", Remedy: "重修"})
		}
	}
	return &bank.Error{Code: bank.NotFound}
}

// The whole life of applications by many at once, at random: apply, withdraw, decide,
// appeal, revoke, correct, merge, expire, until a step of every kind went through. While they walk and at the end the ledger holds, no
// result is used twice, and every decision that was posted replays.
func TestRandomWalksOfApplications(t *testing.T) {
	const goroutines, steps = 6, 150
	onBoth(t, func(t *testing.T, b *bank.Bank) {
		applying(t, b)
		text2(t, b, "learners", "account,name,institution\nW4,Zhao,"+sends+"\nW5,Qian,"+sends+"\nW6,Sun,"+sends+"\n")
		w := walker{t: t, b: b, days: &atomic.Int64{}, made: &atomic.Int64{}, did: &sync.Map{}}
		begin := time.Date(2026, 11, 22, 3, 0, 0, 0, time.UTC)
		b.Now = func() time.Time { return begin.Add(time.Duration(w.days.Load()) * 24 * time.Hour) }
		if err := b.SetPassAfter(ctx, decider, 10); err != nil {
			t.Fatal(err)
		}
		seed := rand.Uint64()
		var walking sync.WaitGroup
		for g := range goroutines {
			walking.Go(func() {
				one := w
				one.r = rand.New(rand.NewPCG(seed, uint64(g)))
				for n := range steps {
					if one.step(); g == 0 && n >= steps/2 {
						one.merge()
					}
				}
			})
		}
		over := make(chan struct{})
		go func() { walking.Wait(); close(over) }()
		verified := 0
		for walking := true; walking && !t.Failed(); verified++ {
			select {
			case <-over:
				walking = false
			default:
				time.Sleep(200 * time.Millisecond)
			}
			report, err := b.Verify(ctx, bank.VerifyInput{})
			if err != nil || report.Finding != nil {
				t.Errorf("seed %d: %v, %v", seed, report.Finding, err)
			}
		}
		<-over
		last := w
		last.r = rand.New(rand.NewPCG(seed, goroutines))
		last.complete()
		report := wantSound(t, b)
		said := ""
		w.did.Range(func(step, n any) bool { said += fmt.Sprintf(" %s %d,", step, n.(*atomic.Int64).Load()); return true })
		t.Logf("seed %d, %d entries, %d decisions, verified %d times:%s", seed, report.Entries, report.Decisions, verified, said)
		for _, step := range w.lacks() {
			t.Errorf("seed %d: no step %q went through", seed, step)
		}
	})
}
