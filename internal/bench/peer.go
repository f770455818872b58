package bench

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"slices"

	// The bank names the driver "sqlite3".
	_ "creditbank/internal/bank"
	"creditbank/internal/calendar"
	"creditbank/internal/credit"
	"creditbank/internal/transfer"
)

// peer is the ranking as one SQL statement in SQLite: what a bank would do that
// has a database and no engine. Its tables are made for this one statement: rows
// clustered by the course that is asked for, policies, caps and credits resolved
// for the day beforehand, everything in memory, statistics gathered, the
// statement prepared. It has every advantage that a table can have.
type peer struct {
	db         *sql.DB
	plain      *sql.Stmt // as one writes it down
	tuned      *sql.Stmt // as one writes it when it has to be fast
	courses    map[transfer.CourseKey]int
	rates      map[string]credit.Rate
	versions   map[transfer.CourseKey][]transfer.Course
	programmes []transfer.Programme
}

// newPeer fills the tables with what the engine is told.
func newPeer(ctx context.Context, f transfer.Facts, asOf calendar.Day) (*peer, error) {
	db, err := sql.Open("sqlite3", "file:peer?mode=memory&_journal_mode=OFF")
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(1) // one connection, one database
	p := &peer{db: db, courses: map[transfer.CourseKey]int{}, rates: map[string]credit.Rate{}, versions: map[transfer.CourseKey][]transfer.Course{}}
	if err := p.fill(ctx, f, asOf); err != nil {
		return nil, fmt.Errorf("SQLite: %w", closing(db, err))
	}
	return p, nil
}

func closing(db *sql.DB, err error) error {
	if closed := db.Close(); closed != nil {
		return fmt.Errorf("%w, and %w", err, closed)
	}
	return err
}

func (p *peer) fill(ctx context.Context, f transfer.Facts, asOf calendar.Day) error {
	if _, err := p.db.ExecContext(ctx, peerTables); err != nil {
		return err
	}
	l := newPeerLoader(ctx, p, f, asOf)
	if err := l.load(f); err != nil {
		return err
	}
	if _, err := p.db.ExecContext(ctx, "ANALYZE"); err != nil {
		return err
	}
	var err error
	if p.plain, err = p.db.PrepareContext(ctx, plainStatement); err != nil {
		return err
	}
	p.tuned, err = p.db.PrepareContext(ctx, tunedStatement)
	return err
}

func (p *peer) close() error { return p.db.Close() }

// rank asks for the first of the ranking by the optimistic bound.
func (p *peer) rank(ctx context.Context, statement *sql.Stmt, records []transfer.Record, asOf calendar.Day, top int) ([]transfer.Standing, error) {
	input, err := p.input(records)
	if err != nil {
		return nil, err
	}
	rows, err := statement.QueryContext(ctx, input, dateNumber(asOf), top)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	var list []transfer.Standing
	for rows.Next() {
		var n int
		var s transfer.Standing
		if err := rows.Scan(&n, &s.Applied, &s.Transferable); err != nil {
			return nil, err
		}
		s.Programme, s.Required, s.Optimal = p.programmes[n].ProgrammeKey, p.programmes[n].Required, true
		list = append(list, s)
	}
	return list, rows.Err()
}

// input is the learner's records as the statement reads them: course, score, day,
// whether it may be a source, whether it was passed, hours.
func (p *peer) input(records []transfer.Record) (string, error) {
	rows := make([][6]int, 0, len(records))
	for i := range records {
		r := &records[i]
		if course, known := p.courses[r.CourseKey]; known {
			rows = append(rows, [6]int{course, int(r.Score), dateNumber(r.Completed), flag(r.Passed && r.Used == ""), flag(r.Passed), int(p.hours(r))})
		}
	}
	text, err := json.Marshal(rows)
	return string(text), err
}

func flag(b bool) int {
	if b {
		return 1
	}
	return 0
}

// hours are the hours that a record stands for: its own, else by its credits,
// else those of its course on the day it was completed.
func (p *peer) hours(r *transfer.Record) credit.Hours {
	switch rate := p.rates[r.Institution]; {
	case r.Hours > 0:
		return r.Hours
	case r.Credits > 0:
		return rate.Hours(r.Credits)
	default:
		c := courseOn(p.versions[r.CourseKey], r.Completed)
		if c.Hours > 0 {
			return c.Hours
		}
		return rate.Hours(c.Credits)
	}
}

// courseOn is the version of a course in force on a day: the latest whose window
// holds it, else the latest that had begun, else the first.
func courseOn(versions []transfer.Course, day calendar.Day) transfer.Course {
	sorted := slices.SortedFunc(slices.Values(versions), func(a, b transfer.Course) int { return int(int64(a.From) - int64(b.From)) })
	chosen, holds := sorted[0], false
	for _, v := range sorted {
		if v.From > day {
			break
		}
		if in := v.To == calendar.None || day <= v.To; in || !holds {
			chosen, holds = v, in
		}
	}
	return chosen
}

// dateNumber writes a date as 20260901: n years later is n × 10000 more, and
// comparing with 29 February in a year without one is comparing with the 28th.
func dateNumber(d calendar.Day) int {
	y, m, day := d.Date()
	return y*10000 + int(m)*100 + day
}
