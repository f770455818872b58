package bank

import (
	"cmp"
	"context"
	"database/sql"
	"slices"
	"strconv"
	"strings"

	"creditbank/internal/calendar"
	"creditbank/internal/transfer"
)

// Page is a part of a list. Next is the cursor of the next part, empty at the end.
type Page[T any] struct {
	Items []T
	Total int
	Next  string
}

// Window says which part of a list is asked for. Cursor is the Next of the part before.
type Window struct {
	Cursor string
	Limit  int
}

// Limits of a list: what is given without asking, and at most.
const (
	DefaultLimit = 20
	MaxLimit     = 200
)

// part is where a window begins in a list and how long it is at most. It
// promises Invalid for a cursor that is none of ours.
func (w Window) part() (start, limit int, err error) {
	if w.Cursor != "" {
		start, err = strconv.Atoi(w.Cursor)
		if err != nil || start < 0 || !plainNumber.MatchString(w.Cursor) {
			return 0, 0, invalidField("cursor", w.Cursor, "cursor", nil)
		}
	}
	if limit = w.Limit; limit <= 0 {
		limit = DefaultLimit
	}
	return start, min(limit, MaxLimit), nil
}

// cut takes the part of a list. It promises Invalid for a cursor that is none of ours.
func cut[K, T any](keys []K, w Window, view func(K) T) (Page[T], error) {
	start, limit, err := w.part()
	if err != nil {
		return Page[T]{}, err
	}
	start = min(start, len(keys))
	end := min(start+limit, len(keys))
	page := Page[T]{Total: len(keys), Items: make([]T, 0, end-start)}
	for _, k := range keys[start:end] {
		page.Items = append(page.Items, view(k))
	}
	if end < len(keys) {
		page.Next = strconv.Itoa(end)
	}
	return page, nil
}

// InstitutionInfo is an institution as the public sees it.
type InstitutionInfo struct {
	Institution
	RegionName string
	Programmes int
	Courses    int
	Sending    int // rules that take its courses
	Receiving  int // rules that award its courses
}

// ProgrammeInfo is a programme as the public sees it.
type ProgrammeInfo struct {
	transfer.ProgrammeKey
	Programme
	InstitutionName   string
	InstitutionNameEn string
	Groups            []GroupInfo
}

// GroupInfo is a requirement group with its courses.
type GroupInfo struct {
	Code string
	Group
	Courses []PlanCourseInfo
}

// PlanCourseInfo is a course of a plan.
type PlanCourseInfo struct {
	Course      CourseInfo
	Required    bool
	NeverExempt bool
}

// CourseInfo is a course with its dated versions, oldest first. Name and
// NameEn are those of the version in force, or the last.
type CourseInfo struct {
	transfer.CourseKey
	Current           CourseVersion
	Versions          []CourseVersion
	InstitutionName   string
	InstitutionNameEn string
}

// RuleInfo is a published version of an equivalence.
type RuleInfo struct {
	transfer.RuleRef
	Equivalence
	EffectiveTo calendar.Day // its own end, or the day before its successor begins
	Superseded  bool         // wholly replaced: it serves no completion date any more
	Published   calendar.Day
	Latest      bool
}

// InForce says whether results completed on a day fall under this version.
func (r *RuleInfo) InForce(day calendar.Day) bool {
	return !r.Superseded && (r.From == calendar.None || r.From <= day) && (r.EffectiveTo == calendar.None || day <= r.EffectiveTo)
}

// Filter narrows a list; empty fields do not.
type Filter struct {
	Q           string // words of a name, pinyin initials or a code
	Institution string
	Kind        string // of the institution
	Region      string // GB/T 2260; a province or city holds its districts
	Catalogue   string // national programme code, or its first digits
}

// regionHolds says whether a region lies in another: 500000 holds 500103.
func regionHolds(outer, inner string) bool {
	prefix := outer
	for len(prefix) >= 2 && strings.HasSuffix(prefix, "00") {
		prefix = prefix[:len(prefix)-2]
	}
	return strings.HasPrefix(inner, prefix)
}

func (s *Snapshot) institutionFits(code string, f Filter) bool {
	in := s.institutions[code]
	return in != nil && (f.Institution == "" || f.Institution == code) && (f.Kind == "" || f.Kind == in.Kind) &&
		(f.Region == "" || regionHolds(f.Region, in.Region))
}

func (s *Snapshot) programmeFits(k transfer.ProgrammeKey, f Filter) bool {
	return s.institutionFits(k.Institution, f) && (f.Catalogue == "" || strings.HasPrefix(s.programmes[k].CatalogueCode, f.Catalogue))
}

// Institutions lists institutions. It promises Invalid for a foreign cursor.
func (s *Snapshot) Institutions(f Filter, w Window) (Page[InstitutionInfo], error) {
	keys := find(s.index.institutions, f.Q, func(code string) bool { return s.institutionFits(code, f) })
	return cut(keys, w, func(code string) InstitutionInfo { return s.institutionInfo(s.institutions[code]) })
}

// InstitutionHead is an institution without what it takes counting for; false when there is none.
func (s *Snapshot) InstitutionHead(code string) (InstitutionInfo, bool) {
	in := s.institutions[code]
	if in == nil {
		return InstitutionInfo{}, false
	}
	return s.institutionInfo(in), true
}

// Institution promises NotFound.
func (s *Snapshot) Institution(code string) (InstitutionInfo, error) {
	in := s.institutions[code]
	if in == nil {
		return InstitutionInfo{}, notFound("institution", code)
	}
	info := s.institutionInfo(in)
	for key := range s.programmes {
		if key.Institution == code {
			info.Programmes++
		}
	}
	for key := range s.courses {
		if key.Institution == code {
			info.Courses++
		}
	}
	for _, r := range s.rules {
		if r.Institution == code {
			info.Receiving++
		}
		if slices.ContainsFunc(r.Sources, func(c transfer.Source) bool { return c.Institution == code }) {
			info.Sending++
		}
	}
	return info, nil
}

func (s *Snapshot) institutionInfo(in *Institution) InstitutionInfo {
	return InstitutionInfo{Institution: *in, RegionName: s.regions[in.Region].Name}
}

// Programmes lists programmes without their plans. It promises Invalid for a foreign cursor.
func (s *Snapshot) Programmes(f Filter, w Window) (Page[ProgrammeInfo], error) {
	keys := find(s.index.programmes, f.Q, func(k transfer.ProgrammeKey) bool { return s.programmeFits(k, f) })
	return cut(keys, w, func(k transfer.ProgrammeKey) ProgrammeInfo { return s.programmeHead(s.programmes[k]) })
}

func (s *Snapshot) programmeHead(p *programmeView) ProgrammeInfo {
	info := ProgrammeInfo{ProgrammeKey: p.ProgrammeKey, Programme: p.Programme}
	if in := s.institutions[p.Institution]; in != nil {
		info.InstitutionName, info.InstitutionNameEn = in.Name, in.NameEn
	}
	return info
}

// ProgrammeHead is a programme without its plan; false when there is none.
func (s *Snapshot) ProgrammeHead(k transfer.ProgrammeKey) (ProgrammeInfo, bool) {
	p := s.programmes[k]
	if p == nil {
		return ProgrammeInfo{}, false
	}
	return s.programmeHead(p), true
}

// Programme promises NotFound.
func (s *Snapshot) Programme(k transfer.ProgrammeKey, today calendar.Day) (ProgrammeInfo, error) {
	p := s.programmes[k]
	if p == nil {
		return ProgrammeInfo{}, notFound("programme", k.Institution+":"+k.Code)
	}
	info := s.programmeHead(p)
	for _, g := range p.groups {
		group := GroupInfo{Code: g.code, Group: g.Group}
		for _, c := range p.plan {
			if c.Group == g.code {
				course, _ := s.CourseHead(transfer.CourseKey{Institution: k.Institution, Code: c.course}, today)
				group.Courses = append(group.Courses, PlanCourseInfo{Course: course, Required: c.Required, NeverExempt: c.NeverExempt})
			}
		}
		info.Groups = append(info.Groups, group)
	}
	return info, nil
}

// GroupName is the name of a group of a programme or, for a rule that holds for
// several (a key without a code), in the first that has it; else its code.
func (s *Snapshot) GroupName(k transfer.ProgrammeKey, group string) string {
	if p := s.programmes[k]; p != nil {
		for _, g := range p.groups {
			if g.code == group {
				return g.Name
			}
		}
	}
	return cmp.Or(s.groupNames[groupName{k.Institution, group}], group)
}

// Courses lists courses. It promises Invalid for a foreign cursor.
func (s *Snapshot) Courses(f Filter, w Window, today calendar.Day) (Page[CourseInfo], error) {
	keys := find(s.index.courses, f.Q, func(k transfer.CourseKey) bool { return s.institutionFits(k.Institution, f) })
	return cut(keys, w, func(k transfer.CourseKey) CourseInfo {
		info, _ := s.CourseHead(k, today)
		return info
	})
}

// CourseHead is a course without outlines; false when there is none.
func (s *Snapshot) CourseHead(k transfer.CourseKey, today calendar.Day) (CourseInfo, bool) {
	versions := s.courses[k]
	if len(versions) == 0 {
		return CourseInfo{}, false
	}
	info := CourseInfo{CourseKey: k, Versions: versions, Current: versions[0]}
	for _, v := range versions {
		if v.From == calendar.None || v.From <= today {
			info.Current = v
		}
	}
	if in := s.institutions[k.Institution]; in != nil {
		info.InstitutionName, info.InstitutionNameEn = in.Name, in.NameEn
	}
	return info, true
}

// Course is a course with the outlines of all its versions. It promises NotFound.
func (b *Bank) Course(ctx context.Context, k transfer.CourseKey) (CourseInfo, error) {
	s, err := b.Snapshot(ctx)
	if err != nil {
		return CourseInfo{}, err
	}
	info, known := s.CourseHead(k, b.Today())
	if !known {
		return CourseInfo{}, notFound("course", k.Institution+":"+k.Code)
	}
	info.Versions = nil
	err = b.db.each(ctx, func(rows *sql.Rows) error {
		_, v, err := scanCourse(rows)
		info.Versions = append(info.Versions, v)
		if v.From == info.Current.From {
			info.Current = v
		}
		return err
	}, selectCourses+` WHERE institution = $1 AND course = $2 ORDER BY valid_from IS NOT NULL, valid_from`, k.Institution, k.Code)
	return info, err
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
	On                calendar.Day // calendar.None: any; else in force for results completed then
	Past              bool         // versions that a later one ended too
}

// Equivalences lists published versions in the order of code and version. It
// promises Invalid for a foreign cursor.
func (s *Snapshot) Equivalences(f RuleFilter, w Window) (Page[RuleInfo], error) {
	var named map[transfer.CourseKey]bool
	if f.Q != "" {
		named = map[transfer.CourseKey]bool{}
		for _, k := range find(s.index.courses, f.Q, func(transfer.CourseKey) bool { return true }) {
			named[k] = true
		}
	}
	var keys []int
	for i := range s.rules {
		if s.ruleFits(i, f, named) {
			keys = append(keys, i)
		}
	}
	return cut(keys, w, s.ruleInfo)
}

func (s *Snapshot) ruleInfo(i int) RuleInfo {
	r := s.rules[i]
	versions := s.rulesAt[r.Code]
	return RuleInfo{RuleRef: r.RuleRef, Equivalence: *r.Equivalence, EffectiveTo: r.effectiveTo, Superseded: r.superseded,
		Published: r.published, Latest: versions[len(versions)-1] == i}
}

func (s *Snapshot) ruleFits(i int, f RuleFilter, named map[transfer.CourseKey]bool) bool {
	r := s.rules[i]
	info := s.ruleInfo(i)
	switch {
	case f.Code != "" && f.Code != r.Code,
		f.TargetInstitution != "" && f.TargetInstitution != r.Institution,
		f.Programme != "" && r.Programme != "" && f.Programme != r.Programme,
		f.Outcome != "" && f.Outcome != string(r.Outcome),
		f.On != calendar.None && !info.InForce(f.On),
		!f.Past && !info.Latest:
		return false
	}
	sending := func(c transfer.Source) bool {
		return (f.SourceInstitution == "" || c.Institution == f.SourceInstitution) && (f.SourceCourse == "" || c.Code == f.SourceCourse)
	}
	receiving := func(t transfer.Target) bool { return t.Course == f.TargetCourse }
	return slices.ContainsFunc(r.Sources, sending) && (f.TargetCourse == "" || slices.ContainsFunc(r.Targets, receiving)) &&
		(named == nil || s.named(r, named))
}

func (s *Snapshot) named(r *ruleView, named map[transfer.CourseKey]bool) bool {
	return slices.ContainsFunc(r.Sources, func(c transfer.Source) bool { return named[c.CourseKey] }) ||
		slices.ContainsFunc(r.Targets, func(t transfer.Target) bool {
			return named[transfer.CourseKey{Institution: r.Institution, Code: t.Course}]
		})
}

// Equivalence gives every published version of a code, oldest first. It promises NotFound.
func (s *Snapshot) Equivalence(code string) ([]RuleInfo, error) {
	at := s.rulesAt[code]
	if len(at) == 0 {
		return nil, notFound("equivalence", code)
	}
	var versions []RuleInfo
	for _, i := range at {
		versions = append(versions, s.ruleInfo(i))
	}
	return versions, nil
}

// Regions lists the regions in which there are institutions, with their names.
func (s *Snapshot) Regions() []Region {
	used := map[string]bool{}
	for _, in := range s.institutions {
		if in.Region != "" {
			used[in.Region] = true
		}
	}
	var list []Region
	for code := range used {
		r := s.regions[code]
		r.Code = code
		list = append(list, r)
	}
	slices.SortFunc(list, func(a, b Region) int { return strings.Compare(a.Code, b.Code) })
	return list
}

// CatalogueName is the national name of a programme code, empty when the
// catalogue does not list it.
func (s *Snapshot) CatalogueName(code string) string { return s.catalogue[code].Name }
