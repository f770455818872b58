package bank

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"
)

// sealOlder seals what a database of before the sealing keeps in plain text, and
// removes it so that no byte stays: neither in free pages nor in the log. What is
// interrupted goes on at the next opening; without a master key it waits.
func (b *Bank) sealOlder(ctx context.Context) error {
	var plain bool
	if err := b.db.reader.GetContext(ctx, &plain, `SELECT EXISTS (SELECT 1 FROM learner_plain)`); err != nil || !plain {
		return err
	}
	for done := false; !done; {
		err := b.writeSchema(ctx, Operator("migrate"), func(t *tx) (err error) {
			done, err = t.sealSomeOlder()
			return err
		})
		if CodeOf(err) == Unavailable {
			return nil // reading a learner says why
		}
		if err != nil {
			return err
		}
	}
	if err := b.db.scrub(ctx, "learner", "learner_plain"); err != nil {
		return err
	}
	return b.writeSchema(ctx, Operator("migrate"), func(t *tx) error {
		return t.exec(`DELETE FROM learner_plain WHERE account = ''`)
	})
}

// olderChunk is how many learners are sealed in one transaction.
const olderChunk = 2000

// sealSomeOlder seals some of the learners that are kept in plain text, and says
// whether there was none left.
func (t *tx) sealSomeOlder() (done bool, err error) {
	older, err := t.plainLearners()
	if err != nil || len(older) == 0 {
		return err == nil, err
	}
	var index [][]any
	for _, k := range older {
		sealed, err := t.sealPerson(k.key, k.value)
		if err != nil {
			return false, err
		}
		if err := t.exec(`UPDATE learner SET sealed = $1 WHERE account = $2`, sealed, k.key); err != nil {
			return false, err
		}
		if index, err = t.indexRows(index, k.key, k.value); err != nil {
			return false, err
		}
	}
	// Numbers that differ only in how they were written were two before: the first is found by it.
	for some := range slices.Chunk(index, insertChunk) {
		err := t.exec("INSERT INTO learner_index (learner, field, digest) VALUES "+tuples(len(some), 3)+" ON CONFLICT DO NOTHING", slices.Concat(some...)...)
		if err != nil {
			return false, err
		}
	}
	last := older[len(older)-1].key
	if err := t.exec(`DELETE FROM learner_plain WHERE account <> '' AND account <= $1`, last); err != nil {
		return false, err
	}
	return false, t.audit("seal", "learners", fmt.Sprintf("sealed=%d", len(older)))
}

func (t *tx) plainLearners() (older []keyed[string, Person], err error) {
	err = t.each(func(rows *sql.Rows) error {
		var k keyed[string, Person]
		p := &k.value
		err := rows.Scan(&k.key, &p.Name, &p.IDType, &p.IDNumber, &p.SchoolNumber, &p.Born, &p.Gender, &p.Phone, &p.Email)
		older = append(older, k)
		return err
	}, `SELECT account, name, id_type, id_number, school_number, birth_date, gender, phone, email FROM learner_plain
		WHERE account <> '' ORDER BY account LIMIT $1`, olderChunk)
	return older, err
}

// scrub writes tables anew, so that nothing of what was removed from them stays. On
// SQLite that is the whole file, and its log is emptied.
func (d *database) scrub(ctx context.Context, tables ...string) error {
	if !d.postgres {
		if _, err := d.writer.ExecContext(ctx, "VACUUM"); err != nil {
			return fmt.Errorf("vacuum: %w", err)
		}
		return d.emptyLog(ctx)
	}
	for _, table := range tables {
		if _, err := d.writer.ExecContext(ctx, "VACUUM FULL "+table); err != nil {
			return fmt.Errorf("vacuum %s: %w", table, err)
		}
	}
	return nil
}

// wholeAnew is how large a SQLite file, in bytes, is written anew after an erasure,
// which takes seconds.
const wholeAnew = 1 << 30

// sweep takes what was removed from tables out of what the database keeps beside
// them: on SQLite its log, on PostgreSQL the rows of before. SQLite overwrites what
// is removed, but a page that was split before may keep a copy of a sealed row in
// its gap: a file that is not too large is written anew. In a larger one the copy
// stays sealed, until a change of keys makes it unreadable for good.
func (d *database) sweep(ctx context.Context, tables []string) error {
	if !d.postgres {
		if info, err := os.Stat(d.path); err == nil && info.Size() <= wholeAnew {
			return d.scrub(ctx)
		}
		return d.emptyLog(ctx)
	}
	_, err := d.writer.ExecContext(ctx, "VACUUM "+strings.Join(tables, ", "))
	return err
}

// logTries is how often emptyLog asks again while readers look at an older moment.
const logTries = 3

// emptyLog brings what SQLite's log holds into the file and empties the log. It
// promises Unavailable (error.db_busy) while somebody keeps reading an older moment.
func (d *database) emptyLog(ctx context.Context) error {
	for range logTries {
		var busy, pages, moved int
		row := d.writer.QueryRowContext(ctx, "PRAGMA wal_checkpoint(TRUNCATE)")
		if err := row.Scan(&busy, &pages, &moved); err != nil {
			return fmt.Errorf("checkpoint: %w", err)
		}
		if busy == 0 {
			return nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(100 * time.Millisecond):
		}
	}
	return &Error{Code: Unavailable, Key: "error.db_busy", cause: errors.New("the log could not be emptied")}
}
