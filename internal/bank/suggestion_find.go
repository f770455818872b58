package bank

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"
	"sync"

	"creditbank/internal/calendar"
	"creditbank/internal/transfer"
)

// The kinds of suggestions, in the order of how much speaks for them.
const (
	SuggestUnit    = "unit"    // both courses equal the same standard unit
	SuggestMirror  = "mirror"  // the way back of a rule between schools of one level
	SuggestCode    = "code"    // same code, and titles that share words
	SuggestName    = "name"    // same title
	SuggestSimilar = "similar" // same class of specialties, and similar titles and contents
)

// SuggestionKinds lists the kinds in their order.
func SuggestionKinds() []string {
	return []string{SuggestUnit, SuggestMirror, SuggestCode, SuggestName, SuggestSimilar}
}

const (
	likeEnough    = 0.4 // titles of one class
	likeStrangers = 0.7 // titles of courses of which no class is known
	likeMost      = 8   // titles that are looked at more closely
	likeShown     = 3   // and that are suggested for a course, of each kind
	contentWeight = 0.25
)

// pairing is a suggestion by the numbers of its courses in the map.
type pairing struct {
	kind           string
	source, target int32
	rule           int32   // of a mirror: the rule there
	unit           int32   // of a unit
	score          float64 // of the titles and contents
}

// suggester is what is worked out from the map once, to suggest from it for any school.
type suggester struct {
	s       *Snapshot
	today   calendar.Day
	titles  *titleIndex
	names   []string           // of courses as they are now
	folded  map[string][]int32 // courses by folded title
	codes   map[string][]int32 // and by code
	classes []specialties      // of courses
	live    []bool             // courses that can be asked for or awarded now
	stages  []int              // of institutions
	bound   map[[2]int32]bool  // courses between which there is a rule, whatever it says
	fed     map[int32][]int32  // by standard unit: courses that equal it
	equals  map[int32][]int32  // by course: the units it equals
	back    map[int32][]int32  // by course: rules from or to it, alone on both sides, that grant
	ways    *nationalWays
	codesOf map[int32][]string // by course: the national codes of the programmes in whose plan it stands

	working sync.Mutex
	kept    map[int32][]pairing // by school, with contents weighed
}

func newSuggester(s *Snapshot, today calendar.Day, ways *nationalWays) *suggester {
	count := s.Map.CourseCount()
	g := &suggester{s: s, today: today, ways: ways, codesOf: map[int32][]string{}, names: make([]string, count), folded: map[string][]int32{}, codes: map[string][]int32{}, classes: make([]specialties, count),
		live: make([]bool, count), bound: map[[2]int32]bool{}, fed: map[int32][]int32{}, equals: map[int32][]int32{}, back: map[int32][]int32{}, kept: map[int32][]pairing{}}
	for at := range int32(s.Map.InstitutionCount()) {
		g.stages = append(g.stages, stageOf(s.Map.InstitutionAt(at).Kind))
	}
	g.readCourses(today)
	g.readClasses()
	for n := range int32(s.Map.Size()) {
		g.readRule(n, today)
	}
	g.titles = newTitleIndex(g.names)
	return g
}

func (g *suggester) readCourses(today calendar.Day) {
	for n := range int32(len(g.names)) {
		name, live := g.s.titleOn(n, today)
		g.names[n] = name
		g.live[n] = live && g.stage(n) > 0
		if !g.live[n] {
			continue
		}
		folded := Fold(name)
		g.folded[folded] = append(g.folded[folded], n)
		code := g.s.Map.CourseAt(n).Code
		g.codes[code] = append(g.codes[code], n)
	}
}

// titleOn is what a course is called on a day, and whether it is given then.
func (s *Snapshot) titleOn(course int32, day calendar.Day) (title string, given bool) {
	from, to := s.Map.CourseVersions(course)
	for n := from; n < to; n++ {
		v := s.Map.VersionAt(n)
		if n == from || v.From == calendar.None || v.From <= day {
			title = s.texts.At(s.versions[n].name)
			given = (v.From == calendar.None || v.From <= day) && (v.To == calendar.None || day <= v.To)
		}
	}
	return title, given
}

// readClasses finds the classes of each course by the programmes in whose plan it
// stands; one that stands in none is of those in which the national lists name such a
// course, else of all classes of its school.
func (g *suggester) readClasses() {
	of := make([]specialties, len(g.stages))
	for p := range int32(g.s.Map.ProgrammeCount()) {
		code := g.s.texts.At(g.s.programmes[p].catalogue)
		set := specialtiesOf(code)
		of[g.s.Map.ProgrammeInstitution(p)] |= set
		from, to := g.s.Map.PlanOf(p)
		for place := from; place < to; place++ {
			course, _, _ := g.s.Map.PlanAt(place)
			g.classes[course] |= set
			if code != "" && len(g.codesOf[course]) < mostCodes {
				g.codesOf[course] = append(g.codesOf[course], code)
			}
		}
	}
	for n := range g.classes {
		if g.classes[n] == 0 {
			g.classes[n] = of[g.s.Map.CourseInstitution(int32(n))]
			if named := g.ways.field(g.names[n]) & g.classes[n]; named != 0 {
				g.classes[n] = named
			}
		}
	}
}

func (g *suggester) readRule(n int32, today calendar.Day) {
	sources, targets := g.s.Map.RuleCourses(n)
	for _, source := range sources {
		for _, target := range targets {
			g.bound[[2]int32{source, target}] = true
		}
	}
	if len(sources) != 1 || len(targets) != 1 || !g.s.Map.RuleGrants(n, today) {
		return
	}
	if g.isUnit(targets[0]) {
		g.fed[targets[0]] = append(g.fed[targets[0]], sources[0])
		g.equals[sources[0]] = append(g.equals[sources[0]], targets[0])
		return
	}
	g.back[sources[0]] = append(g.back[sources[0]], n)
	g.back[targets[0]] = append(g.back[targets[0]], n)
}

func (g *suggester) stage(course int32) int { return g.stages[g.s.Map.CourseInstitution(course)] }

func (g *suggester) isUnit(course int32) bool {
	return g.s.Map.InstitutionAt(g.s.Map.CourseInstitution(course)).Kind == transfer.KindBank
}

// forSchool lists the suggestions for the courses of a school, those for which most
// speaks first: for what others send it from its own level or below, and for what it
// sends to schools above.
func (g *suggester) forSchool(at int32) []pairing {
	var list []pairing
	from, to := g.s.Map.CoursesOf(at)
	for course := from; course < to; course++ {
		if g.live[course] {
			list = append(list, g.forCourse(course)...)
		}
	}
	order := SuggestionKinds()
	slices.SortFunc(list, func(a, b pairing) int {
		return cmp.Or(cmp.Compare(slices.Index(order, a.kind), slices.Index(order, b.kind)), cmp.Compare(b.score, a.score),
			cmp.Compare(a.target, b.target), cmp.Compare(a.source, b.source))
	})
	return list
}

// forCourse lists the suggestions for one course; two courses are suggested once, for
// whatever speaks most.
func (g *suggester) forCourse(course int32) []pairing {
	var list []pairing
	seen := map[[2]int32]bool{}
	take := func(most int, found []pairing) {
		for _, p := range found {
			if key := [2]int32{p.source, p.target}; most > 0 && !seen[key] && !g.bound[key] {
				seen[key] = true
				list = append(list, p)
				most--
			}
		}
	}
	take(likeShown, g.throughUnits(course))
	take(likeShown, g.mirrors(course))
	take(likeShown, g.sameCode(course))
	take(likeShown, g.sameName(course))
	take(likeMost, g.similar(course))
	return list
}

// between is the pairing of a course with one of another school: the lower level
// sends, and on one level the other school. It is false for those that cannot be.
func (g *suggester) between(kind string, course, other int32) (pairing, bool) {
	if !g.live[other] || g.s.Map.CourseInstitution(course) == g.s.Map.CourseInstitution(other) {
		return pairing{}, false
	}
	p := pairing{kind: kind, source: other, target: course, rule: -1, unit: -1, score: g.titles.alike(course, other)}
	if g.stage(other) > g.stage(course) {
		p.source, p.target = course, other
	}
	p.score = min(p.score+g.way(p.source, p.target).weight(), 1)
	return p, true
}

func (g *suggester) throughUnits(course int32) (list []pairing) {
	for _, unit := range g.equals[course] {
		for _, other := range g.fed[unit] {
			p, can := g.between(SuggestUnit, course, other)
			if p.unit = unit; can && !g.bound[[2]int32{unit, p.target}] { // else the unit serves already
				list = append(list, p)
			}
		}
	}
	return likest(list)
}

func (g *suggester) mirrors(course int32) (list []pairing) {
	for _, n := range g.back[course] {
		sources, targets := g.s.Map.RuleCourses(n)
		if g.stage(sources[0]) != g.stage(targets[0]) || !g.live[sources[0]] || !g.live[targets[0]] {
			continue
		}
		list = append(list, pairing{kind: SuggestMirror, source: targets[0], target: sources[0], rule: n, unit: -1, score: g.titles.alike(sources[0], targets[0])})
	}
	return likest(list)
}

// sameCode pairs courses with one code, if their titles share a word: a running
// number says nothing.
func (g *suggester) sameCode(course int32) (list []pairing) {
	for _, other := range g.codes[g.s.Map.CourseAt(course).Code] {
		if p, can := g.between(SuggestCode, course, other); can && p.score >= likeEnough && g.kindred(course, other) {
			list = append(list, p)
		}
	}
	return likest(list)
}

func (g *suggester) sameName(course int32) (list []pairing) {
	for _, other := range g.folded[Fold(g.names[course])] {
		if p, can := g.between(SuggestName, course, other); can && g.kindred(course, other) {
			list = append(list, p)
		}
	}
	return likest(list)
}

// kindred says whether two courses share a class, or of one no class is known, or the
// programme of one leads to that of the other.
func (g *suggester) kindred(a, b int32) bool {
	return g.classes[a] == 0 || g.classes[b] == 0 || g.classes[a]&g.classes[b] != 0 ||
		g.way(a, b).FromCode != "" || g.way(b, a).FromCode != ""
}

func (g *suggester) similar(course int32) (list []pairing) {
	near := g.titles.nearest(course, likeEnough, likeMost, func(other int32) bool {
		return g.live[other] && g.kindred(course, other) && Fold(g.names[other]) != Fold(g.names[course])
	})
	for _, n := range near {
		strange := g.classes[course] == 0 || g.classes[n.n] == 0
		if p, can := g.between(SuggestSimilar, course, n.n); can && (!strange || n.score >= likeStrangers) {
			list = append(list, p)
		}
	}
	return list
}

// likest puts the pairings with the likest titles first.
func likest(list []pairing) []pairing {
	slices.SortStableFunc(list, func(a, b pairing) int {
		return cmp.Or(cmp.Compare(b.score, a.score), cmp.Compare(a.source, b.source), cmp.Compare(a.target, b.target))
	})
	return list
}

// suggestionID names a suggestion wherever it is kept: its kind, and a digest of its courses.
func suggestionID(kind string, source, target transfer.CourseKey) string {
	sum := sha256.Sum256([]byte(strings.Join([]string{source.Institution, source.Code, target.Institution, target.Code}, "\x00")))
	return kind + "." + hex.EncodeToString(sum[:8])
}
