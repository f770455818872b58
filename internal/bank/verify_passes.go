package bank

import (
	"database/sql"
	"errors"
	"fmt"

	"creditbank/internal/ledger"
)

// byNumber recomputes hashes and tree.
func (v *verification) byNumber() error {
	v.leaves = map[int64][]byte{}
	log := ledger.NewVerifier(ledger.Expected{Heads: v.expected, Tile: v.tile})
	err := v.scan(func(s *storedEntry, line ledger.Line) error {
		at := s.Number / ledger.TileWidth
		v.leaves[at] = append(v.leaves[at], line.Leaf[:]...)
		return log.Add(line)
	})
	head, closing := log.Close() // its goroutines end in any case
	var row, hashed *ledger.Fault
	if err == nil || (errors.As(err, &row) && errors.As(closing, &hashed) && hashed.Number <= row.Number) {
		err = closing // hashing comes some thousand entries behind
	}
	v.report.Root = head.Hash.String()
	return err
}

// scan feeds every entry with its leaf, in the order of the numbers.
func (v *verification) scan(feed func(*storedEntry, ledger.Line) error) error {
	return v.each(func(rows *sql.Rows) error {
		var s storedEntry
		var leaf []byte
		var learner, joined string
		if err := rows.Scan(append(s.fields(), &leaf, &learner, &joined)...); err != nil {
			return err
		}
		_ = s.take() // what has another form has no value, and is found so
		hash := hashOf(leaf)
		if err := feed(&s, ledger.Line{Entry: s.Entry, Leaf: &hash}); err != nil {
			return err
		}
		v.told.step()
		wantLearner, wantJoined := ownersOf(&s.Entry)
		if learner != wantLearner || joined != wantJoined {
			return &ledger.Fault{Number: s.Number, Code: ledger.BytesDiffer, Field: "learner", Got: learner + " " + joined, Want: wantLearner + " " + wantJoined}
		}
		return nil
	}, `SELECT `+entryColumns+`, e.leaf, e.learner, coalesce(e.joined, '') FROM entry e ORDER BY e.number`)
}

// tile gives what is stored of a tile. The leaves were read with their entries.
func (v *verification) tile(t ledger.Tile) ([]byte, error) {
	if t.Level > 0 {
		return v.nodes(t)
	}
	for at := range v.leaves {
		if at < t.Number {
			delete(v.leaves, at)
		}
	}
	return v.leaves[t.Number], nil
}

// nodes reads a tile on another connection, since the entries are being read on
// this one; what was booked meanwhile is left out.
func (v *verification) nodes(t ledger.Tile) ([]byte, error) {
	hashes, err := storedTile(func(scan func(*sql.Rows) error, query string, args ...any) error {
		return v.db.each(v.ctx, scan, query, args...)
	})(t)
	covered := max(0, v.whole(t.Level)-t.Number*ledger.TileWidth)
	return hashes[:min(int64(len(hashes)), covered*ledger.HashSize)], err
}

// byRecord follows every record, and holds where it ends and what it says against
// what the bank keeps.
func (v *verification) byRecord() error {
	marks, err := storedMarks(v.tx)
	if err != nil {
		return err
	}
	w := way{scales: newScales(marks)}
	err = v.each(func(rows *sql.Rows) error {
		var s storedEntry
		var next keptRecord
		if err := rows.Scan(append(s.fields(), next.fields()...)...); err != nil {
			return err
		}
		_ = s.take() // see scan
		if s.Record != w.at.Record || w.records == 0 {
			if err := w.end(); err != nil {
				return err
			}
			w.records++
		}
		v.told.step()
		return w.follow(&s.Entry, next)
	}, `SELECT `+entryColumns+`, coalesce(r.learner, ''), coalesce(r.standing, ''), coalesce(r.standing_institution, ''), coalesce(r.standing_programme, ''),
		coalesce(r.deposited, -1), coalesce(r.worth, -1), coalesce(r.last_entry, -1),
		r.salt, coalesce(r.kind, ''), coalesce(r.course, ''), coalesce(r.title, ''), coalesce(r.grade, ''), coalesce(r.scale, ''), coalesce(r.score, -1), coalesce(r.passed, FALSE),
		coalesce(r.credits, -1), coalesce(r.hours, -1), coalesce(r.level, 0), coalesce(r.completed_on, 0), coalesce(r.term, '')
		FROM entry e LEFT JOIN record r ON r.institution = e.institution AND r.reference = e.reference ORDER BY e.institution, e.reference, e.number`)
	if err == nil {
		err = w.end()
	}
	v.report.Records = w.records
	return err
}

// auditLog recomputes the chain of the audit log.
func (v *verification) auditLog() error {
	if v.older {
		return nil
	}
	chain := ledger.NewAuditVerifier(v.audit)
	err := v.each(func(rows *sql.Rows) error {
		row, err := scanAudit(rows)
		if err != nil {
			return err
		}
		v.told.step()
		return chain.Add(&row.AuditRow, row.Link)
	}, `SELECT `+auditColumns+` FROM audit ORDER BY seq`)
	if err == nil {
		_, err = chain.Close()
	}
	return err
}

// unbooked finds records that the bank keeps as standing somewhere and that no entry took there.
func (v *verification) unbooked() error {
	return v.each(func(rows *sql.Rows) error {
		var f ledger.Fault
		f.Number, f.Code, f.Want = NoEntry, ledger.Absent, "no standing"
		if err := rows.Scan(&f.Field, &f.Got); err != nil {
			return err
		}
		return &f
	}, `SELECT r.institution || ':' || r.reference, r.standing FROM record r WHERE r.standing <> ''
		AND NOT EXISTS (SELECT 1 FROM entry e WHERE e.institution = r.institution AND e.reference = r.reference) ORDER BY 1 LIMIT 1`)
}

// byLearner adds up the balances of every learner.
func (v *verification) byLearner() error {
	tally := ledger.NewTally()
	owner := ""
	err := v.each(func(rows *sql.Rows) error {
		var e Entry
		var learner, from, to string
		if err := rows.Scan(&learner, &e.Number, &from, &to, &e.Amount); err != nil {
			return err
		}
		var err error
		if e.Debit, err = ledger.ParseAccount(from); err == nil {
			e.Credit, err = ledger.ParseAccount(to)
		}
		if err != nil {
			return &ledger.Fault{Number: e.Number, Code: ledger.BadForm, Field: "account"}
		}
		if learner != owner {
			tally.Begin(learner)
			owner = learner
			v.report.Learners++
		}
		v.told.step()
		return tally.Post(&e)
	}, `SELECT learner AS who, number, debit, credit, amount FROM entry
		UNION ALL SELECT joined, number, debit, credit, amount FROM entry WHERE joined IS NOT NULL ORDER BY 1, 2`)
	if err != nil {
		return err
	}
	v.report.Loss = tally.Issued()[ledger.InConversion()]
	if tally.Entries() != v.report.Entries {
		return &ledger.Fault{Number: NoEntry, Code: ledger.BalanceWrong, Field: "entries", Got: fmt.Sprint(tally.Entries()), Want: fmt.Sprint(v.report.Entries)}
	}
	if sum := tally.Trial(); sum != 0 {
		return &ledger.Fault{Number: NoEntry, Code: ledger.BalanceWrong, Field: "trial", Got: sum.String(), Want: "0"}
	}
	return nil
}
