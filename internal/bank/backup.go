package bank

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/jmoiron/sqlx"
)

// Backup copies the running bank into a file that must not exist yet, and
// checks the copy; that it is taken is noted before. It promises Conflict when the file exists and Invalid for a
// bank on PostgreSQL, whose own tools do this.
func (b *Bank) Backup(ctx context.Context, actor Actor, path string, progress func(done, total int)) error {
	if b.db.postgres {
		return &Error{Code: Invalid, Key: "error.sqlite_only"}
	}
	file, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if errors.Is(err, os.ErrExist) {
		return &Error{Code: Conflict, Key: "error.backup_exists", Args: map[string]any{"Path": path}, cause: err}
	}
	if err != nil {
		return fmt.Errorf("create the backup: %w", err)
	}
	if err := file.Close(); err != nil {
		return err
	}
	if err := b.write(ctx, actor, func(t *tx) error { return t.audit("backup", "", "") }); err != nil {
		return errors.Join(err, removeDatabase(path))
	}
	if err := b.db.copyTo(ctx, path, progress); err != nil {
		return errors.Join(err, removeDatabase(path))
	}
	if err := verifyFile(ctx, path); err != nil {
		return errors.Join(err, removeDatabase(path))
	}
	return syncFile(path)
}

// removeDatabase removes a file and what SQLite may have put beside it.
func removeDatabase(path string) error {
	err := os.Remove(path)
	for _, beside := range []string{"-journal", "-wal", "-shm"} {
		if wrong := os.Remove(path + beside); !errors.Is(wrong, os.ErrNotExist) {
			err = errors.Join(err, wrong)
		}
	}
	return err
}

// verifyFile says whether a file is a sound bank of a schema this program knows.
// It promises Invalid, saying why.
func verifyFile(ctx context.Context, path string) error {
	broken := func(key string, cause error) error {
		return &Error{Code: Invalid, Key: key, Args: map[string]any{"Path": path}, cause: cause}
	}
	db, err := sqlx.ConnectContext(ctx, "sqlite3", sqliteFile(path)+"?mode=ro&immutable=1")
	if err != nil {
		return broken("error.backup_unreadable", err)
	}
	defer func() { _ = db.Close() }()
	var verdict []string
	if err := db.SelectContext(ctx, &verdict, "PRAGMA integrity_check"); err != nil || len(verdict) != 1 || verdict[0] != "ok" {
		return broken("error.backup_damaged", err)
	}
	rows, err := db.QueryContext(ctx, "PRAGMA foreign_key_check")
	if err != nil {
		return broken("error.backup_damaged", err)
	}
	dangling := rows.Next()
	if err := errors.Join(rows.Err(), rows.Close()); err != nil || dangling {
		return broken("error.backup_damaged", err)
	}
	return verifySchema(ctx, db, broken)
}

func verifySchema(ctx context.Context, db *sqlx.DB, broken func(string, error) error) error {
	var names []string
	if err := db.SelectContext(ctx, &names, "SELECT name FROM migration ORDER BY name"); err != nil || len(names) == 0 {
		return broken("error.backup_no_bank", err)
	}
	if last := names[len(names)-1]; last > SchemaVersion() {
		return broken("error.backup_newer", nil)
	}
	return nil
}

// verifyLedgerFile verifies the ledger in a file, if it is from the time of the
// ledger. It promises Invalid, saying what was found.
func verifyLedgerFile(ctx context.Context, path string) error {
	db, err := sqlx.ConnectContext(ctx, "sqlite3", sqliteFile(path)+"?mode=ro&immutable=1")
	if err != nil {
		return err
	}
	defer func() { _ = db.Close() }()
	var tables int
	if err := db.GetContext(ctx, &tables, "SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = 'entry'"); err != nil || tables == 0 {
		return err
	}
	report, err := (&Bank{db: &database{reader: db}}).Verify(ctx, VerifyInput{})
	if err == nil && report.Finding != nil {
		err = &Error{Code: Invalid, Key: "error.backup_ledger", Args: map[string]any{"Path": path, "Finding": report.Finding.Error()}, cause: report.Finding}
	}
	return err
}

// Restore puts a verified backup in the place of the bank at "sqlite:PATH", or
// where none was. What stood there is kept beside it; its path is returned. The audit
// log of what is put in place says so. It promises Invalid for a broken backup or a bank on PostgreSQL, and Conflict
// while a program has the bank open.
func Restore(ctx context.Context, actor Actor, dsn, backup, stamp string) (kept string, err error) {
	path, found := strings.CutPrefix(dsn, "sqlite:")
	if !found {
		return "", &Error{Code: Invalid, Key: "error.sqlite_only"}
	}
	if err := verifyFile(ctx, backup); err != nil {
		return "", err
	}
	if err := verifyLedgerFile(ctx, backup); err != nil {
		return "", err
	}
	copied := path + ".restoring"
	if err := copyFile(backup, copied); err != nil {
		return "", err
	}
	defer func() { _ = removeDatabase(copied) }()
	if err := noteRestore(ctx, actor, copied); err != nil {
		return "", err
	}
	if _, err := os.Stat(path); err == nil {
		kept = path + ".replaced-" + stamp
		if err := setAside(ctx, path, kept); err != nil {
			return "", err
		}
	}
	if err := os.Rename(copied, path); err != nil {
		return kept, fmt.Errorf("put the backup in place: %w", err)
	}
	return kept, syncFolder(filepath.Dir(path))
}

// noteRestore brings a copy up to date and notes that it takes the place of the bank.
func noteRestore(ctx context.Context, actor Actor, path string) error {
	b, err := connect(ctx, "sqlite:"+path)
	if err != nil {
		return err
	}
	err = b.migrate(ctx)
	if err == nil {
		err = b.write(ctx, actor, func(t *tx) error { return t.audit("restore", "", "") })
	}
	return errors.Join(err, b.Close())
}

// setAside moves a database that nobody uses, with all that its log still held.
func setAside(ctx context.Context, path, kept string) error {
	db, err := sqlx.ConnectContext(ctx, "sqlite3", sqliteFile(path)+"?_busy_timeout=200&_locking_mode=EXCLUSIVE")
	if err != nil {
		return inUse(err)
	}
	db.SetMaxOpenConns(1)
	// Leaving the write-ahead log needs the database for oneself alone.
	_, err = db.ExecContext(ctx, "PRAGMA journal_mode=DELETE")
	if err := errors.Join(err, db.Close()); err != nil {
		return inUse(err)
	}
	return os.Rename(path, kept)
}

func inUse(cause error) error { return &Error{Code: Conflict, Key: "error.bank_in_use", cause: cause} }

func copyFile(from, to string) error {
	data, err := os.Open(from)
	if err != nil {
		return err
	}
	defer func() { _ = data.Close() }()
	target, err := os.OpenFile(to, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = target.ReadFrom(data)
	return errors.Join(err, target.Sync(), target.Close())
}

func syncFile(path string) error {
	file, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	return errors.Join(file.Sync(), file.Close(), syncFolder(filepath.Dir(path)))
}

func syncFolder(path string) error {
	folder, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(folder.Sync(), folder.Close())
}
