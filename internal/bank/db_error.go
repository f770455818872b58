package bank

import (
	"context"
	"errors"
	"os"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jmoiron/sqlx"
	"github.com/mattn/go-sqlite3"
)

// Explain turns a failure of the database that a person can do something about,
// such as a full disk, into a refusal that says so; the failure stays its cause.
// It gives nil for any other error.
func Explain(err error) *Error {
	key := explainSQLite(err)
	if key == "" {
		key = explainPostgres(err)
	}
	if key == "" {
		return nil
	}
	return &Error{Code: Unavailable, Key: key, cause: err}
}

func explainSQLite(err error) string {
	var failed sqlite3.Error
	if !errors.As(err, &failed) {
		return ""
	}
	switch failed.Code {
	case sqlite3.ErrFull:
		return "error.db_full"
	case sqlite3.ErrReadonly, sqlite3.ErrPerm:
		return "error.db_readonly"
	case sqlite3.ErrCantOpen:
		return "error.db_open"
	case sqlite3.ErrBusy, sqlite3.ErrLocked:
		return "error.db_busy"
	case sqlite3.ErrNotADB, sqlite3.ErrCorrupt:
		return "error.db_damaged"
	case sqlite3.ErrIoErr:
		return "error.db_io"
	}
	return ""
}

// explainPostgres goes by the classes of SQLSTATE (PostgreSQL, appendix A).
func explainPostgres(err error) string {
	var refused *pgconn.PgError
	if errors.As(err, &refused) {
		for _, known := range [...][2]string{
			{"53100", "error.db_full"}, {"53300", "error.db_busy"}, {"55P03", "error.db_busy"}, {"25006", "error.db_readonly"},
			{"42501", "error.db_readonly"}, {"28", "error.db_login"}, {"3D000", "error.db_missing"}, {"57P", "error.db_connect"}, {"08", "error.db_connect"},
		} {
			if strings.HasPrefix(refused.Code, known[0]) {
				return known[1]
			}
		}
	}
	var unreachable *pgconn.ConnectError
	var unparsed *pgconn.ParseConfigError
	switch {
	case errors.As(err, &unparsed):
		return "error.db_address"
	case errors.As(err, &unreachable), pgconn.Timeout(err):
		return "error.db_connect"
	}
	return ""
}

// refusedCommit says that a commit failed in such a way that certainly nothing was
// kept: a constraint that is looked at last does not hold, or the transaction was
// broken before.
func refusedCommit(err error) bool {
	var failed sqlite3.Error
	if errors.As(err, &failed) {
		return failed.Code == sqlite3.ErrConstraint
	}
	var refused *pgconn.PgError
	if errors.As(err, &refused) {
		return strings.HasPrefix(refused.Code, "23") || refused.Code == "40001" || refused.Code == "40P01"
	}
	return errors.Is(err, pgx.ErrTxCommitRollback)
}

// refuseForeignFile promises Conflict for a SQLite file that holds something
// else than a credit bank, before anything in it is touched.
func refuseForeignFile(ctx context.Context, path string) error {
	if info, err := os.Stat(path); err != nil || !info.Mode().IsRegular() || info.Size() == 0 {
		return nil // what is wrong with it, if anything, is said when it is opened
	}
	db, err := sqlx.ConnectContext(ctx, "sqlite3", sqliteFile(path)+"?mode=ro&_busy_timeout=10000")
	if err != nil {
		return nil // as above
	}
	var tables []string
	err = db.SelectContext(ctx, &tables, "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite!_%' ESCAPE '!'")
	if closing := db.Close(); err != nil || closing != nil {
		return closing
	}
	return refuseForeign(tables)
}

// refuseForeign promises Conflict for tables among which there is no migration.
func refuseForeign(tables []string) error {
	for _, name := range tables {
		if name == "migration" {
			return nil
		}
	}
	if len(tables) == 0 {
		return nil
	}
	return &Error{Code: Conflict, Key: "error.foreign_db", Args: map[string]any{"Table": tables[0]}}
}
