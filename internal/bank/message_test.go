package bank_test

import (
	"testing"

	"creditbank/internal/bank"
)

// Who is told: one learner, one login, or all who have a role there and may come in,
// but not whoever did it.
func TestMessagesReachWhomTheyAreFor(t *testing.T) {
	inTown(t, func(w *town) {
		first, second, other, admin := w.registrar("reg", schoolA), w.registrar("reg2", schoolA), w.registrar("other", schoolB), w.administrator("adm")
		shut := w.registrar("shut", schoolA)
		if err := w.DisableLogin(ctx, operator, shut.Login, true); err != nil {
			t.Fatal(err)
		}
		me := bank.Actor{Name: "u:l", Login: "of-a-learner", Learner: pupilA, Roles: bank.IsLearner}
		send := func(by bank.Actor, learner, login, school string, roles bank.Roles) {
			if err := w.SendTo(ctx, by, learner, login, school, roles, "clock_soon", "/x", map[string]string{"Due": "2026-11-30"}); err != nil {
				t.Fatal(err)
			}
		}
		send(operator, "", "", schoolA, bank.IsRegistrar|bank.IsDecider)
		send(first, "", "", schoolA, bank.IsRegistrar)
		send(operator, "", "", "", bank.IsAdministrator|bank.IsAuditor)
		send(operator, "", other.Login, "", 0)
		send(operator, pupilA, "", "", 0)
		send(operator, pupilX, "", "", 0)
		for _, c := range []struct {
			actor bank.Actor
			want  int
		}{{first, 1}, {second, 2}, {shut, 0}, {other, 1}, {admin, 1}, {me, 1}, {bank.Visitor, 0}} {
			if n, err := w.UnreadMessages(ctx, c.actor); err != nil || n != c.want {
				t.Errorf("%s has %d, %v, want %d", c.actor.Name, n, err, c.want)
			}
		}
		_, err := w.Messages(ctx, bank.Visitor, bank.Window{})
		wantCode(t, "a visitor", err, bank.Denied)
		if _, err := w.Merge(ctx, operator, pupilA, pupilX, bank.Why{Reason: "one person"}); err != nil {
			t.Fatal(err)
		}
		me.Learner = pupilX
		if n, err := w.UnreadMessages(ctx, me); err != nil || n != 2 {
			t.Errorf("after the merge %d, %v, want those of both accounts", n, err)
		}
	})
}

// They come by parts, the newest first, and are marked as read by whom they are for.
func TestMessagesAreRead(t *testing.T) {
	inTown(t, func(w *town) {
		me, other := w.registrar("reg", schoolA), w.registrar("other", schoolB)
		const many = 7
		for range many {
			w.pass(1000)
			if err := w.SendTo(ctx, operator, "", me.Login, "", 0, "clock_soon", "/x", nil); err != nil {
				t.Fatal(err)
			}
		}
		seen := map[string]bool{}
		var last bank.Message
		for window := (bank.Window{Limit: 3}); ; {
			page, err := w.Messages(ctx, me, window)
			if err != nil || page.Total != many {
				t.Fatalf("%+v, %v", page, err)
			}
			for _, m := range page.Items {
				if last.ID != "" && m.Made.After(last.Made) {
					t.Errorf("%v comes after %v", m.Made, last.Made)
				}
				seen[m.ID], last = true, m
			}
			if window.Cursor = page.Next; window.Cursor == "" {
				break
			}
		}
		if len(seen) != many {
			t.Errorf("the parts hold %d", len(seen))
		}
		_, err := w.Messages(ctx, me, bank.Window{Cursor: "x"})
		wantCode(t, "a foreign cursor", err, bank.Invalid)
		open := func(actor bank.Actor) error { _, err := w.OpenMessage(ctx, actor, last.ID); return err }
		wantCode(t, "of somebody else", open(other), bank.NotFound)
		wantCode(t, "a visitor", open(bank.Visitor), bank.Denied)
		wantCode(t, "a visitor", w.ReadMessages(ctx, bank.Visitor), bank.Denied)
		all := func(actor bank.Actor) error { return w.ReadMessages(ctx, actor) }
		for i, step := range []struct {
			read func(bank.Actor) error
			by   bank.Actor
			want int
		}{{open, me, many - 1}, {open, me, many - 1}, {all, other, many - 1}, {all, me, 0}, {all, me, 0}} {
			if err := step.read(step.by); err != nil {
				t.Fatal(err)
			}
			if n, err := w.UnreadMessages(ctx, me); err != nil || n != step.want {
				t.Errorf("after step %d %d are new, %v, want %d", i, n, err, step.want)
			}
		}
	})
}
