package bank

import (
	"context"
	"database/sql"
	"slices"
	"strconv"
	"strings"
)

// insertChunk is how many rows go into one INSERT; with it the number of
// parameters stays under the limits of both databases.
const insertChunk = 200

// chunk is how many of so many rows go into the next statement. There are few
// sizes, so that all of them stay prepared.
func chunk(rows int) int {
	if rows >= insertChunk {
		return insertChunk
	}
	size := 1
	for size*2 <= rows {
		size *= 2
	}
	return size
}

// insert writes rows of a table in multi-row statements, many by the driver itself.
func (t *tx) insert(table string, columns []string, rows [][]any) error {
	if len(rows) >= insertChunk {
		many := len(rows)
		if !t.db.postgres {
			many -= many % insertChunk
		}
		if err := t.insertMany(table, columns, rows[:many]); err != nil {
			return err
		}
		rows = rows[many:]
	}
	for len(rows) > 0 {
		n := chunk(len(rows))
		if err := t.insertSome(t.db.insertText(table, columns, n), rows[:n]); err != nil {
			return err
		}
		rows = rows[n:]
	}
	return nil
}

// lookupChunk is how many rows one SELECT asks for.
const lookupChunk = 128

// wanted is a list of rows of parameters to join with, $1 and on, whose columns are
// column1, column2 … in both databases. The last row is repeated until there are as
// many as a statement that stays prepared has: what is found may come more than once.
func wanted(args []any, columns int) (list string, all []any) {
	rows := len(args) / columns
	size := 1
	for size < rows {
		size *= 2
	}
	last := args[len(args)-columns:]
	for range size - rows {
		args = append(args, last...)
	}
	return tuples(size, columns), args
}

// lookup runs a query for some of the wanted at a time; its text goes on behind the list.
func (t *tx) lookup(args []any, columns int, scan func(*sql.Rows) error, before, behind string) error {
	return reading(t.each).lookup(args, columns, scan, before, behind)
}

func (read reading) lookup(args []any, columns int, scan func(*sql.Rows) error, before, behind string) error {
	for len(args) > 0 {
		n := min(len(args), lookupChunk*columns)
		list, some := wanted(args[:n:n], columns)
		if err := read(scan, before+" FROM (VALUES "+list+") AS v "+behind, some...); err != nil {
			return err
		}
		args = args[n:]
	}
	return nil
}

// long prepares a write of very many rows; back ends that. SQLite keeps more pages.
// PostgreSQL looks rows up by their indexes: it would keep the plan it made for an empty
// table, which goes through all of it each time.
func (t *tx) long() (back func(), err error) {
	if t.db.postgres {
		err = t.exec(`SELECT set_config(way, 'off', true) FROM (VALUES ('enable_seqscan'), ('enable_hashjoin'), ('enable_mergejoin'), ('enable_material')) AS ways (way)`)
		return func() {}, err // the transaction ends it
	}
	back = func() {
		// When it fails the connection keeps more than it needs, and nothing else is wrong.
		_, _ = t.ExecContext(context.WithoutCancel(t.ctx), "PRAGMA cache_size = "+writerCache)
	}
	return back, t.exec("PRAGMA cache_size = " + longWriteCache)
}

// statements are the texts of inserts that were made, by table and number of rows.
type statements map[insertOf]insertText

type insertOf struct {
	table string
	rows  int
}

type insertText struct {
	columns []string
	text    string
}

// insertText is the statement that writes so many rows, kept for the next time.
func (d *database) insertText(table string, columns []string, rows int) string {
	of := insertOf{table, rows}
	if kept, made := d.inserts[of]; made && slices.Equal(kept.columns, columns) {
		return kept.text
	}
	if d.inserts == nil {
		d.inserts = statements{}
	}
	text := d.bind(insertStatement(table, columns, rows))
	d.inserts[of] = insertText{columns, text}
	return text
}

func insertStatement(table string, columns []string, rows int) string {
	return insertInto(table, columns) + tuples(rows, len(columns))
}

// insertInto is how an insert begins, up to its rows.
func insertInto(table string, columns []string) string {
	return "INSERT INTO " + table + " (" + strings.Join(columns, ", ") + ") VALUES "
}

// tuples is a list of so many rows of parameters: ($1,$2),($3,$4).
func tuples(rows, columns int) string {
	const perValue = 6 // bytes: a comma, the mark, the number
	q := make([]byte, 0, rows*(columns*perValue+len("(),")))
	n := 0
	for row := range rows {
		if row > 0 {
			q = append(q, ',')
		}
		q = append(q, '(')
		for column := range columns {
			if column > 0 {
				q = append(q, ',')
			}
			n++
			q = strconv.AppendInt(append(q, '$'), int64(n), 10)
		}
		q = append(q, ')')
	}
	return string(q)
}
