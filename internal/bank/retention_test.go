package bank_test

import (
	"context"
	"database/sql"
	"fmt"
	"testing"
	"time"

	"creditbank/internal/bank"
)

func TestRetentionIsTheAdministrators(t *testing.T) {
	onBothOwned(t, func(t *testing.T, b *bank.Bank) {
		ctx := context.Background()
		auditor := bank.Actor{Name: "u:auditor", Roles: bank.IsAuditor, Login: "auditor"}
		for _, actor := range []bank.Actor{bank.Visitor, learnerO1, registrarOf("A"), auditor} {
			wantCode(t, actor.Name, b.SetRetention(ctx, actor, "opening", 40), bank.Denied)
			if actor.Name != auditor.Name {
				_, err := b.Retention(ctx, actor)
				wantCode(t, actor.Name, err, bank.Denied)
			}
		}
		for what, days := range map[string]int{"opening": 29, "share": 3651, "record": 100, "": 100, "correction": -1} {
			wantCode(t, what, b.SetRetention(ctx, administrator, what, days), bank.Invalid)
		}
		for _, days := range []int{40, 50} {
			if err := b.SetRetention(ctx, administrator, "opening", days); err != nil {
				t.Fatal(err)
			}
		}
		rules, err := b.Retention(ctx, auditor)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range rules {
			if want := map[bool]int{true: 50, false: r.Default}[r.What == "opening"]; r.Days != want || r.Default < r.Least || r.Default > r.Most {
				t.Errorf("%+v, want %d days", r, want)
			}
		}
	})
}

// What ended long ago goes, in batches; what runs, or ended just now, stays. Each
// kind is tried, so a kind that is added is tried here too.
func TestSweepRemovesWhatIsOver(t *testing.T) {
	onBothRaw(t, func(t *testing.T, b *bank.Bank, raw *sql.DB) {
		ctx := context.Background()
		owned(t, b)
		fill := sweepCases(t, b, raw)
		if removed, err := b.Sweep(ctx); err != nil || total(removed) != 0 {
			t.Fatalf("of what is new %v was removed, %v", removed, err)
		}
		rules, err := b.Retention(ctx, administrator)
		if err != nil {
			t.Fatal(err)
		}
		now := b.Now()
		for _, r := range rules {
			want, known := fill[r.What]
			if !known {
				t.Errorf("nothing tries the sweep of %s", r.What)
				continue
			}
			b.Now = func() time.Time { return now.AddDate(0, 0, 40) }
			if err := b.SetRetention(ctx, administrator, r.What, r.Least); err != nil {
				t.Fatal(err)
			}
			b.Now = func() time.Time { return now.AddDate(0, 0, r.Least+40) }
			removed, err := b.Sweep(ctx)
			if err != nil || removed[r.What] != want {
				t.Errorf("%s: %v removed, want %d, %v", r.What, removed, want, err)
			}
			if again, err := b.Sweep(ctx); err != nil || again[r.What] != 0 {
				t.Errorf("%s: once more %v removed, %v", r.What, again, err)
			}
		}
		var running, open int
		if err := raw.QueryRow(`SELECT (SELECT count(*) FROM share), (SELECT count(*) FROM correction)`).Scan(&running, &open); err != nil || running != 1 || open != 1 {
			t.Errorf("%d leaves and %d corrections are left, %v", running, open, err)
		}
	})
}

func total(counts map[string]int) (sum int) {
	for _, n := range counts {
		sum += n
	}
	return sum
}

// sweepCases fills in of each kind what will be over, and one thing that will not.
// It gives how many rows of a kind a sweep removes.
func sweepCases(t *testing.T, b *bank.Bank, raw *sql.DB) map[string]int {
	t.Helper()
	ctx := context.Background()
	link, secret := shared(t, b, learnerO1, bank.NewShare{Until: "2027-11-22"})
	for i := range 3 {
		if _, err := b.OpenShare(ctx, fmt.Sprintf("192.0.%d.0/24", i), secret); err != nil {
			t.Fatal(err)
		}
	}
	const many = 1001 // more than two batches
	for i := range many {
		if _, err := raw.Exec(`INSERT INTO share_opening (learner, share, day, network, times, first_at, last_at) VALUES ('O1', $1, 1, $2, 1, 1, $3)`,
			link.ID, fmt.Sprint(i), b.Now().UnixMicro()); err != nil {
			t.Fatal(err)
		}
	}
	for range 2 {
		s, _ := shared(t, b, learnerO1, bank.NewShare{Issuers: []string{"B"}})
		if err := b.WithdrawShare(ctx, learnerO1, s.ID); err != nil {
			t.Fatal(err)
		}
	}
	shared(t, b, learnerO2, bank.NewShare{Institution: "C"}) // ends in 30 days
	for range 2 {
		id := corrected(t, b, learnerO1, bank.NewCorrection{Field: "phone", Value: "1", Why: "x"})
		if err := b.DecideCorrection(ctx, registrarOf("A"), id, false, "no"); err != nil {
			t.Fatal(err)
		}
	}
	corrected(t, b, learnerO1, bank.NewCorrection{Field: "phone", Value: "1", Why: "x"})
	return map[string]int{"opening": 3 + many, "share": 3, "correction": 2}
}
