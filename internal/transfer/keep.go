package transfer

import (
	"creditbank/internal/packed"
)

// keptForm is raised when the same rows come to mean something else, or lie in
// another order: a program does not take the maps of another for its own.
const keptForm uint32 = 3

// AppendBinary appends the compiled map to b as [Load] reads it.
func (m *Map) AppendBinary(b []byte) []byte {
	w := packed.NewWriter(m.Bytes())
	packed.Put(w, []uint32{keptForm})
	m.eachTable(func(t anyTable) { t.put(w) })
	return append(b, w.Bytes()...)
}

// Load opens a compiled map in the time it takes to look it over for damage. The
// map shares the memory of b, which nobody may change afterwards. It promises
// [packed.ErrUnreadable] for anything but what AppendBinary of this program gave.
func Load(b []byte) (*Map, error) {
	m, r := &Map{}, packed.NewReader(b)
	form := packed.Take[uint32](r)
	m.eachTable(func(t anyTable) { t.take(r) })
	if err := r.Close(); err != nil {
		return nil, err
	}
	if len(form) != 1 || form[0] != keptForm {
		return nil, packed.ErrUnreadable
	}
	m.open()
	return m, nil
}

// Bytes is the memory that the tables take.
func (m *Map) Bytes() int {
	sum := 0
	m.eachTable(func(t anyTable) { sum += t.size() })
	return sum
}

// anyTable is a table of a map whatever its rows, so that one list of them
// serves to write, to read and to measure.
type anyTable interface {
	put(*packed.Writer)
	take(*packed.Reader)
	size() int
}

type rowTable[T any] struct{ rows *[]T }

func (t rowTable[T]) put(w *packed.Writer)  { packed.Put(w, *t.rows) }
func (t rowTable[T]) take(r *packed.Reader) { *t.rows = packed.Take[T](r) }
func (t rowTable[T]) size() int             { return packed.Size(*t.rows) }

type textTable struct{ *packed.Texts }

func (t textTable) put(w *packed.Writer)  { t.Put(w) }
func (t textTable) take(r *packed.Reader) { t.Take(r) }
func (t textTable) size() int             { return t.Size() }

// eachTable is the list of all tables, in the order of the kept form.
func (m *Map) eachTable(do func(anyTable)) {
	for _, t := range []anyTable{
		textTable{&m.texts}, rowTable[institutionRow]{&m.institutions}, textTable{&m.courseCodes}, rowTable[courseRow]{&m.courses},
		rowTable[versionRow]{&m.versions}, rowTable[programmeRow]{&m.programmes}, rowTable[int32]{&m.offered}, rowTable[groupRow]{&m.groups},
		rowTable[planRow]{&m.plan}, rowTable[placeRow]{&m.places}, textTable{&m.ruleCodes}, rowTable[ruleRow]{&m.rules}, rowTable[int32]{&m.byCode}, rowTable[int32]{&m.also},
		rowTable[severalRow]{&m.several}, rowTable[sourceRow]{&m.sources}, rowTable[targetRow]{&m.targets}, rowTable[scopeRow]{&m.scopes},
		rowTable[termsRow]{&m.terms}, rowTable[bandRow]{&m.bands}, rowTable[formRow]{&m.forms}, rowTable[int32]{&m.notedRules}, textTable{&m.notes},
		rowTable[int32]{&m.feeders}, rowTable[policyRow]{&m.policyRows}, rowTable[capRow]{&m.capRows}, rowTable[faultRow]{&m.faults},
	} {
		do(t)
	}
}
