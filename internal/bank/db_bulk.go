package bank

import (
	"context"
	"database/sql/driver"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/mattn/go-sqlite3"
)

// insertMany writes many rows by the driver itself, past what database/sql does with
// each of their values: PostgreSQL takes them as one COPY, SQLite in statements of
// insertChunk rows, of which there must be whole ones.
func (t *tx) insertMany(table string, columns []string, rows [][]any) error {
	err := t.conn.Raw(func(own any) error {
		switch own := own.(type) {
		case *stdlib.Conn:
			_, err := own.Conn().CopyFrom(t.ctx, pgx.Identifier{table}, columns, pgx.CopyFromRows(rows))
			return err
		case *sqlite3.SQLiteConn:
			return t.insertBound(own, table, columns, rows)
		default:
			return fmt.Errorf("the driver is %T", own)
		}
	})
	if err != nil {
		return fmt.Errorf("%w in INSERT INTO %s", err, table)
	}
	return nil
}

// insertBound writes rows into SQLite, where handing a value over takes as long as
// storing it: one that is the same in all rows is handed over once.
func (t *tx) insertBound(own *sqlite3.SQLiteConn, table string, columns []string, rows [][]any) error {
	same := sameValues(rows)
	text := sharingStatement(table, columns, same)
	args := []driver.NamedValue{}
	for some := range slices.Chunk(rows, insertChunk) {
		var err error
		if args, err = bound(args[:0], same, some); err != nil {
			return err
		}
		if err := t.runBound(own, text, args); err != nil {
			return err
		}
	}
	return nil
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
func (t *tx) insertSome(text string, rows [][]any) error {
	values := slices.Concat(rows...)
	if t.db.postgres {
		return t.exec(text, values...)
	}
	err := t.conn.Raw(func(own any) error {
		args, err := ordinal(make([]driver.NamedValue, 0, len(values)), values...)
		if err != nil {
			return err
		}
		return t.runBound(own.(*sqlite3.SQLiteConn), text, args)
	})
	if err != nil {
		return fmt.Errorf("%w in %s", err, firstLine(text))
	}
	return nil
}

// ordinal appends values as the driver takes them.
func ordinal(args []driver.NamedValue, values ...any) ([]driver.NamedValue, error) {
	for _, value := range values {
		known, err := driver.DefaultParameterConverter.ConvertValue(value)
		if err != nil {
			return nil, err
		}
		args = append(args, driver.NamedValue{Ordinal: len(args) + 1, Value: known})
	}
	return args, nil
}

// sameValues says of which columns all rows have the same value.
func sameValues(rows [][]any) []bool {
	same := make([]bool, len(rows[0]))
	for column, first := range rows[0] {
		if _, bytes := first.([]byte); bytes {
			continue // they are not compared
		}
		same[column] = !slices.ContainsFunc(rows, func(row []any) bool {
			_, bytes := row[column].([]byte)
			return bytes || row[column] != first
		})
	}
	return same
}

// sharingStatement is an insert of insertChunk rows as SQLite takes it. The first
// parameters are those that all rows share, in the order of their columns.
func sharingStatement(table string, columns []string, same []bool) string {
	var q strings.Builder
	q.WriteString(insertInto(table, columns))
	next := 0
	for _, shared := range same {
		if shared {
			next++
		}
	}
	for row := range insertChunk {
		if row > 0 {
			q.WriteByte(',')
		}
		before := 0
		for column, shared := range same {
			number := &next
			if shared {
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

// bound appends the parameters of a [sharingStatement].
func bound(args []driver.NamedValue, same []bool, rows [][]any) (_ []driver.NamedValue, err error) {
	take := func(row []any, shared bool) {
		for column, value := range row {
			if same[column] == shared && err == nil {
				args, err = ordinal(args, value)
			}
		}
	}
	take(rows[0], true)
	for _, row := range rows {
		take(row, false)
	}
	return args, err
}
