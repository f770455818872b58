package web

import (
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strconv"

	"creditbank/internal/bank"
)

// programmeFilter is how a ranking is narrowed, as it stands in an address.
type programmeFilter struct {
	Kind, Region, Field, School, Q string
}

func filterOf(values url.Values) programmeFilter {
	return programmeFilter{Kind: values.Get("kind"), Region: values.Get("region"), Field: values.Get("field"),
		School: clean(values.Get("school")), Q: clean(values.Get("q"))}
}

var (
	catalogueLike = regexp.MustCompile(`^\d{2,6}[KT]*$`)
	regionLike    = regexp.MustCompile(`^\d{6}$`)
)

// notice says what of an address could not be followed, with what to choose
// instead. The page is shown all the same.
type notice struct {
	Text    string
	Choices []noticeChoice
}

type noticeChoice struct{ Text, URL string }

// bankFilter is the filter as the bank takes it. What it would not take is left
// out, and told of.
func (f programmeFilter) bankFilter(q checkQuery, find *finder, say Speaker) (bank.Filter, []notice) {
	out := bank.Filter{Q: f.Q, Institution: find.school(f.School)}
	var notices []notice
	if f.School != "" && out.Institution == "" {
		notices = append(notices, schoolNotice(f.School, q, find, say))
	}
	for _, part := range []struct {
		name, text string
		into       *string
		good       bool
	}{
		{"kind", f.Kind, &out.Kind, slices.Contains(bank.InstitutionKinds(), f.Kind)},
		{"region", f.Region, &out.Region, regionLike.MatchString(f.Region)},
		{"field", f.Field, &out.Catalogue, catalogueLike.MatchString(f.Field)},
	} {
		switch {
		case part.good:
			*part.into = part.text
		case part.text != "":
			notices = append(notices, notice{Text: say.Say("filter.fault", map[string]any{"Name": say.Say("filter."+part.name, nil), "Value": shortened(part.text)})})
		}
	}
	return out, notices
}

// schoolNotice tells that no school, or more than one, is meant by a text.
func schoolNotice(text string, q checkQuery, find *finder, say Speaker) notice {
	page, err := find.snapshot.Institutions(bank.Filter{Q: text}, bank.Window{Limit: bank.MaxLimit})
	found := keep(page.Items, func(in bank.InstitutionInfo) bool { return offers(find.snapshot, in.Code) })
	args := map[string]any{"Value": shortened(text)}
	if err != nil || len(found) == 0 {
		return notice{Text: say.Say("filter.fault_school", args)}
	}
	told := notice{Text: say.Say("filter.fault_schools", args)}
	for _, in := range found[:min(len(found), candidateLimit)] {
		told.Choices = append(told.Choices, noticeChoice{say.Name(in.Name, in.NameEn), address(q.rankPage(), q.values, "school", in.Code, paramCursor, "")})
	}
	return told
}

// offers says whether an institution has programmes, so that it can be ranked.
func offers(s *bank.Snapshot, code string) bool {
	page, err := s.Programmes(bank.Filter{Institution: code}, bank.Window{Limit: 1})
	return err == nil && page.Total > 0
}

// plainCursor is the cursor of an address; one that is none is told of, and the
// list begins at its beginning.
func plainCursor(values url.Values, say Speaker) (string, []notice) {
	cursor := values.Get(paramCursor)
	start, err := strconv.Atoi(cursor)
	switch {
	case cursor == "":
		return "", nil
	case err != nil || start < 0 || strconv.Itoa(start) != cursor:
		return "", []notice{{Text: say.Say("list.fault", nil)}}
	}
	return cursor, nil
}

// filterView is the form of a filter, with what there is to choose from.
type filterView struct {
	programmeFilter
	AsOf        string
	SchoolWrong bool
	Carried     []string // the results, which go along
	Kinds       []string
	Regions     []bank.Region
	Levels      []fieldLevel
	Active      int // how many are set
	Page        string
	ClearURL    string
}

// fieldLevel is one national catalogue with its classes (专业大类, 学科门类).
type fieldLevel struct {
	Kind    string // of the institutions that follow it
	Classes []fieldClass
}

// fieldClass is a class of a catalogue: the first two digits of its codes, and
// the key of its name. The three vocational catalogues share their names.
type fieldClass struct{ Code, Key string }

// fieldLevels lists the classes of the vocational catalogue (2021) and the
// disciplines of the undergraduate one (2012).
func fieldLevels() []fieldLevel {
	const vocationalClasses, disciplines = 19, 13
	var levels []fieldLevel
	for _, v := range []struct {
		kind  string
		first int
	}{{"secondary_vocational", 61}, {"higher_vocational", 41}, {"vocational_undergraduate", 21}} {
		level := fieldLevel{Kind: v.kind}
		for i := range vocationalClasses {
			level.Classes = append(level.Classes, fieldClass{fmt.Sprintf("%02d", v.first+i), fmt.Sprintf("class.v%02d", i+1)})
		}
		levels = append(levels, level)
	}
	general := fieldLevel{Kind: "general_undergraduate"}
	for i := range disciplines {
		general.Classes = append(general.Classes, fieldClass{fmt.Sprintf("%02d", i+1), fmt.Sprintf("class.u%02d", i+1)})
	}
	return append(levels, general)
}

// programmeKinds are the kinds of institutions that offer programmes.
func programmeKinds() []string {
	return slices.DeleteFunc(bank.InstitutionKinds(), func(kind string) bool {
		return slices.Contains([]string{"enterprise", "assessment_body", "bank", "compulsory"}, kind)
	})
}

func newFilterView(q checkQuery, s *bank.Snapshot) filterView {
	carried := q.carried()
	v := filterView{programmeFilter: filterOf(q.values), AsOf: q.AsOf, Carried: carried[paramRecord], Kinds: programmeKinds(),
		Regions: s.Regions(), Levels: fieldLevels(), Page: q.rankPage(), ClearURL: address(q.rankPage(), carried, paramAsOf, "")}
	for _, set := range []string{v.Kind, v.Region, v.Field, v.School, v.Q, v.AsOf} {
		if set != "" {
			v.Active++
		}
	}
	return v
}
