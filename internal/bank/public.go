package bank

import (
	"cmp"
	"context"
	"database/sql"
	"slices"
	"strings"

	"creditbank/internal/calendar"
	"creditbank/internal/transfer"
)

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

// fitting says of each institution whether a filter lets it through; nil: all pass.
func (s *Snapshot) fitting(f Filter) []bool {
	if f.Institution == "" && f.Kind == "" && f.Region == "" {
		return nil
	}
	fits := make([]bool, len(s.institutions))
	for n := range fits {
		in := s.Map.InstitutionAt(int32(n))
		fits[n] = (f.Institution == "" || f.Institution == in.Code) && (f.Kind == "" || f.Kind == in.Kind) &&
			(f.Region == "" || regionHolds(f.Region, s.texts.At(s.institutions[n].region)))
	}
	return fits
}

// Institutions lists institutions. It promises Invalid for a foreign cursor.
func (s *Snapshot) Institutions(f Filter, w Window) (Page[InstitutionInfo], error) {
	fits := s.fitting(f)
	found := s.index[findInstitutions].find(f.Q, func(n int32) bool { return fits == nil || fits[n] })
	return cut(found, w, s.institutionInfo)
}

// InstitutionHead is an institution without what it takes counting for; false when there is none.
func (s *Snapshot) InstitutionHead(code string) (InstitutionInfo, bool) {
	n, known := s.Map.InstitutionNumber(code)
	if !known {
		return InstitutionInfo{}, false
	}
	return s.institutionInfo(n), true
}

// Institution promises NotFound.
func (s *Snapshot) Institution(code string) (InstitutionInfo, error) {
	n, known := s.Map.InstitutionNumber(code)
	if !known {
		return InstitutionInfo{}, notFound("institution", code)
	}
	info := s.institutionInfo(n)
	from, to := s.Map.CoursesOf(n)
	info.Programmes, info.Courses = len(s.Map.ProgrammesOf(n)), int(to-from)
	info.Sending, info.Receiving = int(s.institutions[n].sending), int(s.institutions[n].receiving)
	return info, nil
}

func (s *Snapshot) institutionInfo(n int32) InstitutionInfo {
	in := s.institutionAt(n)
	region, _ := s.region(in.Region)
	return InstitutionInfo{Institution: in, RegionName: region.Name}
}

// Programmes lists programmes without their plans. It promises Invalid for a foreign cursor.
func (s *Snapshot) Programmes(f Filter, w Window) (Page[ProgrammeInfo], error) {
	return cut(s.programmesFor(f), w, s.programmeHead)
}

// programmesFor are the programmes that a filter lets through.
func (s *Snapshot) programmesFor(f Filter) []int32 {
	fits, order := s.fitting(f), s.Map.ByInstitution()
	found := s.index[findProgrammes].find(f.Q, func(at int32) bool {
		n := order[at]
		return (fits == nil || fits[s.Map.ProgrammeInstitution(n)]) &&
			(f.Catalogue == "" || strings.HasPrefix(s.texts.At(s.programmes[n].catalogue), f.Catalogue))
	})
	for i, at := range found {
		found[i] = order[at]
	}
	return found
}

func (s *Snapshot) programmeHead(n int32) ProgrammeInfo {
	in := &s.institutions[s.Map.ProgrammeInstitution(n)]
	return ProgrammeInfo{ProgrammeKey: s.Map.ProgrammeAt(n), Programme: s.programmeAt(n),
		InstitutionName: s.texts.At(in.name), InstitutionNameEn: s.texts.At(in.nameEn)}
}

// ProgrammeHead is a programme without its plan; false when there is none.
func (s *Snapshot) ProgrammeHead(k transfer.ProgrammeKey) (ProgrammeInfo, bool) {
	n, known := s.Map.ProgrammeNumber(k)
	if !known {
		return ProgrammeInfo{}, false
	}
	return s.programmeHead(n), true
}

// Programme promises NotFound.
func (s *Snapshot) Programme(k transfer.ProgrammeKey, today calendar.Day) (ProgrammeInfo, error) {
	n, known := s.Map.ProgrammeNumber(k)
	if !known {
		return ProgrammeInfo{}, notFound("programme", k.Institution+":"+k.Code)
	}
	info := s.programmeHead(n)
	groups, first := s.groupsAt(n)
	from, to := s.Map.PlanOf(n)
	for place := from; place < to; place++ {
		course, group, never := s.Map.PlanAt(place)
		if group < first {
			continue
		}
		g := &groups[group-first]
		g.Courses = append(g.Courses, PlanCourseInfo{Course: s.courseHead(course, today), Required: s.required.Has(place), NeverExempt: never})
	}
	info.Groups = groups
	return info, nil
}

// GroupName is the name of a group of a programme or, for a rule that holds for
// several (a key without a code), in the first that has it; else its code.
func (s *Snapshot) GroupName(k transfer.ProgrammeKey, group string) string {
	if n, known := s.Map.ProgrammeNumber(k); known {
		groups, _ := s.groupsAt(n)
		for _, g := range groups {
			if g.Code == group {
				return g.Name
			}
		}
	}
	at, known := s.Map.InstitutionNumber(k.Institution)
	if !known {
		return group
	}
	return cmp.Or(s.groupName(at, group), group)
}

// Courses lists courses. It promises Invalid for a foreign cursor.
func (s *Snapshot) Courses(f Filter, w Window, today calendar.Day) (Page[CourseInfo], error) {
	fits := s.fitting(f)
	found := s.index[findCourses].find(f.Q, func(n int32) bool { return fits == nil || fits[s.Map.CourseInstitution(n)] })
	return cut(found, w, func(n int32) CourseInfo { return s.courseHead(n, today) })
}

// CourseHead is a course without outlines; false when there is none.
func (s *Snapshot) CourseHead(k transfer.CourseKey, today calendar.Day) (CourseInfo, bool) {
	n, known := s.Map.CourseNumber(k)
	if !known {
		return CourseInfo{}, false
	}
	return s.courseHead(n, today), true
}

func (s *Snapshot) courseHead(n int32, today calendar.Day) CourseInfo {
	versions := s.versionsAt(n)
	info := CourseInfo{CourseKey: s.Map.CourseAt(n), Versions: versions, Current: versions[0]}
	for _, v := range versions {
		if v.From == calendar.None || v.From <= today {
			info.Current = v
		}
	}
	in := &s.institutions[s.Map.CourseInstitution(n)]
	info.InstitutionName, info.InstitutionNameEn = s.texts.At(in.name), s.texts.At(in.nameEn)
	return info
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

// Regions lists the regions in which there are institutions, with their names.
func (s *Snapshot) Regions() []Region {
	used := map[uint32]bool{}
	for i := range s.institutions {
		used[s.institutions[i].region] = true
	}
	var list []Region
	for number := range used {
		if code := s.texts.At(number); code != "" {
			r, _ := s.region(code)
			r.Code = code
			list = append(list, r)
		}
	}
	slices.SortFunc(list, func(a, b Region) int { return strings.Compare(a.Code, b.Code) })
	return list
}

// RegionsAround lists the district, the city and the province in which an institution
// is, as far as they are known.
func (s *Snapshot) RegionsAround(institution string) []Region {
	at, known := s.InstitutionHead(institution)
	var around []Region
	for code := at.Region; known && code != ""; {
		region, found := s.region(code)
		if !found {
			break
		}
		around, code = append(around, region), region.Parent
	}
	return around
}

// CatalogueName is the national name of a programme code, empty when the
// catalogue does not list it.
func (s *Snapshot) CatalogueName(code string) string { return s.catalogueName(code) }
