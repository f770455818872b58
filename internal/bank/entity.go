package bank

import (
	"database/sql"
	"slices"
)

// entity is a kind of thing of which one row is one: how it is read, found and written.
type entity[K comparable, V comparable] struct {
	read   func(*cells) (K, V)
	stored func(*tx) (map[K]V, error)
	insert func(*tx, []keyed[K, V]) error
	update func(*tx, keyed[K, V]) error // not needed when lasting
	// finish, when set, ends what insert may leave under way: stored and part know of it then.
	finish func() error
	// lasting: what is stored is never changed by an import, except what reopened, when set, lets through.
	lasting  bool
	reopened func(K) bool
	// completed, when set, is a value as it comes with what is stored where it leaves that open.
	completed func(value, stored V) V
	// parent, when set, names the thing of the same kind that must be there too.
	parent       func(V) (K, bool)
	parentColumn string
	// part, when set, is what is stored of some keys: the file is then taken in part by
	// part, and read asks nothing of the database.
	part func(*tx, []K) (map[K]V, error)
}

type keyed[K comparable, V comparable] struct {
	key   K
	value V
}

// readMap reads what a query finds as a map.
func readMap[K comparable, V any](t *tx, query string, scan func(*sql.Rows) (K, V, error), args ...any) (map[K]V, error) {
	all := map[K]V{}
	err := t.each(func(rows *sql.Rows) error {
		key, value, err := scan(rows)
		all[key] = value
		return err
	}, query, args...)
	return all, err
}

// into writes things into a table, one row each.
func into[K comparable, V comparable](table string, columns []string, row func(keyed[K, V]) []any) func(*tx, []keyed[K, V]) error {
	return func(t *tx, added []keyed[K, V]) error {
		rows := make([][]any, len(added))
		for i, k := range added {
			rows[i] = row(k)
		}
		return t.insert(table, columns, rows)
	}
}

// eachRun is the import of one file of entities.
type eachRun[K comparable, V comparable] struct {
	*importRun
	entity[K, V]
	stored map[K]V
	inFile map[K]*accepted[V]
	added  []K
	edited []K

	seen *seenRows[K] // of earlier parts; nil: the file is taken as a whole
}

type accepted[V any] struct {
	value V
	row   *cells
}

// takeEach imports a file in which one row is one thing. The same row twice is
// unchanged the second time; two rows that contradict each other are refused.
func takeEach[K comparable, V comparable](r *importRun, e entity[K, V]) error {
	if e.part != nil && r.in.upload == "" { // what an upload needs to be undone is one thing
		run := eachRun[K, V]{importRun: r, entity: e}
		return run.takeParts()
	}
	stored, err := e.stored(r.tx)
	if err != nil {
		return err
	}
	run := eachRun[K, V]{importRun: r, entity: e, stored: stored, inFile: map[K]*accepted[V]{}}
	if err := r.rows(run.takeRow); err != nil {
		return err
	}
	if err := run.write(); err != nil || e.finish == nil {
		return err
	}
	return e.finish()
}

// write books what was read, once everything that a row may name is known.
func (r *eachRun[K, V]) write() error {
	for r.parent != nil && (r.orphaned(&r.added) || r.orphaned(&r.edited)) {
	}
	r.count(isNew, len(r.added))
	r.count(isUpdated, len(r.edited))
	if r.in.upload != "" {
		r.importRun.undo = r.undoLog()
	}
	for _, key := range r.edited {
		if err := r.update(r.tx, keyed[K, V]{key, r.inFile[key].value}); err != nil {
			return err
		}
	}
	added := make([]keyed[K, V], len(r.added))
	for i, key := range r.added {
		added[i] = keyed[K, V]{key, r.inFile[key].value}
	}
	return r.insert(r.tx, added)
}

// orphaned refuses the rows whose parent is neither stored nor in the file, and
// says whether there were any: others may have lost their parent by it.
func (r *eachRun[K, V]) orphaned(keys *[]K) bool {
	before := len(*keys)
	*keys = slices.DeleteFunc(*keys, func(key K) bool {
		parent, has := r.parent(r.inFile[key].value)
		_, stored := r.stored[parent]
		_, listed := r.inFile[parent]
		if !has || stored || listed {
			return false
		}
		row := r.inFile[key].row
		row.fault(r.parentColumn, row.raw(r.parentColumn), "unknown_parent", nil)
		r.refuse(row)
		delete(r.inFile, key)
		return true
	})
	return len(*keys) < before
}

func (r *eachRun[K, V]) takeRow(c *cells) error {
	key, value := r.read(c)
	r.judge(key, &accepted[V]{value, c})
	return nil
}

// earlier is the row of the file in which a key came before.
func (r *eachRun[K, V]) earlier(key K) (before V, number int, twice bool) {
	if here, twice := r.inFile[key]; twice {
		return here.value, here.row.row.Number, true
	}
	before, exists := r.stored[key]
	if exists && r.seen != nil {
		number, twice = r.seen.row(r.seen.hash(key))
	}
	return before, number, twice
}

// judge decides what becomes of a row that was read.
func (r *eachRun[K, V]) judge(key K, a *accepted[V]) {
	before, number, twice := r.earlier(key)
	old, exists := r.stored[key]
	c := a.row
	if exists && r.completed != nil {
		a.value = r.completed(a.value, old)
	}
	switch {
	case twice && before != a.value:
		c.fault("", "", "contradicts", map[string]any{"Row": number})
	case exists && old != a.value && r.lasting && (r.reopened == nil || !r.reopened(key)):
		c.fault("", "", "lasting", nil)
	}
	if len(c.faults) > 0 {
		r.refuse(c)
		return
	}
	if twice {
		r.report.note("row_twice", "", c.row.Number)
	}
	switch {
	case twice || (exists && old == a.value):
		r.count(isUnchanged, 1)
	case exists:
		r.edited = append(r.edited, key)
	default:
		r.added = append(r.added, key)
	}
	r.inFile[key] = a
}
