package bank

import (
	"context"
	"database/sql"
	"fmt"
	"strconv"
	"strings"

	"creditbank/internal/secret"
)

// PersonalKey is one of the keys that seal personal data.
type PersonalKey struct {
	ID      string `json:"id"`
	Primary bool   `json:"primary"` // it seals; the others open what is older
	Texts   int64  `json:"texts"`   // how many it has sealed that are still there
}

// PersonalKeys lists the keys that seal personal data. It promises Denied to all but
// operators and administrators, and the codes of [Bank.RotatePersonalKey].
func (b *Bank) PersonalKeys(ctx context.Context, actor Actor) (list []PersonalKey, err error) {
	if err := actor.need(IsOperator | IsAdministrator); err != nil {
		return nil, err
	}
	keys, err := b.db.personal.load(b.reading(ctx))
	if err != nil {
		return nil, err
	}
	for _, id := range keys.IDs() {
		k := PersonalKey{ID: fmt.Sprintf("%08x", id), Primary: id == keys.Primary()}
		for _, c := range sealedColumns() {
			var count int64
			query := fmt.Sprintf("SELECT count(*) FROM %s WHERE substr(%s, 1, $1) = $2", c.table, c.column)
			prefix := secret.Prefix(id)
			if err := b.db.reader.GetContext(ctx, &count, b.db.bind(query), len(prefix), prefix); err != nil {
				return nil, err
			}
			k.Texts += count
		}
		list = append(list, k)
	}
	return list, nil
}

// RotatePersonalKey makes a new key, seals every personal text again with it, a few
// at a time while others read and write, and drops the old one. One that was
// interrupted goes on where it was. progress hears how many are sealed again.
//
// It promises Denied to all but operators, Unavailable (error.personal_no_key) and
// Conflict (error.personal_other_key), and the codes of [Bank.write].
func (b *Bank) RotatePersonalKey(ctx context.Context, actor Actor, progress func(done int)) error {
	if err := actor.need(IsOperator); err != nil {
		return err
	}
	if err := b.addPersonalKey(ctx, actor); err != nil {
		return err
	}
	done, dropped := 0, false
	for !dropped {
		for _, c := range sealedColumns() {
			if err := b.sealAgain(ctx, actor, c, func(n int) { done += n; progress(done) }); err != nil {
				return err
			}
		}
		// What a process wrote that had begun before the new key is sealed with it in the next round.
		err := b.writeAlone(ctx, actor, func(t *tx) (err error) {
			dropped, err = t.dropOldKeys()
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// addPersonalKey adds a primary key, unless a rotation is under way.
func (b *Bank) addPersonalKey(ctx context.Context, actor Actor) error {
	return b.writeAlone(ctx, actor, func(t *tx) error {
		keys, err := t.sealing()
		if err != nil || len(keys.IDs()) > 1 {
			return err
		}
		added, err := keys.Added()
		if err != nil {
			return err
		}
		return t.storeKeys(added, "add")
	})
}

// storeKeys puts keys in the place of those of before, wrapped by the master key.
func (t *tx) storeKeys(keys *secret.Keys, what string) error {
	master, err := t.db.personal.master()
	if err != nil {
		return err
	}
	return t.storeWrapped(keys, master, what)
}

func (t *tx) storeWrapped(keys *secret.Keys, master *secret.Master, what string) error {
	wrapped, err := keys.Wrap(master)
	if err != nil {
		return err
	}
	t.keys = keys
	if err := t.exec(`UPDATE personal_key SET version = version + 1, wrapped = $1, made_at = $2`, wrapped, micros(t.now)); err != nil {
		return err
	}
	return t.audit("personal_key", fmt.Sprintf("%08x", keys.Primary()), what)
}

// againChunk is how many texts are sealed again in one write, againFiles how many files.
const againChunk, againFiles = 200, 4

// chunk is how many texts of a column are sealed again in one write.
func (c sealedColumn) chunk() int {
	if c.kind == sealedFile {
		return againFiles
	}
	return againChunk
}

// sealAgain seals the texts of a column with the primary key that older keys sealed.
func (b *Bank) sealAgain(ctx context.Context, actor Actor, c sealedColumn, sealed func(n int)) error {
	var last []any
	for {
		var rows []sealedRow
		err := b.write(ctx, actor, func(t *tx) (err error) {
			if rows, err = t.sealedByOthers(c, last); err != nil {
				return err
			}
			return t.sealRows(c, rows)
		})
		if err != nil || len(rows) == 0 {
			return err
		}
		sealed(len(rows))
		last = rows[len(rows)-1].key
	}
}

type sealedRow struct {
	key  []any
	text []byte
}

// sealedByOthers reads the next texts of a column that another key than the primary one sealed.
func (t *tx) sealedByOthers(c sealedColumn, last []any) (list []sealedRow, err error) {
	keys, err := t.sealing()
	if err != nil {
		return nil, err
	}
	columns := strings.Join(c.keys, ", ")
	prefix := secret.Prefix(keys.Primary())
	args := []any{len(prefix), prefix, c.chunk()}
	after := ""
	if last != nil {
		var marks []string
		for _, value := range last {
			args = append(args, value)
			marks = append(marks, "$"+strconv.Itoa(len(args)))
		}
		after = fmt.Sprintf(" AND (%s) > (%s)", columns, strings.Join(marks, ", "))
	}
	err = t.each(func(rows *sql.Rows) error {
		row := sealedRow{key: make([]any, len(c.keys))}
		into := make([]any, len(c.keys), len(c.keys)+1)
		for i := range into {
			into[i] = &row.key[i]
		}
		err := rows.Scan(append(into, &row.text)...)
		list = append(list, row)
		return err
	}, fmt.Sprintf("SELECT %s, %s FROM %s WHERE %s%s ORDER BY %s LIMIT $3", columns, c.column, c.table, c.others(), after, columns), args...)
	return list, err
}

func (t *tx) sealRows(c sealedColumn, rows []sealedRow) error {
	var where []string
	for i, key := range c.keys {
		where = append(where, fmt.Sprintf("%s = $%d", key, i+2))
	}
	query := fmt.Sprintf("UPDATE %s SET %s = $1 WHERE %s", c.table, c.column, strings.Join(where, " AND "))
	for _, row := range rows {
		plain, err := t.unseal(c.kind, rowName(row.key), row.text)
		if err != nil {
			return err
		}
		text, err := t.seal(c.kind, rowName(row.key), plain)
		if err != nil {
			return err
		}
		if err := t.exec(query, append([]any{text}, row.key...)...); err != nil {
			return err
		}
	}
	return nil
}

// dropOldKeys drops all keys but the primary one, when they sealed nothing that is
// still there, and says whether it did.
func (t *tx) dropOldKeys() (dropped bool, err error) {
	keys, err := t.sealing()
	if err != nil || len(keys.IDs()) == 1 {
		return err == nil, err
	}
	prefix := secret.Prefix(keys.Primary())
	for _, c := range sealedColumns() {
		var left bool
		query := fmt.Sprintf("SELECT EXISTS (SELECT 1 FROM %s WHERE %s)", c.table, c.others())
		if err := t.GetContext(t.ctx, &left, t.db.bind(query), len(prefix), prefix); err != nil || left {
			return false, err
		}
	}
	only, err := keys.PrimaryOnly()
	if err != nil {
		return false, err
	}
	return true, t.storeKeys(only, "drop")
}
