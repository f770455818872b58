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
		if err := t.ctx.Err(); err != nil {
			return err
		}
		var err error
		if args, err = bound(args[:0], same, some); err != nil {
			return err
		}
		// Without an end that it would have to watch for, the driver stays in this goroutine.
		if _, err := own.ExecContext(context.Background(), text, args); err != nil {
			return err
		}
	}
	return nil
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
func bound(args []driver.NamedValue, same []bool, rows [][]any) ([]driver.NamedValue, error) {
	take := func(row []any, shared bool) error {
		for column, value := range row {
			if same[column] != shared {
				continue
			}
			known, err := driver.DefaultParameterConverter.ConvertValue(value)
			if err != nil {
				return err
			}
			args = append(args, driver.NamedValue{Ordinal: len(args) + 1, Value: known})
		}
		return nil
	}
	if err := take(rows[0], true); err != nil {
		return nil, err
	}
	for _, row := range rows {
		if err := take(row, false); err != nil {
			return nil, err
		}
	}
	return args, nil
}
