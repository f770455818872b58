package bank_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"creditbank/internal/bank"
)

var (
	auditor   = bank.Actor{Name: "u:auditor", Roles: bank.IsAuditor, Origin: "192.0.2.0/24"}
	registrar = bank.Actor{Name: "u:reg", Roles: bank.IsRegistrar, Institution: school, Origin: "198.51.100.0/24"}
	learner   = bank.Actor{Name: "u:l1", Roles: bank.IsLearner, Learner: learnA}
)

// looksOf are the looks that somebody is told of, the newest first: who, what.
func looksOf(t *testing.T, b *bank.Bank, who bank.Actor, account string) (looks []string) {
	t.Helper()
	page, err := b.Looks(ctx, who, account, bank.Window{Limit: bank.MaxLimit})
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range page.Items {
		looks = append(looks, l.Who+" "+l.What)
	}
	return looks
}

func wantLooks(t *testing.T, b *bank.Bank, who bank.Actor, account string, want ...string) {
	t.Helper()
	if got := looksOf(t, b, who, account); fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("looks at %s: %q, want %q", account, got, want)
	}
}

// Every way to a learner's things is noted, once a day each, but the learner's own.
func TestLooksAreNoted(t *testing.T) {
	onBothWithKey(t, func(t *testing.T, b *bank.Bank, _, _ string) {
		now := time.Date(2030, 11, 22, 15, 59, 0, 0, time.UTC) // a minute before the bank's midnight
		b.Now = func() time.Time { return now }
		token := bank.Actor{Name: "api:t", Roles: bank.IsSystem, Institution: school, Scopes: bank.MayRead}
		deposited(t, b, learnA, "R1")
		all := func() {
			t.Helper()
			for _, who := range []bank.Actor{learner, registrar, token, operator} {
				_, err1 := b.ViewAccount(ctx, who, learnA)
				_, err2 := b.ViewResults(ctx, who, learnA, bank.Window{})
				_, err3 := b.ViewStatement(ctx, who, learnA, bank.Window{})
				_, err4 := b.ViewProof(ctx, who, 0)
				for _, err := range []error{err1, err2, err3, err4} {
					if err != nil {
						t.Fatal(err)
					}
				}
			}
		}
		all()
		all()
		want := []string{"operator entry", "operator statement", "operator records", "operator account", "api:t entry", "api:t statement", "api:t records", "api:t account",
			"u:reg entry", "u:reg statement", "u:reg records", "u:reg account"}
		wantLooks(t, b, learner, learnA, want...)
		now = now.Add(2 * time.Minute)
		all()
		wantLooks(t, b, learner, learnA, append(want, want...)...)
		for name, do := range map[string]func() error{
			"plan":  func() error { _, err := b.PlanLearner(ctx, operator, learnA, bank.CheckInput{To: there}); return err },
			"rank":  func() error { _, err := b.RankLearner(ctx, operator, learnA, bank.CheckInput{}); return err },
			"proof": func() error { _, err := b.EntryProof(ctx, auditor, 0); return err },
		} {
			if err := do(); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
		if got := strings.Join(looksOf(t, b, learner, learnA)[:2], ", "); got != "u:auditor entry, operator check" && got != "operator check, u:auditor entry" {
			t.Errorf("plan, ranking and proof are noted as %s", got)
		}
	})
}

// A look says from which school and as what, and a refused one is none.
func TestWhoSeesLooks(t *testing.T) {
	onBothWithKey(t, func(t *testing.T, b *bank.Bank, _, _ string) {
		deposited(t, b, learnA, "R1")
		if _, err := b.ViewAccount(ctx, registrar, learnA); err != nil {
			t.Fatal(err)
		}
		_, err := b.ViewAccount(ctx, registrar, learnB)
		wantRefused(t, err, bank.NotFound)
		page, err := b.Looks(ctx, learner, learnA, bank.Window{})
		if err != nil || page.Total != 1 || len(page.Items) != 1 {
			t.Fatalf("%+v, %v", page, err)
		}
		if got := page.Items[0]; got.Institution != school || got.Role != "registrar" || got.At.IsZero() {
			t.Errorf("%+v", got)
		}
		wantLooks(t, b, auditor, learnB)
		for _, who := range []bank.Actor{registrar, bank.Visitor, {Name: "u:l2", Roles: bank.IsLearner, Learner: learnB}, {Name: "x", Learner: learnA}} {
			_, err := b.Looks(ctx, who, learnA, bank.Window{})
			wantRefused(t, err, bank.NotFound)
		}
		_, err = b.Looks(ctx, auditor, nowhere, bank.Window{})
		wantRefused(t, err, bank.NotFound)
		_, err = b.Looks(ctx, learner, learnA, bank.Window{Cursor: "x"})
		wantRefused(t, err, bank.Invalid, "cursor: cursor")
	})
}

// Looks at an account follow it into the one it is merged into.
func TestLooksFollowAMerge(t *testing.T) {
	onBothWithKey(t, func(t *testing.T, b *bank.Bank, _, _ string) {
		if _, err := b.ViewAccount(ctx, operator, learnB); err != nil {
			t.Fatal(err)
		}
		done(t)(b.Merge(ctx, operator, learnB, learnA, bank.Why{Reason: "twice"}))
		wantLooks(t, b, learner, learnA, "operator account")
	})
}

// Twenty at once, in two processes, are one look.
func TestLooksAtOnce(t *testing.T) {
	onBothWithKey(t, func(t *testing.T, b *bank.Bank, dsn, key string) {
		banks := []*bank.Bank{b, opened(t, dsn, key)}
		var wait sync.WaitGroup
		for i := range 20 {
			wait.Go(func() {
				if _, err := banks[i%2].ViewAccount(ctx, operator, learnA); err != nil {
					t.Error(err)
				}
			})
		}
		wait.Wait()
		wantLooks(t, b, learner, learnA, "operator account")
	})
}

// found are the numbers of the rows that a search gives.
func found(t *testing.T, b *bank.Bank, q bank.AuditQuery, limit int) (numbers []int64) {
	t.Helper()
	for w := (bank.Window{Limit: limit}); ; {
		page, err := b.AuditSearch(ctx, auditor, q, w)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range page.Items {
			numbers = append(numbers, r.Number)
		}
		if w.Cursor = page.Next; w.Cursor == "" {
			if page.Total != len(numbers) {
				t.Errorf("%+v: %d of %d", q, len(numbers), page.Total)
			}
			return numbers
		}
	}
}

func TestAuditSearch(t *testing.T) {
	onBothWithKey(t, func(t *testing.T, b *bank.Bank, _, _ string) {
		now := time.Date(2030, 11, 20, 15, 0, 0, 0, time.UTC)
		b.Now = func() time.Time { return now }
		notes(t, b, 3) // 5–7, behind four imports by the operator at the moment of the test
		now = now.AddDate(0, 0, 2)
		b.Now = func() time.Time { return now }
		if _, err := b.ViewAccount(ctx, operator, learnA); err != nil { // 8
			t.Fatal(err)
		}
		all := found(t, b, bank.AuditQuery{}, 2) // itself is 9
		if fmt.Sprint(all) != "[9 8 7 6 5 4 3 2 1]" {
			t.Errorf("all: %v", all)
		}
		for _, c := range []struct {
			q    bank.AuditQuery
			want string
		}{
			{bank.AuditQuery{Actor: "probe"}, "[7 6 5]"},
			{bank.AuditQuery{Actor: "u:auditor"}, "[9]"},
			{bank.AuditQuery{Object: "n1"}, "[6]"},
			{bank.AuditQuery{Action: "look"}, "[8]"},
			{bank.AuditQuery{Action: "import", Object: "learners"}, "[4]"},
			{bank.AuditQuery{Subject: learnA}, "[10 8]"},
			{bank.AuditQuery{Subject: learnA, Actor: "operator"}, "[8]"},
			{bank.AuditQuery{Subject: "' OR 1=1 --"}, "[]"},
			{bank.AuditQuery{Actor: "probe", From: "2030-11-21"}, "[]"},
			{bank.AuditQuery{Action: "look", From: "2030-11-22", Until: "2030-11-22"}, "[8]"},
			{bank.AuditQuery{Action: "look", Until: "2030-11-21"}, "[]"},
		} {
			if got := fmt.Sprint(found(t, b, c.q, 1)); got != c.want {
				t.Errorf("%+v: %s, want %s", c.q, got, c.want)
			}
		}
		_, err := b.AuditSearch(ctx, auditor, bank.AuditQuery{From: "yesterday", Until: "2026-02-30"}, bank.Window{})
		wantRefused(t, err, bank.Invalid, "from: date", "until: date")
		_, err = b.AuditSearch(ctx, auditor, bank.AuditQuery{}, bank.Window{Cursor: "-1"})
		wantRefused(t, err, bank.Invalid, "cursor: cursor")
		for _, who := range []bank.Actor{bank.Visitor, learner, registrar, {Name: "api:t", Roles: bank.IsSystem, Scopes: bank.MayRead}} {
			_, err := b.AuditSearch(ctx, who, bank.AuditQuery{}, bank.Window{})
			wantRefused(t, err, bank.Denied)
			wantRefused(t, b.AuditExport(ctx, who, bank.AuditQuery{}, nil), bank.Denied)
		}
	})
}
