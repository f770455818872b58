package bank

import (
	"context"
	"database/sql"

	"creditbank/internal/calendar"
)

// RuleHalt is what was decided about a published version of a rule after it was
// published, as everybody may know it: without who asked or decided and what they wrote.
type RuleHalt struct {
	Version int
	Kind    string       // suspend, resume or end
	On      calendar.Day // on which it was decided
	LastDay calendar.Day // of an end: what was completed later is not served
	Reasons []string     // codes of [ReasonCodes]; none: none was given
}

// RuleHalts are those of all versions of a rule, the first first; none of a code that
// is not there.
func (b *Bank) RuleHalts(ctx context.Context, code string) (list []RuleHalt, err error) {
	err = b.db.each(ctx, func(rows *sql.Rows) error {
		var h RuleHalt
		var reasons string
		var decided int64
		err := rows.Scan(&h.Version, &h.Kind, &decided, &h.LastDay, &reasons)
		h.On, h.Reasons = calendar.Of(fromMicros(decided)), splitReasons(reasons)
		list = append(list, h)
		return err
	}, `SELECT version, kind, decided_at, coalesce(last_day, -2147483648), reasons FROM evaluation_halt WHERE equivalence = $1 AND state = 'confirmed' ORDER BY version, seq`, code)
	return list, err
}
