package bank_test

import (
	"slices"
	"strings"

	"creditbank/internal/bank"
)

// walks are all kinds of steps.
var walks = []string{"deposit", "apply", "draft", "expire", "due", "merge", "decide", "appeal", "withdraw appeal", "decide appeal", "decide appeal of the bank",
	"withdraw", "meet", "redeem", "revoke", "consequence"}

// lacks are the kinds of steps none of which went through.
func (w *walker) lacks() (steps []string) {
	for _, step := range walks {
		if _, did := w.did.Load(step); !did {
			steps = append(steps, step)
		}
	}
	return steps
}

// merge joins any two accounts that can be, unless two were: then there are others to walk.
func (w *walker) merge() {
	for _, from := range walkers {
		for _, into := range walkers {
			if slices.Contains(w.lacks(), "merge") && from != into {
				_, err := w.b.Merge(ctx, operator, from, into, bank.Why{Reason: "one person"})
				w.judge("merge", err)
			}
		}
	}
}

// complete goes on until a step of every kind went through: between steps of any kind it
// tries those that lack wherever they could go through.
func (w *walker) complete() {
	for range 100 {
		lacks := w.lacks()
		if len(lacks) == 0 {
			return
		}
		for range 10 {
			w.step()
		}
		w.merge()
		page, err := w.b.Applications(ctx, decider, bank.ApplicationFilter{}, bank.Window{Limit: bank.MaxLimit})
		w.judge("look", err)
		for _, found := range page.Items {
			a, err := w.b.Application(ctx, decider, found.ID)
			if w.judge("look", err); err != nil {
				continue
			}
			w.completeBy(lacks, a)
		}
	}
}

// completeBy tries the steps that lack about one application; to decide an appeal there
// must be one, and to meet a condition one that was set.
func (w *walker) completeBy(lacks []string, a bank.Application) {
	for _, step := range lacks {
		switch {
		case step == "meet" && a.State == bank.ApplicationSubmitted:
			w.judge(w.decide(a))
		case strings.HasPrefix(step, "decide appeal") && a.State == bank.ApplicationAppealed:
			w.judge(w.decide(a))
		case strings.HasPrefix(step, "decide appeal"), step == "withdraw appeal" && a.State != bank.ApplicationAppealed:
			w.about("appeal", a)
		case !strings.HasPrefix(step, "decide"):
			w.about(step, a)
		}
	}
}
