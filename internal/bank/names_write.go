package bank

import (
	"cmp"
	"database/sql"
	"slices"

	"creditbank/internal/packed"
	"creditbank/internal/transfer"
)

// nameWriter fills the tables of names beside a compiled map.
type nameWriter struct {
	*loader
	texts  *packed.Index
	search searchWriter
}

func (w *nameWriter) write() error {
	w.search = searchWriter{folded: map[string]foldedName{}, letters: letterMemo{}}
	w.writeInstitutions()
	w.writeCourses()
	w.writeProgrammes()
	if err := w.writeLists(); err != nil {
		return err
	}
	err := w.writeRules()
	w.s.texts = w.texts.Texts
	return err
}

func (w *nameWriter) writeInstitutions() {
	n := w.s.Map.InstitutionCount()
	w.s.institutions = make([]institutionName, n)
	slices.SortFunc(w.institutions, func(a, b Institution) int { return cmp.Compare(a.Code, b.Code) })
	for i, in := range w.institutions {
		counts := w.countsOf(in.Code)
		w.s.names.institutions[i] = institutionName{name: w.texts.Number(in.Name), nameEn: w.texts.Number(in.NameEn), region: w.texts.Number(in.Region),
			sending: counts.sending, receiving: counts.receiving}
		w.search.add(&w.s.index[findInstitutions], in.Code, in.Name, in.NameEn)
	}
}

// writeCourses walks the versions of the bank beside those of the map, which are
// the same as long as the bank keeps to its own constraints; a version that the
// map has left out is in its list of faults.
func (w *nameWriter) writeCourses() {
	slices.SortFunc(w.versions, func(a, b keyed[transfer.CourseKey, CourseVersion]) int {
		return cmp.Or(transfer.CompareCourses(a.key, b.key), cmp.Compare(a.value.From, b.value.From))
	})
	m, next := w.s.Map, 0
	for course := range int32(m.CourseCount()) {
		key := m.CourseAt(course)
		from, to := m.CourseVersions(course)
		var latest *CourseVersion
		for n := from; n < to; n++ {
			for day := m.VersionAt(n).From; w.versions[next].key != key || w.versions[next].value.From != day; {
				next++
			}
			latest = &w.versions[next].value
			w.s.versions = append(w.s.versions, versionName{name: w.texts.Number(latest.Name), nameEn: w.texts.Number(latest.NameEn),
				category: w.texts.Number(latest.Category), hours: int32(latest.Hours), practice: int32(latest.PracticeHours)})
		}
		w.search.add(&w.s.index[findCourses], key.Code, latest.Name, latest.NameEn)
	}
}

func (w *nameWriter) writeProgrammes() {
	m := w.s.Map
	w.s.programmes = make([]programmeName, m.ProgrammeCount())
	for n := range int32(m.ProgrammeCount()) {
		loaded := &w.programmes[w.programmeAt[m.ProgrammeAt(n)]]
		w.s.names.programmes[n] = programmeName{name: w.texts.Number(loaded.Name), nameEn: w.texts.Number(loaded.NameEn),
			catalogue: w.texts.Number(loaded.CatalogueCode), years: int32(loaded.Years)}
		for _, name := range loaded.groups {
			w.s.groups = append(w.s.groups, w.texts.Number(name))
		}
		w.writePlan(n, loaded.required)
	}
	for at := range int32(m.InstitutionCount()) {
		for _, n := range m.ProgrammesOf(at) {
			key, loaded := m.ProgrammeAt(n), &w.programmes[w.programmeAt[m.ProgrammeAt(n)]]
			w.search.add(&w.s.index[findProgrammes], key.Code, loaded.Name, loaded.NameEn, loaded.CatalogueCode)
		}
		w.writeGroupNames(at)
	}
}

func (w *nameWriter) writePlan(programme int32, required map[string]bool) {
	m := w.s.Map
	from, to := m.PlanOf(programme)
	for len(w.s.required)*64 < int(to) {
		w.s.required = append(w.s.required, 0)
	}
	for n := from; n < to; n++ {
		if course, _, _ := m.PlanAt(n); required[m.CourseAt(course).Code] {
			w.s.required.Add(n)
		}
	}
}

// writeGroupNames lists what each group is called in the first programme of an
// institution that has it.
func (w *nameWriter) writeGroupNames(institution int32) {
	m := w.s.Map
	called := map[string]uint32{}
	for _, programme := range m.ProgrammesOf(institution) {
		from, to := m.GroupsOf(programme)
		for n := from; n < to; n++ {
			if code := m.GroupAt(n).Code; called[code] == 0 {
				called[code] = w.s.groups[n]
			}
		}
	}
	for _, code := range sortedKeys(called) {
		w.s.groupNames = append(w.s.groupNames, groupNameRow{institution, w.texts.Number(code), called[code]})
	}
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for key := range m {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys
}

// writeLists keeps regions, the national catalogue and further grade scales.
func (w *nameWriter) writeLists() error {
	regions, err := w.regions()
	if err != nil {
		return err
	}
	for _, code := range sortedKeys(regions) {
		r := regions[code]
		w.s.names.regions = append(w.s.names.regions, regionRow{w.texts.Number(r.Code), w.texts.Number(r.Name), w.texts.Number(r.Kind), w.texts.Number(r.Parent)})
	}
	catalogue, err := storedCatalogue(w.tx)
	if err != nil {
		return err
	}
	for _, code := range sortedKeys(catalogue) {
		w.s.catalogue = append(w.s.catalogue, catalogueRow{w.texts.Number(code), w.texts.Number(catalogue[code].Name)})
	}
	return w.each(func(rows *sql.Rows) error {
		k, v, err := scanMark(rows)
		row := markRow{scale: w.texts.Number(k.Scale), grade: w.texts.Number(k.Grade), from: k.From, score: int32(v.Score)}
		if v.Passed {
			row.passed = 1
		}
		w.s.marks = append(w.s.marks, row)
		return err
	}, selectMarks+` ORDER BY scale, valid_from, grade`)
}
