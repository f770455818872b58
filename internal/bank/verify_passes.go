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
		if v.leaves[at] == nil {
			v.leaves[at] = make([]byte, 0, ledger.TileWidth*ledger.HashSize)
		}
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

// sum adds an entry to what is held against the records, and to the loss.
func (v *verification) sum(e *Entry) {
	switch {
	case e.Kind == ledger.Deposit:
		v.room = depositElement(v.room[:0], e)
		v.deposits.Put(v.room)
	case e.Debit.Place == ledger.Conversion:
		v.report.Loss -= e.Amount
	}
	if e.Credit.Place == ledger.Conversion {
		v.report.Loss += e.Amount
	}
}

// scan feeds every entry with its leaf, in the order of the numbers.
func (v *verification) scan(feed func(*storedEntry, ledger.Line) error) error {
	var s storedEntry
	var leaf sql.RawBytes
	var learner, joined string
	var leaves []ledger.Hash // room for those that were fed, which stay
	numbers, texts := s.cells()
	texts.at = append(texts.at, &learner, &joined)
	row := append(numbers, &leaf, texts)
	return v.each(func(rows *sql.Rows) error {
		if err := rows.Scan(row...); err != nil {
			return err
		}
		if !texts.torn {
			_ = s.take() // what has another form has no value, and is found so
		} else if err := v.apart(&s, &learner, &joined); err != nil {
			return err
		}
		if len(leaves) == cap(leaves) {
			leaves = make([]ledger.Hash, 0, ledger.TileWidth)
		}
		leaves = append(leaves, hashOf(leaf))
		if err := feed(&s, ledger.Line{Entry: s.Entry, Leaf: &leaves[len(leaves)-1]}); err != nil {
			return err
		}
		v.told.step()
		v.sum(&s.Entry)
		wantLearner, wantJoined := ownersOf(&s.Entry)
		if learner != wantLearner || joined != wantJoined {
			return &ledger.Fault{Number: s.Number, Code: ledger.BytesDiffer, Field: "learner", Got: learner + " " + joined, Want: wantLearner + " " + wantJoined}
		}
		return nil
	}, `SELECT `+entryNumbers+`, e.leaf, `+wordsOf(entryTexts+`, e.learner, coalesce(e.joined, '')`)+` FROM entry e ORDER BY e.number`, wordsEnd)
}

// apart reads the words of an entry one by one, on another connection, since the entries
// are being read on this one.
func (v *verification) apart(s *storedEntry, learner, joined *string) error {
	return v.db.each(v.ctx, func(rows *sql.Rows) error {
		err := rows.Scan(append(s.fields(), learner, joined)...)
		_ = s.take() // see scan
		return err
	}, `SELECT `+entryColumns+`, e.learner, coalesce(e.joined, '') FROM entry e WHERE e.number = $1`, s.Number)
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

// keptRecords goes through what the bank keeps of records, in whichever order: what a
// deposit would say if it were all that is about the record, and the pass that its
// grade gives.
func (v *verification) keptRecords() error {
	w, err := v.ways()
	if err != nil {
		return err
	}
	var records int64
	var of RecordRef
	numbers, texts := w.kept.cells()
	row := append([]any{&of.Institution, &of.Reference, texts}, numbers...)
	err = v.each(func(rows *sql.Rows) error {
		v.told.step()
		if err := rows.Scan(row...); err != nil {
			return err
		}
		if texts.torn {
			if err := v.keptOf(of, &w.kept); err != nil {
				return err
			}
		}
		if !w.kept.booked() {
			return nil
		}
		records++
		v.room = w.kept.element(v.room[:0], of)
		v.kept.Put(v.room)
		if w.kept.place != "" && w.kept.salt != nil && w.mark() != nil {
			return errOtherwise
		}
		return nil
	}, `SELECT r.institution, r.reference, `+wordsOf(keptTexts)+`, `+keptNumbers+` FROM record r`, wordsEnd)
	v.report.Records = records
	return err
}

// keptOf reads what is kept of one record, on another connection.
func (v *verification) keptOf(of RecordRef, kept *keptRecord) error {
	return v.db.each(v.ctx, func(rows *sql.Rows) error { return rows.Scan(kept.fields()...) },
		`SELECT `+keptColumns+` FROM record r WHERE r.institution = $1 AND r.reference = $2`, of.Institution, of.Reference)
}

// movedRecords follows the records with more than a deposit, and holds where they end
// against what is kept of them.
func (v *verification) movedRecords() error {
	err := v.follow(func(w *way, e *Entry) {
		if w.begins && w.kept.booked() {
			v.room = w.kept.element(v.room[:0], e.Record)
			v.moved.Take(v.room)
		}
		if e.Kind == ledger.Deposit {
			v.room = depositElement(v.room[:0], e)
			v.moved.Put(v.room)
		} else {
			v.told.step()
		}
	}, wayOf(`entry m CROSS JOIN entry e`, `e.institution = m.institution AND e.reference = m.reference AND m.kind <> 'deposit'
		AND NOT EXISTS (SELECT 1 FROM entry o WHERE o.institution = m.institution AND o.reference = m.reference AND o.kind <> 'deposit' AND o.number < m.number)`, "m"))
	var found *ledger.Fault
	if errors.As(err, &found) {
		return errOtherwise // a record before this one may be wrong, too
	}
	return err
}

// byRecord follows every record, and holds where it ends and what it says against
// what the bank keeps.
func (v *verification) byRecord() error {
	return v.follow(func(*way, *Entry) {}, wayOf(`entry e`, `TRUE`, "e"))
}

// wayOf asks for entries e in the order of their records, which those of another name
// have, too, and what is kept of them.
func wayOf(from, where, named string) string {
	return `SELECT ` + entryColumns + `, ` + keptColumns + ` FROM ` + from + ` LEFT JOIN record r ON r.institution = e.institution AND r.reference = e.reference
		WHERE ` + where + ` ORDER BY ` + named + `.institution, ` + named + `.reference, e.number`
}

// follow goes through entries in the order of their records, and holds each record at
// its end against what is kept of it. Each entry is handed on, once it fits its record.
func (v *verification) follow(hand func(*way, *Entry), query string) error {
	w, err := v.ways()
	if err != nil {
		return err
	}
	err = v.each(func(rows *sql.Rows) error {
		var s storedEntry
		var next keptRecord
		if err := rows.Scan(append(s.fields(), next.fields()...)...); err != nil {
			return err
		}
		_ = s.take() // see scan
		if w.begins = s.Record != w.at.Record || !w.under; w.begins {
			if err := w.end(); err != nil {
				return err
			}
		}
		if err := w.follow(&s.Entry, next); err != nil {
			return err
		}
		hand(&w, &s.Entry)
		return nil
	}, query)
	if err != nil {
		return err
	}
	return w.end()
}

// ways follows records, which have marks by the scales of the bank.
func (v *verification) ways() (way, error) {
	marks, err := storedMarks(v.tx)
	return way{scales: newScales(marks)}, err
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

// learners counts those who have entries: by their results, and those of whom only
// other entries than deposits tell.
func (v *verification) learners() error {
	return v.GetContext(v.ctx, &v.report.Learners, `SELECT (SELECT count(*) FROM (SELECT learner FROM record WHERE last_entry IS NOT NULL OR standing <> '' GROUP BY learner) AS l)
		+ (SELECT count(*) FROM (SELECT learner FROM entry WHERE kind <> 'deposit' UNION SELECT joined FROM entry WHERE joined IS NOT NULL) AS o
			WHERE NOT EXISTS (SELECT 1 FROM record r WHERE r.learner = o.learner AND (r.last_entry IS NOT NULL OR r.standing <> '')))`)
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
		}
		return tally.Post(&e)
	}, `SELECT learner AS who, number, debit, credit, amount FROM entry
		UNION ALL SELECT joined, number, debit, credit, amount FROM entry WHERE joined IS NOT NULL ORDER BY 1, 2`)
	if err != nil {
		return err
	}
	if tally.Entries() != v.report.Entries {
		return &ledger.Fault{Number: NoEntry, Code: ledger.BalanceWrong, Field: "entries", Got: fmt.Sprint(tally.Entries()), Want: fmt.Sprint(v.report.Entries)}
	}
	if sum := tally.Trial(); sum != 0 {
		return &ledger.Fault{Number: NoEntry, Code: ledger.BalanceWrong, Field: "trial", Got: sum.String(), Want: "0"}
	}
	return nil
}
