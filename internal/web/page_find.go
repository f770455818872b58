package web

import (
	"slices"
	"strings"
	"unicode"

	"creditbank/internal/bank"
	"creditbank/internal/calendar"
	"creditbank/internal/transfer"
)

// candidateLimit is how many courses a person is offered to pick from.
const candidateLimit = 5

// finder turns what people write into institutions and courses of the map.
type finder struct {
	snapshot *bank.Snapshot
	today    calendar.Day
	schools  map[string]string // text → code, as found before
}

func newFinder(s *bank.Snapshot, today calendar.Day) *finder {
	return &finder{snapshot: s, today: today, schools: map[string]string{}}
}

// alike says whether two texts are the same to a person: width of letters,
// upper and lower case and outer blanks aside.
func alike(a, b string) bool {
	return bank.Fold(a) == bank.Fold(b)
}

// school is the code of the institution that a text names by its code, its name
// or words that only one has; empty when there is none.
func (f *finder) school(text string) string {
	text = strings.TrimSpace(text)
	if text == "" {
		return ""
	}
	if code, known := f.schools[text]; known {
		return code
	}
	code := f.searchSchool(text)
	f.schools[text] = code
	return code
}

func (f *finder) searchSchool(text string) string {
	page, err := f.snapshot.Institutions(bank.Filter{Q: text}, bank.Window{Limit: bank.MaxLimit})
	if err != nil {
		return ""
	}
	for _, in := range page.Items {
		if in.Code == text || alike(in.Name, text) || alike(in.NameEn, text) {
			return in.Code
		}
	}
	if page.Total == 1 {
		return page.Items[0].Code
	}
	return ""
}

// namesSchool says whether a text is the whole name or code of an institution:
// less would take a course for a school.
func (f *finder) namesSchool(text string) bool {
	code := f.school(text)
	if code == "" {
		return false
	}
	in, known := f.snapshot.InstitutionHead(code)
	if !known {
		return false
	}
	return in.Code == text || alike(in.Name, text) || alike(in.NameEn, text)
}

// partOf says whether a text stands in a name. Letters that fit some initials or
// a part of a code are no sign that a person means that course.
func partOf(name, text string) bool {
	return strings.Contains(bank.Fold(name), bank.Fold(text))
}

// course is the one course that a text names in a school (empty: in any), by
// its code, its name, its whole initials or words that only one has; else some
// to pick from.
func (f *finder) course(school, text string) (transfer.CourseKey, []bank.CourseInfo) {
	exact := transfer.CourseKey{Institution: school, Code: text}
	if _, known := f.snapshot.CourseHead(exact, f.today); known {
		return exact, nil
	}
	found := f.search(school, text)
	same := keep(found, func(c bank.CourseInfo) bool {
		return c.Code == text || alike(c.Current.Name, text) || alike(c.Current.NameEn, text)
	})
	if len(same) == 0 {
		same = keep(found, func(c bank.CourseInfo) bool { return alike(bank.Initials(c.Current.Name), text) })
	}
	switch {
	case len(same) == 1:
		return same[0].CourseKey, nil
	case len(same) > 1:
		found = same
	case len(found) == 1 && (partOf(found[0].Current.Name, text) || partOf(found[0].Current.NameEn, text)):
		return found[0].CourseKey, nil
	case len(found) == 0:
		found = f.search(school, firstHalf(text))
	}
	return transfer.CourseKey{}, found[:min(len(found), candidateLimit)]
}

func (f *finder) search(school, text string) []bank.CourseInfo {
	page, err := f.snapshot.Courses(bank.Filter{Q: text, Institution: school}, bank.Window{Limit: 2 * candidateLimit}, f.today)
	if err != nil || strings.TrimSpace(text) == "" {
		return nil
	}
	return page.Items
}

// keep is the part of a list that fits.
func keep[T any](list []T, fits func(T) bool) []T {
	return slices.DeleteFunc(slices.Clone(list), func(item T) bool { return !fits(item) })
}

// isCode says whether a text is the code of a course of a school.
func (f *finder) isCode(school, text string) bool {
	if school == "" || text == "" {
		return false
	}
	_, known := f.snapshot.CourseHead(transfer.CourseKey{Institution: school, Code: text}, f.today)
	return known
}

// namesCourse says whether a text is the whole name or code of a course of a
// school (empty: of any).
func (f *finder) namesCourse(school, text string) bool {
	return slices.ContainsFunc(f.search(school, text), func(c bank.CourseInfo) bool {
		return c.Code == text || alike(c.Current.Name, text) || alike(c.Current.NameEn, text)
	})
}

// firstHalf is what is searched for when the whole finds nothing: the ends of
// course names differ more than their beginnings. A few letters are no beginning
// of anything.
func firstHalf(text string) string {
	const fewLetters = 8
	runes := []rune(text)
	chinese := slices.ContainsFunc(runes, func(r rune) bool { return unicode.Is(unicode.Han, r) })
	if len(runes) < 3 || (!chinese && len(runes) < fewLetters) {
		return ""
	}
	return string(runes[:(len(runes)+1)/2])
}

// named says whether a text is a name of a course, as a page once showed it.
func (f *finder) named(k transfer.CourseKey, text string) bool {
	info, known := f.snapshot.CourseHead(k, f.today)
	if !known {
		return false
	}
	for _, v := range info.Versions {
		if v.Name == text || v.NameEn == text {
			return true
		}
	}
	return k.Code == text
}
