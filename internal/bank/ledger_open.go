package bank

import (
	"context"
	"database/sql"
)

// bookOlder books, once, the results of a database that has results and no
// entries, as one of before the ledger does: each deposit a batch of its own, and
// each use from before the bank opened.
func (b *Bank) bookOlder(ctx context.Context) error {
	older, err := b.hasUnbooked(ctx)
	if err != nil || !older {
		return err
	}
	return b.writeAlone(ctx, ledgerActor, func(t *tx) error {
		var booked bool
		if err := t.GetContext(t.ctx, &booked, `SELECT EXISTS (SELECT 1 FROM entry)`); err != nil || booked {
			return err // another process was first
		}
		if err := t.depositOlder(); err != nil {
			return err
		}
		if err := t.useOlder(); err != nil {
			return err
		}
		return t.audit("import", "ledger", "results of before the ledger were booked")
	})
}

// hasUnbooked tells such a database from one whose entries were removed: that one
// keeps traces of what was booked, and is left for verification to find.
func (b *Bank) hasUnbooked(ctx context.Context) (older bool, err error) {
	err = b.db.reader.GetContext(ctx, &older, `SELECT EXISTS (SELECT 1 FROM record) AND NOT EXISTS (SELECT 1 FROM entry)
		AND NOT EXISTS (SELECT 1 FROM ledger_node) AND NOT EXISTS (SELECT 1 FROM checkpoint) AND NOT EXISTS (SELECT 1 FROM record WHERE salt IS NOT NULL)`)
	return older, err
}

// depositOlder books every result that is there.
func (t *tx) depositOlder() error {
	j, err := t.importJournal()
	if err != nil {
		return err
	}
	worth, err := t.values()
	if err != nil {
		return err
	}
	var last recordKey
	for {
		chunk, err := t.recordsAfter(last)
		if err != nil {
			return err
		}
		if len(chunk) == 0 {
			return j.write()
		}
		if err := j.depositChunk(chunk, worth); err != nil {
			return err
		}
		last = chunk[len(chunk)-1].key
	}
}

func (j *journal) depositChunk(chunk []keyed[recordKey, Record], worth *values) error {
	histories := make(map[RecordRef]*history, len(chunk))
	for _, k := range chunk {
		h := &history{}
		histories[k.key.ref()] = h
		amount, err := worth.of(k.key, k.value)
		if err != nil {
			return err
		}
		salt, err := j.deposit(h, &deposited{k, amount})
		if err != nil {
			return err
		}
		if err := j.exec(`UPDATE record SET salt = $1 WHERE institution = $2 AND reference = $3`, salt, k.key.Institution, k.key.Reference); err != nil {
			return err
		}
		if err := j.close(); err != nil {
			return err
		}
	}
	return j.keepStandings(histories)
}

func (t *tx) useOlder() error {
	uses, err := readMap(t, selectUses, scanUse)
	if err != nil {
		return err
	}
	list := make([]keyed[recordKey, recordUse], 0, len(uses))
	for k, v := range uses {
		list = append(list, keyed[recordKey, recordUse]{k, v})
	}
	sortKeyed(list, compareRecords)
	return t.importUses(list)
}

// recordsAfter reads the next results in the database's own order.
func (t *tx) recordsAfter(last recordKey) (chunk []keyed[recordKey, Record], err error) {
	err = t.each(func(rows *sql.Rows) error {
		k, v, err := scanRecord(rows)
		chunk = append(chunk, keyed[recordKey, Record]{k, v})
		return err
	}, selectRecords+` WHERE (institution, reference) > ($1, $2) ORDER BY institution, reference LIMIT $3`, last.Institution, last.Reference, journalWaits)
	return chunk, err
}
