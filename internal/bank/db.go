package bank

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"time"

	// The two drivers are named here and nowhere else.
	_ "github.com/jackc/pgx/v5/stdlib"
	"github.com/jmoiron/sqlx"
	_ "github.com/mattn/go-sqlite3"

	"creditbank/internal/ledger"
	"creditbank/internal/secret"
)

// database is the one place that knows there are two kinds.
type database struct {
	writer   *sqlx.DB // one connection
	reader   *sqlx.DB
	postgres bool
	path     string        // of the SQLite file
	patience time.Duration // PostgreSQL: how long a write waits for that of another process
	queue    *queue
	carrier  *carrier     // nil on PostgreSQL
	keyed    atomic.Int64 // writes that came with a key
	tree     growingTree  // the writer's
	inserts  statements   // the writer's
	personal *keyring
	letters  atomic.Bool // messages are put into the outbox, too

	auditHead ledger.Head // the writer's: where the audit log ended when it was last written or read
}

// openDatabase takes "sqlite:PATH" or "postgres://…" and starts the writer.
func openDatabase(ctx context.Context, dsn string) (*database, error) {
	d, err := connectDatabase(ctx, dsn)
	if err != nil {
		return nil, err
	}
	if !d.postgres {
		if d.carrier, err = startCarrier(ctx, sqliteFile(d.path)+"?_synchronous=FULL"); err != nil {
			return nil, errors.Join(err, d.reader.Close(), d.writer.Close())
		}
	}
	d.personal = &keyring{}
	d.queue = newQueue(d)
	return d, nil
}

func connectDatabase(ctx context.Context, dsn string) (*database, error) {
	if path, found := strings.CutPrefix(dsn, "sqlite:"); found && path != "" {
		return openSQLite(ctx, path)
	}
	if strings.HasPrefix(dsn, "postgres://") || strings.HasPrefix(dsn, "postgresql://") {
		return openPostgres(ctx, dsn)
	}
	return nil, &Error{Code: Invalid, Key: "error.dsn"}
}

// keptStatements is how many prepared statements a connection to SQLite keeps: those
// of all inserts, in their sizes, and the others. pgx keeps 512.
const keptStatements = 160

// How many pages of its trees the connection that writes to SQLite keeps (negative: in
// KiB). A commit looks through all of them when a page was split in it, so that more
// cost a deposit more than they save (4 MB: 145 µs of processor time with all that belongs
// to it, 16 MB: 165); a long write, which commits once, has more.
const (
	writerCache    = "-4096"
	longWriteCache = "-16384"
)

// patience is how long a write waits for that of another process.
const patience = 10 * time.Second

// openSQLite keeps a single writing connection, which begins immediately, and
// reading ones that cannot write. synchronous=FULL: the driver's own default
// loses acknowledged commits when the power fails. secure_delete: what is removed is
// overwritten.
func openSQLite(ctx context.Context, path string) (*database, error) {
	if _, err := os.Stat(filepath.Dir(path)); err != nil {
		return nil, &Error{Code: NotFound, Key: "error.db_folder", Args: map[string]any{"Path": filepath.Dir(path)}, cause: err}
	}
	file := sqliteFile(path)
	if err := refuseForeignFile(ctx, path); err != nil {
		return nil, err
	}
	if err := makeOwnFile(path); err != nil {
		return nil, err
	}
	common := fmt.Sprintf("_journal_mode=WAL&_synchronous=FULL&_foreign_keys=on&_stmt_cache_size=%d&_busy_timeout=%d", keptStatements, patience.Milliseconds())
	writer, err := sqlx.ConnectContext(ctx, "sqlite3", file+"?_txlock=immediate&_secure_delete=on&"+common)
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", path, err)
	}
	writer.SetMaxOpenConns(1)
	if _, err := writer.ExecContext(ctx, "PRAGMA wal_autocheckpoint = "+tooLongLog+"; PRAGMA cache_size = "+writerCache); err != nil {
		return nil, errors.Join(fmt.Errorf("open %s: %w", path, err), writer.Close())
	}
	var synchronous int
	if err := writer.GetContext(ctx, &synchronous, "PRAGMA synchronous"); err != nil || synchronous != 2 {
		return nil, errors.Join(fmt.Errorf("open %s: synchronous is %d, not FULL", path, synchronous), err, writer.Close())
	}
	reader, err := sqlx.ConnectContext(ctx, "sqlite3", file+"?mode=ro&_query_only=1&"+common)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open %s for reading: %w", path, err), writer.Close())
	}
	keepOpen(reader, 8)
	return &database{writer: writer, reader: reader, path: path}, nil
}

// makeOwnFile makes the file of a new bank, which nobody but its owner may read; its
// log gets the same rights from SQLite.
func makeOwnFile(path string) error {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_RDWR, 0o600)
	if errors.Is(err, os.ErrExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("make %s: %w", path, err)
	}
	return file.Close()
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
	keepOpen(db, 16)
	writer, err := sqlx.ConnectContext(ctx, "pgx", dsn)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open PostgreSQL for writing: %w", err), db.Close())
	}
	keepOpen(writer, 1) // the one that has all statements of a write prepared
	return &database{writer: writer, reader: db, postgres: true, patience: patience}, nil
}

// keepOpen lets a database have so many connections, and keeps those that are not
// in use for the next who asks: making one costs more than most questions.
func keepOpen(db *sqlx.DB, most int) {
	db.SetMaxOpenConns(most)
	db.SetMaxIdleConns(most)
	db.SetConnMaxIdleTime(5 * time.Minute)
}

// close lets the writes that wait come to their end first.
func (d *database) close() error {
	d.queue.close()
	return errors.Join(d.carrier.close(), d.reader.Close(), d.writer.Close())
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

// readings begins some readings that all see one moment. What identifies a moment is
// for the asker to say: a question with one text as its answer, which every
// write changes that the asker could see.
func (d *database) readings(ctx context.Context, n int, moment string) ([]*sqlx.Tx, error) {
	for {
		all, same, err := d.tryReadings(ctx, n, moment)
		if err == nil && same {
			return all, nil
		}
		for _, t := range all {
			err = errors.Join(err, t.Rollback())
		}
		if err = errors.Join(err, ctx.Err()); err != nil {
			return nil, err
		}
	}
}

// tryReadings begins them one after the other. PostgreSQL hands the moment of the
// first on; on SQLite a write may come between them, which is seen by its moment.
func (d *database) tryReadings(ctx context.Context, n int, moment string) (all []*sqlx.Tx, same bool, err error) {
	var first, at, exported string
	for i := range n {
		t, err := d.reader.BeginTxx(ctx, &sql.TxOptions{Isolation: d.snapshotIsolation(), ReadOnly: true})
		if err != nil {
			return all, false, err
		}
		all = append(all, t)
		switch {
		case d.postgres && i == 0:
			err = t.GetContext(ctx, &exported, `SELECT pg_export_snapshot()`)
		case d.postgres:
			_, err = t.ExecContext(ctx, `SET TRANSACTION SNAPSHOT '`+exported+`'`) // takes no parameter
		}
		if err == nil {
			err = t.GetContext(ctx, &at, moment)
		}
		if i == 0 {
			first = at
		}
		if err != nil || at != first {
			return all, false, err
		}
	}
	return all, true, nil
}

// writing is the writing transaction with the connection that it has.
type writing struct {
	*sqlx.Tx
	conn *sqlx.Conn
}

// Commit gives the connection back, too.
func (w *writing) Commit() error {
	err := w.Tx.Commit()
	_ = w.conn.Close() // what a broken connection says is said by the next that begins
	return err
}

// Rollback gives the connection back, too.
func (w *writing) Rollback() error {
	err := w.Tx.Rollback()
	_ = w.conn.Close() // see Commit
	return err
}

// begin begins the writing transaction. It is bound to no caller's context, so
// that nobody's leaving ends it.
func (d *database) begin() (*writing, error) {
	t, err := d.beginOn()
	if errors.Is(err, driver.ErrBadConn) { // the one that was kept open was closed by the server
		t, err = d.beginOn()
	}
	if err != nil {
		return nil, fmt.Errorf("begin: %w", err)
	}
	if !d.postgres {
		return t, nil
	}
	// SQLite locks as it begins. The number is the bank's own: any fixed one does.
	_, err = t.Exec(fmt.Sprintf("SET LOCAL lock_timeout = %d; SELECT pg_advisory_xact_lock(7203517); SET LOCAL lock_timeout = 0", d.patience.Milliseconds()))
	if err != nil {
		return nil, errors.Join(fmt.Errorf("lock: %w", err), t.Rollback())
	}
	return t, nil
}

func (d *database) beginOn() (*writing, error) {
	conn, err := d.writer.Connx(context.Background())
	if err != nil {
		return nil, err
	}
	t, err := conn.BeginTxx(context.Background(), nil)
	if err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	return &writing{t, conn}, nil
}

// tx is what one write sees of the transaction: it carries who acts and the one
// moment of all it writes, which is never before that of an earlier write.
type tx struct {
	*sqlx.Tx
	conn  *sqlx.Conn // that of the transaction; only writes have it
	ctx   context.Context
	db    *database
	actor Actor
	now   time.Time
	keys  *secret.Keys // those of this moment, once they were asked for

	unguarded bool // see [tx.longOnSQLite]: no statement is taken back alone
}

// errRollback ends a transaction on purpose: nothing is kept and nobody is told of a failure.
var errRollback = errors.New("rolled back on purpose")

// write runs do inside a transaction and keeps what it wrote, or nothing of it.
// With [Bank.writeAlone] it is the only begin and commit: one writer at a time, on
// both databases and across processes, so what is decided on is read inside.
//
// Writes that wait share one transaction and so one flush of the disk, each in a
// savepoint of its own: see [group]. Each is answered after the commit only. do
// runs in the caller's goroutine, so a panic in it is the caller's and nobody
// else's. These rules come with it:
//   - do may run a second time, when a neighbour broke the transaction: it sets
//     what it hands out and never adds to it;
//   - it returns every error that a statement gave, since PostgreSQL goes on only
//     after a rollback;
//   - it is short, and asks nobody but the database: all others wait for it;
//   - it begins no write, which would wait for itself.
//
// A ctx that ends before do begins withdraws the write; after that do runs to its
// end, whatever ctx says, and the answer is what happened.
//
// The codes it promises, beside those of do: TooMany (error.queue_full, Args
// "Seconds") when too many wait; Unavailable (error.closing) after Close;
// Unavailable (error.outcome_unknown) when the commit itself failed, which may have
// kept everything or nothing: the caller asks again with the same key. What
// [Explain] says of any of them is the database's own reason.
func (b *Bank) write(ctx context.Context, actor Actor, do func(*tx) error) error {
	return b.db.queue.write(newJob(ctx, actor, b.Now, do))
}

// writeAlone is write for what takes long, such as an import: nobody shares its
// transaction, do runs once, and the end of ctx ends it with nothing kept. It takes
// its place in the order of all writes; those behind it wait until it is done. So
// its input is at hand before it begins, never on its way from a slow client.
func (b *Bank) writeAlone(ctx context.Context, actor Actor, do func(*tx) error) error {
	j := newJob(ctx, actor, b.Now, do)
	j.alone = true
	return b.db.queue.write(j)
}

// writeSchema is writeAlone for migrations, whose instant is not one that later
// writes have to follow.
func (b *Bank) writeSchema(ctx context.Context, actor Actor, do func(*tx) error) error {
	j := newJob(ctx, actor, b.Now, do)
	j.alone, j.timeless = true, true
	return b.db.queue.write(j)
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

// each reads outside a transaction, or at the moment of the context.
func (d *database) each(ctx context.Context, scan func(*sql.Rows) error, query string, args ...any) error {
	rows, err := d.from(ctx).QueryContext(ctx, d.bind(query), args...)
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

// firstLine names a statement in an error: of an INSERT the table alone, since
// the rest of it is as long as its rows are many.
func firstLine(query string) string {
	line, _, _ := strings.Cut(strings.TrimSpace(query), "\n")
	if strings.HasPrefix(line, "INSERT INTO ") {
		line, _, _ = strings.Cut(line, " (")
	}
	return line
}
