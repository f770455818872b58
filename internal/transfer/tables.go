package transfer

import (
	"cmp"
	"slices"
	"sync"

	"creditbank/internal/calendar"
	"creditbank/internal/credit"
	"creditbank/internal/packed"
)

// Map is a compiled set of facts: immutable, safe for any number of readers.
//
// The facts lie in tables of small rows that name each other by number, so that
// a country's rules fit into the memory of a telephone and a question walks them
// in the order in which they lie. Courses are numbered by institution and code,
// programmes by code and institution, rules by their first source, code and
// version: the numbers depend on the facts alone, not on the order of rows.
type Map struct {
	tables
	institutionAt map[string]int32
	policies      map[Place][]Policy
	caps          map[Place][]Cap
	scoped        map[int32]bool    // institutions with a policy for one of their programmes
	capped        map[int32]bool    // institutions with a cap for one of their programmes
	units         bool              // the bank has standard units
	feeding       map[int32][]int32 // by course: the rules from it into standard units
	days          dayKeeper
	workspaces    sync.Pool // of *workspace
	memories      sync.Pool // of *memory
}

// tables are the rows of a map. Lists that belong to a row lie in another table,
// from where the row says to where the next one says; so every such table ends
// with a row that stands for nothing.
type tables struct {
	texts        packed.Texts // codes of institutions, kinds, groups, programmes, reasons
	institutions []institutionRow
	courseCodes  packed.Texts // by course
	courses      []courseRow
	versions     []versionRow
	programmes   []programmeRow
	offered      []int32 // programmes by institution
	groups       []groupRow
	plan         []planRow
	places       []placeRow // by course: the groups in which it stands
	ruleCodes    packed.Texts
	rules        []ruleRow
	byCode       []int32 // rules in the order of code and version
	also         []int32 // by course: rules that ask for it as a further source
	several      []severalRow
	sources      []sourceRow
	targets      []targetRow
	scopes       []scopeRow
	terms        []termsRow
	bands        []bandRow
	forms        []formRow
	notedRules   []int32 // rules with a note, ascending
	notes        packed.Texts
	feeders      []int32 // rules into standard units of the bank, ascending
	policyRows   []policyRow
	capRows      []capRow
	faults       []faultRow
}

// institutionRow is an institution, or a code that only others name.
type institutionRow struct {
	rate       credit.Rate
	step       credit.Amount
	code, kind uint32 // texts
	courses    uint32 // first in courses
	offered    uint32 // first in offered
	known      uint32 // 1: the facts describe it
	_          uint32
}

type courseRow struct {
	at       int32  // institution
	versions uint32 // first in versions
	rules    uint32 // first in rules: those whose first source it is
	also     uint32 // first in also
	places   uint32 // first in places
}

type versionRow struct {
	credits, hours int32
	from, to       calendar.Day
	level          int32
}

type programmeRow struct {
	required credit.Amount
	code     uint32 // text
	at       int32  // institution
	groups   uint32 // first in groups
	plan     uint32 // first in plan
}

type groupRow struct {
	min       credit.Amount
	code      uint32 // text
	programme int32
}

// planRow is a course in the plan of a programme; they are sorted by course.
type planRow struct {
	course int32
	place  placeRow
}

// placeRow is a group in which a course stands, twice its number in groups, and
// one more when no equivalence may award the course there. Below 0: the
// programme has no such group.
type placeRow int32

func newPlace(group int32, never bool) placeRow {
	place := placeRow(group * 2)
	if never {
		place++
	}
	return place
}

func (p placeRow) group() int32 { return int32(p >> 1) }
func (p placeRow) never() bool  { return p&1 != 0 }

// ruleRow is a rule. Ninety-nine in a hundred have one source and one target,
// which stand in the row; the others have a row in several.
type ruleRow struct {
	scope  uint32
	terms  uint32
	source int32 // course; below 0: ^ of the row in several
	target int32 // course; -1: unassigned credit, or no target
	band   uint16
	form   uint16
}

// noForm marks a rule without a target: a refusal may have none.
const noForm = 1<<16 - 1

type severalRow struct{ sources, targets uint32 }

type sourceRow struct {
	course int32
	band   uint32
}

type targetRow struct {
	course int32 // -1: unassigned credit
	form   uint32
}

// scopeRow is whom a rule is for.
type scopeRow struct {
	at            int32  // institution
	programme     int32  // -1: all of the institution
	programmeCode uint32 // text; a code may name no programme
}

// nowhere is the programme of a scope whose code names none.
const nowhere = -2

// termsRow is what many rules have in common.
type termsRow struct {
	from, to, since    calendar.Day
	validity, priority int32
	version            int32
	reasons            uint32 // text: the codes, each behind its length
	outcome            uint32
}

const (
	outcomeCredit = iota
	outcomeRefused
	outcomePending
)

type bandRow struct{ min, max int32 }

type formRow struct {
	credits   int32
	group     uint32 // text
	mode      uint16
	exemption uint16
}

type policyRow struct {
	minGrade, validity, maxRise   int64
	scope, institution, programme uint32 // texts
	from                          calendar.Day
}

type capRow struct {
	credits, share                int64
	scope, institution, programme uint32 // texts
	kind, key                     uint32 // texts
	from                          calendar.Day
}

type faultRow struct {
	code, institution, course, field, what uint32 // texts
	version                                int32
}

// span is a part of a table.
type span struct{ from, to uint32 }

func (m *Map) rulesOf(course int32) span {
	return span{m.courses[course].rules, m.courses[course+1].rules}
}

func (m *Map) alsoOf(course int32) []int32 {
	return m.also[m.courses[course].also:m.courses[course+1].also]
}

func (m *Map) placesOf(course int32) []placeRow {
	return m.places[m.courses[course].places:m.courses[course+1].places]
}

func (m *Map) versionsOf(course int32) []versionRow {
	return m.versions[m.courses[course].versions:m.courses[course+1].versions]
}

func (m *Map) offeredBy(institution int32) []int32 {
	return m.offered[m.institutions[institution].offered:m.institutions[institution+1].offered]
}

// courseCount, programmeCount leave out the row at the end.
func (m *Map) courseCount() int32    { return int32(len(m.courses) - 1) }
func (m *Map) programmeCount() int32 { return int32(len(m.programmes) - 1) }

// courseAt is the number of a course.
func (m *Map) courseAt(key CourseKey) (int32, bool) {
	at, known := m.institutionAt[key.Institution]
	if !known {
		return 0, false
	}
	from, to := m.institutions[at].courses, m.institutions[at+1].courses
	for from < to {
		middle := from + (to-from)/2
		switch cmp.Compare(m.courseCodes.At(middle), key.Code) {
		case 0:
			return int32(middle), true
		case -1:
			from = middle + 1
		default:
			to = middle
		}
	}
	return 0, false
}

func (m *Map) courseKey(course int32) CourseKey {
	return CourseKey{m.institutionCode(m.courses[course].at), m.courseCodes.At(uint32(course))}
}

func (m *Map) institutionCode(at int32) string { return m.texts.At(m.institutions[at].code) }

func (m *Map) institutionKind(at int32) string { return m.texts.At(m.institutions[at].kind) }

// programmeAt is the number of a programme.
func (m *Map) programmeAt(key ProgrammeKey) (int32, bool) {
	n, found := slices.BinarySearchFunc(m.programmes[:m.programmeCount()], key, func(p programmeRow, key ProgrammeKey) int {
		return compareProgrammes(ProgrammeKey{m.institutionCode(p.at), m.texts.At(p.code)}, key)
	})
	return int32(n), found
}

func (m *Map) programmeKey(n int32) ProgrammeKey {
	p := &m.programmes[n]
	return ProgrammeKey{m.institutionCode(p.at), m.texts.At(p.code)}
}

// Size is the number of rules that are served.
func (m *Map) Size() int { return len(m.rules) }

// courseOn is the version of a course in force on a day: the latest whose window
// holds it, else the latest that had begun, else the first there will be.
func (m *Map) courseOn(course int32, day calendar.Day) *versionRow {
	versions := m.versionsOf(course)
	chosen, inForce := &versions[0], false
	for i := range versions {
		v := &versions[i]
		if v.from > day {
			break
		}
		holds := v.to == calendar.None || day <= v.to
		if holds || !inForce {
			chosen, inForce = v, holds
		}
	}
	return chosen
}

func (v *versionRow) amount() credit.Amount { return credit.Amount(v.credits) }

func (m *Map) rate(institution int32) credit.Rate { return m.institutions[institution].rate }
