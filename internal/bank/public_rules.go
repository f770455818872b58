package bank

import (
	"encoding/gob"
	"slices"
	"sort"
	"strconv"
	"strings"

	"creditbank/internal/calendar"
	"creditbank/internal/packed"
	"creditbank/internal/transfer"
)

// RuleInfo is a published version of an equivalence.
type RuleInfo struct {
	transfer.RuleRef
	Equivalence
	EffectiveTo calendar.Day // its own end, or the day before its successor begins
	Superseded  bool         // wholly replaced: it serves no completion date any more
	Suspended   bool         // held back: it serves nothing until it is resumed
	Published   calendar.Day
	Latest      bool
}

// InForce says whether results completed on a day fall under this version.
func (r *RuleInfo) InForce(day calendar.Day) bool {
	return !r.Superseded && !r.Suspended && (r.From == calendar.None || r.From <= day) && (r.EffectiveTo == calendar.None || day <= r.EffectiveTo)
}

// RuleFilter narrows the list of published equivalences; empty fields do not.
type RuleFilter struct {
	Q                 string // words of a name or code of any of its courses
	Code              string // all versions of one equivalence
	SourceInstitution string
	SourceCourse      string // code
	TargetInstitution string
	TargetCourse      string // code
	Programme         string // code: rules that hold for this programme of the target institution
	Outcome           string
	Specialty         string       // beginning of a national programme code: courses in plans of such programmes
	On                calendar.Day // calendar.None: any; else in force for results completed then
	Past              bool         // versions that a later one ended too
}

// Equivalences lists published versions in the order of code and version. It
// promises Invalid for a foreign cursor.
func (s *Snapshot) Equivalences(f RuleFilter, w Window) (Page[RuleInfo], error) {
	start, limit, err := w.part()
	if err != nil {
		return Page[RuleInfo]{}, err
	}
	page := Page[RuleInfo]{Items: []RuleInfo{}}
	s.matcher(f).each(func(at place) {
		if page.Total >= start && len(page.Items) < limit {
			page.Items = append(page.Items, s.ruleInfo(at))
		}
		page.Total++
	})
	if end := start + len(page.Items); end < page.Total {
		page.Next = strconv.Itoa(end)
	}
	return page, nil
}

// EachEquivalence gives every published version that a filter lets through, in the
// order of code and version, until give fails.
func (s *Snapshot) EachEquivalence(f RuleFilter, give func(RuleInfo) error) (err error) {
	s.matcher(f).each(func(at place) {
		if err == nil {
			err = give(s.ruleInfo(at))
		}
	})
	return err
}

// EquivalenceColumns are the columns of the file of equivalences.
func EquivalenceColumns() []string {
	columns := make([]string, len(equivalenceFile.columns))
	for i, c := range equivalenceFile.columns {
		columns[i] = c.Name
	}
	return columns
}

// Cells are the rows that the file of equivalences has of a version.
func (r *RuleInfo) Cells() [][]string {
	rows := make([][]string, max(len(r.Sources), len(r.Targets)))
	for n := range rows {
		rows[n] = r.Equivalence.cells(r.Code, n)
	}
	return rows
}

// place is a published version: its place in the map's order of codes, else ^
// its place among those that are not in the map.
type place int32

// matcher tells the versions that a filter lets through.
type matcher struct {
	*Snapshot
	asked    RuleFilter
	named    packed.Set // courses that the words and the specialty of the filter mean; nil: neither
	served   packed.Set // by the map's number
	replaced packed.Set // by the number among the replaced ones
}

func (s *Snapshot) matcher(f RuleFilter) *matcher {
	m := &matcher{Snapshot: s, asked: f}
	choice := transfer.Choice{SourceInstitution: f.SourceInstitution, SourceCourse: f.SourceCourse, TargetInstitution: f.TargetInstitution,
		TargetCourse: f.TargetCourse, Programme: f.Programme, Outcome: transfer.Outcome(f.Outcome), On: f.On}
	if f.Q != "" || f.Specialty != "" {
		m.named = s.namedCourses(f)
		choice.About = m.named
	}
	m.served = s.Map.Choose(choice)
	if f.Past && f.On == calendar.None { // a replaced version is in force on no day
		if m.named != nil {
			choice.About = m.namedInPast()
		}
		m.replaced = s.past.Choose(choice)
	}
	return m
}

// namedCourses are those that the words and the specialty of a filter mean.
func (s *Snapshot) namedCourses(f RuleFilter) packed.Set {
	count := int32(s.Map.CourseCount())
	taught := packed.NewSet(count)
	if f.Specialty != "" {
		for p := range int32(s.Map.ProgrammeCount()) {
			if !strings.HasPrefix(s.texts.At(s.programmes[p].catalogue), f.Specialty) {
				continue
			}
			from, to := s.Map.PlanOf(p)
			for place := from; place < to; place++ {
				course, _, _ := s.Map.PlanAt(place)
				taught.Add(course)
			}
		}
		if f.Q == "" {
			return taught
		}
	}
	named := packed.NewSet(count)
	for _, n := range s.index[findCourses].find(f.Q, nil) {
		if f.Specialty == "" || taught.Has(n) {
			named.Add(n)
		}
	}
	return named
}

// namedInPast are the named courses by their numbers among the replaced versions.
func (m *matcher) namedInPast() packed.Set {
	past := m.past
	named := packed.NewSet(int32(past.CourseCount()))
	for n := range int32(past.CourseCount()) {
		if at, known := m.Map.CourseNumber(past.CourseAt(n)); known && m.named.Has(at) {
			named.Add(n)
		}
	}
	return named
}

// each gives the versions that the filter lets through, by code and version.
func (m *matcher) each(give func(place)) {
	if m.asked.Code != "" {
		for _, at := range m.placesOf(m.asked.Code) {
			if m.has(at) {
				give(at)
			}
		}
		return
	}
	extra := 0
	before := func(at int) {
		for ; extra < len(m.extras) && int(m.extras[extra].before) <= at; extra++ {
			if m.hasExtra(extra) {
				give(^place(extra))
			}
		}
	}
	for at, n := range m.Map.ByCode() {
		before(at)
		if m.hasServed(at, n) {
			give(place(at))
		}
	}
	before(len(m.Map.ByCode()))
}

// has says whether the filter lets the version at a place through.
func (m *matcher) has(at place) bool {
	if at < 0 {
		return m.hasExtra(int(^at))
	}
	return m.hasServed(int(at), m.Map.ByCode()[at])
}

func (m *matcher) hasServed(at int, n int32) bool {
	return m.served.Has(n) && (m.asked.Past || m.latest.Has(int32(at)))
}

func (m *matcher) hasExtra(extra int) bool {
	which := m.extras[extra].which
	switch {
	case !m.asked.Past && which&extraLatest == 0:
		return false
	case which&extraApart == 0:
		return m.replaced != nil && m.replaced.Has(m.past.ByCode()[which])
	}
	info := m.ruleInfo(^place(extra))
	return m.fits(&info)
}

// fits says whether the filter lets a version through that no map has; whether
// it is the last one is known.
func (m *matcher) fits(r *RuleInfo) bool {
	switch {
	case m.asked.TargetInstitution != "" && m.asked.TargetInstitution != r.Institution,
		m.asked.Programme != "" && r.Programme != "" && m.asked.Programme != r.Programme,
		m.asked.Outcome != "" && m.asked.Outcome != string(r.Outcome),
		m.asked.On != calendar.None && !r.InForce(m.asked.On):
		return false
	}
	sending := func(c transfer.Source) bool {
		return (m.asked.SourceInstitution == "" || c.Institution == m.asked.SourceInstitution) && (m.asked.SourceCourse == "" || c.Code == m.asked.SourceCourse)
	}
	receiving := func(t transfer.Target) bool { return t.Course == m.asked.TargetCourse }
	return slices.ContainsFunc(r.Sources, sending) && (m.asked.TargetCourse == "" || slices.ContainsFunc(r.Targets, receiving)) &&
		(m.named == nil || m.about(r))
}

// about says whether one of the named courses is among those of a version.
func (m *matcher) about(r *RuleInfo) bool {
	named := func(k transfer.CourseKey) bool {
		n, known := m.Map.CourseNumber(k)
		return known && m.named.Has(n)
	}
	return slices.ContainsFunc(r.Sources, func(c transfer.Source) bool { return named(c.CourseKey) }) ||
		slices.ContainsFunc(r.Targets, func(t transfer.Target) bool { return named(courseOfRule(r.Institution, t)) })
}

// ruleInfo is the version at a place.
func (s *Snapshot) ruleInfo(at place) RuleInfo {
	if at < 0 {
		return s.extraInfo(s.extras[^at].which)
	}
	info := newRuleInfo(s.Map.RuleAt(s.Map.ByCode()[at]))
	info.Latest = s.latest.Has(int32(at))
	if stated, ended := dayAt(s.ends, uint32(at)); ended {
		info.To = stated
	}
	return info
}

// extraInfo is a version that is not in the map.
func (s *Snapshot) extraInfo(which uint32) RuleInfo {
	if which&extraApart != 0 {
		var info RuleInfo
		// What was encoded by this program is decoded by it: the file is checked as a whole.
		_ = gob.NewDecoder(strings.NewReader(s.apart.At(which & extraNumber))).Decode(&info)
		return info
	}
	info := newRuleInfo(s.past.RuleAt(s.past.ByCode()[which]))
	info.Superseded = true
	if end, ended := dayAt(s.pastEnds, which); ended {
		info.EffectiveTo = end
	}
	return info
}

func newRuleInfo(r transfer.Rule) RuleInfo {
	info := RuleInfo{RuleRef: r.RuleRef, EffectiveTo: r.To, Published: r.Since, Equivalence: Equivalence{
		Institution: r.Institution, Programme: r.Programme, From: r.From, To: r.To, Validity: r.Validity, Priority: r.Priority,
		Outcome: r.Outcome, Reasons: r.Reasons, Note: r.Note, Sources: r.Sources, Targets: r.Targets}}
	info.settle()
	return info
}

// extraRef is the code and version of a version that is not in the map.
func (s *Snapshot) extraRef(which uint32) transfer.RuleRef {
	if which&extraApart != 0 {
		return s.extraInfo(which).RuleRef
	}
	return s.past.RefAt(s.past.ByCode()[which])
}

// placesOf are all published versions of a code.
func (s *Snapshot) placesOf(code string) []place {
	var list []place
	from, to := s.Map.VersionsOf(code)
	extra := sort.Search(len(s.extras), func(i int) bool { return s.extraRef(s.extras[i].which).Code >= code })
	before := func(at int) {
		for ; extra < len(s.extras) && int(s.extras[extra].before) <= at && s.extraRef(s.extras[extra].which).Code == code; extra++ {
			list = append(list, ^place(extra))
		}
	}
	for at := from; at < to; at++ {
		before(at)
		list = append(list, place(at))
	}
	before(to)
	return list
}

// Equivalence gives every published version of a code, oldest first. It promises NotFound.
func (s *Snapshot) Equivalence(code string) ([]RuleInfo, error) {
	places := s.placesOf(code)
	if len(places) == 0 {
		return nil, notFound("equivalence", code)
	}
	versions := make([]RuleInfo, len(places))
	for i, at := range places {
		versions[i] = s.ruleInfo(at)
	}
	return versions, nil
}
