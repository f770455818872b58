package bank

import (
	"database/sql/driver"
	"slices"
	"sync"
)

// insertion is rows on their way into a table, value after value in the order of its
// columns, as the drivers take them.
type insertion struct {
	table   string
	columns []string
	values  []any
	column  int    // of the value that comes next
	varies  []bool // by column: not every row has the value of the one before
	serial  bool   // the first column is the number of the row, and the rows follow on each other and on those there
}

// newInsertion is for about so many rows.
func newInsertion(table string, columns []string, rows int) *insertion {
	return &insertion{table: table, columns: columns, values: make([]any, 0, rows*len(columns)), varies: make([]bool, len(columns))}
}

// withRoom takes the room of rows that are written, if some was left, for about so many.
func (in *insertion) withRoom(rooms *sync.Pool, rows int) *insertion {
	if room, left := rooms.Get().(*[]any); left {
		in.values = *room
	}
	in.values = slices.Grow(in.values, rows*len(in.columns))
	return in
}

// leave leaves the room of its rows, which are written, to others.
func (in *insertion) leave(rooms *sync.Pool) {
	clear(in.values)
	room := in.values[:0]
	rooms.Put(&room)
	in.values = nil
}

// insertionOf is an insertion of rows with values of any type that database/sql knows.
func insertionOf(table string, columns []string, rows [][]any) (*insertion, error) {
	in := newInsertion(table, columns, len(rows))
	for _, row := range rows {
		for _, value := range row {
			known, err := driver.DefaultParameterConverter.ConvertValue(value)
			if err != nil {
				return nil, err
			}
			in.add(known)
		}
	}
	return in, nil
}

// rows says how many whole rows there are.
func (in *insertion) rows() int { return len(in.values) / len(in.columns) }

// some are the values of rows from one up to another.
func (in *insertion) some(from, to int) []any {
	return in.values[from*len(in.columns) : to*len(in.columns)]
}

// above is the value of the row before in the column that comes next.
func (in *insertion) above() (value any, there bool) {
	at := len(in.values) - len(in.columns)
	if at < 0 {
		return nil, false
	}
	return in.values[at], true
}

// put takes a value; like says that it is that of the row before.
func (in *insertion) put(value any, like bool) {
	if !like && len(in.values) >= len(in.columns) {
		in.varies[in.column] = true
	}
	in.values = append(in.values, value)
	if in.column++; in.column == len(in.columns) {
		in.column = 0
	}
}

func (in *insertion) text(value string) {
	above, _ := in.above()
	if known, is := above.(string); is && known == value {
		in.put(above, true) // which is in memory as a value already
		return
	}
	in.put(value, false)
}

func (in *insertion) number(value int64) {
	above, _ := in.above()
	if known, is := above.(int64); is && known == value {
		in.put(above, true)
		return
	}
	in.put(value, false)
}

func (in *insertion) flag(value bool) {
	above, _ := in.above()
	known, is := above.(bool)
	in.put(value, is && known == value)
}

func (in *insertion) null() {
	above, there := in.above()
	in.put(nil, there && above == nil)
}

// bytes keeps what it is given, and does not compare it.
func (in *insertion) bytes(value []byte) { in.put(value, false) }

// add takes a value of a type that drivers know.
func (in *insertion) add(value any) {
	switch value := value.(type) {
	case string:
		in.text(value)
	case int64:
		in.number(value)
	case bool:
		in.flag(value)
	case []byte:
		in.bytes(value)
	case nil:
		in.null()
	default:
		in.put(value, false)
	}
}

// textOrNull is text, or nothing where there is none.
func (in *insertion) textOrNull(value string) {
	if value == "" {
		in.null()
		return
	}
	in.text(value)
}

// numberOr is number, or nothing where there is none.
func (in *insertion) numberOr(value, absent int64) {
	if value == absent {
		in.null()
		return
	}
	in.number(value)
}

// join takes up the rows of another insertion into the same table.
func (in *insertion) join(other *insertion) {
	for _, value := range other.values {
		in.add(value)
	}
}

// follows says whether its rows follow on others by their numbers.
func (in *insertion) follows() bool {
	first, _ := in.values[0].(int64)
	return in.serial && first > 0
}

// shared says of which columns all rows have the same value.
func (in *insertion) shared() []bool {
	shared := slices.Clone(in.varies)
	for i, varies := range in.varies {
		_, bytes := in.values[i].([]byte) // they are not compared
		shared[i] = !varies && !bytes
	}
	return shared
}
