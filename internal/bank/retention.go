package bank

import (
	"context"
	"database/sql"
	"strconv"
	"time"
)

// RetentionRule is how long one kind of thing is kept after it has ended.
type RetentionRule struct {
	What    string // what it is: "retention." and this is its name in the language files
	Days    int
	Default int // as the bank came
	Least   int
	Most    int
}

// retained is a kind of thing that is not kept for ever, and the statement that
// removes what ended before $1, $2 rows of it at most.
type retained struct {
	RetentionRule
	remove string
}

// retainedTable lists what is swept. What is not here stays: results, entries, the
// audit log, consents, which show on what ground data was kept.
func retainedTable() []retained {
	rule := func(what string, days, least, most int) RetentionRule {
		return RetentionRule{What: what, Days: days, Default: days, Least: least, Most: most}
	}
	return []retained{
		{rule("opening", 365, 30, 1095), `DELETE FROM share_opening WHERE (learner, share, day, network) IN (
			SELECT learner, share, day, network FROM share_opening WHERE last_at < $1 LIMIT $2)`},
		{rule("share", 730, 30, 3650), `DELETE FROM share WHERE id IN (
			SELECT id FROM share WHERE coalesce(withdrawn_at, (until_on + 1) * 86400000000) < $1 LIMIT $2)`},
		{rule("correction", 1095, 180, 3650), `DELETE FROM correction WHERE id IN (
			SELECT id FROM correction WHERE state <> 'open' AND decided_at < $1 LIMIT $2)`},
		{rule("request", 1095, 180, 3650), `DELETE FROM evaluation_request WHERE id IN (
			SELECT id FROM evaluation_request WHERE state NOT IN ('open', 'linked') AND coalesce(answered_at, made_at) < $1 LIMIT $2)`},
		{rule("message", 365, 30, 3650), `DELETE FROM message WHERE id IN (
			SELECT id FROM message WHERE made_at < $1 LIMIT $2)`},
		{rule("letter", 30, 1, 365), `DELETE FROM outbox WHERE message IN (
			SELECT message FROM outbox WHERE ended_at < $1 LIMIT $2)`},
		{rule("invitation", 90, 7, 730), `DELETE FROM invitation WHERE id IN (
			SELECT id FROM invitation WHERE coalesce(used_at, expires_at) < $1 LIMIT $2)`},
		{rule("code", 30, 1, 365), `DELETE FROM claim_code WHERE learner IN (
			SELECT learner FROM claim_code WHERE expires_at < $1 LIMIT $2)`},
		{rule("session", 7, 1, 90), `DELETE FROM session WHERE token IN (
			SELECT token FROM session WHERE expires_at < $1 LIMIT $2)`},
		{rule("attempt", 30, 1, 365), `DELETE FROM attempt WHERE subject IN (
			SELECT subject FROM attempt WHERE at < $1 AND blocked_until < $1 LIMIT $2)`},
		{rule("job", 30, 1, 365), `DELETE FROM job WHERE id IN (
			SELECT id FROM job WHERE NOT kept AND coalesce(ended_at, leased_until) < $1 LIMIT $2)`},
	}
}

// Retention lists how long things are kept. It promises Denied.
func (b *Bank) Retention(ctx context.Context, actor Actor) ([]RetentionRule, error) {
	if err := actor.need(IsAdministrator | IsAuditor | IsOperator); err != nil {
		return nil, err
	}
	table, err := b.retained(ctx)
	rules := make([]RetentionRule, len(table))
	for i, r := range table {
		rules[i] = r.RetentionRule
	}
	return rules, err
}

// retained is the table with the days as they are set.
func (b *Bank) retained(ctx context.Context) ([]retained, error) {
	table := retainedTable()
	err := b.db.each(ctx, func(rows *sql.Rows) error {
		var what string
		var days int
		err := rows.Scan(&what, &days)
		for i := range table {
			if table[i].What == what {
				table[i].Days = days
			}
		}
		return err
	}, `SELECT what, days FROM retention`)
	return table, err
}

// SetRetention says how long one kind of thing is kept. It promises Denied, NotFound,
// and Invalid, naming days.
func (b *Bank) SetRetention(ctx context.Context, actor Actor, what string, days int) error {
	if err := actor.need(IsAdministrator | IsOperator); err != nil {
		return err
	}
	var rule RetentionRule
	for _, r := range retainedTable() {
		if r.What == what {
			rule = r.RetentionRule
		}
	}
	switch {
	case rule.What == "":
		return notFound("retention", what)
	case days < rule.Least || days > rule.Most:
		return invalidField("days", strconv.Itoa(days), "number", map[string]any{"Low": rule.Least, "High": rule.Most})
	}
	return b.write(ctx, actor, func(t *tx) error {
		err := t.exec(`INSERT INTO retention (what, days) VALUES ($1, $2) ON CONFLICT (what) DO UPDATE SET days = $2`, what, days)
		if err != nil {
			return err
		}
		return t.audit("retention.set", what, strconv.Itoa(days))
	})
}

// sweepBatch is how many rows a sweep removes in one write, so that nobody waits long.
const sweepBatch = 500

// Sweep removes what is not to be kept any longer, and gives the number of removed
// rows by kind. The audit log has the numbers. It is safe to run in several
// processes, and after it was broken off.
func (b *Bank) Sweep(ctx context.Context) (map[string]int, error) {
	table, err := b.retained(ctx)
	if err != nil {
		return nil, err
	}
	removed := map[string]int{}
	for _, r := range table {
		for {
			n, err := b.sweep(ctx, r)
			removed[r.What] += n
			if err != nil {
				return removed, err
			}
			if n < sweepBatch {
				break
			}
		}
	}
	return removed, nil
}

// sweep removes one batch.
func (b *Bank) sweep(ctx context.Context, r retained) (removed int, err error) {
	err = b.write(ctx, Operator("retention"), func(t *tx) error {
		before := micros(t.now.Add(-time.Duration(r.Days) * 24 * time.Hour))
		result, err := t.ExecContext(t.ctx, t.db.bind(r.remove), before, sweepBatch)
		if err != nil {
			return err
		}
		n, err := result.RowsAffected()
		if removed = int(n); err != nil || n == 0 {
			return err
		}
		return t.audit("retention.sweep", r.What, strconv.Itoa(removed))
	})
	return removed, err
}
