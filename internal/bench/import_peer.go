package bench

import (
	"database/sql"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
)

// peerDatabase is the database of the peer on a server.
const peerDatabase = "peer"

// bareResults makes the table of results as the bank has it, with the columns of the file
// and the same two indexes.
func bareResults(table string) string {
	return `CREATE TABLE ` + table + ` (learner TEXT NOT NULL, reference TEXT NOT NULL, kind TEXT NOT NULL, institution TEXT NOT NULL, course TEXT NOT NULL, grade TEXT NOT NULL,
	scale TEXT NOT NULL, credits NUMERIC NOT NULL, completed_on TEXT NOT NULL, PRIMARY KEY (learner, institution, reference), UNIQUE (institution, reference));`
}

// durableSQLite is what a bank asks of SQLite.
const durableSQLite = `PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;`

// sqlitePeer imports the file with the shell of SQLite, or through the driver where
// there is no shell, into a new database. how says which.
func (r *run) sqlitePeer(path string, results int, row *Row) (peer timed, how string) {
	shell, err := exec.LookPath("sqlite3")
	take, how := r.copyThroughDriver, "through the driver, row by row in one transaction, since there is no sqlite3"
	if err == nil {
		take, how = func(at store, path string) error {
			return command(r, shell, at.path, durableSQLite, ".import --csv --skip 1 "+path+" record")
		}, "by the shell"
	}
	turn := 0
	return func() (float64, error) {
		turn++
		at := r.file(fmt.Sprintf("peer-%d", turn))
		db, err := sql.Open(at.driver, "file:"+at.path)
		if err != nil {
			return 0, err
		}
		defer func() { _ = db.Close() }()
		if _, err := db.ExecContext(r.ctx, durableSQLite+bareResults("record")); err != nil {
			return 0, err
		}
		seconds, err := wall(func() error { return take(at, path) })()
		if err != nil {
			return 0, err
		}
		count := 0
		if err := db.QueryRowContext(r.ctx, `SELECT count(*) FROM record`).Scan(&count); err != nil || count != results {
			row.fault("the peer has %d of %d rows, %v", count, results, err)
		}
		return seconds, errors.Join(db.Close(), removeStore(at))
	}, how
}

// command runs the shell of SQLite; what it says is a fault.
func command(r *run, shell string, args ...string) error {
	said, err := exec.CommandContext(r.ctx, shell, args...).CombinedOutput()
	if text := strings.TrimSpace(strings.Replace(string(said), "wal", "", 1)); err != nil || text != "" {
		return fmt.Errorf("sqlite3: %w: %.200s", errors.Join(err, errShell), said)
	}
	return nil
}

var errShell = errors.New("it did not do all")

// copyThroughDriver reads the file and inserts its rows, in one transaction.
func (r *run) copyThroughDriver(at store, path string) (err error) {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	db, err := sql.Open(at.driver, "file:"+at.path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	tx, err := db.BeginTx(r.ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }() // nothing is left of it after a commit
	insert, err := tx.PrepareContext(r.ctx, `INSERT INTO record VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`)
	if err != nil {
		return err
	}
	table := csv.NewReader(file)
	for n := 0; ; n++ {
		cells, err := table.Read()
		if errors.Is(err, io.EOF) {
			return tx.Commit()
		}
		if err != nil {
			return err
		}
		if n == 0 {
			continue
		}
		args := make([]any, len(cells))
		for i, cell := range cells {
			args[i] = cell
		}
		if _, err := insert.ExecContext(r.ctx, args...); err != nil {
			return err
		}
	}
}
