package bank

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"time"

	"creditbank/schema"
)

// migration is one file of the schema.
type migration struct{ name, text string }

// migrations lists the files for this database in order; a file for one
// database only is recorded under the common name.
func (d *database) migrations() ([]migration, error) {
	entries, err := fs.ReadDir(schema.FS, ".")
	if err != nil {
		return nil, err
	}
	own, other := ".sqlite.sql", ".postgres.sql"
	if d.postgres {
		own, other = other, own
	}
	var list []migration
	for _, e := range entries {
		if strings.HasSuffix(e.Name(), other) {
			continue
		}
		text, err := fs.ReadFile(schema.FS, e.Name())
		if err != nil {
			return nil, err
		}
		name := strings.TrimSuffix(strings.TrimSuffix(e.Name(), own), ".sql")
		list = append(list, migration{name, string(text)})
	}
	slices.SortFunc(list, func(a, b migration) int { return strings.Compare(a.name, b.name) })
	return list, nil
}

// auditMigration chains the audit log, which no SQL does on both databases.
const auditMigration = "0010_audit"

// SchemaVersion is the name of the last migration this program knows.
func SchemaVersion() string {
	list, err := (&database{}).migrations()
	if err != nil || len(list) == 0 {
		return ""
	}
	return list[len(list)-1].name
}

// migrate runs what is new, in one transaction: when a file fails, the bank is as it
// was and the older program goes on with it. It refuses (Conflict)
// a database that holds a migration this program does not know.
//
// On SQLite references are not followed meanwhile: a table that is made anew would
// take those that refer to it along. Each file checks them all before it is kept.
func (b *Bank) migrate(ctx context.Context) error {
	list, err := b.db.migrations()
	if err != nil {
		return err
	}
	if b.db.postgres {
		return b.migrateAll(ctx, list)
	}
	if err := b.db.followReferences(ctx, false); err != nil {
		return err
	}
	return errors.Join(b.migrateAll(ctx, list), b.db.followReferences(ctx, true))
}

// followReferences tells the one writing connection of SQLite, outside of any
// transaction, whether foreign keys hold.
func (d *database) followReferences(ctx context.Context, on bool) error {
	var is bool
	if _, err := d.writer.ExecContext(ctx, fmt.Sprintf("PRAGMA foreign_keys = %t", on)); err != nil {
		return err
	}
	if err := d.writer.GetContext(ctx, &is, "PRAGMA foreign_keys"); err != nil {
		return err
	}
	if is != on {
		return fmt.Errorf("foreign_keys is %t, not %t", is, on)
	}
	return nil
}

func (b *Bank) migrateAll(ctx context.Context, list []migration) error {
	return b.writeSchema(ctx, Operator("migrate"), func(t *tx) error {
		applied, err := t.appliedMigrations()
		if err != nil {
			return err
		}
		for _, name := range applied {
			if !slices.ContainsFunc(list, func(m migration) bool { return m.name == name }) {
				return &Error{Code: Conflict, Key: "error.newer_schema", Args: map[string]any{"Name": name}}
			}
		}
		for _, m := range list {
			if slices.Contains(applied, m.name) {
				continue
			}
			if err := t.apply(m); err != nil {
				return err
			}
		}
		return nil
	})
}

func (t *tx) appliedMigrations() ([]string, error) {
	if err := t.refuseForeignTables(); err != nil {
		return nil, err
	}
	if err := t.exec(`CREATE TABLE IF NOT EXISTS migration (name TEXT PRIMARY KEY, applied_at BIGINT NOT NULL)`); err != nil {
		return nil, err
	}
	var names []string
	err := t.each(func(rows *sql.Rows) error {
		var name string
		names = append(names, name)
		return rows.Scan(&names[len(names)-1])
	}, `SELECT name FROM migration ORDER BY name`)
	return names, err
}

// refuseForeignTables keeps the bank out of a schema of PostgreSQL that is
// somebody else's; a SQLite file was looked at before it was opened.
func (t *tx) refuseForeignTables() error {
	if !t.db.postgres {
		return nil
	}
	var tables []string
	if err := t.SelectContext(t.ctx, &tables, `SELECT tablename FROM pg_tables WHERE schemaname = current_schema() ORDER BY tablename`); err != nil {
		return err
	}
	return refuseForeign(tables)
}

func (t *tx) apply(m migration) error {
	if _, err := t.ExecContext(t.ctx, m.text); err != nil {
		return fmt.Errorf("migration %s: %w", m.name, err)
	}
	if m.name == auditMigration {
		if err := t.chainOlder(); err != nil {
			return fmt.Errorf("migration %s: %w", m.name, err)
		}
	}
	if err := t.checkReferences(m.name); err != nil {
		return err
	}
	return t.exec(`INSERT INTO migration (name, applied_at) VALUES ($1, $2)`, m.name, micros(t.now))
}

// checkReferences fails when a row refers to one that is not there. PostgreSQL never let it.
func (t *tx) checkReferences(name string) error {
	if t.db.postgres {
		return nil
	}
	return t.each(func(rows *sql.Rows) error {
		var table, parent string
		var row, key sql.NullInt64
		if err := rows.Scan(&table, &row, &parent, &key); err != nil {
			return err
		}
		return fmt.Errorf("migration %s: row %d of %s refers to no %s", name, row.Int64, table, parent)
	}, "PRAGMA foreign_key_check")
}

// micros is an instant as it is stored: UTC microseconds.
func micros(at time.Time) int64 { return at.UTC().UnixMicro() }
