package bank

import (
	"database/sql"
	"fmt"
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

// insert writes rows of a table.
func (t *tx) insert(table string, columns []string, rows [][]any) error {
	in, err := insertionOf(table, columns, rows)
	if err != nil {
		return fmt.Errorf("%w in INSERT INTO %s", err, table)
	}
	return t.insertRows(in)
}

// insertRows writes rows in multi-row statements, many by the driver itself.
func (t *tx) insertRows(in *insertion) error {
	rows, written := in.rows(), 0
	if rows >= insertChunk {
		var err error
		if written, err = t.insertMany(in); err != nil {
			return err
		}
	}
	for written < rows {
		n := chunk(rows - written)
		if err := t.insertSome(t.db.insertText(in.table, in.columns, n), in.some(written, written+n)); err != nil {
			return err
		}
		written += n
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

// lookup runs a query for some of the wanted texts at a time; its text goes on behind the list.
func (t *tx) lookup(args []any, columns int, scan func(*sql.Rows) error, before, behind string) error {
	if t.db.postgres && len(args) > lookupChunk*columns {
		return t.lookupArrays(args, columns, scan, before, behind)
	}
	return reading(t.each).lookup(args, columns, scan, before, behind)
}

// arrayChunk is how many rows PostgreSQL is asked for at once where they come as arrays:
// one parameter a column, of which it makes rows faster than of parameters by themselves.
const arrayChunk = 2000

// lookupArrays is lookup of very many rows of texts on PostgreSQL.
func (t *tx) lookupArrays(args []any, columns int, scan func(*sql.Rows) error, before, behind string) error {
	names, parameters := make([]string, columns), make([]string, columns)
	for i := range columns {
		names[i], parameters[i] = fmt.Sprint("column", i+1), fmt.Sprintf("$%d::text[]", i+1)
	}
	query := before + " FROM unnest(" + strings.Join(parameters, ", ") + ") AS v (" + strings.Join(names, ", ") + ") " + behind
	for some := range slices.Chunk(args, arrayChunk*columns) {
		arrays := make([][]string, columns)
		for i, arg := range some {
			arrays[i%columns] = append(arrays[i%columns], arg.(string))
		}
		whole := make([]any, columns)
		for i := range arrays {
			whole[i] = arrays[i]
		}
		if err := t.each(scan, query, whole...); err != nil {
			return err
		}
	}
	return nil
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

// numberCell is where a number of a row is read to by itself, where very many rows are read:
// of types that it does not know database/sql finds out the same for each value.
type numberCell[T ~int | ~int32 | ~int64] struct {
	at     *T
	absent T // what it is where there is none
}

// Scan is for database/sql.
func (n *numberCell[T]) Scan(value any) error {
	switch value := value.(type) {
	case int64:
		*n.at = T(value)
	case nil:
		*n.at = n.absent
	default:
		return fmt.Errorf("%T is no whole number", value)
	}
	return nil
}

// numberOr reads a number, which is absent where there is none.
func numberOr[T ~int | ~int32 | ~int64](at *T, absent T) *numberCell[T] {
	return &numberCell[T]{at, absent}
}

// textCell is where a text is read to that is empty where there is none.
type textCell struct{ at *string }

// Scan is for database/sql.
func (t textCell) Scan(value any) error {
	var text sql.NullString
	err := text.Scan(value)
	*t.at = text.String
	return err
}

// wordsOf asks for several texts as one (see [words]), which columns separates by commas.
// There is a text in each.
func wordsOf(columns string) string {
	return `concat_ws(CAST($1 AS TEXT), ` + columns + `)`
}

// wordsEnd stands between words, and is the first parameter of a query that asks for them
// (ASCII: unit separator). No text that was checked contains it.
const wordsEnd = "\x1f"

// words are where texts of a row are read to that come as one, where very many rows are
// read: each value that is handed over takes longer than to cut it off.
type words struct {
	at   []*string
	torn bool // a text contains what stands between them: they have to be read one by one
}

// each appends where the same texts are read to when they come one by one.
func (w *words) each(fields []any) []any {
	for _, at := range w.at {
		fields = append(fields, textCell{at})
	}
	return fields
}

// Scan is for database/sql.
func (w *words) Scan(value any) error {
	text, is := value.(string)
	if !is {
		return fmt.Errorf("%T is no text", value)
	}
	if w.torn = strings.Count(text, wordsEnd) != len(w.at)-1; w.torn {
		return nil
	}
	for _, at := range w.at {
		*at, text, _ = strings.Cut(text, wordsEnd)
	}
	return nil
}
