package bank

import (
	"slices"

	"creditbank/internal/calendar"
	"creditbank/internal/credit"
)

// scales are the grade scales by their first day, the oldest first. The five
// that every bank starts with hold from the beginning.
type scales []datedScale

type datedScale struct {
	from calendar.Day
	credit.Scale
}

func newScales(marks map[scaleKey]scaleMark) scales {
	var all scales
	for _, s := range credit.StandardScales() {
		all = append(all, datedScale{calendar.None, s})
	}
	type version struct {
		scale string
		from  calendar.Day
	}
	at := map[version]int{}
	for k, m := range marks {
		v := version{k.Scale, k.From}
		i, known := at[v]
		if !known {
			i = len(all)
			at[v] = i
			all = append(all, datedScale{k.From, credit.Scale{Code: k.Scale, Marks: map[string]credit.Mark{}}})
		}
		all[i].Marks[k.Grade] = credit.Mark{Score: m.Score, Passed: m.Passed}
	}
	return all
}

// on lists the version of every scale in force on a day.
func (s scales) on(day calendar.Day) []credit.Scale {
	latest := map[string]datedScale{}
	for _, d := range s {
		if before, found := latest[d.Code]; d.from <= day && (!found || d.from > before.from) {
			latest[d.Code] = d
		}
	}
	inForce := make([]credit.Scale, 0, len(latest))
	for _, d := range latest {
		inForce = append(inForce, d.Scale)
	}
	return inForce
}

// known says whether there is a scale of that name on a day.
func (s scales) known(scale string, day calendar.Day) bool {
	return slices.ContainsFunc(s, func(d datedScale) bool { return d.Code == scale && d.from <= day })
}

// mark values a grade on the day of the result. A blank scale is found by the
// grade. fault is the code of what is wrong, empty when nothing is.
func (s scales) mark(scale, grade string, day calendar.Day) (credit.Mark, string, string) {
	return markIn(s.on(day), scale, grade)
}

// marker is scales that value many grades: it keeps those in force on the day of the last.
type marker struct {
	scales
	day     calendar.Day
	inForce []credit.Scale // of day; nil: none was asked for
}

// mark is [scales.mark].
func (m *marker) mark(scale, grade string, day calendar.Day) (credit.Mark, string, string) {
	if m.inForce == nil || m.day != day {
		m.day, m.inForce = day, m.on(day)
	}
	return markIn(m.inForce, scale, grade)
}

func markIn(inForce []credit.Scale, scale, grade string) (credit.Mark, string, string) {
	if scale == "" {
		found, mark, err := credit.Guess(inForce, grade)
		if err != nil {
			return credit.Mark{}, "", "grade"
		}
		return mark, found.Code, ""
	}
	for _, known := range inForce {
		if known.Code != scale {
			continue
		}
		mark, err := known.Mark(grade)
		if err != nil {
			return credit.Mark{}, "", "grade"
		}
		return mark, scale, ""
	}
	return credit.Mark{}, "", "scale"
}

// Scales names the grade scales in force on a day, the usual ones first.
func (s *Snapshot) Scales(day calendar.Day) []string {
	var usual, others []string
	for _, scale := range credit.StandardScales() {
		usual = append(usual, scale.Code)
	}
	for _, scale := range s.scales.on(day) {
		if !slices.Contains(usual, scale.Code) {
			others = append(others, scale.Code)
		}
	}
	slices.Sort(others)
	return append(usual, others...)
}
