package bank

import (
	"context"
	"database/sql"
	"time"
)

// States of a consequence.
const (
	ConsequenceOpen     = "open"
	ConsequenceKept     = "kept"
	ConsequenceReversed = "reversed"
)

// Consequence is what was built on a result that its issuer revokes: the school that
// took it decides whether it stays, or is reversed.
type Consequence struct {
	ID      string
	Item    int
	Result  RecordRef
	State   string
	Made    time.Time
	By      string // who decided
	Decided time.Time
	Text    string // why, as they wrote
}

const selectConsequences = `SELECT id, item, institution, reference, state, made_at, coalesce(decided_by, ''), coalesce(decided_at, 0), text FROM consequence`

func scanConsequence(rows *sql.Rows, unseal unsealing) (c Consequence, err error) {
	var made, decided int64
	var text []byte
	err = rows.Scan(&c.ID, &c.Item, &c.Result.Institution, &c.Result.Reference, &c.State, &made, &c.By, &decided, &text)
	c.Made, c.Decided = fromMicros(made), fromMicros(decided)
	if err != nil || len(text) == 0 {
		return c, err
	}
	plain, err := unseal("consequence.text", c.ID, text)
	c.Text = string(plain)
	return c, err
}

// readConsequences adds those of an application, the first first.
func (b *Bank) readConsequences(ctx context.Context, a *Application) error {
	return b.db.each(ctx, func(rows *sql.Rows) error {
		c, err := scanConsequence(rows, b.unseal)
		a.Consequences = append(a.Consequences, c)
		return err
	}, selectConsequences+` WHERE application = $1 ORDER BY made_at, id`, a.ID)
}
