package bank

import (
	"context"
	"errors"
	"fmt"
)

// long runs a write of very many results and their entries, in which nothing else is
// written but what belongs to it. The transaction is its own (see [Bank.writeAlone]).
//
// PostgreSQL looks rows up by their indexes: it would keep the plan it made for an empty
// table, which goes through all of it each time.
func (t *tx) long(do func() error) error {
	if !t.db.postgres {
		return t.longOnSQLite(do)
	}
	err := t.exec(`SELECT set_config(way, 'off', true) FROM (VALUES ('enable_seqscan'), ('enable_hashjoin'), ('enable_mergejoin'), ('enable_material')) AS ways (way)`)
	if err != nil {
		return err
	}
	return do() // the transaction ends it
}

// longOnSQLite keeps more pages, and lets rows in that were judged already without
// judging each of them once more: [ledger.Entry.Check] and the reader of results refuse
// all that the conditions of the two tables refuse, an entry has the number that the tree
// over the log has for it, and a plain INSERT replaces nothing. Conditions and trigger
// stay for whoever else writes; with them, SQLite keeps a copy of each page before each
// statement, to take back the statement alone. They are half of what SQLite takes for a
// result. What results refer to is counted as always, and asked for at the commit.
func (t *tx) longOnSQLite(do func() error) (err error) {
	var guard string // empty: somebody else took it away
	if err := t.GetContext(t.ctx, &guard, `SELECT coalesce(max(sql), '') FROM sqlite_schema WHERE type = 'trigger' AND name = 'entry_insert'`); err != nil {
		return fmt.Errorf("the guard of the log: %w", err)
	}
	defer func() { err = errors.Join(err, t.guardAgain()) }()
	if err := t.exec("PRAGMA cache_size = " + longWriteCache + "; PRAGMA ignore_check_constraints = ON; DROP TRIGGER IF EXISTS entry_insert"); err != nil {
		return err
	}
	t.unguarded = true
	defer func() { t.unguarded = false }()
	if err := do(); err != nil {
		return err // nothing of the transaction is kept, and the guard is there as before
	}
	return t.exec(guard)
}

// guardAgain undoes what [tx.longOnSQLite] said of the connection, which lasts longer than
// the transaction, also where that has ended already. A connection on which this fails is
// not used again.
func (t *tx) guardAgain() error {
	_, err := t.conn.ExecContext(context.WithoutCancel(t.ctx), "PRAGMA ignore_check_constraints = OFF; PRAGMA cache_size = "+writerCache)
	if err != nil {
		discard(t.conn)
	}
	return err
}
