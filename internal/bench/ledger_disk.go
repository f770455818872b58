package bench

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"time"
)

// besideRows sets deposits beside plain rows, each a transaction, one after the
// other, in a file on the same disk.
func (r *run) besideRows(size ledgerSize, s *site) (err error) {
	row := Row{ID: "D3", What: "64 callers over HTTP", Beside: "SQLite, one row a commit", Unit: "×", Must: atLeast(3), Aim: atLeast(5)}
	plain, err := openPlain(r.ctx, filepath.Join(r.options.Dir, "plain.db"), &row)
	if err != nil {
		return err
	}
	defer func() { err = firstOf(err, plain.db.Close()) }()
	var turns []turn
	pairs, err := interleave(r.ctx, byWall, size.pairs, s.turns(r, s.writing, size.deposits, &turns), plain.commits(r.ctx, size.commits))
	if err != nil {
		return err
	}
	var rows int
	if err := plain.db.QueryRowContext(r.ctx, `SELECT count(*) FROM row`).Scan(&rows); err != nil || rows != plain.next {
		row.fault("%d rows of %d are there: %v", rows, plain.next, err)
	}
	row.note("%s deposits a second, %s rows; the rows have a key and three columns, no validation, hash or key of a request; by the same SQLite library in C, through "+
		"database/sql, one caller, WAL and synchronous FULL as the bank's", figure(1/median(pairs.A)), figure(1/median(pairs.B)))
	r.add(row.of(pairs))
	return nil
}

// plainTable takes one row at a time.
type plainTable struct {
	db     *sql.DB
	insert *sql.Stmt
	next   int
}

func openPlain(ctx context.Context, path string, row *Row) (*plainTable, error) {
	db, err := sql.Open("sqlite3", "file:"+path+"?_journal_mode=WAL&_synchronous=FULL")
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(1)
	if _, err := db.ExecContext(ctx, `CREATE TABLE row (id INTEGER PRIMARY KEY, learner TEXT NOT NULL, reference TEXT NOT NULL, credits INTEGER NOT NULL)`); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	var synchronous int
	if err := db.QueryRowContext(ctx, `PRAGMA synchronous`).Scan(&synchronous); err != nil || synchronous != 2 {
		row.fault("the peer's synchronous is %d: %v", synchronous, err)
	}
	insert, err := db.PrepareContext(ctx, `INSERT INTO row VALUES (?, ?, ?, ?)`)
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return &plainTable{db: db, insert: insert}, nil
}

// commits writes so many rows. It measures seconds a row.
func (p *plainTable) commits(ctx context.Context, n int) timed {
	return func() (float64, error) {
		began := time.Now()
		for range n {
			p.next++
			if _, err := p.insert.ExecContext(ctx, p.next, accountName(p.next%100), referenceOf(int64(p.next)), 400); err != nil {
				return 0, err
			}
		}
		return time.Since(began).Seconds() / float64(n), nil
	}
}

// besideFlush sets one deposit on a bank with nothing else to do beside the flush
// of one block to the same disk.
func (r *run) besideFlush(size ledgerSize, s *site) (err error) {
	row := Row{ID: "D5", What: "one deposit on an idle bank, p50", Beside: "fdatasync of 4 KiB, p50", Unit: "×", Must: atMost(3), Aim: atMost(1.8)}
	disk, err := openBlocks(filepath.Join(r.options.Dir, "blocks"))
	if err != nil {
		return err
	}
	defer func() { err = firstOf(err, disk.file.Close()) }()
	load := s.bank.Load()
	deposit := func() (float64, error) {
		_, seconds, err := s.depositOne(r.ctx)
		return seconds, err
	}
	pairs, err := interleave(r.ctx, byWall, size.pairs, middleOf(size.idle, disk.flush), middleOf(size.idle, deposit))
	if err != nil {
		return err
	}
	wrote := s.bank.Load()
	if writes, commits := wrote.Writes-load.Writes, wrote.Commits-load.Commits; writes != commits || writes != int64((size.pairs+1)*size.idle) {
		row.fault("%d deposits one after the other: %d writes in %d transactions", (size.pairs+1)*size.idle, writes, commits)
	}
	const least = 0.7 // beyond what a median moves by
	if got, flush := median(pairs.B), median(pairs.A); got < least*flush && pairs.Disturbed == "" {
		pairs.Disturbed = fmt.Sprintf("a deposit takes %s, less than the flush of %s that it waits for", took(got), took(flush))
	}
	s.audit(r.ctx, &row)
	row.note("%s a deposit, called in the program with a key, without HTTP; %s a flush of one block that is written over in a file as long as the bank's log (16 MB)",
		took(median(pairs.B)), took(median(pairs.A)))
	row.note("the bank opens a SQLite file with PRAGMA synchronous = 2 (FULL) or not at all")
	r.add(row.of(pairs))
	return nil
}

// middleOf measures the median of n turns.
func middleOf(n int, one timed) timed {
	return func() (float64, error) {
		all := make([]float64, n)
		for i := range all {
			var err error
			if all[i], err = one(); err != nil {
				return 0, err
			}
		}
		return median(all), nil
	}
}

// blocks is a file whose blocks are written over in turn.
type blocks struct {
	file *os.File
	next int64
}

const (
	blockSize  = 4096
	blockCount = 4000 // as many pages as SQLite's log has before it begins anew
)

func openBlocks(path string) (*blocks, error) {
	file, err := os.Create(path)
	if err != nil {
		return nil, err
	}
	if _, err = file.Write(make([]byte, blockSize*blockCount)); err == nil {
		err = file.Sync()
	}
	if err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return &blocks{file: file}, nil
}

// flush writes the next block and waits until it is on disk.
func (b *blocks) flush() (float64, error) {
	block := make([]byte, blockSize)
	block[0] = byte(b.next + 1)
	began := time.Now()
	if _, err := b.file.WriteAt(block, b.next%blockCount*blockSize); err != nil {
		return 0, err
	}
	err := syscall.Fdatasync(int(b.file.Fd()))
	b.next++
	return time.Since(began).Seconds(), err
}
