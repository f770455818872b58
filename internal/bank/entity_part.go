package bank

import (
	"errors"
)

// importPart is how many rows are read and judged together where a file is taken part by
// part. Some three parts are in memory at a time.
const importPart = 4000

// readPart is a part of a file as it was read: the rows that want to be judged, and
// what was said of all meanwhile.
type readPart[K comparable, V comparable] struct {
	rows   []readRow[K, V]
	report ImportReport
	err    error // why the file could not be read further
}

// readRow is a row that was read.
type readRow[K comparable, V comparable] struct {
	key  K
	hash uint64 // of the key
	accepted[V]
}

// takeParts takes a file part by part, so that neither it nor the table is ever held
// whole. While one part is judged and written, the next is read. What is said of the
// rows, and in which order, is what it would be one after the other.
func (r *eachRun[K, V]) takeParts() error {
	r.seen, r.inFile = newSeenRows[K](), make(map[K]*accepted[V], importPart)
	return r.long(func() error {
		for part := range ahead(r.readParts) {
			r.report.add(&part.report)
			if part.err != nil {
				return part.err
			}
			if err := r.settle(part.rows); err != nil {
				return err
			}
		}
		if r.finish == nil {
			return nil
		}
		return r.finish()
	})
}

// errStopped ends the reading of a file of which nobody wants to have more.
var errStopped = errors.New("nobody reads on")

// readParts reads the file. It asks nothing of the database, which is in use
// meanwhile, and speaks of its rows in reports of its own.
func (r *eachRun[K, V]) readParts(yield func(readPart[K, V]) bool) {
	reader := *r.importRun
	var part readPart[K, V]
	give := func() bool {
		part.report, reader.report = reader.report, ImportReport{}
		full := part
		part = readPart[K, V]{}
		return yield(full)
	}
	reader.report = ImportReport{}
	err := reader.rows(func(c *cells) error {
		key, value := r.read(c)
		if part.rows == nil {
			part.rows = make([]readRow[K, V], 0, importPart)
		}
		part.rows = append(part.rows, readRow[K, V]{key, r.seen.hash(key), accepted[V]{value, c}})
		if len(part.rows) == importPart && !give() {
			return errStopped
		}
		return nil
	})
	if !errors.Is(err, errStopped) {
		part.err = err
		give()
	}
}

// settle judges and writes the rows of a part. Where one of them may have come in an
// earlier part already, what those brought is stored first.
func (r *eachRun[K, V]) settle(rows []readRow[K, V]) error {
	keys, again := r.keysOf(rows)
	if again && r.finish != nil {
		if err := r.finish(); err != nil {
			return err
		}
	}
	var err error
	if r.stored, err = r.part(r.tx, keys); err != nil {
		return err
	}
	clear(r.inFile)
	r.added, r.edited = r.added[:0], r.edited[:0]
	for i := range rows {
		r.judge(rows[i].key, &rows[i].accepted)
	}
	for i := range rows {
		if c := rows[i].row; len(c.faults) == 0 {
			r.seen.put(rows[i].hash, c.row.Number)
		}
	}
	return r.write()
}

// keysOf gives the keys of rows, and says whether one may have come in an earlier part.
func (r *eachRun[K, V]) keysOf(rows []readRow[K, V]) (keys []K, again bool) {
	keys = make([]K, len(rows))
	for i := range rows {
		keys[i] = rows[i].key
		_, seen := r.seen.row(rows[i].hash)
		again = again || seen
	}
	return keys, again
}

// add takes up what was said of a part of the file.
func (r *ImportReport) add(part *ImportReport) {
	r.Rows += part.Rows
	r.Refused += part.Refused
	r.Errors = append(r.Errors, part.Errors...)
	r.Rejected = append(r.Rejected, part.Rejected...)
	for _, n := range part.Notes {
		r.noteTimes(n.Count, n.Code, n.Column, n.Row)
	}
}
