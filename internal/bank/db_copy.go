package bank

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/jmoiron/sqlx"
	"github.com/mattn/go-sqlite3"
)

// backupPages is how many pages are copied between two looks at the progress;
// the bank goes on in between.
const backupPages = 512

// copyTo runs SQLite's online backup.
func (d *database) copyTo(ctx context.Context, path string, progress func(done, total int)) error {
	target, err := sqlx.ConnectContext(ctx, "sqlite3", sqliteFile(path))
	if err != nil {
		return fmt.Errorf("open the backup: %w", err)
	}
	err = onConnection(ctx, target.DB, func(to *sqlite3.SQLiteConn) error {
		return onConnection(ctx, d.reader.DB, func(from *sqlite3.SQLiteConn) error {
			backup, err := to.Backup("main", from, "main")
			if err != nil {
				return err
			}
			return errors.Join(copyPages(ctx, backup, progress), backup.Finish())
		})
	})
	if err == nil {
		// The copy is one file: without it, it would ask for a log beside it.
		_, err = target.ExecContext(ctx, "PRAGMA journal_mode=DELETE")
	}
	return errors.Join(err, target.Close())
}

func copyPages(ctx context.Context, backup *sqlite3.SQLiteBackup, progress func(done, total int)) error {
	for {
		done, err := backup.Step(backupPages)
		if err != nil {
			return fmt.Errorf("copy: %w", err)
		}
		progress(backup.PageCount()-backup.Remaining(), backup.PageCount())
		if done {
			return nil
		}
		if err := ctx.Err(); err != nil {
			return err
		}
	}
}

// onConnection lends the driver's own connection.
func onConnection(ctx context.Context, db *sql.DB, do func(*sqlite3.SQLiteConn) error) error {
	conn, err := db.Conn(ctx)
	if err != nil {
		return err
	}
	err = conn.Raw(func(driver any) error {
		own, ok := driver.(*sqlite3.SQLiteConn)
		if !ok {
			return fmt.Errorf("the driver is %T, not SQLite's", driver)
		}
		return do(own)
	})
	return errors.Join(err, conn.Close())
}
