package bank

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	// The two drivers are named here and nowhere else.
	_ "github.com/jackc/pgx/v5/stdlib"
	"github.com/jmoiron/sqlx"
	_ "github.com/mattn/go-sqlite3"
)

// database is the one place that knows there are two kinds.
type database struct {
	writer   *sqlx.DB // SQLite: one connection
	reader   *sqlx.DB
	postgres bool
	path     string // of the SQLite file
}

// openDatabase takes "sqlite:PATH" or "postgres://…".
func openDatabase(ctx context.Context, dsn string) (*database, error) {
	if path, found := strings.CutPrefix(dsn, "sqlite:"); found && path != "" {
		return openSQLite(ctx, path)
	}
	if strings.HasPrefix(dsn, "postgres://") || strings.HasPrefix(dsn, "postgresql://") {
		return openPostgres(ctx, dsn)
	}
	return nil, &Error{Code: Invalid, Key: "error.dsn"}
}

// openSQLite keeps a single writing connection, which begins immediately, and
// reading ones that cannot write. synchronous=FULL: the driver's own default
// loses acknowledged commits when the power fails.
func openSQLite(ctx context.Context, path string) (*database, error) {
	if _, err := os.Stat(filepath.Dir(path)); err != nil {
		return nil, &Error{Code: NotFound, Key: "error.db_folder", Args: map[string]any{"Path": filepath.Dir(path)}, cause: err}
	}
	file := sqliteFile(path)
	if err := refuseForeignFile(ctx, path); err != nil {
		return nil, err
	}
	const common = "_journal_mode=WAL&_synchronous=FULL&_foreign_keys=on&_busy_timeout=10000"
	writer, err := sqlx.ConnectContext(ctx, "sqlite3", file+"?_txlock=immediate&"+common)
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", path, err)
	}
	writer.SetMaxOpenConns(1)
	var synchronous int
	if err := writer.GetContext(ctx, &synchronous, "PRAGMA synchronous"); err != nil || synchronous != 2 {
		return nil, errors.Join(fmt.Errorf("open %s: synchronous is %d, not FULL", path, synchronous), err, writer.Close())
	}
	reader, err := sqlx.ConnectContext(ctx, "sqlite3", file+"?mode=ro&_query_only=1&"+common)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open %s for reading: %w", path, err), writer.Close())
	}
	reader.SetMaxOpenConns(8)
	return &database{writer: writer, reader: reader, path: path}, nil
}

// sqliteFile is a path as the driver takes it, whatever characters it has.
func sqliteFile(path string) string { return "file:" + (&url.URL{Path: path}).EscapedPath() }

func openPostgres(ctx context.Context, dsn string) (*database, error) {
	db, err := sqlx.ConnectContext(ctx, "pgx", dsn)
	if err != nil {
		return nil, fmt.Errorf("open PostgreSQL: %w", err)
	}
	var encoding string
	if err := db.GetContext(ctx, &encoding, "SHOW server_encoding"); err != nil || encoding != "UTF8" {
		if err == nil {
			err = &Error{Code: Invalid, Key: "error.db_encoding", Args: map[string]any{"Encoding": encoding}}
		}
		return nil, errors.Join(err, db.Close())
	}
	db.SetMaxOpenConns(16)
	db.SetConnMaxIdleTime(5 * time.Minute)
	return &database{writer: db, reader: db, postgres: true}, nil
}

func (d *database) close() error {
	if d.postgres {
		return d.writer.Close()
	}
	return errors.Join(d.reader.Close(), d.writer.Close())
}

// bind turns the one text of a statement into the database's own: SQLite's
// numbered parameters are ?1 where PostgreSQL's are $1. No $ stands in a literal.
func (d *database) bind(query string) string {
	if d.postgres {
		return query
	}
	return strings.ReplaceAll(query, "$", "?")
}

// snapshotIsolation is the isolation in which all reads of a transaction see one moment.
func (d *database) snapshotIsolation() sql.IsolationLevel {
	if d.postgres {
		return sql.LevelRepeatableRead
	}
	return sql.LevelDefault
}

// tx is one transaction: it carries who acts and the one moment of all it writes.
type tx struct {
	*sqlx.Tx
	ctx   context.Context
	db    *database
	actor Actor
	now   time.Time
}

// errRollback ends a transaction on purpose: nothing is kept and nobody is told of a failure.
var errRollback = errors.New("rolled back on purpose")

// write is the only begin and commit. One writer at a time, on both databases
// and across processes: what is decided on is read inside.
func (b *Bank) write(ctx context.Context, actor Actor, do func(*tx) error) error {
	t, err := b.db.writer.BeginTxx(ctx, nil)
	if err != nil {
		return fmt.Errorf("begin: %w", err)
	}
	// After a commit this does nothing; otherwise, also in a panic, nothing is kept.
	defer func() { _ = t.Rollback() }()
	work := &tx{Tx: t, ctx: ctx, db: b.db, actor: actor, now: b.Now()}
	if b.db.postgres {
		// The number is the bank's own: any fixed one does.
		if _, err := t.ExecContext(ctx, "SELECT pg_advisory_xact_lock(7203517)"); err != nil {
			return fmt.Errorf("lock: %w", err)
		}
	}
	if err := do(work); err != nil {
		if errors.Is(err, errRollback) {
			return nil
		}
		return err
	}
	if err := t.Commit(); err != nil {
		return fmt.Errorf("commit, outcome unknown: %w", err)
	}
	return nil
}

func (t *tx) exec(query string, args ...any) error {
	_, err := t.ExecContext(t.ctx, t.db.bind(query), args...)
	if err != nil {
		return fmt.Errorf("%w in %s", err, firstLine(query))
	}
	return nil
}

// each calls scan for every row. The rows are read to their end or to the first error.
func (t *tx) each(scan func(*sql.Rows) error, query string, args ...any) error {
	rows, err := t.QueryContext(t.ctx, t.db.bind(query), args...)
	return eachRow(rows, err, scan, query)
}

// each reads outside a transaction.
func (d *database) each(ctx context.Context, scan func(*sql.Rows) error, query string, args ...any) error {
	rows, err := d.reader.QueryContext(ctx, d.bind(query), args...)
	return eachRow(rows, err, scan, query)
}

func eachRow(rows *sql.Rows, err error, scan func(*sql.Rows) error, query string) error {
	if err != nil {
		return fmt.Errorf("%w in %s", err, firstLine(query))
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		if err := scan(rows); err != nil {
			return fmt.Errorf("scan: %w in %s", err, firstLine(query))
		}
	}
	return rows.Err()
}

// insertChunk is how many rows go into one INSERT; with it the number of
// parameters stays under the limits of both databases.
const insertChunk = 200

// insert writes rows of a table in multi-row statements.
func (t *tx) insert(table string, columns []string, rows [][]any) error {
	for len(rows) > 0 {
		n := min(len(rows), insertChunk)
		query, args := insertStatement(table, columns, rows[:n])
		if err := t.exec(query, args...); err != nil {
			return err
		}
		rows = rows[n:]
	}
	return nil
}

func insertStatement(table string, columns []string, rows [][]any) (string, []any) {
	var q strings.Builder
	fmt.Fprintf(&q, "INSERT INTO %s (%s) VALUES ", table, strings.Join(columns, ", "))
	args := make([]any, 0, len(rows)*len(columns))
	for i, row := range rows {
		if i > 0 {
			q.WriteByte(',')
		}
		q.WriteByte('(')
		for j, value := range row {
			if j > 0 {
				q.WriteByte(',')
			}
			args = append(args, value)
			fmt.Fprintf(&q, "$%d", len(args))
		}
		q.WriteByte(')')
	}
	return q.String(), args
}

// firstLine names a statement in an error: of an INSERT the table alone, since
// the rest of it is as long as its rows are many.
func firstLine(query string) string {
	line, _, _ := strings.Cut(strings.TrimSpace(query), "\n")
	if strings.HasPrefix(line, "INSERT INTO ") {
		line, _, _ = strings.Cut(line, " (")
	}
	return line
}
