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
		for what, days := range map[string]int{"opening": 29, "share": 3651, "correction": -1} {
			wantCode(t, what, b.SetRetention(ctx, administrator, what, days), bank.Invalid)
		}
		for _, what := range []string{"record", ""} {
			wantCode(t, what, b.SetRetention(ctx, administrator, what, 100), bank.NotFound)
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
		rules, err := b.Retention(ctx, administrator)
		if err != nil {
			t.Fatal(err)
		}
		now, sum := b.Now(), map[string]int{}
		set := func(what string, days int) {
			if err := b.SetRetention(ctx, administrator, what, days); err != nil {
				t.Fatal(err)
			}
		}
		for _, r := range rules {
			set(r.What, r.Most)
			if _, known := fill[r.What]; !known {
				t.Errorf("nothing tries the sweep of %s", r.What)
			}
		}
		b.Now = func() time.Time { return now.AddDate(0, 0, 60) } // all of it is over for a month
		if removed, err := b.Sweep(ctx); err != nil || total(removed) != 0 {
			t.Fatalf("of what is to be kept %v was removed, %v", removed, err)
		}
		for _, r := range rules {
			set(r.What, r.Least)
			b.Now = func() time.Time { return now.AddDate(0, 0, r.Least+60) }
			removed, err := b.Sweep(ctx)
			if err != nil {
				t.Fatal(err)
			}
			for what, n := range removed {
				sum[what] += n
			}
		}
		for what, want := range fill {
			if sum[what] != want {
				t.Errorf("of %s %d removed, want %d", what, sum[what], want)
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
	rows(t, b, raw)
	return map[string]int{"opening": 3 + many, "share": 3, "correction": 2, "request": 2, "invitation": 2, "code": 1, "session": 1, "attempt": 1, "message": 1, "letter": 1, "job": 1}
}

// rows puts in what logins leave behind, each beside one that ends in ten years.
func rows(t *testing.T, b *bank.Bank, raw *sql.DB) {
	t.Helper()
	now, soon, late := b.Now().UnixMicro(), b.Now().Add(time.Hour).UnixMicro(), b.Now().AddDate(10, 0, 0).UnixMicro()
	key := func(n byte, size int) []byte { return append(make([]byte, size-1), n) }
	invitation := `INSERT INTO invitation (id, digest, kind, made_by, made_at, expires_at, used_at, payload) VALUES ($1, $2, 'staff', 'x', $3, $4, $5, $6)`
	code := `INSERT INTO claim_code (learner, digest, tries_left, made_by, made_at, expires_at) VALUES ($1, $2, 1, 'x', $3, $4)`
	session := `INSERT INTO session (token, id, epoch, agent, origin, data, made_at, seen_at, expires_at, ended) VALUES ($1, $1, 0, '', '', $2, $3, $3, $4, FALSE)`
	attempt := `INSERT INTO attempt (subject, failures, blocked_until, at) VALUES ($1, 1, $2, $3)`
	message := `INSERT INTO message (id, learner, kind, object, args, made_at) VALUES ($1 || '-message', 'O1', 'clock_soon', '/', '{}', $2)`
	letter := `INSERT INTO outbox (message, state, tries, next_at, made_at, ended_at) VALUES ($1, 'sent', 1, $2, $2, $3)`
	job := `INSERT INTO job (id, kind, object, started_by, institution, state, done, total, made_at, updated_at, leased_until, ended_at, cancelled, kept, result, refusal)
		VALUES ($1, 'impact', '', 'x', '', 'done', 1, 1, $2, $2, $2, $3, FALSE, $4, '', '')`
	request := `INSERT INTO evaluation_request (learner, id, institution, course, to_institution, to_programme, to_course, state, made_at, answered_at, answer)
		SELECT 'O1', CAST($1 AS TEXT), c.institution, c.code, p.institution, p.code, '', CAST($2 AS TEXT), CAST($3 AS BIGINT), CAST($4 AS BIGINT), ''
		FROM (SELECT institution, code FROM course ORDER BY 1, 2 LIMIT 1) c, (SELECT institution, code FROM programme ORDER BY 1, 2 LIMIT 1) p`
	for _, in := range [][]any{
		{request, "answered-request", "answered", now, soon}, {request, "withdrawn-request", "withdrawn", now, nil}, {request, "open-request", "open", now, nil},
		{invitation, "used-long-ago", key(1, 32), now, late, soon, nil}, {invitation, "over-long-ago", key(2, 32), now, soon, nil, key(2, 32)},
		{invitation, "still-good", key(3, 32), now, late, nil, key(3, 32)},
		{code, "O1", key(1, 16), now, soon}, {code, "O2", key(2, 16), now, late},
		{session, "over", key(1, 16), now, soon}, {session, "runs", key(2, 16), now, late},
		{message, "over", now}, {message, "later", late}, {letter, "later-message", now, soon},
		{job, "job-that-is-over", now, soon, false}, {job, "job-that-is-kept", now, soon, true},
		{attempt, key(1, 16), soon, now}, {attempt, key(2, 16), late, now},
	} {
		if _, err := raw.Exec(in[0].(string), in[1:]...); err != nil {
			t.Fatal(err)
		}
	}
}
