package bench

import (
	"context"
	"database/sql"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"golang.org/x/mod/sumdb/tlog"

	"creditbank/internal/bank"
)

// audit finds out whether everything that was acknowledged is there, once, in a
// log whose head is that of its leaves, and whether the bank's own verification
// agrees. Its findings are faults of the row.
func (s *site) audit(ctx context.Context, row *Row) {
	db, err := sql.Open(s.at.driver, s.at.source)
	if err != nil {
		row.fault("%v", err)
		return
	}
	defer func() { _ = db.Close() }()
	for _, check := range []func(context.Context, *sql.DB, *Row) error{s.allThere, s.takenOnce, s.rootFits, s.verifies} {
		if err := check(ctx, db, row); err != nil {
			row.fault("%v", err)
		}
	}
}

// allThere holds the table of results against what was acknowledged.
func (s *site) allThere(ctx context.Context, db *sql.DB, row *Row) error {
	stored := map[string]bool{}
	err := eachText(ctx, db, `SELECT reference FROM record`, func(reference []byte) { stored[string(reference)] = true })
	if err != nil {
		return err
	}
	for _, n := range s.acked {
		if !stored[referenceOf(n)] {
			row.fault("deposit %d was acknowledged and is not there", n)
		}
	}
	if len(stored) != len(s.acked) {
		row.fault("%d results are there, %d were acknowledged", len(stored), len(s.acked))
	}
	return nil
}

// takenOnce sends again what every caller sent first in the last turns, with the
// same key: the answer is the same to the byte, and nothing is booked.
func (s *site) takenOnce(ctx context.Context, db *sql.DB, row *Row) error {
	before, err := countEntries(ctx, db)
	if err != nil {
		return err
	}
	c, err := dial(ctx, s.writing.address, s.secret)
	if err != nil {
		return err
	}
	defer func() { _ = c.conn.Close() }()
	for _, one := range s.first[max(0, len(s.first)-callers):] {
		answer, err := c.post(s.accountOf(one.number), keyOf(one.number), bodyOf(depositOf(one.number)))
		if err != nil {
			return err
		}
		if answer.status != http.StatusCreated || !answer.again || answer.body != one.answer {
			row.fault("deposit %d sent again: status %d, %v", one.number, answer.status, answer.again)
		}
	}
	after, err := countEntries(ctx, db)
	if after != before || after != len(s.acked) {
		row.fault("%d entries, %d after what was sent again, of %d deposits", before, after, len(s.acked))
	}
	return err
}

func countEntries(ctx context.Context, db *sql.DB) (n int, err error) {
	return n, db.QueryRowContext(ctx, `SELECT count(*) FROM entry`).Scan(&n)
}

// rootFits makes the tree with the tools that everybody has: every leaf is the
// hash of the entry's bytes as its account's statement gives them, and all leaves
// make the root that the bank signs.
func (s *site) rootFits(ctx context.Context, db *sql.DB, row *Row) error {
	stated, err := s.statements(ctx)
	if err != nil {
		return err
	}
	var hashes []tlog.Hash
	reader := tlog.HashReaderFunc(func(at []int64) ([]tlog.Hash, error) {
		found := make([]tlog.Hash, len(at))
		for i, n := range at {
			found[i] = hashes[n]
		}
		return found, nil
	})
	var size int64
	err = eachText(ctx, db, `SELECT leaf FROM entry ORDER BY number`, func(stored []byte) {
		leaf := tlog.Hash(stored)
		if leaf != stated[size] {
			row.fault("entry %d has another leaf than its bytes give", size)
		}
		grown, failed := tlog.StoredHashesForRecordHash(size, leaf, reader)
		if failed != nil {
			row.fault("%v", failed)
		}
		hashes, size = append(hashes, grown...), size+1
	})
	if err != nil {
		return err
	}
	root, err := tlog.TreeHash(size, reader)
	if err != nil {
		return err
	}
	return s.signedRoot(ctx, size, root, row)
}

// statements reads every account and gives the hash of every entry by its number.
func (s *site) statements(ctx context.Context) (map[int64]tlog.Hash, error) {
	hashes := map[int64]tlog.Hash{}
	for n := range s.learners {
		for w := (bank.Window{Limit: bank.MaxLimit}); ; {
			page, err := s.bank.Statement(ctx, accountName(n), w)
			if err != nil {
				return nil, err
			}
			for i := range page.Items {
				hashes[page.Items[i].Number] = tlog.RecordHash(page.Items[i].Append(nil))
			}
			if w.Cursor = page.Next; w.Cursor == "" {
				break
			}
		}
	}
	return hashes, nil
}

// signedRoot holds a root against the second and third line of a fresh checkpoint
// (C2SP tlog-checkpoint).
func (s *site) signedRoot(ctx context.Context, size int64, root tlog.Hash, row *Row) error {
	signed, err := s.bank.Checkpoint(ctx, 0)
	if err != nil {
		return err
	}
	lines := strings.Split(string(signed), "\n")
	const body = 3
	if len(lines) < body {
		return errors.New("the checkpoint is too short")
	}
	if want := []string{fmt.Sprint(size), base64.StdEncoding.EncodeToString(root[:])}; lines[1] != want[0] || lines[2] != want[1] {
		row.fault("the checkpoint says %s, the leaves %s", lines[1:body], want)
	}
	return nil
}

// verifies asks the bank's own verification.
func (s *site) verifies(ctx context.Context, _ *sql.DB, row *Row) error {
	report, err := s.bank.Verify(ctx, bank.VerifyInput{})
	if err != nil {
		return err
	}
	if report.Finding != nil {
		row.fault("verify: %v", report.Finding)
	}
	if report.Entries != int64(len(s.acked)) {
		row.fault("verify: %d entries of %d deposits", report.Entries, len(s.acked))
	}
	return nil
}

// eachText reads one column.
func eachText(ctx context.Context, db *sql.DB, query string, take func([]byte)) error {
	rows, err := db.QueryContext(ctx, query)
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var text []byte
		if err := rows.Scan(&text); err != nil {
			return err
		}
		take(text)
	}
	return rows.Err()
}
