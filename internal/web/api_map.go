package web

import (
	"strings"

	"github.com/labstack/echo/v4"

	"creditbank/internal/bank"
	"creditbank/internal/calendar"
	"creditbank/internal/transfer"
)

// part is the part of a list that is asked for.
type part struct {
	Limit  *int   `query:"limit" validate:"omitempty,min=1,max=200"` // bank.MaxLimit
	Cursor string `query:"cursor" validate:"max=40"`
}

func (p part) window() bank.Window {
	w := bank.Window{Cursor: p.Cursor}
	if p.Limit != nil {
		w.Limit = *p.Limit
	}
	return w
}

// listAnswer is a part of a list. Next is the cursor of what follows, empty at the end.
type listAnswer[T any] struct {
	Items []T    `json:"items"`
	Next  string `json:"next"`
	Total int    `json:"total"`
}

// answerList sends a part of a list, each entry as view shows it.
func answerList[T, V any](c echo.Context, page bank.Page[T], err error, view func(T) V) error {
	if err != nil {
		return err
	}
	out := listAnswer[V]{Items: make([]V, len(page.Items)), Next: page.Next, Total: page.Total}
	for i, item := range page.Items {
		out.Items[i] = view(item)
	}
	return answerJSON(c, out)
}

// listQuery asks for institutions, programmes or courses.
type listQuery struct {
	part
	Q             string `query:"q" validate:"max=200"`
	Institution   string `query:"institution" validate:"max=40"`
	Kind          string `query:"kind" validate:"omitempty,institution_kind"`
	Region        string `query:"region" validate:"omitempty,region"`
	CatalogueCode string `query:"catalogue_code" validate:"max=8"`
}

func (q *listQuery) filter() bank.Filter {
	return bank.Filter{Q: q.Q, Institution: q.Institution, Kind: q.Kind, Region: q.Region, Catalogue: q.CatalogueCode}
}

// asked reads what a list is asked for, and the map to answer from.
func (s *Server) asked(c echo.Context, query any) (*bank.Snapshot, error) {
	if err := s.query(c, query); err != nil {
		return nil, err
	}
	return s.bank.Snapshot(c.Request().Context())
}

func (s *Server) listInstitutions(c echo.Context) error {
	var q listQuery
	m, err := s.asked(c, &q)
	if err != nil {
		return err
	}
	page, err := m.Institutions(q.filter(), q.window())
	return answerList(c, page, err, newInstitutionEntry)
}

func (s *Server) getInstitution(c echo.Context) error {
	m, err := s.asked(c, &struct{}{})
	if err != nil {
		return err
	}
	code, err := pathValue(c, "id")
	if err != nil {
		return echo.ErrNotFound
	}
	in, err := m.Institution(code)
	if err != nil {
		return err
	}
	return answerJSON(c, newInstitutionDetail(in))
}

func (s *Server) listProgrammes(c echo.Context) error {
	var q listQuery
	m, err := s.asked(c, &q)
	if err != nil {
		return err
	}
	page, err := m.Programmes(q.filter(), q.window())
	return answerList(c, page, err, func(p bank.ProgrammeInfo) programmeEntry { return newProgrammeEntry(m, p) })
}

func (s *Server) getProgramme(c echo.Context) error {
	m, err := s.asked(c, &struct{}{})
	if err != nil {
		return err
	}
	key, err := pathKey(c, func(k itemKey) bool {
		_, known := m.ProgrammeHead(transfer.ProgrammeKey(k))
		return known
	})
	if err != nil {
		return err
	}
	p, err := m.Programme(transfer.ProgrammeKey(key), s.bank.Today())
	if err != nil {
		return err
	}
	return answerJSON(c, newProgrammeDetail(m, p))
}

func (s *Server) listCourses(c echo.Context) error {
	var q listQuery
	m, err := s.asked(c, &q)
	if err != nil {
		return err
	}
	page, err := m.Courses(q.filter(), q.window(), s.bank.Today())
	return answerList(c, page, err, newCourseEntry)
}

func (s *Server) getCourse(c echo.Context) error {
	m, err := s.asked(c, &struct{}{})
	if err != nil {
		return err
	}
	key, err := pathKey(c, func(k itemKey) bool {
		_, known := m.CourseHead(transfer.CourseKey(k), s.bank.Today())
		return known
	})
	if err != nil {
		return err
	}
	course, err := s.bank.Course(c.Request().Context(), transfer.CourseKey(key))
	if err != nil {
		return err
	}
	out, err := s.fullCourse(c, course)
	if err != nil {
		return err
	}
	return answerJSON(c, out)
}

// ruleQuery asks for equivalences.
type ruleQuery struct {
	part
	Q                 string `query:"q" validate:"max=200"`
	SourceInstitution string `query:"source_institution" validate:"max=40"`
	SourceCourse      string `query:"source_course" validate:"max=80"`
	TargetInstitution string `query:"target_institution" validate:"max=40"`
	TargetCourse      string `query:"target_course" validate:"max=80"`
	Programme         string `query:"programme" validate:"max=40"`
	Outcome           string `query:"outcome" validate:"omitempty,oneof=credit refused pending"`
	On                string `query:"on" validate:"omitempty,date"`
	Past              string `query:"past" validate:"omitempty,oneof=true false"`
}

func (q *ruleQuery) filter() bank.RuleFilter {
	f := bank.RuleFilter{Q: q.Q, SourceInstitution: q.SourceInstitution, SourceCourse: q.SourceCourse,
		TargetInstitution: q.TargetInstitution, TargetCourse: q.TargetCourse, Programme: q.Programme,
		Outcome: q.Outcome, On: calendar.None, Past: q.Past == "true"}
	if day, err := calendar.Parse(q.On); err == nil {
		f.On = day
		f.Past = f.Past || q.Past == "" // who asks for a day means the version of that day
	}
	return f
}

func (s *Server) listEquivalences(c echo.Context) error {
	var q ruleQuery
	m, err := s.asked(c, &q)
	if err != nil {
		return err
	}
	page, err := m.Equivalences(q.filter(), q.window())
	return answerList(c, page, err, func(r bank.RuleInfo) ruleEntry { return newRuleEntry(m, r) })
}

func (s *Server) getEquivalence(c echo.Context) error {
	m, err := s.asked(c, &struct{}{})
	if err != nil {
		return err
	}
	code, err := pathValue(c, "id")
	if err != nil {
		return echo.ErrNotFound
	}
	versions, err := m.Equivalence(code)
	if err != nil {
		return err
	}
	out := ruleDetail{Equivalence: code, Versions: make([]ruleEntry, len(versions))}
	for i, v := range versions {
		out.Versions[i] = newRuleEntry(m, v)
	}
	return answerJSON(c, out)
}

// itemKey names a course or a programme: INSTITUTION:CODE.
type itemKey struct{ Institution, Code string }

// splits are the ways to read INSTITUTION:CODE, the likeliest first: either part
// may hold a colon of its own.
func splits(id string) []itemKey {
	var keys []itemKey
	for i := range len(id) {
		if id[i] == ':' {
			keys = append(keys, itemKey{id[:i], id[i+1:]})
		}
	}
	return keys
}

// pathKey reads the id of a path, as the thing that is known by it if there is
// one. It promises Invalid for what is of another form.
func pathKey(c echo.Context, known func(itemKey) bool) (itemKey, error) {
	id, err := pathValue(c, "id")
	keys := splits(id)
	if err != nil || len(keys) == 0 || strings.HasPrefix(id, ":") {
		return itemKey{}, invalid(bank.FieldError{Field: "id", Value: shortened(id), Code: "id"})
	}
	for _, k := range keys {
		if known(k) {
			return k, nil
		}
	}
	return keys[0], nil
}
