package bank_test

import (
	"testing"

	"creditbank/internal/bank"
)

// wantToDo says what waits for an actor.
func wantToDo(t *testing.T, b *bank.Bank, actor bank.Actor, want bank.ToDo) {
	t.Helper()
	if d, err := b.ToDo(ctx, actor); err != nil || d != want {
		t.Errorf("for %s waits %+v, not %+v, %v", actor.Name, d, want, err)
	}
}

// An application waits at its school until it is decided, and an appeal where it is to
// be decided.
func TestWhatWaits(t *testing.T) {
	onBoth(t, func(t *testing.T, b *bank.Bank) {
		applying(t, b)
		earns(t, b, "L1", 1)
		outside := bank.Actor{Name: "elsewhere", Roles: bank.IsDecider, Institution: sends}
		expert := bank.Actor{Name: "expert", Login: "expert", Roles: bank.IsExpert, Institution: takes}
		a := applied(t, b, asks1, toA)
		wantToDo(t, b, decider, bank.ToDo{Applications: 1})
		wantToDo(t, b, clerk, bank.ToDo{Applications: 1})
		for _, other := range []bank.Actor{outside, expert, admin} {
			wantToDo(t, b, other, bank.ToDo{})
		}
		refuse(t, b, a)
		wantToDo(t, b, decider, bank.ToDo{})
		for level, who := range []bank.Actor{decider2, admin} {
			a = seen(t, b, asks1, a.ID)
			a, err := b.AppealApplication(ctx, asks1, a.ID, bank.NewAppeal{Stamp: a.Stamp, Items: []int{0}, Text: "请再看"})
			if err != nil {
				t.Fatal(err)
			}
			wantToDo(t, b, decider, bank.ToDo{Appeals: 1 - level})
			wantToDo(t, b, admin, bank.ToDo{Appeals: level})
			again := bank.NewDecision{Stamp: a.Stamp, Items: []bank.ItemDecision{{Item: 0, Outcome: bank.ItemRefused, Reasons: []string{"HOURS"}, Text: "学时不足", Remedy: "补足学时"}}}
			if _, err := b.DecideAppeal(ctx, who, a.ID, again); err != nil {
				t.Fatal(err)
			}
		}
		wantToDo(t, b, admin, bank.ToDo{})
		_, err := b.ToDo(ctx, asks1)
		wantKey(t, err, bank.Denied, "error.role")
	})
}
