package bank

import (
	"cmp"
	"slices"

	"creditbank/internal/calendar"
	"creditbank/internal/credit"
	"creditbank/internal/packed"
	"creditbank/internal/transfer"
)

// names is what people call the things of a map, and what else of them the
// engine does not ask for. Rows lie beside those of the map: the row of a course
// has its number there.
type names struct {
	texts        packed.Texts // each once; number 0 is the empty one
	institutions []institutionName
	versions     []versionName
	programmes   []programmeName
	groups       []uint32        // names
	required     packed.Set      // places in plans
	groupNames   []groupNameRow  // by institution and code
	regions      []regionRow     // by code
	catalogue    []catalogueRow  // by code
	marks        []markRow       // of further grade scales
	latest       packed.Set      // places in the map's order of codes: the last published version
	ends         []endRow        // stated ends of versions that a later one ended before
	pastEnds     []endRow        // effective ends of replaced versions that differ from the stated ones
	extras       []extraRow      // published versions that are not in the map, by code and version
	apart        packed.Texts    // those of them that cannot be served at all, spelled out
	index        [3]searchTables // institutions, programmes by institution, courses
}

type institutionName struct {
	name, nameEn, region uint32
	sending, receiving   uint32 // published versions that take, that award its courses
}

type versionName struct {
	name, nameEn, category uint32
	hours, practice        int32 // -1: not given
}

type programmeName struct {
	name, nameEn, catalogue uint32
	years                   int32
}

// groupNameRow is what a group is called in the first programme of an institution that has it.
type groupNameRow struct {
	institution int32
	code, name  uint32
}

type regionRow struct{ code, name, kind, parent uint32 }

type catalogueRow struct{ code, name uint32 }

type markRow struct {
	scale, grade uint32
	from         calendar.Day
	score        int32
	passed       int32 // 1: it is a pass
}

// endRow is a day that belongs to a rule: at is its place in the map's order of codes.
type endRow struct {
	at  uint32
	day calendar.Day
}

// extraRow is a version that is not in the map. It comes before the rule at a
// place in the map's order of codes.
type extraRow struct{ before, which uint32 }

// which is the place of a version in the order of codes of the replaced ones or,
// with the flag, its number among those that stand apart.
const (
	extraApart  = 1 << 31
	extraLatest = 1 << 30
	extraNumber = extraLatest - 1
)

// eachTable calls put or take for every table, in the order of the kept form.
func (n *names) eachTable(x exchange) {
	x.texts(&n.texts)
	exchangeRows(x, &n.institutions)
	exchangeRows(x, &n.versions)
	exchangeRows(x, &n.programmes)
	exchangeRows(x, &n.groups)
	exchangeRows(x, (*[]uint64)(&n.required))
	exchangeRows(x, &n.groupNames)
	exchangeRows(x, &n.regions)
	exchangeRows(x, &n.catalogue)
	exchangeRows(x, &n.marks)
	exchangeRows(x, (*[]uint64)(&n.latest))
	exchangeRows(x, &n.ends)
	exchangeRows(x, &n.pastEnds)
	exchangeRows(x, &n.extras)
	x.texts(&n.apart)
	for i := range n.index {
		x.texts(&n.index[i].hays)
		exchangeRows(x, &n.index[i].cuts)
	}
}

// exchange writes tables, or reads them, or adds up their size: whichever is set.
type exchange struct {
	w    *packed.Writer
	r    *packed.Reader
	size *int
}

func (x exchange) texts(t *packed.Texts) {
	switch {
	case x.w != nil:
		t.Put(x.w)
	case x.r != nil:
		t.Take(x.r)
	default:
		*x.size += t.Size()
	}
}

func exchangeRows[T any](x exchange, rows *[]T) {
	switch {
	case x.w != nil:
		packed.Put(x.w, *rows)
	case x.r != nil:
		*rows = packed.Take[T](x.r)
	default:
		*x.size += packed.Size(*rows)
	}
}

// markMap gives the marks of further grade scales as they are stored.
func (n *names) markMap() map[scaleKey]scaleMark {
	marks := make(map[scaleKey]scaleMark, len(n.marks))
	for _, m := range n.marks {
		marks[scaleKey{n.texts.At(m.scale), m.from, n.texts.At(m.grade)}] = scaleMark{credit.Score(m.score), m.passed != 0}
	}
	return marks
}

// region is a region by its code; false when there is none.
func (n *names) region(code string) (Region, bool) {
	i, found := slices.BinarySearchFunc(n.regions, code, func(r regionRow, code string) int { return cmp.Compare(n.texts.At(r.code), code) })
	if !found {
		return Region{}, false
	}
	r := n.regions[i]
	return Region{Code: n.texts.At(r.code), Name: n.texts.At(r.name), Kind: n.texts.At(r.kind), Parent: n.texts.At(r.parent), From: calendar.None, To: calendar.None}, true
}

// catalogueName is the national name of a programme code.
func (n *names) catalogueName(code string) string {
	i, found := slices.BinarySearchFunc(n.catalogue, code, func(r catalogueRow, code string) int { return cmp.Compare(n.texts.At(r.code), code) })
	if !found {
		return ""
	}
	return n.texts.At(n.catalogue[i].name)
}

// groupName is what a group is called in the first programme of an institution that has it.
func (n *names) groupName(institution int32, code string) string {
	i, found := slices.BinarySearchFunc(n.groupNames, code, func(r groupNameRow, code string) int {
		return cmp.Or(cmp.Compare(r.institution, institution), cmp.Compare(n.texts.At(r.code), code))
	})
	if !found {
		return ""
	}
	return n.texts.At(n.groupNames[i].name)
}

// dayAt is the day that a list has for a place.
func dayAt(list []endRow, at uint32) (calendar.Day, bool) {
	i, found := slices.BinarySearchFunc(list, at, func(r endRow, at uint32) int { return cmp.Compare(r.at, at) })
	if !found {
		return calendar.None, false
	}
	return list[i].day, true
}

// institutionAt is the institution of a number in the map.
func (s *Snapshot) institutionAt(n int32) Institution {
	fact, name := s.Map.InstitutionAt(n), &s.institutions[n]
	return Institution{Code: fact.Code, Name: s.texts.At(name.name), NameEn: s.texts.At(name.nameEn), Kind: fact.Kind,
		Region: s.texts.At(name.region), Rate: fact.Rate, Step: fact.Step}
}

// programmeAt is the programme of a number in the map.
func (s *Snapshot) programmeAt(n int32) Programme {
	name := &s.programmes[n]
	return Programme{Name: s.texts.At(name.name), NameEn: s.texts.At(name.nameEn), CatalogueCode: s.texts.At(name.catalogue),
		Years: credit.Amount(name.years), Required: s.Map.Required(n)}
}

// versionsAt are the versions of a course without outlines, the oldest first.
func (s *Snapshot) versionsAt(course int32) []CourseVersion {
	from, to := s.Map.CourseVersions(course)
	versions := make([]CourseVersion, 0, to-from)
	for n := from; n < to; n++ {
		fact, name := s.Map.VersionAt(n), &s.versions[n]
		versions = append(versions, CourseVersion{Name: s.texts.At(name.name), NameEn: s.texts.At(name.nameEn), Credits: fact.Credits,
			Hours: credit.Hours(name.hours), PracticeHours: credit.Hours(name.practice), Category: s.texts.At(name.category),
			Level: fact.Level, From: fact.From, To: fact.To})
	}
	return versions
}

// groupsAt are the groups of a programme with their numbers in the map.
func (s *Snapshot) groupsAt(programme int32) (groups []GroupInfo, first int32) {
	from, to := s.Map.GroupsOf(programme)
	for n := from; n < to; n++ {
		fact := s.Map.GroupAt(n)
		groups = append(groups, GroupInfo{Code: fact.Code, Group: Group{Name: s.texts.At(s.groups[n]), Min: fact.Min}})
	}
	return groups, from
}

// courseOfRule names the course of a target.
func courseOfRule(institution string, t transfer.Target) transfer.CourseKey {
	return transfer.CourseKey{Institution: institution, Code: t.Course}
}

// institutionNamed is an institution by its code; false when there is none.
func (s *Snapshot) institutionNamed(code string) (Institution, bool) {
	n, known := s.Map.InstitutionNumber(code)
	if !known {
		return Institution{}, false
	}
	return s.institutionAt(n), true
}

// versionsNamed are the versions of a course without outlines, the oldest first;
// none when there is no such course.
func (s *Snapshot) versionsNamed(k transfer.CourseKey) []CourseVersion {
	n, known := s.Map.CourseNumber(k)
	if !known {
		return nil
	}
	return s.versionsAt(n)
}
