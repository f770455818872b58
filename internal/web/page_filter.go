package web

import (
	"context"
	"fmt"
	"net/url"
	"slices"

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

// institution is the code of the school of the filter. A name that no school has
// is handed on as it is, so that the bank can say so.
func (f programmeFilter) institution(ctx context.Context, b *bank.Bank) string {
	s, err := b.Snapshot(ctx)
	if err != nil {
		return ""
	}
	if code := newFinder(s, b.Today()).school(f.School); code != "" {
		return code
	}
	return f.School
}

// filterView is the form of a filter, with what there is to choose from.
type filterView struct {
	programmeFilter
	AsOf     string
	Carried  []string // the results, which go along
	Kinds    []string
	Regions  []bank.Region
	Levels   []fieldLevel
	Active   int // how many are set
	ClearURL string
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
	v := filterView{programmeFilter: filterOf(q.values), AsOf: q.AsOf, Carried: q.carried()[paramRecord], Kinds: programmeKinds(),
		Regions: s.Regions(), Levels: fieldLevels(), ClearURL: address("/", q.carried(), paramAsOf, "")}
	for _, set := range []string{v.Kind, v.Region, v.Field, v.School, v.Q, v.AsOf} {
		if set != "" {
			v.Active++
		}
	}
	return v
}
