package bank

import (
	"context"
	"database/sql/driver"
	"fmt"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/mattn/go-sqlite3"
)

// insertMany writes many rows by the driver itself, past what database/sql does with
// each of their values: PostgreSQL takes them as one COPY, SQLite in statements of
// insertChunk rows. It says how many it wrote: there they are whole chunks.
func (t *tx) insertMany(in *insertion) (written int, err error) {
	err = t.conn.Raw(func(own any) error {
		switch own := own.(type) {
		case *stdlib.Conn:
			written = in.rows()
			rows := pgx.CopyFromSlice(written, func(i int) ([]any, error) { return in.some(i, i+1), nil })
			_, err := own.Conn().CopyFrom(t.ctx, pgx.Identifier{in.table}, in.columns, rows)
			return err
		case *sqlite3.SQLiteConn:
			written = in.rows() - in.rows()%insertChunk
			return t.insertBound(own, in, written)
		default:
			return fmt.Errorf("the driver is %T", own)
		}
	})
	if err != nil {
		return 0, fmt.Errorf("%w in INSERT INTO %s", err, in.table)
	}
	return written, nil
}

// insertBound writes rows into SQLite, where handing a value over takes as long as
// storing it: one that is the same in all rows is handed over once.
func (t *tx) insertBound(own *sqlite3.SQLiteConn, in *insertion, rows int) error {
	way := t.wayOf(in)
	text := way.statement()
	args := make([]driver.NamedValue, 0, insertChunk*len(in.columns))
	for from := 0; from < rows; from += insertChunk {
		args = way.bound(args[:0], in.some(from, from+insertChunk))
		if err := t.runBound(own, text, args); err != nil {
			return err
		}
	}
	return nil
}

// boundRows is how rows are handed over to SQLite: the values that all share first.
type boundRows struct {
	into    string // how the statement begins
	shared  []bool // by column
	implied int    // so many first columns are not handed over
}

// wayOf is how rows go into SQLite. Where no statement is taken back alone, it need not
// remember how its pages were before it, unless it is told the numbers of rows, which might
// be none: those that follow on those there it gives itself.
func (t *tx) wayOf(in *insertion) boundRows {
	way := boundRows{shared: in.shared()}
	if t.unguarded && in.follows() {
		way.implied = 1
	}
	way.into = insertInto(in.table, in.columns[way.implied:])
	if t.unguarded {
		way.into = strings.Replace(way.into, "INSERT", "INSERT OR ROLLBACK", 1)
	}
	return way
}

// runBound runs a statement that gives no rows, as a question: of that the driver hands
// all values over at once, where of a command it hands over one after the other. The
// room for them stays with the statement, so that much of them goes as a command does.
func (t *tx) runBound(own *sqlite3.SQLiteConn, text string, args []driver.NamedValue) error {
	if err := t.ctx.Err(); err != nil {
		return err
	}
	// Without an end that it would have to watch for, the driver stays in this goroutine.
	ctx := context.Background()
	if bytesIn(args) > 1<<20 {
		_, err := own.ExecContext(ctx, text, args)
		return err
	}
	none, err := own.QueryContext(ctx, text, args)
	if err != nil {
		return err
	}
	return none.Close()
}

// bytesIn is how long the texts and bytes among values are.
func bytesIn(args []driver.NamedValue) (all int) {
	for i := range args {
		switch v := args[i].Value.(type) {
		case string:
			all += len(v)
		case []byte:
			all += len(v)
		}
	}
	return all
}

// insertSome writes the rows of one statement.
func (t *tx) insertSome(text string, values []any) error {
	if t.db.postgres {
		return t.exec(text, values...)
	}
	err := t.conn.Raw(func(own any) error {
		return t.runBound(own.(*sqlite3.SQLiteConn), text, ordinal(make([]driver.NamedValue, 0, len(values)), values...))
	})
	if err != nil {
		return fmt.Errorf("%w in %s", err, firstLine(text))
	}
	return nil
}

// ordinal appends values as the driver takes them.
func ordinal(args []driver.NamedValue, values ...any) []driver.NamedValue {
	for _, value := range values {
		args = append(args, driver.NamedValue{Ordinal: len(args) + 1, Value: value})
	}
	return args
}

// statement is an insert of insertChunk rows. The first parameters are those that all
// rows share, in the order of their columns.
func (way *boundRows) statement() string {
	var q strings.Builder
	q.WriteString(way.into)
	shared := way.shared[way.implied:]
	next := 0
	for _, is := range shared {
		if is {
			next++
		}
	}
	for row := range insertChunk {
		if row > 0 {
			q.WriteByte(',')
		}
		before := 0
		for column, is := range shared {
			number := &next
			if is {
				number = &before
			}
			*number++
			q.WriteString([]string{"(?", ",?"}[min(column, 1)])
			q.WriteString(strconv.Itoa(*number))
		}
		q.WriteByte(')')
	}
	return q.String()
}

// bound appends the parameters of the statement, of rows value after value.
func (way *boundRows) bound(args []driver.NamedValue, values []any) []driver.NamedValue {
	for column, is := range way.shared {
		if is && column >= way.implied {
			args = ordinal(args, values[column])
		}
	}
	for ; len(values) > 0; values = values[len(way.shared):] {
		for column, is := range way.shared {
			if !is && column >= way.implied {
				args = append(args, driver.NamedValue{Ordinal: len(args) + 1, Value: values[column]})
			}
		}
	}
	return args
}
