package bank_test

import (
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"pgregory.net/rapid"

	"creditbank/internal/bank"
	"creditbank/internal/testbed"
)

// proposalWalk proposes, decides, withdraws and waits at random, by people who may
// and people who may not, and follows what should be open.
type proposalWalk struct {
	t     *rapid.T
	b     *bank.Bank
	now   time.Time
	ids   []string
	by    map[string]bank.Actor
	ends  map[string]time.Time
	state map[string]string
	next  int
}

func (w *proposalWalk) anyone() bank.Actor {
	return rapid.SampledFrom([]bank.Actor{anna, berta, carl, rosa, dora, foreign, pupil}).Draw(w.t, "who")
}

func (w *proposalWalk) propose() {
	who := w.anyone()
	p := bank.Proposal{Kind: rapid.SampledFrom([]string{"merge", "reverse", "policy"}).Draw(w.t, "kind"), Reason: "test"}
	switch p.Kind {
	case "merge":
		p.Args = map[string]string{"from": "L2", "into": "L3"}
	case "reverse":
		p.Args = map[string]string{"institution": school, "reference": fmt.Sprintf("R%d", rapid.IntRange(0, 3).Draw(w.t, "result"))}
	case "policy":
		w.next++
		p.Args = map[string]string{"file": "policies", "scope": "bank", "valid_from": w.now.AddDate(0, 0, w.next%60).Format(time.DateOnly)}
	}
	id, err := w.b.Propose(ctx, who, p)
	if err != nil {
		w.refused(err)
		return
	}
	may := who.Is(bank.IsAdministrator) || p.Kind == "reverse" && who.Institution == school
	if !may {
		w.t.Fatalf("%s proposed %+v", who.Name, p)
	}
	w.ids = append(w.ids, id)
	w.by[id], w.ends[id], w.state[id] = who, w.now.Add(30*24*time.Hour), bank.ProposalOpen
}

// refused wants every refusal to be one of ours.
func (w *proposalWalk) refused(err error) {
	if bank.CodeOf(err) == "" {
		w.t.Fatalf("a fault of ours: %v", err)
	}
}

func (w *proposalWalk) pick() string { return rapid.SampledFrom(w.ids).Draw(w.t, "proposal") }

func (w *proposalWalk) decide() {
	if len(w.ids) == 0 {
		return
	}
	id, who, approve := w.pick(), w.anyone(), rapid.Bool().Draw(w.t, "approve")
	p, err := w.b.Proposal(ctx, who, id)
	if err != nil {
		w.refused(err)
	}
	err = w.b.DecideProposal(ctx, who, id, bank.Decision{Approve: approve, Version: p.Version, Reason: "test"})
	if err != nil {
		w.refused(err)
		return
	}
	if w.state[id] != bank.ProposalOpen || who.Name == w.by[id].Name || who.Learner != "" || !who.Is(bank.IsAdministrator) && (p.Kind != "reverse" || who.Name != dora.Name) {
		w.t.Fatalf("%s decided %s, proposed by %s, which was %s", who.Name, p.Kind, w.by[id].Name, w.state[id])
	}
	w.state[id] = map[bool]string{true: bank.ProposalApproved, false: bank.ProposalRefused}[approve]
}

func (w *proposalWalk) withdraw() {
	if len(w.ids) == 0 {
		return
	}
	id, who := w.pick(), w.anyone()
	if err := w.b.WithdrawProposal(ctx, who, id); err != nil {
		w.refused(err)
		return
	}
	if w.state[id] != bank.ProposalOpen || who.Name != w.by[id].Name {
		w.t.Fatalf("%s withdrew what %s proposed, which was %s", who.Name, w.by[id].Name, w.state[id])
	}
	w.state[id] = bank.ProposalWithdrawn
}

func (w *proposalWalk) wait() {
	w.now = w.now.Add(time.Duration(rapid.IntRange(1, 10).Draw(w.t, "days")) * 24 * time.Hour)
	for id, state := range w.state {
		if state == bank.ProposalOpen && !w.ends[id].After(w.now) {
			w.state[id] = bank.ProposalEnded
		}
	}
}

// hold compares what is kept with what should be.
func (w *proposalWalk) hold() {
	for _, id := range w.ids {
		p, err := w.b.Proposal(ctx, carl, id)
		if err != nil || p.State != w.state[id] || p.By != w.by[id].Name || (p.State == bank.ProposalApproved || p.State == bank.ProposalRefused) && p.DecidedBy == p.By {
			w.t.Fatalf("%s should be %s: %+v, %v", id, w.state[id], p, err)
		}
	}
	report, err := w.b.Verify(ctx, bank.VerifyInput{})
	if err != nil || report.Finding != nil {
		w.t.Fatalf("verify: %v, %v", report.Finding, err)
	}
}

// Whatever is proposed and decided by whomever: nobody decides what they proposed,
// what is closed stays closed, and the books balance.
func TestAnySequenceOfProposals(t *testing.T) {
	for kind, dsn := range map[string]func() string{
		"sqlite":   func() string { return "sqlite:" + filepath.Join(t.TempDir(), "bank.db") },
		"postgres": func() string { return testbed.Postgres(t) },
	} {
		t.Run(kind, func(t *testing.T) {
			b := little(t, opened(t, dsn(), filepath.Join(t.TempDir(), "key")))
			deposited(t, b, learnA, "R0", "R1")
			deposited(t, b, learnB, "R2", "R3")
			now, runs := time.Now().AddDate(0, 0, 1), 0
			rapid.Check(t, func(rt *rapid.T) {
				if runs++; runs > 6 {
					return
				}
				w := &proposalWalk{t: rt, b: b, now: now, by: map[string]bank.Actor{}, ends: map[string]time.Time{}, state: map[string]string{}}
				b.Now = func() time.Time { return w.now }
				for _, n := range rapid.SliceOfN(rapid.IntRange(0, 9), 40, 40).Draw(rt, "steps") {
					[]func(){w.propose, w.propose, w.propose, w.propose, w.decide, w.decide, w.decide, w.decide, w.withdraw, w.wait}[n]()
				}
				w.hold()
				now = w.now.AddDate(0, 0, 31) // the next walk finds nothing open
			})
		})
	}
}
